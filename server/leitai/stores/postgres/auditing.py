"""What every store of the office does beside its work: write down who did what, and refuse in the law's words."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import asyncpg
import msgspec

from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries

UNIQUE = "23505"
"""The SQLSTATE of a second row where the schema wants one."""
_OFFICE = Queries("office")


async def audit(connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
    """Write down who did what, in the transaction that does it."""
    await connection.execute(_OFFICE["audit"], actor, action, subject, msgspec.json.encode(detail).decode())


class AuditingStore:
    """A store that also writes down what it had no part in: looks, and what was refused.

    Args:
        database: lent, not owned.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Write down who did what; no names of contestants, numbers, answers or codes in `detail`."""
        async with self._database.connection() as connection:
            await audit(connection, actor, action, subject, detail)


@contextmanager
def refusing(refusals: Mapping[str, Callable[[], Exception]]) -> Generator[None]:
    """Raise what `refusals` has for what the schema refuses, by its constraint's name, else by its SQLSTATE.

    Anything else that the database raises passes as it is.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        refused = refusals.get(_field(error, "constraint_name")) or refusals.get(_field(error, "sqlstate"))
        if refused is None:
            raise
        raise refused() from error


def _field(error: asyncpg.PostgresError, name: str) -> str:
    """Return a field of what the database said, `constraint_name` or `sqlstate`; empty when it has none."""
    # asyncpg fills these in at run time; its types do not know them.
    return str(getattr(error, name, None) or "")

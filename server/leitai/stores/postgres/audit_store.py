"""`office.auditing.ports.AuditStore` on PostgreSQL."""

from collections.abc import Mapping, Sequence

from leitai.office.auditing.chain import NOTHING, Entry, Head
from leitai.office.auditing.ports import AuditFilter
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import AuditingStore
from leitai.stores.postgres.queries import Queries

_AUDIT = Queries("audit")


class PostgresAudit(AuditingStore):
    """The audit as it is read. Every call may raise `StoreUnavailable` (as `DatabaseUnavailable`).

    Args:
        database: lent, not owned.
    """

    async def entries_after(self, no: int, limit: int) -> Sequence[Entry]:
        """See `AuditStore.entries_after`."""
        async with self._database.connection() as connection:
            return [_entry(row) for row in await connection.fetch(_AUDIT["after"], no, limit)]

    async def page(self, wanted: AuditFilter, before: int | None, limit: int) -> Sequence[Entry]:
        """See `AuditStore.page`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(
                _AUDIT["page"],
                before,
                wanted.actor,
                wanted.action,
                wanted.text,
                wanted.from_us,
                wanted.until_us,
                limit,
            )
        return [_entry(row) for row in found]

    async def head(self) -> Head:
        """See `AuditStore.head`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_AUDIT["head"])
        return Head(0, NOTHING) if row is None else Head(row["no"], row["hash"])

    async def words(self) -> tuple[Sequence[str], Sequence[str]]:
        """See `AuditStore.words`."""
        async with self._database.connection() as connection:
            actors = await connection.fetch(_AUDIT["actors"])
            actions = await connection.fetch(_AUDIT["actions"])
        return [row["actor"] for row in actors], [row["action"] for row in actions]

    async def names(self) -> Mapping[str, str]:
        """See `AuditStore.names`."""
        async with self._database.connection() as connection:
            return {row["login"]: row["name"] for row in await connection.fetch(_AUDIT["names"])}


def _entry(row: rows.Row) -> Entry:
    return Entry(row["no"], row["at"], row["actor"], row["action"], row["subject"], row["detail"], row["hash"])

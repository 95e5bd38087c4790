"""The delegations there are, for every store that names them."""

from leitai.office.people_ports import DelegationName
from leitai.rules.values import DelegationCode
from leitai.stores.postgres.auditing import AuditingStore
from leitai.stores.postgres.queries import Queries

_SESSION = Queries("session")


class DelegationsStore(AuditingStore):
    """A store that knows the delegations. Lent a database, not its owner."""

    async def delegations(self) -> list[DelegationName]:
        """Return the delegations there are, by code."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSION["delegations"])
        return [DelegationName(DelegationCode(row["code"]), row["name"], row["short"]) for row in found]

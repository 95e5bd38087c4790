"""`office.bundle.ports.SealStore` on PostgreSQL: the signing key, sealed by the vault, and the seals of sessions."""

from leitai.office.bundle.ports import AuditHead, Finished
from leitai.office.session_ports import FinalSession
from leitai.rules.values import Micros, Phase, SessionId
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault

_RESULTS = Queries("results")
_PURPOSE = "signing key"


async def final_sessions(database: Database) -> list[FinalSession]:
    """Return the newest sessions that are final and whose board is not frozen, the newest first."""
    async with database.connection() as connection:
        return [
            FinalSession(SessionId(row["id"]), row["contest"], row["title"], Micros(row["start_us"]))
            for row in await connection.fetch(_RESULTS["final"])
        ]


class PostgresSeals:
    """Every call may raise `StoreUnavailable` (as `DatabaseUnavailable`).

    Args:
        database: lent, not owned.
        vault: seals the key.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def signing_key(self, fresh: bytes, public: bytes) -> bytes:
        """See `SealStore.signing_key`; raises `WrongServerKey` when it was sealed under another server key."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_RESULTS["signing_key"])
            if row is None:
                await connection.execute(_RESULTS["keep_key"], public, self._vault.seal_text(_PURPOSE, fresh.hex()))
                row = await connection.fetchrow(_RESULTS["signing_key"])
        assert row is not None
        return bytes.fromhex(self._vault.open_text(_PURPOSE, row["sealed"]))

    async def public_key(self) -> bytes | None:
        """See `SealStore.public_key`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_RESULTS["signing_key"])
        return None if row is None else row["public"]

    async def seal(self, session_id: SessionId) -> AuditHead:
        """See `SealStore.seal`."""
        async with self._database.connection() as connection:
            await connection.execute(_RESULTS["keep_seal"], session_id)
            row = await connection.fetchrow(_RESULTS["seal"], session_id)
        assert row is not None
        return AuditHead(row["audit_no"], row["audit_hash"])

    async def finished(self) -> list[Finished]:
        """See `SealStore.finished`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_RESULTS["finished"])
        return [
            Finished(
                SessionId(row["id"]),
                row["contest"],
                row["title"],
                Phase(row["phase"]),
                row["frozen"],
                row["seats"],
                Micros(row["ended_us"]),
            )
            for row in found
        ]

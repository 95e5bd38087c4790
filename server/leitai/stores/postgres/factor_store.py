"""`office.identity_ports.FactorStore` on PostgreSQL."""

from collections.abc import Sequence

from leitai.office.identity_ports import Factor
from leitai.rules.values import Micros
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault

_FACTORS = Queries("factors")


class PostgresFactors:
    """Second factors of the staff. Every call may raise `StoreUnavailable` (as `DatabaseUnavailable`).

    Args:
        database: lent, not owned.
        vault: seals their secrets, each bound to its account.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def factor(self, staff_id: int) -> Factor | None:
        """See `FactorStore.factor`; raises `WrongServerKey`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_FACTORS["one"], staff_id)
        if row is None:
            return None
        secret = self._vault.open_text(_bound_to(staff_id), row["secret"])
        return Factor(secret, Micros(row["on_us"]), row["last_step"], row["recovery_left"])

    async def begin_factor(self, staff_id: int, secret: str) -> bool:
        """See `FactorStore.begin_factor`."""
        sealed = self._vault.seal_text(_bound_to(staff_id), secret)
        async with self._database.connection() as connection:
            return await connection.fetchval(_FACTORS["begin"], staff_id, sealed) is not None

    async def turn_factor_on(self, staff_id: int, step: int, recovery: Sequence[bytes]) -> bool:
        """See `FactorStore.turn_factor_on`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_FACTORS["turn_on"], staff_id, step) is None:
                return False
            await connection.executemany(_FACTORS["add_recovery"], [(staff_id, digest) for digest in recovery])
        return True

    async def take_step(self, staff_id: int, step: int) -> bool:
        """See `FactorStore.take_step`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_FACTORS["take_step"], staff_id, step) is not None

    async def take_recovery(self, staff_id: int, digest: bytes) -> bool:
        """See `FactorStore.take_recovery`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_FACTORS["take_recovery"], staff_id, digest) is not None

    async def remove_factor(self, staff_id: int) -> bool:
        """See `FactorStore.remove_factor`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_FACTORS["remove"], staff_id) is not None


def _bound_to(staff_id: int) -> str:
    return f"second factor of staff {staff_id}"

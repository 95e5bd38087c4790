"""What the pool tells eligibility: `office.nominations.ports.PastHonours`."""

from collections.abc import Mapping, Sequence

from leitai.office.nominations.values import History
from leitai.office.pool.pool import Pool
from leitai.rules.pool import participations, titles


class PoolHistory:
    """Earlier contests and titles of people, by the hash of their identity number."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def past_honours(self, id_hashes: Sequence[bytes]) -> Mapping[bytes, History]:
        """See `PastHonours.past_honours`."""
        held = await self._pool.store.honours_of(id_hashes)
        return {digest: History(participations(honours), titles(honours)) for digest, honours in held.items()}

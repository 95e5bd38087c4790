"""Who comes to a stage from outside: devices with a code, and the phones of the audience, which ask in crowds."""

import asyncio
import time
from collections.abc import Callable

from leitai.office.stage.ports import SeatKept, StageMedia, StageState
from leitai.office.stage.stages import Stages
from leitai.rules.stage_events import StageRefused
from leitai.rules.stage_state import Vote
from leitai.wire.stage_log import StageSeat

KEPT_S = 1.0
"""For so long one look at a stage serves every phone that asks."""
_MOST = 1_000


class Audience:
    """`web.stage_public.StageFolk`."""

    def __init__(self, stages: Stages, now_s: Callable[[], float] = time.monotonic) -> None:
        self._stages = stages
        self._now_s = now_s
        self._seen: dict[int, tuple[float, tuple[str, Vote] | None]] = {}
        self._looking = asyncio.Lock()

    async def seat_of(self, code: str) -> SeatKept | None:
        """See `StageFolk.seat_of`."""
        return await self._stages.seat_of(code)

    async def holds(self, seat: StageSeat) -> bool:
        """See `StageFolk.holds`."""
        return await self._stages.archive.seat_holds(seat)

    async def shown(self, stage_id: int, address: str) -> tuple[str, StageMedia] | None:
        """See `StageFolk.shown`."""
        return await self._stages.shown(stage_id, address)

    async def ballot(self, stage_id: int) -> tuple[str, Vote] | None:
        """See `StageFolk.ballot`."""
        async with self._looking:
            until_s, known = self._seen.get(stage_id, (0.0, None))
            return known if self._now_s() < until_s else await self._look(stage_id)

    async def _look(self, stage_id: int) -> tuple[str, Vote] | None:
        file = await self._stages.file(stage_id)
        found: tuple[str, Vote] | None = None
        if file.state is StageState.RUNNING:
            try:
                vote = (await self._stages.stage(stage_id)).vote
            except StageRefused:
                vote = None
            if vote is not None and vote.counts is None:
                found = (file.plan.title, vote)
        if len(self._seen) >= _MOST:
            self._seen.clear()
        self._seen[stage_id] = (self._now_s() + KEPT_S, found)
        return found

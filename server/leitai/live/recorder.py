"""The recorder: moves what the ledger accepted into the archive, however often it is killed in between.

The position is kept in the archive, in the transaction that inserts. Any number of recorders may run.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from leitai.live.counts import Histogram
from leitai.live.ports import Archive, SessionEvent, SittingEvent, StoreUnavailable, Streams
from leitai.rules.values import SessionId

_BLOCK_MS = 1000
_ENTRIES = 200
_REST_S = 0.05
"""Between two reads of answers, where one has taken all there were: a transaction for each single answer would take
more of the processor, the disk and the ledger's turns than to acknowledge it did."""
_PAUSE_S = 0.5
_LOOK_S = 1.0
_log = structlog.get_logger()


class Recorder:
    """Records one session's answers and events."""

    def __init__(self, session_id: SessionId, shards: int, streams: Streams, archive: Archive) -> None:
        self.session_id = session_id
        self._shards = shards
        self._streams = streams
        self._archive = archive
        self.recorded = 0
        self.failures = 0
        """Times that a store failed it."""
        self.waiting = False
        """Whether it waits for a store that failed it."""
        self.write_us = Histogram()
        """Of transactions in the archive."""
        self._positions: dict[int, str] = {}
        self._behind: dict[int, tuple[int, int]] = {}

    @property
    def lag_answers(self) -> int:
        """How many answers the archive does not have, at the last look."""
        return sum(answers for answers, _ in self._behind.values())

    @property
    def lag_us(self) -> int:
        """How old the oldest of them was; 0 when there was none."""
        return max((age_us for _, age_us in self._behind.values()), default=0)

    async def run(self) -> None:
        """Record until cancelled, through outages of either store."""
        workers = [self._through_outages(lambda shard=shard: self._answers(shard)) for shard in range(self._shards)]
        await asyncio.gather(*workers, self._through_outages(self._events), self._look_behind())

    async def _through_outages(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except StoreUnavailable as outage:
                self.failures += 1
                self.waiting = True
                _log.warning("recorder_waits", reason=str(outage))
                await asyncio.sleep(_PAUSE_S)

    async def _answers(self, shard: int) -> None:
        position = await self._archive.recorder_position(self.session_id, shard, "answers")
        self.waiting = False
        while True:
            self._positions[shard] = position
            upto, answers = await self._streams.answers(shard, position, _BLOCK_MS, _ENTRIES)
            if answers:
                began_ns = time.monotonic_ns()
                await self._archive.record_answers(self.session_id, shard, upto, answers)
                self.write_us.observe((time.monotonic_ns() - began_ns) // 1000)
                self.recorded += len(answers)
            position = upto
            if 0 < len(answers) < _ENTRIES:
                await asyncio.sleep(_REST_S)

    async def _events(self) -> None:
        position = await self._archive.recorder_position(self.session_id, 0, "events")
        while True:
            upto, entries = await self._streams.events(position, _BLOCK_MS, _ENTRIES)
            events: list[SittingEvent | SessionEvent] = [event for _, batch in entries for event in batch]
            if events:
                await self._archive.record_events(self.session_id, upto, events)
            position = upto

    async def _look_behind(self) -> None:
        """See how far the archive is behind, also while it is out."""
        while True:
            await asyncio.sleep(_LOOK_S)
            for shard, position in self._positions.items():
                try:
                    self._behind[shard] = await self._streams.behind(shard, position)
                except StoreUnavailable:
                    continue

"""The recorder: moves what the ledger accepted into the archive, however often it is killed in between.

The position is kept in the archive, in the transaction that inserts. Any number of recorders may run.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from leitai.live.ports import Archive, SessionEvent, SittingEvent, StoreUnavailable, Streams
from leitai.rules.values import SessionId

_BLOCK_MS = 1000
_ENTRIES = 200
_PAUSE_S = 0.5
_log = structlog.get_logger()


class Recorder:
    """Records one session's answers and events."""

    def __init__(self, session_id: SessionId, shards: int, streams: Streams, archive: Archive) -> None:
        self._session_id = session_id
        self._shards = shards
        self._streams = streams
        self._archive = archive
        self.recorded = 0

    async def run(self) -> None:
        """Record until cancelled, through outages of either store."""
        workers = [self._through_outages(lambda shard=shard: self._answers(shard)) for shard in range(self._shards)]
        await asyncio.gather(*workers, self._through_outages(self._events))

    async def _through_outages(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except StoreUnavailable as outage:
                _log.warning("recorder_waits", reason=str(outage))
                await asyncio.sleep(_PAUSE_S)

    async def _answers(self, shard: int) -> None:
        position = await self._archive.recorder_position(self._session_id, shard, "answers")
        while True:
            upto, answers = await self._streams.answers(shard, position, _BLOCK_MS, _ENTRIES)
            if answers:
                await self._archive.record_answers(self._session_id, shard, upto, answers)
                self.recorded += len(answers)
            position = upto

    async def _events(self) -> None:
        position = await self._archive.recorder_position(self._session_id, 0, "events")
        while True:
            upto, entries = await self._streams.events(position, _BLOCK_MS, _ENTRIES)
            events: list[SittingEvent | SessionEvent] = [event for _, batch in entries for event in batch]
            if events:
                await self._archive.record_events(self._session_id, upto, events)
            position = upto

"""Sessions that are over, from the record alone: for judges who look back at what is not in force any more.

A session in force is followed (`live.sight`). An earlier one is loaded when somebody asks for it, and few are kept:
files of eight, desks of two. The desk of a nation's session takes the office's process seconds to load: one at a time.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from leitai.live.clock import ContestClock
from leitai.live.desk import Desk
from leitai.live.ports import EarlierSession, EarlierSessions, SessionFile, SessionState, SightStore, SittingEvent
from leitai.live.sight import Sight
from leitai.rules.timeline import windows
from leitai.rules.values import Answer, SessionId

FILES = 8
DESKS = 2
LOOK_S = 1.0
"""How often it is asked at most whether the record of a session has moved."""
TIME_S = 60.0
"""After so long the clock is asked for again."""


@dataclass(slots=True)
class _Kept:
    about: EarlierSession
    sight: Sight
    looked_s: float
    told_time_s: float


class Recollection:
    """Earlier sessions. Every call may raise `StoreUnavailable`.

    Args:
        record: the archive.
        open_session: gives a session's streams and its clock. Nothing of the streams is read: they may be gone.
    """

    def __init__(
        self, record: EarlierSessions, open_session: Callable[[SessionFile], tuple[SightStore, ContestClock]]
    ) -> None:
        self._record = record
        self._open = open_session
        self._kept: OrderedDict[SessionId, _Kept] = OrderedDict()
        self._desks: OrderedDict[SessionId, tuple[Sight, Desk]] = OrderedDict()
        self._looking = asyncio.Lock()
        self._filling = asyncio.Lock()

    async def sessions(self) -> list[EarlierSession]:
        """Return the newest that are over, the newest first."""
        return await self._record.earlier_sessions()

    async def sight(self, session_id: SessionId) -> Sight:
        """Return what the record says of a session that is over; raises KeyError for any other.

        It is the same value for as long as the record stays as it is. It follows nothing, and its own desk is empty.
        """
        async with self._looking:
            kept = self._kept.get(session_id)
            if kept is None or time.monotonic() >= kept.looked_s + LOOK_S:
                kept = self._kept[session_id] = await self._look(session_id, kept)
            self._kept.move_to_end(session_id)
            if len(self._kept) > FILES:
                self._kept.popitem(last=False)
            return kept.sight

    async def desk(self, sight: Sight) -> Desk:
        """Return the desk of a session as `sight` has it, with all that is recorded."""
        session_id = sight.file.session_id
        async with self._filling:
            held = self._desks.get(session_id)
            if held is None or held[0] is not sight:
                held = sight, await self._filled(sight.file)
                self._desks[session_id] = held
            self._desks.move_to_end(session_id)
            if len(self._desks) > DESKS:
                self._desks.popitem(last=False)
            return held[1]

    async def _look(self, session_id: SessionId, kept: _Kept | None) -> _Kept:
        now_s = time.monotonic()
        found = await self._record.earlier_sessions(session_id)
        if not found:
            self._kept.pop(session_id, None)
            raise KeyError(session_id)
        if kept is None or kept.about != found[0]:
            return _Kept(found[0], await self._loaded(found[0]), now_s, now_s)
        if now_s < kept.told_time_s + TIME_S:
            return replace(kept, looked_s=now_s)
        await kept.sight.clock.synchronise()
        return replace(kept, looked_s=now_s, told_time_s=now_s)

    async def _loaded(self, about: EarlierSession) -> Sight:
        file = await self._record.load_session(about.session_id)
        script = await self._record.script(about.session_id)
        streams, clock = self._open(file)
        await clock.synchronise()
        sight = Sight(file, streams, clock)
        if script is None:
            sight.state = SessionState(about.phase, file.start_us, 1, tuple(windows(file.plan, file.start_us)))
        else:
            sight.state = replace(script.state, phase=about.phase)
        return sight

    async def _filled(self, file: SessionFile) -> Desk:
        answers = await self._record.answers(file.session_id)
        events = await self._record.conduct(file.session_id)
        return await asyncio.to_thread(_fill, Desk(file), answers, events)


def _fill(desk: Desk, answers: Iterable[Answer], events: Iterable[SittingEvent]) -> Desk:
    # Of all shards in the order they came, so that the tail has the newest.
    for answer in sorted(answers, key=lambda one: (one.stamp_us, one.offset)):
        desk.learn(answer)
    for event in events:
        desk.note(event)
    return desk

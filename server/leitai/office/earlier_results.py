"""Own results of sessions that are final and not in force any more.

What they follow from is worked out once for a session and kept, without the answers; a nation's session takes a second
beside the loop, so that it is not begun while others answer. A contestant's own answers are read when they are asked
for, and what they come to is kept as bytes: nothing changes it.

Errors: `NotNow`, and those of `results`.
"""

import asyncio
import zlib
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec

from leitai.office.results import Judged, NothingThere, NotPublished, explained
from leitai.rules.values import Answer, SessionId, SittingId

K = TypeVar("K")
V = TypeVar("V")

SESSIONS_KEPT = 4
RESULTS_KEPT = 4_096
"""Some kilobytes each: they are kept packed."""


class NotNow(Exception):
    """It is worked out once nobody answers any more."""


class EarlierResults:
    """Results of earlier sessions. Every call may raise `StoreUnavailable`.

    Args:
        finals: the newest sessions that are final and whose results are published.
        judged: all that follows from the record of one; not kept there.
        answers: what somebody has answered.
        at_rest: whether a second's work holds nobody up.
    """

    def __init__(
        self,
        finals: Callable[[], Awaitable[Collection[SessionId]]],
        judged: Callable[[SessionId], Awaitable[Judged]],
        answers: Callable[[SessionId, SittingId], Awaitable[Sequence[Answer]]],
        at_rest: Callable[[], bool],
    ) -> None:
        self._finals, self._judged, self._answers = finals, judged, answers
        self._at_rest = at_rest
        self._bases: OrderedDict[SessionId, Judged] = OrderedDict()
        self._kept: OrderedDict[tuple[SessionId, SittingId], bytes] = OrderedDict()
        self._making: defaultdict[SessionId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        """Return a `ResultBody`.

        Raises:
            NotNow: others answer, and nobody has asked about the session before.
            NotPublished, NothingThere: as `results.Results.own` does.
        """
        key = session_id, sitting_id
        async with self._making[session_id]:
            packed = self._kept.get(key)
            if packed is None:
                packed = await self._make(session_id, sitting_id)
            if session_id in self._bases:
                _keep(self._kept, key, packed, RESULTS_KEPT)
        return zlib.decompress(packed)

    async def _make(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        basis = self._bases.get(session_id)
        if basis is None:
            if not self._at_rest():
                raise NotNow
            judged = await self._judged(session_id)
            if not judged.published:
                raise NotPublished
            basis = replace(judged, answers={})
            final = session_id in await self._finals()
        else:
            final = True
        if final:
            _keep(self._bases, session_id, basis, SESSIONS_KEPT)
        if sitting_id not in basis.sittings:
            raise NothingThere
        own = replace(basis, answers={sitting_id: list(await self._answers(session_id, sitting_id))})
        return await asyncio.to_thread(lambda: zlib.compress(msgspec.json.encode(explained(own, sitting_id)), 1))


def _keep(kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """Keep what was asked for last; what was not asked for longest makes room."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)

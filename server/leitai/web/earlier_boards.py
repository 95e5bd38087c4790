"""Boards of sessions that are final and not in force any more, from the record: `doors.EarlierBoards`.

Each is put together once in a process and kept: nothing changes it. That takes a nation's session a second beside the
loop, so that it is not begun while others answer. While the record is out, what is kept is shown.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from leitai.live.boards import BoardTable
from leitai.live.ports import BoardUpdate, Delegation
from leitai.office.people_ports import DelegationName
from leitai.office.ports import StoreUnavailable
from leitai.office.results import Judged
from leitai.office.session_ports import FinalSession
from leitai.rules.values import DelegationCode, SessionId
from leitai.web.board_pages import board_page, found_in
from leitai.web.doors import BoardPage, Found, NotThere
from leitai.wire.messages import View

BELIEVED_S = 5.0
"""So long it is not asked again which sessions are final, nor anything of a record that was out."""


@dataclass(frozen=True, slots=True)
class _Final:
    table: BoardTable
    members: dict[int, int]
    phase: str


class EarlierBoards:
    """Boards from the record. Every call may raise `StoreUnavailable`: once one has waited for a record that is out,
    nobody waits for it again for `BELIEVED_S`, however many ask.

    Args:
        finals: the newest sessions that are final and whose results are published.
        judged: all that follows from the record of one.
        delegations: all delegations of the house.
        at_rest: whether a second's work holds nobody up.
    """

    def __init__(
        self,
        finals: Callable[[], Awaitable[Sequence[FinalSession]]],
        judged: Callable[[SessionId], Awaitable[Judged]],
        delegations: Callable[[], Awaitable[Sequence[DelegationName]]],
        at_rest: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._judged, self._delegations = finals, judged, delegations
        self._at_rest = at_rest
        self._clock = clock
        self._finals: Sequence[FinalSession] = ()
        self._believed_s = self._out_until_s = clock()
        self._kept: dict[SessionId, _Final] = {}
        self._looking = asyncio.Lock()
        self._making = asyncio.Lock()

    async def sessions(self) -> Sequence[FinalSession]:
        """See `doors.EarlierBoards`."""
        async with self._looking:
            if self._clock() >= self._believed_s:
                with self._record():
                    self._finals = await self._ask()
                self._believed_s = self._clock() + BELIEVED_S
            return self._finals

    async def page(self, session_id: SessionId, view: View, page: int, delegation: DelegationCode) -> BoardPage | None:
        """See `doors.EarlierBoards`."""
        final = await self._final(session_id)
        return final and board_page(final.table, final.members, view, page, delegation, final.phase)

    async def find(self, session_id: SessionId, text: str, limit: int) -> Sequence[Found] | None:
        """See `doors.EarlierBoards`."""
        final = await self._final(session_id)
        return final and found_in(final.table, text, limit)

    async def _final(self, session_id: SessionId) -> _Final | None:
        if session_id in self._kept:
            return self._kept[session_id]
        known = {one.session_id for one in await self.sessions()}
        if session_id not in known:
            raise NotThere
        async with self._making:
            if session_id not in self._kept:
                if not self._at_rest():
                    return None
                with self._record():
                    made = _board(await self._judged(session_id), await self._delegations())
                # Who is not among the newest any more makes room.
                self._kept = {
                    **{number: one for number, one in self._kept.items() if number in known},
                    session_id: made,
                }
            return self._kept[session_id]

    @contextmanager
    def _record(self) -> Generator[None]:
        if self._clock() < self._out_until_s:
            raise StoreUnavailable("record")
        try:
            yield
        except StoreUnavailable:
            self._out_until_s = self._clock() + BELIEVED_S
            raise


def _board(judged: Judged, delegations: Sequence[DelegationName]) -> _Final:
    outcome = judged.outcome
    table = BoardTable(outcome.members, [Delegation(one.code, one.name, one.short) for one in delegations])
    people: list[tuple[int, int, int, int, int]] = [
        (one.score.sitting_id, one.order, one.rank, one.score.centipoints, one.score.elapsed_us // 1000)
        for one in outcome.individuals
    ]
    teams = [
        (int(one.delegation), one.order, one.rank, one.centipoints, one.elapsed_us // 1000)
        for one in outcome.delegations
    ]
    table.apply(BoardUpdate(1, 0, True, people, teams))
    members = {int(one.delegation): one.members for one in outcome.delegations}
    return _Final(table, members, judged.record.phase.value)

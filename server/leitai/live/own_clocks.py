"""Sittings with a clock of their own: each begins when its contestant says so, within the one window of the session.

A beginning is an answer to item 0. It goes the way of every answer (one script, one clock, one fsync), is recorded,
and comes back after a loss as they do; the ledger judges the sitting's other answers by it.
"""

from collections.abc import Callable
from functools import partial

from leitai.live.connection import Connection, Stage
from leitai.live.feed import FeedView
from leitai.live.intake import Waiting
from leitai.live.ports import Accepted, Ledger, Outcome, SessionFile, Submission
from leitai.rules.timeline import BEGINNING, own_window
from leitai.rules.values import DelegationCode, Member, Micros, SittingId, Window
from leitai.wire.codec import encode
from leitai.wire.messages import ItemWindow, ServerBegun

_SEQ = 1
"""A sitting begins once: its second beginning is the first one, sent again."""


def enrolled(sitting_id: SittingId) -> Member:
    """Return who came without having been on a list: of no delegation, and on no board."""
    return Member(sitting_id, "", DelegationCode(""))


class OwnClocks:
    """What a gateway does for one session of such sittings.

    Args:
        file: the session, with `plan.own_us`.
        now_us: the contest's clock.
        opening: makes the frame with an item's key.
    """

    def __init__(self, file: SessionFile, now_us: Callable[[], int], opening: Callable[[ItemWindow], bytes]) -> None:
        self._plan = file.plan
        self._now_us = now_us
        self._opening = opening
        self._opened: tuple[int, list[bytes]] = (0, [])
        """The keys' frames, by the version of the timeline; they are the same for everybody."""

    async def begun(self, ledger: Ledger, sitting_id: SittingId) -> int:
        """Return when a sitting began; 0: it has not. Raises `StoreUnavailable`."""
        for _, decision in await ledger.own(sitting_id, [BEGINNING]):
            return decision.stamp_us
        return 0

    def beginning(self, connection: Connection, now_us: int, view: FeedView) -> Waiting:
        """Return the answer by which a contestant begins, which came at `now_us` of the monotonic clock."""
        decided = partial(self._decided, connection, view)
        return Waiting(connection.sitting_id, BEGINNING, _SEQ, (), 0, 0, now_us, decided)

    def frames(self, begun_us: int, view: FeedView) -> list[bytes]:
        """Return what tells a sitting of its time and, while that lasts, the keys of all items."""
        if not view.windows:
            return []
        last = max(view.windows, key=lambda window: window.closes_at_us)
        shared = Window(BEGINNING, Micros(last.opens_at_us), Micros(last.closes_at_us))
        own = own_window(self._plan, begun_us, shared)
        told = encode(ServerBegun(own.opens_at_us, own.closes_at_us))
        return [told] if self._now_us() >= own.closes_at_us else [told, *self._keys(view)]

    def _keys(self, view: FeedView) -> list[bytes]:
        if self._opened[0] != view.timeline_version:
            self._opened = (view.timeline_version, [self._opening(window) for window in view.windows])
        return self._opened[1]

    def _decided(self, connection: Connection, view: FeedView, _: Submission, decision: Accepted) -> None:
        if connection.stage is not Stage.LIVE:
            return
        if decision.outcome is Outcome.ACCEPTED:
            connection.send_many(self.frames(decision.stamp_us, view))
        else:
            connection.fault(decision.code or "not-running")

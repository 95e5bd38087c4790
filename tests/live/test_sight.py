"""How far each item is, as whoever watches a session sees it: what has not opened stays sealed for judges too."""

from dataclasses import replace
from typing import cast

import pytest

from leitai.live.clock import ContestClock, TimeSource
from leitai.live.ports import SessionState, SightStore
from leitai.live.sight import Sight
from leitai.rules.timeline import windows
from leitai.rules.values import ItemNo, Micros, Pause, Phase
from tests.support.live import SECOND, START, session_file

FILE = session_file()
WINDOWS = tuple(windows(FILE.plan, FILE.start_us))
OPENS = WINDOWS[1].opens_at_us


class StillClock(ContestClock):
    """Shows what it was set to."""

    def __init__(self, us: int) -> None:
        super().__init__(cast("TimeSource", None))
        self.us = us

    @property
    def known(self) -> bool:
        return True

    def now_us(self) -> int:
        return self.us


def seen(us: int, state: SessionState | None) -> str:
    sight = Sight(FILE, cast("SightStore", None), StillClock(us))
    sight.state = state
    return " ".join(one.value for one in sight.items().values())


RUNNING = SessionState(Phase.RUNNING, FILE.start_us, 1, WINDOWS, closed_items=(ItemNo(1),))


@pytest.mark.parametrize(
    ("us", "state", "expected"),
    [
        (START + 99 * SECOND, None, "waiting waiting waiting waiting"),
        (OPENS - 1, RUNNING, "closed waiting waiting waiting"),
        (OPENS, RUNNING, "closed open waiting waiting"),
        (OPENS, replace(RUNNING, skipped=(ItemNo(2),)), "closed skipped waiting waiting"),
        # The contest's time stands still: an item whose turn would have come has not opened.
        (
            OPENS + 9 * SECOND,
            replace(RUNNING, phase=Phase.PAUSED, pauses=(Pause(Micros(OPENS - 1)),)),
            "closed waiting waiting waiting",
        ),
        (
            OPENS + 9 * SECOND,
            replace(RUNNING, phase=Phase.PAUSED, pauses=(Pause(Micros(OPENS + 1)),)),
            "closed open waiting waiting",
        ),
        (OPENS, replace(RUNNING, phase=Phase.LOBBY, closed_items=()), "waiting waiting waiting waiting"),
        (OPENS, replace(RUNNING, phase=Phase.CLOSED, skipped=(ItemNo(4),)), "closed closed closed skipped"),
    ],
)
def test_how_far_each_item_is(us: int, state: SessionState | None, expected: str) -> None:
    assert seen(us, state) == expected

"""Long work of many at once: one after the other, with rests between while a contest is under way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from leitai.office.nominations.lists import Nominations
from leitai.office.pacing import LONGEST_REST_S, RESTS, Pacing
from leitai.office_door import Watching
from leitai.rules.phases import SOON_US
from leitai.rules.values import DelegationCode, Micros, Phase


class Day:
    """A clock that goes on while somebody works or sleeps, and what happened when."""

    def __init__(self, *, under_way: bool) -> None:
        self.now_s = 100.0
        self.under_way = under_way
        self.told: list[tuple[str, float]] = []
        self.pacing = Pacing(lambda: self.under_way, lambda: self.now_s, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now_s += seconds

    async def work(self, name: str, takes_s: float) -> None:
        async with self.pacing.turn():
            self.told.append((name, round(self.now_s - 100.0, 6)))
            await asyncio.sleep(0)
            self.now_s += takes_s


async def test_turns_follow_each_other_as_they_are_asked_for() -> None:
    day = Day(under_way=False)
    await asyncio.gather(*(day.work(name, 0.25) for name in "abcd"))
    assert day.told == [("a", 0.0), ("b", 0.25), ("c", 0.5), ("d", 0.75)]


async def test_beside_a_contest_there_are_rests_between() -> None:
    day = Day(under_way=True)
    await asyncio.gather(*(day.work(name, 0.01) for name in "abc"))
    step = round(0.01 * (1 + RESTS), 6)
    assert day.told == [("a", 0.0), ("b", step), ("c", round(2 * step, 6))]
    # Whoever comes after the rest waits for nothing, and once the contest is over nobody does.
    day.now_s += 10
    await day.work("d", 0.01)
    day.under_way = False
    await day.work("e", 0.01)
    assert round(day.told[-1][1] - day.told[-2][1], 6) == 0.01


async def test_a_rest_is_short_however_long_a_turn_was() -> None:
    day = Day(under_way=True)
    await day.work("a", 30.0)
    await day.work("b", 1.0)
    assert day.told == [("a", 0.0), ("b", 30.0 + LONGEST_REST_S)]


async def test_a_turn_that_fails_ends() -> None:
    day = Day(under_way=True)
    with pytest.raises(ZeroDivisionError):
        async with day.pacing.turn():
            raise ZeroDivisionError
    await day.work("b", 1.0)
    assert day.told == [("b", 0.0)]


class NotNow(Exception):
    """It was not this file's turn."""


class Never(Pacing):
    """Whose turn never comes."""

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """See `Pacing.turn`."""
        raise NotNow
        yield


class Contest:
    """A store that knows a contest whose lists are open."""

    async def contest_state(self, _contest_id: int) -> Any:
        class Open:
            frozen_us = None
            year = 2022

        return Open

    async def delegations(self) -> list[Any]:
        return []


async def test_a_file_is_read_when_its_turn_has_come() -> None:
    anything: Any = None
    store: Any = Contest()
    lists = Nominations(store, anything, anything, lambda: Micros(1), Never(lambda: True))
    with pytest.raises(NotNow):
        await lists.upload(1, DelegationCode("110000"), "名单.csv", b"", actor="tests")
    with pytest.raises(NotNow):
        await lists.import_practice(1, "练兵.csv", b"", actor="tests", keep=False)


@pytest.mark.parametrize(
    ("phase", "now_us", "under_way"),
    [
        (Phase.RUNNING, 0, True),
        (Phase.LOBBY, 2 * SOON_US, True),
        (Phase.LOBBY, 2 * SOON_US - 1, False),
        (Phase.CLOSED, 3 * SOON_US, False),
    ],
)
def test_the_office_knows_of_the_contest_that_it_watches(phase: Phase, now_us: int, *, under_way: bool) -> None:
    anything: Any = None
    watching = Watching(anything, anything)
    assert not watching.under_way()
    sight: Any = SimpleNamespace(state=None, clock=SimpleNamespace(now_us=lambda: now_us))
    watching.sight = sight
    # No director has taken it up: nobody answers.
    assert not watching.under_way()
    sight.state = SimpleNamespace(phase=phase, start_us=3 * SOON_US)
    assert watching.under_way() is under_way

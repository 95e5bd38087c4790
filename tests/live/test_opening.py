"""Openings: never early, never lost, once for each item, in an order that nobody can foresee."""

import asyncio
import time
from itertools import pairwise
from typing import Any, cast

import pytest

from leitai.live.clock import ContestClock
from leitai.live.connection import DELIVERY_CAP_US, Connection, Stage
from leitai.live.gateway import Gateway
from leitai.live.opening import Opener, shuffled
from leitai.live.sealing import item_key
from leitai.rules.values import SittingId
from leitai.wire.codec import decode_server
from leitai.wire.messages import ItemWindow, ServerOpen
from tests.support.fake_ledger import FakeLedger
from tests.support.live import FakeLink, session_file
from tests.support.waiting import PATIENCE_S

HOUR = 3_600_000_000
AHEAD_US = 5_000_000_000
"""The contest's clock of these tests stands so far from the monotonic one."""


def _contest_us() -> int:
    return time.monotonic_ns() // 1000 + AHEAD_US


class Noted:
    """What an opener prepared and released, with the moments."""

    def __init__(self) -> None:
        self.prepared: list[int] = []
        self.released: list[tuple[int, int]] = []
        self._changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    def prepare(self, windows: list[ItemWindow]) -> None:
        self.prepared += [window.item for window in windows]

    def release(self, windows: list[ItemWindow]) -> None:
        now_us = _contest_us()
        self.released += [(window.item, now_us) for window in windows]
        self._tasks.append(asyncio.ensure_future(self._tell()))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def of(self, count: int) -> list[int]:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(self.released) >= count)
        return [item for item, _ in self.released]


@pytest.fixture
async def clock() -> ContestClock:
    made = ContestClock(FakeLedger(1, _contest_us))
    await made.synchronise()
    return made


def windows_at(start_us: int, items: int, step_us: int) -> list[ItemWindow]:
    return [
        ItemWindow(item, start_us + step_us * (item - 1), start_us + step_us * item) for item in range(1, items + 1)
    ]


async def test_nothing_opens_before_its_instant(clock: ContestClock) -> None:
    noted = Noted()
    opener = Opener(clock, noted.prepare, noted.release)
    placed = windows_at(clock.now_us() + 1_000_000, 12, 9_137)
    opener.schedule(placed)
    assert noted.released == []
    assert await noted.of(12) == list(range(1, 13))
    for window, (_, at_us) in zip(placed, noted.released, strict=True):
        assert at_us + clock.uncertainty_us + 1 >= window.opens_at_us
    assert noted.prepared == list(range(1, 13))


async def test_items_that_open_together_are_released_together(clock: ContestClock) -> None:
    groups: list[list[int]] = []
    opened = asyncio.Event()

    def release(group: list[ItemWindow]) -> None:
        groups.append([window.item for window in group])
        opened.set()

    at_us = clock.now_us() + 20_000
    Opener(clock, lambda _: None, release).schedule([ItemWindow(item, at_us, at_us + HOUR) for item in (1, 2, 3)])
    async with asyncio.timeout(PATIENCE_S):
        await opened.wait()
    assert groups == [[1, 2, 3]]


async def test_an_item_that_is_open_when_its_timeline_comes_is_released_at_once_and_once(clock: ContestClock) -> None:
    noted = Noted()
    opener = Opener(clock, noted.prepare, noted.release)
    now_us = clock.now_us()
    placed = [
        ItemWindow(1, now_us - 2 * HOUR, now_us - HOUR),
        ItemWindow(2, now_us - HOUR, now_us + HOUR),
        ItemWindow(3, now_us + HOUR, now_us + 2 * HOUR),
    ]
    for _ in range(3):
        opener.schedule(placed)
    assert [item for item, _ in noted.released] == [2]
    opener.stop()


async def test_a_timeline_replaced_in_the_moment_of_an_opening_loses_nothing(clock: ContestClock) -> None:
    """The phase moves at the very start: its entry may be read before the timer of the first item rings."""
    noted = Noted()
    opener = Opener(clock, noted.prepare, noted.release)
    placed = windows_at(clock.now_us() + 3_000, 1, HOUR)
    opener.schedule(placed)
    while clock.now_us() < placed[0].opens_at_us:
        pass  # the loop is busy elsewhere, so that the timer cannot ring
    opener.schedule(placed)
    assert [item for item, _ in noted.released] == [1]
    opener.stop()


async def test_what_a_new_timeline_moves_opens_when_that_says(clock: ContestClock) -> None:
    noted = Noted()
    opener = Opener(clock, noted.prepare, noted.release)
    now_us = clock.now_us()
    opener.schedule([ItemWindow(1, now_us + 1_000_000, now_us + HOUR)])
    opener.schedule([])
    opener.schedule([ItemWindow(1, now_us + 1_200_000, now_us + HOUR)])
    await noted.of(1)
    assert noted.released[0][1] >= now_us + 1_200_000 - clock.uncertainty_us - 1
    assert len(noted.released) == 1


# --- the gateway's part -----------------------------------------------------------------------------------------------


class OrderedLink(FakeLink):
    """A link that notes the order in which links were written to."""

    def __init__(self, order: list[int], seat: int) -> None:
        super().__init__()
        self._order, self._seat = order, seat

    def send(self, frame: bytes) -> None:
        super().send(frame)
        self._order.append(self._seat)


def crowded(clock: ContestClock, seats: int, order: list[int], items: int) -> Gateway:
    """A gateway with so many contestants, none of whom came through a door."""
    nobody: Any = None
    gateway = Gateway("g", session_file(items=items, members=seats), nobody, nobody, nobody, clock)
    for seat in range(1, seats + 1):
        connection = Connection(gateway, OrderedLink(order, seat), 0)
        connection.stage = Stage.LIVE
        connection.sitting_id = SittingId(seat)
        gateway._contestants[SittingId(seat)] = connection
    return gateway


def spearman(order: list[int]) -> float:
    """The rank correlation of seat and place, `order` being a permutation of 1..n."""
    n = len(order)
    squares = sum((seat - place) ** 2 for place, seat in enumerate(order, 1))
    return 1 - 6 * squares / (n * (n * n - 1))


async def test_the_order_of_an_opening_has_nothing_to_do_with_seats(clock: ContestClock) -> None:
    order: list[int] = []
    gateway = crowded(clock, 1600, order, 50)
    now_us = clock.now_us()
    orders: list[list[int]] = []
    for item in range(1, 51):
        window = ItemWindow(item, now_us, now_us + HOUR)
        gateway._prepare([window])
        gateway._release([window])
        orders.append(order.copy())
        order.clear()
    assert all(sorted(one) == list(range(1, 1601)) for one in orders)
    assert abs(sum(map(spearman, orders)) / 50) < 0.05
    places = [{seat: place for place, seat in enumerate(one)} for one in orders]
    follows = [
        spearman([after[seat] + 1 for seat in before]) for before, after in zip(orders, places[1:], strict=False)
    ]
    assert abs(sum(follows) / len(follows)) < 0.05
    assert all(one != other for one, other in pairwise(orders))


async def test_everyone_gets_the_key_once_and_elapsed_counts_from_it(clock: ContestClock) -> None:
    gateway = crowded(clock, 20, [], 4)
    opens_us = clock.now_us() - 400_000
    window = ItemWindow(2, opens_us, opens_us + HOUR)
    gateway._prepare([window])
    latecomer = Connection(gateway, FakeLink(), 0)
    latecomer.stage = Stage.LIVE
    latecomer.sitting_id = SittingId(21)
    gateway._contestants[SittingId(21)] = latecomer
    gateway._release([window])
    key = item_key(gateway.file.secret, gateway.file.session_id, gateway.file.plan.items[1].item_no)
    for connection in gateway._contestants.values():
        link = cast("FakeLink", connection.link)
        assert [decode_server(frame) for frame in link.frames] == [ServerOpen(2, key)]
        if connection is not latecomer:
            assert connection.delivered_item == 2
            assert connection.delivered_us == clock.monotonic_us(opens_us) + DELIVERY_CAP_US


def test_shuffling_keeps_everything() -> None:
    things = list(range(100))
    assert sorted(shuffled(things)) == things == list(range(100))
    assert any(shuffled(things) != things for _ in range(5))

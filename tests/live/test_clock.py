"""The contest's clock as a process knows it, over a source and a monotonic clock that the test moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.live import clock as clock_module
from leitai.live.clock import ContestClock
from leitai.live.ports import StoreUnavailable
from leitai.rules.values import Micros

TRUE_OFFSET = 1_664_000_000_000_000


class World:
    """Both clocks; every question takes the next of `ways` (out, back) microseconds. A way of -1 is an outage."""

    def __init__(self, ways: list[tuple[int, int]]) -> None:
        self.us = 1_000_000
        self.ways = ways

    def monotonic_ns(self) -> int:
        return self.us * 1000

    async def time_us(self) -> Micros:
        out, back = self.ways.pop(0)
        if out < 0:
            raise StoreUnavailable
        self.us += out
        theirs = self.us + TRUE_OFFSET
        self.us += back
        return Micros(theirs)


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr(clock_module, "time", clock_module.time)


async def _synchronised(world: World) -> ContestClock:
    clock_module.time = world  # pyright: ignore[reportAttributeAccessIssue]
    clock = ContestClock(world)
    await clock.synchronise()
    return clock


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=8, max_size=8))
async def test_the_error_is_at_most_half_the_least_round_trip(ways: list[tuple[int, int]]) -> None:
    world = World(list(ways))
    clock = await _synchronised(world)
    assert clock.uncertainty_us == min(out + back for out, back in ways) // 2
    assert abs(clock.now_us() - (world.us + TRUE_OFFSET)) <= clock.uncertainty_us + 1


async def test_moments_go_over_and_back() -> None:
    world = World([(40, 40)] * 8)
    clock = await _synchronised(world)
    assert clock.at_monotonic_us(clock.monotonic_us(TRUE_OFFSET + 77)) == TRUE_OFFSET + 77
    assert clock.at_monotonic_us(world.us) == clock.now_us()


async def test_a_source_that_is_out_is_told_at_first_and_changes_nothing_later() -> None:
    with pytest.raises(StoreUnavailable):
        await _synchronised(World([(40, 40), (-1, 0)]))
    world = World([(40, 40)] * 8 + [(-1, 0)])
    clock = await _synchronised(world)
    before = clock.monotonic_us(0)
    with pytest.raises(StoreUnavailable):
        await clock._sample()
    assert clock.monotonic_us(0) == before


async def test_old_samples_make_way() -> None:
    world = World([(1, 1)] * 8 + [(500, 100)] * 16)
    clock = await _synchronised(world)
    for _ in range(16):
        await clock._sample()
    assert clock.uncertainty_us == 300


async def test_another_clock_after_a_fail_over_is_believed_at_once() -> None:
    world = World([(1, 1)] * 8 + [(500, 500)])
    clock = await _synchronised(world)
    before = clock.now_us()
    theirs, jump_us = world.time_us, 700_000

    async def another() -> Micros:
        return Micros(await theirs() + jump_us)

    world.time_us = another  # pyright: ignore[reportAttributeAccessIssue]
    await clock._sample()  # pyright: ignore[reportPrivateUsage]
    assert abs(clock.now_us() - before - 1000 - jump_us) <= 500
    assert clock.uncertainty_us == 500

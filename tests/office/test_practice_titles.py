"""When titles are computed: ten minutes after every midnight in Beijing, and again when the store was away."""

import asyncio
from typing import Any

import pytest

from leitai.office.ports import StoreUnavailable
from leitai.office.practice import titles
from leitai.office.practice.timing import Clock
from leitai.office.practice.titles import NIGHT_US, Titles, until_night_us
from leitai.rules.values import Micros
from tests.support.waiting import PATIENCE_S

HOUR_US = 3_600_000_000
MIDNIGHT_US = 1_661_875_200_000_000
"""2022-08-31 00:00 in Beijing."""


@pytest.mark.parametrize(
    ("now_us", "wait_us"),
    [
        (MIDNIGHT_US, NIGHT_US),
        (MIDNIGHT_US + NIGHT_US - 1, 1),
        (MIDNIGHT_US + NIGHT_US, 24 * HOUR_US),
        (MIDNIGHT_US - HOUR_US, HOUR_US + NIGHT_US),
        (MIDNIGHT_US + 12 * HOUR_US, 12 * HOUR_US + NIGHT_US),
    ],
)
def test_the_next_night(now_us: int, wait_us: int) -> None:
    assert until_night_us(now_us) == wait_us


async def test_a_store_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    twice = asyncio.Event()

    class Store:
        async def candidates(self, *_: object) -> dict[int, Any]:
            asked.append("candidates")
            if len(asked) == 1:
                raise StoreUnavailable
            return {}

        async def keep(self, *_: object) -> bool:
            twice.set()
            return True

    store: Any = Store()
    monkeypatch.setattr(titles, "_AGAIN_S", 0.0)
    nightly = asyncio.create_task(Titles(store, Clock(lambda: Micros(MIDNIGHT_US), asyncio.sleep)).keep_nightly())
    await asyncio.wait_for(twice.wait(), PATIENCE_S)
    nightly.cancel()
    assert asked == ["candidates", "candidates"]

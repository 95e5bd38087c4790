"""When sums of organisations are added up: every few seconds, and again when the store was away."""

import asyncio
from typing import Any

from leitai.office.ports import StoreUnavailable
from leitai.office.practice.branch_sums import EVERY_S, BranchSums
from leitai.office.practice.timing import Clock
from leitai.rules.values import Micros


async def test_sums_are_added_up_again_and_again_also_after_an_outage() -> None:
    slept: list[float] = []
    thrice = asyncio.Event()

    class Boards:
        added = 0

        async def add_up(self) -> bool:
            self.added += 1
            if self.added == 2:
                raise StoreUnavailable
            if self.added == 3:
                thrice.set()
            return True

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    boards: Any = Boards()
    keeping = asyncio.create_task(BranchSums(boards, Clock(lambda: Micros(0), sleep)).keep())
    await asyncio.wait_for(thrice.wait(), 30)
    keeping.cancel()
    assert slept[:2] == [EVERY_S] * 2

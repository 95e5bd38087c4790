"""Waiting: for what another process does, and for what tells nobody that it changed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE_S = 60.0
"""How long tests wait for what processes and pages do. Machines that run them are shared: what passes waits no longer
for it, and what fails has given a slow machine its time.
"""


async def eventually(ask: Callable[[], Awaitable[T]], fits: Callable[[T], bool], *, within_s: float = PATIENCE_S) -> T:
    """Ask until the answer fits, and return it; fails after `within_s` with the last answer."""
    deadline = time.monotonic() + within_s
    while not fits(answer := await ask()):
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.02)
    return answer


_TICK_S = 0.01
_MOST_OF_A_TICK_S = 0.02


@contextlib.asynccontextmanager
async def time_given(hear: Callable[[], Awaitable[object]]) -> AsyncGenerator[Callable[[], float]]:
    """Yield how many seconds passed so far in which this process had a processor and `hear` was answered.

    For promises of a time on machines that stall: a stall of ours, or of whoever answers, counts as one tick. What
    waits on purpose for longer than it promised is seen all the same.
    """
    given_s = 0.0

    async def tick() -> None:
        nonlocal given_s
        while True:
            began = time.monotonic()
            await asyncio.sleep(_TICK_S)
            await hear()
            given_s += min(time.monotonic() - began, _MOST_OF_A_TICK_S)

    ticking = asyncio.create_task(tick())
    try:
        yield lambda: given_s
    finally:
        ticking.cancel()
        (ended,) = await asyncio.gather(ticking, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError), ended


async def passes(seconds: float, task: "asyncio.Future[Any]") -> None:
    """Let `seconds` pass on the running loop's clock, and no time otherwise, until `task` is done: it waits so long
    for what does not come.
    """
    loop = asyncio.get_running_loop()
    true, deadline, ahead_s = loop.time, time.monotonic() + PATIENCE_S, 0.0
    try:
        while not task.done():
            assert time.monotonic() < deadline
            # More each time: it may not have begun to wait when the clock leapt.
            ahead_s += seconds
            loop.time = lambda ahead_s=ahead_s: true() + ahead_s  # pyright: ignore[reportAttributeAccessIssue]
            await asyncio.sleep(0.02)
    finally:
        loop.time = true  # pyright: ignore[reportAttributeAccessIssue]

"""Waiting for what tells nobody that it changed: the state of another process or store."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]], fits: Callable[[T], bool], *, within_s: float = 20) -> T:
    """Ask until the answer fits, and return it; fails after `within_s` with the last answer."""
    deadline = time.monotonic() + within_s
    while not fits(answer := await ask()):
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.02)
    return answer

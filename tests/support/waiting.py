"""Waiting: for what another process does, and for what tells nobody that it changed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

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

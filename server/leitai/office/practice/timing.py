"""The clock that the practice goes by, and waiting by it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from leitai.rules.values import Micros


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock. Whatever is done once a day waits by the clock that says which day it is.

    Attributes:
        now_us: the time in microseconds since 1970.
        sleep: waits so many seconds.
    """

    now_us: Callable[[], Micros]
    sleep: Callable[[float], Awaitable[None]]


def _now_us() -> Micros:
    return Micros(time.time_ns() // 1000)


SYSTEM_CLOCK = Clock(_now_us, asyncio.sleep)
"""The machine's."""

"""Opening items at their instants: one frame to everyone, contestants first, in a new random order each time."""

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from leitai.live.clock import ContestClock
from leitai.wire.messages import ItemWindow

T = TypeVar("T")

_AHEAD_US = 60_000
"""The order is drawn and the frame made this long before the instant, so that at the instant there is only writing."""


class Opener:
    """Waits for the openings of a timeline and calls `prepare` a little before and `release` at each.

    Items that open at one instant (a paper-paced session) are released together, and every item once. The openings
    follow from the timeline and the clock alone: a director that dies after publishing it changes nothing.
    """

    def __init__(
        self,
        clock: ContestClock,
        prepare: Callable[[list[ItemWindow]], None],
        release: Callable[[list[ItemWindow]], None],
    ) -> None:
        self._clock = clock
        self._prepare = prepare
        self._release = release
        self._timers: list[asyncio.TimerHandle] = []
        self._released: set[int] = set()

    def schedule(self, windows: list[ItemWindow]) -> None:
        """Follow this timeline from now on.

        An item that it says is open already, and that was not released, is released at once: the timeline came late,
        or the one before it was replaced in the very moment of an opening.
        """
        self.stop()
        now_us = self._clock.now_us()
        groups: dict[int, list[ItemWindow]] = {}
        for window in windows:
            if window.item not in self._released and window.closes_at_us > now_us:
                groups.setdefault(window.opens_at_us, []).append(window)
        loop = asyncio.get_running_loop()
        for opens_at_us, group in sorted(groups.items()):
            if opens_at_us <= now_us:
                self._ready(opens_at_us, group)
                continue
            ahead_s = max(opens_at_us - now_us - _AHEAD_US, 0) / 1e6
            self._timers.append(loop.call_later(ahead_s, self._ready, opens_at_us, group))

    def stop(self) -> None:
        """Forget all openings."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _ready(self, opens_at_us: int, group: list[ItemWindow]) -> None:
        self._prepare(group)
        self._wait(opens_at_us, group)

    def _wait(self, opens_at_us: int, group: list[ItemWindow]) -> None:
        remaining_us = opens_at_us - self._clock.now_us()
        if remaining_us <= 0:
            self._released.update(window.item for window in group)
            self._release(group)
        elif remaining_us < 1500:
            # Timers of the loop have a grain of a millisecond and may ring early; a key must not.
            time.sleep(remaining_us / 1e6)
            self._wait(opens_at_us, group)
        else:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later((remaining_us - 1000) / 1e6, self._wait, opens_at_us, group))


def shuffled(things: Iterable[T]) -> list[T]:
    """Return the things in an order that nobody can foresee: 256 bits from the system decide it.

    Not drawn from the system number by number, which costs a system call for each.
    """
    copy = list(things)
    random.Random(os.urandom(32)).shuffle(copy)  # noqa: S311 - seeded by the system, and never shown
    return copy

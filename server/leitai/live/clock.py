"""The contest's clock as one process knows it: the ledger's time, carried by this process's monotonic clock."""

import asyncio
import time
from collections import deque
from typing import Protocol

from leitai.live.ports import StoreUnavailable
from leitai.rules.values import Micros

_SAMPLES = 16
_EVERY_S = 5.0
_AT_FIRST = 8
_DRIFT_US = 20_000
"""Two clocks that run on do not part further than this while the samples are kept."""


class TimeSource(Protocol):
    """Where the contest's time comes from."""

    async def time_us(self) -> Micros:
        """Return the contest's clock; raises `StoreUnavailable`."""
        ...


class ContestClock:
    """Tracks the offset of the contest's clock to the monotonic one from the samples with the least round trip.

    Over an outage of the ledger the last offset stands: two clocks of good machines part by less than a millisecond
    in a minute.
    """

    def __init__(self, source: TimeSource) -> None:
        self._source = source
        self._samples: deque[tuple[int, int]] = deque(maxlen=_SAMPLES)
        self._offset_us = 0

    @property
    def known(self) -> bool:
        """Whether any sample was ever taken."""
        return bool(self._samples)

    @property
    def uncertainty_us(self) -> int:
        """Half the least round trip among the samples; 0 before the first."""
        return min((round_trip for round_trip, _ in self._samples), default=0) // 2

    async def synchronise(self) -> None:
        """Take the first samples; raises `StoreUnavailable`."""
        for _ in range(_AT_FIRST):
            await self._sample()

    async def keep(self) -> None:
        """Take a sample every few seconds until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self._sample()
            except StoreUnavailable:
                continue

    def now_us(self) -> int:
        """Return the contest's time."""
        return time.monotonic_ns() // 1000 + self._offset_us

    def at_monotonic_us(self, monotonic_us: int) -> int:
        """Return the contest's time of a moment of the monotonic clock."""
        return monotonic_us + self._offset_us

    def monotonic_us(self, contest_us: int) -> int:
        """Return the moment of the monotonic clock at which the contest's clock shows `contest_us`."""
        return contest_us - self._offset_us

    async def _sample(self) -> None:
        before = time.monotonic_ns() // 1000
        theirs = await self._source.time_us()
        after = time.monotonic_ns() // 1000
        offset_us = theirs - (before + after) // 2
        if abs(offset_us - self._offset_us) > self.uncertainty_us + (after - before) // 2 + _DRIFT_US:
            # Another clock than before: a fail-over made another node's the contest's.
            self._samples.clear()
        self._samples.append((after - before, offset_us))
        self._offset_us = min(self._samples)[1]

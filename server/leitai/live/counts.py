"""What the live roles count of themselves, in plain integers: nothing here knows who reads it.

On the answers' way everything is counted a batch at a time, so that it costs a few hundredths of a microsecond for
each answer of a burst.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from leitai.live.ports import Accepted, Outcome
from leitai.rules.values import Phase

TIMES_US = tuple(bound for octave in range(16) for bound in (250 << octave, 375 << octave))
"""Bounds for times: 250 µs, 375 µs, 500 µs, 750 µs, … 12.3 s."""
SIZES = tuple(1 << power for power in range(9))
"""Bounds for batches: 1, 2, 4, … 256, so that a size's bucket is the length of the number before it in bits."""


class Histogram:
    """How many values fell into each bucket; bucket `i` holds values above `bounds[i - 1]` and up to `bounds[i]`."""

    __slots__ = ("bounds", "buckets", "total")

    def __init__(self, bounds: Sequence[int] = TIMES_US) -> None:
        """`bounds` ascend; one more bucket takes all that is above the last."""
        self.bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0
        """The sum of all values."""

    def observe(self, value: int) -> None:
        """Count one value."""
        self.buckets[bisect_left(self.bounds, value)] += 1
        self.total += value

    def observe_many(self, values: list[int]) -> None:
        """Count values; sorts the list. Values that arrive together share few buckets, which are found by halving."""
        bounds, buckets = self.bounds, self.buckets
        self.total += sum(values)
        values.sort()
        at, count = 0, len(values)
        while at < count:
            bucket = bisect_left(bounds, values[at])
            end = bisect_right(values, bounds[bucket], at) if bucket < len(bounds) else count
            buckets[bucket] += end - at
            at = end


class AnswerCounts:
    """The answers of one process on their way."""

    __slots__ = ("_accepted", "_others", "ack_us", "batch_sizes", "repeated", "store_failures", "store_us")

    def __init__(self) -> None:
        self.ack_us = Histogram()
        """From the arrival of a frame to the moment when the acknowledgements of its batch were written."""
        self.store_us = Histogram()
        """Of calls that record a batch, fsync included."""
        self.store_failures = 0
        """Such calls without an answer; they are repeated."""
        self.batch_sizes = Histogram(SIZES)
        self.repeated = 0
        """Resends; they count by the outcome that they repeat, too."""
        self._accepted = 0
        self._others = dict.fromkeys(Outcome, 0)

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """How many answers came to which outcome."""
        return {**self._others, Outcome.ACCEPTED: self._accepted}

    def decided(self, ages_us: list[int], decisions: Sequence[Accepted]) -> None:
        """Count a batch that is decided and acknowledged; `ages_us` is how long each has taken, and is sorted."""
        count = len(ages_us)
        self.ack_us.observe_many(ages_us)
        sizes = self.batch_sizes
        sizes.buckets[(count - 1).bit_length()] += 1
        sizes.total += count
        outcomes = list(map(_outcome, decisions))
        accepted = outcomes.count(_ACCEPTED)
        self._accepted += accepted
        if accepted < count:
            for outcome in outcomes:
                if outcome is not _ACCEPTED:
                    self._others[outcome] += 1
        self.repeated += sum(map(_duplicate, decisions))


# Bound once: looking these up costs as much as counting does.
_ACCEPTED = Outcome.ACCEPTED
_outcome = attrgetter("outcome")
_duplicate = attrgetter("duplicate")


@dataclass(slots=True)
class GatewayCounts:
    """A gateway's sockets and what it shows them."""

    errors: Counter[str] = field(default_factory=Counter[str])
    """Refusals by the code that was said."""
    closes: Counter[int] = field(default_factory=Counter[int])
    """Closes of ours by WebSocket close code."""
    left: int = 0
    """Sockets gone, whoever ended them."""
    joins: int = 0
    recovered: int = 0
    """Joins that were given every entry they missed."""
    opening_us: Histogram = field(default_factory=Histogram)
    """From an item's scheduled opening to its key written to all."""
    board_lag_us: Histogram = field(default_factory=Histogram)
    """From the board's making to its arrival here."""


@dataclass(slots=True)
class DirectorCounts:
    """What a director did, over all its leases."""

    answers: int = 0
    """Answers taken into the standings; a take-over reads all of them anew."""
    feed_offset: int = 0
    phase: Phase = Phase.SCHEDULED
    standings_version: int = 0
    update_us: Histogram = field(default_factory=Histogram)
    """Working out and publishing standings that moved."""

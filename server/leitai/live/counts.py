"""What the live roles count of themselves, in plain integers: nothing here knows who reads it.

On the answers' way everything is counted a batch at a time, so that it costs a few hundredths of a microsecond for
each answer of a burst.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from leitai.live.ports import Accepted, Outcome

TIMES_US = tuple(bound for octave in range(16) for bound in (250 << octave, 375 << octave))
"""Bounds for times: 250 µs, 375 µs, 500 µs, 750 µs, … 12.3 s."""
SIZES = tuple(1 << power for power in range(9))
"""Bounds for batches: 1, 2, 4, … 256."""


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

    __slots__ = ("ack_us", "batch_sizes", "outcomes", "repeated", "store_failures", "store_us")

    def __init__(self) -> None:
        self.ack_us = Histogram()
        """From the arrival of a frame to the moment when the acknowledgements of its batch were written."""
        self.store_us = Histogram()
        """Of calls that record a batch, fsync included."""
        self.store_failures = 0
        """Such calls without an answer; they are repeated."""
        self.batch_sizes = Histogram(SIZES)
        self.outcomes = dict.fromkeys(Outcome, 0)
        """Resends count by the outcome that they repeat, and in `repeated`."""
        self.repeated = 0

    def decided(self, ages_us: list[int], decisions: Sequence[Accepted]) -> None:
        """Count a batch that is decided and acknowledged; `ages_us` is how long each has taken, and is sorted."""
        self.ack_us.observe_many(ages_us)
        self.batch_sizes.observe(len(ages_us))
        outcomes = [decision.outcome for decision in decisions]
        left = len(outcomes)
        for outcome in self.outcomes:
            count = outcomes.count(outcome)
            self.outcomes[outcome] += count
            left -= count
            if not left:
                # Nearly always after the first: looking for an outcome that is not there is the dear part.
                break
        self.repeated += [decision.duplicate for decision in decisions].count(True)

"""What counting costs an answer on its way: `python -m tests.live.measure_counts`.

Batches as the intake hands them over: ages from 3 ms on, 30 µs apart, all accepted.
"""

import timeit

from leitai.live.counts import AnswerCounts
from leitai.live.ports import Accepted, Outcome


class _Gateway:
    frames_in = 0


def _best_us(work: str, names: dict[str, object], each: int) -> float:
    timer = timeit.Timer(work, globals=names)
    calls, _ = timer.autorange()
    return min(timer.repeat(7, calls)) / calls / each * 1e6


def main() -> None:
    """Print a table, in µs of CPU for an answer."""
    gateway = _Gateway()
    frame_us = _best_us("gateway.frames_in += 1", {"gateway": gateway}, 1)
    print(f"a frame in or out: {frame_us:.3f}")
    print("batch   ack latency, size, outcome   ages alone   with both frames")
    for size in (1, 8, 64, 256):
        counts = AnswerCounts()
        arrivals = [_Arrival(10_000_000 + 30 * at) for at in range(size)]
        decisions = [Accepted(Outcome.ACCEPTED, False, 0, 0, at) for at in range(size)]
        names: dict[str, object] = {"counts": counts, "batch": arrivals, "decisions": decisions}
        names["now_us"] = 10_000_000 + 30 * size + 3000
        ages_us = _best_us("[now_us - one.arrival_us for one in batch]", names, size)
        all_us = _best_us("counts.decided([now_us - one.arrival_us for one in batch], decisions)", names, size)
        print(f"{size:5}   {all_us:26.3f}   {ages_us:10.3f}   {all_us + 2 * frame_us:16.3f}")


class _Arrival:
    __slots__ = ("arrival_us",)

    def __init__(self, arrival_us: int) -> None:
        self.arrival_us = arrival_us


if __name__ == "__main__":
    main()

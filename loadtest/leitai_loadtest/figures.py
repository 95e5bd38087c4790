"""Figures from many samples."""

from collections.abc import Iterable, Sequence


def percentile(samples: Iterable[float], share: float) -> float:
    """Return the smallest sample that at least `share` (0 to 1) of all are not above; 0.0 of none."""
    ordered = sorted(samples)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds, rounded to a microsecond."""
    return round(seconds * 1000, 3)


def spread(arrivals: Iterable[float]) -> float:
    """Return the time between the first and the last of `arrivals`, 0.0 of none."""
    times = list(arrivals)
    return max(times) - min(times) if times else 0.0


def order_and_seat(seats: Sequence[int]) -> float:
    """Return Spearman's rank correlation between the place in `seats` and the seat itself, 0.0 of fewer than two.

    `seats` are distinct: whom something reached first, second, third, …
    """
    size = len(seats)
    if size < 2:
        return 0.0
    rank_of = {seat: rank for rank, seat in enumerate(sorted(seats))}
    squares = sum((place - rank_of[seat]) ** 2 for place, seat in enumerate(seats))
    return 1 - 6 * squares / (size * (size * size - 1))

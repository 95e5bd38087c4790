"""Figures from many samples."""

from collections.abc import Iterable


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

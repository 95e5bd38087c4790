"""How practice is summed and ordered: days, weeks and months of Beijing's calendar, ranks, days in a row.

The plan (四(二)1) names what is done by day, week and month and no more; weeks begin on Monday (GB/T 7408, ISO 8601),
so that one may lie in two years.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from itertools import pairwise

EPOCH = date(2000, 1, 1)
"""Where the period of everything begins."""


class Kind(IntEnum):
    """What earns points."""

    DAILY = 1
    """日日学: one set."""
    WEEKLY = 2
    """周周练: one set."""
    MONTHLY = 3
    """月月比: one sitting."""
    MATCH = 4
    """对战: one match."""


class Period(IntEnum):
    """Over what points are summed."""

    DAY = 1
    WEEK = 2
    MONTH = 3
    ALL = 4


def starts_on(period: Period, day: date) -> date:
    """The first day of the period that `day` lies in: the day itself, its Monday, the first of its month."""
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)
        case Period.ALL:
            return EPOCH


def ends_on(period: Period, day: date) -> date:
    """The last day of the period that `day` lies in; of everything the last day there is."""
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return starts_on(period, day) + timedelta(days=6)
        case Period.MONTH:
            return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        case Period.ALL:
            return date.max


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row on which something was handed in.

    Attributes:
        current: up to today, or to yesterday while today is still open.
        longest: ever.
        today: whether today is among them.
    """

    current: int
    longest: int
    today: bool


def streak(days: Collection[date], today: date) -> Streak:
    """Count the days in a row. Days after `today` do not count: nobody has been there."""
    known = {day for day in days if day <= today}
    longest = 0
    for day in known:
        if day - timedelta(days=1) not in known:
            longest = max(longest, _run(known, day, 1))
    last = today if today in known else today - timedelta(days=1)
    return Streak(_run(known, last, -1), longest, today in known)


def _run(known: Collection[date], day: date, step: int) -> int:
    length = 0
    while day in known:
        length += 1
        day += timedelta(days=step)
    return length


def ranked(points: Sequence[int], above: int, before: int) -> list[int]:
    """The ranks of one page of a board: whoever has the same points has the same rank, and whoever follows has as many
    before them as there are (1, 2, 2, 4).

    Args:
        points: of the page's rows, in their order.
        above: how many of the whole board have more than the page's first row.
        before: how many rows the pages before have.

    Raises:
        ValueError: the points rise, or `above` is more than `before`.
    """
    if any(one < other for one, other in pairwise(points)):
        raise ValueError("points of a board fall")
    if not 0 <= above <= before:
        raise ValueError(f"{above} above, {before} before")
    ranks: list[int] = []
    for place, one in enumerate(points):
        if place == 0:
            ranks.append(above + 1)
        elif one == points[place - 1]:
            ranks.append(ranks[-1])
        else:
            ranks.append(before + place + 1)
    return ranks

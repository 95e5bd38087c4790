"""Titles of the year-round practice (plan 四(二)1): 日日学之星, 周周练达人, 月月比能手. Figures are defaults."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

DAILY_QUESTIONS = 30
"""Distinct questions that make a day of 日日学 count."""
DAILY_STAR_DAYS = 20
"""Counting days in a calendar month that earn 日日学之星."""
SET_CENTIPOINTS = 1_000
"""What a set of 周周练 is worth when all of it is right."""
SETS_PER_DAY = 2
"""Sets of 周周练 that count on one day."""
WEEK_CENTIPOINTS = 7 * SETS_PER_DAY * SET_CENTIPOINTS
"""The full 140 points of a week, which earn 周周练达人."""
MONTHLY_EXPERT_CENTIPOINTS = 9_000
"""What a sitting of 月月比 must reach to earn 月月比能手."""


class PracticeTitle(Enum):
    """Titles of practice (DOMAIN, Law)."""

    DAILY_STAR = "daily_star"
    """日日学之星, by month"""
    WEEKLY_MASTER = "weekly_master"
    """周周练达人, by week"""
    MONTHLY_EXPERT = "monthly_expert"
    """月月比能手, by month"""


@dataclass(frozen=True, slots=True)
class Studied:
    """A question of 日日学 answered on a day of the contest's calendar (Beijing time)."""

    on: date
    question_id: str


@dataclass(frozen=True, slots=True)
class FinishedSet:
    """A set of 周周练 handed in on a day of the contest's calendar, with what it earned (`set_centipoints`)."""

    on: date
    centipoints: int


def study_days(studied: Iterable[Studied]) -> tuple[date, ...]:
    """The days that count, ascending: at least `DAILY_QUESTIONS` distinct questions were answered on each of them. A
    question may count again on another day.
    """
    by_day: defaultdict[date, set[str]] = defaultdict(set)
    for answer in studied:
        by_day[answer.on].add(answer.question_id)
    return tuple(sorted(day for day, questions in by_day.items() if len(questions) >= DAILY_QUESTIONS))


def is_daily_star(studied: Iterable[Studied], year: int, month: int) -> bool:
    """Whether the month earns 日日学之星: `DAILY_STAR_DAYS` of its days count. Other months are not looked at."""
    return sum((day.year, day.month) == (year, month) for day in study_days(studied)) >= DAILY_STAR_DAYS


def set_centipoints(right: int, items: int) -> int:
    """What a set of 周周练 earns: its share of right items, rounded down.

    Raises:
        ValueError: not `0 <= right <= items`, or an empty set.
    """
    if not 0 <= right <= items or not items:
        raise ValueError(f"{right} right of {items}")
    return SET_CENTIPOINTS * right // items


def counted_centipoints(sets: Iterable[FinishedSet], first: date, last: date) -> int:
    """周周练 points from `first` to `last`, both included: of each day the first `SETS_PER_DAY` sets handed in count,
    whatever they earned, so that trying again gains nothing.

    Args:
        sets: each set once, in the order they were handed in.
    """
    taken: Counter[date] = Counter()
    total = 0
    for finished in sets:
        if first <= finished.on <= last and taken[finished.on] < SETS_PER_DAY:
            taken[finished.on] += 1
            total += finished.centipoints
    return total


def is_weekly_master(sets: Iterable[FinishedSet], monday: date) -> bool:
    """Whether the week that begins on `monday` earns 周周练达人: its full points.

    Raises:
        ValueError: `monday` is another day.
    """
    if monday.weekday():
        raise ValueError(f"{monday.isoformat()} is no Monday")
    return counted_centipoints(sets, monday, monday + timedelta(days=6)) >= WEEK_CENTIPOINTS


def is_monthly_expert(centipoints: int) -> bool:
    """Whether a sitting of 月月比 earns 月月比能手: at least 90 of its 100 points."""
    return centipoints >= MONTHLY_EXPERT_CENTIPOINTS

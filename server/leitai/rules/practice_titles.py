"""Titles of practice as facts: which, for what month or week, on what day it was earned, and by what evidence.

They follow from the ledger alone, so anybody who has it finds the same, for any day. The thresholds are those of
`rules.practice` (plan 四(二)1; DOMAIN, defaults).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from leitai.rules.practice import (
    DAILY_QUESTIONS,
    DAILY_STAR_DAYS,
    MONTHLY_EXPERT_CENTIPOINTS,
    WEEK_CENTIPOINTS,
    PracticeTitle,
)
from leitai.rules.practice_boards import Kind, Period, starts_on

PERIOD_OF = {
    PracticeTitle.DAILY_STAR: Period.MONTH,
    PracticeTitle.WEEKLY_MASTER: Period.WEEK,
    PracticeTitle.MONTHLY_EXPERT: Period.MONTH,
}


@dataclass(frozen=True, slots=True)
class DayOf:
    """What one learner's ledger has of one kind on one day.

    Attributes:
        kind: what earned it.
        day: the day.
        centipoints: their sum; of 月月比 the best sitting's.
        questions: distinct questions of the day (日日学).
    """

    kind: Kind
    day: date
    centipoints: int
    questions: int = 0


@dataclass(frozen=True, slots=True)
class TitleFact:
    """A title that was earned.

    Attributes:
        title: which.
        starts_on: first day of its month or week.
        earned_on: the day from which it is held.
        days: the days it rests on, ascending.
        amount: distinct questions of those days (日日学之星), or centipoints.
    """

    title: PracticeTitle
    starts_on: date
    earned_on: date
    days: tuple[date, ...]
    amount: int


def titles_of(days: Iterable[DayOf], as_of: date) -> tuple[TitleFact, ...]:
    """Every title that one learner holds at the end of `as_of`, by the day it was earned.

    Args:
        days: the learner's, each kind and day once.
        as_of: later days are not looked at.
    """
    groups: defaultdict[tuple[Kind, date], list[DayOf]] = defaultdict(list)
    for one in sorted(days, key=lambda one: one.day):
        period = _PERIOD.get(one.kind)
        if period is not None and one.day <= as_of:
            groups[one.kind, starts_on(period, one.day)].append(one)
    facts = [fact for (kind, begins), found in groups.items() if (fact := _fact(kind, begins, found)) is not None]
    return tuple(sorted(facts, key=lambda fact: (fact.earned_on, fact.title.value, fact.starts_on)))


_PERIOD = {Kind.DAILY: Period.MONTH, Kind.WEEKLY: Period.WEEK, Kind.MONTHLY: Period.MONTH}


def _fact(kind: Kind, begins: date, days: list[DayOf]) -> TitleFact | None:
    match kind:
        case Kind.DAILY:
            return _daily_star(begins, days)
        case Kind.WEEKLY:
            return _weekly_master(begins, days)
        case Kind.MONTHLY:
            return _monthly_expert(begins, days)
        case Kind.MATCH:
            return None


def _daily_star(begins: date, days: list[DayOf]) -> TitleFact | None:
    counting = [one for one in days if one.questions >= DAILY_QUESTIONS]
    if len(counting) < DAILY_STAR_DAYS:
        return None
    earned_on = counting[DAILY_STAR_DAYS - 1].day
    amount = sum(one.questions for one in counting)
    return TitleFact(PracticeTitle.DAILY_STAR, begins, earned_on, tuple(one.day for one in counting), amount)


def _weekly_master(begins: date, days: list[DayOf]) -> TitleFact | None:
    total = 0
    earning = [one for one in days if one.centipoints]
    for one in earning:
        total += one.centipoints
        if total >= WEEK_CENTIPOINTS:
            held = tuple(each.day for each in earning if each.day <= one.day)
            return TitleFact(PracticeTitle.WEEKLY_MASTER, begins, one.day, held, total)
    return None


def _monthly_expert(begins: date, days: list[DayOf]) -> TitleFact | None:
    for one in days:
        if one.centipoints >= MONTHLY_EXPERT_CENTIPOINTS:
            return TitleFact(PracticeTitle.MONTHLY_EXPERT, begins, one.day, (one.day,), one.centipoints)
    return None

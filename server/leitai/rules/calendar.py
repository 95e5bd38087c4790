"""The calendar of the plan (plan 五): its stages in order, and the state of each from dates and facts.

Facts come from what has happened in the house, dates from whoever runs the contest. A fact goes before a date: what is
done is done whatever its date says, and where the house keeps a record nothing is done because its date has passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Stage(Enum):
    """The stages, in the plan's order."""

    BANK_REVISION = "bank_revision"
    """1-2月份，修订完善大纲和题库."""
    BANK_PUBLICATION = "bank_publication"
    """3月底，公布大纲题库."""
    PRACTICE = "practice"
    """4月1日起，“日日学、周周练、月月比”贯穿全年."""
    SUPPLEMENT = "supplement"
    """8月底前，对大纲进行增补."""
    ELIGIBILITY = "eligibility"
    """截至8月31日: the day by which practice counts."""
    NOMINATION = "nomination"
    """9月初，各省份报送名单."""
    DRAW = "draw"
    """9月中旬，抽签并确定参赛选手名单."""
    CONTEST = "contest"
    """9月底前，全国统一在线比试."""
    APPEALS = "appeals"
    """Appeals and review of the results."""
    PUBLICITY = "publicity"
    """公示 of those to be awarded."""
    AWARDS = "awards"
    """Plaques, medals and certificates."""


class State(Enum):
    """How a stage stands."""

    NOT_PLANNED = "not_planned"
    """It has no date, and nothing of it has happened."""
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    OVERDUE = "overdue"
    """Its last day has passed, and it is not done."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a stage, both included. Raises ValueError when it ends before it begins."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse what is no span."""
        if self.last < self.first:
            raise ValueError("a stage ends on the day it begins, or later")


class Progress(Enum):
    """What is known of a stage."""

    NONE = "none"
    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Fact:
    """What has happened of a stage, from the house's own record. `done` of `total` parts, 0 of 0 where it has none."""

    progress: Progress
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class StageState:
    """A stage as the public sees it; `fact` None: the house cannot tell, the dates alone speak."""

    stage: Stage
    state: State
    span: Span | None = None
    fact: Fact | None = None


BY_DATE_ALONE = frozenset({Stage.ELIGIBILITY, Stage.PRACTICE})
"""Stages that their last day ends: a day of measure, and what runs until the year is over."""


def plan_spans(year: int) -> dict[Stage, Span]:
    """Return the days that the plan names (五), for a contest of `year`; what it leaves open is not in it."""
    leap = date(year + 1, 1, 1).toordinal() - date(year, 1, 1).toordinal() == 366
    return {
        Stage.BANK_REVISION: Span(date(year, 1, 1), date(year, 2, 29 if leap else 28)),
        Stage.BANK_PUBLICATION: Span(date(year, 3, 1), date(year, 3, 31)),
        Stage.PRACTICE: Span(date(year, 4, 1), date(year, 12, 31)),
        Stage.SUPPLEMENT: Span(date(year, 8, 1), date(year, 8, 31)),
        Stage.ELIGIBILITY: Span(date(year, 8, 31), date(year, 8, 31)),
        Stage.NOMINATION: Span(date(year, 9, 1), date(year, 9, 10)),
        Stage.DRAW: Span(date(year, 9, 11), date(year, 9, 20)),
        Stage.CONTEST: Span(date(year, 9, 21), date(year, 9, 30)),
    }


def states(facts: Mapping[Stage, Fact], spans: Mapping[Stage, Span], today: date) -> tuple[StageState, ...]:
    """Return every stage's state, in the plan's order.

    Args:
        facts: what is known; a stage that is not in it is told by its dates.
        spans: the days that were set; a stage that is not in it has none.
        today: the day it is.
    """
    return tuple(
        StageState(stage, _state(stage, facts.get(stage), spans.get(stage), today), spans.get(stage), facts.get(stage))
        for stage in Stage
    )


def _state(stage: Stage, fact: Fact | None, span: Span | None, today: date) -> State:
    if fact is not None and fact.progress is Progress.DONE:
        return State.DONE
    begun = fact is not None and fact.progress is Progress.BEGUN
    if span is None:
        return State.UNDER_WAY if begun else State.NOT_PLANNED
    if today > span.last:
        # Without a record the last day is all there is to go by.
        return State.DONE if fact is None or stage in BY_DATE_ALONE else State.OVERDUE
    return State.UNDER_WAY if begun or today >= span.first else State.PLANNED

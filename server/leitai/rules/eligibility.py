"""Who may take part (资格审核; plan 四(二)2, conditions (1) to (3)): each rule with what it was judged by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

REQUIRED_DAILY_STAR_TITLES = 1
REQUIRED_WEEKLY_CENTIPOINTS = 100_000
"""1,000 points of 周周练."""


class ContestKind(Enum):
    """Contests a person may have been in, all stages of them (晋级赛, 决赛) included."""

    INTER_PROVINCIAL = "inter_provincial"
    """练兵比武省际邀请赛"""
    REGIONAL = "regional"
    """区域赛（吉林赛区）"""
    NATIONAL = "national"
    """全国赛"""
    UNIFIED_ONLINE = "unified_online"
    """全国统一在线比试; that of 2021 does not count"""
    LAW_KNOWLEDGE = "law_knowledge"
    """全国人社法治知识竞赛; that of 2019 counts"""
    PROVINCIAL = "provincial"
    """省内比武; never counts"""


class HonourKind(Enum):
    """National titles a person may hold."""

    KNOWLEDGE = "knowledge"
    """全国“人社知识通”; excludes"""
    STAR = "star"
    """全国“岗位练兵明星”; does not"""


class RuleCode(Enum):
    """The conditions, in the plan's order."""

    DAILY_STAR = "daily_star"
    """(1) at least one title 日日学之星"""
    WEEKLY_POINTS = "weekly_points"
    """(1) 周周练 points of at least 1,000"""
    NO_FORMER_CONTEST = "no_former_contest"
    """(2) never in an earlier inter-provincial, regional or national contest of the 练兵比武"""
    NO_LAW_CONTEST = "no_law_contest"
    """(2) not in the national law-knowledge contest of 2019"""
    NO_KNOWLEDGE_TITLE = "no_knowledge_title"
    """(3) never titled 全国“人社知识通”"""


@dataclass(frozen=True, slots=True)
class Participation:
    """A contest that a person took part in."""

    kind: ContestKind
    year: int


@dataclass(frozen=True, slots=True)
class Honour:
    """A national title that a person was given."""

    kind: HonourKind
    year: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number reached and the least that is asked for, in the unit of its rule (titles, centipoints)."""

    reached: int
    required: int


Fact = Figure | Participation | Honour


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a person.

    Attributes:
        daily_star_titles: titles 日日学之星 up to the day of measure.
        weekly_centipoints: 周周练 points up to that day.
        measured_on: that day, included; None: the very day of the check.
    """

    daily_star_titles: int
    weekly_centipoints: int
    participations: tuple[Participation, ...] = ()
    titles: tuple[Honour, ...] = ()
    measured_on: date | None = None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's outcome. `evidence`: the figure it was judged by, or what speaks against the person."""

    code: RuleCode
    passed: bool
    evidence: tuple[Fact, ...] = ()


def check(evidence: Evidence, as_of: date) -> tuple[RuleResult, ...]:
    """Every rule's outcome, in the order of `RuleCode`.

    Args:
        as_of: the last day that counts (31 August of the contest's year). The year's own unified online contest, which
            comes after it, speaks against nobody, nor does anything of later years.

    Raises:
        ValueError: the figures were measured after `as_of` and cannot tell what was reached by then.
    """
    if evidence.measured_on is not None and evidence.measured_on > as_of:
        raise ValueError(f"measured on {evidence.measured_on.isoformat()}, after {as_of.isoformat()}")
    law = tuple(p for p in evidence.participations if p == Participation(ContestKind.LAW_KNOWLEDGE, 2019))
    former = tuple(p for p in evidence.participations if _counts(p, as_of.year))
    titles = tuple(t for t in evidence.titles if t.kind is HonourKind.KNOWLEDGE and t.year <= as_of.year)
    return (
        _reaches(RuleCode.DAILY_STAR, evidence.daily_star_titles, REQUIRED_DAILY_STAR_TITLES),
        _reaches(RuleCode.WEEKLY_POINTS, evidence.weekly_centipoints, REQUIRED_WEEKLY_CENTIPOINTS),
        RuleResult(RuleCode.NO_FORMER_CONTEST, not former, former),
        RuleResult(RuleCode.NO_LAW_CONTEST, not law, law),
        RuleResult(RuleCode.NO_KNOWLEDGE_TITLE, not titles, titles),
    )


def eligible(results: Iterable[RuleResult]) -> bool:
    """Whether every rule is passed (应同时符合)."""
    return all(result.passed for result in results)


def _counts(participation: Participation, year: int) -> bool:
    if participation.kind is ContestKind.UNIFIED_ONLINE:
        return participation.year < year and participation.year != 2021
    former = (ContestKind.INTER_PROVINCIAL, ContestKind.REGIONAL, ContestKind.NATIONAL)
    return participation.kind in former and participation.year <= year


def _reaches(code: RuleCode, reached: int, required: int) -> RuleResult:
    return RuleResult(code, reached >= required, (Figure(reached, required),))

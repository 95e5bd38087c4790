"""What the cascade of awards is told and says: quotas, rulings, awards with their reasons, and what stays open."""

from dataclasses import dataclass
from enum import Enum
from typing import NewType, TypeAlias

from leitai.rules.values import DelegationCode, SittingId


class AwardKind(Enum):
    """Awards of the national contest (plan 六)."""

    KNOWLEDGE = "knowledge"
    """全国“人社知识通”"""
    STAR = "star"
    """全国“岗位练兵明星”"""
    TEAM_GRAND = "team_grand"
    """团体特等奖"""
    TEAM_FIRST = "team_first"
    """团体一等奖"""
    TEAM_SECOND = "team_second"
    """团体二等奖"""
    TEAM_THIRD = "team_third"
    """团体三等奖"""


TEAM_KINDS = (AwardKind.TEAM_GRAND, AwardKind.TEAM_FIRST, AwardKind.TEAM_SECOND, AwardKind.TEAM_THIRD)
"""Team prizes, best first."""


PrizeName = NewType("PrizeName", str)
"""A prize of a province's own contest, by the name in its table (rules.prizes): never that of an `AwardKind`."""
AwardName: TypeAlias = AwardKind | PrizeName


def award_name(award: AwardName) -> str:
    """Return what an award is called in lists, bodies and bundles."""
    return award.value if isinstance(award, AwardKind) else award


def read_award(name: str) -> AwardName:
    """Return the award of that name."""
    return AwardKind(name) if name in _KIND_NAMES else PrizeName(name)


_KIND_NAMES = frozenset(kind.value for kind in AwardKind)


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many of each award there are; the defaults are the plan's (六). `teams` goes by `TEAM_KINDS`."""

    knowledge: int = 50
    stars_per_delegation: int = 3
    teams: tuple[int, int, int, int] = (1, 5, 10, 16)


PLAN_QUOTAS = Quotas()
NO_QUOTAS = Quotas(0, 0, (0, 0, 0, 0))


class ReasonCode(Enum):
    """Why an award was given."""

    NATIONAL_PLACE = "national_place"
    PROVINCE_PLACE = "province_place"
    TEAM_PLACE = "team_place"
    PRIZE_PLACE = "prize_place"
    """A place in a province's own contest."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an award was given, so that anyone can repeat it.

    Attributes:
        place: the 1-based place that counted: nationwide, or in a province's own contest, among those who may be
            awarded; in the province, after passing over (依次顺延); among delegations. Shared by equals unless a ruling
            set them apart.
        rank: the rank in the order that was handed in, as published.
        quota: how many places of this award there are in that order.
        passed_over: holders of 全国“人社知识通” in the same province, in their order, who made room.
        ruling_id: the ruling that ordered equals at the boundary, if one did.
    """

    code: ReasonCode
    place: int
    rank: int
    quota: int
    passed_over: tuple[SittingId, ...] = ()
    ruling_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonAward:
    """An award to a contestant."""

    kind: AwardName
    sitting_id: SittingId
    name: str
    delegation: DelegationCode
    reason: Reason


@dataclass(frozen=True, slots=True)
class TeamAward:
    """A prize to a delegation, or to a team in a province's own contest."""

    kind: AwardName
    delegation: DelegationCode
    reason: Reason


@dataclass(frozen=True, slots=True)
class OrderRuling:
    """The 裁判组's order among equals, best first: of persons, or of delegations. It is used where it holds all who are
    tied, and of several the latest; it may hold more.
    """

    ruling_id: int
    persons: tuple[SittingId, ...] = ()
    delegations: tuple[DelegationCode, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundaryTie:
    """Equals at a boundary that wait for a ruling. None of them has the award yet.

    Attributes:
        seats: what is theirs to share, best first: `((KNOWLEDGE, 1),)`, `((TEAM_GRAND, 1), (TEAM_FIRST, 1))`.
        persons: the tied persons, or
        delegations: the tied delegations.
        delegation: the province in whose order they are tied, for 全国“岗位练兵明星”.
    """

    seats: tuple[tuple[AwardName, int], ...]
    persons: tuple[SittingId, ...] = ()
    delegations: tuple[DelegationCode, ...] = ()
    delegation: DelegationCode | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A province whose 全国“岗位练兵明星” cannot be told before a tie for 全国“人社知识通” is ruled on, since one of
    the tied is its own. `candidates`, in their order, may get one of the `seats`; nobody else may.
    """

    delegation: DelegationCode
    seats: int
    candidates: tuple[SittingId, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Fewer can be awarded than there are places. `delegation` is None for a nationwide award."""

    kind: AwardName
    quota: int
    eligible: int
    delegation: DelegationCode | None = None


@dataclass(frozen=True, slots=True)
class Awards:
    """All awards: persons (知识通 by place, then stars by province and place), teams by place; and what is open."""

    persons: tuple[PersonAward, ...] = ()
    teams: tuple[TeamAward, ...] = ()
    ties: tuple[BoundaryTie, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def complete(self) -> bool:
        """Nothing waits for a ruling. Shortfalls are facts, they do not wait."""
        return not self.ties and not self.waiting

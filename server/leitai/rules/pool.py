"""The expert pool (能手库; plan 四(二)2): people with their honours since 2019, when two records are of one person, how
they become one, and what an honour says about taking part in a later contest.

Merging is a join: in whatever order and however often files come in, the pool ends the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from leitai.rules.eligibility import (
    REQUIRED_DAILY_STAR_TITLES,
    REQUIRED_WEEKLY_CENTIPOINTS,
    ContestKind,
    Evidence,
    Honour,
    HonourKind,
    Participation,
    RuleResult,
    check,
)
from leitai.rules.rights import NO_DELEGATION
from leitai.rules.values import DelegationCode, Micros

_NEVER = Micros(0)

FIRST_YEAR = 2019
"""主要包括2019年以来全国练兵比武赛事活动有关获奖人员."""
FIRST_UNIFIED_YEAR = 2021
"""From this year's unified online contest on both national titles are given in it, so that a title tells that its
holder took part. Whether that counts against anybody is `eligibility.check`'s to say (2021 does not)."""


class PoolKind(Enum):
    """What an honour is: a national title, or an award of a contest of this kind."""

    KNOWLEDGE = "knowledge"
    """全国“人社知识通”."""
    STAR = "star"
    """全国“岗位练兵明星”."""
    NATIONAL = "national"
    """全国赛奖项."""
    REGIONAL = "regional"
    """区域赛奖项."""
    INTER_PROVINCIAL = "inter_provincial"
    """省际邀请赛奖项."""
    UNIFIED_ONLINE = "unified_online"
    """全国统一在线比试奖项, beside the two titles."""
    LAW_KNOWLEDGE = "law_knowledge"
    """全国人社法治知识竞赛奖项."""
    PROVINCIAL = "provincial"
    """省级奖项."""


TITLES = {PoolKind.KNOWLEDGE: HonourKind.KNOWLEDGE, PoolKind.STAR: HonourKind.STAR}
"""National titles; every other kind is named as its contest is in `eligibility.ContestKind`."""


class Source(Enum):
    """Who says so. The higher of two that say the same counts."""

    PROVINCE = 1
    MINISTRY = 2
    CONTEST = 3
    """Given by a contest of this house, once its awards were definite."""


class PoolState(Enum):
    """Where a person is now; honours stay with everyone."""

    ACTIVE = "active"
    """在岗."""
    LEFT = "left"
    """离岗: retired, or no longer with the offices of 人社."""


@dataclass(frozen=True, slots=True, order=True)
class PoolHonour:
    """An honour.

    Attributes:
        year: of the contest or title.
        kind: value of a `PoolKind`.
        title: what was won, as the certificate says (一等奖); empty for a title that needs no more words.
        place: the place that was reached; 0: not known.
        province: for which province.
        source: value of a `Source`.
    """

    year: int
    kind: str
    title: str = ""
    place: int = 0
    province: DelegationCode = NO_DELEGATION
    source: int = Source.PROVINCE.value

    @property
    def key(self) -> tuple[int, str, str]:
        """What makes it another honour than others of the same person."""
        return (self.year, self.kind, self.title)


@dataclass(frozen=True, slots=True)
class Expert:
    """A person of the pool, but for numbers that are private.

    Attributes:
        name: as given.
        province: whose pool the person is in now.
        unit: where the person works.
        expertise: what the person is good at (专长).
        state: see `PoolState`.
        revised_us: when whoever keeps this record changed it last.
        honours: everything won.
    """

    name: str
    province: DelegationCode
    unit: str = ""
    expertise: tuple[str, ...] = ()
    state: PoolState = PoolState.ACTIVE
    revised_us: Micros = _NEVER
    honours: frozenset[PoolHonour] = field(default_factory=frozenset[PoolHonour])

    @property
    def said(self) -> tuple[int, str, str, str, tuple[str, ...], str]:
        """Everything but honours, the latest first in order: what decides between two records."""
        return (self.revised_us, self.name, self.province, self.unit, self.expertise, self.state.value)


class Match(Enum):
    """Whether two records are of one person."""

    SAME = "same"
    POSSIBLE = "possible"
    """Of one name in one province: a person has to say."""
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a person is known.

    Attributes:
        name: as given.
        province: whose pool.
        unit: where the person works; empty: not known.
        digest: of the identity number under the server's key; None: not known.
        won: keys of honours (`PoolHonour.key`).
    """

    name: str
    province: DelegationCode
    unit: str = ""
    digest: bytes | None = None
    won: frozenset[tuple[int, str, str]] = frozenset()


def match(one: Identity, other: Identity) -> Match:
    """Return whether two are one person: by identity numbers where both have one; else by name, province and unit, or
    where a unit is not known, an honour that both have.

    Symmetric. A number is never overruled by a name: people marry, units are renamed.
    """
    if one.digest is not None and other.digest is not None:
        return Match.SAME if one.digest == other.digest else Match.DIFFERENT
    if one.name != other.name or one.province != other.province:
        return Match.DIFFERENT
    if one.unit and other.unit:
        return Match.SAME if one.unit == other.unit else Match.POSSIBLE
    return Match.SAME if one.won & other.won else Match.POSSIBLE


def merge_honours(*several: Iterable[PoolHonour]) -> frozenset[PoolHonour]:
    """Return all honours of several records, each once: of two with one key the one by the higher source, then the
    greater in the order of values.
    """
    kept: dict[tuple[int, str, str], PoolHonour] = {}
    for honours in several:
        for honour in honours:
            known = kept.get(honour.key)
            if known is None or (honour.source, honour) > (known.source, known):
                kept[honour.key] = honour
    return frozenset(kept.values())


def merge(one: Expert, other: Expert) -> Expert:
    """Return one record of two of one person: what the later revision says, and the honours of both.

    Commutative, associative and idempotent.
    """
    later = max(one, other, key=lambda expert: expert.said)
    return Expert(
        later.name,
        later.province,
        later.unit,
        later.expertise,
        later.state,
        later.revised_us,
        merge_honours(one.honours, other.honours),
    )


def participations(honours: Iterable[PoolHonour]) -> tuple[Participation, ...]:
    """Return the contests that a person with these honours has been in, by year, each once."""
    found: set[tuple[int, str]] = set()
    for honour in honours:
        kind = PoolKind(honour.kind)
        if kind not in TITLES:
            found.add((honour.year, kind.value))
        elif honour.year >= FIRST_UNIFIED_YEAR:
            found.add((honour.year, ContestKind.UNIFIED_ONLINE.value))
    return tuple(Participation(ContestKind(kind), year) for year, kind in sorted(found))


def titles(honours: Iterable[PoolHonour]) -> tuple[Honour, ...]:
    """Return the national titles among honours, by year, each once."""
    found = {(honour.year, honour.kind) for honour in honours if PoolKind(honour.kind) in TITLES}
    return tuple(Honour(TITLES[PoolKind(kind)], year) for year, kind in sorted(found))


def barred(honours: Iterable[PoolHonour], year: int) -> tuple[RuleResult, ...]:
    """Return the rules that a person with these honours fails in the contest of a year (plan 四(二)2, (2) and (3)).

    What practice has to show, condition (1), is not asked here.
    """
    held = tuple(honours)
    evidence = Evidence(
        daily_star_titles=REQUIRED_DAILY_STAR_TITLES,
        weekly_centipoints=REQUIRED_WEEKLY_CENTIPOINTS,
        participations=participations(held),
        titles=titles(held),
    )
    return tuple(result for result in check(evidence, date(year, 8, 31)) if not result.passed)

"""The cascade of awards (plan 四(二)2 and 六): 全国“人社知识通”, 全国“岗位练兵明星”, team prizes, each with its reason.

Nothing here breaks a tie: where equals meet a boundary and no ruling of the 裁判组 orders them, the tie is reported and
its places stay empty until one does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from leitai.rules.allotment import allot
from leitai.rules.honours import (
    PLAN_QUOTAS,
    TEAM_KINDS,
    AwardKind,
    Awards,
    BoundaryTie,
    OrderRuling,
    PersonAward,
    Quotas,
    Reason,
    ReasonCode,
    Shortfall,
    TeamAward,
    Waiting,
)
from leitai.rules.teams import team_prizes
from leitai.rules.values import DelegationCode, DelegationStanding, Member, SittingId, Standing

__all__ = [
    "PLAN_QUOTAS",
    "TEAM_KINDS",
    "AwardKind",
    "Awards",
    "BoundaryTie",
    "OrderRuling",
    "PersonAward",
    "Quotas",
    "Reason",
    "ReasonCode",
    "Shortfall",
    "TeamAward",
    "Waiting",
    "cascade",
    "team_prizes",
]


def cascade(
    members: Iterable[Member],
    standings: Iterable[Standing],
    delegation_standings: Iterable[DelegationStanding],
    rulings: Sequence[OrderRuling] = (),
    quotas: Quotas = PLAN_QUOTAS,
) -> Awards:
    """Every award of the plan, from the final orders.

    First the national places for 全国“人社知识通”; then in each province the places for 全国“岗位练兵明星” among those
    who do not hold the former (如重复，依次顺延); then the teams. Struck and absent members are awarded nothing and
    take no place: those behind them move up.

    Args:
        members: everyone on the rosters.
        standings: the order of individuals (`ranking.rank`).
        delegation_standings: the order of delegations (`ranking.rank_delegations`).
        rulings: orders among equals, in the order they were made.
        quotas: how many of each.

    Raises:
        KeyError: a standing of nobody on the rosters.
    """
    by_sitting = {member.sitting_id: member for member in members}
    in_order = [
        (standing, by_sitting[standing.score.sitting_id])
        for standing in sorted(standings, key=lambda standing: standing.order)
    ]
    able = [_Entry(standing, member) for standing, member in in_order if not (member.struck or member.absent)]

    national = _Field(AwardKind.KNOWLEDGE, ReasonCode.NATIONAL_PLACE, quotas.knowledge)
    persons, ties = national.fill(able, rulings)
    shortfalls = national.shortfall(able)
    holders = {award.sitting_id for award in persons}
    undecided = {sitting_id for tie in ties for sitting_id in tie.persons}
    leaving = sum(seats for tie in ties for _, seats in tie.seats)

    waiting: list[Waiting] = []
    for code in sorted({member.delegation for member in by_sitting.values()}):
        own = [entry for entry in able if entry.member.delegation == code]
        passed_over = tuple(entry.sitting_id for entry in own if entry.sitting_id in holders)
        left = [entry for entry in own if entry.sitting_id not in holders]
        province = _Field(AwardKind.STAR, ReasonCode.PROVINCE_PLACE, quotas.stars_per_delegation, code, passed_over)
        if any(entry.sitting_id in undecided for entry in left):
            candidates = province.candidates(left, undecided, leaving)
            waiting.append(Waiting(code, quotas.stars_per_delegation, candidates))
            continue
        stars, star_ties = province.fill(left, rulings)
        persons.extend(stars)
        ties.extend(star_ties)
        shortfalls.extend(province.shortfall(left))

    teams = team_prizes(delegation_standings, rulings, quotas.teams)
    return Awards(tuple(persons), teams.teams, (*ties, *teams.ties), tuple(waiting), (*shortfalls, *teams.shortfalls))


@dataclass(frozen=True, slots=True)
class _Entry:
    """Someone who may be awarded, with the place they have."""

    standing: Standing
    member: Member

    @property
    def sitting_id(self) -> SittingId:
        return self.member.sitting_id


@dataclass(frozen=True, slots=True)
class _Field:
    """One personal award in one order: nationwide, or in one province."""

    kind: AwardKind
    code: ReasonCode
    quota: int
    delegation: DelegationCode | None = None
    passed_over: tuple[SittingId, ...] = ()

    def fill(
        self, entries: Sequence[_Entry], rulings: Sequence[OrderRuling]
    ) -> tuple[list[PersonAward], list[BoundaryTie]]:
        placed, contested = allot(_equals(entries), [self.quota], partial(_decision, rulings))
        awards = [
            PersonAward(
                self.kind,
                given.value.sitting_id,
                given.value.member.name,
                given.value.member.delegation,
                Reason(
                    self.code, given.place, given.value.standing.rank, self.quota, self.passed_over, given.ruling_id
                ),
            )
            for given in placed
        ]
        ties = [
            BoundaryTie(
                ((self.kind, sum(tie.seats)),),
                persons=tuple(entry.sitting_id for entry in tie.values),
                delegation=self.delegation,
            )
            for tie in contested
        ]
        return awards, ties

    def shortfall(self, entries: Sequence[_Entry]) -> list[Shortfall]:
        if len(entries) >= self.quota:
            return []
        return [Shortfall(self.kind, self.quota, len(entries), self.delegation)]

    def candidates(self, entries: Sequence[_Entry], undecided: set[SittingId], leaving: int) -> tuple[SittingId, ...]:
        """Who may get a place, whichever of the undecided leave this order: `leaving` of them at most, and those who
        stay are before all others."""
        torn = {entry.sitting_id for entry in entries if entry.sitting_id in undecided}
        staying = max(0, len(torn) - leaving)
        sure = [entry for entry in entries if entry.sitting_id not in undecided]
        placed, contested = allot(_equals(sure), [max(0, self.quota - staying)], lambda _: None)
        may = {given.value.sitting_id for given in placed}.union(
            torn, *({entry.sitting_id for entry in tie.values} for tie in contested)
        )
        return tuple(entry.sitting_id for entry in entries if entry.sitting_id in may)


def _equals(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    return [list(group) for _, group in groupby(entries, key=lambda entry: entry.standing.rank)]


def _decision(rulings: Sequence[OrderRuling], tied: Sequence[_Entry]) -> tuple[list[_Entry], int] | None:
    for ruling in reversed(rulings):
        if all(entry.sitting_id in ruling.persons for entry in tied):
            place = ruling.persons.index
            return sorted(tied, key=lambda entry: place(entry.sitting_id)), ruling.ruling_id
    return None

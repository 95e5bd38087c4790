"""Team prizes: 特等奖 1, 一等奖 5, 二等奖 10, 三等奖 16, by team result (plan 六(一)).

In a province's own contest they are those of its table.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby

from leitai.rules.allotment import allot
from leitai.rules.honours import (
    PLAN_QUOTAS,
    TEAM_KINDS,
    AwardName,
    Awards,
    BoundaryTie,
    OrderRuling,
    Reason,
    ReasonCode,
    Shortfall,
    TeamAward,
)
from leitai.rules.values import DelegationStanding


def team_prizes(
    standings: Iterable[DelegationStanding],
    rulings: Sequence[OrderRuling] = (),
    quotas: Sequence[int] = PLAN_QUOTAS.teams,
    kinds: Sequence[AwardName] = TEAM_KINDS,
) -> Awards:
    """The prizes of the delegations, ties at their boundaries and prizes left over. `persons` stays empty.

    A delegation that fielded nobody has no team result: it gets no prize and takes no place.

    Args:
        standings: the order of delegations (`ranking.rank_delegations`).
        rulings: orders among equals, in the order they were made.
        quotas: how many of each of `kinds`.
        kinds: the prizes, best first.
    """
    fielded = sorted((s for s in standings if s.members), key=lambda standing: standing.order)
    groups = [list(group) for _, group in groupby(fielded, key=lambda standing: standing.rank)]
    placed, contested = allot(groups, quotas, partial(_decision, rulings))
    awards = tuple(
        TeamAward(
            kinds[given.band],
            given.value.delegation,
            Reason(ReasonCode.TEAM_PLACE, given.place, given.value.rank, quotas[given.band], ruling_id=given.ruling_id),
        )
        for given in placed
    )
    ties = tuple(
        BoundaryTie(
            tuple((kind, seats) for kind, seats in zip(kinds, tie.seats, strict=True) if seats),
            delegations=tuple(standing.delegation for standing in tie.values),
        )
        for tie in contested
    )
    return Awards(teams=awards, ties=ties, shortfalls=tuple(_shortfalls(len(fielded), quotas, kinds)))


def _shortfalls(fielded: int, quotas: Sequence[int], kinds: Sequence[AwardName]) -> Iterable[Shortfall]:
    left = fielded
    for kind, quota in zip(kinds, quotas, strict=True):
        if left < quota:
            yield Shortfall(kind, quota, left)
        left = max(0, left - quota)


def _decision(
    rulings: Sequence[OrderRuling], tied: Sequence[DelegationStanding]
) -> tuple[list[DelegationStanding], int] | None:
    for ruling in reversed(rulings):
        if all(standing.delegation in ruling.delegations for standing in tied):
            place = ruling.delegations.index
            return sorted(tied, key=lambda standing: place(standing.delegation)), ruling.ruling_id
    return None

"""What a ruling would change, before anybody approves it: who gains, who loses, ranks, and boundaries of awards."""

from collections.abc import Iterable
from dataclasses import dataclass

from leitai.rules.adjustments import Adjustments
from leitai.rules.honours import PLAN_QUOTAS, AwardName, Awards
from leitai.rules.ledger import Ledger
from leitai.rules.outcomes import Awarding, Outcome, outcome
from leitai.rules.values import DelegationCode, DelegationStanding, Member, SittingId, Standing


@dataclass(frozen=True, slots=True)
class Shift:
    """A sitting's result before and after; None where it is struck off."""

    sitting_id: SittingId
    before: Standing | None
    after: Standing | None

    @property
    def centipoints(self) -> int:
        """Points won, negative when lost."""
        return _points(self.after) - _points(self.before)


@dataclass(frozen=True, slots=True)
class TeamShift:
    """A delegation's result before and after."""

    before: DelegationStanding
    after: DelegationStanding

    @property
    def centipoints(self) -> int:
        """Points won, negative when lost."""
        return self.after.centipoints - self.before.centipoints


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody who crosses an award's boundary: `gained` the award, or lost it. One of the two is set."""

    kind: AwardName
    gained: bool
    sitting_id: SittingId | None = None
    delegation: DelegationCode | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a ruling would change.

    Attributes:
        gain: whose points grow, by the new order; struck off ones come back.
        lose: whose points shrink, by the old order.
        ranks: whose rank changes, by the new order; who is struck off comes last.
        teams: delegations whose points, time or rank change, by the new order.
        crossings: awards gained and lost.
        open_before, open_after: ties at boundaries that wait for a ruling.
    """

    gain: tuple[Shift, ...]
    lose: tuple[Shift, ...]
    ranks: tuple[Shift, ...]
    teams: tuple[TeamShift, ...]
    crossings: tuple[Crossing, ...]
    open_before: int
    open_after: int


def preview(
    ledger: Ledger, members: Iterable[Member], adjustments: Adjustments, awarding: Awarding = PLAN_QUOTAS
) -> Preview:
    """What putting `adjustments` in place of the ledger's own would change. The ledger is as before when it returns."""
    members = tuple(members)
    before = outcome(ledger, members, awarding)
    own = ledger.adjustments
    ledger.apply(adjustments)
    try:
        after = outcome(ledger, members, awarding)
    finally:
        ledger.apply(own)
    return compare(before, after)


def compare(before: Outcome, after: Outcome) -> Preview:
    """What differs between two outcomes of one session."""
    sittings = list(dict.fromkeys((*after.by_sitting, *before.by_sitting)))
    shifts = [
        Shift(sitting_id, was, now)
        for sitting_id in sittings
        if (was := before.by_sitting.get(sitting_id)) != (now := after.by_sitting.get(sitting_id))
    ]
    teams = {standing.delegation: standing for standing in before.delegations}
    awards_before, awards_after = before.awards(), after.awards()
    return Preview(
        gain=tuple(shift for shift in shifts if shift.centipoints > 0),
        lose=tuple(sorted((shift for shift in shifts if shift.centipoints < 0), key=_old_order)),
        ranks=tuple(shift for shift in shifts if _rank(shift.before) != _rank(shift.after)),
        teams=tuple(
            TeamShift(was, now)
            for now in after.delegations
            if (was := teams[now.delegation]) != now and _team_result(was) != _team_result(now)
        ),
        crossings=tuple(_crossings(awards_before, awards_after)),
        open_before=len(awards_before.ties) + len(awards_before.waiting),
        open_after=len(awards_after.ties) + len(awards_after.waiting),
    )


def _crossings(before: Awards, after: Awards) -> Iterable[Crossing]:
    had = {(award.kind, award.sitting_id) for award in before.persons}
    has = {(award.kind, award.sitting_id) for award in after.persons}
    for award in after.persons:
        if (award.kind, award.sitting_id) not in had:
            yield Crossing(award.kind, gained=True, sitting_id=award.sitting_id)
    for award in before.persons:
        if (award.kind, award.sitting_id) not in has:
            yield Crossing(award.kind, gained=False, sitting_id=award.sitting_id)
    teams_had = {(award.kind, award.delegation) for award in before.teams}
    teams_have = {(award.kind, award.delegation) for award in after.teams}
    for award in after.teams:
        if (award.kind, award.delegation) not in teams_had:
            yield Crossing(award.kind, gained=True, delegation=award.delegation)
    for award in before.teams:
        if (award.kind, award.delegation) not in teams_have:
            yield Crossing(award.kind, gained=False, delegation=award.delegation)


def _points(standing: Standing | None) -> int:
    return 0 if standing is None else standing.score.centipoints


def _rank(standing: Standing | None) -> int:
    return 0 if standing is None else standing.rank


def _old_order(shift: Shift) -> int:
    assert shift.before is not None
    return shift.before.order


def _team_result(standing: DelegationStanding) -> tuple[int, int, int]:
    return (standing.rank, standing.centipoints, standing.elapsed_us)

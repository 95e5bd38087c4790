"""Why somebody is awarded, or is not: every contestant's own line of the cascade, so that nobody has to ask.

The facts are those of `rules.awards.cascade`; nothing is decided here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from leitai.rules.honours import AwardKind, AwardName, Awards, PersonAward
from leitai.rules.values import DelegationCode, Member, SittingId, Standing


class Verdict(Enum):
    """What the cascade comes to for one person."""

    AWARDED = "awarded"
    BEHIND = "behind"
    """Every place was taken by those before."""
    TIED = "tied"
    """Equal with others at a boundary: a ruling decides."""
    WAITING = "waiting"
    """A place in the province depends on a national tie."""
    STRUCK = "struck"
    """取消资格: takes no place; those behind move up."""
    ABSENT = "absent"
    """缺考: takes no place; those behind move up."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One contestant's line.

    Attributes:
        kind: the award that was given, or that a tie is about; None for nobody's.
        rank: in the order of individuals as published; 0 for whoever is in no order (struck off).
        national_place: among all who may be awarded; shared by equals; 0 for whoever may not.
        province_place: the same within the province.
        after_passing: the place in the province once holders of 全国“人社知识通” are passed over (依次顺延); 0 for
            them.
        passed_over: those holders who stand before this one in the province, in their order.
        ruling_id: what ordered equals at the boundary, if anything did.
    """

    sitting_id: SittingId
    name: str
    delegation: DelegationCode
    verdict: Verdict
    kind: AwardName | None
    rank: int
    national_place: int = 0
    province_place: int = 0
    after_passing: int = 0
    passed_over: tuple[SittingId, ...] = ()
    ruling_id: int | None = None


def explain(members: Iterable[Member], standings: Iterable[Standing], awards: Awards) -> list[Explanation]:
    """Everyone's line: those in the order by their order, then who is in none.

    Args:
        members: everyone on the rosters, with who is struck off by now.
        standings: the order of individuals that the awards were made from.
        awards: what `cascade` made of them.

    Raises:
        KeyError: a standing of nobody on the rosters.
    """
    by_sitting = {member.sitting_id: member for member in members}
    in_order = sorted(standings, key=lambda standing: standing.order)
    given = {award.sitting_id: award for award in awards.persons}
    holders = {one.sitting_id for one in awards.persons if one.kind is AwardKind.KNOWLEDGE}
    tied = {sitting_id: tie.seats[0][0] for tie in awards.ties for sitting_id in tie.persons}
    waiting = {sitting_id for one in awards.waiting for sitting_id in one.candidates}
    nation = _Places()
    provinces: defaultdict[DelegationCode, _Places] = defaultdict(_Places)
    passed: defaultdict[DelegationCode, _Places] = defaultdict(_Places)
    before: defaultdict[DelegationCode, list[SittingId]] = defaultdict(list)
    lines: list[Explanation] = []
    for standing in in_order:
        member = by_sitting.pop(standing.score.sitting_id)
        if member.struck or member.absent:
            lines.append(_out(member, standing.rank))
            continue
        home, sitting_id = member.delegation, member.sitting_id
        holder = sitting_id in holders
        award = given.get(sitting_id)
        verdict, kind = _verdict(award, tied.get(sitting_id), waits=sitting_id in waiting)
        lines.append(
            Explanation(
                sitting_id,
                member.name,
                home,
                verdict,
                kind,
                standing.rank,
                nation.take(standing.rank),
                provinces[home].take(standing.rank),
                0 if holder else passed[home].take(standing.rank),
                () if holder else tuple(before[home]),
                award.reason.ruling_id if award is not None else None,
            )
        )
        if holder:
            before[home].append(sitting_id)
    return [*lines, *(_out(member, 0) for member in by_sitting.values())]


class _Places:
    """Places in one order: equals share one, and the next is left out."""

    def __init__(self) -> None:
        self._taken, self._rank, self._place = 0, -1, 0

    def take(self, rank: int) -> int:
        self._taken += 1
        if rank != self._rank:
            self._rank, self._place = rank, self._taken
        return self._place


def _verdict(award: PersonAward | None, tied_for: AwardName | None, *, waits: bool) -> tuple[Verdict, AwardName | None]:
    if award is not None:
        return Verdict.AWARDED, award.kind
    if tied_for is not None:
        return Verdict.TIED, tied_for
    return (Verdict.WAITING, AwardKind.STAR) if waits else (Verdict.BEHIND, None)


def _out(member: Member, rank: int) -> Explanation:
    verdict = Verdict.STRUCK if member.struck or not member.absent else Verdict.ABSENT
    return Explanation(member.sitting_id, member.name, member.delegation, verdict, None, rank)

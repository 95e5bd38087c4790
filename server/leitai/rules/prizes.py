"""Prizes of a province's own contest: a table that the province makes, so many of each name, the first ones first; some
for persons, some for teams.

The places go along the orders that were ruled on, of persons and of teams. Whoever is struck off or absent gets nothing
and takes no place, nor does a team that fielded nobody. Equals across a boundary are never told apart here: their
places stay empty until a ruling of the judges orders them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from leitai.rules.allotment import allot
from leitai.rules.honours import (
    AwardKind,
    Awards,
    BoundaryTie,
    OrderRuling,
    PersonAward,
    PrizeName,
    Reason,
    ReasonCode,
    Shortfall,
)
from leitai.rules.teams import team_prizes
from leitai.rules.values import DelegationStanding, Member, Standing

MAX_PRIZES = 20
MAX_PLACES = 10_000
_TAKEN = {kind.value for kind in AwardKind} | {"none"}
"""What the plan's awards are called in lists, and what pages call having no award."""


class BadPrizes(ValueError):
    """A table that cannot be: empty names, a name twice or one that is taken, no or too many places."""


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize and how many get it: persons, or `teams`."""

    name: str
    places: int
    teams: bool = False


def check_prizes(prizes: Sequence[Prize]) -> None:
    """Raise `BadPrizes` for a table that cannot be. An empty one can: the contest has no prizes."""
    names = [prize.name.strip() for prize in prizes]
    if len(prizes) > MAX_PRIZES or not all(names) or len(set(names)) < len(names) or _TAKEN.intersection(names):
        raise BadPrizes("a prize has a name of its own")
    if not all(1 <= prize.places <= MAX_PLACES for prize in prizes):
        raise BadPrizes("a prize has places")


def award_prizes(
    prizes: Sequence[Prize],
    members: Iterable[Member],
    standings: Iterable[Standing],
    rulings: Sequence[OrderRuling] = (),
    delegations: Iterable[DelegationStanding] = (),
) -> Awards:
    """Return who and which teams have won what, best first, the ties that a ruling has to order, and prizes that nobody
    is there for.

    Args:
        prizes: the table, in the order of its prizes among persons and among teams.
        members: everybody on the roster.
        standings: the order of persons.
        rulings: orders among equals, in the order they were made.
        delegations: the order of teams (`ranking.rank_delegations`).

    Raises KeyError for a standing of nobody among the members.
    """
    for_teams = [prize for prize in prizes if prize.teams]
    names = [PrizeName(prize.name) for prize in for_teams]
    teams = team_prizes(delegations, rulings, [prize.places for prize in for_teams], names)
    prizes = [prize for prize in prizes if not prize.teams]
    known = {member.sitting_id: member for member in members}
    able = [
        standing
        for standing in sorted(standings, key=lambda one: one.order)
        if not (known[standing.score.sitting_id].struck or known[standing.score.sitting_id].absent)
    ]
    groups = [list(equals) for _, equals in groupby(able, key=lambda one: one.rank)]

    def decided(tied: Sequence[Standing]) -> tuple[list[Standing], int] | None:
        for ruling in reversed(rulings):
            if all(one.score.sitting_id in ruling.persons for one in tied):
                return sorted(tied, key=lambda one: ruling.persons.index(one.score.sitting_id)), ruling.ruling_id
        return None

    placed, contested = allot(groups, [prize.places for prize in prizes], decided)
    persons = [
        PersonAward(
            PrizeName(prizes[one.band].name),
            one.value.score.sitting_id,
            known[one.value.score.sitting_id].name,
            known[one.value.score.sitting_id].delegation,
            Reason(ReasonCode.PRIZE_PLACE, one.place, one.value.rank, prizes[one.band].places, ruling_id=one.ruling_id),
        )
        for one in placed
    ]
    ties = [
        BoundaryTie(
            tuple((PrizeName(prizes[band].name), seats) for band, seats in enumerate(tie.seats) if seats),
            persons=tuple(one.score.sitting_id for one in tie.values),
        )
        for tie in contested
    ]
    short = (*_short(prizes, len(able)), *teams.shortfalls)
    return Awards(tuple(persons), teams.teams, (*ties, *teams.ties), shortfalls=short)


def _short(prizes: Sequence[Prize], people: int) -> Iterator[Shortfall]:
    left = people
    for prize in prizes:
        if left < prize.places:
            yield Shortfall(PrizeName(prize.name), prize.places, left)
        left = max(0, left - prize.places)

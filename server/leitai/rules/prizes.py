"""Prizes of a province's own contest: a table that the province makes, so many of each name, the first ones first.
Persons alone get them.

The places go along the order that was ruled on. Whoever is struck off or absent gets nothing and takes no place. Equals
across a boundary are never told apart here: their places stay empty until a ruling of the judges orders them.
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
from leitai.rules.values import Member, Standing

MAX_PRIZES = 20
MAX_PLACES = 10_000
_TAKEN = {kind.value for kind in AwardKind} | {"none"}
"""What the plan's awards are called in lists, and what pages call having no award."""


class BadPrizes(ValueError):
    """A table that cannot be: empty names, a name twice or one that is taken, no or too many places."""


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize and how many get it."""

    name: str
    places: int


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
) -> Awards:
    """Return who has won what, best first, the ties that a ruling has to order, and prizes that nobody is there for.

    Raises KeyError for a standing of nobody among the members.
    """
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
    return Awards(tuple(persons), ties=tuple(ties), shortfalls=tuple(_short(prizes, len(able))))


def _short(prizes: Sequence[Prize], people: int) -> Iterator[Shortfall]:
    left = people
    for prize in prizes:
        if left < prize.places:
            yield Shortfall(PrizeName(prize.name), prize.places, left)
        left = max(0, left - prize.places)

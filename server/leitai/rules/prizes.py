"""Prizes of a province's own contest: a table that the province makes, so many of each name, the first ones first.

The places go along the order that was ruled on. Whoever is struck off or absent gets nothing and takes no place. Equals
across a boundary are never told apart here: their places stay empty until a ruling of the judges orders them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from leitai.rules.allotment import allot
from leitai.rules.honours import OrderRuling
from leitai.rules.values import DelegationCode, Member, SittingId, Standing

MAX_PRIZES = 20
MAX_PLACES = 10_000


class BadPrizes(ValueError):
    """A table that cannot be: empty names, a name twice, no or too many places."""


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize and how many get it."""

    name: str
    places: int


@dataclass(frozen=True, slots=True)
class PrizeWon:
    """Somebody's prize: `prize` is its place in the table from 0, `place` is shared by equals unless a ruling set them
    apart (`ruling_id`), `rank` is the published one.
    """

    sitting_id: SittingId
    name: str
    team: DelegationCode
    prize: int
    place: int
    rank: int
    ruling_id: int | None = None


@dataclass(frozen=True, slots=True)
class PrizeTie:
    """Equals across a boundary; `seats` are how many places of each prize are theirs to share."""

    persons: tuple[SittingId, ...]
    seats: tuple[int, ...]


def check_prizes(prizes: Sequence[Prize]) -> None:
    """Raise `BadPrizes` for a table that cannot be. An empty one can: the contest has no prizes."""
    names = [prize.name.strip() for prize in prizes]
    if len(prizes) > MAX_PRIZES or not all(names) or len(set(names)) < len(names):
        raise BadPrizes("a prize has a name of its own")
    if not all(1 <= prize.places <= MAX_PLACES for prize in prizes):
        raise BadPrizes("a prize has places")


def award_prizes(
    prizes: Sequence[Prize],
    members: Iterable[Member],
    standings: Iterable[Standing],
    rulings: Sequence[OrderRuling] = (),
) -> tuple[list[PrizeWon], list[PrizeTie]]:
    """Return who has won what, best first, and the ties that a ruling has to order.

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
    won = [
        PrizeWon(
            one.value.score.sitting_id,
            known[one.value.score.sitting_id].name,
            known[one.value.score.sitting_id].delegation,
            one.band,
            one.place,
            one.value.rank,
            one.ruling_id,
        )
        for one in placed
    ]
    ties = [PrizeTie(tuple(one.score.sitting_id for one in tie.values), tie.seats) for tie in contested]
    return won, ties

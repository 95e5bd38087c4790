"""Handing out limited places along an order that may hold ties."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """Someone who certainly gets a place.

    Attributes:
        band: which band, from 0.
        place: from 1 over all bands; shared by equals, unless a ruling set them apart.
        ruling_id: that ruling.
    """

    value: T
    band: int
    place: int
    ruling_id: int | None = None


@dataclass(frozen=True, slots=True)
class Contested(Generic[T]):
    """Equals who do not all fall on the same side of a boundary. `seats[band]` places of each band are theirs to share;
    where these are fewer than they are, the rest gets none.
    """

    values: tuple[T, ...]
    seats: tuple[int, ...]


def allot(
    groups: Sequence[Sequence[T]],
    bands: Sequence[int],
    decide: Callable[[Sequence[T]], tuple[Sequence[T], int] | None],
) -> tuple[list[Placed[T]], list[Contested[T]]]:
    """Fills bands of places, best first, from groups of equals, best first.

    A tie is never broken here: equals across a boundary are ordered by `decide`, or contested when it returns None.

    Args:
        groups: who is to be placed; members of one group are equal.
        bands: how many places each band has.
        decide: the order of a contested group and the id of the ruling that set it, if there is one.
    """
    placed: list[Placed[T]] = []
    contested: list[Contested[T]] = []
    start = 0
    for group in groups:
        seats = _seats(start, len(group), bands)
        if len(group) in seats:
            placed.extend(Placed(value, seats.index(len(group)), start + 1) for value in group)
        elif any(seats):
            decision = decide(group)
            if decision is None:
                contested.append(Contested(tuple(group), seats))
            else:
                order, ruling_id = decision
                filled = [band for band, count in enumerate(seats) for _ in range(count)]
                placed.extend(
                    Placed(value, band, place, ruling_id)
                    for place, (value, band) in enumerate(zip(order, filled, strict=False), start=start + 1)
                )
        start += len(group)
    return placed, contested


def _seats(start: int, size: int, bands: Sequence[int]) -> tuple[int, ...]:
    """How many places of each band lie at the positions from `start` to before `start + size`."""
    seats: list[int] = []
    opens = 0
    for band in bands:
        closes = opens + band
        seats.append(max(0, min(closes, start + size) - max(opens, start)))
        opens = closes
    return tuple(seats)

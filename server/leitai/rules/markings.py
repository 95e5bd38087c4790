"""Marks: how judges mark what no key can (简答, 案例): blind, two judges, a third where they differ (DOMAIN, Defaults).

    unmarked ── first mark ──→ one ── second, near ──→ settled
                                └──── second, far ───→ differing ── third ──→ settled

Near: the two totals differ by no more than a set share of the item's points. Two near marks settle at their mean. With
a third, the two totals that are nearest to each other settle it; where two pairs are
equally near, the middle one does. Means are rounded up to whole hundredths.

Blind: a judge is given a response without a name, and no other judge's mark; none from the contestant's delegation is
given it at all.

`MarkRefused` is this module's only error; its `code` is stable and one of those of `wire.errors`.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from leitai.rules.rulings import Judge
from leitai.rules.values import (
    JUDGED,
    ActorId,
    Answer,
    DelegationCode,
    ItemNo,
    Micros,
    PaperItem,
    SittingId,
)

DIFFERENCE_PERCENT = 20
"""Marks are near when they differ by at most this share of the item's points; a setting of the contest."""

MarkedAnswer = tuple[SittingId, ItemNo, int]
"""What a mark is given to: one answer, by sitting, item and offset."""


class MarkingState(Enum):
    """How far the marking of one answer is."""

    UNMARKED = "unmarked"
    ONE = "one"
    DIFFERING = "differing"
    """Two marks are far apart: a third judge is needed."""
    SETTLED = "settled"


class MarkRefused(Exception):
    """A mark was refused for the reason that `code` names:

    - `mark-not-judged`: a key marks this item;
    - `mark-conflict-of-interest`: the judge is from the contestant's delegation;
    - `mark-twice`: this judge has marked the answer;
    - `mark-settled`: it needs no further mark;
    - `mark-stale`: another judge's mark came first;
    - `session-finalized`: the store says so to whoever came too late;
    - `mark-bad-points`: not one number of points for each part, or beyond what the part is worth.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Mark:
    """What one judge gives one answer: centipoints for each part, in order (one part for short-answer)."""

    judge: ActorId
    centipoints: tuple[int, ...]
    at_us: Micros

    @property
    def total(self) -> int:
        """Centipoints over all parts."""
        return sum(self.centipoints)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the marking of an item is, in answers."""

    unmarked: int = 0
    one: int = 0
    differing: int = 0
    settled: int = 0

    @property
    def missing(self) -> int:
        """Answers that are not settled."""
        return self.unmarked + self.one + self.differing


def part_centipoints(item: PaperItem) -> tuple[int, ...]:
    """What each part of an item is worth at most: equal shares, the first ones take what is left over."""
    parts = max(1, len(item.key.blanks))
    share, over = divmod(item.centipoints, parts)
    return tuple(share + (part < over) for part in range(parts))


def state(item: PaperItem, marks: Sequence[Mark], difference_percent: int = DIFFERENCE_PERCENT) -> MarkingState:
    """How far the marking of one answer is, from its marks in the order they were given."""
    if len(marks) < 2:
        return MarkingState.ONE if marks else MarkingState.UNMARKED
    if len(marks) > 2 or _near(item, marks[0], marks[1], difference_percent):
        return MarkingState.SETTLED
    return MarkingState.DIFFERING


def settle(item: PaperItem, marks: Sequence[Mark], difference_percent: int = DIFFERENCE_PERCENT) -> int | None:
    """The centipoints that the marks come to, or None while they are not settled."""
    if state(item, marks, difference_percent) is not MarkingState.SETTLED:
        return None
    totals = [mark.total for mark in marks[:3]]
    if len(totals) == 2:
        return _mean(*totals)
    low, middle, high = sorted(totals)
    if middle - low == high - middle:
        return middle
    return _mean(low, middle) if middle - low < high - middle else _mean(middle, high)


def check(
    item: PaperItem,
    marks: Sequence[Mark],
    judge: Judge,
    centipoints: Sequence[int],
    delegation: DelegationCode,
    difference_percent: int = DIFFERENCE_PERCENT,
) -> None:
    """Whether a judge may give these points to an answer that has these marks.

    Args:
        centipoints: for each part.
        delegation: the contestant's.

    Raises:
        MarkRefused: see there.
    """
    if item.type not in JUDGED:
        raise MarkRefused("mark-not-judged")
    if judge.delegation == delegation:
        raise MarkRefused("mark-conflict-of-interest")
    if any(mark.judge == judge.actor for mark in marks):
        raise MarkRefused("mark-twice")
    if state(item, marks, difference_percent) is MarkingState.SETTLED:
        raise MarkRefused("mark-settled")
    most = part_centipoints(item)
    fits = len(centipoints) == len(most)
    if not fits or any(not 0 <= given <= full for given, full in zip(centipoints, most, strict=True)):
        raise MarkRefused("mark-bad-points")


def queue(
    items: Mapping[ItemNo, PaperItem],
    answers: Iterable[Answer],
    marks: Mapping[MarkedAnswer, Sequence[Mark]],
    judge: Judge,
    delegations: Mapping[SittingId, DelegationCode],
    difference_percent: int = DIFFERENCE_PERCENT,
) -> list[Answer]:
    """What a judge may mark, what is furthest along first, else in an order of this judge's own, so that judges who
    work side by side seldom hold the same answer.

    Args:
        answers: those that count (`Ledger.unmarked`).
        delegations: of each sitting.
    """
    waiting: list[tuple[int, bytes, Answer]] = []
    for answer in answers:
        given = marks.get(place_of(answer), ())
        try:
            item = items[answer.item_no]
            check(item, given, judge, part_centipoints(item), delegations[answer.sitting_id], difference_percent)
        except MarkRefused:
            continue
        lot = f"{judge.actor}/{answer.sitting_id}/{answer.item_no}/{answer.offset}".encode()
        waiting.append((-len(given), hashlib.sha256(lot).digest(), answer))
    return [answer for _, _, answer in sorted(waiting, key=lambda one: one[:2])]


def progress(
    items: Mapping[ItemNo, PaperItem],
    answers: Iterable[MarkedAnswer],
    marks: Mapping[MarkedAnswer, Sequence[Mark]],
    difference_percent: int = DIFFERENCE_PERCENT,
) -> dict[ItemNo, Progress]:
    """How far each item that judges mark is, over the answers that count."""
    counts = {item_no: dict.fromkeys(MarkingState, 0) for item_no, item in items.items() if item.type in JUDGED}
    for answer in answers:
        _, item_no, _ = answer
        if item_no in counts:
            reached = state(items[item_no], marks.get(answer, ()), difference_percent)
            counts[item_no][reached] += 1
    return {item_no: Progress(*(count[one] for one in MarkingState)) for item_no, count in counts.items()}


def settled(
    items: Mapping[ItemNo, PaperItem],
    marks: Mapping[MarkedAnswer, Sequence[Mark]],
    difference_percent: int = DIFFERENCE_PERCENT,
) -> dict[MarkedAnswer, int]:
    """What all settled marks come to: what standings take in."""
    return {
        place: points
        for place, given in marks.items()
        if (points := settle(items[place[1]], given, difference_percent)) is not None
    }


def place_of(answer: Answer) -> MarkedAnswer:
    """By what marks know an answer."""
    return (answer.sitting_id, answer.item_no, answer.offset)


def _near(item: PaperItem, one: Mark, other: Mark, difference_percent: int) -> bool:
    return abs(one.total - other.total) * 100 <= item.centipoints * difference_percent


def _mean(one: int, other: int) -> int:
    return (one + other + 1) // 2

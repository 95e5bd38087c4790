"""What makes up one sitting's score, item by item: the counted answer, its verdict, points and time, and why.

The points of a sitting's accounts add up to its score; so do their times when streamed, and the greatest of them is the
sitting's time in a paper-paced session (`scoring.tally`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from leitai.rules.adjustments import NONE, WHOLE_PAPER, Adjustments
from leitai.rules.effects import (
    AcceptAlternative,
    AdjustJudgement,
    ChangeKey,
    Compensate,
    CreditItem,
    StrikeOff,
    VoidItem,
)
from leitai.rules.rulings import Ruling
from leitai.rules.scoring import counted, covered_until, earned
from leitai.rules.values import (
    JUDGED,
    Answer,
    AnswerStatus,
    ItemNo,
    Member,
    Micros,
    Pacing,
    PaperItem,
    Plan,
    SittingId,
    Window,
)

_NO_MARKS: Mapping[tuple[ItemNo, int], int] = MappingProxyType({})


class Verdict(Enum):
    """What became of one sitting's answer to one item; the first that fits, from the top."""

    VOID = "void"
    """The item counts for nobody."""
    ADJUSTED = "adjusted"
    """A ruling set this sitting's points."""
    CREDITED = "credited"
    """Everybody earned the full points."""
    UNMARKED = "unmarked"
    """It waits for judges' marks."""
    RIGHT = "right"
    PART = "part"
    WRONG = "wrong"
    LATE = "late"
    """Only answers that came too late."""
    EARLY = "early"
    NONE = "none"
    """No answer, or a cleared one."""
    OPEN = "open"
    """The item has not closed, or never opened: it counts for nobody yet."""


@dataclass(frozen=True, slots=True)
class ItemAccount:
    """One sitting's account of one item.

    Attributes:
        item: with the key in force.
        shown: the answer that counts, else the last one late or early, else None.
        counts: whether `shown` counts.
        centipoints: earned.
        elapsed_us: what the item took: of the counted answer less time compensation, else the whole window.
    """

    item: PaperItem
    shown: Answer | None
    counts: bool
    verdict: Verdict
    centipoints: int
    elapsed_us: Micros


def accounts(
    plan: Plan,
    sitting_id: SittingId,
    answers: Iterable[Answer],
    windows: Iterable[Window],
    adjustments: Adjustments = NONE,
    marks: Mapping[tuple[ItemNo, int], int] = _NO_MARKS,
) -> list[ItemAccount]:
    """Every item of the plan in its order.

    Args:
        answers: the sitting's own.
        windows: of the items that closed.
        marks: what the judges gave this sitting's answers, by item and offset.
    """
    of_item: dict[ItemNo, list[Answer]] = {}
    for answer in answers:
        of_item.setdefault(answer.item_no, []).append(answer)
    closed = {window.item_no: window for window in windows}
    return [
        _account(
            plan,
            adjustments.items.get(item.item_no, item),
            sitting_id,
            of_item.get(item.item_no, ()),
            closed.get(item.item_no),
            adjustments,
            marks,
        )
        for item in plan.items
    ]


def touching(ruled: Iterable[Ruling], item_no: ItemNo, member: Member) -> list[Ruling]:
    """Those of the rulings in force (`rulings.in_force`) that have a say in what a member has for an item."""
    return [ruling for ruling in ruled if _touches(ruling, item_no, member)]


def striking(ruled: Iterable[Ruling], sitting_id: SittingId) -> list[Ruling]:
    """Those of the rulings in force that strike somebody off."""
    return [
        ruling for ruling in ruled if isinstance(ruling.effect, StrikeOff) and ruling.effect.sitting_id == sitting_id
    ]


def _touches(ruling: Ruling, item_no: ItemNo, member: Member) -> bool:
    match ruling.effect:
        case AcceptAlternative() | ChangeKey() | VoidItem() | CreditItem():
            return ruling.effect.item_no == item_no
        case AdjustJudgement():
            return ruling.effect.item_no == item_no and ruling.effect.sitting_id == member.sitting_id
        case Compensate():
            return ruling.effect.item_no in (None, item_no) and ruling.effect.scope.holds(member)
        case _:
            return False


def _account(
    plan: Plan,
    item: PaperItem,
    sitting_id: SittingId,
    given: Sequence[Answer],
    window: Window | None,
    adjustments: Adjustments,
    marks: Mapping[tuple[ItemNo, int], int],
) -> ItemAccount:
    until_us = covered_until(plan, sitting_id, window, adjustments, item.item_no)
    answer = counted(plan, given, until_us)
    shown = answer or max((one for one in given if one.status is not AnswerStatus.ACCEPTED), key=_offset, default=None)
    if window is None:
        return ItemAccount(item, shown, False, Verdict.OPEN, 0, Micros(0))
    points = earned(item, sitting_id, answer, adjustments, marks)
    verdict = _verdict(item, sitting_id, answer, shown, points, adjustments, marks)
    elapsed = _elapsed(plan, item, sitting_id, answer, window, adjustments)
    return ItemAccount(item, shown, answer is not None, verdict, points, Micros(elapsed))


def _verdict(
    item: PaperItem,
    sitting_id: SittingId,
    answer: Answer | None,
    shown: Answer | None,
    points: int,
    adjustments: Adjustments,
    marks: Mapping[tuple[ItemNo, int], int],
) -> Verdict:
    if item.item_no in adjustments.voided:
        return Verdict.VOID
    if (sitting_id, item.item_no) in adjustments.judgements:
        return Verdict.ADJUSTED
    if item.item_no in adjustments.credited:
        return Verdict.CREDITED
    if answer is None or not (answer.response or points):
        if answer is None and shown is not None:
            return Verdict.LATE if shown.status is AnswerStatus.LATE else Verdict.EARLY
        return Verdict.NONE
    if item.type in JUDGED and (item.item_no, answer.offset) not in marks:
        return Verdict.UNMARKED
    if points >= item.centipoints:
        return Verdict.RIGHT
    return Verdict.PART if points else Verdict.WRONG


def _elapsed(
    plan: Plan,
    item: PaperItem,
    sitting_id: SittingId,
    answer: Answer | None,
    window: Window,
    adjustments: Adjustments,
) -> int:
    if item.item_no in adjustments.unranking:
        return 0
    if plan.pacing is Pacing.PAPER:
        lost = adjustments.compensations.get((sitting_id, WHOLE_PAPER), 0)
        return 0 if answer is None else max(0, answer.elapsed_us - lost)
    if answer is None:
        return window.closes_at_us - window.opens_at_us
    return max(0, answer.elapsed_us - adjustments.compensations.get((sitting_id, item.item_no), 0))


def _offset(answer: Answer) -> int:
    return answer.offset

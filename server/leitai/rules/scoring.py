"""Scoring: which answer counts, and what a sitting has earned. `leitai.rules.ledger` keeps the same result live."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from leitai.rules.adjustments import NONE, WHOLE_PAPER, Adjustments
from leitai.rules.ledger import Ledger
from leitai.rules.marking import mark
from leitai.rules.values import (
    JUDGED,
    Answer,
    AnswerStatus,
    Counted,
    ItemNo,
    Micros,
    Pacing,
    PaperItem,
    Plan,
    QuestionType,
    Score,
    SittingId,
    Window,
)

__all__ = ["Ledger", "counted", "covered_until", "earned", "full_elapsed", "tally"]

_NO_MARKS: Mapping[tuple[ItemNo, int], int] = MappingProxyType({})


def counted(plan: Plan, answers: Iterable[Answer], until_us: Micros | None = None) -> Answer | None:
    """The answer that counts among those of one sitting to one item, or None (DOMAIN, Defaults: counted answer).

    Only accepted answers are looked at, and late ones stamped before `until_us`: for a sitting with time compensation,
    the item's closing and the compensation after it. `FIRST`: the one recorded first. `LAST`: the one recorded last,
    and when that one clears the item the item is unanswered.
    """
    eligible = [
        answer
        for answer in answers
        if answer.status is AnswerStatus.ACCEPTED
        or (answer.status is AnswerStatus.LATE and until_us is not None and answer.stamp_us < until_us)
    ]
    if not eligible:
        return None
    if plan.counted is Counted.FIRST:
        return min(eligible, key=_offset)
    last = max(eligible, key=_offset)
    return last if last.response else None


def tally(
    plan: Plan,
    sitting_id: SittingId,
    answers_by_item: Mapping[ItemNo, Answer],
    scored: Collection[ItemNo],
    windows: Mapping[ItemNo, Window],
    adjustments: Adjustments = NONE,
    marks: Mapping[tuple[ItemNo, int], int] = _NO_MARKS,
) -> Score:
    """One sitting's score from nothing: the definition that every faster way must equal.

    Elapsed (DOMAIN, Defaults: order), streamed: over the scored items, the sum of the counted answer's elapsed time or,
    without one, the full length of the item's window. Paper: the greatest elapsed time of a counted answer or, without
    any, the full length of the window (`plan.duration_us` where no window is given); 0 while nothing is scored.

    Rulings (`rules.adjustments`): an item that is void or credited to all takes no time and counts as unanswered by
    everyone; a credited one is earned in full once it closed; time compensation makes an answer's elapsed time less.

    Args:
        answers_by_item: the counted answer of each item that has one (`counted`).
        scored: the items that count so far.
        windows: the window of each item that closed.
        adjustments: the rulings in force.
        marks: what the judges gave this sitting's answers, by item and offset; an answer without is not counted yet.

    Raises:
        KeyError: streamed, and a scored item without an answer has no window; or no such item in the plan.
    """
    items = {item.item_no: item for item in plan.items} | dict(adjustments.items)
    timed = [item_no for item_no in scored if item_no not in adjustments.unranking]
    points = multiple = true_false = answered = summed = greatest = 0
    for item_no in scored:
        if item_no in adjustments.voided or (item_no in adjustments.credited and item_no not in windows):
            continue
        item = items[item_no]
        answer = answers_by_item.get(item_no)
        gained = earned(item, sitting_id, answer, adjustments, marks)
        points += gained
        if item.type in (QuestionType.MULTIPLE, QuestionType.INDETERMINATE):
            multiple += gained
        elif item.type is QuestionType.TRUE_FALSE:
            true_false += gained
        if item_no in adjustments.credited:
            continue
        if answer is not None:
            answered += 1
            summed += max(0, answer.elapsed_us - adjustments.compensations.get((sitting_id, item_no), 0))
            greatest = max(greatest, answer.elapsed_us)
        elif plan.pacing is Pacing.STREAMED:
            summed += _length(windows[item_no])
    if plan.pacing is Pacing.STREAMED:
        elapsed = summed
    elif answered or not timed:
        elapsed = max(0, greatest - adjustments.compensations.get((sitting_id, WHOLE_PAPER), 0))
    else:
        given = [_length(windows[item_no]) for item_no in timed if item_no in windows]
        elapsed = max(given, default=plan.duration_us)
    return Score(sitting_id, points, Micros(elapsed), multiple, true_false, answered)


def earned(
    item: PaperItem,
    sitting_id: SittingId,
    answer: Answer | None,
    adjustments: Adjustments = NONE,
    marks: Mapping[tuple[ItemNo, int], int] = _NO_MARKS,
) -> int:
    """Centipoints that a sitting has for one closed item by its counted answer, the rulings in force and its marks.

    Args:
        item: with the key in force (`Adjustments.items`).
    """
    judged = adjustments.judgements.get((sitting_id, item.item_no))
    if item.item_no in adjustments.voided:
        return 0
    if judged is not None:
        return judged
    if item.item_no in adjustments.credited:
        return 0 if sitting_id in adjustments.absent else item.centipoints
    if answer is None:
        return 0
    return marks.get((item.item_no, answer.offset), 0) if item.type in JUDGED else mark(item, answer.response)


def covered_until(
    plan: Plan, sitting_id: SittingId, window: Window | None, adjustments: Adjustments, item_no: ItemNo
) -> Micros | None:
    """Until when late answers of a sitting to an item count (`counted`); None without time compensation."""
    place = (sitting_id, item_no if plan.pacing is Pacing.STREAMED else WHOLE_PAPER)
    lost = adjustments.compensations.get(place)
    return None if lost is None or window is None else Micros(window.closes_at_us + lost)


def full_elapsed(
    plan: Plan, scored: Collection[ItemNo], windows: Mapping[ItemNo, Window], adjustments: Adjustments = NONE
) -> Micros:
    """Elapsed time of a sitting that answered none of the scored items: what `ranking.rank_delegations` counts for
    members who are absent or struck off.

    Raises:
        KeyError: as for `tally`.
    """
    return tally(plan, SittingId(0), {}, scored, windows, adjustments).elapsed_us


def _length(window: Window) -> int:
    return window.closes_at_us - window.opens_at_us


def _offset(answer: Answer) -> int:
    return answer.offset

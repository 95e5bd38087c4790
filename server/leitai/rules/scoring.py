"""Scoring: which answer counts, and what a sitting has earned. `leitai.rules.ledger` keeps the same result live."""

from collections.abc import Collection, Iterable, Mapping

from leitai.rules.ledger import Ledger
from leitai.rules.marking import mark
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    ItemNo,
    Micros,
    Pacing,
    Plan,
    QuestionType,
    Score,
    SittingId,
    Window,
)

__all__ = ["Ledger", "counted", "full_elapsed", "tally"]


def counted(plan: Plan, answers: Iterable[Answer]) -> Answer | None:
    """The answer that counts among those of one sitting to one item, or None (DOMAIN, Defaults: counted answer).

    Only accepted answers are looked at. `FIRST`: the one accepted first. `LAST`: the one accepted last, and when that
    one clears the item the item is unanswered.
    """
    accepted = [answer for answer in answers if answer.status is AnswerStatus.ACCEPTED]
    if not accepted:
        return None
    if plan.counted is Counted.FIRST:
        return min(accepted, key=_offset)
    last = max(accepted, key=_offset)
    return last if last.response else None


def tally(
    plan: Plan,
    sitting_id: SittingId,
    answers_by_item: Mapping[ItemNo, Answer],
    scored: Collection[ItemNo],
    windows: Mapping[ItemNo, Window],
) -> Score:
    """One sitting's score from nothing: the definition that every faster way must equal.

    Elapsed (DOMAIN, Defaults: order), streamed: over the scored items, the sum of the counted answer's elapsed time or,
    without one, the full length of the item's window. Paper: the greatest elapsed time of a counted answer or, without
    any, the full length of the window (`plan.duration_us` where no window is given); 0 while nothing is scored.

    Args:
        answers_by_item: the counted answer of each item that has one (`counted`).
        scored: the items that count so far.
        windows: the window of each scored item.

    Raises:
        KeyError: streamed, and a scored item without an answer has no window; or no such item in the plan.
    """
    items = {item.item_no: item for item in plan.items}
    points = multiple = true_false = answered = summed = greatest = 0
    for item_no in scored:
        item = items[item_no]
        answer = answers_by_item.get(item_no)
        if answer is None:
            if plan.pacing is Pacing.STREAMED:
                summed += _length(windows[item_no])
            continue
        earned = mark(item, answer.response)
        points += earned
        if item.type in (QuestionType.MULTIPLE, QuestionType.INDETERMINATE):
            multiple += earned
        elif item.type is QuestionType.TRUE_FALSE:
            true_false += earned
        answered += 1
        summed += answer.elapsed_us
        greatest = max(greatest, answer.elapsed_us)
    if plan.pacing is Pacing.STREAMED:
        elapsed = summed
    elif answered or not scored:
        elapsed = greatest
    else:
        given = [_length(windows[item_no]) for item_no in scored if item_no in windows]
        elapsed = max(given, default=plan.duration_us)
    return Score(sitting_id, points, Micros(elapsed), multiple, true_false, answered)


def full_elapsed(plan: Plan, scored: Collection[ItemNo], windows: Mapping[ItemNo, Window]) -> Micros:
    """Elapsed time of a sitting that answered none of the scored items: what `ranking.rank_delegations` counts for
    members who are absent or struck off.

    Raises:
        KeyError: as for `tally`.
    """
    return tally(plan, SittingId(0), {}, scored, windows).elapsed_us


def _length(window: Window) -> int:
    return window.closes_at_us - window.opens_at_us


def _offset(answer: Answer) -> int:
    return answer.offset

"""Freeze (封榜): what the public may know while the board is frozen, and when the freeze begins.

The public standings under a freeze are the standings of the record as it was at the freeze instant: answers stamped
before it, items closed by it, and acts of judges before it. Nothing later reaches them, so that the board tells nobody
what happens behind it. A thaw (解封) shows the whole record again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from leitai.rules.markings import Mark, MarkedAnswer
from leitai.rules.rulings import Ruling
from leitai.rules.values import Answer, Micros, Pacing, Plan, Window


@dataclass(frozen=True, slots=True)
class Record:
    """All that standings come from, in any order."""

    answers: Sequence[Answer] = ()
    windows: Sequence[Window] = ()
    """Of the items that closed, as they were when they did."""
    rulings: Sequence[Ruling] = ()
    marks: Mapping[MarkedAnswer, Sequence[Mark]] = field(default_factory=dict[MarkedAnswer, Sequence[Mark]])


def freezes_at(plan: Plan, windows: Sequence[Window], percent: int) -> Micros | None:
    """When a scheduled freeze begins (DOMAIN, Defaults: board): before the last `percent` of the session.

    Streamed: at the opening of the first of the last items, rounded down to whole items but at least one; where that
    one is skipped, of the next. Paper: that share of the window before its end. None: 0 percent, or that item's window
    is not known while time stands still.

    Args:
        windows: as in force (`timeline.windows`); an opening that has come does not move any more.
    """
    if percent <= 0 or not windows:
        return None
    if plan.pacing is Pacing.PAPER:
        length = windows[0].closes_at_us - windows[0].opens_at_us
        return Micros(windows[0].closes_at_us - length * percent // 100)
    first = len(plan.items) - max(1, len(plan.items) * percent // 100)
    item_no = plan.items[first].item_no
    return next((window.opens_at_us for window in windows if window.item_no >= item_no), None)


def shows_answer(answer: Answer, frozen_us: Micros) -> bool:
    """Whether an answer was given before the freeze."""
    return answer.stamp_us < frozen_us


def shows_window(window: Window, frozen_us: Micros) -> bool:
    """Whether an item was closed when the freeze began."""
    return window.closes_at_us <= frozen_us


def as_frozen(record: Record, frozen_us: Micros) -> Record:
    """The record as it was when the freeze began: what the public standings are computed from until the thaw."""
    rulings = [
        replace(ruling, acts=acts)
        for ruling in record.rulings
        if (acts := tuple(act for act in ruling.acts if act.at_us < frozen_us))
    ]
    marks = {
        place: before
        for place, given in record.marks.items()
        if (before := tuple(mark for mark in given if mark.at_us < frozen_us))
    }
    return Record(
        [answer for answer in record.answers if shows_answer(answer, frozen_us)],
        [window for window in record.windows if shows_window(window, frozen_us)],
        rulings,
        marks,
    )

"""The running account of every sitting of a session, kept up to date answer by answer and ruling by ruling.

It always equals `scoring.tally` over `scoring.counted` of the same answers, rulings and marks; it only avoids doing the
work again.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from leitai.rules.adjustments import NONE, WHOLE_PAPER, Adjustments, Place
from leitai.rules.marking import mark
from leitai.rules.running_order import Result
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
    Response,
    Score,
    SittingId,
    Window,
)


class Ledger:
    """Scores of all sittings of one session, mutable, for one thread.

    An item is scored for everyone by `close_item`. With `follows="answer"` a counted answer is scored as soon as it is
    recorded, and only what an unanswered item costs in elapsed time waits for its closing.

    Answers may come in any order and more than once: they are known by their offsets, which are unique among the
    answers of one sitting. An answer that arrives after its item was closed corrects the score. `EARLY` ones are passed
    over; `LATE` ones are kept, since a time compensation may make them count.
    """

    def __init__(
        self, plan: Plan, sittings: Iterable[SittingId], *, follows: Literal["close", "answer"] = "close"
    ) -> None:
        self._paper = {item.item_no: item for item in plan.items}
        self._items = self._paper
        self._first = plan.counted is Counted.FIRST
        self._streamed = plan.pacing is Pacing.STREAMED
        self._at_once = follows == "answer"
        self._lines = {sitting_id: _Line(sitting_id) for sitting_id in sittings}
        self._windows: dict[ItemNo, Window] = {}
        self._adjustments = NONE
        self._unranking = NONE.unranking
        self._points: dict[tuple[ItemNo, Response], int] = {}
        self._judged = {item.item_no for item in plan.items if item.type in JUDGED}
        self._full_elapsed = 0

    @property
    def adjustments(self) -> Adjustments:
        """The rulings in force, as given last."""
        return self._adjustments

    @property
    def windows(self) -> Mapping[ItemNo, Window]:
        """The windows of the items that closed."""
        return self._windows

    def record(self, answer: Answer) -> bool:
        """Takes an answer in. True when the sitting's score changed.

        Raises:
            KeyError: the session has no such sitting or item.
        """
        line = self._lines[answer.sitting_id]
        item = self._items[answer.item_no]
        if answer.status is AnswerStatus.EARLY:
            return False
        late = answer.status is AnswerStatus.LATE
        held = None if late else line.held.get(answer.item_no)
        if held is not None and (held.offset == answer.offset or (held.offset < answer.offset) is self._first):
            return False
        before = line.key()
        self._post(line, item, -1)
        if late:
            line.late.setdefault(answer.item_no, {})[answer.offset] = answer
        else:
            line.held[answer.item_no] = answer
        self._post(line, item, 1)
        return self._settle(line, before)

    def close_item(self, item_no: ItemNo, window: Window) -> list[SittingId]:
        """Scores an item for all sittings and returns those whose score changed, in the ledger's order.

        Closing again with another window (an extension, a pause) corrects what the item costs the unanswered.

        Raises:
            KeyError: the session has no such item.
        """
        item = self._items[item_no]
        befores = [line.key() for line in self._lines.values()]
        for line in self._lines.values():
            self._post(line, item, -1)
        self._windows[item_no] = window
        self._measure()
        for line in self._lines.values():
            self._post(line, item, 1)
        lines = self._lines.values()
        return [line.sitting_id for line, before in zip(lines, befores, strict=True) if self._settle(line, before)]

    def apply(self, adjustments: Adjustments) -> list[SittingId]:
        """Puts rulings in force in place of those before, scores anew what they touch and returns the sittings whose
        score changed or that are struck off or no longer, in the ledger's order.
        """
        before = self._adjustments
        items = [item_no for item_no in self._paper if _differ(before, adjustments, item_no)]
        places = _changed(before.judgements, adjustments.judgements)
        places |= _changed(before.compensations, adjustments.compensations)
        if before.absent != adjustments.absent:
            items = list(dict.fromkeys((*items, *before.credited, *adjustments.credited)))
        of_sitting: dict[SittingId, set[ItemNo]] = {}
        for sitting_id, item_no in places:
            of_sitting.setdefault(sitting_id, set()).add(item_no)
        touched = [
            (line, sorted({*items, *of_sitting.get(line.sitting_id, ())}), line.key())
            for line in self._lines.values()
            if items or line.sitting_id in of_sitting
        ]
        self._post_all(touched, -1)
        self._adjustments = adjustments
        self._unranking = adjustments.unranking
        self._items = {**self._paper, **adjustments.items}
        if items:
            self._points = {key: earned for key, earned in self._points.items() if key[0] not in items}
        self._measure()
        self._post_all(touched, 1)
        struck = before.struck ^ adjustments.struck
        moved = {line.sitting_id for line, _, key in touched if self._settle(line, key)}
        return [sitting_id for sitting_id in self._lines if sitting_id in moved or sitting_id in struck]

    def award(self, sitting_id: SittingId, item_no: ItemNo, offset: int, centipoints: int) -> bool:
        """Takes in what judges gave one answer, known by its offset, to an item that they mark. It counts while that
        answer does. True when the sitting's score changed.

        Raises:
            KeyError: the session has no such sitting or item.
        """
        line = self._lines[sitting_id]
        item = self._items[item_no]
        before = line.key()
        self._post(line, item, -1)
        line.marks[item_no, offset] = centipoints
        self._post(line, item, 1)
        return self._settle(line, before)

    def unmarked(self) -> list[Answer]:
        """Counted answers that wait for judges' marks: nothing is final before they have them.

        An item that is void or credited to all needs no marks, nor does a judgement that a ruling set.
        """
        waiting = sorted(self._judged - self._unranking)
        return [
            held
            for line in self._lines.values()
            if line.sitting_id not in self._adjustments.struck
            for item_no in waiting
            if (held := self._held(line, item_no)) is not None
            and held.response
            and (item_no, held.offset) not in line.marks
            and (line.sitting_id, item_no) not in self._adjustments.judgements
        ]

    def scores(self) -> list[Score]:
        """The score of every sitting that no ruling struck off, in the order the sittings were given."""
        struck = self._adjustments.struck
        return [line.score() for sitting_id, line in self._lines.items() if sitting_id not in struck]

    def score(self, sitting_id: SittingId) -> Score:
        """The score of one sitting.

        Raises:
            KeyError: the session has no such sitting.
        """
        return self._lines[sitting_id].score()

    def results(self, sittings: Iterable[SittingId]) -> list[Result]:
        """What decides the places of those of `sittings` that no ruling struck off.

        Raises:
            KeyError: the session has no such sitting.
        """
        lines, struck = self._lines, self._adjustments.struck
        return [
            (-line.points, line.elapsed, -line.multiple, -line.true_false, sitting_id)
            for sitting_id in sittings
            if sitting_id not in struck
            for line in (lines[sitting_id],)
        ]

    def full_elapsed_us(self) -> Micros:
        """Elapsed time of a sitting that answered none of the items closed so far (`scoring.full_elapsed`)."""
        return Micros(self._full_elapsed)

    def _measure(self) -> None:
        lengths = [
            window.closes_at_us - window.opens_at_us
            for item_no, window in self._windows.items()
            if item_no not in self._unranking
        ]
        self._full_elapsed = sum(lengths) if self._streamed else max(lengths, default=0)

    def _post_all(self, touched: "Iterable[tuple[_Line, list[ItemNo], tuple[int, ...]]]", sign: int) -> None:
        for line, items, _ in touched:
            for item_no in items:
                if item_no == WHOLE_PAPER:
                    # Late answers to any item may count now, or no longer.
                    for each in line.late.keys() - set(items):
                        self._post(line, self._items[each], sign)
                else:
                    self._post(line, self._items[item_no], sign)

    def _post(self, line: "_Line", item: PaperItem, sign: int) -> None:
        """Adds what an item now gives a line, or with sign -1 takes it back."""
        item_no = item.item_no
        in_force = self._adjustments
        if item_no in in_force.voided:
            return
        closed = item_no in self._windows
        credited = item_no in in_force.credited
        held = self._held(line, item_no)
        counts = held is not None and (self._first or bool(held.response))
        if not closed and (credited or not counts or not self._at_once):
            return
        earned = in_force.judgements.get((line.sitting_id, item_no)) if in_force.judgements else None
        if earned is None:
            if credited:
                earned = 0 if line.sitting_id in in_force.absent else item.centipoints
            elif held is None or not counts:
                earned = 0
            elif item_no in self._judged:
                earned = line.marks.get((item_no, held.offset), 0)
            else:
                earned = self._mark(item, held.response)
        earned *= sign
        line.points += earned
        if item.type in (QuestionType.MULTIPLE, QuestionType.INDETERMINATE):
            line.multiple += earned
        elif item.type is QuestionType.TRUE_FALSE:
            line.true_false += earned
        if credited:
            return
        if held is None or not counts:
            if self._streamed:
                window = self._windows[item_no]
                line.elapsed += sign * (window.closes_at_us - window.opens_at_us)
            return
        line.answered += sign
        if self._streamed:
            lost = in_force.compensations.get((line.sitting_id, item_no), 0) if in_force.compensations else 0
            line.elapsed += sign * max(0, held.elapsed_us - lost)
        elif sign > 0:
            line.greatest = max(line.greatest, held.elapsed_us)
        elif held.elapsed_us == line.greatest:
            line.greatest_known = False

    def _settle(self, line: "_Line", before: tuple[int, ...]) -> bool:
        if not self._streamed:
            line.elapsed = self._paper_elapsed(line)
        if line.key() == before:
            return False
        line.cached = None
        return True

    def _paper_elapsed(self, line: "_Line") -> int:
        if not line.greatest_known:
            line.greatest = max(
                (held.elapsed_us for item_no in self._paper if (held := self._timed(line, item_no)) is not None),
                default=0,
            )
            line.greatest_known = True
        if line.answered:
            return max(0, line.greatest - self._adjustments.compensations.get((line.sitting_id, WHOLE_PAPER), 0))
        return self._full_elapsed

    def _timed(self, line: "_Line", item_no: ItemNo) -> Answer | None:
        """The counted answer of an item that is scored and whose time counts."""
        if item_no in self._unranking or not (self._at_once or item_no in self._windows):
            return None
        held = self._held(line, item_no)
        return held if held is not None and (self._first or held.response) else None

    def _held(self, line: "_Line", item_no: ItemNo) -> Answer | None:
        """The answer in force, a clearing one included: of those in time, and of the late ones that a time
        compensation covers."""
        held = line.held.get(item_no)
        if not line.late or not self._adjustments.compensations:
            return held
        late = line.late.get(item_no)
        window = self._windows.get(item_no)
        lost = self._adjustments.compensations.get((line.sitting_id, item_no if self._streamed else WHOLE_PAPER))
        if late is None or window is None or lost is None:
            return held
        until_us = window.closes_at_us + lost
        covered = [answer for answer in late.values() if answer.stamp_us < until_us]
        if held is not None:
            covered.append(held)
        choose = min if self._first else max
        return choose(covered, key=_offset, default=None)

    def _mark(self, item: PaperItem, response: Response) -> int:
        key = (item.item_no, response)
        earned = self._points.get(key)
        if earned is None:
            earned = self._points[key] = mark(item, response)
        return earned


class _Line:
    """One sitting's account. `held` are the answers that count by their offsets, cleared ones included; `late` those
    that came too late, by item and offset; `marks` what judges gave, by item and offset."""

    __slots__ = (
        "answered",
        "cached",
        "elapsed",
        "greatest",
        "greatest_known",
        "held",
        "late",
        "marks",
        "multiple",
        "points",
        "sitting_id",
        "true_false",
    )

    def __init__(self, sitting_id: SittingId) -> None:
        self.sitting_id = sitting_id
        self.held: dict[ItemNo, Answer] = {}
        self.late: dict[ItemNo, dict[int, Answer]] = {}
        self.marks: dict[tuple[ItemNo, int], int] = {}
        self.points = self.elapsed = self.multiple = self.true_false = self.answered = self.greatest = 0
        self.greatest_known = True
        self.cached: Score | None = None

    def key(self) -> tuple[int, ...]:
        return (self.points, self.elapsed, self.multiple, self.true_false, self.answered)

    def score(self) -> Score:
        if self.cached is None:
            self.cached = Score(
                self.sitting_id, self.points, Micros(self.elapsed), self.multiple, self.true_false, self.answered
            )
        return self.cached


def _differ(before: Adjustments, after: Adjustments, item_no: ItemNo) -> bool:
    return (
        (item_no in before.voided) is not (item_no in after.voided)
        or (item_no in before.credited) is not (item_no in after.credited)
        or before.items.get(item_no) != after.items.get(item_no)
    )


def _changed(before: Mapping[Place, int], after: Mapping[Place, int]) -> set[Place]:
    return {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}


def _offset(answer: Answer) -> int:
    return answer.offset

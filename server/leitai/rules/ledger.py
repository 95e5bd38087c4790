"""The running account of every sitting of a session, kept up to date answer by answer.

It always equals `scoring.tally` over `scoring.counted` of the same answers; it only avoids doing the work again.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal

from leitai.rules.marking import mark
from leitai.rules.values import (
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
    answers of one sitting. An answer that arrives after its item was closed corrects the score. `EARLY` and `LATE` ones
    are passed over.
    """

    def __init__(
        self, plan: Plan, sittings: Iterable[SittingId], *, follows: Literal["close", "answer"] = "close"
    ) -> None:
        self._items = {item.item_no: item for item in plan.items}
        self._first = plan.counted is Counted.FIRST
        self._streamed = plan.pacing is Pacing.STREAMED
        self._at_once = follows == "answer"
        self._lines = {sitting_id: _Line() for sitting_id in sittings}
        self._lengths: dict[ItemNo, int] = {}
        self._withdrawn: set[ItemNo] = set()
        self._marks: dict[tuple[ItemNo, Response], int] = {}

    def record(self, answer: Answer) -> bool:
        """Takes an answer in. True when the sitting's score changed.

        Raises:
            KeyError: the session has no such sitting or item.
        """
        line = self._lines[answer.sitting_id]
        item = self._items[answer.item_no]
        if answer.status is not AnswerStatus.ACCEPTED:
            return False
        held = line.held.get(answer.item_no)
        if held is not None and (held.offset == answer.offset or (held.offset < answer.offset) is self._first):
            return False
        before = line.key()
        self._post(line, item, -1)
        line.held[answer.item_no] = answer
        self._post(line, item, 1)
        return self._settle(line, before)

    def close_item(self, item_no: ItemNo, window: Window) -> list[SittingId]:
        """Scores an item for all sittings and returns those whose score changed, in the ledger's order.

        Closing again with another window (an extension, a pause) corrects what the item costs the unanswered.

        Raises:
            KeyError: the session has no such item.
        """
        return self._revise(
            item_no, partial(self._lengths.__setitem__, item_no, window.closes_at_us - window.opens_at_us)
        )

    def rekey(self, item: PaperItem) -> list[SittingId]:
        """Puts a ruling's item (another key, marking or points) in place of the one with its number, scores everyone
        anew by it and returns those whose score changed.

        Raises:
            KeyError: the session has no such item.
        """
        return self._revise(item.item_no, partial(self._replace, item))

    def withdraw(self, item_no: ItemNo) -> list[SittingId]:
        """Takes an item out of the scored ones for good, by a ruling, and returns the sittings whose score changed.

        Raises:
            KeyError: the session has no such item.
        """
        return self._revise(item_no, partial(self._withdrawn.add, item_no))

    def scores(self) -> list[Score]:
        """The score of every sitting, in the order the sittings were given."""
        return [line.score(sitting_id) for sitting_id, line in self._lines.items()]

    def score(self, sitting_id: SittingId) -> Score:
        """The score of one sitting.

        Raises:
            KeyError: the session has no such sitting.
        """
        return self._lines[sitting_id].score(sitting_id)

    def full_elapsed_us(self) -> Micros:
        """Elapsed time of a sitting that answered none of the items closed so far (`scoring.full_elapsed`)."""
        lengths = [length for item_no, length in self._lengths.items() if item_no not in self._withdrawn]
        return Micros(sum(lengths) if self._streamed else max(lengths, default=0))

    def _revise(self, item_no: ItemNo, change: Callable[[], None]) -> list[SittingId]:
        item = self._items[item_no]
        befores = [line.key() for line in self._lines.values()]
        for line in self._lines.values():
            self._post(line, item, -1)
        change()
        item = self._items[item_no]
        changed: list[SittingId] = []
        for (sitting_id, line), before in zip(self._lines.items(), befores, strict=True):
            self._post(line, item, 1)
            if self._settle(line, before):
                changed.append(sitting_id)
        return changed

    def _replace(self, item: PaperItem) -> None:
        self._items[item.item_no] = item
        self._marks = {key: earned for key, earned in self._marks.items() if key[0] != item.item_no}

    def _post(self, line: "_Line", item: PaperItem, sign: int) -> None:
        """Adds what an item now gives a line, or with sign -1 takes it back."""
        item_no = item.item_no
        if item_no in self._withdrawn:
            return
        held = line.held.get(item_no)
        if held is None or not self._counts(held):
            if self._streamed:
                line.elapsed += sign * self._lengths.get(item_no, 0)
            return
        if not self._at_once and item_no not in self._lengths:
            return
        earned = sign * self._mark(item, held.response)
        line.points += earned
        if item.type in (QuestionType.MULTIPLE, QuestionType.INDETERMINATE):
            line.multiple += earned
        elif item.type is QuestionType.TRUE_FALSE:
            line.true_false += earned
        line.answered += sign
        if self._streamed:
            line.elapsed += sign * held.elapsed_us
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
                (answer.elapsed_us for item_no, answer in line.held.items() if self._is_scored(item_no, answer)),
                default=0,
            )
            line.greatest_known = True
        if line.answered:
            return line.greatest
        return self.full_elapsed_us()

    def _is_scored(self, item_no: ItemNo, held: Answer) -> bool:
        return self._counts(held) and item_no not in self._withdrawn and (self._at_once or item_no in self._lengths)

    def _counts(self, held: Answer) -> bool:
        return self._first or bool(held.response)

    def _mark(self, item: PaperItem, response: Response) -> int:
        key = (item.item_no, response)
        earned = self._marks.get(key)
        if earned is None:
            earned = self._marks[key] = mark(item, response)
        return earned


class _Line:
    """One sitting's account. `held` are the answers that count by their offsets, cleared ones included."""

    __slots__ = (
        "answered",
        "cached",
        "elapsed",
        "greatest",
        "greatest_known",
        "held",
        "multiple",
        "points",
        "true_false",
    )

    def __init__(self) -> None:
        self.held: dict[ItemNo, Answer] = {}
        self.points = self.elapsed = self.multiple = self.true_false = self.answered = self.greatest = 0
        self.greatest_known = True
        self.cached: Score | None = None

    def key(self) -> tuple[int, ...]:
        return (self.points, self.elapsed, self.multiple, self.true_false, self.answered)

    def score(self, sitting_id: SittingId) -> Score:
        if self.cached is None:
            self.cached = Score(
                sitting_id, self.points, Micros(self.elapsed), self.multiple, self.true_false, self.answered
            )
        return self.cached

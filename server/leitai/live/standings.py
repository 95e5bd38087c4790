"""The live standings: answers and closings in, board updates and canonical standings out.

Two projections of one record: what is true, and, while the board is frozen, what the public may know, which is the
record as it was at the freeze instant (`rules.freezing`). The frozen one is put together once, in slices, and moves
afterwards only when something of before the freeze comes to be known late.
"""

from collections.abc import Mapping, Sequence

from leitai.live.ports import BoardFollows, BoardUpdate, SessionFile
from leitai.rules.adjustments import Adjustments, adjust
from leitai.rules.freezing import Record, as_frozen, shows_answer, shows_window
from leitai.rules.ledger import Ledger
from leitai.rules.markings import Mark, MarkedAnswer, settled
from leitai.rules.outcomes import outcome
from leitai.rules.ranking import canonical_standings
from leitai.rules.rulings import Ruling
from leitai.rules.running_order import RunningOrder
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    DelegationStanding,
    ItemNo,
    Micros,
    Pacing,
    SittingId,
    Standing,
    Window,
)

FULL_EVERY = 60
"""A full board is published this often, so that a gateway that starts has little to read; half as often at least."""
FROZEN_SLICE = 2000
"""So many answers are taken into the frozen projection at once: a few milliseconds."""

_Row = tuple[int, int, int, int, int]


class Standings:
    """Scores and order of everyone who is not struck off, kept up to date."""

    def __init__(self, file: SessionFile) -> None:
        self._file = file
        self._known = {member.sitting_id for member in file.members if not member.struck}
        self._true = _Projection(file)
        self._public: _Projection | None = None
        """None while the board is not frozen: the public may know all."""
        self._answers: list[Answer] = []
        """All that was recorded, so that a freeze at any moment finds it; the ledger holds most of them anyway."""
        self._windows: list[Window] = []
        self._judged: tuple[Sequence[Ruling], Mapping[MarkedAnswer, Sequence[Mark]]] = ([], {})
        self._taken = (0, 0)
        """How many answers and windows the frozen projection has seen."""
        self._kept: BoardUpdate | None = None
        """The frozen board as it was told last."""
        self.frozen_us: Micros | None = None
        """Since when the board is frozen; None while it is not."""
        self._answered: dict[ItemNo, set[SittingId]] = {}
        self._progress = (0, 0, 0)
        self.whole = False
        """The next update must be a full one."""
        self._full_version = 0
        self.connected = 0
        self.version = 0
        """Of the true board."""

    def record(self, answer: Answer) -> None:
        """Take a recorded answer in; order does not matter, nor does a repetition."""
        if answer.sitting_id not in self._known:
            return
        self._answers.append(answer)
        if answer.status is AnswerStatus.ACCEPTED:
            self._answered.setdefault(answer.item_no, set()).add(answer.sitting_id)
        self._true.record(answer)

    def close(self, window: Window) -> None:
        """Score an item that closed for good."""
        self._windows.append(window)
        self._true.close(window)

    def rule(self, rulings: Sequence[Ruling], marks: Mapping[MarkedAnswer, Sequence[Mark]]) -> None:
        """Put in force what judges ruled and marked so far, in place of what was in force before.

        Who is struck off, or no longer, is told by a full update: a board's changes take nobody away.
        """
        self._judged = (rulings, marks)
        self.whole = self._true.rule(rulings, marks) or self.whole
        self._rule_frozen()

    def unmarked(self) -> list[Answer]:
        """Return the counted answers that wait for judges' marks."""
        return self._true.ledger.unmarked()

    def ranked(self) -> tuple[list[Standing], list[DelegationStanding]]:
        """Return the true standings of people and of delegations."""
        now = outcome(self._true.ledger, self._file.members)
        return list(now.individuals), list(now.delegations)

    def canonical(self) -> bytes:
        """Return the bytes that a recomputation must equal."""
        return canonical_standings(*self.ranked())

    def update(self, item: ItemNo, *, full: bool = False) -> BoardUpdate | None:
        """Return what the true board must be told since the last call; None when nothing moved.

        A full one is told when asked for, and now and then by itself: if possible when nothing moved, so that whoever
        follows need not take it.
        """
        progress = (item, self._count(item), self.connected)
        since_full = self.version + 1 - self._full_version
        full, self.whole = full or self.whole, False
        repeats = not self._true.dirty and not full and since_full >= FULL_EVERY
        full = full or repeats or since_full >= 2 * FULL_EVERY
        if not self._true.dirty and not full:
            if progress == self._progress:
                return None
            self._progress = progress
            return self._next([], [])
        self._progress = progress
        return self._next(*self._true.tell(full=full), full=full, repeats=repeats)

    # --- frozen -------------------------------------------------------------------------------------------------------

    def freeze(self, at_us: Micros, kept: BoardUpdate | None = None) -> None:
        """Begin to put the frozen projection together; `kept` is the frozen board as it was told before, if it was."""
        self.frozen_us = at_us
        self._public, self._taken, self._kept = _Projection(self._file), (0, 0), kept
        # Versions are those of the instant, whatever was told before: the public's bytes follow from the record alone.
        self.version = max(self.version, at_us, kept.version if kept is not None else 0)
        self.whole = True
        self._rule_frozen()

    def thaw(self) -> None:
        """Let the public know all again: by the next update, which is a full one."""
        self.frozen_us = self._public = self._kept = None
        self.whole = True

    def catch_up(self) -> bool:
        """Take a slice of what was recorded into the frozen projection; True once it has everything."""
        public, frozen_us = self._public, self.frozen_us
        if public is None or frozen_us is None:
            return True
        answers, windows = self._taken
        part = self._answers[answers : answers + FROZEN_SLICE]
        for answer in part:
            if shows_answer(answer, frozen_us):
                public.record(answer)
        closed = self._windows[windows : windows + 1]
        for window in closed:
            if shows_window(window, frozen_us):
                public.close(window)
        self._taken = answers, windows = answers + len(part), windows + len(closed)
        return answers == len(self._answers) and windows == len(self._windows)

    def frozen_update(self) -> BoardUpdate | None:
        """Return the frozen board whole, if it is not as it was told last. To be asked once `catch_up` is done."""
        public, frozen_us, kept = self._public, self.frozen_us, self._kept
        if public is None or frozen_us is None or not public.dirty:
            return None
        people, delegations = public.tell(full=True)
        if kept is not None and (kept.people, kept.delegations) == (people, delegations):
            return None
        version = frozen_us if kept is None else kept.version + 1
        self.version = max(self.version, version)
        # No progress: who answers or is connected after the freeze is not for the public either.
        self._kept = BoardUpdate(version, 0, True, people, delegations, frozen=True)
        return self._kept

    def _rule_frozen(self) -> None:
        if self._public is not None and self.frozen_us is not None:
            record = as_frozen(Record((), (), *self._judged), self.frozen_us)
            self._public.rule(record.rulings, record.marks)

    def _next(
        self, people: list[_Row], delegations: list[_Row], *, full: bool = False, repeats: bool = False
    ) -> BoardUpdate:
        base, self.version = self.version, self.version + 1
        if full:
            self._full_version = self.version
        return BoardUpdate(self.version, base, full, people, delegations, *self._progress, repeats=repeats)

    def _count(self, item: ItemNo) -> int:
        if item:
            return len(self._answered.get(item, ()))
        if self._file.plan.pacing is Pacing.PAPER:
            return len(set[SittingId]().union(*self._answered.values()))
        return 0


class _Projection:
    """A ledger with its order, and what was told of it."""

    def __init__(self, file: SessionFile) -> None:
        self._file = file
        ids = [member.sitting_id for member in file.members if not member.struck]
        follows = "answer" if file.board_follows is BoardFollows.ANSWER else "close"
        self.ledger = Ledger(file.plan, ids, follows=follows)
        self._known = set(ids)
        self._order = RunningOrder(file.members)
        self._changed = set(ids)
        """Whose results changed since it was told last."""
        self._delegations: dict[int, _Row] = {}
        self.dirty = True

    def record(self, answer: Answer) -> None:
        if self.ledger.record(answer):
            self._changed.add(answer.sitting_id)
            self.dirty = True

    def close(self, window: Window) -> None:
        if changed := self.ledger.close_item(window.item_no, window):
            self._changed.update(changed)
            self.dirty = True

    def rule(self, rulings: Sequence[Ruling], marks: Mapping[MarkedAnswer, Sequence[Mark]]) -> bool:
        """Put rulings and marks in force; True when they strike somebody off, or no longer do."""
        before: Adjustments = self.ledger.adjustments
        adjustments = adjust(self._file.plan, self._file.members, rulings)
        changed = set(self.ledger.apply(adjustments))
        items = {item.item_no: item for item in self._file.plan.items}
        for (sitting_id, item_no, offset), centipoints in settled(items, marks).items():
            if sitting_id in self._known and self.ledger.award(sitting_id, item_no, offset, centipoints):
                changed.add(sitting_id)
        # What a void item cost those who did not answer it may have changed for delegations alone.
        self.dirty = self.dirty or bool(changed) or before != adjustments
        self._changed.update(changed)
        return before.struck != adjustments.struck

    def tell(self, *, full: bool) -> tuple[list[_Row], list[_Row]]:
        """Return the rows of people and of delegations that are not as told last; all of them if `full`."""
        self.dirty = False
        changed, self._changed = self._changed, set()
        moved = self._order.move(changed, self.ledger.results(changed))
        people: list[_Row] = [
            (sitting_id, order, rank, centipoints, elapsed_us // 1000)
            for sitting_id, order, rank, centipoints, elapsed_us in (self._order.everyone() if full else moved)
        ]
        delegations: dict[int, _Row] = {}
        for team in self._order.delegations(self.ledger.full_elapsed_us()):
            key = int(team.delegation)
            delegations[key] = (key, team.order, team.rank, team.centipoints, team.elapsed_us // 1000)
        changed_delegations = [row for key, row in delegations.items() if full or self._delegations.get(key) != row]
        self._delegations = delegations
        return people, changed_delegations

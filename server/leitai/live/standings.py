"""The live standings: answers and closings in, board updates and canonical standings out."""

from collections.abc import Mapping, Sequence

from leitai.live.ports import BoardFollows, BoardUpdate, SessionFile
from leitai.rules.adjustments import adjust
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
    Pacing,
    SittingId,
    Standing,
    Window,
)

FULL_EVERY = 60
"""A full board is published this often, so that a gateway that starts has little to read; half as often at least."""

_Row = tuple[int, int, int, int, int]


class Standings:
    """Scores and order of everyone who is not struck off, kept up to date.

    Holds the public projection only; there is no other before judges' boards exist.
    """

    def __init__(self, file: SessionFile) -> None:
        self._file = file
        ids = [member.sitting_id for member in file.members if not member.struck]
        self._known = set(ids)
        follows = "answer" if file.board_follows is BoardFollows.ANSWER else "close"
        self._ledger = Ledger(file.plan, ids, follows=follows)
        self._answered: dict[ItemNo, set[SittingId]] = {}
        self._order = RunningOrder(file.members)
        self._changed = set(ids)
        """Whose results changed since the last update."""
        self._delegations: dict[int, _Row] = {}
        self._progress = (0, 0, 0)
        self._dirty = True
        self._whole = False
        """The next update must be a full one."""
        self._full_version = 0
        self.connected = 0
        self.version = 0

    def record(self, answer: Answer) -> None:
        """Take a recorded answer in; order does not matter, nor does a repetition."""
        if answer.sitting_id not in self._known:
            return
        if answer.status is AnswerStatus.ACCEPTED:
            self._answered.setdefault(answer.item_no, set()).add(answer.sitting_id)
        if self._ledger.record(answer):
            self._changed.add(answer.sitting_id)
            self._dirty = True

    def close(self, window: Window) -> None:
        """Score an item that closed for good."""
        if changed := self._ledger.close_item(window.item_no, window):
            self._changed.update(changed)
            self._dirty = True

    def rule(self, rulings: Sequence[Ruling], marks: Mapping[MarkedAnswer, Sequence[Mark]]) -> None:
        """Put in force what judges ruled and marked so far, in place of what was in force before.

        Who is struck off, or no longer, is told by a full update: a board's changes take nobody away.
        """
        before = self._ledger.adjustments
        adjustments = adjust(self._file.plan, self._file.members, rulings)
        changed = set(self._ledger.apply(adjustments))
        items = {item.item_no: item for item in self._file.plan.items}
        for (sitting_id, item_no, offset), centipoints in settled(items, marks).items():
            if sitting_id in self._known and self._ledger.award(sitting_id, item_no, offset, centipoints):
                changed.add(sitting_id)
        self._whole = self._whole or before.struck != adjustments.struck
        # What a void item cost those who did not answer it may have changed for delegations alone.
        self._dirty = self._dirty or bool(changed) or before != adjustments
        self._changed.update(changed)

    def unmarked(self) -> list[Answer]:
        """Return the counted answers that wait for judges' marks."""
        return self._ledger.unmarked()

    def ranked(self) -> tuple[list[Standing], list[DelegationStanding]]:
        """Return the standings of people and of delegations."""
        now = outcome(self._ledger, self._file.members)
        return list(now.individuals), list(now.delegations)

    def canonical(self) -> bytes:
        """Return the bytes that a recomputation must equal."""
        return canonical_standings(*self.ranked())

    def update(self, item: ItemNo, *, full: bool = False) -> BoardUpdate | None:
        """Return what the board must be told since the last call; None when nothing moved.

        A full one is told when asked for, and now and then by itself: if possible when nothing moved, so that whoever
        follows need not take it.
        """
        progress = (item, self._count(item), self.connected)
        since_full = self.version + 1 - self._full_version
        full, self._whole = full or self._whole, False
        repeats = not self._dirty and not full and since_full >= FULL_EVERY
        full = full or repeats or since_full >= 2 * FULL_EVERY
        if not self._dirty and not full:
            if progress == self._progress:
                return None
            self._progress = progress
            return self._next([], [])
        self._progress = progress
        self._dirty = False
        changed, self._changed = self._changed, set()
        moved = self._order.move(changed, self._ledger.results(changed))
        people: list[_Row] = [
            (sitting_id, order, rank, centipoints, elapsed_us // 1000)
            for sitting_id, order, rank, centipoints, elapsed_us in (self._order.everyone() if full else moved)
        ]
        delegations: dict[int, _Row] = {}
        for team in self._order.delegations(self._ledger.full_elapsed_us()):
            key = int(team.delegation)
            delegations[key] = (key, team.order, team.rank, team.centipoints, team.elapsed_us // 1000)
        changed_delegations = [row for key, row in delegations.items() if full or self._delegations.get(key) != row]
        self._delegations = delegations
        return self._next(people, changed_delegations, full=full, repeats=repeats)

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

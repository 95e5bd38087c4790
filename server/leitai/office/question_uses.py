"""How questions fared in contests: counted once from the record of every session that became final.

The groups are those of `rules.item_analysis`. Counted are the sittings that gave an answer and were not struck off;
contestants made up for a rehearsal are left out. So are items that a ruling made void or credited to all, and those
that never closed: they say nothing of their question.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from leitai.office.bank_files_ports import Occasion, UseStore
from leitai.office.ports import OfficeStore
from leitai.office.results import settled_marks
from leitai.office.session_ports import LoggedEvent, SessionRecord
from leitai.office.standings import ITEM_CLOSED, closed_windows, compute, counted_answers
from leitai.rules.item_analysis import Use, analyse
from leitai.rules.markings import MarkedAnswer
from leitai.rules.rulings import Ruling
from leitai.rules.scoring import earned
from leitai.rules.values import Answer, ItemNo, SessionId, SittingId


class QuestionUses:
    """Counts what is not counted yet, one session at a time."""

    def __init__(self, records: OfficeStore, store: UseStore) -> None:
        self._records = records
        self.store = store
        self._counting = asyncio.Lock()

    async def count(self) -> int:
        """Count the sessions that became final since, and return how many; another caller waits.

        Some seconds of work for a national session, in a thread. Raises `StoreUnavailable`.
        """
        async with self._counting:
            waiting = await self.store.uncounted()
            for session_id in waiting:
                await self.store.keep_uses(Occasion("contest", str(session_id)), await self._uses(session_id))
        return len(waiting)

    async def _uses(self, session_id: SessionId) -> dict[int, Use]:
        record = await self._records.session(session_id)
        closings = await self._records.session_events(session_id, ITEM_CLOSED)
        answers = await self._records.answers(session_id)
        rulings = await self._records.rulings(session_id)
        marks = await settled_marks(self._records, record)
        made_up = await self.store.simulated(session_id)
        by_item = await asyncio.to_thread(uses_of, record, answers, closings, rulings, marks, made_up)
        versions = await self.store.versions_of(session_id)
        return {versions[item_no]: use for item_no, use in by_item.items()}


def uses_of(
    record: SessionRecord,
    answers: Sequence[Answer],
    closings: Sequence[LoggedEvent],
    rulings: Sequence[Ruling],
    marks: Mapping[MarkedAnswer, int],
    made_up: frozenset[int] = frozenset(),
) -> dict[ItemNo, Use]:
    """Return what a session says of its items.

    Args:
        closings: the logged events of the kind `ITEM_CLOSED`.
        marks: settled marks.
        made_up: sittings that are left out.
    """
    of_sitting: defaultdict[SittingId, list[Answer]] = defaultdict(list)
    for answer in answers:
        of_sitting[answer.sitting_id].append(answer)
    windows = closed_windows(record, closings)
    closed = {window.item_no for window in windows}
    outcome = compute(record, answers, closings, rulings, marks)
    in_force = outcome.adjustments
    takers = [one for one in outcome.by_sitting if one in of_sitting and one not in made_up]
    items = [
        in_force.items.get(printed.item_no, printed)
        for printed in record.plan.items
        if printed.item_no in closed and printed.item_no not in in_force.unranking
    ]
    marks_of: defaultdict[SittingId, dict[tuple[ItemNo, int], int]] = defaultdict(dict)
    for (sitting_id, item_no, offset), points in marks.items():
        marks_of[sitting_id][item_no, offset] = points
    gained: dict[ItemNo, dict[SittingId, int]] = {item.item_no: {} for item in items}
    for sitting_id in takers:
        given, counting = counted_answers(record, sitting_id, of_sitting[sitting_id], windows, in_force)
        for item in items:
            answer = given.get(item.item_no) if item.item_no in counting else None
            if points := earned(item, sitting_id, answer, in_force, marks_of[sitting_id]):
                gained[item.item_no][sitting_id] = points
    totals = {one: outcome.by_sitting[one].score.centipoints for one in takers}
    return analyse(totals, gained, {item.item_no: item.centipoints for item in items})

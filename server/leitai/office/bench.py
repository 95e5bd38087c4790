"""The ledger that judges look at: kept between looks, and brought up to the record by what is new since.

To load a nation's answers takes a second; to look at what came since, milliseconds.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from leitai.office.judging_ports import JudgingStore
from leitai.office.session_ports import SessionRecord
from leitai.office.standings import ITEM_CLOSED, closed_windows
from leitai.rules.adjustments import adjust
from leitai.rules.ledger import Ledger
from leitai.rules.markings import MarkedAnswer, settled
from leitai.rules.rulings import Ruling
from leitai.rules.values import Answer, Member, Plan, SessionId, Window

SESSIONS = 2


class _Kept:
    """One session's ledger, and how far the record is in it."""

    def __init__(self, record: SessionRecord) -> None:
        self.session_id = record.session_id
        self.plan: Plan = record.plan
        self.members: tuple[Member, ...] = record.members
        self.known = {member.sitting_id for member in record.members if not member.struck}
        self.ledger = Ledger(record.plan, [one.sitting_id for one in record.members if not one.struck])
        self.places: dict[int, int] = {}
        """The greatest offset taken of each shard."""
        self.count = 0
        """How many answers were taken."""
        self.marks: dict[MarkedAnswer, int] = {}

    def fits(self, record: SessionRecord, windows: Sequence[Window]) -> bool:
        """Whether the record has only grown since."""
        same = (self.session_id, self.plan, self.members) == (record.session_id, record.plan, record.members)
        return same and self.ledger.windows.keys() <= {window.item_no for window in windows}

    def take(self, answers: Sequence[tuple[int, Answer]]) -> None:
        """Take answers of shards in."""
        for shard, answer in answers:
            self.places[shard] = max(self.places.get(shard, 0), answer.offset)
            if answer.sitting_id in self.known:
                self.ledger.record(answer)
        self.count += len(answers)

    def judge(self, windows: Sequence[Window], marks: dict[MarkedAnswer, int], rulings: Sequence[Ruling]) -> None:
        """Put in force what was closed, marked and ruled."""
        for window in windows:
            if self.ledger.windows.get(window.item_no) != window:
                self.ledger.close_item(window.item_no, window)
        for place, centipoints in marks.items():
            if self.marks.get(place) != centipoints and place[0] in self.known:
                self.ledger.award(*place, centipoints)
        self.marks = marks
        self.ledger.apply(adjust(self.plan, self.members, rulings))


class Bench:
    """The ledgers of the sessions that were looked at last: one in force, and one that judges look back at."""

    def __init__(self, store: JudgingStore, difference_percent: int) -> None:
        self._store = store
        self._difference = difference_percent
        self._kept: OrderedDict[SessionId, _Kept] = OrderedDict()
        self._alone = asyncio.Lock()

    @asynccontextmanager
    async def ledger(self, record: SessionRecord, ruled: Sequence[Ruling]) -> AsyncGenerator[tuple[Ledger, int]]:
        """Lend a session's ledger with `ruled` in force, and how many answers the record holds, to one at a time; it is
        given back as it was. Raises `StoreUnavailable`.
        """
        session_id, store = record.session_id, self._store
        async with self._alone:
            windows = closed_windows(record, await store.session_events(session_id, ITEM_CLOSED))
            papers = {item.item_no: item for item in record.plan.items}
            marks = settled(papers, await store.marks(session_id), self._difference)
            kept = self._kept.pop(session_id, None)  # whatever fails in the middle leaves nothing half done
            if kept is None or not kept.fits(record, windows):
                kept = _Kept(record)
            total, new = await store.answers_after(session_id, kept.places)
            if total != kept.count + len(new):
                # After a loss, answers are put back in places that were passed by.
                kept = _Kept(record)
                total, new = await store.answers_after(session_id, kept.places)
            await asyncio.to_thread(kept.take, new)
            await asyncio.to_thread(kept.judge, windows, marks, ruled)
            yield kept.ledger, total
            self._kept[session_id] = kept
            if len(self._kept) > SESSIONS:
                self._kept.popitem(last=False)

"""What is ruled, appealed and astray in sessions, as bodies: read again when the record says that it moved."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from leitai.live.sight import Sight
from leitai.office.judging_ports import JudgingStore
from leitai.office.staff_ports import StaffRecord
from leitai.rules.values import Phase, SessionId
from leitai.web.judging_bodies import appeal_body, receipt_body, ruling_body
from leitai.web.streams import EVERY_S
from leitai.wire.ruling_bodies import AppealBody, ReceiptBody, RulingBody

Staff = Callable[[], Awaitable[Sequence[StaffRecord]]]
SESSIONS = 4
"""Of so many sessions it is kept."""


class JudgingRecord:
    """One session's. `edition` counts what moved."""

    def __init__(self, store: JudgingStore, staff: Staff, session_id: SessionId) -> None:
        self._store = store
        self._staff = staff
        self._session_id = session_id
        self._revision: str | None = None
        self._final = False
        self._looked_s = 0.0
        self._looking = asyncio.Lock()
        self.edition = 0
        self.rulings: dict[int, RulingBody] = {}
        self.appeals: dict[int, AppealBody] = {}
        self.receipts: dict[int, ReceiptBody] = {}

    async def look(self, sight: Sight, *, at_once: bool) -> None:
        """Read again what moved; asked by many, it asks the store four times a second at most."""
        async with self._looking:
            loop = asyncio.get_running_loop()
            known = self._revision is not None
            # Nothing is added to a session that the record has as final.
            if self._final or (known and not at_once and loop.time() - self._looked_s < EVERY_S):
                return
            final = sight.file.phase is Phase.FINALIZED
            revision = await self._store.judging_revision(self._session_id)
            if self._revision != revision:
                await self._read(sight)
                self._revision = revision
                self.edition += 1
            self._looked_s, self._final = loop.time(), final

    async def _read(self, sight: Sight) -> None:
        store, session_id = self._store, self._session_id
        names = {one.login: one.name for one in await self._staff()}
        rulings, appeals = await store.rulings(session_id), await store.appeals(session_id)
        strays = await store.stray_receipts(session_id)
        answers = {
            sitting_id: await store.answers(session_id, sitting_id) for sitting_id in {one.sitting_id for one in strays}
        }
        members = {one.sitting_id: one for one in sight.file.members}
        self.rulings = {one.ruling_id: ruling_body(one, sight.file.members, names) for one in rulings}
        self.appeals = {one.appeal_id: appeal_body(one, members[one.sitting_id], names) for one in appeals}
        self.receipts = {
            one.receipt_id: receipt_body(one, members[one.sitting_id], answers[one.sitting_id], names) for one in strays
        }


class JudgingRecords:
    """Those of the sessions that were asked about last."""

    def __init__(self, store: JudgingStore, staff: Staff) -> None:
        """`staff` gives every account: whose name a login is."""
        self._store = store
        self._staff = staff
        self._kept: OrderedDict[SessionId, JudgingRecord] = OrderedDict()

    async def of(self, sight: Sight, *, at_once: bool = False) -> JudgingRecord:
        """Return a session's, as it is now or was a moment ago; `at_once`: as it is now."""
        session_id = sight.file.session_id
        record = self._kept.setdefault(session_id, JudgingRecord(self._store, self._staff, session_id))
        self._kept.move_to_end(session_id)
        if len(self._kept) > SESSIONS:
            self._kept.popitem(last=False)
        await record.look(sight, at_once=at_once)
        return record

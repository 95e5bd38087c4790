"""The judges' desk: rulings, marks, appeals and stray receipts from the law to the store.

What is refused is in the audit. Every call loads the session as recorded, asks `rules`, and adds one row. Refusals are
those of the rules (`RulingRefused`, `MarkRefused`, `AppealRefused`, `ReceiptRefused`); the store refuses those who come
second in the same words.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from leitai.office.bench import Bench
from leitai.office.judging_ports import AppealStore, JudgingStore
from leitai.office.session_ports import SessionRecord
from leitai.office.staff_ports import StaffRecord
from leitai.office.standings import ITEM_CLOSED, closed_windows
from leitai.rules import appeals, markings, receipts, rulings
from leitai.rules.adjustments import adjust
from leitai.rules.appeals import Appeal, AppealRefused, AppealWindow
from leitai.rules.effects import Effect
from leitai.rules.finalizing import Blocker, blockers
from leitai.rules.markings import Mark, MarkedAnswer, MarkRefused
from leitai.rules.previews import Preview, preview
from leitai.rules.receipts import ReceiptRefused, ReceiptState, StrayReceipt
from leitai.rules.rulings import ActKind, Court, Judge, Ruling, RulingRefused
from leitai.rules.timeline import ends_at
from leitai.rules.values import ActorId, Answer, DelegationCode, ItemNo, Micros, Phase, Plan, SessionId, SittingId
from leitai.wire.effects import effect_to_builtins


@dataclass(frozen=True, slots=True)
class Hearing:
    """What an appeal is judged by: the session as it stands."""

    session_id: SessionId
    plan: Plan
    phase: Phase
    window: AppealWindow

    def open_at(self, at_us: Micros) -> bool:
        """Whether an appeal may be filed at an instant."""
        return self.phase in appeals.APPEAL_PHASES and self.window.open_at(at_us)


async def file_appeal(
    store: AppealStore, hearing: Hearing, sitting_id: SittingId, item_no: ItemNo | None, text: str, at_us: Micros
) -> Appeal:
    """Add a contestant's appeal and return it; raises `AppealRefused`. The sitting must be one of the session's."""
    own = await store.appeals(hearing.session_id, sitting_id)
    made = appeals.file(
        0, sitting_id, item_no, text, at_us, window=hearing.window, plan=hearing.plan, phase=hearing.phase, own=own
    )
    return await store.add_appeal(hearing.session_id, made)


@dataclass(frozen=True, slots=True)
class Queue:
    """What a judge may mark, in the order to take it, and how far all of it is."""

    answers: tuple[Answer, ...]
    progress: dict[ItemNo, markings.Progress]


class Desk:
    """The judges' desk over the record.

    Every call may raise `StoreUnavailable`, and KeyError when there is no such session, ruling, appeal or sitting.

    Args:
        store: the office's store.
        difference_percent: how far two marks may be apart.
    """

    def __init__(self, store: JudgingStore, *, difference_percent: int = markings.DIFFERENCE_PERCENT) -> None:
        self._store = store
        self._difference = difference_percent
        self._bench = Bench(store, difference_percent)

    @property
    def difference_percent(self) -> int:
        """How far two marks may be apart, in percent of an item's points."""
        return self._difference

    async def propose(
        self, session_id: SessionId, judge: Judge, effect: Effect, reason: str, evidence: str, at_us: Micros
    ) -> Ruling:
        """Add a proposed ruling and return it; raises `RulingRefused`."""
        record = await self._store.session(session_id)
        detail = {"effect": effect_to_builtins(effect), "reason": reason}
        async with self._refusals(judge, "propose", f"session {session_id}", detail):
            return await self._store.add_ruling(
                session_id, rulings.propose(0, effect, reason, evidence, judge, at_us, _court(record))
            )

    async def act(
        self, ruling_id: int, judge: Judge, kind: ActKind, at_us: Micros, *, version: int, reason: str = ""
    ) -> Ruling:
        """Add an act to a ruling and return it; raises `RulingRefused`. See `rules.rulings.act`."""
        session_id, ruling = await self._store.ruling(ruling_id)
        record = await self._store.session(session_id)
        async with self._refusals(judge, kind.value, f"ruling {ruling_id}", {"version": version, "reason": reason}):
            moved = rulings.act(ruling, kind, judge, at_us, _court(record), version=version, reason=reason)
            await self._store.add_act(moved)
            return moved

    async def preview_effect(self, session_id: SessionId, judge: Judge, effect: Effect, at_us: Micros) -> Preview:
        """Return what an effect would change if it were ruled now; raises `RulingRefused` when it makes no sense.

        Whoever may not rule on it may look: a conflict of interest counts where somebody acts.
        """
        record = await self._store.session(session_id)
        proposed = rulings.propose(0, effect, "-", "-", replace(judge, delegation=None), at_us, _court(record))
        return await self._preview(record, [*await self._store.rulings(session_id)], proposed, at_us)

    async def preview(self, ruling_id: int, at_us: Micros) -> Preview:
        """Return what the approval that a ruling waits for would change; nothing when it waits for none."""
        session_id, ruling = await self._store.ruling(ruling_id)
        others = [one for one in await self._store.rulings(session_id) if one.ruling_id != ruling_id]
        return await self._preview(await self._store.session(session_id), others, ruling, at_us)

    async def queue(self, session_id: SessionId, judge: Judge) -> Queue:
        """Return what a judge may mark. Responses are handed on without names; whose they are is not theirs to see."""
        record = await self._store.session(session_id)
        given = await self._store.marks(session_id)
        items = {item.item_no: item for item in record.plan.items}
        homes = {member.sitting_id: member.delegation for member in record.members}
        waiting = await self._unmarked(record)
        places = {markings.place_of(answer) for answer in waiting} | given.keys()
        return Queue(
            tuple(markings.queue(items, waiting, given, judge, homes, self._difference)),
            markings.progress(items, places, given, self._difference),
        )

    async def progress(self, session_id: SessionId) -> dict[ItemNo, markings.Progress]:
        """Return how far the marking of each item is that judges mark."""
        record = await self._store.session(session_id)
        given = await self._store.marks(session_id)
        places = {markings.place_of(answer) for answer in await self._unmarked(record)} | given.keys()
        return markings.progress({item.item_no: item for item in record.plan.items}, places, given, self._difference)

    async def _unmarked(self, record: SessionRecord) -> list[Answer]:
        """What waits for marks and stays: until an item closes another answer may take this one's place."""
        async with self._bench.ledger(record, await self._store.rulings(record.session_id)) as (ledger, _):
            return [answer for answer in ledger.unmarked() if answer.item_no in ledger.windows]

    async def mark(
        self, session_id: SessionId, answer: MarkedAnswer, judge: Judge, centipoints: tuple[int, ...], at_us: Micros
    ) -> markings.MarkingState:
        """Add a judge's mark and return how far the answer's marking is then; raises `MarkRefused`."""
        record = await self._store.session(session_id)
        sitting_id, item_no, offset = answer
        item = next((one for one in record.plan.items if one.item_no == item_no), None)
        given = (await self._store.marks(session_id)).get(answer, [])
        own = await self._store.answers(session_id, sitting_id)
        if item is None or answer not in map(markings.place_of, own):
            raise KeyError(answer)
        detail = {"session": session_id, "item": item_no, "offset": offset, "given": centipoints}
        async with self._refusals(judge, "mark", f"sitting {sitting_id}", detail):
            home = _home(record, sitting_id)
            markings.check(item, given, judge, centipoints, home, self._difference)
            made = Mark(judge.actor, centipoints, at_us)
            await self._store.add_mark(session_id, answer, len(given) + 1, made)
        return markings.state(item, [*given, made], self._difference)

    async def file_appeal(
        self, session_id: SessionId, sitting_id: SittingId, item_no: ItemNo | None, text: str, at_us: Micros
    ) -> Appeal:
        """Add a contestant's appeal, judged by the record alone, and return it; raises `AppealRefused`."""
        hearing = await self.hearing(session_id)
        _home(await self._store.session(session_id), sitting_id)
        return await file_appeal(self._store, hearing, sitting_id, item_no, text, at_us)

    async def decide_appeal(
        self, appeal_id: int, judge: Judge, at_us: Micros, reason: str, ruling_id: int | None = None
    ) -> Appeal:
        """Decide an appeal by a ruling in force, or refuse it; raises `AppealRefused`."""
        session_id, appeal = await self._store.appeal(appeal_id)
        record = await self._store.session(session_id)
        detail = {"ruling": ruling_id, "reason": reason}
        async with self._refusals(judge, "decide-appeal", f"appeal {appeal_id}", detail):
            ruling = await self._ground(session_id, ruling_id)
            decided = appeals.decide(appeal, judge, at_us, reason, _home(record, appeal.sitting_id), ruling)
            await self._store.add_decision(decided)
        return decided

    async def decide_receipt(
        self, receipt_id: int, judge: Judge, at_us: Micros, reason: str, ruling_id: int | None = None
    ) -> StrayReceipt:
        """Decide a stray receipt by a ruling in force, or lay it aside; raises `ReceiptRefused`."""
        session_id, stray = await self._store.stray_receipt(receipt_id)
        record = await self._store.session(session_id)
        detail = {"ruling": ruling_id, "reason": reason}
        async with self._refusals(judge, "decide-receipt", f"receipt {receipt_id}", detail):
            ruling = await self._ground(session_id, ruling_id)
            decided = receipts.decide(stray, judge, at_us, reason, _home(record, stray.sitting_id), ruling)
            await self._store.add_receipt_decision(decided)
        return decided

    async def _ground(self, session_id: SessionId, ruling_id: int | None) -> Ruling | None:
        """Return the ruling that a decision rests on; one of another session is none: raises KeyError."""
        if ruling_id is None:
            return None
        ruled_session, ruling = await self._store.ruling(ruling_id)
        if ruled_session != session_id:
            raise KeyError(ruling_id)
        return ruling

    async def blockers(self, session_id: SessionId, now_us: Micros, *, accepted: int = 0) -> tuple[Blocker, ...]:
        """Return what keeps a session from being final (see `finalizing`).

        Args:
            session_id: the session.
            now_us: the contest's clock.
            accepted: how many answers the live ledger is known to have taken.
        """
        record = await self._store.session(session_id)
        ruled = await self._store.rulings(session_id)
        async with self._bench.ledger(record, ruled) as (ledger, recorded):
            unmarked = ledger.unmarked()
        return blockers(
            now_us,
            unmarked=unmarked,
            rulings=ruled,
            appeals=await self._store.appeals(session_id),
            window=await self._appeal_window(record),
            unreconciled=[
                one.sitting_id for one in await self._store.stray_receipts(session_id) if one.state is ReceiptState.OPEN
            ],
            unrecorded=max(0, accepted - recorded),
        )

    async def warm(self, session_id: SessionId) -> None:
        """Load what previews look at, so that the first of them need not wait for it."""
        record = await self._store.session(session_id)
        async with self._bench.ledger(record, await self._store.rulings(session_id)):
            pass

    async def hearing(self, session_id: SessionId) -> Hearing:
        """Return what an appeal is judged by, from the record alone."""
        record = await self._store.session(session_id)
        return Hearing(session_id, record.plan, record.phase, await self._appeal_window(record))

    async def _appeal_window(self, record: SessionRecord) -> AppealWindow:
        closings = await self._store.session_events(record.session_id, ITEM_CLOSED)
        windows = closed_windows(record, closings)
        return AppealWindow(ends_at(windows) if windows else record.start_us, record.appeal_us)

    async def _preview(self, record: SessionRecord, others: list[Ruling], ruling: Ruling, at_us: Micros) -> Preview:
        after = adjust(record.plan, record.members, [*others, rulings.supposed(ruling, at_us)])
        async with self._bench.ledger(record, [*others, ruling]) as (ledger, _):
            return await asyncio.to_thread(preview, ledger, record.members, after, record.contest.awarding)

    @asynccontextmanager
    async def _refusals(
        self, judge: Judge, action: str, subject: str, detail: Mapping[str, object]
    ) -> AsyncGenerator[None]:
        try:
            yield
        except (RulingRefused, MarkRefused, AppealRefused, ReceiptRefused) as refused:
            name = f"refused-{action.replace('_', '-')}"
            await self._store.audit(judge.actor, name, subject, {**detail, "code": refused.code})
            raise


def judge_of(account: StaffRecord) -> Judge:
    """Return somebody of the staff as the rules of ruling see them."""
    return Judge(ActorId(account.login), account.delegation or None)


def _court(record: SessionRecord) -> Court:
    return Court(record.plan, record.members, record.phase)


def _home(record: SessionRecord, sitting_id: SittingId) -> DelegationCode:
    for member in record.members:
        if member.sitting_id == sitting_id:
            return member.delegation
    raise KeyError(sitting_id)

"""A ledger in memory: the same decisions as the real one's, under a clock and outages that the test makes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from leitai.live.ports import (
    Accepted,
    Outcome,
    Restored,
    SessionEvent,
    SittingEvent,
    StoreUnavailable,
    Submission,
)
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Answer, AnswerStatus, Counted, ItemNo, Micros, Response, SittingId, Window
from tests.support.waiting import PATIENCE_S

LONGEST_AGE_US = 600_000_000
MOST_CHANGES = 64
_STATUS = {
    Outcome.ACCEPTED: AnswerStatus.ACCEPTED,
    Outcome.LATE: AnswerStatus.LATE,
    Outcome.EARLY: AnswerStatus.EARLY,
}


@dataclass
class _Acceptance:
    seq: int
    decision: Accepted
    response: Response


@dataclass
class _Shard:
    known: dict[tuple[SittingId, ItemNo], list[_Acceptance]] = field(
        default_factory=dict[tuple[SittingId, ItemNo], list[_Acceptance]]
    )
    stream: list[Answer] = field(default_factory=list[Answer])


def _sent(one: Submission) -> Submission:
    """What was handed over, as it was then."""
    return Submission(one.sitting_id, one.item_no, one.client_seq, one.response, one.age_us, one.elapsed_us)


class FakeLedger:
    """`live.ports.Ledger` in memory, for one session."""

    def __init__(self, shards: int = 1, now_us: Callable[[], int] = lambda: 0) -> None:
        self.now_us = now_us
        self.windows: dict[ItemNo, Window] = {}
        self.counted = Counted.FIRST
        self.own_us = 0
        self.calls: list[list[Submission]] = []
        """Every batch that came in, also those that failed."""
        self.noted: list[SittingEvent | SessionEvent] = []
        self.out = 0
        """So many of the next calls fail before anything happens."""
        self.replies_lost = 0
        """So many of the next calls fail after everything happened."""
        self.gate = asyncio.Event()
        self.gate.set()
        """Calls wait here in flight."""
        self.entered = asyncio.Condition()
        self._event_calls: dict[str, int] = {}
        self._shards = [_Shard() for _ in range(shards)]

    def set_windows(self, counted: Counted, windows: Sequence[Window], own_us: int = 0) -> None:
        """Put windows in force; with `own_us` each sitting has so long from its beginning."""
        self.counted = counted
        self.own_us = own_us
        self.windows = {window.item_no: window for window in windows}
        if own_us:
            opens, closes = (
                min(one.opens_at_us for one in windows),
                max(one.closes_at_us for one in windows),
            )
            self.windows[BEGINNING] = Window(BEGINNING, opens, closes)

    def stream(self, shard: int = 0) -> list[Answer]:
        """What was recorded, in order."""
        return self._shards[shard].stream

    async def calls_made(self, count: int) -> None:
        """Wait until so many batches have come in."""
        async with asyncio.timeout(PATIENCE_S), self.entered:
            await self.entered.wait_for(lambda: len(self.calls) >= count)

    async def events_noted(self, count: int) -> None:
        """Wait until so many events are noted."""
        async with asyncio.timeout(PATIENCE_S), self.entered:
            await self.entered.wait_for(lambda: len(self.noted) >= count)

    async def accept(self, shard: int, batch: Sequence[Submission]) -> list[Accepted]:
        async with self.entered:
            self.calls.append([_sent(one) for one in batch])
            self.entered.notify_all()
        await self.gate.wait()
        self._fail_before()
        now_us = self.now_us()
        decisions = [self._judge(self._shards[shard], one, now_us) for one in batch]
        self._fail_after()
        return decisions

    async def restore(self, shard: int, batch: Sequence[Restored]) -> list[Accepted]:
        self._fail_before()
        kept = self._shards[shard]
        decisions: list[Accepted] = []
        for one in batch:
            known = kept.known.setdefault((one.sitting_id, one.item_no), [])
            first = next((acceptance for acceptance in known if acceptance.seq == one.client_seq), None)
            if first is None:
                decision = Accepted(one.outcome, False, one.stamp_us, one.elapsed_us, one.offset, "", one.flagged)
                known.append(_Acceptance(one.client_seq, decision, one.response))
                kept.stream.append(_answer(one, decision))
                decisions.append(decision)
            else:
                decisions.append(_again(first.decision))
        return decisions

    async def own(self, sitting_id: SittingId, items: Sequence[ItemNo]) -> list[tuple[Submission, Accepted]]:
        found: list[tuple[Submission, Accepted]] = []
        kept = self._shards[sitting_id % len(self._shards)]
        for item_no in items:
            if known := kept.known.get((sitting_id, item_no)):
                in_time = [one for one in known if one.decision.outcome is Outcome.ACCEPTED]
                last = (in_time or known)[-1]
                elapsed_us = last.decision.elapsed_us
                submission = Submission(sitting_id, item_no, last.seq, last.response, 0, elapsed_us)
                found.append((submission, _again(last.decision)))
        return found

    async def events(self, events: Sequence[SittingEvent | SessionEvent], source: str = "", call: int = 0) -> None:
        self._fail_before()
        async with self.entered:
            if not source or call > self._event_calls.get(source, 0):
                self.noted += events
                self._event_calls[source] = call
            self.entered.notify_all()
        self._fail_after()

    async def time_us(self) -> Micros:
        self._fail_before()
        return Micros(self.now_us())

    def _fail_before(self) -> None:
        if self.out:
            self.out -= 1
            raise StoreUnavailable("out")

    def _fail_after(self) -> None:
        if self.replies_lost:
            self.replies_lost -= 1
            raise StoreUnavailable("reply lost")

    def _judge(self, kept: _Shard, one: Submission, now_us: int) -> Accepted:
        known = kept.known.setdefault((one.sitting_id, one.item_no), [])
        first = next((acceptance for acceptance in known if acceptance.seq == one.client_seq), None)
        stamp_us = now_us - min(max(one.age_us, 0), LONGEST_AGE_US)
        if first is not None:
            return _again(first.decision)
        window = self._window(kept, one)
        code = self._refusal(one, known, window, stamp_us)
        if code or window is None:
            return Accepted(Outcome.REFUSED, False, stamp_us, 0, 0, code)
        outcome = Outcome.ACCEPTED
        if stamp_us < window.opens_at_us:
            outcome = Outcome.EARLY
        elif stamp_us >= window.closes_at_us:
            outcome = Outcome.LATE
        flagged = one.elapsed_us < 0
        elapsed_us = max(stamp_us - window.opens_at_us, 0) if flagged else one.elapsed_us
        decision = Accepted(outcome, False, stamp_us, elapsed_us, len(kept.stream) + 1, "", flagged)
        known.append(_Acceptance(one.client_seq, decision, one.response))
        kept.stream.append(_answer(one, decision))
        return decision

    def _window(self, kept: _Shard, one: Submission) -> Window | None:
        window = self.windows.get(one.item_no)
        if window is None or not self.own_us or one.item_no == BEGINNING:
            return window
        begun = kept.known.get((one.sitting_id, BEGINNING))
        if not begun:
            return None
        begun_us = begun[0].decision.stamp_us
        return Window(one.item_no, Micros(begun_us), Micros(min(begun_us + self.own_us, window.closes_at_us)))

    def _refusal(self, one: Submission, known: list[_Acceptance], window: Window | None, stamp_us: int) -> str:
        accepted = [acceptance for acceptance in known if acceptance.decision.outcome is Outcome.ACCEPTED]
        if one.item_no not in self.windows:
            return "unknown-item"
        if window is None:
            return "not-begun"
        if one.item_no == BEGINNING and not window.opens_at_us <= stamp_us < window.closes_at_us:
            return "too-early" if stamp_us < window.opens_at_us else "too-late"
        if len(known) >= MOST_CHANGES:
            return "too-many-changes"
        if self.counted is Counted.FIRST and accepted:
            return "already-answered"
        if self.counted is Counted.LAST and any(acceptance.seq > one.client_seq for acceptance in accepted):
            return "newer-answer"
        return ""


def _again(decision: Accepted) -> Accepted:
    return msgspec.structs.replace(decision, duplicate=True)


def _answer(one: Submission | Restored, decision: Accepted) -> Answer:
    return Answer(
        one.sitting_id,
        one.item_no,
        one.client_seq,
        one.response,
        Micros(decision.stamp_us),
        Micros(decision.elapsed_us),
        decision.flagged,
        decision.offset,
        _STATUS[decision.outcome],
    )

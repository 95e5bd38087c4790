"""The way of answers into the ledger, over a ledger whose outages the test makes."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest

from leitai.live import intake as intake_module
from leitai.live.intake import BATCH, LONGEST_AGE_US, Full, Intake, Waiting
from leitai.live.ports import Accepted, Outcome, SessionEvent, SittingEvent, Submission
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Counted, ItemNo, Micros, SittingId
from tests.support.fake_ledger import FakeLedger
from tests.support.ledgers import HOUR, wide
from tests.support.waiting import PATIENCE_S

NOW_US = 1_664_000_000_000_000


class Clock:
    """The monotonic clock of the intake, moved by the test."""

    def __init__(self) -> None:
        self.us = HOUR

    def monotonic_ns(self) -> int:
        return self.us * 1000

    def monotonic(self) -> float:
        return self.us / 1e6


class Decided:
    """Collects decisions; one can wait for so many."""

    def __init__(self) -> None:
        self.found: list[tuple[Waiting, Accepted]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, answer: Waiting, decision: Accepted) -> None:
        self.found.append((answer, decision))
        task = asyncio.ensure_future(self._tell())
        self._tasks.add(task)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def of(self, count: int) -> list[tuple[Waiting, Accepted]]:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(self.found) >= count)
        return self.found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(intake_module, "time", moved)
    return moved


@pytest.fixture
def ledger() -> FakeLedger:
    made = FakeLedger(2, lambda: NOW_US)
    made.set_windows(Counted.FIRST, wide(NOW_US, range(1, 5)))
    return made


@asynccontextmanager
async def carrying(ledger: FakeLedger, lanes: int = 1) -> AsyncGenerator[tuple[Intake, Decided]]:
    intake = Intake(ledger, 2, lambda: NOW_US, lanes=lanes)
    intake.start()
    try:
        yield intake, Decided()
    finally:
        ledger.gate.set()
        await intake.drain(0)


def waiting(sitting: int, decided: Decided, clock: Clock, *, age_us: int = 0, seq: int = 1) -> Waiting:
    return Waiting(SittingId(sitting), ItemNo(1), seq, ("A",), 0, 77, clock.us - age_us, decided)


async def test_an_answer_is_decided_once_with_its_age(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, decided):
        intake.submit(1, waiting(3, decided, clock, age_us=1500))
        ((answer, decision),) = await decided.of(1)
        assert (answer.sitting_id, decision.outcome, decision.stamp_us) == (3, Outcome.ACCEPTED, NOW_US - 1500)
        assert ledger.calls == [[Submission(SittingId(3), ItemNo(1), 1, ("A",), 1500, 77)]]
        assert len(ledger.stream(1)) == 1
        assert intake.counts.outcomes[Outcome.ACCEPTED] == sum(intake.counts.batch_sizes.buckets) == 1
        assert intake.counts.ack_us.total == 1500


async def test_while_a_call_is_in_flight_the_next_batch_gathers(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, decided):
        ledger.gate.clear()
        intake.submit(0, waiting(1, decided, clock))
        await ledger.calls_made(1)
        for sitting in range(2, 2 + BATCH + 44):
            intake.submit(0, waiting(sitting, decided, clock))
        assert intake.waiting == BATCH + 44
        assert len(ledger.calls) == 1
        ledger.gate.set()
        found = await decided.of(1 + BATCH + 44)
        assert [len(call) for call in ledger.calls] == [1, BATCH, 44]
        assert [answer.sitting_id for answer, _ in found] == list(range(1, BATCH + 46))
        assert [decision.offset for _, decision in found] == list(range(1, BATCH + 46))


async def test_answers_of_one_turn_of_the_loop_go_together(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger, lanes=3) as (intake, decided):
        await asyncio.sleep(0)
        for sitting in range(1, 101):
            intake.submit(0, waiting(sitting, decided, clock))
        await decided.of(100)
        assert len(ledger.calls) <= 3
        assert max(len(call) for call in ledger.calls) == 100


async def test_answers_of_turns_that_follow_each_other_go_together(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger, lanes=3) as (intake, decided):
        await asyncio.sleep(0)
        for sitting in range(1, 6):
            intake.submit(0, waiting(sitting, decided, clock))
            await asyncio.sleep(0)
        await decided.of(5)
        assert [len(call) for call in ledger.calls] == [5]


async def test_nobody_waits_long_for_those_who_come_after(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger, lanes=3) as (intake, decided):
        ledger.gate.clear()
        await asyncio.sleep(0)
        for sitting in range(1, 41):
            intake.submit(0, waiting(sitting, decided, clock))
            await asyncio.sleep(0)
        await ledger.calls_made(1)
        assert len(ledger.calls[0]) < 20


async def test_lanes_carry_at_the_same_time(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger, lanes=2) as (intake, decided):
        ledger.gate.clear()
        intake.submit(0, waiting(1, decided, clock))
        await ledger.calls_made(1)
        intake.submit(0, waiting(2, decided, clock))
        await ledger.calls_made(2)
        intake.submit(0, waiting(3, decided, clock))
        assert (len(ledger.calls), intake.waiting) == (2, 1)


async def test_shards_do_not_wait_for_each_other(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, decided):
        ledger.gate.clear()
        intake.submit(0, waiting(2, decided, clock))
        intake.submit(1, waiting(3, decided, clock))
        await ledger.calls_made(2)


async def test_too_many_answers_are_not_taken(
    ledger: FakeLedger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "MOST_WAITING", 10)
    async with carrying(ledger) as (intake, decided):
        ledger.gate.clear()
        intake.submit(0, waiting(1, decided, clock))
        await ledger.calls_made(1)
        for sitting in range(2, 12):
            intake.submit(0, waiting(sitting, decided, clock))
        with pytest.raises(Full):
            intake.submit(0, waiting(99, decided, clock))
        intake.submit(1, waiting(3, decided, clock))
        ledger.gate.set()
        await decided.of(12)
        intake.submit(0, waiting(98, decided, clock))
        await decided.of(13)


# --- outages ----------------------------------------------------------------------------------------------------------


async def test_through_an_outage_answers_are_held_and_their_ages_grow(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, decided):
        ledger.out = 2
        ledger.gate.clear()
        intake.submit(0, waiting(1, decided, clock))
        for call in (1, 2, 3):
            await ledger.calls_made(call)
            clock.us += 5_000_000
            if call == 1:
                intake.submit(0, waiting(2, decided, clock))
            ledger.gate.set()
            if call < 3:
                ledger.gate.clear()
                await _released(ledger)
        found = await decided.of(2)
        assert [call[0].age_us for call in ledger.calls[:3]] == [0, 5_000_000, 10_000_000]
        stamps = {answer.sitting_id: NOW_US - decision.stamp_us for answer, decision in found}
        assert stamps == {1: 10_000_000, 2: 10_000_000}
        assert [decision.duplicate for _, decision in found] == [False, False]
        assert intake.out_since_us is None


async def test_what_a_beginning_waits_is_not_of_its_sittings_time(ledger: FakeLedger, clock: Clock) -> None:
    """Nobody sees a question before their beginning is recorded: an outage must not eat what they have."""
    ledger.set_windows(Counted.LAST, wide(NOW_US, (1,)), own_us=600_000_000)
    async with carrying(ledger) as (intake, decided):
        ledger.out = 1
        ledger.gate.clear()
        intake.submit(0, Waiting(SittingId(1), BEGINNING, 1, (), 0, 0, clock.us, decided))
        await ledger.calls_made(1)
        clock.us += 60_000_000
        ledger.gate.set()
        ((_, begun),) = await decided.of(1)
        assert (begun.outcome, begun.stamp_us) == (Outcome.ACCEPTED, NOW_US)
        # Without an outage on record neither, however long it lay in the gateway.
        intake.submit(1, Waiting(SittingId(2), BEGINNING, 1, (), 0, 0, clock.us - 1_500_000, decided))
        _, (_, begun) = await decided.of(2)
        assert begun.stamp_us == NOW_US
        assert [call[0].age_us for call in ledger.calls] == [0, 0, 0]


async def test_answers_that_wait_while_the_ledger_hangs_keep_their_ages(ledger: FakeLedger, clock: Clock) -> None:
    """It neither answers nor fails: the call in flight was in time, those behind it must not pay for the hanging."""
    async with carrying(ledger) as (intake, decided):
        ledger.gate.clear()
        intake.submit(0, waiting(1, decided, clock))
        await ledger.calls_made(1)
        intake.submit(0, waiting(9, decided, clock))
        clock.us += 5_000_000
        ledger.gate.set()
        await decided.of(2)
        await ledger.events_noted(1)
    assert ledger.calls[-1][0].age_us == 5_000_000
    (event,) = ledger.noted
    assert isinstance(event, SessionEvent)
    assert (event.kind, event.detail) == ("store-outage", "5000000 us")


async def _released(ledger: FakeLedger) -> None:
    """Let the call that waits at the gate through, and only it."""
    ledger.gate.set()
    while ledger.gate.is_set():
        await asyncio.sleep(0)
        ledger.gate.clear()


async def test_a_lost_reply_records_nothing_twice(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, decided):
        ledger.replies_lost = 1
        intake.submit(0, waiting(1, decided, clock))
        ((_, decision),) = await decided.of(1)
        assert (decision.outcome, decision.duplicate, len(ledger.stream())) == (Outcome.ACCEPTED, True, 1)


async def test_an_outage_is_logged_once_it_is_over(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, decided):
        ledger.out = 1
        intake.submit(0, waiting(1, decided, clock))
        await decided.of(1)
        await ledger.events_noted(1)
        (event,) = ledger.noted
        assert isinstance(event, SessionEvent)
        assert event.kind == "store-outage"


async def test_no_age_above_two_seconds_is_believed_without_an_outage(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, decided):
        for sitting, age_us in enumerate((LONGEST_AGE_US - 1, LONGEST_AGE_US, LONGEST_AGE_US + 1, 60_000_000), 1):
            intake.submit(0, waiting(sitting, decided, clock, age_us=age_us))
        stamps = [NOW_US - decision.stamp_us for _, decision in await decided.of(4)]
        assert stamps == [LONGEST_AGE_US - 1, LONGEST_AGE_US, LONGEST_AGE_US, LONGEST_AGE_US]


async def test_answers_that_waited_behind_an_outage_keep_their_ages(ledger: FakeLedger, clock: Clock) -> None:
    """Those that came in while another batch was failing, and were sent only after the store was back."""
    async with carrying(ledger) as (intake, decided):
        ledger.gate.clear()
        ledger.out = 1
        intake.submit(0, waiting(1, decided, clock))
        await ledger.calls_made(1)
        clock.us += 1_000_000
        for sitting in range(2, BATCH + 12):
            intake.submit(0, waiting(sitting, decided, clock))
        clock.us += 9_000_000
        ledger.gate.set()
        found = await decided.of(BATCH + 11)
        ages = {answer.sitting_id: NOW_US - decision.stamp_us for answer, decision in found}
        assert ages == {1: 10_000_000, **dict.fromkeys(range(2, BATCH + 12), 9_000_000)}


# --- failures that do not pass ----------------------------------------------------------------------------------------


class Poisoned(FakeLedger):
    """Fails for good over every batch that holds sitting 13."""

    async def accept(self, shard: int, batch: Sequence[Submission]) -> list[Accepted]:
        if any(one.sitting_id == 13 for one in batch):
            raise RuntimeError("user_script: attempt to index a nil value")
        return await super().accept(shard, batch)


async def test_one_answer_that_the_ledger_cannot_take_does_not_take_others_along(clock: Clock) -> None:
    ledger = Poisoned(2, lambda: NOW_US)
    ledger.set_windows(Counted.FIRST, wide(NOW_US))
    async with carrying(ledger) as (intake, decided):
        for sitting in range(10, 17):
            intake.submit(0, waiting(sitting, decided, clock))
        found = {answer.sitting_id: decision for answer, decision in await decided.of(7)}
        assert found[SittingId(13)].code == "internal"
        assert {decision.outcome for sitting, decision in found.items() if sitting != 13} == {Outcome.ACCEPTED}
        intake.submit(0, waiting(20, decided, clock))
        await decided.of(8)


async def test_an_acknowledgement_that_fails_stops_nobody_s_answers(ledger: FakeLedger, clock: Clock) -> None:
    def fails(_answer: Waiting, _decision: Accepted) -> None:
        raise RuntimeError

    async with carrying(ledger) as (intake, decided):
        broken = waiting(1, decided, clock)
        broken.decided = fails
        intake.submit(0, broken)
        intake.submit(0, waiting(2, decided, clock))
        await decided.of(1)
        assert len(ledger.stream()) == 2


# --- the end ----------------------------------------------------------------------------------------------------------


async def test_draining_waits_for_what_came_in(ledger: FakeLedger, clock: Clock) -> None:
    intake, decided = Intake(ledger, 2, lambda: NOW_US), Decided()
    intake.start()
    ledger.out = 2
    for sitting in range(1, 600):
        intake.submit(0, waiting(sitting, decided, clock))
    intake.note(SittingEvent(SittingId(1), Micros(1), "left"))
    await intake.drain(PATIENCE_S)
    assert len(decided.found) == 599
    assert ledger.noted[0] == SittingEvent(SittingId(1), Micros(1), "left")


async def test_an_event_whose_reply_was_lost_counts_once(ledger: FakeLedger) -> None:
    async with carrying(ledger) as (intake, _):
        ledger.replies_lost = 1
        events = [SittingEvent(SittingId(number), Micros(number), "left") for number in (1, 2)]
        intake.note(events[0])
        await ledger.events_noted(1)
        intake.note(events[1])
        await ledger.events_noted(2)
    assert ledger.noted == events


async def test_events_are_kept_through_an_outage_in_order(ledger: FakeLedger, clock: Clock) -> None:
    async with carrying(ledger) as (intake, _):
        ledger.out = 2
        events = [SittingEvent(SittingId(number), Micros(number), "left") for number in range(1, 1200)]
        for event in events:
            intake.note(event)
        await ledger.events_noted(len(events))
        assert ledger.noted == events

"""Directors on the real store: one acts, another takes over, and the standings are the same."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from leitai.live import director as directors
from leitai.live.clock import ContestClock
from leitai.live.commanding import hand_over
from leitai.live.conductor import CommandRefused
from leitai.live.director import LEASE_MS, Director, DirectorStore
from leitai.live.ports import (
    RECEIPT,
    Archive,
    Command,
    Outcome,
    SessionEvent,
    SessionFile,
    SessionScript,
    SittingEvent,
)
from leitai.live.standings import Standings
from leitai.rules.appeals import Appeal
from leitai.rules.decisions import Decision
from leitai.rules.effects import CreditItem, StrikeOff
from leitai.rules.markings import Mark, MarkedAnswer
from leitai.rules.outcomes import outcome, rebuild
from leitai.rules.rulings import Ruling
from leitai.rules.values import ActorId, Answer, ItemNo, Micros, Phase, SessionId, SittingId, Window
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.session import ValkeySession
from leitai.wire.codec import decode_feed_entry
from leitai.wire.messages import FeedEntry, ServerPhase, ServerTimeline
from tests.live.test_standings import recomputed, ruled
from tests.support.ledgers import give
from tests.support.live import SECOND, session_file
from tests.support.waiting import PATIENCE_S, eventually, time_given

WITHIN_S = PATIENCE_S


@pytest.fixture(autouse=True)
def lasting_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that no stall of the machine outlasts."""
    monkeypatch.setattr(directors, "LEASE_MS", 1000 * int(2 * WITHIN_S))


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    opened = open_store(valkey_url)
    yield opened
    await opened.aclose()


@dataclass
class FakeArchive:
    """What a director tells the archive; everything counts as recorded."""

    session: ValkeySession
    phases: list[Phase] = field(default_factory=list[Phase])
    frozen_us: Micros | None = None
    scripts: list[SessionScript] = field(default_factory=list[SessionScript])
    ruled: list[Ruling] = field(default_factory=list[Ruling])
    filed: list[Appeal] = field(default_factory=list[Appeal])
    astray: list[SittingId] = field(default_factory=list[SittingId])
    events_at: str = "0-0"

    async def save_phase(
        self, session_id: SessionId, phase: Phase, start_us: Micros, frozen_us: Micros | None = None
    ) -> None:
        self.phases.append(phase)
        self.frozen_us = frozen_us

    async def save_script(self, session_id: SessionId, script: SessionScript) -> None:
        self.scripts.append(script)

    async def script(self, session_id: SessionId) -> SessionScript | None:
        return self.scripts[-1] if self.scripts else None

    async def rulings(self, session_id: SessionId) -> list[Ruling]:
        return list(self.ruled)

    async def marks(self, session_id: SessionId) -> dict[MarkedAnswer, list[Mark]]:
        return {}

    async def appeals(self, session_id: SessionId) -> list[Appeal]:
        return list(self.filed)

    async def open_receipts(self, session_id: SessionId) -> list[SittingId]:
        return list(self.astray)

    async def recorder_position(self, session_id: SessionId, shard: int, stream: str) -> str:
        if stream == "events":
            return self.events_at
        position, answers = await self.session.answers(shard, "0-0", 0, 10_000)
        return position if answers else "0-0"


class Gated:
    """A store whose calls can be made to hang, as those of a process that is stopped do."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.gate = asyncio.Event()
        self.gate.set()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)

        async def gated(*args: Any) -> Any:
            await self.gate.wait()
            reply = await call(*args)
            await self.gate.wait()
            return reply

        return gated


@dataclass
class Stage:
    """A session in the real store with what tests do to it."""

    file: SessionFile
    session: ValkeySession
    ledger: ValkeyLedger
    archive: FakeArchive
    entries: list[FeedEntry] = field(default_factory=list[FeedEntry])

    def director(self, name: str, store: Any = None) -> Director:
        return Director(
            name,
            self.file,
            cast("DirectorStore", store or self.session),
            self.ledger,
            cast("Archive", self.archive),
            ContestClock(self.ledger),
        )

    async def until(self, phase: Phase) -> ServerPhase:
        """Read the feed until the session is in `phase`."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                for entry in self.entries:
                    if isinstance(entry, ServerPhase) and entry.phase == phase.value:
                        return entry
                self.entries += [
                    decode_feed_entry(frame) for _, frame in await self.session.feed(len(self.entries), 1000)
                ]
                assert [entry.offset for entry in self.entries] == list(range(1, len(self.entries) + 1))

    async def took_over(self, name: str) -> None:
        """Wait until a director of that name has taken over."""
        position = "0-0"
        async with asyncio.timeout(WITHIN_S):
            while True:
                position, entries = await self.session.events(position, 1000)
                for _, events in entries:
                    for event in events:
                        if isinstance(event, SessionEvent) and event.detail.startswith(f"{name} "):
                            return

    async def answer(self, *sittings: int, item: int = 1) -> None:
        """Let sittings answer, right when their number is odd, a tenth of a second after the opening."""
        opens_us = next(
            window.opens_at_us
            for entry in self.entries
            if isinstance(entry, ServerTimeline)
            for window in entry.windows
            if window.item == item
        )
        # However long the machine stood since.
        age_us = max(0, await self.ledger.time_us() - opens_us - 100_000)
        decisions = await self.ledger.accept(
            0,
            [
                give(sitting, item, item, ("A",) if sitting % 2 else ("B",), age_us=age_us, elapsed_us=1000 * sitting)
                for sitting in sittings
            ],
        )
        assert {(decision.outcome, decision.code) for decision in decisions} == {(Outcome.ACCEPTED, "")}

    async def stream(self) -> list[Answer]:
        _, answers = await self.session.answers(0, "0-0", 0, 10_000)
        return answers

    async def standings(self) -> bytes:
        """The canonical standings, once the director has set them down after the end."""
        return await eventually(self.session.standings, bool)


async def _stage(store: Store, session_id: int, *, starts_in_us: int = 300_000, items: int = 3) -> Stage:
    ledger = ValkeyLedger(store, SessionId(session_id), 1)
    file = session_file(
        session_id,
        items=items,
        seconds=2,
        gap_us=100_000,
        members=9,
        start_us=await ledger.time_us() + starts_in_us,
        lobby_us=60 * SECOND,
    )
    session = ValkeySession(store, SessionId(session_id), 1)
    return Stage(file, session, ledger, FakeArchive(session))


@asynccontextmanager
async def running(*directors: Director) -> AsyncGenerator[list["asyncio.Task[None]"]]:
    tasks = [asyncio.create_task(director.run()) for director in directors]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_session_runs_to_its_end_and_its_standings_are_a_recomputation(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id, items=1)
    async with running(stage.director("one")):
        await stage.until(Phase.RUNNING)
        await stage.answer(1, 2, 3, 4)
        await stage.answer(2, 9, 9)
        await stage.until(Phase.CLOSED)
        state = await stage.session.state()
        assert state is not None
        assert await stage.standings() == recomputed(stage.file, await stage.stream(), list(state.counted_windows))
        _, updates = await stage.session.board_start()
        assert updates[-1].people or updates[0].full
    assert [type(entry).__name__ for entry in stage.entries] == [
        "ServerTimeline",
        "ServerPhase",
        "ServerPhase",
        "ServerClosed",
        "ServerPhase",
    ]


async def test_a_ruling_is_on_the_board_and_in_the_standings_within_two_seconds(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id, items=1)
    async with running(stage.director("one")):
        await stage.until(Phase.RUNNING)
        await stage.answer(1, 2, 3, 4)
        await stage.until(Phase.CLOSED)
        before = await stage.standings()
        effects = (StrikeOff(SittingId(1)), CreditItem(ItemNo(1)))
        stage.archive.ruled = ruled(stage.file, effects)

        async def in_force(fits: Callable[[bytes], bool]) -> bytes:
            async with time_given(stage.ledger.time_us) as spent:
                found = await eventually(stage.session.standings, fits)
                assert spent() <= 2
            return found

        after = await in_force(lambda standings: standings != before)
        state = await stage.session.state()
        assert state is not None
        answers, windows = await stage.stream(), list(state.counted_windows)
        rebuilt = rebuild(stage.file.plan, stage.file.members, answers, windows, stage.archive.ruled)
        assert after == outcome(rebuilt, stage.file.members).canonical()
        _, updates = await stage.session.board_start()
        assert [row[0] for row in updates[-1].people] == [2, 3, 4, 5, 6, 7, 8, 9]
        # Withdrawn, and ruled again.
        stage.archive.ruled = ruled(stage.file, effects[:1])
        await in_force(lambda standings: standings != after)
        stage.archive.ruled = ruled(stage.file, effects)
        await in_force(lambda standings: standings == after)


async def test_nothing_is_final_while_something_is_missing(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id, items=1)
    (half,) = ruled(stage.file, (CreditItem(ItemNo(1)),))
    half = replace(half, acts=half.acts[:1])
    appeal = Appeal(1, SittingId(1), ItemNo(1), "题干有歧义", stage.file.start_us)

    async def finalized() -> str:
        try:
            await hand_over(stage.session, Command("finalize", "chief"), WITHIN_S)
        except CommandRefused as refusal:
            return refusal.code
        return ""

    async with running(stage.director("one")):
        await stage.until(Phase.CLOSED)
        assert await finalized() == "command-refused"
        await hand_over(stage.session, Command("review", "op"), WITHIN_S)
        stage.archive.ruled, stage.archive.filed = [half], [appeal]
        assert await finalized() == "appeal-undecided"
        decided = Decision(ActorId("anna"), stage.file.start_us, "维持")
        stage.archive.filed = [replace(appeal, decision=decided)]
        assert await finalized() == "ruling-half-approved"
        # What was approved a moment ago is in the final standings.
        stage.archive.ruled = ruled(stage.file, (CreditItem(ItemNo(1)),))
        # A receipt that could not be put back, first on its way to the archive, then there and undecided.
        await stage.ledger.events([SittingEvent(SittingId(3), stage.file.start_us, RECEIPT, "unproven {}")])
        position, _ = await stage.session.events("0-0", 0, 10_000)
        assert await finalized() == "receipt-unreconciled"
        stage.archive.events_at, stage.archive.astray = position, [SittingId(3)]
        assert await finalized() == "receipt-unreconciled"
        stage.archive.astray = []
        assert await finalized() == ""
        state = await stage.session.state()
        assert state is not None
        rebuilt = rebuild(stage.file.plan, stage.file.members, [], state.counted_windows, stage.archive.ruled)
        final = outcome(rebuilt, stage.file.members).canonical()
        await eventually(stage.session.standings, lambda standings: standings == final)


async def test_another_takes_over_within_three_seconds_from_one_that_hangs(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id)
    hung = Gated(stage.session)
    first, second = stage.director("first", hung), stage.director("second")

    async def first_acts() -> bool:
        return first.acting

    async with running(first):
        await stage.took_over("first")
        async with running(second):
            await stage.until(Phase.RUNNING)
            assert (first.acting, second.acting) == (True, False)
            await stage.answer(1, 2, 3, 4, 5)
            hung.gate.clear()
            # As if it had been renewed in the last moment, for as long as it is in a contest.
            await stage.session.lease("first", LEASE_MS)
            try:
                async with time_given(stage.ledger.time_us) as spent:
                    await stage.took_over("second")
                    assert spent() <= 3.0
            finally:
                hung.gate.set()
            await stage.until(Phase.CLOSED)
            state = await stage.session.state()
            assert state is not None
            assert state.closed_items == (1, 2, 3)
            assert await stage.standings() == recomputed(stage.file, await stage.stream(), list(state.counted_windows))
            assert second.acting
            await eventually(first_acts, lambda acts: not acts)
            assert (first.take_overs, second.take_overs) == (1, 1)


async def test_one_that_stops_in_order_is_followed_at_once(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id, starts_in_us=3_600_000_000)
    async with running(stage.director("first")) as (task,):
        await stage.took_over("first")
        async with running(stage.director("second")):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            # The lease would have lasted longer than this waits.
            await stage.took_over("second")


async def test_an_heir_rebuilds_the_very_board(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id, items=1)
    async with running(stage.director("first")):
        await stage.until(Phase.RUNNING)
        await stage.answer(*range(1, 10))
        await stage.until(Phase.CLOSED)
        before = await stage.standings()
    _, updates = await stage.session.board_start()
    version = updates[-1].version
    await stage.session.set_standings(await stage.session.lease("nobody", 60_000), b"")
    await stage.session.release("nobody")
    async with running(stage.director("second")):
        await stage.took_over("second")
        assert await stage.standings() == before
        _, updates = await stage.session.board_start()
        assert updates[0].full
        assert updates[0].version > version
        assert len(updates[0].people) == 9


async def test_scoring_that_takes_longer_than_the_lease_does_not_lose_it(
    store: Store, unique_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, lease = Standings.close, ValkeySession.lease
    renewals = threading.Semaphore(0)

    async def counted(session: ValkeySession, *args: Any) -> int:
        token = await lease(session, *args)
        renewals.release()
        return token

    def as_of_millions(standings: Standings, window: Window) -> None:
        while renewals.acquire(blocking=False):
            pass
        # One after another for longer than a lease lasts in a contest.
        for _ in range(int(LEASE_MS / 1000 / directors._RENEW_S) + 1):
            assert renewals.acquire(timeout=WITHIN_S), "nobody renewed the lease meanwhile"
        close(standings, window)

    monkeypatch.setattr(ValkeySession, "lease", counted)
    monkeypatch.setattr(Standings, "close", as_of_millions)
    stage = await _stage(store, unique_id, items=1)
    first, second = stage.director("first"), stage.director("second")

    async def second_acts() -> bool:
        return second.acting

    async with running(first):
        await stage.until(Phase.CLOSED)
        assert first.take_overs == 1
    async with running(second):
        await stage.took_over("second")
        await eventually(second_acts, lambda acts: acts)
        assert second.take_overs == 1


async def test_commands_are_carried_out_once_whoever_directs(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id, starts_in_us=3_600_000_000)
    for command in (Command("announce", "op", "一"), Command("pause", "op"), Command("announce", "op", "二")):
        await stage.session.command(command)
    last = await stage.session.command(Command("resume", "op"))
    for name in ("first", "second"):
        async with running(stage.director(name)):
            await eventually(stage.session.state, lambda held: held is not None and held.command == last)
            await stage.took_over(name)
    state = await stage.session.state()
    entries = [decode_feed_entry(frame) for _, frame in await stage.session.feed(0, 0)]
    names = [type(entry).__name__ for entry in entries]
    assert names.count("ServerAnnouncement") == 2
    assert "ServerPhase" not in names
    assert state is not None
    assert (state.phase, state.pauses) == (Phase.SCHEDULED, ())


async def test_a_session_is_started_by_hand_before_its_check_in(store: Store, unique_id: int) -> None:
    stage = await _stage(store, unique_id, starts_in_us=3_600_000_000, items=1)
    async with running(stage.director("first")):
        await stage.session.command(Command("start", "op"))
        await stage.until(Phase.RUNNING)
        await stage.ledger.accept(0, [give(1, 1, 1)])
        await stage.until(Phase.CLOSED)
    assert stage.archive.phases[-1] in (Phase.RUNNING, Phase.CLOSED)
    assert [answer.item_no for answer in await stage.stream()] == [ItemNo(1)]
    assert [answer.sitting_id for answer in await stage.stream()] == [SittingId(1)]

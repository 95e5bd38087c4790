"""The freeze, end to end on the real store: two runs that differ only after it give the public the same bytes."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx2
import pytest

from leitai.live.clock import ContestClock
from leitai.live.connection import Connection
from leitai.live.director import FREEZE_SETTLES_US, Director
from leitai.live.gateway import Gateway
from leitai.live.ports import Archive, BoardFollows, Command, Outcome, SessionFile, Submission
from leitai.live.sight import Sight
from leitai.office.air_ports import BroadcastStore, FeedStore
from leitai.office.broadcast import Broadcast
from leitai.office.feed import EventLog, ObjectKey
from leitai.rules.adjustments import Adjustments
from leitai.rules.effects import CreditItem, VoidItem
from leitai.rules.values import ItemNo, Micros, Phase, SessionId, SittingId
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import SessionKeys
from leitai.stores.valkey.session import ValkeySession
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.air import Air, Look
from leitai.web.app import build_app
from leitai.web.feed_objects import objects
from leitai.web.live_session import LiveSession
from leitai.wire.codec import encode
from leitai.wire.messages import (
    ClientHello,
    ClientWatch,
    ServerBoard,
    ServerMoves,
    ServerOwn,
    ServerProgress,
    ServerSnapshot,
    ServerWelcome,
    View,
)
from tests.live.test_director import FakeArchive, running
from tests.live.test_standings import moved, ruled
from tests.support.doors import ORIGIN, World, settings
from tests.support.ledgers import give
from tests.support.live import CODES, FakeLink, session_file
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("frozen")

BOARDS = (
    "individuals",
    "individuals?page=2",
    "delegations",
    *(f"provinces/{code}" for code in CODES),
    "find?q=选手",
    "find?q=0001",
)
PAGES = (
    ClientWatch(View.INDIVIDUALS),
    ClientWatch(View.INDIVIDUALS, 2),
    ClientWatch(View.DELEGATIONS),
    *(ClientWatch(View.PROVINCE, 1, code) for code in CODES),
)
ME = SittingId(5)


@dataclass
class Office:
    """What `web.air` sees of an office."""

    sight: Sight | None
    adjustments: Adjustments = field(default_factory=Adjustments)


@dataclass
class Run:
    """One running of a session: its directors, a gateway and the public's doors."""

    file: SessionFile
    store: Store
    session: ValkeySession
    ledger: ValkeyLedger
    archive: FakeArchive
    gateway: Gateway | None = None
    sight: Sight | None = None
    """The office's own, from which overlays and the event feed are told."""
    heard: list[bytes] = field(default_factory=list[bytes])
    """What whoever watched all the time was told of boards since the freeze."""
    watcher: FakeLink = field(default_factory=FakeLink)

    def director(self, name: str) -> Director:
        clock = ContestClock(self.ledger)
        return Director(name, self.file, self.session, self.ledger, cast("Archive", self.archive), clock)

    async def open(self) -> None:
        """Let another gateway take the place of the one there was."""
        if self.gateway is not None:
            await self.gateway.stop()
        clock = ContestClock(self.ledger)
        self.gateway = Gateway("g", self.file, self.session, self.ledger, ValkeyTickets(self.store), clock)
        await self.gateway.start()

    def come(self, link: FakeLink, ticket: str = "") -> Connection:
        assert self.gateway is not None
        now_us = time.monotonic_ns() // 1000
        connection = self.gateway.open(link, now_us, "zh-CN")
        connection.received(encode(ClientHello(ticket)), now_us)
        return connection

    async def public(self) -> list[tuple[bytes, dict[str, str]]]:
        """All that the boards' doors answer: bodies, and headers without the date."""
        world = World()
        app = build_app(replace(world.doors(), session=LiveSession(lambda: self.gateway)), settings())
        answers: list[tuple[bytes, dict[str, str]]] = []
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=ORIGIN) as client:
            for path in BOARDS:
                answer = await client.get(f"/api/sessions/{self.file.session_id}/boards/{path}")
                headers = {name: value for name, value in answer.headers.items() if name != "date"}
                answers.append((answer.content, headers))
        return answers

    async def told(self) -> list[bytes]:
        """What a newcomer is told who watches every page, and a contestant who comes back, of boards."""
        link, mine = FakeLink(), FakeLink()
        connection = self.come(link)
        for page in PAGES:
            connection.received(encode(page), 0)
        frames = boards(link)
        connection.lost(0)
        ticket = await ValkeyTickets(self.store).issue(self.file.session_id, ME, "")
        self.come(mine, ticket)

        async def welcomed() -> list[bytes]:
            return list(mine.frames)

        await eventually(welcomed, lambda frames: len(frames) > 1)
        # Who watches pages in which order numbers them, which is no matter of results.
        own = boards(mine)
        assert len(own) == 1
        return [*frames, *own]

    async def on_air(self) -> dict[str, Any]:
        """The results that overlays and the event feed are told, once the office knows of the freeze."""
        sight = self.sight
        if sight is None:
            sight = self.sight = Sight(self.file, self.session, ContestClock(self.ledger))
            sight.start()

        async def told() -> dict[ObjectKey, bytes] | None:
            return objects(sight, EventLog(cast("FeedStore", None), self.file.session_id, "tests"), None)

        async def shown() -> dict[str, Any]:
            body = overlays.body(Look("main", delegation=CODES[0]))
            return json.loads(body.whole) if body is not None else {}

        fed = await eventually(told, lambda made: made is not None and sight.table.frozen)
        assert fed is not None
        overlays = Air(Office(sight), Broadcast(cast("BroadcastStore", None), bytes(32)))
        air = await eventually(shown, lambda body: bool(body.get("frozen") and body["item"]))
        # The phase, the open item and who has won nothing yet are no matter of results.
        assert air["item"]["distribution"] is air["item"]["key"] is None
        assert air["item"]["answered"] == 0
        board = json.loads(fed["scoreboard", ""])
        kept = {name: air[name] for name in ("frozen", "version", "individuals", "teams", "province", "reveal")}
        return kept | {
            "rows": board["rows"],
            "people": board["individuals"],
            "awards": [key for key in fed if key[0] == "awards"],
        }

    async def frozen(self) -> None:
        assert self.gateway is not None
        table = self.gateway.table

        async def is_frozen() -> bool:
            return table.frozen

        await eventually(is_frozen, bool)


def boards(link: FakeLink) -> list[bytes]:
    """The frames that tell of boards; what is left are the feed and the connection itself."""
    kinds = (ServerWelcome, ServerSnapshot)
    frames, link.frames = link.frames, []
    probe = FakeLink()
    found: list[bytes] = []
    for frame in frames:
        probe.frames = [frame]
        (message,) = probe.said()
        if isinstance(message, ServerBoard | ServerMoves | ServerOwn | ServerProgress):
            found.append(frame)
        else:
            assert isinstance(message, kinds) or type(message).__name__ in (
                "ServerPhase",
                "ServerTimeline",
                "ServerClosed",
                "ServerOpen",
                "ServerAnnouncement",
            ), message
    return found


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    opened = open_store(valkey_url)
    yield opened
    await opened.aclose()


@asynccontextmanager
async def two_runs(store: Store, unique_id: int, **of_file: Any) -> AsyncGenerator[tuple[Run, Run]]:
    """Two runs of one session at the same time, for whom everything is alike, the start included."""
    runs: list[Run] = []
    start_us = await ValkeyLedger(store, SessionId(unique_id), 1).time_us() + 1_000_000
    for session_id in (unique_id, unique_id + 1):
        ledger = ValkeyLedger(store, SessionId(session_id), 1)
        session = ValkeySession(store, SessionId(session_id), 1)
        given: dict[str, Any] = {"seconds": 2, "freeze_percent": 40, **of_file}
        file = session_file(session_id, items=3, gap_us=200_000, members=70, start_us=start_us, **given)
        runs.append(Run(file, store, session, ledger, FakeArchive(session)))
    try:
        yield runs[0], runs[1]
    finally:
        for run in runs:
            if run.sight is not None:
                await run.sight.stop()
            if run.gateway is not None:
                await run.gateway.stop()


async def until(run: Run, at_us: int) -> None:
    """Wait until the contest's clock is there."""
    await eventually(run.ledger.time_us, lambda now: now >= at_us)


async def given(run: Run, at_us: int, answers: list[Submission]) -> None:
    """Record answers as of an instant that has come, however long the machine stood since then."""
    age_us = max(0, await run.ledger.time_us() - at_us)
    for one in answers:
        one.age_us = age_us
    decided = await run.ledger.accept(0, answers)
    assert {one.outcome for one in decided} == {Outcome.ACCEPTED}


async def in_phase(run: Run, phase: Phase) -> None:
    await eventually(run.session.state, lambda state: state is not None and state.phase is phase)


async def finalized(run: Run) -> None:
    """Have the session finalized, as soon as the director knows that everything is recorded."""

    async def ask() -> Phase | None:
        await run.session.command(Command("finalize", "op"))
        state = await run.session.state()
        return None if state is None else state.phase

    await eventually(ask, lambda phase: phase is Phase.FINALIZED)


async def test_public_bytes_do_not_depend_on_anything_after_the_freeze(store: Store, unique_id: int) -> None:
    async with two_runs(store, unique_id) as (calm, stormy):
        third_opens_us = calm.file.start_us + 2 * 2_200_000
        for run in (calm, stormy):
            # In force before the freeze, and one of them withdrawn after it.
            approved_us = Micros(run.file.start_us + 100_000)
            withdrawn_us = Micros(third_opens_us + 10)
            voided, credited = ruled(run.file, (VoidItem(ItemNo(1)), CreditItem(ItemNo(2))))
            run.archive.ruled = [moved(voided, approved_us, withdrawn_us), moved(credited, withdrawn_us, withdrawn_us)]
        async with running(calm.director("calm"), stormy.director("first")) as (_, first):
            for run in (calm, stormy):
                await run.open()
                await in_phase(run, Phase.RUNNING)
            await asyncio.gather(
                *(
                    given(run, run.file.start_us + 50_000, [give(n, 1, 1) for n in range(1, 20)])
                    for run in (calm, stormy)
                )
            )
            await until(calm, calm.file.start_us + 2_250_000)
            for run in (calm, stormy):
                answers = [give(n, 2, 2, ("A", "C"), elapsed_us=n * 1000) for n in range(3, 40)]
                await given(run, run.file.start_us + 2_250_000, answers)
            await until(calm, third_opens_us + 50_000)
            # Only one goes on: answers, rulings, other directors and gateways, viewers, the end.
            await given(stormy, third_opens_us + 50_000, [give(n, 3, 3, ("T",)) for n in range(1, 70, 2)])
            for run in (calm, stormy):
                await run.frozen()
            told, public = await calm.told(), await calm.public()
            assert await stormy.public() == public
            assert await stormy.told() == told
            on_air = await calm.on_air()
            assert len(on_air["rows"]) == len(CODES)
            assert await stormy.on_air() == on_air
            link = FakeLink()
            watching = stormy.come(link)
            watching.received(encode(PAGES[0]), 0)
            boards(link)
            await in_phase(stormy, Phase.CLOSED)
            stormy.archive.ruled = stormy.archive.ruled[:1] + ruled(stormy.file, (VoidItem(ItemNo(2)),))
            stormy.archive.ruled[1] = replace(
                stormy.archive.ruled[1],
                acts=tuple(
                    replace(act, at_us=Micros(third_opens_us + 500_000)) for act in stormy.archive.ruled[1].acts
                ),
            )
            standings = await eventually(stormy.session.standings, bool)
            await stormy.session.command(Command("review", "op"))
            await eventually(stormy.session.standings, lambda now: now != standings)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            second = stormy.director("second")
            async with running(second):

                async def acts() -> bool:
                    return second.acting

                await eventually(acts, bool)
                await eventually(
                    stormy.session.truth_start, lambda start: len(start[1]) > 0 and start[1][-1].version > 0
                )
                assert boards(link) == []
                await stormy.open()
                await finalized(stormy)
                await until(stormy, await stormy.ledger.time_us() + FREEZE_SETTLES_US // 2)
                assert await stormy.public() == public
                assert await stormy.told() == told
                assert await stormy.on_air() == on_air
                state = await stormy.session.state()
                assert state is not None
                assert state.freeze is not None
                assert stormy.archive.frozen_us == state.freeze.at_us == third_opens_us
                # A store that loses its boards gets the very same from whoever takes over.
                keys = SessionKeys(stormy.file.session_id)
                await store.execute_command("DEL", keys.board, keys.truth)
            async with running(stormy.director("third")):
                await eventually(stormy.session.board_start, lambda start: len(start[1]) > 0)
                await stormy.open()
                assert await stormy.public() == public
                assert await stormy.told() == told
                await stormy.session.command(Command("thaw", "op"))
                await eventually(stormy.public, lambda now: now != public)
                sight = stormy.sight
                assert sight is not None

                async def shown() -> int:
                    return sight.table.rows_version

                await eventually(shown, lambda version: version != on_air["version"])
                assert stormy.gateway is not None
                assert not stormy.gateway.table.frozen


async def test_a_board_frozen_by_hand_stops_at_once_and_the_staff_see_both(store: Store, unique_id: int) -> None:
    async with two_runs(store, unique_id, board_follows=BoardFollows.ANSWER, seconds=30, freeze_percent=0) as (run, _):
        sight = Sight(run.file, run.session, ContestClock(run.ledger))
        sight.start()
        try:
            async with running(run.director("one")):
                await run.open()
                await in_phase(run, Phase.RUNNING)
                await run.ledger.accept(0, [give(n, 1, 1) for n in range(1, 4)])
                assert run.gateway is not None
                table = run.gateway.table

                async def points() -> tuple[int, ...]:
                    return tuple(
                        sum(row.centipoints for row in one.people()) for one in (table, sight.table, sight.truth)
                    )

                await eventually(points, lambda now: now == (300, 300, 300))
                await run.session.command(Command("freeze", "op"))
                await eventually(run.session.state, lambda state: state is not None and state.freeze is not None)
                await run.ledger.accept(0, [give(n, 1, 1) for n in range(4, 9)])
                await eventually(points, lambda now: now == (300, 300, 800))
                await run.frozen()
                assert await points() == (300, 300, 800)
                assert (sight.table.frozen, sight.truth.frozen) == (True, False)
                assert (sight.table.answered, sight.truth.answered) == (0, 8)
                await run.session.command(Command("thaw", "op"))
                await eventually(points, lambda now: now == (800, 800, 800))
                await run.ledger.accept(0, [give(9, 1, 1)])
                await eventually(points, lambda now: now == (900, 900, 900))
        finally:
            await sight.stop()

"""A stage at a gateway, under a clock that the test moves: who pressed first follows from injected arrivals alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import permutations
from typing import Any

import pytest

from leitai.live import clock as clock_module
from leitai.live.rooms import hub as hub_module
from leitai.live.rooms.connection import RoomConnection
from leitai.live.stage.hub import StageHub
from leitai.rules.stage_events import BuzzerOpened, QuestionShown, Revealed, RoundBegun, StageBegun
from leitai.rules.values import Micros
from leitai.wire.codec import encode
from leitai.wire.messages import ClientHello, ClientProbe, CloseCode, ServerBye, ServerClock, ServerError
from leitai.wire.stage_messages import ClientPress, ServerGo, ServerPressed, ServerStage, ServerStageWelcome
from tests.support.live import FakeLink
from tests.support.stages import KEY, OFFSET_US, PLAN, TEXT, FakeStreams, last, said
from tests.support.waiting import eventually

LEAD_US = 60_000_000


class Hall:
    """A gateway with desks and a screen, and the log that the office writes."""

    def __init__(self, streams: FakeStreams) -> None:
        self.streams = streams
        self.hub = StageHub(streams, streams, streams.now_us)
        self.links: dict[int, FakeLink] = {}
        self.desks: dict[int, RoomConnection] = {}
        self.opens_us = 0

    async def come(self, team: int) -> FakeLink:
        """A device comes in, whose ticket is its team's number."""
        link = FakeLink()
        connection = self.hub.open(link, self.streams.mono_us, "zh-CN")
        connection.received(encode(ClientHello(str(team))), self.streams.mono_us)
        await eventually(self.told(link), lambda told: any(isinstance(one, ServerStageWelcome) for one in told))
        self.links[team], self.desks[team] = link, connection
        return link

    def told(self, link: FakeLink) -> Callable[[], Awaitable[list[object]]]:
        """What asks for everything written to a device."""

        async def ask() -> list[object]:
            return list(said(link))

        return ask

    async def ask(self) -> None:
        """Show the first question, and have all desks told."""
        self.streams.add(StageBegun(PLAN), RoundBegun(1))
        self.streams.add(QuestionShown(1), text=TEXT)
        await self.stands(lambda stage: stage.question is not None)

    async def open(self) -> None:
        """Open the buzzer some time from now, and let that instant come."""
        self.opens_us = self.streams.mono_us + LEAD_US
        self.streams.add(BuzzerOpened(1, Micros(self.opens_us + OFFSET_US)))
        await self.stands(lambda stage: stage.question.opens_at_us > 0)
        self.streams.mono_us = self.opens_us
        room = self.hub._rooms[7]
        assert room._opening is not None
        room._opening[1].cancel()
        room.open(1, self.opens_us)

    async def asked(self) -> int:
        """How often the log was asked."""
        return self.streams.asked

    def press(self, team: int, arrival_us: int, seq: int = 1, question: int = 1) -> None:
        """A frame of a desk arrives at a moment of the monotonic clock."""
        self.desks[team].received(encode(ClientPress(question, seq)), arrival_us)

    async def stands(self, fits: Callable[[Any], bool]) -> ServerStage:
        """Wait until everybody is told what fits; everybody is told the same."""

        async def ask() -> list[ServerStage]:
            return [last(said(link), ServerStage) for link in self.links.values()]

        views = await eventually(ask, lambda views: all(fits(view) for view in views))
        assert all(view == views[0] for view in views)
        return views[0]


@pytest.fixture
async def hall(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    streams = FakeStreams()

    class Monotonic:
        @staticmethod
        def monotonic_ns() -> int:
            return streams.mono_us * 1000

    monkeypatch.setattr(clock_module, "time", Monotonic)
    hall = Hall(streams)
    for team in (1, 2, 3, 4, 0):
        await hall.come(team)
    yield hall
    await hall.hub.stop()


def order(view: ServerStage) -> list[int]:
    assert view.question is not None
    return [press.team for press in view.question.presses]


async def test_the_buzzer_s_order_is_that_of_arrival_whichever_way_presses_reach_the_store(hall: Hall) -> None:
    await hall.ask()
    await hall.open()
    hall.streams.held = asyncio.Event()
    arrivals = {3: 40_000, 1: 40_001, 4: 90_000, 2: 90_000}
    hall.streams.mono_us = hall.opens_us + 100_000
    for team in (4, 2, 1, 3):
        hall.press(team, hall.opens_us + arrivals[team])
    hall.streams.held.set()
    view = await hall.stands(lambda stage: len(stage.question.presses) == 4)
    assert order(view) == [3, 1, 4, 2], "a tie is in the order of arrival at the log"
    assert view.question is not None
    assert [press.stamp_us - hall.opens_us - OFFSET_US for press in view.question.presses] == [
        40_000,
        40_001,
        90_000,
        90_000,
    ]
    assert view.question.presses[1].behind_us == 1
    assert view.question.answering == 3
    pressed = last(said(hall.links[1]), ServerPressed)
    assert (pressed.elapsed_us, pressed.seq) == (40_001, 1)


@pytest.mark.parametrize("teams", list(permutations((1, 2, 3))))
async def test_arrivals_decide_in_every_order_of_the_log(hall: Hall, teams: tuple[int, ...]) -> None:
    await hall.ask()
    await hall.open()
    hall.streams.mono_us = hall.opens_us + 50_000
    for team in teams:
        hall.press(team, hall.opens_us + 10 * team)
        await asyncio.sleep(0)
    assert order(await hall.stands(lambda stage: len(stage.question.presses) == 3)) == [1, 2, 3]


async def test_a_press_before_the_opening_is_a_false_start_to_the_microsecond(hall: Hall) -> None:
    await hall.ask()
    hall.press(1, hall.streams.mono_us)
    await hall.stands(lambda stage: stage.question.false_starts == [1])
    await hall.open()
    hall.streams.mono_us = hall.opens_us + 10
    hall.press(2, hall.opens_us - 1)
    hall.press(3, hall.opens_us)
    hall.press(1, hall.opens_us + 5, seq=2)
    view = await hall.stands(lambda stage: len(stage.question.presses) == 1)
    assert view.question is not None
    assert (order(view), sorted(view.question.false_starts)) == ([3], [1, 2])
    assert [team.centipoints for team in view.teams] == [9_000, 9_000, 10_000, 10_000]


async def test_the_opening_goes_to_every_desk_and_screen_and_is_measured_from(hall: Hall) -> None:
    await hall.ask()
    await hall.open()
    assert all(any(isinstance(one, ServerGo) for one in said(link)) for link in hall.links.values())
    desk = hall.desks[2]
    assert (desk.delivered_question, desk.delivered_us) == (1, hall.opens_us)
    # A gateway that was busy: what it wrote late counts as delivered a quarter of a second after the instant at most.
    hall.streams.mono_us = hall.opens_us + 400_000
    hall.hub._rooms[7].open(1, hall.opens_us)
    assert desk.delivered_us == hall.opens_us + 250_000


async def test_a_desk_that_came_after_the_opening_is_ordered_and_not_measured(hall: Hall) -> None:
    await hall.ask()
    await hall.open()
    before = hall.links[2]
    await hall.come(2)
    assert last(said(before), ServerBye).code == "superseded"
    assert before.closed == (CloseCode.SUPERSEDED, "superseded")
    hall.streams.mono_us = hall.opens_us + 30
    hall.press(2, hall.opens_us + 20)
    hall.press(3, hall.opens_us + 25)
    assert order(await hall.stands(lambda stage: len(stage.question.presses) == 2)) == [2, 3]
    assert last(said(hall.links[2]), ServerPressed).elapsed_us == -1


async def test_while_the_store_is_out_a_press_keeps_its_arrival_and_is_recorded_once(hall: Hall) -> None:
    await hall.ask()
    await hall.open()
    hall.streams.out = 2
    hall.streams.mono_us = hall.opens_us + 3_000_000
    hall.press(1, hall.opens_us + 100)
    hall.press(1, hall.opens_us + 200)
    view = await hall.stands(lambda stage: len(stage.question.presses) == 1)
    hall.press(1, hall.streams.mono_us)
    await eventually(hall.told(hall.links[1]), lambda told: sum(isinstance(one, ServerPressed) for one in told) == 2)
    assert view.question is not None
    assert view.question.presses[0].stamp_us == hall.opens_us + 100 + OFFSET_US
    stamps = {one.stamp_us for one in said(hall.links[1]) if isinstance(one, ServerPressed)}
    assert stamps == {hall.opens_us + 100 + OFFSET_US}, "a repetition is told the original"
    assert sum(one.kind == "pressed" for one in hall.streams.entries) == 1


async def test_no_age_is_believed_that_the_gateway_alone_made(hall: Hall) -> None:
    await hall.ask()
    await hall.open()
    hall.streams.mono_us = hall.opens_us + 5_000_000
    hall.press(1, hall.opens_us + 100)
    view = await hall.stands(lambda stage: len(stage.question.presses) == 1)
    assert view.question is not None
    assert view.question.presses[0].stamp_us == hall.opens_us + 3_000_000 + OFFSET_US


async def test_the_key_is_told_once_it_is_revealed_and_never_before(hall: Hall) -> None:
    await hall.ask()
    await hall.open()
    assert not any(KEY.explanation.encode() in frame for link in hall.links.values() for frame in link.frames)
    hall.streams.add(Revealed(1), key=KEY)
    view = await hall.stands(lambda stage: stage.question.revealed)
    assert view.question is not None
    assert (view.question.key, view.question.explanation) == (["B"], KEY.explanation)
    hall.press(4, hall.streams.mono_us, seq=9)
    hall.streams.add(QuestionShown(2), text=TEXT)
    view = await hall.stands(lambda stage: stage.question.question == 2)
    assert view.question is not None
    assert (view.question.key, view.question.explanation, view.question.false_starts) == ([], "", [])


async def test_who_may_say_what(hall: Hall) -> None:
    def code(team: int) -> str:
        return last(said(hall.links[team]), ServerError).code

    hall.press(1, hall.streams.mono_us)
    assert code(1) == "stage-press-late", "nothing is shown yet"
    hall.press(0, hall.streams.mono_us)
    assert code(0) == "stage-not-a-desk"
    hall.desks[2].received(encode(ClientProbe(3)), hall.streams.mono_us)
    assert last(said(hall.links[2]), ServerClock) == ServerClock(3, hall.streams.mono_us + OFFSET_US)
    hall.desks[2].received(encode(ClientHello("2")), hall.streams.mono_us)
    assert code(2) == "hello-repeated"
    hall.desks[2].received(b"\xc1", hall.streams.mono_us)
    assert code(2) == "frame-malformed"
    hall.desks[3].received_text()
    assert code(3) == "frame-not-binary"
    hall.desks[3].received(bytes(2_000), hall.streams.mono_us)
    assert hall.links[3].closed == (CloseCode.ABUSE, "frame-too-large")
    for _ in range(200):
        hall.press(4, hall.streams.mono_us)
    assert hall.links[4].closed == (CloseCode.ABUSE, "abuse")


async def test_without_a_good_ticket_nobody_stays(hall: Hall) -> None:
    link = FakeLink()
    stranger = hall.hub.open(link, 0, "en")
    stranger.received(encode(ClientPress(1, 1)), 0)
    assert last(said(link), ServerError).code == "hello-expected"
    stranger.received(encode(ClientHello("no ticket")), 0)

    async def closed() -> tuple[int, str] | None:
        return link.closed

    assert await eventually(closed, bool) == (CloseCode.REFUSED, "ticket-refused")


async def test_whoever_reads_slowly_is_shown_the_newest_only(hall: Hall) -> None:
    slow = hall.desks[4]
    slow.writing_paused(hall.streams.mono_us)
    written = len(hall.links[4].frames)
    link = hall.links.pop(4)
    await hall.ask()
    assert len(link.frames) == written
    slow.writing_resumed()
    view = last(said(link), ServerStage)
    assert view.question is not None
    assert view.question.question == 1


async def test_a_gateway_that_stops_says_when_to_come_back(hall: Hall) -> None:
    await hall.hub.stop()
    for link in hall.links.values():
        assert link.closed == (CloseCode.MOVED, "moved")


async def test_a_log_that_cannot_follow_is_told_once_and_not_asked_without_end(hall: Hall) -> None:
    await hall.ask()
    asked = hall.streams.asked
    hall.streams.add(RoundBegun(99))
    await eventually(hall.asked, lambda times: times > asked)
    for _ in range(50):
        await asyncio.sleep(0)
    assert hall.streams.asked <= asked + 2
    assert last(said(hall.links[1]), ServerStage).question is not None, "it stands where it stood"


async def test_a_room_that_did_not_come_about_keeps_nobody_out(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = StageHub(hall.streams, hall.streams, hall.streams.now_us)
    hanging = asyncio.Event()
    monkeypatch.setattr(hub_module, "_JOIN_S", 0.01)
    hall.streams.hanging = hanging
    link = FakeLink()
    first = hub.open(link, 0, "en")
    first.received(encode(ClientHello("1")), 0)

    async def closed() -> tuple[int, str] | None:
        return link.closed

    assert await eventually(closed, bool) == (CloseCode.MOVED, "store-unavailable")
    assert not hub._rooms
    await hub.stop()


async def test_whoever_presses_as_the_next_question_comes_is_told_and_stays(hall: Hall) -> None:
    await hall.ask()
    for turn in range(40):
        hall.streams.mono_us += 1_000_000
        hall.press(1, hall.streams.mono_us, seq=turn + 1, question=2)
    assert sum(isinstance(one, ServerError) and one.code == "stage-press-late" for one in said(hall.links[1])) == 40
    assert hall.links[1].closed is None

"""A match at a gateway, under a clock that the test moves: openings, answers, whoever comes back, and the end."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from leitai.live import clock as clock_module
from leitai.live.match.hub import MatchHub
from leitai.live.match.room import MatchRoom
from leitai.live.rooms.connection import RoomConnection
from leitai.live.sealing import item_key
from leitai.rules.match_log import COME_WITHIN_US, GRACE_US, Answered, Closed, Left, Made, Opened
from leitai.rules.values import ItemNo, SessionId
from leitai.wire.codec import encode
from leitai.wire.match_messages import (
    ClientMatchAnswer,
    ClientMatchLeave,
    ServerMatch,
    ServerMatchAnswered,
    ServerMatchKey,
    ServerMatchSealed,
    ServerMatchWelcome,
)
from leitai.wire.messages import ClientHello, ClientProbe, CloseCode, ItemWindow, ServerBye, ServerError
from tests.support.live import FakeLink
from tests.support.matches import MADE, MATCH_ID, OFFSET_US, RECORDED, SECRET, FakeMatch, S, heard
from tests.support.waiting import eventually


class Court:
    """A gateway with players."""

    def __init__(self, fake: FakeMatch) -> None:
        self.fake = fake
        self.hub = MatchHub(fake, fake, fake, fake, SECRET, fake.now_us)
        self.links: dict[int, FakeLink] = {}
        self.players: dict[int, RoomConnection] = {}

    @property
    def room(self) -> MatchRoom:
        return self.hub._rooms[MATCH_ID]

    async def come(self, seat: int) -> FakeLink:
        """A player comes in, whose ticket is the seat."""
        link = FakeLink()
        connection = self.hub.open(link, self.fake.mono_us, "zh-CN")
        connection.received(encode(ClientHello(str(seat))), self.fake.mono_us)
        await self.until(link, ServerMatchWelcome)
        self.links[seat], self.players[seat] = link, connection
        return link

    async def until(self, link: FakeLink, kind: type[Any], **fits: Any) -> Any:
        """Wait for a message of a kind that has these members; returns the newest."""

        async def ask() -> list[Any]:
            return [
                one
                for one in heard(link)
                if isinstance(one, kind) and all(getattr(one, name) == value for name, value in fits.items())
            ]

        return (await eventually(ask, bool))[-1]

    async def stands(self, state: str, seat: int = 1) -> ServerMatch:
        return await self.until(self.links[seat], ServerMatch, state=state)

    async def both(self, made: Made = MADE) -> None:
        """Both are there, and the first question has its opening."""
        self.fake.begin(made)
        await self.come(1)
        if made is MADE:
            await self.come(2)
        await self.stands("soon")

    async def open(self) -> int:
        """Let the instant of the newest opening come; returns it on the monotonic clock."""
        room = self.room
        assert room.match is not None
        opens_us, closes_us = room.match.windows[room.match.question]
        self.fake.mono_us = opens_us - OFFSET_US
        room._opener.stop()
        room._release([ItemWindow(room.match.question, opens_us, closes_us)])
        return self.fake.mono_us

    def answer(self, seat: int, question: int, response: str = "B", at_us: int = 0) -> None:
        """A player's frame arrives."""
        frame = encode(ClientMatchAnswer(question, [response]))
        self.players[seat].received(frame, at_us or self.fake.mono_us)

    async def pass_time(self, us: int) -> None:
        """Let time pass, and what is due then be done."""
        self.fake.mono_us += us
        self.room._due.set()

    def entries(self, kind: type[Any]) -> list[Any]:
        return [one.event for one in self.fake.entries if isinstance(one.event, kind)]


@pytest.fixture
async def court(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Court]:
    fake = FakeMatch()

    class Monotonic:
        @staticmethod
        def monotonic_ns() -> int:
            return fake.mono_us * 1000

    monkeypatch.setattr(clock_module, "time", Monotonic)
    court = Court(fake)
    yield court
    await court.hub.stop()


async def test_no_question_leaves_before_its_instant_and_then_both_have_it(court: Court) -> None:
    await court.both()
    for link in court.links.values():
        await court.until(link, ServerMatchSealed)
        written = b"".join(link.frames)
        assert "绝密".encode() not in written
        assert item_key(SECRET, SessionId(MATCH_ID), ItemNo(1)) not in written
        assert not any(isinstance(one, ServerMatchKey) for one in heard(link))
    court.answer(1, 1)
    assert (await court.until(court.links[1], ServerError)).code == "too-early"
    await court.open()
    for link in court.links.values():
        key = await court.until(link, ServerMatchKey, question=1)
        assert key.key == item_key(SECRET, SessionId(MATCH_ID), ItemNo(1))
        assert "解析".encode() not in b"".join(link.frames)
    assert court.entries(Answered) == []


async def test_right_answers_are_told_only_once_both_have_answered(court: Court) -> None:
    await court.both()
    opened_us = await court.open()
    court.answer(1, 1, at_us=opened_us + 2 * S)
    acknowledged = await court.until(court.links[1], ServerMatchAnswered)
    assert (acknowledged.status, acknowledged.elapsed_us, acknowledged.flagged) == ("accepted", 2 * S, False)
    seen = await court.until(court.links[2], ServerMatch, state="open", last=None)
    assert [one.answered for one in seen.players] == [True, False]
    assert not any(isinstance(one, ServerMatch) and one.last for link in court.links.values() for one in heard(link))
    court.answer(2, 1, "A", at_us=opened_us + 3 * S)

    async def told() -> list[ServerMatch]:
        return [one for one in heard(court.links[2]) if isinstance(one, ServerMatch) and one.last]

    last = (await eventually(told, bool))[-1].last
    assert last is not None
    assert (last.key, last.explanation) == (["B"], "第1题的解析")
    assert [(one.response, one.right, one.points) for one in last.answers] == [(["B"], True, 96), (["A"], False, 0)]
    assert (await court.stands("soon")).question in (1, 2)


async def test_time_out_closes_a_question_and_an_answer_at_its_end_is_late(court: Court) -> None:
    await court.both()
    opened_us = await court.open()
    court.fake.mono_us = opened_us + 20 * S
    court.answer(1, 1, at_us=opened_us + 20 * S - 1)
    assert (await court.until(court.links[1], ServerMatchAnswered)).status == "accepted"
    court.answer(2, 1, at_us=opened_us + 20 * S)
    assert (await court.until(court.links[2], ServerMatchAnswered)).status == "late"
    assert court.entries(Closed) == []
    await court.pass_time(GRACE_US)
    await eventually(lambda: _list(court.entries(Closed)), lambda found: found == [Closed(1)])
    court.answer(2, 1)
    assert (await court.until(court.links[2], ServerError)).code == "too-late"


async def _list(found: list[Any]) -> list[Any]:
    return found


async def test_the_first_answer_stands_however_often_another_is_sent(court: Court) -> None:
    await court.both()
    opened_us = await court.open()
    court.fake.out = 2
    court.answer(1, 1, "A", at_us=opened_us + S)
    court.answer(1, 1, "B", at_us=opened_us + S)
    first = await court.until(court.links[1], ServerMatchAnswered)
    assert (first.response, first.elapsed_us) == (["A"], S)
    court.answer(1, 1, "B")

    async def all_said() -> list[Any]:
        return [one for one in heard(court.links[1]) if isinstance(one, ServerMatchAnswered)]

    assert await eventually(all_said, lambda said: len(said) == 2) == [first, first]
    assert [(one.seat, one.response) for one in court.entries(Answered)] == [(1, ("A",))]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (ClientMatchAnswer(1, ["E"]), "bad-response"),
        (ClientMatchAnswer(1, ["B", "A"]), "bad-response"),
        (ClientMatchAnswer(1, ["A", "B"]), "bad-response"),
        (ClientMatchAnswer(2, ["A"]), "too-early"),
        (ClientHello("1"), "hello-repeated"),
    ],
)
async def test_what_cannot_be_an_answer_is_refused(court: Court, message: Any, code: str) -> None:
    await court.both()
    await court.open()
    court.players[1].received(encode(message), court.fake.mono_us)
    assert (await court.until(court.links[1], ServerError)).code == code
    assert court.entries(Answered) == []


async def test_garbage_and_strangers_are_shown_out(court: Court) -> None:
    await court.both()
    for frame, code in (
        (b"\xc1", "frame-malformed"),
        (encode({"type": "match_answer", "question": 11}), "frame-invalid"),
    ):
        court.players[1].received(frame, court.fake.mono_us)
        await court.until(court.links[1], ServerError, code=code)
    court.players[2].received(bytes(5_000), court.fake.mono_us)
    assert court.links[2].closed == (CloseCode.ABUSE, "frame-too-large")
    link = FakeLink()
    stranger = court.hub.open(link, court.fake.mono_us, "zh-CN")
    stranger.received(encode(ClientMatchAnswer(1, ["B"])), court.fake.mono_us)
    assert (await court.until(link, ServerError)).code == "hello-expected"
    stranger.received(encode(ClientHello("3")), court.fake.mono_us)
    assert (await court.until(link, ServerBye)).code == "ticket-refused"
    for _ in range(60):
        court.players[1].received(encode(ClientProbe(1)), court.fake.mono_us)
    assert court.links[1].closed == (CloseCode.ABUSE, "abuse")


async def test_who_comes_back_has_the_open_question_and_is_flagged(court: Court) -> None:
    await court.both()
    opened_us = await court.open()
    court.answer(2, 1, at_us=opened_us + S)
    await court.until(court.links[2], ServerMatchAnswered)
    again = await court.come(2)
    assert (await court.until(again, ServerMatchAnswered)).elapsed_us == S
    court.fake.mono_us = opened_us + 4 * S
    before = court.links[1]
    link = await court.come(1)
    assert before.closed == (CloseCode.SUPERSEDED, "superseded")
    assert (await court.until(link, ServerMatchSealed)).sealed.item == 1
    assert (await court.until(link, ServerMatchKey)).question == 1
    court.answer(1, 1)
    answered = await court.until(link, ServerMatchAnswered)
    assert (answered.elapsed_us, answered.flagged) == (4 * S, True)


async def test_nobody_who_comes_back_before_the_instant_has_the_key(court: Court) -> None:
    await court.both()
    link = await court.come(1)
    await court.until(link, ServerMatchSealed)
    assert not any(isinstance(one, ServerMatchKey) for one in heard(link))
    await court.open()
    await court.until(link, ServerMatchKey)
    court.answer(1, 1, at_us=court.fake.mono_us + S)
    assert not (await court.until(link, ServerMatchAnswered)).flagged


async def test_whoever_leaves_has_lost_and_the_result_is_kept_before_it_is_shown(court: Court) -> None:
    court.fake.archive_out = 1
    await court.both()
    await court.open()
    court.players[2].received(encode(ClientMatchLeave()), court.fake.mono_us)
    await court.stands("saving")
    assert not any(isinstance(one, ServerMatch) and one.won_by for one in heard(court.links[1]))
    ended = await court.stands("ended")
    assert (ended.won, ended.won_by) == (1, "left")
    assert [one.earned for one in ended.players] == [30, 0]
    assert len(court.fake.kept) == 1
    await eventually(lambda: _list(court.fake.released), lambda found: found == [(MATCH_ID, (1, 2))])
    court.players[1].received(encode(ClientMatchLeave()), court.fake.mono_us)
    assert (await court.until(court.links[1], ServerError)).code == "match-over"
    assert court.entries(Left) == [Left(2)]


async def test_a_match_to_which_nobody_comes_is_void(court: Court) -> None:
    court.fake.begin()
    await court.come(1)
    await court.stands("gathering")
    await court.pass_time(COME_WITHIN_US)
    await court.stands("void")
    await eventually(lambda: _list(court.fake.released), lambda found: found == [(MATCH_ID, (1, 2))])
    assert court.fake.kept == []


async def test_a_recording_answers_at_its_own_times(court: Court) -> None:
    await court.both(RECORDED)
    opened_us = await court.open()
    view = await court.stands("open")
    assert [one.recorded_us for one in view.players] == [0, OFFSET_US]
    court.answer(1, 1, at_us=opened_us + S)
    await court.until(court.links[1], ServerMatchAnswered)
    assert [one.seat for one in court.entries(Answered)] == [1]
    await court.pass_time(2 * S)
    await eventually(lambda: _list(court.entries(Closed)), lambda found: found == [Closed(1)])
    assert court.entries(Answered)[1] == Answered(2, 1, ("A",), True, opened_us + OFFSET_US + 2 * S, 2 * S)


async def test_two_gateways_carry_one_match(court: Court) -> None:
    other = Court(court.fake)
    court.fake.begin()
    try:
        await court.come(1)
        await other.come(2)
        await court.stands("soon")
        await other.stands("soon", 2)
        assert court.entries(Opened) == other.entries(Opened)
        assert len(court.entries(Opened)) == 1
        opened_us = await court.open()
        await other.open()
        court.answer(1, 1, at_us=opened_us + S)
        other.answer(2, 1, at_us=opened_us + S)
        await court.until(court.links[1], ServerMatchAnswered)
        await other.until(other.links[2], ServerMatchAnswered)
        await eventually(lambda: _list(court.entries(Closed)), lambda found: found == [Closed(1)])
    finally:
        await other.hub.stop()


async def test_a_match_whose_gateway_died_is_brought_to_its_end(court: Court) -> None:
    court.fake.begin()
    await court.hub.take_up()
    court.fake.mono_us += COME_WITHIN_US
    court.room._due.set()
    await eventually(lambda: _list(court.fake.released), lambda found: found == [(MATCH_ID, (1, 2))])
    assert MATCH_ID in court.fake.looked_after or court.fake.released

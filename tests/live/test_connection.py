"""One socket's conversation over a link and a hub that take notes: every stage with every message."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.live.connection import DELIVERY_CAP_US, Connection, Stage
from leitai.live.ports import Accepted, Outcome
from leitai.rules.values import SittingId
from leitai.wire.codec import encode
from leitai.wire.messages import (
    AckStatus,
    Answered,
    ClientAnswer,
    ClientCheckIn,
    ClientConduct,
    ClientHello,
    ClientMessage,
    ClientProbe,
    ClientQuestion,
    ClientReceipts,
    ClientWatch,
    CloseCode,
    ConductKind,
    ServerAck,
    ServerBye,
    ServerClock,
    ServerError,
    View,
)
from tests.support.live import START, FakeHub, FakeLink
from tests.support.packing import pack
from tests.support.strategies import client_messages, messagepack_values

HELLO = ClientHello(ticket="t")
MESSAGES: dict[str, ClientMessage] = {
    "hello": HELLO,
    "answer": ClientAnswer(1, 1, ["A"]),
    "probe": ClientProbe(5),
    "check_in": ClientCheckIn(1, 2, "browser"),
    "conduct": ClientConduct(ConductKind.LEFT),
    "question": ClientQuestion("何时开始？"),
    "watch": ClientWatch(View.INDIVIDUALS),
    "receipts": ClientReceipts([]),
}
ACTS = ("answer", "check_in", "conduct", "question", "receipts")
Talk = tuple[Connection, FakeLink, FakeHub]


def opened() -> Talk:
    hub, link = FakeHub(), FakeLink()
    return Connection(hub, link, 0), link, hub


def joining() -> Talk:
    talk = opened()
    talk[0].received(encode(HELLO), 0)
    return talk


def live(sitting: int = 7) -> Talk:
    talk = joining()
    talk[0].stage = Stage.LIVE
    talk[0].sitting_id = SittingId(sitting)
    talk[2].calls.clear()
    return talk


def viewing() -> Talk:
    return live(0)


def closed() -> Talk:
    talk = live()
    talk[0].end(CloseCode.SUPERSEDED, "superseded", 0)
    talk[1].said()
    return talk


def moved() -> Talk:
    talk = live()
    talk[0].end(CloseCode.MOVED, "moved", 1)
    talk[1].said()
    return talk


def _effect(stage: str, message: str) -> str:
    """The table: what a message does in a stage."""
    if stage == "closed" or (stage == "moved" and message != "answer"):
        return "nothing"
    if message == "probe":
        return "clock"
    if message == "hello":
        return "join" if stage == "opened" else "hello-repeated"
    if stage in ("opened", "joining"):
        return "hello-expected"
    if stage == "viewing" and message in ACTS:
        return "not-a-contestant"
    return "submit" if message == "answer" else {"receipts": "present", "question": "ask"}.get(message, message)


STAGES: dict[str, Callable[[], Talk]] = {
    "opened": opened,
    "joining": joining,
    "live": live,
    "viewing": viewing,
    "closed": closed,
    "moved": moved,
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_in_every_stage(stage: str, message: str) -> None:
    connection, link, hub = STAGES[stage]()
    hub.calls.clear()
    connection.received(encode(MESSAGES[message]), 10)
    said = link.said()
    effect = _effect(stage, message)
    if effect == "nothing":
        assert (said, hub.calls, hub.submitted) == ([], [], [])
    elif effect == "clock":
        assert said == [ServerClock(5, START + 10)]
    elif effect == "submit":
        assert [(shard, answer.sitting_id, answer.arrival_us) for shard, answer in hub.submitted] == [(0, 7, 10)]
    elif effect in ("join", "watch", "check_in", "conduct", "ask", "present"):
        assert [call[0] for call in hub.calls] == [effect]
        assert MESSAGES[message] in hub.calls[0]
        assert said == []
    else:
        (error,) = said
        assert isinstance(error, ServerError)
        assert (error.code, hub.calls, hub.submitted) == (effect, [], [])


@pytest.mark.parametrize("stage", ["opened", "joining", "live", "viewing"])
@pytest.mark.parametrize(
    ("frame", "code"),
    [(b"", "frame-malformed"), (b"\xc1", "frame-malformed"), (pack([1]), "frame-invalid"), (pack({}), "frame-invalid")],
)
def test_a_bad_frame_is_told_and_changes_nothing(stage: str, frame: bytes, code: str) -> None:
    connection, link, hub = STAGES[stage]()
    hub.calls.clear()
    before = connection.stage
    connection.received(frame, 10)
    assert link.say(ServerError).code == code
    assert (connection.stage, link.closed, hub.calls) == (before, None, [])


def test_a_text_frame_is_told() -> None:
    connection, link, _ = live()
    connection.received_text()
    assert link.say(ServerError).code == "frame-not-binary"


def test_an_oversized_frame_ends_it_at_once() -> None:
    connection, link, hub = live()
    connection.received(bytes(16 * 1024 + 1), 10)
    assert link.say(ServerBye).code == "frame-too-large"
    assert link.closed == (CloseCode.ABUSE, "frame-too-large")
    assert (connection.stage, hub.closes) == (Stage.CLOSED, [CloseCode.ABUSE])


def test_twenty_mistakes_are_forgiven_and_no_more() -> None:
    connection, link, _ = live()
    for at in range(20):
        connection.received(b"\xc1", at * 1_000_000)
    assert [type(message) for message in link.said()] == [ServerError] * 20
    connection.received(b"\xc1", 21_000_000)
    assert link.say(ServerBye).code == "abuse"
    assert link.closed == (CloseCode.ABUSE, "abuse")


def test_nothing_is_written_after_the_end() -> None:
    connection, link, hub = live()
    connection.end(CloseCode.MOVED, "moved", 700)
    bye = link.say(ServerBye)
    assert (bye.code, bye.resume_after_ms) == ("moved", 700)
    connection.send(b"x")
    connection.fault("frame-invalid")
    connection.end(CloseCode.ABUSE, "abuse", 0)
    connection.received_text()
    assert (link.frames, link.closed, hub.closes) == ([], (CloseCode.MOVED, "moved"), [CloseCode.MOVED])
    connection.lost(5)
    assert hub.calls == [("leave", 5)]


# --- the rate ---------------------------------------------------------------------------------------------------------


def _probe(connection: Connection, link: FakeLink, now_us: int) -> str:
    connection.received(encode(ClientProbe(1)), now_us)
    (said,) = link.said()
    return said.code if isinstance(said, ServerError) else type(said).__name__


def test_a_burst_of_120_messages_and_40_a_second() -> None:
    connection, link, _ = opened()
    assert [_probe(connection, link, 0) for _ in range(120)] == ["ServerClock"] * 120
    assert _probe(connection, link, 24_999) == "too-many-messages"
    assert _probe(connection, link, 25_000) == "ServerClock"
    assert _probe(connection, link, 25_000) == "too-many-messages"
    assert [_probe(connection, link, 1_025_000) for _ in range(41)] == ["ServerClock"] * 40 + ["too-many-messages"]


def test_a_steady_40_a_second_goes_on_for_ever() -> None:
    connection, link, _ = opened()
    assert {_probe(connection, link, at * 25_000) for at in range(4000)} == {"ServerClock"}


def test_a_flood_ends_it() -> None:
    connection, link, _ = opened()
    for _ in range(141):
        connection.received(encode(ClientProbe(1)), 0)
    assert link.closed == (CloseCode.ABUSE, "abuse")


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "response", "kept"),
    [
        (1, ["A"], ("A",)),
        (1, [], ()),
        (2, ["A", "C"], ("A", "C")),
        (2, ["A", "B", "C", "D"], ("A", "B", "C", "D")),
        (3, ["T"], ("T",)),
        (4, ["三十\n日", "书\x1f面"], ("三十日", "书面")),
        (4, ["", "书面"], ("", "书面")),
        (4, ["", ""], ()),
        (4, ["\x00", "\x7f"], ()),
        (4, ["三" * 200, ""], ("三" * 200, "")),
        (6, ["一\n\t二\x00", ""], ("一\n\t二", "")),
        (6, ["文" * 1200, "文" * 1200], ("文" * 1200, "文" * 1200)),
        (6, ["\x00", "\x7f"], ()),
    ],
)
def test_responses_that_fit(item: int, response: list[str], kept: tuple[str, ...]) -> None:
    connection, link, hub = live()
    connection.received(encode(ClientAnswer(item, 9, response)), 10)
    ((_, answer),) = hub.submitted
    assert (answer.item_no, answer.client_seq, answer.response, link.said()) == (item, 9, kept, [])


@pytest.mark.parametrize(
    ("item", "response", "code"),
    [
        (5, ["A"], "unknown-item"),
        (1000, [], "unknown-item"),
        (1, ["A", "B"], "bad-response"),
        (1, ["E"], "bad-response"),
        (1, [""], "bad-response"),
        (2, ["C", "A"], "bad-response"),
        (2, ["A", "A"], "bad-response"),
        (3, ["A"], "bad-response"),
        (3, ["T", "F"], "bad-response"),
        (4, ["one"], "bad-response"),
        (4, ["三" * 201, ""], "bad-response"),
        (6, ["\n", " "], "bad-response"),
        (6, ["文"], "bad-response"),
        (4, ["one", "two", "three"], "bad-response"),
    ],
)
def test_responses_that_do_not(item: int, response: list[str], code: str) -> None:
    connection, link, hub = live()
    connection.received(encode(ClientAnswer(item, 9, response)), 10)
    assert link.say(ServerAck) == ServerAck(item, 9, AckStatus.REJECTED, code=code)
    assert (hub.submitted, connection.strikes) == ([], 0)


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        (Outcome.ACCEPTED, AckStatus.ACCEPTED, ""),
        (Outcome.LATE, AckStatus.LATE, "too-late"),
        (Outcome.EARLY, AckStatus.EARLY, "too-early"),
    ],
)
def test_a_decision_is_acknowledged_with_its_receipt(outcome: Outcome, status: AckStatus, code: str) -> None:
    connection, link, hub = live()
    connection.received(encode(MESSAGES["answer"]), 10)
    ((_, answer),) = hub.submitted
    answer.decided(answer, Accepted(outcome, True, 99, 5, 44))
    receipt = hub.receipt(answer, status.value, Accepted(outcome, True, 99, 5, 44))
    assert link.say(ServerAck) == ServerAck(1, 1, status, 99, 5, 44, receipt, True, code)


def test_a_refusal_is_acknowledged_without_a_receipt() -> None:
    connection, link, hub = live()
    connection.received(encode(MESSAGES["answer"]), 10)
    ((_, answer),) = hub.submitted
    answer.decided(answer, Accepted(Outcome.REFUSED, False, 99, 0, 0, "already-answered"))
    assert link.say(ServerAck) == ServerAck(1, 1, AckStatus.REJECTED, 99, code="already-answered")


def test_a_decision_after_the_end_is_told_to_nobody() -> None:
    connection, link, hub = live()
    connection.received(encode(MESSAGES["answer"]), 10)
    connection.lost(11)
    ((_, answer),) = hub.submitted
    answer.decided(answer, Accepted(Outcome.ACCEPTED, False, 99, 0, 1))
    assert link.frames == []


def test_a_full_intake_is_nobody_s_fault() -> None:
    """An outage may last: a client that keeps trying must not be closed for it."""
    connection, link, hub = live()
    hub.full = True
    connection.resent([Answered(1, seq, ["A"]) for seq in range(1, 101)], 10)
    said = link.said()
    assert {(message.code, message.retry) for message in said if isinstance(message, ServerError)} == {
        ("store-unavailable", True)
    }
    assert (len(said), link.closed) == (100, None)


def test_elapsed_is_counted_from_the_delivery_to_this_connection() -> None:
    connection, _, hub = live()
    connection.delivered_item, connection.delivered_us = 1, 1000
    for now_us in (1000 + DELIVERY_CAP_US, 900):
        connection.received(encode(MESSAGES["answer"]), now_us)
    connection.received(encode(ClientAnswer(2, 1, ["A"])), 5000)
    assert [answer.elapsed_us for _, answer in hub.submitted] == [DELIVERY_CAP_US, 0, -1]


# --- pings, slow readers, anything ------------------------------------------------------------------------------------


def test_a_pong_measures_the_round_trip_once() -> None:
    connection, _, _ = live()
    connection.expects_pong_us = 1000
    connection.pong(1700)
    connection.pong(9000)
    assert (connection.round_trip_us, connection.expects_pong_us) == (700, 0)


def test_a_slow_reader_is_noted_from_its_first_pause() -> None:
    connection, _, hub = live()
    connection.writing_paused(1000)
    connection.writing_paused(2000)
    assert (connection.stalled_us, hub.calls) == (1000, [("stalled",)])
    connection.writing_resumed()
    assert (connection.stalled_us, hub.calls) == (0, [("stalled",), ("resumed",)])


frames = st.one_of(
    st.binary(max_size=64), messagepack_values().map(pack), client_messages().map(encode), st.just(bytes(20_000))
)


@given(st.lists(frames, max_size=30), st.sampled_from(["opened", "joining", "live", "viewing"]))
def test_nothing_that_comes_in_breaks_it(received: list[bytes], stage: str) -> None:
    connection, link, _ = STAGES[stage]()
    for frame in received:
        connection.received(frame, 10)
    link.said()
    assert (connection.stage is Stage.CLOSED) == (link.closed is not None)

"""One suite for both socket drivers: a real server on loopback, and clients written from docs/wire.md alone."""

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.typing import Origin, Subprotocol

from leitai.live.ports import RECEIPT, Accepted, Command, Outcome, SittingEvent, Submission
from leitai.live.sealing import Receipts, item_key
from leitai.rules.values import ItemNo, SessionId, SittingId
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from leitai_loadtest.client import Contestant, Message, Unexpected
from leitai_loadtest.door import socket_url
from tests.support.packing import pack, unpack
from tests.support.serving import OPEN, ORIGIN, OVER, UNOPENED, Scene, serving
from tests.support.stores import scratch_folder, standing_database
from tests.support.waiting import PATIENCE_S, eventually

TWO_SIDES = ["picows", "starlette"]


@pytest.fixture(scope="module", params=TWO_SIDES)
def scene(request: pytest.FixtureRequest, postgres: EmbeddedPostgres, valkey_url: str) -> Iterator[Scene]:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        dsn = stack.enter_context(standing_database(postgres))
        yield stack.enter_context(serving(request.param, dsn, valkey_url, Path(folder)))


@pytest.fixture
async def someone(scene: Scene) -> AsyncIterator[Contestant]:
    """A contestant who has said hello."""
    async with scene.someone() as contestant:
        await contestant.hello()
        yield contestant


@contextlib.asynccontextmanager
async def _plain(scene: Scene, **options: Any) -> AsyncGenerator[ClientConnection]:
    """A socket without a word said on it."""
    usual: dict[str, Any] = {"subprotocols": [Subprotocol("leitai.v1")], "compression": None}
    async with connect(socket_url(scene.url), proxy=None, ping_interval=None, **{**usual, **options}) as peer:
        yield peer


async def _command(scene: Scene, kind: str, text: str = "") -> None:
    store = open_store(scene.valkey_url)
    try:
        await ValkeySession(store, SessionId(scene.session), 1).command(Command(kind, "operator", text))
    finally:
        await store.aclose()


async def _feed(scene: Scene) -> list[tuple[int, bytes]]:
    store = open_store(scene.valkey_url)
    try:
        return await ValkeySession(store, SessionId(scene.session), 1).feed(0, 0)
    finally:
        await store.aclose()


async def _heard(peer: ClientConnection) -> Message:
    frame = await peer.recv()
    assert isinstance(frame, bytes)
    return unpack(frame)


# --- the upgrade ------------------------------------------------------------------------------------------------------


async def test_our_subprotocol_is_echoed_and_nothing_is_negotiated(scene: Scene) -> None:
    async with _plain(scene, compression="deflate") as peer:
        assert peer.subprotocol == "leitai.v1"
        assert peer.response is not None
        assert "Sec-WebSocket-Extensions" not in peer.response.headers


async def test_a_client_that_offers_no_subprotocol_is_let_in_without(scene: Scene) -> None:
    async with _plain(scene, subprotocols=None) as peer:
        assert peer.subprotocol is None
    async with _plain(scene, subprotocols=[Subprotocol("other"), Subprotocol("leitai.v1")]) as peer:
        assert peer.subprotocol == "leitai.v1"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", f"{ORIGIN}.evil.example", ORIGIN + ":8443"])
async def test_pages_of_others_are_refused(scene: Scene, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with _plain(scene, origin=Origin(origin)):
            pass
    assert refusal.value.response.status_code == 403


async def test_our_own_page_is_let_in(scene: Scene) -> None:
    async with _plain(scene, origin=Origin(ORIGIN)) as peer:
        assert peer.subprotocol == "leitai.v1"


async def test_whoever_only_watches_has_a_door_beside(scene: Scene) -> None:
    options: dict[str, Any] = {"subprotocols": [Subprotocol("leitai.v1")], "compression": None, "proxy": None}
    async with connect(socket_url(scene.url, "/live/board"), ping_interval=None, **options) as peer:
        await peer.send(pack({"type": "hello", "session": scene.session}))
        assert (await _heard(peer))["type"] == "welcome"
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(socket_url(scene.url, "/live/board"), origin=Origin("https://elsewhere.example"), **options):
            pass
    assert refusal.value.response.status_code == 403


async def test_a_stage_s_socket_is_another_one_and_lets_nobody_in_without_its_ticket(scene: Scene) -> None:
    options: dict[str, Any] = {"subprotocols": [Subprotocol("leitai.v1")], "compression": None, "proxy": None}
    async with connect(f"{socket_url(scene.url)}/stage", ping_interval=None, **options) as peer:
        await peer.send(pack({"type": "press", "question": 1, "seq": 1}))
        assert (await _heard(peer))["code"] == "hello-expected"
        await peer.send(pack({"type": "hello", "ticket": "nobody's"}))
        assert (await _heard(peer))["code"] == "ticket-refused"
        await peer.wait_closed()
        assert peer.close_code == 4004
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(f"{socket_url(scene.url)}/stage", origin=Origin("https://elsewhere.example"), **options):
            pass
    assert refusal.value.response.status_code == 403


# --- hello ------------------------------------------------------------------------------------------------------------


async def test_a_contestant_is_welcomed_with_a_snapshot_and_the_open_item(scene: Scene) -> None:
    async with scene.someone() as someone:
        welcome = await someone.hello()
        sitting = someone.me["sitting"]
        assert (welcome["session"], welcome["sitting"], welcome["recovered"]) == (scene.session, sitting, False)
        assert len(welcome["order_seed"]) == 16
        opened = await someone.expect("open")
        assert opened == {
            "type": "open",
            "item": OPEN,
            "key": item_key(scene.file.secret, scene.file.session_id, ItemNo(OPEN)),
        }
        snapshot = someone.snapshot
        assert (snapshot["phase"], snapshot["start_us"]) == ("running", scene.file.start_us)
        assert [window["item"] for window in snapshot["windows"]] == [OVER, OPEN, UNOPENED]
        assert snapshot["offset"] == welcome["offset"]
        content = await someone.unseal(opened)
        assert (content["type"], len(content["options"])) == ("multiple", 4)


async def test_no_key_but_the_open_item_s_is_told(scene: Scene, someone: Contestant) -> None:
    await someone.probe()
    secret, session = scene.file.secret, scene.file.session_id
    said = pack([someone.welcome, someone.snapshot, someone.inbox])
    assert item_key(secret, session, ItemNo(UNOPENED)) not in said
    assert item_key(secret, session, ItemNo(OPEN)) in said


async def test_a_viewer_is_welcomed_without_keys_or_an_order(scene: Scene) -> None:
    async with Contestant.viewer(scene.url, scene.session) as viewer:
        await viewer.probe()
        assert (viewer.welcome["sitting"], viewer.welcome["order_seed"]) == (0, b"")
        assert [message["type"] for message in viewer.inbox] == ["snapshot"]
        assert (await viewer.expect("snapshot"))["answers"] == []
        await viewer.send({"type": "answer", "item": OPEN, "seq": 1, "response": ["A"]})
        assert (await viewer.expect("error"))["code"] == "not-a-contestant"


async def test_a_ticket_opens_one_socket(scene: Scene) -> None:
    async with scene.someone() as someone:
        ticket = await someone.door.ticket()
        await someone.hello(ticket=ticket)
        await someone.drop()
        await someone.connect()
        await someone.send({"type": "hello", "ticket": ticket})
        assert (await someone.expect("bye"))["code"] == "ticket-refused"
        assert await someone.expect_close() == 4004


@pytest.mark.parametrize("ticket", ["no-such-ticket", "x" * 64, "é"])
async def test_a_ticket_that_was_never_given_is_refused(scene: Scene, ticket: str) -> None:
    async with _plain(scene) as peer:
        await peer.send(pack({"type": "hello", "ticket": ticket}))
        assert (await _heard(peer))["code"] == "ticket-refused"
        await peer.wait_closed()
        assert (peer.close_code, peer.close_reason) == (4004, "ticket-refused")


async def test_a_stale_ticket_is_refused(scene: Scene) -> None:
    async with scene.someone() as someone:
        store = open_store(scene.valkey_url)
        before = set(await store.execute_command("KEYS", "leitai:ticket:*"))
        ticket = await someone.door.ticket()
        for key in set(await store.execute_command("KEYS", "leitai:ticket:*")) - before:
            await store.execute_command("PEXPIRE", key, 0)
        await store.aclose()
        await someone.connect()
        await someone.send({"type": "hello", "ticket": ticket})
        assert await someone.expect_close() == 4004


async def test_of_two_sockets_with_one_ticket_one_is_let_in(scene: Scene) -> None:
    async with scene.someone() as someone, _plain(scene) as first, _plain(scene) as second:
        ticket = await someone.door.ticket()
        hello = pack({"type": "hello", "ticket": ticket})
        await asyncio.gather(first.send(hello), second.send(hello))
        answers = [message["type"] for message in await asyncio.gather(_heard(first), _heard(second))]
        assert sorted(answers) == ["bye", "welcome"]


async def test_another_session_is_not_found(scene: Scene) -> None:
    async with _plain(scene) as peer:
        await peer.send(pack({"type": "hello", "session": scene.session + 1}))
        assert (await _heard(peer))["code"] == "not-found"
        await peer.wait_closed()
        assert peer.close_code == 4004


async def test_nothing_is_done_before_hello_and_hello_is_said_once(scene: Scene) -> None:
    async with scene.someone() as someone:
        await someone.connect()
        for message in (
            {"type": "answer", "item": OPEN, "seq": 1, "response": ["A"]},
            {"type": "watch", "view": "individuals"},
            {"type": "check_in", "round_trip_us": 1, "clock_offset_us": 0, "browser": ""},
            {"type": "conduct", "kind": "left"},
            {"type": "receipts", "receipts": []},
        ):
            await someone.send(message)
            assert (await someone.expect("error"))["code"] == "hello-expected"
        await someone.probe()
        await someone.hello()
        await someone.send({"type": "hello", "ticket": "x"})
        assert (await someone.expect("error"))["code"] == "hello-repeated"
        assert (await someone.answer(OPEN, ["A"]))["status"] == "accepted"


# --- recovery ---------------------------------------------------------------------------------------------------------


async def test_every_missed_entry_comes_in_order_or_one_snapshot(scene: Scene) -> None:
    feed = await _feed(scene)
    last = feed[-1][0]
    assert [offset for offset, _ in feed] == list(range(1, last + 1))
    async with scene.someone() as someone:
        epoch = (await someone.hello())["epoch"]
        for offset in range(last + 1):
            await someone.drop()
            someone.inbox.clear()
            welcome = await someone.hello(epoch=epoch, offset=offset)
            await someone.expect("open", item=OPEN)
            assert (welcome["recovered"], welcome["offset"]) == (True, last)
            assert someone.inbox == [unpack(frame) for _, frame in feed[offset:]]
        for wrong in ({"epoch": epoch, "offset": last + 1}, {"epoch": "other", "offset": last}, {"epoch": ""}):
            await someone.drop()
            someone.inbox.clear()
            assert (await someone.hello(**wrong))["recovered"] is False
            await someone.expect("open", item=OPEN)
            assert [message["type"] for message in someone.inbox] == ["snapshot"]


async def test_recovery_at_another_gateway(scene: Scene) -> None:
    async with scene.someone() as here:
        welcome = await here.hello()
        ack = await here.answer(OPEN, ["A", "C"])
        await here.drop()
        await _command(scene, "announce", "请各位选手注意")
        async with Contestant.viewer(scene.url, scene.session) as viewer:
            while viewer.offset == welcome["offset"]:
                await viewer.expect("announcement")
        moved = Contestant(scene.other_url)
        moved.door = here.door
        moved.epoch, moved.offset, moved.seq = here.epoch, here.offset, here.seq
        moved.sent = {ack["seq"]: here.sent[ack["seq"]]}
        try:
            again = await moved.hello()
            assert (again["recovered"], again["epoch"]) == (True, welcome["epoch"])
            announced = await moved.expect("announcement")
            assert (announced["text"], announced["offset"]) == ("请各位选手注意", welcome["offset"] + 1)
            resent = await moved.expect("ack")
            assert resent == {**ack, "duplicate": True}
            assert (await moved.expect("open"))["item"] == OPEN
        finally:
            await moved.leave()


async def test_own_answers_come_back_with_a_snapshot(scene: Scene, someone: Contestant) -> None:
    ack = await someone.answer(OPEN, ["B"])
    await someone.drop()
    await someone.hello(epoch="", offset=0)
    await someone.probe()
    assert someone.snapshot["answers"] == [{**ack, "duplicate": True}]
    assert someone.snapshot["responses"] == [{"item": OPEN, "seq": ack["seq"], "response": ["B"]}]


async def test_unacknowledged_answers_are_taken_with_hello(scene: Scene) -> None:
    async with scene.someone() as someone:
        await someone.give(OPEN, ["A"], seq=5)
        await someone.give(UNOPENED, ["三十日", "书面"], seq=6)
        await someone.hello()
        counted = await someone.expect("ack", seq=5)
        early = await someone.expect("ack", seq=6)
        assert (counted["status"], counted["duplicate"], early["status"]) == ("accepted", False, "early")
        await someone.drop()
        someone.acks.clear()
        await someone.hello()
        again = await someone.expect("ack", seq=5)
        assert again == {**counted, "duplicate": True}


# --- one connection of a sitting --------------------------------------------------------------------------------------


async def test_the_newest_connection_wins(scene: Scene) -> None:
    async with scene.someone() as older:
        await older.hello()
        newer = Contestant(scene.url)
        newer.door = older.door
        await newer.hello()
        assert (await older.expect("bye"))["code"] == "superseded"
        assert await older.expect_close() == 4001
        assert (await newer.answer(OPEN, ["A"]))["status"] == "accepted"
        await newer.leave()


async def test_the_newest_connection_wins_across_gateways(scene: Scene) -> None:
    async with scene.someone() as older:
        await older.hello()
        newer = Contestant(scene.other_url)
        newer.door = older.door
        await newer.hello()
        assert await older.expect_close() == 4001
        assert (await newer.answer(OPEN, ["A"]))["status"] == "accepted"
        third = Contestant(scene.url)
        third.door = older.door
        await third.hello()
        assert await newer.expect_close() == 4001
        assert (await third.answer(OPEN, ["B"], seq=2))["code"] == "already-answered"
        await third.leave()
        await newer.leave()


async def test_of_sockets_opened_early_the_one_that_says_hello_last_stays(scene: Scene) -> None:
    """A socket may be open for seconds before its hello: what counts is who was let in last, and one always stays."""
    async with scene.someone() as slow:
        await slow.connect()
        quick = Contestant(scene.other_url)
        quick.door = slow.door
        await quick.hello()
        await slow.hello()
        assert await quick.expect_close() == 4001
        assert (await slow.answer(OPEN, ["A"]))["status"] == "accepted"
        third = Contestant(scene.other_url)
        third.door = slow.door
        await third.hello()
        assert await slow.expect_close() == 4001
        await third.probe()
        await third.leave()
        await quick.leave()


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", "frame-malformed"),
        (b"\xc1", "frame-malformed"),
        (b"\x00\xff\x13garbage", "frame-invalid"),
        (b"\x91" * 9000 + b"\xc0", "frame-invalid"),
        (b"\x82\xa4type\xa5hello\xa1x" + b"\x91" * 9000 + b"\xc0", "frame-malformed"),
        (b"\xdf\xff\xff\xff\xff", "frame-malformed"),
        (pack(["answer", 1]), "frame-invalid"),
        (pack(42), "frame-invalid"),
        (pack({"item": 1}), "frame-invalid"),
        (pack({"type": "no-such"}), "frame-invalid"),
        (pack({"type": "answer", "item": OPEN}), "frame-invalid"),
        (pack({"type": "answer", "item": "2", "seq": 1, "response": ["A"]}), "frame-invalid"),
        (pack({"type": "answer", "item": 0, "seq": 1, "response": ["A"]}), "frame-invalid"),
        (pack({"type": "answer", "item": OPEN, "seq": 0, "response": ["A"]}), "frame-invalid"),
        (pack({"type": "answer", "item": OPEN, "seq": 2**31, "response": ["A"]}), "frame-invalid"),
        (pack({"type": "answer", "item": OPEN, "seq": 1, "response": ["A"] * 17}), "frame-invalid"),
        (pack({"type": "answer", "item": OPEN, "seq": 1, "response": "A"}), "frame-invalid"),
        (pack({"type": "watch", "view": "secrets"}), "frame-invalid"),
        (pack({"type": "answer", "item": 1.5, "seq": 1, "response": []}), "frame-invalid"),
        ("not binary", "frame-not-binary"),
        ("", "frame-not-binary"),
    ],
)
async def test_a_mistake_is_told_and_the_connection_kept(someone: Contestant, frame: bytes | str, code: str) -> None:
    await someone.send_raw(frame)
    error = await someone.expect("error")
    assert (error["code"], error["retry"]) == (code, False)
    assert error["message"]
    assert (await someone.answer(OPEN, ["A"]))["status"] == "accepted"


async def test_mistake_upon_mistake_is_abuse(someone: Contestant) -> None:
    for _ in range(30):
        with contextlib.suppress(Exception):
            await someone.send_raw(b"\xc1")
    assert (await someone.expect("bye"))["code"] == "abuse"
    assert await someone.expect_close() == 4003


async def test_a_flood_is_abuse(someone: Contestant) -> None:
    with contextlib.suppress(Exception):
        for _ in range(400):
            await someone.send({"type": "probe", "id": 7})
    assert await someone.expect_close() == 4003
    assert (await someone.expect("error"))["code"] == "too-many-messages"


@pytest.mark.parametrize("size", [16 * 1024 + 1, 40_000])
async def test_an_oversized_frame_is_abuse(someone: Contestant, size: int) -> None:
    await someone.send_raw(bytes(size))
    assert (await someone.expect("bye"))["code"] == "frame-too-large"
    assert await someone.expect_close() == 4003


async def test_a_gigantic_frame_ends_the_connection_alone(scene: Scene, someone: Contestant) -> None:
    async with scene.someone() as other:
        await other.hello()
        with contextlib.suppress(Exception):
            await other.send_raw(bytes(3_000_000))
        assert await other.expect_close() in (4003, 1009, 1006, 1002)
    assert (await someone.answer(OPEN, ["A"]))["status"] == "accepted"


async def test_the_largest_frame_is_taken(scene: Scene) -> None:
    async with scene.someone() as someone:
        answer = {"item": UNOPENED, "response": ["三" * 200, "十" * 200]}
        unacked = [{"seq": seq, **answer} for seq in range(1, 13)]
        ticket = await someone.door.ticket()
        assert 14_000 < len(pack({"type": "hello", "ticket": ticket, "unacked": unacked})) <= 16 * 1024
        await someone.hello(ticket=ticket, unacked=unacked)
        for seq in range(1, 13):
            assert (await someone.expect("ack", seq=seq))["status"] == "early"


async def test_a_message_in_fragments_is_one_message(scene: Scene) -> None:
    async with scene.someone() as someone:
        hello = pack({"type": "hello", "ticket": await someone.door.ticket()})
        async with _plain(scene) as peer:
            await peer.send([hello[:5], hello[5:6], hello[6:]])
            assert (await _heard(peer))["type"] == "welcome"
            pieces = pack({"type": "probe", "id": 77})
            await peer.send([pieces[at : at + 1] for at in range(len(pieces))])
            found = [(await _heard(peer)) for _ in range(3)]
            assert [message["type"] for message in found] == ["snapshot", "open", "clock"]
            assert found[2]["id"] == 77


async def test_fragments_that_add_up_to_too_much_are_abuse(scene: Scene) -> None:
    async with _plain(scene) as peer:
        with contextlib.suppress(Exception):
            await peer.send([bytes(6000)] * 4)
        await peer.wait_closed()
        assert peer.close_code == 4003


async def test_a_ping_between_fragments_is_answered(scene: Scene) -> None:
    async with scene.someone() as someone, _plain(scene) as peer:
        hello = pack({"type": "hello", "ticket": await someone.door.ticket()})

        async def pieces() -> AsyncIterator[bytes]:
            yield hello[:4]
            await (await peer.ping(b"between"))
            yield hello[4:]

        await peer.send(pieces())
        assert (await _heard(peer))["type"] == "welcome"


async def test_pings_are_answered_with_their_payload(scene: Scene) -> None:
    async with _plain(scene) as peer:
        for payload in (b"", b"x", bytes(125)):
            async with asyncio.timeout(PATIENCE_S):
                await (await peer.ping(payload))
        await peer.pong(b"unasked")
        await peer.send(pack({"type": "probe", "id": 1}))
        assert (await _heard(peer))["type"] == "clock"


async def test_a_close_is_answered(scene: Scene) -> None:
    for code in (1000, 1001, 4999):
        async with _plain(scene) as peer:
            async with asyncio.timeout(PATIENCE_S):
                await peer.close(code, "done")
            assert peer.close_code == code


async def test_a_close_without_a_code_is_answered(scene: Scene) -> None:
    async with _plain(scene) as peer:
        peer.protocol.send_frame(Frame(Opcode.CLOSE, b""))
        peer.send_data()
        async with asyncio.timeout(PATIENCE_S):
            await peer.wait_closed()
        assert peer.protocol.close_rcvd is None or peer.protocol.close_rcvd.code in (1000, 1005)


async def test_an_unmasked_frame_is_refused(scene: Scene) -> None:
    async with _plain(scene) as peer:
        peer.transport.write(b"\x82\x02\x80\x80")
        async with asyncio.timeout(PATIENCE_S):
            await peer.wait_closed()


# --- answers ----------------------------------------------------------------------------------------------------------


async def test_an_answer_in_time_is_acknowledged_with_a_receipt(scene: Scene, someone: Contestant) -> None:
    before = (await someone.probe())["server_us"]
    ack = await someone.answer(OPEN, ["A", "C"])
    after = (await someone.probe())["server_us"]
    assert (ack["status"], ack["duplicate"], ack["code"]) == ("accepted", False, "")
    assert before - 2000 <= ack["stamp_us"] <= after + 2000
    assert ack["elapsed_us"] == ack["stamp_us"] - _window(someone, OPEN)["opens_at_us"]
    assert _receipt_is_ours(scene, someone, ack)
    assert not _receipt_is_ours(scene, someone, {**ack, "stamp_us": ack["stamp_us"] + 1})
    recorded = (await scene.recorded())[someone.me["sitting"], OPEN, ack["seq"]]
    assert (recorded.response, recorded.stamp_us, recorded.offset, recorded.elapsed_flagged) == (
        ("A", "C"),
        ack["stamp_us"],
        ack["offset"],
        True,
    )


async def test_answers_outside_their_window_are_recorded_and_do_not_count(scene: Scene, someone: Contestant) -> None:
    late = await someone.answer(OVER, ["A"])
    early = await someone.answer(UNOPENED, ["三十日", "书面"])
    assert (late["status"], late["code"], early["status"], early["code"]) == ("late", "too-late", "early", "too-early")
    for ack in (late, early):
        assert _receipt_is_ours(scene, someone, ack)
        assert (await scene.recorded())[someone.me["sitting"], ack["item"], ack["seq"]].status.value == ack["status"]


@pytest.mark.parametrize(
    ("item", "response", "code"),
    [
        (999, ["A"], "unknown-item"),
        (4, ["A"], "unknown-item"),
        (OPEN, ["E"], "bad-response"),
        (OPEN, ["C", "A"], "bad-response"),
        (OPEN, ["A", "A"], "bad-response"),
        (OPEN, ["a"], "bad-response"),
        (OVER, ["A", "B"], "bad-response"),
        (UNOPENED, ["one"], "bad-response"),
        (UNOPENED, ["one", "two", "three"], "bad-response"),
    ],
)
async def test_an_answer_that_does_not_fit_is_rejected(
    scene: Scene, someone: Contestant, item: int, response: list[str], code: str
) -> None:
    ack = await someone.answer(item, response, seq=70)
    assert (ack["status"], ack["code"], ack["receipt"], ack["offset"]) == ("rejected", code, b"", 0)
    assert (someone.me["sitting"], item, 70) not in await scene.recorded()
    assert (await someone.answer(OPEN, ["A"], seq=71))["status"] == "accepted"


async def test_the_first_answer_is_final_and_a_resent_one_keeps_its_stamp(someone: Contestant) -> None:
    first = await someone.answer(OPEN, ["A"])
    second = await someone.answer(OPEN, ["B"])
    again = await someone.answer(OPEN, ["A"], seq=first["seq"])
    assert (second["status"], second["code"]) == ("rejected", "already-answered")
    assert again == {**first, "duplicate": True}


async def test_receipts_bring_the_original_stamps_back(scene: Scene, someone: Contestant) -> None:
    ack = await someone.answer(OPEN, ["A", "C"])
    receipt = _presented(someone, ack)
    await someone.send({"type": "receipts", "receipts": [receipt]})
    assert await someone.expect("ack") == {**ack, "duplicate": True}
    for change in ({"stamp_us": ack["stamp_us"] - 1}, {"response": ["A"]}, {"status": "early"}, {"receipt": bytes(16)}):
        await someone.send({"type": "receipts", "receipts": [{**receipt, **change}]})
        error = await someone.expect("error")
        assert (error["code"], error["item"], error["seq"]) == ("bad-receipt", OPEN, ack["seq"])
    async with scene.someone() as other:
        await other.hello()
        await other.send({"type": "receipts", "receipts": [receipt]})
        assert (await other.expect("error"))["code"] == "bad-receipt"
        assert not [key for key in await scene.recorded() if key[0] == other.me["sitting"]]
    sittings = someone.me["sitting"], other.me["sitting"]
    # What could not be put back is kept for the judges, each once, with what it says.
    kept = await eventually(lambda: _strays(scene, *sittings), lambda kept: len(kept) >= 5)
    assert [(event.sitting_id, event.detail.partition(" ")[0]) for event in kept] == [
        *[(someone.me["sitting"], "unproven")] * 4,
        (other.me["sitting"], "unproven"),
    ]
    assert json.loads(kept[1].detail.partition(" ")[2])["response"] == ["A"]


async def test_a_receipt_of_ours_that_the_record_contradicts_is_kept(scene: Scene, someone: Contestant) -> None:
    sitting_id = SittingId(someone.me["sitting"])
    given = await someone.answer(OPEN, ["A"])
    # A store that forgot this answer and took another one under its number: the receipt says what was promised first.
    promised = Accepted(Outcome.ACCEPTED, False, given["stamp_us"] - 7, given["elapsed_us"], given["offset"] + 1)
    first = Submission(sitting_id, ItemNo(OPEN), given["seq"], ("C",), 0, 0)
    receipt = Receipts(scene.file.secret, scene.file.session_id).make(first, "accepted", promised)
    told = {"item": OPEN, "seq": given["seq"], "response": ["C"], "status": "accepted", "receipt": receipt}
    stamps = {"stamp_us": promised.stamp_us, "elapsed_us": promised.elapsed_us, "offset": promised.offset}
    await someone.send({"type": "receipts", "receipts": [{**told, **stamps}]})
    assert (await someone.expect("ack"))["stamp_us"] == given["stamp_us"]
    (event,) = await eventually(lambda: _strays(scene, sitting_id), bool)
    assert event.detail.startswith("contradicted ")


async def _strays(scene: Scene, *of: int) -> list[SittingEvent]:
    store = open_store(scene.valkey_url)
    try:
        _, entries = await ValkeySession(store, SessionId(scene.session), 1).events("0-0", 0, 10_000)
    finally:
        await store.aclose()
    events = [event for _, batch in entries for event in batch]
    strays = [event for event in events if isinstance(event, SittingEvent) and event.kind == RECEIPT]
    return [event for event in strays if event.sitting_id in of]


def _window(someone: Contestant, item: int) -> Message:
    return next(window for window in someone.snapshot["windows"] if window["item"] == item)


def _presented(someone: Contestant, ack: Message) -> Message:
    names = ("item", "seq", "status", "stamp_us", "elapsed_us", "offset", "receipt")
    return {**{name: ack[name] for name in names}, "response": someone.sent[ack["seq"]]["response"]}


def _receipt_is_ours(scene: Scene, someone: Contestant, ack: Message) -> bool:
    flag = Receipts(scene.file.secret, scene.file.session_id).flag(
        ack["receipt"],
        SittingId(someone.me["sitting"]),
        ItemNo(ack["item"]),
        ack["seq"],
        tuple(someone.sent[ack["seq"]]["response"]),
        ack["status"],
        ack["stamp_us"],
        ack["elapsed_us"],
        ack["offset"],
    )
    return flag is not None


# --- besides ----------------------------------------------------------------------------------------------------------


async def test_probes_tell_the_contest_s_clock(someone: Contestant) -> None:
    told = [(await someone.probe())["server_us"] for _ in range(5)]
    assert told == sorted(told)
    assert told[0] > _window(someone, OPEN)["opens_at_us"]


async def test_a_check_in_is_recorded(someone: Contestant) -> None:
    before = (await someone.probe())["server_us"]
    assert (await someone.check_in("浏览器" * 100))["at_us"] >= before


async def test_leaving_the_page_is_counted_across_connections_and_gateways(scene: Scene) -> None:
    async with scene.someone() as someone:
        await someone.hello()
        for left in (1, 2):
            await someone.send({"type": "conduct", "kind": "left"})
            assert await someone.expect("conduct_count") == {"type": "conduct_count", "left": left, "limit": 5}
            await someone.send({"type": "conduct", "kind": "returned"})
            assert (await someone.expect("conduct_count"))["left"] == left
        await someone.resume()
        await someone.send({"type": "conduct", "kind": "left"})
        assert (await someone.expect("conduct_count"))["left"] == 3
        await someone.drop()
        elsewhere = Contestant(scene.other_url)
        elsewhere.door = someone.door
        await elsewhere.hello()

        async def told() -> int:
            await elsewhere.send({"type": "conduct", "kind": "returned"})
            return (await elsewhere.expect("conduct_count"))["left"]

        assert await eventually(told, lambda left: left >= 3) == 3
        await elsewhere.leave()


async def test_boards_are_told_whole_first(scene: Scene, someone: Contestant) -> None:
    people = await someone.watch("individuals")
    assert (len(people["rows"]), people["total"]) == (50, 150)
    assert [row[1] for row in people["rows"]] == list(range(1, 51))
    assert {len(row) for row in people["rows"]} == {7}
    assert (await someone.expect("progress"))["total"] == 150
    assert len((await someone.watch("delegations"))["rows"]) == 32 or (await someone.watch("delegations"))["total"] == 3
    province = await someone.watch("province", delegation="650000")
    assert (province["total"], {row[6] for row in province["rows"]}) == (50, {"650000"})
    assert (await someone.watch("individuals", page=3))["rows"][-1][1] == 150
    await someone.send({"type": "watch", "view": "individuals", "page": 99})
    assert len((await someone.expect("board", page=3))["rows"]) == 50
    await someone.send({"type": "watch", "view": "province", "delegation": "999999"})
    assert (await someone.expect("error"))["code"] == "not-found"
    await someone.send({"type": "watch", "view": "none"})
    await someone.probe()


async def test_who_watches_hears_of_progress(scene: Scene, someone: Contestant) -> None:
    async with Contestant.viewer(scene.other_url, scene.session) as viewer:
        await viewer.watch("delegations")
        told = await viewer.expect("progress", item=OPEN)
        await someone.answer(OPEN, ["A", "C"])
        async with asyncio.timeout(PATIENCE_S):
            while told["answered"] <= 0:
                told = await viewer.expect("progress", item=OPEN)
        before = told["answered"]
        async with scene.someone() as another:
            await another.hello()
            await another.answer(OPEN, ["A"])
        async with asyncio.timeout(PATIENCE_S):
            while told["answered"] <= before:
                told = await viewer.expect("progress", item=OPEN)


async def test_announcements_reach_everyone_at_every_gateway(scene: Scene, someone: Contestant) -> None:
    async with Contestant.viewer(scene.other_url, scene.session) as viewer:
        await _command(scene, "announce", "考场纪律")
        heard = [await one.expect("announcement", text="考场纪律") for one in (someone, viewer)]
        assert heard[0] == heard[1]


async def test_errors_speak_the_language_of_the_browser(scene: Scene) -> None:
    async with _plain(scene, additional_headers={"Accept-Language": "en-GB,en;q=0.9"}) as peer:
        await peer.send(b"\xc1")
        assert (await _heard(peer))["message"] == "The message cannot be read."
    async with _plain(scene) as peer:
        await peer.send(b"\xc1")
        assert (await _heard(peer))["message"] == "消息无法识别。"


# --- slow clients, and the end ----------------------------------------------------------------------------------------


async def test_a_client_that_does_not_read_is_closed_and_hurts_nobody(scene: Scene, someone: Contestant) -> None:
    closes = 'leitai_gateway_closes_total{code="4002",reason="slow"}'
    before = await asyncio.to_thread(scene.processes[0].metric, closes)
    host, port = scene.url.removeprefix("http://").split(":")
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    slow.connect((host, int(port)))
    slow.setblocking(False)
    async with _plain(scene, sock=slow) as peer:
        peer.transport.pause_reading()
        await peer.send(pack({"type": "hello", "session": scene.session}))
        for _ in range(100):
            await peer.send(pack({"type": "watch", "view": "individuals"}))
        async with asyncio.timeout(PATIENCE_S):
            while await asyncio.to_thread(scene.processes[0].metric, closes) == before:
                await someone.probe()
                await asyncio.sleep(0.1)
        assert (await someone.answer(OPEN, ["A"]))["status"] == "accepted"
        peer.transport.abort()


async def test_a_stopping_gateway_says_goodbye_and_loses_no_acknowledged_answer(scene: Scene) -> None:
    third = await asyncio.to_thread(scene.start, "gateway")
    await asyncio.to_thread(third.wait_ready)
    async with contextlib.AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(scene.someone(third.url)) for _ in range(12)]
        for one in crowd:
            await one.hello()
        acknowledged: asyncio.Queue[int] = asyncio.Queue()

        async def keep_answering(one: Contestant) -> None:
            with contextlib.suppress(Unexpected, Exception):
                for seq in range(1, 60):
                    await one.answer(UNOPENED, ["三十日", str(seq)], seq=seq)
                    acknowledged.put_nowait(seq)

        answering = [asyncio.create_task(keep_answering(one)) for one in crowd]
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(60):
                await acknowledged.get()
        third.signal(signal.SIGTERM)
        for one in crowd:
            assert await one.expect_close() == 4005
        await asyncio.gather(*answering)
        for one in crowd:
            bye = await one.expect("bye")
            assert (bye["code"], bye["resume_after_ms"] > 0) == ("moved", True)
        recorded = await scene.recorded()
        for one in crowd:
            assert one.acks
            for seq, ack in one.acks.items():
                kept = recorded[one.me["sitting"], UNOPENED, seq]
                assert (kept.stamp_us, kept.offset) == (ack["stamp_us"], ack["offset"])
            one.url = scene.url
            resumed = Contestant(scene.url)
            resumed.door.http.cookies = one.door.http.cookies
            resumed.sent, resumed.acks = one.sent, one.acks
            resumed.epoch, resumed.offset = one.epoch, one.offset
            unacked = {answer["seq"] for answer in one.unacked}
            assert (await resumed.hello())["recovered"]
            for seq in unacked:
                assert (await resumed.expect("ack", seq=seq))["status"] == "early"
            await resumed.leave()
    assert await asyncio.to_thread(third.wait) == 0

"""Whatever arrives is read or refused with our own error; whatever is sent comes back the same."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leitai.wire import codec
from leitai.wire.codec import BadFrame, decode_client, decode_server, encode
from leitai.wire.messages import MAX_CLIENT_FRAME_BYTES, ClientAnswer, ClientProbe
from tests.support.packing import pack, unpack
from tests.support.strategies import (
    client_messages,
    feed_entries,
    messagepack_values,
    messages_of,
    server_messages,
)


@given(client_messages())
def test_client_messages_come_back_the_same(message: Any) -> None:
    assert decode_client(encode(message)) == message


@given(server_messages())
def test_server_messages_come_back_the_same(message: Any) -> None:
    assert decode_server(encode(message)) == message


@given(feed_entries())
def test_feed_entries_come_back_the_same_and_are_server_messages(entry: Any) -> None:
    assert codec.decode_feed_entry(encode(entry)) == entry
    assert decode_server(encode(entry)) == entry


@given(messages_of(codec.SealedPaper), messages_of(codec.ItemContent))
def test_bodies_come_back_the_same(paper: Any, content: Any) -> None:
    assert codec.decode_sealed_paper(encode(paper)) == paper
    assert codec.decode_content(encode(content)) == content


@given(client_messages() | server_messages())
def test_another_implementation_of_messagepack_reads_and_writes_the_same(message: Any) -> None:
    frame = encode(message)
    assert pack(unpack(frame)) == frame


@given(st.binary(max_size=300))
@example(b"")
@example(b"\xc1")
def test_garbage_raises_bad_frame_only(frame: bytes) -> None:
    _read_or_refuse(frame)


@given(messagepack_values())
def test_messagepack_that_is_no_message_raises_bad_frame_only(value: Any) -> None:
    _read_or_refuse(pack(value))


@given(client_messages(), st.data())
def test_damaged_frames_raise_bad_frame_only(message: Any, data: st.DataObject) -> None:
    frame = bytearray(encode(message))
    frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    _read_or_refuse(bytes(frame))


@given(client_messages(), st.binary(min_size=1, max_size=8))
def test_trailing_bytes_are_refused(message: Any, tail: bytes) -> None:
    with pytest.raises(BadFrame) as refused:
        decode_client(encode(message) + tail)
    assert refused.value.code == "frame-malformed"


@given(client_messages(), st.data())
def test_cut_frames_are_refused(message: Any, data: st.DataObject) -> None:
    frame = encode(message)
    with pytest.raises(BadFrame) as refused:
        decode_client(frame[: data.draw(st.integers(0, len(frame) - 1))])
    assert refused.value.code == "frame-malformed"


@pytest.mark.parametrize("size", [MAX_CLIENT_FRAME_BYTES - 1, MAX_CLIENT_FRAME_BYTES])
def test_a_frame_within_the_limit_is_read(size: int) -> None:
    filler = size - len(pack({"type": "probe", "id": 1, "x": b"\0" * 300})) + 300
    frame = pack({"type": "probe", "id": 1, "x": b"\0" * filler})
    assert len(frame) == size
    assert decode_client(frame) == ClientProbe(id=1)


@pytest.mark.parametrize("size", [MAX_CLIENT_FRAME_BYTES + 1, 10 * MAX_CLIENT_FRAME_BYTES])
def test_an_oversized_frame_is_abuse(size: int) -> None:
    with pytest.raises(BadFrame) as refused:
        decode_client(bytes(size))
    assert (refused.value.code, refused.value.abuse) == ("frame-too-large", True)


@pytest.mark.parametrize("level", [b"\x91", b"\x81\xa1x"], ids=["arrays", "maps"])
@pytest.mark.parametrize("depth", [100, 5_000])
def test_deep_nesting_is_refused(level: bytes, depth: int) -> None:
    with pytest.raises(BadFrame):
        decode_client(level * depth + b"\x90")


@pytest.mark.parametrize("depth", [500, 4_000])
def test_deep_nesting_in_an_unknown_member_is_read_or_refused(depth: int) -> None:
    _read_or_refuse(b"\x83\xa4type\xa5probe\xa2id\x01\xa1x" + b"\x91" * depth + b"\xc0")


def test_a_claimed_length_beyond_the_frame_is_refused() -> None:
    with pytest.raises(BadFrame) as refused:
        decode_client(b"\x83\xa4type\xa6answer\xa8response\x91\xdb\xff\xff\xff\xff")
    assert refused.value.code == "frame-malformed"


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "hello",
        [],
        {},
        {"type": "answer"},
        {"type": "unheard-of"},
        {"type": 3},
        {"type": "open", "item": 1, "key": b""},
        {"type": "answer", "item": "1", "seq": 1, "response": []},
        {"type": "answer", "item": 1.5, "seq": 1, "response": []},
        {"type": "answer", "item": 0, "seq": 1, "response": []},
        {"type": "answer", "item": 1001, "seq": 1, "response": []},
        {"type": "answer", "item": 1, "seq": 0, "response": []},
        {"type": "answer", "item": 1, "seq": 2**31, "response": []},
        {"type": "answer", "item": 1, "seq": 1, "response": "A"},
        {"type": "answer", "item": 1, "seq": 1, "response": [None]},
        {"type": "answer", "item": 1, "seq": 1, "response": ["A"] * 17},
        {"type": "answer", "item": 1, "seq": 1, "response": ["字" * 1201]},
        {"type": "hello", "ticket": "x" * 65},
        {"type": "hello", "offset": -1},
        {"type": "watch", "view": "everything"},
        {"type": "check_in", "round_trip_us": -1, "clock_offset_us": 0, "browser": ""},
        {"type": "conduct", "kind": "asleep"},
    ],
    ids=repr,
)
def test_wrong_types_and_ranges_are_invalid(value: Any) -> None:
    with pytest.raises(BadFrame) as refused:
        decode_client(pack(value))
    assert (refused.value.code, refused.value.abuse) == ("frame-invalid", False)


def test_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(BadFrame):
        decode_client(b"\x84\xa4type\xa6answer\xa4item\x01\xa3seq\x01\xa8response\x91\xa2\xff\xfe")


def test_unknown_members_are_ignored() -> None:
    frame = pack({"type": "answer", "item": 1, "seq": 2, "response": ["A"], "elapsed_us": 1, "sitting": 9})
    assert decode_client(frame) == ClientAnswer(item=1, seq=2, response=["A"])


def _read_or_refuse(frame: bytes) -> None:
    for decode in (
        decode_client,
        decode_server,
        codec.decode_feed_entry,
        codec.decode_content,
        codec.decode_sealed_paper,
    ):
        try:
            decode(frame)
        except BadFrame as bad:
            code = bad.code
        else:
            code = "frame-invalid"
        assert code in {"frame-malformed", "frame-invalid"}

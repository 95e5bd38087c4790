"""The published record: canonical, whole, and any change in it is found."""

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.cli.draw import verify_draw
from leitai.resources import shipped
from leitai.rules.draw import NominationList
from leitai.rules.draw_check import CHECKS, examine
from leitai.rules.draw_protocol import DrawAct, Event, take
from leitai.rules.selection import Algorithm
from leitai.rules.transcript import BadTranscript, Earlier, Transcript, canonical, read_record, transcript_of
from leitai.rules.values import ActorId, DelegationCode, Micros
from tests.support.draws import KNOWN_US, TITLE, YEAR, announced, lists, notice, played, record

SMALL = record(notice(lists(2, 4), places=3))
TEXT = SMALL.to_json()
CONTENT: dict[str, Any] = json.loads(TEXT)
EXAMPLE = shipped("examples") / "draw.json"


def failed(data: bytes) -> dict[str, str]:
    return {one.check: one.where for one in examine(data).findings if not one.passed}


def changed(**members: object) -> bytes:
    """A record with other members, its own digest made anew: what somebody would publish who wants to be believed."""
    content = {**CONTENT, **members}
    del content["sha256"]
    return canonical({**content, "sha256": hashlib.sha256(canonical(content)).hexdigest()})


def test_a_record_holds() -> None:
    examined = examine(TEXT)
    assert examined.sound
    assert [one.check for one in examined.findings] == list(CHECKS)
    assert examined.ended == "drawn"
    assert read_record(TEXT).transcript.to_json() == TEXT
    assert CONTENT["provinces"][0]["drawn"] == list(SMALL.provinces[0].drawn)


def test_people_are_numbers_in_it() -> None:
    assert b"example-operator" not in TEXT
    assert [one["person"] for one in CONTENT["events"]] == [1, 1, 2, 1, 2, 1, 2, 1]


def test_the_example_holds() -> None:
    examined = examine(EXAMPLE.read_bytes())
    assert examined.sound
    assert examined.record is not None
    assert len(examined.record.transcript.provinces) == 32


def test_any_changed_byte_of_it_is_found() -> None:
    """Every byte of a small record, to some other."""
    chance = random.Random(3797)
    for at in range(len(TEXT)):
        byte = TEXT[at] ^ (1 + chance.randrange(255))
        assert not examine(TEXT[:at] + bytes([byte]) + TEXT[at + 1 :]).sound, at


def test_bytes_taken_out_or_put_in_are_found() -> None:
    for at in range(0, len(TEXT), 31):
        assert not examine(TEXT[:at] + TEXT[at + 1 :]).sound
        assert not examine(TEXT[:at] + b" " + TEXT[at:]).sound


def test_changed_bytes_of_the_whole_example_are_found() -> None:
    data, chance = EXAMPLE.read_bytes(), random.Random(2022)
    for _ in range(15):
        at = chance.randrange(len(data))
        assert not examine(data[:at] + bytes([data[at] ^ (1 + chance.randrange(255))]) + data[at + 1 :]).sound, at


def _with(path: list[str | int], value: object) -> bytes:
    content = json.loads(TEXT)
    inner = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed(**{name: one for name, one in content.items() if name != "sha256"})


@pytest.mark.parametrize(
    ("path", "value", "checks"),
    [
        (["lists", 0, "nominated", 0], "001 别人", {"lists", "keys", "steps"}),
        (["lists", 0, "sha256"], "0" * 64, {"lists"}),
        (["lists_sha256"], "0" * 64, {"lists"}),
        (["lists", 1, "delegation"], "110000", {"lists", "order", "keys", "steps"}),
        (["events", 1, "content"], "0" * 64, {"order", "keys", "steps"}),
        (["events", 5, "content"], "0" * 32, {"order", "keys", "steps"}),
        (["events", 3, "content"], "3 8 14", {"order", "keys", "steps"}),
        (["events", 4, "person"], 1, {"order", "keys", "steps"}),
        (["events", 2, "at_us"], KNOWN_US, {"order", "keys", "steps"}),
        (["events", 0, "act"], "commit", {"order", "keys", "steps"}),
        (["public_value", "known_from_us"], KNOWN_US * 2, {"order", "keys", "steps"}),
        (["parties"], ["甲", "乙", "丙"], {"order", "keys", "steps"}),
        (["number"], 2, {"earlier"}),
        (["reason"], "再来一次", {"earlier"}),
        (["earlier"], [{"number": 1, "ended": "drawn", "sha256": "0" * 64}], {"earlier"}),
        (["places"], 2, {"steps"}),
        (["algorithm"], "md5", {"steps"}),
        (["provinces", 0, "key"], "1./", {"keys"}),
        (["provinces", 0, "drawn", 0], "001 人110", {"steps"}),
        (["provinces", 0, "steps", 1, "place"], 1, {"steps"}),
        (["provinces", 0, "steps"], [], {"steps"}),
        (["provinces"], [], {"keys"}),
    ],
)
def test_a_record_made_up_anew_is_untrue_somewhere(path: list[str | int], value: object, checks: set[str]) -> None:
    assert set(failed(_with(path, value))) == checks


def test_an_abandoned_draw_has_a_record_without_an_outcome() -> None:
    event = Event(DrawAct.ABANDON, ActorId("somebody"), Micros(KNOWN_US * 2), content="公证处遗失种子")
    draw = take(played(4), event)
    text = transcript_of(TITLE, YEAR, draw, ()).to_json()
    examined = examine(text)
    assert (examined.sound, examined.ended) == (True, "abandoned")
    again = Transcript(TITLE, YEAR, read_record(text).transcript.draw, (), SMALL.provinces)
    assert set(failed(again.to_json())) == {"keys"}


def test_a_draw_that_is_not_over_has_none_that_holds() -> None:
    draw = announced()
    text = Transcript(
        TITLE, YEAR, replace(draw, events=(replace(draw.events[0], actor=ActorId("1")),)), (), ()
    ).to_json()
    assert "order" in failed(text)


def test_the_next_draw_names_the_one_before() -> None:
    first = Earlier(1, "drawn", SMALL.digest)
    again = transcript_of(TITLE, YEAR, replace(played(), notice=notice(number=2, reason="录入有误")), [first])
    assert examine(again.to_json()).sound
    for wrong in (replace(first, number=2), replace(first, ended="drawing"), replace(first, digest="x" * 64)):
        forged = transcript_of(TITLE, YEAR, replace(played(), notice=notice(number=2, reason="录入有误")), [wrong])
        assert failed(forged.to_json()) == {"earlier": "1"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe{",
        b"\xef\xbb\xbf" + TEXT,
        b"[" * 100_000,
        TEXT[:-1],
        TEXT + b"\n",
        json.dumps(CONTENT).encode(),
        TEXT.replace(b'"places":3', b'"places":3.0'),
        TEXT.replace(b'"places":3', b'"places":03'),
        TEXT.replace(b'"places":3', b'"places":-0'),
        TEXT.replace(b'"places":3', b'"places":NaN'),
        TEXT.replace(b'"places":3', b'"places":3,"places":3'),
        TEXT.replace(b'"reason":""', rb'"reason":"\ud800"'),
        TEXT.replace(b'"reason":""', rb'"reason":"\u4e2d"'),
        TEXT.replace(b'"year":2022', b'"year":' + b"9" * 5000),
        TEXT.replace(b'"year":2022', b'"year":9007199254740992'),
        TEXT.replace(b'"year":2022', b'"year":true'),
    ],
)
def test_garbage_is_no_record(data: bytes) -> None:
    assert failed(data).keys() == {"file"}


@pytest.mark.parametrize("name", sorted(CONTENT))
def test_missing_members_are_named(name: str) -> None:
    with pytest.raises(BadTranscript) as caught:
        read_record(canonical({one: value for one, value in CONTENT.items() if one != name}))
    assert caught.value.field == name


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=4
)


@settings(max_examples=30)
@given(st.sampled_from(sorted(CONTENT)), VALUES)
def test_members_of_the_wrong_kind_are_no_trouble(name: str, value: Any) -> None:
    try:
        data = canonical({**CONTENT, name: value})
    except UnicodeEncodeError:
        return
    assert examine(data).sound == (data == TEXT)


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5)


@settings(max_examples=40)
@given(st.lists(names, unique=True, min_size=1, max_size=12), st.integers(1, 15), st.sampled_from(Algorithm))
def test_whatever_is_drawn_is_written_read_and_holds(ids: list[str], places: int, algorithm: Algorithm) -> None:
    listed = [NominationList(DelegationCode("110000"), "某", tuple(ids))]
    made = record(notice(listed, places=places, algorithm=algorithm))
    assert examine(made.to_json()).sound
    assert len(made.provinces[0].drawn) == min(places, len(ids))


def _verify(file: Path, **more: Any) -> int:
    try:
        verify_draw(file, **more)
    except SystemExit as ended:
        return int(str(ended.code))
    return 0


def test_verifying_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(TEXT)
    assert _verify(file) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("核验通过", "2 个省份，8 人中抽取 6 人", SMALL.digest))
    committed = CONTENT["events"][1]["content"]
    assert _verify(file, sha256=SMALL.digest, lists=CONTENT["lists_sha256"], commitment=(committed.upper(),)) == 0
    for published in ({"sha256": "0" * 64}, {"lists": "0" * 64}, {"commitment": ("0" * 64,)}):
        assert _verify(file, **published) == 1
    file.write_bytes(TEXT.replace(b"001 ", b"002 ", 1))
    capsys.readouterr()
    assert _verify(file) == 1
    assert "110000" in capsys.readouterr().out
    assert _verify(tmp_path / "nothing.json") == 2

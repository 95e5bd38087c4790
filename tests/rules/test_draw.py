import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.rules.draw import (
    Algorithm,
    BadTranscript,
    DrawMismatch,
    Source,
    Step,
    Transcript,
    commitment,
    draw_province,
    verify,
)
from leitai.rules.values import DelegationCode

SEED = bytes(range(32))
LOTTERY = (3, 9, 14, 22, 27, 31, 8)
NOMINATED = [f"N{no:03d}" for no in range(1, 101)]
BEIJING = DelegationCode("110000")


def drawn(**changes: Any) -> Transcript:
    inputs: dict[str, Any] = {"seed": SEED, "public_value": LOTTERY, "delegation": BEIJING, **changes}
    return draw_province(NOMINATED, **inputs)


def test_thirty_five_of_a_hundred() -> None:
    transcript = drawn()
    assert len(transcript.selected) == len(set(transcript.selected)) == 35
    assert set(transcript.selected) <= set(NOMINATED)
    assert [step.left for step in transcript.steps] == list(range(100, 65, -1))
    assert transcript.commitment == hashlib.sha256(SEED).hexdigest()
    listed = hashlib.sha256("\n".join(NOMINATED).encode()).hexdigest().upper()
    assert transcript.key == f"110000/{listed}/{SEED.hex().upper()}/3.8.9.14.22.27.31./"
    verify(transcript)
    verify(transcript, commitment(SEED))


def test_a_draw_by_the_book() -> None:
    """The first place again, by nothing but hashlib."""
    transcript = drawn()
    digest = hashlib.sha256(b"\0\0" + transcript.key.encode() + b"\0\0").hexdigest()
    assert transcript.steps[0] == Step(digest, 100, int(digest, 16) % 100 + 1)


def test_every_input_matters() -> None:
    others = [
        drawn(seed=SEED[::-1]),
        drawn(public_value=(3, 9, 14, 22, 27, 31, 7)),
        drawn(public_value="391422273108"),
        drawn(delegation=None),
        drawn(delegation=DelegationCode("120000")),
        drawn(algorithm=Algorithm.MD5),
        draw_province(NOMINATED[::-1], seed=SEED, public_value=LOTTERY, delegation=BEIJING),
    ]
    assert len({tuple(step.place for step in transcript.steps) for transcript in (drawn(), *others)}) == 8


@pytest.mark.parametrize(
    ("nominations", "count", "seed", "value", "match"),
    [
        (["a", "b", "a"], 1, SEED, LOTTERY, "distinct"),
        (["a", "b\nc"], 1, SEED, LOTTERY, "distinct"),
        (["a", "b"], 3, SEED, LOTTERY, "3 of 2"),
        (["a", "b"], 1, SEED[:15], LOTTERY, "15 bytes"),
        (["a", "b"], 1, SEED, "12-34", "canonical"),
        (["a", "b"], 1, SEED, (), "canonical"),
    ],
)
def test_draws_that_cannot_be(nominations: list[str], count: int, seed: bytes, value: Source, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        draw_province(nominations, count, seed=seed, public_value=value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seed": "zz"}, "seed"),
        ({"seed": "00"}, "seed"),
        ({"seed": SEED.hex().upper()}, "seed"),
        ({"seed": SEED[::-1].hex()}, "commitment"),
        ({"commitment": "0" * 64}, "commitment"),
        ({"nominations": tuple(NOMINATED[:-1] + NOMINATED[:1])}, "nominations"),
        ({"nominations": tuple(NOMINATED[::-1])}, "key"),
        ({"public_value": (1,)}, "key"),
        ({"public_value": "1-2"}, "key"),
        ({"delegation": None}, "key"),
        ({"key": "1./"}, "key"),
        ({"count": 36}, "steps"),
        ({"count": 101}, "count"),
        ({"count": -1}, "count"),
        ({"steps": drawn().steps[1:]}, "steps"),
        ({"steps": drawn().steps[::-1]}, "steps"),
        ({"algorithm": Algorithm.MD5}, "steps"),
    ],
)
def test_a_changed_transcript_is_found_out(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DrawMismatch) as caught:
        verify(replace(drawn(), **changes))
    assert caught.value.field == field


def test_another_commitment_than_was_published() -> None:
    with pytest.raises(DrawMismatch) as caught:
        verify(drawn(), commitment(SEED[::-1]))
    assert caught.value.field == "commitment"


def test_the_paper_is_canonical() -> None:
    paper = drawn(public_value="abc123").to_json()
    assert Transcript.from_json(paper).to_json() == paper
    content = json.loads(paper)
    assert json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == paper
    assert content["selected"] == list(drawn(public_value="abc123").selected)
    assert Transcript.from_json(json.dumps(content, indent=2)) == drawn(public_value="abc123")


ids = st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=5), unique=True, max_size=30)


@given(
    ids,
    st.data(),
    st.binary(min_size=16, max_size=40),
    st.one_of(st.from_regex("[a-zA-Z0-9]+", fullmatch=True), st.lists(st.integers(0), min_size=1).map(tuple)),
    st.sampled_from(Algorithm),
    st.sampled_from([None, BEIJING]),
)
def test_what_is_drawn_is_written_read_and_verified(
    nominations: list[str],
    data: st.DataObject,
    seed: bytes,
    public_value: Source,
    algorithm: Algorithm,
    delegation: DelegationCode | None,
) -> None:
    count = data.draw(st.integers(0, len(nominations)))
    transcript = draw_province(
        nominations, count, seed=seed, public_value=public_value, algorithm=algorithm, delegation=delegation
    )
    assert Transcript.from_json(transcript.to_json()) == transcript
    verify(transcript, commitment(seed))


PAPER = drawn().to_json()
CONTENT: dict[str, Any] = json.loads(PAPER)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe{",
        b"[" * 100_000,
        PAPER[:-1],
        PAPER + b"x",
        '{"a":' * 50_000,
        f'{{"format":{"9" * 5000}}}',
    ],
)
def test_garbage_is_no_transcript(text: bytes | str) -> None:
    with pytest.raises(BadTranscript):
        Transcript.from_json(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner), max_leaves=4
)


@settings(max_examples=100)
@given(st.sampled_from(sorted(CONTENT)), VALUES)
def test_parts_of_the_wrong_kind(field: str, value: Any) -> None:
    text = json.dumps({**CONTENT, field: value})
    try:
        transcript = Transcript.from_json(text)
    except BadTranscript:
        return
    # Of the right kind: then it is untrue, or what it was.
    if transcript != drawn():
        with pytest.raises(DrawMismatch):
            verify(transcript)


@pytest.mark.parametrize("field", sorted(CONTENT))
def test_missing_parts(field: str) -> None:
    with pytest.raises(BadTranscript) as caught:
        Transcript.from_json(json.dumps({name: value for name, value in CONTENT.items() if name != field}))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "leitai-draw-2"),
        ("algorithm", "sha1"),
        ("count", True),
        ("count", 35.0),
        ("count", "35"),
        ("seed", None),
        ("seed", "\ud800"),
        ("nominations", "N001"),
        ("nominations", [1]),
        ("public_value", [1.5]),
        ("public_value", None),
        ("delegation", 110000),
        ("steps", [1]),
        ("steps", [{}]),
        ("steps", [{"digest": "", "left": 1, "place": 0}]),
        ("steps", [{"digest": "", "left": 1, "place": 101}]),
        ("steps", [{"digest": "", "left": 1, "place": 1, "more": 1}]),
        ("selected", CONTENT["selected"][::-1]),
        ("more", 1),
    ],
)
def test_wrong_parts_are_named(field: str, value: object) -> None:
    with pytest.raises(BadTranscript) as caught:
        Transcript.from_json(json.dumps({**CONTENT, field: value}))
    assert caught.value.field == field

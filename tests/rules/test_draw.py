"""The method of the draw: keys, places, chance, and the vectors that the browser's verifier makes too."""

import hashlib
import json
from collections import Counter
from dataclasses import replace

import pytest

from leitai.resources import shipped
from leitai.rules.draw import (
    Algorithm,
    NominationList,
    Source,
    commitment,
    draw_key,
    draw_province,
    lists_digest,
    read_value,
)
from leitai.rules.selection import Step, select
from leitai.rules.values import DelegationCode
from tests.support.draws import VECTORS, vector_digests

SEED = bytes(range(32))
LOTTERY = (3, 9, 14, 22, 27, 31, 8)
NOMINATED = NominationList(DelegationCode("110000"), "北京市", tuple(f"N{no:03d}" for no in range(1, 101)))


def test_thirty_five_of_a_hundred() -> None:
    drawn = draw_province(NOMINATED, 35, seed=SEED, public_value=LOTTERY)
    assert len(drawn.drawn) == len(set(drawn.drawn)) == 35
    assert set(drawn.drawn) <= set(NOMINATED.ids)
    assert [step.left for step in drawn.steps] == list(range(100, 65, -1))
    listed = hashlib.sha256("\n".join(NOMINATED.ids).encode()).hexdigest().upper()
    assert drawn.key == f"110000/{listed}/{SEED.hex().upper()}/3.8.9.14.22.27.31./"


def test_a_draw_by_the_book() -> None:
    """The first place again, by nothing but hashlib."""
    drawn = draw_province(NOMINATED, 35, seed=SEED, public_value=LOTTERY)
    digest = hashlib.sha256(b"\0\0" + drawn.key.encode() + b"\0\0").hexdigest()
    assert drawn.steps[0] == Step(digest, 100, int(digest, 16) % 100 + 1)


def test_a_short_list_is_drawn_whole() -> None:
    few = replace(NOMINATED, ids=NOMINATED.ids[:20])
    assert sorted(draw_province(few, 35, seed=SEED, public_value=LOTTERY).drawn) == list(few.ids)


def test_every_input_matters() -> None:
    others = [
        draw_province(NOMINATED, 35, seed=SEED[::-1], public_value=LOTTERY),
        draw_province(NOMINATED, 35, seed=SEED, public_value=(3, 9, 14, 22, 27, 31, 7)),
        draw_province(NOMINATED, 35, seed=SEED, public_value="391422273108"),
        draw_province(replace(NOMINATED, delegation=DelegationCode("120000")), 35, seed=SEED, public_value=LOTTERY),
        draw_province(NOMINATED, 35, seed=SEED, public_value=LOTTERY, algorithm=Algorithm.MD5),
        draw_province(replace(NOMINATED, ids=NOMINATED.ids[::-1]), 35, seed=SEED, public_value=LOTTERY),
        draw_province(NOMINATED, 35, seed=SEED, public_value=LOTTERY),
    ]
    assert len({tuple(step.place for step in drawn.steps) for drawn in others}) == len(others)


@pytest.mark.parametrize("ids", [(), ("a", "b", "a"), ("a", "b\nc"), ("a", "")])
def test_lists_that_cannot_be_drawn_from(ids: tuple[str, ...]) -> None:
    listed = replace(NOMINATED, ids=ids)
    assert not listed.sound
    with pytest.raises(ValueError, match="distinct"):
        draw_province(listed, 1, seed=SEED, public_value=LOTTERY)


@pytest.mark.parametrize("length", [0, 15, 65])
def test_seeds_of_the_wrong_length(length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} bytes"):
        commitment(bytes(length))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("numbers", "0", (0,)),
        ("numbers", "3 8 14", (3, 8, 14)),
        ("numbers", "9007199254740991", (2**53 - 1,)),
        ("text", "320312aB", "320312aB"),
    ],
)
def test_public_values(kind: str, text: str, value: Source) -> None:
    assert read_value(kind, text) == value
    assert draw_key(NOMINATED, SEED, read_value(kind, text)).endswith("/")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("numbers", ""),
        ("numbers", "03"),
        ("numbers", "3  8"),
        ("numbers", "3,8"),
        ("numbers", "-3"),
        ("numbers", "３"),
        ("numbers", "9007199254740992"),
        ("numbers", " ".join(["1"] * 33)),
        ("text", ""),
        ("text", "3203.12"),
        ("text", "抽签"),
        ("text", "x" * 65),
        ("index", "3"),
    ],
)
def test_what_is_no_public_value(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_value(kind, text)


def test_the_digest_of_all_lists_names_each_and_their_order() -> None:
    hebei = replace(NOMINATED, delegation=DelegationCode("130000"))
    text = f"110000 {NOMINATED.digest}\n130000 {hebei.digest}\n"
    assert lists_digest([NOMINATED, hebei]) == hashlib.sha256(text.encode()).hexdigest()
    assert lists_digest([hebei, NOMINATED]) != lists_digest([NOMINATED, hebei])


def test_ten_thousand_draws_are_those_that_the_browser_makes() -> None:
    """`client/tests/draw.test.ts` computes the same digests by its own code."""
    vectors = json.loads((shipped("examples") / "draw-vectors.json").read_bytes())
    assert vectors["count"] == VECTORS == 10_000
    assert vector_digests() == vectors["digests"]


PLACES, POOL, TRIALS = 35, 100, 3000
CHI_SQUARE_99 = 160.06
"""Of 99 degrees of freedom; a fair draw passes it once in 10,000 choices of seeds, and these seeds are fixed."""


def test_everybody_is_drawn_equally_often() -> None:
    """Chi-square over who is drawn; draws without replacement vary less by (N − 1) / N · 1 / (1 − n / N)."""
    drawn = Counter(place for trial in range(TRIALS) for place in select(POOL, PLACES, [("uniformity"), (trial,)]))
    share = PLACES / POOL
    spread = sum((drawn[place] - TRIALS * share) ** 2 for place in range(1, POOL + 1)) / (TRIALS * share * (1 - share))
    assert spread * (POOL - 1) / POOL < CHI_SQUARE_99


def test_whoever_is_drawn_first_is_anybody() -> None:
    first = Counter(select(POOL, 1, [("first"), (trial,)])[0] for trial in range(10_000))
    assert sum((first[place] - 100) ** 2 / 100 for place in range(1, POOL + 1)) < CHI_SQUARE_99

"""Responses of the crowd fit the items, and figures are what their names say."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai_loadtest.answering import (
    favourite,
    plan_at_once,
    plan_last_moment,
    plan_paper,
    plan_streamed,
    plan_unfinished,
    respond,
    temper,
)
from leitai_loadtest.figures import order_and_seat, percentile


def _content(kind: str, options: int, blanks: int) -> dict[str, Any]:
    ids = "ABCDEFGH"[:options] if kind in ("single", "multiple", "indeterminate") else ""
    return {"type": kind, "stem": "题", "options": [{"id": each, "text": each} for each in ids], "blanks": blanks}


@given(
    st.sampled_from(["single", "multiple", "indeterminate", "true_false", "fill_in"]),
    st.integers(2, 8),
    st.integers(1, 4),
    st.integers(),
)
def test_a_response_fits_its_item(kind: str, options: int, blanks: int, seed: int) -> None:
    random = Random(seed)
    content = _content(kind, options, blanks)
    response = respond(content, favourite(content), temper(random), random)
    ids = [option["id"] for option in content["options"]]
    match kind:
        case "single":
            assert len(response) == 1
            assert response[0] in ids
        case "true_false":
            assert response in (["T"], ["F"])
        case "fill_in":
            assert len(response) == blanks
            assert all(response)
        case _:
            assert response == [each for each in ids if each in response]
            assert len(response) >= (2 if kind == "multiple" else 1)


@given(st.integers(), st.floats(0.5, 7_200))
def test_moves_fall_into_the_window(seed: int, seconds: float) -> None:
    random = Random(seed)
    content = _content("single", 4, 0)
    person = temper(random)
    for plan in (plan_streamed, plan_paper, plan_unfinished, plan_at_once, plan_last_moment):
        moments = [move.after_s for move in plan(content, 5, person, random, seconds)]
        assert moments == sorted(moments)
        assert all(0 <= moment <= seconds for moment in moments)


@given(st.integers(), st.floats(1.0, 60.0))
def test_whoever_keeps_inside_the_window_leaves_time_for_the_way(seed: int, seconds: float) -> None:
    random = Random(seed)
    content = _content("single", 4, 0)
    person = temper(random)
    for plan in (plan_streamed, plan_paper):
        for move in plan(content, 5, person, random, seconds):
            assert seconds - move.after_s >= min(2.0, max(0.7, seconds / 3)) - 1e-9


@given(st.integers())
def test_bursts_are_at_the_ends(seed: int) -> None:
    random = Random(seed)
    content = _content("single", 4, 0)
    person = temper(random)
    (first,) = plan_at_once(content, 5, person, random, 8.0)
    (last,) = plan_last_moment(content, 5, person, random, 8.0)
    assert first.after_s <= 0.2
    assert last.after_s >= 7.5


@pytest.mark.parametrize(
    ("samples", "share", "expected"),
    [([], 0.5, 0.0), ([3], 0.99, 3), ([1, 2, 3, 4], 0.5, 2), ([1, 2, 3, 4], 1.0, 4), (range(1, 101), 0.99, 99)],
)
def test_percentile(samples: Any, share: float, expected: float) -> None:
    assert percentile(samples, share) == expected


@pytest.mark.parametrize(
    ("seats", "expected"), [([], 0.0), ([4], 0.0), ([1, 5, 9], 1.0), ([9, 5, 1], -1.0), ([2, 1, 4, 3], 0.6)]
)
def test_order_and_seat(seats: list[int], expected: float) -> None:
    assert order_and_seat(seats) == pytest.approx(expected)  # pyright: ignore[reportUnknownMemberType]


def test_texts_fit_what_the_wire_takes() -> None:
    for kind, blanks in (("short_answer", 1), ("case", 3)):
        content = {"type": kind, "stem": "简述时限。", "options": [], "blanks": blanks, "centipoints": 500}
        given = respond(content, favourite(content), temper(Random(1)), Random(2))
        assert len(given) == blanks
        assert all(0 < len(text) <= 1200 for text in given)
        assert sum(map(len, given)) <= 3600

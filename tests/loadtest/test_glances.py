"""What looking on costs is told from the stretches of one contest, side by side, and from whole ones only."""

from collections.abc import Mapping
from typing import Any

import pytest

from leitai_loadtest.glances import BESIDE, Stretches

EVERY_S = 4.0
TWO = Stretches(EVERY_S)
THREE = Stretches(EVERY_S, 3)
START_US = 1_700_000_000_000_000  # an even stretch of four seconds begins here


def _journal(answers: Mapping[float, float]) -> dict[str, Any]:
    """Return a journal: seconds since `START_US` at which an answer was stamped, and the milliseconds that it took."""
    return {"answers": [{"ack_ms": ms, "stamp_us": START_US + round(at * 1e6)} for at, ms in answers.items()]}


def _stretches(*took: float, answers: int = 30) -> dict[str, Any]:
    """Return stretches in order, whose answers all take so long."""
    return _journal(
        {
            number * EVERY_S + 1 + place * 3 / answers: milliseconds
            for number, milliseconds in enumerate(took)
            for place in range(answers)
        }
    )


def test_stretches_take_turns() -> None:
    moments = [START_US + at * 1_000_000 for at in (0, 3.9, 4, 7.9, 8)]
    assert [TWO.looking(at) for at in moments] == [True, True, False, False, True]
    assert [round(TWO.away_s(at), 3) for at in moments] == [0, 0, 4, 0.1, 0]


def test_who_never_looks_away_always_looks() -> None:
    assert Stretches().looking(START_US + 5e6)
    assert Stretches().away_s(START_US + 5e6) == 0


def test_each_stretch_is_held_against_the_next_without_onlookers() -> None:
    found = {one.figure: one for one in TWO.cost([_stretches(2.0, 1.0, 3.0, 2.0, 2.2, 2.0)])}
    assert found["p99"].first_ms == (1.0, 2.0, 2.0)
    assert found["p99"].second_ms == (2.0, 3.0, 2.2)
    assert found["p99"].turns == (2.0, 1.5, 1.1)
    assert found["p99"].middle == 1.1  # 2.2 by 2.0
    assert list(found) == ["p50", "p95", "p99"]


def test_a_third_stretch_of_a_turn_is_a_bystanders() -> None:
    begin_us = (int(START_US // 12e6) + 1) * 12_000_000
    moments = [begin_us + at * 1_000_000 for at in (0, 3.9, 4, 8, 11.9, 12)]
    assert [THREE.looking(at) for at in moments] == [True, True, False, False, False, True]
    assert [round(THREE.away_s(at), 3) for at in moments] == [0, 0, 8, 4, 0.1, 0]
    shift = begin_us - START_US
    turns = _stretches(2.0, 1.0, 1.6, 3.0, 2.0, 3.0, 9.0)
    moved = {"answers": [one | {"stamp_us": one["stamp_us"] + shift} for one in turns["answers"]]}
    away, beside = THREE.cost([moved]), THREE.cost([moved], BESIDE)
    assert (away[2].first_ms, away[2].second_ms) == ((1.0, 2.0), (2.0, 3.0))
    assert (beside[2].first_ms, beside[2].second_ms) == ((1.6, 3.0), (2.0, 3.0))


def test_the_first_second_of_a_stretch_is_nobodys() -> None:
    settling = _journal({number * EVERY_S + 0.9: 500.0 for number in range(4)})
    found = TWO.cost([_stretches(2.0, 1.0, 2.0, 1.0), settling])
    assert found[2].second_ms == (2.0, 2.0)


def test_stretches_that_were_cut_and_those_without_a_neighbour_are_left_out() -> None:
    cut = _stretches(9.0, 9.0, answers=10)
    whole = {"answers": [one for one in _stretches(0, 0, 2.0, 1.0, 2.0)["answers"] if one["ack_ms"]]}
    found = TWO.cost([cut, whole, {"answers": [{"ack_ms": None, "stamp_us": 0}]}])
    assert (found[0].first_ms, found[0].second_ms) == ((1.0,), (2.0,))


def test_nothing_is_told_of_nothing() -> None:
    found = TWO.cost([])
    assert [one.turns for one in found] == [()] * 3
    assert [one.middle for one in found] == [0.0] * 3
    assert found[0].likely is None


@pytest.mark.parametrize(
    ("turns", "likely"),
    [
        (5, None),  # the least of five is below the median, and the greatest above, 15 times of 16
        (6, (1.0, 6.0)),
        (9, (2.0, 8.0)),
        (20, (6.0, 15.0)),
    ],
)
def test_between_which_the_median_lies(turns: int, likely: tuple[float, float] | None) -> None:
    # As tables of the sign test have it.
    took = [ratio for number in range(turns, 0, -1) for ratio in (float(number), 1.0)]
    found = TWO.cost([_stretches(*took)])
    assert found[2].likely == likely

"""What an answer of a match is worth, who wins, whom one meets, and what it earns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.matches import (
    COUNTED_A_DAY,
    MIX,
    QUESTIONS,
    RIGHT_CENTIPOINTS,
    RIGHT_POINTS,
    SECONDS,
    SPEED_POINTS,
    Tally,
    WonBy,
    earned,
    level,
    points,
    reach,
    winner,
)

S = 1_000_000
limits = st.integers(1, 60 * S)
times = st.integers(-S, 90 * S)
tallies = st.builds(Tally, st.integers(0, 1000), st.integers(0, QUESTIONS), st.integers(0, 300 * S))


def test_a_match_has_ten_questions_that_a_thumb_can_answer() -> None:
    assert sum(MIX.values()) == QUESTIONS
    assert MIX.keys() <= SECONDS.keys()


@given(times, times, limits)
def test_sooner_is_never_worth_less_and_right_always_more_than_wrong(one: int, other: int, limit: int) -> None:
    early, late = sorted((one, other))
    first, second = (points(right=True, elapsed_us=time, limit_us=limit) for time in (early, late))
    assert RIGHT_POINTS + SPEED_POINTS >= first >= second >= RIGHT_POINTS
    assert points(right=False, elapsed_us=early, limit_us=limit) == 0


def test_points_at_the_edges_of_the_window() -> None:
    worth = [
        points(right=True, elapsed_us=time, limit_us=20 * S) for time in (0, 1, 10 * S, 20 * S - 1, 20 * S, 99 * S)
    ]
    assert worth == [100, 99, 80, 60, 60, 60]
    with pytest.raises(ValueError, match="window"):
        points(right=True, elapsed_us=0, limit_us=0)


@given(tallies, tallies, st.sets(st.sampled_from((1, 2))))
def test_it_does_not_matter_which_seat_is_which(first: Tally, second: Tally, left: set[int]) -> None:
    won, why = winner(first, second, left)
    mirrored, same = winner(second, first, {3 - seat for seat in left})
    assert (mirrored, same) == (3 - won if won else 0, why)
    assert (why is WonBy.DRAWN) == (won == 0)


def test_points_come_before_time_and_whoever_left_has_lost() -> None:
    assert winner(Tally(600, 8, 99 * S), Tally(599, 9, 1 * S)) == (1, WonBy.POINTS)
    assert winner(Tally(600, 8, 2 * S), Tally(600, 8, 1 * S)) == (2, WonBy.TIME)
    assert winner(Tally(600, 8, S), Tally(600, 8, S)) == (0, WonBy.DRAWN)
    assert winner(Tally(900, 9, S), Tally(0, 0, 0), {1}) == (2, WonBy.LEFT)
    assert winner(Tally(900, 9, S), Tally(0, 0, 0), {1, 2}) == (1, WonBy.POINTS)


@given(st.integers(-10, 10_000_000), st.integers(0, 10_000_000))
def test_levels_rise_with_points(low: int, more: int) -> None:
    assert 0 <= level(low) <= level(max(low, 0) + more)
    assert level(2 * max(low, 1_000)) <= level(max(low, 1_000)) + 1


def test_who_waits_reaches_further() -> None:
    assert [reach(waited) for waited in (-1, 0, S - 1, S, 8 * S)] == [1, 1, 1, 2, 9]


@given(st.integers(0, QUESTIONS), st.integers(0, 9), st.booleans(), st.booleans())
def test_nothing_is_earned_twice_or_of_a_recording(right: int, before: int, met: bool, recorded: bool) -> None:
    gain = earned(right, before, met_today=met, recorded=recorded)
    assert gain == (0 if met or recorded or before >= COUNTED_A_DAY else RIGHT_CENTIPOINTS * right)
    assert gain <= 100

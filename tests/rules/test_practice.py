from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.practice import (
    FinishedSet,
    Studied,
    counted_centipoints,
    is_daily_star,
    is_monthly_expert,
    is_weekly_master,
    set_centipoints,
    study_days,
)

MONDAY = date(2022, 8, 1)


def studied(days: int, questions: int, first: date = MONDAY) -> list[Studied]:
    return [Studied(first + timedelta(days=day), f"q{no}") for day in range(days) for no in range(questions)]


@pytest.mark.parametrize(
    ("days", "questions", "star"), [(20, 30, True), (31, 30, True), (19, 30, False), (20, 29, False), (31, 29, False)]
)
def test_daily_star(days: int, questions: int, star: bool) -> None:
    assert is_daily_star(studied(days, questions), 2022, 8) is star


def test_the_same_question_counts_once_a_day() -> None:
    repeated = [Studied(MONDAY, "q1")] * 100
    assert study_days(repeated) == ()
    assert study_days([*repeated, *studied(1, 30)]) == (MONDAY,)


def test_months_are_apart() -> None:
    answers = studied(31, 30, date(2022, 8, 15))
    assert len(study_days(answers)) == 31
    assert not is_daily_star(answers, 2022, 8)
    assert not is_daily_star(answers, 2022, 9)
    assert not is_daily_star(studied(20, 30), 2021, 8)


@pytest.mark.parametrize(("right", "items", "earned"), [(10, 10, 1000), (0, 10, 0), (7, 10, 700), (1, 3, 333)])
def test_a_set(right: int, items: int, earned: int) -> None:
    assert set_centipoints(right, items) == earned


@pytest.mark.parametrize(("right", "items"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_sets(right: int, items: int) -> None:
    with pytest.raises(ValueError, match="right of"):
        set_centipoints(right, items)


def test_the_first_two_sets_of_a_day_count() -> None:
    sets = [FinishedSet(MONDAY, points) for points in (300, 500, 1000, 1000)]
    assert counted_centipoints(sets, MONDAY, MONDAY) == 800
    assert counted_centipoints(sets, MONDAY - timedelta(days=3), MONDAY - timedelta(days=1)) == 0


def test_weekly_master() -> None:
    full = [FinishedSet(MONDAY + timedelta(days=day // 2), 1000) for day in range(14)]
    assert is_weekly_master(full, MONDAY)
    assert not is_weekly_master(full[:-1], MONDAY)
    assert not is_weekly_master([*full[:-1], FinishedSet(MONDAY + timedelta(days=6), 999)], MONDAY)
    assert not is_weekly_master([*full[:-1], FinishedSet(MONDAY + timedelta(days=7), 1000)], MONDAY)
    with pytest.raises(ValueError, match="no Monday"):
        is_weekly_master(full, MONDAY + timedelta(days=1))


@given(st.lists(st.builds(FinishedSet, st.dates(MONDAY, date(2022, 8, 9)), st.integers(0, 1000)), max_size=60))
def test_points_of_parts_add_up(sets: list[FinishedSet]) -> None:
    last = date(2022, 8, 9)
    whole = counted_centipoints(sets, MONDAY, last)
    parts = counted_centipoints(sets, MONDAY, date(2022, 8, 4)) + counted_centipoints(sets, date(2022, 8, 5), last)
    assert whole == parts <= 9 * 2 * 1000


@pytest.mark.parametrize(("centipoints", "expert"), [(8999, False), (9000, True), (10000, True)])
def test_monthly_expert(centipoints: int, expert: bool) -> None:
    assert is_monthly_expert(centipoints) is expert

"""Titles as facts: thresholds on both sides, weeks over the end of a year, and any day as of which one asks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.practice import FinishedSet, PracticeTitle, Studied, is_daily_star, is_weekly_master
from leitai.rules.practice_boards import Kind, Period, starts_on
from leitai.rules.practice_titles import DayOf, TitleFact, titles_of

FIRST = date(2022, 8, 1)
LAST = date(2022, 8, 31)
MONDAY = date(2021, 12, 27)
"""Its week ends in the next year."""


def studied(days: int, questions: int, first: date = FIRST) -> list[DayOf]:
    return [DayOf(Kind.DAILY, first + timedelta(days=one), 0, questions) for one in range(days)]


def week(centipoints: list[int], monday: date = MONDAY) -> list[DayOf]:
    return [DayOf(Kind.WEEKLY, monday + timedelta(days=one), earned) for one, earned in enumerate(centipoints)]


def held(days: list[DayOf], as_of: date = date(2022, 12, 31)) -> list[PracticeTitle]:
    return [fact.title for fact in titles_of(days, as_of)]


@pytest.mark.parametrize(
    ("days", "questions", "star"), [(20, 30, True), (31, 30, True), (19, 30, False), (20, 29, False), (31, 29, False)]
)
def test_a_star_wants_thirty_questions_on_twenty_days(days: int, questions: int, star: bool) -> None:
    assert (PracticeTitle.DAILY_STAR in held(studied(days, questions))) is star


def test_a_star_says_since_when_and_by_what() -> None:
    (fact,) = titles_of([*studied(5, 29), *studied(22, 40, FIRST + timedelta(days=5))], LAST)
    days = tuple(FIRST + timedelta(days=one) for one in range(5, 27))
    assert fact == TitleFact(PracticeTitle.DAILY_STAR, FIRST, FIRST + timedelta(days=24), days, 22 * 40)


@pytest.mark.parametrize(("as_of", "star"), [(date(2022, 8, 20), True), (date(2022, 8, 19), False)])
def test_as_of_a_day_later_ones_do_not_count(as_of: date, star: bool) -> None:
    assert (PracticeTitle.DAILY_STAR in held(studied(31, 30), as_of)) is star


def test_twenty_days_over_two_months_are_no_star() -> None:
    assert held(studied(38, 30, date(2022, 7, 13))) == []
    both = titles_of(studied(40, 30, date(2022, 7, 12)), LAST)
    assert [fact.starts_on for fact in both] == [date(2022, 7, 1), date(2022, 8, 1)]


def test_a_full_week_is_a_master_also_over_the_end_of_a_year() -> None:
    (fact,) = titles_of(week([2_000] * 7), LAST)
    assert (fact.title, fact.starts_on, fact.earned_on) == (PracticeTitle.WEEKLY_MASTER, MONDAY, date(2022, 1, 2))
    assert (fact.amount, len(fact.days)) == (14_000, 7)
    assert held(week([2_000] * 7), date(2022, 1, 1)) == []


def test_a_point_less_is_no_master_and_neither_are_seven_days_of_two_weeks() -> None:
    assert held(week([2_000] * 6 + [1_999])) == []
    assert held(week([2_000] * 7, MONDAY + timedelta(days=1))) == []


@pytest.mark.parametrize(("centipoints", "expert"), [(8_999, False), (9_000, True), (10_000, True)])
def test_ninety_points_are_an_expert(centipoints: int, expert: bool) -> None:
    day = DayOf(Kind.MONTHLY, date(2022, 8, 9), centipoints)
    assert (held([day]) == [PracticeTitle.MONTHLY_EXPERT]) is expert


def test_matches_earn_no_title() -> None:
    assert held([DayOf(Kind.MATCH, FIRST, 100_000, 1_000)]) == []


@given(st.dictionaries(st.integers(0, 75), st.sampled_from([0, 29, 30, 45])))
def test_stars_are_those_of_the_law(found: dict[int, int]) -> None:
    first = date(2022, 7, 1)
    days = [DayOf(Kind.DAILY, first + timedelta(days=offset), 0, questions) for offset, questions in found.items()]
    answers = [Studied(one.day, f"q{no}") for one in days for no in range(one.questions)]
    stars = {fact.starts_on for fact in titles_of(days, date(2022, 12, 31))}
    months = {starts_on(Period.MONTH, one.day) for one in days}
    assert stars == {one for one in months if is_daily_star(answers, one.year, one.month)}


@given(st.lists(st.sampled_from([0, 1_500, 1_999, 2_000]), min_size=7, max_size=21))
def test_masters_are_those_of_the_law(earned: list[int]) -> None:
    days = week(earned)
    halves = [(one.day, one.centipoints // 2, -(-one.centipoints // 2)) for one in days]
    sets = [FinishedSet(day, part) for day, *parts in halves for part in parts]
    masters = {fact.starts_on for fact in titles_of(days, date(2022, 12, 31))}
    mondays = {starts_on(Period.WEEK, one.day) for one in days}
    assert masters == {one for one in mondays if is_weekly_master(sets, one)}


@given(st.permutations(range(31)))
def test_the_order_of_days_does_not_matter(order: list[int]) -> None:
    days = studied(31, 30)
    assert titles_of([days[one] for one in order], LAST) == titles_of(days, LAST)

"""Days, weeks and months, days in a row, ranks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.practice_boards import EPOCH, Period, ends_on, ranked, starts_on, streak

DAYS = st.dates(date(2001, 1, 1), date(2100, 12, 31))
TODAY = date(2022, 8, 31)


def run(last: date, length: int) -> list[date]:
    return [last - timedelta(days=back) for back in range(length)]


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        (Period.DAY, date(2024, 2, 29), date(2024, 2, 29), date(2024, 2, 29)),
        (Period.WEEK, date(2021, 1, 3), date(2020, 12, 28), date(2021, 1, 3)),
        (Period.WEEK, date(2021, 1, 4), date(2021, 1, 4), date(2021, 1, 10)),
        (Period.WEEK, date(2024, 12, 31), date(2024, 12, 30), date(2025, 1, 5)),
        (Period.MONTH, date(2024, 2, 1), date(2024, 2, 1), date(2024, 2, 29)),
        (Period.MONTH, date(2023, 2, 28), date(2023, 2, 1), date(2023, 2, 28)),
        (Period.MONTH, date(2022, 12, 31), date(2022, 12, 1), date(2022, 12, 31)),
        (Period.ALL, date(2022, 12, 31), EPOCH, date.max),
    ],
)
def test_a_period_has_its_days(period: Period, day: date, first: date, last: date) -> None:
    assert (starts_on(period, day), ends_on(period, day)) == (first, last)


@given(DAYS, st.sampled_from([Period.DAY, Period.WEEK, Period.MONTH]))
def test_every_day_lies_in_one_period_and_the_next_begins_after_it(day: date, period: Period) -> None:
    first, last = starts_on(period, day), ends_on(period, day)
    assert first <= day <= last
    assert starts_on(period, first) == starts_on(period, last) == first
    assert starts_on(period, last + timedelta(days=1)) == last + timedelta(days=1)


def test_days_in_a_row_go_up_to_today_or_to_yesterday() -> None:
    assert streak([], TODAY).current == 0
    assert streak([TODAY], TODAY).current == 1
    yesterday = TODAY - timedelta(days=1)
    still_open = streak(run(yesterday, 3), TODAY)
    assert (still_open.current, still_open.longest, still_open.today) == (3, 3, False)
    assert streak(run(TODAY - timedelta(days=2), 9), TODAY).current == 0
    assert streak(run(TODAY - timedelta(days=2), 9), TODAY).longest == 9


def test_days_in_a_row_go_over_the_end_of_a_year_and_a_leap_day() -> None:
    assert streak(run(date(2022, 1, 2), 4), date(2022, 1, 2)).current == 4
    assert streak(run(date(2024, 3, 1), 3), date(2024, 3, 1)).current == 3


def test_tomorrow_does_not_count_yet() -> None:
    found = streak([TODAY + timedelta(days=1), TODAY], TODAY)
    assert (found.current, found.longest) == (1, 1)


@given(st.sets(st.integers(0, 60)), st.integers(0, 60))
def test_days_in_a_row_are_what_counting_gives(offsets: set[int], today: int) -> None:
    days = {EPOCH + timedelta(days=one) for one in offsets}
    found = streak(days, EPOCH + timedelta(days=today))
    at = today if today in offsets else today - 1
    counted = 0
    while at - counted in offsets:
        counted += 1
    best = at_hand = 0
    for one in range(today + 1):
        at_hand = at_hand + 1 if one in offsets else 0
        best = max(best, at_hand)
    assert (found.current, found.longest, found.today) == (counted, best, today in offsets)


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 7))
def test_pages_have_the_ranks_of_the_whole_board(points: list[int], size: int) -> None:
    board = sorted(points, reverse=True)
    for before in range(0, len(board), size):
        page = board[before : before + size]
        above = sum(one > page[0] for one in board)
        assert ranked(page, above, before) == [1 + sum(other > one for other in board) for one in page]


def test_a_page_that_cannot_be_is_refused() -> None:
    assert ranked([], 0, 0) == []
    with pytest.raises(ValueError, match="fall"):
        ranked([1, 2], 0, 0)
    with pytest.raises(ValueError, match="above"):
        ranked([2, 1], 3, 2)

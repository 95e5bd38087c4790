"""Days of the contest's calendar begin at midnight in Beijing, to the microsecond."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.beijing import BEIJING, beijing_day, day_begins_us

DAY_US = 86_400_000_000


def test_a_day_begins_eight_hours_before_that_of_greenwich() -> None:
    midnight = datetime(2022, 7, 31, 16, tzinfo=UTC)
    assert midnight.astimezone(BEIJING) == datetime(2022, 8, 1, tzinfo=BEIJING)
    assert day_begins_us(date(2022, 8, 1)) == int(midnight.timestamp()) * 1_000_000


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)))
def test_a_day_is_what_lies_between_its_midnights(day: date) -> None:
    begins_us = day_begins_us(day)
    assert beijing_day(begins_us) == day
    assert beijing_day(begins_us - 1) == day - timedelta(days=1)
    assert beijing_day(begins_us + DAY_US - 1) == day
    assert day_begins_us(day + timedelta(days=1)) == begins_us + DAY_US

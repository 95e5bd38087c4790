"""When learners are reminded, to the microsecond."""

import pytest

from leitai.rules.practice_reminders import Reminder, reminder

HOUR_US = 3_600_000_000
WEDNESDAY_US = 1_661_875_200_000_000  # 2022-08-31 00:00 in Beijing
SUNDAY_US = WEDNESDAY_US - 3 * 24 * HOUR_US


@pytest.mark.parametrize(
    ("at_us", "about"),
    [
        (WEDNESDAY_US, None),
        (WEDNESDAY_US + 20 * HOUR_US - 1, None),
        (WEDNESDAY_US + 20 * HOUR_US, Reminder.DAILY),
        (WEDNESDAY_US + 21 * HOUR_US + HOUR_US // 2 - 1, Reminder.DAILY),
        (WEDNESDAY_US + 21 * HOUR_US + HOUR_US // 2, None),
        (WEDNESDAY_US + 24 * HOUR_US - 1, None),
        (SUNDAY_US + 20 * HOUR_US, Reminder.WEEK_ENDS),
        (SUNDAY_US + 8 * HOUR_US, None),
    ],
)
def test_only_in_the_evening(at_us: int, about: Reminder | None) -> None:
    assert reminder(at_us) is about

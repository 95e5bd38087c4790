"""When learners are reminded: once in the evening of a day on which they have not studied, never in the quiet hours.

The plan says nothing of reminders; the hours are defaults.
"""

from datetime import UTC, datetime, time
from enum import Enum

from leitai.rules.beijing import BEIJING

REMIND_FROM = time(20, 0)
QUIET_FROM = time(21, 30)
"""In Beijing. Reminders go out from the first of them until just before the second."""
_SUNDAY = 6


class Reminder(Enum):
    """What a reminder is about."""

    DAILY = "daily"
    """日日学: nothing was studied today"""
    WEEK_ENDS = "week_ends"
    """周周练: it is Sunday"""


def reminder(at_us: int) -> Reminder | None:
    """Return what is reminded of at a moment; None in the quiet hours."""
    there = datetime.fromtimestamp(at_us // 1_000_000, UTC).astimezone(BEIJING)
    if not REMIND_FROM <= there.time() < QUIET_FROM:
        return None
    return Reminder.WEEK_ENDS if there.weekday() == _SUNDAY else Reminder.DAILY

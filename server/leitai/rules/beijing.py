"""The contest's calendar: days of Beijing, which all of it goes by, whatever clock a machine or a browser has."""

from datetime import UTC, date, datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


def beijing_day(at_us: int) -> date:
    """Return the day in Beijing of a moment in microseconds since 1970."""
    # Whole seconds: a float of microseconds rounds up into the next day.
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).astimezone(BEIJING).date()


def day_begins_us(day: date) -> int:
    """Return the moment at which a day in Beijing begins, in microseconds since 1970."""
    return int(datetime.combine(day, time(), BEIJING).timestamp()) * 1_000_000

"""The calendar: everybody's, and the dates' page of the staff."""

from leitai.rules.rights import Act
from leitai.web.contract.table import TEXT, Operation, Query
from leitai.wire import calendar_bodies

ICS = "text/calendar"
_CONTEST = Query(
    "contest",
    "Number of the contest; the one in preparation unless said.",
    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
)

CALENDAR: tuple[Operation, ...] = (
    Operation(
        "calendar",
        "GET",
        "/api/calendar",
        "public",
        "The stages of a contest's year with the state of each, from what has happened and the days that were set.",
        calendar_bodies.CalendarBody,
        ("bad-request", "not-found", "store-unavailable"),
        queries=(_CONTEST,),
        cached=True,
    ),
    Operation(
        "calendar_file",
        "GET",
        "/api/calendar.ics",
        "public",
        "The days that are set, for calendar programs (RFC 5545).",
        TEXT,
        ("bad-request", "not-found", "store-unavailable"),
        media=ICS,
        queries=(_CONTEST,),
        cached=True,
    ),
)
STAFF_CALENDAR: tuple[Operation, ...] = (
    Operation(
        "staff_calendar",
        "GET",
        "/api/staff/calendar",
        "staff",
        "A contest's calendar as it is, and the days that the plan names for its year.",
        calendar_bodies.StaffCalendarBody,
        ("bad-request", "forbidden", "not-found", "store-unavailable"),
        queries=(_CONTEST,),
        signed_in=True,
        act=Act.PLAN_CALENDAR,
    ),
    Operation(
        "calendar_set",
        "POST",
        "/api/staff/calendar",
        "staff",
        "Set the days of a contest's stages; everybody sees them at once.",
        calendar_bodies.StaffCalendarBody,
        ("bad-request", "forbidden", "not-found", "calendar-order", "stale-version", "store-unavailable"),
        request=calendar_bodies.CalendarRequest,
        signed_in=True,
        act=Act.PLAN_CALENDAR,
    ),
)

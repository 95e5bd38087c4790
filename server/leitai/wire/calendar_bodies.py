"""The JSON bodies of the calendar. Days are written 2022-08-31 and are Beijing's."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

StageName = Literal[
    "bank_revision",
    "bank_publication",
    "practice",
    "supplement",
    "eligibility",
    "nomination",
    "draw",
    "contest",
    "appeals",
    "publicity",
    "awards",
]


class CalendarStage(Struct, frozen=True):
    """A stage as everybody sees it.

    `state`: `not_planned`, `planned`, `under_way`, `done`, `overdue`. `first`, `last`: its days, both included, null
    where none is set. `done` of `total`: what of it has happened (provinces, appeals), 0 of 0 where nothing is counted.
    """

    stage: str
    state: str
    first: date | None
    last: date | None
    done: int
    total: int
    note: str


class CalendarBody(Struct, frozen=True):
    """The calendar of a contest, its stages in the plan's order; `today` is the day that the states are of."""

    contest: int
    title: str
    organizer: str
    year: int
    today: date
    stages: list[CalendarStage]


class StageDays(Struct, frozen=True):
    """The days of a stage; both null: not set."""

    stage: StageName
    first: date | None = None
    last: date | None = None
    note: Annotated[str, Meta(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class PlanDays(Struct, frozen=True):
    """The days that the plan names for a stage."""

    stage: str
    first: date
    last: date


class CalendarContest(Struct, frozen=True):
    """A contest that has a calendar or can have one. `shown`: the public sees this one."""

    contest: int
    title: str
    year: int
    shown: bool


class StaffCalendarBody(Struct, frozen=True):
    """A contest's calendar with what the plan would have, to set it by."""

    contests: list[CalendarContest]
    version: int
    """Of the days as they are; a change says which it saw. 0: none were set."""
    calendar: CalendarBody | None
    plan: list[PlanDays]


class CalendarRequest(Struct, frozen=True):
    """Set the days of a contest's stages; a stage that is not named has none from now on."""

    contest: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    stages: Annotated[list[StageDays], Meta(max_length=20)]

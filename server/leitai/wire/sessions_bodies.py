"""The JSON bodies of planning sessions."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0, le=100_000)]
Moment = Annotated[int, Meta(ge=0, le=4_102_444_800_000_000)]


class SessionRules(Struct, frozen=True):
    """The settings of a session with their defaults, which are those of the published rules."""

    pacing: Literal["streamed", "paper"] = "streamed"
    gap_s: Count = 3
    """Between two items."""
    duration_s: Count = 0
    """Of a paper's one window; 0: the sum of its items' times."""
    late_entry_s: Count = 600
    board_follows: Literal["close", "answer"] = "close"
    freeze_percent: Annotated[int, Meta(ge=0, le=100)] = 20
    show_own: bool = True
    show_key: bool = False
    conduct_limit: Annotated[int, Meta(ge=0, le=1000)] = 5
    appeal_minutes: Count = 120
    lobby_minutes: Annotated[int, Meta(ge=0, le=1440)] = 30
    """The lobby opens so long before the start."""


class CreateSessionRequest(Struct, frozen=True):
    """A session to be made as a draft, for the contest's whole roster."""

    contest: int
    paper: int
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    start_us: Moment
    rules: SessionRules = SessionRules()


class MoveSessionRequest(Struct, frozen=True):
    """`schedule` a draft, `reschedule` it (with `start_us` and `lobby_minutes`), or `withdraw` it, before its lobby."""

    act: Literal["schedule", "reschedule", "withdraw"]
    start_us: Moment = 0
    lobby_minutes: Annotated[int, Meta(ge=0, le=1440)] = 30
    expects: Annotated[str, Meta(max_length=64)] = ""
    """The edition of the session in force that was seen; empty: any."""


class PlannedSession(Struct, frozen=True):
    """A session in short. `in_force`: every process serves this one."""

    session: int
    contest: str
    paper: str
    title: str
    phase: str
    pacing: str
    start_us: int
    lobby_opens_us: int
    freeze_percent: int
    seats: int
    struck: int
    in_force: bool
    withdrawn: bool
    """It was in force once and withdrawn: it cannot be scheduled again."""


class PaperBody(Struct, frozen=True):
    """A paper in short."""

    paper: int
    title: str
    items: int
    centipoints: int
    seconds: int


class ContestSummaryBody(Struct, frozen=True):
    """A contest in short, with how many are on its roster."""

    contest: int
    title: str
    year: int
    roster: int


class SessionsBody(Struct, frozen=True):
    """All that is planned, the newest first, and what it can be made of."""

    sessions: list[PlannedSession]
    papers: list[PaperBody]
    contests: list[ContestSummaryBody]
    defaults: SessionRules
    server_us: int


class SessionCreated(Struct, frozen=True):
    """The number of the new session."""

    session: int


class CodesSheet(Struct, frozen=True):
    """New access codes: slips to print (HTML) and the same as CSV. Kept nowhere."""

    session: int
    seats: int
    slips: str
    table: str

"""The JSON bodies of 月月比: what a learner sees of the months, and what the practice office schedules."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

StageName = Literal["announced", "open", "under_way", "sat", "over", "result"]
_Line = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
_Instant = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class MonthlyResult(Struct, frozen=True):
    """A sitting's result: rank among the `of` who sat."""

    centipoints: int
    elapsed_us: int
    answered: int
    rank: int
    of: int
    expert: bool
    """It earns 月月比能手."""


class OwnMonthlyBody(Struct, frozen=True):
    """A month's sitting as the learner has it; `ends_us` is the end of their own time, 0 before it began."""

    session: int
    month: date
    title: str
    stage: StageName
    opens_us: int
    closes_us: int
    minutes: int
    items: int
    centipoints: int
    ends_us: int
    result: MonthlyResult | None


class MonthlyBody(Struct, frozen=True):
    """The months of the last half-year, the newest first; `server_us` is the server's clock."""

    server_us: int
    months: list[OwnMonthlyBody]


class MonthlyEntryBody(Struct, frozen=True):
    """Where the sitting is taken; the address works once, within a minute."""

    url: str


class MonthlyPaper(Struct, frozen=True):
    """A sealed paper that may be played: neither played before nor planned elsewhere."""

    paper: int
    title: str
    items: int
    centipoints: int


class MonthRow(Struct, frozen=True):
    """A month as the practice office sees it. `withdrawn_by` empty: it holds; `sat` counts results, once settled."""

    session: int
    month: date
    title: str
    paper_title: str
    opens_us: int
    closes_us: int
    minutes: int
    items: int
    centipoints: int
    phase: str
    enrolled: int
    sat: int
    settled: bool
    scheduled_by: str
    withdrawn_by: str
    withdrawable: bool


class MonthsBody(Struct, frozen=True):
    """All months, the newest first, and the papers that are left."""

    months: list[MonthRow]
    papers: list[MonthlyPaper]
    minutes: int
    """The default length of a sitting."""


class MonthRequest(Struct, frozen=True):
    """Announce a month's sitting: its window lies within one month in Beijing."""

    title: _Line
    paper: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    opens_us: _Instant
    closes_us: _Instant
    minutes: Annotated[int, Meta(ge=1, le=180)]

"""What the calendar needs: where days are kept, and who knows what has happened.

Every call may raise `office.ports.StoreUnavailable`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.rules.calendar import Fact, Span, Stage
from leitai.rules.values import Micros


@dataclass(frozen=True, slots=True)
class Year:
    """A contest as the calendar knows it; `version` counts changes of its days, 0: none were ever set."""

    contest_id: int
    title: str
    organizer: str
    year: int
    version: int
    changed_us: Micros


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a stage, and what is said of it."""

    span: Span
    note: str = ""


class StaleDays(Exception):
    """Somebody set the days first; nothing was written."""


class CalendarStore(Protocol):
    """Where days are kept."""

    async def years(self) -> list[Year]:
        """Return the contests, those with days first, then the newest."""
        ...

    async def year(self, contest_id: int) -> Year:
        """Return a contest; raises KeyError when there is none."""
        ...

    async def days(self, contest_id: int) -> Mapping[Stage, Days]:
        """Return the days that are set."""
        ...

    async def set_days(self, contest_id: int, version: int, days: Mapping[Stage, Days], actor: str) -> None:
        """Set all days of a contest, in the audit with them; raises KeyError for no contest, `StaleDays`."""
        ...


class FactSource(Protocol):
    """A part of the house that knows what has happened of some stages."""

    async def facts(self, contest_id: int) -> Mapping[Stage, Fact]:
        """Return what is known; a stage of which nothing is recorded anywhere is left out."""
        ...


def together(told: Sequence[Mapping[Stage, Fact]]) -> dict[Stage, Fact]:
    """Return the facts of several sources; of two about one stage the later source's counts."""
    return {stage: fact for facts in told for stage, fact in facts.items()}

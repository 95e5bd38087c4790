"""The calendar's work: one contest's stages with their states, and the days set for them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from leitai.office.calendar.ports import CalendarStore, Days, FactSource, Year, together
from leitai.rules.beijing import beijing_day
from leitai.rules.calendar import Stage, StageState, states


@dataclass(frozen=True, slots=True)
class Shown:
    """A contest's calendar on a day."""

    year: Year
    today: date
    stages: tuple[StageState, ...]
    notes: Mapping[Stage, str]


class Calendar:
    """The calendar of the contests.

    Args:
        store: where days are kept.
        sources: who knows what has happened; a later one goes before an earlier.
        now_us: the time.
    """

    def __init__(
        self,
        store: CalendarStore,
        sources: Sequence[FactSource],
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._store = store
        self._sources = tuple(sources)
        self._now_us = now_us

    async def years(self) -> list[Year]:
        """Return the contests, the one that is shown unless another is asked for first."""
        return await self._store.years()

    async def shown(self, contest_id: int | None = None) -> Shown:
        """Return a contest's calendar as of now; None: the contest in preparation. Raises KeyError for none."""
        if contest_id is None:
            known = await self._store.years()
            if not known:
                raise KeyError("contest")
            year = known[0]
        else:
            year = await self._store.year(contest_id)
        days = await self._store.days(year.contest_id)
        facts = together([await source.facts(year.contest_id) for source in self._sources])
        spans = {stage: one.span for stage, one in days.items()}
        today = self._today()
        notes = {stage: one.note for stage, one in days.items()}
        return Shown(year, today, states(facts, spans, today), notes)

    async def set_days(self, actor: str, contest_id: int, version: int, days: Mapping[Stage, Days]) -> None:
        """Set all days of a contest; raises KeyError for no contest, `StaleDays`."""
        await self._store.set_days(contest_id, version, days, actor)

    def _today(self) -> date:
        return beijing_day(self._now_us())

"""A calendar's days in memory: one contest with one stage."""

from collections.abc import Mapping
from datetime import date

from leitai.office.calendar.ports import Days, Year
from leitai.rules.calendar import Span, Stage
from leitai.rules.values import Micros

CONTEST = Year(1, "业务技能练兵比武", "组委会", 2022, 1, Micros(0))


class FakeDays:
    """A `CalendarStore` that nobody writes to."""

    async def years(self) -> list[Year]:
        """See `CalendarStore.years`."""
        return [CONTEST]

    async def year(self, contest_id: int) -> Year:
        """See `CalendarStore.year`."""
        if contest_id != CONTEST.contest_id:
            raise KeyError(contest_id)
        return CONTEST

    async def days(self, contest_id: int) -> Mapping[Stage, Days]:
        """See `CalendarStore.days`."""
        del contest_id
        return {Stage.DRAW: Days(Span(date(2022, 9, 11), date(2022, 9, 20)))}

    async def set_days(self, contest_id: int, version: int, days: Mapping[Stage, Days], actor: str) -> None:
        """See `CalendarStore.set_days`."""
        raise AssertionError(contest_id, version, days, actor)

"""The calendar in PostgreSQL: the days (`office.calendar.ports.CalendarStore`), and what the record knows of stages."""

from collections.abc import Mapping

from leitai.office.calendar.ports import Days, StaleDays, Year
from leitai.rules.calendar import Fact, Progress, Span, Stage
from leitai.rules.values import Micros, Phase
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row

_CALENDAR = Queries("calendar")
_NONE, _BEGUN, _DONE = Progress.NONE, Progress.BEGUN, Progress.DONE
_SESSION: Mapping[Phase, tuple[Progress, Progress]] = {
    Phase.DRAFT: (_NONE, _NONE),
    Phase.SCHEDULED: (_NONE, _NONE),
    Phase.LOBBY: (_BEGUN, _NONE),
    Phase.RUNNING: (_BEGUN, _NONE),
    Phase.PAUSED: (_BEGUN, _NONE),
    Phase.CLOSED: (_DONE, _BEGUN),
    Phase.UNDER_REVIEW: (_DONE, _BEGUN),
    Phase.FINALIZED: (_DONE, _DONE),
}
"""What a session's phase says of the contest itself, and of appeals and review."""


class CalendarDays:
    """Days, and facts of nominations, sessions, appeals and awards: also an `office.calendar.ports.FactSource`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def years(self) -> list[Year]:
        """See `CalendarStore.years`."""
        async with self._database.connection() as connection:
            return [_year(row) for row in await connection.fetch(_CALENDAR["contests"])]

    async def year(self, contest_id: int) -> Year:
        """See `CalendarStore.year`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_CALENDAR["contest"], contest_id)
        if row is None:
            raise KeyError(contest_id)
        return _year(row)

    async def days(self, contest_id: int) -> Mapping[Stage, Days]:
        """See `CalendarStore.days`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_CALENDAR["stages"], contest_id)
        return {Stage(row["stage"]): Days(Span(row["first"], row["last"]), row["note"]) for row in found}

    async def set_days(self, contest_id: int, version: int, days: Mapping[Stage, Days], actor: str) -> None:
        """See `CalendarStore.set_days`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_CALENDAR["lock_contest"], contest_id) is None:
                raise KeyError(contest_id)
            if (await connection.fetchval(_CALENDAR["version"], contest_id) or 0) != version:
                raise StaleDays
            await connection.execute(_CALENDAR["set_version"], contest_id, actor)
            await connection.execute(_CALENDAR["clear"], contest_id)
            await connection.executemany(
                _CALENDAR["insert"],
                [
                    (contest_id, stage.value, one.span.first, one.span.last, one.note)
                    for stage, one in sorted(days.items(), key=lambda item: item[0].value)
                ],
            )
            told = {stage.value: f"{one.span.first} {one.span.last}" for stage, one in days.items()}
            await audit(connection, actor, "set-calendar", f"contest {contest_id}", told)

    async def facts(self, contest_id: int) -> Mapping[Stage, Fact]:
        """See `FactSource.facts`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_CALENDAR["facts"], contest_id)
        assert row is not None
        return facts_of(row)


def facts_of(row: Row) -> dict[Stage, Fact]:
    """Return what counts of rows tell: how many provinces sent lists in, how the session and its awards stand."""
    phase = Phase(row["phase"]) if row["phase"] else Phase.DRAFT
    nominated, provinces = row["nominated"], row["provinces"]
    contest, appeals = _SESSION[phase]
    return {
        Stage.NOMINATION: Fact(_DONE if row["frozen"] else _of(nominated, provinces), nominated, provinces),
        Stage.CONTEST: Fact(contest),
        Stage.PUBLICITY: Fact(_DONE if row["definite"] else _BEGUN if row["listed"] else _NONE),
        Stage.AWARDS: Fact(_DONE if row["definite"] else _NONE),
        Stage.APPEALS: Fact(appeals, row["decided"], row["appeals"]),
    }


def _of(done: int, total: int) -> Progress:
    if done == 0:
        return Progress.NONE
    return Progress.DONE if done >= total else Progress.BEGUN


def _year(row: Row) -> Year:
    changed_us = Micros(row["changed_us"])
    return Year(row["id"], row["title"], row["organizer"], row["year"], row["version"], changed_us)

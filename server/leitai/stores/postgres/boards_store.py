"""Boards of practice in PostgreSQL (`office.practice.boards_ports.BoardStore`), and whether they hold to the ledger."""

import time
from collections.abc import Mapping, Sequence
from datetime import date

from leitai.office.practice.boards_ports import Branches, Difference, Page, Row, Scope, Sum
from leitai.office.practice.ports import LEVELS
from leitai.rules.practice import PracticeTitle
from leitai.rules.practice_boards import Period
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row as Record
from leitai.stores.postgres.titles_store import BY_NUMBER

_BOARDS = Queries("practice_boards")
_POINTS = Queries("practice_points")
_MOST_TOTALS = 20_000
_COLUMNS = tuple(f"{level}_id" for level in LEVELS)


class BoardsStore:
    """Boards. `database` is lent, not owned.

    How many stand on a board may be as of `totals_kept_s` ago, since to count a nation takes longer than all else; who
    stands where is as of now.
    """

    def __init__(self, database: Database, totals_kept_s: float = 0.0) -> None:
        self._database = database
        self._totals_kept_s = totals_kept_s
        self._totals: dict[tuple[Scope | None, Period, date], tuple[float, int]] = {}

    async def page(self, scope: Scope | None, period: Period, starts_on: date, offset: int, limit: int) -> Page:
        """See `BoardStore.page`."""
        of = _of(scope)
        # One moment for all three: ranks must fit the rows.
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_scoped("page", scope, 5), period.value, starts_on, limit, offset, *of)
            total = await self._total(connection, scope, period, starts_on)
            above = 0
            if found and offset:
                most = found[0]["centipoints"]
                above = await connection.fetchval(_scoped("above", scope, 4), period.value, starts_on, most, *of)
        # What was counted a while ago is less than what is seen now.
        return Page([_row(one) for one in found], above, max(total, offset + len(found)) if found else total)

    async def branches(self, scope: Scope | None, period: Period, starts_on: date, limit: int) -> Branches:
        """See `BoardStore.branches`."""
        lower = _COLUMNS[0 if scope is None else scope.level + 1 :]
        if not lower:
            return Branches([])
        # Under nothing but the nation no level is left out.
        child = f"s.{lower[0]}" if scope is None else f"coalesce({', '.join(f's.{one}' for one in lower)})"
        statement = _scoped("organisations", scope, 4).replace("/*child*/", child)
        async with self._database.connection() as connection:
            found = await connection.fetch(statement, period.value, starts_on, limit, *_of(scope))
        return Branches([(row["id"], row["centipoints"], row["learners"]) for row in found])

    async def sums(self, learner_id: int, day: date) -> Mapping[Period, Sum]:
        """See `BoardStore.sums`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_BOARDS["sums"], learner_id, day)
        return {Period(row["period"]): Sum(row["centipoints"], row["questions"], _places(row)) for row in found}

    async def place(self, scope: Scope | None, period: Period, starts_on: date, centipoints: int) -> tuple[int, int]:
        """See `BoardStore.place`."""
        of = _of(scope)
        async with self._database.connection() as connection:
            above = await connection.fetchval(_scoped("above", scope, 4), period.value, starts_on, centipoints, *of)
            total = await self._total(connection, scope, period, starts_on)
        return above, max(total, above)

    async def _total(self, connection: Connection, scope: Scope | None, period: Period, starts_on: date) -> int:
        board, now = (scope, period, starts_on), time.monotonic()
        until, total = self._totals.get(board, (0.0, 0))
        if now >= until:
            total = await connection.fetchval(_scoped("total", scope, 3), period.value, starts_on, *_of(scope))
            if len(self._totals) >= _MOST_TOTALS:
                self._totals.clear()
            self._totals[board] = (now + self._totals_kept_s, total)
        return total

    async def titles(self, learners: Sequence[int], first: date, last: date) -> Mapping[int, Sequence[PracticeTitle]]:
        """See `BoardStore.titles`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_BOARDS["earned"], list(learners), first, last)
        held: dict[int, list[PracticeTitle]] = {}
        for row in found:
            held.setdefault(row["learner_id"], []).append(BY_NUMBER[row["title"]])
        return held

    async def days(self, learner_id: int) -> list[date]:
        """See `BoardStore.days`."""
        async with self._database.connection() as connection:
            return [row["starts_on"] for row in await connection.fetch(_BOARDS["days"], learner_id)]

    async def verify(self, limit: int = 100) -> list[Difference]:
        """Return where sums differ from the ledger, at most so many."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_POINTS["differing"], limit)
        return [
            Difference(
                Period(row["period"]),
                row["starts_on"],
                row["learner_id"],
                row["centipoints"],
                row["questions"],
                row["kept_centipoints"],
                row["kept_questions"],
            )
            for row in found
        ]

    async def mend(self, differences: Sequence[Difference]) -> None:
        """Put what the ledger has by now in place of these sums, one learner after another."""
        places: dict[int, list[tuple[int, date, int]]] = {}
        for one in differences:
            places.setdefault(one.learner_id, []).append((one.period.value, one.starts_on, one.learner_id))
        for learner_id, of_learner in places.items():
            async with self._database.transaction() as connection:
                await connection.execute(_POINTS["hold"], learner_id)
                await connection.executemany(_POINTS["mend"], of_learner)


def _scoped(name: str, scope: Scope | None, parameter: int) -> str:
    """Return a statement about one organisation's people; column names are ours, its number is a parameter."""
    place = "" if scope is None else f"s.{_COLUMNS[scope.level]} = ${parameter} and "
    return _BOARDS[name].replace("/*place*/", place)


def _of(scope: Scope | None) -> tuple[int, ...]:
    return () if scope is None else (scope.organisation_id,)


def _places(row: Record) -> tuple[int | None, ...]:
    return tuple(row[column] for column in _COLUMNS)


def _row(row: Record) -> Row:
    places = _places(row)
    lowest = next((one for one in reversed(places) if one is not None), None)
    return Row(
        row["learner_id"],
        row["name"],
        row["nickname"],
        lowest,
        places[0],
        row["centipoints"],
        row["questions"],
    )

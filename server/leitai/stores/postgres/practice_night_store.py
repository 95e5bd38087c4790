"""A day of practice that is over, in PostgreSQL: `office.practice.desk_ports.NightStore`.

A day may be a million sets: they are read in pieces, and what sums them up takes its time.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from leitai.office.practice.desk_ports import Network
from leitai.office.practice.sets_ports import PracticeSet
from leitai.rules.item_analysis import MICROS, Use
from leitai.rules.practice_patterns import Finding, Given
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.practice_rows import set_of
from leitai.stores.postgres.practice_store import close_expired
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row

_DESK = Queries("practice_desk")
_SETS = Queries("practice_sets")
_AT_ONCE = 5_000
_LONG_S = 900.0


class PracticeNights:
    """Days that are over.

    Args:
        database: lent, not owned.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_days(self, before: date) -> Sequence[date]:
        """See `NightStore.open_days`."""
        async with self._database.connection() as connection:
            return [row["day"] for row in await connection.fetch(_DESK["open_days"], before)]

    async def close_day(self, day: date, at_us: int) -> int:
        """See `NightStore.close_day`."""
        closed, behind = 0, 0
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(_DESK["expired_sets"], day, at_us, behind, _AT_ONCE)
            found = _whole_learners(rows)
            if not found:
                return closed
            for learner_id, rows in groupby(found, key=lambda row: row["learner_id"]):
                closed += await self._close(learner_id, [set_of(row) for row in rows], at_us)
                behind = learner_id

    async def _close(self, learner_id: int, expired: Sequence[PracticeSet], at_us: int) -> int:
        async with self._database.transaction() as connection:
            await connection.execute(_SETS["one_at_a_time"], learner_id)
            # The learner may have asked for another set meanwhile, which closed these.
            rows = await connection.fetch(_DESK["still_open"], [one.set_id for one in expired])
            await close_expired(connection, [set_of(row) for row in rows], at_us)
        return len(rows)

    async def answers_by_learner(self, day: date) -> AsyncIterator[Sequence[Given]]:
        """See `NightStore.answers_by_learner`."""
        behind = 0
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(_DESK["of_learners"], day, behind, _AT_ONCE, timeout=_LONG_S)
            whole = _whole_learners(rows)
            if not whole:
                return
            for learner_id, of_one in groupby(whole, key=lambda row: row["learner_id"]):
                behind = learner_id
                if answers := [given for row in of_one for given in _given(row)]:
                    yield answers

    async def answers_by_network(self, day: date, most: int) -> AsyncIterator[Network]:
        """See `NightStore.answers_by_network`."""
        async with self._database.connection() as connection:
            networks = await connection.fetch(_DESK["shared_networks"], day, timeout=_LONG_S)
        for network in networks:
            given: list[Given] | None = None
            if network["answers"] <= most:
                async with self._database.connection() as connection:
                    rows = await connection.fetch(_DESK["of_network"], day, network["network"], timeout=_LONG_S)
                given = [one for row in rows for one in _given(row)]
            yield Network(tuple(network["learners"]), network["answers"], given)

    async def uses(self, day: date) -> Mapping[int, Use]:
        """See `NightStore.uses`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_DESK["uses"], day, timeout=_LONG_S)
        return {row["version_id"]: Use(row["takers"], row["right_answers"] * MICROS) for row in found}

    async def finish_day(self, day: date, findings: Sequence[Finding]) -> bool:
        """See `NightStore.finish_day`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_DESK["finish"], day) is None:
                return False
            await connection.executemany(
                _DESK["add_findings"],
                [(day, one.pattern.value, one.learners, one.answers, one.figure_us) for one in findings],
            )
            await connection.execute(_DESK["add_participation"], day, timeout=_LONG_S)
        return True


def _whole_learners(rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out the last learner of a full piece, whose sets may go on in the next one."""
    if len(rows) < _AT_ONCE or rows[0]["learner_id"] == rows[-1]["learner_id"]:
        return rows
    last = rows[-1]["learner_id"]
    return [row for row in rows if row["learner_id"] != last]


def _given(row: Row) -> Iterator[Given]:
    """The answers of a set in the order they came: each took from the one before, or from the opening."""
    answered = sorted((at_us, place) for place, at_us in enumerate(row["answered_us"]) if at_us is not None)
    before: int = row["opened_us"]
    # A set of 周周练 is handed in at once: each of its answers took an equal part.
    together = len(answered) > 1 and answered[0][0] == answered[-1][0]
    for at_us, place in answered:
        took_us = (at_us - row["opened_us"]) // len(answered) if together else at_us - before
        before = at_us
        yield Given(
            row["learner_id"], row["question_ids"][place], row["given"][place], row["was_right"][place], at_us, took_us
        )

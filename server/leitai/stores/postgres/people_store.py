"""The people of a contest in the office store: nominations, rosters, contestants."""

from collections.abc import Sequence
from dataclasses import replace

from leitai.office.import_ports import ImportBatch
from leitai.office.people_ports import Contestant, Nomination, Person, RosterLine
from leitai.office.ports import AlreadyThere
from leitai.rules.values import DelegationCode
from leitai.stores.postgres import rows
from leitai.stores.postgres.bank_store import insert_batch
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries

_OFFICE = Queries("office")


class PeopleStore:
    """Nominations and rosters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def import_roster(self, contest_id: int, batch: ImportBatch, lines: Sequence[RosterLine]) -> list[Contestant]:
        """Store a contest's roster; raises `AlreadyThere` when it has one (simulated contestants aside)."""
        async with self._database.transaction() as connection:
            await connection.execute(_OFFICE["lock_contest"], contest_id)
            if await connection.fetchval(_OFFICE["has_roster"], contest_id):
                raise AlreadyThere("roster", contest_id)
            batch_id = await insert_batch(connection, "roster", batch)
            await _insert_contestants(connection, contest_id, batch_id, lines)
        return await self.roster(contest_id)

    async def add_simulated(self, contest_id: int, lines: Sequence[RosterLine]) -> list[Contestant]:
        """Add contestants made up for a rehearsal; returns the whole roster."""
        async with self._database.transaction() as connection:
            await _insert_contestants(connection, contest_id, None, lines)
        return await self.roster(contest_id)

    async def roster(self, contest_id: int) -> list[Contestant]:
        """Return a contest's contestants by delegation and seat."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_OFFICE["roster"], contest_id)
        return [replace(contestant(row), struck=row["decided"]) for row in found]

    async def import_nominations(self, contest_id: int, batch: ImportBatch, nominations: Sequence[Nomination]) -> None:
        """Store the lists the provinces sent in; raises `AlreadyThere` when the contest has some."""
        async with self._database.transaction() as connection:
            await connection.execute(_OFFICE["lock_contest"], contest_id)
            if await connection.fetchval(_OFFICE["has_nominations"], contest_id):
                raise AlreadyThere("nominations", contest_id)
            batch_id = await insert_batch(connection, "nominations", batch)
            await connection.executemany(
                _OFFICE["insert_nomination"],
                [
                    (
                        contest_id,
                        nomination.person.delegation,
                        nomination.list,
                        nomination.no,
                        *_person_columns(nomination.person),
                        batch_id,
                    )
                    for nomination in nominations
                ],
            )

    async def nominations(self, contest_id: int) -> list[Nomination]:
        """Return a contest's nominations by delegation, list and place."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_OFFICE["nominations"], contest_id)
        return [Nomination(row["list"], row["no"], person_of(row)) for row in found]


def contestant(row: rows.Row) -> Contestant:
    """Build a contestant of its row."""
    return Contestant(row["id"], row["seat"], row["origin"], person_of(row))


def person_of(row: rows.Row) -> Person:
    """Build a person of the columns that nominees, nominations and contestants share."""
    return Person(
        delegation=DelegationCode(row["delegation"]),
        name=row["name"],
        unit=row["unit"],
        daily_star_titles=row["daily_star_titles"],
        weekly_centipoints=row["weekly_centipoints"],
        prior_events=tuple(row["prior_events"]),
        prior_titles=tuple(row["prior_titles"]),
    )


async def _insert_contestants(
    connection: Connection, contest_id: int, batch_id: int | None, lines: Sequence[RosterLine]
) -> None:
    await connection.executemany(
        _OFFICE["insert_contestant"],
        [
            (
                contest_id,
                line.person.delegation,
                line.seat,
                line.person.name,
                line.person.unit,
                line.origin,
                *_person_columns(line.person)[2:],
                batch_id,
            )
            for line in lines
        ],
    )


def _person_columns(person: Person) -> tuple[object, ...]:
    return (
        person.name,
        person.unit,
        person.daily_star_titles,
        person.weekly_centipoints,
        person.prior_events,
        person.prior_titles,
    )

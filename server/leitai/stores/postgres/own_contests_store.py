"""Provinces' own contests in PostgreSQL: `office.own_contests_ports.OwnContestStore`.

Numbers, and names of those who only registered, are sealed here; what is compared is hashes.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import msgspec

from leitai.office.own_contests_ports import (
    Applicant,
    NewApplicant,
    NewPerson,
    Numbers,
    OwnContest,
    OwnContestRefused,
    OwnPerson,
    OwnSession,
    Registration,
)
from leitai.office.people_ports import DelegationName
from leitai.office.session_ports import Contest
from leitai.rules.id_numbers import masked_id_number, masked_phone
from leitai.rules.phases import has_begun
from leitai.rules.prizes import Prize
from leitai.rules.provinces import PROVINCES
from leitai.rules.values import DelegationCode, Micros, Phase, SessionId, SittingId
from leitai.stores.postgres.auditing import audit, refusing
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row
from leitai.stores.postgres.rows import prizes as read_prizes
from leitai.stores.postgres.vault import Vault

_SQL = Queries("own_contests")
_ID, _PHONE, _NAME, _UNIT = "identity number", "telephone number", "applicant's name", "applicant's unit"
_TWICE = {
    "province_contestant_phone_once": lambda: OwnContestRefused("person-registered"),
    "province_contestant_id_once": lambda: OwnContestRefused("person-registered"),
    "applicant_phone_once": lambda: OwnContestRefused("already-registered"),
    "applicant_id_once": lambda: OwnContestRefused("already-registered"),
    "LT006": lambda: OwnContestRefused("prizes-fixed"),
}


class OwnContests:
    """`OwnContestStore`.

    Args:
        database: of the province's house; lent, not owned.
        vault: seals numbers and names.
        most: so many people a contest has at most (`Settings.own_people_most`).
    """

    def __init__(self, database: Database, vault: Vault, most: int = 20_000) -> None:
        self._database = database
        self._vault = vault
        self.most = most

    async def own_contests(self) -> list[OwnContest]:
        """See `OwnContestStore`."""
        return await self._contests(None)

    async def own_contest(self, contest_id: int) -> OwnContest:
        """See `OwnContestStore`."""
        found = await self._contests(contest_id)
        if not found:
            raise KeyError(contest_id)
        return found[0]

    async def _contests(self, contest_id: int | None) -> list[OwnContest]:
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_SQL["contests"], contest_id)
            sessions = await connection.fetch(_SQL["sessions"], [row["id"] for row in found])
        return [_contest(row, [one for one in sessions if one["contest_id"] == row["id"]]) for row in found]

    async def create_own_contest(self, title: str, organizer: str, year: int, actor: str) -> int:
        """See `OwnContestStore`."""
        async with self._database.transaction() as connection:
            contest_id: int = await connection.fetchval(_SQL["insert_contest"], title, organizer, year)
            await audit(connection, actor, "create-own-contest", f"contest {contest_id}", {"year": year})
        return contest_id

    async def teams(self) -> list[DelegationName]:
        """See `OwnContestStore`."""
        async with self._database.connection() as connection:
            return await _teams(connection)

    async def add_teams(self, names: Sequence[str], actor: str) -> None:
        """See `OwnContestStore`."""
        async with self._database.transaction() as connection:
            await _add_teams(connection, names)
            await audit(connection, actor, "add-teams", "teams", {"teams": len(names)})

    async def people(self, contest_id: int) -> list[OwnPerson]:
        """See `OwnContestStore`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SQL["people"], contest_id)
        # Every number is opened to be masked: not on a loop that serves anybody.
        return await asyncio.to_thread(lambda: [self._person(row) for row in found])

    async def add_people(self, contest_id: int, people: Sequence[NewPerson], sha256: bytes, actor: str) -> int:
        """See `OwnContestStore`."""
        async with self._database.transaction() as connection:
            await _hold(connection, contest_id)
            await self._expect_room(connection, contest_id, len(people))
            # Whoever's team a roster does not name is of the province's.
            home = PROVINCES[DelegationCode(self._database.owner)]
            await _add_teams(connection, list(dict.fromkeys(one.team or home for one in people)))
            by_name = {one.name: one.code for one in await _teams(connection)}
            for one in people:
                bare = one.numbers.phone_hash is None and one.numbers.id_hash is None
                if bare and await connection.fetchval(_SQL["same_person"], contest_id, one.name, one.unit):
                    raise OwnContestRefused("person-registered")
                await self._add(connection, contest_id, one.name, one.unit, by_name[one.team or home], one.numbers)
            seats: int = await connection.fetchval(_SQL["last_seat"], contest_id)
            detail = {"people": len(people), "sha256": sha256.hex()}
            await audit(connection, actor, "import-own-roster", f"contest {contest_id}", detail)
        return seats

    async def set_registration(self, contest_id: int, registration: Registration, actor: str) -> None:
        """See `OwnContestStore`."""
        async with self._database.transaction() as connection:
            await _hold(connection, contest_id)
            columns = (registration.asks, registration.closes_us, registration.open)
            await connection.execute(_SQL["set_registration"], contest_id, *columns, actor)
            detail = {"asks": registration.asks, "closes_us": registration.closes_us, "open": registration.open}
            await audit(connection, actor, "set-registration", f"contest {contest_id}", detail)

    async def register(self, contest_id: int, applicant: NewApplicant) -> None:
        """See `OwnContestStore`."""
        with refusing(_TWICE):
            async with self._database.transaction() as connection:
                # Held for as long as a roster is added to: who comes at the same moment is counted, too.
                await _hold(connection, contest_id)
                row = await connection.fetchrow(_SQL["lock_registration"], contest_id)
                if row is None:
                    raise KeyError(contest_id)
                if not _registration(row).takes(applicant.at_us):
                    raise OwnContestRefused("registration-closed")
                numbers = applicant.numbers
                if await connection.fetchval(_SQL["on_roster"], contest_id, numbers.phone_hash, numbers.id_hash):
                    raise OwnContestRefused("already-registered")
                count = await connection.fetchrow(_SQL["count_people"], contest_id)
                if count["people"] + count["waiting"] >= self.most:
                    raise OwnContestRefused("registration-full")
                await connection.execute(
                    _SQL["insert_applicant"],
                    contest_id,
                    self._vault.seal_text(_NAME, applicant.name),
                    self._vault.seal_text(_UNIT, applicant.unit),
                    applicant.team,
                    *self._sealed(numbers),
                    applicant.at_us,
                )

    async def applicants(self, contest_id: int) -> list[Applicant]:
        """See `OwnContestStore`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SQL["applicants"], contest_id)
        return await asyncio.to_thread(lambda: [self._applicant(row) for row in found])

    async def decide_applicants(
        self, contest_id: int, applicant_ids: Sequence[int], actor: str, *, approves: bool, reason: str
    ) -> int:
        """See `OwnContestStore`."""
        with refusing(_TWICE):
            async with self._database.transaction() as connection:
                await _hold(connection, contest_id)
                waiting = await connection.fetch(_SQL["take_applicants"], contest_id, list(applicant_ids))
                if approves:
                    await self._expect_room(connection, contest_id, len(waiting))
                for row in waiting:
                    contestant_id = None
                    if approves:
                        contestant_id = await self._add(
                            connection,
                            contest_id,
                            self._vault.open_text(_NAME, row["name_sealed"]),
                            self._vault.open_text(_UNIT, row["unit_sealed"]),
                            DelegationCode(row["team"]),
                            self._numbers(row),
                        )
                    state = "approved" if approves else "declined"
                    await connection.execute(
                        _SQL["decide_applicant"], contest_id, row["id"], state, actor, reason, contestant_id
                    )
                action = "approve-applicants" if approves else "decline-applicants"
                detail = {"applicants": [row["id"] for row in waiting]}
                await audit(connection, actor, action, f"contest {contest_id}", detail)
        return len(waiting)

    async def set_prizes(
        self, contest_id: int, expects: int, prizes: Sequence[Prize], actor: str, now_us: Micros
    ) -> int:
        """See `OwnContestStore`."""
        with refusing(_TWICE):
            async with self._database.transaction() as connection:
                await _hold(connection, contest_id)
                for row in await connection.fetch(_SQL["hold_sessions"], contest_id):
                    if has_begun(Phase(row["phase"]), Micros(row["start_us"]), now_us):
                        raise OwnContestRefused("prizes-fixed")
                if (await connection.fetchval(_SQL["prizes_edition"], contest_id) or 0) != expects:
                    raise OwnContestRefused("prizes-stale")
                written = msgspec.json.encode(prizes).decode()
                await connection.execute(_SQL["set_prizes"], contest_id, expects + 1, written, actor)
                detail = {"prizes": [{"name": one.name, "places": one.places, "teams": one.teams} for one in prizes]}
                await audit(connection, actor, "set-prizes", f"contest {contest_id}", detail)
        return expects + 1

    async def numbers_of(self, session_id: SessionId, sittings: Sequence[SittingId]) -> Mapping[SittingId, Numbers]:
        """See `OwnContestStore`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SQL["numbers_of"], session_id, list(sittings))
        return {SittingId(row["sitting_id"]): self._numbers(row) for row in found}

    async def roster_digests(self, contestants: Collection[int]) -> Mapping[int, bytes]:
        """See `office.pool.winners.RosterDigests`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SQL["roster_digests"], list(contestants))
        return {row["contestant_id"]: row["id_hash"] for row in found}

    async def _expect_room(self, connection: Connection, contest_id: int, more: int) -> None:
        """Raise `roster-full` where a roster that is held has no room for so many more."""
        count = await connection.fetchrow(_SQL["count_people"], contest_id)
        if count["people"] + more > self.most:
            raise OwnContestRefused("roster-full")

    async def _add(
        self, connection: Connection, contest_id: int, name: str, unit: str, team: DelegationCode, numbers: Numbers
    ) -> int:
        seat = await connection.fetchval(_SQL["last_seat"], contest_id) + 1
        added: int = await connection.fetchval(_SQL["insert_person"], contest_id, team, seat, name, unit)
        if numbers.phone_hash is not None or numbers.id_hash is not None:
            with refusing(_TWICE):
                await connection.execute(_SQL["insert_numbers"], added, contest_id, *self._sealed(numbers))
        return added

    def _sealed(self, numbers: Numbers) -> tuple[bytes | None, ...]:
        return (
            self._vault.seal_text(_PHONE, numbers.phone) if numbers.phone else None,
            numbers.phone_hash,
            self._vault.seal_text(_ID, numbers.id_number) if numbers.id_number else None,
            numbers.id_hash,
        )

    def _opened(self, row: Row) -> tuple[str, str]:
        phone, number = row["phone_sealed"], row["id_sealed"]
        return (
            self._vault.open_text(_PHONE, phone) if phone is not None else "",
            self._vault.open_text(_ID, number) if number is not None else "",
        )

    def _numbers(self, row: Row) -> Numbers:
        return Numbers(*self._opened(row), row["phone_hash"], row["id_hash"])

    def _person(self, row: Row) -> OwnPerson:
        phone, number = self._opened(row)
        team = DelegationCode(row["delegation"])
        shown = masked_phone(phone), masked_id_number(number)
        return OwnPerson(row["id"], row["seat"], row["name"], row["unit"], team, *shown)

    def _applicant(self, row: Row) -> Applicant:
        phone, number = self._opened(row)
        return Applicant(
            row["id"],
            self._vault.open_text(_NAME, row["name_sealed"]),
            self._vault.open_text(_UNIT, row["unit_sealed"]),
            DelegationCode(row["team"]),
            masked_phone(phone),
            masked_id_number(number),
            row["state"],
            Micros(row["at_us"]),
            row["decided_by"],
            row["reason"],
        )


async def _hold(connection: Connection, contest_id: int) -> None:
    """Hold a contest until the transaction ends; raises KeyError."""
    if await connection.fetchval(_SQL["lock_contest"], contest_id) is None:
        raise KeyError(contest_id)


async def _teams(connection: Connection) -> list[DelegationName]:
    found = await connection.fetch(_SQL["teams"])
    return [DelegationName(DelegationCode(row["code"]), row["name"], row["short"]) for row in found]


async def _add_teams(connection: Connection, names: Sequence[str]) -> None:
    await connection.execute(_SQL["lock_teams"])
    for name in names:
        await connection.execute(_SQL["add_team"], name)


def _registration(row: Row) -> Registration:
    return Registration(row["asks"], Micros(row["closes_us"]), row["open"])


def _contest(row: Row, sessions: Sequence[Row]) -> OwnContest:
    prizes = read_prizes(row)
    return OwnContest(
        Contest(row["id"], row["title"], row["organizer"], row["year"], DelegationCode(row["owner"]), prizes),
        row["people"],
        row["waiting"],
        None if row["asks"] is None else _registration(row),
        prizes,
        row["edition"],
        tuple(
            OwnSession(SessionId(one["id"]), one["title"], Phase(one["phase"]), Micros(one["start_us"]))
            for one in sessions
        ),
    )

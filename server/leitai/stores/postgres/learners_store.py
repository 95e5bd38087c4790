"""Learners' accounts in PostgreSQL (`office.practice.learners_ports.LearnerStore`)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date

import asyncpg

from leitai.office.practice.learners_ports import LearnerChange, LearnerRecord, LearnerRefused, NewLearner
from leitai.office.practice.ports import Learner
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row
from leitai.stores.postgres.vault import Vault

_LEARNERS = Queries("learners")
_TAKEN = {
    "learner_login_key": "learner-account-taken",
    "learner_phone_hash_key": "learner-account-taken",
    "learner_id_hash_key": "learner-id-taken",
}


class LearnersStore:
    """Accounts.

    Args:
        database: lent, not owned.
        vault: seals identity and telephone numbers.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def by_account(self, login: str | None, phone_hash: bytes | None) -> LearnerRecord | None:
        """See `LearnerStore.by_account`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_LEARNERS["by_account"], login, phone_hash)
        return None if row is None else _record(row)

    async def learner(self, learner_id: int) -> LearnerRecord:
        """See `LearnerStore.learner`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_LEARNERS["learner"], learner_id)
        if row is None:
            raise KeyError(learner_id)
        return _record(row)

    async def by_feed(self, digest: bytes) -> LearnerRecord | None:
        """See `LearnerStore.by_feed`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_LEARNERS["by_feed"], digest)
        return None if row is None else _record(row)

    async def add(self, new: NewLearner) -> int:
        """See `LearnerStore.add`."""
        async with self._writing() as connection:
            if new.organisation_id is not None:
                await _open_organisation(connection, new.organisation_id)
            learner_id: int = await connection.fetchval(_LEARNERS["next_id"])
            await connection.execute(
                _LEARNERS["insert"],
                learner_id,
                new.kind,
                new.organisation_id,
                new.login or None,
                new.phone_hash,
                self._vault.seal_text(_context(learner_id, "phone"), new.phone) if new.phone_hash else None,
                new.id_hash,
                self._vault.seal_text(_context(learner_id, "id"), new.id_number) if new.id_hash else None,
                new.name,
                new.nickname,
                new.password,
            )
        return learner_id

    async def change(self, learner_id: int, version: int, change: LearnerChange, today: date) -> None:
        """See `LearnerStore.change`."""
        async with self._writing() as connection:
            if await connection.fetchval(_LEARNERS["lock"], learner_id) != version:
                raise LearnerRefused("stale-version")
            before = await connection.fetchrow(_LEARNERS["learner"], learner_id)
            assert before is not None
            places: list[int | None] = [None] * 6
            moved = before["organisation_id"] != change.organisation_id
            if moved and change.organisation_id is not None:
                places = await _open_organisation(connection, change.organisation_id)
            await connection.execute(
                _LEARNERS["change"],
                learner_id,
                version,
                change.kind,
                change.organisation_id,
                change.name,
                change.nickname,
            )
            if moved:
                await connection.execute(_LEARNERS["move"], learner_id, places, today)

    async def set_password(self, learner_id: int, password: str) -> None:
        """See `LearnerStore.set_password`."""
        async with self._database.connection() as connection:
            await connection.execute(_LEARNERS["set_password"], learner_id, password)

    async def set_identity(self, learner_id: int, id_hash: bytes, id_number: str) -> bool:
        """See `LearnerStore.set_identity`."""
        sealed = self._vault.seal_text(_context(learner_id, "id"), id_number)
        async with self._writing() as connection:
            done = await connection.execute(_LEARNERS["set_identity"], learner_id, id_hash, sealed)
        return done == "UPDATE 1"

    async def set_feed(self, learner_id: int, digest: bytes) -> None:
        """See `LearnerStore.set_feed`."""
        async with self._database.connection() as connection:
            await connection.execute(_LEARNERS["set_feed"], learner_id, digest)

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[Connection]:
        """Lend a connection within a transaction, in which whoever comes second is refused as such."""
        try:
            async with self._database.transaction() as connection:
                yield connection
        except asyncpg.UniqueViolationError as error:
            constraint = str(getattr(error, "constraint_name", ""))
            if constraint in _TAKEN:
                raise LearnerRefused(_TAKEN[constraint]) from error
            raise


async def _open_organisation(connection: Connection, organisation_id: int) -> list[int | None]:
    places = await connection.fetchval(_LEARNERS["open_organisation"], organisation_id)
    if places is None:
        raise LearnerRefused("learner-organisation")
    return list(places)


def _context(learner_id: int, what: str) -> str:
    """What a sealed number is bound to: one that is moved to another row or column does not open."""
    return f"learner {learner_id} {what}"


def _record(row: Row) -> LearnerRecord:
    learner = Learner(
        row["id"], row["kind"], row["name"], row["nickname"], row["organisation_id"], tuple(row["places"] or ())
    )
    return LearnerRecord(
        learner, row["version"], row["login"] or "", row["password"], row["disabled"], row["id_hash"] is not None
    )

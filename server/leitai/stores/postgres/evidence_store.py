"""What the office knows of people by the hash of their number, in PostgreSQL: practice records and past rosters."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from leitai.office.nominations.values import NominationRefused, PracticeRecord, PracticeState, Upload
from leitai.stores.postgres.auditing import audit, refusing
from leitai.stores.postgres.delegations_store import DelegationsStore
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault

SQL = Queries("nominations")
_OFFICE = Queries("office")
_REFUSALS = {
    "nominee_once": partial(NominationRefused, "person-elsewhere"),
    "nominee_phone_once": partial(NominationRefused, "person-elsewhere"),
    "LT002": partial(NominationRefused, "lists-frozen"),
}


class EvidenceStore(DelegationsStore):
    """`office.nominations.ports.PracticeEvidence` with its imports, and the rosters of earlier years.

    Args:
        database: lent, not owned.
        vault: seals identity and telephone numbers.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def practice(self, contest_id: int, id_hashes: Sequence[bytes]) -> Mapping[bytes, PracticeRecord]:
        """See `PracticeEvidence.practice`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(SQL["practice"], contest_id, list(id_hashes))
        return {
            row["id_hash"]: PracticeRecord(
                row["id_hash"], row["name"], row["daily_star_titles"], row["weekly_centipoints"], row["as_of"]
            )
            for row in found
        }

    async def practice_state(self, contest_id: int) -> PracticeState:
        """See `PracticeEvidence.practice_state`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(SQL["practice_state"], contest_id)
        return PracticeState(row["records"], row["first"], row["last"]) if row else PracticeState()

    async def import_practice(self, contest_id: int, upload: Upload, records: Sequence[PracticeRecord]) -> None:
        """See `NominationStore.import_practice`."""
        async with self._guarded() as connection:
            # One import after another, so that each has its number; lists wait no longer than for a freeze.
            await connection.execute(_OFFICE["lock_contest"], contest_id)
            await connection.execute(
                SQL["insert_practice_import"],
                contest_id,
                upload.file_name,
                upload.file_sha256,
                len(records),
                upload.at_us,
                upload.actor,
            )
            await connection.executemany(
                SQL["upsert_practice"],
                [
                    (contest_id, one.id_hash, one.name, one.daily_star_titles, one.weekly_centipoints, one.as_of)
                    for one in records
                ],
            )
            detail = {"records": len(records), "sha256": upload.file_sha256.hex()}
            await audit(connection, upload.actor, "import-practice", f"contest {contest_id}", detail)

    async def past_rosters(self, year: int, id_hashes: Sequence[bytes]) -> Mapping[bytes, Sequence[int]]:
        """See `NominationStore.past_rosters`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(SQL["past_rosters"], year, list(id_hashes))
        years: dict[bytes, list[int]] = {}
        for row in found:
            years.setdefault(row["id_hash"], []).append(row["year"])
        return years

    @asynccontextmanager
    async def _guarded(self) -> AsyncGenerator[Connection]:
        """A transaction whose refusals by the schema are ours."""
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                yield connection

"""The provinces' lists in PostgreSQL: `office.nominations.ports.NominationStore`. Numbers are sealed here and nowhere
else leave the vault; what is searched is their hash.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from leitai.office.nominations.values import (
    ContestState,
    NewNominee,
    NominationRefused,
    Nominee,
    ProvinceList,
    Upload,
    WonTaken,
)
from leitai.rules.id_numbers import masked_id_number, masked_phone
from leitai.rules.rights import Act, timely
from leitai.rules.stages import ListStage
from leitai.rules.values import DelegationCode, Micros
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.evidence_store import SQL, EvidenceStore
from leitai.stores.postgres.people_store import person_of
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.queries import Queries

_OFFICE = Queries("office")


class NominationListsStore(EvidenceStore):
    """Lists and their uploads."""

    async def contests(self) -> list[ContestState]:
        """See `NominationStore.contests`."""
        async with self._database.connection() as connection:
            return [_state(row) for row in await connection.fetch(SQL["contest_states"], None)]

    async def contest_state(self, contest_id: int) -> ContestState:
        """See `NominationStore.contest_state`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(SQL["contest_states"], contest_id)
        if row is None:
            raise KeyError(contest_id)
        return _state(row)

    async def create_contest(self, title: str, organizer: str, year: int, actor: str) -> int:
        """See `NominationStore.create_contest`."""
        async with self._database.transaction() as connection:
            contest_id: int = await connection.fetchval(_OFFICE["insert_contest"], title, organizer, year)
            await audit(connection, actor, "create-contest", f"contest {contest_id}", {"year": year})
        return contest_id

    async def lists(self, contest_id: int) -> list[ProvinceList]:
        """See `NominationStore.lists`."""
        async with self._database.connection() as connection:
            return [_list(row) for row in await connection.fetch(SQL["lists"], contest_id, None)]

    async def nominees(self, contest_id: int, delegation: DelegationCode | None = None) -> list[Nominee]:
        """See `NominationStore.nominees`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(SQL["nominees"], contest_id, delegation)
        # Every number is opened to be masked: not on a loop that serves anybody.
        return await asyncio.to_thread(self._nominees, found)

    def _nominees(self, found: Sequence[rows.Row]) -> list[Nominee]:
        return [
            Nominee(
                row["id"],
                row["list"],
                row["no"],
                person_of(row),
                row["id_hash"],
                masked_id_number(self._vault.open_text("identity number", row["id_sealed"])),
                masked_phone(self._vault.open_text("telephone number", row["phone_sealed"])),
            )
            for row in found
        ]

    async def numbers(self, contest_id: int, delegation: DelegationCode, actor: str) -> Mapping[int, tuple[str, str]]:
        """See `NominationStore.numbers`."""
        async with self._database.transaction() as connection:
            found = await connection.fetch(SQL["nominees"], contest_id, delegation)
            subject = f"contest {contest_id} delegation {delegation}"
            await audit(connection, actor, "see-identity-numbers", subject, {"people": len(found)})
        return {
            row["id"]: (
                self._vault.open_text("identity number", row["id_sealed"]),
                self._vault.open_text("telephone number", row["phone_sealed"]),
            )
            for row in found
        }

    async def taken(
        self, contest_id: int, delegation: DelegationCode, hashes: Sequence[bytes]
    ) -> Mapping[bytes, DelegationCode]:
        """See `NominationStore.taken`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(SQL["taken"], contest_id, delegation, list(hashes))
        asked = set(hashes)
        return {
            digest: DelegationCode(row["delegation"])
            for row in found
            for digest in (row["id_hash"], row["phone_hash"])
            if digest in asked
        }

    async def replace_list(
        self,
        contest_id: int,
        delegation: DelegationCode,
        expects: int,
        upload: Upload,
        lines: Sequence[NewNominee],
        won: WonTaken | None = None,
    ) -> ProvinceList:
        """See `NominationStore.replace_list`."""
        sealed = [
            (
                self._vault.seal_text("identity number", line.id_number),
                self._vault.seal_text("telephone number", line.phone),
            )
            for line in lines
        ]
        async with self._changing(contest_id, delegation, expects, upload.actor, upload.at_us) as (connection, row):
            if not timely(Act.NOMINATE, ListStage(row["state"])):
                raise NominationRefused("list-submitted")
            current: int = row["upload"]
            number = current + 1
            # The one before is kept for an undo, none before that.
            await connection.execute(SQL["put_out_of_force"], contest_id, delegation)
            await connection.execute(SQL["forget_nominees"], contest_id, delegation, current, current)
            await connection.execute(SQL["forget_uploads"], contest_id, delegation, current, current)
            await connection.execute(
                SQL["insert_upload"],
                contest_id,
                delegation,
                number,
                upload.file_name,
                upload.file_sha256,
                upload.at_us,
                upload.actor,
            )
            await connection.executemany(
                SQL["insert_nominee"],
                [
                    (
                        contest_id,
                        delegation,
                        number,
                        line.list,
                        line.no,
                        line.person.name,
                        line.person.unit,
                        id_sealed,
                        line.id_hash,
                        phone_sealed,
                        line.phone_hash,
                        line.person.daily_star_titles,
                        line.person.weekly_centipoints,
                        line.person.prior_events,
                        line.person.prior_titles,
                    )
                    for line, (id_sealed, phone_sealed) in zip(lines, sealed, strict=True)
                ],
            )
            if won is not None:
                await _take_won(connection, contest_id, delegation, won, upload.actor)
            detail = {"people": len(lines), "upload": number, "sha256": upload.file_sha256.hex()}
            return await self._changed(
                connection, contest_id, delegation, "uploaded", number, "", upload.actor, upload.at_us, "upload", detail
            )

    async def undo_upload(
        self, contest_id: int, delegation: DelegationCode, expects: int, actor: str, at_us: Micros
    ) -> ProvinceList:
        """See `NominationStore.undo_upload`."""
        async with self._changing(contest_id, delegation, expects, actor, at_us) as (connection, row):
            if not timely(Act.NOMINATE, ListStage(row["state"])):
                raise NominationRefused("list-submitted")
            earlier: int | None = await connection.fetchval(
                SQL["earlier_upload"], contest_id, delegation, row["upload"]
            )
            if earlier is None:
                raise NominationRefused("nothing-to-undo")
            await connection.execute(SQL["put_out_of_force"], contest_id, delegation)
            await connection.execute(SQL["forget_nominees"], contest_id, delegation, earlier, earlier)
            await connection.execute(SQL["put_in_force"], contest_id, delegation, earlier)
            detail = {"upload": earlier, "undone": row["upload"]}
            made = await self._changed(
                connection, contest_id, delegation, "uploaded", earlier, "", actor, at_us, "undo", detail
            )
            await connection.execute(SQL["forget_uploads"], contest_id, delegation, earlier, earlier)
            return made

    async def submit_list(
        self, contest_id: int, delegation: DelegationCode, expects: int, actor: str, at_us: Micros
    ) -> ProvinceList:
        """See `NominationStore.submit_list`."""
        async with self._changing(contest_id, delegation, expects, actor, at_us) as (connection, row):
            if not timely(Act.NOMINATE, ListStage(row["state"])):
                raise NominationRefused("list-submitted")
            if not row["upload"]:
                raise NominationRefused("list-empty")
            return await self._changed(
                connection, contest_id, delegation, "submitted", row["upload"], "", actor, at_us, "submit", {}
            )

    async def return_list(
        self, contest_id: int, delegation: DelegationCode, expects: int, reason: str, actor: str, at_us: Micros
    ) -> ProvinceList:
        """See `NominationStore.return_list`."""
        async with self._changing(contest_id, delegation, expects, actor, at_us) as (connection, row):
            if not timely(Act.REVIEW_NOMINATIONS, ListStage(row["state"])):
                raise NominationRefused("list-not-submitted")
            return await self._changed(
                connection, contest_id, delegation, "returned", row["upload"], reason, actor, at_us, "return", {}
            )

    @asynccontextmanager
    async def _changing(
        self, contest_id: int, delegation: DelegationCode, expects: int, actor: str, at_us: Micros
    ) -> AsyncGenerator[tuple[Connection, rows.Row]]:
        """A transaction on one list as it was seen; no freeze of its contest goes on meanwhile."""
        async with self._guarded() as connection:
            if await connection.fetchval(SQL["hold_contest"], contest_id) is None:
                raise KeyError(contest_id)
            if expects == 0:
                await connection.execute(SQL["begin_list"], contest_id, delegation, at_us, actor)
            row = await connection.fetchrow(SQL["lock_list"], contest_id, delegation)
            if row is None:
                raise NominationRefused("list-empty" if expects == 0 else "list-stale")
            seen = 0 if row["upload"] == 0 else row["edition"]
            if seen != expects:
                raise NominationRefused("list-stale")
            yield connection, row

    async def _changed(
        self,
        connection: Connection,
        contest_id: int,
        delegation: DelegationCode,
        state: str,
        upload: int,
        reason: str,
        actor: str,
        at_us: Micros,
        action: str,
        detail: Mapping[str, object],
    ) -> ProvinceList:
        await connection.execute(SQL["change_list"], contest_id, delegation, state, upload, reason, at_us, actor)
        subject = f"contest {contest_id} delegation {delegation}"
        await audit(connection, actor, f"{action}-nominations", subject, detail)
        row = await connection.fetchrow(SQL["lists"], contest_id, delegation)
        assert row is not None
        return _list(row)


async def _take_won(
    connection: Connection, contest_id: int, delegation: DelegationCode, won: WonTaken, actor: str
) -> None:
    await connection.executemany(
        SQL["add_won_place"],
        [
            (contest_id, delegation, id_hash, won.session_id, rank, won.people, centipoints, actor)
            for id_hash, rank, centipoints in won.places
        ],
    )
    detail = {"session": won.session_id, "places": len(won.places)}
    await audit(connection, actor, "take-best-nominations", f"contest {contest_id} delegation {delegation}", detail)


def _state(row: rows.Row) -> ContestState:
    return ContestState(
        row["id"], row["title"], row["year"], row["edition"], row["frozen_us"], row["made_us"], row["published_us"]
    )


def _list(row: rows.Row) -> ProvinceList:
    uploaded = None
    if row["file_name"] is not None:
        uploaded = Upload(row["upload"], row["file_name"], row["file_sha256"], row["at_us"], row["actor"])
    frozen = row["frozen"] and row["state"] == "submitted"
    return ProvinceList(
        DelegationCode(row["delegation"]),
        "frozen" if frozen else row["state"],
        row["edition"] if uploaded else 0,
        row["named"],
        row["nominated"],
        Micros(row["changed_us"]),
        row["changed_by"],
        row["return_reason"],
        uploaded,
        row["undoable"] and row["state"] != "submitted" and not row["frozen"],
    )

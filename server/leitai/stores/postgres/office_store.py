"""`office.ports.OfficeStore` on PostgreSQL: contests, papers, sessions and what they hold.

The bank, the people of a contest, the staff, what judges do, words to contestants and what goes on air have modules of
their own; `PostgresOffice` is all of them.
"""

import asyncio
from collections.abc import Mapping, Sequence

from leitai.office.session_ports import (
    MACHINE,
    Contest,
    LoggedEvent,
    NewSitting,
    PaperLine,
    SessionRecord,
    SessionSettings,
    Sitting,
)
from leitai.rules.draw import ProvinceDraw
from leitai.rules.transcript import read_record
from leitai.rules.values import ActorId, Answer, DelegationCode, Micros, Phase, SessionId, SittingId
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.bank_store import BankStore
from leitai.stores.postgres.broadcast_store import AirStore
from leitai.stores.postgres.delegations_store import DelegationsStore
from leitai.stores.postgres.feed_store import FeedLog
from leitai.stores.postgres.judging_store import JudgingStore
from leitai.stores.postgres.paper_seal import SealedPaper, items_of, placed_texts, seal
from leitai.stores.postgres.people_store import PeopleStore, contestant
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.seconding_store import CommandRequestsStore
from leitai.stores.postgres.sessions_store import PlannedSessionsStore
from leitai.stores.postgres.staff_store import StaffAccountsStore
from leitai.stores.postgres.vault import Vault
from leitai.stores.postgres.words_store import WordsStore

_SESSION = Queries("session")
_OFFICE = Queries("office")
_PAPERS = Queries("papers")
_DRAW = Queries("draw")


class PostgresOffice(
    BankStore,
    PeopleStore,
    JudgingStore,
    WordsStore,
    StaffAccountsStore,
    CommandRequestsStore,
    AirStore,
    PlannedSessionsStore,
    FeedLog,
    DelegationsStore,
):
    """The office's store, the judges' included. Every call may raise `StoreUnavailable` (as `DatabaseUnavailable`).

    Args:
        database: lent, not owned.
        vault: seals the secrets of new sessions.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def create_contest(self, title: str, organizer: str, year: int) -> int:
        """Return the id of a new contest."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_OFFICE["insert_contest"], title, organizer, year)

    async def find_contest(self, title: str, year: int) -> Contest | None:
        """Return the newest contest of that title and year."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_OFFICE["find_contest"], title, year)
        return _contest(row) if row else None

    async def contest(self, contest_id: int) -> Contest:
        """Return a contest; raises KeyError when there is none."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_OFFICE["contest"], contest_id)
        if row is None:
            raise KeyError(contest_id)
        return _contest(row)

    async def draws(self, contest_id: int) -> list[ProvinceDraw]:
        """Return what was drawn last in a contest, by delegation; nothing while nothing was."""
        async with self._database.connection() as connection:
            record: str | None = await connection.fetchval(_DRAW["last_drawn"], contest_id)
        return [] if record is None else list(read_record(record.encode()).transcript.provinces)

    async def draw_record(self, contest_id: int) -> bytes | None:
        """Return the record of the last draw that was drawn; None while there is none."""
        async with self._database.connection() as connection:
            record: str | None = await connection.fetchval(_DRAW["last_drawn"], contest_id)
        return None if record is None else record.encode()

    async def create_paper(self, title: str, seed: str, lines: Sequence[PaperLine], actor: ActorId = MACHINE) -> int:
        """Return the id of a new paper, sealed at once by the authority of whoever holds the machine; audited."""
        async with self._database.transaction() as connection:
            texts = await connection.fetch(_PAPERS["texts"], [line.version_id for line in lines])
            by_id = {row["question_version_id"]: placed_texts(row) for row in texts}
            worth = [
                {
                    "item_no": line.item_no,
                    "centipoints": line.centipoints,
                    "seconds": line.seconds,
                    "marking": line.marking.value,
                }
                for line in lines
            ]
            items = [by_id[line.version_id] | one for line, one in zip(lines, worth, strict=True)]
            paper_id: int = await connection.fetchval(
                _PAPERS["insert_paper"],
                title,
                "assembled",
                None,
                len(lines),
                sum(line.centipoints for line in lines),
                sum(line.seconds for line in lines),
            )
            await connection.execute(_PAPERS["insert_act"], paper_id, "assemble", 1, actor, None)
            await connection.execute(_PAPERS["insert_act"], paper_id, "seal_at_machine", 1, actor, None)
            kept = seal(self._vault, paper_id, 1, SealedPaper(seed, items))
            await connection.execute(_PAPERS["keep"], paper_id, kept, 1, "sealed")
            await audit(connection, actor, "seal-paper-at-machine", f"paper {paper_id}", {})
        return paper_id

    async def create_session(
        self,
        contest_id: int,
        paper_id: int,
        settings: SessionSettings,
        secret: bytes,
        sittings: Sequence[NewSitting],
        phase: Phase = Phase.SCHEDULED,
    ) -> SessionId:
        """Create a session with its sittings. `secret` (32 bytes) is sealed before it is stored."""
        async with self._database.transaction() as connection:
            session_id = await insert_session(connection, self._vault, contest_id, paper_id, settings, secret, phase)
            await connection.executemany(
                _OFFICE["insert_sitting"],
                [
                    (session_id, new.contestant_id, new.admission_no, new.code_hmac, new.struck, new.struck_reason)
                    for new in sittings
                ],
            )
        return session_id

    async def revision(self, session_id: SessionId) -> str | None:
        """Return a text that changes whenever phase, answers or events of a session do; None: no such session."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_SESSION["revision"], session_id)

    async def current_session(self) -> SessionId | None:
        """Return the session in force: see `live.ports.Archive.current_session`."""
        async with self._database.connection() as connection:
            found: int | None = await connection.fetchval(_SESSION["current"])
        return None if found is None else SessionId(found)

    async def session(self, session_id: SessionId) -> SessionRecord:
        """Return what results are computed from; raises KeyError when there is no such session."""
        async with self._database.transaction(snapshot=True) as connection:
            row = await connection.fetchrow(_SESSION["session"], session_id)
            if row is None:
                raise KeyError(session_id)
            items = await items_of(connection, self._vault, session_id)
            members = await connection.fetch(_SESSION["members"], session_id)
        return SessionRecord(
            session_id=session_id,
            contest=Contest(
                row["contest_id"],
                row["contest_title"],
                row["organizer"],
                row["year"],
                DelegationCode(row["contest_owner"]),
                rows.prizes(row),
            ),
            title=row["title"],
            phase=Phase(row["phase"]),
            start_us=Micros(row["start_us"]),
            plan=rows.plan(row, items),
            contents=rows.contents(items),
            explanations=tuple(item["explanation"] for item in items),
            members=tuple(rows.member(member) for member in members),
            appeal_us=Micros(row["appeal_us"]),
            frozen=row["frozen_us"] is not None,
        )

    async def sittings(self, session_id: SessionId) -> list[Sitting]:
        """Return the session's sittings by delegation and seat."""
        return await self._sittings(session_id=session_id)

    async def sitting(self, sitting_id: SittingId) -> Sitting:
        """Return one sitting; raises KeyError when there is none."""
        found = await self._sittings(sitting_id=sitting_id)
        if not found:
            raise KeyError(sitting_id)
        return found[0]

    async def sitting_by_admission(self, session_id: SessionId, admission_no: str) -> Sitting | None:
        """Return the sitting with that admission number in the session."""
        found = await self._sittings(session_id=session_id, admission_no=admission_no)
        return found[0] if found else None

    async def renew_codes(self, session_id: SessionId, codes: Mapping[SittingId, bytes]) -> None:
        """Replace the stored HMACs of access codes; the old codes open nothing from then on."""
        async with self._database.transaction() as connection:
            await connection.executemany(
                _OFFICE["renew_code"], [(session_id, sitting_id, code) for sitting_id, code in codes.items()]
            )

    async def answers(self, session_id: SessionId, sitting_id: SittingId | None = None) -> list[Answer]:
        """Return recorded answers, of one sitting or all, in order of shard and offset."""
        async with self._database.connection() as connection:
            if sitting_id is None:
                found = await connection.fetch(_SESSION["answers"], session_id)
            else:
                found = await connection.fetch(_SESSION["sitting_answers"], session_id, sitting_id)
        # Tens of thousands of rows: not on a loop that serves anybody.
        return await asyncio.to_thread(lambda: [rows.answer(row) for row in found])

    async def session_events(self, session_id: SessionId, kind: str | None = None) -> list[LoggedEvent]:
        """Return the logged events of a session in order of recording, of one kind or all."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSION["events"], session_id, kind)
        return [LoggedEvent(row["id"], row["at_us"], row["kind"], row["detail"]) for row in found]

    async def audit_break(self) -> int | None:
        """Return the number of the first audit entry that does not follow from those before it; None: all do."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_OFFICE["audit_break"])

    async def _sittings(
        self, *, session_id: int | None = None, sitting_id: int | None = None, admission_no: str | None = None
    ) -> list[Sitting]:
        async with self._database.connection() as connection:
            found = await connection.fetch(_OFFICE["sittings"], session_id, sitting_id, admission_no)
        return [
            Sitting(
                sitting_id=SittingId(row["sitting_id"]),
                session_id=SessionId(row["session_id"]),
                admission_no=row["admission_no"],
                code_hmac=row["code_hmac"],
                struck=row["struck"],
                struck_reason=row["struck_reason"],
                absent=row["absent"],
                contestant=contestant(row),
            )
            for row in found
        ]


def _contest(row: rows.Row) -> Contest:
    owner = DelegationCode(row["owner"])
    return Contest(row["id"], row["title"], row["organizer"], row["year"], owner, rows.prizes(row))


async def insert_session(
    connection: Connection,
    vault: Vault,
    contest_id: int,
    paper_id: int,
    settings: SessionSettings,
    secret: bytes,
    phase: Phase,
) -> SessionId:
    """Write a session without sittings, in the caller's transaction. `secret` (32 bytes) is sealed before."""
    session_id = SessionId(await connection.fetchval(_SESSION["next_session_id"]))
    await connection.execute(
        _SESSION["insert_session"],
        session_id,
        contest_id,
        paper_id,
        settings.title,
        phase.value,
        settings.start_us,
        settings.lobby_opens_us,
        vault.seal(session_id, secret),
        settings.pacing.value,
        settings.counted.value,
        settings.gap_us,
        settings.duration_us,
        settings.late_entry_us,
        settings.board_follows,
        settings.freeze_percent,
        settings.show_own,
        settings.show_key,
        settings.conduct_limit,
        settings.appeal_us,
        settings.auto_finalize,
        settings.shards,
        settings.own_us,
    )
    return session_id

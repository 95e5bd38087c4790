"""`live.ports.Archive` on PostgreSQL: a session as the live path loads it, and the record of what happened."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256

import asyncpg
import msgspec

from leitai.live.ports import (
    QUESTION,
    RECEIPT,
    BoardFollows,
    Delegation,
    EarlierSession,
    SessionEvent,
    SessionFile,
    SessionScript,
    SittingEvent,
)
from leitai.rules.values import Answer, DelegationCode, Micros, Phase, SessionId, SittingId
from leitai.stores.postgres import rows
from leitai.stores.postgres.judging_store import JudgedRecord
from leitai.stores.postgres.paper_seal import OVER, items_of, open_played
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault
from leitai.wire.messages import Receipted

_SESSION = Queries("session")
_RECORDER = Queries("recorder")
_pack = msgspec.msgpack.Encoder().encode
_receipted = msgspec.json.Decoder(Receipted).decode
_script = msgspec.msgpack.Decoder(SessionScript).decode
_COLUMNS = (
    "session_id",
    "shard",
    "offset",
    "sitting_id",
    "item_no",
    "client_seq",
    "response",
    "stamp_us",
    "elapsed_us",
    "elapsed_flagged",
    "status",
)


class PostgresArchive(JudgedRecord):
    """The archive. Every call may raise `StoreUnavailable` (as `DatabaseUnavailable`).

    Args:
        database: lent, not owned: whoever made it closes it.
        vault: opens the session's secret.
        lane: whose sessions are served: those of the `contest` or of `monthly` (月月比).
    """

    def __init__(self, database: Database, vault: Vault, lane: str = "contest") -> None:
        super().__init__(database)
        self._vault = vault
        self._current = "current" if lane == "contest" else "current_monthly"

    async def current_session(self) -> SessionId | None:
        """Return the session to serve: the newest that is over and not final, else the newest that is neither draft nor
        finalized, else the newest final one.

        Of 月月比: the earliest that is neither draft nor finalized, else the newest final one.
        """
        async with self._database.connection() as connection:
            found: int | None = await connection.fetchval(_SESSION[self._current])
        return None if found is None else SessionId(found)

    async def load_session(self, session_id: SessionId) -> SessionFile:
        """Return everything of a session; raises KeyError when there is none, `WrongServerKey` when the key differs."""
        async with self._database.transaction(snapshot=True) as connection:
            session = await connection.fetchrow(_SESSION["session"], session_id)
            if session is None:
                raise KeyError(session_id)
            items = await items_of(connection, self._vault, session_id)
            members = await connection.fetch(_SESSION["members"], session_id)
            delegations = await connection.fetch(_SESSION["delegations"])
        return SessionFile(
            session_id=session_id,
            contest_id=session["contest_id"],
            contest_title=session["contest_title"],
            organizer=session["organizer"],
            title=session["title"],
            plan=rows.plan(session, items),
            start_us=Micros(session["start_us"]),
            lobby_opens_us=Micros(session["lobby_opens_us"]),
            phase=Phase(session["phase"]),
            secret=self._vault.open(session_id, session["secret_sealed"]),
            contents=rows.contents(items),
            explanations=tuple(row["explanation"] for row in items),
            members=tuple(rows.member(row) for row in members),
            delegations=tuple(
                Delegation(DelegationCode(row["code"]), row["name"], row["short"]) for row in delegations
            ),
            board_follows=BoardFollows(session["board_follows"]),
            show_own=session["show_own"],
            show_key=session["show_key"],
            conduct_limit=session["conduct_limit"],
            freeze_percent=session["freeze_percent"],
            auto_finalize=session["auto_finalize"],
            shards=session["shards"],
            appeal_us=Micros(session["appeal_us"]),
            media=rows.item_files(items),
        )

    async def save_phase(
        self, session_id: SessionId, phase: Phase, start_us: Micros, frozen_us: Micros | None = None
    ) -> None:
        """Write the phase in force and since when the board is frozen; the last write stands.

        Once the session is over, its paper is opened in the same transaction: what was asked is known.
        """
        async with self._database.transaction() as connection:
            await connection.execute(_SESSION["save_phase"], session_id, phase.value, start_us, frozen_us)
            if phase in OVER:
                await open_played(connection, self._vault, session_id)

    async def save_script(self, session_id: SessionId, script: SessionScript) -> None:
        """Keep a copy of the script, in case that the ledger loses it; the last write stands."""
        async with self._database.connection() as connection:
            await connection.execute(_SESSION["save_script"], session_id, _pack(script))

    async def script(self, session_id: SessionId) -> SessionScript | None:
        """Return the copy; None before the first."""
        async with self._database.connection() as connection:
            packed: bytes | None = await connection.fetchval(_SESSION["script"], session_id)
        return None if packed is None else _script(packed)

    async def recorder_position(self, session_id: SessionId, shard: int, stream: str) -> str:
        """Return the id of the last recorded entry of a stream (`answers`, `events`); "0-0" at first."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_RECORDER["position"], session_id, shard, stream)
        return "0-0" if row is None else f"{row['ms']}-{row['seq']}"

    async def record_answers(self, session_id: SessionId, shard: int, upto: str, answers: Sequence[Answer]) -> None:
        """Insert answers and move the position to `upto`, in one transaction. Idempotent, also among recorders.

        The position's row is locked first, so recorders of one shard take turns and cannot deadlock.
        """
        records = [_record(session_id, shard, answer) for answer in answers]
        async with self._database.transaction() as connection:
            recorded = await _lock_position(connection, session_id, shard, "answers")
            if records and (recorded >= _stream_id(upto) or not await _copied(connection, records)):
                await connection.execute(_RECORDER["create_inbox"])
                await connection.copy_records_to_table("answer_inbox", records=records, columns=_COLUMNS)
                await connection.execute(_RECORDER["record_inbox"])
            await connection.execute(_RECORDER["move_position"], session_id, shard, "answers", *_stream_id(upto))

    async def record_events(
        self, session_id: SessionId, upto: str, events: Sequence[SittingEvent | SessionEvent]
    ) -> None:
        """Insert events and move the position, in one transaction; nothing when the position is at `upto` or beyond."""
        of_sittings = [
            (session_id, event.sitting_id, event.at_us, event.kind, rows.storable(event.detail))
            for event in events
            if isinstance(event, SittingEvent)
        ]
        of_session = [
            (session_id, event.at_us, event.kind, rows.storable(event.detail))
            for event in events
            if isinstance(event, SessionEvent)
        ]
        asked = [_question(session_id, event) for event in events if isinstance(event, SittingEvent)]
        strays = [_stray(session_id, event) for event in events if isinstance(event, SittingEvent)]
        async with self._database.transaction() as connection:
            if await _lock_position(connection, session_id, 0, "events") >= _stream_id(upto):
                return
            await connection.executemany(_RECORDER["insert_sitting_event"], of_sittings)
            await connection.executemany(_RECORDER["insert_session_event"], of_session)
            await connection.executemany(_RECORDER["insert_clarification"], [one for one in asked if one is not None])
            await connection.executemany(_RECORDER["insert_stray_receipt"], [one for one in strays if one is not None])
            await connection.execute(_RECORDER["move_position"], session_id, 0, "events", *_stream_id(upto))

    async def answers(self, session_id: SessionId) -> list[Answer]:
        """Return every recorded answer of the session, in order of shard and offset."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSION["answers"], session_id)
        # Tens of thousands of rows: not on a loop that serves anybody, or keeps a lease.
        return await asyncio.to_thread(lambda: [rows.answer(row) for row in found])

    async def earlier_sessions(self, session_id: SessionId | None = None) -> list[EarlierSession]:
        """See `EarlierSessions.earlier_sessions`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSION["earlier"], session_id)
        return [
            EarlierSession(
                SessionId(row["id"]),
                row["contest_title"],
                row["title"],
                Phase(row["phase"]),
                Micros(row["start_us"]),
                row["revision"],
            )
            for row in found
        ]

    async def conduct(self, session_id: SessionId) -> list[SittingEvent]:
        """See `EarlierSessions.conduct`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSION["conduct"], session_id)
        return [
            SittingEvent(SittingId(row["sitting_id"]), Micros(row["at_us"]), row["kind"], row["detail"])
            for row in found
        ]


async def _lock_position(connection: Connection, session_id: int, shard: int, stream: str) -> tuple[int, int]:
    await connection.execute(_RECORDER["ensure_position"], session_id, shard, stream)
    row = await connection.fetchrow(_RECORDER["lock_position"], session_id, shard, stream)
    assert row is not None
    return row["ms"], row["seq"]


def _question(session_id: SessionId, event: SittingEvent) -> tuple[object, ...] | None:
    """Return the row of a question to the operators; None for any other event."""
    item, _, text = rows.storable(event.detail).partition(" ")
    if event.kind != QUESTION or not text or not item.isdecimal():
        return None
    return session_id, event.sitting_id, int(item) or None, text, event.at_us


def _stray(session_id: SessionId, event: SittingEvent) -> tuple[object, ...] | None:
    """Return the row of a receipt that could not be put back; None for any other event."""
    fault, _, told = event.detail.partition(" ")
    if event.kind != RECEIPT:
        return None
    one = _receipted(told)
    return (
        session_id,
        event.sitting_id,
        one.item,
        one.seq,
        [rows.storable(text) for text in one.response],
        one.status.value,
        one.stamp_us,
        one.elapsed_us,
        one.offset,
        one.receipt,
        fault,
        event.at_us,
        sha256(f"{event.sitting_id} {told}".encode()).digest(),
    )


def _stream_id(entry: str) -> tuple[int, int]:
    ms, _, seq = entry.partition("-")
    return int(ms), int(seq or 0)


async def _copied(connection: Connection, records: Sequence[tuple[object, ...]]) -> bool:
    """Write answers that are all new, at the least cost; nothing is written and False returned when some are not."""
    try:
        async with connection.transaction():
            await connection.copy_records_to_table("answer", records=records, columns=_COLUMNS, schema_name="public")
    except asyncpg.UniqueViolationError:
        return False
    return True


def _record(session_id: SessionId, shard: int, answer: Answer) -> tuple[object, ...]:
    return (
        session_id,
        shard,
        answer.offset,
        answer.sitting_id,
        answer.item_no,
        answer.client_seq,
        [rows.storable(text) for text in answer.response],
        answer.stamp_us,
        answer.elapsed_us,
        answer.elapsed_flagged,
        answer.status.value,
    )

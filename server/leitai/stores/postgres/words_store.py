"""Words between operators and contestants, in PostgreSQL: announcements, questions and their answers.

Nothing here is ever rewritten; the schema refuses it. What operators say goes into the audit in the same transaction.
"""

import asyncpg

from leitai.office.ports import AlreadyThere
from leitai.office.words_ports import Announcement, Clarification, ClarificationAnswer
from leitai.rules.values import ActorId, DelegationCode, ItemNo, Micros, SessionId, SittingId
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries

_WORDS = Queries("words")


class WordsStore:
    """`office.words_ports.WordsStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_announcement(self, session_id: SessionId, announcement: Announcement) -> int:
        """Add an announcement and return its id."""
        async with self._database.transaction() as connection:
            announcement_id: int = await connection.fetchval(
                _WORDS["insert_announcement"],
                session_id,
                announcement.delegation,
                announcement.room,
                announcement.sitting_id,
                rows.storable(announcement.text),
                announcement.actor,
                announcement.at_us,
            )
            detail = {
                "session": session_id,
                "delegation": announcement.delegation,
                "room": announcement.room,
                "sitting": announcement.sitting_id,
                "text": announcement.text,
            }
            await audit(connection, announcement.actor, "announce", f"announcement {announcement_id}", detail)
        return announcement_id

    async def announcements(self, session_id: SessionId) -> list[Announcement]:
        """Return the announcements of a session by id."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_WORDS["announcements"], session_id)
        return [
            Announcement(
                row["id"],
                row["text"],
                ActorId(row["actor"]),
                Micros(row["at_us"]),
                None if row["delegation"] is None else DelegationCode(row["delegation"]),
                row["room"],
                None if row["sitting_id"] is None else SittingId(row["sitting_id"]),
            )
            for row in found
        ]

    async def words_revision(self, session_id: SessionId) -> str:
        """Return a text that changes whenever announcements, questions or their answers are added."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_WORDS["revision"], session_id)

    async def add_clarification(self, session_id: SessionId, clarification: Clarification) -> int:
        """Add a contestant's question and return its id."""
        async with self._database.connection() as connection:
            return await connection.fetchval(
                _WORDS["insert_clarification"],
                session_id,
                clarification.sitting_id,
                clarification.item_no,
                rows.storable(clarification.question),
                clarification.at_us,
            )

    async def answer_clarification(self, clarification_id: int, answer: ClarificationAnswer) -> None:
        """Answer a question; raises `AlreadyThere` when it has an answer, KeyError when there is none."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute(
                    _WORDS["insert_clarification_answer"],
                    clarification_id,
                    answer.actor,
                    answer.at_us,
                    rows.storable(answer.text),
                    answer.to_all,
                )
                detail = {"to_all": answer.to_all, "text": answer.text}
                await audit(connection, answer.actor, "clarify", f"clarification {clarification_id}", detail)
        except asyncpg.UniqueViolationError as error:
            raise AlreadyThere("clarification answer", clarification_id) from error
        except asyncpg.ForeignKeyViolationError as error:
            raise KeyError(clarification_id) from error

    async def clarifications(self, session_id: SessionId) -> list[Clarification]:
        """Return the questions of a session with their answers, by id."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_WORDS["clarifications"], session_id)
        return [
            Clarification(
                row["id"],
                SittingId(row["sitting_id"]),
                None if row["item_no"] is None else ItemNo(row["item_no"]),
                row["question"],
                Micros(row["at_us"]),
                None
                if row["actor"] is None
                else ClarificationAnswer(
                    ActorId(row["actor"]), Micros(row["answered_at_us"]), row["text"], row["to_all"]
                ),
            )
            for row in found
        ]

"""The question bank as a workplace in PostgreSQL: `office.bank_ports.QuestionStore`."""

from collections.abc import Mapping, Sequence
from functools import partial

import asyncpg

from leitai.office.bank import Question, content_hash, stem_key
from leitai.office.bank_ports import (
    MOST,
    PAGE,
    Comment,
    Done,
    Dossier,
    Hit,
    Hits,
    Sought,
    TooShort,
    UsableVersion,
    Written,
)
from leitai.rules.questions import Move, QuestionRefused, QuestionState, VersionRecord
from leitai.rules.values import ActorId, Micros, QuestionType
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import UNIQUE, AuditingStore, audit, refusing
from leitai.stores.postgres.bank_store import question_of, version_columns
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.queries import Queries

_QUESTIONS = Queries("questions")
_COMMON = 20_000
"""Candidates from which on it is sooner to look at the newest questions than at what the index finds."""
_REFUSALS = {
    "LT005": partial(QuestionRefused, "forbidden"),
    "LT010": partial(QuestionRefused, "question-illegal-move"),
    "LT011": partial(QuestionRefused, "question-own-version"),
    "question_stem_key_key": partial(QuestionRefused, "question-stem-taken"),
    UNIQUE: partial(QuestionRefused, "question-stale"),
}
"""What the schema refuses, in the law's codes."""


class QuestionsStore(AuditingStore):
    """Questions with their versions, acts and comments, and the search over them.

    Args:
        database: lent, not owned.
    """

    async def search(self, sought: Sought, page: int) -> Hits:
        """See `QuestionStore.search`."""
        filters = _filters(sought)
        skipped = (page - 1) * PAGE
        async with self._database.connection() as connection:
            if not sought.terms:
                total: int = await connection.fetchval(_QUESTIONS["count_filtered"], *filters, sought.question_id)
                # What is skipped is read, too: pages of the far half are reached from the other end.
                name, offset, limit = "filtered", skipped, PAGE
                if skipped > total // 2:
                    limit = max(0, min(PAGE, total - skipped))
                    name, offset = "filtered_from_the_end", max(0, total - skipped - limit)
                found = await connection.fetch(_QUESTIONS[name], *filters, sought.question_id, offset, limit)
                return Hits(tuple(_hit(row) for row in found), total)
            terms = await connection.fetch(_QUESTIONS["terms"], list(sought.terms))
            if not terms[0]["grams"]:
                raise TooShort
            grams = sorted({gram for term in terms for gram in term["grams"]})
            patterns = [f"%{_literal(term['text'])}%" for term in terms]
            # What stands nearly everywhere is found sooner by looking at the newest than by way of the index.
            common = await connection.fetchval(_QUESTIONS["gram_hits"], grams, _COMMON + 1) > _COMMON
            found = await connection.fetch(
                _QUESTIONS["search_common" if common else "search_indexed"],
                *filters,
                patterns,
                terms[0]["text"],
                MOST + 1,
                skipped,
                PAGE,
                *(() if common else (grams,)),
            )
        # An empty page beyond the last has nothing to tell the total by; nobody is led there.
        total = found[0]["total"] if found else 0
        return Hits(tuple(_hit(row) for row in found), min(total, MOST), total > MOST)

    async def dossier(self, question_id: int) -> Dossier:
        """See `QuestionStore.dossier`."""
        async with self._database.transaction(snapshot=True) as connection:
            question = await connection.fetchrow(_QUESTIONS["question"], question_id)
            if question is None:
                raise KeyError(question_id)
            versions = await connection.fetch(_QUESTIONS["versions"], question_id)
            acts = await connection.fetch(_QUESTIONS["acts"], question_id)
            comments = await connection.fetch(_QUESTIONS["comments"], question_id)
        return Dossier(
            question_id,
            question["retired"],
            tuple(_written(row) for row in versions),
            tuple(_done(row) for row in acts),
            tuple(
                Comment(
                    row["id"],
                    row["version"],
                    ActorId(row["author"]),
                    row["author_name"],
                    row["text"],
                    Micros(row["at_us"]),
                )
                for row in comments
            ),
            question["for_provinces"],
            question["lent_here"],
        )

    async def add_question(self, question: Question, point_id: int, actor: ActorId) -> int:
        """See `QuestionStore.add_question`."""
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                question_id: int = await connection.fetchval(_QUESTIONS["insert_question"], stem_key(question.stem))
                await _insert_draft(connection, question_id, 1, question, point_id, actor)
                await _audit(connection, actor, "write-question", question_id, {"version": 1})
        return question_id

    async def add_version(
        self, question_id: int, newest: VersionRecord, question: Question, point_id: int, actor: ActorId
    ) -> None:
        """See `QuestionStore.add_version`."""
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                await _expect(connection, question_id, newest)
                await connection.execute(_QUESTIONS["set_stem_key"], question_id, stem_key(question.stem))
                await _insert_draft(connection, question_id, newest.no + 1, question, point_id, actor)
                await _audit(connection, actor, "write-question", question_id, {"version": newest.no + 1})

    async def add_act(
        self, question_id: int, newest: VersionRecord, move: Move, actor: ActorId, reason: str = ""
    ) -> None:
        """See `QuestionStore.add_act`."""
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                await _expect(connection, question_id, newest)
                await connection.execute(
                    _QUESTIONS["insert_act"], question_id, newest.no, move.value, actor, rows.storable(reason)
                )
                await _audit(connection, actor, f"{move.value}-question", question_id, {"version": newest.no})

    async def add_comment(self, question_id: int, version: int, actor: ActorId, text: str) -> None:
        """See `QuestionStore.add_comment`."""
        try:
            with refusing(_REFUSALS):
                async with self._database.transaction() as connection:
                    words = rows.storable(text)
                    await connection.execute(_QUESTIONS["insert_comment"], question_id, version, actor, words)
                    await _audit(connection, actor, "comment-question", question_id, {"version": version})
        except asyncpg.ForeignKeyViolationError as error:
            raise KeyError(question_id, version) from error

    async def usable(
        self,
        *,
        module: str = "",
        question_type: QuestionType | None = None,
        difficulty: int | None = None,
        point_id: int | None = None,
    ) -> Sequence[UsableVersion]:
        """See `QuestionStore.usable`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(
                _QUESTIONS["usable"],
                module or None,
                None if question_type is None else question_type.value,
                difficulty,
                point_id,
            )
        return [UsableVersion(row["question_id"], row["id"], question_of(row), row["point_id"] or 0) for row in found]

    async def lock_versions(self, version_ids: Sequence[int], actor: ActorId, paper: str) -> None:
        """See `QuestionStore.lock_versions`."""
        async with self._database.transaction() as connection:
            await lock_versions(connection, version_ids, actor, paper)


async def lock_versions(connection: Connection, version_ids: Sequence[int], actor: str, paper: str) -> None:
    """Do `QuestionStore.lock_versions` within a transaction of the caller's, with which it holds or falls.

    Raises `QuestionRefused` (`question-illegal-move`) when a version was never approved, or is none.
    """
    if await connection.fetchval(_QUESTIONS["count_versions"], list(version_ids)) != len(set(version_ids)):
        raise QuestionRefused("question-illegal-move")
    with refusing(_REFUSALS):
        await connection.execute(_QUESTIONS["lock_versions"], list(version_ids), actor)
    await audit(connection, actor, "lock-questions", paper, {"versions": len(set(version_ids))})


async def _expect(connection: Connection, question_id: int, newest: VersionRecord) -> None:
    await connection.execute(_QUESTIONS["lock_question"], question_id)
    row = await connection.fetchrow(_QUESTIONS["newest_version"], question_id)
    if row is None or (row["version"], row["state"]) != (newest.no, newest.state.value):
        raise QuestionRefused("question-stale")


async def _insert_draft(
    connection: Connection, question_id: int, version: int, question: Question, point_id: int, actor: str
) -> None:
    await connection.execute(
        _QUESTIONS["insert_draft"],
        question_id,
        version,
        *version_columns(question),
        content_hash(question),
        actor,
        point_id or None,
    )


async def _audit(
    connection: Connection, actor: str, action: str, question_id: int, detail: Mapping[str, object]
) -> None:
    await audit(connection, actor, action, f"question {question_id}", detail)


def _filters(sought: Sought) -> tuple[object, ...]:
    return (
        sought.module or None,
        sought.point_id,
        None if sought.type is None else sought.type.value,
        sought.difficulty,
        None if sought.state is None else sought.state.value,
        sought.usable,
        sought.author or None,
    )


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _hit(row: rows.Row) -> Hit:
    return Hit(
        row["question_id"],
        row["version"],
        QuestionState(row["state"]),
        row["usable"],
        QuestionType(row["type"]),
        row["stem"],
        row["difficulty"],
        row["module"],
        row["point"],
        row["author_name"],
        Micros(row["at_us"]),
    )


def _written(row: rows.Row) -> Written:
    return Written(
        row["id"],
        VersionRecord(row["version"], ActorId(row["author"]), QuestionState(row["state"])),
        question_of(row),
        row["point_id"] or 0,
        row["author_name"],
        Micros(row["at_us"]),
        row["imported_from"],
    )


def _done(row: rows.Row) -> Done:
    return Done(
        row["version"],
        Move(row["move"]),
        ActorId(row["actor"]),
        row["actor_name"],
        row["reason"],
        Micros(row["at_us"]),
    )

"""The question bank's part of the office store."""

from collections.abc import Mapping, Sequence

from leitai.office.bank import BankEntry, Option, Question, content_hash, stem_key
from leitai.office.ports import BankCommit, ImportBatch
from leitai.rules.values import QuestionType
from leitai.stores.postgres import rows
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries

_OFFICE = Queries("office")


class BankStore:
    """Questions and their versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bank_index(self) -> Mapping[bytes, bytes]:
        """Return the content hash in force by stem key, over the whole bank."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_OFFICE["bank_index"])
        return {row["stem_key"]: row["content_hash"] for row in found}

    async def bank(self) -> list[BankEntry]:
        """Return the version in force of every question that is not retired, by id of the question."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_OFFICE["bank"])
        return [BankEntry(row["id"], _question(row)) for row in found]

    async def import_bank(self, batch: ImportBatch, questions: Sequence[Question]) -> BankCommit:
        """Add questions and new versions of known ones; a question found as it is stays untouched.

        The last of several questions with one stem key counts.
        """
        by_key = {stem_key(question.stem): question for question in questions}
        added = revised = 0
        versions: list[tuple[object, ...]] = []
        async with self._database.transaction() as connection:
            # Two imports at once would give one question the same version twice.
            await connection.execute(_OFFICE["lock_bank"])
            batch_id = await insert_batch(connection, "bank", batch)
            await connection.execute(_OFFICE["insert_question"], list(by_key))
            for row in await connection.fetch(_OFFICE["question_state"], list(by_key)):
                question = by_key[row["stem_key"]]
                if row["content_hash"] == (hashed := content_hash(question)):
                    continue
                added += row["version"] == 0
                revised += row["version"] > 0
                versions.append((row["id"], row["version"] + 1, *_columns(question), hashed, batch_id))
            await connection.executemany(_OFFICE["insert_version"], versions)
        return BankCommit(added, revised, len(by_key) - added - revised)


async def insert_batch(connection: Connection, kind: str, batch: ImportBatch) -> int:
    """Note an import and return its id."""
    return await connection.fetchval(
        _OFFICE["insert_batch"],
        kind,
        batch.file_name,
        batch.file_sha256,
        batch.accepted,
        batch.refused,
        batch.duplicates,
        batch.actor,
    )


def _columns(question: Question) -> tuple[object, ...]:
    return (
        question.type.value,
        question.stem,
        [option.id for option in question.options],
        [option.text for option in question.options],
        rows.key_to_json(question.key),
        question.explanation,
        question.difficulty,
        question.module,
        question.point,
        question.tags,
        question.parts,
    )


def _question(row: rows.Row) -> Question:
    return Question(
        type=QuestionType(row["type"]),
        stem=row["stem"],
        options=tuple(Option(name, text) for name, text in zip(row["option_ids"], row["option_texts"], strict=True)),
        key=rows.key_from_json(row["key"]),
        explanation=row["explanation"],
        difficulty=row["difficulty"],
        module=row["module"],
        point=row["point"],
        tags=tuple(row["tags"]),
        parts=tuple(row["parts"]),
    )

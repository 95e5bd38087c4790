"""The question bank's part of the office store."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from leitai.office.bank import BankEntry, Digests, Option, Question, digests_of
from leitai.office.import_ports import BankCommit, ImportBatch
from leitai.rules.values import QuestionType
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries

_OFFICE = Queries("office")
_AT_ONCE = 1_000
_SAYS = (
    "type",
    "stem",
    "option_ids",
    "option_texts",
    "key",
    "explanation",
    "difficulty",
    "module",
    "point",
    "tags",
    "parts",
)
"""What `version_columns` returns."""


class BankStore:
    """Questions and their versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bank_index(self, *, drafts: bool = False) -> Mapping[bytes, bytes]:
        """Return the content hash in force by stem key, over the whole bank; empty where no version is approved.

        With `drafts`, that of the newest version instead.
        """
        async with self._database.connection() as connection:
            found = await connection.fetch(_OFFICE["bank_index"])
        return {row["stem_key"]: row["newest_hash" if drafts else "usable_hash"] for row in found}

    async def bank(self) -> list[BankEntry]:
        """Return the version in force of every question that is not retired, by id of the question."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_OFFICE["bank"])
        return [BankEntry(row["id"], question_of(row)) for row in found]

    async def import_bank(
        self,
        batch: ImportBatch,
        questions: Sequence[Question],
        *,
        drafts: bool = False,
        digests: Sequence[Digests] | None = None,
    ) -> BankCommit:
        """Add questions and new versions of known ones; a question found as it is stays untouched.

        What comes is approved by its import, unless it comes as `drafts`: then questions that are being reviewed or are
        retired are left alone (`held`). The last of several questions with one stem key counts.
        """
        if digests is None:
            # Some tenths of a second for a large file: not on a loop that serves anybody.
            digests = await asyncio.to_thread(lambda: [digests_of(one) for one in questions])
        by_key = {of.key: question for of, question in zip(digests, questions, strict=True)}
        hashes = {of.key: of.content for of in digests}
        added = revised = held = 0
        versions: list[dict[str, object]] = []
        async with self._database.on_our_processors() as own, own.transaction() as connection:
            # Two imports at once would give one question the same version twice.
            await connection.execute(_OFFICE["lock_bank"])
            batch_id = await insert_batch(connection, "bank", batch)
            points = await _take_points(connection, by_key.values(), batch.actor)
            await connection.execute(_OFFICE["insert_question"], list(by_key))
            for row in await connection.fetch(_OFFICE["question_state"], list(by_key)):
                question = by_key[row["stem_key"]]
                if row["newest_hash" if drafts else "usable_hash"] == (hashed := hashes[row["stem_key"]]):
                    continue
                if drafts and (row["retired"] or row["state"] == "in_review"):
                    held += 1
                    continue
                added += row["version"] == 0
                revised += row["version"] > 0
                said = dict(zip(_SAYS, version_columns(question), strict=True))
                versions.append(
                    {
                        "question_id": row["id"],
                        "version": row["version"] + 1,
                        **said,
                        "key": msgspec.Raw(str(said["key"]).encode()),
                        "content_hash": hashed.hex(),
                        "point_id": points.get((question.module, question.point)),
                    }
                )
            # In pieces, since a statement has a time-out and makes findable what it brings.
            for first in range(0, len(versions), _AT_ONCE):
                piece = msgspec.json.encode(versions[first : first + _AT_ONCE]).decode()
                state = "draft" if drafts else "approved"
                await connection.execute(_OFFICE["insert_versions"], piece, batch_id, state, batch.actor)
            commit = BankCommit(added, revised, len(by_key) - added - revised - held, held)
            detail = {
                "batch": batch_id,
                "added": added,
                "revised": revised,
                "unchanged": commit.unchanged,
                "held": held,
                "state": "draft" if drafts else "approved by this import",
            }
            await audit(connection, batch.actor, "import-bank", batch.file_name, detail)
        return commit


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


async def _take_points(
    connection: Connection, questions: Iterable[Question], actor: str
) -> Mapping[tuple[str, str], int]:
    """Return the syllabus' points by module and name; those that it has not are added to the edition in work."""
    named = sorted({(one.module, one.point) for one in questions if one.point})
    modules, points = [one[0] for one in named], [one[1] for one in named]
    found = await connection.fetch(_OFFICE["take_points"], modules, points, actor)
    return {(row["module"], row["point"]): row["point_id"] for row in found}


def version_columns(question: Question) -> tuple[object, ...]:
    """Return what a version says, in the order of the table's columns from `type` to `parts`."""
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


def question_of(row: rows.Row) -> Question:
    """Return the question of a row of `question_version`."""
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

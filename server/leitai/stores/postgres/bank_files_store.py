"""Uploads, likeness and uses of questions in PostgreSQL: `office.bank_files_ports.BankFilesStore`."""

import asyncio
from collections.abc import Mapping, Sequence

from leitai.office.bank import Question
from leitai.office.bank_files_ports import (
    Fared,
    FaredAt,
    Occasion,
    OneAlike,
    Pair,
    Scan,
    StemOf,
    Upload,
    UploadState,
    Verdict,
)
from leitai.office.bank_ports import Sought
from leitai.rules.item_analysis import Use
from leitai.rules.values import ItemNo, Micros, SessionId
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import AuditingStore, audit
from leitai.stores.postgres.bank_store import question_of
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.queries import Queries

_FILES = Queries("bank_files")


class PostgresBankFiles(AuditingStore):
    """See the module."""

    async def add_upload(
        self, upload_id: str, owner: str, file_name: str, module: str, sha256: bytes, data: bytes
    ) -> None:
        """See `UploadStore.add_upload`."""
        async with self._database.transaction() as connection:
            await connection.execute(_FILES["forget_uploads"], owner)
            name = rows.storable(file_name)
            await connection.execute(_FILES["add_upload"], upload_id, owner, name, module, sha256, data)

    async def upload(self, upload_id: str) -> Upload:
        """See `UploadStore.upload`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_FILES["upload"], upload_id)
        if row is None:
            raise KeyError(upload_id)
        return Upload(
            row["id"],
            row["owner"],
            row["file_name"],
            row["module"],
            row["state"],
            row["report"],
            row["stage"],
            row["done"],
            row["total"],
            Micros(row["silent_us"]),
        )

    async def upload_data(self, upload_id: str) -> bytes:
        """See `UploadStore.upload_data`."""
        async with self._database.connection() as connection:
            data: bytes | None = await connection.fetchval(_FILES["upload_data"], upload_id)
        if data is None:
            raise KeyError(upload_id)
        return data

    async def move_upload(self, upload_id: str, before: UploadState, after: UploadState, report: str = "") -> bool:
        """See `UploadStore.move_upload`."""
        async with self._database.connection() as connection:
            moved = await connection.fetchval(_FILES["move_upload"], upload_id, before, after, rows.storable(report))
        return moved is not None

    async def tell_upload(self, upload_id: str, stage: str, done: int, total: int) -> None:
        """See `UploadStore.tell_upload`."""
        async with self._database.connection() as connection:
            await connection.execute(_FILES["tell_upload"], upload_id, stage, done, total)

    async def stems(self) -> Sequence[StemOf]:
        """See `LikenessStore.stems`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FILES["stems"])
        return [StemOf(row["id"], row["stem"]) for row in found]

    async def keep_scan(
        self, pairs: Sequence[tuple[int, int, int]], questions: int, *, cut: bool, took_ms: int, actor: str
    ) -> None:
        """See `LikenessStore.keep_scan`."""
        async with self._database.transaction() as connection:
            await connection.execute(_FILES["forget_open_pairs"])
            await _add_pairs(connection, pairs)
            await connection.execute(_FILES["add_scan"], questions, len(pairs), cut, took_ms, actor)
            detail = {"questions": questions, "pairs": len(pairs), "cut": cut}
            await audit(connection, actor, "scan-likeness", "bank", detail)

    async def add_pairs(self, pairs: Sequence[tuple[int, int, int]]) -> None:
        """See `LikenessStore.add_pairs`."""
        async with self._database.connection() as connection:
            await _add_pairs(connection, pairs)

    async def ids_by_stem(self, stem_keys: Sequence[bytes]) -> Mapping[bytes, int]:
        """See `LikenessStore.ids_by_stem`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FILES["ids_by_stem"], list(stem_keys))
        return {row["stem_key"]: row["id"] for row in found}

    async def open_pairs(self, after: int, most: int) -> tuple[Sequence[Pair], int]:
        """See `LikenessStore.open_pairs`."""
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_FILES["open_pairs"], after, most)
            total: int = await connection.fetchval(_FILES["count_open_pairs"])
        return [Pair(_alike(row, "one"), _alike(row, "other"), row["permille"]) for row in found], total

    async def last_scan(self) -> Scan | None:
        """See `LikenessStore.last_scan`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_FILES["last_scan"])
        if row is None:
            return None
        return Scan(row["questions"], row["pairs"], row["cut"], row["took_ms"], row["actor"], Micros(row["at_us"]))

    async def is_open(self, one: int, other: int) -> bool:
        """See `LikenessStore.is_open`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_FILES["is_open"], one, other)

    async def decide_pair(self, one: int, other: int, verdict: Verdict, actor: str) -> bool:
        """See `LikenessStore.decide_pair`."""
        async with self._database.transaction() as connection:
            decided = await connection.fetchval(_FILES["decide_pair"], one, other, verdict, actor) is not None
            if decided:
                detail = {"other": other, "verdict": verdict}
                await audit(connection, actor, "decide-likeness", f"question {one}", detail)
        return decided

    async def uncounted(self) -> Sequence[SessionId]:
        """See `UseStore.uncounted`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FILES["uncounted"])
        return [SessionId(row["id"]) for row in found]

    async def versions_of(self, session_id: SessionId) -> Mapping[ItemNo, int]:
        """See `UseStore.versions_of`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FILES["versions_of"], session_id)
        return {ItemNo(row["item_no"]): row["version_id"] for row in found}

    async def simulated(self, session_id: SessionId) -> frozenset[int]:
        """See `UseStore.simulated`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FILES["simulated"], session_id)
        return frozenset(row["id"] for row in found)

    async def keep_uses(self, occasion: Occasion, uses: Mapping[int, Use]) -> bool:
        """See `UseStore.keep_uses`."""
        kept = {version: use for version, use in uses.items() if use.takers}
        async with self._database.transaction() as connection:
            await connection.execute(_FILES["forget_occasion"], occasion.kind, occasion.key)
            occasion_id = await connection.fetchval(_FILES["add_occasion"], occasion.kind, occasion.key)
            if occasion_id is None:
                return False
            await connection.execute(
                _FILES["add_uses"],
                occasion_id,
                list(kept),
                [use.takers for use in kept.values()],
                [use.right_micros for use in kept.values()],
                [use.group for use in kept.values()],
                [use.upper_micros for use in kept.values()],
                [use.lower_micros for use in kept.values()],
            )
        return True

    async def fared(self, question_ids: Sequence[int]) -> Sequence[Fared]:
        """See `UseStore.fared`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FILES["fared"], list(question_ids))
        by_kind: dict[int, dict[str, Use]] = {}
        contests: dict[int, int] = {}
        for row in found:
            by_kind.setdefault(row["question_id"], {})[row["kind"]] = _use(row)
            contests[row["question_id"]] = contests.get(row["question_id"], 0) + row["contests"]
        return [
            Fared(question, contests[question], uses.get("contest", Use()), uses.get("practice", Use()))
            for question, uses in by_kind.items()
        ]

    async def fared_at(self, question_id: int) -> Sequence[FaredAt]:
        """See `UseStore.fared_at`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FILES["fared_at"], question_id)
        return [
            FaredAt(row["version"], row["kind"], row["key"], row["title"], Micros(row["at_us"]), _use(row))
            for row in found
        ]

    async def found_questions(self, sought: Sought, most: int) -> Sequence[Question]:
        """See `BankFilesStore.found_questions`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(
                _FILES["found_questions"],
                list(sought.terms),
                sought.module or None,
                sought.point_id,
                None if sought.type is None else sought.type.value,
                sought.difficulty,
                sought.usable,
                None if sought.state is None else sought.state.value,
                sought.author or None,
                sought.question_id,
                most,
            )
        # Twenty thousand are half a second: not on a loop that serves anybody.
        return await asyncio.to_thread(lambda: [question_of(row) for row in found])


async def _add_pairs(connection: Connection, pairs: Sequence[tuple[int, int, int]]) -> None:
    one, other, permille = ([pair[part] for pair in pairs] for part in range(3))
    await connection.execute(_FILES["add_pairs"], one, other, permille)


def _alike(row: rows.Row, which: str) -> OneAlike:
    return OneAlike(
        row[f"{which}_id"],
        row[f"{which}_version"],
        row[f"{which}_state"],
        row[f"{which}_type"],
        row[f"{which}_module"],
        row[f"{which}_stem"],
        row[f"{which}_author"],
        Micros(row[f"{which}_us"]),
    )


def _use(row: rows.Row) -> Use:
    return Use(row["takers"], row["right_micros"], row["group_size"], row["upper_micros"], row["lower_micros"])

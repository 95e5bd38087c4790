"""Prints in PostgreSQL, their files encrypted: `office.printing.jobs.PrintStore`."""

import asyncio
from typing import cast

import asyncpg

from leitai.office.printing.jobs import KEPT_S, SILENT_S, PrintBusy, PrintGone, PrintJob, PrintKind
from leitai.rules.values import SessionId
from leitai.stores.postgres import rows
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault

_PRINTING = Queries("printing")


class PostgresPrints:
    """See the module."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def begin_print(self, job: PrintJob) -> None:
        """See `PrintStore.begin_print`."""
        try:
            async with self._database.transaction() as connection:
                await _tidy(connection)
                label = rows.storable(job.label)
                await connection.execute(_PRINTING["begin"], job.job_id, job.kind, job.session_id, label, job.total)
        except asyncpg.UniqueViolationError:
            raise PrintBusy from None

    async def hear_print(self, job_id: str, done: int) -> None:
        """See `PrintStore.hear_print`."""
        async with self._database.connection() as connection:
            await connection.execute(_PRINTING["hear"], job_id, done)

    async def lack_print(self, job_id: str, lacking: str) -> None:
        """See `PrintStore.lack_print`."""
        async with self._database.connection() as connection:
            await connection.execute(_PRINTING["lack"], job_id, lacking)

    async def keep_print(self, job_id: str, no: int, name: str, content: bytes) -> None:
        """See `PrintStore.keep_print`."""
        sealed = await asyncio.to_thread(self._vault.seal_paper, _about(job_id, no), content)
        async with self._database.connection() as connection:
            kept: int | None = await connection.fetchval(
                _PRINTING["keep_file"], job_id, no, rows.storable(name), len(content), sealed
            )
        if kept is None:
            raise PrintGone(job_id)

    async def end_print(self, job_id: str, *, ready: bool) -> None:
        """See `PrintStore.end_print`."""
        async with self._database.transaction() as connection:
            await connection.execute(_PRINTING["end"], job_id, "ready" if ready else "failed")
            if not ready:
                await connection.execute(_PRINTING["drop_files"], job_id)

    async def print_job(self, job_id: str, kind: PrintKind) -> PrintJob:
        """See `PrintStore.print_job`."""
        async with self._database.transaction() as connection:
            await _tidy(connection)
            row = await connection.fetchrow(_PRINTING["job"], job_id, kind)
            if row is None:
                raise KeyError(job_id)
            files = await connection.fetch(_PRINTING["files"], job_id) if row["state"] == "ready" else []
        return PrintJob(
            row["id"],
            cast("PrintKind", row["kind"]),
            SessionId(row["session_id"]),
            row["total"],
            row["label"],
            row["done"],
            row["state"],
            row["lacking"],
            tuple((one["name"], one["bytes"]) for one in files),
        )

    async def printed(self, job_id: str, kind: PrintKind, no: int) -> tuple[str, bytes]:
        """See `PrintStore.printed`."""
        async with self._database.transaction() as connection:
            await _tidy(connection)
            row = await connection.fetchrow(_PRINTING["file"], job_id, kind, no)
        if row is None:
            raise KeyError(job_id, no)
        return row["name"], await asyncio.to_thread(self._vault.open_paper, _about(job_id, no), row["sealed"])


async def _tidy(connection: Connection) -> None:
    """Forget what is too old, and give up what nobody prints any more."""
    await connection.execute(_PRINTING["forget"], KEPT_S["tickets"], KEPT_S["awards"])
    await connection.execute(_PRINTING["give_up"], SILENT_S)


def _about(job_id: str, no: int) -> str:
    return f"leitai print {job_id} {no}"

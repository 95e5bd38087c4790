"""Pictures and films in PostgreSQL, in parts: `office.media_ports.MediaStore`.

Why here and not in files: the office may run on several machines that share nothing but their stores, and one backup
then holds a question with its picture. Why not large objects: they have rights, a catalogue and a dump of their own and
want a transaction around every reading; rows of parts have none of that, and a range is two numbers.
"""

from collections.abc import AsyncIterator, Sequence
from typing import cast

from leitai.office.media_ports import PART_BYTES, MediaFile, MediaKept, NewMedia, Purpose, ShownMedia
from leitai.rules.values import Micros
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries

_MEDIA = Queries("media")


class PostgresMedia:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin_media(self, actor: str) -> int:
        """See `MediaStore.begin_media`."""
        async with self._database.connection() as connection:
            await connection.execute(_MEDIA["forget_arriving"])
            return await connection.fetchval(_MEDIA["begin"], actor)

    async def add_part(self, arriving: int, no: int, data: bytes) -> None:
        """See `MediaStore.add_part`."""
        async with self._database.connection() as connection:
            await connection.execute(_MEDIA["add_part"], arriving, no, data)

    async def complete_media(self, arriving: int, sha256: bytes, size: int, media: NewMedia) -> tuple[MediaFile, bool]:
        """See `MediaStore.complete_media`."""
        async with self._database.transaction() as connection:
            # Two of the same bytes at once: the second waits, and finds the first.
            await connection.execute(_MEDIA["lock_hash"], int.from_bytes(sha256[:8], "big", signed=True))
            new = not await connection.fetchval(_MEDIA["own_file"], sha256)
            if new:
                await connection.execute(
                    _MEDIA["complete"],
                    arriving,
                    sha256,
                    media.media_type,
                    size,
                    media.width,
                    media.height,
                    rows.storable(media.title),
                    media.purpose,
                    media.module,
                )
            else:
                await connection.execute(_MEDIA["drop"], arriving)
            row = await connection.fetchrow(_MEDIA["file"], sha256)
            assert row is not None
            detail = {"type": media.media_type, "bytes": size, "purpose": media.purpose, "known": not new}
            await audit(connection, media.actor, "upload-media", f"media {sha256.hex()}", detail)
        return _file(row), new

    async def drop_media(self, arriving: int) -> None:
        """See `MediaStore.drop_media`."""
        async with self._database.connection() as connection:
            await connection.execute(_MEDIA["drop"], arriving)

    async def media_file(self, sha256: bytes) -> MediaFile:
        """See `MediaStore.media_file`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_MEDIA["file"], sha256)
        if row is None:
            raise KeyError(sha256.hex())
        return _file(row)

    async def is_own_media(self, sha256: bytes) -> bool:
        """See `MediaStore.is_own_media`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_MEDIA["own_file"], sha256)

    async def media_files(
        self, purpose: Purpose | None, text: str, after: int, most: int
    ) -> tuple[Sequence[MediaFile], int]:
        """See `MediaStore.media_files`."""
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_MEDIA["files"], purpose, text, after, most)
            total: int = await connection.fetchval(_MEDIA["count_files"], purpose, text)
        return [_file(row) for row in found], total

    async def read_media(self, sha256: bytes, first: int, last: int) -> AsyncIterator[bytes]:
        """See `MediaStore.read_media`."""
        for no in range(first // PART_BYTES, last // PART_BYTES + 1):
            # A connection for each part: whoever reads slowly holds none.
            data = await self.read_part(sha256, no)
            begins = no * PART_BYTES
            yield data[max(0, first - begins) : last + 1 - begins]

    async def read_part(self, sha256: bytes, no: int) -> bytes:
        """Return a part of a file, `no` from 0; raises KeyError when there is none."""
        return await self._part("part", sha256, no)

    async def item_part(self, sha256: bytes, no: int) -> bytes:
        """Return a part of a file that a sealed paper or a stage shows, whoever brought it; raises KeyError."""
        return await self._part("item_part", sha256, no)

    async def _part(self, query: str, sha256: bytes, no: int) -> bytes:
        async with self._database.connection() as connection:
            data: bytes | None = await connection.fetchval(_MEDIA[query], sha256, no)
        if data is None:
            raise KeyError(sha256.hex(), no)
        return data

    async def shown(self, question_id: int) -> Sequence[ShownMedia]:
        """See `MediaStore.shown`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_MEDIA["shown"], question_id)
        return [ShownMedia(row["version"], row["place"], _file(row), row["caption"]) for row in found]

    async def show(self, question_id: int, version: int, sha256: bytes, caption: str, actor: str) -> bool:
        """See `MediaStore.show`."""
        async with self._database.transaction() as connection:
            version_id = await _changing(connection, question_id, version, actor)
            if not await connection.fetchval(_MEDIA["own_file"], sha256):
                raise KeyError(sha256.hex())
            done = await connection.fetchval(_MEDIA["show"], version_id, sha256, rows.storable(caption)) is not None
            if done:
                detail = {"version": version, "media": sha256.hex()}
                await audit(connection, actor, "show-media", f"question {question_id}", detail)
        return done

    async def hide(self, question_id: int, version: int, sha256: bytes, actor: str) -> bool:
        """See `MediaStore.hide`."""
        async with self._database.transaction() as connection:
            version_id = await _changing(connection, question_id, version, actor)
            done = await connection.fetchval(_MEDIA["hide"], version_id, sha256) is not None
            if done:
                detail = {"version": version, "media": sha256.hex()}
                await audit(connection, actor, "hide-media", f"question {question_id}", detail)
        return done


async def _changing(connection: Connection, question_id: int, version: int, actor: str) -> int:
    row = await connection.fetchrow(_MEDIA["version"], question_id, version)
    if row is None:
        raise KeyError(question_id, version)
    if row["author"] != actor or row["state"] not in ("draft", "returned"):
        raise MediaKept
    return row["id"]


def _file(row: rows.Row) -> MediaFile:
    return MediaFile(
        row["sha256"].hex(),
        row["media_type"],
        row["bytes"],
        row["width"],
        row["height"],
        row["title"],
        cast("Purpose", row["purpose"]),
        row["module"],
        row["uploaded_by"],
        Micros(row["uploaded_us"]),
        row["used"],
    )

"""The syllabus in PostgreSQL: `office.bank_ports.SyllabusStore`."""

from collections.abc import Mapping, Sequence
from functools import partial

from leitai.office.bank_ports import EditionSummary
from leitai.rules.syllabus import Edition, Point, SyllabusRefused
from leitai.rules.values import ActorId, Micros
from leitai.stores.postgres.auditing import UNIQUE, AuditingStore, audit, refusing
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.queries import Queries

_SYLLABUS = Queries("syllabus")
_NAME_TAKEN = {UNIQUE: partial(SyllabusRefused, "syllabus-name-taken")}


class SyllabusEditionsStore(AuditingStore):
    """Editions and their points.

    Args:
        database: lent, not owned.
    """

    async def editions(self) -> Sequence[EditionSummary]:
        """See `SyllabusStore.editions`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SYLLABUS["editions"])
        return [
            EditionSummary(
                row["id"],
                row["name"],
                row["based_on"],
                row["created_by"],
                Micros(row["created_us"]),
                Micros(row["published_us"]),
                row["points"],
                row["in_work"],
            )
            for row in found
        ]

    async def edition(self, edition_id: int) -> Edition:
        """See `SyllabusStore.edition`."""
        async with self._database.transaction(snapshot=True) as connection:
            row = await connection.fetchrow(_SYLLABUS["edition"], edition_id)
            if row is None:
                raise KeyError(edition_id)
            points = await connection.fetch(_SYLLABUS["points"], edition_id)
        return Edition(
            row["name"],
            row["published"],
            row["in_work"],
            tuple(
                Point(
                    one["point_id"],
                    one["module"],
                    one["name"],
                    one["place"],
                    one["retired"],
                    one["retired_reason"],
                    one["supplement"],
                )
                for one in points
            ),
        )

    async def point_uses(self) -> Mapping[int, int]:
        """See `SyllabusStore.point_uses`."""
        async with self._database.connection() as connection:
            return {row["point_id"]: row["uses"] for row in await connection.fetch(_SYLLABUS["point_uses"])}

    async def add_edition(self, edition: Edition, based_on: int, actor: ActorId) -> int:
        """See `SyllabusStore.add_edition`."""
        with refusing(_NAME_TAKEN):
            async with self._database.transaction() as connection:
                if await connection.fetchval(_SYLLABUS["newest_edition"]) != based_on:
                    raise SyllabusRefused("syllabus-not-in-work")
                made: int = await connection.fetchval(_SYLLABUS["insert_edition"], edition.name, based_on, actor)
                await connection.executemany(
                    _SYLLABUS["insert_copied_point"],
                    [(made, one.point_id, one.module, one.name, one.place, actor) for one in edition.points],
                )
                await _audit(connection, actor, "add-edition", made, {"based_on": based_on})
        return made

    async def publish_edition(self, edition_id: int, actor: ActorId) -> None:
        """See `SyllabusStore.publish_edition`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_SYLLABUS["publish_edition"], edition_id, actor) is None:
                raise SyllabusRefused("syllabus-published")
            await _audit(connection, actor, "publish-edition", edition_id, {})

    async def add_point(self, edition_id: int, module: str, name: str, actor: ActorId) -> int:
        """See `SyllabusStore.add_point`."""
        with refusing(_NAME_TAKEN):
            async with self._database.transaction() as connection:
                # One at a time, as imports do: two points must not get one place.
                await connection.fetchval(_SYLLABUS["newest_edition"])
                point_id: int | None = await connection.fetchval(_SYLLABUS["known_point"], module, name)
                if point_id is None:
                    point_id = await connection.fetchval(_SYLLABUS["insert_knowledge_point"], module, actor)
                assert point_id is not None
                await connection.execute(_SYLLABUS["insert_point"], edition_id, point_id, module, name, actor)
                await _audit(connection, actor, "add-point", edition_id, {"point": point_id})
        return point_id

    async def set_point(self, edition_id: int, point: Point, act: str, actor: ActorId) -> None:
        """See `SyllabusStore.set_point`."""
        with refusing(_NAME_TAKEN):
            async with self._database.transaction() as connection:
                await connection.execute(
                    _SYLLABUS["set_point"], edition_id, point.point_id, point.name, point.retired, point.retired_reason
                )
                await _audit(connection, actor, f"{act}-point", edition_id, {"point": point.point_id})


async def _audit(
    connection: Connection, actor: str, action: str, edition_id: int, detail: Mapping[str, object]
) -> None:
    await audit(connection, actor, action, f"syllabus edition {edition_id}", detail)

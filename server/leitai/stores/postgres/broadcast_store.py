"""What goes on air in PostgreSQL: `office.air_ports.BroadcastStore`, but for the audit, which is the office store's."""

from collections.abc import Mapping, Sequence

import msgspec

from leitai.office.air_ports import AirLine, AirToken, Channel, Shown
from leitai.rules.values import Micros, SessionId
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries

_AIR = Queries("broadcast")


class AirStore:
    """Tokens, channels and the director's lines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def air_tokens(self) -> Sequence[AirToken]:
        """See `BroadcastStore.air_tokens`."""
        async with self._database.connection() as connection:
            return [
                AirToken(
                    row["id"],
                    row["name"],
                    row["digest"],
                    Micros(row["created_us"]),
                    row["created_by"],
                    Micros(row["last_used_us"]),
                    row["revoked"],
                )
                for row in await connection.fetch(_AIR["tokens"])
            ]

    async def add_air_token(self, name: str, digest: bytes, actor: str) -> int:
        """See `BroadcastStore.add_air_token`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_AIR["insert_token"], name, digest, actor)

    async def revoke_air_token(self, token_id: int, actor: str) -> bool:
        """See `BroadcastStore.revoke_air_token`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_AIR["revoke_token"], token_id, actor) is not None

    async def air_tokens_used(self, used: Mapping[int, Micros]) -> None:
        """See `BroadcastStore.air_tokens_used`."""
        async with self._database.connection() as connection:
            await connection.executemany(_AIR["token_used"], list(used.items()))

    async def channels(self) -> Sequence[Channel]:
        """See `BroadcastStore.channels`."""
        async with self._database.connection() as connection:
            return [
                Channel(row["channel"], row["edition"], _shown(row["on_air"]), _shown(row["preview"]))
                for row in await connection.fetch(_AIR["channels"])
            ]

    async def set_channel(self, wanted: Channel, actor: str) -> int | None:
        """See `BroadcastStore.set_channel`."""
        statement = _AIR["take" if wanted.edition else "first_take"]
        on_air, preview = _json(wanted.on_air), _json(wanted.preview)
        async with self._database.connection() as connection:
            return await connection.fetchval(statement, wanted.name, wanted.edition, on_air, preview, actor)

    async def air_lines(self, session_id: SessionId) -> Sequence[AirLine]:
        """See `BroadcastStore.air_lines`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_AIR["lines"], session_id)
        return [AirLine(row["id"], Micros(row["at_us"]), row["text"]) for row in found]

    async def add_air_line(self, session_id: SessionId, text: str, actor: str) -> int:
        """See `BroadcastStore.add_air_line`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_AIR["insert_line"], session_id, text, actor)

    async def remove_air_line(self, session_id: SessionId, line_id: int, actor: str) -> bool:
        """See `BroadcastStore.remove_air_line`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_AIR["remove_line"], session_id, line_id, actor) is not None


def _shown(text: str | None) -> Shown | None:
    return None if text is None else msgspec.json.decode(text, type=Shown)


def _json(shown: Shown | None) -> str | None:
    return None if shown is None else msgspec.json.encode(shown).decode()

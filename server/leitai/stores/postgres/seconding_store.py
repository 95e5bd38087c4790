"""Requests for a second person in PostgreSQL. The schema refuses a confirmation by whoever asked, or too late."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from leitai.rules.seconding import CommandRequest, RequestRefused
from leitai.rules.values import ActorId, ItemNo, Micros, SessionId
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import UNIQUE, audit, refusing
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries

_SECONDING = Queries("seconding")
_REFUSALS = {
    "command_decision_not_by_the_same": partial(RequestRefused, "request-self-confirmation"),
    "command_decision_in_time": partial(RequestRefused, "request-lapsed"),
    UNIQUE: partial(RequestRefused, "request-decided"),
}


class CommandRequestsStore:
    """`office.seconding_ports.SecondingStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_request(self, request: CommandRequest) -> CommandRequest:
        """See `SecondingStore.add_request`."""
        async with self._database.transaction() as connection:
            request_id: int = await connection.fetchval(
                _SECONDING["insert_request"],
                request.session_id,
                request.command,
                request.item,
                request.seconds,
                request.expects,
                request.actor,
                request.at_us,
                request.lapses_us,
            )
            made = replace(request, request_id=request_id)
            await _audit(connection, made.actor, f"request-{made.command}", made, {})
        return made

    async def command_request(self, request_id: int) -> CommandRequest:
        """See `SecondingStore.command_request`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SECONDING["requests"], None, request_id, None)
        if row is None:
            raise KeyError(request_id)
        return _request(row)

    async def open_requests(self, session_id: SessionId, now_us: int) -> list[CommandRequest]:
        """See `SecondingStore.open_requests`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SECONDING["requests"], session_id, None, now_us)
        return [_request(row) for row in found]

    async def decide_request(self, request: CommandRequest, actor: ActorId, at_us: Micros, *, confirms: bool) -> None:
        """See `SecondingStore.decide_request`."""
        kind = "confirm" if confirms else "decline"
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                await connection.execute(_SECONDING["insert_decision"], request.request_id, kind, actor, at_us)
                detail = {"requested_by": request.actor}
                await _audit(connection, actor, f"{kind}-{request.command}", request, detail)


async def _audit(
    connection: Connection, actor: str, action: str, request: CommandRequest, more: Mapping[str, object]
) -> None:
    detail = {"request": request.request_id, "item": request.item, "seconds": request.seconds, **more}
    await audit(connection, actor, action, f"session {request.session_id}", detail)


def _request(row: rows.Row) -> CommandRequest:
    return CommandRequest(
        row["id"],
        SessionId(row["session_id"]),
        row["command"],
        ItemNo(row["item_no"]),
        row["seconds"],
        row["expects"],
        ActorId(row["actor"]),
        row["name"],
        Micros(row["at_us"]),
        Micros(row["lapses_us"]),
    )

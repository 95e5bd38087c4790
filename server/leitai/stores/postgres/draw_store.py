"""Draws in PostgreSQL. The schema refuses what the protocol does, and every change to what was written."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial

import msgspec

from leitai.office.draw_ports import DrawContest, KeptDraw, Showing
from leitai.rules.draw import NominationList
from leitai.rules.draw_protocol import Draw, DrawAct, DrawRefused, DrawState, Event, Notice
from leitai.rules.selection import Algorithm
from leitai.rules.transcript import canonical
from leitai.rules.values import ActorId, DelegationCode, Micros
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import UNIQUE, AuditingStore, audit, refusing
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries

_DRAW = Queries("draw")
_STALE = partial(DrawRefused, "draw-stale")
_REFUSALS = {UNIQUE: _STALE, "LT003": _STALE}


class _List(msgspec.Struct):
    delegation: str
    name: str
    nominated: tuple[str, ...]


_lists = msgspec.json.Decoder(list[_List])


class PostgresDraws(AuditingStore):
    """`office.draw_ports.DrawStore` and `NominationSource`; the database is lent, not owned."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._notices: dict[tuple[int, int], Notice] = {}
        """Never changed once they are announced, and large: read once."""

    async def nomination_lists(self, contest_id: int) -> list[NominationList]:
        """See `NominationSource.nomination_lists`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_DRAW["nomination_lists"], contest_id)
        return [NominationList(DelegationCode(row["delegation"]), row["name"], tuple(row["ids"])) for row in found]

    async def draw_contests(self) -> list[DrawContest]:
        """See `DrawStore.draw_contests`."""
        async with self._database.connection() as connection:
            return [_contest(row) for row in await connection.fetch(_DRAW["contests"], None)]

    async def draw_contest(self, contest_id: int) -> DrawContest:
        """See `DrawStore.draw_contest`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_DRAW["contests"], contest_id)
        if row is None:
            raise KeyError(contest_id)
        return _contest(row)

    async def kept_draws(self, contest_id: int) -> list[KeptDraw]:
        """See `DrawStore.kept_draws`."""
        async with self._database.transaction(snapshot=True) as connection:
            rounds = await connection.fetch(_DRAW["rounds"], contest_id)
            events = await connection.fetch(_DRAW["events"], contest_id)
            for row in rounds:
                place = (contest_id, row["number"])
                if place not in self._notices:
                    self._notices[place] = _notice(await connection.fetchrow(_DRAW["notice"], *place))
        names = {ActorId(row["actor"]): str(row["name"]) for row in events}
        kept: list[KeptDraw] = []
        for row in rounds:
            own = [one for one in events if one["number"] == row["number"]]
            notice = self._notices[contest_id, row["number"]]
            draw = Draw(notice, tuple(_event(one) for one in own), DrawState(own[-1]["state"]))
            kept.append(KeptDraw(draw, names, row["digest"]))
        return kept

    async def add_draw(self, contest_id: int, draw: Draw) -> None:
        """See `DrawStore.add_draw`."""
        notice = draw.notice
        lists = [{"delegation": one.delegation, "name": one.name, "nominated": list(one.ids)} for one in notice.lists]
        async with self._writing() as connection:
            await connection.execute(
                _DRAW["insert_round"],
                contest_id,
                notice.number,
                notice.reason,
                list(notice.parties),
                notice.value_name,
                notice.value_kind,
                notice.known_from_us,
                notice.places,
                notice.algorithm.value,
                canonical(lists).decode(),
            )
            detail = {"places": notice.places, "provinces": len(lists), "known_from_us": notice.known_from_us}
            await _add_event(connection, contest_id, draw, detail)

    async def add_draw_event(self, contest_id: int, draw: Draw, record: tuple[bytes, str] | None) -> None:
        """See `DrawStore.add_draw_event`."""
        event = draw.events[-1]
        detail: dict[str, object] = {"party": event.party} if event.party else {}
        if event.act is not DrawAct.DISCLOSE and event.content:
            detail["content"] = event.content
        async with self._writing() as connection:
            if record is not None:
                text, digest = record
                detail["sha256"] = digest
                await connection.execute(_DRAW["insert_record"], contest_id, draw.notice.number, text.decode(), digest)
            await _add_event(connection, contest_id, draw, detail)

    async def draw_record(self, contest_id: int, number: int) -> bytes | None:
        """See `DrawStore.draw_record`."""
        async with self._database.connection() as connection:
            text: str | None = await connection.fetchval(_DRAW["record"], contest_id, number)
        return None if text is None else text.encode()

    async def showing(self, contest_id: int, number: int) -> Showing:
        """See `DrawStore.showing`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_DRAW["showing"], contest_id, number)
        if row is None:
            raise KeyError(number)
        return Showing(row["edition"], row["province"], row["manner"], row["at_us"])

    async def show(self, contest_id: int, number: int, showing: Showing, actor: ActorId) -> int | None:
        """See `DrawStore.show`."""
        values = (contest_id, number, showing.province, showing.manner, showing.at_us, showing.edition)
        async with self._database.transaction() as connection:
            statement = _DRAW["show_next" if showing.edition else "show"]
            edition: int | None = await connection.fetchval(statement, *values)
            if edition is not None:
                detail = {"province": showing.province, "manner": showing.manner}
                await _audit(connection, actor, "draw-show", contest_id, number, detail)
        return edition

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[Connection]:
        """Lend a connection within a transaction, in which whoever comes second is refused as such."""
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                yield connection


async def _add_event(connection: Connection, contest_id: int, draw: Draw, detail: Mapping[str, object]) -> None:
    event, number = draw.events[-1], draw.notice.number
    await connection.execute(
        _DRAW["insert_event"],
        contest_id,
        number,
        len(draw.events),
        event.act.value,
        event.actor,
        event.at_us,
        event.party,
        event.content,
    )
    action = f"draw-{event.act.value.replace('_', '-')}"
    await _audit(connection, event.actor, action, contest_id, number, detail)


async def _audit(
    connection: Connection, actor: str, action: str, contest_id: int, number: int, detail: Mapping[str, object]
) -> None:
    await audit(connection, actor, action, f"contest {contest_id} draw {number}", detail)


def _contest(row: rows.Row) -> DrawContest:
    return DrawContest(row["id"], row["title"], row["year"], row["number"] or 0, row["state"] or "")


def _notice(row: rows.Row) -> Notice:
    listed = _lists.decode(row["lists"])
    lists = [NominationList(DelegationCode(one.delegation), one.name, one.nominated) for one in listed]
    return Notice(
        row["number"],
        row["reason"],
        tuple(row["parties"]),
        row["value_name"],
        row["value_kind"],
        Micros(row["known_from_us"]),
        row["places"],
        tuple(lists),
        Algorithm(row["algorithm"]),
    )


def _event(row: rows.Row) -> Event:
    return Event(DrawAct(row["act"]), ActorId(row["actor"]), Micros(row["at_us"]), row["party"], row["content"])

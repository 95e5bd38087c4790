"""Requests for a second person, on a real database: the schema refuses what the law does, whoever asks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import asyncpg
import pytest

from leitai.office.seconding import Seconding
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.seconding import CommandRequest, RequestRefused
from leitai.rules.values import ActorId, ItemNo, Micros, SessionId
from tests.support.office import Stores, small_session, stores_at

ANNA, BO = ActorId("anna"), ActorId("bo")


@dataclass(frozen=True)
class Desk:
    stores: Stores
    request: CommandRequest


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with stores_at(database) as stores:
        created = await small_session(stores)
        for login in (ANNA, BO):
            await stores.office.add_staff(login, f"{login}'s name", frozenset({Role.OPERATOR}), NO_DELEGATION, "tests")
        wanted = _wanted(created.session_id)
        yield Desk(stores, await stores.office.add_request(wanted))


def _wanted(session_id: SessionId) -> CommandRequest:
    return CommandRequest(0, session_id, "skip", ItemNo(3), 0, "lobby 1", ANNA, "", Micros(10), Micros(100))


async def test_a_request_is_open_until_it_is_decided_or_lapses(desk: Desk) -> None:
    office, made = desk.stores.office, desk.request
    known = replace(made, name="anna's name")
    assert await office.command_request(made.request_id) == known
    assert await office.open_requests(made.session_id, 99) == [known]
    assert await office.open_requests(made.session_id, 100) == []
    await office.decide_request(made, BO, Micros(20), confirms=True)
    assert await office.open_requests(made.session_id, 30) == []
    with pytest.raises(KeyError):
        await office.command_request(made.request_id + 1)


async def test_nobody_confirms_their_own_and_nobody_too_late(desk: Desk) -> None:
    office, made = desk.stores.office, desk.request
    with pytest.raises(RequestRefused, match="request-self-confirmation"):
        await office.decide_request(made, ANNA, Micros(20), confirms=True)
    with pytest.raises(RequestRefused, match="request-lapsed"):
        await office.decide_request(made, BO, Micros(100), confirms=True)
    # Whatever a caller claims of the request, the row that was written counts.
    with pytest.raises(RequestRefused, match="request-self-confirmation"):
        await office.decide_request(replace(made, actor=BO, lapses_us=Micros(10**9)), ANNA, Micros(20), confirms=True)
    async with desk.stores.database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "insert into command_decision (request_id, kind, actor, at_us, against, lapses_us)"
                " values ($1, 'confirm', 'anna', 20, 'bo', 1000)",
                made.request_id,
            )
    await office.decide_request(made, ANNA, Micros(200), confirms=False)


async def test_of_two_who_decide_one_is_told(desk: Desk) -> None:
    office, made = desk.stores.office, desk.request
    came = await asyncio.gather(
        office.decide_request(made, BO, Micros(20), confirms=True),
        office.decide_request(made, ANNA, Micros(20), confirms=False),
        return_exceptions=True,
    )
    refused = [one for one in came if isinstance(one, RequestRefused)]
    assert [one.code for one in refused] == ["request-decided"]


async def test_what_is_asked_and_decided_is_audited_and_never_rewritten(desk: Desk) -> None:
    office, made = desk.stores.office, desk.request
    seconding = Seconding(office)
    with pytest.raises(RequestRefused):
        await seconding.decide(made.request_id, ANNA, Micros(20), confirms=True)
    await seconding.decide(made.request_id, BO, Micros(20), confirms=True)
    async with desk.stores.database.connection() as connection:
        rows = await connection.fetch("select actor, action from audit where subject like 'session %' order by id")
        for statement in ("update command_request set actor = 'bo'", "delete from command_decision"):
            with pytest.raises(asyncpg.PostgresError, match="kept as they were written"):
                await connection.execute(statement)
    assert [tuple(row) for row in rows] == [
        ("anna", "request-skip"),
        ("anna", "confirm-skip-refused"),
        ("bo", "confirm-skip"),
    ]

"""The prizes of a province's own contest in PostgreSQL: they are said before anybody answers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import msgspec
import pytest

from leitai.office.own_contests_ports import OwnContestRefused
from leitai.rules.prizes import Prize
from leitai.rules.values import Micros, Phase, SessionId
from leitai.stores.postgres.own_contests_store import OwnContests
from tests.support.office import START_US, Stores, stores_at
from tests.support.provinces import HEBEI
from tests.support.stores import held_up
from tests.web.test_houses_apart import own_session

BEFORE = Micros(START_US - 1)
TABLE = [Prize("一等奖", 2)]


@dataclass(frozen=True)
class OwnContest:
    """A contest of Hebei's with one session."""

    stores: Stores
    own: OwnContests
    contest_id: int
    session_id: SessionId

    async def table(self) -> tuple[Prize, ...]:
        return (await self.own.own_contest(self.contest_id)).prizes

    async def set_prizes(self, now_us: Micros) -> int:
        return await self.own.set_prizes(self.contest_id, 1, TABLE, "tests", now_us)


@pytest.fixture
async def contest(database: str) -> AsyncIterator[OwnContest]:
    async with stores_at(database, owner=HEBEI) as stores:
        contest_id, _, session_id = await own_session(stores, "冀")
        yield OwnContest(stores, OwnContests(stores.database, stores.vault), contest_id, session_id)


async def test_prizes_that_are_set_while_a_session_begins_wait_and_are_refused(contest: OwnContest) -> None:
    before = await contest.table()
    async with contest.stores.database.transaction() as beginning:
        await beginning.execute("update session set phase = 'running' where id = $1", contest.session_id)
        setting = asyncio.create_task(contest.set_prizes(BEFORE))
        assert await held_up(setting, contest.stores.database)
    with pytest.raises(OwnContestRefused) as refused:
        await setting
    assert (refused.value.code, await contest.table()) == ("prizes-fixed", before)


async def test_no_session_begins_while_prizes_are_set(contest: OwnContest) -> None:
    async with contest.stores.database.transaction() as other:
        await other.execute("select from contest_prizes where contest_id = $1 for update", contest.contest_id)
        setting = asyncio.create_task(contest.set_prizes(BEFORE))
        assert await held_up(setting, contest.stores.database)
        async with contest.stores.database.connection() as beginning:
            with pytest.raises(asyncpg.LockNotAvailableError):
                await beginning.execute(
                    "select from session where id = $1 for no key update nowait", contest.session_id
                )
    assert (await setting, await contest.table()) == (2, tuple(TABLE))


async def test_prizes_are_fixed_from_the_instant_of_the_start(contest: OwnContest) -> None:
    await contest.stores.archive.save_phase(contest.session_id, Phase.LOBBY, START_US)
    with pytest.raises(OwnContestRefused, match="prizes-fixed"):
        await contest.set_prizes(START_US)
    assert await contest.set_prizes(BEFORE) == 2


async def test_the_audit_tells_which_prizes_are_for_teams(contest: OwnContest) -> None:
    table = [Prize("一等奖", 2), Prize("优秀组织奖", 1, teams=True)]
    await contest.own.set_prizes(contest.contest_id, 1, table, "tests", BEFORE)
    async with contest.stores.database.connection() as connection:
        told = await connection.fetchval(
            "select detail from audit where action = 'set-prizes' order by id desc limit 1"
        )
    assert msgspec.json.decode(told)["prizes"] == msgspec.to_builtins(table)

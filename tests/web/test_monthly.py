"""月月比 from the practice's page: announced, entered once, settled from the record, and what it earns."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from leitai.office.practice.monthly import session_settings
from leitai.rules.monthly import MonthlyRefused
from leitai.rules.practice import PracticeTitle
from leitai.rules.values import Phase, SessionId
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.postgres.queries import Queries
from tests.support.learners import PASSWORD, TODAY, Practice, practising
from tests.support.monthly import monthly_paper, sat
from tests.support.office import Stores, stores_at
from tests.support.stores import held_up

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
MINUTES = 10
MONTHLY = Queries("monthly")


def at(day: date, hour: int = 0) -> int:
    """An hour of a day in Beijing."""
    return ((day - date(1970, 1, 1)).days * 24 + hour - 8) * HOUR_US


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as stores:
        yield stores


@pytest.fixture
async def practice(database: str) -> AsyncIterator[Practice]:
    async with practising(database) as practice:
        await practice.tree()
        practice.clock.day = date(2022, 8, 20)
        yield practice


async def scheduled(practice: Practice, stores: Stores, *, whole: bool = False) -> SessionId:
    """A month that may be sat on four days, the 25th to the 28th of August 2022."""
    paper = await monthly_paper(stores.office, whole=whole)
    opens = at(date(2022, 8, 25))
    return await practice.monthly.schedule("八月月月比", paper, opens, opens + 4 * DAY_US, MINUTES, "practice.office")


async def visitor(practice: Practice, account: str) -> httpx2.AsyncClient:
    client = practice.visitor()
    body = {"account": account, "password": PASSWORD, "name": "张三", "kind": "public"}
    assert (await client.post("/api/practice/register", json=body)).status_code == 201
    return client


async def seen(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/api/practice/monthly")
    assert answer.status_code == 200, answer.text
    return answer.json()["months"]


async def entered(practice: Practice, client: httpx2.AsyncClient) -> tuple[SessionId, Any]:
    answer = await client.post("/api/practice/monthly/entry", json={})
    assert answer.status_code == 200, answer.text
    address, _, code = answer.json()["url"].partition("#entry=")
    assert address == "https://monthly.example/contest"
    return practice.handed[code]


async def refused(client: httpx2.AsyncClient) -> str:
    answer = await client.post("/api/practice/monthly/entry", json={})
    assert answer.status_code >= 400
    return answer.json()["error"]["code"]


async def finalized(stores: Stores, session_id: SessionId) -> None:
    file = await stores.archive.load_session(session_id)
    await stores.archive.save_phase(session_id, Phase.CLOSED, file.start_us)
    await stores.archive.save_phase(session_id, Phase.FINALIZED, file.start_us)


async def test_a_month_from_the_announcement_to_the_title(practice: Practice, stores: Stores) -> None:
    session_id = await scheduled(practice, stores)
    first, second, third, idle = [
        await visitor(practice, f"learner.{name}") for name in ("one", "two", "three", "four")
    ]
    (month,) = await seen(first)
    assert (month["stage"], month["minutes"], month["items"], month["ends_us"]) == ("announced", MINUTES, 5, 0)
    assert await refused(first) == "monthly-not-open"

    # Nobody is on a list beforehand: whoever comes is enrolled, once.
    practice.clock.day = date(2022, 8, 26)
    (month,) = await seen(first)
    assert month["stage"] == "open"
    whose = await entered(practice, first)
    assert whose[0] == session_id
    assert await entered(practice, first) == whose
    sittings = [whose[1], (await entered(practice, second))[1], (await entered(practice, third))[1]]
    assert len(set(sittings)) == 3
    plan = (await stores.archive.load_session(session_id)).plan
    begun_us = practice.clock() - 2 * HOUR_US
    offset = 0
    for sitting, marked in zip(sittings, ([True] * 5, [True, True, False, True, True], [True] * 5), strict=True):
        await sat(stores.archive, session_id, sitting, plan, begun_us, marked, offset)
        offset += 6
    (month,) = await seen(first)
    assert (month["stage"], month["ends_us"], month["result"]) == ("sat", begun_us + MINUTES * 60_000_000, None)
    assert await refused(first) == "monthly-taken"

    # Before it is final nothing is settled, and nothing is told.
    practice.clock.day = date(2022, 8, 29)
    assert await practice.monthly.settle() == 0
    assert [(await seen(one))[0]["stage"] for one in (first, idle)] == ["over", "over"]
    await finalized(stores, session_id)
    assert await practice.monthly.settle() == 3
    assert await practice.monthly.settle() == 0
    results = [(await seen(one))[0] for one in (first, second, third, idle)]
    assert [one["stage"] for one in results] == ["result", "result", "result", "over"]
    assert [one["result"] and (one["result"]["centipoints"], one["result"]["rank"]) for one in results] == [
        (sum(item.centipoints for item in plan.items), 1),
        (sum(item.centipoints for item in plan.items) - plan.items[2].centipoints, 3),
        (sum(item.centipoints for item in plan.items), 1),
        None,
    ]
    assert {one["result"]["of"] for one in results[:3]} == {3}
    # Anybody who has the record finds the same.
    again = await practice.monthly.sat(session_id)
    assert [again[sitting].score.centipoints for sitting in sittings] == [
        one["result"]["centipoints"] for one in results[:3]
    ]


async def test_a_learners_page_reads_nobody_elses_sitting(practice: Practice) -> None:
    async with practice.database.connection() as connection:
        plan = await connection.fetchval(f"explain (format json) {MONTHLY['own']}", 1, date(2022, 8, 1))

    def read(node: dict[str, Any]) -> list[str]:
        under = [condition for one in node.get("Plans", ()) for condition in read(one)]
        conditions = [text for name, text in node.items() if name.endswith(("Cond", "Filter"))]
        return under + ([" ".join(conditions)] if node.get("Relation Name") == "monthly_sitting" else [])

    [own] = read(json.loads(plan)[0]["Plan"])
    assert "learner_id" in own


async def test_ninety_points_earn_the_title_on_the_last_day_of_the_window(practice: Practice, stores: Stores) -> None:
    session_id = await scheduled(practice, stores, whole=True)
    practice.clock.day = date(2022, 8, 26)
    plan = (await stores.archive.load_session(session_id)).plan
    assert sum(item.centipoints for item in plan.items) == 10_000
    learners = [(await practice.learner(name)).learner.learner_id for name in ("just", "under")]
    for place, (learner_id, well) in enumerate(zip(learners, (45, 44), strict=True)):
        sitting = await practice.monthly.store.enrol(session_id, learner_id, practice.clock())
        marked = [at < well for at in range(50)]
        await sat(stores.archive, session_id, sitting, plan, practice.clock(), marked, place * 51)
    await finalized(stores, session_id)
    practice.clock.day = date(2022, 8, 29)
    assert await practice.monthly.settle() == 2
    just, under = learners
    (fact,) = await practice.titles.of(just, date(2022, 8, 28))
    assert (fact.title, fact.starts_on, fact.earned_on, fact.days, fact.amount) == (
        PracticeTitle.MONTHLY_EXPERT,
        date(2022, 8, 1),
        date(2022, 8, 28),
        (date(2022, 8, 28),),
        9_000,
    )
    assert await practice.titles.of(just, date(2022, 8, 27)) == ()
    assert await practice.titles.of(under, date(2022, 8, 31)) == ()
    # For the nation the same, as every night, and kept as evidence.
    assert set(await practice.titles.everybody(date(2022, 8, 31))) == {just}
    assert await practice.titles.keep(date(2022, 8, 31)) == 1


async def test_what_cannot_be_scheduled(practice: Practice, stores: Stores) -> None:
    paper = await monthly_paper(stores.office)
    opens = at(date(2022, 8, 25))

    async def code(paper_id: int, first: int, last: int, minutes: int = MINUTES) -> str:
        with pytest.raises(MonthlyRefused) as refusal:
            await practice.monthly.schedule("月月比", paper_id, first, last, minutes, "practice.office")
        return refusal.value.code

    assert await code(paper, at(date(2022, 8, 19)), at(date(2022, 8, 21))) == "monthly-past"
    assert await code(paper, opens, at(date(2022, 9, 2))) == "monthly-window"
    assert await code(paper + 1, opens, opens + DAY_US) == "paper-not-sealed"
    first = await practice.monthly.schedule("月月比", paper, opens, opens + DAY_US, MINUTES, "practice.office")
    other = await monthly_paper(stores.office, "另一张")
    assert await code(other, opens + 2 * DAY_US, opens + 3 * DAY_US) == "monthly-month-taken"
    # A paper that is planned for a month is offered neither for another one nor for a contest.
    september = at(date(2022, 9, 10))
    assert await code(paper, september, september + DAY_US) == "paper-not-sealed"
    assert [one.paper_id for one in await practice.monthly.store.sealed_papers()] == [other]
    assert paper not in [one.paper_id for one in await stores.office.papers()]
    # A month that was taken back is free again, and so is its paper; one that is prepared is no more taken back.
    await practice.monthly.store.withdraw(first, "practice.office")
    second = await practice.monthly.schedule("月月比", paper, opens, opens + DAY_US, MINUTES, "practice.office")
    assert await practice.monthly.store.prepare(opens) == 0
    assert await practice.monthly.store.prepare(opens + 1) == 1
    with pytest.raises(MonthlyRefused) as refusal:
        await practice.monthly.store.withdraw(second, "practice.office")
    assert refusal.value.code == "monthly-begun"
    with pytest.raises(KeyError):
        await practice.monthly.store.withdraw(first, "practice.office")


async def test_a_month_is_withdrawn_or_prepared_and_never_both(practice: Practice, stores: Stores) -> None:
    store, soon = practice.monthly.store, at(date(2022, 8, 26))
    first = await scheduled(practice, stores)
    async with practice.database.transaction() as withdrawing:
        assert await withdrawing.fetchval(MONTHLY["withdraw"], first, "practice.office") == first
        preparing = asyncio.ensure_future(store.prepare(soon))
        assert await held_up(preparing, practice.database)
    assert await preparing == 0, "the month was withdrawn while it was prepared"

    second = await scheduled(practice, stores)
    async with practice.database.transaction() as begun:
        assert len(await begun.fetch(MONTHLY["prepare"], soon)) == 1
        withdrawal = asyncio.ensure_future(store.withdraw(second, "practice.office"))
        assert await held_up(withdrawal, practice.database)
    with pytest.raises(MonthlyRefused, match="monthly-begun"):
        await withdrawal


async def test_its_sessions_are_not_the_contest_s(practice: Practice, stores: Stores) -> None:
    session_id = await scheduled(practice, stores)
    await practice.monthly.store.prepare(at(date(2022, 8, 26)))
    monthly = type(stores.archive)(stores.database, stores.vault, "monthly")
    assert await stores.archive.current_session() is None
    assert await monthly.current_session() == session_id
    assert await stores.office.sessions() == []
    assert await stores.office.contests() == []
    # The next month waits until this one is final.
    september = at(date(2022, 9, 10))
    settings = session_settings("九月月月比", september, september + DAY_US, 600_000_000)
    paper = await monthly_paper(stores.office, "九月")
    store = PostgresMonthly(stores.database, stores.vault)
    later = await store.schedule(date(2022, 9, 1), paper, settings, bytes(32), "practice.office")
    await store.prepare(september + 1)
    assert await monthly.current_session() == session_id
    await finalized(stores, session_id)
    assert await monthly.current_session() == later


async def test_a_result_is_written_once(practice: Practice, stores: Stores) -> None:
    session_id = await scheduled(practice, stores)
    learner = await practice.learner("one", "王五")
    practice.clock.day = TODAY - timedelta(days=4)
    sitting = await practice.monthly.store.enrol(session_id, learner.learner.learner_id, practice.clock())
    plan = (await stores.archive.load_session(session_id)).plan
    await sat(stores.archive, session_id, sitting, plan, practice.clock(), [True] * 5, 0)
    await finalized(stores, session_id)
    assert await practice.monthly.settle() == 1
    async with practice.database.connection() as connection:
        with pytest.raises(Exception, match="kept as it was"):
            await connection.execute("update monthly_sitting set centipoints = 1 where id = $1", sitting)
        earned = await connection.fetch("select on_day, kind, source, centipoints from practice_points")
    whole = sum(item.centipoints for item in plan.items)
    assert [tuple(row) for row in earned] == [(date(2022, 8, 28), 3, session_id, whole)]

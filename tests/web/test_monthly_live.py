"""月月比 on the live path: the practice's process, and one that serves the sittings; learners on sockets."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from msgspec.structs import replace
from starlette.applications import Starlette

from leitai.config import Settings
from leitai.office.practice.monthly import Monthly, session_settings
from leitai.office.practice.timing import SYSTEM_CLOCK
from leitai.practice_parts import practice_parts
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_boards import Period, starts_on
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Micros, SessionId
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.practice import build_practice_app
from leitai_loadtest.client import Contestant, Unexpected
from leitai_loadtest.door import DoorClosed
from tests.support.doors import ORIGIN, World, settings
from tests.support.learners import PASSWORD
from tests.support.monthly import monthly_paper
from tests.support.office import NOWHERE, SERVER_KEY, Stores, stores_at
from tests.support.serving import Process, environment_of, forget
from tests.support.stores import scratch_folder, standing_database
from tests.support.waiting import PATIENCE_S
from tests.web.measure_monthly import lost, sit
from tests.web.measure_practice import LEARNERS

SECOND = 1_000_000
OWN_US = 16 * SECOND
"""Shorter than a month's sitting may be: `Monthly.schedule` would refuse it, the live path does not care."""
WINDOW_US = 60 * SECOND
"""However long the process takes to start, both who sit one after the other have their whole time."""


@dataclass
class House:
    """A month that opens in a moment, the process that serves it, and the practice's doors."""

    stores: Stores
    store: Store
    monthly: Monthly
    process: Process
    session: SessionId
    opens_us: int

    @property
    def closes_us(self) -> int:
        """The end of the window."""
        return self.opens_us + WINDOW_US

    async def until(self, at_us: int) -> None:
        """Wait for an instant of this machine's clock, which is also the contest's."""
        await asyncio.sleep(max(0.0, (at_us - time.time_ns() // 1000) / 1e6))


@pytest.fixture
def placed(postgres: EmbeddedPostgres) -> Iterator[tuple[str, Path]]:
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(standing_database(postgres)), stack.enter_context(scratch_folder())


@pytest.fixture
async def house(placed: tuple[str, Path], valkey_url: str) -> AsyncIterator[House]:
    dsn, folder = placed
    async with stores_at(dsn) as stores:
        store = open_store(valkey_url)
        try:
            monthly = Monthly(PostgresMonthly(stores.database, stores.vault), SYSTEM_CLOCK)
            paper = await monthly_paper(stores.office)
            opens_us = now_us() + 8 * SECOND
            month = starts_on(Period.MONTH, beijing_day(opens_us))
            made = session_settings("本月月月比", opens_us, opens_us + WINDOW_US, OWN_US)
            session = await monthly.store.schedule(month, paper, made, bytes(range(32)), "practice.office")
            await forget(valkey_url, session)
            await monthly.store.prepare(opens_us + 1)
            process = Process(environment_of(dsn, valkey_url, "picows"), "monthly", folder)
            try:
                await asyncio.to_thread(process.wait_ready)
                yield House(stores, store, monthly, process, session, opens_us)
            finally:
                await asyncio.to_thread(process.stop)
        finally:
            await store.aclose()


def now_us() -> Micros:
    return Micros(time.time_ns() // 1000)


@contextlib.asynccontextmanager
async def learner(app: Starlette, account: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """Somebody's browser at the practice, registered."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        body = {"account": account, "password": PASSWORD, "name": "张三", "kind": "public"}
        answer = await client.post("/api/practice/register", json=body)
        assert answer.status_code == 201, answer.text
        yield client


async def code_of(client: httpx2.AsyncClient) -> str:
    answer = await client.post("/api/practice/monthly/entry", json={})
    assert answer.status_code == 200, answer.text
    return answer.json()["url"].partition("#entry=")[2]


async def stage_of(client: httpx2.AsyncClient) -> str:
    return (await client.get("/api/practice/monthly")).json()["months"][0]["stage"]


async def test_learners_sit_by_clocks_of_their_own_and_nothing_is_lost(house: House, valkey_url: str) -> None:
    parts = practice_parts(
        house.stores.database, house.stores.vault, _settings(valkey_url, house.process.url), settings(), house.store
    )
    app = build_practice_app(parts.accounts, parts.parts, World().doors().readiness, settings())
    async with contextlib.AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(learner(app, f"sitter.{name}")) for name in ("a", "b", "c")]
        await house.until(house.opens_us + SECOND // 2)
        codes = [await code_of(one) for one in browsers]

        # A code works once, and one that nobody issued never.
        first = await stack.enter_async_context(Contestant.enter(house.process.url, codes[0]))
        assert (first.me["name"], first.me["admission_no"], first.me["session"]) == ("张三", "", house.session)
        for code in (codes[0], "nobody-issued-this"):
            with pytest.raises(DoorClosed) as closed:
                async with Contestant.enter(house.process.url, code):
                    pass
            assert closed.value.code == "ticket-refused"

        # Whoever has not begun gets no key, and no answer of theirs is taken.
        await first.hello()
        assert not [one for one in first.inbox if one["type"] in ("open", "begun")]
        refused = await first.answer(1, ["A"])
        assert (refused["status"], refused["code"]) == ("rejected", "not-begun")

        begun = await first.begin()
        assert begun["closes_at_us"] - begun["begun_us"] == OWN_US
        keys = [await first.expect("open", item=item) for item in range(1, 6)]
        contents = [await first.unseal(key) for key in keys]
        assert len({content["stem"] for content in contents}) == 5
        given = [await first.answer(item, _response(content)) for item, content in enumerate(contents, 1)]
        assert {one["status"] for one in given} == {"accepted"}
        assert all(0 < one["elapsed_us"] < OWN_US for one in given)
        assert await stage_of(browsers[0]) in ("open", "under_way")  # the record follows within a second

        # Lost and back: the same time goes on, keys come again, what was answered stays.
        await first.drop()
        await first.hello(epoch="", offset=0)
        assert await first.expect("begun") == begun
        assert len(first.snapshot["answers"]) == 5
        # To begin again is to hear of the first beginning.
        assert await first.begin() == begun

        # Another begins later: by a clock of their own.
        await house.until(begun["begun_us"] + 6 * SECOND)
        second = await stack.enter_async_context(Contestant.enter(house.process.url, codes[1]))
        await second.hello()
        begun_too = await second.begin()
        assert begun_too["begun_us"] > begun["begun_us"] + SECOND
        await house.until(begun["closes_at_us"] + SECOND // 4)
        late = await first.answer(1, _response(contents[0]))
        assert (late["status"], late["code"]) == ("late", "too-late")
        in_time = await second.answer(1, _response(contents[0]))
        assert in_time["status"] == "accepted"
        assert await stage_of(browsers[0]) == "sat"
        # Once the own time is over no keys are told any more.
        await first.drop()
        first.inbox.clear()
        await first.hello(epoch="", offset=0)
        assert await first.expect("begun") == begun
        with pytest.raises(Unexpected):
            await first.expect("open", within_s=0.3)

    await house.until(house.closes_us)
    async with asyncio.timeout(PATIENCE_S):
        while not await house.monthly.store.to_settle():  # noqa: ASYNC110 (another process makes it final)
            await asyncio.sleep(0.2)
    assert await house.monthly.settle() == 2
    answers = await house.stores.archive.answers(house.session)
    # Every acknowledgement is in the record, once, with its stamp.
    acked = {(first.me["sitting"], one["item"], one["seq"]): one["stamp_us"] for one in [*given, late]}
    acked[second.me["sitting"], 1, in_time["seq"]] = in_time["stamp_us"]
    recorded = {(one.sitting_id, one.item_no, one.client_seq): one.stamp_us for one in answers}
    assert {key: stamp for key, stamp in recorded.items() if key[1] != BEGINNING} == acked
    assert {key[0]: stamp for key, stamp in recorded.items() if key[1] == BEGINNING} == {
        first.me["sitting"]: begun["begun_us"],
        second.me["sitting"]: begun_too["begun_us"],
    }


async def test_a_small_crowd_sits_at_once_as_the_measurement_has_it(house: House) -> None:
    tickets = ValkeyTickets(house.store)
    async with house.stores.database.connection() as connection:
        await connection.execute(LEARNERS, 101, 120)
        rows = await connection.fetch("select id from learner where login like 'learner%' order by id")
    await house.until(house.opens_us + SECOND // 4)
    codes = [await house.monthly.enter(row["id"], tickets.hand_over) for row in rows]
    sitters, figures = await sit(house.process.url, codes, [["A"]] * 3 + [["T"]] * 2, 1.0)
    assert (len(figures.begun), len(figures.acked), +figures.met) == (20, 100, {})
    recorded = await house.stores.archive.answers(house.session)
    async with asyncio.timeout(PATIENCE_S):
        while len(recorded) < 120:
            await asyncio.sleep(0.1)
            recorded = await house.stores.archive.answers(house.session)
    assert lost(sitters, recorded) == (set(), set())
    assert len(await house.monthly.sat(house.session)) == 20


def _response(content: dict[str, object]) -> list[str]:
    return ["T"] if content["type"] == "true_false" else ["A", "C"]


def _settings(valkey_url: str, monthly_url: str) -> Settings:
    return replace(NOWHERE, valkey_url=valkey_url, monthly_origins=monthly_url, secret_key=SERVER_KEY.hex())

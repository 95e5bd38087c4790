"""Gateways start while PostgreSQL is out, and stop in time while Valkey is."""

import asyncio
import signal

from leitai_loadtest.client import Contestant, Unexpected
from leitai_loadtest.door import DoorClosed
from tests.support.serving import DEADLINE_S, OPEN, serving
from tests.support.stores import running_postgres, running_valkey, scratch_folder, standing_database


async def test_a_gateway_starts_and_lets_contestants_in() -> None:
    with (
        running_postgres() as postgres,
        running_valkey() as valkey,
        scratch_folder() as folder,
        standing_database(postgres) as dsn,
        serving("picows", dsn, valkey.url, folder) as scene,
    ):
        async with scene.someone() as someone:
            await someone.hello()
            assert (await someone.answer(OPEN, ["A"]))["status"] == "accepted"
            await asyncio.to_thread(postgres.stop)
            try:
                third = await asyncio.to_thread(scene.start, "gateway,director")
                await asyncio.to_thread(third.wait_ready)
                back = Contestant(third.url)
                back.door.http.cookies = someone.door.http.cookies
                back.epoch, back.offset = someone.epoch, someone.offset
                assert (await back.hello())["recovered"]
                await back.leave()
                async with scene.someone(third.url) as other:
                    await other.hello()
                    assert (await other.answer(OPEN, ["A"]))["status"] == "accepted"
            finally:
                await asyncio.to_thread(postgres.start)


async def _let_in(one: Contestant) -> bool:
    """Whether the gateway has found its store again."""
    try:
        await one.hello()
    except (DoorClosed, Unexpected):
        return False
    return True


async def test_a_gateway_stops_while_the_ledger_is_out() -> None:
    with (
        running_postgres() as postgres,
        running_valkey() as valkey,
        scratch_folder() as folder,
        standing_database(postgres) as dsn,
        serving("picows", dsn, valkey.url, folder) as scene,
    ):
        third = await asyncio.to_thread(scene.start, "gateway")
        await asyncio.to_thread(third.wait_ready)
        async with scene.someone(third.url) as someone:
            await someone.hello()
            await asyncio.to_thread(valkey.stop)
            try:
                await someone.give(OPEN, ["A"])
                third.signal(signal.SIGTERM)
                assert await someone.expect_close() == 4005
                assert await asyncio.to_thread(third.wait) == 0
            finally:
                await asyncio.to_thread(valkey.start)
            # It came in, and nobody was told that it is kept: given again elsewhere, it counts once.
            back = Contestant(scene.other_url)
            back.door.http.cookies = someone.door.http.cookies
            back.sent = someone.sent
            async with asyncio.timeout(DEADLINE_S):
                while not await _let_in(back):  # noqa: ASYNC110 (another process finds its store)
                    await asyncio.sleep(0.2)
            assert (await back.expect("ack", seq=1))["status"] == "accepted"
            await back.leave()

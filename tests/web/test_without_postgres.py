"""A gateway that starts while PostgreSQL is out serves the contest that is under way."""

import asyncio
from pathlib import Path

from leitai_loadtest.client import Contestant
from tests.support.serving import OPEN, serving
from tests.support.stores import running_postgres, running_valkey, scratch_folder, standing_database


async def test_a_gateway_starts_and_lets_contestants_in(tmp_path: Path) -> None:
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

"""`leitai serve --gateways`: processes on one port die, are replaced and stop, and contestants stay in the contest."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai_loadtest.client import Contestant
from leitai_loadtest.door import socket_url
from tests.support.packing import pack, unpack
from tests.support.processes import DEADLINE_S, all_gone, children_of, identify
from tests.support.serving import OPEN, UNOPENED, Scene, serving
from tests.support.stores import scratch_folder, standing_database
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def scene(postgres: EmbeddedPostgres, valkey_url: str) -> Iterator[Scene]:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        dsn = stack.enter_context(standing_database(postgres))
        yield stack.enter_context(serving("picows", dsn, valkey_url, folder))


def _named(supervisor: int) -> dict[str, int]:
    """The processes of a supervisor by name."""
    found: dict[str, int] = {}
    for pid in children_of(supervisor):
        with contextlib.suppress(OSError):
            variables = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
            found |= {text.removeprefix("LEITAI_NAME="): pid for text in variables if text.startswith("LEITAI_NAME=")}
    return found


def _held(pid: int, url: str) -> int:
    """How many connections to an address a process holds; those to its stores may become more at any time."""
    connections = psutil.Process(pid).net_connections("tcp")
    port = urlsplit(url).port
    return sum(one.laddr.port == port and one.status != psutil.CONN_LISTEN for one in connections)


async def _come_back(one: Contestant) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with contextlib.suppress(Exception):
                assert (await one.resume())["recovered"]
                return
            await asyncio.sleep(0.1)


async def _watching(stack: contextlib.AsyncExitStack, url: str, session: int) -> ClientConnection:
    """A viewer with a page before it, as soon as somebody lets it in."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with contextlib.suppress(InvalidHandshake, ConnectionClosed, OSError):
                address = socket_url(url, "/live/board")
                viewer = await stack.enter_async_context(connect(address, compression=None, proxy=None))
                await viewer.send(pack({"type": "hello", "session": session}))
                await viewer.send(pack({"type": "watch", "view": "individuals"}))
                while unpack(await viewer.recv(decode=False))["type"] != "board":
                    pass
                return viewer
            await asyncio.sleep(0.1)


async def test_processes_die_and_are_replaced_under_a_contest(scene: Scene) -> None:
    many = await asyncio.to_thread(scene.start, "gateway,recorder", 2)
    await asyncio.to_thread(many.wait_ready)
    async with contextlib.AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(scene.someone(many.url)) for _ in range(10)]
        for one in crowd:
            await one.hello()
        first = await asyncio.to_thread(_named, many.pid)
        assert set(first) == {"recorder", "gateway-0", "gateway-1", "viewers"}

        watching = [await _watching(stack, many.url, scene.session)]

        async def holds(name: str) -> int:
            return _held(first[name], many.url)

        held = {name: await holds(name) for name in ("gateway-0", "gateway-1", "viewers")}
        watching += [await _watching(stack, many.url, scene.session) for _ in range(8)]
        # Whoever hands a socket on closes its own hold of it a moment later.
        await eventually(lambda: holds("viewers"), lambda now: now == held["viewers"] + 8)
        for name in ("gateway-0", "gateway-1"):
            await eventually(lambda name=name: holds(name), lambda now, name=name: now <= held[name])
        os.kill(first["viewers"], signal.SIGKILL)
        for viewer in watching:
            await asyncio.wait_for(viewer.wait_closed(), DEADLINE_S)
        # Contestants notice nothing, and whoever comes meanwhile is let in once it is back.
        for one in crowd:
            await one.probe()
        viewer = await _watching(stack, many.url, scene.session)

        os.kill(first["gateway-0"], signal.SIGKILL)
        for one in crowd:
            # Whoever was there comes back at the other one at once; the rest notices nothing.
            with contextlib.suppress(Exception):
                await one.probe()
                continue
            await _come_back(one)
        for one in crowd:
            assert (await one.answer(OPEN, ["A"]))["status"] == "accepted"

        before = identify(*(await asyncio.to_thread(_named, many.pid)).values())
        many.signal(signal.SIGHUP)
        for one in crowd:
            assert await one.expect_close(within_s=DEADLINE_S) == 4005
        await asyncio.wait_for(viewer.wait_closed(), DEADLINE_S)
        assert viewer.close_code == 4005
        assert await asyncio.to_thread(all_gone, before)
        second = await asyncio.to_thread(_named, many.pid)
        assert second.keys() == first.keys()
        for one in crowd:
            await _come_back(one)
            assert (await one.answer(UNOPENED, ["三十日", "一"]))["status"] == "early"
        await _watching(stack, many.url, scene.session)
        processes = identify(*second.values())
        many.signal(signal.SIGTERM)
        assert await asyncio.to_thread(many.wait) == 0
        assert await asyncio.to_thread(all_gone, processes)
    recorded = await scene.recorded()
    for one in crowd:
        for seq, item in ((1, OPEN), (2, UNOPENED)):
            kept = recorded[one.me["sitting"], item, seq]
            assert (kept.stamp_us, kept.offset) == (one.acks[seq]["stamp_us"], one.acks[seq]["offset"])

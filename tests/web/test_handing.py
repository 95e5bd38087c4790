"""Sockets that are handed on to another process: nobody notices, and nobody is lost while nobody takes them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack

import pytest

from leitai.web import handing
from leitai.web.handing import Giver, Taker, open_way
from leitai.web.listening import open_listener
from tests.support.processes import DEADLINE_S


class Door(asyncio.Protocol):
    """Hands on whoever says anything; serves those whom nobody takes."""

    def __init__(self, giver: Giver) -> None:
        self._giver = giver
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        transport = self._transport
        assert transport is not None
        self._giver.give(transport, data, lambda: transport.write(b"door:" + data))


class Echo(asyncio.Protocol):
    """Says again what it hears."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"echo:" + data)


class Scene:
    """A door, the way behind it, and the clients; all is closed at the end."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._giving, self._taking = stack.enter_context(open_way())
        self.giver = Giver(self._giving.dup().detach())
        stack.callback(self.giver.close)
        self._port = 0

    async def open(self) -> None:
        listener = self._stack.enter_context(open_listener(("127.0.0.1", 0)))
        self._port = listener.getsockname()[1]
        server = await asyncio.get_running_loop().create_server(lambda: Door(self.giver), sock=listener.dup())
        self._stack.callback(server.close)

    def taker(self, ready: Callable[[], bool] = lambda: True) -> Taker:
        taker = Taker(self._taking.dup().detach(), Echo, ready)
        self._stack.callback(taker.stop)
        return taker

    def shut(self) -> None:
        self._taking.close()

    async def client(self, word: bytes = b"hello") -> "Client":
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._stack.callback(writer.close)
        client = Client(reader, writer)
        client.say(word)
        return client


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, word: bytes) -> None:
        self._writer.write(word)

    async def hears(self, answer: bytes) -> bool:
        async with asyncio.timeout(DEADLINE_S):
            return await self._reader.readexactly(len(answer)) == answer


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with ExitStack() as stack:
        scene = Scene(stack)
        await scene.open()
        yield scene


async def test_what_was_read_goes_along_and_the_conversation_goes_on(scene: Scene) -> None:
    scene.taker().start()
    clients = [await scene.client(b"first") for _ in range(40)]
    assert all([await client.hears(b"echo:first") for client in clients])
    for client in clients:
        client.say(b"more")
    assert all([await client.hears(b"echo:more") for client in clients])


async def test_what_lies_there_waits_for_whoever_is_ready(scene: Scene) -> None:
    ready = asyncio.Event()
    first = await scene.client()
    scene.taker(ready.is_set).start()
    second = await scene.client()
    hearing = [asyncio.ensure_future(client.hears(b"echo:hello")) for client in (first, second)]
    done, _ = await asyncio.wait(hearing, timeout=0.1)
    assert not done
    ready.set()
    assert await asyncio.gather(*hearing) == [True, True]


async def read_by(scene: Scene, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client from whom a door has read `data` at once."""
    there, here = socket.socketpair()
    door = Door(scene.giver)
    await asyncio.get_running_loop().connect_accepted_socket(lambda: door, here)
    reader, writer = await asyncio.open_connection(sock=there)
    door.data_received(data)
    return reader, writer


async def test_what_does_not_fit_into_the_way_is_refused_in_words(scene: Scene) -> None:
    """It would be cut short on its way, and the viewers' process would wait for the rest of it."""
    scene.taker().start()
    longest = b"x" * handing.MOST_BYTES
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await read_by(scene, longest + b"x")
        assert await reader.read() == handing.TOO_LARGE
        writer.close()
        reader, writer = await read_by(scene, longest)
        assert await reader.readexactly(5 + len(longest)) == b"echo:" + longest
        writer.close()


async def test_whom_nobody_takes_is_served_at_the_door(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "PATIENCE_S", 0.05)
    # Until nothing more goes into the way.
    page = bytes(30_000)
    lying = []
    while True:
        client = await scene.client(page)
        served = asyncio.ensure_future(client.hears(b"door:" + page))
        done, _ = await asyncio.wait({served}, timeout=0.5)
        if done:
            assert served.result()
            break
        lying.append(served)
        assert len(lying) < 100
    assert lying
    for served in lying:
        served.cancel()


async def test_a_way_that_leads_nowhere_is_not_waited_for(scene: Scene) -> None:
    scene.shut()
    client = await scene.client()
    assert await client.hears(b"door:hello")


async def test_one_that_took_its_leave_leaves_the_rest_to_its_successor(scene: Scene) -> None:
    first = scene.taker()
    first.start()
    there = await scene.client()
    assert await there.hears(b"echo:hello")
    first.stop()
    waiting = await scene.client()
    scene.taker().start()
    assert await waiting.hears(b"echo:hello")
    there.say(b"still")
    assert await there.hears(b"echo:still")

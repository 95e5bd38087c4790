"""One listening socket for several processes: fewest first, the unready last, and nothing lost when one leaves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from leitai.web.listening import Acceptor, Parting, open_listener
from tests.support.processes import DEADLINE_S


class Taker:
    """One of the processes: accepts from its own hold of the listener, and notes what it has."""

    def __init__(self, listener: socket.socket, held: int = 0, *, ready: bool = True) -> None:
        self.taken: list[asyncio.Transport] = []
        self._held = held
        self.acceptor = Acceptor(listener.dup(), self._protocol, self._holding, lambda: ready)

    def _protocol(self) -> asyncio.Protocol:
        taken = self.taken

        class Taken(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                taken.append(transport)

        return Taken()

    def _holding(self) -> int:
        return self._held + len(self.taken)


class Scene:
    """A listener, those who take from it, and their clients; all is closed at the end."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._takers: list[Taker] = []
        self._clients: list[socket.socket] = []

    def taker(self, held: int = 0, *, ready: bool = True) -> Taker:
        self._takers.append(Taker(self._listener, held, ready=ready))
        return self._takers[-1]

    async def connect(self, count: int = 1) -> None:
        for _ in range(count):
            self._clients.append(socket.socket())
            self._clients[-1].setblocking(False)
            await asyncio.get_running_loop().sock_connect(self._clients[-1], self._listener.getsockname())

    async def all_taken(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while sum(len(taker.taken) for taker in self._takers) < len(self._clients):  # noqa: ASYNC110 (several)
                await asyncio.sleep(0.001)

    async def end(self) -> None:
        for taker in self._takers:
            taker.acceptor.stop()
            for transport in taker.taken:
                transport.abort()
        for client in self._clients:
            client.close()
        await asyncio.sleep(0.01)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with open_listener(("127.0.0.1", 0)) as listener:
        scene = Scene(listener)
        yield scene
        await scene.end()


async def test_whoever_has_fewest_goes_first(scene: Scene) -> None:
    many, few = scene.taker(held=900), scene.taker()
    many.acceptor.start()
    few.acceptor.start()
    for _ in range(20):
        await scene.connect()
        await scene.all_taken()
    assert len(few.taken) > 2 * len(many.taken)
    accepted = few.taken[0].get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_what_waits_is_left_to_the_others(scene: Scene) -> None:
    leaving, staying = scene.taker(), scene.taker(held=500)
    leaving.acceptor.start()
    await scene.connect(3)
    leaving.acceptor.stop()
    await scene.connect()
    staying.acceptor.start()
    await scene.all_taken()
    assert len(leaving.taken) <= 3
    assert len(leaving.taken) + len(staying.taken) == 4


async def test_the_unready_take_what_nobody_takes(scene: Scene) -> None:
    unready = scene.taker(ready=False)
    unready.acceptor.start()
    await scene.connect()
    await scene.all_taken()
    ready = scene.taker(held=1000)
    ready.acceptor.start()
    await scene.connect()
    await scene.all_taken()
    assert (len(unready.taken), len(ready.taken)) == (1, 1)


@pytest.mark.parametrize("leaving", [False, True])
async def test_answers_end_their_connection_on_leaving(leaving: bool) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"keep-alive")]})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        raise AssertionError

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await Parting(app, lambda: leaving)({"type": "http"}, receive, send)
    assert sent[0]["headers"] == [(b"connection", b"close" if leaving else b"keep-alive")]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]

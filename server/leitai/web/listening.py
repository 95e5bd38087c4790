"""One port, any number of processes: the listening socket is handed down, and whoever has fewest sockets accepts first.

A socket that belongs to nobody alone keeps its queue of new connections whoever dies. Left to themselves the processes
would take from it by chance (the first to wake takes a crowd), so each waits a moment in proportion to what it holds.
"""

import asyncio
import socket
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BACKLOG = 8192
_AT_ONCE = 32
_WAIT_PER_SOCKET_S = 2e-5
_LONGEST_WAIT_S = 0.02
_NOT_READY_WAIT_S = 0.2
"""A process that is not ready takes what nobody else took within this time: somebody must say that nobody is ready."""


def open_listener(address: tuple[str, int]) -> socket.socket:
    """Return a listening socket; a port in use raises OSError."""
    host, port = address
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted sockets inherit it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def taken_up(descriptor: int) -> socket.socket | None:
    """Return the listening socket that was handed down as `descriptor`; None when it is negative."""
    if descriptor < 0:
        return None
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    return listener


class Acceptor:
    """Takes connections from a listening socket that other processes may take from too."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.BaseProtocol],
        held: Callable[[], int],
        ready: Callable[[], bool],
    ) -> None:
        """`protocol` makes the protocol of a new connection; `held` tells how many this process has."""
        self._listener = listener
        self._protocol = protocol
        self._held = held
        self._ready = ready
        self._loop = asyncio.get_running_loop()
        self._wait: asyncio.TimerHandle | None = None
        self._greetings: set[asyncio.Task[object]] = set()
        self._open = False

    def start(self) -> None:
        """Begin to accept."""
        self._open = True
        self._loop.add_reader(self._listener, self._someone_waits)

    def stop(self) -> None:
        """Accept no more and give this process's hold of the socket up; what waits there is left to the others."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._listener)
            if self._wait is not None:
                self._wait.cancel()
            self._listener.close()

    def _someone_waits(self) -> None:
        self._loop.remove_reader(self._listener)
        wait_s = min(self._held() * _WAIT_PER_SOCKET_S, _LONGEST_WAIT_S) if self._ready() else _NOT_READY_WAIT_S
        self._wait = self._loop.call_later(wait_s, self._take)

    def _take(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                accepted, _ = self._listener.accept()
            except BlockingIOError:
                break
            except OSError:
                # Gone before it was taken, or no descriptor is left: the rest may wait, this process goes on.
                self._wait = self._loop.call_later(_LONGEST_WAIT_S, self._take)
                return
            accepted.setblocking(False)
            greeting = self._loop.create_task(self._greet(accepted))
            self._greetings.add(greeting)
            greeting.add_done_callback(self._greetings.discard)
        self._loop.add_reader(self._listener, self._someone_waits)

    async def _greet(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, accepted)
        except OSError:
            accepted.close()


class Parting:
    """ASGI middleware: while this process takes its leave, every answer over HTTP ends its connection.

    The next request of that client goes to whoever accepts then. Idle connections are left alone, lest one be closed
    in the moment that a request is on its way.
    """

    def __init__(self, app: ASGIApp, leaving: Callable[[], bool]) -> None:
        self._app = app
        self._leaving = leaving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_farewell(message: Message) -> None:
            if message["type"] == "http.response.start" and self._leaving():
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, receive, send_with_farewell if scope["type"] == "http" else send)

"""Handing sockets from process to process: whoever only watches goes to a process of its own.

Thousands of viewers on a contestants' gateway take its time in the very moments in which contestants want it. All come
through one port, so the gateway that accepted a viewer's connection passes it on over a Unix socket, open, with what
was read of it (SCM_RIGHTS, unix(7)). That socket belongs to nobody alone: what lies in it waits while the process at
its other end is started again. Where nobody takes it in time the gateway serves the viewer itself.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple

MOST_BYTES = 64 * 1024
"""Of one upgrade request; uvicorn's own limit is of this size. A longer one would be cut short, and is refused."""
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
PATIENCE_S = 2.0
_LOOK_AGAIN_S = 0.01
_NOT_READY_WAIT_S = 0.05
_AT_ONCE = 32
_REST_S = 0.02


@contextmanager
def open_way() -> Generator[tuple[socket.socket, socket.socket]]:
    """Open a way for the time of the block: the giving and the taking end, for the processes they are handed down to.

    Raises OSError where the platform has no such sockets (they keep the bounds of what is sent).
    """
    giving, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with giving, taking:
        giving.setblocking(False)
        taking.setblocking(False)
        yield giving, taking


class _Waiting(NamedTuple):
    until: float
    transport: asyncio.Transport
    data: bytes
    serve: Callable[[], None]


class Giver:
    """The end of a way at which connections are handed on."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is the giving end of `open_way`, handed down; it is this process's from now on."""
        self._way = socket.socket(fileno=descriptor)
        self._way.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()

    def give(self, transport: asyncio.Transport, data: bytes, serve: Callable[[], None]) -> None:
        """Hand a connection on of which `data` was read; it is closed here, once it has gone, without a word to the
        client. `serve` is called instead, at once or later, where nobody takes it. More data than `MOST_BYTES` is
        answered with `TOO_LARGE`.
        """
        if len(data) > MOST_BYTES:
            transport.write(TOO_LARGE)
            transport.close()
            return
        if not self._waiting:
            gone = self._gone(transport, data)
            if gone is not None:
                if not gone:
                    serve()
                return
        transport.pause_reading()
        self._waiting.append(_Waiting(self._loop.time() + PATIENCE_S, transport, data, serve))
        if len(self._waiting) == 1:
            self._loop.call_later(_LOOK_AGAIN_S, self._again)

    def close(self) -> None:
        """Give this process's end of the way up; whoever waits still, or comes, is served here."""
        self._way.close()

    def _again(self) -> None:
        while self._waiting:
            first = self._waiting[0]
            gone = first.transport.is_closing() or self._gone(first.transport, first.data)
            if gone is None:
                if self._loop.time() < first.until:
                    self._loop.call_later(_LOOK_AGAIN_S, self._again)
                    return
                gone = False
            self._waiting.popleft()
            if not gone:
                first.transport.resume_reading()
                first.serve()

    def _gone(self, transport: asyncio.Transport, data: bytes) -> bool | None:
        """Whether a connection is on its way; None: there is no room just now."""
        try:
            socket.send_fds(self._way, [data], [transport.get_extra_info("socket").fileno()])
        except BlockingIOError:
            return None
        except OSError:
            return False
        # The other end has a descriptor of its own: closing ours ends nothing.
        transport.abort()
        return True


class Taker:
    """The other end: takes connections that were handed on as if it had accepted them."""

    def __init__(
        self, descriptor: int, protocol: Callable[[], asyncio.Protocol], ready: Callable[[], bool] = lambda: True
    ) -> None:
        """`protocol` makes the protocol of a connection, which is given what was read of it; nothing is taken before
        this process is `ready`.
        """
        self._way = socket.socket(fileno=descriptor)
        self._way.setblocking(False)
        self._protocol = protocol
        self._ready = ready
        self._loop = asyncio.get_running_loop()
        self._wait: asyncio.TimerHandle | None = None
        self._greetings: set[asyncio.Task[None]] = set()
        self._open = False

    def start(self) -> None:
        """Begin to take."""
        self._open = True
        self._loop.add_reader(self._way, self._take)

    def stop(self) -> None:
        """Take no more; what lies there is left to a successor."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._way)
            if self._wait is not None:
                self._wait.cancel()
            self._way.close()

    def _take(self) -> None:
        if not self._ready():
            self._rest(_NOT_READY_WAIT_S)
            return
        for _ in range(_AT_ONCE):
            try:
                data, descriptors, _, _ = socket.recv_fds(self._way, MOST_BYTES, 1)
            except BlockingIOError:
                return
            except OSError:
                self._rest(_REST_S)
                return
            # Without a descriptor left it comes without: the client sees a lost connection, and comes again.
            for descriptor in descriptors:
                taken = socket.socket(fileno=descriptor)
                taken.setblocking(False)
                greeting = self._loop.create_task(self._greet(taken, data))
                self._greetings.add(greeting)
                greeting.add_done_callback(self._greetings.discard)

    def _rest(self, seconds: float) -> None:
        self._loop.remove_reader(self._way)
        self._wait = self._loop.call_later(seconds, self._loop.add_reader, self._way, self._take)

    async def _greet(self, taken: socket.socket, data: bytes) -> None:
        try:
            transport, protocol = await self._loop.connect_accepted_socket(self._protocol, taken)
        except OSError:
            taken.close()
            return
        if not transport.is_closing():
            protocol.data_received(data)

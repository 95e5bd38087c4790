"""A line to a server on this machine that a test can cut and mend, as when a cable is pulled and put back."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from leitai.stores.embedded.ports import HeldPort
from tests.support.own_server import ending

_CHUNK = 65_536


class Line:
    """Passes TCP connections on to `target`, a port of the loopback address; `open_line` makes one."""

    def __init__(self) -> None:
        self.target = 0
        # While it is cut nobody else gets its port.
        self._held = HeldPort()
        self.port = self._held.number
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()

    @property
    def origin(self) -> str:
        """The address of the pages through this line."""
        return f"http://127.0.0.1:{self.port}"

    async def mend(self) -> None:
        """Let connections through, at the same port as ever."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Break every connection off and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def end(self) -> None:
        """Cut it for good, and wait until no connection is left of it."""
        self.cut()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with contextlib.AsyncExitStack() as stack:
            task = asyncio.current_task()
            assert task is not None
            self._passing.add(task)
            stack.callback(self._passing.discard, task)
            await self._hold(stack, writer)
            try:
                there_reader, there = await asyncio.open_connection("127.0.0.1", self.target)
            except OSError:
                return
            await self._hold(stack, there)
            if self._server is None:
                return  # cut in the meantime
            await asyncio.gather(self.pour(reader, there, back=False), self.pour(there_reader, writer, back=True))

    async def pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool) -> None:
        """Pass one direction on to its end; `back`: it comes from the server."""
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                if back:
                    self.passed(data)
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    def passed(self, data: bytes) -> None:
        """Take note of what the server sent; a plain line takes none."""

    async def _hold(self, stack: contextlib.AsyncExitStack, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        stack.callback(self._writers.discard, writer)
        await stack.enter_async_context(ending(writer))


@contextlib.asynccontextmanager
async def open_line() -> AsyncGenerator[Line]:
    """A whole line; name its `target` before anybody uses it."""
    line = Line()
    await line.mend()
    try:
        yield line
    finally:
        await line.end()

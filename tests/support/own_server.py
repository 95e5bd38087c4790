"""Connections that a test serves itself: none outlives the test."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(handle: Handle) -> AsyncGenerator[int]:
    """Serve every connection with `handle` on a free port of the loopback address, which this gives.

    After the block no connection comes in any more, those that are open break off, and their handlers have ended.
    """
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            async with ending(writer):
                await handle(reader, writer)
        finally:
            tasks.discard(task)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def ending(*writers: asyncio.StreamWriter) -> AsyncGenerator[None]:
    """Close the connections after the block, and wait until their sockets are closed.

    What was written is still sent, unless the block was cancelled.
    """
    try:
        yield
    except asyncio.CancelledError:
        for writer in writers:
            writer.transport.abort()
        raise
    finally:
        for writer in writers:
            writer.close()
        for writer in writers:
            with contextlib.suppress(OSError):
                await writer.wait_closed()

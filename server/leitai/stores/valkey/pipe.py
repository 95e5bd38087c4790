"""The hot path's client: one connection, every command written at once, replies matched in order.

A pool lends a connection per call and builds several objects for each; measured on this path that cost more than all
the rest of an answer. Here a call is one packed command, one write and one future. What has been sent is never taken
back: a caller that is cancelled leaves its reply to be read and dropped, so that replies cannot slip to the wrong call.

Blocking commands must not be sent here (they would hold up everyone else's replies).
"""

import asyncio
import time
from collections import deque
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import hiredis

from leitai.live.ports import StoreUnavailable

_CONNECT_S = 2.0
_REPLY_S = 10.0
_PASSING = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "BUSY", "UNKILLABLE")


class StoreRefused(Exception):
    """The store answered with an error that repeating would not help; `reply` is its text."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class Pipe:
    """A pipelined connection to the store at `url` (`redis://`, `rediss://`, `unix://`), opened when first needed."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._link: _Link | None = None
        self._opening: asyncio.Task[_Link] | None = None

    async def execute_command(self, *args: Any) -> Any:
        """Send a command and return its reply.

        Raises:
            StoreUnavailable: not connected, lost on the way or loading; whether it was carried out is not known.
            StoreRefused: the store answered with an error.
        """
        link = self._link
        if link is None or link.lost:
            link = await self._open()
        reply = await link.send(hiredis.pack_command(args))
        if isinstance(reply, hiredis.ReplyError):
            text = str(reply)
            if text.startswith(_PASSING):
                raise StoreUnavailable(text)
            raise StoreRefused(text)
        return reply

    async def aclose(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
            self._link = None

    async def _open(self) -> "_Link":
        """Connect once for all who ask at the same time."""
        opening = self._opening
        if opening is None:
            opening = self._opening = asyncio.create_task(self._connect())
            opening.add_done_callback(self._opened)
        try:
            return await asyncio.shield(opening)
        except (OSError, TimeoutError) as error:
            raise StoreUnavailable(str(error)) from error

    def _opened(self, opening: "asyncio.Task[_Link]") -> None:
        self._opening = None
        if not opening.cancelled() and opening.exception() is None:
            self._link = opening.result()

    async def _connect(self) -> "_Link":
        loop = asyncio.get_running_loop()
        url = self._url
        async with asyncio.timeout(_CONNECT_S):
            if url.scheme == "unix":
                path = unquote(url.path)
                _, link = await loop.create_unix_connection(_Link, path)
            else:
                tls = True if url.scheme == "rediss" else None
                _, link = await loop.create_connection(_Link, url.hostname or "127.0.0.1", url.port or 6379, ssl=tls)
            database = parse_qs(url.query).get("db", [url.path.strip("/") if url.scheme != "unix" else ""])[0]
            greetings: list[tuple[Any, ...]] = []
            if url.password:
                user = (unquote(url.username),) if url.username else ()
                greetings.append(("AUTH", *user, unquote(url.password)))
            if database and database != "0":
                greetings.append(("SELECT", database))
            for greeting in greetings:
                reply = await link.send(hiredis.pack_command(greeting))  # pyright: ignore[reportArgumentType]
                if isinstance(reply, hiredis.ReplyError):
                    link.close()
                    raise StoreRefused(str(reply))
        return link


class _Link(asyncio.Protocol):
    """One connection: replies come back to futures in order."""

    def __init__(self) -> None:
        self._reader = hiredis.Reader(replyError=hiredis.ReplyError)
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._watch: asyncio.TimerHandle | None = None
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]

    def send(self, command: bytes) -> "asyncio.Future[Any]":
        """Write a command, together with all others of this turn of the loop; the future is its reply."""
        reply = self._loop.create_future()
        if self.lost or self._transport is None:
            reply.set_exception(StoreUnavailable("the connection was lost"))
            return reply
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(command)
        self._waiting.append((reply, time.monotonic()))
        if self._watch is None:
            self._watch = self._loop.call_later(_REPLY_S / 2, self._look)
        return reply

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            waiting, _ = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._watch is not None:
            self._watch.cancel()
        for waiting, _ in self._waiting:
            if not waiting.done():
                waiting.set_exception(StoreUnavailable(str(exc or "the store closed the connection")))
        self._waiting.clear()

    def close(self) -> None:
        """Close; what waits for a reply fails."""
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if self._transport is not None and not self.lost:
            self._transport.write(b"".join(unsent))

    def _look(self) -> None:
        """Give a store up that has not answered the oldest command in time."""
        self._watch = None
        if not self._waiting:
            return
        if time.monotonic() - self._waiting[0][1] > _REPLY_S and self._transport is not None:
            self._transport.abort()
            return
        self._watch = self._loop.call_later(_REPLY_S / 2, self._look)

"""The hot path's client: one connection, every command written at once, replies matched in order.

A pool lends a connection per call and builds several objects for each; measured on this path that cost more than all
the rest of an answer. Here a call is one packed command, one write and one future. What has been sent is never taken
back: a caller that is cancelled leaves its reply to be read and dropped, so that replies cannot slip to the wrong call.

Blocking commands must not be sent here (they would hold up everyone else's replies).
"""

import asyncio
import time
from collections import deque
from typing import Any, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

import hiredis

from leitai.live.ports import StoreUnavailable

_CONNECT_S = 2.0
_REPLY_S = 10.0
_PASSING = (
    "LOADING",
    "READONLY",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "UNBLOCKED",
    "UNKILLABLE",
    "BUSY",
    # No space on the disk, no memory, no replica: nothing was done.
    "MISCONF",
    "OOM",
    "NOREPLICAS",
    # Ours (lua/): something is lost that a director is to put back; a call lay too long before it was read.
    "SHUT",
    "HELD",
)


_REPLICATION: tuple[Any, ...] = ("INFO", "replication")


class StoreRefused(Exception):
    """The store answered with an error that repeating would not help; `reply` is its text."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class OtherHistory(Exception):
    """The connection leads to another `history` of the store than the caller knows: it was started again, or another
    node was promoted. Nothing was sent."""

    def __init__(self, history: str) -> None:
        super().__init__(history)
        self.history = history


class Pipe:
    """A pipelined connection to the store at `url` (`redis://`, `rediss://`, `unix://`), opened when first needed.

    Each connection knows the **history** of the store that it leads to: the replication id, which changes whenever a
    process starts or is promoted, and with it what the store may have forgotten. It is "" at a replica.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._link: _Link | None = None
        self._opening: asyncio.Task[_Link] | None = None

    async def execute_command(self, *args: Any, on: str | None = None) -> Any:
        """Send a command and return its reply.

        Args:
            args: the command.
            on: the history on which it may be carried out; None: any.

        Raises:
            StoreUnavailable: not connected, lost on the way or loading; whether it was carried out is not known.
            StoreRefused: the store answered with an error.
            OtherHistory: see there.
        """
        link = self._link
        if link is None or link.lost:
            link = await self._open()
        if on is not None and link.history != on:
            raise OtherHistory(link.history)
        reply = await link.send(hiredis.pack_command(args))
        if isinstance(reply, hiredis.ReplyError):
            self._raise(reply, link)
        return reply

    async def execute_in_turn(self, *commands: tuple[Any, ...], on: str | None = None) -> list[Any]:
        """Send commands in one write and return all their replies; raises as `execute_command`, once all are read."""
        link = self._link
        if link is None or link.lost:
            link = await self._open()
        if on is not None and link.history != on:
            raise OtherHistory(link.history)
        waiting = [link.send(hiredis.pack_command(command)) for command in commands]  # pyright: ignore[reportArgumentType]
        replies = await asyncio.gather(*waiting, return_exceptions=True)
        for reply in replies:
            if isinstance(reply, hiredis.ReplyError):
                self._raise(reply, link)
            if isinstance(reply, BaseException):
                raise reply
        return replies

    async def history(self) -> str:
        """Return the history that the connection leads to; raises `StoreUnavailable`."""
        link = self._link
        if link is None or link.lost:
            link = await self._open()
        return link.history

    @property
    def unanswered_s(self) -> float:
        """For how long the oldest command has been waiting for its reply; 0 when none does."""
        return 0.0 if self._link is None else self._link.unanswered_s

    def close(self) -> None:
        """Close the connection; what waits for a reply fails with `StoreUnavailable`. The next command opens anew."""
        if self._link is not None:
            self._link.close()
            self._link = None

    async def aclose(self) -> None:
        """Close the connection for good."""
        if (opening := self._opening) is not None:
            opening.cancel()
            await asyncio.wait({opening})
        self.close()

    def _raise(self, error: hiredis.ReplyError, link: "_Link") -> NoReturn:
        text = str(error)
        if text.startswith("READONLY"):
            # A primary no more: what it was is not to be believed again without asking.
            link.close()
        if text.startswith(_PASSING):
            raise StoreUnavailable(text)
        raise StoreRefused(text)

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
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            raise StoreUnavailable("closed while it was being opened") from None

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
            try:
                await self._greet(link)
            except BaseException:
                link.close()
                raise
        return link

    async def _greet(self, link: "_Link") -> None:
        url = self._url
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
                raise StoreRefused(str(reply))
        link.history = _history(await link.send(hiredis.pack_command(_REPLICATION)))


def _history(info: object) -> str:
    """Return the replication id from what INFO says; "" at a replica, and where INFO is not allowed."""
    lines = info.decode().split("\r\n") if isinstance(info, bytes) else []
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return fields.get("master_replid", "") if fields.get("role") == "master" else ""


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
        self.history = ""

    @property
    def unanswered_s(self) -> float:
        """For how long the oldest command has been waiting for its reply; 0 when none does."""
        return time.monotonic() - self._waiting[0][1] if self._waiting else 0.0

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
        self.lost = True
        if self._transport is not None:
            self._transport.abort()

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

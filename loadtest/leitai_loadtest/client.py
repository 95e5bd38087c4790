"""A contestant for tests, easy to read, over the `websockets` package; written from docs/wire.md alone.

    async with Contestant.sign_in(url, admission_no, code) as someone:
        await someone.hello()
        opened = await someone.expect("open")
        ack = await someone.answer(opened["item"], ["A"])

Messages are dicts as MessagePack says them. Everything received stays in the inbox until an `expect` takes it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from leitai_loadtest.door import Door, socket_url
from leitai_loadtest.seal import unseal

Message = dict[str, Any]
FEED = frozenset({"phase", "timeline", "announcement", "closed"})
WAIT_S = 60.0
"""So long a loaded machine may take for what comes at once on a quiet one."""


class Unexpected(Exception):
    """What was expected did not come; the text lists what did."""


class Contestant:
    """A person's side of the conversation: HTTP through `door`, at most one socket at a time, a journal of answers."""

    def __init__(self, url: str, *, origin: str = "") -> None:
        self.url = url
        self.origin = origin
        self.door = Door(url, origin=origin)
        self.me: dict[str, Any] = {}
        self.welcome: Message = {}
        self.snapshot: Message = {}
        self.paper: dict[str, Any] = {}
        self.epoch = ""
        self.offset = 0
        self.seq = 0
        self.inbox: list[Message] = []
        """What was received and not yet taken by `expect`, in order."""
        self.sent: dict[int, Message] = {}
        """Every answer given, by seq."""
        self.acks: dict[int, Message] = {}
        """The last acknowledgement of each seq."""
        self.close_code: int | None = None
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._arrived = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def sign_in(cls, url: str, admission_no: str, code: str, *, origin: str = "") -> AsyncGenerator["Contestant"]:
        """Sign in over HTTP and hand over the contestant; the socket and the connection are closed at the end."""
        contestant = cls(url, origin=origin)
        try:
            contestant.me = await contestant.door.sign_in(admission_no, code)
            yield contestant
        finally:
            await contestant.leave()

    @classmethod
    @asynccontextmanager
    async def enter(cls, url: str, code: str, *, origin: str = "") -> AsyncGenerator["Contestant"]:
        """Enter as a learner whom the practice's page has handed over; as `sign_in` otherwise."""
        contestant = cls(url, origin=origin)
        try:
            contestant.me = await contestant.door.enter(code)
            yield contestant
        finally:
            await contestant.leave()

    @classmethod
    @asynccontextmanager
    async def viewer(cls, url: str, session: int, *, origin: str = "") -> AsyncGenerator["Contestant"]:
        """Hand over a public viewer of `session`, welcomed."""
        contestant = cls(url, origin=origin)
        try:
            await contestant.connect()
            await contestant.send({"type": "hello", "session": session})
            contestant.welcome = await contestant.expect("welcome")
            yield contestant
        finally:
            await contestant.leave()

    @property
    def unacked(self) -> list[Message]:
        """The answers without an acknowledgement, as `hello` takes them."""
        return [
            {name: answer[name] for name in ("item", "seq", "response")}
            for seq, answer in self.sent.items()
            if seq not in self.acks
        ]

    async def connect(self) -> None:
        """Open a socket, without saying anything on it."""
        self.close_code = None
        self._socket = await connect(
            socket_url(self.url),
            subprotocols=[Subprotocol("leitai.v1")],
            origin=Origin(self.origin) if self.origin else None,
            compression=None,
            proxy=None,
            ping_interval=None,
        )
        self._reader = asyncio.create_task(self._read(self._socket))

    async def hello(self, **members: Any) -> Message:
        """Connect when there is no socket, say hello with a fresh ticket, and return the welcome.

        Members given replace the usual ones (`ticket`, `epoch`, `offset`, `unacked`).
        """
        if self.close_code is not None:
            await self._forget()
        if self._socket is None:
            await self.connect()
        if "ticket" not in members:
            members["ticket"] = await self.door.ticket()
        usual = {"epoch": self.epoch, "offset": self.offset, "unacked": self.unacked}
        await self.send({"type": "hello", **usual, **members})
        self.welcome = await self.expect("welcome")
        return self.welcome

    async def resume(self) -> Message:
        """Come back after a lost connection with the position held and the unacknowledged answers."""
        await self.drop()
        return await self.hello()

    async def send(self, message: Message) -> None:
        """Send any message."""
        await self.send_raw(cast("bytes", msgpack.packb(message)))

    async def send_raw(self, frame: bytes | str) -> None:
        """Send a frame as it is; a text makes a text frame."""
        assert self._socket is not None, "not connected"
        await self._socket.send(frame)

    async def expect(self, kind: str, *, within_s: float = WAIT_S, **members: Any) -> Message:
        """Take the first message of type `kind` with these members out of the inbox, waiting for it if need be."""
        return await self.expect_that(
            lambda message: (
                message.get("type") == kind and all(message.get(name) == value for name, value in members.items())
            ),
            within_s=within_s,
            what=f"{kind} {members or ''}",
        )

    async def expect_that(
        self, fits: Callable[[Message], bool], *, within_s: float = WAIT_S, what: str = "a message"
    ) -> Message:
        """Take the first message that fits; raises `Unexpected` when none comes or the socket closes before."""
        try:
            async with asyncio.timeout(within_s), self._arrived:
                while True:
                    for at, message in enumerate(self.inbox):
                        if fits(message):
                            return self.inbox.pop(at)
                    if self.close_code is not None:
                        raise Unexpected(f"closed with {self.close_code} before {what}; held: {self._held()}")
                    await self._arrived.wait()
        except TimeoutError:
            raise Unexpected(f"no {what} within {within_s} s; held: {self._held()}") from None

    async def expect_close(self, *, within_s: float = WAIT_S) -> int:
        """Wait until the server closes the socket; return the close code (1006 when it was cut)."""
        try:
            async with asyncio.timeout(within_s), self._arrived:
                while self.close_code is None:
                    await self._arrived.wait()
        except TimeoutError:
            raise Unexpected(f"not closed within {within_s} s; held: {self._held()}") from None
        return self.close_code

    async def give(self, item: int, response: list[str], *, seq: int = 0) -> int:
        """Send an answer without waiting for its acknowledgement; return its seq."""
        self.seq = seq or self.seq + 1
        message = {"type": "answer", "item": item, "seq": self.seq, "response": response}
        self.sent[self.seq] = message
        if self._socket is not None:
            await self.send(message)
        return self.seq

    async def answer(self, item: int, response: list[str], *, seq: int = 0) -> Message:
        """Send an answer and return its acknowledgement."""
        return await self.expect("ack", item=item, seq=await self.give(item, response, seq=seq))

    async def begin(self) -> Message:
        """Begin one's own time, where each sitting has a clock of its own."""
        await self.send({"type": "begin"})
        return await self.expect("begun")

    async def probe(self) -> Message:
        """Ask for the clock."""
        await self.send({"type": "probe", "id": 1})
        return await self.expect("clock", id=1)

    async def check_in(self, browser: str = "a test") -> Message:
        """Check in."""
        await self.send({"type": "check_in", "round_trip_us": 900, "clock_offset_us": 0, "browser": browser})
        return await self.expect("checked_in")

    async def watch(self, view: str, page: int = 1, delegation: str = "") -> Message:
        """Watch a page of a board and return its whole frame."""
        await self.send({"type": "watch", "view": view, "page": page, "delegation": delegation})
        return await self.expect("board", view=view, page=page, delegation=delegation)

    async def sealed(self) -> dict[str, Any]:
        """Fetch the sealed paper, once."""
        if not self.paper:
            self.paper = msgpack.unpackb(await self.door.sealed(self.me["session"]))
        return self.paper

    async def unseal(self, opened: Message) -> dict[str, Any]:
        """Return the content of the item that an `open` message opens; raises `BrokenSeal`."""
        paper = await self.sealed()
        entry = next(entry for entry in paper["items"] if entry["item"] == opened["item"])
        return unseal(paper["session"], entry, opened["key"])

    async def drop(self) -> None:
        """Cut the connection without a close frame, as a lost network does."""
        if self._socket is not None:
            self._socket.transport.abort()
        await self._forget()

    async def leave(self) -> None:
        """Close the socket and the HTTP connection."""
        if self._socket is not None:
            await self._socket.close()
        await self._forget()
        self.door.close()

    async def _forget(self) -> None:
        if self._reader is not None:
            await self._reader
        self._socket = self._reader = None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                if isinstance(frame, bytes):
                    await self._take(msgpack.unpackb(frame))
        except ConnectionClosed:
            pass
        finally:
            async with self._arrived:
                self.close_code = socket.close_code or 1006
                self._arrived.notify_all()

    async def _take(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "welcome":
            self.epoch = message["epoch"]
        elif kind == "snapshot":
            self.snapshot = message
            self.offset = message["offset"]
        elif kind in FEED:
            self.offset = message["offset"]
        elif kind == "ack" and message["seq"]:
            self.acks[message["seq"]] = message
        async with self._arrived:
            self.inbox.append(message)
            self._arrived.notify_all()

    def _held(self) -> list[Any]:
        return [message.get("type") for message in self.inbox]

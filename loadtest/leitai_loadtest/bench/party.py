"""Many sockets of one process that answer as told: the same against the server and against the floor."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, cast

import msgpack
from picows import WSFrame, WSListener, WSMsgType, WSParsedURL, WSTransport, ws_connect

from leitai_loadtest.line import HEADERS

ACKS_S = 20.0
CONNECTING_AT_ONCE = 64
_PER_ADDRESS = 8000
_KIND = 6
"""Where the value of `type` begins in a message: after the map's and the member's own bytes."""
_ACK, _OPEN, _TIMELINE, _WELCOME = b"\xa3ack", b"\xa4open", b"\xa8timeline", b"\xa7welcome"
_ACCEPTED = b"\xa8accepted"


class NoAcknowledgement(Exception):
    """Answers were not acknowledged, or openings not received, in time; `missing` says how many."""

    def __init__(self, missing: int) -> None:
        super().__init__(missing)
        self.missing = missing


class Seat(WSListener):
    """One socket, with one answer under way at most."""

    def __init__(self, party: "Party", number: int) -> None:
        super().__init__()
        self._party = party
        self.number = number
        self.transport: WSTransport | None = None
        self.given = 0
        self.sent_s = 0.0
        self.closed = False
        """The server ended it."""
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        now = monotonic()
        payload = frame.get_payload_as_bytes()
        if frame.msg_type != WSMsgType.BINARY:
            if frame.msg_type == WSMsgType.CLOSE:
                transport.disconnect()
        elif payload.startswith(_ACK, _KIND):
            self._party.acked(self, now, payload)
        elif payload.startswith(_OPEN, _KIND):
            self._party.opened(self, payload)
        elif payload.startswith(_TIMELINE, _KIND):
            self._party.timed(payload)
        elif payload.startswith(_WELCOME, _KIND) and not self.welcomed.done():
            self.welcomed.set_result(None)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed = not self._party.leaving
        self._party.lost += self.closed

    def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        assert self.transport is not None
        say(self.transport, message)

    def answer(self) -> None:
        """Give the next answer."""
        item = self._party.item_of(self.given)
        self.given += 1
        self.sent_s = monotonic()
        response = self._party.responses.get(item, ["A"])
        self.say({"type": "answer", "item": item, "seq": self.given, "response": response})


class Party:
    """Seats and what came back to them."""

    def __init__(self, url: str) -> None:
        """`url` is the address of the socket."""
        self.url = url
        self.seats: list[Seat] = []
        self.responses: dict[int, list[str]] = {}
        """What is answered to each item."""
        self.item_of: Callable[[int], int] = lambda _given: 1
        """Which item a seat answers that has given so many answers."""
        self.latencies: list[float] = []
        """Seconds from each answer to its acknowledgement."""
        self.again: Callable[[Seat], bool] = lambda _seat: False
        """Whether a seat answers again as soon as its answer is acknowledged."""
        self.refused = 0
        self.lost = 0
        self.leaving = False
        self.keys: dict[int, bytes] = {}
        self.windows: dict[int, tuple[int, int]] = {}
        self._openings = 0
        self._sent = 0
        self._acks = 0

    # --- what seats report --------------------------------------------------------------------------------------------

    def acked(self, seat: Seat, now: float, payload: bytes) -> None:
        """Take an acknowledgement."""
        self.latencies.append(now - seat.sent_s)
        self._acks += 1
        if _ACCEPTED not in payload:
            self.refused += 1
        if self.again(seat):
            self._sent += 1
            seat.answer()

    def opened(self, seat: Seat, payload: bytes) -> None:
        """Take an opening."""
        self._openings += 1
        if seat.number == 0:
            message = msgpack.unpackb(payload)
            self.keys[message["item"]] = message["key"]

    def timed(self, payload: bytes) -> None:
        """Take a timeline."""
        if not self.windows:
            windows = msgpack.unpackb(payload)["windows"]
            self.windows = {window["item"]: (window["opens_at_us"], window["closes_at_us"]) for window in windows}

    # --- what a scenario asks -----------------------------------------------------------------------------------------

    async def sit(self, *, small_buffer: bool = False) -> Seat:
        """Connect one more seat; source addresses are spread, since an address has no more than 28,000 ports."""
        number = len(self.seats)
        seat = Seat(self, number)
        self.seats.append(seat)

        def bound(_: WSParsedURL) -> socket.socket:
            made = socket.socket()
            if small_buffer:
                # The server's kernel sizes its own buffer by the segments that we take.
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            made.setblocking(False)
            made.bind((f"127.0.0.{1 + number // _PER_ADDRESS}", 0))
            return made

        await ws_connect(
            lambda: seat,
            self.url,
            extra_headers=HEADERS,
            websocket_handshake_timeout=15.0,
            read_buffer_init_size=2048,
            max_frame_size=1 << 20,
            socket_factory=bound,
        )
        return seat

    async def sit_all(self, count: int) -> None:
        """Connect so many seats that need not say anything."""
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def one() -> None:
            async with gate:
                await self.sit()

        await asyncio.gather(*(one() for _ in range(count)))

    def answer(self, seats: Sequence[Seat]) -> None:
        """Let seats answer now."""
        self._sent += len(seats)
        for seat in seats:
            seat.answer()

    async def all_acked(self) -> None:
        """Wait until nothing is under way; raises `NoAcknowledgement`."""
        await self._until(lambda: self._acks >= self._sent, lambda: self._sent - self._acks)

    async def all_opened(self, openings: int) -> None:
        """Wait until everyone has received so many openings in all; raises `NoAcknowledgement`."""
        wanted = openings * len(self.seats)
        await self._until(lambda: self._openings >= wanted, lambda: wanted - self._openings)

    async def timeline(self) -> None:
        """Wait for the windows; raises `NoAcknowledgement`."""
        await self._until(lambda: bool(self.windows), lambda: 1)

    def leave(self) -> None:
        """Close all."""
        self.leaving = True
        for seat in self.seats:
            if seat.transport is not None:
                seat.transport.disconnect()

    async def _until(self, reached: Callable[[], bool], missing: Callable[[], int]) -> None:
        # Without rest: who writes to a socket whose reader sleeps pays for waking it, on a virtual machine as much as
        # for the writing, and the oftener the more slowly it writes. No server wakes contestants' machines.
        try:
            async with asyncio.timeout(ACKS_S):
                while not reached():  # noqa: ASYNC110
                    await asyncio.sleep(0)
        except TimeoutError:
            raise NoAcknowledgement(missing()) from None


def say(transport: WSTransport, message: dict[str, Any]) -> None:
    """Send a message."""
    transport.send(WSMsgType.BINARY, cast("bytes", msgpack.packb(message)))

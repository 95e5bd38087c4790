"""All rooms of one gateway: sockets come in by a ticket, and each round has a room while somebody is there."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from leitai.live.clock import ContestClock, TimeSource
from leitai.live.connection import Link
from leitai.live.ports import StoreUnavailable, TicketRefused
from leitai.live.rooms.connection import RoomConnection
from leitai.live.rooms.room import RESUME_MIN_MS, Room, monotonic_us
from leitai.wire.messages import CloseCode

R = TypeVar("R", bound=Room)

_EMPTY_US = 60_000_000
_JOIN_S = 5.0
_SWEEP_S = 10.0


class RoomHub(ABC, Generic[R]):
    """`web.socket.SocketGateway` for rooms of one kind."""

    def __init__(
        self, decode: Callable[[bytes], Any], most_sockets: int, now_us: Callable[[], int] = monotonic_us
    ) -> None:
        """`decode` reads a client's frame; `now_us` is the monotonic clock. Nothing connects before somebody comes."""
        self.frames_in = 0
        self.frames_out = 0
        self._decode = decode
        self._most_sockets = most_sockets
        self._now_us = now_us
        self._rooms: dict[int, R] = {}
        self._connections: set[RoomConnection] = set()
        self._joining: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.Task[None] | None = None

    @abstractmethod
    async def redeem(self, ticket: str) -> tuple[int, int]:
        """Use a ticket up; return the room's number and the seat there. Raises `live.ports.TicketRefused`."""

    @abstractmethod
    def time_source(self, number: int) -> TimeSource:
        """Return where a room's time comes from."""

    @abstractmethod
    def make(self, number: int, clock: ContestClock) -> R:
        """Return a new room."""

    def open(self, link: Link, now_us: int, locale: str) -> RoomConnection:
        """Take up a new socket."""
        connection = RoomConnection(self, self._decode, link, now_us, locale)
        if len(self._connections) >= self._most_sockets:
            connection.end(CloseCode.MOVED, "store-unavailable", 5_000)
            return connection
        self._connections.add(connection)
        # Whoever says nothing is not kept.
        asyncio.get_running_loop().call_later(_JOIN_S, self._still_out, connection)
        return connection

    def join(self, connection: RoomConnection, ticket: str) -> None:
        """See `Host.join`."""
        task = asyncio.create_task(self._join(connection, ticket))
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)

    def left(self, connection: RoomConnection) -> None:
        """See `Host.left`."""
        self._connections.discard(connection)

    async def stop(self) -> None:
        """Say goodbye to everybody and end."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for task in [*self._joining]:
            task.cancel()
        for room in [*self._rooms.values()]:
            await room.stop()
        for connection in [*self._connections]:
            connection.end(CloseCode.MOVED, "moved", RESUME_MIN_MS)
        self._rooms.clear()

    async def room(self, number: int) -> R:
        """Return a room that has read its log; raises `StoreUnavailable`."""
        room = self._rooms.get(number)
        if room is None:
            clock = ContestClock(self.time_source(number))
            room = self._rooms[number] = self.make(number, clock)
            try:
                await clock.synchronise()
            except BaseException:
                # Whoever came first may also be out of time: nobody is to wait for a room that never starts.
                del self._rooms[number]
                raise
            room.start()
            if self._sweeping is None:
                self._sweeping = asyncio.create_task(self._sweep())
        await room.caught_up.wait()
        return room

    async def _join(self, connection: RoomConnection, ticket: str) -> None:
        try:
            async with asyncio.timeout(_JOIN_S):
                number, seat = await self.redeem(ticket)
                room = await self.room(number)
        except TicketRefused:
            connection.end(CloseCode.REFUSED, "ticket-refused", 0)
        except (StoreUnavailable, TimeoutError):
            connection.end(CloseCode.MOVED, "store-unavailable", 500)
        else:
            if not connection.closed:
                room.enter(connection, seat)

    async def _sweep(self) -> None:
        """Leave rooms that nobody has been in for a while."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            for number, room in [*self._rooms.items()]:
                if room.may_end and self._now_us() - room.emptied_us > _EMPTY_US:
                    del self._rooms[number]
                    await room.stop()

    def _still_out(self, connection: RoomConnection) -> None:
        # Whoever has said hello is let in or told why not, soon enough.
        if not connection.closed and not connection.said_hello:
            connection.end(CloseCode.REFUSED, "ticket-refused", 0)

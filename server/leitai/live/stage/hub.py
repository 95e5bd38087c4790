"""All stages of one gateway: sockets come in by a ticket, and each stage has a room while somebody is there."""

import asyncio
from collections.abc import Callable

from leitai.live.clock import ContestClock
from leitai.live.connection import Link
from leitai.live.ports import StoreUnavailable, TicketRefused
from leitai.live.stage.connection import StageConnection
from leitai.live.stage.ports import StageStreams, StageTickets
from leitai.live.stage.room import RESUME_MIN_MS, Room, StageClock, monotonic_us
from leitai.wire.messages import CloseCode

MOST_SOCKETS = 2_000
"""At one gateway, of all stages: a hall has some dozens."""
_EMPTY_US = 60_000_000
_JOIN_S = 5.0
_SWEEP_S = 10.0


class StageHub:
    """`web.socket.SocketGateway` for stages."""

    def __init__(self, streams: StageStreams, tickets: StageTickets, now_us: Callable[[], int] = monotonic_us) -> None:
        """`now_us` is the monotonic clock. Nothing connects before somebody comes."""
        self.frames_in = 0
        self.frames_out = 0
        self._streams = streams
        self._tickets = tickets
        self._now_us = now_us
        self._rooms: dict[int, Room] = {}
        self._connections: set[StageConnection] = set()
        self._joining: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.Task[None] | None = None

    def open(self, link: Link, now_us: int, locale: str) -> StageConnection:
        """Take up a new socket."""
        connection = StageConnection(self, link, now_us, locale)
        if len(self._connections) >= MOST_SOCKETS:
            connection.end(CloseCode.MOVED, "store-unavailable", 5_000)
            return connection
        self._connections.add(connection)
        # Whoever says nothing is not kept.
        asyncio.get_running_loop().call_later(_JOIN_S, self._still_out, connection)
        return connection

    def join(self, connection: StageConnection, ticket: str) -> None:
        """See `Host.join`."""
        task = asyncio.create_task(self._join(connection, ticket))
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)

    def left(self, connection: StageConnection) -> None:
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

    async def _join(self, connection: StageConnection, ticket: str) -> None:
        try:
            async with asyncio.timeout(_JOIN_S):
                seat = await self._tickets.redeem_stage_ticket(ticket)
                room = await self._room(seat.stage_id)
        except TicketRefused:
            connection.end(CloseCode.REFUSED, "ticket-refused", 0)
        except (StoreUnavailable, TimeoutError):
            connection.end(CloseCode.MOVED, "store-unavailable", 500)
        else:
            if not connection.closed:
                room.enter(connection, seat.team)

    async def _room(self, stage_id: int) -> Room:
        room = self._rooms.get(stage_id)
        if room is None:
            clock = ContestClock(StageClock(self._streams, stage_id))
            room = self._rooms[stage_id] = Room(stage_id, self._streams, clock, self._now_us)
            try:
                await clock.synchronise()
            except BaseException:
                # Whoever came first may also be out of time: nobody is to wait for a room that never starts.
                del self._rooms[stage_id]
                raise
            room.start()
            if self._sweeping is None:
                self._sweeping = asyncio.create_task(self._sweep())
        await room.caught_up.wait()
        return room

    async def _sweep(self) -> None:
        """Leave rooms that nobody has been in for a while."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            for stage_id, room in [*self._rooms.items()]:
                if room.empty and self._now_us() - room.emptied_us > _EMPTY_US:
                    del self._rooms[stage_id]
                    await room.stop()

    def _still_out(self, connection: StageConnection) -> None:
        # Whoever has said hello is let in or told why not, soon enough.
        if not connection.closed and not connection.said_hello:
            connection.end(CloseCode.REFUSED, "ticket-refused", 0)

"""A room at one gateway: who is connected, and a log that is followed.

What a client does is stamped when its frame arrives, and is durable before it is acknowledged. While the store is out
it waits with the moment of its arrival, and is sent again with its true age.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, TypeVar

import structlog

from leitai.live.clock import ContestClock
from leitai.live.ports import StoreUnavailable
from leitai.live.rooms.connection import RoomConnection
from leitai.live.rooms.ports import LONGEST_AGE_US, connected
from leitai.rules.values import Micros
from leitai.wire.messages import CloseCode

T = TypeVar("T")

DELIVERED_LATEST_US = 250_000
"""As with answers: an opening counts as delivered so long after its instant at the latest."""
BELIEVED_AGE_US = 2_000_000
"""As with answers: a frame is believed to have waited so long at most, unless the store failed."""
LOOK_S = 1.0
RESUME_MIN_MS = 200
_log = structlog.get_logger()


def monotonic_us() -> int:
    """Return this process's monotonic clock, by which arrivals are measured."""
    return time.monotonic_ns() // 1000


class Room(ABC):
    """Everything of one round at one gateway."""

    def __init__(self, number: int, clock: ContestClock, now_us: Callable[[], int] = monotonic_us) -> None:
        """`now_us` is the monotonic clock."""
        self.number = number
        self.clock = clock
        self.emptied_us = now_us()
        """Since when nobody is here."""
        self.caught_up = asyncio.Event()
        """The log has been read once."""
        self._now_us = now_us
        self._seats: dict[int, RoomConnection] = {}
        self._watchers: set[RoomConnection] = set()
        self._connected: frozenset[int] = frozenset()
        self._seen_before: frozenset[int] = frozenset()
        self._frame = b""
        self._in_flight: set[Hashable] = set()
        self._moved = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- what a kind of room says of itself ---------------------------------------------------------------------------

    @abstractmethod
    def welcome(self, seat: int) -> bytes:
        """Return the frame that answers a hello."""

    @abstractmethod
    def received(self, connection: RoomConnection, message: Any, arrival_us: int) -> None:
        """Take a message of somebody here that arrived at `arrival_us` of the monotonic clock."""

    @abstractmethod
    async def read(self, *, wait: bool) -> bool:
        """Take what is new in the log, and say whether it follows; `wait` for it for some seconds at most."""

    @abstractmethod
    async def here(self, seats: dict[int, Micros]) -> None:
        """Set down when each seat was connected here last; 0: it has left."""

    @abstractmethod
    async def seen(self) -> dict[int, Micros]:
        """Return when each seat was connected last, at any gateway."""

    @abstractmethod
    def view(self) -> bytes:
        """Return the frame that tells everybody where the room stands."""

    def entered(self, connection: RoomConnection) -> None:
        """Tell somebody who has just been let in what only they are told."""
        del connection

    async def looked(self) -> bool:
        """Look at what else goes on beside the log; whether it changed."""
        return False

    # --- coming and going ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to follow the log."""
        for work in (self._follow(), self._look(), self.clock.keep()):
            self.keep(work)

    async def stop(self) -> None:
        """Say goodbye to everybody and end."""
        for connection in [*self._seats.values(), *self._watchers]:
            connection.end(CloseCode.MOVED, "moved", RESUME_MIN_MS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def empty(self) -> bool:
        """Whether nobody is connected."""
        return not self._seats and not self._watchers

    @property
    def may_end(self) -> bool:
        """Whether the room is of use to nobody."""
        return self.empty

    def enter(self, connection: RoomConnection, seat: int) -> None:
        """Take somebody in; a seat's newest connection is the one that counts."""
        if seat:
            if (before := self._seats.get(seat)) is not None:
                before.end(CloseCode.SUPERSEDED, "superseded", 0)
            self._seats[seat] = connection
            self._moved.set()
        else:
            self._watchers.add(connection)
        connection.entered(self, seat)
        connection.send(self.welcome(seat))
        connection.show(self._frame)
        self.entered(connection)

    def leave(self, connection: RoomConnection) -> None:
        """Take note that a socket is gone."""
        self._watchers.discard(connection)
        if self._seats.get(connection.seat) is connection:
            del self._seats[connection.seat]
            self._moved.set()
        if self.empty:
            self.emptied_us = self._now_us()

    def tell(self) -> None:
        """Tell everybody where the room stands now."""
        self._frame = self.view()
        for connection in [*self._seats.values(), *self._watchers]:
            connection.show(self._frame)

    # --- what clients do, on its way ----------------------------------------------------------------------------------

    def carry(
        self,
        name: Hashable,
        arrival_us: int,
        send: Callable[[int, int], Awaitable[T]],
        done: Callable[[T | None], Awaitable[None] | None],
    ) -> None:
        """Bring something into the log, once for each `name` at a time.

        Args:
            name: what it is; a repetition while it is on its way is dropped.
            arrival_us: when its frame arrived, by the monotonic clock.
            send: gets its age and the store's clock as it is believed to be; may raise `StoreUnavailable`.
            done: gets what `send` returned, or None when it was given up.
        """
        if name in self._in_flight:
            return
        self._in_flight.add(name)
        # It belongs to the room: nobody's disconnect cancels it.
        self.keep(self._carry(name, arrival_us, send, done))

    def elapsed_us(self, connection: RoomConnection, question: int, arrival_us: int) -> int:
        """Return the time since the opening was written to this socket; −1 where it was not, or not to this one."""
        if connection.delivered_question == question and arrival_us >= connection.delivered_us:
            return arrival_us - connection.delivered_us
        return -1

    def delivered(self, connection: RoomConnection, question: int, at_us: int) -> None:
        """Take note that the opening that was due at `at_us` has been written to a socket."""
        connection.delivered_question = question
        connection.delivered_us = min(self._now_us(), at_us + DELIVERED_LATEST_US)

    async def _carry(
        self,
        name: Hashable,
        arrival_us: int,
        send: Callable[[int, int], Awaitable[T]],
        done: Callable[[T | None], Awaitable[None] | None],
    ) -> None:
        wait_s, failed = 0.02, False
        kept: T | None = None
        try:
            while True:
                sent_us = self._now_us()
                age_us = max(sent_us - arrival_us, 0)
                if age_us > LONGEST_AGE_US:
                    break
                try:
                    believed_us = self.clock.at_monotonic_us(sent_us)
                    kept = await send(age_us if failed else min(age_us, BELIEVED_AGE_US), believed_us)
                    break
                except StoreUnavailable:
                    failed = True
                    await asyncio.sleep(wait_s)
                    wait_s = min(wait_s * 2, 0.5)
                except Exception:
                    _log.exception("not_carried", room=self.number)
                    break
            waiting = done(kept)
            if waiting is not None:
                await waiting
        finally:
            self._in_flight.discard(name)

    # --- the log, and who is here -------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            try:
                legal = await self.read(wait=self.caught_up.is_set())
            except StoreUnavailable:
                await asyncio.sleep(0.3)
                continue
            except Exception:
                _log.exception("log_not_read", room=self.number)
                await asyncio.sleep(LOOK_S)
                continue
            self.caught_up.set()
            if not legal:
                # The log stands where it stood: it is not asked without a pause what it says next.
                await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        while True:
            try:
                own = frozenset(self._seats)
                now_us = Micros(self.clock.now_us())
                gone = dict.fromkeys(self._seen_before - own, Micros(0))
                await self.here({**gone, **dict.fromkeys(own, now_us)})
                self._seen_before = own
                here = own | connected(await self.seen(), now_us)
                changed = await self.looked() or here != self._connected
                self._connected = here
                if changed:
                    self.tell()
            except StoreUnavailable:
                pass
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._moved.wait()

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something as long as the room is there."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

"""Long work of many at once, paced: one begins after the other, and while a contest is under way with rests between."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

RESTS = 9
"""So many times as long as a turn took nobody has the next one. What follows a turn (the database's work for it, the
answer) takes about three times as long as the turn itself, so that the office and the database do it on a third of one
processor, and 32 provinces that check and upload their lists still wait some seconds."""
LONGEST_REST_S = 0.5
"""However long a turn took: a hundred of them are not to take minutes."""


class Pacing:
    """Turns in the order in which they are asked for. Belongs to one event loop.

    Args:
        under_way: whether a contest is under way, so that there are rests.
        clock: seconds, never going back.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        under_way: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._under_way = under_way
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._rests_until_s = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for a turn, and have it for the block."""
        async with self._turn:
            if self._under_way():
                await self._sleep(max(0.0, self._rests_until_s - self._clock()))
            began_s = self._clock()
            try:
                yield
            finally:
                ended_s = self._clock()
                self._rests_until_s = ended_s + min(RESTS * (ended_s - began_s), LONGEST_REST_S)

"""Who has not said hello, whose turn it is to be pinged, and who did not answer: each looked at when it is due.

Every wait here has one length, so that queues in order of coming are in order of what is due, and a look costs what is
due rather than what is connected. Moments are rounded up to tenths of a second and said once for all who share one.
"""

from collections import deque

from leitai.live.connection import Connection, Stage
from leitai.wire.messages import CloseCode

HELLO_WITHIN_US = 5_000_000
PING_EVERY_US = 45_000_000
PONG_WITHIN_US = 20_000_000
_FEWEST_PINGS = 32
_LOOKS_IN_A_ROUND = PING_EVERY_US // 1_000_000 - 5
"""With a look a second, a crowd that came in one second is spread over most of a round."""

_GRAIN_US = 100_000


class _Queue:
    """Connections in order of the moments when they are due."""

    def __init__(self) -> None:
        self._moments: deque[tuple[int, list[Connection]]] = deque()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, due_us: int, connection: Connection) -> None:
        """Add one that is due no earlier than all before it."""
        due_us = -(-due_us // _GRAIN_US) * _GRAIN_US
        if not self._moments or self._moments[-1][0] < due_us:
            self._moments.append((due_us, []))
        self._moments[-1][1].append(connection)
        self._size += 1

    def take(self, now_us: int, most: int = 1_000_000) -> list[Connection]:
        """Take at most so many of those that are due."""
        taken: list[Connection] = []
        while len(taken) < most and self._moments and self._moments[0][0] <= now_us:
            connections = self._moments[0][1]
            room = most - len(taken)
            taken += connections[:room]
            del connections[:room]
            if not connections:
                self._moments.popleft()
        self._size -= len(taken)
        return taken


class Vigil:
    """Watches over all connections of one gateway."""

    def __init__(self) -> None:
        self._greeting = _Queue()
        self._resting = _Queue()
        self._pinged = _Queue()

    def add(self, connection: Connection, now_us: int) -> None:
        """Begin to watch a connection that was just opened."""
        self._greeting.add(now_us + HELLO_WITHIN_US, connection)

    def look(self, now_us: int) -> None:
        """Close whoever is overdue and ping those whose turn it is."""
        for connection in self._greeting.take(now_us):
            if connection.stage is Stage.OPENED:
                connection.end(CloseCode.REFUSED, "hello-expected", 0)
            else:
                self._rest(connection, now_us)
        for connection in self._pinged.take(now_us):
            if connection.expects_pong_us:
                connection.end(CloseCode.SLOW, "slow-client", 500)
            else:
                self._rest(connection, now_us)
        most = max(_FEWEST_PINGS, -(-len(self._resting) // _LOOKS_IN_A_ROUND))
        for connection in self._resting.take(now_us, most):
            if connection.stage is not Stage.CLOSED and connection.link.ping():
                connection.expects_pong_us = now_us
                self._pinged.add(now_us + PONG_WITHIN_US, connection)

    def _rest(self, connection: Connection, now_us: int) -> None:
        if connection.stage is not Stage.CLOSED:
            self._resting.add(now_us + PING_EVERY_US - PONG_WITHIN_US, connection)

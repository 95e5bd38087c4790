"""Who has not said hello, whose turn it is to be pinged, and who did not answer: each looked at when it is due.

Every wait here has one length, so that queues in order of coming are in order of what is due, and a look costs what is
due rather than what is connected.
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

_Queue = deque[tuple[int, Connection]]


class Vigil:
    """Watches over all connections of one gateway."""

    def __init__(self) -> None:
        self._greeting: _Queue = deque()
        self._resting: _Queue = deque()
        self._pinged: _Queue = deque()

    def add(self, connection: Connection) -> None:
        """Begin to watch a connection that was just opened."""
        self._greeting.append((connection.opened_us + HELLO_WITHIN_US, connection))

    def look(self, now_us: int) -> None:
        """Close whoever is overdue and ping those whose turn it is."""
        for connection in _due(self._greeting, now_us):
            if connection.stage is Stage.OPENED:
                connection.end(CloseCode.REFUSED, "hello-expected", 0)
            else:
                self._rest(connection, now_us)
        for connection in _due(self._pinged, now_us):
            if connection.expects_pong_us:
                connection.end(CloseCode.SLOW, "slow-client", 500)
            else:
                self._rest(connection, now_us)
        most = max(_FEWEST_PINGS, -(-len(self._resting) // _LOOKS_IN_A_ROUND))
        for connection in _due(self._resting, now_us, most):
            if connection.stage is not Stage.CLOSED and connection.link.ping():
                connection.expects_pong_us = now_us
                self._pinged.append((now_us + PONG_WITHIN_US, connection))

    def _rest(self, connection: Connection, now_us: int) -> None:
        if connection.stage is not Stage.CLOSED:
            self._resting.append((now_us + PING_EVERY_US - PONG_WITHIN_US, connection))


def _due(queue: _Queue, now_us: int, most: int = 1_000_000) -> list[Connection]:
    due: list[Connection] = []
    while queue and queue[0][0] <= now_us and len(due) < most:
        due.append(queue.popleft()[1])
    return due

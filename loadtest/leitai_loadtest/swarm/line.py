"""One WebSocket to the contest, blocking, over the client of the `websockets` package (docs/wire.md, Frames)."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

import msgpack
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

OPEN_S = 30.0
CLOSE_S = 2.0


class Line:
    """An open socket; `open_line` makes one. Methods raise websockets' ConnectionClosed once it is gone."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._connection.send(cast("bytes", msgpack.packb(message)))

    def hear(self, within_s: float) -> bytes:
        """Return the next frame; raises TimeoutError when none comes within so many seconds."""
        frame = self._connection.recv(within_s)
        return frame if isinstance(frame, bytes) else frame.encode()

    def drop(self) -> None:
        """Cut the connection without a word, as a lost network does."""
        self._connection.socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def open_line(url: str, source: str = "", path: str = "/live") -> Generator[Line]:
    """Connect to a live socket of the server at `url` from the address `source` (empty: any).

    Raises OSError, or websockets' InvalidHandshake when the server refuses.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connection = connect(
        f"{'wss' if secure else 'ws'}://{parts.netloc}{path}",
        sock=socket.create_connection(
            (parts.hostname or "127.0.0.1", parts.port or (443 if secure else 80)),
            OPEN_S,
            (source, 0) if source else None,
        ),
        subprotocols=[Subprotocol("leitai.v1")],
        compression=None,
        proxy=None,
        open_timeout=OPEN_S,
        close_timeout=CLOSE_S,
        ping_interval=None,
        max_queue=None,
    )
    with connection as connected:
        connected.socket.settimeout(None)
        yield Line(connected)

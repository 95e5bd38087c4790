"""Simulated viewers: anonymous sockets that watch a page of a board and note when each of its frames arrives.

Frames are known again by their bytes: thousands of viewers get the same ones.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

import msgpack
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from leitai_loadtest.crowd import Crowd
from leitai_loadtest.figures import milliseconds, percentile, spread
from leitai_loadtest.line import HEADERS, WELCOME_S

_ON_ARRIVAL = (b"welcome", b"snapshot", b"board")
_PER_ADDRESS = 20_000
PAGES: tuple[tuple[str, int, str], ...] = (("individuals", 1, ""), ("delegations", 1, ""), ("province", 1, "110000"))


@dataclass(slots=True)
class Seen:
    """A frame of moves: the page they are of, and when it reached its viewers."""

    page: int
    arrivals_s: list[float]


class Boards:
    """Boards as all viewers saw them."""

    def __init__(self) -> None:
        self.frames = 0
        """Frames of moves."""
        self.bytes = 0
        """Of every frame with what WebSocket adds, but for what a viewer is given on arrival."""
        self.viewer_seconds = 0.0
        """How long viewers were connected, all together."""
        self.seen: dict[bytes, Seen] = {}

    def take(self, payload: bytes, now: float) -> None:
        """Note a frame of any kind."""
        size = len(payload)
        if payload.startswith(_ON_ARRIVAL, 7):
            return
        self.bytes += size + (2 if size < 126 else 4)
        if payload.startswith(b"moves", 7):
            self.frames += 1
            seen = self.seen.get(payload)
            if seen is None:
                seen = self.seen[payload] = Seen(msgpack.unpackb(payload)["number"], [])
            seen.arrivals_s.append(now)

    def lags(self, closings_s: Iterable[float]) -> list[float]:
        """Return, for each closing of an item, page and viewer, how long the page's next move took to arrive."""
        moves = sorted(self.seen.values(), key=lambda seen: seen.arrivals_s[0])
        lags: list[float] = []
        for closed_s in closings_s:
            following: dict[int, Seen] = {}
            for seen in moves:
                if seen.arrivals_s[0] > closed_s:
                    following.setdefault(seen.page, seen)
            lags += [arrived_s - closed_s for seen in following.values() for arrived_s in seen.arrivals_s]
        return lags

    def figures(self, closings_s: Iterable[float]) -> dict[str, Any]:
        """Return what came to a viewer, how far apart viewers got the same, and how long boards took after closings."""
        lags = self.lags(closings_s)
        return {
            "board_frames": self.frames,
            "board_spread_ms_p99": milliseconds(
                percentile([spread(each.arrivals_s) for each in self.seen.values()], 0.99)
            ),
            "board_lag_ms_p50": milliseconds(percentile(lags, 0.5)),
            "board_lag_ms_p99": milliseconds(percentile(lags, 0.99)),
            "viewer_bytes_per_s": round(self.bytes / max(self.viewer_seconds, 1e-9), 1),
        }


class Viewer(WSListener):
    """One viewer's connection."""

    def __init__(self, crowd: Crowd, boards: Boards, number: int, connecting: asyncio.Semaphore) -> None:
        """`connecting` lets so many viewers connect at once."""
        super().__init__()
        self._crowd = crowd
        self._boards = boards
        self._view, self._page, self._delegation = PAGES[number % len(PAGES)]
        self._number = number
        self._connecting = connecting
        self._transport: WSTransport | None = None
        self._since_s = 0.0
        self.arrived = asyncio.Event()
        """Set when a page was shown."""

    async def watch(self) -> None:
        """Connect and watch; come back when the connection is lost, until the crowd leaves."""
        while not self._crowd.leaving:
            try:
                async with self._connecting:
                    transport, _ = await ws_connect(
                        lambda: self,
                        self._crowd.board_url,
                        extra_headers=HEADERS,
                        read_buffer_init_size=4096,
                        websocket_handshake_timeout=WELCOME_S,
                        **self._from_address(),
                    )
                await transport.wait_disconnected()
            except Exception as error:  # picows raises its own kinds for a handshake that went wrong
                self._crowd.counts[f"viewer {type(error).__name__}"] += 1
            await asyncio.sleep(0.5 + self._number % 16 / 16)

    def _from_address(self) -> dict[str, Any]:
        """Return another loopback address to come from for every so many viewers: each has only so many ports."""
        host = urlsplit(self._crowd.board_url).hostname
        return {"local_addr": (f"127.0.0.{2 + self._number // _PER_ADDRESS}", 0)} if host == "127.0.0.1" else {}

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._since_s = monotonic()
        _say(transport, {"type": "hello", "session": self._crowd.session})

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        now = monotonic()
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type == WSMsgType.BINARY:
            payload = frame.get_payload_as_bytes()
            self._boards.take(payload, now)
            if payload.startswith(b"welcome", 7):
                page = {"view": self._view, "page": self._page, "delegation": self._delegation}
                _say(transport, {"type": "watch", **page})
            elif payload.startswith(b"board", 7):
                self.arrived.set()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self._boards.viewer_seconds += monotonic() - self._since_s

    def leave(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.disconnect()


def _say(transport: WSTransport, message: dict[str, Any]) -> None:
    transport.send(WSMsgType.BINARY, cast("bytes", msgpack.packb(message)))

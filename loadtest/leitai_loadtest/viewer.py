"""Simulated viewers: anonymous sockets that watch a page of a board and note when each of its frames arrives."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast

import msgpack
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from leitai_loadtest.crowd import Crowd
from leitai_loadtest.figures import milliseconds, percentile
from leitai_loadtest.line import HEADERS

PAGES: tuple[tuple[str, int, str], ...] = (("individuals", 1, ""), ("delegations", 1, ""), ("province", 1, "110000"))


@dataclass(slots=True)
class Seen:
    """A board frame: the page it is of, and when it reached the first and the last viewer."""

    page: tuple[str, int, str]
    moves: bool
    """It has rows, so the board moved."""
    first_s: float
    last_s: float


class Boards:
    """Board frames as all viewers saw them; a frame is known again by its bytes."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.seen: dict[bytes, Seen] = {}

    def take(self, payload: bytes, now: float) -> None:
        """Note a frame."""
        self.frames += 1
        self.bytes += len(payload)
        seen = self.seen.get(payload)
        if seen is None:
            board = msgpack.unpackb(payload)
            page = (board["view"], board["page"], board["delegation"])
            self.seen[payload] = Seen(page, bool(board["rows"]), now, now)
        else:
            seen.last_s = now

    def lags(self, closings_s: Iterable[float]) -> list[float]:
        """Return, for each closing of an item and each page, how long the page's next move took to the last viewer."""
        moves = sorted((seen for seen in self.seen.values() if seen.moves), key=lambda seen: seen.first_s)
        lags: list[float] = []
        for closed_s in closings_s:
            following: dict[tuple[str, int, str], float] = {}
            for seen in moves:
                if seen.first_s > closed_s:
                    following.setdefault(seen.page, seen.last_s - closed_s)
            lags += following.values()
        return lags

    def figures(self, closings_s: Iterable[float]) -> dict[str, Any]:
        """Return how much came, how far apart viewers got the same frame, and how long boards took after closings."""
        spreads = [seen.last_s - seen.first_s for seen in self.seen.values()]
        return {
            "board_frames": self.frames,
            "board_bytes": self.bytes,
            "board_spread_ms_p99": milliseconds(percentile(spreads, 0.99)),
            "board_lag_ms_p99": milliseconds(percentile(self.lags(closings_s), 0.99)),
        }


class Viewer(WSListener):
    """One viewer's connection."""

    def __init__(self, crowd: Crowd, boards: Boards, number: int) -> None:
        super().__init__()
        self._crowd = crowd
        self._boards = boards
        self._view, self._page, self._delegation = PAGES[number % len(PAGES)]
        self._number = number
        self._transport: WSTransport | None = None

    async def watch(self) -> None:
        """Connect and watch; come back when the connection is lost, until the crowd leaves."""
        while not self._crowd.leaving:
            try:
                transport, _ = await ws_connect(
                    lambda: self, self._crowd.socket_url, extra_headers=HEADERS, read_buffer_init_size=4096
                )
                await transport.wait_disconnected()
            except Exception as error:  # picows raises its own kinds for a handshake that went wrong
                self._crowd.counts[f"viewer {type(error).__name__}"] += 1
            await asyncio.sleep(0.5 + self._number % 16 / 16)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        _say(transport, {"type": "hello", "session": self._crowd.session})

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        now = monotonic()
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type == WSMsgType.BINARY:
            payload = frame.get_payload_as_bytes()
            if b"\xa5board" in payload[:16]:
                self._boards.take(payload, now)
            elif b"\xa7welcome" in payload[:16]:
                page = {"view": self._view, "page": self._page, "delegation": self._delegation}
                _say(transport, {"type": "watch", **page})

    def leave(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.disconnect()


def _say(transport: WSTransport, message: dict[str, Any]) -> None:
    transport.send(WSMsgType.BINARY, cast("bytes", msgpack.packb(message)))

"""What boards weigh: a viewer of each kind of page beside the same pages as JSON over HTTP."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

import msgpack
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from leitai_loadtest.bench.house import House
from leitai_loadtest.bench.party import say
from leitai_loadtest.bench.rows import Row
from leitai_loadtest.door import Door, socket_url
from leitai_loadtest.line import HEADERS
from leitai_loadtest.viewer import PAGES

MOST_OF_JSON = 0.1
MOST_PER_S = 300
_FRAME_HEAD = {True: 2, False: 4}
"""Bytes of a WebSocket frame's head by whether its payload is shorter than 126 (RFC 6455, 5.2)."""
_ADDRESSES = {
    "individuals": "individuals?page=1",
    "delegations": "delegations",
    "province": "provinces/110000?page=1",
}


@dataclass(slots=True)
class Tally:
    """What one viewer received."""

    moves: int = 0
    delta_bytes: int = 0
    json_bytes: int = 0
    """Of the same pages, whole, after the same moves."""
    all_bytes: int = 0
    asking: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])


class Watcher(WSListener):
    """One viewer."""

    def __init__(self, watch: "Watch", page: tuple[str, int, str]) -> None:
        super().__init__()
        self._watch = watch
        self.page = page
        self.tally = Tally()
        self._has_page = False
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        say(transport, {"type": "hello", "session": self._watch.house.session})

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if frame.msg_type != WSMsgType.BINARY:
            return
        self.tally.all_bytes += len(payload) + _FRAME_HEAD[len(payload) < 126]
        message: dict[str, Any] = msgpack.unpackb(payload)
        if message["type"] == "welcome":
            view, page, delegation = self.page
            say(transport, {"type": "watch", "view": view, "page": page, "delegation": delegation})
        elif message["type"] == "board" and not self._has_page:
            self._has_page = True
        elif message["type"] in ("board", "moves"):
            self.tally.moves += 1
            self.tally.delta_bytes += len(payload) + _FRAME_HEAD[len(payload) < 126]
            self.tally.asking.append(asyncio.create_task(self._weigh_json()))

    async def _weigh_json(self) -> None:
        path = f"/api/sessions/{self._watch.house.session}/boards/{_ADDRESSES[self.page[0]]}"
        door = Door(self._watch.house.url)
        with contextlib.closing(door):
            self.tally.json_bytes += len((await door.http.get(path)).body)


class Watch:
    """A viewer of each kind of page, from `begin` to `end`."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._watchers = [Watcher(self, page) for page in PAGES]
        self._since_s = 0.0
        self._before = 0
        self._seconds = 1.0

    @classmethod
    async def begin(cls, house: House) -> "Watch":
        """Connect the viewers."""
        watch = cls(house)
        for watcher in watch._watchers:
            await ws_connect(partial(_itself, watcher), socket_url(house.url, "/live/board"), extra_headers=HEADERS)
        return watch

    def running(self) -> None:
        """The first item opens: bytes per second count from here."""
        self._since_s = monotonic()
        self._before = self._all_bytes()

    async def end(self) -> None:
        """Stop watching, once the pages as JSON are weighed."""
        self._seconds = monotonic() - self._since_s
        for watcher in self._watchers:
            if watcher.transport is not None:
                watcher.transport.disconnect()
            await asyncio.gather(*watcher.tally.asking)

    def rows(self) -> list[Row]:
        """Return a row for each kind of page, and what a viewer receives in a second."""
        found = [self._page_row(watcher) for watcher in self._watchers]
        per_s = round((self._all_bytes() - self._before) / len(self._watchers) / self._seconds, 1)
        return [*found, self._rate_row(per_s)]

    def _page_row(self, watcher: Watcher) -> Row:
        view, tally = watcher.page[0], watcher.tally
        share = tally.delta_bytes / max(1, tally.json_bytes)
        return Row(
            f"board delta, {view}",
            "move",
            floor=round(tally.json_bytes / max(1, tally.moves)),
            ratio=round(share, 3),
            of="bytes",
            bytes=round(tally.delta_bytes / max(1, tally.moves)),
            target=f"≤ {MOST_OF_JSON:g} × JSON",
            met=share <= MOST_OF_JSON if tally.moves else None,
            figures={"moves": tally.moves},
        )

    def _rate_row(self, per_s: float) -> Row:
        return Row("boards to a viewer", "second", bytes=per_s, target=f"≤ {MOST_PER_S} B/s", met=per_s <= MOST_PER_S)

    def _all_bytes(self) -> int:
        return sum(watcher.tally.all_bytes for watcher in self._watchers)


def _itself(watcher: Watcher) -> WSListener:
    return watcher

"""One connection of a simulated contestant, over picows: frames in as they arrive, messages out at once."""

import asyncio
from time import monotonic
from typing import Any, Protocol, cast

import msgpack
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

WELCOME_S = 15.0
HEADERS = {"Sec-WebSocket-Protocol": "leitai.v1"}


class Ear(Protocol):
    """Whom a line serves."""

    def hear(self, line: "Line", payload: bytes, now: float) -> None:
        """Take a frame that arrived at `now` (monotonic)."""
        ...

    def lost(self, line: "Line") -> None:
        """Take note that the connection is gone."""
        ...


class Line(WSListener):
    """One connection of a contestant."""

    def __init__(self, ear: Ear) -> None:
        super().__init__()
        self._ear = ear
        self.transport: WSTransport | None = None
        self.close_code = 1006
        self.resume_after_ms = 0
        self.welcomed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, ear: Ear, url: str) -> "Line":
        """Connect to the live socket at `url`; raises what picows raises when that fails."""
        _, listener = await ws_connect(
            lambda: cls(ear),
            url,
            extra_headers=HEADERS,
            websocket_handshake_timeout=WELCOME_S,
            read_buffer_init_size=2048,
            max_frame_size=1 << 20,
        )
        return cast("Line", listener)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        now = monotonic()
        payload = frame.get_payload_as_bytes()
        if frame.msg_type == WSMsgType.BINARY:
            self._ear.hear(self, payload, now)
        elif frame.msg_type == WSMsgType.CLOSE:
            if len(payload) >= 2:
                self.close_code = int.from_bytes(payload[:2], "big")
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.welcomed.done():
            self.welcomed.set_result(False)
        self._ear.lost(self)

    def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        if self.transport is not None:
            self.transport.send(WSMsgType.BINARY, cast("bytes", msgpack.packb(message)))

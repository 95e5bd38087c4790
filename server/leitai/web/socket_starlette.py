"""The second driver: a plain Starlette WebSocketRoute on uvicorn's `websockets-sansio`.

For platforms without picows wheels, and the reference the default driver is compared with. It costs a task and a queue
per connection, and does not measure round trips (the server answers pings below ASGI).
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from leitai.web.doors import WebSettings
from leitai.web.socket import HIGH_WATER_BYTES, Conversation, SocketGateway, Sockets, gateway_at, locale_of, refusal
from leitai.wire.messages import SUBPROTOCOL

_GONE = (WebSocketDisconnect, RuntimeError, OSError)


class _Socket:
    """The connection's link: frames wait here until the sender writes them."""

    def __init__(self, gateway: SocketGateway, websocket: WebSocket) -> None:
        self._gateway = gateway
        self._websocket = websocket
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self.connection: Conversation | None = None

    def send(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._bytes += len(frame)
        self._gateway.frames_out += 1
        if self._bytes > HIGH_WATER_BYTES and self.connection is not None:
            self.connection.writing_paused(time.monotonic_ns() // 1000)
        self._wake.set()

    def send_many(self, frames: Sequence[bytes]) -> None:
        for frame in frames:
            self.send(frame)

    def close(self, code: int, reason: str) -> None:
        self._closing = (code, reason)
        self._wake.set()

    def unsent(self) -> int:
        return self._bytes

    def ping(self) -> bool:
        return False

    async def write(self) -> None:
        """Write frames until closed or gone."""
        try:
            while True:
                while self._frames:
                    frame = self._frames.popleft()
                    await self._websocket.send_bytes(frame)
                    self._bytes -= len(frame)
                connection = self.connection
                if connection is not None and connection.stalled_us:
                    connection.writing_resumed()
                if self._closing is not None:
                    await self._websocket.close(*self._closing)
                    return
                self._wake.clear()
                await self._wake.wait()
        except _GONE:
            return


def websocket_routes(sockets: Sockets, settings: WebSettings) -> list[WebSocketRoute]:
    """Return the routes to add to the application."""

    async def serve(websocket: WebSocket) -> None:
        gateway = gateway_at(websocket.url.path, sockets)
        status = refusal(websocket.url.path, websocket.headers, settings, sockets)
        if status or gateway is None:
            # Closing before accepting is answered with 403.
            await websocket.close()
            return
        offered: list[str] = websocket.scope.get("subprotocols", [])
        await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
        socket = _Socket(gateway, websocket)
        connection = gateway.open(socket, time.monotonic_ns() // 1000, locale_of(websocket.headers))
        socket.connection = connection
        writer = asyncio.create_task(socket.write())
        try:
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                frame: bytes | None = message.get("bytes")
                if frame is None:
                    connection.received_text()
                else:
                    gateway.frames_in += 1
                    connection.received(frame, time.monotonic_ns() // 1000)
        except _GONE:
            pass
        finally:
            connection.lost(time.monotonic_ns() // 1000)
            writer.cancel()

    return [WebSocketRoute(path, serve) for path in sockets]

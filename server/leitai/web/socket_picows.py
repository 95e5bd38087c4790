"""The default driver: uvicorn hands WebSocket upgrades to picows on the same port.

uvicorn builds its `ws` class for every upgrade, calls `connection_made`, feeds it the upgrade request and makes it the
transport's protocol. Before that `Arriving` looks at how a connection begins, so that one that begins with the upgrade
never costs an HTTP protocol. The constructor of picows' `WSProtocol` is not public: both packages are pinned to a minor
version, and this file is the whole seam.
"""

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from multidict import CIMultiDict
from picows import (
    WSAutoPingStrategy,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # pyright: ignore[reportAttributeAccessIssue]
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from leitai.web.doors import WebSettings
from leitai.web.handing import Giver
from leitai.web.socket import (
    BOARD_PATH,
    HIGH_WATER_BYTES,
    PATH,
    Conversation,
    SocketGateway,
    Sockets,
    gateway_at,
    locale_of,
    refusal,
)
from leitai.wire.messages import MAX_CLIENT_FRAME_BYTES, SUBPROTOCOL, CloseCode

_READ_BUFFER_BYTES = 2048
_MAX_FRAME_BYTES = 4 * MAX_CLIENT_FRAME_BYTES
"""Larger frames are refused by picows itself; up to here the connection says why before it closes."""
_CLOSE_WITHIN_S = 2.0
_COPIED_BYTES = 1000
"""picows copies a frame into a buffer of its own that grows to the largest frame and stays; larger ones go past it."""
_BINARY = WSMsgType.BINARY
_BOARD = tuple(f"GET {BOARD_PATH}{end}".encode() for end in " ?")
_UPGRADE = (*(f"GET {PATH}{end}".encode() for end in " ?"), *_BOARD)
_FORGOTTEN: CIMultiDict[str] = CIMultiDict()


def _head(frame: bytes) -> bytes:
    """Return the head of a whole, unmasked binary frame (RFC 6455, 5.2)."""
    size = len(frame)
    if size < 126:
        return bytes((0x82, size))
    if size < 65536:
        return b"\x82\x7e" + size.to_bytes(2, "big")
    return b"\x82\x7f" + size.to_bytes(8, "big")


class _Silent:
    """picows makes a Logger for every connection that is given one, at the cost of a kilobyte each."""

    def isEnabledFor(self, _level: int) -> bool:  # noqa: N802 - logging's own name
        return False

    def _ignore(self, *_args: Any, **_kwargs: Any) -> None: ...

    debug = info = warning = error = exception = log = _ignore


class _Socket(WSListener):
    """One socket: frames in to the connection, and the connection's link out."""

    __slots__ = ("_connection", "_gateway", "_parts", "_transport")

    def __init__(self, gateway: SocketGateway) -> None:
        self._gateway = gateway
        self._transport: WSTransport | None = None
        self._connection: Conversation | None = None
        self._parts: bytearray | None = None

    # --- in: picows' listener ---

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        request = transport.request
        self._connection = self._gateway.open(self, time.monotonic_ns() // 1000, locale_of(request.headers))
        # It has been judged, and would stay as long as the socket.
        request.method = request.path = request.version = b""
        request.headers = _FORGOTTEN
        transport.underlying_transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        connection = self._connection
        if connection is None:
            return
        kind = frame.msg_type
        if kind == _BINARY and frame.fin:
            self._gateway.frames_in += 1
            connection.received(frame.get_payload_as_bytes(), time.monotonic_ns() // 1000)
        elif kind == WSMsgType.PONG:
            connection.pong(time.monotonic_ns() // 1000)
        elif kind == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif kind == WSMsgType.TEXT:
            connection.received_text()
        else:
            self._fragment(connection, frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._connection is not None:
            self._connection.lost(time.monotonic_ns() // 1000)
            self._connection = None

    def pause_writing(self) -> None:
        if self._connection is not None:
            self._connection.writing_paused(time.monotonic_ns() // 1000)

    def resume_writing(self) -> None:
        if self._connection is not None:
            self._connection.writing_resumed()

    # --- out: live's Link ---

    def send(self, frame: bytes) -> None:
        if self._transport is not None:
            if len(frame) > _COPIED_BYTES:
                self.send_many((frame,))
            else:
                self._gateway.frames_out += 1
                self._transport.send(_BINARY, frame)

    def send_many(self, frames: Sequence[bytes]) -> None:
        transport = self._transport
        if transport is None or transport.is_close_frame_sent or transport.is_disconnected:
            return
        self._gateway.frames_out += len(frames)
        # picows writes straight to the socket unless the transport holds unsent bytes, so order is kept.
        transport.underlying_transport.write(b"".join([part for frame in frames for part in (_head(frame), frame)]))

    def close(self, code: int, reason: str) -> None:
        transport = self._transport
        if transport is None:
            return
        transport.send_close(code, reason.encode()[:120])  # pyright: ignore[reportArgumentType]
        # The client's own close ends it; a client that does not answer is not waited for.
        asyncio.get_running_loop().call_later(_CLOSE_WITHIN_S, transport.disconnect, False)

    def unsent(self) -> int:
        return self._transport.underlying_transport.get_write_buffer_size() if self._transport else 0

    def ping(self) -> bool:
        if self._transport is not None:
            self._transport.send_ping()
        return True

    def _fragment(self, connection: Conversation, frame: WSFrame) -> None:
        """Join a message that came in pieces; browsers send none of this size so."""
        if frame.msg_type == _BINARY:
            self._parts = bytearray()
        if self._parts is None:
            connection.end(CloseCode.ABUSE, "frame-malformed", 0)
            return
        self._parts += frame.get_payload_as_bytes()
        if frame.fin or len(self._parts) > MAX_CLIENT_FRAME_BYTES:
            whole, self._parts = bytes(self._parts), None
            self._gateway.frames_in += 1
            connection.received(whole, time.monotonic_ns() // 1000)


def picows_protocol(sockets: Sockets, settings: WebSettings) -> type[asyncio.Protocol]:
    """Return the class that uvicorn is to use for WebSocket upgrades."""

    # One of each for all: picows keeps the response as long as the socket, and sets what is a socket's own anew.
    plain = WSUpgradeResponse.create_101_response()
    spoken = WSUpgradeResponse.create_101_response(extra_headers={"Sec-WebSocket-Protocol": SUBPROTOCOL})

    def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        path = request.path.decode("latin-1")
        gateway = gateway_at(path, sockets)
        # CIMultiDict: looked up without regard to case.
        headers = request.headers
        status = refusal(path, headers, settings, sockets)
        if status or gateway is None:
            refused = WSUpgradeResponse.create_error_response(HTTPStatus(status or 503), b"")
            return WSUpgradeResponseWithListener(refused, None)
        offered = [one.strip() for one in headers.get("sec-websocket-protocol", "").split(",")]
        response = spoken if SUBPROTOCOL in offered else plain
        return WSUpgradeResponseWithListener(response, _Socket(gateway))

    silent = _Silent()

    class AtOnce(WSProtocol):  # pyright: ignore[reportUntypedBaseClass]
        """picows' protocol, built as uvicorn builds its own."""

        __slots__ = ("_open",)
        data_received = None
        """The loop would keep it bound, for every socket, and never call it."""

        def __init__(
            self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None
        ) -> None:
            super().__init__(
                None,
                None,
                False,
                accept,
                silent,
                True,
                5.0,
                False,
                30.0,
                20.0,
                WSAutoPingStrategy.PING_WHEN_IDLE,
                True,
                _MAX_FRAME_BYTES,
                None,
                _READ_BUFFER_BYTES,
            )
            self._open = server_state.connections

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            handing_over = transport.get_protocol()  # pyright: ignore[reportAttributeAccessIssue]
            if isinstance(handing_over, HttpToolsProtocol):
                # It and its parser hold each other and would wait for the collector, per connection.
                asyncio.get_running_loop().call_soon(setattr, handing_over, "parser", None)
            super().connection_made(transport)
            self._open.add(self)  # pyright: ignore[reportArgumentType]

        def connection_lost(self, exc: Exception | None) -> None:
            self._open.discard(self)  # pyright: ignore[reportArgumentType]
            super().connection_lost(exc)

        def begin(self, data: bytes) -> None:
            """Take the upgrade request, which has been read already."""
            view = memoryview(data)
            while view:
                buffer = self.get_buffer(len(view))
                size = min(len(buffer), len(view))
                buffer[:size] = view[:size]
                self.buffer_updated(size)
                view = view[size:]

        def shutdown(self) -> None:
            """End, when uvicorn stops; the gateway has said goodbye before."""
            if self.transport is not None:
                self.transport.disconnect()

    class HandedOver(AtOnce):
        """The same for uvicorn, which hands the upgrade request over like any data."""

        __slots__ = ()
        at_once = AtOnce
        data_received = AtOnce.begin

    return HandedOver  # pyright: ignore[reportReturnType]


class Arriving(asyncio.Protocol):
    """The first protocol of every connection: uvicorn's `http` class beside the `ws` class of `picows_protocol`.

    An upgrade goes to picows as it came. Anything else, a request that came in pieces too, is uvicorn's, which hands
    over the upgrades that it finds. Apart from the time, uvicorn's way would leave both addresses of every socket as
    Python's texts and tuples for as long as the socket lives.
    """

    __slots__ = ("_arguments", "_transport")
    elsewhere: Giver | None = None
    """Where sockets go that only watch; None: this process serves them."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        self._arguments = (config, server_state, app_state)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]
        self._arguments[1].connections.add(self)  # pyright: ignore[reportArgumentType]

    def connection_lost(self, exc: Exception | None) -> None:
        self._arguments[1].connections.discard(self)  # pyright: ignore[reportArgumentType]

    def data_received(self, data: bytes) -> None:
        upgrades = data.startswith(_UPGRADE) and b"\nupgrade: websocket" in data.lower()
        if upgrades and self.elsewhere is not None and self._transport is not None and data.startswith(_BOARD):
            self.elsewhere.give(self._transport, data, lambda: self._serve(data, upgrades=True))
        else:
            self._serve(data, upgrades=upgrades)

    def _serve(self, data: bytes, *, upgrades: bool) -> None:
        config, state, app_state = self._arguments
        transport = self._transport
        assert transport is not None
        state.connections.discard(self)  # pyright: ignore[reportArgumentType]
        if upgrades:
            handed_over: Any = config.ws_protocol_class
            protocol = handed_over.at_once(config, state, app_state)
            take = protocol.begin
        else:
            protocol = HttpToolsProtocol(config, state, app_state)
            take = protocol.data_received
        protocol.connection_made(transport)
        transport.set_protocol(protocol)
        take(data)

    def shutdown(self) -> None:
        """End, when uvicorn stops before anything was said."""
        if self._transport is not None:
            self._transport.close()


def arriving(elsewhere: Giver | None) -> type[Arriving]:
    """Return the class that uvicorn is to use for every connection, where viewers' sockets are handed on or not."""

    class Here(Arriving):
        __slots__ = ()

    Here.elsewhere = elsewhere
    return Here

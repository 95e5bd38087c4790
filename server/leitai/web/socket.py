"""What both socket drivers share: where sockets are, whom they let in, and the gateways behind them."""

from collections.abc import Callable, Mapping
from typing import Protocol

from leitai.live.connection import Link
from leitai.web.doors import WebSettings
from leitai.web.security import origin_allowed

PATH = "/live"
BOARD_PATH = "/live/board"
"""The same for whoever only watches: a process of its own serves it where there is one (`web.handing`)."""
STAGE_PATH = "/live/stage"
"""Desks and screens of stage rounds."""
MATCH_PATH = "/live/match"
"""Matches between learners, at the practice's address."""
HIGH_WATER_BYTES = 32 * 1024
"""A client with more than this unread is behind; the gateway closes it when it stays so."""


class Conversation(Protocol):
    """One socket's other side (`live.connection.Connection`, `live.rooms.connection.RoomConnection`)."""

    stalled_us: int

    def received(self, frame: bytes, now_us: int) -> None: ...
    def received_text(self) -> None: ...
    def pong(self, now_us: int) -> None: ...
    def writing_paused(self, now_us: int) -> None: ...
    def writing_resumed(self) -> None: ...
    def lost(self, now_us: int) -> None: ...
    def end(self, close_code: int, code: str, resume_after_ms: int) -> None: ...


class SocketGateway(Protocol):
    """A gateway as the drivers see it (`live.gateway.Gateway`, `live.rooms.hub.RoomHub`)."""

    frames_in: int
    """Whole binary messages read so far."""
    frames_out: int
    """Binary messages written so far."""

    def open(self, link: Link, now_us: int, locale: str) -> Conversation:
        """Take up a new socket."""
        ...


GatewayNow = Callable[[], SocketGateway | None]
"""The gateway of the session in force; None while this process has none."""
Sockets = Mapping[str, GatewayNow]
"""The gateways of a door by their paths."""


def gateway_at(path: str, sockets: Sockets) -> SocketGateway | None:
    """Return the gateway that a socket's path leads to; None where it leads nowhere, or to none now."""
    gateway_now = sockets.get(path.partition("?")[0])
    return None if gateway_now is None else gateway_now()


def refusal(path: str, headers: Mapping[str, str], settings: WebSettings, sockets: Sockets) -> int:
    """Return the HTTP status that refuses an upgrade, or 0 to let it in."""
    if path.partition("?")[0] not in sockets:
        return 404
    if not origin_allowed(headers.get("origin"), settings):
        return 403
    return 0 if gateway_at(path, sockets) is not None else 503


def locale_of(headers: Mapping[str, str]) -> str:
    """Return the language a client asked for: `en` or `zh-CN`."""
    return "en" if headers.get("accept-language", "").lower().startswith("en") else "zh-CN"

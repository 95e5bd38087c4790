"""What both socket drivers share: where the socket is, whom it lets in, and the gateway behind it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from leitai.live.connection import Connection, Link
from leitai.web.doors import WebSettings
from leitai.web.security import origin_allowed

PATH = "/live"
HIGH_WATER_BYTES = 32 * 1024
"""A client with more than this unread is behind; the gateway closes it when it stays so."""


class SocketGateway(Protocol):
    """A gateway as the drivers see it (`live.gateway.Gateway`)."""

    frames_in: int
    """Whole binary messages read so far."""
    frames_out: int
    """Binary messages written so far."""

    def open(self, link: Link, now_us: int, locale: str) -> Connection:
        """Take up a new socket."""
        ...


GatewayNow = Callable[[], SocketGateway | None]
"""The gateway of the session in force; None while this process has none."""


def refusal(path: str, headers: Mapping[str, str], settings: WebSettings, gateway: SocketGateway | None) -> int:
    """Return the HTTP status that refuses an upgrade, or 0 to let it in."""
    if path.partition("?")[0] != PATH:
        return 404
    if not origin_allowed(headers.get("origin"), settings):
        return 403
    return 0 if gateway is not None else 503


def locale_of(headers: Mapping[str, str]) -> str:
    """Return the language a client asked for: `en` or `zh-CN`."""
    return "en" if headers.get("accept-language", "").lower().startswith("en") else "zh-CN"

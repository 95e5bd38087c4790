"""The doorkeeper: foreign pages are turned away, every answer carries its headers, no failure shows our insides."""

from collections.abc import Sequence

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leitai.web.doors import WebSettings
from leitai.web.errors import error_response

log = structlog.get_logger("leitai.web")

_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_FRAMED = "/overlay/"
"""Pages that the director's control page shows in frames, and that OBS, vMix and CasparCG put their users' CSS into."""
_ANYWHERE = ("/api/air", "/api/feed")
"""What graphics of other origins may read: it is public, and a token in the query, never a cookie, opens it to them."""


def origin_allowed(origin: str | None, settings: WebSettings) -> bool:
    """Return whether a page of `origin` may act here; None (no such header: not a browser's page) may.

    The comparison is exact: no wildcard, no suffix, and `null` is nobody.
    """
    return origin is None or origin in settings.origins


def security_headers(settings: WebSettings, *, framed: bool = False) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer; a `framed` page may stand in our own pages and wear its user's styles."""
    ancestors, options = ("'self'", b"SAMEORIGIN") if framed else ("'none'", b"DENY")
    styles = " style-src 'self' 'unsafe-inline';" if framed else ""
    # Chromium before 97 and Safari before 15.4 do not take 'self' as naming our WebSocket too.
    sockets = "".join(f" ws{origin.removeprefix('http')}" for origin in sorted(settings.origins))
    policy = (
        f"default-src 'self';{styles} connect-src 'self'{sockets}; img-src 'self' data:; object-src 'none'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )
    return [
        (b"content-security-policy", policy.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", options),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]


class Doorkeeper:
    """ASGI middleware around everything, sockets excepted (web.socket checks their origin itself)."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self._app = app
        self._settings = settings
        self._headers = security_headers(settings)
        self._framed = security_headers(settings, framed=True)
        self._anywhere = [*self._headers, (b"access-control-allow-origin", b"*")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        headers = self._headers_of(scope["path"])

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        if scope["method"] not in _SAFE_METHODS and not self._may_act(scope["headers"]):
            await error_response(scope, "origin-refused")(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            return
        except Exception:
            # The path only: a query may hold a person's name.
            log.exception("request failed", method=scope["method"], path=scope["path"])
            if started:
                raise
            await error_response(scope, "internal")(scope, receive, send_with_headers)

    def _headers_of(self, path: str) -> list[tuple[bytes, bytes]]:
        if path.startswith(_FRAMED):
            return self._framed
        return self._anywhere if path.startswith(_ANYWHERE) else self._headers

    def _may_act(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        return not origins or (len(origins) == 1 and origin_allowed(origins[0], self._settings))

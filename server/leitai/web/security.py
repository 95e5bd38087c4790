"""The doorkeeper: foreign pages are turned away, every answer carries its headers, no failure shows our insides."""

from collections.abc import Sequence

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leitai.web.doors import WebSettings
from leitai.web.errors import error_response

log = structlog.get_logger("leitai.web")

_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


def origin_allowed(origin: str | None, settings: WebSettings) -> bool:
    """Return whether a page of `origin` may act here; None (no such header: not a browser's page) may.

    The comparison is exact: no wildcard, no suffix, and `null` is nobody.
    """
    return origin is None or origin in settings.origins


def security_headers(settings: WebSettings) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer."""
    # Chromium before 97 and Safari before 15.4 do not take 'self' as naming our WebSocket too.
    sockets = "".join(f" ws{origin.removeprefix('http')}" for origin in sorted(settings.origins))
    policy = (
        f"default-src 'self'; connect-src 'self'{sockets}; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *self._headers]
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

    def _may_act(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        return not origins or (len(origins) == 1 and origin_allowed(origins[0], self._settings))

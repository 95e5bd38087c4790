"""The doors for machines: alive, ready, measured.

Whoever reaches the contest may ask whether a process lives and is ready: proxies do. What it counts is told at another
address, which every process of every role has for itself, and which is not the public's.
"""

import hmac
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leitai.web.contract import Endpoint
from leitai.web.doors import Readiness
from leitai.web.exchange import private
from leitai.wire.bodies import HealthBody, ReadyBody


def endpoints(readiness: Readiness) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def healthz(_request: Request) -> Response:
        return private(HealthBody(ok=True))

    async def readyz(_request: Request) -> Response:
        problems = await readiness.check()
        return private(ReadyBody(not problems, problems), 503 if problems else 200)

    return {"healthz": healthz, "readyz": readyz}


def machines_app(readiness: Readiness, metrics: Callable[[], Awaitable[bytes]], token: str = "") -> Starlette:
    """Return what stands at a process's address for machines.

    With a `token`, figures are for those who bring it: `Authorization: Bearer …`.
    """
    expected = f"Bearer {token}".encode()

    async def figures(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("latin-1")
        if token and not hmac.compare_digest(given, expected):
            return Response("bearer token wanted", 401, {"WWW-Authenticate": "Bearer"})
        return Response(await metrics(), 200, {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST})

    found = endpoints(readiness)
    routes = [Route(f"/{name}", endpoint) for name, endpoint in (*found.items(), ("metrics", figures))]
    return Starlette(routes=routes)

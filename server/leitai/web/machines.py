"""The doors for machines: alive, ready, measured."""

from starlette.requests import Request
from starlette.responses import Response

from leitai.web.contract import PROMETHEUS, Endpoint
from leitai.web.doors import Doors
from leitai.web.exchange import private
from leitai.wire.bodies import HealthBody, ReadyBody


def endpoints(doors: Doors) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def healthz(_request: Request) -> Response:
        return private(HealthBody(ok=True))

    async def readyz(_request: Request) -> Response:
        problems = await doors.readiness.check()
        return private(ReadyBody(not problems, problems), 503 if problems else 200)

    async def metrics(_request: Request) -> Response:
        return Response(doors.metrics(), 200, {"Cache-Control": "no-store", "Content-Type": PROMETHEUS})

    return {"healthz": healthz, "readyz": readyz, "metrics": metrics}

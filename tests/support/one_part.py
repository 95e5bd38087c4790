"""A part of the office at its doors by itself: whoever asks says in a header who that is."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import Micros
from leitai.web.contract import Endpoint
from leitai.web.contract.table import Operation
from leitai.web.errors import EXCEPTION_HANDLERS, Refusal
from leitai.web.parts import OfficePart, SignedIn

ROLES = {
    "anna": frozenset({Role.SETTER}),
    "bo": frozenset({Role.REVIEWER}),
    "cai": frozenset({Role.SETTER}),
    "carl": frozenset({Role.SETTER, Role.REVIEWER}),
}
"""Who works on the bank; anybody else is called by the one role that they have."""


async def signed_in(request: Request) -> StaffRecord:
    """Who asks, by the header `x-login`."""
    login = request.headers.get("x-login", "")
    if not login:
        raise Refusal("not-signed-in")
    roles = ROLES.get(login) or frozenset({Role(login)})
    return StaffRecord(1, login, login, roles, NO_DELEGATION, "", b"", Micros(0), disabled=False, version=1)


class Together:
    """Parts of the office as one."""

    def __init__(self, *parts: OfficePart) -> None:
        self._parts = parts

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """See `OfficePart`."""
        return {name: door for part in self._parts for name, door in part.endpoints(signed_in, limit).items()}


@asynccontextmanager
async def at_its_doors(
    part: OfficePart, operations: Iterable[Operation], who: SignedIn = signed_in
) -> AsyncGenerator[httpx2.AsyncClient]:
    """A browser at the doors of a part; `who` tells who asks."""
    endpoints = part.endpoints(who, 4096)
    app = Starlette(
        routes=[
            Route(one.path, endpoints[one.name], methods=[one.method]) for one in operations if one.name in endpoints
        ],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://office.test") as client:
        yield client


def answered(answer: httpx2.Response) -> Any:
    """The body of an answer; the status where there is none, the code of a refusal."""
    if answer.status_code == 204:
        return 204
    return answer.json() if answer.status_code < 300 else answer.json()["error"]["code"]

"""The doors of the staff: sign in, take an invitation, who am I, and the accounts themselves."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leitai.office.blinding import Blinding
from leitai.office.broadcast import BroadcastRefused
from leitai.office.scheduling import Scheduling
from leitai.office.staff import Staff, StaffRefused
from leitai.office.staff_ports import StaffChange, StaffRecord, StaffSessions
from leitai.rules.rights import Act, read_roles
from leitai.rules.values import DelegationCode
from leitai.web import (
    both_boards,
    broadcast,
    console,
    desk,
    feed,
    judged,
    judging,
    machines,
    marking,
    reveal,
    second_factor,
    seconding,
    sessions,
    single_sign_on,
    words,
)
from leitai.web.contract import STAFF_OPERATIONS, Endpoint
from leitai.web.cookies import STAFF_COOKIE, clear_session_cookie, session_cookie
from leitai.web.doors import ItemBytes, Readiness, WebSettings
from leitai.web.entrance import Entrance, Identity, me_body, person_body
from leitai.web.errors import EXCEPTION_HANDLERS, Refusal, error_response
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.pages import OVERLAY_PAGES, Pages
from leitai.web.parts import OfficePart, SignedIn, permitted
from leitai.web.security import Doorkeeper
from leitai.wire.bodies import EmptyRequest
from leitai.wire.staff_bodies import (
    StaffChangeRequest,
    StaffInvited,
    StaffInviteRequest,
    StaffPasswordRequest,
    StaffPeople,
    StaffSignInRequest,
    StaffWelcomeRequest,
)

KNOWN_S = 1.5
"""For so long whoever looks on is believed to be as before, as a session is for `SEEN_S`: less than 2 s. Live pages
ask several times a second, and twenty desks together would have the archive asked fifty times."""
PAGES = {"/": "staff.html", "/staff": "staff.html", **dict.fromkeys(OVERLAY_PAGES, "overlay.html")}

_COOKIE = "leitai.staff_cookie"
"""Where a request's scope has it once it was looked for."""

_sign_in = msgspec.json.Decoder(StaffSignInRequest)
_welcome = msgspec.json.Decoder(StaffWelcomeRequest)
_password = msgspec.json.Decoder(StaffPasswordRequest)
_invite = msgspec.json.Decoder(StaffInviteRequest)
_change = msgspec.json.Decoder(StaffChangeRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDoors:
    """Everything behind the doors of the staff."""

    staff: Staff
    sessions: StaffSessions
    tries: Callable[[str, int], Awaitable[int]]
    """`live.ports.Tickets.tries`."""
    readiness: Readiness
    console: console.ConsoleDoors
    scheduling: Scheduling
    judging: judging.JudgingDoors
    blinding: Blinding
    """By what names judges know the answers that they mark."""
    air: broadcast.AirDoors
    reveal: reveal.RevealDoors
    media: ItemBytes
    """What items show, for the desk and on air."""
    identity: Identity
    parts: tuple[OfficePart, ...] = ()
    """What the office does before and after a contest: each gives its endpoints."""


def build_staff_app(doors: StaffDoors, settings: WebSettings, pages: Path | None) -> Starlette:
    """Return the application of the office's process; `pages` is the folder of the built client."""
    signed_in = _door(doors)
    entrance = Entrance(doors.staff, doors.sessions, doors.identity, doors.tries, settings)
    endpoints = {
        **_endpoints(entrance, signed_in),
        **second_factor.endpoints(entrance, signed_in, settings.max_body_bytes),
        **single_sign_on.endpoints(entrance),
        **console.endpoints(doors.console, signed_in, settings.max_body_bytes),
        **seconding.endpoints(doors.console, signed_in, settings.max_body_bytes),
        **sessions.endpoints(doors.console, doors.scheduling, signed_in, settings.max_body_bytes),
        **words.endpoints(doors.console, signed_in, settings.max_body_bytes),
        **judged.endpoints(doors.judging.judged, signed_in),
        **desk.endpoints(doors.judging.judged, doors.media, signed_in),
        **judging.endpoints(doors.judging, signed_in, settings.max_body_bytes),
        **marking.endpoints(doors.judging, doors.blinding, signed_in, settings.max_body_bytes),
        **both_boards.endpoints(doors.console, signed_in),
        **reveal.endpoints(doors.reveal, signed_in, settings.max_body_bytes),
        **broadcast.endpoints(doors.air, doors.media, signed_in, settings.max_body_bytes),
        **feed.endpoints(doors.air.feed, broadcast.spectator(doors.air, signed_in)),
        **machines.endpoints(doors.readiness),
    }
    for part in doors.parts:
        endpoints.update(part.endpoints(signed_in, settings.max_body_bytes))
    app = Starlette(
        routes=[Route(one.path, endpoints[one.name], methods=[one.method], name=one.name) for one in STAFF_OPERATIONS],
        middleware=[Middleware(Doorkeeper, settings=settings)],
        exception_handlers={**EXCEPTION_HANDLERS, StaffRefused: _refused, BroadcastRefused: _refused},
    )
    app.router.redirect_slashes = False
    app.router.default = Pages(pages, PAGES)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StaffRefused | BroadcastRefused)
    return error_response(request.scope, error.code)


def _door(doors: StaffDoors) -> SignedIn:
    """Return what tells who asks; it refuses whoever is not signed in."""

    async def read(staff_ids: Collection[int]) -> Mapping[int, StaffRecord]:
        return await doors.staff.members(staff_ids)

    known = Known(read)

    async def signed_in(request: Request) -> StaffRecord:
        # A stream asks again and again, and a request does not change.
        cookie: str | None = request.scope.get(_COOKIE)
        if cookie is None:
            await broadcast.refuse_tokens(request, doors.air.broadcast)
            cookie = request.scope[_COOKIE] = session_cookie(request, STAFF_COOKIE) or ""
        staff_id = await doors.sessions.staff_session(cookie) if cookie else None
        if staff_id is None:
            raise Refusal("not-signed-in")
        if request.method == "GET":
            member = await known.member(staff_id)
        else:
            # Whoever acts is looked at as of now, and afresh after the act: it may be one on the own account.
            known.forget(staff_id)
            member = await doors.staff.member(staff_id)
        if member is None:
            raise Refusal("not-signed-in")
        return member

    return signed_in


class Known:
    """The accounts of those who look on, each believed for `KNOWN_S` at most, and read anew all at once."""

    def __init__(self, read: Callable[[Collection[int]], Awaitable[Mapping[int, StaffRecord]]]) -> None:
        """`read`: `office.staff.Staff.members`."""
        self._read = read
        self._members: dict[int, StaffRecord] = {}
        self._until_s = 0.0
        self._asked_s: dict[int, float] = {}
        """When each was asked for last."""
        self._forgotten = 0
        self._turn = asyncio.Lock()

    async def member(self, staff_id: int) -> StaffRecord | None:
        """Return an account that may act; None when there is none, or it was disabled. Raises `StoreUnavailable`."""
        self._asked_s[staff_id] = time.monotonic()
        if (member := self._believed(staff_id)) is not None:
            return member
        async with self._turn:
            if (member := self._believed(staff_id)) is not None:
                return member
            now_s, forgotten = time.monotonic(), self._forgotten
            self._asked_s = {one: asked_s for one, asked_s in self._asked_s.items() if now_s - asked_s <= KNOWN_S}
            members = dict(await self._read({staff_id, *self._asked_s}))
            if forgotten == self._forgotten:
                self._members, self._until_s = members, now_s + KNOWN_S
            return members.get(staff_id)

    def forget(self, staff_id: int) -> None:
        """Believe of an account nothing that was read before, and nothing that is being read."""
        self._members.pop(staff_id, None)
        self._forgotten += 1

    def _believed(self, staff_id: int) -> StaffRecord | None:
        return self._members.get(staff_id) if time.monotonic() <= self._until_s else None


def _endpoints(entrance: Entrance, signed_in: SignedIn) -> dict[str, Endpoint]:
    staff, sessions, settings = entrance.staff, entrance.sessions, entrance.settings
    limit = settings.max_body_bytes

    async def sign_in(request: Request) -> Response:
        body = await read_json(request, _sign_in, limit)
        await entrance.count(body.login)
        member = await staff.sign_in(body.login, body.password)
        if member is None:
            raise Refusal("wrong-login")
        return await entrance.admit(request, member, "password")

    async def welcome(request: Request) -> Response:
        body = await read_json(request, _welcome, limit)
        await entrance.count(body.login)
        member = await staff.welcome(body.login, body.code, body.password)
        await sessions.end_staff_sessions(member.staff_id)
        return await entrance.admit(request, member, "invitation")

    async def sign_out(request: Request) -> Response:
        await read_json(request, _empty, limit)
        if (cookie := session_cookie(request, STAFF_COOKIE)) is not None:
            await sessions.close_staff_session(cookie)
        response = Response(None, 204, {"Cache-Control": "no-store"})
        clear_session_cookie(response, settings, STAFF_COOKIE)
        return response

    async def me(request: Request) -> Response:
        return private(me_body(await signed_in(request)))

    async def password(request: Request) -> Response:
        member = await signed_in(request)
        body = await read_json(request, _password, limit)
        await entrance.count(member.login)
        await staff.change_password(member, body.old, body.new)
        await sessions.end_staff_sessions(member.staff_id)
        return await entrance.enter(request, member)

    async def people(request: Request) -> Response:
        await permitted(signed_in, request, Act.MANAGE_STAFF)
        return private(StaffPeople([person_body(one) for one in await staff.all()]))

    async def invite(request: Request) -> Response:
        actor = await permitted(signed_in, request, Act.MANAGE_STAFF)
        body = await read_json(request, _invite, limit)
        change = StaffChange(body.name, read_roles(body.roles), DelegationCode(body.delegation), disabled=False)
        member, code = await staff.invite(actor.login, body.login, change)
        return private(StaffInvited(person_body(member), code))

    async def invite_again(request: Request) -> Response:
        actor = await permitted(signed_in, request, Act.MANAGE_STAFF)
        await read_json(request, _empty, limit)
        member, code = await staff.invite_again(actor.login, id_in_path(request, "staff"))
        return private(StaffInvited(person_body(member), code))

    async def change(request: Request) -> Response:
        actor = await permitted(signed_in, request, Act.MANAGE_STAFF)
        body = await read_json(request, _change, limit)
        wanted = StaffChange(body.name, read_roles(body.roles), DelegationCode(body.delegation), body.disabled)
        staff_id = id_in_path(request, "staff")
        member = await staff.change(actor.login, staff_id, body.version, wanted)
        # Whatever the person has open stands on what the person might do before.
        await sessions.end_staff_sessions(staff_id)
        return private(person_body(member))

    return {
        "staff_sign_in": sign_in,
        "staff_welcome": welcome,
        "staff_sign_out": sign_out,
        "staff_me": me,
        "staff_password": password,
        "staff_people": people,
        "staff_invite": invite,
        "staff_invite_again": invite_again,
        "staff_change": change,
    }

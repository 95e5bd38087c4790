"""What goes on air: the overlays' data for whoever has a token, and the director's control page.

A token opens public data and nothing else. It comes in the query, since browser sources take nothing but an address; it
stands in no log of ours. A signed-in director needs none: the control page's own frames come without.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.sight import Sight
from leitai.office.air_ports import AirToken, Channel, Shown
from leitai.office.broadcast import Broadcast
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.web.air import Air, Look, OnAir, delegation_codes, shown_body
from leitai.web.contract import Endpoint
from leitai.web.doors import ItemBytes
from leitai.web.errors import Refusal
from leitai.web.exchange import flag_in_query, id_in_path, is_delegation, private, read_json
from leitai.web.feed import Feed
from leitai.web.parts import SignedIn
from leitai.web.serving import serve_item_file
from leitai.web.streams import event_stream
from leitai.wire.air_bodies import AirLineBody, AirShown
from leitai.wire.bodies import EmptyRequest
from leitai.wire.broadcast_bodies import (
    AirLineRemoveRequest,
    AirLineRequest,
    AirTokenBody,
    AirTokenMade,
    AirTokenRequest,
    BroadcastBody,
    BroadcastDelegation,
    ChannelBody,
    TakeRequest,
)

MAIN = "main"
ADMITTED_S = 0.4
"""So long a stream that is told nothing is not looked at anew; before it is told anything, it is."""
_take = msgspec.json.Decoder(TakeRequest)
_token = msgspec.json.Decoder(AirTokenRequest)
_line = msgspec.json.Decoder(AirLineRequest)
_line_remove = msgspec.json.Decoder(AirLineRemoveRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class AirDoors:
    """Everything behind these doors."""

    watched: OnAir
    broadcast: Broadcast
    air: Air
    feed: Feed


def token_of(request: Request) -> str | None:
    """Return the token that a request brings, in the query or as a bearer's; None: it brings none."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else request.query_params.get("token")


async def refuse_tokens(request: Request, broadcast: Broadcast) -> None:
    """Refuse whoever brings a token to a place of the staff: `token-out-of-place`, audited."""
    secret = token_of(request)
    if secret is not None:
        # The path's own form: nothing that a stranger wrote.
        await broadcast.refused(broadcast.token(secret), "token-out-of-place", _place(request))
        raise Refusal("token-out-of-place")


def spectator(doors: AirDoors, signed_in: SignedIn) -> Callable[[Request], Awaitable[None]]:
    """Return what lets those in who may see public data on this door: bearers of a token, and signed-in directors."""

    async def admitted(request: Request) -> None:
        secret = token_of(request)
        if secret is None:
            if not may((await signed_in(request)).standing, Act.DIRECT_BROADCAST):
                raise Refusal("forbidden")
            return
        token = doors.broadcast.token(secret)
        if token is not None and not token.revoked:
            doors.broadcast.used(token)
            return
        code = "token-refused" if token is None else "token-revoked"
        await doors.broadcast.refused(token, code, _place(request))
        raise Refusal(code)

    return admitted


def endpoints(doors: AirDoors, media: ItemBytes, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""
    broadcast = doors.broadcast
    admitted = spectator(doors, signed_in)

    async def director(request: Request) -> StaffRecord:
        member = await signed_in(request)
        if not may(member.standing, Act.DIRECT_BROADCAST):
            raise Refusal("forbidden")
        return member

    def watched(session: int) -> Sight:
        sight = doors.watched.sight
        if sight is None or sight.file.session_id != session:
            raise Refusal("not-found")
        return sight

    async def air(request: Request) -> Response:
        await admitted(request)
        told = doors.air.body(_look(request))
        if told is None:
            raise Refusal("not-found")
        return Response(told.whole, 200, {"Cache-Control": "no-store"}, "application/json")

    async def air_stream(request: Request) -> Response:
        await admitted(request)
        look, changes = _look(request), flag_in_query(request, "changes")

        async def bodies() -> AsyncGenerator[bytes]:
            held, looked_s = None, 0.0
            while True:
                told = doors.air.body(look)
                moved = told is not None and (held is None or told.number != held.number)
                if moved or time.monotonic() - looked_s > ADMITTED_S:
                    await admitted(request)
                    looked_s = time.monotonic()
                if told is None or not moved:
                    yield b""
                    continue
                body, held = told.to(held) if changes else told.whole, told
                yield body

        return event_stream(bodies())

    async def air_media(request: Request) -> Response:
        await admitted(request)
        file = doors.air.media(request.path_params["address"])
        if file is None:
            raise Refusal("not-found")
        return serve_item_file(request, file, media)

    async def control(request: Request) -> Response:
        await director(request)
        return private(_control(doors))

    async def take(request: Request) -> Response:
        member = await director(request)
        body = await read_json(request, _take, limit)
        now = broadcast.channel(body.channel)
        if now.edition != body.expects:
            raise Refusal("stale-version")
        wanted = replace(
            now,
            on_air=now.on_air if body.on is UNSET else _shown(body.on),
            preview=now.preview if body.preview is UNSET else _shown(body.preview),
        )
        taken = await broadcast.set_channel(member.login, wanted, delegation_codes(doors.watched.sight))
        return private(_channel(taken))

    async def issue(request: Request) -> Response:
        member = await director(request)
        body = await read_json(request, _token, limit)
        made, secret = await broadcast.issue(member.login, body.name)
        return private(AirTokenMade(_token_body(made), secret))

    async def revoke(request: Request) -> Response:
        member = await director(request)
        await read_json(request, _empty, limit)
        await broadcast.revoke(member.login, id_in_path(request, "token"))
        return _done()

    async def add_line(request: Request) -> Response:
        member = await director(request)
        body = await read_json(request, _line, limit)
        sight = watched(body.session)
        line = await broadcast.add_line(member.login, sight.file.session_id, body.text)
        return private(AirLineBody(f"d{line.line_id}", line.at_us, line.text))

    async def remove_line(request: Request) -> Response:
        member = await director(request)
        body = await read_json(request, _line_remove, limit)
        await broadcast.remove_line(member.login, watched(body.session).file.session_id, body.line)
        return _done()

    return {
        "air": air,
        "air_stream": air_stream,
        "air_media": air_media,
        "broadcast": control,
        "broadcast_take": take,
        "broadcast_token": issue,
        "broadcast_token_revoke": revoke,
        "broadcast_line": add_line,
        "broadcast_line_remove": remove_line,
    }


def _look(request: Request) -> Look:
    query = request.query_params
    delegation = query.get("delegation", "")
    if delegation and not is_delegation(delegation):
        raise Refusal("bad-request")
    return Look(query.get("channel", MAIN), query.get("show") == "preview", delegation)


def _place(request: Request) -> str:
    route = request.scope.get("route")
    return getattr(route, "path", "")


def _shown(body: AirShown | None) -> Shown | None:
    return None if body is None else Shown(body.name, body.params)


def _channel(one: Channel) -> ChannelBody:
    return ChannelBody(one.name, one.edition, shown_body(one.on_air), shown_body(one.preview))


def _token_body(one: AirToken) -> AirTokenBody:
    return AirTokenBody(one.token_id, one.name, one.created_us, one.created_by, one.last_used_us, one.revoked)


def _control(doors: AirDoors) -> BroadcastBody:
    sight, broadcast = doors.watched.sight, doors.broadcast
    channels = broadcast.channels
    if all(one.name != MAIN for one in channels):
        channels = [broadcast.channel(MAIN), *channels]
    return BroadcastBody(
        session=0 if sight is None else sight.file.session_id,
        title="" if sight is None else sight.file.title,
        phase="" if sight is None else (sight.file.phase if sight.state is None else sight.state.phase).value,
        frozen=sight is not None and sight.table.frozen,
        tokens=[_token_body(one) for one in broadcast.tokens],
        channels=[_channel(one) for one in channels],
        lines=[AirLineBody(f"d{one.line_id}", one.at_us, one.text) for one in broadcast.lines],
        delegations=[]
        if sight is None
        else [BroadcastDelegation(one.code, one.short) for one in sight.file.delegations],
    )


def _done() -> Response:
    return Response(None, 204, {"Cache-Control": "no-store"})

"""A contestant's doors: sign in and out, who am I, a ticket for the socket, the sealed paper, own result, appeals."""

from hashlib import blake2s

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.ports import StoreUnavailable, TicketRefused, Tickets
from leitai.rules.appeals import AppealRefused
from leitai.rules.values import ItemNo, SessionId, SittingId
from leitai.web.contract import MESSAGEPACK, Endpoint
from leitai.web.cookies import clear_session_cookie, session_cookie, set_session_cookie
from leitai.web.credentials import plain
from leitai.web.doors import Doors, Identity, WebSettings
from leitai.web.errors import Refusal
from leitai.web.exchange import etag_of, private, read_json, revalidated, session_in_path
from leitai.web.parts import Seated
from leitai.web.serving import serve_item_file
from leitai.wire.bodies import EmptyRequest, EnterRequest, SignInRequest, TicketBody, Who
from leitai.wire.ruling_bodies import FileAppealRequest

TRIES_WINDOW_S = 60
APPEALS_A_MINUTE = 10
_log = structlog.get_logger("leitai.web")


_sign_in_decoder = msgspec.json.Decoder(SignInRequest)
_enter_decoder = msgspec.json.Decoder(EnterRequest)
_empty_decoder = msgspec.json.Decoder(EmptyRequest)
_appeal_decoder = msgspec.json.Decoder(FileAppealRequest)


def endpoints(doors: Doors, settings: WebSettings) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""
    tickets = doors.tickets
    etags: dict[str, str] = {}

    sitting_of = seated(tickets, settings.seat_cookie)

    async def sitting_in(request: Request) -> tuple[SessionId, SittingId]:
        """Return the signed-in sitting, which must belong to the session of the path."""
        session_id = session_in_path(request)
        owner = await sitting_of(request)
        if owner[0] != session_id:
            raise Refusal("forbidden")
        return owner

    async def too_many_tries(request: Request, admission_no: str) -> bool:
        if settings.tries_per_address and request.client is not None:
            tries = await tickets.tries(f"address:{request.client.host}", TRIES_WINDOW_S)
            if tries > settings.tries_per_address:
                return True
        return await tickets.tries(f"number:{admission_no}", TRIES_WINDOW_S) > settings.tries_per_number

    async def sign_in(request: Request) -> Response:
        try:
            response = await admit(request)
        except Refusal as refusal:
            doors.sign_ins[refusal.code] += 1
            _log.info("sign_in_refused", reason=refusal.code)
            raise
        except StoreUnavailable:
            doors.sign_ins["store-unavailable"] += 1
            raise
        doors.sign_ins["ok"] += 1
        return response

    async def admit(request: Request) -> Response:
        body = await read_json(request, _sign_in_decoder, settings.max_body_bytes)
        admission_no, code = plain(body.admission_no), plain(body.code)
        if await too_many_tries(request, admission_no):
            raise Refusal("too-many-tries")
        identity = await doors.accounts.sign_in(admission_no, code)
        if identity is None:
            raise Refusal("wrong-credentials")
        return await let_in(request, identity)

    async def let_in(request: Request, identity: Identity) -> Response:
        # Seats are shared: whoever sat here before is signed out.
        if (earlier := session_cookie(request, settings.seat_cookie)) is not None:
            await tickets.close_web_session(earlier)
        cookie = await tickets.open_web_session(identity.session_id, identity.sitting_id)
        _log.debug("signed_in", session=identity.session_id, sitting=identity.sitting_id)
        response = private(_who(identity))
        set_session_cookie(response, cookie, settings, settings.seat_cookie)
        return response

    async def enter(request: Request) -> Response:
        body = await read_json(request, _enter_decoder, settings.max_body_bytes)
        try:
            session_id, sitting_id = await tickets.take_over(body.code)
        except TicketRefused:
            raise Refusal("ticket-refused") from None
        identity = await doors.accounts.identity(sitting_id)
        if identity is None or identity.session_id != session_id:
            raise Refusal("ticket-refused")
        return await let_in(request, identity)

    async def sign_out(request: Request) -> Response:
        await read_json(request, _empty_decoder, settings.max_body_bytes)
        if (cookie := session_cookie(request, settings.seat_cookie)) is not None:
            await tickets.close_web_session(cookie)
        response = Response(None, 204, {"Cache-Control": "no-store"})
        clear_session_cookie(response, settings, settings.seat_cookie)
        return response

    async def me(request: Request) -> Response:
        _, sitting_id = await sitting_of(request)
        identity = await doors.accounts.identity(sitting_id)
        if identity is None:
            raise Refusal("not-signed-in")
        return private(_who(identity))

    async def ticket(request: Request) -> Response:
        await read_json(request, _empty_decoder, settings.max_body_bytes)
        session_id, sitting_id = await sitting_of(request)
        identity = await doors.accounts.identity(sitting_id)
        if identity is None:
            raise Refusal("not-signed-in")
        if identity.struck:
            raise Refusal("struck")
        issued = await tickets.issue(session_id, sitting_id, _network(request, session_id, settings.network_key))
        return private(TicketBody(issued, settings.ticket_seconds))

    async def sealed(request: Request) -> Response:
        session_id, _ = await sitting_in(request)
        found = doors.session.sealed(session_id)
        if found is None:
            raise Refusal("not-found")
        name, content = found
        etag = etags.get(name)
        if etag is None:
            etags.clear()
            etag = etags[name] = etag_of(name.encode() + b"\0" + content)
        return revalidated(request, etag, content, cache="private, no-cache", media=MESSAGEPACK, vary="Cookie")

    async def item_media(request: Request) -> Response:
        session_id, _ = await sitting_of(request)
        # What is not there and what is not yet to be seen are one: neither is told.
        file = await doors.media.find(session_id, request.path_params["address"])
        if file is None:
            raise Refusal("not-found")
        return serve_item_file(request, file, doors.media)

    async def result(request: Request) -> Response:
        session_id, sitting_id = await sitting_in(request)
        content = await doors.results.own(session_id, sitting_id)
        return Response(content, 200, {"Cache-Control": "no-store"}, "application/json")

    async def own_appeals(request: Request) -> Response:
        return private(await doors.appeals.own(*await sitting_in(request)))

    async def file_appeal(request: Request) -> Response:
        session_id, sitting_id = await sitting_in(request)
        body = await read_json(request, _appeal_decoder, settings.max_body_bytes)
        if await tickets.tries(f"appeal:{sitting_id}", TRIES_WINDOW_S) > APPEALS_A_MINUTE:
            raise Refusal("too-many-tries")
        item_no = ItemNo(body.item) if body.item else None
        try:
            return private(await doors.appeals.file(session_id, sitting_id, item_no, body.text))
        except AppealRefused as refused:
            raise Refusal(refused.code) from None

    return {
        "sign_in": sign_in,
        "enter": enter,
        "sign_out": sign_out,
        "me": me,
        "ticket": ticket,
        "sealed": sealed,
        "item_media": item_media,
        "result": result,
        "own_appeals": own_appeals,
        "file_appeal": file_appeal,
    }


def seated(tickets: Tickets, cookie_name: str) -> Seated:
    """Return what tells which contestant asks."""

    async def sitting_of(request: Request) -> tuple[SessionId, SittingId]:
        cookie = session_cookie(request, cookie_name)
        owner = await tickets.web_session(cookie) if cookie else None
        if owner is None:
            raise Refusal("not-signed-in")
        return owner

    return sitting_of


def _who(identity: Identity) -> Who:
    return Who(
        identity.session_id,
        identity.sitting_id,
        identity.admission_no,
        identity.name,
        identity.delegation,
        identity.delegation_name,
    )


def _network(request: Request, session_id: SessionId, key: bytes) -> str:
    """Return `live.ports.Admitted.network` of whoever asks."""
    if request.client is None:
        return ""
    salt = session_id.to_bytes(8, "big")
    return blake2s(request.client.host.encode(), digest_size=6, key=key, salt=salt, person=b"network").hexdigest()

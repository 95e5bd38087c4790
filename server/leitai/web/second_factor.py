"""The doors of the staff's second factor: the step of the code, one's own factor, and its reset by an administrator."""

import base64
from collections.abc import Mapping
from dataclasses import replace

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.printing.qr import qr_svg
from leitai.office.staff import StaffRefused
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act
from leitai.web.contract import Endpoint
from leitai.web.entrance import Entrance, person_body
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.wire.bodies import EmptyRequest
from leitai.wire.identity_bodies import (
    RecoveryCodes,
    SecondFactorBegun,
    SecondFactorBody,
    SecondFactorOffRequest,
    StaffCodeRequest,
)

_code = msgspec.json.Decoder(StaffCodeRequest)
_off = msgspec.json.Decoder(SecondFactorOffRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


def endpoints(entrance: Entrance, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
    """Return the endpoints by the names of web.contract.identity."""

    async def sign_in_code(request: Request) -> Response:
        body = await read_json(request, _code, limit)
        member, by = await entrance.pending(request)
        await entrance.count_code(member)
        if not await entrance.identity.factor.passes(member, body.code, by):
            raise Refusal("code-refused")
        return await entrance.passed(request, member)

    async def state(request: Request) -> Response:
        return private(await _body(entrance, await signed_in(request)))

    async def begin(request: Request) -> Response:
        member = await signed_in(request)
        await read_json(request, _empty, limit)
        made = await entrance.identity.factor.begin(member)
        picture = base64.b64encode(qr_svg(made.uri, "white").encode()).decode()
        return private(SecondFactorBegun(made.secret, made.uri, f"data:image/svg+xml;base64,{picture}"))

    async def confirm(request: Request) -> Response:
        member = await signed_in(request)
        body = await read_json(request, _code, limit)
        await entrance.count_code(member)
        codes = await entrance.identity.factor.confirm(member, body.code)
        return await _anew(request, member, private(RecoveryCodes(codes)))

    async def off(request: Request) -> Response:
        member = await signed_in(request)
        body = await read_json(request, _off, limit)
        await entrance.count(member.login)
        await entrance.count_code(member)
        await entrance.staff.confirm_password(member, body.password)
        await entrance.identity.factor.turn_off(member, body.code)
        return await _anew(request, member, private(await _body(entrance, member)))

    async def _anew(request: Request, member: StaffRecord, response: Response) -> Response:
        """What a session stood on has changed: end all of the person's, and begin this browser's anew."""
        await entrance.sessions.end_staff_sessions(member.staff_id)
        await entrance.sign(request, response, member)
        return response

    async def reset(request: Request) -> Response:
        actor = await permitted(signed_in, request, Act.MANAGE_STAFF)
        await read_json(request, _empty, limit)
        staff_id = id_in_path(request, "staff")
        member = next((one for one in await entrance.staff.all() if one.staff_id == staff_id), None)
        if member is None:
            raise StaffRefused("not-found")
        await entrance.identity.factor.reset(actor.login, member)
        # Whoever holds the lost device may have a session open as well.
        await entrance.sessions.end_staff_sessions(staff_id)
        return private(person_body(replace(member, second_factor=False)))

    return {
        "staff_sign_in_code": sign_in_code,
        "second_factor": state,
        "second_factor_begin": begin,
        "second_factor_confirm": confirm,
        "second_factor_off": off,
        "staff_factor_reset": reset,
    }


async def _body(entrance: Entrance, member: StaffRecord) -> SecondFactorBody:
    found = await entrance.identity.factor.of(member)
    since_us, left = (0, 0) if found is None else (found.on_us, found.recovery_left)
    return SecondFactorBody(since_us, left, bool(member.password))

"""Asking for a command that needs a second person, and confirming or declining what another asked for."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.ports import Command
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.rules.seconding import RequestRefused, act_of, needs_second
from leitai.rules.values import ActorId, ItemNo, Micros
from leitai.web.console import ConsoleDoors, carry_out, commanding, in_force
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, read_json
from leitai.web.parts import permitted
from leitai.wire.console_bodies import ConductRequest, RequestDecision

_ask = msgspec.json.Decoder(ConductRequest)
_decide = msgspec.json.Decoder(RequestDecision)
_NO_STORE = {"Cache-Control": "no-store"}


def endpoints(
    doors: ConsoleDoors, signed_in: Callable[[Request], Awaitable[StaffRecord]], limit: int
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def console_ask(request: Request) -> Response:
        member = await commanding(signed_in, request)
        body = await read_json(request, _ask, limit)
        sight = in_force(doors, body.session)
        if not may(member.standing, act_of(body.command)):
            raise Refusal("forbidden")
        if not needs_second(body.command, body.item, sight.file.plan.pacing):
            raise Refusal("second-not-needed")
        if sight.state is None:
            raise Refusal("not-conducted")
        if body.expects and body.expects != sight.state.edition:
            raise Refusal("stale-edition")
        await doors.seconding.ask(
            sight.file.session_id,
            body.command,
            ItemNo(body.item),
            body.seconds,
            body.expects or sight.state.edition,
            ActorId(member.login),
            member.name,
            Micros(sight.clock.now_us()),
        )
        return Response(None, 204, _NO_STORE)

    async def console_decide(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.SECOND)
        body = await read_json(request, _decide, limit)
        sight = doors.watched.sight
        if sight is None:
            raise Refusal("not-found")
        confirms = body.decision == "confirm"
        try:
            now_us = Micros(sight.clock.now_us())
            asked = await doors.seconding.decide(
                id_in_path(request, "request"), ActorId(member.login), now_us, confirms=confirms
            )
        except KeyError:
            raise Refusal("not-found") from None
        except RequestRefused as refusal:
            raise Refusal(refusal.code) from None
        if confirms:
            in_force(doors, asked.session_id)
            both = f"{asked.actor}, {member.login}"
            command = Command(asked.command, both, "", asked.item, asked.seconds, expects=asked.expects)
            detail: dict[str, object] = {
                "item": asked.item,
                "seconds": asked.seconds,
                "request": asked.request_id,
                "requested_by": asked.actor,
            }
            await carry_out(doors, member.login, command, detail)
        return Response(None, 204, _NO_STORE)

    return {"console_ask": console_ask, "console_decide": console_decide}

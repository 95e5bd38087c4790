"""The staff's doors of the draw."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.draw_ports import Showing
from leitai.office.draws import Announcement, ContestDraws, Draws
from leitai.office.staff_ports import StaffRecord
from leitai.rules.draw import lists_digest
from leitai.rules.draw_protocol import DrawAct, DrawRefused
from leitai.rules.rights import Act
from leitai.rules.values import ActorId, DelegationCode, Micros
from leitai.web.contract import Endpoint
from leitai.web.draw.bodies import contest_body, detail, showing_body
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.wire.draw_bodies import (
    DrawActRequest,
    DrawAnnounceRequest,
    DrawShowRequest,
    DrawWitnessRequest,
    NextDrawLists,
    StaffDrawContests,
    StaffDrawsBody,
)

_announce = msgspec.json.Decoder(DrawAnnounceRequest)
_act = msgspec.json.Decoder(DrawActRequest)
_witness = msgspec.json.Decoder(DrawWitnessRequest)
_show = msgspec.json.Decoder(DrawShowRequest)

T = TypeVar("T")

Shorts = Callable[[], Awaitable[Mapping[DelegationCode, str]]]
"""Tells the short names of delegations."""


class DrawPart:
    """The draw for the staff: a `web.parts.OfficePart`."""

    def __init__(self, draws: Draws, shorts: Shorts) -> None:
        self._draws = draws
        self._shorts = shorts

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        draws = self._draws

        async def staff_draw_contests(request: Request) -> Response:
            await permitted(signed_in, request, Act.WITNESS_DRAW)
            return private(StaffDrawContests([contest_body(one) for one in await draws.contests()]))

        async def staff_draws(request: Request) -> Response:
            await permitted(signed_in, request, Act.WITNESS_DRAW)
            return private(await self._body(id_in_path(request, "contest")))

        async def staff_draw_announce(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PREPARE_DRAW)
            contest = id_in_path(request, "contest")
            body = await read_json(request, _announce, limit)
            asked = Announcement(
                body.number,
                body.reason,
                body.parties,
                body.value_name,
                body.value_kind,
                Micros(body.known_from_us),
                body.places,
            )
            await _refusing(draws.announce(contest, asked, ActorId(member.login)))
            return private(await self._body(contest), 201)

        async def done(
            request: Request, member: StaffRecord, body: DrawActRequest | DrawWitnessRequest, party: int
        ) -> Response:
            contest, number = id_in_path(request, "contest"), id_in_path(request, "number")
            act, actor = DrawAct(body.act), ActorId(member.login)
            await _refusing(draws.act(contest, number, act, actor, body.expects, party, body.content))
            return private(await self._body(contest))

        async def staff_draw_act(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PREPARE_DRAW)
            return await done(request, member, await read_json(request, _act, limit), 0)

        async def staff_draw_witness(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.WITNESS_DRAW)
            body = await read_json(request, _witness, limit)
            return await done(request, member, body, body.party)

        async def staff_draw_show(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PREPARE_DRAW)
            contest, number = id_in_path(request, "contest"), id_in_path(request, "number")
            body = await read_json(request, _show, limit)
            actor = ActorId(member.login)
            shown = await _refusing(draws.show(contest, number, body.province, body.manner, body.expects, actor))
            return private(showing_body(shown, draws.now_us()))

        return {
            "staff_draw_contests": staff_draw_contests,
            "staff_draws": staff_draws,
            "staff_draw_announce": staff_draw_announce,
            "staff_draw_act": staff_draw_act,
            "staff_draw_witness": staff_draw_witness,
            "staff_draw_show": staff_draw_show,
        }

    async def _body(self, contest_id: int) -> StaffDrawsBody:
        found: ContestDraws = await _refusing(self._draws.of_contest(contest_id))
        shorts = await self._shorts()
        number = len(found.draws)
        showing = await self._draws.showing(contest_id, number) if number else Showing()
        lists = found.lists
        return StaffDrawsBody(
            contest_id,
            found.contest.title,
            found.contest.year,
            self._draws.now_us(),
            NextDrawLists(len(lists), sum(len(one.ids) for one in lists), lists_digest(lists) if lists else ""),
            [detail(one, shorts, named=True) for one in found.draws],
            showing_body(showing, self._draws.now_us()),
        )


async def _refusing(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except KeyError:
        raise Refusal("not-found") from None
    except DrawRefused as refusal:
        raise Refusal(refusal.code) from None

"""The doors of a stage's devices and of its audience, at the contest's address.

A desk or screen comes with a code and stays by a cookie; each socket takes a ticket, once. A phone of the audience is
known by a cookie that we make and sign, one vote each. Whoever throws the cookie away gets another: so few new ones are
made a minute for one address that a hall behind one gets in, and the director sees how many votes came from the address
with most of them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.ports import ItemFile
from leitai.office.stage.ports import SeatKept, StageMedia, StageSeats, Voted
from leitai.rules.stage_state import Vote
from leitai.rules.values import ItemNo
from leitai.web.contract import Endpoint
from leitai.web.cookies import clear_session_cookie, session_cookie, set_session_cookie
from leitai.web.doors import ItemBytes, WebSettings
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.serving import serve_item_file
from leitai.wire.bodies import EmptyRequest, TicketBody
from leitai.wire.stage_bodies import StageBallotBody, StageJoinRequest, StageSeatBody, StageVoteRequest
from leitai.wire.stage_log import StageSeat

SEAT_COOKIE = "leitai_stage"
DEVICE_COOKIE = "leitai_voter"
TRIES_WINDOW_S = 60
TRIES_PER_CODE = 10
VOTES_PER_DEVICE = 20
DEVICES_PER_NETWORK = 600
"""New phones a minute from one address: a full hall behind one within two minutes, and no more."""
_CODE_SIGNS = 16
_join = msgspec.json.Decoder(StageJoinRequest)
_vote = msgspec.json.Decoder(StageVoteRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


class StageFolk(Protocol):
    """Who may come to a stage, and what may be voted on (`office.stage.audience.Audience`)."""

    async def seat_of(self, code: str) -> SeatKept | None:
        """Return whose code this is, as typed."""
        ...

    async def holds(self, seat: StageSeat) -> bool:
        """Whether the code that let a device in is still in force."""
        ...

    async def shown(self, stage_id: int, address: str) -> tuple[str, StageMedia] | None:
        """Return what is at an address; None: nothing, or of a question that has not been shown."""
        ...

    async def ballot(self, stage_id: int) -> tuple[str, Vote] | None:
        """Return a stage's title and the vote that is open; None: none is. Raises KeyError for no stage."""
        ...


@dataclass(frozen=True, slots=True)
class StageDoors:
    """A `PublicPart`."""

    folk: StageFolk
    seats: StageSeats
    media: ItemBytes
    settings: WebSettings
    key: bytes
    """Devices' cookies are signed with it."""
    address: str
    """Where phones find us."""

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        seats, settings, limit = self.seats, self.settings, self.settings.max_body_bytes

        async def join(request: Request) -> Response:
            body = await read_json(request, _join, limit)
            if await seats.stage_tries(f"stage:{body.code}", TRIES_WINDOW_S) > TRIES_PER_CODE:
                raise Refusal("too-many-tries")
            found = await self.folk.seat_of(body.code)
            if found is None:
                raise Refusal("stage-code-wrong")
            if (earlier := session_cookie(request, SEAT_COOKIE)) is not None:
                await seats.leave(earlier)
            seat = found.seat
            response = private(StageSeatBody(seat.stage_id, found.title, seat.team, found.name))
            set_session_cookie(response, await seats.seat(seat), settings, SEAT_COOKIE)
            return response

        async def seated(request: Request) -> StageSeat:
            cookie = session_cookie(request, SEAT_COOKIE)
            seat = await seats.seated(cookie) if cookie else None
            if seat is None or not await self.folk.holds(seat):
                raise Refusal("not-signed-in")
            return seat

        async def ticket(request: Request) -> Response:
            await read_json(request, _empty, limit)
            return private(TicketBody(await seats.issue_stage_ticket(await seated(request)), settings.ticket_seconds))

        async def media(request: Request) -> Response:
            seat = await seated(request)
            found = await self.folk.shown(seat.stage_id, request.path_params["address"])
            return serve_stage_media(request, found, self.media)

        async def leave(request: Request) -> Response:
            await read_json(request, _empty, limit)
            if (cookie := session_cookie(request, SEAT_COOKIE)) is not None:
                await seats.leave(cookie)
            response = Response(None, 204, {"Cache-Control": "no-store"})
            clear_session_cookie(response, settings, SEAT_COOKIE)
            return response

        async def ballot(request: Request) -> Response:
            code = _code(request)
            found = await self._ballot(request)
            if found is None or not hmac.compare_digest(found[1].code.encode(), code.encode()):
                return private(StageBallotBody(0, "", [], ""))
            title, vote = found
            response = private(StageBallotBody(vote.number, vote.title, list(vote.choices), title))
            if self._device(request) is None:
                network = self._network(request, 0)
                if await seats.stage_tries(f"devices:{network}", TRIES_WINDOW_S) > DEVICES_PER_NETWORK:
                    raise Refusal("too-many-tries")
                set_session_cookie(response, self._new_device(), settings, DEVICE_COOKIE)
            return response

        async def vote(request: Request) -> Response:
            stage_id = id_in_path(request, "stage")
            body = await read_json(request, _vote, limit)
            device = self._device(request)
            if device is None:
                # Whoever has not seen the ballot has nothing to vote on.
                raise Refusal("stage-vote-closed")
            if await seats.stage_tries(f"voter:{device}", TRIES_WINDOW_S) > VOTES_PER_DEVICE:
                raise Refusal("too-many-tries")
            found = await self._ballot(request)
            if found is None or body.choice not in found[1].choices:
                raise Refusal("stage-vote-closed")
            choice = found[1].choices.index(body.choice)
            number = found[1].number
            counted = await seats.vote(stage_id, number, body.code, choice, device, self._network(request, stage_id))
            if counted is not Voted.COUNTED:
                raise Refusal("stage-voted" if counted is Voted.BEFORE else "stage-vote-closed")
            return Response(None, 204, {"Cache-Control": "no-store"})

        async def picture(request: Request) -> Response:
            from leitai.office.printing.qr import qr_svg  # gateways start without it

            code, stage_id = _code(request), id_in_path(request, "stage")
            if not (code.isascii() and code.isalnum()):
                raise Refusal("not-found")
            drawn = qr_svg(f"{self.address}/stage/vote?stage={stage_id}&code={code}")
            return Response(drawn, 200, {"Cache-Control": "public, max-age=3600"}, "image/svg+xml")

        return {
            "stage_join": join,
            "stage_ticket": ticket,
            "stage_leave": leave,
            "stage_media": media,
            "stage_ballot": ballot,
            "stage_vote": vote,
            "stage_qr": picture,
        }

    async def _ballot(self, request: Request) -> tuple[str, Vote] | None:
        try:
            return await self.folk.ballot(id_in_path(request, "stage"))
        except KeyError:
            raise Refusal("not-found") from None

    def _network(self, request: Request, stage_id: int) -> str:
        """Return a digest of the address that asks, another one on each stage."""
        host = request.client.host if request.client else ""
        return hmac.new(self.key, f"leitai network {stage_id} {host}".encode(), hashlib.sha256).hexdigest()[:16]

    def _new_device(self) -> str:
        name = secrets.token_hex(16)
        return name + self._mark(name)

    def _device(self, request: Request) -> str | None:
        """Return which device asks; a cookie that we did not make is none."""
        cookie = session_cookie(request, DEVICE_COOKIE) or ""
        name, mark = cookie[:32], cookie[32:]
        return name if hmac.compare_digest(mark.encode(), self._mark(name).encode()) else None

    def _mark(self, name: str) -> str:
        return hmac.new(self.key, f"leitai voter {name}".encode(), hashlib.sha256).hexdigest()[:32]


def serve_stage_media(request: Request, found: tuple[str, StageMedia] | None, media: ItemBytes) -> Response:
    """Return what a question shows; what is not there and what is not yet to be seen are one: neither is told."""
    if found is None:
        raise Refusal("not-found")
    address, one = found
    return serve_item_file(
        request, ItemFile(ItemNo(one.question), address, one.sha256, one.media_type, one.bytes), media
    )


def _code(request: Request) -> str:
    code = request.query_params.get("code")
    if code is None or len(code) > _CODE_SIGNS:
        raise Refusal("bad-request")
    return code

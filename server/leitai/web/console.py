"""The operators' console: the session in force as they see it, live, and their commands to it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.commanding import Commanded, NotConducted, hand_over
from leitai.live.conductor import CommandRefused, scheduled_freeze
from leitai.live.ports import Command, SessionState
from leitai.live.sight import Sight
from leitai.office.seconding import Seconding
from leitai.office.staff_ports import StaffRecord
from leitai.office.words import Words
from leitai.office.words_ports import Announcement
from leitai.rules.rights import Act, may
from leitai.rules.seconding import COMMANDING, CommandRequest, act_of, needs_second
from leitai.rules.timeline import windows
from leitai.rules.values import ActorId, DelegationCode, ItemNo, Micros, Phase, SessionId, SittingId
from leitai.web.console_views import health_body, rooms_body
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import encode, private, read_json
from leitai.web.parts import SignedIn
from leitai.web.streams import event_stream
from leitai.wire.console_bodies import (
    ConductRequest,
    ConsoleBody,
    ConsoleDelegation,
    ConsoleItem,
    ConsolePause,
    ConsoleRequest,
)

COMMAND_WITHIN_S = 8.0
_conduct = msgspec.json.Decoder(ConductRequest)


class Watched(Protocol):
    """The session in force as this process follows it."""

    @property
    def sight(self) -> Sight | None:
        """What is seen of it; None while there is no session."""
        ...

    @property
    def commanded(self) -> Commanded | None:
        """Where commands to it go."""
        ...


@dataclass(frozen=True, slots=True)
class ConsoleDoors:
    """Everything behind the console."""

    watched: Watched
    audit: Callable[[str, str, str, dict[str, object]], Awaitable[None]]
    """`office.ports.OfficeStore.audit`."""
    seconding: Seconding
    words: Words
    seat_of: Callable[[SessionId, str], Awaitable[SittingId | None]]
    """Who has an admission number in a session."""
    numbers: Callable[[SessionId], Awaitable[Mapping[SittingId, str]]]
    """The admission numbers of a session's sittings."""
    two_persons: bool
    """What is grave needs a second person."""


def endpoints(
    doors: ConsoleDoors, signed_in: Callable[[Request], Awaitable[StaffRecord]], limit: int
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def permitted(request: Request, act: Act, phase: Phase | None = None) -> StaffRecord:
        member = await signed_in(request)
        if not may(member.standing, act, phase=phase, delegation=member.delegation or None):
            raise Refusal("forbidden")
        return member

    def seen_by(member: StaffRecord) -> ConsoleBody | None:
        sight = doors.watched.sight
        if sight is None:
            return None
        body = msgspec.structs.replace(
            sight_body(sight), two_persons=doors.two_persons, questions=doors.words.unanswered
        )
        if may(member.standing, Act.SEE_READINESS):
            requests = [
                _request(one)
                for one in doors.seconding.open
                if one.session_id == body.session and one.stands(body.edition, body.server_us)
            ]
            return msgspec.structs.replace(body, requests=requests)
        # A team leader sees the own delegation only.
        own = [one for one in body.delegations if one.code == member.delegation]
        return msgspec.structs.replace(body, delegations=own, browsers={})

    async def console(request: Request) -> Response:
        body = seen_by(await permitted(request, Act.SEE_READINESS))
        if body is None:
            raise Refusal("not-found")
        return private(body)

    async def console_stream(request: Request) -> Response:
        await permitted(request, Act.SEE_READINESS)

        async def sights() -> AsyncGenerator[bytes]:
            told: object = None
            while True:
                member = await permitted(request, Act.SEE_READINESS)
                sight = doors.watched.sight
                body = seen_by(member)
                if sight is not None and body is not None and (sight.edition, body.requests, body.questions) != told:
                    told = sight.edition, body.requests, body.questions
                    yield encode(body)
                else:
                    yield b""

        return event_stream(sights())

    async def conduct(request: Request) -> Response:
        member = await commanding(signed_in, request)
        body = await read_json(request, _conduct, limit)
        sight = in_force(doors, body.session)
        if not may(member.standing, act_of(body.command)):
            raise Refusal("forbidden")
        if (body.command == "announce") != bool(body.text.strip()):
            raise Refusal("bad-request")
        detail: dict[str, object] = {"item": body.item, "seconds": body.seconds, "text": body.text.strip()}
        if doors.two_persons and needs_second(body.command, body.item, sight.file.plan.pacing):
            refused = {**detail, "code": "second-person-needed"}
            await doors.audit(member.login, f"{body.command}-refused", f"session {body.session}", refused)
            raise Refusal("second-person-needed")
        command = Command(
            body.command, member.login, body.text.strip(), ItemNo(body.item), body.seconds, expects=body.expects
        )
        if body.command == "announce":
            await hand(doors, member.login, command, detail)
            now_us = Micros(sight.clock.now_us())
            said = Announcement(0, command.text, ActorId(member.login), now_us)
            await doors.words.announce(sight.file.session_id, said)
        else:
            await carry_out(doors, member.login, command, detail)
        return Response(None, 204, {"Cache-Control": "no-store"})

    async def console_rooms(request: Request) -> Response:
        member = await signed_in(request)
        code, sight = DelegationCode(request.path_params["code"]), doors.watched.sight
        if not may(member.standing, Act.SEE_READINESS, delegation=code):
            raise Refusal("forbidden")
        if sight is None or all(one.delegation != code for one in sight.file.members):
            raise Refusal("not-found")
        return private(rooms_body(sight, code, await doors.numbers(sight.file.session_id)))

    return {"console_rooms": console_rooms, "console": console, "console_stream": console_stream, "conduct": conduct}


async def commanding(signed_in: SignedIn, request: Request) -> StaffRecord:
    """Return who asks, if that person may give any command; which one is asked once it is read."""
    member = await signed_in(request)
    if not any(may(member.standing, act) for act in COMMANDING):
        raise Refusal("forbidden")
    return member


def in_force(doors: ConsoleDoors, session_id: int) -> Sight:
    """Return what is seen of a session; raises `Refusal` with `not-found` when it is not the one in force."""
    sight = doors.watched.sight
    if sight is None or doors.watched.commanded is None or sight.file.session_id != session_id:
        raise Refusal("not-found")
    return sight


async def carry_out(doors: ConsoleDoors, actor: str, command: Command, detail: dict[str, object]) -> None:
    """Hand a command over, see `hand`, and write into the audit that it was carried out."""
    subject = await hand(doors, actor, command, detail)
    await doors.audit(actor, command.kind, subject, detail)


async def hand(doors: ConsoleDoors, actor: str, command: Command, detail: dict[str, object]) -> str:
    """Hand a command over and wait for what comes of it; return what it was about, for the audit.

    A refusal goes into the audit as `actor`'s and is raised as `Refusal`.
    """
    sight, commanded = doors.watched.sight, doors.watched.commanded
    if sight is None or commanded is None:
        raise Refusal("not-found")
    subject = f"session {sight.file.session_id}"
    try:
        await hand_over(commanded, command, COMMAND_WITHIN_S)
    except CommandRefused as refusal:
        await doors.audit(actor, f"{command.kind}-refused", subject, {**detail, "code": refusal.code})
        raise Refusal(refusal.code) from None
    except NotConducted:
        await doors.audit(actor, f"{command.kind}-unanswered", subject, detail)
        raise Refusal("not-conducted") from None
    return subject


def _request(one: CommandRequest) -> ConsoleRequest:
    return ConsoleRequest(one.request_id, one.command, one.item, one.seconds, one.actor, one.name, one.lapses_us)


def sight_body(sight: Sight) -> ConsoleBody:
    """Return what operators see of a session now."""
    file, state, now_us = sight.file, sight.state, sight.clock.now_us()
    conducted = state is not None
    state = state or SessionState(file.phase, file.start_us, 0, windows(file.plan, file.start_us))
    names = {one.code: one.short for one in file.delegations}
    rooms: dict[str, list[str]] = {}
    for delegation, room in sorted({(one.delegation, one.room) for one in file.members if one.room}):
        rooms.setdefault(delegation, []).append(room)
    return ConsoleBody(
        session=file.session_id,
        title=file.title,
        contest=file.contest_title,
        phase=state.phase.value,
        edition=state.edition,
        pacing=file.plan.pacing.value,
        start_us=state.start_us,
        ends_at_us=max((window.closes_at_us for window in state.windows), default=0),
        server_us=now_us,
        paused_us=sum((pause.until_us or now_us) - pause.from_us for pause in state.pauses),
        items=_items(sight, state, now_us),
        delegations=[
            ConsoleDelegation(
                one.delegation,
                names.get(one.delegation, one.delegation),
                one.seats,
                one.came,
                one.connected,
                one.checked_in,
                one.poor,
                one.round_trip_us,
                one.left,
                rooms.get(one.delegation, []),
            )
            for one in sight.readiness.delegations()
        ],
        browsers={name: count for name, count in sight.readiness.browsers.most_common(8) if count},
        connected=sight.truth.connected,
        answered=sight.truth.answered,
        open_item=sight.truth.item,
        gateways=len(sight.gateways),
        conducted=conducted,
        store_away=sight.store_away,
        health=health_body(sight.health),
        lobby_opens_us=file.lobby_opens_us,
        pauses=[ConsolePause(pause.from_us, pause.until_us or 0) for pause in state.pauses],
        frozen_us=state.freeze.at_us if state.freeze is not None else 0,
        freezes_at_us=scheduled_freeze(file, state) or 0,
    )


def _items(sight: Sight, state: SessionState, now_us: int) -> list[ConsoleItem]:
    placed = {window.item_no: window for window in state.windows}
    extensions = dict(state.extensions)
    items: list[ConsoleItem] = []
    for item in sight.file.plan.items:
        window = placed.get(item.item_no)
        if item.item_no in state.skipped:
            what = "skipped"
        elif item.item_no in state.closed_items:
            what = "closed"
        elif state.phase is Phase.RUNNING and window is not None and window.opens_at_us <= now_us:
            what = "open"
        else:
            what = "waiting"
        items.append(
            ConsoleItem(
                item.item_no,
                item.type.value,
                item.seconds,
                window.opens_at_us if window else 0,
                window.closes_at_us if window else 0,
                extensions.get(item.item_no, 0),
                what,
            )
        )
    return items

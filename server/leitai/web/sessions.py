"""Planning sessions: making one from a paper, scheduling, moving and withdrawing it, and its access codes."""

import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.ports import Command
from leitai.office.scheduling import NotSchedulable, Scheduling
from leitai.office.scheduling_ports import SessionSummary
from leitai.office.session_ports import SessionSettings
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.rules.values import ActorId, Counted, Micros, Pacing, Phase, SessionId
from leitai.web.console import ConsoleDoors, hand
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import private, read_json, session_in_path
from leitai.wire.bodies import EmptyRequest
from leitai.wire.sessions_bodies import (
    CodesSheet,
    ContestSummaryBody,
    CreateSessionRequest,
    MoveSessionRequest,
    PaperBody,
    PlannedSession,
    SessionCreated,
    SessionRules,
    SessionsBody,
)

_create = msgspec.json.Decoder(CreateSessionRequest)
_move = msgspec.json.Decoder(MoveSessionRequest)
_empty = msgspec.json.Decoder(EmptyRequest)
_NO_STORE = {"Cache-Control": "no-store"}
_S, _MINUTE = 1_000_000, 60_000_000


def endpoints(
    doors: ConsoleDoors,
    scheduling: Scheduling,
    signed_in: Callable[[Request], Awaitable[StaffRecord]],
    limit: int,
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    def contest_now_us() -> int:
        sight = doors.watched.sight
        return time.time_ns() // 1000 if sight is None or not sight.clock.known else sight.clock.now_us()

    async def permitted(request: Request, act: Act) -> ActorId:
        member = await signed_in(request)
        if not may(member.standing, act):
            raise Refusal("forbidden")
        return ActorId(member.login)

    async def sessions(request: Request) -> Response:
        await permitted(request, Act.SCHEDULE)
        in_force = None if doors.watched.sight is None else doors.watched.sight.file.session_id
        body = SessionsBody(
            [_planned(one, in_force) for one in await scheduling.sessions()],
            [
                PaperBody(one.paper_id, one.title, one.items, one.centipoints, one.seconds)
                for one in await scheduling.papers()
            ],
            [
                ContestSummaryBody(one.contest_id, one.title, one.year, one.roster)
                for one in await scheduling.contests()
            ],
            SessionRules(),
            contest_now_us(),
        )
        return private(body)

    async def session_create(request: Request) -> Response:
        actor = await permitted(request, Act.SCHEDULE)
        body = await read_json(request, _create, limit)
        papers = {one.paper_id: one.seconds for one in await scheduling.papers()}
        if not body.title.strip():
            raise Refusal("bad-request")
        if body.paper not in papers:
            code = "paper-not-sealed"
            await doors.audit(actor, "create-session-refused", f"paper {body.paper}", {"code": code})
            raise Refusal(code)
        settings = _settings(body, papers[body.paper])
        try:
            made = await scheduling.create(actor, body.contest, body.paper, settings, contest_now_us())
        except KeyError:
            raise Refusal("bad-request") from None
        except NotSchedulable as refusal:
            raise Refusal(refusal.code) from None
        return private(SessionCreated(made), 201)

    async def session_move(request: Request) -> Response:
        actor = await permitted(request, Act.SCHEDULE)
        session_id = session_in_path(request)
        body = await read_json(request, _move, limit)
        now_us = contest_now_us()
        start_us, lobby_us = Micros(body.start_us), Micros(max(0, body.start_us - body.lobby_minutes * _MINUTE))
        try:
            planned = await scheduling.one(session_id)
            if body.act == "reschedule" and start_us <= now_us:
                raise NotSchedulable("time-past")
            if body.act == "schedule":
                await scheduling.schedule(actor, session_id)
                return Response(None, 204, _NO_STORE)
            if planned.phase is Phase.SCHEDULED and planned.conducted:
                # Its director holds the start by now, and hears of another first.
                sight = doors.watched.sight
                if sight is None or sight.file.session_id != session_id:
                    raise NotSchedulable("session-not-in-force")
                command = Command(body.act, actor, at_us=body.start_us, expects=body.expects)
                await hand(doors, actor, command, {"start_us": body.start_us})
            if body.act == "reschedule":
                await scheduling.move(actor, session_id, start_us, lobby_us, now_us)
            else:
                await scheduling.withdraw(actor, session_id)
        except KeyError:
            raise Refusal("not-found") from None
        except NotSchedulable as refusal:
            detail: dict[str, object] = {"code": refusal.code}
            await doors.audit(actor, f"{body.act}-session-refused", f"session {session_id}", detail)
            raise Refusal(refusal.code) from None
        return Response(None, 204, _NO_STORE)

    async def session_codes(request: Request) -> Response:
        actor = await permitted(request, Act.ISSUE_CODES)
        session_id = session_in_path(request)
        await read_json(request, _empty, limit)
        try:
            sheet = await scheduling.issue_codes(actor, session_id)
        except KeyError:
            raise Refusal("not-found") from None
        except NotSchedulable as refusal:
            raise Refusal(refusal.code) from None
        return private(CodesSheet(session_id, sheet.seats, sheet.slips, sheet.table))

    return {
        "sessions": sessions,
        "session_create": session_create,
        "session_move": session_move,
        "session_codes": session_codes,
    }


def _settings(body: CreateSessionRequest, paper_s: int) -> SessionSettings:
    rules = body.rules
    paper = rules.pacing == "paper"
    return SessionSettings(
        title=body.title.strip(),
        start_us=Micros(body.start_us),
        lobby_opens_us=Micros(max(0, body.start_us - rules.lobby_minutes * _MINUTE)),
        pacing=Pacing(rules.pacing),
        counted=Counted.LAST if paper else Counted.FIRST,
        gap_us=Micros(rules.gap_s * _S),
        duration_us=Micros((rules.duration_s or paper_s or 1) * _S if paper else 0),
        late_entry_us=Micros(rules.late_entry_s * _S),
        board_follows=rules.board_follows,
        freeze_percent=rules.freeze_percent,
        show_own=rules.show_own,
        show_key=rules.show_key,
        conduct_limit=rules.conduct_limit,
        appeal_us=Micros(rules.appeal_minutes * _MINUTE),
    )


def _planned(one: SessionSummary, in_force: SessionId | None) -> PlannedSession:
    return PlannedSession(
        one.session_id,
        one.contest_title,
        one.paper_title,
        one.title,
        one.phase.value,
        one.pacing.value,
        one.start_us,
        one.lobby_opens_us,
        one.freeze_percent,
        one.seats,
        one.struck,
        one.session_id == in_force,
        one.phase is Phase.DRAFT and one.conducted,
    )

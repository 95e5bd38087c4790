"""Words to some contestants, and answers to what contestants ask: the queue, live, for whoever may answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.notes import plain
from leitai.live.sight import Sight
from leitai.office.ports import AlreadyThere
from leitai.office.staff_ports import StaffRecord
from leitai.office.words import Words
from leitai.office.words_ports import Announcement, Clarification, ClarificationAnswer
from leitai.rules.rights import Act, may
from leitai.rules.values import ActorId, DelegationCode, Member, Micros, Phase, SittingId
from leitai.web.console import ConsoleDoors, in_force
from leitai.web.contract import Endpoint
from leitai.web.credentials import plain as plain_number
from leitai.web.errors import Refusal
from leitai.web.exchange import encode, id_in_path, private, read_json
from leitai.web.parts import permitted
from leitai.web.streams import event_stream
from leitai.wire.words_bodies import (
    AnnouncementBody,
    AnnounceRequest,
    AnswerQuestionRequest,
    ClarificationBody,
    WordsBody,
)

_announce = msgspec.json.Decoder(AnnounceRequest)
_answer = msgspec.json.Decoder(AnswerQuestionRequest)
_NO_STORE = {"Cache-Control": "no-store"}


def endpoints(
    doors: ConsoleDoors, signed_in: Callable[[Request], Awaitable[StaffRecord]], limit: int
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def listening(request: Request) -> None:
        member = await signed_in(request)
        if not may(member.standing, Act.CLARIFY) and not may(member.standing, Act.ANNOUNCE):
            raise Refusal("forbidden")

    async def announce(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.ANNOUNCE)
        body = await read_json(request, _announce, limit)
        sight = in_force(doors, body.session)
        text = plain(body.text)
        if not text or bool(body.delegation) == bool(body.admission_no) or (body.room and not body.delegation):
            raise Refusal("bad-request")
        sitting_id: SittingId | None = None
        if body.admission_no:
            sitting_id = await doors.seat_of(sight.file.session_id, plain_number(body.admission_no))
        heard = [
            one
            for one in sight.file.members
            if not one.struck
            and (one.sitting_id == sitting_id if body.admission_no else one.delegation == body.delegation)
            and (not body.room or one.room == body.room)
        ]
        if not heard:
            raise Refusal("unknown-audience")
        to = heard[0].delegation if body.delegation else None
        now_us = Micros(sight.clock.now_us())
        announcement = Announcement(0, text, ActorId(member.login), now_us, to, body.room, sitting_id)
        await doors.words.announce(sight.file.session_id, announcement)
        return Response(None, 204, _NO_STORE)

    async def clarifications(request: Request) -> Response:
        await listening(request)
        if doors.watched.sight is None:
            raise Refusal("not-found")
        return private(_body(doors.watched.sight, doors.words))

    async def clarifications_stream(request: Request) -> Response:
        await listening(request)

        async def bodies() -> AsyncGenerator[bytes]:
            told: object = None
            while True:
                await listening(request)
                sight = doors.watched.sight
                now = sight and (sight.file.session_id, doors.words.edition, sight.phase)
                if sight is not None and now != told:
                    told = now
                    yield encode(_body(sight, doors.words))
                else:
                    yield b""

        return event_stream(bodies())

    async def clarify(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.CLARIFY)
        sight = doors.watched.sight
        if sight is None:
            raise Refusal("not-found")
        if not may(member.standing, Act.CLARIFY, phase=_phase(sight)):
            raise Refusal("forbidden")
        body = await read_json(request, _answer, limit)
        text = plain(body.text)
        if not text:
            raise Refusal("bad-request")
        answer = ClarificationAnswer(ActorId(member.login), Micros(sight.clock.now_us()), text, body.to_all)
        try:
            await doors.words.answer(sight.file.session_id, id_in_path(request, "clarification"), answer)
        except KeyError:
            raise Refusal("not-found") from None
        except AlreadyThere:
            raise Refusal("clarification-answered") from None
        return Response(None, 204, _NO_STORE)

    return {
        "announce": announce,
        "clarifications": clarifications,
        "clarifications_stream": clarifications_stream,
        "clarify": clarify,
    }


def _phase(sight: Sight) -> Phase:
    return sight.file.phase if sight.state is None else sight.state.phase


def _body(sight: Sight, words: Words) -> WordsBody:
    names = {one.code: one.short for one in sight.file.delegations}
    members = {one.sitting_id: one for one in sight.file.members}
    ours = words.session_id == sight.file.session_id
    return WordsBody(
        sight.file.session_id,
        _phase(sight).value,
        sight.clock.now_us(),
        [_question(one, members[one.sitting_id], names) for one in words.clarifications] if ours else [],
        [_announcement(one, members, names) for one in reversed(words.announcements)] if ours else [],
    )


def _question(one: Clarification, member: Member, names: dict[DelegationCode, str]) -> ClarificationBody:
    answer = one.answer
    return ClarificationBody(
        one.clarification_id,
        one.sitting_id,
        member.name,
        names.get(member.delegation, member.delegation),
        member.room,
        one.item_no or 0,
        one.question,
        one.at_us,
        answer.text if answer else "",
        answer.actor if answer else "",
        answer.at_us if answer else 0,
        answer.to_all if answer else False,
    )


def _announcement(
    one: Announcement, members: dict[SittingId, Member], names: dict[DelegationCode, str]
) -> AnnouncementBody:
    name = members[one.sitting_id].name if one.sitting_id else ""
    delegation = names.get(one.delegation, one.delegation) if one.delegation else ""
    return AnnouncementBody(one.announcement_id, one.text, one.actor, one.at_us, delegation, one.room, name)

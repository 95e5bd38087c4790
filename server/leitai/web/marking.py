"""The doors of marking: the queue of a judge, blind, a mark, and how far all of it is.

A judge is handed answers by names that are the judge's own (`office.blinding`), without whose they are and without
other judges' marks; no answer of the judge's own delegation is among them. Every refusal of a mark is in the audit.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.sight import Sight
from leitai.office.blinding import Blinding
from leitai.office.judging import judge_of
from leitai.office.staff_ports import StaffRecord
from leitai.rules.markings import MarkedAnswer, MarkRefused, Progress, part_centipoints, place_of
from leitai.rules.rights import Act, may
from leitai.rules.rulings import Judge
from leitai.rules.values import ItemNo, Micros, Phase
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import private, read_json
from leitai.web.judging import JudgingDoors
from leitai.wire.marking_bodies import (
    MarkingAnswer,
    MarkingItem,
    MarkingPart,
    MarkingProgress,
    MarkingProgressBody,
    MarkingQueue,
    MarkRequest,
)

NEXT = 5
"""Answers handed out at once, so that the next is there when one is marked."""
TRIES = 3
_mark = msgspec.json.Decoder(MarkRequest)


def endpoints(
    doors: JudgingDoors, blinding: Blinding, signed_in: Callable[[Request], Awaitable[StaffRecord]], limit: int
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def permitted(request: Request, act: Act) -> tuple[StaffRecord, Sight]:
        member = await signed_in(request)
        if not may(member.standing, act):
            raise Refusal("forbidden")
        sight = await doors.judged.sight(request)
        if not may(member.standing, act, phase=sight.phase):
            raise Refusal("session-finalized" if sight.phase is Phase.FINALIZED else "not-yet")
        return member, sight

    async def progress(request: Request) -> Response:
        _, sight = await permitted(request, Act.SEE_DESK)
        return private(_progress(doors, sight, await doors.desk.progress(sight.file.session_id)))

    async def queue(request: Request) -> Response:
        member, sight = await permitted(request, Act.MARK)
        session_id, judge = sight.file.session_id, judge_of(member)
        queue = await doors.desk.queue(session_id, judge)
        answers = [
            MarkingAnswer(blinding.name(session_id, judge.actor, place_of(one)), one.item_no, list(one.response))
            for one in queue.answers[:NEXT]
        ]
        items = [_item(sight, item_no) for item_no in sorted({one.item_no for one in queue.answers[:NEXT]})]
        told = _progress(doors, sight, queue.progress)
        return private(MarkingQueue(session_id, sight.phase.value, len(queue.answers), answers, items, told))

    async def mark(request: Request) -> Response:
        try:
            member, sight = await permitted(request, Act.MARK)
        except Refusal as refusal:
            if refusal.code != "not-signed-in":
                who = (await signed_in(request)).login
                await doors.store.audit(who, "refused-mark", request.url.path, {"code": refusal.code})
            raise
        body = await read_json(request, _mark, limit)
        session_id, judge = sight.file.session_id, judge_of(member)
        if body.session != session_id:
            raise Refusal("not-found")
        try:
            answer = blinding.answer(session_id, judge.actor, body.id)
            await _given(doors, sight, judge, answer, tuple(body.centipoints))
        except KeyError:
            detail = {"code": "not-found", "session": session_id}
            await doors.store.audit(judge.actor, "refused-mark", request.url.path, detail)
            raise Refusal("not-found") from None
        except MarkRefused as refused:
            raise Refusal(refused.code) from None
        return Response(None, 204, {"Cache-Control": "no-store"})

    return {"marking_progress": progress, "marking_queue": queue, "mark": mark}


async def _given(
    doors: JudgingDoors, sight: Sight, judge: Judge, answer: MarkedAnswer, centipoints: tuple[int, ...]
) -> None:
    """Give a mark. That another judge's came first is no matter of this one's, unless it settled the answer."""
    for again in range(TRIES, 0, -1):
        try:
            await doors.desk.mark(sight.file.session_id, answer, judge, centipoints, Micros(sight.clock.now_us()))
        except MarkRefused as refused:
            if refused.code != "mark-stale" or again == 1:
                raise
        else:
            return


def _progress(doors: JudgingDoors, sight: Sight, items: Mapping[ItemNo, Progress]) -> MarkingProgressBody:
    types = {one.item_no: one.type.value for one in sight.file.plan.items}
    return MarkingProgressBody(
        sight.file.session_id,
        sight.phase.value,
        doors.desk.difference_percent,
        [
            MarkingProgress(number, types[number], one.unmarked, one.one, one.differing, one.settled)
            for number, one in sorted(items.items())
        ],
    )


def _item(sight: Sight, item_no: ItemNo) -> MarkingItem:
    paper, content = sight.file.plan.items[item_no - 1], sight.file.contents[item_no - 1]
    texts = content.parts or [""]
    parts = [
        MarkingPart(text, list(reference), most)
        for text, reference, most in zip(texts, paper.key.blanks, part_centipoints(paper), strict=True)
    ]
    return MarkingItem(item_no, paper.type.value, content.stem, parts)

"""The judges' doors: rulings from proposal to withdrawal with previews, appeals, stray receipts, and what keeps a
session from being final. Every refusal of an act is in the audit with its code.

Bodies are made from the session that is asked about (`web.judged`); what is ruled and appealed is read again when the
record says that it moved, once for everybody who watches (`web.judging_record`).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.ports import StoreUnavailable
from leitai.live.sight import ItemState, Sight
from leitai.office.judging import Desk, judge_of
from leitai.office.judging_ports import JudgingStore
from leitai.office.staff_ports import StaffRecord
from leitai.rules.appeals import AppealRefused
from leitai.rules.receipts import ReceiptRefused
from leitai.rules.rights import Act, may
from leitai.rules.rulings import ActKind, Judge, RulingRefused
from leitai.rules.timeline import ends_at
from leitai.rules.values import Micros, Phase, SessionId
from leitai.web.contract import Endpoint
from leitai.web.cookies import SESSION_COOKIE
from leitai.web.errors import Refusal, language
from leitai.web.exchange import encode, id_in_path, private, read_json
from leitai.web.judged import Judged
from leitai.web.judging_bodies import court_body, effect_of, preview_body
from leitai.web.judging_record import JudgingRecord, JudgingRecords
from leitai.web.streams import event_stream
from leitai.wire.errors import say
from leitai.wire.ruling_bodies import (
    AppealBody,
    BlockerBody,
    BlockersBody,
    DecideRequest,
    EffectRequest,
    JudgingBody,
    ProposeRequest,
    ReceiptBody,
    RulingActRequest,
    RulingBody,
)

STRANGERS_A_MINUTE = 5
"""So many refusals of contestants' cookies are set down."""
_effect = msgspec.json.Decoder(EffectRequest)
_propose = msgspec.json.Decoder(ProposeRequest)
_act = msgspec.json.Decoder(RulingActRequest)
_decide = msgspec.json.Decoder(DecideRequest)


@dataclass(frozen=True, slots=True)
class JudgingDoors:
    """Everything behind the judges' doors."""

    judged: Judged
    store: JudgingStore
    desk: Desk
    staff: Callable[[], Awaitable[Sequence[StaffRecord]]]
    """Every account: whose name a login is."""
    tries: Callable[[str, int], Awaitable[int]]
    """`live.ports.Tickets.tries`."""


def endpoints(
    doors: JudgingDoors, signed_in: Callable[[Request], Awaitable[StaffRecord]], limit: int
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""
    records = JudgingRecords(doors.store, doors.staff)
    warming: set[asyncio.Task[None]] = set()

    async def refuse(actor: str, action: str, subject: str, code: str, detail: Mapping[str, object]) -> Refusal:
        await doors.store.audit(actor, f"refused-{action}", subject, {**detail, "code": code})
        return Refusal(code)

    async def asking(request: Request, act: Act, action: str) -> StaffRecord:
        """Return who asks; whoever may not is set down, a contestant too."""
        path = request.url.path
        try:
            member = await signed_in(request)
        except Refusal as refusal:
            # A token of the broadcast is set down where it is refused.
            contestant = SESSION_COOKIE in request.cookies
            if contestant and await doors.tries("judging by a contestant", 60) <= STRANGERS_A_MINUTE:
                raise await refuse("contestant", action, path, refusal.code, {}) from None
            raise
        if not may(member.standing, act):
            raise await refuse(member.login, action, path, "forbidden", {})
        return member

    async def looking(request: Request) -> tuple[StaffRecord, Sight]:
        member = await asking(request, Act.SEE_DESK, "see-judging")
        sight = await doors.judged.sight(request)
        if not may(member.standing, Act.SEE_DESK, phase=sight.phase):
            raise Refusal("not-yet")
        return member, sight

    async def acting(request: Request, act: Act, action: str, subject: str) -> tuple[StaffRecord, Sight]:
        """Return who acts on what session; an act that its phase does not allow is refused and set down."""
        member = await asking(request, act, action)
        sight = await doors.judged.sight(request)
        phase = sight.phase
        if not may(member.standing, act, phase=phase):
            if phase is Phase.FINALIZED:
                code = "session-finalized"
            else:
                code = "not-yet" if act is Act.DECIDE_APPEAL else "ruling-phase"
            raise await refuse(member.login, action, subject, code, {"session": sight.file.session_id})
        return member, sight

    async def in_session(sight: Sight, ruling_id: int) -> RulingBody:
        found = (await records.of(sight)).rulings.get(ruling_id)
        if found is None:
            found = (await records.of(sight, at_once=True)).rulings.get(ruling_id)
        if found is None:
            raise Refusal("not-found")
        return found

    def body(
        sight: Sight, rulings: list[RulingBody], appeals: list[AppealBody], receipts: list[ReceiptBody]
    ) -> JudgingBody:
        file = sight.file
        return JudgingBody(
            file.session_id,
            sight.phase.value,
            file.plan.pacing.value,
            _appeals_until(sight),
            sight.clock.now_us(),
            rulings,
            appeals,
            receipts,
        )

    def warm(sight: Sight) -> None:
        if not warming:
            task = asyncio.create_task(_warm(doors.desk, sight.file.session_id))
            warming.add(task)
            task.add_done_callback(warming.discard)

    async def judging(request: Request) -> Response:
        _, sight = await looking(request)
        record = await records.of(sight)
        return private(body(sight, [*record.rulings.values()], [*record.appeals.values()], [*record.receipts.values()]))

    async def judging_stream(request: Request) -> Response:
        _, watched = await looking(request)
        # Whoever opens a page of this will want a preview soon; the first one need not wait for the record then.
        if watched.phase is not Phase.FINALIZED:
            warm(watched)

        async def moved() -> AsyncGenerator[bytes]:
            told: tuple[SessionId, Phase, int] | None = None
            rulings: dict[int, RulingBody] = {}
            appeals: dict[int, AppealBody] = {}
            receipts: dict[int, ReceiptBody] = {}
            while True:
                _, sight = await looking(request)
                record = await records.of(sight)
                now = (sight.file.session_id, sight.phase, record.edition)
                if now == told:
                    yield b""
                    continue
                if told is None or told[0] != now[0]:
                    rulings, appeals, receipts = {}, {}, {}
                new = [one for number, one in record.rulings.items() if rulings.get(number) != one]
                filed = [one for number, one in record.appeals.items() if appeals.get(number) != one]
                astray = [one for number, one in record.receipts.items() if receipts.get(number) != one]
                told, rulings, appeals, receipts = now, record.rulings, record.appeals, record.receipts
                yield encode(body(sight, new, filed, astray))

        return event_stream(moved())

    async def court(request: Request) -> Response:
        _, sight = await looking(request)
        opened = {item_no for item_no, state in sight.items().items() if state in (ItemState.OPEN, ItemState.CLOSED)}
        return private(court_body(sight.file, opened))

    async def blockers(request: Request) -> Response:
        member = await signed_in(request)
        if not (may(member.standing, Act.SEE_DESK) or may(member.standing, Act.SEE_READINESS)):
            raise Refusal("forbidden")
        sight = await doors.judged.sight(request)
        if not (may(member.standing, Act.SEE_DESK, phase=sight.phase) or may(member.standing, Act.SEE_READINESS)):
            raise Refusal("not-yet")
        found = await doors.desk.blockers(sight.file.session_id, _now(sight), accepted=sight.desk.newest)
        locale = language(request.headers.get("accept-language", ""))
        return private(
            BlockersBody(
                sight.file.session_id,
                sight.phase.value,
                [
                    BlockerBody(one.code.value, one.count, list(one.subjects), say(one.code.value, locale))
                    for one in found
                ],
                _appeals_until(sight),
            )
        )

    async def preview_effect(request: Request) -> Response:
        member, sight = await acting(request, Act.PROPOSE_RULING, "preview", "effect")
        asked = await read_json(request, _effect, limit)
        if asked.session != sight.file.session_id:
            raise Refusal("not-found")
        effect = effect_of(asked.effect)
        judge = judge_of(member)
        try:
            seen = await doors.desk.preview_effect(sight.file.session_id, judge, effect, _now(sight))
        except RulingRefused as refused:
            raise Refusal(refused.code) from None
        return private(preview_body(seen, sight.file, effect, judge))

    async def propose_ruling(request: Request) -> Response:
        member, sight = await acting(request, Act.PROPOSE_RULING, "propose", "ruling")
        asked = await read_json(request, _propose, limit)
        session_id = sight.file.session_id
        if asked.session != session_id:
            raise Refusal("not-found")
        effect = effect_of(asked.effect)
        try:
            made = await doors.desk.propose(
                session_id, judge_of(member), effect, asked.reason, asked.evidence.strip(), _now(sight)
            )
        except RulingRefused as refused:
            raise Refusal(refused.code) from None
        return private((await records.of(sight, at_once=True)).rulings[made.ruling_id])

    async def preview_ruling(request: Request) -> Response:
        member, sight = await looking(request)
        found = await in_session(sight, id_in_path(request, "ruling"))
        effect = effect_of(found.effect)
        seen = await doors.desk.preview(found.ruling, _now(sight))
        return private(preview_body(seen, sight.file, effect, judge_of(member), found.ruling, found.version))

    async def ruling_act(request: Request) -> Response:
        ruling_id = id_in_path(request, "ruling")
        member, sight = await acting(request, Act.APPROVE_RULING, "act", f"ruling {ruling_id}")
        asked = await read_json(request, _act, limit)
        await in_session(sight, ruling_id)
        try:
            await doors.desk.act(
                ruling_id,
                judge_of(member),
                ActKind(asked.act),
                _now(sight),
                version=asked.version,
                reason=asked.reason,
            )
        except RulingRefused as refused:
            raise Refusal(refused.code) from None
        finally:
            # Whoever was told of another's act sees it, too.
            record = await records.of(sight, at_once=True)
        return private(record.rulings[ruling_id])

    async def decide_appeal(request: Request) -> Response:
        appeal_id = id_in_path(request, "appeal")
        subject = f"appeal {appeal_id}"
        record = await deciding(
            request, "decide-appeal", subject, appeal_id, lambda one: one.appeals, doors.desk.decide_appeal
        )
        return private(record.appeals[appeal_id])

    async def decide_receipt(request: Request) -> Response:
        receipt_id = id_in_path(request, "receipt")
        subject = f"receipt {receipt_id}"
        record = await deciding(
            request, "decide-receipt", subject, receipt_id, lambda one: one.receipts, doors.desk.decide_receipt
        )
        return private(record.receipts[receipt_id])

    async def deciding(
        request: Request,
        action: str,
        subject: str,
        number: int,
        known: Callable[[JudgingRecord], Mapping[int, object]],
        decide: Callable[[int, Judge, Micros, str, int | None], Awaitable[object]],
    ) -> JudgingRecord:
        """Have what waits for the desk decided, and return the record with it; of another session there is none."""
        member, sight = await acting(request, Act.DECIDE_APPEAL, action, subject)
        asked = await read_json(request, _decide, limit)
        if number not in known(await records.of(sight, at_once=True)):
            raise Refusal("not-found")
        try:
            await decide(number, judge_of(member), _now(sight), asked.reason, asked.ruling or None)
        except (AppealRefused, ReceiptRefused) as refused:
            raise Refusal(refused.code) from None
        except KeyError:
            raise Refusal("not-found") from None
        finally:
            record = await records.of(sight, at_once=True)
        return record

    return {
        "judging": judging,
        "judging_stream": judging_stream,
        "court": court,
        "blockers": blockers,
        "preview_effect": preview_effect,
        "propose_ruling": propose_ruling,
        "preview_ruling": preview_ruling,
        "ruling_act": ruling_act,
        "decide_appeal": decide_appeal,
        "decide_receipt": decide_receipt,
    }


async def _warm(desk: Desk, session_id: SessionId) -> None:
    try:
        await desk.warm(session_id)
    except StoreUnavailable:
        # Whoever asks for a preview will be told.
        return


def _now(sight: Sight) -> Micros:
    if not sight.clock.known:
        raise StoreUnavailable
    return Micros(sight.clock.now_us())


def _appeals_until(sight: Sight) -> int:
    """Return when appeals end; 0 while the session is not over."""
    state = sight.state
    if state is None or state.phase not in (Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED) or not state.windows:
        return 0
    return ends_at(state.windows) + sight.file.appeal_us

"""The judges' desk: what contestants answer to the session in force, as it arrives.

It tells right from wrong while items are open, so each request, and each event of a stream, asks for `Act.SEE_DESK` in
the session's phase anew. A judge who comes from a delegation sees all of it: a conflict of interest counts where
somebody rules, not where somebody looks.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response

from leitai.live.desk import Anomaly, DelegationSummary, GroupSummary, ItemSummary, Only, Seen
from leitai.live.sight import Sight
from leitai.office.ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.rules.values import ItemNo, Phase, SittingId
from leitai.web.console import ConsoleDoors
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import delegation_in_query, encode, id_in_path, number_in_query, private
from leitai.web.streams import event_stream
from leitai.wire.desk_bodies import (
    DeskAnomalies,
    DeskAnomaly,
    DeskAnswer,
    DeskDelegation,
    DeskGroup,
    DeskItem,
    DeskItemBody,
    DeskItems,
    DeskMoved,
    DeskResponse,
    DeskTail,
)

TAIL_LENGTH = 200
"""The most answers told at once."""


def endpoints(doors: ConsoleDoors, signed_in: Callable[[Request], Awaitable[StaffRecord]]) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def permitted(request: Request) -> Sight:
        member = await signed_in(request)
        if not may(member.standing, Act.SEE_DESK):
            raise Refusal("forbidden")
        sight = doors.watched.sight
        if sight is None:
            raise Refusal("not-found")
        if not may(member.standing, Act.SEE_DESK, phase=_phase(sight)):
            raise Refusal("not-yet")
        return sight

    async def desk_items(request: Request) -> Response:
        sight = await permitted(request)
        items = _items(sight, sight.desk.items())
        return private(DeskItems(sight.file.session_id, _phase(sight).value, sight.desk.edition, items))

    async def desk_item(request: Request) -> Response:
        sight = await permitted(request)
        try:
            item, groups, delegations = sight.desk.item(ItemNo(id_in_path(request, "item")))
        except KeyError:
            raise Refusal("not-found") from None
        return private(
            DeskItemBody(
                sight.file.session_id,
                sight.desk.edition,
                _items(sight, [item])[0],
                [_group(one) for one in groups],
                [_delegation(one) for one in delegations],
            )
        )

    async def desk_tail(request: Request) -> Response:
        sight = await permitted(request)
        item, sitting = number_in_query(request, "item"), number_in_query(request, "sitting")
        found = sight.desk.tail(
            TAIL_LENGTH,
            item=None if item is None else ItemNo(item),
            delegation=delegation_in_query(request) if "delegation" in request.query_params else None,
            sitting=None if sitting is None else SittingId(sitting),
            only=_only(request),
        )
        return private(DeskTail(sight.file.session_id, sight.desk.newest, [_answer(one) for one in found]))

    async def desk_anomalies(request: Request) -> Response:
        sight = await permitted(request)
        found = [_anomaly(one) for one in sight.desk.anomalies()]
        return private(DeskAnomalies(sight.file.session_id, sight.desk.edition, found))

    async def desk_stream(request: Request) -> Response:
        await permitted(request)

        async def moved() -> AsyncGenerator[bytes]:
            told: tuple[Sight, Phase, int] | None = None
            while True:
                sight = await permitted(request)
                now = (sight, _phase(sight), sight.desk.edition)
                if now == told:
                    yield b""
                    continue
                # Another session starts anew.
                since = told[2] if told is not None and told[0] is sight else -1
                told = now
                items = _items(sight, sight.desk.items(since))
                yield encode(DeskMoved(sight.file.session_id, now[1].value, now[2], sight.desk.newest, items))

        return event_stream(moved())

    return {
        "desk_items": desk_items,
        "desk_item": desk_item,
        "desk_tail": desk_tail,
        "desk_anomalies": desk_anomalies,
        "desk_stream": desk_stream,
    }


def _phase(sight: Sight) -> Phase:
    return sight.file.phase if sight.state is None else sight.state.phase


def _only(request: Request) -> Only | None:
    name = request.query_params.get("only")
    try:
        return None if name is None else Only(name)
    except ValueError:
        raise Refusal("bad-request") from None


def _items(sight: Sight, items: Iterable[ItemSummary]) -> list[DeskItem]:
    papers = {paper.item_no: paper for paper in sight.file.plan.items}
    return [
        DeskItem(
            one.item_no,
            papers[one.item_no].type.value,
            papers[one.item_no].centipoints,
            one.answered,
            one.right,
            one.wrong,
            one.cleared,
            one.late,
            one.early,
            one.p50_us,
            one.p90_us,
            one.responses,
        )
        for one in items
    ]


def _group(one: GroupSummary) -> DeskGroup:
    counts = {str(code): count for code, count in one.delegations.items()}
    return DeskGroup(list(one.form), list(one.example), one.centipoints, one.wrong, one.common, one.count, counts)


def _delegation(one: DelegationSummary) -> DeskDelegation:
    return DeskDelegation(one.delegation, one.answered, one.right, one.late, one.early)


def _answer(seen: Seen) -> DeskAnswer:
    answer, member = seen.answer, seen.member
    return DeskAnswer(
        seen.number,
        answer.item_no,
        answer.sitting_id,
        member.name,
        member.delegation,
        member.room,
        list(answer.response),
        seen.group.centipoints,
        seen.group.wrong,
        answer.status.value,
        answer.stamp_us,
        answer.elapsed_us,
        answer.elapsed_flagged,
    )


def _anomaly(one: Anomaly) -> DeskAnomaly:
    responses = [DeskResponse(item_no, list(form)) for item_no, form in one.responses]
    return DeskAnomaly(one.kind, one.delegation, one.room, list(one.sittings), responses, one.count)

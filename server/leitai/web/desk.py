"""The judges' desk: what contestants answer to the session in force, as it arrives, or answered to an earlier one.

It tells right from wrong while items are open, so each request, and each event of a stream, asks for `Act.SEE_DESK` in
the session's phase anew. A judge who comes from a delegation sees all of it: a conflict of interest counts where
somebody rules, not where somebody looks.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import Response

from leitai.live.desk import Desk
from leitai.live.desk_values import Anomaly, DelegationSummary, GroupSummary, ItemSummary, Only, Seen
from leitai.live.sight import ItemState, Sight
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.rules.values import ItemNo, Phase, SittingId
from leitai.web.contract import Endpoint
from leitai.web.doors import ItemBytes
from leitai.web.errors import Refusal
from leitai.web.exchange import delegation_in_query, encode, id_in_path, number_in_query, private, private_json
from leitai.web.judged import Judged
from leitai.web.serving import serve_item_file
from leitai.web.streams import Shared, event_stream, quarter
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
    DeskOption,
    DeskResponse,
    DeskTail,
    DeskText,
    DeskTime,
)

TAIL_LENGTH = 200
"""The most answers told at once, and how many are where nobody says how many."""
GROUPS = 200
"""The most groups of responses told of one item."""
NAME_CHARS = 32
_TOLD = (ItemState.OPEN, ItemState.CLOSED)
"""How far items are of which text, key and pictures are told."""
TOGETHER_S = 0.1
"""So long a page's question waits for those of other desks: what all of them see is made once."""
ANOMALIES_EVERY_S = 2.0
"""How often they are looked for at most, however many desks ask: a nation's patterns cost a tenth of a second."""


def endpoints(
    judged: Judged, media: ItemBytes, signed_in: Callable[[Request], Awaitable[StaffRecord]]
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def permitted(request: Request) -> Sight:
        member = await signed_in(request)
        if not may(member.standing, Act.SEE_DESK):
            raise Refusal("forbidden")
        sight = await judged.sight(request)
        if not may(member.standing, Act.SEE_DESK, phase=sight.phase):
            raise Refusal("not-yet")
        return sight

    async def desk_items(request: Request) -> Response:
        sight = await permitted(request)
        desk = await judged.desk(sight)
        items = _items(sight, desk.items(), sight.items())
        return private(DeskItems(sight.file.session_id, sight.phase.value, desk.edition, _seats(sight), items))

    async def desk_item(request: Request) -> Response:
        sight = await permitted(request)
        item_no = ItemNo(id_in_path(request, "item"))
        desk = await judged.desk(sight)
        return private_json(await shared.get((desk, item_no), lambda: _item_body(sight, desk, item_no)))

    async def desk_media(request: Request) -> Response:
        sight = await permitted(request)
        # What is not there and what is not yet to be seen are one: neither is told.
        file = next((one for one in sight.file.media if one.address == request.path_params["address"]), None)
        if file is None or sight.items()[file.item_no] not in _TOLD:
            raise Refusal("not-found")
        return serve_item_file(request, file, media)

    async def desk_tail(request: Request) -> Response:
        sight = await permitted(request)
        item, sitting = number_in_query(request, "item"), number_in_query(request, "sitting")
        name = request.query_params.get("name", "").strip()
        count = number_in_query(request, "count")
        count = TAIL_LENGTH if count is None else count
        if len(name) > NAME_CHARS or not 1 <= count <= TAIL_LENGTH:
            raise Refusal("bad-request")
        delegation = delegation_in_query(request) if "delegation" in request.query_params else None
        only, desk = _only(request), await judged.desk(sight)

        def tail() -> bytes:
            found = desk.tail(
                count,
                item=None if item is None else ItemNo(item),
                delegation=delegation,
                sitting=None if sitting is None else SittingId(sitting),
                name=name,
                only=only,
            )
            return encode(DeskTail(sight.file.session_id, desk.newest, [_answer(one) for one in found]))

        return private_json(await shared.get((desk, count, item, delegation, sitting, name, only), tail))

    shared = Shared(TOGETHER_S)
    made: tuple[_Now, dict[int, bytes]] | None = None
    """What streams are told of the session in force as it is, by what they were told before."""
    made_in = -1
    """In which quarter of a second."""
    looked: WeakKeyDictionary[Desk, tuple[float, DeskAnomalies]] = WeakKeyDictionary()

    async def desk_anomalies(request: Request) -> Response:
        sight = await permitted(request)
        desk = await judged.desk(sight)
        if desk not in looked or time.monotonic() > looked[desk][0] + ANOMALIES_EVERY_S:
            found = [_anomaly(desk, one) for one in desk.anomalies()]
            looked[desk] = time.monotonic(), DeskAnomalies(sight.file.session_id, desk.edition, found)
        return private(looked[desk][1])

    async def desk_stream(request: Request) -> Response:
        await permitted(request)

        async def moved() -> AsyncGenerator[bytes]:
            before: _Now | None = None
            while True:
                sight = await permitted(request)
                if not judged.followed(sight):
                    # It stands still: told once, and again only when the record has moved.
                    if before is None or before.sight is not sight:
                        before = _now_of(sight, await judged.desk(sight))
                        yield _moved(before, None)
                    else:
                        yield b""
                    continue
                nonlocal made, made_in
                if made is None or made[0].sight is not sight or made_in != quarter():
                    made_in, now = quarter(), _now_of(sight, sight.desk)
                    if made is None or made[0] != now:
                        made = (now, {})
                now = made[0]
                if now == before:
                    yield b""
                    continue
                # Desks that were told the same before are told the same in this quarter.
                known = id(before)
                if known not in made[1]:
                    made[1][known] = _moved(now, before)
                before = made[0]
                yield made[1][known]

        return event_stream(moved())

    return {
        "desk_items": desk_items,
        "desk_item": desk_item,
        "desk_media": desk_media,
        "desk_tail": desk_tail,
        "desk_anomalies": desk_anomalies,
        "desk_stream": desk_stream,
    }


@dataclass(frozen=True, slots=True)
class _Now:
    """The desk as it is at a moment."""

    sight: Sight
    phase: Phase
    desk: Desk
    edition: int
    states: Mapping[ItemNo, ItemState]


def _now_of(sight: Sight, desk: Desk) -> _Now:
    return _Now(sight, sight.phase, desk, desk.edition, sight.items())


def _moved(now: _Now, before: _Now | None) -> bytes:
    """Return what a stream is told; another session starts anew."""
    sight, desk = now.sight, now.desk
    since, states = (before.edition, before.states) if before is not None and before.sight is sight else (-1, {})
    turned = {number for number, state in now.states.items() if states.get(number) is not state}
    items = _items(sight, desk.items(since, turned), now.states)
    return encode(DeskMoved(sight.file.session_id, now.phase.value, now.edition, _seats(sight), desk.newest, items))


def _item_body(sight: Sight, desk: Desk, item_no: ItemNo) -> bytes:
    try:
        seen = desk.item(item_no)
    except KeyError:
        raise Refusal("not-found") from None
    states = sight.items()
    return encode(
        DeskItemBody(
            sight.file.session_id,
            desk.edition,
            _items(sight, [seen.summary], states)[0],
            [_group(one) for one in seen.groups[:GROUPS]],
            [_delegation(one) for one in seen.delegations],
            [DeskTime(*one) for one in seen.times],
            _text(sight, item_no) if states[item_no] in _TOLD else None,
        )
    )


def _seats(sight: Sight) -> int:
    return sum(not member.struck for member in sight.file.members)


def _only(request: Request) -> Only | None:
    name = request.query_params.get("only")
    try:
        return None if name is None else Only(name)
    except ValueError:
        raise Refusal("bad-request") from None


def _items(sight: Sight, items: Iterable[ItemSummary], states: Mapping[ItemNo, ItemState]) -> list[DeskItem]:
    papers = {paper.item_no: paper for paper in sight.file.plan.items}
    return [
        DeskItem(
            one.item_no,
            papers[one.item_no].type.value,
            papers[one.item_no].centipoints,
            states[one.item_no].value,
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
    return DeskDelegation(one.delegation, one.answered, one.right, one.late, one.early, one.p50_us, one.p90_us)


def _text(sight: Sight, item_no: ItemNo) -> DeskText:
    content, key = sight.file.contents[item_no - 1], sight.file.plan.items[item_no - 1].key
    options = [DeskOption(one.id, one.text, one.id in key.options) for one in content.options]
    blanks = [list(blank) for blank in key.blanks]
    return DeskText(content.stem, options, blanks, list(content.parts), list(content.media))


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


def _anomaly(desk: Desk, one: Anomaly) -> DeskAnomaly:
    responses = [DeskResponse(item_no, list(form)) for item_no, form in one.responses]
    names = [desk.name_of(sitting) for sitting in one.sittings]
    return DeskAnomaly(one.kind, one.delegation, one.room, list(one.sittings), names, responses, one.count)

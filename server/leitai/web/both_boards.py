"""Both boards for judges: what is true, and what the public may know of it while the board is frozen.

Only the staff's door leads here, and each request asks for `Act.SEE_DESK` in the session's phase anew.
"""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from leitai.live.boards import PAGE
from leitai.live.conductor import scheduled_freeze
from leitai.live.sight import Sight
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.web.console import ConsoleDoors
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import delegation_in_query, page_in_query, private
from leitai.wire.both_boards_bodies import BoardLine, BothBoards
from leitai.wire.messages import BoardRow, View

_VIEWS = (View.INDIVIDUALS, View.DELEGATIONS, View.PROVINCE)


def endpoints(doors: ConsoleDoors, signed_in: Callable[[Request], Awaitable[StaffRecord]]) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def both_boards(request: Request) -> Response:
        member = await signed_in(request)
        if not may(member.standing, Act.SEE_DESK):
            raise Refusal("forbidden")
        sight = doors.watched.sight
        if sight is None:
            raise Refusal("not-found")
        if not may(member.standing, Act.SEE_DESK, phase=sight.phase):
            raise Refusal("not-yet")
        view = next((one for one in _VIEWS if one.value == request.query_params.get("view")), None)
        if view is None:
            raise Refusal("bad-request")
        delegation = str(delegation_in_query(request)) if view is View.PROVINCE else ""
        if delegation and sight.truth.place_of(delegation) < 0:
            raise Refusal("not-found")
        return private(_body(sight, view, page_in_query(request), delegation, two_persons=doors.two_persons))

    return {"both_boards": both_boards}


def _body(sight: Sight, view: View, page: int, delegation: str, *, two_persons: bool) -> BothBoards:
    state, total = sight.state, sight.truth.total(view, delegation)
    pages = 1 if view is View.DELEGATIONS else max(1, -(-total // PAGE))
    if page > pages:
        raise Refusal("not-found")
    rows = sight.truth.page((view, page, delegation))
    public = {row.key: row for row in _every(sight, view, delegation)}
    return BothBoards(
        sight.file.session_id,
        sight.file.title,
        sight.phase.value,
        "" if state is None else state.edition,
        state is not None,
        sight.clock.now_us(),
        0 if state is None or state.freeze is None else state.freeze.at_us,
        0 if state is None else scheduled_freeze(sight.file, state) or 0,
        view.value,
        page,
        pages,
        total,
        [_line(row, public.get(row.key)) for row in rows],
        two_persons,
    )


def _every(sight: Sight, view: View, delegation: str) -> Sequence[BoardRow]:
    table = sight.table
    pages = 1 if view is View.DELEGATIONS else -(-table.total(view, delegation) // PAGE)
    return [row for page in range(1, pages + 1) for row in table.page((view, page, delegation))]


def _line(row: BoardRow, public: BoardRow | None) -> BoardLine:
    told = (public.rank, public.centipoints, public.elapsed_ms) if public is not None else (0, 0, 0)
    return BoardLine(row.key, row.rank, row.name, row.delegation, row.centipoints, row.elapsed_ms, *told)

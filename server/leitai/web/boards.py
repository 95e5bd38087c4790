"""The public's doors: the contest and its boards as plain cacheable JSON."""

import gzip
import unicodedata
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from leitai.office.session_ports import FinalSession
from leitai.rules.values import DelegationCode, Phase, SessionId
from leitai.web.contract import Endpoint
from leitai.web.doors import BoardPage, Doors, NotThere
from leitai.web.errors import Refusal, no_session
from leitai.web.exchange import (
    encode,
    etag_of,
    is_delegation,
    page_in_query,
    private,
    revalidated,
    session_in_path,
    takes_gzip,
)
from leitai.web.results import Shared
from leitai.wire.bodies import (
    BoardSession,
    BoardSessions,
    ContestBody,
    DelegationRow,
    DelegationsBoard,
    FoundBody,
    FoundRow,
    ParticipationBody,
    PeopleBoard,
    PersonRow,
)
from leitai.wire.messages import BoardRow, View

FOUND_LIMIT = 20
_LONGEST_NAME = 32
_CACHE = "public, max-age=1"
_JSON = "application/json"
_KEPT_PAGES = 1024
T = TypeVar("T")


class _Encoded(Generic[T]):
    """A value as JSON, and compressed as soon as somebody takes it so: once each, however many ask."""

    __slots__ = ("_content", "_etag", "_gzipped", "value")

    def __init__(self, value: T, content: bytes) -> None:
        self.value = value
        self._content = content
        self._etag = etag_of(content)
        self._gzipped = b""

    def answer(self, request: Request) -> Response:
        """Return it in the form that the client takes."""
        if not takes_gzip(request.headers):
            return revalidated(request, self._etag, self._content, cache=_CACHE, media=_JSON, vary="Accept-Encoding")
        self._gzipped = self._gzipped or gzip.compress(self._content, 6, mtime=0)
        # Other bytes under the same address: a strong ETag is to differ (RFC 9110, 8.8.3.3).
        etag = f'{self._etag[:-1]}-gzip"'
        response = revalidated(request, etag, self._gzipped, cache=_CACHE, media=_JSON, vary="Accept-Encoding")
        response.headers["Content-Encoding"] = "gzip"
        return response


def endpoints(doors: Doors) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""
    kept: dict[tuple[SessionId, View, int, DelegationCode], _Encoded[BoardPage]] = {}
    turnout: _Encoded[ParticipationBody] | None = None

    shared = Shared()

    def in_force(session_id: SessionId) -> bool:
        body = doors.session.contest()
        return body is not None and body.session.id == session_id

    async def board(request: Request, view: View, page_no: int, delegation: DelegationCode) -> Response:
        session_id = session_in_path(request)
        try:
            page = doors.session.page(session_id, view, page_no, delegation)
        except NotThere:
            if in_force(session_id):
                raise
            page = await doors.earlier.page(session_id, view, page_no, delegation)
        if page is None:
            raise Refusal("board-unavailable")
        if page_no > max(page.pages, 1):
            raise Refusal("not-found")
        place = (session_id, view, page_no, delegation)
        encoded = kept.get(place)
        if encoded is None or (encoded.value is not page and encoded.value != page):
            if len(kept) >= _KEPT_PAGES:
                kept.clear()
            encoded = kept[place] = _Encoded(page, encode_page(page, view, page_no))
        return encoded.answer(request)

    async def contest(_request: Request) -> Response:
        body = doors.session.contest()
        if body is None:
            raise no_session(doors.session)
        return private(body)

    async def sessions(request: Request) -> Response:
        async def made() -> bytes:
            body = doors.session.contest()
            now = [] if body is None else [_in_force(body)]
            known = {one.id for one in now}
            finals = [_final(one) for one in await doors.earlier.sessions() if one.session_id not in known]
            return encode(BoardSessions([*now, *finals]))

        etag, content = await shared.get("sessions", made)
        return revalidated(request, etag, content, cache=_CACHE, media=_JSON)

    async def participation(request: Request) -> Response:
        nonlocal turnout
        body = doors.session.participation()
        if body is None:
            raise no_session(doors.session)
        if turnout is None or turnout.value is not body:
            turnout = _Encoded(body, encode(body))
        return turnout.answer(request)

    async def individuals(request: Request) -> Response:
        return await board(request, View.INDIVIDUALS, page_in_query(request), DelegationCode(""))

    async def delegations(request: Request) -> Response:
        return await board(request, View.DELEGATIONS, page_in_query(request), DelegationCode(""))

    async def province(request: Request) -> Response:
        code: str = request.path_params["code"]
        if not is_delegation(code):
            raise Refusal("not-found")
        return await board(request, View.PROVINCE, page_in_query(request), DelegationCode(code))

    async def find(request: Request) -> Response:
        session_id = session_in_path(request)
        typed = request.query_params.get("q", "")
        text = unicodedata.normalize("NFKC", typed[: _LONGEST_NAME + 1]).strip()
        if not text or len(typed) > _LONGEST_NAME:
            raise Refusal("bad-request")
        try:
            found = doors.session.find(session_id, text, FOUND_LIMIT)
        except NotThere:
            found = await doors.earlier.find(session_id, text, FOUND_LIMIT)
        if found is None:
            raise Refusal("board-unavailable")
        rows = [FoundRow(*_person(one.row), one.page) for one in found[:FOUND_LIMIT]]
        content = encode(FoundBody(rows))
        return revalidated(request, etag_of(content), content, cache=_CACHE, media=_JSON)

    return {
        "contest": contest,
        "board_sessions": sessions,
        "participation": participation,
        "individuals": individuals,
        "delegations": delegations,
        "province": province,
        "find": find,
    }


def encode_page(page: BoardPage, view: View, page_no: int) -> bytes:
    """Return the JSON of a page as the wire tables it."""
    head = (view.value, page_no, page.pages, page.page_size, page.version, page.total, page.frozen, page.phase)
    if view is View.DELEGATIONS:
        counts = page.members or [0] * len(page.rows)
        rows = [DelegationRow(*_person(row), count) for row, count in zip(page.rows, counts, strict=True)]
        return encode(DelegationsBoard(*head, rows))
    return encode(PeopleBoard(*head, [PersonRow(*_person(row)) for row in page.rows]))


def _in_force(body: ContestBody) -> BoardSession:
    session = body.session
    return BoardSession(session.id, body.contest.title, session.title, session.phase, session.start_us)


def _final(one: FinalSession) -> BoardSession:
    return BoardSession(one.session_id, one.contest_title, one.title, Phase.FINALIZED.value, one.start_us)


def _person(row: BoardRow) -> tuple[int, int, int, str, str, int, int]:
    return row.key, row.order, row.rank, row.name, row.delegation, row.centipoints, row.elapsed_ms

"""The doors to what is published after the contest: awards, eligibility, the draw, the standings."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from leitai.rules.values import SessionId
from leitai.web.contract import Endpoint
from leitai.web.doors import Doors
from leitai.web.errors import no_session
from leitai.web.exchange import delegation_in_query, etag_of, revalidated, session_in_path

REVEAL_KEPT_S = 0.25
KEPT_S = 2.0
"""For so long an answer serves everyone who asks: a nation may look at the awards in the same minute."""
_CACHE = "public, max-age=2"
_KEPT_ANSWERS = 256


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    etag: str
    content: bytes


class Shared:
    """Answers shared by everyone who asks within `kept_s`; askers at the same moment wait for one making."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, kept_s: float = KEPT_S) -> None:
        self._clock = clock
        self._kept_s = kept_s
        self._kept: dict[Hashable, _Kept] = {}
        self._making: dict[Hashable, asyncio.Future[_Kept]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> tuple[str, bytes]:
        """Return (ETag, content); what `make` raises, everyone who waits for it gets."""
        kept = self._kept.get(key)
        if kept is None or self._clock() >= kept.until:
            making = self._making.get(key)
            if making is None:
                making = self._making[key] = asyncio.ensure_future(self._make(key, make))
                making.add_done_callback(lambda done: self._made(key, done))
            # One asker going away takes nothing from the others.
            kept = await asyncio.shield(making)
        return kept.etag, kept.content

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> _Kept:
        content = await make()
        if len(self._kept) >= _KEPT_ANSWERS:
            self._kept.clear()
        kept = self._kept[key] = _Kept(self._clock() + self._kept_s, etag_of(content), content)
        return kept

    def _made(self, key: Hashable, done: "asyncio.Future[_Kept]") -> None:
        del self._making[key]
        if not done.cancelled():
            done.exception()


def endpoints(doors: Doors) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""
    results = doors.results
    shared = Shared()
    moving = Shared(kept_s=REVEAL_KEPT_S)

    async def answer(request: Request, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> Response:
        etag, content = await shared.get(key, make)
        return revalidated(request, etag, content, cache=_CACHE, media="application/json")

    async def awards(request: Request) -> Response:
        session_id = session_in_path(request)
        return await answer(request, ("awards", session_id), lambda: results.awards(session_id))

    async def eligibility(request: Request) -> Response:
        session_id, code = session_in_path(request), delegation_in_query(request)
        return await answer(request, ("eligibility", session_id, code), lambda: results.eligibility(session_id, code))

    async def draw(request: Request) -> Response:
        session_id, code = session_in_path(request), delegation_in_query(request)
        return await answer(request, ("draw", session_id, code), lambda: results.draw(session_id, code))

    async def standings(request: Request) -> Response:
        session_id = session_in_path(request)
        return await answer(request, ("standings", session_id), lambda: results.standings(session_id))

    async def reveal(request: Request) -> Response:
        contest = doors.session.contest()
        if contest is None:
            raise no_session(doors.session)
        session_id = SessionId(contest.session.id)
        etag, content = await moving.get(session_id, lambda: results.reveal(session_id))
        return revalidated(request, etag, content, cache="public, no-cache", media="application/json")

    return {"reveal": reveal, "awards": awards, "eligibility": eligibility, "draw": draw, "standings": standings}

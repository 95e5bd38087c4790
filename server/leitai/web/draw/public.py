"""What everybody may see of draws, at the contest's address."""

from collections.abc import Awaitable, Callable, Hashable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from leitai.office.draws import Draws
from leitai.rules.draw import lists_digest
from leitai.web.contract import Endpoint
from leitai.web.draw.bodies import contest_body, detail, showing_body
from leitai.web.draw.staff import Shorts
from leitai.web.errors import Refusal
from leitai.web.exchange import encode, id_in_path, revalidated
from leitai.web.results import Shared
from leitai.wire.draw_bodies import ContestDrawsBody, DrawContests, PublishedList, PublishedLists

_CACHE = "public, max-age=2"
_SHOWING_S = 0.25


class PublicDraws:
    """The draw for everybody: a `web.parts.PublicPart`. A nation that looks costs a look at the store each 2 s."""

    def __init__(self, draws: Draws, shorts: Shorts) -> None:
        self._draws = draws
        self._shorts = shorts

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        shared, moving = Shared(), Shared(kept_s=_SHOWING_S)

        async def answer(request: Request, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> Response:
            try:
                etag, content = await shared.get(key, make)
            except KeyError:
                raise Refusal("not-found") from None
            return revalidated(request, etag, content, cache=_CACHE, media="application/json")

        async def draw_contests(request: Request) -> Response:
            return await answer(request, "contests", self._contests)

        async def draws(request: Request) -> Response:
            contest = id_in_path(request, "contest")
            return await answer(request, contest, lambda: self._of(contest))

        async def draw_lists(request: Request) -> Response:
            contest, number = id_in_path(request, "contest"), id_in_path(request, "number")
            return await answer(request, ("lists", contest, number), lambda: self._lists(contest, number))

        async def draw_record(request: Request) -> Response:
            contest, number = id_in_path(request, "contest"), id_in_path(request, "number")
            return await answer(request, ("record", contest, number), lambda: self._draws.record(contest, number))

        async def draw_showing(request: Request) -> Response:
            contest, number = id_in_path(request, "contest"), id_in_path(request, "number")
            try:
                _, content = await moving.get((contest, number), lambda: self._showing(contest, number))
            except KeyError:
                raise Refusal("not-found") from None
            return Response(content, 200, {"Cache-Control": "no-store"}, "application/json")

        return {
            "draw_contests": draw_contests,
            "draws": draws,
            "draw_lists": draw_lists,
            "draw_record": draw_record,
            "draw_showing": draw_showing,
        }

    async def _contests(self) -> bytes:
        found = [contest_body(one) for one in await self._draws.contests() if one.number]
        return encode(DrawContests(found))

    async def _of(self, contest_id: int) -> bytes:
        contest, kept = await self._draws.published(contest_id)
        shorts = await self._shorts()
        draws = [detail(one, shorts, named=False) for one in kept]
        return encode(ContestDrawsBody(contest_id, contest.title, contest.year, self._draws.now_us(), draws))

    async def _lists(self, contest_id: int, number: int) -> bytes:
        _, kept = await self._draws.published(contest_id)
        found = next((one.draw.notice.lists for one in kept if one.draw.notice.number == number), None)
        if found is None:
            raise KeyError(number)
        lists = [PublishedList(one.delegation, one.name, list(one.ids), one.digest) for one in found]
        return encode(PublishedLists(lists, lists_digest(found)))

    async def _showing(self, contest_id: int, number: int) -> bytes:
        return encode(showing_body(await self._draws.showing(contest_id, number), self._draws.now_us()))

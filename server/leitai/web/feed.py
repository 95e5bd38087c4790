"""The event feed over HTTP: objects after the CLICS Contest API, and every change of them as NDJSON or as events."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import get_args

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from leitai.live.ports import StoreUnavailable
from leitai.office.air_ports import FeedStore
from leitai.office.feed import EventLog
from leitai.rules.values import Phase, SessionId
from leitai.web.air import OnAir
from leitai.web.contract import Endpoint
from leitai.web.doors import NotThere, NotYet
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path
from leitai.web.feed_objects import objects
from leitai.wire.bodies import AwardsBody
from leitai.wire.feed_bodies import FeedType

EVERY_S = 1.0
"""So often it is looked what changed."""
KEEP_ALIVE_S = 15.0
_CHECK_S = 0.5
_SINGLE = ("state", "scoreboard")
_NDJSON = "application/x-ndjson"
_EVENTS = "text/event-stream; charset=utf-8"
_PUBLIC_AWARDS = frozenset({Phase.UNDER_REVIEW, Phase.FINALIZED})
_awards = msgspec.json.Decoder(AwardsBody)
_log = structlog.get_logger()


class Feed:
    """The feed of the session in force.

    Args:
        watched: the session.
        store: where the feed is kept.
        awards: the public awards, as `web.doors.Results.awards`.
        holder: this process's own name among all.
    """

    def __init__(
        self, watched: OnAir, store: FeedStore, awards: Callable[[SessionId], Awaitable[bytes]], holder: str
    ) -> None:
        self._watched = watched
        self._store = store
        self._awards = awards
        self._holder = holder
        self.log: EventLog | None = None

    async def follow(self) -> None:
        """Tell what changes, again and again, until cancelled."""
        while True:
            try:
                await self._look()
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> None:
        sight = self._watched.sight
        if sight is None:
            return
        session_id = sight.file.session_id
        log = self.log
        if log is None or log.session_id != session_id:
            log = EventLog(self._store, session_id, self._holder)
        await log.follow()
        self.log = log
        awards = None
        if sight.state is not None and sight.state.phase in _PUBLIC_AWARDS and not sight.frozen:
            try:
                awards = _awards.decode(await self._awards(session_id))
            except (NotYet, NotThere):
                awards = None
        made = objects(sight, log, awards)
        if made is not None:
            await log.tell(made)


def endpoints(feed: Feed, admitted: Callable[[Request], Awaitable[None]]) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def log_of(request: Request) -> EventLog:
        await admitted(request)
        log = feed.log
        if log is None or log.session_id != id_in_path(request, "session") or log.latest("contest") is None:
            raise Refusal("not-found")
        return log

    async def contests(request: Request) -> Response:
        await admitted(request)
        return _json(b"[%s]" % b",".join(feed.log.all_of("contest") if feed.log else []))

    async def contest(request: Request) -> Response:
        return _found((await log_of(request)).latest("contest"))

    async def collection(request: Request) -> Response:
        log, name = await log_of(request), request.path_params["collection"]
        if name in _SINGLE:
            return _found(log.latest(name))
        if name == "contest" or name not in get_args(FeedType):
            raise Refusal("not-found")
        return _json(b"[%s]" % b",".join(log.all_of(name)))

    async def one(request: Request) -> Response:
        log, name = await log_of(request), request.path_params["collection"]
        return _found(log.latest(name, request.path_params["object"]))

    async def event_feed(request: Request) -> Response:
        log = await log_of(request)
        as_events = "text/event-stream" in request.headers.get("accept", "")
        since = request.query_params.get("since_token") or (as_events and request.headers.get("last-event-id")) or "0"
        if not (since.isascii() and since.isdigit()) or len(since) > 15 or int(since) > log.last:
            raise Refusal("bad-request")
        ends = request.query_params.get("stream") == "false"
        lines = _lines(request, log, int(since), as_events=as_events, ends=ends)
        media = _EVENTS if as_events else _NDJSON
        return StreamingResponse(lines, media_type=media, headers={"Cache-Control": "no-store"})

    async def _lines(
        request: Request, log: EventLog, since: int, *, as_events: bool, ends: bool
    ) -> AsyncGenerator[bytes]:
        silent_s = 0.0
        while True:
            lines = log.after(since)
            if lines:
                since, silent_s = lines[-1][0], 0.0
                yield b"".join(b"id: %d\ndata: %s\n\n" % line if as_events else line[1] + b"\n" for line in lines)
            elif silent_s >= KEEP_ALIVE_S:
                silent_s = 0.0
                yield b": \n\n" if as_events else b"\n"
            if ends:
                return
            try:
                async with asyncio.timeout(_CHECK_S):
                    await log.grown(since)
            except TimeoutError:
                silent_s += _CHECK_S
            try:
                await admitted(request)
            except Refusal as refusal:
                if as_events:
                    yield b"event: refused\ndata: " + refusal.code.encode("ascii") + b"\n\n"
                return
            except StoreUnavailable:
                return
            if feed.log is not log:
                # Another session has its place: whoever comes back looks for it.
                return

    return {
        "feed_contests": contests,
        "feed_contest": contest,
        "feed_collection": collection,
        "feed_object": one,
        "feed_events": event_feed,
    }


def _json(body: bytes) -> Response:
    return Response(body, 200, {"Cache-Control": "no-store"}, "application/json")


def _found(body: bytes | None) -> Response:
    if body is None:
        raise Refusal("not-found")
    return _json(body)

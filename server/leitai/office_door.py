"""The office's own door: the staff's pages and doors in a process apart from the contest. Imported by compose only.

What works for the staff may block, hash and count; none of it runs on a loop that serves contestants.
"""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Protocol

import structlog
import uvicorn
from msgspec.structs import replace

from leitai.config import Settings
from leitai.live.clock import ContestClock
from leitai.live.commanding import Commanded
from leitai.live.ports import Archive, SessionFile, SightStore, StoreUnavailable, Tickets
from leitai.live.sight import Sight
from leitai.office.broadcast import REFRESH_S, Broadcast
from leitai.office.judging import Desk
from leitai.office.ports import BroadcastStore, JudgingStore, SecondingStore, StaffSessions, StaffStore
from leitai.office.seconding import Seconding
from leitai.office.staff import Staff
from leitai.rules.adjustments import NONE, Adjustments, adjust
from leitai.web.air import Air
from leitai.web.broadcast import AirDoors
from leitai.web.console import ConsoleDoors
from leitai.web.doors import Readiness, WebSettings
from leitai.web.judging import JudgingDoors
from leitai.web.listening import open_listener, taken_up
from leitai.web.staff import StaffDoors, build_staff_app

_FOLLOW_S = 1.0
_log = structlog.get_logger()


class WatchedSession(SightStore, Commanded, Protocol):
    """A session's streams, to read and to command."""


class OfficeAndStaffStore(JudgingStore, StaffStore, SecondingStore, BroadcastStore, Protocol):
    """What is kept of the office."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to us."""
        yield


async def serve_office(
    settings: Settings,
    store: OfficeAndStaffStore,
    watching: "Watching",
    sessions: StaffSessions,
    tickets: Tickets,
    readiness: Readiness,
    client: Path | None,
    began: Callable[[], None],
    stopping: asyncio.Event,
) -> None:
    """Serve the staff until `stopping`; `began` is called once the door is open. Raises OSError when it is taken."""
    listener = taken_up(settings.office_listener) or open_listener(settings.office_address)
    host, port = listener.getsockname()[:2]
    settings = replace(settings, office_listen=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    staff = Staff(store, settings.server_key)
    web = WebSettings(origins=settings.allowed_office_origins, https=settings.https, client=client)
    seconding = Seconding(store)
    console = ConsoleDoors(watching, store.audit, seconding, settings.two_persons)
    judges = JudgingDoors(watching, store, Desk(store), staff.all, tickets.tries)
    broadcast = Broadcast(store, settings.server_key)
    air = AirDoors(watching, broadcast, Air(watching, broadcast))
    doors = StaffDoors(staff, sessions, tickets.tries, readiness, console, judges, air)
    app = build_staff_app(doors, web, client)
    server = _Server(
        uvicorn.Config(
            app,
            loop="none",
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=3,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    _log.info("office_open", address=settings.office_listen)
    began()
    telling = asyncio.create_task(_tell_when_empty(store))
    following = asyncio.gather(watching.follow(), _follow_requests(watching, seconding), _keep_air(watching, broadcast))
    await asyncio.wait({asyncio.create_task(stopping.wait()), serving}, return_when="FIRST_COMPLETED")
    telling.cancel()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    server.should_exit = True
    await serving


class Watching:
    """Follows the session in force, whichever it is: `web.console.Watched`, `web.air.OnAir`."""

    def __init__(
        self, archive: Archive, open_session: Callable[[SessionFile], tuple[WatchedSession, ContestClock]]
    ) -> None:
        """`open_session` gives a session's streams and clock."""
        self._archive = archive
        self._open = open_session
        self.sight: Sight | None = None
        self.commanded: Commanded | None = None
        self.adjustments: Adjustments = NONE

    async def follow(self) -> None:
        """Change over whenever another session takes the place of the one in force, until cancelled."""
        try:
            while True:
                try:
                    wanted = await self._archive.current_session()
                    if wanted is not None and (self.sight is None or self.sight.file.session_id != wanted):
                        await self._change(await self._archive.load_session(wanted))
                    if self.sight is not None and self.sight.state is not None:
                        file = self.sight.file
                        rulings = await self._archive.rulings(file.session_id)
                        self.adjustments = adjust(file.plan, file.members, rulings)
                except StoreUnavailable as outage:
                    _log.warning("archive_out", reason=str(outage))
                await asyncio.sleep(_FOLLOW_S)
        finally:
            if self.sight is not None:
                await self.sight.stop()

    async def _change(self, file: SessionFile) -> None:
        if self.sight is not None:
            await self.sight.stop()
        session, clock = self._open(file)
        self.sight, self.commanded, self.adjustments = Sight(file, session, clock), session, NONE
        self.sight.start()
        _log.info("office_watches", session=file.session_id)


async def _follow_requests(watching: "Watching", seconding: Seconding) -> None:
    """Know what is asked for at other offices' doors, too."""
    while True:
        try:
            if (sight := watching.sight) is not None:
                await seconding.look(sight.file.session_id, sight.clock.now_us())
        except StoreUnavailable as outage:
            _log.warning("archive_out", reason=str(outage))
        await asyncio.sleep(_FOLLOW_S)


async def _keep_air(watching: Watching, broadcast: Broadcast) -> None:
    """Read what goes on air again and again, until cancelled."""
    while True:
        sight = watching.sight
        try:
            await broadcast.refresh(None if sight is None else sight.file.session_id)
        except StoreUnavailable as outage:
            _log.warning("archive_out", reason=str(outage))
        await asyncio.sleep(REFRESH_S)


async def _tell_when_empty(store: StaffStore) -> None:
    """Say how the first account is made, when there is none."""
    try:
        if not await store.staff():
            _log.warning("no_staff", do="leitai staff invite LOGIN --name NAME --role administrator")
    except StoreUnavailable as outage:
        _log.warning("archive_out", reason=str(outage))

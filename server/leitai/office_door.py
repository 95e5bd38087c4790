"""The office's own door: the staff's pages and doors in a process apart from the contest. Imported by compose only.

What works for the staff may block, hash and count; none of it runs on a loop that serves contestants.
"""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from pathlib import Path

import structlog
import uvicorn
from msgspec.structs import replace

from leitai.config import Settings
from leitai.live.ports import Tickets
from leitai.office.ports import StaffSessions, StaffStore, StoreUnavailable
from leitai.office.staff import Staff
from leitai.web.doors import Readiness, WebSettings
from leitai.web.listening import open_listener, taken_up
from leitai.web.staff import StaffDoors, build_staff_app

_log = structlog.get_logger()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to us."""
        yield


async def serve_office(
    settings: Settings,
    store: StaffStore,
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
    app = build_staff_app(StaffDoors(staff, sessions, tickets.tries, readiness), web, client)
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
    await asyncio.wait({asyncio.create_task(stopping.wait()), serving}, return_when="FIRST_COMPLETED")
    telling.cancel()
    server.should_exit = True
    await serving


async def _tell_when_empty(store: StaffStore) -> None:
    """Say how the first account is made, when there is none."""
    try:
        if not await store.staff():
            _log.warning("no_staff", do="leitai staff invite LOGIN --name NAME --role administrator")
    except StoreUnavailable as outage:
        _log.warning("archive_out", reason=str(outage))

"""The learners' door: the year-round practice in a process of its own. Imported by compose only.

What a nation practises with all year shares nothing with a contest's loop, nor with that of those who run it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from pathlib import Path

import structlog
import uvicorn
from msgspec.structs import replace
from starlette.routing import WebSocketRoute

from leitai.config import Settings
from leitai.practice_parts import Practice
from leitai.web.doors import Readiness, WebSettings
from leitai.web.listening import open_listener, taken_up
from leitai.web.practice import build_practice_app
from leitai.web.socket import MATCH_PATH, Sockets
from leitai.web.socket_starlette import websocket_routes

COOKIE_HOURS = 30 * 24
_log = structlog.get_logger()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to us."""
        yield


async def serve_practice(
    settings: Settings,
    build: Callable[[Settings, WebSettings], Practice],
    readiness: Readiness,
    client: Path | None,
    began: Callable[[], None],
    stopping: asyncio.Event,
) -> None:
    """Serve learners until `stopping`; `began` is called once the door is open. Raises OSError when it is taken.

    `build` makes the parts once it is known where the door is.
    """
    listener = taken_up(settings.practice_listener) or open_listener(settings.practice_address)
    host, port = listener.getsockname()[:2]
    settings = replace(settings, practice_listen=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    web = WebSettings(
        origins=settings.allowed_practice_origins,
        https=settings.https,
        client=client,
        cookie_hours=COOKIE_HOURS,
    )
    practice = build(settings, web)
    at: Sockets = {MATCH_PATH: lambda: practice.matches}
    routes: list[WebSocketRoute] = []
    sockets: str | type[asyncio.Protocol] = "websockets-sansio"
    if settings.driver == "starlette":
        routes = websocket_routes(at, web)
    else:
        from leitai.web.socket_picows import picows_protocol  # not on every platform

        sockets = picows_protocol(at, web)
    server = _Server(
        uvicorn.Config(
            build_practice_app(practice.accounts, practice.parts, readiness, web, routes),
            loop="none",
            http="httptools",
            ws=sockets,  # pyright: ignore[reportArgumentType]
            ws_per_message_deflate=False,
            ws_max_size=64 * 1024,
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            forwarded_allow_ips=settings.proxies,
            timeout_graceful_shutdown=3,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    _log.info("practice_open", address=settings.practice_listen)
    began()
    # Sets of the day before are closed and its titles there in the morning, whoever comes first.
    nightly = asyncio.gather(
        practice.nightly.keep(),
        practice.titles.keep_nightly(),
        practice.reminding.keep(),
        practice.monthly.keep(),
        practice.matches.keep(),
    )
    await asyncio.wait({asyncio.create_task(stopping.wait()), serving, nightly}, return_when="FIRST_COMPLETED")
    await practice.matches.stop()
    server.should_exit = True
    await serving
    nightly.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await nightly

"""The address at which one process answers machines: alive, ready, measured. Imported by compose only.

It is apart from the contest's door: several gateways share that one, so that a reading would reach any of them, and the
public must not reach this one.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, cast

import structlog
import uvicorn
from uvicorn.server import ServerState

from leitai.config import Settings
from leitai.live.ports import StoreUnavailable
from leitai.web.doors import Readiness
from leitai.web.machines import machines_app
from leitai.web.metrics import Running, render

_LOOK_S = 0.2
_PING_S = 1.0
_AGAIN_S = 1.0
_log = structlog.get_logger()


class LedgerStore(Protocol):
    """The ledger's store."""

    replicas: int
    """So many replicas must have a write before it counts as done."""

    async def ping(self) -> None:
        """Hear from it; raises `StoreUnavailable`."""
        ...

    async def replicas_in_step(self) -> int:
        """Return how many replicas follow the primary that has the fewest; raises `StoreUnavailable`."""
        ...


class ProcessReadiness:
    """`web.doors.Readiness` of a process, whatever its roles: problems are of `web.metrics.PROBLEMS`."""

    def __init__(self, store: LedgerStore, running: Running, stopping: asyncio.Event) -> None:
        self._store = store
        self._running = running
        self._stopping = stopping

    async def check(self) -> list[str]:
        """See `doors.Readiness.check`."""
        running = self._running
        problems: list[str] = []
        # The archive may be out while the contest goes on: it is a problem of those who have nothing else to do.
        if running.roles == ("recorder",) and running.recorder is not None and running.recorder.waiting:
            problems.append("archive")
        try:
            async with asyncio.timeout(_PING_S):
                await self._store.ping()
        except (StoreUnavailable, TimeoutError):
            problems.append("ledger")
        if {role for role, _ in running.sessions()} != set(running.roles) - {"office", "practice", "quiet"}:
            problems.append("session")
        if self._stopping.is_set():
            problems.append("stopping")
        return problems


@contextmanager
def measured_loop(running: Running) -> Generator[None]:
    """Measure how late the running loop comes to what is due, for the time of the block."""
    loop = asyncio.get_running_loop()
    due_s = loop.time() + _LOOK_S

    def look() -> None:
        nonlocal due_s, handle
        now_s = loop.time()
        running.loop_lag_us.observe(max(0, int((now_s - due_s) * 1e6)))
        due_s = now_s + _LOOK_S
        handle = loop.call_at(due_s, look)

    handle = loop.call_at(due_s, look)
    try:
        yield
    finally:
        handle.cancel()


async def serve_machines(settings: Settings, running: Running, readiness: ProcessReadiness, store: LedgerStore) -> None:
    """Answer machines until cancelled. A process whose address is taken works on without, and tries again."""

    async def metrics() -> bytes:
        running.replicas = None
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(_PING_S):
                running.replicas = await store.replicas_in_step()
        return render(running, await readiness.check())

    running.replicas_wanted = store.replicas
    running.folders = tuple(Path(one.strip()) for one in settings.metrics_folders.split(",") if one.strip())
    await answer_machines(settings, running, readiness, metrics)


async def answer_machines(
    settings: Settings, running: Running, readiness: Readiness, metrics: Callable[[], Awaitable[bytes]]
) -> None:
    """Answer machines with `metrics`, also for a process that has no role and no store, until cancelled."""
    config = uvicorn.Config(
        machines_app(readiness, metrics, settings.metrics_token),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
    )
    config.load()
    state = ServerState()

    def connected() -> asyncio.Protocol:
        # Without uvicorn's own server, which wakes ten times a second.
        make = cast("Callable[..., asyncio.Protocol]", config.http_protocol_class)
        return make(config=config, server_state=state, app_state={})

    with measured_loop(running):
        server = await _listen(connected, settings.metrics_address)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for connection in list(state.connections):
                connection.shutdown()


async def _listen(connected: Callable[[], asyncio.Protocol], address: tuple[str, int]) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    while True:
        try:
            server = await loop.create_server(connected, *address)
        except OSError as error:
            # Whoever this process replaces may still have it.
            _log.warning("machine_door_taken", address=address[0], port=address[1], reason=str(error))
            await asyncio.sleep(_AGAIN_S)
        else:
            host, port = server.sockets[0].getsockname()[:2]
            _log.info("machine_door_open", address=host, port=port)
            return server

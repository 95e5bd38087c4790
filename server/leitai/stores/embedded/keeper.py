"""Keeps a child process up: started again when it ends by itself, left alone when it was told to stop."""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from leitai.stores.embedded.errors import EmbeddedError
from leitai.stores.embedded.process import Child

_log = structlog.get_logger("leitai.embedded")

T = TypeVar("T")


@dataclass(slots=True)
class BackOff:
    """How long to wait before a process is started again: the first time hardly, then doubling up to a limit."""

    first_s: float = 0.2
    longest_s: float = 3.0
    calm_s: float = 5.0
    """A run at least this long makes the next wait the first one again."""
    _next_s: float = 0.0

    def after(self, lived_s: float) -> float:
        """Seconds to wait after a run of `lived_s`."""
        wait_s = self.first_s if lived_s >= self.calm_s or self._next_s == 0 else self._next_s
        self._next_s = min(wait_s * 2, self.longest_s)
        return wait_s

    def forget(self) -> None:
        """Make the next wait the first one."""
        self._next_s = 0.0


class Keeper:
    """Keeps `child` up from `up` until `down`. Belongs to one event loop; its blocking work runs in threads."""

    def __init__(
        self,
        child: Child,
        start: Callable[[], object],
        stop: Callable[[float], object],
        back_off: BackOff | None = None,
    ) -> None:
        """Prepare; nothing is started.

        Args:
            child: the process.
            start: starts it and returns when it is up; blocks; raises EmbeddedError or OSError.
            stop: stops it within that many seconds, kills it otherwise; blocks; harmless when it does not run.
            back_off: waits between restarts.
        """
        self.name = child.name
        self.restarts = 0
        """Times it was started again after it had ended by itself or been killed."""
        self._child = child
        self._start = start
        self._stop = stop
        self._back_off = back_off or BackOff()
        self._turn = asyncio.Lock()
        self._is_up = asyncio.Condition()
        self._up_pid: int | None = None
        self._up_since = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The running process, None when there is none."""
        return self._child.pid

    async def up(self) -> None:
        """Start it, and keep it up from now on; nothing happens when it is kept up already.

        Raises:
            EmbeddedError, OSError: it could not be started this first time.
        """
        async with self._turn:
            if self._task is None:
                await self._start_once()
                self._task = asyncio.create_task(self._keep(), name=f"keep-{self.name}")

    async def down(self, seconds: float) -> None:
        """Stop it within `seconds`, kill it otherwise, and leave it so."""
        async with self._turn:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait({self._task})
                self._task = None
            await completed(self._stop, seconds)

    def kill(self) -> int | None:
        """Kill it with SIGKILL, for fault tests; it is started again as after any end. Returns the pid it had."""
        pid = self._child.pid
        self._back_off.forget()
        return pid if self._child.send(signal.SIGKILL) else None

    async def replaced(self, pid: int | None) -> int:
        """Wait until another process than `pid` is up, and return its pid. Bound it with `asyncio.timeout`."""
        async with self._is_up:
            await self._is_up.wait_for(lambda: self._up_pid not in {None, pid} and self._up_pid == self._child.pid)
            assert self._up_pid is not None
            return self._up_pid

    async def _start_once(self) -> None:
        await completed(self._start)
        async with self._is_up:
            self._up_pid, self._up_since = self._child.pid, time.monotonic()
            self._is_up.notify_all()

    async def _keep(self) -> None:
        while True:
            status = await asyncio.wrap_future(self._child.exited)
            wait_s = self._back_off.after(time.monotonic() - self._up_since)
            _log.warning("process_ended", process=self.name, status=status, again_in_s=wait_s)
            await asyncio.sleep(wait_s)
            try:
                await self._start_once()
            except (EmbeddedError, OSError) as error:
                self._up_since = time.monotonic()
                _log.error("process_not_started", process=self.name, error=str(error))
            else:
                self.restarts += 1
                _log.info("process_up_again", process=self.name, pid=self._child.pid)


async def completed(work: Callable[..., T], *arguments: object) -> T:
    """Run blocking `work` in a thread and wait for it, even when cancelled meanwhile: what it began has an end."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise

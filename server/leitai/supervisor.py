"""Runs the roles of the server as processes of their own: started in order, restarted when they die, stopped in order.

Imported by compose and cli only.
"""

import asyncio
import contextlib
import functools
import os
import signal
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from leitai.stores.embedded.keeper import Keeper
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.process import Program


@dataclass(frozen=True, slots=True)
class Role:
    """One process: its `name` (also of its log), command line, and variables set beside our environment."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])


class Supervisor:
    """Keeps `roles` running until `stop`. Nothing of them remains when this process ends in any way.

    Each role writes to `data_dir/logs/<name>.log` and is restarted when it ends, after 0.2 s at first, then up to
    3 s when it keeps ending. Belongs to one event loop.
    """

    def __init__(self, roles: Sequence[Role], data_dir: Path) -> None:
        """Prepare; nothing is started. Roles start in the order given and stop in the reverse one."""
        layout = Layout(data_dir)
        self._keepers: dict[str, Keeper] = {}
        for role in roles:
            child = layout.child(role.name)
            program = Program(role.argv, {**os.environ, **role.env}, working_folder=Path.cwd())
            self._keepers[role.name] = Keeper(child, functools.partial(child.start, program), child.stop)

    @property
    def pids(self) -> dict[str, int]:
        """The running process of each role; a role that is just being restarted is missing."""
        return {name: keeper.pid for name, keeper in self._keepers.items() if keeper.pid is not None}

    @property
    def restarts(self) -> dict[str, int]:
        """How often each role was started again."""
        return {name: keeper.restarts for name, keeper in self._keepers.items()}

    async def start(self) -> None:
        """Start all in order. Returns when they run, which is before they serve.

        Raises:
            OSError: a process could not be started; those before it were stopped.
        """
        try:
            for keeper in self._keepers.values():
                await keeper.up()
        except BaseException:
            await self.stop()
            raise

    async def stop(self, seconds: float = 15.0) -> None:
        """Stop all in reverse order within `seconds`; what has not ended by its share of them is killed.

        Shares are equal, and time that one role leaves unused goes to those after it.
        """
        deadline = time.monotonic() + seconds
        left = list(self._keepers.values())
        while left:
            share = max(0.0, deadline - time.monotonic()) / len(left)
            await left.pop().down(share)

    async def run(self, seconds: float = 15.0) -> None:
        """Start all, stay until SIGTERM or SIGINT, stop all within `seconds`. For programs that do nothing beside."""
        async with stop_signals() as told, self:
            await told.wait()
            await self.stop(seconds)

    async def __aenter__(self) -> "Supervisor":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def kill(self, name: str) -> int | None:
        """Kill the role `name` with SIGKILL, for fault tests; it is restarted. Returns the pid it had.

        Raises:
            KeyError: there is no such role.
        """
        return self._keepers[name].kill()

    async def replaced(self, name: str, pid: int | None) -> int:
        """Wait until role `name` runs as another process than `pid`; returns its pid. Bound it with a timeout."""
        return await self._keepers[name].replaced(pid)


@contextlib.asynccontextmanager
async def stop_signals() -> AsyncGenerator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set instead of ending this process, for the time of the block."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    try:
        yield told
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

"""Runs the roles of the server as processes of their own: started in order, restarted when they die, replaced one by
one by new ones, stopped in order.

Imported by compose and cli only.
"""

import asyncio
import contextlib
import functools
import itertools
import os
import signal
import socket
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from leitai import notices
from leitai.stores.embedded.errors import EmbeddedError
from leitai.stores.embedded.keeper import Keeper
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.process import Child, Program

READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 20.0
_LITTLE_S = 2.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Role:
    """One process: its `name` (also of its log), command line, and variables set beside our environment.

    Where several processes do the same, their names are numbered (`gateway-0`, `gateway-1`): they stop together.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    handed_down: tuple[int, ...] = ()
    """Open descriptors of ours that it gets under the same numbers."""

    @property
    def kind(self) -> str:
        """What it does: its name without a number."""
        return self.name.partition("-")[0]


class NeverReady(Exception):
    """A new process of `role` did not become ready, and was stopped; the one before it goes on."""

    code = "never-ready"

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self.role = role


class Supervisor:
    """Keeps `roles` running until `stop`. Nothing of them remains when this process ends in any way.

    Each role writes to `data_dir/logs/<name>.log`, or where we write when they are not `logged`, and is restarted when
    it ends, after 0.2 s at first, then up to 3 s when it keeps ending. Belongs to one event loop.
    """

    def __init__(self, roles: Sequence[Role], data_dir: Path, *, logged: bool = True) -> None:
        """Prepare; nothing is started. Roles start in the order given and stop in the reverse one."""
        self._layout = Layout(data_dir)
        self._logged = logged
        self._roles = {role.name: role for role in roles}
        self._words = itertools.count(1)
        self._word: dict[str, str] = {}
        self._heard: set[str] = set()
        self._news = asyncio.Event()
        self._ears: socket.socket | None = None
        self._mouths: socket.socket | None = None
        self._turn = asyncio.Lock()
        self._replaced: dict[str, int] = dict.fromkeys(self._roles, 0)
        self._restarts: dict[str, int] = dict.fromkeys(self._roles, 0)
        self._keepers = {name: self._keeper(role) for name, role in self._roles.items()}

    @property
    def pids(self) -> dict[str, int]:
        """The running process of each role; a role that is just being restarted is missing."""
        return {name: keeper.pid for name, keeper in self._keepers.items() if keeper.pid is not None}

    @property
    def restarts(self) -> dict[str, int]:
        """How often each role was started again after it had ended."""
        return {name: self._restarts[name] + keeper.restarts for name, keeper in self._keepers.items()}

    async def start(self) -> None:
        """Start all in order. Returns when they run, which is before they serve.

        Raises:
            OSError: a process could not be started; those before it were stopped.
        """
        self._listen()
        try:
            for keeper in self._keepers.values():
                await keeper.up()
        except BaseException:
            await self.stop()
            raise

    async def stop(self, seconds: float = 15.0) -> None:
        """Stop all in reverse order within `seconds`; what has not ended by its share of them is killed.

        Roles of one kind stop together. Those that stop first have most to say goodbye to: they get all but a little
        for each of the others, or an equal share where there is not so much.
        """
        deadline = time.monotonic() + seconds
        kinds = itertools.groupby(self._keepers.items(), lambda item: self._roles[item[0]].kind)
        left = [[keeper for _, keeper in group] for _, group in kinds]
        while left:
            remaining = max(0.0, deadline - time.monotonic())
            share = max(remaining / len(left), remaining - _LITTLE_S * (len(left) - 1))
            await asyncio.gather(*(keeper.down(share) for keeper in left.pop()))
        self._deafen()

    async def run(
        self, seconds: float = 25.0, beside: Callable[[asyncio.Event], Coroutine[Any, Any, None]] | None = None
    ) -> None:
        """Start all, stay until SIGTERM or SIGINT, stop all within `seconds`. SIGHUP replaces all, one by one.

        For programs that do nothing beside, or only `beside`, which is told when to end; if it fails, all stops, and
        its failure is raised.
        """
        async with stop_signals() as told, _heard(signal.SIGHUP) as hung_up, self:
            rolling = asyncio.create_task(self._roll_when(hung_up))
            working = asyncio.create_task(_told(told) if beside is None else beside(told))
            working.add_done_callback(lambda _: told.set())
            await told.wait()
            rolling.cancel()
            await asyncio.wait({rolling, working})
            await self.stop(seconds)
            working.result()

    async def add(self, role: Role) -> None:
        """Start one more role, which is kept up and replaced like the others.

        Raises:
            EmbeddedError, OSError: it could not be started; it was not added.
        """
        self._replaced[role.name] = self._restarts[role.name] = 0
        keeper = self._keeper(role)
        await keeper.up()
        self._roles[role.name], self._keepers[role.name] = role, keeper

    async def remove(self, name: str, stopped_within_s: float = STOPPED_WITHIN_S) -> None:
        """Stop a role for good; raises KeyError when there is none."""
        async with self._turn:
            del self._roles[name]
            await self._keepers.pop(name).down(stopped_within_s)

    async def roll(self) -> None:
        """Replace every role's process by a new one, one after another, in order: nobody goes before its successor is
        ready.

        Raises:
            NeverReady: a new process did not become ready; those not replaced yet go on as they are.
        """
        for name in list(self._roles):
            async with self._turn:
                # Whoever was removed while it waited for its turn is no more.
                if name in self._roles:
                    await self._replace(name, READY_WITHIN_S, STOPPED_WITHIN_S)

    async def replace(
        self, name: str, *, ready_within_s: float = READY_WITHIN_S, stopped_within_s: float = STOPPED_WITHIN_S
    ) -> None:
        """Start another process of role `name`, wait until it is ready, and then stop the one before it.

        Raises:
            KeyError: there is no such role.
            NeverReady: the new one did not say so in time; it was stopped, and the one before it goes on.
        """
        async with self._turn:
            await self._replace(name, ready_within_s, stopped_within_s)

    async def ready(self) -> None:
        """Wait until every role's process has said that it is ready. Bound it with a timeout."""
        for keeper in self._keepers.values():
            await self._is_ready(keeper.name)

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

    # --- inside -------------------------------------------------------------------------------------------------------

    def _keeper(self, role: Role) -> Keeper:
        # Two processes of a role overlap while one replaces the other: their pid files take turns.
        place = role.name if self._replaced[role.name] % 2 == 0 else f"{role.name}.next"
        child = self._layout.child(place, log=role.name, logged=self._logged)
        return Keeper(child, functools.partial(self._start, role, child), child.stop)

    def _start(self, role: Role, child: Child) -> None:
        """Start a role's process (in a thread of the keeper)."""
        word = self._word[child.name] = f"{child.name} {next(self._words)}"
        environment = {**os.environ, **role.env}
        handed_down = role.handed_down
        if self._mouths is not None:
            descriptor = self._mouths.fileno()
            environment[notices.VARIABLE] = f"{descriptor} {word}"
            handed_down = (*handed_down, descriptor)
        program = Program(role.argv, environment, working_folder=Path.cwd(), handed_down=handed_down)
        child.start(program)

    async def _replace(self, name: str, ready_within_s: float, stopped_within_s: float) -> None:
        began = time.monotonic()
        old = self._keepers[name]
        self._replaced[name] += 1
        new = self._keeper(self._roles[name])
        try:
            await new.up()
            async with asyncio.timeout(ready_within_s):
                await self._is_ready(new.name)
        except BaseException as failure:
            self._replaced[name] -= 1
            await new.down(1.0)
            if isinstance(failure, (TimeoutError, EmbeddedError, OSError)):
                raise NeverReady(name) from failure
            raise
        ready_s = time.monotonic() - began
        self._keepers[name] = new
        self._restarts[name] += old.restarts
        await old.down(stopped_within_s)
        stopped_s = time.monotonic() - began - ready_s
        _log.info("replaced", role=name, pid=new.pid, ready_s=round(ready_s, 3), stopped_s=round(stopped_s, 3))

    async def _is_ready(self, process: str) -> None:
        while self._word.get(process) not in self._heard:
            await self._news.wait()

    def _listen(self) -> None:
        if self._ears is None:
            self._ears, self._mouths = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._ears.setblocking(False)
            asyncio.get_running_loop().add_reader(self._ears, self._hear)

    def _hear(self) -> None:
        assert self._ears is not None
        self._heard.add(self._ears.recv(200).decode())
        self._news.set()
        self._news = asyncio.Event()

    def _deafen(self) -> None:
        if self._ears is not None and self._mouths is not None:
            asyncio.get_running_loop().remove_reader(self._ears)
            self._ears.close()
            self._mouths.close()
            self._ears = self._mouths = None

    async def _roll_when(self, told: asyncio.Event) -> None:
        while True:
            await told.wait()
            told.clear()
            try:
                await self.roll()
            except NeverReady as failure:
                _log.error("not_replaced", role=failure.role)


async def _told(told: asyncio.Event) -> None:
    await told.wait()


@contextlib.asynccontextmanager
async def stop_signals() -> AsyncGenerator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set instead of ending this process, for the time of the block."""
    async with _heard(signal.SIGTERM, signal.SIGINT) as told:
        yield told


@contextlib.asynccontextmanager
async def _heard(*numbers: signal.Signals) -> AsyncGenerator[asyncio.Event]:
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in numbers:
        loop.add_signal_handler(number, heard.set)
    try:
        yield heard
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)

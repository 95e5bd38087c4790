"""`leitai serve --houses`: provinces' houses on one machine, each a process of its own, started as provinces want them.

A house is wanted by those that are named, and with `auto` by every province that has a session of its own under way or
ahead, or enough team leaders' accounts to run a contest (four eyes on a paper, and whoever assembled it).

Of every other province that has a final session its public door is kept, all of them by one process (`quiet`): whoever
holds a certificate of the province's finds it there.
"""

import asyncio
import contextlib
import itertools
import socket
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from leitai.cli.processes import next_port
from leitai.compose import QUIET
from leitai.config import QuietDoor, Settings
from leitai.machine_door import answer_machines
from leitai.office.ports import StoreUnavailable
from leitai.resources import shipped
from leitai.roles.following import end
from leitai.rules.provinces import PROVINCES
from leitai.stores.embedded.errors import EmbeddedError
from leitai.stores.postgres.lending_store import Lending, WantedHouse
from leitai.stores.postgres.migrations import migrate
from leitai.stores.postgres.pool import AWAY, Database
from leitai.supervisor import Role, Supervisor
from leitai.web.listening import open_listener
from leitai.web.metrics import Running, render

AUTO = "auto"
LEADERS = 3
"""So many accounts a contest needs: two approve a paper that a third has assembled."""
ROLES = ("gateway", "director", "recorder", "office")
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  # looked for, not listened at
_log = structlog.get_logger()


def read_houses(named: str) -> tuple[frozenset[str], bool]:
    """Return the provinces that are named, and whether others come as they want; raises ValueError."""
    words = [one.strip() for one in named.split(",") if one.strip()]
    codes = frozenset(one for one in words if one != AUTO)
    if not words or not codes <= PROVINCES.keys():
        raise ValueError("--houses wants provinces' codes such as 130000, separated by commas, or auto")
    return codes, AUTO in words


def chosen(wanted: Sequence[WantedHouse], running: Collection[str], most: int) -> list[str]:
    """Return whose houses run, `most` at most: those with a session first, of these and of others those that run."""
    ranked = sorted(wanted, key=lambda one: (not one.has_session, one.code not in running))
    return [one.code for one in ranked[:most]]


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses of a province's house."""

    listen: str
    office: str
    metrics: str


def doors_of(code: str, settings: Settings) -> Doors:
    """Return a house's addresses: two ports for each province, by the first two digits of its code, from
    `houses_listen` on, and one for machines from `houses_metrics_listen` on."""
    division = int(code[:2])
    return Doors(
        next_port(settings.houses_listen, 2 * division),
        next_port(settings.houses_listen, 2 * division + 1),
        next_port(settings.houses_metrics_listen, division),
    )


def role_of(code: str, settings: Settings, listener: int, office: int, environment: Mapping[str, str]) -> Role:
    """Return the process of a province's house, whose two listening sockets are open."""
    doors = doors_of(code, settings)
    variables = {
        **environment,
        "LEITAI_OWNER": code,
        "LEITAI_NAME": f"house-{code}",
        "LEITAI_DRIVER": settings.driver,
        "LEITAI_LISTEN": doors.listen,
        "LEITAI_LISTENER": str(listener),
        "LEITAI_ORIGINS": _origins(settings.houses_origins, code, doors.listen),
        "LEITAI_OFFICE_LISTEN": doors.office,
        "LEITAI_OFFICE_LISTENER": str(office),
        "LEITAI_OFFICE_ORIGINS": _origins(settings.houses_office_origins, code, doors.office),
        "LEITAI_METRICS_LISTEN": doors.metrics,
    }
    argv = (sys.executable, "-m", "leitai.role", *ROLES)
    return Role(f"house-{code}", argv, variables, (listener, office))


def quiet_role(name: str, listeners: Mapping[str, int], settings: Settings, environment: Mapping[str, str]) -> Role:
    """Return the process that keeps the public doors of provinces, by their open listening sockets."""
    doors = [
        QuietDoor(owner, at, _origins(settings.houses_origins, owner, at), listener)
        for owner, listener in listeners.items()
        for at in (doors_of(owner, settings).listen,)
    ]
    variables = {
        **environment,
        "LEITAI_NAME": "quiet",
        "LEITAI_DRIVER": settings.driver,
        "LEITAI_QUIET": msgspec.json.encode(doors).decode(),
        "LEITAI_METRICS_LISTEN": next_port(settings.houses_metrics_listen, 0),
    }
    argv = (sys.executable, "-m", "leitai.role", QUIET)
    return Role(name, argv, variables, tuple(listeners.values()))


def _origins(named: str, code: str, listen: str) -> str:
    """Return the origins of a door; where none are named and it is open on every interface (in a container), those of
    this machine, to which it is published."""
    host, port = _split(listen)
    if not named.strip() and host in _ANYWHERE:
        return f"http://127.0.0.1:{port},http://localhost:{port}"
    return named.replace("{code}", code)


class Houses:
    """Houses that run under a supervisor, and stop when nobody wants them any more. Belongs to one event loop."""

    def __init__(
        self,
        settings: Settings,
        supervisor: Supervisor,
        lending: Lending,
        named: Iterable[str],
        environment: Mapping[str, str],
        *,
        auto: bool,
    ) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._lending = lending
        self._named = sorted(named)
        self._environment = environment
        self._auto = auto
        self._open: dict[str, tuple[socket.socket, socket.socket]] = {}
        self._quiet: dict[str, socket.socket] = {}
        self._quiet_role = ""
        """The process that keeps the doors of `_quiet`; empty while there is none."""
        self._quiet_made = itertools.count(1)
        self._left_out: frozenset[str] = frozenset()
        self._archive_out = False
        self.running = Running(("houses",), houses=(0, 0, 0))
        """What machines are told."""

    async def check(self) -> list[str]:
        """See `doors.Readiness.check`: who wants a house is not known while PostgreSQL is out."""
        return ["archive"] if self._archive_out else []

    async def metrics(self) -> bytes:
        """Return what is counted, in Prometheus' text form."""
        return render(self.running, await self.check())

    async def look(self) -> None:
        """Start and stop houses as they are wanted now; while PostgreSQL is out those that run go on."""
        wanted = [WantedHouse(code, has_session=True) for code in self._named]
        past: list[str] = []
        if self._auto:
            try:
                by_provider = bool(self._settings.oidc_issuer)
                found = await self._lending.wanted_houses(LEADERS, by_provider=by_provider)
                past = await self._lending.past_houses()
                self._archive_out = False
            except StoreUnavailable as outage:
                _log.warning("houses_not_known", reason=str(outage))
                self._archive_out = True
                if self._open or self._quiet:
                    return
                found = []
            wanted += [one for one in found if one.code not in self._named]
        run = chosen(wanted, self._open, self._settings.houses_most)
        left_out = frozenset(one.code for one in wanted) - set(run)
        if left_out and left_out != self._left_out:
            _log.error("houses_full", most=self._settings.houses_most, left_out=sorted(left_out))
        self._left_out = left_out
        leaving = {owner: self._open.pop(owner) for owner in [*self._open] if owner not in run}
        for owner in run:
            if owner not in self._open:
                await self._start(owner, self._quiet.get(owner))
        # A door that stays open passes from process to process with whoever waits at it.
        doors = {owner: pair[0] for owner, pair in leaving.items()} | self._quiet
        await self._keep_doors({owner: doors.get(owner) for owner in past if owner not in self._open})
        for owner, pair in leaving.items():
            await self._stop(owner, pair)
        self.running.houses = (len(self._open), len(left_out), len(self._quiet))

    async def keep(self, told: asyncio.Event) -> None:
        """Look again and again until `told`."""
        while not told.is_set():
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.houses_look_s):
                    await told.wait()

    def close(self) -> None:
        """Close the listening sockets."""
        for one in [*itertools.chain(*self._open.values()), *self._quiet.values()]:
            one.close()
        self._open.clear()
        self._quiet.clear()

    async def _start(self, owner: str, door: socket.socket | None) -> None:
        """Start a house; `door`: its public one is open already, and kept by the process `quiet` until now."""
        doors = doors_of(owner, self._settings)
        try:
            with contextlib.ExitStack() as opened:
                pair = (
                    door or opened.enter_context(open_listener(_split(doors.listen))),
                    opened.enter_context(open_listener(_split(doors.office))),
                )
                numbers = (pair[0].fileno(), pair[1].fileno())
                await self._supervisor.add(role_of(owner, self._settings, *numbers, self._environment))
                opened.pop_all()
        except (OSError, EmbeddedError) as failure:
            _log.error("house_not_started", owner=owner, listen=doors.listen, reason=str(failure))
            return
        self._open[owner] = pair
        _log.info("house_started", owner=owner, listen=doors.listen, office=doors.office)

    async def _stop(self, owner: str, pair: tuple[socket.socket, socket.socket]) -> None:
        await self._supervisor.remove(f"house-{owner}")
        for one in pair:
            if one is not self._quiet.get(owner):
                one.close()
        _log.info("house_stopped", owner=owner)

    async def _keep_doors(self, wanted: Mapping[str, socket.socket | None]) -> None:
        """Let one process keep the public doors of these provinces, which are open or opened now."""
        doors: dict[str, socket.socket] = {}
        for owner, door in wanted.items():
            listen = doors_of(owner, self._settings).listen
            try:
                doors[owner] = door or open_listener(_split(listen))
            except OSError as failure:
                _log.error("quiet_door_not_open", owner=owner, listen=listen, reason=str(failure))
        before, self._quiet = self._quiet, doors
        if before.keys() == doors.keys() and (self._quiet_role or not doors):
            return
        old, self._quiet_role = self._quiet_role, ""
        if doors:
            name = f"quiet-{next(self._quiet_made)}"
            numbers = {owner: door.fileno() for owner, door in doors.items()}
            try:
                await self._supervisor.add(quiet_role(name, numbers, self._settings, self._environment))
                self._quiet_role = name
            except (OSError, EmbeddedError) as failure:
                # Tried again at the next look; whoever comes meanwhile waits at the open doors.
                _log.error("quiet_not_started", owners=sorted(doors), reason=str(failure))
        if old:
            await self._supervisor.remove(old)
        for owner, door in before.items():
            if owner not in doors and owner not in self._open:
                door.close()
        _log.info("quiet_doors", owners=sorted(doors))


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


async def run_houses(settings: Settings, named: frozenset[str], environment: Mapping[str, str], *, auto: bool) -> None:
    """Keep houses until SIGTERM; SIGHUP replaces their processes one by one."""
    try:
        await migrate(settings.database_url, shipped("sql"))
    except AWAY as outage:
        _log.warning("archive_out", reason=repr(outage))
    database = Database(settings.database_url, max_size=1)
    try:
        with tempfile.TemporaryDirectory(prefix="leitai-") as folder:
            supervisor = Supervisor((), Path(folder), logged=False)
            houses = Houses(settings, supervisor, Lending(database), named, environment, auto=auto)
            machines = asyncio.create_task(answer_machines(settings, houses.running, houses, houses.metrics))
            try:
                await supervisor.run(beside=houses.keep)
            finally:
                houses.close()
                await end(machines)
    finally:
        await database.close()

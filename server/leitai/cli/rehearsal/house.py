"""A whole server on this machine for one rehearsal: embedded stores and each role in a process of its own."""

import asyncio
import itertools
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from leitai.cli.haproxy import haproxy_settings
from leitai.cli.processes import processes
from leitai.compose import MONTHLY, ROLES
from leitai.config import Settings, kept_secret_key
from leitai.resources import shipped
from leitai.roles.parts import Parts, open_parts
from leitai.stores.embedded.clustered import ClusteredStores
from leitai.stores.embedded.keeper import completed
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.ports import held_ports
from leitai.stores.embedded.process import Program
from leitai.stores.embedded.stores import EmbeddedStores
from leitai.stores.postgres.migrations import migrate
from leitai.supervisor import Role, Supervisor
from leitai.web.handing import open_way
from leitai.web.listening import open_listener

READY_S = 300.0
"""A process takes seconds of a processor to come up, and a small machine may run ten of them, or tests beside."""


class NotReady(Exception):
    """The server at `url` does not get ready. Its logs are in the data folder."""

    code = "not-ready"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class House:
    """A server of ours. Roles are started by `open_doors`, once there is something to serve."""

    url: str
    stores: EmbeddedStores | ClusteredStores
    supervisor: Supervisor
    parts: Parts
    office_url: str
    """Where the staff's pages are."""
    practice_url: str
    """Where the learners' pages are; empty when there are none."""
    gateways: tuple[str, ...]
    """The names of the gateways' processes."""
    _turns: Mapping[str, Iterator[str]]
    """Names of each kind's processes, again and again."""

    @property
    def pids(self) -> dict[str, int]:
        """The running processes by name, Valkey's (`valkey`) too."""
        return self.supervisor.pids | self.stores.valkey_pids

    def kill(self, role: str) -> None:
        """Kill a process of a role with SIGKILL; it is started again. Those of one role are killed in turns."""
        self.supervisor.kill(next(self._turns[role]))

    @asynccontextmanager
    async def open_doors(self) -> AsyncGenerator[None]:
        """Run the roles for the time of the block; raises `NotReady`."""
        async with self.supervisor:
            await self.ready()
            yield

    async def ready(self) -> None:
        """Wait until every process does its work; raises `NotReady`."""
        try:
            async with asyncio.timeout(READY_S):
                await self.supervisor.ready()
                # A proxy before the gateways takes a moment to see that they are.
                while self.gateways and not await asyncio.to_thread(_answers, self.url):  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise NotReady(self.url) from None


@asynccontextmanager
async def housed(
    data: Path,
    port: int = 0,
    *,
    gateways: int = 1,
    two_persons: bool = False,
    practice: bool = False,
    monthly: bool = False,
    viewers: bool = False,
    roles: Sequence[str] = ROLES,
    owner: str = "",
    together: bool = False,
) -> AsyncGenerator[House]:
    """Start stores under `data`, migrate, and prepare the roles; everything is stopped after the block.

    The door is on `port` of the loopback address, the staff's on the next and, with `practice`, the learners' on the
    one after, with `monthly` that of 月月比 beyond, each on any free one when that is 0 or taken; `gateways` processes
    share the first, and with `viewers` hand on the sockets of whoever only watches. One person runs it, unless
    `two_persons`. It is the nation's, or that of a province (`owner`). Roles are processes of their own, or with
    `together` one process, as those of `leitai serve` without `--gateways`; 月月比 has its own in any case.
    """
    gateways = gateways if "gateway" in roles else 0
    async with EmbeddedStores(data) as stores:
        with (
            _door(port) as door,
            _door(port and port + 1) as office,
            _door(port and port + 2) if practice else nullcontext() as learners,
            _door(port and port + 3) if monthly else nullcontext() as months,
            open_way() if viewers else nullcontext() as way,
        ):
            beside = {"practice": learners, MONTHLY: months}
            ends = None if way is None else (way[0].fileno(), way[1].fileno())
            async with _behind(
                door, office, beside, data, stores, roles, gateways, ends, two_persons, owner, together
            ) as house:
                yield house


@asynccontextmanager
async def clustered(data: Path, *, gateways: int = 3) -> AsyncGenerator[House]:
    """A deployment on many machines, as processes of this one: a Valkey Cluster of three primaries with a replica each,
    `gateways` at addresses of their own, two directors, a recorder, and HAProxy before the gateways.

    Where HAProxy is not installed the gateways share one port instead.
    """
    program = shutil.which("haproxy")
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(ClusteredStores(data))
        doors = [stack.enter_context(_door(0)) for _ in range(1 if program is None else gateways)]
        addresses = [f"127.0.0.1:{door.getsockname()[1]}" for door in doors]
        listen = addresses[0]
        if program is not None:
            held = held_ports(2)
            listen, figures = (f"127.0.0.1:{port.number}" for port in held)
            text = haproxy_settings(addresses, bind=listen, figures=figures, maxconn=4000)
            await stack.enter_async_context(_proxied(program, text, data))
        settings = Settings(
            valkey_url=stores.valkey_url,
            valkey_replicas=1,
            database_url=stores.postgres_dsn,
            secret_key=kept_secret_key(data),
            listen=listen,
        )
        names = ["recorder", "director-0", "director-1", *(f"gateway-{number}" for number in range(gateways))]
        roles = [_role(name, settings, doors) for name in names]
        yield await stack.enter_async_context(_house(settings, stores, roles, data))


def _role(name: str, settings: Settings, doors: Sequence[socket.socket]) -> Role:
    kind, _, number = name.partition("-")
    variables = {**_environment(settings), "LEITAI_NAME": name, "LEITAI_METRICS_LISTEN": "127.0.0.1:0"}
    handed_down: tuple[int, ...] = ()
    if kind == "gateway":
        handed_down = (doors[int(number) % len(doors)].fileno(),)
        variables["LEITAI_LISTENER"] = str(handed_down[0])
    return Role(name, (sys.executable, "-m", "leitai", "serve", "--roles", kind), variables, handed_down)


@asynccontextmanager
async def _proxied(program: str, settings: str, data: Path) -> AsyncGenerator[None]:
    """Run HAProxy for the time of the block."""
    file = data / "haproxy.cfg"
    file.write_text(settings, "utf-8")
    child = Layout(data).child("haproxy")
    await completed(child.start, Program((program, "-f", str(file), "-db"), os.environ))
    try:
        yield
    finally:
        await completed(child.stop, 5.0)


@asynccontextmanager
async def _behind(
    door: socket.socket,
    office: socket.socket,
    beside: Mapping[str, socket.socket | None],
    data: Path,
    stores: EmbeddedStores,
    roles: Sequence[str],
    gateways: int,
    viewers_way: tuple[int, int] | None,
    two_persons: bool,
    owner: str,
    together: bool,
) -> AsyncGenerator[House]:
    listen, office_listen = (f"127.0.0.1:{one.getsockname()[1]}" for one in (door, office))
    settings = Settings(
        valkey_url=stores.valkey_url,
        database_url=stores.postgres_dsn,
        secret_key=kept_secret_key(data),
        listen=listen,
        office_listen=office_listen,
        practice_listen=_address_of(beside["practice"]),
        monthly_listen=_address_of(beside[MONTHLY]),
        two_persons=two_persons,
        owner=owner,
    )
    environment = _environment(settings)
    wanted = [role for role in roles if beside.get(role, door) is not None]
    if beside[MONTHLY] is not None:
        wanted.append(MONTHLY)
    doors = (door.fileno(), office.fileno(), *(-1 if one is None else one.fileno() for one in beside.values()))
    started = processes(settings, wanted, gateways, *doors, viewers_way=viewers_way, environment=environment)
    if together:
        started = _together(started)
    async with _house(settings, stores, started, data) as house:
        yield house


def _together(roles: Sequence[Role]) -> list[Role]:
    """One process for all roles but 月月比, under the gateway's name where there is one."""
    one = [role for role in roles if role.kind != MONTHLY]
    name = next((role.name for role in one if role.kind == "gateway"), one[0].name)
    argv = (sys.executable, "-m", "leitai.role", *(role.kind for role in one))
    variables = {key: value for role in one for key, value in role.env.items()} | {"LEITAI_NAME": name}
    handed_down = tuple(descriptor for role in one for descriptor in role.handed_down)
    return [Role(name, argv, variables, handed_down), *(role for role in roles if role.kind == MONTHLY)]


@asynccontextmanager
async def _house(
    settings: Settings, stores: EmbeddedStores | ClusteredStores, roles: Sequence[Role], data: Path
) -> AsyncGenerator[House]:
    await migrate(settings.database_url, shipped("sql"))
    names = {role.kind: [other.name for other in roles if other.kind == role.kind] for role in roles}
    turns = {kind: itertools.cycle(of_kind) for kind, of_kind in names.items()}
    async with open_parts(settings) as parts:
        supervisor = Supervisor(roles, data)
        url, office_url = f"http://{settings.listen}", f"http://{settings.office_listen}"
        practised = any("practice" in role.argv for role in roles)
        practice_url = f"http://{settings.practice_listen}" if practised else ""
        gateways = tuple(names.get("gateway", ()))
        yield House(url, stores, supervisor, parts, office_url, practice_url, gateways, turns)


def _address_of(door: socket.socket | None) -> str:
    return f"127.0.0.1:{0 if door is None else door.getsockname()[1]}"


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "LEITAI_VALKEY_URL": settings.valkey_url,
        "LEITAI_VALKEY_REPLICAS": str(settings.valkey_replicas),
        "LEITAI_DATABASE_URL": settings.database_url,
        "LEITAI_SECRET_KEY": settings.secret_key,
        "LEITAI_LISTEN": settings.listen,
        "LEITAI_TWO_PERSONS": str(settings.two_persons).lower(),
        "LEITAI_OWNER": settings.owner,
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/contest", timeout=2) as response:  # noqa: S310 (our own address)
            return response.status == 200
    except urllib.error.HTTPError as refusal:
        # A gateway without a session says so itself, in JSON; a proxy without gateways does not.
        return refusal.headers.get_content_type() == "application/json"
    except (urllib.error.URLError, OSError):
        return False


def _door(port: int) -> socket.socket:
    try:
        return open_listener(("127.0.0.1", port))
    except OSError:
        return open_listener(("127.0.0.1", 0))

"""A whole server on this machine for one rehearsal: embedded stores and each role in a process of its own."""

import asyncio
import itertools
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from leitai.cli.processes import processes
from leitai.compose import ROLES, Parts, open_parts
from leitai.config import Settings, kept_secret_key
from leitai.resources import shipped
from leitai.stores.embedded.stores import EmbeddedStores
from leitai.stores.postgres.migrations import migrate
from leitai.supervisor import Supervisor
from leitai.web.listening import open_listener

READY_S = 30.0


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
    stores: EmbeddedStores
    supervisor: Supervisor
    parts: Parts
    office_url: str
    """Where the staff's pages are."""
    gateways: tuple[str, ...]
    """The names of the gateways' processes."""
    _turns: Iterator[str]

    @property
    def pids(self) -> dict[str, int]:
        """The running processes by name, Valkey's (`valkey`) too."""
        store = {} if self.stores.valkey.pid is None else {"valkey": self.stores.valkey.pid}
        return self.supervisor.pids | store

    def kill(self, role: str) -> None:
        """Kill a role or `valkey` with SIGKILL; it is started again. Gateways are killed in turns."""
        if role == "valkey":
            self.stores.valkey.kill()
        else:
            self.supervisor.kill(next(self._turns) if role == "gateway" else role)

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
        except TimeoutError:
            raise NotReady(self.url) from None


@asynccontextmanager
async def housed(data: Path, port: int = 0, *, gateways: int = 1) -> AsyncGenerator[House]:
    """Start stores under `data`, migrate, and prepare the roles; everything is stopped after the block.

    The door is on `port` of the loopback address and the staff's on the next, each on any free one when that is 0 or
    taken; `gateways` processes share the first.
    """
    async with EmbeddedStores(data) as stores:
        with _door(port) as door, _door(port and port + 1) as office:
            async with _behind(door, office, data, stores, gateways) as house:
                yield house


@asynccontextmanager
async def _behind(
    door: socket.socket, office: socket.socket, data: Path, stores: EmbeddedStores, gateways: int
) -> AsyncGenerator[House]:
    listen, office_listen = (f"127.0.0.1:{one.getsockname()[1]}" for one in (door, office))
    settings = Settings(
        valkey_url=stores.valkey_url,
        database_url=stores.postgres_dsn,
        secret_key=kept_secret_key(data),
        listen=listen,
        office_listen=office_listen,
    )
    await migrate(settings.database_url, shipped("sql"))
    environment = {
        "LEITAI_VALKEY_URL": settings.valkey_url,
        "LEITAI_DATABASE_URL": settings.database_url,
        "LEITAI_SECRET_KEY": settings.secret_key,
    }
    roles = processes(settings, ROLES, gateways, door.fileno(), office.fileno(), environment=environment)
    names = tuple(role.name for role in roles if role.kind == "gateway")
    async with open_parts(settings) as parts:
        supervisor = Supervisor(roles, data)
        urls = (f"http://{listen}", f"http://{office_listen}")
        yield House(urls[0], stores, supervisor, parts, urls[1], names, itertools.cycle(names))


def _door(port: int) -> socket.socket:
    try:
        return open_listener(("127.0.0.1", port))
    except OSError:
        return open_listener(("127.0.0.1", 0))

"""A whole server on this machine for one rehearsal: embedded stores and each role in a process of its own."""

import asyncio
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from leitai.compose import ROLES, Parts, open_parts
from leitai.config import Settings, kept_secret_key
from leitai.resources import shipped
from leitai.stores.embedded.stores import EmbeddedStores
from leitai.stores.postgres.migrations import migrate
from leitai.supervisor import Role, Supervisor

READY_S = 30.0


class NotReady(Exception):
    """The server does not serve; `url` was asked. Its logs are in the data folder."""

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

    @property
    def pids(self) -> dict[str, int]:
        """The process of each role and of Valkey (`valkey`), as far as they run."""
        store = {} if self.stores.valkey.pid is None else {"valkey": self.stores.valkey.pid}
        return self.supervisor.pids | store

    def kill(self, role: str) -> None:
        """Kill a role or `valkey` with SIGKILL; it is started again."""
        if role == "valkey":
            self.stores.valkey.kill()
        else:
            self.supervisor.kill(role)

    @asynccontextmanager
    async def open_doors(self) -> AsyncGenerator[None]:
        """Run the roles for the time of the block; raises `NotReady`."""
        async with self.supervisor:
            await self.ready()
            yield

    async def ready(self) -> None:
        """Wait until the server serves a session; raises `NotReady`."""
        await _wait_ready(self.url)


@asynccontextmanager
async def housed(data: Path, port: int = 0) -> AsyncGenerator[House]:
    """Start stores under `data`, migrate, and prepare the roles; everything is stopped after the block.

    The door is on `port` of the loopback address, on any free one when that is 0 or taken.
    """
    async with EmbeddedStores(data) as stores:
        listen = f"127.0.0.1:{_free_port(port)}"
        settings = Settings(
            valkey_url=stores.valkey_url,
            database_url=stores.postgres_dsn,
            secret_key=kept_secret_key(data),
            listen=listen,
        )
        await migrate(settings.database_url, shipped("sql"))
        environment = {
            "LEITAI_VALKEY_URL": settings.valkey_url,
            "LEITAI_DATABASE_URL": settings.database_url,
            "LEITAI_SECRET_KEY": settings.secret_key,
            "LEITAI_LISTEN": listen,
        }
        roles = [Role(role, (sys.executable, "-m", "leitai", "serve", "--roles", role), environment) for role in ROLES]
        async with open_parts(settings) as parts:
            yield House(f"http://{listen}", stores, Supervisor(roles, data), parts)


def _free_port(wanted: int = 0) -> int:
    try:
        with socket.create_server(("127.0.0.1", wanted)) as listener:
            return listener.getsockname()[1]
    except OSError:
        return _free_port()


async def _wait_ready(url: str) -> None:
    try:
        async with asyncio.timeout(READY_S):
            while not await asyncio.to_thread(_is_ready, url):  # noqa: ASYNC110 (another process gets ready)
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise NotReady(url) from None


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as response:  # noqa: S310 (our own address)
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False

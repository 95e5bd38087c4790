"""Connections to PostgreSQL that may be absent: nothing connects before the first call, and a lost one is replaced."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg

from leitai.live import ports as live
from leitai.office import ports as office
from leitai.turns import rank, stay_beside_us

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "PoolConnectionProxy"


class DatabaseUnavailable(live.StoreUnavailable, office.StoreUnavailable):
    """PostgreSQL did not answer, is starting or is stopping. Whether the last statement was done is not known."""


AWAY = (
    OSError,  # TimeoutError among them
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InsufficientResourcesError,
)
"""What is raised while the database is out."""


class Database:
    """A pool of connections.

    Args:
        dsn: `postgresql://…`, as libpq writes it; a Unix socket is `?host=/path`.
        max_size: connections at most.
        timeout_s: for a connection or a statement; a database that hangs is as good as gone.
        owner: the province whose own is all that is seen (schema/sql/0029); empty: the nation, without the provinces'.
        nice: the server's processes that work for this pool are nicer by so much, where they are on this machine and we
            may say so: what they do is no more urgent than who asks.
        beside_us: likewise they use the processors that we use when they begin.
    """

    def __init__(
        self,
        dsn: str,
        *,
        max_size: int = 8,
        timeout_s: float = 10.0,
        owner: str = "",
        nice: int = 0,
        beside_us: bool = False,
    ) -> None:
        self._dsn = dsn
        self._nice = nice if _is_here(dsn) else 0
        self._beside_us = beside_us and _is_here(dsn)
        self.owner = owner
        self._max_size = max_size
        self._timeout_s = timeout_s
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def owned_by(self, owner: str) -> AsyncGenerator["Database"]:
        """Lend another pool on the same database that sees what is a province's own; it ends with the block."""
        own = Database(self._dsn, max_size=2, timeout_s=self._timeout_s, owner=owner, nice=self._nice)
        try:
            yield own
        finally:
            await own.close()

    @asynccontextmanager
    async def on_our_processors(self) -> AsyncGenerator["Database"]:
        """Lend another pool `beside_us`, which ends with the block, for work of seconds: beside a contest the office
        keeps to half of the processors (`turns.Share`)."""
        own = Database(
            self._dsn, max_size=1, timeout_s=self._timeout_s, owner=self.owner, nice=self._nice, beside_us=True
        )
        try:
            yield own
        finally:
            await own.close()

    async def close(self) -> None:
        """Close every connection; in use or not, within the time-out."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            await asyncio.wait_for(pool.close(), self._timeout_s)
        except AWAY:
            pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        """Lend a connection; raises `DatabaseUnavailable` from here and from every statement run on it."""
        try:
            pool = await self._open()
            async with pool.acquire(timeout=self._timeout_s) as connection:
                yield connection
        except AWAY as error:
            # asyncpg reports a value it cannot encode as an InterfaceError that is a ValueError: no outage.
            if isinstance(error, ValueError):
                raise
            raise DatabaseUnavailable(str(error) or type(error).__name__) from error

    @asynccontextmanager
    async def transaction(self, *, snapshot: bool = False) -> AsyncGenerator[Connection]:
        """Lend a connection within a transaction; with `snapshot` all its reads see one moment, and it only reads."""
        async with (
            self.connection() as connection,
            connection.transaction(isolation="repeatable_read" if snapshot else None, readonly=snapshot),
        ):
            yield connection

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                # min_size 0: the pool itself connects to nothing, so that a process starts without its database.
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=self._max_size,
                    timeout=self._timeout_s,
                    command_timeout=self._timeout_s,
                    init=self._stand_back if self._nice or self._beside_us else None,
                    reset=_nothing_to_reset,
                    server_settings={
                        "search_path": "provincial, public" if self.owner else "national, public",
                        "leitai.owner": self.owner,
                    },
                )
            return self._pool

    async def _stand_back(self, connection: Connection) -> None:
        _rank(connection.get_server_pid(), self._nice, beside_us=self._beside_us)


def _rank(pid: int, nice: int, *, beside_us: bool) -> None:
    with contextlib.suppress(OSError):
        # Of a server in a container the number is another one here.
        if Path(f"/proc/{pid}/comm").read_text("ascii", "replace").startswith("postgres"):
            if nice:
                rank(pid, nice)
            if beside_us:
                stay_beside_us(pid)


def _is_here(dsn: str) -> bool:
    """Whether a server is reached by a Unix socket: it is on this machine."""
    return any(host.startswith("/") for host in parse_qs(urlsplit(dsn).query).get("host", []))


async def _nothing_to_reset(_connection: Connection) -> None:
    """Leave a returned connection as it is: no statement here changes its settings, listens or takes a session lock,
    and asyncpg's own reset is a round trip for every call."""

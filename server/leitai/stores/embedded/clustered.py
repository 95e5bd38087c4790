"""The stores of a deployment on many machines, as processes of this one: a Valkey Cluster and a PostgreSQL."""

import asyncio
import time
from pathlib import Path
from types import TracebackType

from leitai.stores.embedded.cluster import EmbeddedCluster
from leitai.stores.embedded.keeper import Keeper, completed
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.locks import FolderLock
from leitai.stores.embedded.postgres import EmbeddedPostgres

_LOOK_S = 0.02


class ClusteredStores:
    """A Cluster of three primaries with a replica each, and PostgreSQL, under `data_dir`, a folder that is new."""

    def __init__(self, data_dir: Path) -> None:
        """Create the folders; nothing is started. Raises DataFolderUnusableError, NoUnprivilegedUserError."""
        self._lock = FolderLock(Layout(data_dir).root)
        self.cluster = EmbeddedCluster(data_dir)
        self._postgres = EmbeddedPostgres(data_dir)
        self.postgres = Keeper(self._postgres.child, self._postgres.start, self._postgres.stop)
        """Keeps PostgreSQL up."""

    @property
    def valkey_url(self) -> str:
        """For `LEITAI_VALKEY_URL`."""
        return self.cluster.url

    @property
    def postgres_dsn(self) -> str:
        """For asyncpg."""
        return self._postgres.dsn

    @property
    def valkey_pids(self) -> dict[str, int]:
        """The running nodes by name."""
        pids = {f"valkey-{number}": node.pid for number, node in enumerate(self.cluster.nodes, 1)}
        return {name: pid for name, pid in pids.items() if pid is not None}

    async def lose_primary(self, slot: int, away_s: float) -> float:
        """Kill the primary of a slot with SIGKILL and start it again after `away_s` at the earliest, as a replica.

        Returns:
            the seconds until another node had taken its place.
        """
        primary = await asyncio.to_thread(self.cluster.primary, slot)
        began = time.monotonic()
        await asyncio.to_thread(primary.kill)
        try:
            while await asyncio.to_thread(self.cluster.primary, slot) is primary:  # noqa: ASYNC110 (other processes)
                await asyncio.sleep(_LOOK_S)
            taken_s = time.monotonic() - began
            await asyncio.sleep(max(0.0, away_s - taken_s))
        finally:
            await completed(primary.start)
        return taken_s

    async def __aenter__(self) -> "ClusteredStores":
        self._lock.acquire()
        try:
            await asyncio.gather(completed(self.cluster.start), self.postgres.up())
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        await asyncio.gather(completed(self.cluster.stop), self.postgres.down(20.0))
        self._lock.release()

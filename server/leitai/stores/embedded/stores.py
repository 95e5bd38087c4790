"""Both embedded stores of one data folder: started and stopped together, kept up in between."""

import asyncio
import signal
from pathlib import Path
from types import TracebackType

from leitai.stores.embedded.keeper import Keeper, completed
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.locks import FolderLock
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.embedded.valkey import EmbeddedValkey


class EmbeddedStores:
    """Valkey and PostgreSQL under `data_dir`; `async with` starts and stops them.

    The folder is locked from `start` until `stop`, so that two programs cannot use it at once. A store that ends in
    between is started again, and recovers what it had acknowledged.
    """

    def __init__(self, data_dir: Path) -> None:
        """Create the folders; nothing is started.

        Raises:
            DataFolderUnusableError, NoUnprivilegedUserError: see `errors`.
        """
        self._lock = FolderLock(Layout(data_dir).root)
        self._valkey = EmbeddedValkey(data_dir)
        self._postgres = EmbeddedPostgres(data_dir)
        self.valkey = Keeper(self._valkey.child, self._valkey.start, self._valkey.stop)
        """Keeps Valkey up: `kill`, `replaced`, `pid`; `down` and `up` for an outage of any length."""
        self.postgres = Keeper(self._postgres.child, self._postgres.start, self._postgres.stop)
        """Keeps PostgreSQL up, in the same way."""

    @property
    def valkey_url(self) -> str:
        """For `LEITAI_VALKEY_URL`; never changes."""
        return self._valkey.url

    @property
    def postgres_dsn(self) -> str:
        """For asyncpg; never changes."""
        return self._postgres.dsn

    @property
    def valkey_pids(self) -> dict[str, int]:
        """Valkey's process by name, while it runs."""
        return {} if self.valkey.pid is None else {"valkey": self.valkey.pid}

    async def lose_valkey(self) -> None:
        """Have Valkey killed and its data destroyed, for fault tests; returns when an empty one is up."""
        await self.valkey.down(0)
        try:
            await completed(self._valkey.forget)
        finally:
            await asyncio.shield(self.valkey.up())

    async def hang_valkey(self, seconds: float) -> None:
        """Stop Valkey's process as it stands (SIGSTOP) for `seconds`, for fault tests: it neither answers nor fails."""
        self._valkey.child.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._valkey.child.send(signal.SIGCONT)

    async def start(self) -> None:
        """Start both at the same time; when one fails the other is stopped and the error raised.

        Raises:
            EmbeddedError: any of `errors`.
        """
        self._lock.acquire()
        starting = asyncio.gather(self.valkey.up(), self.postgres.up(), return_exceptions=True)
        try:
            results = await starting
        except asyncio.CancelledError:
            await self.stop()
            raise
        for result in results:
            if isinstance(result, BaseException):
                await self.stop()
                raise result

    async def stop(self, seconds: float = 20.0) -> None:
        """Stop both, each within `seconds`; nothing happens to one that does not run."""
        await asyncio.gather(self.valkey.down(seconds), self.postgres.down(seconds))
        self._lock.release()

    async def __aenter__(self) -> "EmbeddedStores":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

"""Both embedded stores of one data folder, started and stopped together."""

import asyncio
from pathlib import Path
from types import TracebackType

from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.locks import FolderLock
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.embedded.valkey import EmbeddedValkey


class EmbeddedStores:
    """Valkey and PostgreSQL under `data_dir`; `async with` starts and stops them.

    The folder is locked from `start` until `stop`, so that two programs cannot use it at once.
    """

    def __init__(self, data_dir: Path) -> None:
        """Create the folders; nothing is started.

        Raises:
            DataFolderUnusableError, NoUnprivilegedUserError: see `errors`.
        """
        self._lock = FolderLock(Layout(data_dir).root)
        self.valkey = EmbeddedValkey(data_dir)
        self.postgres = EmbeddedPostgres(data_dir)

    @property
    def valkey_url(self) -> str:
        """For redis-py."""
        return self.valkey.url

    @property
    def postgres_dsn(self) -> str:
        """For asyncpg."""
        return self.postgres.dsn

    async def start(self) -> None:
        """Start both at the same time; when one fails the other is stopped and the error raised.

        Raises:
            EmbeddedError: any of `errors`.
        """
        self._lock.acquire()
        try:
            results = await asyncio.gather(
                asyncio.to_thread(self.valkey.start), asyncio.to_thread(self.postgres.start), return_exceptions=True
            )
        except asyncio.CancelledError:
            await self.stop()
            raise
        for result in results:
            if isinstance(result, BaseException):
                await self.stop()
                raise result

    async def stop(self) -> None:
        """Stop both; nothing happens to one that does not run."""
        await asyncio.gather(asyncio.to_thread(self.valkey.stop), asyncio.to_thread(self.postgres.stop))
        self._lock.release()

    async def __aenter__(self) -> "EmbeddedStores":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

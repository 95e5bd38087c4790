"""The client of the store: one place that opens it, loads scripts and turns its failures into ours."""

import asyncio
import hashlib
from functools import cache
from importlib import resources
from typing import Any, Protocol, cast

import redis.exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from leitai.live.ports import StoreUnavailable
from leitai.stores.valkey.pipe import StoreRefused

_PASSING = (
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    redis.exceptions.BusyLoadingError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
    OSError,
)

_PASSING_REPLIES = (
    "LOADING",
    "READONLY",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "UNBLOCKED",
    "UNKILLABLE",
    "BUSY",
    # No space left on the disk, no replica: nothing was done. (No memory is a class of its own.)
    "MISCONF",
    "NOREPLICAS",
)


class Store(Protocol):
    """The commands that are used, with the types they have under RESP 2 without decoding.

    The library's own annotations cover both protocols and both decodings at once, which checks nothing.
    """

    async def execute_command(self, *args: Any) -> Any: ...
    async def get(self, name: str) -> bytes | None: ...
    async def getdel(self, name: str) -> bytes | None: ...
    async def set(self, name: str, value: str | bytes, ex: int | None = None, nx: bool = False) -> Any: ...
    async def delete(self, *names: str) -> int: ...
    async def hmget(self, name: str, keys: list[bytes]) -> list[bytes | None]: ...
    async def xadd(self, name: str, fields: dict[str, bytes]) -> bytes: ...
    async def xrevrange(self, name: str, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]: ...
    async def xread(
        self, streams: dict[str, str], count: int | None = None, block: int | None = None
    ) -> list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]: ...
    async def time(self) -> tuple[int, int]: ...
    async def ping(self) -> bool: ...
    async def aclose(self) -> None: ...
    def pipeline(self, transaction: bool = True) -> Any: ...


def open_store(url: str, *, connections: int = 8) -> Store:
    """Return a client of the store at `url`; nothing connects yet.

    A call waits for a free connection rather than fail under a burst, and is never repeated by the client itself:
    whoever calls knows whether repeating is safe.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=5,
        socket_timeout=10,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return cast("Store", Redis.from_pool(pool))


class passing_failures:  # noqa: N801 - read as a statement: `with passing_failures():`
    """Turn failures that pass by themselves into `StoreUnavailable`.

    A plain context manager: one made from a generator costs more than the command it surrounds.

    The library may swallow a cancellation that meets it while it takes a connection from the pool; it is raised here
    then, lest a task that was told to end go on for ever.
    """

    __slots__ = ("_cancelling", "_task")

    def __enter__(self) -> None:
        """Begin."""
        self._task = asyncio.current_task()
        self._cancelling = self._task.cancelling() if self._task else 0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        """Translate; raises `StoreUnavailable`."""
        if self._task is not None and self._task.cancelling() > self._cancelling:
            if isinstance(error, asyncio.CancelledError):
                return
            raise asyncio.CancelledError from error
        if isinstance(error, _PASSING):
            raise StoreUnavailable(str(error)) from error
        if isinstance(error, redis.exceptions.ResponseError) and str(error).startswith(_PASSING_REPLIES):
            raise StoreUnavailable(str(error)) from error


@cache
def script(name: str) -> tuple[str, str]:
    """Return a script of `lua/` and its SHA-1, by which the store knows it."""
    text = (resources.files("leitai.stores.valkey") / "lua" / f"{name}.lua").read_text("utf-8")
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Commands(Protocol):
    """Whatever carries one command: `Store` or `pipe.Pipe`."""

    async def execute_command(self, *args: Any) -> Any: ...


async def run_script(store: Commands, name: str, keys: list[str], args: list[Any]) -> Any:
    """Run a script by its digest, loading it when the store does not know it (a restart forgets scripts).

    Raises `StoreUnavailable`.
    """
    text, digest = script(name)
    with passing_failures():
        try:
            return await store.execute_command("EVALSHA", digest, len(keys), *keys, *args)
        except (redis.exceptions.NoScriptError, StoreRefused) as refusal:
            if isinstance(refusal, StoreRefused) and not refusal.reply.startswith("NOSCRIPT"):
                raise
            return await store.execute_command("EVAL", text, len(keys), *keys, *args)

"""Real stores for tests: one embedded Valkey and one PostgreSQL per test process, thrown away afterwards."""

import asyncio
import atexit
import contextlib
import functools
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from pathlib import Path
from typing import Any

import asyncpg

from leitai.resources import NotShippedError, shipped
from leitai.stores.embedded.cluster import EmbeddedCluster
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.embedded.valkey import EmbeddedValkey
from leitai.stores.postgres.migrations import migrate
from leitai.stores.postgres.pool import Database
from tests.support.waiting import PATIENCE_S

TEMPLATE = "leitai_template"
UNSAFE = {"fsync": "off", "full_page_writes": "off"}
"""For a PostgreSQL whose data nobody wants after a crash."""
_WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def held_up(task: "asyncio.Future[Any]", database: Database) -> bool:
    """Go on once a task waits for another transaction, which is True, or is done without having had to."""
    async with database.connection() as watching:
        while not task.done():
            if await watching.fetchval(_WAITING):
                return True
    return False


@contextlib.contextmanager
def scratch_folder() -> Generator[Path]:
    """An empty folder with a short path that any user may pass through; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="leitai-test-"))
    try:
        folder.chmod(0o711)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def furnished_folder() -> Generator[Path]:
    """A scratch folder whose `data` holds a PostgreSQL with the whole schema, for a house that need make neither."""
    with scratch_folder() as folder:
        data = folder / "data"
        data.mkdir(mode=0o700)
        # With its owner: as root the server runs as somebody else.
        subprocess.run(("cp", "-Rp", str(_furniture()), str(data)), check=True)
        yield folder


@functools.cache
def _furniture() -> Path:
    """A PostgreSQL's folder with the whole schema, made once in a test process."""
    folder = Path(tempfile.mkdtemp(prefix="leitai-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)
    postgres = EmbeddedPostgres(folder, settings=UNSAFE)
    postgres.start()
    try:
        run_apart(migrate(postgres.dsn, shipped("sql")))
    finally:
        postgres.stop()
    return folder / "postgres"


@contextlib.contextmanager
def running_valkey() -> Generator[EmbeddedValkey]:
    """A Valkey of its own, with fsync before every reply as in a contest."""
    with scratch_folder() as folder:
        valkey = EmbeddedValkey(folder)
        valkey.start()
        try:
            yield valkey
        finally:
            valkey.stop()


@contextlib.contextmanager
def running_cluster(timeout_ms: int = int(1000 * PATIENCE_S)) -> Generator[EmbeddedCluster]:
    """A Valkey Cluster of its own: three primaries with a replica each.

    A node that does not answer for `timeout_ms` is replaced: no stall of the machine is to look like that, except where
    it is the matter.
    """
    with scratch_folder() as folder, EmbeddedCluster(folder, timeout_ms=timeout_ms) as cluster:
        yield cluster


@contextlib.contextmanager
def running_postgres() -> Generator[EmbeddedPostgres]:
    """A PostgreSQL of its own that holds a template with the whole schema. It does not sync: it dies with the tests."""
    with scratch_folder() as folder:
        postgres = EmbeddedPostgres(folder, settings=UNSAFE)
        postgres.start()
        try:
            run_apart(_make_template(postgres))
            yield postgres
        finally:
            postgres.stop()


@contextlib.asynccontextmanager
async def fresh_database(postgres: EmbeddedPostgres, template: str = TEMPLATE) -> AsyncGenerator[str]:
    """The DSN of a new database with the whole schema applied; dropped afterwards, whoever is still connected."""
    name = f"test_{secrets.token_hex(8)}"
    await _administer(postgres, f"create database {name} template {template} strategy file_copy")
    try:
        yield postgres.dsn_of(name)
    finally:
        await _administer(postgres, f"drop database {name} with (force)")


@contextlib.contextmanager
def standing_database(postgres: EmbeddedPostgres, template: str = TEMPLATE) -> Generator[str]:
    """As `fresh_database`, for fixtures that outlive a loop."""
    name = f"test_{secrets.token_hex(8)}"
    run_apart(_administer(postgres, f"create database {name} template {template} strategy file_copy"))
    try:
        yield postgres.dsn_of(name)
    finally:
        run_apart(_administer(postgres, f"drop database {name} with (force)"))


def run_apart(work: Coroutine[None, None, object]) -> None:
    """Run `work` on an event loop in a thread of its own, leaving the test's loop alone."""
    failure: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


async def _make_template(postgres: EmbeddedPostgres) -> None:
    await _administer(postgres, f"create database {TEMPLATE}")
    with contextlib.suppress(NotShippedError):
        await migrate(postgres.dsn_of(TEMPLATE), shipped("sql"))


async def _administer(postgres: EmbeddedPostgres, statement: str) -> None:
    connection: asyncpg.Connection = await asyncpg.connect(postgres.dsn_of("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()

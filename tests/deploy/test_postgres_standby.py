"""PostgreSQL with a synchronous standby, from docs/deploy: both run here, and the standby goes and comes back."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import yaml

from leitai.doctor.findings import Demand, Severity
from leitai.doctor.judgement import postgres as judgement
from leitai.doctor.probe import postgres as probe
from leitai.resources import shipped
from leitai.stores.embedded import postgres_program
from leitai.stores.embedded.places import may_enter
from leitai.stores.embedded.process import User
from tests.support.others import free_ports
from tests.support.stores import scratch_folder
from tests.support.waiting import PATIENCE_S, eventually

DEPLOY = shipped("deploy")
COMPOSE = yaml.safe_load((DEPLOY.parents[1] / "docker-compose.yml").read_text("utf-8"))
PASSWORD = "correct-horse"


@dataclass
class Pair:
    """A primary and its standby."""

    folder: Path
    programs: Path
    user: User | None
    port: int
    standby_port: int
    standby: "subprocess.Popen[bytes] | None" = None

    @property
    def dsn(self) -> str:
        return f"postgresql://leitai:{PASSWORD}@127.0.0.1:{self.port},127.0.0.1:{self.standby_port}/leitai"

    def environment(self, name: str) -> dict[str, str]:
        return {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "LC_ALL": "C",
            "PGDATA": str(self.folder / name),
            "PGPASSWORD": PASSWORD,
        }

    def run(self, *command: str | Path, name: str = "primary", **more: str) -> None:
        done = subprocess.run(
            command,
            env={**self.environment(name), **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=5 * PATIENCE_S,
            user=self.user and self.user.uid,
            group=self.user and self.user.gid,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, name: str, *command: str | Path, **more: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env={**self.environment(name), **more},
                cwd=self.folder,
                stdout=log,
                stderr=log,
                user=self.user and self.user.uid,
                group=self.user and self.user.gid,
            )

    def start_standby(self) -> None:
        options = ["-c", f"port={self.standby_port}", "-c", "listen_addresses=127.0.0.1"]
        options += ["-c", f"unix_socket_directories={self.folder}"]
        script = self.folder / "postgres-standby.sh"
        self.standby = self.start("standby", "bash", script, *options, PRIMARY="127.0.0.1", PRIMARY_PORT=str(self.port))

    def stop_standby(self) -> None:
        if self.standby is not None:
            _stop(self.standby)
            self.standby = None


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _programs(folder: Path, user: User | None) -> Generator[Path]:
    """The whole package's programs where `user` can run them."""
    source = postgres_program.installed()
    if user is None or may_enter(source / "bin", user):
        yield source / "bin"
        return
    shutil.copytree(source, folder / "programs" / source.name, symlinks=True)
    libraries = source.parent.with_name(f"{source.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    yield folder / "programs" / source.name / "bin"


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Both, as docker-compose.yml starts them."""
    user = postgres_program.unprivileged_user() if os.geteuid() == 0 else None
    with scratch_folder() as folder, _programs(folder, user) as programs:
        if user is not None:
            os.chown(folder, user.uid, user.gid)
        for script in DEPLOY.glob("postgres-*.sh"):
            # Where that user may not look into the checkout.
            shutil.copy(script, folder)
        first, second = free_ports(2)
        made = Pair(folder, programs, user, first, second)
        (folder / "password").write_text(PASSWORD)
        made.run("initdb", "-U", "leitai", "--auth=scram-sha-256", "--pwfile", folder / "password", "--no-sync")
        command = COMPOSE["services"]["postgres-1"]["command"]
        local = ["-c", f"port={made.port}", "-c", "listen_addresses=127.0.0.1"]
        primary = made.start("primary", *command, *local, "-c", f"unix_socket_directories={folder}")
        try:
            options = COMPOSE["services"]["postgres-1"]["environment"]["PGOPTIONS"]
            here = {"PGHOST": str(folder), "PGPORT": str(made.port), "PGOPTIONS": options}
            _wait(made, here)
            made.run("createdb", "-U", "leitai", "leitai", **here)
            names = {"POSTGRES_USER": "leitai", "POSTGRES_DB": "leitai", "POSTGRES_PASSWORD": PASSWORD}
            made.run("bash", folder / "postgres-primary.sh", **here, **names)
            primary.send_signal(signal.SIGHUP)
            made.start_standby()
            try:
                yield made
            finally:
                made.stop_standby()
        finally:
            _stop(primary)


def _wait(pair: Pair, here: dict[str, str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(AssertionError):
            pair.run("pg_isready", **here)
            return
        assert time.monotonic() < deadline, (pair.folder / "primary.log").read_text()
        time.sleep(0.05)


@pytest.fixture
async def primary(pair: Pair) -> AsyncIterator["asyncpg.Connection"]:
    connection: asyncpg.Connection = await asyncpg.connect(f"{pair.dsn}?target_session_attrs=primary")
    yield connection
    await connection.close()


async def _states(connection: "asyncpg.Connection") -> list[str]:
    return [row["sync_state"] for row in await connection.fetch("select sync_state from pg_stat_replication")]


async def _judged(pair: Pair) -> dict[str, Severity]:
    seen, _ = await probe.look(f"{pair.dsn}?target_session_attrs=primary", shipped("sql"))
    return {one.id: one.severity for one in judgement.judge(seen, Demand(replicas=1))}


async def test_a_commit_waits_for_the_standby_and_the_doctor_sees_who_is_missing(
    pair: Pair, primary: "asyncpg.Connection"
) -> None:
    await eventually(lambda: _states(primary), lambda states: states == ["quorum"])
    await primary.execute("create table kept (n integer)")
    assert (await _judged(pair))["database.standby"] is Severity.OK
    pair.stop_standby()
    waiting = asyncio.ensure_future(primary.execute("insert into kept values (1)"))
    done, _ = await asyncio.wait({waiting}, timeout=1.0)
    assert not done
    assert (await _judged(pair))["database.standby"] is Severity.FAILURE
    pair.start_standby()
    async with asyncio.timeout(PATIENCE_S):
        await waiting
    standby: asyncpg.Connection = await asyncpg.connect(f"{pair.dsn}?target_session_attrs=standby")
    try:
        assert await standby.fetchval("select pg_is_in_recovery()")
        # Synchronous means flushed there; it becomes visible a moment later.
        rows = await eventually(lambda: standby.fetchval("select count(*) from kept"), lambda count: count == 1)
        assert rows == 1
    finally:
        await standby.close()

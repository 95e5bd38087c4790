"""`leitai doctor` beside real stores: nothing to change where all is well, and everything named where it is not."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from leitai.cli.doctor import in_full
from leitai.doctor.findings import Severity, judged
from leitai.doctor.judgement.deployment import Door
from leitai.doctor.judgement.valkey import DURABLE
from leitai.doctor.probe.machine import look_at_disk, look_at_door
from leitai.doctor.probe.postgres import addresses, is_here
from leitai.doctor.words import WORDS
from leitai.office.session_ports import SessionSettings
from leitai.resources import NotShippedError, shipped
from leitai.rules.values import Micros
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.embedded.valkey import EmbeddedValkey
from leitai.stores.postgres.migrations import migrate
from tests.support.office import SERVER_KEY, small_session, stores_at
from tests.support.others import free_port, free_ports
from tests.support.serving import apart
from tests.support.stores import run_apart, running_cluster, scratch_folder, standing_database
from tests.support.waiting import PATIENCE_S

DOCTOR = Path(__file__).parents[2] / "server/leitai/doctor"
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Told:
    """What the command said."""

    status: int
    findings: list[dict[str, Any]]

    def bad(self, severity: str = "failure") -> set[str]:
        """Ids of that severity."""
        return {one["id"] for one in self.findings if one["severity"] == severity}


def ask(*options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run the command with these settings and no others."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEITAI_")}
    environment |= {f"LEITAI_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "leitai", "doctor", *options],
        env={**environment, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=5 * PATIENCE_S,
    )


def told(*options: str, **settings: str) -> Told:
    done = ask("--json", *options, **settings)
    assert done.stdout, done.stderr
    return Told(done.returncode, json.loads(done.stdout))


@pytest.fixture(scope="module")
def syncing() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL as deployed: unlike that of other tests, it syncs."""
    with scratch_folder() as folder:
        server = EmbeddedPostgres(folder)
        server.start()
        try:
            run_apart(_migrated(server.dsn))
            yield server
        finally:
            server.stop()


async def _migrated(dsn: str) -> None:
    await migrate(dsn, shipped("sql"))


@pytest.fixture(scope="module")
def settings(syncing: EmbeddedPostgres, valkey_url: str) -> dict[str, str]:
    """Settings of a careful deployment, with a session tomorrow."""
    key = secrets.token_hex(32)
    start_us = Micros(time.time_ns() // 1000 + DAY_US)

    async def prepare() -> None:
        async with stores_at(syncing.dsn, bytes.fromhex(key)) as stores:
            await small_session(stores, settings=SessionSettings("决赛", start_us, Micros(start_us - 1_800_000_000)))

    apart(prepare())
    return {
        "valkey_url": valkey_url,
        "database_url": syncing.dsn,
        "secret_key": key,
        "origins": "https://contest.example.cn",
        "https": "true",
        "listen": f"127.0.0.1:{free_port()}",
    }


def _unbuilt() -> set[str]:
    """What a checkout may lack before `make client`."""
    try:
        shipped("client")
    except NotShippedError:
        return {"version.pages"}
    return set()


def test_a_good_deployment_has_nothing_to_change(settings: dict[str, str]) -> None:
    found = told("--contestants", "12", **settings)
    assert found.bad() == _unbuilt(), [one for one in found.findings if one["severity"] == "failure"]
    assert found.status == len(_unbuilt())
    seen = {one["id"]: one["seen"] for one in found.findings}
    assert re.fullmatch(r"([1-9]\d*)/\1", seen["session.codes"])
    assert seen["store.appendfsync"] == "always"
    assert re.fullmatch(r"p50 [0-9.]+ ms, p99 [0-9.]+ ms", seen["disk.fsync"])
    assert seen["ports.door"] == "free"


def test_a_forgetful_valkey_is_found(settings: dict[str, str]) -> None:
    careless = {"appendfsync": "everysec", "maxmemory-policy": "allkeys-lru", "auto-aof-rewrite-percentage": "100"}
    with scratch_folder() as folder:
        valkey = EmbeddedValkey(folder, settings=careless)
        valkey.start()
        try:
            found = told(**{**settings, "valkey_url": valkey.url})
            table = ask(**{**settings, "valkey_url": valkey.url})
        finally:
            valkey.stop()
    assert found.status == 1
    assert found.bad() == {"store.appendfsync", "store.maxmemory-policy"} | _unbuilt()
    assert "store.auto-aof-rewrite-percentage" in found.bad("warning")
    (fsync,) = (one for one in found.findings if one["id"] == "store.appendfsync")
    assert (fsync["seen"], fsync["wanted"]) == ("everysec", "always")
    assert "appendfsync always" in fsync["do"]["zh-CN"]
    assert "appendfsync always" in fsync["do"]["en"]
    assert table.returncode == 1
    assert "everysec" in table.stdout
    assert "store.appendonly" not in table.stdout


def test_a_cluster_is_looked_at_whole(settings: dict[str, str]) -> None:
    with running_cluster() as cluster:
        several = {**settings, "valkey_url": cluster.url, "valkey_replicas": "1"}
        found = told(**several)
        assert found.bad() == _unbuilt()
        seen = {one["id"]: one["seen"] for one in found.findings}
        assert seen["store.cluster"] == "ok, 16384"
        assert seen["store.waitaof"] == "1"
        asked = {one["subject"] for one in found.findings if one["id"] == "store.appendfsync"}
        assert asked == {node.address for node in cluster.nodes}
        gone = cluster.nodes[-1]
        gone.stop()
        found = told(**several)
        assert {"store.reachable", "store.replicas"} <= found.bad()
        assert next(one["subject"] for one in found.findings if one["severity"] == "failure") == gone.address


def test_a_cluster_without_its_slots_is_found(settings: dict[str, str]) -> None:
    port, bus = free_ports(2)
    clustered = {"port": str(port), "bind": "127.0.0.1", "cluster-enabled": "yes", "cluster-port": str(bus)}
    with scratch_folder() as folder:
        valkey = EmbeddedValkey(folder, settings=clustered)
        valkey.start()
        try:
            found = told(**{**settings, "valkey_url": f"redis+cluster://127.0.0.1:{port}"})
        finally:
            valkey.stop()
    assert found.bad() - _unbuilt() == {"store.cluster"}
    assert next(one["seen"] for one in found.findings if one["id"] == "store.cluster") == "fail, 0"


def test_replicas_that_are_not_there_are_missed(settings: dict[str, str]) -> None:
    found = told(valkey_replicas="1", **settings)
    assert {"store.replicas", "store.waitaof"} <= found.bad()
    assert {"store.min-replicas-to-write", "database.standby"} <= found.bad("warning")
    assert told("--replicas", "0", valkey_replicas="1", **settings).bad() == _unbuilt()


def test_another_key_than_the_sessions_is_found(settings: dict[str, str]) -> None:
    found = told(**{**settings, "secret_key": secrets.token_hex(32)})
    assert found.bad() == {"session.secret"} | _unbuilt()


def test_careless_settings_are_found(settings: dict[str, str]) -> None:
    careless = {
        "secret_key": SERVER_KEY.hex(),
        "origins": "http://contest.example.cn",
        "listen": f"0.0.0.0:{free_port()}",
    }
    found = told(**{**settings, **careless})
    expected = {"secret.key", "origins.https", "origins.cookie", "ports.interface", "session.secret"}
    assert found.bad() == expected | _unbuilt()


def test_stores_that_do_not_answer_are_found(settings: dict[str, str], tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    away = {
        "valkey_url": f"redis://:hushhush@{nobody}/0",
        "database_url": f"postgresql://leitai:hushhush@{nobody}/leitai",
    }
    done = ask("--json", **{**settings, **away})
    found = Told(done.returncode, json.loads(done.stdout))
    assert {"store.reachable", "database.reachable"} <= found.bad()
    assert "disk.tried" in found.bad("warning")
    assert "hushhush" not in done.stdout
    tried = told("--data", str(tmp_path), **{**settings, **away})
    assert {one["subject"] for one in tried.findings if one["id"] == "disk.fsync"} == {str(tmp_path)}


def test_a_database_without_schema_is_said_and_left_so(settings: dict[str, str], postgres: EmbeddedPostgres) -> None:
    with standing_database(postgres, template="template1") as dsn:
        found = told(**{**settings, "database_url": dsn})
        again = told(**{**settings, "database_url": dsn})
    assert "version.migrations" in found.bad("warning")
    assert {"database.fsync", "database.full_page_writes"} <= found.bad()
    assert again.bad("warning") >= {"version.migrations", "session.scheduled"}


def test_a_door_is_ours_or_somebody_elses_or_free() -> None:
    port = free_port()
    assert look_at_door("127.0.0.1", port) is Door.FREE
    with socket.create_server(("127.0.0.1", port)):
        assert look_at_door("127.0.0.1", port) is Door.TAKEN
    assert look_at_door("203.0.113.1", port) is Door.TAKEN


@pytest.mark.parametrize(
    ("dsn", "servers", "here"),
    [
        ("postgresql://a:b@db:6432/leitai", [("db", 6432)], False),
        ("postgresql://a:b@one:1,two/leitai?target_session_attrs=primary", [("one", 1), ("two", 5432)], False),
        ("postgresql://a@127.0.0.1:5433,127.0.0.1:5434/leitai", [("127.0.0.1", 5433), ("127.0.0.1", 5434)], True),
        ("postgresql://a@[::1]:5433/leitai", [("::1", 5433)], True),
        ("postgresql://a@[::1]/leitai", [("::1", 5432)], True),
        ("postgresql://leitai@/leitai?host=/run/pg&port=5439", [("/run/pg", 5439)], True),
        ("postgresql:///leitai", [("localhost", 5432)], True),
    ],
)
def test_where_a_database_is(dsn: str, servers: list[tuple[str, int]], here: bool) -> None:
    assert addresses(dsn) == servers
    assert is_here(dsn) is here


def test_a_disk_is_tried_without_leaving_anything(tmp_path: Path) -> None:
    seen = look_at_disk(tmp_path)
    assert seen is not None
    assert seen.syncs_ms
    assert all(taken > 0 for taken in seen.syncs_ms)
    assert seen.free_bytes > 0
    assert list(tmp_path.iterdir()) == []
    assert look_at_disk(tmp_path / "not there") is None


def test_every_finding_has_words_in_both_languages() -> None:
    text = "".join(file.read_text("utf-8") for file in sorted(DOCTOR.rglob("*.py")) if file.name != "words.py")
    areas = "store|database|version|clock|limits|disk|ports|secret|origins|session"
    used = set(re.findall(rf'"((?:{areas})\.[\w-]+)"', text))
    used |= {f"store.{name}" for name in DURABLE} | {"database.fsync", "database.full_page_writes"}
    assert set(WORDS) == used
    for id_, words in WORDS.items():
        if id_ not in ("version.leitai", "version.wire"):
            assert all(words), id_
        assert re.search(r"[\u4e00-\u9fff]", words.title_zh), id_
        assert not re.search(r"[\u4e00-\u9fff]", words.title_en + words.do_en), id_


def test_what_is_well_needs_nothing_done() -> None:
    well = in_full(judged("store.appendonly", None, "yes", "yes"))
    assert well["do"] == {"zh-CN": "", "en": ""}
    bad = in_full(judged("store.appendonly", Severity.FAILURE, "no", "yes"))
    assert bad["severity"] == "failure"
    assert bad["do"] != well["do"]

"""The live store as deployed on several machines, from docs/deploy: a primary, two replicas, three Sentinels run here
for real, and the primary dies."""

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from leitai.doctor.findings import Demand, Severity
from leitai.doctor.judgement import valkey as judgement
from leitai.doctor.probe.valkey import StoreLooked
from leitai.resources import shipped
from leitai.rules.values import Counted
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.embedded.valkey import SETTINGS, program_path
from tests.support.others import free_ports
from tests.support.serving import OPEN, serving
from tests.support.stores import scratch_folder, standing_database
from tests.support.waiting import PATIENCE_S

DEPLOY = shipped("deploy")
PASSWORD = "correct-horse"
DEADLINE_S = 2 * PATIENCE_S


@dataclass
class Node:
    """A server or a Sentinel, started as a container starts it."""

    what: str
    port: int
    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["sh", str(DEPLOY / "valkey.sh"), self.what],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, *command: str | int) -> object:
        """What it answers; the text of the error when it does not."""
        password = PASSWORD if self.what == "node" else None
        try:
            with Redis("127.0.0.1", self.port, password=password, socket_timeout=20, decode_responses=True) as client:
                return client.execute_command(*command)
        except (RedisError, OSError) as refusal:
            return str(refusal)

    def role(self) -> str:
        answer = self.ask("ROLE")
        return str(answer[0]) if isinstance(answer, list) else ""


@dataclass
class Nodes:
    """All of them."""

    servers: list[Node] = field(default_factory=list[Node])
    sentinels: list[Node] = field(default_factory=list[Node])

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.sentinels)
        return f"redis+sentinel://:{PASSWORD}@{hosts}/leitai"

    def primary(self) -> int:
        """The port of the primary as the last Sentinel knows it."""
        answer = self.sentinels[-1].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "leitai")
        return int(answer[1]) if isinstance(answer, list) else 0


def _until(fits: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not fits():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@contextlib.contextmanager
def _standing(folder: Path) -> Generator[Nodes]:
    programs = folder / "bin"
    programs.mkdir()
    (programs / "valkey-server").symlink_to(program_path())
    ports = free_ports(6)
    nodes = Nodes()

    def node(what: str, port: int, primary: str) -> Node:
        own = folder / f"{what}-{port}"
        own.mkdir()
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "SETTINGS": str(DEPLOY),
            "FOLDER": str(own),
            "NAME": "127.0.0.1",
            "BIND": "127.0.0.1",
            "PORT": str(port),
            "PASSWORD": PASSWORD,
            **({"PRIMARY": primary} if primary else {}),
        }
        made = Node(what, port, own, environment)
        made.start()
        return made

    first = f"127.0.0.1 {ports[0]}"
    try:
        for number, port in enumerate(ports[:3]):
            nodes.servers.append(node("node", port, first if number else ""))
        _until(lambda: str(nodes.servers[0].ask("INFO", "replication")).count("online") == 2, "replicas in step")
        for port in ports[3:]:
            nodes.sentinels.append(node("sentinel", port, first))
        _until(
            lambda: all(str(one.ask("SENTINEL", "CKQUORUM", "leitai")).startswith("OK 3") for one in nodes.sentinels),
            "three Sentinels that know each other",
        )
        yield nodes
    finally:
        for one in (*nodes.sentinels, *nodes.servers):
            one.kill()


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with scratch_folder() as folder, _standing(folder) as standing:
        yield standing


def _settings() -> dict[str, str]:
    lines = (line.split(" ", 1) for line in (DEPLOY / "valkey.conf").read_text("utf-8").splitlines())
    return {line[0]: line[1].strip('"') for line in lines if len(line) == 2 and not line[0].startswith("#")}


def test_a_deployed_store_is_as_durable_as_the_embedded_one() -> None:
    settings = _settings()
    same = ("appendonly", "appendfsync", "no-appendfsync-on-rewrite", "auto-aof-rewrite-percentage", "save")
    for name in (*same, "aof-load-truncated", "maxmemory-policy", "busy-reply-threshold"):
        assert settings[name] == SETTINGS[name], name
    assert settings["min-replicas-to-write"] == "1"
    assert "bind" not in settings
    assert "requirepass" not in settings


async def _failures(url: str, replicas: int) -> set[str]:
    store = StoreLooked(url)
    await store.look(replicas)
    return {
        one.id for one in judgement.judge(store.seen, Demand(replicas=replicas)) if one.severity is Severity.FAILURE
    }


async def test_a_primary_that_dies_is_replaced_and_comes_back_as_a_replica(nodes: Nodes) -> None:
    assert await _failures(nodes.url, 2) - {"store.write"} == set()
    assert await _failures(nodes.url, 3) >= {"store.replicas", "store.waitaof"}
    first = nodes.servers[0]
    assert nodes.primary() == first.port
    with Redis("127.0.0.1", first.port, password=PASSWORD) as client:
        client.set("acknowledged", "1")
        # Both have it on disk.
        assert client.execute_command("WAITAOF", 1, 2, int(1000 * PATIENCE_S)) == [1, 2]
    first.kill()
    _until(lambda: nodes.primary() not in (0, first.port), "another primary")
    second = next(node for node in nodes.servers if node.port == nodes.primary())
    _until(lambda: second.role() == "master", "a primary that knows it")
    assert second.ask("GET", "acknowledged") == "1"
    _until(lambda: second.ask("SET", "later", "1") is True, "a primary with a replica takes writes")
    # What comes back from its own file, as it was, is made a replica before anybody writes to it.
    first.start()
    _until(lambda: first.role() == "slave", "the old primary follows")
    _until(lambda: first.ask("GET", "later") == "1", "the old primary has what it missed")
    first.kill()
    first.start()
    _until(lambda: first.role() == "slave", "it remembers whom it follows")


async def test_a_contest_goes_on_when_its_primary_dies(
    nodes: Nodes, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEITAI_VALKEY_REPLICAS", "1")
    dying = next(node for node in nodes.servers if node.port == nodes.primary())
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        dsn = stack.enter_context(standing_database(postgres))
        scene = stack.enter_context(serving("picows", dsn, nodes.url, folder, Counted.LAST))
        contestant = await stack.enter_async_context(scene.someone())
        await contestant.hello()
        await contestant.answer(OPEN, ["A"])
        dying.kill()
        await contestant.give(OPEN, ["B"])
        async with asyncio.timeout(DEADLINE_S):
            while contestant.unacked:
                if contestant.close_code is not None:
                    await contestant.hello()
                await asyncio.sleep(0.1)
        assert {ack["status"] for ack in contestant.acks.values()} == {"accepted"}
        recorded = await scene.recorded()
        own = [
            (seq, one.stamp_us) for (sitting, _, seq), one in recorded.items() if sitting == contestant.me["sitting"]
        ]
        assert sorted(own) == sorted((seq, ack["stamp_us"]) for seq, ack in contestant.acks.items())
    dying.start()
    _until(lambda: dying.role() == "slave", "the old primary follows")


async def test_a_primary_that_nobody_follows_takes_no_writes(nodes: Nodes) -> None:
    primary = next(node for node in nodes.servers if node.port == nodes.primary())
    others = [node for node in nodes.servers if node is not primary]
    for node in others:
        node.kill()
    _until(lambda: str(primary.ask("SET", "alone", "1")).startswith("NOREPLICAS"), "writes are refused")
    assert "store.replicas" in await _failures(nodes.url, 1)
    for node in others:
        node.start()
    _until(lambda: primary.ask("SET", "together", "1") is True, "writes are taken again")

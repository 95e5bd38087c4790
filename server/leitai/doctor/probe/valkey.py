"""Looks at every server of the live store, and writes a few small keys of its own that end by themselves."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import urlsplit

import redis.exceptions
from redis.asyncio import Redis

from leitai.doctor.judgement.machine import ClockSeen
from leitai.doctor.judgement.valkey import LOOKED_AT, NodeSeen, StoreSeen

WRITES = 100
_LOOKS = 5
_KEPT_S = 60
_CONFIRMED_WITHIN_MS = 2000
_UNREACHABLE = (redis.exceptions.RedisError, OSError, asyncio.TimeoutError)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class StoreLooked:
    """What was seen of the store, its clock, and where it keeps its data (empty: not told)."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self.here = self._url.scheme == "unix" or (self._url.hostname or "") in _LOOPBACK
        self.port = 0
        """Of a single server; 0 on a Unix socket and where there are several."""
        if "," not in self._url.netloc and self._url.scheme != "unix":
            self.port = self._url.port or 6379
        self.seen = StoreSeen()
        self.clock: ClockSeen | None = None
        self.folder = ""

    async def look(self, replicas: int) -> None:
        """Ask every server; `replicas` are to confirm a write."""
        nodes: list[NodeSeen] = []
        unreachable: dict[str, str] = {}
        primaries: list[str] = []
        waiting = await self._first(unreachable)
        done: set[str] = set()
        cluster: Mapping[str, str] = {}
        while waiting:
            url = waiting.pop(0)
            if url in done:
                continue
            done.add(url)
            try:
                async with aclosing(_client(url)) as client:
                    node, others = await _node(client, _address(url))
                    if node.info.get("cluster_enabled") == "1":
                        cluster = _lines(await client.execute_command("CLUSTER INFO"))
                        others += await _cluster_nodes(client)
                    if not self.folder:
                        self.folder = await _folder(client)
            except _UNREACHABLE as reason:
                unreachable[_address(url)] = str(reason) or type(reason).__name__
                continue
            nodes.append(node)
            if node.primary:
                primaries.append(url)
            waiting += [self._at(host, port) for host, port in others]
        writes: list[float] = []
        confirmed, known = 0, True
        if primaries:
            async with aclosing(_client(primaries[0])) as client:
                self.clock = await _clock(client, _address(primaries[0]))
                writes, confirmed, known = await _write(client, replicas)
        self.seen = StoreSeen(
            nodes, unreachable, self.here or bool(self._url.password), cluster, writes, known, confirmed
        )

    async def _first(self, unreachable: dict[str, str]) -> list[str]:
        """Return the servers to begin with."""
        kind = self._url.scheme.partition("+")[2]
        if not kind:
            return [self._url.geturl()]
        hosts = self._url.netloc.rpartition("@")[2].split(",")
        ends = [(host.rpartition(":")[0] or host, host.rpartition(":")[2]) for host in hosts]
        if kind == "cluster":
            return [self._at(host, port) for host, port in ends]
        name = self._url.path.strip("/").partition("/")[0]
        for host, port in ends:
            try:
                async with aclosing(_client(f"{self._url.scheme.partition('+')[0]}://{host}:{port}")) as client:
                    primary = await client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)
            except _UNREACHABLE as reason:
                unreachable[f"{host}:{port}"] = str(reason) or type(reason).__name__
                continue
            if primary:
                return [self._at(primary[0], primary[1])]
            unreachable[f"{host}:{port}"] = f"sentinel: no {name}"
        return []

    def _at(self, host: str, port: str | int) -> str:
        """Return the address of another server of this store, with the same credentials."""
        scheme = self._url.scheme.partition("+")[0]
        user, at, _ = self._url.netloc.rpartition("@")
        return f"{scheme}://{user}{at}{f'[{host}]' if ':' in host else host}:{port}"


def _client(url: str) -> Any:
    # The library's types cover two protocols and two decodings at once, which checks nothing.
    return cast(
        "Any",
        Redis.from_url(
            url,
            decode_responses=True,
            protocol=2,
            single_connection_client=True,
            socket_connect_timeout=3,
            socket_timeout=10,
        ),
    )


def _address(url: str) -> str:
    """Return an address without credentials."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2]


def _lines(reply: Any) -> dict[str, str]:
    """Return `name:value` lines as a mapping, whether the library has taken them apart already or not."""
    if isinstance(reply, Mapping):
        return {str(name): str(value) for name, value in cast("Mapping[Any, Any]", reply).items()}
    pairs = (line.partition(":") for line in str(reply).splitlines())
    return {name: value for name, colon, value in pairs if colon}


async def _node(client: Any, address: str) -> tuple[NodeSeen, list[tuple[str, str]]]:
    """Return a server as it says of itself, and the replicas it knows."""
    info = cast("dict[str, Any]", await client.info())
    try:
        config = {str(name): str(value) for name, value in (await client.config_get(*LOOKED_AT)).items()}
    except redis.exceptions.ResponseError:
        config = {}
    followers = [value for name, value in info.items() if name.startswith("slave") and isinstance(value, dict)]
    online = [one for one in cast("list[dict[str, Any]]", followers) if one.get("state") == "online"]
    told = {name: str(value) for name, value in info.items() if not isinstance(value, dict)}
    node = NodeSeen(address, info.get("role") == "master", told, config, len(online))
    return node, [(str(one["ip"]), str(one["port"])) for one in cast("list[dict[str, Any]]", followers)]


async def _cluster_nodes(client: Any) -> list[tuple[str, str]]:
    """Return every server that the cluster knows."""
    found: list[tuple[str, str]] = []
    for slots in await client.execute_command("CLUSTER SHARDS"):
        members = (
            slots["nodes"] if isinstance(slots, dict) else dict(zip(slots[::2], slots[1::2], strict=False))["nodes"]
        )
        for member in members:
            about = member if isinstance(member, dict) else dict(zip(member[::2], member[1::2], strict=False))
            found.append((str(about["ip"]), str(about["port"])))
    return found


async def _folder(client: Any) -> str:
    try:
        return str((await client.config_get("dir")).get("dir", ""))
    except redis.exceptions.ResponseError:
        return ""


async def _clock(client: Any, address: str) -> ClockSeen:
    """Compare clocks by the quickest of a few questions."""
    best: ClockSeen | None = None
    for _ in range(_LOOKS):
        before = time.time()
        seconds, micros = await client.time()
        after = time.time()
        offset = seconds + micros / 1e6 - (before + after) / 2
        looked = ClockSeen(address, offset * 1000, (after - before) * 500)
        if best is None or looked.uncertainty_ms < best.uncertainty_ms:
            best = looked
    assert best is not None
    return best


async def _write(client: Any, replicas: int) -> tuple[list[float], int, bool]:
    """Return how long small writes took, how many replicas had them on disk, and whether that could be asked."""
    taken: list[float] = []
    for _ in range(WRITES):
        key = f"leitai:doctor:{secrets.token_hex(8)}"
        begun = time.perf_counter()
        try:
            await client.set(key, "1", ex=_KEPT_S)
        except redis.exceptions.ResponseError as refusal:
            if isinstance(refusal, redis.exceptions.MovedError):
                continue
            break
        taken.append((time.perf_counter() - begun) * 1000)
    if not replicas:
        return taken, 0, True
    try:
        reply = await client.execute_command("WAITAOF", 1, replicas, _CONFIRMED_WITHIN_MS)
    except redis.exceptions.ResponseError:
        return taken, 0, False
    return taken, int(reply[1]), True

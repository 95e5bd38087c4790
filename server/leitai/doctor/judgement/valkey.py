"""Is the store of the live contest as durable as every acknowledgement promises?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leitai.doctor.findings import Demand, Finding, Severity, failing, judged, percentile, warning

OLDEST: tuple[int, ...] = (7, 2)
"""Of Valkey and of Redis: WAITAOF came with it."""
TESTED_MAJOR = 9
SLOTS = 16384
_SPARE_BYTES = 256 * 1024 * 1024
_PER_CONTESTANT_BYTES = 100 * 1024
"""A paper of 80 items, each answered several times, with room to spare."""
_CONNECTIONS_PER_PROCESS = 16
_MIB = 1024 * 1024

DURABLE: Mapping[str, tuple[str, Severity]] = {
    "appendonly": ("yes", Severity.FAILURE),
    "appendfsync": ("always", Severity.FAILURE),
    "no-appendfsync-on-rewrite": ("no", Severity.FAILURE),
    "maxmemory-policy": ("noeviction", Severity.FAILURE),
    "auto-aof-rewrite-percentage": ("0", Severity.WARNING),
    "save": ("", Severity.WARNING),
    "timeout": ("0", Severity.WARNING),
}
"""Settings that decide whether an acknowledged answer is kept, and those that bring pauses into a contest."""
LOOKED_AT = (*DURABLE, "maxmemory", "maxclients", "min-replicas-to-write")


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """One server of the store."""

    address: str
    primary: bool
    info: Mapping[str, str]
    """Of INFO."""
    config: Mapping[str, str]
    """Of CONFIG GET; empty where that is not allowed."""
    replicas: int = 0
    """How many follow it and are in step."""


@dataclass(frozen=True, slots=True)
class StoreSeen:
    """The whole store."""

    nodes: Sequence[NodeSeen] = ()
    unreachable: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why a server that should be there did not answer, by its address."""
    guarded: bool = True
    """Whoever reaches it needs a password, or sits on this machine."""
    cluster: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of CLUSTER INFO; empty where there is no cluster."""
    writes_ms: Sequence[float] = ()
    """Time of small writes one after another, each with its reply."""
    waitaof: bool = True
    """WAITAOF is known."""
    confirmed: int = 0
    """Replicas that had one of these writes on disk within two seconds."""


def judge(seen: StoreSeen, demand: Demand) -> list[Finding]:
    """Return what there is to say of the store."""
    found = [
        judged("store.reachable", Severity.FAILURE, reason, "PONG", address)
        for address, reason in seen.unreachable.items()
    ]
    if not seen.nodes:
        return found or [judged("store.reachable", Severity.FAILURE, "—", "PONG")]
    found += [judged("store.reachable", None, "PONG", "PONG", node.address) for node in seen.nodes]
    found.append(judged("store.password", failing(not seen.guarded), "✓" if seen.guarded else "—", "✓"))
    for node in seen.nodes:
        found += _version(node)
        found += _settings(node)
        found += _memory(node, demand)
        found += _state(node, demand)
        if node.primary:
            found += _following(node, demand)
    found += _writing(seen)
    if demand.replicas:
        confirmed = seen.confirmed if seen.waitaof else -1
        shown = "WAITAOF" if not seen.waitaof else seen.confirmed
        found.append(judged("store.waitaof", failing(confirmed < demand.replicas), shown, f"≥ {demand.replicas}"))
    if seen.cluster:
        state, slots = seen.cluster.get("cluster_state", "?"), seen.cluster.get("cluster_slots_ok", "0")
        well = state == "ok" and slots == str(SLOTS)
        found.append(judged("store.cluster", failing(not well), f"{state}, {slots}", f"ok, {SLOTS}"))
    return found


def _version(node: NodeSeen) -> list[Finding]:
    name = "valkey" if "valkey_version" in node.info else "redis"
    text = node.info.get(f"{name}_version", "")
    numbers = tuple(int(number) for number in re.findall(r"\d+", text)[:2])
    tested = name == "valkey" and numbers[:1] == (TESTED_MAJOR,)
    bad = failing(numbers < OLDEST) or warning(not tested)
    return [judged("store.version", bad, f"{name} {text}", f"valkey {TESTED_MAJOR}", node.address)]


def _settings(node: NodeSeen) -> list[Finding]:
    found: list[Finding] = []
    for name, (wanted, bad) in DURABLE.items():
        value = node.config.get(name)
        severity = Severity.WARNING if value is None else None if value == wanted else bad
        found.append(judged(f"store.{name}", severity, _shown(value), _shown(wanted), node.address))
    return found


def _memory(node: NodeSeen, demand: Demand) -> list[Finding]:
    used, machine = _number(node.info, "used_memory"), _number(node.info, "total_system_memory")
    limit = _number(node.config, "maxmemory") or machine
    needed = _SPARE_BYTES + _PER_CONTESTANT_BYTES * demand.contestants
    free = min(limit, machine or limit) - used
    shown, wanted = f"{free // _MIB} MiB", f"≥ {needed // _MIB} MiB"
    return [judged("store.maxmemory", failing(free < needed), shown, wanted, node.address)]


def _state(node: NodeSeen, demand: Demand) -> list[Finding]:
    """The last write of the append-only file, and room for connections."""
    writing = node.info.get("aof_last_write_status", "ok")
    found = [judged("store.aof", failing(writing != "ok"), writing, "ok", node.address)]
    if "maxclients" in node.config:
        needed, room = _CONNECTIONS_PER_PROCESS * demand.processes, _number(node.config, "maxclients")
        found.append(judged("store.maxclients", warning(room < needed), room, f"≥ {needed}", node.address))
    return found


def _following(node: NodeSeen, demand: Demand) -> list[Finding]:
    if not demand.replicas:
        return []
    few = failing(node.replicas < demand.replicas)
    found = [judged("store.replicas", few, node.replicas, f"≥ {demand.replicas}", node.address)]
    least = node.config.get("min-replicas-to-write")
    alone = warning(least is None or int(least) < 1)
    found.append(judged("store.min-replicas-to-write", alone, _shown(least), "≥ 1", node.address))
    return found


def _writing(seen: StoreSeen) -> list[Finding]:
    if not seen.writes_ms:
        return []
    middle, high = percentile(seen.writes_ms, 0.5), percentile(seen.writes_ms, 0.99)
    bad = failing(middle > 50) or warning(middle > 5 or high > 20)
    return [judged("store.write", bad, f"p50 {middle:.1f} ms, p99 {high:.1f} ms", "p50 ≤ 5 ms, p99 ≤ 20 ms")]


def _number(values: Mapping[str, str], name: str) -> int:
    text = values.get(name, "")
    return int(text) if text.isdigit() else 0


def _shown(value: str | None) -> str:
    return "?" if value is None else value or '""'

"""Does PostgreSQL keep what it commits, has it room for every process, is it at this program's schema?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leitai.doctor.findings import Demand, Finding, Severity, failing, judged, warning

TESTED_MAJOR = 18
POOL = 8
"""Connections of a process at most (`stores.postgres.pool.Database`)."""
_OTHERS = 10
"""For the office's commands, backups, monitoring and the administrator."""
LOOKED_AT = (
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "synchronous_standby_names",
    "max_connections",
    "superuser_reserved_connections",
    "server_encoding",
    "server_version",
)


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """The database."""

    unreachable: str = ""
    """Why it did not answer; empty: it did."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    guarded: bool = True
    """Whoever reaches it needs a password, or sits on this machine."""
    standbys: Sequence[str] = ()
    """State of each standby as the primary sees it: `sync`, `quorum`, `potential`, `async`; empty where not told."""
    recorded: Mapping[int, str] = field(default_factory=dict[int, str])
    """Applied migrations: number to SHA-256."""
    shipped: Mapping[int, str] = field(default_factory=dict[int, str])
    """Those of this program."""


def judge(seen: DatabaseSeen, demand: Demand) -> list[Finding]:
    """Return what there is to say of the database."""
    if seen.unreachable:
        return [judged("database.reachable", Severity.FAILURE, seen.unreachable, "✓")]
    settings = seen.settings
    version = settings.get("server_version", "?")
    older = warning(version.partition(".")[0] != str(TESTED_MAJOR))
    encoding = settings.get("server_encoding", "?")
    found = [
        judged("database.reachable", None, "✓", "✓"),
        judged("database.password", failing(not seen.guarded), "✓" if seen.guarded else "—", "✓"),
        judged("database.version", older, version.partition(" ")[0], TESTED_MAJOR),
        judged("database.encoding", failing(encoding != "UTF8"), encoding, "UTF8"),
    ]
    for name in ("fsync", "full_page_writes"):
        value = settings.get(name, "?")
        found.append(judged(f"database.{name}", failing(value != "on"), value, "on"))
    commit = settings.get("synchronous_commit", "?")
    weak = failing(commit in ("off", "local")) or warning(commit == "remote_write")
    found.append(judged("database.synchronous_commit", weak, commit, "on"))
    found += [_connections(settings, demand), *_standby(seen, demand), _migrations(seen)]
    return found


def _connections(settings: Mapping[str, str], demand: Demand) -> Finding:
    room = int(settings.get("max_connections", "0")) - int(settings.get("superuser_reserved_connections", "0"))
    needed = POOL * demand.processes + _OTHERS
    return judged("database.max_connections", failing(room < needed), room, f"≥ {needed}")


def _standby(seen: DatabaseSeen, demand: Demand) -> list[Finding]:
    names = seen.settings.get("synchronous_standby_names", "")
    in_step = [state for state in seen.standbys if state in ("sync", "quorum")]
    if names:
        # Every commit waits for one that is not there.
        hanging = failing(not in_step and "" not in seen.standbys)
        return [judged("database.standby", hanging, ", ".join(seen.standbys) or "—", "sync / quorum", names)]
    alone = warning(demand.replicas > 0)
    return [judged("database.standby", alone, "—", "sync / quorum" if demand.replicas else "—")]


def _migrations(seen: DatabaseSeen) -> Finding:
    newest, ours = max(seen.recorded, default=0), max(seen.shipped, default=0)
    unknown = seen.recorded.keys() - seen.shipped.keys()
    changed = [number for number, digest in seen.recorded.items() if seen.shipped.get(number, digest) != digest]
    pending = seen.shipped.keys() - seen.recorded.keys()
    bad = failing(bool(unknown or changed)) or warning(bool(pending))
    shown = f"{newest:04d}" + (f" ≠ {min(changed):04d}" if changed else "")
    return judged("version.migrations", bad, shown, f"{ours:04d}")

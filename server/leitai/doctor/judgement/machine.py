"""Has this machine the limits, clock and disk that the day asks for?"""

from collections.abc import Sequence
from dataclasses import dataclass

from leitai.doctor.findings import Demand, Finding, failing, judged, percentile, warning

BACKLOG = 8192
"""What a gateway asks of its listening socket; the kernel grants at most `somaxconn`."""
_FILES_BESIDE = 512
_MIB = 1024 * 1024
_FREE_NEEDED, _FREE_WISHED = 1024, 5120
_APART_MS, _FAR_APART_MS = 100.0, 1000.0
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """Another clock against this machine's."""

    whose: str
    offset_ms: float
    """How far that clock is ahead of ours."""
    uncertainty_ms: float
    """Half the round trip of the question."""


@dataclass(frozen=True, slots=True)
class DiskSeen:
    """The disk under a store's data."""

    folder: str
    syncs_ms: Sequence[float]
    """Time of appended blocks, each with its fdatasync."""
    free_bytes: int


@dataclass(frozen=True, slots=True)
class MachineSeen:
    """This machine; None is what it does not tell."""

    files: int
    """Open files allowed to this process."""
    somaxconn: int | None = None
    syn_backlog: int | None = None
    ports: tuple[int, int] | None = None
    """First and last port for connections that go out."""
    conntrack: int | None = None
    """Connections that the firewall remembers."""
    overcommit: int | None = None
    huge_pages: str | None = None
    """`always`, `madvise` or `never`."""
    store_here: bool = False
    """The live store runs on this machine."""
    synchronized: bool | None = None
    """The kernel's clock is kept right by NTP."""
    python: tuple[int, int] = OLDEST_PYTHON
    missing: Sequence[str] = ()
    """Of the modules that the settings need, those that cannot be imported."""
    pages: bool = True
    """The client's pages are there."""
    exposed: Sequence[str] = ()
    """Ports of stores on this machine that listen on every interface."""


def judge(seen: MachineSeen, demand: Demand) -> list[Finding]:
    """Return what there is to say of the machine's limits and programs."""
    found = [_files(seen.files, demand)]
    for id_, value in (("limits.somaxconn", seen.somaxconn), ("limits.tcp_max_syn_backlog", seen.syn_backlog)):
        needed = min(BACKLOG, max(1024, demand.contestants))
        if value is not None:
            found.append(judged(id_, warning(value < needed), value, f"≥ {needed}"))
    if seen.ports is not None:
        first, last = seen.ports
        needed = 2 * demand.contestants
        few = warning(last - first + 1 < needed)
        found.append(judged("limits.ip_local_port_range", few, f"{first}–{last}", f"≥ {needed}"))
    if seen.conntrack is not None:
        needed = 4 * demand.contestants
        found.append(judged("limits.nf_conntrack_max", warning(seen.conntrack < needed), seen.conntrack, f"≥ {needed}"))
    if seen.store_here and seen.overcommit is not None:
        found.append(judged("limits.overcommit_memory", warning(seen.overcommit != 1), seen.overcommit, 1))
    if seen.store_here and seen.huge_pages is not None:
        always = warning(seen.huge_pages == "always")
        found.append(judged("limits.transparent_hugepage", always, seen.huge_pages, "madvise / never"))
    found.append(judged("clock.ntp", warning(seen.synchronized is not True), _known(seen.synchronized), "✓"))
    python = ".".join(map(str, seen.python))
    oldest = ".".join(map(str, OLDEST_PYTHON))
    found.append(judged("version.python", failing(seen.python < OLDEST_PYTHON), python, f"≥ {oldest}"))
    found.append(judged("version.modules", failing(bool(seen.missing)), ", ".join(seen.missing) or "✓", "✓"))
    found.append(judged("version.pages", failing(not seen.pages), _known(seen.pages), "✓"))
    shown = ", ".join(seen.exposed)
    found.append(judged("ports.stores", failing(bool(seen.exposed)), shown or "—", "—"))
    return found


def judge_clock(seen: ClockSeen) -> Finding:
    """Return what there is to say of a clock beside ours."""
    apart = max(0.0, abs(seen.offset_ms) - seen.uncertainty_ms)
    bad = failing(apart > _FAR_APART_MS) or warning(apart > _APART_MS)
    shown = f"{seen.offset_ms:+.0f} ± {seen.uncertainty_ms:.0f} ms"
    return judged("clock.offset", bad, shown, f"± {_APART_MS:.0f} ms", seen.whose)


def judge_disk(seen: DiskSeen) -> list[Finding]:
    """Return what there is to say of a disk."""
    middle, high = percentile(seen.syncs_ms, 0.5), percentile(seen.syncs_ms, 0.99)
    slow = failing(middle > 50) or warning(middle > 5 or high > 20)
    free = seen.free_bytes // _MIB
    full = failing(free < _FREE_NEEDED) or warning(free < _FREE_WISHED)
    wanted = "p50 ≤ 5 ms, p99 ≤ 20 ms"
    return [
        judged("disk.fsync", slow, f"p50 {middle:.1f} ms, p99 {high:.1f} ms", wanted, seen.folder),
        judged("disk.free", full, f"{free} MiB", f"≥ {_FREE_WISHED} MiB", seen.folder),
    ]


def _files(files: int, demand: Demand) -> Finding:
    needed, wished = demand.contestants + _FILES_BESIDE, 2 * demand.contestants + _FILES_BESIDE
    bad = failing(files < needed) or warning(files < wished)
    return judged("limits.nofile", bad, files, f"≥ {wished}")


def _known(value: bool | None) -> str:
    return {True: "✓", False: "—", None: "?"}[value]

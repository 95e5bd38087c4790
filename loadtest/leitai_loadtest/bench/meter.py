"""What processes spend and hold, read from /proc."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") / 1024


def cpu_us(pid: int) -> float:
    """Return the CPU microseconds (user and system) that a process has spent in the threads that it has.

    To the nanosecond where the kernel keeps scheduler statistics, else to the clock tick. Raises OSError without it.
    """
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text("ascii").split()[0]) for thread in threads) / 1000
    except (FileNotFoundError, IndexError):
        return _ticks(pid)[0] * _TICK_US


def resident_kib(pid: int) -> float:
    """Return the resident memory of a process; raises OSError when it is gone."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE_KIB


def tree_cpu_us(root: int) -> float:
    """Return the CPU of a process, of all its descendants, and of those of them that have ended; to the clock tick."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            pid = int(folder.name)
            own, ended, parents[pid] = _ticks(pid)
            spent[pid] = own + ended
        except OSError:
            continue
    return sum(ticks for pid, ticks in spent.items() if _descends(pid, root, parents)) * _TICK_US


def _descends(pid: int, root: int, parents: Mapping[int, int]) -> bool:
    while pid > 1:
        if pid == root:
            return True
        pid = parents.get(pid, 0)
    return False


def _ticks(pid: int) -> tuple[int, int, int]:
    """Return a process's own ticks, those of its children that ended, and its parent."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14]), int(fields[1])


@dataclass(slots=True)
class Spent:
    """CPU microseconds of each role, and the time over which they were spent. Adds up."""

    seconds: float
    cpu_us: dict[str, float]

    def __iadd__(self, other: "Spent") -> "Spent":
        self.seconds += other.seconds
        self.cpu_us = {role: spent + other.cpu_us[role] for role, spent in self.cpu_us.items()}
        return self

    def beyond(self, idle: "Spent", role: str) -> float:
        """Return what a role spent beyond what it would have by doing nothing, at the rate of `idle`."""
        return max(0.0, self.cpu_us[role] - idle.cpu_us[role] / idle.seconds * self.seconds)


class Meter:
    """Reads the CPU of named processes."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self.pids = pids
        self._since_s = 0.0
        self._before: dict[str, float] = {}
        self.start()

    def start(self) -> None:
        """Count from now on."""
        self._since_s = time.monotonic()
        self._before = {role: cpu_us(pid) for role, pid in self.pids.items()}

    def spent(self) -> Spent:
        """Return what was spent since `start`."""
        now = {role: cpu_us(pid) for role, pid in self.pids.items()}
        spent = {role: used - self._before[role] for role, used in now.items()}
        return Spent(time.monotonic() - self._since_s, spent)

    def nothing(self) -> Spent:
        """Return no spending, to add to."""
        return Spent(0.0, dict.fromkeys(self.pids, 0.0))

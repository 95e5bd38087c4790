"""What processes spend and hold, read from /proc. A role that was killed keeps what it had spent."""

import os
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def cpu_s(pid: int) -> float:
    """Return the CPU seconds (user and system) of a process; raises OSError when it is gone."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def resident_kib(pid: int) -> int:
    """Return the resident memory of a process; raises OSError when it is gone."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE_KIB


def sockets(pid: int) -> int:
    """Return how many sockets a process has open; raises OSError when it is gone."""
    return sum(str(entry.readlink()).startswith("socket:") for entry in Path(f"/proc/{pid}/fd").iterdir())


def main_thread_us(pid: int) -> float:
    """Return the CPU microseconds of a process's main thread, to the nanosecond; raises OSError when it is gone."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1000


class CpuTrace:
    """One role's CPU over wall-clock time, sampled often enough to tell what single moments cost."""

    def __init__(self, pid: Callable[[], int | None]) -> None:
        self._pid = pid
        self._samples: list[tuple[int, int, float]] = []

    def sample(self) -> None:
        """Read the role's process now."""
        pid = self._pid()
        try:
            if pid is not None:
                self._samples.append((time.time_ns() // 1000, pid, main_thread_us(pid)))
        except OSError:
            return

    def spent_us(self, from_us: int, until_us: int) -> float:
        """Return what was spent between two moments of the wall clock (microseconds since the epoch)."""
        spent = 0.0
        for (at_us, pid, used), (next_us, next_pid, next_used) in pairwise(self._samples):
            overlap_us = min(next_us, until_us) - max(at_us, from_us)
            if pid == next_pid and overlap_us > 0:
                spent += (next_used - used) * overlap_us / (next_us - at_us)
        return spent


class CpuMeter:
    """Sums the CPU seconds of named roles over restarts, from `reset` on.

    `pids` tells the process that each role runs as at the moment. Call `sample` often: what a process spent between the
    last sample and its death is not seen.
    """

    def __init__(self, pids: Callable[[], Mapping[str, int]]) -> None:
        self._pids = pids
        self._first: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}

    def reset(self) -> None:
        """Count from now on."""
        self._first.clear()
        self._last.clear()
        self.sample()
        self._first = dict(self._last)

    def sample(self) -> None:
        """Read every role's process."""
        for name, pid in self._pids().items():
            try:
                self._last[name, pid] = cpu_s(pid)
            except OSError:
                continue

    def spent_s(self, role: str) -> float:
        """Return what a role spent since `reset`, all its processes together (`gateway-0`, `gateway-1`, …)."""
        return sum(
            spent - self._first.get(key, 0.0) for key, spent in self._last.items() if key[0].partition("-")[0] == role
        )

"""What processes spend and hold, read from /proc. A role that was killed keeps what it had spent."""

import os
from collections.abc import Callable, Mapping
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
        """Return what a role spent since `reset`, all its processes together."""
        return sum(spent - self._first.get(key, 0.0) for key, spent in self._last.items() if key[0] == role)

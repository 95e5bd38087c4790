"""Who a pid was: pid files that tell a leftover of ours from a stranger who got the same number.

A pid alone is reused, within seconds in a small container. A pid with the moment its process started is not.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for good: its `pid` and an opaque word for the moment it `started`."""

    pid: int
    started: str

    @staticmethod
    def of(pid: int) -> "Identity | None":
        """The process that has `pid` now, None when there is none or it is only waiting to be reaped."""
        if sys.platform == "linux":
            try:
                # Field 2 may hold spaces and brackets: count from its closing bracket. State is field 3, start is 22.
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                return None
            return None if fields[0] in "ZX" else Identity(pid, fields[19])
        listing = subprocess.run(  # noqa: S603
            ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.split(maxsplit=1)
        return None if len(listing) < 2 or listing[0].startswith("Z") else Identity(pid, listing[1].strip())

    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Identity.of(self.pid) == self

    def end(self, signals: tuple[signal.Signals, ...], seconds_each: float) -> bool:
        """Send `signals` one after the other until it is gone, waiting at most `seconds_each` after each.

        True when it is gone. For processes that are not our children (those are `process.Child`'s).
        """
        for number in signals:
            with contextlib.suppress(ProcessLookupError):
                if self.alive():
                    os.kill(self.pid, number)
            if self.wait_gone(seconds_each):
                return True
        return False

    def wait_gone(self, seconds: float) -> bool:
        """Wait at most `seconds` until it is gone; True when it is."""
        deadline = time.monotonic() + seconds
        with _pidfd(self.pid) as pidfd:
            while self.alive():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                # Readable when the process ends. Without pidfd (macOS, Linux before 5.3) look again every 20 ms.
                select.select([] if pidfd is None else [pidfd], [], [], left if pidfd is not None else min(left, 0.02))
        return True


@contextlib.contextmanager
def _pidfd(pid: int) -> Generator[int | None]:
    if sys.platform != "linux":
        yield None
        return
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def write(path: Path, pid: int) -> None:
    """Record the running process `pid` at `path`."""
    identity = Identity.of(pid)
    if identity is not None:
        path.write_text(f"{identity.pid}\n{identity.started}\n")


def read(path: Path) -> Identity | None:
    """The process recorded at `path` if it still runs; None for a missing, broken or stale file."""
    try:
        pid, started = path.read_text().splitlines()[:2]
        identity = Identity(int(pid), started)
    except (OSError, ValueError):
        return None
    return identity if identity.alive() else None


def processes_in(folder: Path, name: str) -> list[Identity]:
    """Running processes called `name` whose working folder is `folder` (Linux; empty elsewhere).

    Finds what a pid file cannot: the children of a PostgreSQL whose first process was killed.
    """
    found: list[Identity] = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "comm").read_text().strip() == name and (entry / "cwd").readlink() == folder:
                identity = Identity.of(int(entry.name))
                if identity is not None:
                    found.append(identity)
    return found

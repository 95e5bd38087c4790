"""What a process asks of the system: open files, of which every socket is one, and to come behind all others."""

import contextlib
import os
import resource
from pathlib import Path

_NICER = 12
_LEAST = 19


def allow_many_files() -> None:
    """Raise this process's limit of open files as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def stand_back() -> None:
    """Run when a processor has nothing else to do, and only ever on one: whoever looks on from this machine stands for
    machines elsewhere, and must not keep anybody waiting whom others measure on it. Linux may weigh sessions instead of
    processes (autogroup, sched(7)): so it also begins a session of its own, the least of all.

    `LEITAI_WATCHERS_AT_ONCE=1` in the environment has it run as all others: on machines that are busy otherwise, such
    as those that run tests, its turn would not come.
    """
    if os.environ.get("LEITAI_WATCHERS_AT_ONCE") == "1":
        return
    if not hasattr(os, "SCHED_IDLE"):  # Linux has all three
        os.nice(_NICER)
        return
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(_LEAST), "ascii")

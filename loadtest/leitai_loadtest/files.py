"""What a process asks of the system: open files, of which every socket is one, and to come behind all others."""

import contextlib
import os
import resource

_NICER = 12


def allow_many_files() -> None:
    """Raise this process's limit of open files as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def stand_back() -> None:
    """Let everybody else go first: whoever looks on from this machine must not disturb what others measure on it."""
    os.nice(_NICER)
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))

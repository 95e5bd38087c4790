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
    """Run when a processor has nothing else to do: whoever looks on from this machine must not keep anybody waiting
    whom others measure on it.
    """
    with contextlib.suppress(AttributeError, OSError):  # not every system has it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        return
    os.nice(_NICER)

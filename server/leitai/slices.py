"""Short turns for processes that answer: woken, they take the processor at once from whoever has it for long.

Linux gives a process that has the processor its whole slice, some milliseconds, before one that wakes gets its turn,
unless the one that wakes asks for shorter slices than it (EEVDF, Linux 6.12; sched(7)). It gets no more of the
processor for it. Elsewhere nothing changes.
"""

import ctypes
import os
import platform

_SYSCALL = {"x86_64": 314, "aarch64": 274}
_SHORTEST_NS = 100_000
_KEEP_POLICY = 0x08


class _Attributes(ctypes.Structure):
    """`struct sched_attr` of sched_setattr(2)."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def take_short_turns(pid: int = 0) -> bool:
    """Ask for the shortest slices for a process of ours (0: this one); return whether the system took the wish."""
    number = _SYSCALL.get(platform.machine()) if platform.system() == "Linux" else None
    if number is None:
        return False
    try:
        nice = os.getpriority(os.PRIO_PROCESS, pid)
    except OSError:
        return False
    wish = _Attributes(size=ctypes.sizeof(_Attributes), flags=_KEEP_POLICY, nice=nice, runtime=_SHORTEST_NS)
    return ctypes.CDLL(None).syscall(number, pid, ctypes.byref(wish), 0) == 0

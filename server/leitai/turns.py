"""Whose turn it is on the processor, where processors are few: contestants' first.

Gateways go before whoever works behind them: standings and records wait for acknowledgements, and whoever looks on (the
office, practice, viewers) waits for those. On Linux the first also ask for short turns. A process that has the
processor keeps it for its whole slice, some milliseconds, before one that wakes gets its own, unless that one asks for
shorter slices (EEVDF, Linux 6.12; sched(7)). It gets no more of the processor for it. Elsewhere nothing changes.

Where Linux groups processes by session (autogroup, sched(7)), a nice value tells them apart within a session only, and
every process of ours leads one of its own: all share the processor evenly. There the session is ranked as well.
"""

import contextlib
import ctypes
import os
import platform
import threading
import time
from pathlib import Path

BEHIND_GATEWAYS = 5
"""So much nicer are director and recorder."""
BEHIND_THE_CONTEST = 12
"""So much nicer is whoever looks on."""
_LAST = 19
_SYSCALL = {"x86_64": 314, "aarch64": 274}
_SHORTEST_NS = 100_000
_KEEP_POLICY = 0x08
_ASKED_AGAIN_S = 0.11
_ASKED = 60


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


def rank(pid: int, nice: int) -> None:
    """Let a process be so nice, and its session when it leads one; a process of others, or gone, stays as it is."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        if not _rank_session(pid, nice):
            # Linux takes ten such wishes a second from all who are not root together.
            threading.Thread(target=_insist, args=(pid, nice), name="rank", daemon=True).start()


def _insist(pid: int, nice: int) -> None:
    with contextlib.suppress(OSError):
        for _ in range(_ASKED):
            time.sleep(_ASKED_AGAIN_S)
            if _rank_session(pid, nice):
                return


def _rank_session(pid: int, nice: int) -> bool:
    """Wish it once; return False when it was one wish too many just now. Raises OSError."""
    group = Path(f"/proc/{pid}/autogroup")
    if not hasattr(os, "getsid") or os.getsid(pid) != pid or not group.exists():
        return True
    try:
        group.write_text(str(nice), "ascii")
    except BlockingIOError:
        return False
    return True


def stand_back(nice: int) -> None:
    """Let others go first, by so much. At `BEHIND_THE_CONTEST` this process also takes the processor from nobody who
    has it: woken by an answer, as the gateway is, it shows it some milliseconds later.
    """
    rank(os.getpid(), min(19, os.getpriority(os.PRIO_PROCESS, 0) + nice))
    if nice >= BEHIND_THE_CONTEST and hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def stand_behind_all() -> None:
    """Run only when a processor has nothing else to do, as the last of all sessions: for long work that no contest
    waits for. Begins a session of its own, so that whoever started this process must end it.
    """
    with contextlib.suppress(OSError):
        os.setsid()
    rank(os.getpid(), _LAST)
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def keep_to_half() -> None:
    """Use the upper half of the processors only, so that there is always one that is not ours."""
    Share().keep_to_half(True)


class Share:
    """The processors that this process may use: all that it has now, or for a time the upper half of them.

    What it starts meanwhile, threads and processes, uses as many as it does; processes that it has started before keep
    theirs. One processor has no half.
    """

    def __init__(self) -> None:
        self._all = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
        self._halved = False

    def keep_to_half(self, wanted: bool) -> None:
        """Keep to the half, or use all again; nothing changes where it is so already."""
        if wanted == self._halved or len(self._all) < 2:
            return
        self._halved = wanted
        using = self._all[len(self._all) // 2 :] if wanted else self._all
        # Linux counts threads one by one; those to come take after the one that starts them, most often this one.
        for thread in [os.getpid(), *_threads()]:
            with contextlib.suppress(OSError):
                os.sched_setaffinity(thread, using)


def stay_beside_us(pid: int) -> None:
    """Let a process use the processors that this thread may use now; one of others, or gone, stays as it is."""
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(pid, os.sched_getaffinity(0))


def _threads() -> list[int]:
    """All of this process's, those of libraries too."""
    try:
        return [int(thread.name) for thread in Path("/proc/self/task").iterdir()]
    except OSError:
        return []

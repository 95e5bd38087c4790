"""Short turns are asked for, and nothing else of a process changes."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from leitai.slices import take_short_turns


def _scheduling(pid: int) -> dict[str, str]:
    """What the kernel tells of a process's scheduling; nothing where it tells nobody."""
    try:
        lines = Path(f"/proc/{pid}/sched").read_text("ascii", "replace").splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _knows_slices() -> bool:
    numbers = re.findall(r"\d+", platform.release())
    return platform.system() == "Linux" and tuple(map(int, numbers[:2])) >= (6, 12)


def test_a_process_of_ours_gets_the_shortest_slices_and_keeps_its_rank() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        os.setpriority(os.PRIO_PROCESS, child.pid, 3)
        policy, before = os.sched_getscheduler(child.pid), _scheduling(child.pid)
        taken = take_short_turns(child.pid)
        after = _scheduling(child.pid)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == 3
        assert os.sched_getscheduler(child.pid) == policy
        assert taken or not _knows_slices()
        if _knows_slices() and "se.slice" in before:
            assert after["se.slice"] == "100000"
    finally:
        child.communicate(b"\n")
    assert child.returncode == 0


def test_a_process_that_is_gone_is_no_error() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not take_short_turns(child.pid)

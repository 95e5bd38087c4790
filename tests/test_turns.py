"""What a process asks of the processor, and of nothing else."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from leitai.turns import BEHIND_GATEWAYS, BEHIND_THE_CONTEST, take_short_turns


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


def _after(code: str) -> list[str]:
    """What a process says of itself once it has done something."""
    say = "print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), *sorted(os.sched_getaffinity(0)))"
    line = f"import os\nfrom leitai.turns import *\n{code}\n{say}"
    return subprocess.run([sys.executable, "-c", line], check=True, capture_output=True, text=True).stdout.split()


def test_who_looks_on_preempts_nobody_and_who_counts_does() -> None:
    here = os.getpriority(os.PRIO_PROCESS, 0)
    counting, looking_on = _after("stand_back(BEHIND_GATEWAYS)"), _after("stand_back(BEHIND_THE_CONTEST)")
    assert counting[:2] == [str(min(19, here + BEHIND_GATEWAYS)), str(os.SCHED_OTHER)]
    assert looking_on[:2] == [str(min(19, here + BEHIND_THE_CONTEST)), str(os.SCHED_BATCH)]


def test_half_of_the_processors_is_left_to_others() -> None:
    all_ = sorted(os.sched_getaffinity(0))
    assert list(map(int, _after("keep_to_half()")[2:])) == (all_[len(all_) // 2 :] if len(all_) > 1 else all_)

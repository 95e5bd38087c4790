"""What a process asks of the processor, and of nothing else."""

import asyncio
import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from leitai.office_door import Watching
from leitai.roles import office
from leitai.rules.values import Phase
from leitai.turns import BEHIND_GATEWAYS, BEHIND_THE_CONTEST, Share, rank, take_short_turns
from tests.support.processes import DEADLINE_S, User, nobody, python_for
from tests.support.waiting import eventually


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
        # Not less nice than these tests are: only root may be that.
        nice = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 3)
        os.setpriority(os.PRIO_PROCESS, child.pid, nice)
        policy, before = os.sched_getscheduler(child.pid), _scheduling(child.pid)
        taken = take_short_turns(child.pid)
        after = _scheduling(child.pid)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == nice
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


_WHILE_A_CONTEST_RUNS = """
import os, threading
from leitai.turns import Share

def using(thread):
    return sorted(os.sched_getaffinity(thread))

share, told, end = Share(), [], threading.Event()
early = threading.Thread(target=end.wait)
early.start()
for halved in (True, True, False):
    share.keep_to_half(halved)
    late = threading.Thread(target=lambda: told.append(using(0)))
    late.start()
    late.join()
    print(using(0) == using(early.native_id) == told[-1], *using(0))
end.set()
early.join()
"""


def test_half_is_left_to_a_contest_by_every_thread_and_taken_back_afterwards() -> None:
    all_ = sorted(os.sched_getaffinity(0))
    half = all_[len(all_) // 2 :] if len(all_) > 1 else all_
    lines = subprocess.run(
        [sys.executable, "-c", _WHILE_A_CONTEST_RUNS], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert lines == [" ".join(map(str, ("True", *cpus))) for cpus in (half, half, all_)]


@dataclass
class _Watching:
    """What the office knows of sessions: none, or one in its phase."""

    sight: SimpleNamespace | None = None


class _Share:
    """Processors of which half were kept to, or all used, in this order."""

    def __init__(self) -> None:
        self.halved: list[bool] = []

    def keep_to_half(self, wanted: bool) -> None:
        if not self.halved or self.halved[-1] != wanted:
            self.halved.append(wanted)


async def test_the_office_keeps_to_half_from_the_lobby_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_LOOK_S", 0.001)
    watching, share = _Watching(), _Share()
    giving_way = asyncio.create_task(office.give_way(cast("Watching", watching), cast("Share", share)))

    async def halved() -> list[bool]:
        return share.halved

    try:
        await eventually(halved, lambda told: told == [False])
        for phase, expected in (
            (Phase.LOBBY, [False, True]),
            (Phase.CLOSED, [False, True, False]),
            (Phase.RUNNING, [False, True, False, True]),
            (Phase.SCHEDULED, [False, True, False, True, False]),
            (Phase.PAUSED, [False, True, False, True, False, True]),
        ):
            watching.sight = SimpleNamespace(phase=phase)
            await eventually(halved, lambda told, expected=expected: told == expected)
    finally:
        giving_way.cancel()


grouped = pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this system groups nothing by session")


def _group(pid: int) -> str:
    """The group of sessions' rank that a process is in: its name and `nice N`."""
    return Path(f"/proc/{pid}/autogroup").read_text("ascii").strip()


def _group_is(pid: int, nice: int) -> bool:
    end = time.monotonic() + DEADLINE_S
    while not _group(pid).endswith(f" nice {nice}"):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


_STANDS_BACK = "from leitai.turns import *\nstand_back(BEHIND_THE_CONTEST)\nprint(flush=True)\ninput()"


@grouped
@pytest.mark.parametrize("as_root", [True, False])
def test_a_session_is_as_nice_as_the_process_that_leads_it(as_root: bool) -> None:
    here = os.getpriority(os.PRIO_PROCESS, 0)
    user: User | None = None if as_root else nobody()
    program = [sys.executable, "-c"] if user is None else python_for(user)
    # More than Linux takes of one second, from all who are not root together.
    children = [
        subprocess.Popen(
            [*program, _STANDS_BACK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            user=None if user is None else user.uid,
            cwd="/",
        )
        for _ in range(3)
    ]
    try:
        for child in children:
            assert child.stdout is not None
            child.stdout.readline()
            assert _group_is(child.pid, min(19, here + BEHIND_THE_CONTEST))
    finally:
        for child in children:
            child.communicate(b"\n")
    assert [child.returncode for child in children] == [0, 0, 0]


@grouped
def test_who_shares_a_session_ranks_itself_and_not_the_others() -> None:
    before = _group(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        nice = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 7)
        rank(child.pid, nice)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == nice
        assert _group(child.pid) == _group(os.getpid()) == before
    finally:
        child.communicate(b"\n")

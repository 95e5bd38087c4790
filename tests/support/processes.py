"""Other processes for tests: programs run as another user, or to be killed."""

import contextlib
import json
import os
import pwd
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

import leitai
from leitai.stores.embedded.pidfile import Identity
from leitai.stores.embedded.places import may_enter
from leitai.stores.embedded.process import User
from tests.support.waiting import PATIENCE_S

DEADLINE_S = PATIENCE_S

is_root = os.geteuid() == 0


def nobody() -> User:
    """The unprivileged user that tests become; skips the test when we are not root or there is none."""
    if not is_root:
        pytest.skip("only root can become another user")
    entry = pwd.getpwnam("nobody")
    return User(entry.pw_uid, entry.pw_gid)


def python_for(user: User) -> list[str]:
    """A Python that `user` can run, of our own version, with our packages; skips the test when there is none."""
    places = [Path(sysconfig.get_path("purelib")), Path(leitai.__file__).parents[1]]
    if not all(may_enter(place, user) for place in places):
        pytest.skip(f"the packages in {places[0]} are out of an unprivileged user's reach")
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for program in (Path(sys.executable), *(Path(folder) / name for folder in ("/usr/local/bin", "/usr/bin"))):
        if program.exists() and may_enter(program.parent, user) and may_enter(program.resolve().parent, user):
            return [
                str(program),
                "-c",
                f"import sys; sys.path[:0] = {[str(p) for p in places]!r}; exec(sys.argv.pop(1))",
            ]
    pytest.skip(f"no {name} within an unprivileged user's reach")


def run_as(user: User, source: str, *arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """Run Python `source` as `user` with an environment that holds little more than HOME."""
    return subprocess.run(
        [*python_for(user), source, *arguments],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        env={"HOME": str(home), "PATH": os.defpath},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=5 * DEADLINE_S,
    )


class Parent:
    """Another program of ours that starts processes, to be killed.

    Its `source` prints one line of JSON, an object of names and pids, when all run, and then stays.
    """

    def __init__(self, source: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", source, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the parent ended without a word"
        self.pids: dict[str, int] = json.loads(line)

    def __enter__(self) -> "Parent":
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self._process.send_signal(number)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self._process.wait(DEADLINE_S)


def identify(*pids: int) -> list[Identity]:
    """The running processes with these pids."""
    found = [Identity.of(pid) for pid in pids]
    assert None not in found
    return [identity for identity in found if identity is not None]


def children_of(pid: int) -> list[int]:
    """The pids of the children of `pid` (Linux)."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        # A thread that ends meanwhile leaves its children to the others.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += [int(child) for child in children.read_text().split()]
    return found


def all_gone(processes: list[Identity]) -> bool:
    """Wait until all have ended, at most DEADLINE_S each."""
    return all(process.wait_gone(DEADLINE_S) for process in processes)

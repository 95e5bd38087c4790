"""`leitai run` as a person runs it, in a process of its own."""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from leitai.stores.embedded.ports import HeldPort
from tests.support.waiting import PATIENCE_S

START_S = 4 * PATIENCE_S
"""A run makes its stores and a contest first; then its processes have `house.READY_S` to come up."""
END_S = PATIENCE_S
_ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/contest\b")
_NUMBER = re.compile(r"Number\s+(\S+)")
_CODE = re.compile(r"Code\s+(\S+)")
_STAFF = re.compile(r"Staff\s+(http://127\.0\.0\.1:\d+)/")
_INVITATION = re.compile(r"Invitation\s+admin\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Run:
    """A `leitai run` that serves: its process, its addresses, the seat it keeps, and the first administrator's code."""

    process: "subprocess.Popen[str]"
    mark: str
    url: str
    number: str
    code: str
    office: str
    invitation: str
    """Empty once there are staff."""

    def get(self, path: str) -> str:
        """Return the body of a page; fails when it is not served."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as response:
            return response.read().decode()

    def session(self) -> int:
        """Return the id of the session that is served, waiting for the server to attend to it."""
        deadline = time.monotonic() + START_S
        while True:
            try:
                return json.loads(self.get("/api/contest"))["session"]["id"]
            except OSError:
                assert time.monotonic() < deadline, "no contest is served"
                time.sleep(0.1)

    def stores(self, data: Path) -> str:
        """Return the address of the Valkey of this run, as its processes have been told."""
        for pid in left_of(self.mark, data):
            told = (Path(f"/proc/{pid}/environ").read_bytes()).split(b"\0")
            for one in told:
                if one.startswith(b"LEITAI_VALKEY_URL="):
                    return one.partition(b"=")[2].decode()
        raise AssertionError("no process of this run has a Valkey")

    def interrupt(self) -> int:
        """Do what Ctrl-C does in a terminal, and return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.stdout is not None
        self.process.stdout.read()
        return self.process.wait(END_S)


@contextlib.contextmanager
def started(data: Path, *options: str, origins: str = "") -> Generator[Run]:
    """A contest on this data folder; whatever is left of it when the block ends is killed.

    `origins` are those of the pages, where they are not reached at the server's own address.
    """
    mark, port = secrets.token_hex(8), HeldPort()
    environment = {**os.environ, "TEST_MARK": mark, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"}
    if origins:
        environment["LEITAI_ORIGINS"] = origins
    with subprocess.Popen(
        [sys.executable, "-m", "leitai", "run", *options, "--port", str(port.number), "--data", data],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            # The end of what it says where to go.
            said = _read_until(process, "╰")
            url, number, code, office = (pattern.search(said) for pattern in (_ADDRESS, _NUMBER, _CODE, _STAFF))
            invitation = _INVITATION.search(said)
            assert url, said
            assert number, said
            assert code, said
            assert office, said
            yield Run(process, mark, url[1], number[1], code[1], office[1], invitation[1] if invitation else "")
        finally:
            for pid in left_of(mark, data):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def left_of(mark: str, data: Path) -> list[int]:
    """Return the running processes that descend from a run: by its mark, or by the data they work on."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            alive = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "Z"
        except OSError:
            continue  # it ended, or is not ours
        if alive and (mark.encode() in told or os.fsencode(data) in told):
            found.append(int(folder.name))
    return found


def _read_until(process: "subprocess.Popen[str]", word: str) -> str:
    """Return what was said up to the line with `word`; a program that does not get there in time is killed."""
    assert process.stdout is not None
    watch = threading.Timer(START_S, process.kill)
    watch.start()
    said = ""
    try:
        for line in process.stdout:
            said += line
            if word in line:
                return said
    finally:
        watch.cancel()
    pytest.fail(f"it ended before it said {word!r}:\n{said}")

"""Programs that are not ours and may be missing: found on this machine or not, run on loopback for a test."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

from leitai.stores.embedded.ports import HeldPort, held_ports
from tests.support.waiting import PATIENCE_S

DEADLINE_S = PATIENCE_S
_HELD: list[HeldPort] = []


def program(name: str) -> str | None:
    """The path of an installed program; None, with the reason in the test's output, when there is none."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        print(f"{name} is not installed here: its file is only read, not tried")
    return path


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many ports of the loopback address, each another, that nobody else gets while this test process lives."""
    held = held_ports(count)
    _HELD.extend(held)
    return [port.number for port in held]


@contextlib.contextmanager
def running(command: list[str], port: int, log: Path) -> Generator[None]:
    """Run a program until the block ends; it begins when the program listens on `port` of the loopback address."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

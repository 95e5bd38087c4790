"""A real contest behind real gateways: processes of `leitai serve` on loopback, for tests that come as clients.

Three items: the first is over, the second is open for hours, the third has not opened.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from leitai.live.ports import SessionFile
from leitai.office.contests import Seat, create_contest_session
from leitai.office.papers import assemble
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Answer, Counted, Micros, QuestionType, SessionId
from leitai.stores.embedded.ports import HeldPort
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from leitai.wire.codec import decode_feed_entry
from leitai.wire.messages import ServerClosed
from leitai_loadtest.client import Contestant
from tests.support.office import SERVER_KEY, batch, people, questions, stores_at
from tests.support.waiting import PATIENCE_S

T = TypeVar("T")
OVER, OPEN, UNOPENED = 1, 2, 3
ORIGIN = "https://contest.example"
DEADLINE_S = 2 * PATIENCE_S
_SECONDS = {OVER: 1, OPEN: 7200, UNOPENED: 20}
_LEAD_US = 1_500_000


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on a loop in a thread of its own and return what it returns."""
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


class Process:
    """One `leitai serve`."""

    def __init__(self, environment: dict[str, str], roles: str, folder: Path, gateways: int = 0) -> None:
        # Held while this object lives: between two programs nobody else gets it.
        self._port = HeldPort()
        port = self._port.number
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"{port}.log"
        door = {"LEITAI_PRACTICE_LISTEN": f"127.0.0.1:{port}"} if roles == "practice" else {}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "leitai", "serve", "--roles", roles),
                    *("--listen", f"127.0.0.1:{0 if door else port}", "--gateways", str(gateways)),
                ],
                env={
                    **os.environ,
                    **environment,
                    **door,
                    "LEITAI_METRICS_LISTEN": "127.0.0.1:0",
                    "LEITAI_MONTHLY_LISTEN": f"127.0.0.1:{port}",
                },
                stdout=log,
                stderr=log,
            )

    def wait_ready(self) -> None:
        """Wait until it serves the session."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            with contextlib.suppress(URLError, OSError), urlopen(f"{self.url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    @property
    def machines_url(self) -> str:
        """Where it answers machines, as it told in its log; of several processes the one that was first."""
        for line in self.log.read_text("utf-8").splitlines():
            if '"machine_door_open"' in line:
                return f"http://127.0.0.1:{json.loads(line)['port']}"
        raise ConnectionRefusedError("the door for machines is not open yet")

    def metrics(self) -> str:
        """Return what it counts."""
        with urlopen(f"{self.machines_url}/metrics", timeout=PATIENCE_S) as answer:
            return answer.read().decode()

    def metric(self, line: str) -> int:
        """Return one of its figures by name and labels; 0 while it is not there."""
        for text in self.metrics().splitlines():
            name, _, value = text.rpartition(" ")
            if name == line:
                return int(float(value))
        return 0

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        return self._process.wait(DEADLINE_S)

    def stop(self) -> None:
        """Stop in order, or kill."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@dataclass
class Scene:
    """A contest that runs, and the gateways that lead to it."""

    driver: str
    session: int
    file: SessionFile
    valkey_url: str
    seats: Iterator[Seat]
    environment: dict[str, str]
    folder: Path
    processes: list[Process] = field(default_factory=list[Process])

    @property
    def url(self) -> str:
        """The gateway beside the director and the recorder."""
        return self.processes[0].url

    @property
    def other_url(self) -> str:
        """Another gateway."""
        return self.processes[1].url

    def start(self, roles: str, gateways: int = 0) -> Process:
        """Start another process; it ends with the scene at the latest."""
        process = Process(self.environment, roles, self.folder, gateways)
        self.processes.append(process)
        return process

    def someone(self, url: str = "") -> contextlib.AbstractAsyncContextManager[Contestant]:
        """A contestant who sat nowhere before, signed in."""
        seat = next(self.seats)
        return Contestant.sign_in(url or self.url, seat.admission_no, seat.code)

    async def recorded(self) -> dict[tuple[int, int, int], Answer]:
        """Everything in the ledger by (sitting, item, seq)."""
        store = open_store(self.valkey_url)
        try:
            session = ValkeySession(store, SessionId(self.session), 1)
            found: dict[tuple[int, int, int], Answer] = {}
            position, answers = await session.answers(0, "0-0", 0)
            while answers:
                for answer in answers:
                    known = (answer.sitting_id, answer.item_no, answer.client_seq)
                    assert known not in found
                    found[known] = answer
                position, answers = await session.answers(0, position, 0)
            return found
        finally:
            await store.aclose()


@contextmanager
def serving(driver: str, dsn: str, valkey_url: str, folder: Path, counted: Counted = Counted.FIRST) -> Generator[Scene]:
    """A contest under way on two gateways that use `driver`."""
    session, file, seats = apart(_create(dsn, valkey_url, counted))
    environment = environment_of(dsn, valkey_url, driver)
    scene = Scene(driver, session, file, valkey_url, iter(seats), environment, folder)
    try:
        for roles in ("gateway,director,recorder", "gateway"):
            scene.start(roles)
        for process in scene.processes:
            process.wait_ready()
        apart(_under_way(scene))
        yield scene
    finally:
        for process in scene.processes:
            process.stop()


def environment_of(dsn: str, valkey_url: str, driver: str) -> dict[str, str]:
    """What a process of ours is told by variables."""
    return {
        "LEITAI_VALKEY_URL": valkey_url,
        "LEITAI_DATABASE_URL": dsn,
        "LEITAI_SECRET_KEY": SERVER_KEY.hex(),
        "LEITAI_ORIGINS": ORIGIN,
        "LEITAI_DRIVER": driver,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


async def _create(dsn: str, valkey_url: str, counted: Counted) -> tuple[int, SessionFile, tuple[Seat, ...]]:
    async with stores_at(dsn) as stores:
        await stores.office.import_bank(batch("bank"), questions())
        mix = {QuestionType.SINGLE: 1, QuestionType.MULTIPLE: 1, QuestionType.FILL_IN: 1}
        lines = [
            replace(line, seconds=_SECONDS[line.item_no]) for line in assemble(await stores.office.bank(), mix, "seed")
        ]
        paper_id = await stores.office.create_paper("试卷", "seed", lines)
        contest_id = await stores.office.create_contest("业务技能练兵比武", "组委会", 2022)
        roster = await stores.office.import_roster(contest_id, batch("roster"), people(50))
        # Sessions of several scenes may share a store: what an earlier one with this number left there is forgotten.
        start_us = Micros(time.time_ns() // 1000 + _LEAD_US)
        settings = SessionSettings(
            "全国统一在线比试", start_us, Micros(start_us - 60_000_000), counted=counted, gap_us=Micros(300_000)
        )
        created = await create_contest_session(stores.office, stores.codes, contest_id, paper_id, settings, roster)
        await forget(valkey_url, created.session_id)
        return created.session_id, await stores.archive.load_session(created.session_id), created.seats


async def forget(valkey_url: str, session_id: SessionId) -> None:
    """Remove what a session of this number left in a store that scenes share."""
    store = open_store(valkey_url)
    try:
        for pattern in (f"leitai:{{s{session_id}}}:*", f"leitai:{{s{session_id}.0}}:*"):
            names = await store.execute_command("KEYS", pattern)
            if names:
                await store.execute_command("DEL", *names)
    finally:
        await store.aclose()


async def _under_way(scene: Scene) -> None:
    """Wait until the first item is closed for good and the second open."""
    async with scene.someone() as someone:
        await someone.hello()
        await someone.expect("open", item=OPEN, within_s=DEADLINE_S)
    store = open_store(scene.valkey_url)
    try:
        session = ValkeySession(store, SessionId(scene.session), 1)
        async with asyncio.timeout(DEADLINE_S):
            entries: list[tuple[int, bytes]] = []
            while not any(isinstance(decode_feed_entry(frame), ServerClosed) for _, frame in entries):
                entries += await session.feed(len(entries), 1000)
    finally:
        await store.aclose()

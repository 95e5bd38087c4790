"""One run of Locust in a scenario, and what it found."""

import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import leitai_loadtest
from leitai.cli.rehearsal import verdict
from leitai.cli.rehearsal.house import House
from leitai.cli.rehearsal.judging import Judgement, judge
from leitai.cli.rehearsal.stage import Piece, set_stage, write_credentials
from leitai.cli.rehearsal.watchers import write_watchers
from leitai.compose import VIEWERS
from leitai.live.ports import Command
from leitai.rules.values import SessionId
from leitai.stores.valkey.session import ValkeySession
from leitai.turns import take_short_turns
from leitai_loadtest import acks, glances
from leitai_loadtest.bench.meter import tree_cpu_us
from leitai_loadtest.bystander import MOST
from leitai_loadtest.swarm.scenarios import SCENARIOS

LOCUSTFILE = Path(leitai_loadtest.__file__).parents[1] / "locustfile.py"
_LOOKING_ON = ("office", "practice", VIEWERS)
_SLACK_S = 240
_END_S = 30.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Crowd:
    """What Locust is asked for."""

    scenario: str
    users: int
    viewers: int | None
    workers: int
    sign_ins_per_s: int
    seed: int
    report: Path
    look_away_s: int = 0
    """So long those who look on do so, and then look away for as long; 0: always."""
    bystander: bool = False
    """Whether there is a third stretch in every turn, in which a bystander computes as much as they had computed."""

    @property
    def stretches(self) -> glances.Stretches:
        """When those who look on do so."""
        return glances.Stretches(self.look_away_s, 3 if self.bystander else 2)

    def looking_on(self) -> "Crowd":
        """Return what is asked of the process of those who look on."""
        report = self.report.with_stem(f"{self.report.stem}-watchers")
        return replace(self, workers=0, report=report)

    def command(self, url: str, credentials: Path, journals: Path, *more: str) -> list[str]:
        """Return Locust's command line with `more` at its end; it listens on loopback at most."""
        options: dict[str, Any] = {
            "--host": url,
            "--credentials": credentials,
            "--journals": journals,
            "--scenario": self.scenario,
            "--users": self.users,
            "--spawn-rate": self.sign_ins_per_s,
            "--seed": self.seed,
            "--html": self.report,
            "--look-away": self.look_away_s,
            "--look-away-of": self.stretches.of,
        }
        if self.viewers is not None:
            options["--viewers"] = self.viewers
        if self.workers:
            port = _free_port()
            options |= {"--processes": self.workers, "--master-bind-host": "127.0.0.1"}
            options |= {"--master-bind-port": port, "--master-port": port}
        flags = ("--headless", "--only-summary", "--tell")
        words = [str(word) for pair in options.items() for word in pair]
        return [sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), *flags, *words, *more]


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a run."""

    content: bool
    """No request and no check failed, and everybody came to the end."""
    taken: acks.Taken
    judgement: Judgement | None = None
    """Of the record; None where it is out of reach, or the run broke off."""
    looking_on: float = 0.0
    """The share of a processor that whoever looks on took while items were answered: processes of the house that are
    not the contest's, the watchers' Locust, a bystander. 0.0 where the house is elsewhere."""
    cost: tuple[acks.Ratio, ...] = ()
    """How long acknowledgements took while somebody looked on, beside the times when nobody did (`glances`)."""
    beside: tuple[acks.Ratio, ...] = ()
    """The same beside the times of a bystander."""
    shares: tuple[float, ...] = ()
    """Of one processor, what the bystander was asked to take in each of its times."""

    @property
    def sound(self) -> bool:
        """Whether Locust is content, and the record where there is one."""
        judged = self.judgement
        return self.content and (judged is None or (judged.verdict.sound and judged.board_equals))


async def hire(house: House, folder: Path, scenarios: Iterable[str], say: Say) -> Path:
    """Make the accounts and tokens of whoever looks on in the scenarios; return where they are written down."""
    staff = folder / "staff.csv"
    wanted = [SCENARIOS[name] for name in scenarios]
    desks, overlays = max(one.desks for one in wanted), max(one.overlays for one in wanted)
    if desks or overlays:
        say("making the staff's accounts and tokens")
        await write_watchers(house, staff, desks, overlays)
    return staff


async def play_here(
    house: House, crowd: Crowd, piece: Piece, folder: Path, staff: Path, say: Say, *, bystander: float = 0.0
) -> Run:
    """Play a session of its own in a house of ours, and judge its record.

    Args:
        folder: this run's own.
        staff: what `hire` returned.
        bystander: the share of a processor that a process takes beside it which has nothing to do with it.

    Raises:
        NotReady, NeverFinal: see there.
    """
    credentials, journals = folder / "credentials.csv", folder / "journals"
    created = await set_stage(house.parts.office, house.parts.codes, piece)
    write_credentials(created, credentials)
    wanted = SCENARIOS[crowd.scenario]
    watchers: tuple[str, ...] = ()
    if wanted.desks or wanted.overlays:
        watchers = ("--office", house.office_url, "--staff", str(staff))
    length_s = piece.items * (piece.seconds_per_item + 1) + piece.contestants // crowd.sign_ins_per_s
    limit = ("--run-time", f"{length_s + _SLACK_S}s")
    async with house.open_doors():
        say(f"serving on {house.url}")
        commands = [crowd.command(house.url, credentials, journals, *watchers, *limit)]
        if watchers:
            # What judges read must not keep contestants waiting for their turn in one process.
            looking_on = crowd.looking_on().command(house.url, credentials, journals, *watchers, *limit)
            commands = [[*commands[0], "--part", "contestants"], [*looking_on, "--part", "watchers"]]
        async with AsyncExitStack() as stack:
            processes = [await stack.enter_async_context(_locust(command)) for command in commands]
            entered = await asyncio.gather(*(_entered(process) for process in processes))
            if not all(entered):
                return Run(False, acks.taken(()))
            say(f"{sum(entered)} are in; the contest starts")
            lookers_on = [pid for name, pid in house.pids.items() if name in _LOOKING_ON]
            lookers_on += [process.pid for process in processes[1:]]
            shares: list[float] = []
            if crowd.bystander:
                # Before the start: no stretch of the contest is to be without.
                await stack.enter_async_context(_working(_stand_by(crowd.stretches, tuple(lookers_on), shares)))
            await _start(house, created.session_id)
            if bystander:
                beside = await stack.enter_async_context(_process(_bystander(bystander, length_s + _SLACK_S)))
                lookers_on.append(beside.pid)
            taking = asyncio.create_task(_taken(lookers_on, piece.items * piece.seconds_per_item))
            statuses = await asyncio.gather(*(_ended(process) for process in processes))
            looking_on = await taking
        written = _read_all(journals)
        judgement = await judge(house, created.session_id, written)
    found = _found(crowd, not any(statuses), written, judgement)
    return replace(found, looking_on=looking_on, shares=tuple(shares))


async def play_elsewhere(crowd: Crowd, url: str, credentials: Path, folder: Path, say: Say) -> Run:
    """Play against a contest that is there, and is started by whoever runs it."""
    journals = folder / "journals"
    async with _locust(crowd.command(url, credentials, journals)) as process:
        async for event in _events(process):
            if event["event"] == "entered":
                say(f"{event['n']} checked in, waiting for the start")
        status = await process.wait()
    return _found(crowd, status == 0, _read_all(journals), None)


def _found(crowd: Crowd, content: bool, written: Sequence[verdict.Journal], judgement: Judgement | None) -> Run:
    taken = acks.taken(written)
    if crowd.report.is_file():
        acks.add_to_page(crowd.report, taken)
    cost = tuple(crowd.stretches.cost(written)) if crowd.look_away_s else ()
    beside = tuple(crowd.stretches.cost(written, glances.BESIDE)) if crowd.bystander else ()
    return Run(content, taken, judgement, cost=cost, beside=beside)


async def _entered(process: asyncio.subprocess.Process) -> int:
    """Wait until everybody of a Locust process is in; return how many, 0 when it ended before."""
    async for event in _events(process):
        if event["event"] == "entered":
            return event["n"]
    return 0


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Wait for a Locust process to end; return its status."""
    async for _ in _events(process):
        pass
    return await process.wait()


async def _taken(pids: Sequence[int], seconds: float) -> float:
    """Return the share of a processor that processes, and all below them, take together for so long from now on."""
    began_s, before_us = monotonic(), sum(map(tree_cpu_us, pids))
    await asyncio.sleep(seconds)
    return round((sum(map(tree_cpu_us, pids)) - before_us) / 1e6 / (monotonic() - began_s), 3)


async def _start(house: House, session_id: SessionId) -> None:
    await ValkeySession(house.parts.reading, session_id, 1).command(Command("start", "loadtest"))


async def _stand_by(stretches: glances.Stretches, pids: Sequence[int], shares: list[float]) -> None:
    """Have a bystander compute in the third stretch of every turn what processes, and all below them, took in the first
    more than in the second, until cancelled; `shares` are noted.
    """
    while True:
        number = stretches.number(time.time_ns() // 1000)
        begin = number - number % stretches.of + stretches.of
        took_us: list[float] = []
        for place in range(3):
            await asyncio.sleep(max(0.0, stretches.until_s(begin + place, time.time_ns() // 1000)))
            took_us.append(sum(map(tree_cpu_us, pids)))
        more_us = (took_us[1] - took_us[0]) - (took_us[2] - took_us[1])
        share = min(MOST, max(0.0, more_us / 1e6 / stretches.every_s))
        shares.append(round(share, 3))
        left_s = stretches.until_s(begin + 3, time.time_ns() // 1000)
        async with _process(_bystander(share, max(0.0, left_s))) as process:
            await process.wait()


@asynccontextmanager
async def _working(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _bystander(share: float, seconds: float) -> list[str]:
    return [sys.executable, "-m", "leitai_loadtest.bystander", str(share), str(seconds)]


@asynccontextmanager
async def _locust(command: Sequence[str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run Locust for the time of the block; SIGTERM ends it and its workers when we leave early."""
    async with _process(command) as process:
        # As in a rehearsal: it stands for machines elsewhere.
        take_short_turns(process.pid)
        yield process


@asynccontextmanager
async def _process(command: Sequence[str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            if process.returncode is None:
                process.terminate()
        try:
            async with asyncio.timeout(_END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _events(process: asyncio.subprocess.Process) -> AsyncGenerator[dict[str, Any]]:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        yield json.loads(line)


def _read_all(journals: Path) -> list[verdict.Journal]:
    return [journal for path in sorted(journals.glob("*.jsonl")) for journal in verdict.read_journals(path)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]

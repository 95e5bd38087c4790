"""`leitai loadtest`: a contest under load by Locust, in one of its scenarios, and the judgement of its record."""

import asyncio
import importlib.util
import json
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

import leitai_loadtest
from leitai.cli.rehearsal import verdict
from leitai.cli.rehearsal.house import House, housed
from leitai.cli.rehearsal.judging import Judgement, judge
from leitai.cli.rehearsal.stage import Piece, set_stage, write_credentials
from leitai.cli.rehearsal.watchers import write_watchers
from leitai.live.ports import Command
from leitai.rules.values import Pacing, SessionId
from leitai.stores.valkey.session import ValkeySession
from leitai.turns import take_short_turns
from leitai_loadtest.swarm.scenarios import SCENARIOS

app = App(
    name="loadtest", help="压测：用 Locust 按场景给一场比赛加压 · Put a contest under load by Locust, in a scenario"
)

LOCUSTFILE = Path(leitai_loadtest.__file__).parents[1] / "locustfile.py"
SIGN_INS_PER_S = 80
_SLACK_S = 240
_END_S = 30.0


@app.default
def loadtest(
    *,
    scenario: Annotated[str, Parameter(help=f"one of {', '.join(SCENARIOS)}")] = "national",
    users: Annotated[int, Parameter(help="how many contestants take part")] = 1600,
    viewers: Annotated[int | None, Parameter(help="viewers of boards; as the scenario has it if not given")] = None,
    workers: Annotated[int, Parameter(help="Locust worker processes; 0: one process does all")] = 0,
    gateways: Annotated[int, Parameter(help="gateway processes on the one port")] = 1,
    sign_ins_per_s: Annotated[int, Parameter(help="how fast users arrive")] = SIGN_INS_PER_S,
    items: Annotated[int, Parameter(help="items of the paper")] = 20,
    seconds_per_item: Annotated[int, Parameter(help="length of each item's window")] = 8,
    url: Annotated[str | None, Parameter(help="a server that runs already; wants --credentials")] = None,
    credentials: Annotated[Path | None, Parameter(help="CSV with admission_no and code")] = None,
    report: Annotated[Path | None, Parameter(help="the HTML report; in reports/ if not given")] = None,
    seed: Annotated[int, Parameter(help="decides the paper, and who answers what and when")] = 1,
    data: Annotated[Path | None, Parameter(help="keep stores, logs and journals here")] = None,
) -> None:
    """Play a scenario with Locust, against a server and contest of its own unless --url names one.

    Ends with 1 when a request or a check failed, somebody did not come to the end, or the record is not what everyone
    was told. A contest at --url is started by whoever runs it, and its record is judged only as contestants see it.
    """
    if scenario not in SCENARIOS:
        raise SystemExit(f"no scenario {scenario}; choose from {', '.join(SCENARIOS)}")
    if (url is None) != (credentials is None):
        raise SystemExit("--url and --credentials go together")
    if min(users, gateways, items, seconds_per_item, sign_ins_per_s) < 1:
        raise SystemExit("at least one of everything")
    if url is not None and (SCENARIOS[scenario].desks or SCENARIOS[scenario].overlays):
        raise SystemExit("judges want a stage of their own: leave --url out")
    if importlib.util.find_spec("locust") is None or not LOCUSTFILE.is_file():
        raise SystemExit("压测需要源码目录及其开发环境 · a load test wants a checkout and its packages: make loadtest")
    crowd = _Crowd(scenario, users, viewers, workers, sign_ins_per_s, seed, report or _dated(scenario))
    piece = Piece(users, items, seconds_per_item, Pacing(SCENARIOS[scenario].pacing), seed)
    folder = data or Path(tempfile.mkdtemp(prefix="leitai-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if url is not None and credentials is not None:
                sound = runner.run(_elsewhere(crowd, url, credentials, folder))
            else:
                sound = runner.run(_here(crowd, piece, folder, gateways))
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)
    Console(stderr=True).print(f"报告 Report: {crowd.report}", highlight=False)
    raise SystemExit(0 if sound else 1)


@dataclass(frozen=True, slots=True)
class _Crowd:
    """What Locust is asked for."""

    scenario: str
    users: int
    viewers: int | None
    workers: int
    sign_ins_per_s: int
    seed: int
    report: Path

    def looking_on(self) -> "_Crowd":
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


async def _here(crowd: _Crowd, piece: Piece, folder: Path, gateways: int) -> bool:
    """Play against a server of our own; return whether Locust and the record are content."""
    console = Console(stderr=True)
    credentials, journals = folder / "credentials.csv", folder / "journals"
    async with housed(folder, gateways=gateways) as house:
        created = await set_stage(house.parts.office, house.parts.codes, piece)
        write_credentials(created, credentials)
        wanted = SCENARIOS[crowd.scenario]
        watchers: tuple[str, ...] = ()
        if wanted.desks or wanted.overlays:
            console.print("making the staff's accounts and tokens", highlight=False)
            await write_watchers(house, folder / "staff.csv", wanted.desks, wanted.overlays)
            watchers = ("--office", house.office_url, "--staff", str(folder / "staff.csv"))
        length_s = piece.items * (piece.seconds_per_item + 1) + piece.contestants // crowd.sign_ins_per_s
        limit = ("--run-time", f"{length_s + _SLACK_S}s")
        async with house.open_doors():
            console.print(f"serving on {house.url}", highlight=False)
            commands = [crowd.command(house.url, credentials, journals, *watchers, *limit)]
            if watchers:
                # What judges read must not keep contestants waiting for their turn in one process.
                looking_on = crowd.looking_on().command(house.url, credentials, journals, *watchers, *limit)
                commands = [[*commands[0], "--part", "contestants"], [*looking_on, "--part", "watchers"]]
            async with AsyncExitStack() as stack:
                processes = [await stack.enter_async_context(_locust(command)) for command in commands]
                entered = await asyncio.gather(*(_entered(process) for process in processes))
                if not all(entered):
                    return False
                console.print(f"{sum(entered)} are in; the contest starts", highlight=False)
                await _start(house, created.session_id)
                statuses = await asyncio.gather(*(_ended(process) for process in processes))
            judgement = await judge(house, created.session_id, _read_all(journals))
    _print_record(console, judgement)
    return not any(statuses) and judgement.verdict.sound and judgement.board_equals


async def _elsewhere(crowd: _Crowd, url: str, credentials: Path, folder: Path) -> bool:
    async with _locust(crowd.command(url, credentials, folder / "journals")) as process:
        async for event in _events(process):
            if event["event"] == "entered":
                Console(stderr=True).print(f"{event['n']} checked in, waiting for the start", highlight=False)
        return await process.wait() == 0


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


async def _start(house: House, session_id: SessionId) -> None:
    await ValkeySession(house.parts.reading, session_id, 1).command(Command("start", "loadtest"))


@asynccontextmanager
async def _locust(command: Sequence[str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run Locust for the time of the block; SIGTERM ends it and its workers when we leave early."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    # As in a rehearsal: it stands for machines elsewhere.
    take_short_turns(process.pid)
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


def _print_record(console: Console, judgement: Judgement) -> None:
    found = judgement.verdict
    sound = found.sound and judgement.board_equals
    table = Table("field", "value", title="记录核对 the record in PostgreSQL", title_style="green" if sound else "red")
    table.add_row("作答 recorded", str(found.recorded))
    table.add_row("丢失 lost", str(found.lost))
    table.add_row("重复 doubled", str(found.doubled))
    table.add_row("来历不明 never given", str(found.foreign))
    table.add_row("回执有效 receipts that hold", str(found.receipts_verified))
    table.add_row("回执无效 receipts that do not", str(found.receipts_wrong))
    table.add_row("名次与重算一致 standings as recomputed", str(judgement.board_equals))
    console.print(table)


def _dated(scenario: str) -> Path:
    return Path("reports") / f"loadtest-{scenario}-{datetime.now().astimezone():%Y%m%d-%H%M%S}.html"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]

"""Locust plays its scenarios against a real server, and a run fails when anything is not as it was acknowledged."""

import asyncio
import contextlib
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from leitai.cli.rehearsal.house import housed
from leitai.cli.rehearsal.locust_run import LOCUSTFILE
from leitai.cli.rehearsal.stage import Piece, set_stage
from leitai.cli.rehearsal.watchers import write_watchers
from leitai.live.ports import Command
from leitai.stores.valkey.session import ValkeySession
from leitai_loadtest.bystander import MOST
from leitai_loadtest.swarm.scenarios import SCENARIOS
from tests.support.fake_contest import CODE, FakeContest
from tests.support.forger import forging
from tests.support.others import free_port

STREAMED = [name for name, scenario in SCENARIOS.items() if scenario.pacing == "streamed"]
USERS = 12
FORGED_USERS = 5
DESKS, OVERLAYS = 2, 3
ITEMS = 3
CHECKS = ("nothing lost", "nothing doubled", "rank is right", "came to the end")


@dataclass(frozen=True)
class Run:
    """What became of a run of Locust."""

    status: int
    told: str
    rows: dict[tuple[str, str], tuple[int, int]]
    """Requests and failures by request type and name."""

    def requests(self, kind: str) -> int:
        """Return the requests of a type that did not fail."""
        return sum(requests - failed for (of, _), (requests, failed) in self.rows.items() if of == kind)


class Locust:
    """A run of Locust, which tells when everyone is in."""

    def __init__(self, folder: Path, scenario: str, url: str, seats: Sequence[tuple[str, str]], *more: str) -> None:
        folder.mkdir()
        credentials = folder / "credentials.csv"
        with credentials.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("admission_no", "code"), *seats])
        options = {"--host": url, "--scenario": scenario, "--credentials": credentials}
        options |= {"--spawn-rate": 50, "--patience": 30, "--run-time": "360s", "--html": folder / "report.html"}
        words = [str(word) for pair in options.items() for word in pair]
        self._command = (sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--headless", "--json")
        self._command += ("--only-summary", "--tell", *words, *more)
        self.entered = asyncio.Event()
        self.checked_in = 0
        self.pid = 0

    async def run(self) -> Run:
        """Run to the end."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self._command, stdout=pipe, stderr=pipe)
        self.pid = process.pid
        assert process.stdout is not None
        assert process.stderr is not None
        telling = asyncio.create_task(process.stderr.read())
        try:
            event = json.loads(await process.stdout.readline() or "{}")
            self.checked_in = event.get("n", 0)
            self.entered.set()
            output = await process.stdout.read()
            # Workers write figures of their own to the same output.
            figures: list[dict[str, Any]] = [] if "--processes" in self._command else json.loads(output)
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        rows = {(row["method"], row["name"]): (row["num_requests"], row["num_failures"]) for row in figures}
        return Run(status, (await telling).decode(), rows)


@dataclass(frozen=True)
class Played:
    """One contest in which every streamed scenario took part at the same time, and some behind a forger."""

    runs: dict[str, Run]
    looked_on: Run
    """The process of the judges and overlays of their scenario."""
    glanced: Run
    """Another, whose judges and overlays look away now and then."""
    behind_forger: Run
    checked_in_there: int
    forged: set[str]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The contest, played."""
    return asyncio.run(_play(tmp_path_factory.mktemp("locust")))


async def _play(folder: Path) -> Played:
    async with housed(folder / "data") as house:
        # Long enough that nobody misses an item for a stall of the machine.
        piece = Piece(len(STREAMED) * USERS + FORGED_USERS, ITEMS, 6)
        created = await set_stage(house.parts.office, house.parts.codes, piece)
        seats = [(seat.admission_no, seat.code) for seat in created.seats]
        async with house.open_doors(), forging(urlsplit(house.url).port or 0) as forger:
            await write_watchers(house, folder / "staff.csv", DESKS, OVERLAYS)
            watched = ("--office", house.office_url, "--staff", str(folder / "staff.csv"), "--desk-within", "30")
            runs = [
                Locust(
                    folder / name,
                    name,
                    house.url,
                    seats[number * USERS : (number + 1) * USERS],
                    *((*watched, "--part", "contestants") if SCENARIOS[name].desks else ()),
                )
                for number, name in enumerate(STREAMED)
            ]
            stranger = (seats[0][0], "not-the-code")
            forged = Locust(folder / "forged", "one-nat", forger.url, [*seats[-FORGED_USERS:], stranger])
            watchers = (*watched, "--part", "watchers")
            looking_on = Locust(folder / "watchers", "judges", house.url, seats[:1], *watchers)
            glancing = Locust(folder / "glances", "judges", house.url, seats[:1], *watchers, "--look-away", "2")
            everyone = (*runs, looking_on, glancing, forged)
            playing = [asyncio.create_task(run.run()) for run in everyone]
            async with asyncio.timeout(400):
                await asyncio.gather(*(run.entered.wait() for run in everyone))
                session = ValkeySession(house.parts.reading, created.session_id, 1)
                await session.command(Command("start", "test"))
                *ended, looked_on, glanced, behind_forger = await asyncio.gather(*playing)
    runs_ended = dict(zip(STREAMED, ended, strict=True))
    return Played(runs_ended, looked_on, glanced, behind_forger, forged.checked_in, forger.forged)


@pytest.mark.parametrize("name", STREAMED)
def test_a_scenario_holds(played: Played, name: str) -> None:
    run = played.runs[name]
    assert run.status == 0, run.told
    assert [row for row, (_, failed) in run.rows.items() if failed] == []
    assert [run.rows["check", check] for check in CHECKS] == [(USERS, 0)] * len(CHECKS)
    assert run.rows["check", "standings are in order"] == (1, 0)
    assert run.requests("sign-in") == run.requests("sealed") == run.requests("result") == USERS
    assert USERS * ITEMS * 0.9 < run.requests("answer→ack") <= USERS * ITEMS
    # In the storm somebody may be on the way back at the next opening.
    assert USERS * (ITEMS - SCENARIOS[name].storms) <= run.requests("open→seen") <= USERS * ITEMS
    assert run.requests("board lag") >= ITEMS
    assert run.requests("ticket") == 2 * USERS + run.requests("resume")
    assert run.requests("connect") == 2 * USERS + run.requests("resume") + 3


def test_a_storm_breaks_every_connection(played: Played) -> None:
    assert played.runs["reconnect-storm"].rows["resume", "with every entry"] == (USERS, 0)
    assert played.runs["national"].requests("resume") == 0


def test_judges_and_overlays_see_what_everybody_answers(played: Played) -> None:
    run = played.looked_on
    assert run.status == 0, run.told
    assert run.requests("answer→ack") == 0
    assert run.rows["check", "the desk is right"] == (DESKS, 0)
    assert run.rows["check", "the overlay is right"] == (OVERLAYS, 0)
    # All scenarios answer in the one contest; the first second's answers may come before the desks.
    assert run.requests("answer→desk") > DESKS * USERS
    assert run.requests("desk update") >= DESKS * ITEMS
    assert run.requests("overlay update") >= OVERLAYS * ITEMS
    assert run.requests("staff sign-in") == DESKS


def test_who_looks_away_comes_back_and_holds_what_is_told_anew(played: Played) -> None:
    run = played.glanced
    assert run.status == 0, run.told
    assert run.rows["check", "the desk is right"] == (DESKS, 0)
    assert run.rows["check", "the overlay is right"] == (OVERLAYS, 0)
    assert 0 < run.requests("desk update") < played.looked_on.requests("desk update")
    assert 0 < run.requests("answer→desk") < played.looked_on.requests("answer→desk")


def test_what_is_lost_doubled_or_misplaced_fails_the_run(played: Played) -> None:
    assert played.forged == {"lost", "doubled", "misplaced"}
    run = played.behind_forger
    assert run.status == 1
    assert "accepted at 1, and not published so" in run.told
    assert "seq 2: acknowledged as two things" in run.told
    assert "by the own rank" in run.told
    assert run.rows["check", "nothing lost"] == (FORGED_USERS, 1)
    assert run.rows["check", "rank is right"] == (FORGED_USERS, FORGED_USERS)


def test_nobody_waits_for_who_cannot_come(played: Played) -> None:
    assert played.checked_in_there == FORGED_USERS
    assert played.behind_forger.rows["sign-in", "/api/sign-in"] == (FORGED_USERS + 1, 1)
    assert played.behind_forger.rows["check", "came to the end"] == (FORGED_USERS + 1, 1)


async def test_two_scenarios_in_turns_played_by_two_workers_on_a_stage_of_their_own(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    options = ("--compare", "one-nat", "paper", "--bystander", "--turns", "1", "--users", "16", "--workers", "2")
    length = ("--items", "4", "--seconds-per-item", "1", "--at-most", "1000")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "leitai", "loadtest", *options, *length, "--report", str(report)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    told: list[str] = []
    listening: list[set[str]] = []
    async for line in process.stderr:
        told.append(line.decode())
        if "2 workers connected" in told[-1]:
            listening.append(_listening_below(process.pid))
    assert await process.wait() == 0, "".join(told)
    assert listening == [{"127.0.0.1"}] * 3
    runs: list[dict[str, Any]] = []
    for name in ("1-1-one-nat", "1-2-paper", "1-3-one-nat"):
        page = report.with_stem(f"report-{name}")
        runs.append(json.loads(page.with_suffix(".json").read_text("utf-8")))
        assert "board lag" in page.read_text("utf-8")
        assert '<section id="acks">' in page.read_text("utf-8")
    for run in runs:
        acks = run["answer_to_ack"]
        assert run["sound"]
        # Every answer in PostgreSQL is in the figures, and once.
        assert run["record"]["recorded"] == acks["all"]["answers"] == sum(item["answers"] for item in acks["items"])
        numbers = [item["item"] for item in acks["items"]]
        assert numbers == sorted({*numbers} & {1, 2, 3, 4})
        assert 0 < acks["all"]["p50_ms"] <= acks["all"]["p99_ms"] <= acks["all"]["most_ms"]
    both = json.loads(report.with_suffix(".json").read_text("utf-8"))
    assert both["compared"] == ["one-nat", "paper"]
    judged = next(ratio for ratio in both["ratios"] if ratio["figure"] == "item's p99")
    first, second, beside = (run["answer_to_ack"]["item_in_the_middle"]["p99_ms"] for run in runs)
    assert (judged["first_ms"], judged["second_ms"]) == ([first], [second])
    assert judged["ratio"] == round(second / first, 3)
    judged = next(ratio for ratio in both["beside_bystander"] if ratio["figure"] == "item's p99")
    assert (judged["first_ms"], judged["second_ms"]) == ([beside], [second])
    ((alone,), (more,), (again,)) = both["looking_on"]
    assert min(alone, more, again) > 0
    assert f"a bystander takes {max(0.0, more - alone):.2f} of a processor" in "".join(told)


async def test_looking_on_by_turns_within_one_contest(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    length = ("--users", "8", "--items", "7", "--seconds-per-item", "2", "--look-away", "1", "--at-most", "0.001")
    length = (*length, "--bystander")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "leitai", "loadtest", "--scenario", "judges", *length, "--report", str(report)),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    run = json.loads(report.with_suffix(".json").read_text("utf-8"))
    assert run["sound"], told.decode()
    # Sound, and looking on cannot cost as little as that.
    assert process.returncode == 1
    assert run["look_away_s"] == 3
    costs = {one["figure"]: one for one in run["looking_on_costs"]}
    assert list(costs) == ["p50", "p95", "p99"]
    assert len(costs["p99"]["first_ms"]) == len(costs["p99"]["second_ms"]) > 0
    assert "judges and overlays beside nobody looks on" in told.decode()
    # One turn of three stretches at least is whole, and each has a bystander.
    assert len(run["bystander"]) >= 1
    assert all(0 <= share <= MOST for share in run["bystander"])
    beside = {one["figure"]: one for one in run["beside_bystander"]}
    assert len(beside["p99"]["first_ms"]) > 0
    assert "judges and overlays beside a bystander of" in told.decode()


def _listening_below(pid: int) -> set[str]:
    """Return the addresses on which descendants of a process listen."""
    found: set[str] = set()
    for child in psutil.Process(pid).children(recursive=True):
        # The stores' own children come and go.
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= {one.laddr.ip for one in child.net_connections("tcp") if one.status == psutil.CONN_LISTEN}
    return found


async def test_a_run_that_is_cut_short_fails(tmp_path: Path) -> None:
    async with FakeContest(contestants=2, items=1, seconds=1.0).served() as contest:
        seats = [(f"A{number}", CODE) for number in (1, 2)]
        more = ("--viewers", "0", "--run-time", "4s")
        run = await Locust(tmp_path / "locust", "national", contest.url, seats, *more).run()
    assert run.status == 1
    assert "2 of 2 contestants did not come to the end" in run.told


async def test_a_run_that_loses_a_worker_ends_and_fails(tmp_path: Path) -> None:
    async with FakeContest(contestants=4, items=1, seconds=1.0).served() as contest:
        seats = [(f"A{number}", CODE) for number in range(1, 5)]
        port = str(free_port())
        more = ("--viewers", "0", "--processes", "2", "--master-bind-host", "127.0.0.1", "--master-bind-port", port)
        locust = Locust(tmp_path / "locust", "national", contest.url, seats, *more, "--master-port", port)
        running = asyncio.create_task(locust.run())
        await locust.entered.wait()
        psutil.Process(locust.pid).children()[0].terminate()
        run = await running
    assert run.status == 1
    assert "a worker is gone" in run.told


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--scenario", "referees"), "no scenario referees; choose from national"),
        (("--url", "http://127.0.0.1:1"), "--url and --credentials go together"),
        (("--compare", "national", "referees"), "no scenario referees; choose from national"),
        (("--at-most", "1.05"), "--at-most is of --compare or --look-away"),
        (("--bystander",), "--bystander is of --compare"),
        (("--look-away", "1"), "--look-away is of a scenario with judges, and of one item at least"),
        (("--scenario", "judges", "--look-away", "-1"), "--look-away is of a scenario with judges"),
    ],
    ids=["unknown scenario", "no credentials", "unknown in turns", "no limit", "beside nothing", "nobody", "no item"],
)
async def test_what_cannot_be_played_is_refused(arguments: tuple[str, ...], reason: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "leitai", "loadtest", *arguments), stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode == 1
    assert reason in told.decode()

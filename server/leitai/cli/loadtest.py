"""`leitai loadtest`: a contest under load by Locust, in one of its scenarios, and the judgement of its record.

Two scenarios that take turns tell what the second costs contestants: one run after another is played on the same
machine in the same hour, so that what the machine does besides falls on both.
"""

import asyncio
import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from leitai.cli.rehearsal.house import housed
from leitai.cli.rehearsal.judging import Judgement
from leitai.cli.rehearsal.locust_run import LOCUSTFILE, Crowd, Run, hire, play_elsewhere, play_here
from leitai.cli.rehearsal.stage import GAP_US, Piece
from leitai.rules.values import Pacing
from leitai_loadtest import acks, glances
from leitai_loadtest.acks import Ratio, ratios
from leitai_loadtest.bystander import MOST
from leitai_loadtest.swarm.scenarios import SCENARIOS

app = App(
    name="loadtest", help="压测：用 Locust 按场景给一场比赛加压 · Put a contest under load by Locust, in a scenario"
)

SIGN_INS_PER_S = 80
WIDTH = 120
"""Of tables where there is no screen."""
_FEW = 4


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
    compare: Annotated[
        tuple[str, str] | None, Parameter(help="two scenarios that are played in turns instead: what the second costs")
    ] = None,
    turns: Annotated[int, Parameter(help="how often both of --compare are played")] = 3,
    bystander: Annotated[
        bool,
        Parameter(
            negative="",
            help="with --compare: the first is played in every turn once more, beside a process that has nothing to do "
            "with it and computes as much as those who look on did more in the second; with --look-away: so it does "
            "for as long again, after they have looked away",
        ),
    ] = False,
    look_away: Annotated[
        int,
        Parameter(
            help="in scenarios with judges: they and the overlays look on for as long as so many items take, and then "
            "look away for as long: what that costs, within one contest"
        ),
    ] = 0,
    at_most: Annotated[
        float | None,
        Parameter(
            help="ends with 1 when the second's item's p99 is more than so many times the first's, or the first's "
            "beside a --bystander; with --look-away, p99 while others look on by p99 while they look away, or beside "
            "a --bystander"
        ),
    ] = None,
    url: Annotated[str | None, Parameter(help="a server that runs already; wants --credentials")] = None,
    credentials: Annotated[Path | None, Parameter(help="CSV with admission_no and code")] = None,
    report: Annotated[
        Path | None, Parameter(help="the HTML report, and beside it that in JSON; in reports/ if not given")
    ] = None,
    seed: Annotated[int, Parameter(help="decides the paper, and who answers what and when")] = 1,
    data: Annotated[Path | None, Parameter(help="keep stores, logs and journals here")] = None,
) -> None:
    """Play a scenario with Locust, against a server and contest of its own unless --url names one.

    Ends with 1 when a request or a check failed, somebody did not come to the end, or the record is not what everyone
    was told. A contest at --url is started by whoever runs it, and its record is judged only as contestants see it.
    """
    if unknown := next((name for name in compare or (scenario,) if name not in SCENARIOS), None):
        raise SystemExit(f"no scenario {unknown}; choose from {', '.join(SCENARIOS)}")
    if (url is None) != (credentials is None):
        raise SystemExit("--url and --credentials go together")
    if min(users, gateways, items, seconds_per_item, sign_ins_per_s, turns) < 1:
        raise SystemExit("at least one of everything")
    if url is not None and (SCENARIOS[scenario].desks or SCENARIOS[scenario].overlays):
        raise SystemExit("judges want a stage of their own: leave --url out")
    if url is not None and compare is not None:
        raise SystemExit("turns want a stage of their own: leave --url out")
    if bystander and compare is None and not look_away:
        raise SystemExit("--bystander is of --compare or --look-away")
    if look_away and (compare is not None or look_away < 0 or not SCENARIOS[scenario].desks):
        raise SystemExit("--look-away is of a scenario with judges, and of one item at least")
    if at_most is not None and compare is None and not look_away:
        raise SystemExit("--at-most is of --compare or --look-away")
    if importlib.util.find_spec("locust") is None or not LOCUSTFILE.is_file():
        raise SystemExit("压测需要源码目录及其开发环境 · a load test wants a checkout and its packages: make loadtest")
    crowd = Crowd(
        scenario,
        users,
        viewers,
        workers,
        sign_ins_per_s,
        seed,
        report or _dated("-".join(compare or (scenario,))),
        look_away * (seconds_per_item + GAP_US // 1_000_000),
        bystander and compare is None,
    )
    crowd.report.parent.mkdir(parents=True, exist_ok=True)
    piece = Piece(users, items, seconds_per_item, seed=seed)
    folder = data or Path(tempfile.mkdtemp(prefix="leitai-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if compare is not None:
                contest = Turns(crowd, piece, compare, turns, bystander=bystander)
                sound = runner.run(_in_turns(contest, folder, gateways, at_most))
            elif url is not None and credentials is not None:
                sound = runner.run(_elsewhere(crowd, url, credentials, folder))
            else:
                sound = runner.run(_here(crowd, piece, folder, gateways, at_most))
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(0 if sound else 1)


async def _here(crowd: Crowd, piece: Piece, folder: Path, gateways: int, at_most: float | None) -> bool:
    """Play against a server of our own; return whether Locust and the record are content and the limit kept."""
    async with housed(folder, gateways=gateways) as house:
        staff = await hire(house, folder, [crowd.scenario], _say)
        run = await play_here(house, crowd, _paced(piece, crowd.scenario), folder, staff, _say)
    _tell_run(crowd, piece, run)
    return run.sound and _kept(at_most, run.beside or run.cost, glances.JUDGED)


async def _elsewhere(crowd: Crowd, url: str, credentials: Path, folder: Path) -> bool:
    run = await play_elsewhere(crowd, url, credentials, folder, _say)
    _tell_run(crowd, None, run)
    return run.sound


@dataclass(frozen=True, slots=True)
class Turns:
    """Two scenarios that take turns."""

    crowd: Crowd
    piece: Piece
    pair: tuple[str, str]
    count: int
    bystander: bool
    """Whether the first is played once more in each, beside a process that computes what onlookers did in the other."""

    def one(self, turn: int, name: str, scenario: str) -> tuple[Crowd, Piece]:
        """Return what is asked of a run: a paper of each turn's own, and a report named after it."""
        seed = self.crowd.seed + turn
        crowd = replace(self.crowd, scenario=scenario, seed=seed, report=_beside(self.crowd.report, name))
        return crowd, _paced(replace(self.piece, seed=seed), scenario)


async def _in_turns(contest: Turns, folder: Path, gateways: int, at_most: float | None) -> bool:
    """Play both so often; return whether every run is sound and the limit kept."""
    runs: tuple[list[Run], list[Run], list[Run]] = ([], [], [])
    pair = contest.pair
    async with housed(folder, gateways=gateways) as house:
        staff = await hire(house, folder, pair, _say)
        for turn in range(contest.count):
            # Neither is always the first.
            places = (0, 1) if turn % 2 == 0 else (1, 0)
            for place in (*places, 2) if contest.bystander else places:
                scenario = pair[place % 2]
                name = f"{turn + 1}-{place + 1}-{scenario}"
                share = 0.0
                if place == 2:
                    share = max(0.0, min(MOST, runs[1][-1].looking_on - runs[0][-1].looking_on))
                    _say(f"a bystander takes {share:.2f} of a processor")
                crowd, piece = contest.one(turn, name, scenario)
                own = folder / f"turn-{name}"
                own.mkdir()
                run = await play_here(house, crowd, piece, own, staff, _say, bystander=share)
                _tell_run(crowd, piece, run)
                if not run.taken.whole.answers:
                    _say(f"{name} broke off")
                    return False
                runs[place].append(run)
    return _tell_turns(contest, runs, at_most)


def _tell_turns(contest: Turns, runs: tuple[list[Run], list[Run], list[Run]], at_most: float | None) -> bool:
    """Print and write what the second costs; return whether every run is sound and the limit kept."""
    taken = [[run.taken for run in of] for of in runs]
    found = ratios(taken[0], taken[1])
    _print_ratios(contest.pair, found)
    told: dict[str, Any] = {"ratios": [one.as_json() for one in found]}
    if contest.bystander:
        found = ratios(taken[2], taken[1])
        _print_ratios((f"{contest.pair[0]}, bystander", contest.pair[1]), found)
        told["beside_bystander"] = [one.as_json() for one in found]
    sound = [[run.sound for run in of] for of in runs if of]
    about = {"compared": list(contest.pair), "turns": contest.count, **_about(contest.crowd, contest.piece)}
    about |= {"looking_on": [[run.looking_on for run in of] for of in runs if of], "sound": sound}
    _write(contest.crowd.report.with_suffix(".json"), {**about, **told})
    return all(map(all, sound)) and _kept(at_most, found, acks.JUDGED)


def _kept(at_most: float | None, found: Sequence[Ratio], figure: str) -> bool:
    """Whether a figure's ratio keeps the limit, if there is one; one that could not be told does not."""
    return at_most is None or 0 < next(one for one in found if one.figure == figure).middle <= at_most


def _paced(piece: Piece, scenario: str) -> Piece:
    return replace(piece, pacing=Pacing(SCENARIOS[scenario].pacing))


# --- what is told ----------------------------------------------------------------------------------------------------


def _console() -> Console:
    return Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH)


def _say(text: str) -> None:
    _console().print(text, highlight=False, soft_wrap=True)


def _tell_run(crowd: Crowd, piece: Piece | None, run: Run) -> None:
    """Print what a run found, and write it beside Locust's report."""
    console = _console()
    if run.judgement is not None:
        _print_record(console, run.judgement)
    table = Table("", *acks.COLUMNS, title=f"{crowd.scenario}: answer→ack, ms")
    for row in acks.rows(run.taken)[:2]:
        table.add_row(*row)
    console.print(table)
    if run.cost:
        _print_ratios(("nobody looks on", "judges and overlays"), run.cost)
    if run.beside:
        _print_ratios((f"a bystander of {median(run.shares or [0.0]):.2f}", "judges and overlays"), run.beside)
    page = crowd.report.with_suffix(".json")
    about = {"scenario": crowd.scenario, **_about(crowd, piece), "sound": run.sound}
    about |= {"record": _record(run.judgement), "answer_to_ack": run.taken.as_json()}
    if run.cost:
        about |= {"look_away_s": crowd.look_away_s, "looking_on_costs": [one.as_json() for one in run.cost]}
    if run.beside:
        about |= {"bystander": list(run.shares), "beside_bystander": [one.as_json() for one in run.beside]}
    _write(page, about)
    _say(f"报告 Report: {crowd.report}, {page.name}")


def _about(crowd: Crowd, piece: Piece | None) -> dict[str, Any]:
    told = {"users": crowd.users, "seed": crowd.seed}
    return told if piece is None else {**told, "items": piece.items, "seconds_per_item": piece.seconds_per_item}


def _record(judgement: Judgement | None) -> dict[str, Any] | None:
    if judgement is None:
        return None
    found = judgement.verdict
    return {
        "recorded": found.recorded,
        "lost": found.lost,
        "doubled": found.doubled,
        "foreign": found.foreign,
        "receipts_verified": found.receipts_verified,
        "receipts_wrong": found.receipts_wrong,
        "board_equals_recomputation": judgement.board_equals,
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps({"format": acks.FORMAT, **content}, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _print_ratios(pair: tuple[str, str], found: Sequence[Ratio]) -> None:
    table = Table(title=f"answer→ack, ms: {pair[1]} beside {pair[0]}")
    for column in ("", *pair, "ratio", "of the turns", "19 of 20"):
        table.add_column(column, justify="left" if not column else "right")
    for one in found:
        spread = f"{min(one.turns):.2f}–{max(one.turns):.2f}" if one.turns else ""
        likely = "{:.2f}–{:.2f}".format(*one.likely) if one.likely else ""
        table.add_row(one.figure, _series(one.first_ms), _series(one.second_ms), f"{one.middle:.3f}", spread, likely)
    _console().print(table)


def _series(values: Sequence[float]) -> str:
    """Return all of them, or where there are many the least, the median and the greatest."""
    if len(values) > _FEW:
        return f"{min(values):.2f} … {median(values):.2f} … {max(values):.2f}"
    return " / ".join(f"{value:.2f}" for value in values)


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


def _dated(name: str) -> Path:
    return Path("reports") / f"loadtest-{name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}.html"


def _beside(report: Path, name: str) -> Path:
    return report.with_stem(f"{report.stem}-{name}")

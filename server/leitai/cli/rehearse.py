"""`leitai rehearse`: a whole contest with simulated contestants over real sign-in and real sockets, and its report."""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import uvloop
from cyclopts import App, Parameter

from leitai.cli.rehearsal import report
from leitai.cli.rehearsal.faults import KILLABLE, Faults
from leitai.cli.rehearsal.house import housed
from leitai.cli.rehearsal.play import play
from leitai.cli.rehearsal.screen import Screen, print_report
from leitai.cli.rehearsal.simulator import Cast, simulating
from leitai.cli.rehearsal.stage import Piece
from leitai.rules.values import Pacing

app = App(name="rehearse", help="试考：模拟全体选手完成一场比赛 · Play a whole contest with simulated contestants")


@app.default
def rehearse(
    *,
    contestants: Annotated[int, Parameter(help="how many take part")] = 1600,
    items: Annotated[int, Parameter(help="items of the paper")] = 20,
    seconds_per_item: Annotated[int, Parameter(help="length of each item's window")] = 8,
    json_file: Annotated[Path | None, Parameter(name="--json", help="where the report goes")] = None,
    url: Annotated[str | None, Parameter(help="a server that runs already; wants --credentials")] = None,
    credentials: Annotated[Path | None, Parameter(help="CSV with admission_no and code")] = None,
    burst: Annotated[bool, Parameter(help="every contestant answers at once", negative="")] = False,
    pacing: Literal["streamed", "paper"] = "streamed",
    kill: Annotated[str, Parameter(help=f"roles to kill -9, of {', '.join(KILLABLE)}, separated by commas")] = "",
    every: Annotated[float, Parameter(help="each of them dies, or the roll begins, every so many seconds")] = 10.0,
    roll: Annotated[
        bool, Parameter(help="replace every process by a new one, one by one, every so many seconds", negative="")
    ] = False,
    gateways: Annotated[int, Parameter(help="gateway processes on the one port")] = 1,
    database_away: Annotated[float, Parameter(help="stop PostgreSQL for so many seconds")] = 0.0,
    viewers: Annotated[int, Parameter(help="anonymous viewers of boards besides")] = 0,
    seed: Annotated[int, Parameter(help="decides the paper, and who answers what and when")] = 1,
    data: Annotated[Path | None, Parameter(help="keep stores, logs and journals here")] = None,
) -> None:
    """Play a contest and report. Ends with 1 when an answer was lost or doubled, a board differs from its
    recomputation, a receipt does not hold, or somebody could not take part."""
    roles = tuple(role.strip() for role in kill.split(",") if role.strip())
    if unknown := [role for role in roles if role not in KILLABLE]:
        raise SystemExit(f"cannot kill {', '.join(unknown)}; choose from {', '.join(KILLABLE)}")
    if url is not None and (credentials is None or roles or database_away or roll):
        raise SystemExit("--url wants --credentials, and nothing can be killed there")
    piece = Piece(contestants, items, seconds_per_item, Pacing(pacing), seed)
    if gateways < 1:
        raise SystemExit("at least one gateway must serve")
    breaking = Faults(roles, every, database_away, roll)
    folder = data or Path(tempfile.mkdtemp(prefix="leitai-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    try:
        with Screen(contestants, items) as screen, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if url is not None and credentials is not None:
                shutil.copyfile(credentials, folder / "credentials.csv")
                found = runner.run(_elsewhere(Cast(url, folder, seed, burst, viewers), screen))
                contestants = found.contestants
            else:
                here = _here(piece, folder, screen, burst=burst, viewers=viewers, breaking=breaking, gateways=gateways)
                found = runner.run(here)
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)
    sound = found.sound(contestants)
    print_report(found, sound=sound)
    if json_file is not None:
        json_file.write_text(json.dumps(msgspec.to_builtins(found), indent=2) + "\n", encoding="utf-8")
    raise SystemExit(0 if sound else 1)


async def _here(
    piece: Piece, folder: Path, screen: Screen, *, burst: bool, viewers: int, breaking: Faults, gateways: int
) -> report.Report:
    async with housed(folder, gateways=gateways, viewers=viewers > 0) as house:
        screen.say(f"serving on {house.url}")
        return await play(house, piece, folder, screen.show, burst=burst, viewers=viewers, breaking=breaking)


async def _elsewhere(cast: Cast, screen: Screen) -> report.Report:
    async with simulating(cast) as simulator:
        async for event in simulator.events():
            screen.show(event)
    return report.from_outside(json.loads(cast.figures.read_text("utf-8")))

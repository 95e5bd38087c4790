"""`leitai chain`: everything from a nation's nominations to its certificates, and a report."""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from leitai.cli.chaining.people import Size
from leitai.cli.chaining.report import ChainReport
from leitai.cli.chaining.whole import Chain, Teller
from leitai.cli.rehearsal.house import housed
from leitai.cli.rehearsal.screen import Screen
from leitai.cli.rehearsal.simulator import Event

app = App(
    name="chain",
    help="全程试考：推荐、抽签、比赛、奖项、证书 · Everything from nominations to certificates, simulated",
)
_WORDS = {
    "staff": "工作人员 staff",
    "evidence": "练兵数据与能手库 practice and pool",
    "uploads": "各省同时上传 uploads",
    "freeze": "冻结名单 freeze",
    "draw": "抽签 draw",
    "roster": "参赛名单 roster",
    "paper": "试卷 paper",
    "tickets": "准考证 tickets",
    "contest": "比赛 contest",
    "final": "定榜 final",
    "awards": "奖项 awards",
    "certificates": "证书 certificates",
    "bundle": "成绩包 bundle",
}


@app.default
def chain(
    *,
    provinces: Annotated[int, Parameter(help="how many delegations take part, 1 to 32")] = 32,
    named: Annotated[int, Parameter(help="named by each province")] = 15,
    nominated: Annotated[int, Parameter(help="nominated by each province")] = 100,
    places: Annotated[int, Parameter(help="drawn of these")] = 35,
    items: Annotated[int, Parameter(help="items of the paper")] = 20,
    seconds_per_item: Annotated[int, Parameter(help="length of each item's window")] = 8,
    seed: Annotated[int, Parameter(help="decides the paper, and who answers what and when")] = 1,
    json_file: Annotated[Path | None, Parameter(name="--json", help="where the report goes")] = None,
    data: Annotated[Path | None, Parameter(help="keep stores, logs and journals here")] = None,
) -> None:
    """Play the whole chain on this machine. Ends with 1 when a check does not hold."""
    if not (1 <= provinces <= 32 and 0 <= named <= 15 and 1 <= places <= nominated <= 100):
        raise SystemExit("1-32 provinces, at most 15 named and 100 nominated, and no more places than nominated")
    size = Size(provinces, named, nominated, places, items, seconds_per_item, seed)
    folder = data or Path(tempfile.mkdtemp(prefix="leitai-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    try:
        with (
            Screen(provinces * size.seats, items) as screen,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            found = runner.run(_play(size, folder, Told(screen)))
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)
    print_report(found)
    if json_file is not None:
        json_file.write_text(json.dumps(msgspec.to_builtins(found), indent=2) + "\n", encoding="utf-8")
    raise SystemExit(0 if found.sound else 1)


async def _play(size: Size, folder: Path, teller: Teller) -> ChainReport:
    async with housed(folder, two_persons=True) as house, house.open_doors():
        return await Chain(house, size, folder, teller).run()


class Told:
    """Steps and the contest on the terminal."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def begin(self, step: str) -> None:
        """See `Teller.begin`."""
        self._screen.say(f"{_WORDS[step]} …")

    def end(self, step: str, seconds: float, found: str) -> None:
        """See `Teller.end`."""
        self._screen.say(f"{_WORDS[step]}: {seconds:.1f} s{'，' if found else ''}{found}")

    def show(self, event: Event) -> None:
        """See `Teller.show`."""
        self._screen.show(event)


def print_report(found: ChainReport) -> None:
    """Print a report as a table, the checks below the figures."""
    table = Table("field", "value", title="全程报告 chain report", title_style="green" if found.sound else "red")
    for name, value in msgspec.structs.asdict(found).items():
        if not isinstance(value, dict):
            table.add_row(name, str(value))
    for name, count in found.awards.items():
        table.add_row(f"awards.{name}", str(count))
    for name, holds in found.checks.items():
        table.add_row(f"✓ {name}" if holds else f"✗ {name}", "", style="" if holds else "red")
    Console(stderr=True).print(table)

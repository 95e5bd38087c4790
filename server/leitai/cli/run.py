"""`leitai run`: a nationwide contest on this machine, with one seat kept for whoever sits before it."""

import asyncio
import csv
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.panel import Panel

from leitai.cli.rehearsal.house import House, housed
from leitai.cli.rehearsal.screen import Screen
from leitai.cli.rehearsal.simulator import Cast, SimulationFailed, simulating
from leitai.office.bank import BankEntry
from leitai.office.contests import Seat
from leitai.office.demo import prepare_demo
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.resources import NotShippedError, shipped
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import Micros, Pacing
from leitai.stores.postgres.draw_store import PostgresDraws
from leitai.supervisor import stop_signals

app = App(name="run", help="在本机办一场全国比赛并留一个座位给您 · Run a contest here with one seat for you")

After = Literal["stay", "again", "end"]
_OUR_DELEGATION = "110000"
_SHOWN_AFTER_S = 20.0


@app.default
def run(
    *,
    contestants: Annotated[int, Parameter(help="how many take part, you among them")] = 1600,
    items: Annotated[int, Parameter(help="items of the paper")] = 20,
    seconds_per_item: Annotated[int | None, Parameter(help="length of every window; each type's own if not given")] = (
        None
    ),
    starts_in: Annotated[int, Parameter(help="seconds until the contest starts")] = 60,
    pacing: Literal["streamed", "paper"] = "streamed",
    after: Annotated[After, Parameter(help="after the contest: stay up, run one again, or end")] = "stay",
    gateways: Annotated[int, Parameter(help="gateway processes on the one port")] = 1,
    port: Annotated[int, Parameter(help="on the loopback address; another is taken when it is in use")] = 8000,
    data: Annotated[Path, Parameter(help="where everything is kept; the same folder resumes the same data")] = Path(
        "data"
    ),
) -> None:
    """Start the stores and the server, and a contest a minute later whose other contestants are simulated."""
    if contestants < 1:
        raise SystemExit("at least one contestant must take part")
    if gateways < 1:
        raise SystemExit("at least one gateway must serve")
    data.mkdir(parents=True, exist_ok=True)
    wish = _Wish(contestants, items, seconds_per_item, starts_in, Pacing(pacing), after)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(data, port, wish, gateways))


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be played, as asked for on the command line."""

    contestants: int
    items: int
    seconds_per_item: int | None
    starts_in: int
    pacing: Pacing
    after: After


async def _run(data: Path, port: int, wish: _Wish, gateways: int) -> None:
    console = Console()
    async with stop_signals() as stopped:
        ended = asyncio.create_task(stopped.wait())
        console.print("正在启动存储与服务… Starting stores and server…")
        async with housed(data, port, gateways=gateways, practice=True, monthly=True) as house:
            playing = asyncio.create_task(_contests(console, house, data, wish))
            await asyncio.wait({ended, playing}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
            else:
                console.print("正在停止… Stopping…")
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
        ended.cancel()
    console.print("已停止。Stopped.")


async def _contests(console: Console, house: House, data: Path, wish: _Wish) -> None:
    """Play one contest, or one after another; what stays up is stopped from outside."""
    first = True
    while first or wish.after == "again":
        start_us = Micros(time.time_ns() // 1000 + wish.starts_in * 1_000_000)
        demo = await prepare_demo(
            house.parts.office,
            PostgresDraws(house.parts.database),
            house.parts.codes,
            shipped("examples"),
            contestants=wish.contestants,
            items=wish.items,
            seconds_per_item=wish.seconds_per_item,
            start_us=start_us,
            pacing=wish.pacing,
        )
        seats = [seat for seat in demo.seats if not seat.struck]
        ours = next((seat for seat in seats if seat.delegation == _OUR_DELEGATION), seats[0])
        cast = Cast(house.url, _folder(data), studied=True)
        _write_studied(cast.bank, await house.parts.office.bank())
        _write_credentials(cast.credentials, [seat for seat in seats if seat is not ours])
        if first:
            await house.supervisor.start()
        first = False
        try:
            await house.ready()
            await _contest(
                console, house, cast, ours, len(seats) - 1, wish.items, start_us, await _first_of_staff(house)
            )
        except BaseException:
            await house.supervisor.stop()
            raise
    try:
        if wish.after == "stay":
            console.print(f"比赛结束，结果见 {house.url}/results 。按 Ctrl-C 停止。 The contest is over; Ctrl-C stops.")
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(_SHOWN_AFTER_S)
    finally:
        await house.supervisor.stop()


async def _contest(
    console: Console, house: House, cast: Cast, ours: Seat, others: int, items: int, start_us: int, invitation: str
) -> None:
    starts_at = datetime.fromtimestamp(start_us / 1e6).astimezone()
    lines = [
        f"比赛页面 Contest     {house.url}/contest",
        f"排行榜   Boards      {house.url}/board",
        f"结果公布 Results     {house.url}/results",
        "",
        f"您的座位 Your seat   {ours.name}",
        f"准考证号 Number      {ours.admission_no}",
        f"登录码   Code        {ours.code}",
        "",
        f"开始时间 Starts at   {starts_at:%H:%M:%S %Z}",
        "",
        f"工作人员 Staff       {house.office_url}/",
        f"日常练兵 Practice    {house.practice_url}/",
    ]
    if invitation:
        lines.append(f"邀请码   Invitation  admin  {invitation}")
    try:
        shipped("client")
    except NotShippedError:
        lines.append("页面尚未构建，请先运行 make client 。 The pages are not built: run make client.")
    console.print(Panel("\n".join(lines), title="擂台 Leitai", expand=False))
    if others == 0:
        await asyncio.get_running_loop().create_future()
    with Screen(others, items) as screen:
        try:
            async with simulating(cast) as simulator:
                async for event in simulator.events():
                    screen.show(event)
        except SimulationFailed as failure:
            console.print(f"模拟选手意外结束（{failure.status}），比赛继续。 The simulated contestants left.")


async def _first_of_staff(house: House) -> str:
    """Return the code with which the first administrator, `admin`, comes in; empty when there are staff already."""
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    if any(one.password for one in await staff.all()):
        return ""
    if known := next((one for one in await staff.all() if one.login == "admin"), None):
        return (await staff.invite_again("leitai run", known.staff_id))[1]
    change = StaffChange("管理员", frozenset({Role.ADMINISTRATOR}), NO_DELEGATION, disabled=False)
    return (await staff.invite("leitai run", "admin", change))[1]


def _folder(data: Path) -> Path:
    folder = data / "simulated"
    folder.mkdir(exist_ok=True)
    return folder


def _write_studied(path: Path, bank: Sequence[BankEntry]) -> None:
    """Write what the simulated contestants may know: they studied the published bank, each as well as they could."""
    studied: dict[str, list[str]] = {}
    for entry in bank:
        key = entry.question.key
        studied[entry.question.stem] = [blank[0] for blank in key.blanks] if key.blanks else sorted(key.options)
    path.write_text(json.dumps(studied, ensure_ascii=False), "utf-8")


def _write_credentials(path: Path, seats: Sequence[Seat]) -> None:
    """Write the simulated contestants' codes, for their process only."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("admission_no", "code"))
        writer.writerows((seat.admission_no, seat.code) for seat in seats)

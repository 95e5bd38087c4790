"""The office at the command line: `leitai roster`, `session`, `recompute`, `migrate`.

All of them speak to the database that the configuration names (LEITAI_DATABASE_URL, LEITAI_SECRET_KEY, or --config).
Exit status 1: the file or the request was refused, and nothing was changed.
"""

import asyncio
import getpass
import secrets
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape

from leitai.cli.desk import (
    SHOWN,
    Config,
    Owner,
    count_rows,
    open_office,
    outcome,
    read_file,
    tell_problems,
    write_private,
)
from leitai.config import read_settings
from leitai.office import papers, sheets
from leitai.office.contests import Seat, create_contest_session, reissue_codes
from leitai.office.results import recompute
from leitai.office.roster import Struck, import_nominations, import_roster
from leitai.office.session_ports import SessionSettings
from leitai.resources import shipped
from leitai.rules.values import ActorId, Counted, Micros, Pacing, SessionId
from leitai.stores.postgres.migrations import migrate
from leitai.stores.postgres.paper_seal import seal_what_lies_open
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault

roster = App(name="roster", help="参赛名单与准考证 · Rosters and admission slips")
session = App(name="session", help="场次 · Sessions")
recompute_app = App(name="recompute", help="从数据库重算名次 · Recompute standings from the database")
UNIFIED = "全国统一在线比试"
"""What a session of the nation's is called unless said."""
migrate_app = App(name="migrate", help="更新数据库结构 · Bring the database to this program's schema")


@roster.command(name="import")
async def roster_import(
    file: Path,
    *,
    contest: int,
    nominations: bool = False,
    dry_run: bool = False,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Make a file (.xlsx, .csv) the roster of a contest, or with --nominations its provinces' lists."""
    async with open_office(config, owner) as (store, _, console):
        data = await read_file(file, console)
        who = getpass.getuser()
        if nominations:
            listed = await import_nominations(store, contest, file.name, data, actor=who, dry_run=dry_run)
            accepted, refused, struck, done = len(listed.file.accepted), listed.refused, listed.struck, listed.committed
        else:
            report = await import_roster(store, contest, file.name, data, actor=who, dry_run=dry_run)
            accepted, refused, struck = len(report.file.accepted), report.file.refused, report.struck
            done = report.contestants is not None
        tell_problems(console, refused)
        _struck(console, struck)
        console.print(
            f"可用 accepted {accepted}，拒绝 refused {count_rows(refused)}，"
            f"取消资格 struck off {len(struck)}（不再递补）"
        )
        outcome(console, dry_run, done)


@roster.command(name="sheet")
async def roster_sheet(
    session_id: Annotated[int, Parameter(name="--session")],
    *,
    html: Path | None = None,
    csv: Path | None = None,
    address: str = "http://127.0.0.1:8000",
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Give a session new access codes and write them out. The codes before open nothing any more."""
    async with open_office(config, owner) as (store, codes, console):
        record = await store.session(SessionId(session_id))
        seats = await reissue_codes(store, codes, record.session_id)
        await store.audit(getpass.getuser(), "reissue-codes", f"session {session_id}", {"seats": len(seats)})
        names = {delegation.code: delegation.name for delegation in await store.delegations()}
        page = sheets.slips(record.contest.title, record.title, record.start_us, address, seats, names)
        await _write(console, page, sheets.table(seats, names), html, csv)


@session.command(name="create")
async def session_create(
    *,
    contest: int | None = None,
    contest_title: str = "",
    organizer: str = "",
    year: int = 0,
    roster_file: Annotated[Path | None, Parameter(name="--roster")] = None,
    title: Annotated[
        str, Parameter(help="the contest's own when left out, in the nation's house 全国统一在线比试")
    ] = "",
    start: Annotated[datetime | None, Parameter(help="local time, e.g. 2022-09-28T09:30:00")] = None,
    items: int = 80,
    all_types: bool = False,
    seed: str = "",
    pacing: Pacing = Pacing.STREAMED,
    html: Path | None = None,
    csv: Path | None = None,
    address: str = "http://127.0.0.1:8000",
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Create a session of a contest (a new one with --contest-title and --year) and write its admission slips."""
    async with open_office(config, owner) as (store, codes, console):
        who = getpass.getuser()
        # Whoever knows the seed and the bank knows the paper: nobody shall guess it.
        seed = seed or secrets.token_hex(16)
        mix = papers.FULL_MIX if all_types else papers.STANDARD_MIX
        lines = papers.assemble(await store.bank(), papers.share_out(items, mix), seed)
        if contest is None:
            contest = await store.create_contest(contest_title, organizer, year or datetime.now().astimezone().year)
            console.print(f"比赛 contest {contest}")
        held = await store.contest(contest)
        title = title or (held.title if held.owner else UNIFIED)
        if roster_file is not None:
            data = await read_file(roster_file, console)
            report = await import_roster(store, contest, roster_file.name, data, actor=who, dry_run=False)
            tell_problems(console, report.file.refused)
            _struck(console, report.struck)
            if report.contestants is None:
                outcome(console, False, False)
        begins = start.timestamp() if start else time.time() + 3600
        start_us = Micros(round(begins * 1e6))
        paper_id = await store.create_paper(f"{title}试卷", seed, lines, ActorId(who))
        length_s = sum(line.seconds for line in lines) if pacing is Pacing.PAPER else 0
        settings = SessionSettings(
            title=title,
            start_us=start_us,
            lobby_opens_us=Micros(start_us - 1_800_000_000),
            pacing=pacing,
            counted=Counted.FIRST if pacing is Pacing.STREAMED else Counted.LAST,
            duration_us=Micros(length_s * 1_000_000),
        )
        created = await create_contest_session(store, codes, contest, paper_id, settings)
        await store.audit(who, "create-session", f"session {created.session_id}", {"contest": contest})
        console.print(f"场次 session {created.session_id}（比赛 contest {contest}，{len(created.seats)} 人 seats）")
        if html or csv:
            names = {delegation.code: delegation.name for delegation in await store.delegations()}
            page = sheets.slips(held.title, title, start_us, address, _sitting(created.seats), names)
            await _write(console, page, sheets.table(created.seats, names), html, csv)


@recompute_app.default
async def recompute_session(session_id: int, *, owner: Owner = None, config: Config = None) -> None:
    """Write the canonical standings of a session to standard output, from PostgreSQL alone."""
    async with open_office(config, owner) as (store, _, _console):
        standings = await recompute(store, SessionId(session_id))
    sys.stdout.buffer.write(standings + b"\n")


@migrate_app.default
async def migrate_database(*, config: Config = None) -> None:
    """Apply the migrations that the database does not have, and seal the papers of before papers were sealed."""
    settings = read_settings(config)
    await migrate(settings.database_url, shipped("sql"))
    database = Database(settings.database_url, timeout_s=60)
    try:
        await seal_what_lies_open(database, Vault(settings.server_key))
    finally:
        await database.close()


async def _write(console: Console, page: str, table: str, html: Path | None, csv: Path | None) -> None:
    for path, text in ((html, page), (csv, table)):
        if path is not None:
            await asyncio.to_thread(write_private, path, text.encode())
            console.print(f"已写入 written: {escape(str(path))}")


def _sitting(seats: Sequence[Seat]) -> list[Seat]:
    return [seat for seat in seats if not seat.struck]


def _struck(console: Console, struck: Sequence[Struck]) -> None:
    for one in struck[:SHOWN]:
        console.print(f"取消资格 struck off: {escape(str(one.place))} {escape(one.name)}：{escape(one.reason)}")

"""The year-round practice at the command line: `leitai practice titles`, `boards`, `organisations`, `evidence`, …

Exit status 1: a file was refused, sums differ from the ledger, or lists are frozen.
"""

import csv
import getpass
import io
import secrets
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape

from leitai.cli.desk import SHOWN, Config, Owner, count_rows, of_the_nation, outcome, read_file, tell_problems
from leitai.config import read_settings
from leitai.office.importing.problems import FileRefused
from leitai.office.nominations.values import NominationRefused
from leitai.office.papers import NotEnoughQuestions
from leitai.office.practice.evidence import Evidence
from leitai.office.practice.monthly import Monthly, assemble_month
from leitai.office.practice.organisation_files import Organisations, TreeChanged
from leitai.office.practice.timing import SYSTEM_CLOCK
from leitai.office.practice.titles import Titles
from leitai.rules.beijing import BEIJING, beijing_day
from leitai.rules.monthly import MINUTES, MonthlyRefused, month_of
from leitai.rules.values import ActorId, DelegationCode
from leitai.stores.postgres.boards_store import BoardsStore
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.organisations_store import OrganisationsStore
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.rosters_store import PostgresPeople
from leitai.stores.postgres.titles_store import TitlesStore
from leitai.stores.postgres.vault import Vault
from leitai.wire.errors import ERRORS

_TIMEOUT_S = 600.0
"""A nation's ledger of a year takes minutes to sum."""
_DIFFERENCES = 10_000
HEAD = ("learner", "title", "starts_on", "earned_on", "days", "amount")

practice = App(name="practice", help="日常练兵 · The year-round practice")


@practice.command(name="titles")
async def practice_titles(
    *,
    as_of: Annotated[str, Parameter(help="a day, 2022-08-31; today when left out")] = "",
    keep: Annotated[bool, Parameter(help="keep those of this month and the last, as every night")] = False,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Write every title that is held at the end of a day as CSV, computed from the ledger: by learners' numbers."""
    async with _opened(config, owner) as (database, console):
        titles = Titles(TitlesStore(database), SYSTEM_CLOCK)
        day = _day(as_of)
        if keep:
            console.print(f"已保存 kept: {await titles.keep(day)}")
            return
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(HEAD)
        counted: Counter[str] = Counter()
        for learner_id, facts in sorted((await titles.everybody(day)).items()):
            for fact in facts:
                counted[fact.title.value] += 1
                row = (learner_id, fact.title.value, fact.starts_on, fact.earned_on, len(fact.days), fact.amount)
                writer.writerow(row)
        sys.stdout.write(out.getvalue())
        told = "，".join(f"{title} {number}" for title, number in sorted(counted.items())) or "0"
        console.print(f"截至 as of {day}: {told}")


@practice.command(name="boards")
async def practice_boards(
    *,
    mend: Annotated[bool, Parameter(help="put what the ledger has in place of what differs")] = False,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Compare the sums that boards are made of with the ledger."""
    async with _opened(config, owner) as (database, console):
        boards = BoardsStore(database)
        found = await boards.verify(_DIFFERENCES)
        for one in found[:SHOWN]:
            console.print(
                f"{one.learner_id} {one.period.name.lower()} {one.starts_on}: "
                f"台账 ledger {one.centipoints}，合计 kept {one.kept_centipoints}"
            )
        if not found:
            console.print("积分合计与台账一致 · Sums hold to the ledger")
            return
        if mend:
            await boards.mend(found)
            console.print(f"已改正 mended: {len(found)}")
            return
        console.print(f"不一致 differ: {len(found)}")
        raise SystemExit(1)


@practice.command(name="organisations")
async def practice_organisations(
    file: Path, /, *, dry_run: bool = False, leave_out_refused: bool = False, owner: Owner = None, config: Config = None
) -> None:
    """Take a file of organisations in (.xlsx, .csv); for a province as its team leaders do: its own alone."""
    own = read_settings(config, owner=owner).owner
    async with _opened(config, owner, provinces_too=True) as (database, console):
        data = await read_file(file, console)
        report = await Organisations(OrganisationsStore(database)).take(
            file.name,
            data,
            actor=getpass.getuser(),
            own=DelegationCode(own) if own else None,
            dry_run=dry_run,
            leave_out=leave_out_refused,
        )
        tell_problems(console, report.refused)
        console.print(
            f"新增 new {report.added}，更新 changed {report.changed}，未变 unchanged {report.unchanged}，"
            f"拒绝 refused {count_rows(report.refused)}"
        )
        outcome(console, dry_run, report.committed or not (report.added or report.changed or report.refused))


@practice.command(name="evidence")
async def practice_evidence(*, contest: int, owner: Owner = None, config: Config = None) -> None:
    """Tell nominations of a contest what their people practised, up to today or 31 August of its year."""
    settings = read_settings(config, owner=owner)
    async with _opened(config, owner) as (database, console):
        people = PostgresPeople(database, Vault(settings.server_key))
        done = await Evidence(TitlesStore(database), people, SYSTEM_CLOCK.now_us).hand_over(contest, getpass.getuser())
        console.print(f"截至 as of {done.as_of}：核对到 found {done.matched} / {done.nominees}")


@practice.command(name="monthly")
async def practice_monthly(
    *,
    opens: Annotated[str, Parameter(help="from when it may be sat, in Beijing: 2022-08-25T09:00")],
    closes: Annotated[str, Parameter(help="until when, in the same month")],
    minutes: Annotated[int, Parameter(help="how long each sitting is")] = MINUTES,
    paper: Annotated[int, Parameter(help="a sealed paper; 0: one is assembled and sealed here")] = 0,
    seed: Annotated[str, Parameter(help="of the paper that is assembled; random when left out")] = "",
    title: str = "",
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Announce a month's 月月比, with a sealed paper or one of 38 不定项 and 12 判断 assembled from a seed.

    A paper that is assembled is sealed by the authority of whoever holds the machine, which is audited.
    """
    settings = read_settings(config, owner=owner)
    actor = getpass.getuser()
    async with _opened(config, owner) as (database, console):
        vault = Vault(settings.server_key)
        opens_us, closes_us = _instant(opens), _instant(closes)
        name = title or f"{opens[:7]} 月月比"
        try:
            # Before a paper is made for it that nobody needs.
            month_of(opens_us, closes_us, minutes * 60_000_000)
            if not paper:
                office = PostgresOffice(database, vault)
                grown = seed or secrets.token_hex(8)
                lines = assemble_month(await office.bank(), grown)
                paper = await office.create_paper(f"{name}试卷", grown, lines, ActorId(actor))
            monthly = Monthly(PostgresMonthly(database, vault), SYSTEM_CLOCK)
            session_id = await monthly.schedule(name, paper, opens_us, closes_us, minutes, actor)
        except NotEnoughQuestions as short:
            console.print(f"试题不足 too few questions: {short.question_type.value} {short.available} / {short.wanted}")
            raise SystemExit(1) from short
        console.print(f"已安排 scheduled: {name}，场次 session {session_id}，试卷 paper {paper}")


@asynccontextmanager
async def _opened(
    config: Path | None, owner: str | None, *, provinces_too: bool = False
) -> AsyncGenerator[tuple[Database, Console]]:
    settings = read_settings(config, owner=owner)
    if not provinces_too:
        of_the_nation(settings, "日常练兵", "The year-round practice is")
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    database = Database(settings.database_url, timeout_s=_TIMEOUT_S)
    try:
        yield database, console
    except FileRefused as refused:
        console.print(f"{escape(refused.say('zh-CN'))}\n{escape(refused.say('en'))}")
        raise SystemExit(1) from refused
    except (MonthlyRefused, NominationRefused, TreeChanged) as refused:
        text = ERRORS[refused.code]
        console.print(f"[{refused.code}] {text.zh} {text.en}", markup=False)
        raise SystemExit(1) from refused
    except KeyError as missing:
        console.print(f"没有找到 · Not found: {missing.args[0]}")
        raise SystemExit(1) from missing
    finally:
        await database.close()


def _day(text: str) -> date:
    if not text:
        return beijing_day(SYSTEM_CLOCK.now_us())
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SystemExit(f"日期应写作 2022-08-31 · A day is written 2022-08-31: {text}") from None


def _instant(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()) * 1_000_000
    except ValueError:
        raise SystemExit(f"时间应写作 2022-08-25T09:00 · An instant is written 2022-08-25T09:00: {text}") from None

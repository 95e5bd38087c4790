"""Awards at the command line: `leitai awards show`, `leitai awards print`. Two persons publish, at the pages.

Exit status 1: there is nothing of the kind, or it cannot be printed; nothing was written.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from cyclopts import App
from rich.console import Console
from rich.markup import escape

from leitai.cli.desk import Config, Owner, write_private
from leitai.config import read_settings
from leitai.office.awards import views
from leitai.office.awards.printing import Busy, NotDefinite, Printing, Unprintable
from leitai.office.awards.procedure import AwardsOffice, NotToBeSeenYet
from leitai.office.awards.wording import award_said
from leitai.office.printing.fonts import look_in
from leitai.office_parts import awards_office
from leitai.rules.values import SessionId
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.printing_store import PostgresPrints
from leitai.stores.postgres.vault import Vault

app = App(name="awards", help="奖项：核对、打印 · Awards: look through, print")


@asynccontextmanager
async def _opened(config: Path | None, owner: str | None) -> AsyncGenerator[tuple[AwardsOffice, Printing, Console]]:
    settings = read_settings(config, owner=owner)
    look_in(settings.fonts)
    console = Console(soft_wrap=True, highlight=False)
    database = Database(settings.database_url, timeout_s=60, owner=settings.owner)
    try:
        vault = Vault(settings.server_key)
        office, _ = awards_office(database, vault, settings)
        yield office, Printing(office, min(settings.allowed_origins), PostgresPrints(database, vault)), console
    except (KeyError, NotToBeSeenYet) as missing:
        console.print("没有这个场次，或尚未进入复核 · No such session, or it is not under review yet")
        raise SystemExit(1) from missing
    finally:
        await database.close()


@app.command
async def show(
    session: int, *, delegation: str = "", award: str = "", owner: Owner = None, config: Config = None
) -> None:
    """Tell who is awarded what and why, and what holds a publication up."""
    async with _opened(config, owner) as (office, _, console):
        computed = await office.computed(SessionId(session))
        names = await office.delegations()
        for one in views.blockers(computed, names):
            console.print(f"待裁定 {one.code}: {escape('、'.join(one.names))} {one.delegation}")
        for short in computed.listed.shortfalls:
            console.print(f"缺额 short: {award_said(short.kind)} {short.eligible}/{short.quota} {short.delegation}")
        for line in views.chosen(computed.lines, delegation, award):
            told = views.why(computed, line)
            what = award_said(told.kind) if told.verdict == "awarded" else told.verdict
            if computed.record.contest.owner:
                places = f"第 {told.national_place} 位"
            else:
                places = f"全国 {told.national_place}，本省 {told.province_place}，顺延后 {told.after_passing}"
            console.print(f"{told.delegation} {escape(told.name)} {what} {places}")
        for team in computed.listed.teams:
            console.print(f"{team.place} {escape(team.name)} {award_said(team.kind)}")


@app.command(name="print")
async def print_(
    session: int, file: Path, *, plaques: bool = False, delegation: str = "", owner: Owner = None, config: Config = None
) -> None:
    """Write certificates, or with --plaques those of the teams, to a .pdf, or one each to a .zip."""
    if file.suffix not in (".pdf", ".zip"):
        raise SystemExit("文件名须以 .pdf 或 .zip 结尾 · The name must end in .pdf or .zip")
    async with _opened(config, owner) as (_, printing, console):
        form = "plaque" if plaques else "certificate"
        try:
            job = await printing.start(SessionId(session), form, file.suffix[1:], delegation)
        except NotDefinite as none:
            console.print("奖项尚未确定，或没有可打印的 · The awards are not definite, or there is nothing to print")
            raise SystemExit(1) from none
        except Unprintable as lacking:
            for text, missing in lacking.texts:
                console.print(f"字库缺字 not in the fonts: {escape(text)}（{missing}）")
            raise SystemExit(1) from lacking
        except Busy as busy:
            console.print("正在打印，请稍后再试 · Something is being printed; try again later")
            raise SystemExit(1) from busy
        await printing.close()
        try:
            _, content = await printing.file(job.job_id)
        except KeyError as failed:
            raise SystemExit(1) from failed
        await asyncio.to_thread(write_private, file, content)
        console.print(f"已写入 {job.total} 份 written: {escape(str(file))}")

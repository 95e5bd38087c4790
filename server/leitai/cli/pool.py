"""The expert pool at the command line: `leitai pool import`, `export`, `key`, `register`, `mailbox`.

Exit status 1: a file was refused, and nothing was changed.
"""

import asyncio
import base64
import getpass
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape

from leitai.cli.desk import SHOWN, Config, count_rows, done_or_not, outcome, read_file, tell_problems, write_private
from leitai.config import read_settings
from leitai.office.identity import IdentityHash
from leitai.office.importing.problems import FileRefused
from leitai.office.pool.files import PoolFileRefused
from leitai.office.pool.pool import Pool, PoolRefused
from leitai.office.pool.sealing import key_id, new_key, read_key
from leitai.office.pool.sync import Synchronisation, SyncReport
from leitai.rules.values import DelegationCode
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.pool_store import PoolRecords
from leitai.stores.postgres.vault import Vault
from leitai.wire.errors import ERRORS

pool = App(name="pool", help="能手库 · The expert pool")


@pool.command(name="import")
async def pool_import(
    file: Path, /, *, dry_run: bool = False, leave_out_refused: bool = False, config: Config = None
) -> None:
    """Take a file in: a province's signed file, or a table of history (.xlsx, .csv), told by what is in it."""
    async with _opened(config) as (people, sync, console):
        data = await read_file(file, console)
        who = getpass.getuser()
        if data.startswith(b'{"'):
            report = await sync.take(data, actor=who, dry_run=dry_run)
            _tell(console, report)
            console.print(done_or_not(dry_run, report.committed))
            return
        found = await people.import_history(
            file.name, data, actor=who, own=None, dry_run=dry_run, leave_out_refused=leave_out_refused
        )
        tell_problems(console, found.refused)
        console.print(
            f"可用 accepted {found.rows}，拒绝 refused {count_rows(found.refused)}；新增 new {found.plan.added}，"
            f"更新 changed {found.plan.changed}，未变 unchanged {found.plan.unchanged}，"
            f"可能重复 possibly known {len(found.plan.possible)}"
        )
        outcome(console, dry_run, found.committed or not (found.plan.changes or found.refused))


@pool.command(name="export")
async def pool_export(
    file: Path,
    /,
    *,
    province: str,
    key: Annotated[Path, Parameter(help="the province's private key (PEM)")],
    mailbox: Annotated[str, Parameter(help="the ministry's public key for numbers, in base64")],
    sequence: Annotated[int, Parameter(help="greater than in every file before; by the clock when left out")] = 0,
    config: Config = None,
) -> None:
    """Write a province's pool into a signed file for the ministry."""
    async with _opened(config) as (_, sync, console):
        try:
            signing = read_key(await read_file(key, console))
        except ValueError:
            raise PoolRefused("pool-key-unreadable") from None
        data = await sync.export(getpass.getuser(), DelegationCode(province), signing, mailbox, sequence)
        await asyncio.to_thread(write_private, file, data)
        console.print(f"已写入 written: {escape(str(file))}，{data.count(10) - 2} 人 people")


@pool.command(name="key")
def pool_key(file: Path, /) -> None:
    """Make a province's key: its private half into a file that only its owner reads, the public half told."""
    if file.exists():
        raise SystemExit(f"文件已存在 · It exists: {file}")
    pem, public = new_key()
    write_private(file, pem.encode())
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"密钥 key      {key_id(public)}")
    console.print(f"公钥 public   {base64.b64encode(public).decode()}")


@pool.command(name="register")
async def pool_register(province: str, public: str, /, *, config: Config = None) -> None:
    """Register a province's public key at the ministry."""
    async with _opened(config) as (_, sync, console):
        name = await sync.register_key(getpass.getuser(), DelegationCode(province), public)
        console.print(f"已登记 registered: {province} {name}")


@pool.command(name="mailbox")
async def pool_mailbox(*, config: Config = None) -> None:
    """Print the ministry's public key, for which provinces seal numbers."""
    async with _opened(config) as (_, sync, _console):
        print(sync.mailbox)


@asynccontextmanager
async def _opened(config: Path | None) -> AsyncGenerator[tuple[Pool, Synchronisation, Console]]:
    settings = read_settings(config)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    database = Database(settings.database_url, timeout_s=60)
    try:
        people = Pool(PoolRecords(database, Vault(settings.server_key)), IdentityHash(settings.server_key))
        yield people, Synchronisation(people, settings.server_key), console
    except FileRefused as refused:
        console.print(f"{escape(refused.say('zh-CN'))}\n{escape(refused.say('en'))}")
        raise SystemExit(1) from refused
    except (PoolRefused, PoolFileRefused) as refused:
        text = ERRORS[refused.code]
        line = f"{refused.line}: " if isinstance(refused, PoolFileRefused) and refused.line else ""
        console.print(f"{line}[{refused.code}] {text.zh} {text.en}", markup=False)
        raise SystemExit(1) from refused
    except KeyError as missing:
        console.print(f"没有找到 · Not found: {missing.args[0]}")
        raise SystemExit(1) from missing
    finally:
        await database.close()


def _tell(console: Console, report: SyncReport) -> None:
    if report.repeated:
        console.print("该文件此前已收过，未作改动 · This very file was taken in before; nothing was changed")
    for one in report.left_out[:SHOWN]:
        console.print(f"未收入 left out, line {one.line} [{one.code}]: {one.sentence}", markup=False)
    console.print(
        f"省份 province {report.province}，序号 sequence {report.sequence}，人数 people {report.people}："
        f"新增 new {report.added}，更新 changed {report.changed}，未变 unchanged {report.unchanged}，"
        f"未收入 left out {len(report.left_out)}，可能重复 possibly known {len(report.possible)}"
    )

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

from leitai.cli.desk import (
    SHOWN,
    Config,
    Owner,
    count_rows,
    done_or_not,
    of_the_nation,
    outcome,
    read_file,
    tell_problems,
    write_private,
)
from leitai.config import Settings, read_settings
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
    file: Path,
    /,
    *,
    dry_run: bool = False,
    leave_out_refused: bool = False,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Take a file in: a province's signed file, or a table of history (.xlsx, .csv), told by what is in it.

    For a province as its team leaders do: a table of its own people alone.
    """
    settings = read_settings(config, owner=owner)
    async with _opened(settings) as (people, sync, console):
        data = await read_file(file, console)
        who = getpass.getuser()
        if data.startswith(b'{"'):
            of_the_nation(settings, "收各省的签名文件", "Taking provinces' signed files is")
            report = await sync.take(data, actor=who, dry_run=dry_run)
            _tell(console, report)
            console.print(done_or_not(dry_run, report.committed))
            return
        found = await people.import_history(
            file.name,
            data,
            actor=who,
            own=DelegationCode(settings.owner) if settings.owner else None,
            dry_run=dry_run,
            leave_out_refused=leave_out_refused,
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
    province: Annotated[str, Parameter(help="its code; the owner's when left out")] = "",
    key: Annotated[Path, Parameter(help="the province's private key (PEM)")],
    mailbox: Annotated[str, Parameter(help="the ministry's public key for numbers, in base64")],
    sequence: Annotated[int, Parameter(help="greater than in every file before; by the clock when left out")] = 0,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Write a province's pool into a signed file for the ministry."""
    settings = read_settings(config, owner=owner)
    province = province or settings.owner
    if not province or (settings.owner and province != settings.owner):
        raise SystemExit(
            f"请用 --province 指定省份；在各省只能是本省 · Give a --province; in a house its own, {settings.owner}"
            if settings.owner
            else "请用 --province 指定省份 · Give a --province"
        )
    async with _opened(settings) as (_, sync, console):
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
async def pool_register(province: str, public: str, /, *, owner: Owner = None, config: Config = None) -> None:
    """Register a province's public key at the ministry."""
    settings = read_settings(config, owner=owner)
    of_the_nation(settings, "登记公钥", "Registering keys is")
    async with _opened(settings) as (_, sync, console):
        name = await sync.register_key(getpass.getuser(), DelegationCode(province), public)
        console.print(f"已登记 registered: {province} {name}")


@pool.command(name="mailbox")
async def pool_mailbox(*, owner: Owner = None, config: Config = None) -> None:
    """Print the ministry's public key, for which provinces seal numbers; the same in every house."""
    async with _opened(read_settings(config, owner=owner)) as (_, sync, _console):
        print(sync.mailbox)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[tuple[Pool, Synchronisation, Console]]:
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    # One pool holds every province's people; what a province may do in it goes by their delegation.
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

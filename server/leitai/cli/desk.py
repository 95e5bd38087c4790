"""What the office's commands share: the store, files in and out, and how refusals are told."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape

from leitai.config import Settings, read_settings
from leitai.office import papers
from leitai.office.accounts import AccessCodes
from leitai.office.importing.problems import FileRefused, Problem
from leitai.office.ports import AlreadyThere
from leitai.rules.provinces import PROVINCES
from leitai.rules.values import DelegationCode
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault

Config = Annotated[Path | None, Parameter(help="TOML file of settings")]
Owner = Annotated[
    str | None,
    Parameter(
        help="whose house: a province's code such as 130000, empty the nation's; as LEITAI_OWNER says if not given"
    ),
]
SHOWN = 30
"""Lines of a list that are told at most."""


@asynccontextmanager
async def open_office(
    config: Path | None, owner: str | None = None
) -> AsyncGenerator[tuple[PostgresOffice, AccessCodes, Console]]:
    """Open the office's store in a house; what it refuses ends the program with status 1 and the reason."""
    settings: Settings = read_settings(config, owner=owner)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    database = Database(settings.database_url, timeout_s=60, owner=settings.owner)
    try:
        yield PostgresOffice(database, Vault(settings.server_key)), AccessCodes(settings.server_key), console
    except FileRefused as refused:
        console.print(f"{escape(refused.say('zh-CN'))}\n{escape(refused.say('en'))}")
        raise SystemExit(1) from refused
    except papers.NotEnoughQuestions as short:
        console.print(
            f"题库中{short.question_type.value}不足：需要 {short.wanted}，现有 {short.available} · "
            f"The bank has {short.available} of {short.wanted} {short.question_type.value} questions"
        )
        raise SystemExit(1) from short
    except AlreadyThere as there:
        console.print(f"已存在，不能重复导入 · Already there: {there.args[0]}")
        raise SystemExit(1) from there
    except KeyError as missing:
        console.print(f"没有找到 · Not found: {missing.args[0]}")
        raise SystemExit(1) from missing
    finally:
        await database.close()


def of_the_nation(settings: Settings, zh: str, en: str) -> None:
    """End the program with status 1 in a province's house: what is asked for is the nation's alone."""
    if settings.owner:
        home = PROVINCES[DelegationCode(settings.owner)]
        raise SystemExit(
            f"{zh}是全国的，{home}没有自己的：请不要设置 LEITAI_OWNER 或 --owner · "
            f"{en} the nation's alone, and not of {settings.owner}: leave LEITAI_OWNER and --owner empty"
        )


async def read_file(file: Path, console: Console) -> bytes:
    """Return a file's bytes; one that cannot be read ends the program with status 1."""
    try:
        return await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        console.print(f"无法读取 · Cannot read {escape(str(file))}: {escape(str(error.strerror))}")
        raise SystemExit(1) from error


def write_private(path: Path, data: bytes) -> None:
    """Write codes or right answers: nobody else on this machine reads them."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(data)


def tell_problems(console: Console, refused: Sequence[Problem]) -> None:
    """Tell what was refused, where and why, in both languages."""
    if not refused:
        return
    for problem in refused[:SHOWN]:
        place = f"{problem.sheet}!{problem.row} [{problem.column}] {problem.code}"
        console.print(f"{escape(place)}: {escape(problem.say('zh-CN'))} · {escape(problem.say('en'))}")
    if len(refused) > SHOWN:
        console.print(f"…… {len(refused) - SHOWN} more")


def count_rows(refused: Sequence[Problem]) -> int:
    """Return how many rows have a problem."""
    return len({(problem.sheet, problem.row) for problem in refused})


def done_or_not(dry_run: bool, done: bool) -> str:
    """Return how an import ended."""
    if dry_run:
        return "试导入，未作改动 · Dry run, nothing was changed"
    return "已导入 · Imported" if done else "未导入 · Nothing was imported"


def outcome(console: Console, dry_run: bool, done: bool) -> None:
    """Tell how an import ended; one that was refused ends the program with status 1."""
    console.print(done_or_not(dry_run, done))
    if not (dry_run or done):
        raise SystemExit(1)

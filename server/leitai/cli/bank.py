"""The question bank at the command line: `leitai bank import`, `leitai bank export`."""

import asyncio
import getpass
from collections import Counter
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
    open_office,
    read_file,
    tell_problems,
    write_private,
)
from leitai.office.exporting.bank_export import export_bank
from leitai.office.exporting.formats import LEFT_OUT, Export, ExportFormat
from leitai.office.importing.answers import read_module
from leitai.office.importing.bank_import import BankReport, import_bank

bank = App(name="bank", help="题库 · The question bank")
_SUFFIXES = {
    ".xlsx": ExportFormat.XLSX,
    ".csv": ExportFormat.CSV,
    ".docx": ExportFormat.DOCX,
    ".txt": ExportFormat.TXT,
    ".gift": ExportFormat.GIFT,
    ".xml": ExportFormat.MOODLE,
    ".zip": ExportFormat.QTI,
}


@bank.command(name="import")
async def bank_import(
    file: Path,
    /,
    *more: Path,
    dry_run: bool = False,
    leave_out_refused: bool = False,
    module: Annotated[str, Parameter(help="目录 for questions whose file names none, e.g. 社会保险")] = "",
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Take question files into the bank, each whole, or nothing of it when a question is refused.

    .xlsx, .csv, .docx, .txt, GIFT, Aiken, Moodle XML, QTI packages: told by what is in them, whatever their names.
    """
    if module and read_module(module) is None:
        raise SystemExit(f"没有这个模块 · No such module: {module}")
    async with open_office(config, owner) as (store, _, console):
        refused = False
        for path in (file, *more):
            if more:
                console.print(escape(str(path)))
            report = await import_bank(
                store,
                path.name,
                await read_file(path, console),
                actor=getpass.getuser(),
                dry_run=dry_run,
                leave_out_refused=leave_out_refused,
                module=read_module(module) or "",
            )
            _tell(console, report)
            refused = refused or not (dry_run or report.commit is not None)
            console.print(done_or_not(dry_run, report.commit is not None))
        if refused:
            raise SystemExit(1)


@bank.command(name="export")
async def bank_export(
    file: Path,
    *,
    form: Annotated[ExportFormat | None, Parameter(name="--format", help="by the file's ending when left out")] = None,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Write the bank into a file, and say what its format cannot hold. It holds the right answers."""
    form = form or _SUFFIXES.get(file.suffix.casefold())
    if form is None:
        raise SystemExit(f"请用 --format 指定格式 · Give a --format for {file.name}")
    async with open_office(config, owner) as (store, _, console):
        entries = await store.bank()
        export = await asyncio.to_thread(export_bank, [entry.question for entry in entries], form)
        await asyncio.to_thread(write_private, file, export.data)
        held = {"format": form.value, "held": export.held, "left_out": len(export.left_out)}
        await store.audit(getpass.getuser(), "export-bank", file.name, held)
        _tell_export(console, export)
        console.print(f"已写入 written: {escape(str(file))}")


def _tell_export(console: Console, export: Export) -> None:
    for code, number in Counter(one.code for one in export.left_out).items():
        reason = LEFT_OUT[code]
        console.print(f"未写入 left out {number} [{code}]: {reason.say('zh-CN')} · {reason.say('en')}", markup=False)
        for one in [left for left in export.left_out if left.code == code][:SHOWN]:
            console.print(f"  {one.stem[:60]}", markup=False)
    for field, number in export.lost.items():
        if number:
            console.print(f"该格式没有的栏 not held by the format: {field} {number}")
    console.print(f"写入 held {export.held}，未写入 left out {len(export.left_out)}")


def _tell(console: Console, report: BankReport) -> None:
    tell_problems(console, report.file.refused)
    for duplicate in report.file.duplicates[:SHOWN]:
        console.print(f"重复 duplicate: {escape(str(duplicate.place))} = {escape(str(duplicate.first))}")
    for sheet in report.file.skipped:
        console.print(f"跳过（无表头的表、说明文字）skipped (no header, a description): {escape(sheet)}")
    console.print(
        f"可用 accepted {len(report.file.accepted)}（新增 new {report.added}，修订 revised {report.revised}，"
        f"未变 unchanged {report.unchanged}），拒绝 refused {count_rows(report.file.refused)}，"
        f"重复 duplicates {len(report.file.duplicates)}"
    )

"""The office's commands, as the handbook shows them, on a database of their own."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from leitai.resources import shipped
from leitai.stores.embedded.postgres import EmbeddedPostgres
from tests.support.stores import fresh_database

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook" / "office.md"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
async def run(postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[Run]:
    for name in ("question-bank.xlsx", "roster.xlsx", "nominations.xlsx"):
        (tmp_path / name).write_bytes((shipped("examples") / name).read_bytes())
    async with fresh_database(postgres) as dsn:
        environment = os.environ | {
            "LEITAI_DATABASE_URL": dsn,
            "LEITAI_VALKEY_URL": "redis://127.0.0.1:1",
            "LEITAI_SECRET_KEY": "5a" * 32,
            "COLUMNS": "200",
        }

        def command(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "leitai", *arguments],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )

        yield command


async def test_the_handbook_is_true(run: Run, tmp_path: Path) -> None:
    block = re.search(r"```console\n(.*?)```", HANDBOOK.read_text("utf-8"), re.DOTALL)
    assert block is not None
    outputs: dict[str, str] = {}
    for line in block[1].splitlines():
        done = await asyncio.to_thread(run, *line.split()[1:])
        assert done.returncode == 0, (line, done.stderr)
        outputs[line] = done.stderr + done.stdout
    said = "\n".join(outputs.values())
    assert "新增 new 377" in said
    assert "1600 人 seats" in said
    assert "可用 accepted 3680" in said
    assert '"individuals"' in said
    slips, seats = tmp_path / "slips.html", tmp_path / "seats.csv"
    assert slips.read_text("utf-8").count('<article class="slip">') == 1600
    assert len(seats.read_text("utf-8").splitlines()) == 1601
    assert slips.stat().st_mode & 0o077 == 0


async def test_a_refusal_says_why_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("题型,题干,选项,答案,目录\n单选,甲,A.一 B.二,C,就业创业\n", "utf-8")
    refused = await asyncio.to_thread(run, "bank", "import", "bad.csv")
    assert refused.returncode == 1
    assert "csv!2 [答案] answer-not-an-option: 答案 C 不在选项中。 · The answer C is not among the options." in (
        refused.stderr
    )
    (tmp_path / "no.xlsx").write_bytes(b"%PDF-1.7")
    for arguments, words in [
        (("bank", "import", "no.xlsx"), "This is not a file that can be imported"),
        (("bank", "import", "missing.xlsx"), "Cannot read"),
        (("roster", "import", "roster.xlsx", "--contest", "7"), "Not found: 7"),
        (("recompute", "7"), "Not found: 7"),
        (("session", "create", "--contest-title", "x", "--year", "2022"), "The bank has 0 of 40 single questions"),
    ]:
        done = await asyncio.to_thread(run, *arguments)
        assert (done.returncode, words in done.stderr) == (1, True), (arguments, done.stderr)


async def test_the_bank_goes_out_and_comes_in_again(run: Run, tmp_path: Path) -> None:
    assert (await asyncio.to_thread(run, "bank", "import", "question-bank.xlsx")).returncode == 0
    out = await asyncio.to_thread(run, "bank", "export", "bank.gift")
    assert (out.returncode, "写入 held 367，未写入 left out 10" in out.stderr) == (0, True), out.stderr
    assert (tmp_path / "bank.gift").stat().st_mode & 0o077 == 0
    (tmp_path / "bank.gift").rename(tmp_path / "no-name")
    back = await asyncio.to_thread(run, "bank", "import", "no-name", "question-bank.xlsx", "--dry-run")
    assert (back.returncode, "未变 unchanged 367" in back.stderr, "未变 unchanged 377" in back.stderr) == (
        0,
        True,
        True,
    )
    unknown = await asyncio.to_thread(run, "bank", "export", "bank.pdf")
    assert (unknown.returncode, "--format" in unknown.stderr) == (1, True)

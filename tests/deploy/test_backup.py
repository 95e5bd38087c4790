"""The commands of docs/operations.md back a database up and bring it back whole."""

import os
import re
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from leitai.office.results import recompute
from leitai.rules.values import Answer, AnswerStatus, ItemNo, Micros, SessionId
from leitai.stores.embedded import postgres_program
from leitai.stores.embedded.postgres import EmbeddedPostgres
from tests.support.office import START_US, Stores, small_session, stores_at
from tests.support.stores import fresh_database

OPERATIONS = (Path(__file__).parents[2] / "docs/operations.md").read_text("utf-8")


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


def _run(program: str, dsn: str, folder: Path) -> None:
    """Run the line of the page that begins with a program."""
    (line,) = re.findall(rf"^{program} .+$", OPERATIONS, re.MULTILINE)
    programs = postgres_program.installed() / "bin"
    done = subprocess.run(
        ["sh", "-euc", line],
        env={"PATH": f"{programs}:{os.environ['PATH']}", "LEITAI_DATABASE_URL": dsn},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def _answered(stores: Stores) -> SessionId:
    """A session with an answer of everybody to every item."""
    created = await small_session(stores)
    file = await stores.archive.load_session(created.session_id)
    answers = [
        Answer(
            member.sitting_id,
            item.item_no,
            number,
            tuple(sorted(item.key.options)),
            Micros(START_US + number),
            Micros(number * 1000),
            False,
            number,
            AnswerStatus.ACCEPTED,
        )
        for number, (member, item) in enumerate(
            ((member, item) for member in file.members for item in file.plan.items), 1
        )
    ]
    await stores.archive.record_answers(file.session_id, 0, "1-1", answers)
    return file.session_id


async def test_a_restored_database_holds_the_same_contest(
    stores: Stores, database: str, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    session_id = await _answered(stores)
    _run("pg_dump", database, tmp_path)
    async with fresh_database(postgres, "template1") as elsewhere:
        _run("pg_restore", elsewhere, tmp_path)
        async with stores_at(elsewhere) as restored:
            assert await recompute(restored.office, session_id) == await recompute(stores.office, session_id)
            assert await restored.archive.load_session(session_id) == await stores.archive.load_session(session_id)
            assert await restored.office.sittings(session_id) == await stores.office.sittings(session_id)
            # What was a record is one again.
            with pytest.raises(asyncpg.PostgresError, match="kept as they were written"):
                async with restored.database.connection() as connection:
                    await connection.execute("update answer set stamp_us = 0")


async def test_what_came_after_the_backup_is_gone_and_can_be_recorded_again(
    stores: Stores, database: str, tmp_path: Path
) -> None:
    session_id = await _answered(stores)
    _run("pg_dump", database, tmp_path)
    before = await stores.archive.answers(session_id)
    later = replace(before[-1], client_seq=9999, offset=before[-1].offset + 1, item_no=ItemNo(1))
    await stores.archive.record_answers(session_id, 0, "2-0", [later])
    assert await stores.archive.recorder_position(session_id, 0, "answers") == "2-0"
    await stores.database.close()
    _run("pg_restore", database, tmp_path)
    assert await stores.archive.answers(session_id) == before
    assert await stores.archive.recorder_position(session_id, 0, "answers") == "1-1"
    await stores.archive.record_answers(session_id, 0, "2-0", [later])
    assert await stores.archive.answers(session_id) == [*before, later]

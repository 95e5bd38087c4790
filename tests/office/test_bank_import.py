"""The bank takes in whole files or nothing, and keeps versions."""

from collections.abc import AsyncIterator

import pytest

from leitai.office.importing.bank_import import import_bank
from tests.support.office import Stores, stores_at
from tests.support.workbooks import workbook

HEAD = ["题型", "题干", "选项A", "选项B", "答案", "解析", "目录"]
GOOD = ["单选", "甲是什么", "一", "二", "A", "第一条", "就业创业"]
ALSO = ["判断", "乙是对的", "", "", "√", "第二条", "就业创业"]
BAD = ["单选", "丙是什么", "一", "二", "Z", "第三条", "就业创业"]


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


def book(*rows: list[str]) -> bytes:
    return workbook({"题库": [HEAD, *rows]})


async def test_a_dry_run_changes_nothing(stores: Stores) -> None:
    report = await import_bank(stores.office, "b.xlsx", book(GOOD, ALSO), actor="tests")
    assert (report.added, report.revised, report.unchanged, report.commit) == (2, 0, 0, None)
    assert await stores.office.bank() == []


async def test_one_bad_row_keeps_the_file_out_unless_it_may_be_left_out(stores: Stores) -> None:
    data = book(GOOD, BAD)
    report = await import_bank(stores.office, "b.xlsx", data, actor="tests", dry_run=False)
    assert report.commit is None
    assert await stores.office.bank() == []
    report = await import_bank(stores.office, "b.xlsx", data, actor="tests", dry_run=False, leave_out_refused=True)
    assert report.commit is not None
    assert [entry.question.stem for entry in await stores.office.bank()] == ["甲是什么"]


async def test_a_revision_is_a_new_version_and_old_papers_keep_the_old(stores: Stores) -> None:
    await import_bank(stores.office, "b.xlsx", book(GOOD, ALSO), actor="tests", dry_run=False)
    before = await stores.office.bank()
    revised = [*GOOD[:5], "第一条（2023 年修订）", GOOD[6]]
    report = await import_bank(stores.office, "b2.xlsx", book(revised, ALSO), actor="tests", dry_run=False)
    assert (report.added, report.revised, report.unchanged) == (0, 1, 1)
    assert report.commit is not None
    assert (report.commit.added, report.commit.revised, report.commit.unchanged) == (0, 1, 1)
    after = await stores.office.bank()
    assert [entry.question.explanation for entry in after] == ["第一条（2023 年修订）", "第二条"]
    assert after[0].version_id != before[0].version_id
    assert after[1] == before[1]
    async with stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from question_version") == 3
        assert await connection.fetchval("select count(*) from import_batch") == 2


async def test_what_comes_out_of_the_bank_went_in(stores: Stores) -> None:
    report = await import_bank(stores.office, "b.xlsx", book(GOOD, ALSO), actor="tests", dry_run=False)
    assert [entry.question for entry in await stores.office.bank()] == [
        question for _, question in report.file.accepted
    ]

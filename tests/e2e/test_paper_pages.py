"""The papers' pages in a browser: a blueprint that the bank cannot fill, one that it can, two approvals, and the seal.
Whoever reads the paper sees what its questions show.

With LEITAI_PICTURES set to a folder, every page is photographed into it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from leitai.cli.rehearsal.house import housed
from tests.support.browser import open_page, visitor
from tests.support.drawing import charted
from tests.support.office import batch, questions, show_files
from tests.support.room import Room
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]


CHART = "办理流程图"


@pytest.fixture
async def room(built_client: Path, browser: Browser) -> AsyncIterator[Room]:
    with furnished_folder() as folder:
        async with housed(folder / "data", together=True) as house, AsyncExitStack() as stack:
            await house.parts.office.import_bank(batch("bank"), questions())
            async with visitor(browser) as person:
                chart = await charted(await open_page(person), ("I", "II", "III", "IV"), 1200, 480)
            shown = {one.stem: [(chart, CHART)] for one in questions()}
            await show_files(house.parts.database, shown)
            async with house.open_doors():
                yield Room(house, browser, stack, "papers")


async def test_a_paper_from_its_blueprint_to_the_seal(room: Room) -> None:
    setter = await room.staff("anna", "setter", "assemble")
    # The default asks for more than this bank has, and every line says so.
    await expect(setter.get_by_text("题库不够")).to_be_visible()
    await expect(setter.get_by_text("单选题 / 任意模块 / 任意难度")).to_be_visible()
    await expect(setter.get_by_text("需 40，现有 12")).to_be_visible()
    await expect(setter.get_by_role("button", name="组卷", exact=True)).to_be_disabled()
    await room.whole(setter, "shortage")
    for line, wanted in (("1", "3"), ("2", "2"), ("3", "2")):
        field = setter.get_by_role("spinbutton", name=f"第 {line} 行数量")
        await field.fill(wanted)
        await field.press("Tab")
    await expect(setter.get_by_text("题库够用，可以组卷。")).to_be_visible()
    await setter.get_by_label("蓝图名称").fill("小卷")
    await setter.get_by_role("button", name="保存蓝图").click()
    await expect(setter.get_by_text("蓝图已保存。")).to_be_visible()
    await setter.get_by_label("试卷名称").fill("决赛试卷")
    await room.whole(setter, "feasible")
    await setter.get_by_role("button", name="组卷", exact=True).click()

    await expect(setter.get_by_role("heading", name="决赛试卷")).to_be_visible()
    await expect(setter.get_by_text("还没有人看过题目")).to_be_visible()
    await setter.get_by_role("button", name="查看题目").click()
    await expect(setter.get_by_text("anna 查看题目（第 1 稿）")).to_be_visible()
    await setter.get_by_role("button", name="换题：第 2 题").click()
    dialog = setter.get_by_role("dialog", name="换题：第 2 题")
    await dialog.get_by_text("指定一题").click()
    await dialog.get_by_role("button", name="查找").click()
    await dialog.get_by_role("radio").nth(2).check(force=True)
    await dialog.get_by_label("理由").fill("题干与第 1 题相近")
    await room.whole(setter, "replace")
    await dialog.get_by_role("button", name="换题", exact=True).click()
    await expect(setter.get_by_text("第 2 题指定一题（anna）：题干与第 1 题相近")).to_be_visible()
    await room.whole(setter, "draft")
    await setter.get_by_role("button", name="送审", exact=True).click()
    await setter.get_by_role("button", name="确认送审").click()
    await expect(setter.get_by_text("已送审。")).to_be_visible()
    await expect(setter.get_by_role("button", name="审定通过")).to_have_count(0)
    address = setter.url.partition("#/")[2]

    reviewer = setter
    for at, login in enumerate(("bo", "chen")):
        reviewer = await room.staff(login, "reviewer", address)
        await reviewer.get_by_role("button", name="审定通过", exact=True).click()
        # Nobody approves what they have not read.
        await expect(reviewer.get_by_role("button", name="确认审定通过")).to_be_disabled()
        await reviewer.get_by_role("button", name="取消").click()
        await reviewer.get_by_role("button", name="查看题目").click()
        await expect(reviewer.get_by_label("题目", exact=True)).to_be_visible()
        await expect(reviewer.get_by_role("img", name=CHART).first).to_have_js_property("naturalWidth", 1200)
        await reviewer.get_by_role("button", name="审定通过", exact=True).click()
        if at == 0:
            await room.whole(reviewer, "approve")
        await reviewer.get_by_role("button", name="确认审定通过").click()
        await expect(reviewer.get_by_text("已审定。")).to_be_visible()

    await reviewer.get_by_role("button", name="封存", exact=True).click()
    confirm = reviewer.get_by_role("button", name="确认封存")
    await expect(confirm).to_be_disabled()
    await reviewer.get_by_text("我已核对试卷，知道封存不能撤销").click()
    await room.whole(reviewer, "seal")
    await confirm.click()
    await expect(reviewer.get_by_text("试卷已加密封存。")).to_be_visible()
    await expect(reviewer.get_by_role("button", name="查看题目")).to_have_count(0)
    await expect(reviewer.get_by_label("题目", exact=True)).to_have_count(0)
    await room.whole(reviewer, "sealed")
    await reviewer.get_by_role("link", name="返回试卷列表").click()
    await expect(reviewer.get_by_role("row").filter(has_text="决赛试卷").get_by_text("已封存")).to_be_visible()
    await room.whole(reviewer, "list")
    assert room.faults == []

"""The question bank in a browser: a setter writes, a reviewer returns and approves; the syllabus grows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.office import batch, questions
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", roles=("office",)) as house, house.open_doors():
            await house.parts.office.import_bank(batch("bank"), questions(45))
            yield house


async def test_from_the_setter_to_the_reviewer(house: House, browser: Browser) -> None:
    async with visitor(browser) as at_one_desk, visitor(browser) as at_another:
        errors: list[str] = []
        for desk in (at_one_desk, at_another):
            desk.on("weberror", lambda error: errors.append(error.error.message))
        anna, bo = await open_page(at_one_desk), await open_page(at_another)
        await _enter(house, anna, "anna", "安", Role.SETTER)
        await _enter(house, bo, "bo", "博", Role.REVIEWER)

        await anna.get_by_role("link", name="大纲", exact=True).click()
        await anna.get_by_role("button", name="在“社会保险”中增加知识点").click()
        await anna.get_by_label("名称").fill("个人养老金")
        await anna.get_by_role("button", name="确认增加知识点").click()
        await expect(anna.get_by_role("status")).to_have_text("已增加“个人养老金”。")
        assert await barriers(anna) == []

        await anna.get_by_role("link", name="试题", exact=True).click()
        await expect(anna.get_by_text("共 45 题")).to_be_visible()
        assert await barriers(anna) == []
        await anna.get_by_label("题干、选项、解析中的字词").fill("第17道")
        await expect(anna.get_by_text("共 1 题")).to_be_visible()
        await expect(anna.get_by_role("row").filter(has_text="第17道题的题干")).to_be_visible()
        await anna.reload()
        await expect(anna.get_by_text("共 1 题")).to_be_visible()

        await anna.get_by_role("link", name="新建试题", exact=True).click()
        # The list that goes has fields of the same names.
        await expect(anna.get_by_label("题干", exact=True)).to_be_visible()
        await _choose(anna, "模块", "社会保险")
        await _choose(anna, "知识点", "个人养老金")
        await anna.get_by_label("题干", exact=True).fill("个人养老金实行什么制度？")
        await anna.get_by_label("选项 A", exact=True).fill("个人账户制度")
        await anna.get_by_label("选项 B", exact=True).fill("统筹账户制度")
        # Whoever goes elsewhere by the menu finds what was written.
        await anna.get_by_role("link", name="大纲", exact=True).click()
        await anna.get_by_role("link", name="试题", exact=True).click()
        await anna.get_by_role("status").get_by_role("link", name="新建试题").click()
        await expect(anna.get_by_text("已恢复上次未保存的内容")).to_be_visible()
        await expect(anna.get_by_label("题干", exact=True)).to_have_value("个人养老金实行什么制度？")
        await anna.get_by_role("button", name="保存为草稿").hover()
        assert await barriers(anna) == []
        await anna.get_by_role("button", name="保存为草稿").click()
        await expect(anna.get_by_role("alert").first).to_have_text("缺少内容。")
        assert await barriers(anna) == []
        await anna.get_by_role("radio", name="选项 A 是正确答案").check()
        await anna.get_by_role("button", name="保存为草稿").click()
        await expect(anna.get_by_role("heading", name="试题 #46")).to_be_visible()
        await _act(anna, "送审")
        await expect(anna.get_by_role("definition").filter(has_text="正在审核，请先撤回")).to_be_visible()
        assert await barriers(anna) == []

        await bo.goto(f"{house.office_url}/#/questions?state=in_review")
        await bo.get_by_role("link", name="个人养老金实行什么制度").click()
        await bo.get_by_role("tab", name="选手所见").click()
        await bo.get_by_role("radio", name="个人账户制度").click()
        await expect(bo.get_by_role("radio", name="个人账户制度")).to_be_checked()
        await _act(bo, "退回", "请写明依据")
        await expect(bo.get_by_text("已退回", exact=True).first).to_be_visible()

        await anna.reload()
        await anna.get_by_role("button", name="修改", exact=True).click()
        await anna.get_by_label("解析").fill("国务院办公厅关于推动个人养老金发展的意见，二。")
        await anna.get_by_role("button", name="保存为新版本").click()
        await anna.get_by_role("tab", name="历史与意见").click()
        await expect(anna.get_by_text("请写明依据")).to_be_visible()
        await anna.get_by_role("button", name="与第 1 版比较").click()
        await expect(anna.locator("ins")).to_contain_text("国务院办公厅")
        await anna.get_by_label("对第 2 版的意见").fill("已补充依据")
        await anna.get_by_role("button", name="提交意见").click()
        await expect(anna.get_by_role("listitem").filter(has_text="已补充依据")).to_be_visible()
        assert await barriers(anna) == []
        await _act(anna, "送审")

        await bo.reload()
        await _act(bo, "批准")
        await expect(bo.get_by_text("可组卷：第 2 版")).to_be_visible()
        assert await barriers(bo) == []
        assert errors == []


async def _enter(house: House, page: Page, login: str, name: str, role: Role) -> None:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    _, code = await staff.invite("tests", login, StaffChange(name, frozenset({role}), NO_DELEGATION, disabled=False))
    await page.goto(house.office_url)
    await page.get_by_role("button", name="我有邀请码").click()
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_label("新密码").fill(PASSWORD)
    await page.get_by_label("再输一次").fill(PASSWORD)
    await page.get_by_role("button", name="设置密码并进入").click()
    await expect(page.get_by_role("heading", name=f"{name}，您好")).to_be_visible()


async def _choose(page: Page, field: str, option: str) -> None:
    """Choose in a list by keyboard."""
    await page.get_by_role("combobox", name=field, exact=True).press("Enter")
    await page.get_by_role("option", name=option, exact=True).click()


async def _act(page: Page, move: str, reason: str = "") -> None:
    await page.get_by_role("button", name=move, exact=True).click()
    dialog = page.get_by_role("dialog", name=move)
    if reason:
        await dialog.get_by_label("理由").fill(reason)
    await dialog.get_by_role("button", name=f"确认{move}").click()
    await expect(page.get_by_role("status").filter(has_text=f"已{move}。")).to_be_visible()

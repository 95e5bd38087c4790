"""The expert pool and the calendar in a browser: a table imported, a person found, days set and seen by all.

With LEITAI_PICTURES set to a folder, every page is photographed into it.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import DelegationCode
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.pool import id_number, row, table
from tests.support.stores import furnished_folder
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"
DESK, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", roles=("gateway", "office"), together=True) as house, house.open_doors():
            yield house


async def enter(house: House, page: Page, login: str, role: Role, delegation: str = NO_DELEGATION) -> None:
    """Sign somebody in on a page."""
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange("王芳", frozenset({role}), DelegationCode(delegation), disabled=False)
    _, code = await staff.invite("tests", login, change)
    await page.set_viewport_size(DESK)
    await page.goto(house.office_url)
    await page.get_by_role("button", name="我有邀请码").click()
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_label("新密码").fill(PASSWORD)
    await page.get_by_label("再输一次").fill(PASSWORD)
    await page.get_by_role("button", name="设置密码并进入").click()
    await expect(page.get_by_role("heading", name="王芳，您好")).to_be_visible()


async def looked_at(page: Page, name: str) -> None:
    """A page without barriers and without scrolling sideways; photographed where pictures are wanted."""
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if folder := os.environ.get("LEITAI_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def test_from_a_table_to_a_person_and_the_year_for_everybody(house: House, browser: Browser) -> None:
    errors: list[str] = []
    async with visitor(browser) as desk, visitor(browser) as elsewhere:
        desk.on("weberror", lambda error: errors.append(error.error.message))
        elsewhere.on("weberror", lambda error: errors.append(error.error.message))
        page = await open_page(desk)
        await enter(house, page, "pool.operator", Role.OPERATOR)

        await page.get_by_role("link", name="能手库", exact=True).click()
        await expect(page.get_by_text("能手库还没有人员")).to_be_visible()
        await looked_at(page, "pool-empty")
        await page.get_by_role("link", name="导入历史").click()
        wrong = table(row("张三", 1, 年份=2022, 手机号="13800001234"), row("李四", 年份=2010))
        await _choose(page, wrong)
        await expect(page.get_by_role("cell", name="年份应在 2019—")).to_be_visible()
        await looked_at(page, "pool-import")
        right = table(
            row("张三", 1, 年份=2022, 手机号="13800001234", 专长="社会保险、劳动关系"),
            row("张三", 1, 年份=2019, 荣誉="全国赛", 奖项名称="一等奖", 名次=3),
            row("李四", 2, 年份=2021, 省份="河北", 状态="离岗"),
            row("张三", 年份=2020, 荣誉="省级奖项", 单位="某市人社局"),
        )
        await _choose(page, right)
        await page.get_by_role("button", name="导入 3 人").click()
        await expect(page.get_by_role("status").filter(has_text="已新增 3 人")).to_be_visible()
        await page.get_by_role("link", name="查看能手库").click()

        await page.get_by_label("姓名、单位或专长").fill("张三")
        await expect(page.get_by_text("共 2 人")).to_be_visible()
        await looked_at(page, "pool-list")
        await page.get_by_role("row").filter(has_text="社会保险").get_by_role("link", name="张三").click()
        await expect(page.get_by_role("cell", name="全国“岗位练兵明星”")).to_be_visible()
        await expect(page.get_by_text(f"**{id_number(1)[-4:]}")).to_be_visible()
        await expect(page.get_by_text("不能参加")).to_contain_text("未参加过练兵比武省际邀请赛")
        await looked_at(page, "pool-person")
        await page.get_by_role("button", name="合并").click()
        await page.get_by_role("dialog").get_by_role("button", name="确认合并").click()
        await expect(page.get_by_role("status").filter(has_text="已合并")).to_be_visible()
        await expect(page.get_by_role("cell", name="省级奖项")).to_be_visible()

        await page.get_by_role("link", name="能手库报送").click()
        await page.get_by_role("button", name="登记密钥").click()
        dialog = page.get_by_role("dialog", name="登记密钥")
        await dialog.get_by_role("combobox", name="省份").click()
        await page.get_by_role("option", name="北京").click()
        await dialog.get_by_role("button", name="生成").click()
        told = page.get_by_role("dialog", name="只显示这一次")
        await expect(told).to_contain_text("BEGIN PRIVATE KEY")
        await told.get_by_role("button", name="已保存").click()
        await expect(page.get_by_role("button", name="停用 ")).to_be_visible()
        await looked_at(page, "pool-files")

        public = await open_page(elsewhere)
        await public.set_viewport_size(DESK)
        await public.goto(f"{house.url}/calendar")
        await expect(public.get_by_text("日程尚未公布")).to_be_visible()
        await house.parts.office.create_contest("全国人社窗口单位业务技能练兵比武", "组委会", 2022)
        await page.get_by_role("link", name="日程").click()
        await page.get_by_role("button", name="按方案填入").click()
        await page.get_by_label("颁奖 开始").fill("2099-12-01")
        await page.get_by_role("button", name="保存并公布").click()
        await expect(page.get_by_role("alert")).to_have_text("颁奖：请同时填写开始和结束日期。")
        await page.get_by_label("颁奖 结束").fill("2099-12-02")
        await page.get_by_label("报送名单 备注（公开）").fill("请于截止日前报送")
        await page.get_by_role("button", name="保存并公布").click()
        await expect(page.get_by_role("status")).to_have_text("已保存，日程页已更新。")
        await looked_at(page, "calendar-days")

        # An answer without a calendar may have been kept for everyone for some seconds.
        async def stages() -> int:
            await public.reload()
            await public.get_by_role("listitem").or_(public.get_by_text("日程尚未公布")).first.wait_for()
            return await public.get_by_role("listitem").count()

        await eventually(stages, lambda count: count == 11)
        draw = public.get_by_role("listitem").filter(has_text="报送名单")
        await expect(draw).to_contain_text("已逾期")
        await expect(draw).to_contain_text("请于截止日前报送")
        await expect(public.get_by_role("listitem").filter(has_text="颁奖")).to_contain_text("2099 年 12 月 1 日")
        await looked_at(public, "calendar-desk")
        await public.set_viewport_size(PHONE)
        await looked_at(public, "calendar-phone")
        assert errors == []


async def _choose(page: Page, data: bytes) -> None:
    await page.locator("input[type=file]").set_input_files(
        {
            "name": "历史.xlsx",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": data,
        }
    )

"""Learners on a telephone: registering with a unit, the own page, boards, the account; and who brings the tree.

With LEITAI_PICTURES set to a folder, every page is photographed into it.
"""

import os
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.practice.ports import Earned
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_boards import Kind
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode
from leitai.stores.postgres.points_store import add_points
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.learners import TREE, table
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"
DESK, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with (
            housed(folder / "data", practice=True, roles=("office", "practice"), together=True) as house,
            house.open_doors(),
        ):
            yield house


async def looked_at(page: Page, name: str) -> None:
    """A page without barriers and without scrolling sideways; photographed where pictures are wanted."""
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if folder := os.environ.get("LEITAI_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def clerk(house: House, page: Page) -> None:
    """A team leader of Jilin, signed in, with the page of organisations open."""
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange("王芳", frozenset({Role.TEAM_LEADER}), DelegationCode("220000"), disabled=False)
    _, code = await staff.invite("tests", "jilin", change)
    await page.set_viewport_size(DESK)
    await page.goto(house.office_url)
    await page.get_by_role("button", name="我有邀请码").click()
    await page.get_by_label("账号").fill("jilin")
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_label("新密码").fill(PASSWORD)
    await page.get_by_label("再输一次").fill(PASSWORD)
    await page.get_by_role("button", name="设置密码并进入").click()
    await page.get_by_role("link", name="机构", exact=True).click()


async def choose(page: Page, data: bytes) -> None:
    """Hand a file to the page."""
    payload = FilePayload(name="机构.xlsx", mimeType="application/octet-stream", buffer=data)
    await page.locator("input[type=file]").set_input_files([payload])


async def test_from_the_tree_to_the_own_page_on_a_telephone(house: House, browser: Browser) -> None:
    errors: list[str] = []
    async with visitor(browser) as desk, visitor(browser) as telephone:
        for one in (desk, telephone):
            one.on("weberror", lambda error: errors.append(error.error.message))
        page = await open_page(desk)
        await clerk(house, page)
        await choose(page, table(*TREE))
        await expect(page.get_by_text("只能导入本省机构。").first).to_be_visible()
        await looked_at(page, "organisations-refused")
        await choose(page, table(*TREE[:5]))
        await page.get_by_role("button", name="导入 5 个机构").click()
        await expect(page.get_by_text("新增 5 个，更新 0 个。")).to_be_visible()
        await page.get_by_role("link", name="吉林省").click()
        await expect(page.get_by_role("link", name="长春市")).to_be_visible()
        await looked_at(page, "organisations")

        phone = await open_page(telephone)
        await phone.set_viewport_size(PHONE)
        await phone.goto(house.practice_url)
        await expect(phone.get_by_role("heading", name="每天一组，日积月累")).to_be_visible()
        await looked_at(phone, "practice-sign-in")
        await phone.get_by_role("button", name="没有账号，去注册").click()
        await phone.get_by_role("button", name="注册并开始").click()
        missing = ["请填写手机号或账号。", "请填写密码。", "请填写姓名。", "请选择所在单位。"]
        await expect(phone.get_by_role("alert")).to_have_text(missing)
        await expect(phone.get_by_label("手机号或账号")).to_be_focused()
        await looked_at(phone, "practice-register-missing")
        await phone.get_by_label("手机号或账号").fill("13800001234")
        await phone.get_by_label("密码").fill("13800001234x")
        await phone.get_by_label("姓名").fill("张三")
        await phone.get_by_label("选择省份").select_option(label="吉林省")
        for step, name in enumerate(("长春市", "南关区", "南关区社保窗口")):
            await phone.get_by_label("选择下一级").nth(step).select_option(label=name)
        await looked_at(phone, "practice-register")
        await phone.get_by_role("button", name="注册并开始").click()
        await expect(phone.get_by_role("alert")).to_contain_text("密码至少 8 位")
        await phone.get_by_label("密码").fill(PASSWORD)
        await phone.get_by_role("button", name="注册并开始").click()
        await expect(phone.get_by_role("heading", name="张三")).to_be_visible()
        await expect(phone.get_by_text("还没有积分，完成一组练习后显示在这里。")).to_be_visible()
        await looked_at(phone, "practice-own-empty")

        today = beijing_day(time.time_ns() // 1000)
        async with house.parts.database.transaction() as connection:
            learner_id: int = await connection.fetchval("select id from learner")
            for back in range(3):
                day = today - timedelta(days=back)
                await add_points(connection, Earned(learner_id, day, Kind.WEEKLY, back, 1_000))
            await add_points(connection, Earned(learner_id, today, Kind.MONTHLY, 1, 9_200))
        await phone.reload()
        await expect(phone.get_by_text("连续学习 3 天")).to_be_visible()
        await expect(phone.get_by_text("月月比能手")).to_be_visible()
        await phone.get_by_role("button", name="生成提醒地址").click()
        await expect(phone.get_by_label("提醒地址")).to_have_value(
            re.compile(rf"^{house.practice_url}/api/practice/reminders\.ics\?of=")
        )
        await looked_at(phone, "practice-own")

        await phone.get_by_role("link", name="排行榜").click()
        await expect(phone).to_have_title("排行榜 · 日日学 周周练 月月比")
        await expect(phone.locator("main")).to_be_focused()
        await phone.get_by_label("范围").select_option(label="南关区")
        await phone.get_by_role("button", name="累计").click()
        await expect(phone.get_by_role("listitem").filter(has_text="张三")).to_contain_text("122")
        await looked_at(phone, "practice-boards")
        await phone.get_by_role("button", name="机构").click()
        await expect(phone.get_by_role("link", name="南关区社保窗口")).to_be_visible()
        await looked_at(phone, "practice-branches")

        await phone.get_by_role("link", name="账号").click()
        await phone.get_by_label("昵称（选填）").fill("小张")
        await phone.get_by_role("button", name="保存").click()
        await expect(phone.get_by_text("已保存。")).to_be_visible()
        await looked_at(phone, "practice-account")
        await phone.get_by_role("button", name="退出登录").click()
        await expect(phone.get_by_role("heading", name="登录")).to_be_visible()
    assert errors == []

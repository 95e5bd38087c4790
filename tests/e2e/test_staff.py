"""The staff's pages in a browser: from an invitation to accounts kept, and out again at once when rights are taken."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from pyotp.totp import TOTP

from leitai.cli.rehearsal.house import House, housed
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", roles=("office",)) as house, house.open_doors():
            yield house


async def test_from_an_invitation_to_accounts_kept(house: House, browser: Browser) -> None:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    root = StaffChange("管理员", frozenset({Role.ADMINISTRATOR}), NO_DELEGATION, disabled=False)
    _, code = await staff.invite("tests", "admin", root)
    errors: list[str] = []
    async with visitor(browser) as at_one_desk, visitor(browser) as at_another:
        page = await open_page(at_one_desk)
        at_one_desk.on("weberror", lambda error: errors.append(error.error.message))
        await page.goto(house.office_url)
        await _join(page, "admin", code)
        await expect(page.get_by_role("heading", name="管理员，您好")).to_be_visible()
        assert await barriers(page) == []

        await page.get_by_role("link", name="账号").click()
        invitation = await _invite(page, "wang.fang", "王芳", "裁判")
        await expect(page.get_by_role("row").filter(has_text="wang.fang").get_by_text("待加入")).to_be_visible()
        assert await barriers(page) == []

        other = await open_page(at_another)
        await other.goto(house.office_url)
        await _join(other, "wang.fang", invitation)
        await expect(other.get_by_role("heading", name="王芳，您好")).to_be_visible()
        await expect(other.get_by_text("提出裁决", exact=True)).to_be_visible()
        await expect(other.get_by_role("link", name="账号")).to_have_count(0)
        await other.goto(f"{house.office_url}/#/people")
        await expect(other.get_by_text("没有权限")).to_be_visible()

        recovery = await _turn_factor_on(other)
        await other.get_by_role("button", name="退出").click()
        await other.get_by_label("账号").fill("wang.fang")
        await other.get_by_label("密码").fill(PASSWORD)
        await other.get_by_role("button", name="登录", exact=True).click()
        await expect(other.get_by_role("heading", name="请输入验证码")).to_be_visible()
        assert await barriers(other) == []
        for code, then in (("000000", other.get_by_role("alert")), (recovery, other.locator(".frame__who"))):
            await other.get_by_label("验证码").fill(code)
            await other.get_by_role("button", name="登录", exact=True).click()
            await expect(then).to_be_visible()

        await page.reload()
        await expect(page.get_by_role("row").filter(has_text="wang.fang").get_by_text("两步验证")).to_be_visible()
        await page.get_by_role("button", name="修改 王芳 的账号").click()
        await page.get_by_role("button", name="重置两步验证").click()
        await page.get_by_role("button", name="确定重置").click()
        await expect(page.get_by_role("row").filter(has_text="wang.fang").get_by_text("两步验证")).to_have_count(0)
        await page.get_by_role("button", name="修改 王芳 的账号").click()
        dialog = page.get_by_role("dialog", name="修改")
        await _takes_focus(dialog)
        await dialog.get_by_role("switch").focus()
        await page.keyboard.press("Space")
        await dialog.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("row").filter(has_text="wang.fang").get_by_text("停用")).to_be_visible()

        await other.goto(f"{house.office_url}/#/password")
        for label, text in (("当前密码", PASSWORD), ("新密码", "another phrase"), ("再输一次", "another phrase")):
            await other.get_by_label(label).fill(text)
        await other.get_by_role("button", name="修改", exact=True).click()
        await expect(other.get_by_role("status")).to_contain_text("登录已失效")
        await other.get_by_label("账号").fill("wang.fang")
        await other.get_by_label("密码").fill(PASSWORD)
        await other.get_by_role("button", name="登录", exact=True).click()
        await expect(other.get_by_role("alert")).to_have_text("账号或密码不正确。")
        assert errors == []


async def _join(page: Page, login: str, code: str) -> None:
    await page.get_by_role("button", name="我有邀请码").click()
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_label("新密码").fill(PASSWORD)
    await page.get_by_label("再输一次").fill("something else")
    await page.get_by_role("button", name="设置密码并进入").click()
    await expect(page.get_by_role("alert")).to_have_text("两次输入的密码不同。")
    await page.get_by_label("再输一次").fill(PASSWORD)
    await page.get_by_role("button", name="设置密码并进入").click()


async def _turn_factor_on(page: Page) -> str:
    """Pair an authenticator app; returns a recovery code."""
    await page.get_by_role("link", name="两步验证").click()
    await page.get_by_role("button", name="开启两步验证").click()
    await expect(page.get_by_role("img", name="验证器应用用的二维码")).to_be_visible()
    assert await barriers(page) == []
    secret = (await page.locator(".factor__secret").inner_text()).replace(" ", "")
    await page.get_by_label("验证码").fill(TOTP(secret).now())
    await page.get_by_role("button", name="确认开启").click()
    await expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    assert await barriers(page) == []
    recovery = await page.locator(".factor__codes li").first.inner_text()
    await page.get_by_role("button", name="已记下").click()
    await expect(page.get_by_text("还有 10 个恢复码")).to_be_visible()
    assert await barriers(page) == []
    return recovery


async def _takes_focus(dialog: Locator) -> None:
    """A dialog that opens takes the focus to itself, once: whoever wants it elsewhere has to come after that."""
    await expect(dialog.page.locator(":focus").and_(dialog).or_(dialog.locator(":focus"))).to_have_count(1)


async def _invite(page: Page, login: str, name: str, role: str) -> str:
    """Invite somebody by keyboard, and return the code that is shown once."""
    await page.get_by_role("button", name="邀请", exact=True).click()
    dialog = page.get_by_role("dialog", name="邀请")
    await _takes_focus(dialog)
    await dialog.get_by_label("账号").fill(login)
    await dialog.get_by_label("姓名").fill(name)
    await dialog.get_by_label("角色").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("option", name=role, exact=True).click()
    await page.keyboard.press("Escape")
    await dialog.get_by_role("button", name="生成邀请码").click()
    told = page.get_by_role("dialog", name="邀请码已生成")
    await expect(told).to_contain_text(name)
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}", await told.inner_text())
    assert code is not None
    await told.get_by_role("button", name="已记下").click()
    await expect(told).to_be_hidden()
    return code[0]

"""Judges in a browser: the desk while a contest is on, and two of them marking a short answer, whatever was written.

With LEITAI_PICTURES set to a folder, pages that look back are photographed into it.
"""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from leitai.live.ports import SessionFile
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.judges import FILL_IN, HOSTILE, SHORT_ANSWER, SINGLE, STEM, answered, closed, judged_session
from tests.support.staffed import PASSWORD, Office

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

SIZE = {"width": 1366, "height": 768}


@pytest.fixture
async def session(built_client: Path) -> AsyncIterator[tuple[Office, SessionFile]]:
    async with judged_session(after_another=True) as session:
        yield session


async def enter(office: Office, context: BrowserContext, login: str, home: str = "") -> Page:
    """Let a judge in by an invitation."""
    staff = Staff(office.house.parts.office, office.house.parts.settings.server_key)
    change = StaffChange("赵强", frozenset({Role.JUDGE}), DelegationCode(home), disabled=False)
    _, code = await staff.invite("tests", login, change)
    page = await open_page(context)
    await page.set_viewport_size(SIZE)  # pyright: ignore[reportArgumentType]
    await page.goto(f"{office.house.office_url}/#/desk")
    await page.get_by_role("button", name="我有邀请码").click()
    for label, text in (("账号", login), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
        await page.get_by_label(label).fill(text)
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_role("button", name="设置密码并进入").click()
    # Nobody goes elsewhere by the address before being in.
    await expect(page.get_by_role("heading", name="裁判台")).to_be_visible()
    return page


async def mark(page: Page, texts: int, points: str) -> None:
    """Mark every answer that waits, by the keyboard alone."""
    for left in range(texts, 0, -1):
        await expect(page.get_by_text(f"等您评阅 {left} 份")).to_be_visible()
        await expect(page.locator(".marking__points").first).to_be_focused()
        await page.keyboard.type(points)
        await page.keyboard.press("Enter")
    await expect(page.get_by_text("目前没有等您评阅的作答")).to_be_visible()


async def fits(page: Page) -> None:
    """Nothing runs out of the window, no barrier stands, and no text has run as code."""
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert await barriers(page) == []
    assert "pwned" not in await page.title()


async def test_judges_see_what_is_answered_and_mark_what_no_key_can(
    session: tuple[Office, SessionFile], browser: Browser
) -> None:
    office, file = session
    errors: list[str] = []
    sittings = [member.sitting_id for member in file.members]
    async with visitor(browser) as context:
        context.on("weberror", lambda error: errors.append(error.error.message))
        page = await enter(office, context, "judge-1")
        # The director takes the session up first.
        await expect(page.get_by_role("heading", name="裁判台")).to_be_visible()
        await answered(office, file, SINGLE, {one: ("B",) if one % 3 else ("A",) for one in sittings})
        await answered(office, file, FILL_IN, {one: (HOSTILE[one % 5],) for one in sittings})

        await page.get_by_role("navigation", name="题目").get_by_role("button").first.click()
        await expect(page.get_by_text("单选题的题干")).to_be_visible()
        await expect(page.locator(".item__options li").first).to_contain_text("正确答案")
        wrong = page.locator(".groups__row").first
        await expect(wrong).to_contain_text("错误")
        await expect(wrong).to_contain_text("常见")
        await expect(wrong.get_by_role("link")).to_have_attribute(
            "href", f"#/rulings?effect=accept_alternative&item={SINGLE}&response=B"
        )
        await page.get_by_role("combobox", name="代表队").select_option("110000")
        await expect(page).to_have_url(re.compile(r"item=1&delegation=110000"))
        await expect(page.locator(".groups__row").first).to_contain_text("2 · 67%")
        await fits(page)

        await page.goto(f"{office.house.office_url}/#/desk?item={FILL_IN}")
        await expect(page.locator(".groups__form").filter(has_text=HOSTILE[0])).to_have_count(1)
        await expect(page.locator(".groups__row")).to_have_count(5)
        await fits(page)

        await page.get_by_text("实时作答", exact=True).click()
        await page.get_by_label("类别").select_option("wrong")
        await expect(page.locator("tbody tr")).to_have_count(len(sittings))
        await expect(page.locator("tbody tr").filter(has_text=HOSTILE[1])).not_to_have_count(0)
        await page.get_by_role("button", name=HOSTILE[0]).first.click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.reload()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await fits(page)
        await page.get_by_role("button", name="清除筛选").click()
        await expect(page.locator("tbody tr")).to_have_count(2 * len(sittings))
        # What comes while it is held still waits.
        await page.get_by_role("button", name="暂停滚动").click()
        await answered(office, file, SHORT_ANSWER, {sittings[0]: (HOSTILE[2],)})
        await expect(page.get_by_text("暂停后新到 1 份作答")).to_be_visible()
        await page.get_by_role("button", name="继续滚动").click()
        await expect(page.locator("tbody tr").first).to_contain_text("待评阅")

        await page.get_by_text("异常线索", exact=True).click()
        await expect(page.get_by_text("不记录选手的网络地址")).to_be_visible()
        await fits(page)

        await answered(office, file, SHORT_ANSWER, {one: (HOSTILE[one % 5],) for one in sittings[1:4]})
        await closed(office)
        await page.goto(f"{office.house.office_url}/#/marking")
        await expect(page.get_by_role("heading", name=STEM)).to_be_visible()
        await expect(page.locator(".marking__text")).to_contain_text("pwned")
        shown = await page.locator("main").inner_text()
        assert not [one.name for one in file.members if one.name != HOSTILE[0] and one.name in shown]
        await fits(page)
        await expect(page.locator(".marking__points").first).to_be_focused()
        await page.keyboard.type("99")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("之间的分数")
        await page.keyboard.press("Control+a")
        # A mark that is given while the line is down is kept and arrives.
        await context.set_offline(True)
        await page.keyboard.type("2")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("1 份评分已存在本机")).to_be_visible()
        await fits(page)
        await context.set_offline(False)
        await expect(page.get_by_text("1 份评分已存在本机")).to_have_count(0)
        await mark(page, 3, "2")
        async with visitor(browser) as second:
            second.on("weberror", lambda error: errors.append(error.error.message))
            other = await enter(office, second, "judge-2", "110000")
            await other.goto(f"{office.house.office_url}/#/marking")
            await expect(other.get_by_text("您来自北京")).to_be_visible()
            own = sum(one.delegation == "110000" for one in file.members[:4])
            await mark(other, 4 - own, "2.1")
            await expect(other.locator(".progress__all")).to_contain_text(f"{4 - own} / 4")
            await fits(other)
        await _look_back(page)
        assert errors == []


async def _look_back(page: Page) -> None:
    """A session that is final is looked at from page to page, and nothing is done to it."""
    chooser = page.get_by_label("场次")
    await expect(chooser.locator("option")).to_have_count(2)
    await expect(chooser.locator("option").first).to_contain_text("当前：")
    await page.get_by_role("link", name="裁判台", exact=True).click()
    items = page.get_by_role("navigation", name="题目").get_by_role("button")
    await expect(items).to_have_count(4)
    await chooser.select_option(index=1)
    await expect(page.get_by_text("已定榜，只能查看")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"#/desk\?session=\d+$"))
    await expect(items).to_have_count(5)
    await items.nth(1).click()
    await expect(page.locator(".groups__row").first).to_be_visible()
    await expect(page.get_by_role("link", name="提出")).to_have_count(0)
    await fits(page)
    if folder := os.environ.get("LEITAI_PICTURES"):
        await page.screenshot(path=Path(folder) / "looking-back.png")
    await page.get_by_text("实时作答", exact=True).click()
    await expect(page.locator("tbody tr").first).to_be_visible()
    await page.get_by_role("link", name="裁决", exact=True).click()
    await expect(page.locator(".panes__list a")).to_have_count(5)
    await expect(page.get_by_role("button", name="提出裁决")).to_have_count(0)
    await fits(page)
    await page.get_by_role("link", name="申诉", exact=True).click()
    await expect(page.locator(".panes__list a")).to_have_count(1)
    await page.get_by_role("link", name="评阅", exact=True).click()
    await expect(page.get_by_text("不再评阅。")).to_be_visible()
    await expect(page.locator(".progress__all")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("不再评阅。")).to_be_visible()
    await fits(page)
    if folder := os.environ.get("LEITAI_PICTURES"):
        await page.screenshot(path=Path(folder) / "looking-back-marking.png")
    await page.get_by_role("link", name="回到当前场次").click()
    await expect(page.get_by_text("目前没有等您评阅的作答")).to_be_visible()

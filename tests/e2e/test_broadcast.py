"""The director's page in a browser: preview, take by key, a parameter, the ticker, a token that works once shown."""

import asyncio
import re
import time
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from leitai.cli.rehearsal.house import housed
from leitai.office.session_ports import SessionSettings
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import Micros
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.office import Stores, small_session
from tests.support.stores import furnished_folder
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"


async def _shown_with_its_keys(page: Page, preview: Locator) -> None:
    """While an act is on its way the keys do nothing: what it brought about is not shown before they do."""
    routed, done, looked = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        routed.set()
        if route.request.method == "GET":
            await route.fallback()
            return
        answer = await route.fetch()
        done.set()
        await looked.wait()
        await route.fulfill(response=answer)

    await page.route(re.compile(r"/api/staff/broadcast(/take)?$"), hold)
    # The browser may let what the page asks at once go by: one of its looks shows that nothing does any more.
    await routed.wait()
    await page.get_by_role("button", name="代表队总榜").click()
    await done.wait()
    # The first of these may have been asked for before.
    for _ in range(2):
        async with page.expect_response("**/api/staff/broadcast") as look:
            pass
        await (await look.value).finished()
    assert await preview.inner_text() == "无画面"
    looked.set()
    await expect(preview).to_have_text("代表队总榜")
    await page.unroute_all(behavior="wait")


async def test_a_director_puts_overlays_on_air(built_client: Path, browser: Browser, tmp_path: Path) -> None:
    assert built_client
    errors: list[str] = []
    with furnished_folder() as folder:
        async with housed(folder / "data", together=True) as house:
            parts = house.parts
            stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
            start_us = Micros(time.time_ns() // 1000 + 3600 * 1_000_000)
            settings = SessionSettings("试赛", start_us, Micros(start_us - 7200 * 1_000_000))
            await small_session(stores, items=4, settings=settings)
            staff = Staff(parts.office, parts.settings.server_key)
            change = StaffChange("孙导", frozenset({Role.BROADCAST_DIRECTOR}), NO_DELEGATION, disabled=False)
            _, code = await staff.invite("tests", "air-1", change)
            async with house.open_doors(), visitor(browser) as context:
                context.on("weberror", lambda error: errors.append(error.error.message))
                page = await open_page(context)
                await page.set_viewport_size({"width": 1366, "height": 768})
                await page.goto(f"{house.office_url}/#/broadcast")
                await page.get_by_role("button", name="我有邀请码").click()
                for label, text in (("账号", "air-1"), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
                    await page.get_by_label(label).fill(text)
                await page.get_by_label("邀请码", exact=True).fill(code)
                await page.get_by_role("button", name="设置密码并进入").click()
                heading = page.get_by_role("heading", name=re.compile("播出"))
                await expect(heading.first).to_contain_text("试赛")
                preview, program = page.get_by_role("status").first, page.get_by_role("status").nth(1)
                await expect(preview).to_have_text("无画面")

                await _shown_with_its_keys(page, preview)
                await heading.first.click()
                await page.keyboard.press("Enter")
                await expect(program).to_have_text("代表队总榜")
                # The frame shows it: it stands in our own page and needs no token.
                frame = page.frame_locator("iframe").nth(1)
                await expect(frame.get_by_text("北京").first).to_be_visible()

                await page.get_by_role("button", name="单队排行").click()
                await expect(preview).to_have_text("代表队总榜")
                await page.get_by_role("combobox", name="代表队").click()
                await page.get_by_role("option", name="新疆").click()
                await expect(preview).to_have_text("单队排行 · 新疆")
                await page.get_by_label("新增一条").fill("<b>欢迎收看</b>")
                await page.get_by_role("button", name="加入").click()
                await expect(page.get_by_text("<b>欢迎收看</b>")).to_be_visible()
                assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
                assert await barriers(page) == []
                await page.screenshot(path=tmp_path / "control.png", full_page=True)

                # Another channel is directed by itself, and leaves this one as it is.
                await page.get_by_label("另一通道的名称").fill("Studio-2")
                await page.get_by_role("button", name="打开通道").click()
                await expect(program).to_have_text("无画面")
                await page.get_by_role("button", name="前十名").click()
                await expect(preview).to_have_text("前十名")
                await heading.first.click()
                await page.keyboard.press("Enter")
                await expect(program).to_have_text("前十名")
                await expect(page.get_by_role("link", name=re.compile("^studio-2"))).to_have_attribute(
                    "aria-current", "page"
                )
                assert await barriers(page) == []
                await page.screenshot(path=tmp_path / "channels.png")
                await page.get_by_role("link", name=re.compile("^main")).click()
                await expect(program).to_have_text("代表队总榜")

                await page.get_by_label("设备名称").fill("字幕机")
                await page.get_by_role("button", name="新建令牌").click()
                dialog = page.get_by_role("dialog", name="令牌已建立")
                secret = await dialog.locator("code").first.inner_text()
                assert await barriers(page) == []
                await page.screenshot(path=tmp_path / "token.png")
                await dialog.get_by_role("button", name="已记下").click()
                async with httpx2.AsyncClient(base_url=house.office_url, timeout=PATIENCE_S) as machine:
                    air = (await machine.get(f"/api/air?token={secret}")).json()
                    assert air["program"]["on"] == {"name": "delegations", "params": {}}
                    await page.get_by_role("button", name="停用：字幕机").click()
                    await page.get_by_role("button", name="确认停用").click()
                    await expect(page.get_by_text("已停用")).to_be_visible()
                    assert (await machine.get(f"/api/air?token={secret}")).status_code == 401
                await heading.first.click()
                await page.keyboard.press("Escape")
                await expect(program).to_have_text("无画面")
                assert errors == []

"""The public boards of an earlier session: chosen beside the one in force, kept in the address, and let go of again."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.support import browser as browsers
from tests.support.barriers import barriers, beyond
from tests.support.judges import closed, judged_session
from tests.support.staff_pages import visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("judges")]
SCREENS = {"desk": ViewportSize(width=1366, height=768), "phone": ViewportSize(width=390, height=844)}


async def _fits(page: Page, name: str) -> None:
    for screen, size in SCREENS.items():
        await page.set_viewport_size(size)
        assert (await beyond(page))[0] <= 0, screen
        assert await barriers(page) == []
        if folder := os.environ.get("LEITAI_PICTURES"):
            await page.screenshot(path=Path(folder) / f"{name}-{screen}.png")
    await page.set_viewport_size(SCREENS["desk"])


async def test_a_viewer_looks_back_at_a_final_session(built_client: Path) -> None:
    async with (
        judged_session(after_another=True) as (office, _),
        browsers.running(browsers.or_skip(browsers.modern_chromium)) as chromium,
        visitor(chromium) as context,
    ):
        page = await browsers.open_page(context)
        await page.goto(f"{office.house.url}/board")
        chooser = page.get_by_label("场次")
        await expect(chooser.locator("option")).to_have_count(2)
        await expect(chooser.locator("option").first).to_contain_text("当前：试赛")
        # While people answer nothing is computed for those who look back: until they may, it would be.
        await expect(page.locator(".board__phase")).to_have_text("比赛进行中")
        await chooser.select_option(index=1)
        await expect(page.get_by_text("暂时看不到这一场次")).to_be_visible()
        await closed(office)
        await expect(page.get_by_role("heading", name="在线比试")).to_be_visible()
        rows = page.locator("[role=cell].row__name")
        await expect(rows.first).to_be_visible()
        await expect(page).to_have_url(re.compile(r"/board\?view=individuals&session=\d+$"))
        await expect(page.get_by_text("已定榜")).to_be_visible()
        names = await rows.all_inner_texts()
        first = str(await rows.first.get_attribute("title"))
        await _fits(page, "earlier-board")
        await page.get_by_label("查找姓名").fill(first)
        await expect(page.locator(".find__row").first).to_contain_text(first)
        await page.reload()
        await expect(rows).to_have_text(names)
        await page.get_by_role("button", name="代表队", exact=True).click()
        await expect(page).to_have_url(re.compile(r"view=delegations&session=\d+$"))
        await expect(page.locator("[role=cell].row__name")).to_have_count(3)
        await chooser.select_option(index=0)
        await expect(page.get_by_role("heading", name="试赛")).to_be_visible()
        await expect(page).to_have_url(re.compile(r"/board\?view=delegations$"))
        await _fits(page, "board-in-force")

"""月月比 in a browser: seen on a telephone, entered from the practice page, begun, answered, handed in, and the result.

With LEITAI_PICTURES set to a folder, every page is photographed into it.
"""

import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.compose import MONTHLY
from leitai.office.practice.monthly import Monthly, session_settings
from leitai.office.practice.timing import SYSTEM_CLOCK
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_boards import Period, starts_on
from leitai.rules.rights import Role
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Phase, SessionId
from leitai.stores.postgres.monthly_store import PostgresMonthly
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.monthly import monthly_paper
from tests.support.staff_pages import PASSWORD, let_in
from tests.support.stores import furnished_folder
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PHONE: ViewportSize = {"width": 390, "height": 844}
LEAD_US, WINDOW_US = 6_000_000, 3_600_000_000


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(
            folder / "data", practice=True, monthly=True, roles=("office", "practice"), together=True
        ) as house:
            yield house


async def looked_at(page: Page, name: str) -> None:
    """A page without barriers and without scrolling sideways; photographed where pictures are wanted."""
    if folder := os.environ.get("LEITAI_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def announced(house: House) -> SessionId:
    """A month that opens in a moment, for an hour."""
    opens_us = time.time_ns() // 1000 + LEAD_US
    month = starts_on(Period.MONTH, beijing_day(opens_us))
    made = session_settings("本月月月比", opens_us, opens_us + WINDOW_US, 600_000_000)
    paper = await monthly_paper(house.parts.office)
    store = PostgresMonthly(house.parts.database, house.parts.vault)
    return await store.schedule(month, paper, made, os.urandom(32), "practice.office")


async def over(house: House, session_id: SessionId) -> None:
    """The hour has passed: what was given is recorded, and the session final."""
    archive, database = house.parts.archive, house.parts.database

    async def recorded() -> set[int]:
        return {one.item_no for one in await archive.answers(session_id)}

    # Another process records: that the sitting was begun, and its one answer.
    await eventually(recorded, lambda items: len(items - {BEGINNING}) == 1)
    async with database.connection() as connection:
        start_us = await connection.fetchval(
            "update monthly set closes_us = $2 where session_id = $1 returning opens_us",
            session_id,
            time.time_ns() // 1000,
        )
    await archive.save_phase(session_id, Phase.CLOSED, start_us)
    await archive.save_phase(session_id, Phase.FINALIZED, start_us)
    await Monthly(PostgresMonthly(database, house.parts.vault), SYSTEM_CLOCK).settle()


async def office(house: House, page: Page) -> None:
    """The practice office's page of months."""
    await let_in(house, page.context, "practice.office", Role.PRACTICE_OFFICE, "周老师")
    await page.goto(f"{house.office_url}/#/practice-monthly")


async def test_a_month_on_a_telephone_from_the_announcement_to_the_result(house: House, browser: Browser) -> None:
    errors: list[str] = []
    async with visitor(browser) as telephone, visitor(browser) as desk:
        for one in (telephone, desk):
            one.on("weberror", lambda error: errors.append(error.error.message))
        phone = await open_page(telephone)
        await phone.set_viewport_size(PHONE)
        # The time until it opens is that of the processes' start.
        session_id = await announced(house)
        async with house.open_doors():
            assert MONTHLY in house.pids
            url = house.practice_url
            body = {"account": "sitter.one", "password": PASSWORD, "name": "张三", "kind": "public"}
            answer = await telephone.request.post(f"{url}/api/practice/register", data=body, headers={"Origin": url})
            assert answer.ok, await answer.text()
            await phone.goto(f"{url}/#monthly")
            await expect(phone.get_by_role("heading", name="本月月月比")).to_be_visible()
            enter = phone.get_by_role("button", name="进入")

            async def may_enter() -> bool:
                await phone.reload()
                await expect(phone.get_by_role("heading", name="本月月月比")).to_be_visible()
                return await enter.count() == 1

            await eventually(may_enter, bool)
            await looked_at(phone, "monthly-open")
            await enter.click()

            begin = phone.get_by_role("button", name=re.compile("开始答题"))
            await expect(begin).to_be_enabled()
            await expect(phone).not_to_have_url(re.compile("#entry"))
            await looked_at(phone, "monthly-begin")
            await begin.click()
            await expect(phone.get_by_text("已答 0 / 5")).to_be_visible()
            await phone.locator(".option").first.click()
            await expect(phone.get_by_text("已答 1 / 5")).to_be_visible()
            await expect(phone.get_by_text("已收到").first).to_be_visible()
            await looked_at(phone, "monthly-paper")
            await phone.get_by_role("button", name="交卷").click()
            await phone.get_by_role("alertdialog").get_by_role("button", name="交卷").click()
            await expect(phone.get_by_text("已交卷")).to_be_visible()
            await looked_at(phone, "monthly-handed-in")
            await phone.get_by_role("link", name="返回日常练兵").click()
            await expect(phone.get_by_role("heading", name="月月比", exact=True)).to_be_visible()

            page = await open_page(desk)
            await page.set_viewport_size({"width": 1366, "height": 768})
            await office(house, page)
            await expect(page.get_by_role("cell", name=re.compile("本月月月比"))).to_be_visible()

            await over(house, session_id)
            await phone.reload()
            await expect(phone.get_by_text("已出成绩")).to_be_visible()
            await expect(phone.get_by_text("共 1 人")).to_be_visible()
            await looked_at(phone, "monthly-result")
            await page.reload()
            await expect(page.get_by_text("已出成绩")).to_be_visible()
            await looked_at(page, "monthly-desk")
    assert errors == []

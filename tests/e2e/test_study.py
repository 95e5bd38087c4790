"""Practising on a telephone in a browser: a set of the day, a set of the week, the book of mistakes with and without a
line; and the practice office that releases questions and sees who takes part.

With LEITAI_PICTURES set to a folder, every page is photographed into it.
"""

import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as daytime
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.bank import MODULES
from leitai.rules.beijing import beijing_day
from tests.support.browser import open_page
from tests.support.clocked_practice import practising_house
from tests.support.office import batch, questions
from tests.support.room import Room
from tests.support.staff_pages import PASSWORD
from tests.support.stores import furnished_folder, scratch_folder
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 360, "height": 640}


@dataclass
class Study(Room):
    """A house with a bank, and windows for the staff and for learners."""

    practice_url: str = ""
    """Where the learners' pages are, by a clock of their own."""

    async def learner(self, account: str) -> tuple[BrowserContext, Page]:
        """The telephone of a new learner."""
        context = await self.context()
        url = self.practice_url
        body = {"account": account, "password": PASSWORD, "name": "学员", "kind": "public"}
        answer = await context.request.post(f"{url}/api/practice/register", data=body, headers={"Origin": url})
        assert answer.ok, await answer.text()
        page = await open_page(context)
        await page.set_viewport_size(PHONE)
        await page.goto(f"{url}/#study")
        return context, page


@pytest.fixture
async def room(built_client: Path, browser: Browser) -> AsyncIterator[Study]:
    # Learners have the noon of tomorrow: no midnight falls into their sets, whenever tests run, and what the office
    # releases is theirs even if its own day ends meanwhile.
    noon = datetime.combine(beijing_day(time.time_ns() // 1000) + timedelta(days=1), daytime(12))
    with furnished_folder() as folder, scratch_folder() as beside:
        async with housed(folder / "data", roles=("office",)) as house, AsyncExitStack() as stack:
            await house.parts.office.import_bank(batch("bank"), questions(240))
            async with house.open_doors(), practising_house(house, beside, noon, "http://nobody.example") as practice:
                yield Study(house, browser, stack, "study", practice_url=practice.url)


async def give(page: Page) -> None:
    """Answer the question that is shown, somehow."""
    blanks = page.locator(".question input")
    if await blanks.count():
        for place in range(await blanks.count()):
            await blanks.nth(place).fill(("三十日", "书面")[place])
    else:
        await page.locator(".question .option").first.click()


async def test_practising_on_a_telephone_and_the_office_behind_it(room: Study) -> None:
    office = await room.staff("lian", "practice_office", "practice-releases")
    context, phone = await room.learner("learner01")
    await expect(phone.get_by_text("还没有可练习的试题")).to_be_visible()
    await room.whole(phone, "nothing")
    # The office releases five modules at once and one for a later day, which it then takes back.
    await room.whole(office, "releases-empty")
    for place in range(6):
        await office.get_by_role("combobox", name="模块").click(force=True)
        await office.get_by_role("option", name=MODULES[place], exact=True).click()
        if place == 5:
            later = beijing_day(time.time_ns() // 1000) + timedelta(days=30)
            await office.locator("input[type=date]").fill(later.isoformat())
        await office.get_by_role("button", name=re.compile("发布 40 题")).click()
        await expect(office.get_by_text(f"已发布 {MODULES[place]} 40 题")).to_be_visible()
    await office.get_by_role("button", name="撤回").first.click()
    await office.get_by_role("textbox", name="撤回原因").fill("推迟")
    await room.whole(office, "releases")
    await office.locator("form").get_by_role("button", name="撤回").click()
    await expect(office.get_by_text("已撤回 40 题。")).to_be_visible()

    # What was released is there within seconds.
    await _until_released(phone)
    await expect(phone.get_by_role("button", name="开始学习")).to_be_visible()
    await phone.get_by_role("button", name=MODULES[0]).click()
    await room.whole(phone, "home")
    await phone.set_viewport_size(SMALL)
    await room.whole(phone, "home-small")
    await phone.set_viewport_size(PHONE)

    # A set of the day: the answer and its explanation after each.
    await phone.get_by_role("button", name="开始学习").click()
    for place in range(1, 6):
        await expect(phone.get_by_text(f"第 {place} / 5 题")).to_be_visible()
        assert "依据第" not in await phone.content()
        await give(phone)
        if place == 1:
            await phone.get_by_role("button", name="收藏本题").click()
            await expect(phone.get_by_role("button", name="取消收藏")).to_be_visible()
            await room.whole(phone, "question")
        await phone.get_by_role("button", name="提交答案").click()
        await expect(phone.get_by_text(re.compile("回答正确|回答错误"))).to_be_visible()
        await expect(phone.get_by_text(re.compile("依据第"))).to_be_visible()
        if place == 2:
            await room.whole(phone, "told")
            await phone.reload()
            # Where one left it: answered questions are passed over.
            await expect(phone.get_by_text("第 3 / 5 题")).to_be_visible()
            continue
        await phone.get_by_role("button", name="下一题" if place < 5 else "查看本组小结").click()
    await expect(phone.get_by_role("heading", name="本组完成")).to_be_visible()
    await room.whole(phone, "summary")
    await phone.get_by_role("button", name="返回").click()
    await expect(phone.locator(".home__figure strong")).to_have_text("5")

    # A set of the week: moved through, reloaded without loss, handed in once.
    await phone.get_by_role("button", name="开始一组").click()
    await expect(phone.get_by_role("timer")).to_be_visible()
    for place in range(10):
        await expect(phone.get_by_text(f"第 {place + 1} / 10 题")).to_be_visible()
        await give(phone)
        await expect(phone.get_by_role("button", name=f"第 {place + 1} 题，已作答")).to_be_visible()
        if place == 4:
            await room.whole(phone, "weekly")
            await phone.reload()
            await expect(phone.get_by_role("button", name="第 5 题，已作答")).to_be_visible()
            await phone.get_by_role("button", name="第 5 题，已作答").click()
        if place < 9:
            await phone.get_by_role("button", name="下一题").click()
    await phone.get_by_role("button", name="提交本组").click()
    await expect(phone.get_by_text("今日第 1 组，计入积分。")).to_be_visible()
    await room.whole(phone, "weekly-result")
    await phone.get_by_role("button", name="返回").click()

    # The book of mistakes, with a note; then without a line.
    await phone.get_by_role("button", name="打开").click()
    first = phone.locator(".entry").first
    await first.get_by_role("button", name="查看答案与解析").click()
    await first.get_by_role("button", name="写笔记").click()
    await first.get_by_role("textbox", name="笔记").fill("看第三条")
    await first.get_by_role("button", name="保存").click()
    await expect(first.get_by_text("看第三条")).to_be_visible()
    await room.whole(phone, "book")
    await phone.get_by_role("tab", name="收藏与笔记").click()
    await expect(phone.locator(".entry")).to_have_count(2)
    await phone.get_by_role("tab", name="错题").click()
    await expect(phone.locator(".entry").first).to_be_visible()
    await phone.wait_for_function("navigator.serviceWorker.controller !== null")
    await phone.wait_for_function(
        """caches.open('leitai-practice-1').then((cache) => cache.keys())
          .then((kept) => kept.some((one) => one.url.includes('BookPage')))"""
    )
    await context.set_offline(True)
    await phone.reload()
    await phone.get_by_role("button", name="查看已保存的错题本").click()
    await expect(phone.get_by_text(re.compile("网络未连通，显示的是"))).to_be_visible()
    await expect(phone.locator(".entry").first).to_be_visible()
    await room.whole(phone, "offline")
    await context.set_offline(False)

    # What the office sees of a day that is over.
    await _a_day_before(room.house)
    await office.goto(f"{room.house.office_url}/#/practice-findings")
    await expect(office.get_by_text("作答过快")).to_be_visible()
    await office.get_by_role("button", name="填写核查结果").click()
    await office.get_by_role("textbox", name="核查结果").fill("已核实")
    await office.get_by_role("button", name="保存").click()
    await expect(office.get_by_text("已核实")).to_be_visible()
    # A second word stands beside the first one.
    await office.get_by_role("button", name="补充").click()
    await office.get_by_role("textbox", name="核查结果").fill("本人说明是同事代答")
    await office.get_by_role("button", name="保存").click()
    words = [re.compile("^已核实"), re.compile("^本人说明是同事代答")]
    await expect(office.locator(".findings__mark")).to_have_text(words)
    await room.whole(office, "findings")
    await office.goto(f"{room.house.office_url}/#/practice-participation")
    await expect(office.get_by_role("rowheader", name="河北省")).to_be_visible()
    await expect(office.get_by_role("rowheader", name="就业创业")).to_be_visible()
    await room.whole(office, "participation")
    async with office.expect_download() as download:
        await office.get_by_role("link", name="导出 Excel 表格").click()
    assert (await (await download.value).path()).stat().st_size > 4_000
    assert room.faults == []


async def _until_released(phone: Page) -> None:
    """The learners' process looks at releases every ten seconds: ask until it has."""

    async def ready() -> bool:
        return await phone.evaluate("fetch('/api/practice/topics').then((a) => a.json()).then((b) => b.weekly_ready)")

    await eventually(ready, bool)
    await phone.reload()


async def _a_day_before(house: House) -> None:
    """Put down what the nightly check would of yesterday."""
    async with house.parts.database.connection() as connection:
        await connection.execute(
            "insert into practice_night (day) values ((now() at time zone 'Asia/Shanghai')::date - 1)"
        )
        await connection.execute(
            "insert into practice_finding (day, pattern, learners, answers, figure_us)"
            " select day, 'impossible_speed', '{1,2}', 40, 350000 from practice_night"
        )
        await connection.execute(
            "insert into practice_participation (day, province, module, learners, answers, right_answers)"
            " select day, '130000', module, 12, 340, 290 from practice_night, unnest(array['', '就业创业']) as module"
        )

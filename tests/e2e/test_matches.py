"""A match between two learners on telephones: found, played to the end with a lost line between, and played again; and
one against a recording of it, by a learner whom nobody meets.

With LEITAI_PICTURES set to a folder, every page is photographed into it.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.bank import MODULES
from leitai.rules.beijing import beijing_day
from leitai.stores.postgres.practice_desk_store import PracticeDesk
from tests.support.barriers import barriers
from tests.support.browser import glimpsed, open_page, visitor
from tests.support.office import batch, questions
from tests.support.stores import scratch_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 360, "height": 640}
TOLD = ".play__told"
RECORDED = re.compile(r"^录像 \d")
SECONDS = 50
"""Of every question, as long as there may be: no machine is too slow to look a page over before it closes."""
PAUSE_MS = 3_000 if "LEITAI_PICTURES" in os.environ else 700


@pytest.fixture
async def house(built_client: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setenv("LEITAI_MATCH_PAUSE_MS", str(PAUSE_MS))
    monkeypatch.setenv("LEITAI_MATCH_SECONDS", str(SECONDS))
    with scratch_folder() as folder:
        async with housed(folder / "data", practice=True, roles=("practice",)) as house:
            await house.parts.office.import_bank(batch("bank"), questions(240))
            desk, today = PracticeDesk(house.parts.database), beijing_day(time.time_ns() // 1000)
            for module in MODULES:
                await desk.release(0, module, None, today, "练兵组")
            async with house.open_doors():
                yield house


async def _learner(house: House, browser: Browser, stack: AsyncExitStack, name: str) -> Page:
    context = await stack.enter_async_context(visitor(browser))
    url = house.practice_url
    body = {"account": name, "password": PASSWORD, "name": name, "kind": "public"}
    answer = await context.request.post(f"{url}/api/practice/register", data=body, headers={"Origin": url})
    assert answer.ok, await answer.text()
    page = await open_page(context)
    await page.set_viewport_size(PHONE)
    await page.goto(f"{url}/#match")
    return page


async def _whole(page: Page, name: str) -> None:
    """Nothing runs out of the window, nothing is in anybody's way; a picture is kept where somebody wants them."""
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, name
    assert await barriers(page) == [], name
    await _picture(page, name)


async def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("LEITAI_PICTURES"):
        await page.screenshot(path=Path(folder) / f"match-{name}.png")


async def _reads(page: Page) -> None:
    """All ten questions, the last one too, with right answers and explanations."""
    items = page.locator(".review__item")
    await expect(items).to_have_count(10)
    await expect(items.locator(".review__why")).to_have_count(10)
    await expect(items.get_by_text("正确答案")).to_have_count(10)
    await expect(items.last.get_by_text("第 10 / 10 题")).to_be_visible()


async def _asked(page: Page, question: int) -> None:
    await expect(page.get_by_text(f"第 {question} / 10 题", exact=True)).to_be_visible()
    await expect(page.locator(".play .option").first).to_be_enabled()


async def _asked_again(page: Page, question: int) -> None:
    await expect(page.get_by_text(f"第 {question} / 10 题", exact=True)).to_be_visible()
    await expect(page.get_by_text("已收到，等待对方")).to_be_visible()
    await expect(page.locator(".option--picked")).not_to_have_count(0)


async def _give(page: Page, *, by_key: bool) -> None:
    """Answer the question that is shown, somehow."""
    several = await page.get_by_role("button", name="提交答案").count()
    if by_key:
        await page.keyboard.press("1")
        if several:
            await page.keyboard.press("Enter")
    else:
        await page.locator(".play .option").nth(1).click()
        if several:
            await page.get_by_role("button", name="提交答案").click()


async def _meets_a_recording(page: Page) -> None:
    """Nobody else seeks: after eight seconds it is a play of before, said to be one, to the end and without points."""
    async with glimpsed(page, ".seek", "8 秒后改为与录像对战"):
        await page.get_by_role("button", name="开始对战").click()
    other = page.locator(".player").last
    recording = other.get_by_text("录像", exact=True)
    await expect(other.locator(".player__name")).to_have_text(re.compile("^(wheat|green)$"))
    for question in range(1, 11):
        await _asked(page, question)
        await expect(recording).to_be_visible()
        if question == 1:
            await _whole(page, "recorded-question")
        async with glimpsed(page, TOLD, "正确答案"):
            await _give(page, by_key=question % 2 == 0)
        if question == 2:
            await _picture(page, "recorded-told")
    await expect(page.locator(".ended__title")).to_have_text(re.compile("胜|负|平"))
    await expect(page.get_by_text("与录像对战不计积分")).to_be_visible()
    await expect(other.get_by_text(RECORDED)).to_be_visible()
    await expect(page.get_by_role("button", name="再来一局")).to_have_count(0)
    await _reads(page)
    await _whole(page, "recorded-ended")
    await page.get_by_role("button", name="返回", exact=True).click()
    line = page.locator(".matches__line")
    await expect(line).to_have_count(1)
    await expect(line).to_contain_text("录像")
    await _whole(page, "recorded-home")


async def test_learners_play_on_their_telephones_each_other_or_a_recording(house: House, browser: Browser) -> None:
    async with AsyncExitStack() as stack:
        one = await _learner(house, browser, stack, "wheat")
        two = await _learner(house, browser, stack, "green")
        await expect(one.get_by_text("还没有对战记录。")).to_be_visible()
        await _whole(one, "home-empty")
        await one.get_by_role("button", name="开始对战").click()
        await expect(one.get_by_text("正在寻找对手")).to_be_visible()
        await _whole(one, "seeking")
        await two.get_by_role("button", name="开始对战").click()
        for question in range(1, 11):
            await asyncio.gather(_asked(one, question), _asked(two, question))
            if question == 1:
                await _whole(one, "question")
                await two.set_viewport_size(SMALL)
            await _give(one, by_key=True)
            if question == 1:
                await expect(one.get_by_text("已收到，等待对方")).to_be_visible()
                await expect(two.locator(".player").last.get_by_text("已作答")).to_be_visible()
                await _whole(one, "answered")
                await _whole(two, "question-small")
                await two.set_viewport_size(PHONE)
            if question == 3:
                # A page that comes back finds the question that is under way, with its own answer.
                await one.reload()
                await _asked_again(one, question)
            async with AsyncExitStack() as told:
                for page in (one, two):
                    await told.enter_async_context(glimpsed(page, TOLD, "正确答案"))
                if question == 10:
                    await told.enter_async_context(glimpsed(one, ".play__leave", "十题已答完，即将显示结果。"))
                await _give(two, by_key=False)
            if question in (2, 10):
                await _picture(one, f"told-{question}")
        for page in (one, two):
            await expect(page.locator(".ended__title")).to_have_text(re.compile("胜|负|平"))
            await expect(page.locator(".ended__title")).to_be_focused()
        await _reads(one)
        await _reads(two)
        await _whole(one, "ended")
        won = {await page.locator(".ended__title").inner_text() for page in (one, two)}
        assert won in ({"胜", "负"}, {"平"})

        await one.get_by_role("button", name="再来一局").click()
        await two.get_by_role("button", name="再来一局").click()
        await asyncio.gather(_asked(one, 1), _asked(two, 1))
        await one.get_by_role("button", name="退出对战").click()
        await _picture(one, "leaving")
        await one.get_by_role("button", name="退出并认负").click()
        await expect(two.locator(".ended__title")).to_have_text("胜")
        await expect(two.get_by_text("一方离开，另一方胜")).to_be_visible()
        await expect(one.locator(".ended__title")).to_have_text("负")
        await one.get_by_role("button", name="返回", exact=True).click()
        await expect(one.locator(".matches__line")).to_have_count(2)
        await _whole(one, "home")
        await one.locator(".matches__read").last.click()
        await _reads(one)
        await _whole(one, "review")
        await one.goto(f"{house.practice_url}/#match/1234")
        await expect(one.get_by_text("这场对战已经结束")).to_be_visible()

        await _meets_a_recording(await _learner(house, browser, stack, "late"))

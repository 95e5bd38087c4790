"""The ceremony's pages in a browser: both boards with freeze and thaw, the reveal rehearsed and played."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.support.barriers import barriers, beyond
from tests.support.browser import open_page, visitor
from tests.support.staffed import PASSWORD, Office, see, seen, staffed_office
from tests.support.waiting import PATIENCE_S
from tests.web.test_desk import give, right_and_wrong

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]


@pytest.fixture
async def office(built_client: Path) -> AsyncIterator[Office]:
    async with staffed_office() as office:
        yield office


async def test_a_director_rehearses_and_plays_the_reveal(office: Office, browser: Browser, tmp_path: Path) -> None:
    errors: list[str] = []
    operator = await office.account("op-1", "operator")
    director = await office.account("air-1", "broadcast_director")
    await seen(operator, "lobby")
    async with visitor(browser) as context, httpx2.AsyncClient(base_url=office.house.url, timeout=PATIENCE_S) as public:
        context.on("weberror", lambda error: errors.append(error.error.message))
        page = await open_page(context)
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.goto(f"{office.house.office_url}/#/reveal")
        await page.get_by_label("账号").fill("air-1")
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_text("尚未进入复核")).to_be_visible()
        await conducted(operator, "start", "running")
        # Two delegations stand apart, so that there are prizes to call out.
        session = (await see(operator))["session"]
        sittings, right, _ = await right_and_wrong(office, session)
        assert set(await give(office, session, dict.fromkeys([*sittings[:4], sittings[4]], right))) == {"ACCEPTED"}
        await _judges_freeze(office, browser, errors)
        await conducted(operator, "close", "closed")
        await conducted(operator, "review", "under_review")

        await expect(page.get_by_role("heading", name="滚榜", exact=True)).to_be_visible()
        await page.get_by_role("button", name="列出名次").click()
        await expect(page.get_by_text("第 0 步，共")).to_be_visible()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_text("第 1 步，共")).to_be_visible()
        # Rehearsed: nothing was set down, and the public saw nothing.
        assert (await director.get("/api/staff/reveal")).json()["edition"] == 0
        assert (await public.get("/api/reveal")).json()["reveal"] is None

        await page.get_by_text("正式", exact=True).click()
        await page.get_by_role("button", name="开始滚榜").click()
        await expect(page.get_by_role("button", name="结束滚榜")).to_be_visible()
        for step in (1, 2, 3):
            await page.get_by_role("button", name="下一步", exact=True).click()
            await expect(page.get_by_text(f"第 {step} 步，共")).to_be_visible()
        await page.keyboard.press("ArrowLeft")
        await expect(page.get_by_text("第 2 步，共")).to_be_visible()
        await _a_late_look_changes_nothing(page)
        await _keys_wait_their_turn(page)
        shown = (await public.get("/api/reveal", headers={"Cache-Control": "no-cache"})).json()["reveal"]
        assert shown["group"] == "delegations"
        await _follows_on_the_wall(office, browser, page, tmp_path, errors)
        await page.reload()
        await expect(page.get_by_text("第 2 步，共")).to_be_visible()
        await expect(page.get_by_role("button", name="结束滚榜")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert await barriers(page) == []
        await page.get_by_role("button", name="结束滚榜").click()
        await expect(page.get_by_role("button", name="开始滚榜")).to_be_enabled()
    assert errors == []


async def _a_late_look_changes_nothing(page: Page) -> None:
    """An answer that was on its way while a step was taken is older than it: neither the stage nor the next key feels
    it.
    """
    looks: list[Route] = []
    answered, stepped, told = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method != "GET":
            await route.fallback()
            return
        looks.append(route)
        if len(looks) > 1:
            # Later looks would mend what the held one did before it is seen.
            await route.abort()
            return
        answer = await route.fetch()
        answered.set()
        await stepped.wait()
        await route.fulfill(response=answer)
        told.set()

    await page.route("**/api/staff/reveal", hold)
    await answered.wait()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_text("第 3 步，共")).to_be_visible()
    stepped.set()
    await told.wait()
    response = await looks[0].request.response()
    assert response is not None
    await response.finished()
    await beyond(page)  # Its scripts have had their turn: two frames went by.
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_text("第 4 步，共")).to_be_visible()
    await page.unroute_all(behavior="wait")
    for step in (3, 2):
        await page.keyboard.press("ArrowLeft")
        await expect(page.get_by_text(f"第 {step} 步，共")).to_be_visible()


async def _keys_wait_their_turn(page: Page) -> None:
    """Keys that are pressed while a step is on its way are carried out after it, in order, or refused."""
    routed, answered = asyncio.Event(), asyncio.Event()

    async def held(route: Route) -> None:
        routed.set()
        if route.request.method == "POST":
            await answered.wait()
        await route.fallback()

    await page.route("**/api/staff/reveal", held)
    # The browser may let what the page asks at once go by: one of its looks shows that nothing does any more.
    await routed.wait()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        await page.keyboard.press(key)
    await expect(page.get_by_text("还有 3 步待执行")).to_be_visible()
    for _ in range(6):
        await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_text("已有 8 步待执行，这一按没有计入")).to_be_visible()
    answered.set()
    # 2, 3, 4, and back as far as there is anything.
    await expect(page.get_by_text("第 0 步，共")).to_be_visible()
    await expect(page.get_by_text("步待执行")).to_have_count(0)
    for key in ("ArrowRight", "ArrowRight"):
        await page.keyboard.press(key)
    await expect(page.get_by_text("第 2 步，共")).to_be_visible()
    await page.unroute_all(behavior="wait")


async def _follows_on_the_wall(
    office: Office, browser: Browser, director: Page, pictures: Path, errors: list[str]
) -> None:
    """The hall's screen shows what the director's keys do, is where it was after a reload, and calls awards out."""
    async with visitor(browser) as context:
        context.on("weberror", lambda error: errors.append(error.error.message))
        wall = await open_page(context)
        await wall.set_viewport_size({"width": 1920, "height": 1080})
        await wall.goto(f"{office.house.url}/reveal")
        await expect(wall.get_by_text("第 2 步，共")).to_be_visible()
        rows = wall.get_by_role("table").get_by_role("row")
        places = await rows.count()
        await director.keyboard.press("ArrowRight")
        await expect(wall.get_by_text("第 3 步，共")).to_be_visible()
        await director.keyboard.press("ArrowLeft")
        await expect(wall.get_by_text("第 2 步，共")).to_be_visible()
        await expect(rows).to_have_count(places)
        await wall.reload()
        await expect(wall.get_by_text("第 2 步，共")).to_be_visible()
        await expect(rows).to_have_count(places)
        award = wall.locator(".reveal__award")
        for _ in range(12):
            if await award.is_visible():
                break
            before = await wall.locator(".reveal__step").inner_text()
            step = director.get_by_text("步，共").first
            told = await step.inner_text()
            await director.keyboard.press("ArrowRight")
            await expect(wall.locator(".reveal__step")).not_to_have_text(before)
            await expect(step).not_to_have_text(told)
        await expect(award).to_contain_text("等奖")
        await expect(wall.locator(".reveal__holders li").first).to_be_visible()
        await expect(wall.locator(".reveal__card")).to_have_count(1)
        assert await wall.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert await wall.evaluate("document.documentElement.scrollHeight - window.innerHeight") <= 0
        assert await barriers(wall) == []
        await wall.screenshot(path=pictures / "reveal-award.png")
        while await director.get_by_text("第 2 步，共").count() == 0:
            step = director.get_by_text("步，共").first
            before = await step.inner_text()
            await director.keyboard.press("ArrowLeft")
            await expect(step).not_to_have_text(before)
        await expect(wall.get_by_text("第 2 步，共")).to_be_visible()
        await wall.screenshot(path=pictures / "reveal-place.png")
        await wall.set_viewport_size({"width": 390, "height": 844})
        assert (await beyond(wall))[0] <= 0
        # The hall's own address shows it as well, while it lasts.
        await wall.goto(f"{office.house.url}/hall")
        await expect(wall.get_by_text("第 2 步，共")).to_be_visible()


async def _judges_freeze(office: Office, browser: Browser, errors: list[str]) -> None:
    """A chief judge sees both boards, and freezes, thaws and freezes again."""
    await office.account("chief-1", "chief_judge")
    async with visitor(browser) as context:
        context.on("weberror", lambda error: errors.append(error.error.message))
        page = await open_page(context)
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.goto(f"{office.house.office_url}/#/boards")
        await page.get_by_label("账号").fill("chief-1")
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_text("未封榜，两榜相同")).to_be_visible()
        await expect(page.get_by_role("row")).to_have_count(14)
        for command, told in (("封榜", "已封榜"), ("解封", "未封榜"), ("封榜", "已封榜")):
            await page.get_by_role("button", name=command, exact=True).click()
            dialog = page.get_by_role("dialog", name=command)
            await expect(dialog).to_contain_text("公众榜")
            await dialog.get_by_role("button", name=f"执行：{command}").click()
            await expect(page.get_by_text(told)).to_be_visible()
        await page.get_by_text("团体", exact=True).click()
        await expect(page.get_by_role("row")).to_have_count(5)
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert await barriers(page) == []


async def conducted(operator: httpx2.AsyncClient, command: str, phase: str) -> None:
    body = await see(operator)
    request = {"session": body["session"], "command": command, "expects": body["edition"]}
    answer = await operator.post("/api/staff/console/conduct", json=request)
    assert answer.status_code == 204, answer.text
    await seen(operator, phase)

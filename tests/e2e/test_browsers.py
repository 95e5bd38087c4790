"""The pages come up in the browsers that contestants have: today's, and the Chromium 86 of many an office."""

import asyncio
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import BrowserContext, Page, expect

from leitai.office.calendar.calendar import Calendar
from leitai.web.app import build_app
from leitai.web.calendar import CalendarPublic
from leitai.web.doors import WebSettings
from tests.support.browser import Program, modern_chromium, old_chromium, open_page, or_skip, running, visitor
from tests.support.days import FakeDays
from tests.support.doors import CODES, LI, World
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.browser
WAITS_MS = PATIENCE_S * 1000


@pytest.fixture(params=[modern_chromium, old_chromium], ids=["today", "chromium-86"])
async def anyone(request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """A visitor with each of the browsers."""
    chromium: Callable[[], Program] = request.param
    async with running(or_skip(chromium)) as browser, visitor(browser) as context:
        yield context


@pytest.fixture
async def url(built_client: Path) -> AsyncIterator[str]:
    """Where the built pages are served, with fakes behind the doors and nobody at the socket."""
    async with _served(World(), built_client) as url:
        yield url


@asynccontextmanager
async def _served(world: World, client: Path) -> AsyncGenerator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        parts = [CalendarPublic(Calendar(FakeDays(), ()))]
        app = build_app(world.doors(), WebSettings(origins=frozenset((url,)), client=client), parts=parts)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield url
        finally:
            server.should_exit = True
            await task


def _errors_of(page: Page) -> list[str]:
    """The list to which every uncaught error of the page will be added."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    return errors


async def test_a_contestant_signs_in(anyone: BrowserContext, url: str) -> None:
    page = await open_page(anyone)
    errors = _errors_of(page)
    await page.goto(f"{url}/contest")
    await expect(page.get_by_role("heading", level=1)).to_have_text("全国人社知识竞赛")
    await page.get_by_label("准考证号").fill(LI.admission_no)
    await page.get_by_label("登录码").fill("wrong")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("登录码").fill(CODES[LI.admission_no])
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_label("登录码")).to_have_count(0)
    await expect(page.get_by_text(LI.name).first).to_be_visible()
    assert errors == []


@pytest.mark.parametrize("path", ["/", "/board", "/results", "/calendar"])
async def test_public_pages_come_up(anyone: BrowserContext, url: str, path: str) -> None:
    page = await open_page(anyone)
    errors = _errors_of(page)
    await page.goto(f"{url}{path}")
    await expect(page.locator("#app")).to_contain_text(re.compile(r"[\u4e00-\u9fff]{4,}"))
    assert errors == []


@pytest.mark.parametrize("path", ["/", "/contest", "/board", "/results"])
async def test_pages_tell_a_contest_that_is_not_there_from_a_lost_line(
    anyone: BrowserContext, built_client: Path, path: str
) -> None:
    world = World()
    world.session.body = None
    world.session.none = True
    async with _served(world, built_client) as url:
        page = await open_page(anyone)
        await page.goto(f"{url}{path}")
        await expect(page.get_by_role("heading", name="目前没有开放的场次")).to_be_visible()
        # Nor from a server whose stores are away, which the page may have asked again by itself.
        world.session.none = False
        await page.get_by_role("button", name="重试").click()
        await expect(page.get_by_role("heading", name="服务器暂时繁忙")).to_be_visible()
        await page.route("**/api/contest", lambda route: route.abort())
        await page.get_by_role("button", name="重试").click()
        await expect(page.get_by_role("heading", name="暂时无法载入")).to_be_visible()


async def test_a_contestants_page_opened_before_a_session_comes_in_by_itself(
    anyone: BrowserContext, built_client: Path
) -> None:
    world = World()
    world.session.body, later, world.session.none = None, world.session.body, True
    async with _served(world, built_client) as url:
        page = await open_page(anyone)
        errors = _errors_of(page)
        await page.goto(f"{url}/contest")
        await page.evaluate("window.opened = 'once'")
        await expect(page.get_by_role("heading", name="目前没有开放的场次")).to_be_visible()
        # The stores go away and come back meanwhile: that is another thing to wait for.
        world.session.none = False
        await expect(page.get_by_role("heading", name="服务器暂时繁忙")).to_be_visible(timeout=WAITS_MS)
        world.session.body = later
        await expect(page.get_by_label("登录码")).to_be_visible(timeout=WAITS_MS)
        await page.get_by_label("准考证号").fill(LI.admission_no)
        await page.get_by_label("登录码").fill(CODES[LI.admission_no])
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_text(LI.name).first).to_be_visible()
        assert await page.evaluate("window.opened") == "once", "nobody has loaded the page again"
        # Whoever is signed in already finds their place there instead of the door.
        world.session.body, world.session.none = None, True
        await page.goto(f"{url}/results")
        await page.goto(f"{url}/contest")
        await expect(page.get_by_role("heading", name="目前没有开放的场次")).to_be_visible()
        world.session.body, world.session.none = later, False
        await expect(page.get_by_text(LI.name).first).to_be_visible(timeout=WAITS_MS)
        assert errors == []


async def test_a_page_asks_nobody_else_for_anything(anyone: BrowserContext, url: str) -> None:
    asked: list[str] = []
    page = await open_page(anyone)
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{url}/contest", wait_until="networkidle")
    assert asked
    assert [one for one in asked if not one.startswith((url, "data:"))] == []

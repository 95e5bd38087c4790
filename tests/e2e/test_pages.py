"""Every page of a contest under way, in both languages, on desk and phone: it fits, is quiet, can be used by all."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Request, ViewportSize, expect

from leitai.live.commanding import hand_over
from leitai.live.ports import Command
from leitai.rules.values import Phase, SessionId
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support import browser as browsers
from tests.support.barriers import barriers
from tests.support.demo import Run, started
from tests.support.stores import scratch_folder
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages"), pytest.mark.asyncio(loop_scope="module")]

DESKTOP = ViewportSize(width=1366, height=768)
PHONE = ViewportSize(width=390, height=844)
SCREENS = (ViewportSize(width=1920, height=1080), ViewportSize(width=3840, height=2160), DESKTOP)
LOCALES = {"zh-CN": re.compile(r"[\u4e00-\u9fff]{4,}"), "en": re.compile(r"[A-Za-z]{4,}")}
PUBLIC = (
    "/",
    "/contest",
    "/board",
    "/board?view=delegations",
    "/board?view=province&delegation=110000",
    "/hall",
    "/results",
)
LAW = ("#standings", "#eligibility", "#draw")
SEATS = 32
"""One for each delegation."""
SCRIPT_BYTES = 80 * 1024
END_MS = 150_000.0

_WATCH_POLICY = """
window.refusedByPolicy = []
document.addEventListener('securitypolicyviolation', (event) => {
  window.refusedByPolicy.push(`${event.violatedDirective}: ${event.blockedURI}`)
})
"""
# What a page does about its new size is done by then.
_FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
_BEYOND = """
[document.documentElement.scrollWidth - window.innerWidth, document.documentElement.scrollHeight - window.innerHeight]
"""


@dataclass
class Seen:
    """What a page did besides being shown."""

    errors: list[str] = field(default_factory=list[str])
    requests: list[Request] = field(default_factory=list[Request])

    def console(self, message: ConsoleMessage) -> None:
        """Take a line of the console. An answer of ours that says "not you" or "not yet" is no error of the page."""
        ours = "/api/" in message.location.get("url", "") and re.search(r"status of 40[13]", message.text)
        if message.type in ("error", "warning") and not ours:
            self.errors.append(message.text)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browsers.running(browsers.or_skip(browsers.modern_chromium)) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Contest:
    """A small contest whose lobby is open; it begins and ends by command, for whichever test first wants it."""

    run: Run
    valkey_url: str
    session_id: SessionId

    async def begun(self) -> None:
        """It is under way, or has been."""
        async with self._session() as session:
            state = await session.state()
            if state is None or state.phase in _BEFORE:
                await eventually(session.state, lambda state: state is not None and state.phase is Phase.LOBBY)
                await hand_over(session, Command("start", "tests"), PATIENCE_S)
            await eventually(session.state, lambda state: state is not None and state.phase not in _BEFORE)

    async def over(self) -> None:
        """Nobody answers any more."""
        await self.begun()
        async with self._session() as session:
            state = await session.state()
            if state is not None and state.phase is Phase.RUNNING:
                await hand_over(session, Command("close", "tests"), PATIENCE_S)

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[ValkeySession]:
        store = open_store(self.valkey_url)
        try:
            yield ValkeySession(store, self.session_id, 1)
        finally:
            await store.aclose()


_BEFORE = (Phase.SCHEDULED, Phase.LOBBY)


@pytest.fixture(scope="module")
def contest() -> Iterator[Contest]:
    """It lasts for minutes once it has begun."""
    options = ("--contestants", str(SEATS), "--items", "20", "--seconds-per-item", "20", "--starts-in", "1500")
    with scratch_folder() as folder, started(folder / "data", *options) as run:
        session = run.session()
        yield Contest(run, run.stores(folder / "data"), SessionId(session))
        assert run.interrupt() == 0


@pytest.fixture(scope="module")
def run(contest: Contest) -> Run:
    return contest.run


@asynccontextmanager
async def _visiting(chromium: Browser, run: Run, locale: str) -> AsyncGenerator[tuple[Page, Seen]]:
    """A page of a new visitor; afterwards nothing may have gone wrong in it, nor anything been asked of others."""
    context = await chromium.new_context(locale=locale, timezone_id="Asia/Shanghai", viewport=DESKTOP)
    context.set_default_timeout(browsers.WAIT_MS)
    await context.add_init_script(_WATCH_POLICY)
    page = await browsers.open_page(context)
    seen = Seen()
    page.on("console", seen.console)
    page.on("pageerror", lambda error: seen.errors.append(error.message))
    page.on("request", lambda request: seen.requests.append(request))
    try:
        yield page, seen
        assert await page.evaluate("window.refusedByPolicy") == []
        assert seen.errors == []
        assert [one.url for one in seen.requests if not one.url.startswith((f"{run.url}/", "data:", "blob:"))] == []
    finally:
        await context.close()


async def _fits(page: Page) -> None:
    """Nothing is beyond the right edge, on a desk and on a phone."""
    for viewport in (PHONE, DESKTOP):
        await page.set_viewport_size(viewport)
        await page.evaluate(_FRAME)
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, viewport


async def _is_for_all(page: Page) -> None:
    """No barrier that axe calls serious or critical, on a desk and on a phone."""
    for viewport in (PHONE, DESKTOP):
        await page.set_viewport_size(viewport)
        assert await barriers(page) == [], viewport


async def _sign_in(page: Page, run: Run) -> None:
    await page.goto(f"{run.url}/contest")
    await page.get_by_label("准考证号").fill(run.number)
    await page.get_by_label("登录码").fill(run.code)
    await page.get_by_label("登录码").press("Enter")


async def test_an_item_fits_one_screen_and_its_page_is_small(
    chromium: Browser, contest: Contest, built_client: Path
) -> None:
    run = contest.run
    async with _visiting(chromium, run, "zh-CN") as (page, seen):
        await _sign_in(page, run)
        stem = page.locator("#stem")
        check_in = page.get_by_role("button", name="签到")
        # No check-in where another test has begun the contest.
        await expect(stem.or_(check_in)).to_be_visible()
        if await check_in.is_visible():
            await _is_for_all(page)
            await check_in.click()
        await contest.begun()
        await expect(stem).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollHeight - window.innerHeight") <= 0
        await _fits(page)
        await _is_for_all(page)
        scripts = [one for one in seen.requests if one.resource_type == "script"]
        assert scripts
        sizes = [await one.sizes() for one in scripts]
        assert sum(size["responseBodySize"] for size in sizes) <= SCRIPT_BYTES


async def test_the_board_moves_by_itself(chromium: Browser, contest: Contest, built_client: Path) -> None:
    run = contest.run
    await contest.begun()
    async with _visiting(chromium, run, "zh-CN") as (page, seen):
        await page.goto(f"{run.url}/board")
        names = page.locator(".row .row__name")
        await expect(names).to_have_count(SEATS)
        asked = len([one for one in seen.requests if "/boards/" in one.url])
        before = await names.all_inner_texts()
        async with browsers.glimpsed(page, ".row--glide"):
            await expect(names).not_to_have_text(before)
        assert set(await names.all_inner_texts()) == set(before)
        await expect(page.locator(".row__up").first).to_be_attached()
        assert len([one for one in seen.requests if "/boards/" in one.url]) == asked


async def test_the_hall_shows_everything_on_one_screen(chromium: Browser, contest: Contest, built_client: Path) -> None:
    run = contest.run
    await contest.begun()
    async with _visiting(chromium, run, "zh-CN") as (page, seen):
        await page.goto(f"{run.url}/hall")
        # Everybody is simulated and connected but the seat that the run keeps for a person.
        await expect(page.locator(".map__total")).to_have_text(re.compile(rf"({SEATS - 1}|{SEATS})\s*/\s*{SEATS}"))
        await expect(page.locator(".tile")).to_have_count(SEATS)
        await expect(page.get_by_role("table", name="代表队").get_by_role("row")).to_have_count(SEATS)
        await expect(page.get_by_role("table", name="个人领先").get_by_role("row")).to_have_count(16)
        for screen in SCREENS:
            await page.set_viewport_size(screen)
            await page.evaluate(_FRAME)
            assert max(await page.evaluate(_BEYOND)) <= 0, screen
            for place in (page.locator(".line").last, page.locator(".tile").last, page.locator(".line__points").last):
                box = await place.bounding_box()
                assert box is not None
                assert box["x"] + box["width"] <= screen["width"], screen
                assert box["y"] + box["height"] <= screen["height"], screen
        asked = [one.url for one in seen.requests if "/boards/" in one.url]
        assert len(asked) <= 2, "both boards come by sockets once these are there"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("path", PUBLIC)
async def test_a_public_page(chromium: Browser, run: Run, built_client: Path, path: str, locale: str) -> None:
    async with _visiting(chromium, run, locale) as (page, _):
        await page.goto(f"{run.url}{path}")
        await expect(page.locator("h1").first).to_have_text(re.compile(r"\S"))
        await expect(page.locator("html")).to_have_attribute("lang", locale)
        await expect(page.locator("main")).to_contain_text(LOCALES[locale])
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        await _fits(page)
        await _is_for_all(page)


@pytest.mark.parametrize("locale", LOCALES)
async def test_results_when_they_are_final(
    chromium: Browser, contest: Contest, built_client: Path, locale: str
) -> None:
    run = contest.run
    await contest.over()
    async with _visiting(chromium, run, locale) as (page, _):
        await page.goto(f"{run.url}/board")
        final = page.get_by_text("已定榜" if locale == "zh-CN" else "Results final")
        await expect(final).to_be_visible(timeout=END_MS)
        for tab in LAW:
            await page.goto(f"{run.url}/results{tab}")
            await expect(page.locator("main").get_by_role("table").or_(page.locator("main ol")).first).to_be_visible()
            await _fits(page)
            await _is_for_all(page)

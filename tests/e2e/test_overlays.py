"""Overlays in a browser: what is seen and what is transparent at 1080p and 4K, with hostile names, without a line."""

import copy
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.support import browser as browsers
from tests.support.air import HOSTILE, LONG_NAME, TOKEN, FakeAir, air_body, closed, on_air, revealed
from tests.support.screens import RECTANGLES, SETTLED, painted, screen, until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("overlays"), pytest.mark.asyncio(loop_scope="module")]

SHOWN = {
    "strip": "个人领先",
    "top10": "个人前十名",
    "delegations": "代表队排行",
    "province": "北京市",
    "item": "第 12 题 / 共 80 题",
    "versus": "VS",
    "ticker": "赛况",
    "reveal": "团体名次",
}
PARAMS: dict[str, dict[str, Any]] = {
    "province": {"delegation": "110000", "page": 1},
    "versus": {"left": "110000", "right": "660000"},
}
SAFE_X, SAFE_Y = 96, 54
MOST_MOVING = 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browsers.running(browsers.or_skip(browsers.modern_chromium)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def station(built_client: Path) -> AsyncIterator[tuple[FakeAir, str]]:
    """A server with something to show on every overlay."""
    async with on_air(built_client) as (air, url):
        yield air, url


@pytest_asyncio.fixture(loop_scope="module")
async def air(station: tuple[FakeAir, str]) -> FakeAir:
    """That server, with the body that all tests start from."""
    air, _ = station
    air.refused = False
    await air.tell(_everything())
    return air


@pytest.fixture
def url(station: tuple[FakeAir, str]) -> str:
    """Its address."""
    return station[1]


def _everything() -> dict[str, Any]:
    body = revealed(closed(air_body()))
    body["individuals"][0]["centipoints"] = 1200
    return body


async def _tune(page: Page, url: str, name: str, query: str = "") -> None:
    await page.goto(f"{url}/overlay/{name}?token={TOKEN}{query}")
    await _stands(page, name)


async def _stands(page: Page, name: str) -> None:
    """Wait until the picture of an overlay is the only one, and at rest.

    By its class: the table of delegations holds the name of the province too.
    """
    await expect(_picture(page, name).filter(has_text=SHOWN[name])).to_have_count(1)
    await expect(page.locator(".scene")).to_have_count(1)
    await until(page, SETTLED)


def _picture(page: Page, name: str) -> Locator:
    return page.locator(f".scene:is(.{name}, .board--{name})")


async def test_overlays_are_plates_on_nothing_at_both_sizes(chromium: Browser, air: FakeAir, url: str) -> None:
    async with screen(chromium, calm=True) as small, screen(chromium, 2, calm=True) as large:
        for page in (small, large):
            await page.goto(f"{url}/overlay/program?token={TOKEN}")
        for name in SHOWN:
            await air.take(name, **PARAMS.get(name, {}))
            one, four = await _measured(small, name, 1), await _measured(large, name, 2)
            doubled = [[2 * length for length in rectangle] for rectangle in one]
            assert doubled == [pytest.approx(rectangle, abs=0.6) for rectangle in four], name
            left, top, width, height = one[0]
            outside, inside = await painted(small, left, top, left + width, top + height)
            assert (outside, inside >= width * height * 0.98) == (0, True), name


async def _measured(page: Page, name: str, scale: int) -> list[list[float]]:
    """Where the plate and its parts are: within the safe area, on a page that nothing scrolls."""
    await _stands(page, name)
    scrolls = "[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]"
    assert await page.evaluate(scrolls) == [1920 * scale, 1080 * scale]
    rectangles: list[list[float]] = await page.evaluate(RECTANGLES, [".plate", ".head", ".row", ".choice"])
    left, top, width, height = rectangles[0]
    assert left >= SAFE_X * scale - 0.1
    assert top >= SAFE_Y * scale - 0.1
    assert left + width <= (1920 - SAFE_X) * scale + 0.1
    assert top + height <= (1080 - SAFE_Y) * scale + 0.1
    return rectangles


async def test_long_names_move_nothing(chromium: Browser, air: FakeAir, url: str) -> None:
    parts = [".plate", ".row", ".row__points", ".row__elapsed", ".head", ".side", ".side__points"]
    long = _everything()
    for one in (*long["individuals"], *long["province"]["rows"]):
        one["name"] = LONG_NAME * 3
    for team in long["teams"]:
        team["best"] = LONG_NAME * 3
    for delegation in long["delegations"]:
        delegation["name"] = delegation["name"] * 4
    long["title"] = long["title"] * 6
    async with screen(chromium, calm=True) as page:
        await page.goto(f"{url}/overlay/program?token={TOKEN}")
        for name in ("strip", "top10", "delegations", "province", "versus"):
            await air.tell(_everything())
            await air.take(name, **PARAMS.get(name, {}))
            await _stands(page, name)
            before = await page.evaluate(RECTANGLES, parts)
            await air.tell({**long, "program": air.body["program"]})
            if name in ("delegations", "versus"):
                await expect(page.locator(".air")).to_contain_text(
                    "北京市北京市" if name == "delegations" else LONG_NAME[:6]
                )
            else:
                # One of these names was long before.
                await expect(page.locator(".row").filter(has_not_text=LONG_NAME[:6])).to_have_count(0)
            await until(page, SETTLED)
            assert await page.evaluate(RECTANGLES, parts) == before, name


async def test_hostile_texts_are_texts(chromium: Browser, air: FakeAir, url: str) -> None:
    body = _everything()
    for index, one in enumerate((*body["individuals"], *body["province"]["rows"])):
        one["name"] = HOSTILE[index % len(HOSTILE)]
    for index, team in enumerate(body["teams"]):
        team["best"] = HOSTILE[index % len(HOSTILE)]
    body["title"] = body["contest"] = HOSTILE[0]
    body["item"] |= {"stem": HOSTILE[1], "options": [{"id": t, "text": t} for t in HOSTILE[:4]], "key": [HOSTILE[0]]}
    body["ticker"] = [{"id": f"d{index}", "at_us": index, "text": f"<i>{text}"} for index, text in enumerate(HOSTILE)]
    for index, row in enumerate(body["reveal"]["rows"]):
        row["name"] = row["awards"][0] = HOSTILE[index % len(HOSTILE)]
    body["reveal"]["title"] = HOSTILE[2]
    await air.tell(body)
    async with screen(chromium, calm=True) as page:
        await page.goto(f"{url}/overlay/program?token={TOKEN}&theme=%22%3E%3Cimg%3E")
        for name in SHOWN:
            await air.take(name, **PARAMS.get(name, {}))
            await expect(_picture(page, name)).to_contain_text("<")
            await expect(page.locator(".scene")).to_have_count(1)
            await until(page, SETTLED)
            assert await page.locator(".air :is(img, script, svg, iframe, b, i)").count() == 0
            assert await page.evaluate("document.scrollingElement.scrollWidth") == 1920


async def test_the_director_takes_and_clears(chromium: Browser, air: FakeAir, url: str) -> None:
    async with screen(chromium) as page:
        await page.goto(f"{url}/overlay/program?token={TOKEN}")
        await expect(page.locator(".air")).to_be_attached()
        await expect(page.locator(".scene")).to_have_count(0)
        await air.take("top10")
        await expect(page.locator(".board--top10 .row")).to_have_count(10)
        await air.take("versus", left="110000", right="660000")
        await expect(page.locator(".versus")).to_contain_text("新疆生产建设兵团")
        await expect(page.locator(".board--top10")).to_have_count(0)
        await air.take("item", show="question")
        await expect(page.locator(".choice")).to_have_count(4)
        await expect(page.locator(".choice__part:not([hidden])")).to_have_count(0)
        await until(page, SETTLED)
        await page.locator(".item").evaluate("(one) => (window.same = one)")
        await air.take("item", show="distribution")
        await expect(page.locator(".choice--right")).to_contain_text("86%")
        assert await page.locator(".item").evaluate("(one) => one === window.same")
        await air.take("")
        await expect(page.locator(".scene")).to_have_count(0)


async def test_the_last_picture_stays_when_the_line_is_lost(chromium: Browser, air: FakeAir, url: str) -> None:
    async with screen(chromium) as page, screen(chromium) as preview:
        await _tune(page, url, "top10")
        await _tune(preview, url, "top10", "&preview=1")
        before = await page.locator(".air").inner_text()
        await air.close(refused=True)
        await expect(preview.locator(".mark")).to_have_text("令牌无效或已作废")
        assert await page.locator(".air").inner_text() == before
        assert await page.locator(".mark").is_hidden()
        air.refused = False
        body = _everything()
        body["individuals"][0]["name"] = "新来的人"
        await air.tell(body)
        await expect(page.locator(".row__name").first).to_have_text("新来的人")
        await expect(preview.locator(".mark")).to_be_hidden()


async def test_rows_glide_by_transforms_twenty_at_most(chromium: Browser, air: FakeAir, url: str) -> None:
    async with screen(chromium) as page:
        await _tune(page, url, "delegations")
        await page.evaluate("""() => {
          window.most = 0
          window.moved = new Set()
          document.addEventListener('transitionrun', (event) => {
            window.moved.add(event.propertyName)
            window.most = Math.max(window.most, document.querySelectorAll('.row--glide').length)
          })
        }""")
        turned = _everything()
        turned["teams"] = [{**team, "rank": index + 1} for index, team in enumerate(reversed(turned["teams"]))]
        await air.tell(turned)
        await expect(page.locator(".row__name").first).not_to_have_text("")
        await until(page, "window.most > 0")
        await until(page, SETTLED)
        assert await page.evaluate("window.most") == MOST_MOVING
        assert await page.evaluate("[...window.moved]") == ["transform"]
        places = await page.evaluate("""[...document.querySelectorAll('.row')].map((row) => {
          const { left, top } = row.getBoundingClientRect()
          return [left, top, Number(row.querySelector('.row__rank').textContent)]
        }).sort((first, second) => first[0] - second[0] || first[1] - second[1]).map((row) => row[2])""")
        assert places == list(range(1, 33))


async def test_whoever_wants_calm_has_it(chromium: Browser, air: FakeAir, url: str) -> None:
    async with screen(chromium, calm=True) as page:
        await page.add_init_script("""
          window.ran = 0
          document.addEventListener('transitionrun', () => window.ran++)
          const animate = Element.prototype.animate
          Element.prototype.animate = function (...all) { window.ran++; return animate.apply(this, all) }
        """)
        await page.goto(f"{url}/overlay/program?token={TOKEN}")
        await expect(page.locator(".air")).to_be_attached()
        for name in ("ticker", "delegations"):
            await air.take(name)
            await expect(_picture(page, name)).to_contain_text(SHOWN[name])
        turned = copy.deepcopy(air.body)
        turned["teams"] = [{**team, "rank": index + 1} for index, team in enumerate(reversed(turned["teams"]))]
        await air.tell(turned)
        await expect(page.locator(".row").filter(has_text="甘肃省").locator(".row__rank")).to_have_text("1")
        assert await page.evaluate("window.ran") == 0


async def test_the_countdown_is_the_servers(chromium: Browser, air: FakeAir, url: str) -> None:
    body = air_body()
    # Nearly an hour: no machine takes the minutes that it may lose until the page is looked at.
    body["item"]["closes_at_us"] += 3_500_000_000
    await air.tell(body)
    async with screen(chromium) as page:
        await page.add_init_script("Date.now = () => 0")
        await page.goto(f"{url}/overlay/item?token={TOKEN}")
        await expect(page.locator(".clock")).to_have_text(re.compile(r"^5\d:\d\d$"))
        await expect(page.locator(".item__answer").first).to_be_hidden()
        paused = {**body, "phase": "paused"}
        await air.tell(paused)
        await expect(page.locator(".clock")).to_have_text("暂停")


async def test_themes_and_css_of_the_mixer(chromium: Browser, air: FakeAir, url: str) -> None:
    async with screen(chromium) as page:
        answer = await page.request.get(f"{url}/overlay/top10")
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"]
        grounds: set[str] = set()
        for theme in ("night", "paper", "festive"):
            await _tune(page, url, "top10", f"&theme={theme}")
            grounds.add(await page.locator(".plate").evaluate("(one) => getComputedStyle(one).backgroundColor"))
        assert len(grounds) == 3
        # As OBS does with its field of custom CSS.
        await page.evaluate("""() => {
          const style = document.createElement('style')
          style.appendChild(document.createTextNode('body { margin: 0 } .air { --air-plate: rgb(1, 2, 3) !important }'))
          document.head.appendChild(style)
        }""")
        await expect(page.locator(".plate")).to_have_css("background-color", "rgb(1, 2, 3)")


async def test_an_old_chromium_shows_every_overlay(old_chromium: Browser, air: FakeAir, url: str) -> None:
    async with screen(old_chromium) as page:
        await page.goto(f"{url}/overlay/program?token={TOKEN}")
        for name in SHOWN:
            await air.take(name, **PARAMS.get(name, {}))
            await _stands(page, name)
            left, top, width, height = (await page.evaluate(RECTANGLES, [".plate"]))[0]
            assert (left, left + width) == pytest.approx((SAFE_X, 1920 - SAFE_X), abs=0.1)
            assert top >= SAFE_Y - 0.1
            assert top + height <= 1080 - SAFE_Y + 0.1


@pytest_asyncio.fixture(loop_scope="module")
async def old_chromium() -> AsyncIterator[Browser]:
    async with browsers.running(browsers.or_skip(browsers.old_chromium)) as running:
        yield running

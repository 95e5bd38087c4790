"""The OGraf package and the SPX template driven from foreign origins: load, update, play, stop, dispose."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support import browser as browsers
from tests.support.air import TOKEN, FakeAir, air_body, on_air
from tests.support.ograf import call, put, rendering
from tests.support.screens import painted, screen, until
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("overlays"), pytest.mark.asyncio(loop_scope="module")]

_AT_REST = "document.getAnimations().every((one) => one.playState !== 'running')"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browsers.running(browsers.or_skip(browsers.modern_chromium)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def station(built_client: Path) -> AsyncIterator[tuple[FakeAir, str]]:
    async with on_air(built_client, air_body()) as (air, url):
        yield air, url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def renderer(built_client: Path) -> AsyncIterator[str]:
    async with rendering(built_client) as url:
        yield url


async def test_ograf_from_load_to_dispose(chromium: Browser, station: tuple[FakeAir, str], renderer: str) -> None:
    air, url = station
    async with screen(chromium) as page:
        await page.goto(renderer)
        await put(page)
        assert await painted(page) == (0, 0)
        assert (await call(page, "playAction", {}))["statusCode"] == 409
        assert (await call(page, "load", {"renderType": "non-realtime"}))["statusCode"] == 400
        data = {"server": url, "token": TOKEN, "overlay": "top10", "theme": "night"}
        assert await call(page, "load", {"renderType": "realtime", "data": data}) == {"statusCode": 200}
        assert await painted(page) == (0, 0)

        scene = page.locator("ograf-leitai .scene")
        played = await call(page, "playAction", {"delta": 1})
        assert played == {"statusCode": 200, "currentStep": 0}
        await expect(scene).to_contain_text("个人前十名")
        await until(page, _AT_REST)
        outside, inside = await painted(page, *[96, 92, 1824, 988])
        assert outside == 0
        assert inside > 1_500_000

        before = await scene.evaluate("(one) => getComputedStyle(one).backgroundColor")
        assert (await call(page, "updateAction", {"data": {"theme": "paper"}}))["statusCode"] == 200
        await expect(scene).not_to_have_css("background-color", before)
        await call(page, "customAction", {"id": "show", "payload": {"overlay": "delegations"}})
        await expect(page.locator("ograf-leitai .board--delegations .row")).to_have_count(32)
        await expect(scene).to_have_count(1)
        assert (await call(page, "customAction", {"id": "next", "payload": None}))["statusCode"] == 200
        assert (await call(page, "customAction", {"id": "explode", "payload": None}))["statusCode"] == 404
        await air.tell({**air_body(), "title": "换了题目"})
        await expect(scene).to_contain_text("换了题目")

        assert (await call(page, "stopAction", {}))["statusCode"] == 200
        await expect(scene).to_have_count(0)
        assert await painted(page) == (0, 0)
        await call(page, "playAction", {"skipAnimation": True})
        await expect(scene).to_have_count(1)
        assert (await call(page, "playAction", {"skipAnimation": True}))["statusCode"] == 200
        await expect(scene).to_have_count(0)
        assert (await call(page, "dispose", {}))["statusCode"] == 200
        await expect(page.locator("ograf-leitai .air")).to_have_count(0)
    async with asyncio.timeout(PATIENCE_S):
        await air.close()


async def test_ograf_without_a_server_paints_nothing_and_fails_nothing(chromium: Browser, renderer: str) -> None:
    async with screen(chromium) as page:
        await page.goto(renderer)
        await page.clock.install()
        await put(page)
        await page.evaluate("""() => {
          window.loaded = window.graphic.load({ renderType: 'realtime', data: { server: 'http://127.0.0.1:9' } })
        }""")
        await page.clock.run_for(6_000)
        assert (await page.evaluate("window.loaded"))["statusCode"] == 200
        await call(page, "playAction", {"skipAnimation": True})
        await expect(page.locator("ograf-leitai .air")).to_have_count(1)
        assert await page.locator("ograf-leitai .air > :not([hidden])").count() == 0
        await call(page, "dispose", {})


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_spx_from_update_to_stop(
    chromium: Browser, station: tuple[FakeAir, str], built_client: Path, form: str
) -> None:
    air, url = station
    await air.tell(air_body())
    fields = {"f0": url, "f1": TOKEN, "f2": "top10", "f3": "festive"}
    async with screen(chromium) as page:
        await page.goto((built_client / "broadcast/leitai-spx.html").as_uri())
        definition = await page.evaluate("window.SPXGCTemplateDefinition")
        assert [one["field"] for one in definition["DataFields"]][:4] == ["f0", "f1", "f2", "f3"]
        await page.evaluate("window.play()")
        assert await painted(page) == (0, 0)
        await page.evaluate("(text) => window.update(text)", json.dumps(fields) if form == "json" else _xml(fields))
        assert await painted(page) == (0, 0)
        await page.evaluate("window.play()")
        scene = page.locator(".scene")
        await expect(scene).to_contain_text("个人前十名")
        await until(page, _AT_REST)
        outside, inside = await painted(page, *[96, 92, 1824, 988])
        assert outside == 0
        assert inside > 1_500_000
        await page.evaluate("(text) => window.update(text)", json.dumps({"f2": "province", "f4": "110000"}))
        await expect(page.locator(".board--province")).to_contain_text("北京市")
        await expect(scene).to_have_count(1)
        first = await page.locator(".row__rank").first.inner_text()
        await page.evaluate("window.next()")
        await expect(page.locator(".row__rank").first).not_to_have_text(first)
        for nonsense in ("", "{", "<templateData>", "[1]", "null"):
            await page.evaluate("(text) => window.update(text)", nonsense)
        await expect(scene).to_contain_text("北京市")
        await page.evaluate("window.stop()")
        await expect(scene).to_have_count(0)
        assert await painted(page) == (0, 0)
        await page.evaluate("window.remove()")


def _xml(fields: dict[str, str]) -> str:
    components = "".join(
        f'<componentData id="{field}"><data id="text" value="{value}"/></componentData>'
        for field, value in fields.items()
    )
    return f"<templateData>{components}</templateData>"

"""What an item shows, in browsers of those who watch it: at the judges' desk, and on screens of broadcasters.

With LEITAI_PICTURES set to a folder, what is seen is photographed into it.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from leitai.cli.rehearsal.house import housed
from leitai.office.bank import MODULES, Option, Question
from leitai.office.contests import create_contest_session
from leitai.office.papers import assemble
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Key, Micros, QuestionType
from leitai.web.cookies import STAFF_COOKIE
from tests.support.browser import open_page, visitor
from tests.support.drawing import charted, filmed
from tests.support.office import batch, people, show_files
from tests.support.ograf import call, put, rendering
from tests.support.screens import screen, until
from tests.support.staff_pages import Desks
from tests.support.staffed import Office, seen
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("shown")]

STEM = (
    "图中是企业职工参保登记的办理流程。用人单位应当自用工之日起多少日内为其职工向社会保险经办机构申请办理社会保险登记？"
)
STEPS = ("I", "II", "III", "IV")
"""In letters that every machine has."""
CHART, CASE = "参保登记流程图", "窗口服务实录"
SECONDS = 600
SAFE_X, SAFE_Y = 96, 54
# The countdown's bar moves all the time.
_STANDS = """document.fonts.status === 'loaded' && document.getAnimations().every(
  (one) => one.playState !== 'running' || one.effect.target.classList.contains('bar__inside'))"""
# A line that is cut is higher than half a letter.
_CUT = """(all) => all
  .filter((one) => one.scrollHeight > one.clientHeight + parseFloat(getComputedStyle(one).fontSize) / 2)
  .map((one) => [one.className, one.scrollHeight, one.clientHeight])"""


@dataclass
class House:
    """An office whose session starts when an operator says so; its only item shows a picture and a film."""

    office: Office
    desks: Desks
    addresses: list[str]
    pictures: Path

    async def page(self, login: str, role: str, route: str) -> Page:
        """A page of somebody of the staff."""
        client = await self.office.account(login, role)
        return await self.desks.open(client.cookies[STAFF_COOKIE], route)

    async def command(self, login: str, kind: str, before: str, after: str) -> None:
        """Let an operator start or close the session."""
        operator = await self.office.account(login, "operator")
        body = await seen(operator, before)
        request = {"session": body["session"], "command": kind, "expects": body["edition"]}
        assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
        await seen(operator, after)


@pytest.fixture
async def house(browser: Browser, built_client: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with visitor(browser) as person:
        studio = await open_page(person)
        shown = [(await charted(studio, STEPS, 1200, 480), CHART), (await filmed(studio), CASE)]
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(furnished_folder())
        house = await stack.enter_async_context(housed(Path(folder) / "data"))
        parts = house.parts
        options = tuple(Option(letter, f"{days}日内") for letter, days in zip("ABCD", (10, 15, 30, 60), strict=True))
        made = Question(QuestionType.SINGLE, STEM, options, Key(frozenset("C")), "", 3, MODULES[2], "")
        await parts.office.import_bank(batch("bank"), [made])
        await show_files(parts.database, {STEM: shown})
        lines = assemble(await parts.office.bank(), {QuestionType.SINGLE: 1}, "seed")
        paper_id = await parts.office.create_paper("试卷", "seed", [replace(one, seconds=SECONDS) for one in lines])
        contest_id = await parts.office.create_contest("业务技能练兵比武", "组委会", 2022)
        roster = await parts.office.import_roster(contest_id, batch("roster"), people(1, ("110000",)))
        start_us = Micros(time.time_ns() // 1000 + 3600_000_000)
        settings = SessionSettings("试赛", start_us, Micros(start_us - 7200_000_000), freeze_percent=0)
        created = await create_contest_session(parts.office, parts.codes, contest_id, paper_id, settings, roster)
        file = await parts.archive.load_session(created.session_id)
        await stack.enter_async_context(house.open_doors())
        office = Office(house, created.seats)
        stack.push_async_callback(office.close)
        pictures = Path(os.environ.get("LEITAI_PICTURES", tmp_path))
        desks = Desks(stack, browser, house, pictures)
        yield House(office, desks, [one.address for one in file.media], pictures)
        assert desks.errors == []


async def test_judges_see_the_picture_from_the_opening_on(house: House) -> None:
    url = house.office.house.office_url
    page = await house.page("judge-1", "judge", "desk")
    await seen(await house.office.account("op-0", "operator"), "lobby")
    for address in house.addresses:
        early = await page.request.get(f"{url}/api/staff/desk/media/{address}")
        assert not early.ok
        assert "image" not in early.headers["content-type"]
    await house.command("op-1", "start", "lobby", "running")
    await page.get_by_role("navigation", name="题目").get_by_role("button").first.click()
    await expect(page.get_by_role("heading", name=STEM)).to_be_visible()
    picture = page.get_by_role("img", name=CHART)
    await expect(picture).to_have_js_property("naturalWidth", 1200)
    await expect(page.locator("video")).to_have_attribute("aria-label", CASE)
    await expect(page.locator("video")).to_have_js_property("videoWidth", 320)
    # The desk is told anew again and again; the picture stays where it is and is asked for once.
    await picture.evaluate("(one) => { one.dataset.same = 'yes' }")
    await house.desks.look(page, "desk-media")
    await house.command("op-2", "close", "running", "closed")
    await expect(page.get_by_text("已结束").or_(page.get_by_text("已截止")).first).to_be_visible()
    await expect(picture).to_have_attribute("data-same", "yes")
    # Looking back by the session's number the picture is that session's.
    await page.reload()
    await expect(page.get_by_role("img", name=CHART)).to_have_js_property("naturalWidth", 1200)


async def test_screens_show_the_picture_from_the_opening_on(house: House, browser: Browser, built_client: Path) -> None:
    url = house.office.house.office_url
    director = await house.office.account("air-1", "broadcast_director")
    secret = (await director.post("/api/staff/broadcast/tokens", json={"name": "OBS"})).json()["secret"]

    async with (
        rendering(built_client) as renderer,
        screen(browser) as overlay,
        screen(browser) as ograf,
    ):
        await overlay.goto(f"{url}/overlay/item?token={secret}")
        await expect(overlay.locator(".item")).to_contain_text("距比赛开始")
        await expect(overlay.locator(".shows")).to_be_hidden()
        await ograf.goto(renderer)
        await put(ograf)
        await call(
            ograf, "load", {"renderType": "realtime", "data": {"server": url, "token": secret, "overlay": "item"}}
        )
        await call(ograf, "playAction", {})
        await house.command("op-1", "start", "lobby", "running")
        await expect(overlay.locator(".item__stem")).to_have_text(STEM)
        # A renderer of another origin is given them too.
        for one in (overlay, ograf):
            await expect(one.locator(".shows img")).to_have_js_property("naturalWidth", 1200)
            await expect(one.locator(".shows video")).to_have_js_property("videoWidth", 320)
        # And so is the director's own frame, which brings no token.
        frame = await house.desks.open(director.cookies[STAFF_COOKIE], "broadcast")
        await frame.goto(f"{url}/overlay/item?preview=1")
        await expect(frame.locator(".shows img")).to_have_js_property("naturalWidth", 1200)
        await until(overlay, _STANDS)
        plate = await overlay.locator(".item").bounding_box()
        assert plate is not None
        assert plate["y"] >= SAFE_Y
        assert plate["x"] >= SAFE_X
        assert round(plate["y"] + plate["height"]) == 1080 - SAFE_Y
        await overlay.screenshot(path=house.pictures / "overlay-media.png")
        # No text runs out of its place beside the picture.
        for part in (".item__stem", ".choice__text"):
            assert await overlay.locator(part).evaluate_all(_CUT) == []
        await house.command("op-2", "close", "running", "closed")
        await expect(overlay.locator(".item")).to_contain_text("正确答案")
        await expect(overlay.locator(".shows img")).to_have_js_property("naturalWidth", 1200)
        await overlay.screenshot(path=house.pictures / "overlay-media-closed.png")

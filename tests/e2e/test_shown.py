"""What an item shows, in a contestant's browser: nothing before the item opens, then a picture and a film in frames
that keep their size, tried again, enlarged, told when they do not come; and again on the page of one's result.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from leitai.live.commanding import hand_over
from leitai.live.ports import Command
from leitai.office.bank import MODULES, TRUE_FALSE_OPTIONS, Option, Question
from leitai.office.contests import CreatedSession, create_contest_session
from leitai.office.papers import assemble
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Counted, Key, Micros, Pacing, Phase, QuestionType, SessionId
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support.browser import open_page, visitor
from tests.support.drawing import filmed
from tests.support.media import png
from tests.support.office import SERVER_KEY, batch, people, show_files, stores_at
from tests.support.serving import Process, forget
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("shown")]

STEM = "图中的参保登记流程，下列哪一项说法正确？"
FILMED = "视频中窗口人员的做法正确。"
AHEAD_US, DURATION_US = 3600_000_000, Micros(3600_000_000)
"""Hours: the session starts and closes by a command."""
PICTURE = png(1200, 600)


@dataclass
class Seat:
    page: Page
    server: str
    addresses: list[str]
    valkey_url: str
    session_id: SessionId

    async def conduct(self, kind: str) -> None:
        """Do what the operators do."""
        store = open_store(self.valkey_url)
        try:
            session = ValkeySession(store, self.session_id, 1)
            # Whoever directs takes the session up in a process's own time.
            await eventually(session.state, lambda state: state is not None and state.phase is not Phase.SCHEDULED)
            await hand_over(session, Command(kind, "tests"), PATIENCE_S)
        finally:
            await store.aclose()


async def created(dsn: str, film: bytes) -> tuple[CreatedSession, list[str]]:
    """A session of two items that starts in an hour; and where they show what they show."""
    options = tuple(Option(letter, f"办理步骤{letter}") for letter in "ABCD")
    made = [
        Question(QuestionType.SINGLE, STEM, options, Key(frozenset("A")), "", 3, MODULES[2], ""),
        Question(
            QuestionType.TRUE_FALSE,
            FILMED,
            tuple(Option(*one) for one in TRUE_FALSE_OPTIONS),
            Key(frozenset("T")),
            "",
            3,
            MODULES[2],
            "",
        ),
    ]
    async with stores_at(dsn) as stores:
        await stores.office.import_bank(batch("bank"), made)
        await show_files(stores.database, {STEM: [(PICTURE, "参保登记流程图")], FILMED: [(film, "窗口服务")]})
        counts = {QuestionType.SINGLE: 1, QuestionType.TRUE_FALSE: 1}
        lines = assemble(await stores.office.bank(), counts, "seed")
        paper_id = await stores.office.create_paper("图与视频", "seed", lines)
        contest_id = await stores.office.create_contest("业务技能练兵比武", "组委会", 2022)
        roster = await stores.office.import_roster(contest_id, batch("roster"), people(1, ("110000",)))
        start_us = Micros(time.time_ns() // 1000 + AHEAD_US)
        settings = SessionSettings(
            "图与视频",
            start_us,
            Micros(start_us - 2 * AHEAD_US),
            Pacing.PAPER,
            Counted.LAST,
            duration_us=DURATION_US,
            auto_finalize=True,
            freeze_percent=0,
            appeal_us=Micros(0),
        )
        session = await create_contest_session(stores.office, stores.codes, contest_id, paper_id, settings, roster)
        file = await stores.archive.load_session(session.session_id)
        return session, [one.address for one in file.media]


@pytest.fixture
async def seat(
    browser: Browser, database: str, valkey_url: str, tmp_path: Path, built_client: Path
) -> AsyncIterator[Seat]:
    async with visitor(browser) as person:
        studio = await open_page(person)
        film = await filmed(studio)
    session, addresses = await created(database, film)
    await forget(valkey_url, session.session_id)
    environment = {
        "LEITAI_VALKEY_URL": valkey_url,
        "LEITAI_DATABASE_URL": database,
        "LEITAI_SECRET_KEY": SERVER_KEY.hex(),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    process = await asyncio.to_thread(Process, environment, "gateway,director,recorder", tmp_path)
    try:
        await asyncio.to_thread(process.wait_ready)
        async with visitor(browser) as person:
            page = await open_page(person)
            await page.set_viewport_size({"width": 1366, "height": 768})
            await page.goto(f"{process.url}/contest")
            await page.get_by_label("准考证号").fill(session.seats[0].admission_no)
            await page.get_by_label("登录码").fill(session.seats[0].code)
            await page.get_by_label("登录码").press("Enter")
            yield Seat(page, process.url, addresses, valkey_url, session.session_id)
    finally:
        await asyncio.to_thread(process.stop)


async def test_what_items_show(seat: Seat) -> None:
    page, lost = seat.page, [2]
    held = asyncio.Event()

    async def flaky(route: Route) -> None:
        await held.wait()
        if lost[0]:
            lost[0] -= 1
            await route.abort()
        else:
            await route.continue_()

    await page.route(f"**/{seat.addresses[0]}", flaky)
    await expect(page.get_by_label("登录码")).to_have_count(0)
    for address in seat.addresses:
        early = await page.request.get(f"{seat.server}/api/item-media/{address}")
        assert early.status == 404, address
    await seat.conduct("start")
    await expect(page.locator("#stem")).to_have_text(STEM)
    await expect(page.locator(".option")).to_have_count(4)
    await page.evaluate("document.fonts.ready.then(() => undefined)")
    frame = page.locator(".media__frame")
    before = await frame.bounding_box()
    top = await page.locator(".option").first.bounding_box()
    held.set()
    picture = page.get_by_role("img", name="参保登记流程图")
    await expect(picture).to_be_visible()
    await expect(page.locator(".media__frame img")).to_have_js_property("naturalWidth", 1200)
    # The options did not move, though the picture came late and at the third try.
    assert lost == [0]
    assert (await frame.bounding_box(), await page.locator(".option").first.bounding_box()) == (before, top)
    assert before is not None
    assert round(before["width"] / before["height"], 1) == 2.0
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    larger = page.get_by_role("button", name="放大")
    await larger.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="还原")).to_be_visible()
    grown = await frame.bounding_box()
    assert grown is not None
    assert grown["width"] > before["width"] * 1.3
    await page.keyboard.press("Enter")
    await page.keyboard.press("b")
    await expect(page.get_by_role("radio").nth(1)).to_have_attribute("aria-checked", "true")

    await page.get_by_role("button", name="第 2 题").click()
    await expect(page.locator("#stem")).to_have_text(FILMED)
    film = page.locator("video")
    await expect(film).to_have_attribute("aria-label", "窗口服务")
    await expect(film).to_have_js_property("videoWidth", 320)
    part = await page.request.get(f"{seat.server}/api/item-media/{seat.addresses[1]}", headers={"Range": "bytes=0-3"})
    assert (part.status, await part.body()) == (206, b"\x1aE\xdf\xa3")

    await seat.conduct("close")

    async def published() -> bool:
        return (await page.request.get(f"{seat.server}/api/sessions/{seat.session_id}/result")).ok

    await eventually(published, bool)
    await page.goto(f"{seat.server}/results")
    await expect(page.get_by_role("img", name="参保登记流程图")).to_be_visible()
    await expect(page.locator(".media__frame img")).to_have_js_property("naturalWidth", 1200)

    # Where it does not come at all, what it shows is told, and may be asked for again.
    await page.route("**/api/item-media/*", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("status").filter(has_text="参保登记流程图")).to_be_visible()
    await page.unroute_all()
    await page.get_by_role("button", name="重试").first.click()
    await expect(page.locator(".media__frame img")).to_have_js_property("naturalWidth", 1200)

"""A short answer and a case in a browser: written with the keyboard, saved as they are written, kept as written."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from leitai.live.commanding import hand_over
from leitai.live.ports import Command
from leitai.office.bank import MODULES, Question
from leitai.office.contests import CreatedSession, create_contest_session
from leitai.office.papers import assemble
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Answer, Counted, Key, Micros, Pacing, Phase, QuestionType, SessionId
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support.browser import open_page, visitor
from tests.support.office import SERVER_KEY, batch, people, stores_at
from tests.support.serving import Process, forget
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("writing")]

STEM = "简述工伤认定的申请时限。"
AHEAD_US = 3600_000_000
SECONDS = 1200
"""Of every item."""
PARTS = ("王某是否应当认定为工伤？", "单位应当在多少日内提出申请？")


async def created(dsn: str, pacing: Pacing) -> CreatedSession:
    """A session of two written items that starts by a command."""
    made = [
        Question(QuestionType.SHORT_ANSWER, STEM, (), Key(blanks=(("三十日",),)), "", 3, MODULES[2], ""),
        Question(
            QuestionType.CASE,
            "王某上班途中受伤。",
            (),
            Key(blanks=(("是",), ("30",))),
            "",
            3,
            MODULES[2],
            "",
            (),
            PARTS,
        ),
    ]
    counted = Counted.LAST if pacing is Pacing.PAPER else Counted.FIRST
    async with stores_at(dsn) as stores:
        await stores.office.import_bank(batch("bank"), made)
        counts = {QuestionType.SHORT_ANSWER: 1, QuestionType.CASE: 1}
        lines = [replace(one, seconds=SECONDS) for one in assemble(await stores.office.bank(), counts, "seed")]
        paper_id = await stores.office.create_paper("文字题", "seed", lines)
        contest_id = await stores.office.create_contest("业务技能练兵比武", "组委会", 2022)
        roster = await stores.office.import_roster(contest_id, batch("roster"), people(1))
        start_us = Micros(time.time_ns() // 1000 + AHEAD_US)
        opens_us, duration_us = Micros(start_us - 2 * AHEAD_US), Micros(1_200_000_000)
        settings = SessionSettings("文字题", start_us, opens_us, pacing, counted, duration_us=duration_us)
        return await create_contest_session(stores.office, stores.codes, contest_id, paper_id, settings, roster)


@pytest.fixture(params=Pacing, ids=lambda pacing: pacing.value)
async def page(
    request: pytest.FixtureRequest, browser: Browser, database: str, valkey_url: str, tmp_path: Path, built_client: Path
) -> AsyncIterator[Page]:
    """A contestant at the first item."""
    session = await created(database, request.param)
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
            await page.goto(f"{process.url}/contest")
            await page.get_by_label("准考证号").fill(session.seats[0].admission_no)
            await page.get_by_label("登录码").fill(session.seats[0].code)
            await page.get_by_label("登录码").press("Enter")
            await expect(page.get_by_label("登录码")).to_have_count(0)
            await _start(valkey_url)
            await expect(page.locator("#stem")).to_have_text(STEM)
            yield page
    finally:
        await asyncio.to_thread(process.stop)


async def _start(valkey_url: str) -> None:
    """Do what the operators do, once somebody is there."""
    store = open_store(valkey_url)
    try:
        session = ValkeySession(store, SessionId(1), 1)
        # Whoever directs takes the session up in a process's own time.
        await eventually(session.state, lambda state: state is not None and state.phase is Phase.LOBBY)
        await hand_over(session, Command("start", "tests"), PATIENCE_S)
    finally:
        await store.aclose()


async def recorded(valkey_url: str) -> list[Answer]:
    store = open_store(valkey_url)
    try:
        _, answers = await ValkeySession(store, SessionId(1), 1).answers(0, "0-0", 0)
        return answers
    finally:
        await store.aclose()


async def test_texts_are_written_and_kept(page: Page, valkey_url: str, request: pytest.FixtureRequest) -> None:
    paced = "paper" in request.node.name
    text = page.get_by_label("作答")
    await expect(text).to_be_focused()
    await page.keyboard.type("<b>三十日</b>内。")
    await page.keyboard.press("Enter")
    await page.keyboard.type("职工一年内。")
    await expect(page.get_by_text("已写 19 / 1200 字")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    if not paced:
        await expect(page.locator(".answer")).to_contain_text("已收到")
        await expect(text).to_have_attribute("readonly", "")
    written = (1, ("<b>三十日</b>内。\n职工一年内。",))
    given = await eventually(
        lambda: recorded(valkey_url), lambda given: bool(given) and (given[-1].item_no, given[-1].response) == written
    )
    if not paced:
        # The first is final; in paper what pauses while it is written is saved meanwhile.
        assert len(given) == 1
        return
    for number, part in enumerate(PARTS, start=1):
        await expect(page.get_by_label(f"（{number}）{part}")).to_be_visible()
    await page.get_by_label(PARTS[1]).fill("字" * 1300)
    await expect(page.get_by_label(PARTS[1])).to_have_value("字" * 1200)
    await expect(page.locator(".answer")).to_contain_text("已收到")
    await page.reload()
    await page.get_by_role("button", name="第 2 题").click()
    await expect(page.get_by_label(PARTS[1])).to_have_value("字" * 1200)
    second = (await recorded(valkey_url))[-1]
    assert (second.item_no, second.response) == (2, ("", "字" * 1200))
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

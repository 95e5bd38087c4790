"""The console in a browser: an operator sees the session, acts, and is told when somebody else acted first."""

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.contests import Seat
from leitai.office.session_ports import SessionSettings
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import Micros
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.office import Stores, small_session
from tests.support.stores import furnished_folder
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

HOSTILE = "<img src=x onerror='window.executed = 1'>"
PASSWORD = "a good pass phrase"


@asynccontextmanager
async def _open_house(*, two_persons: bool = False) -> AsyncGenerator[tuple[House, Seat]]:
    """A session that starts in an hour, and a seat in it."""
    with furnished_folder() as folder:
        async with housed(folder / "data", two_persons=two_persons, together=True) as house:
            parts = house.parts
            stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
            start_us = Micros(time.time_ns() // 1000 + 3600 * 1_000_000)
            settings = SessionSettings("试赛", start_us, Micros(start_us - 7200 * 1_000_000))
            created = await small_session(stores, items=4, settings=settings, seconds=600)
            async with house.open_doors():
                yield house, created.seats[0]


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    async with _open_house() as (house, _):
        yield house


@pytest.fixture
async def house_of_two(built_client: Path) -> AsyncIterator[tuple[House, Seat]]:
    """One where what is grave needs a second person."""
    async with _open_house(two_persons=True) as house:
        yield house


async def test_an_operator_conducts_a_session(house: House, browser: Browser) -> None:
    errors: list[str] = []
    first, second = await _operator(house, "op-1"), await _operator(house, "op-2")
    async with (
        visitor(browser) as context,
        httpx2.AsyncClient(
            base_url=house.office_url, headers={"Origin": house.office_url}, timeout=PATIENCE_S
        ) as other,
    ):
        context.on("weberror", lambda error: errors.append(error.error.message))
        assert (
            await other.post("/api/staff/welcome", json={"login": "op-2", "code": second, "password": PASSWORD})
        ).status_code == 200
        page = await open_page(context)
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.goto(f"{house.office_url}/#/console")
        await _join(page, "op-1", first)
        await expect(page.get_by_role("heading", name="试赛")).to_be_visible()
        await expect(page.get_by_text("候考", exact=True)).to_be_visible()
        await expect(page.get_by_role("status").filter(has_text="实时")).to_be_visible()
        await expect(page.get_by_text("0 / 12")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert await barriers(page) == []

        await _rooms_and_sessions(page)

        await page.get_by_role("row").filter(has_text=re.compile("^4")).get_by_role("button", name="跳过").click()
        dialog = page.get_by_role("dialog", name="跳过")
        await expect(dialog).to_contain_text("第 4 题不再开放，也不计分")
        seen = (await other.get("/api/staff/console")).json()
        quick = {"session": seen["session"], "command": "skip", "item": 3, "expects": seen["edition"]}
        assert (await other.post("/api/staff/console/conduct", json=quick)).status_code == 204
        await expect(page.get_by_text("已跳过")).to_have_count(1)
        await dialog.get_by_role("button", name="执行：跳过").click()
        await expect(dialog.get_by_role("alert")).to_have_text("他人已先行操作，请核对后再试。")
        await dialog.get_by_role("button", name="执行：跳过").click()
        await expect(page.get_by_role("status").filter(has_text="已执行：跳过")).to_be_visible()
        await expect(page.get_by_text("已跳过")).to_have_count(2)

        await page.get_by_role("button", name="开始", exact=True).click()
        await page.get_by_role("button", name="执行：开始").click()
        await expect(page.get_by_text("比赛进行中")).to_be_visible()
        await expect(page.get_by_text("第 1 题剩余")).to_be_visible()
        await page.get_by_role("row").filter(has_text="作答中").get_by_role("button", name="加时").click()
        await page.get_by_role("button", name="执行：加时").click()
        await expect(page.get_by_text("已加 30 秒")).to_be_visible()
        await page.get_by_role("button", name="强制收卷", exact=True).click()
        await expect(page.get_by_role("dialog", name="强制收卷")).to_contain_text("不能撤回")
        await page.get_by_role("button", name="执行：强制收卷").click()
        await expect(page.get_by_text("比赛结束", exact=True)).to_be_visible()
        assert errors == []


async def test_two_operators_and_a_contestant_speak_and_act(house_of_two: tuple[House, Seat], browser: Browser) -> None:
    house, seat = house_of_two
    errors: list[str] = []
    async with visitor(browser) as one, visitor(browser) as other, visitor(browser) as third:
        pages: list[Page] = []
        for login, context in (("op-1", one), ("op-2", other)):
            context.on("weberror", lambda error: errors.append(error.error.message))
            page = await open_page(context)
            await page.set_viewport_size({"width": 1366, "height": 768})
            await page.goto(f"{house.office_url}/#/console")
            await _join(page, login, await _operator(house, login))
            await expect(page.get_by_role("heading", name="试赛")).to_be_visible()
            pages.append(page)
        mine, theirs = pages
        await mine.get_by_role("row").filter(has_text=re.compile("^4")).get_by_role("button", name="跳过").click()
        dialog = mine.get_by_role("dialog", name="跳过")
        await expect(dialog).to_contain_text("须由另一名工作人员确认")
        await dialog.get_by_role("button", name="请求确认：跳过").click()
        waiting = mine.get_by_role("list", name="等待第二人确认的操作")
        await expect(waiting).to_contain_text("您已请求：跳过，等待另一人确认")
        await expect(waiting.get_by_role("button", name="确认执行")).to_have_count(0)
        asked = theirs.get_by_role("list", name="等待第二人确认的操作")
        await expect(asked).to_contain_text("赵强（op-1）请求：跳过第 4 题")
        await expect(asked).to_contain_text("第 4 题不再开放，也不计分")
        assert await theirs.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert await barriers(theirs) == []
        await asked.get_by_role("button", name="确认执行").click()
        await theirs.get_by_role("dialog").get_by_role("button", name="确认执行：跳过").click()
        await expect(theirs.get_by_role("status").filter(has_text="已执行：跳过")).to_be_visible()
        for page in pages:
            await expect(page.get_by_text("已跳过")).to_have_count(1)
            await expect(page.get_by_role("list", name="等待第二人确认的操作")).to_have_count(0)
        third.on("weberror", lambda error: errors.append(error.error.message))
        await _ask_and_answer(house, seat, mine, await open_page(third))
    assert errors == []


async def _rooms_and_sessions(page: Page) -> None:
    """Who is missing in which room, how the processes do, and a session made from a paper."""
    health = page.get_by_role("region", name="运行状况")
    await expect(health).to_contain_text("0 名选手")
    await page.get_by_role("button", name="查看北京的考场").click()
    rooms = page.get_by_role("dialog", name="北京准备情况")
    await expect(rooms).to_contain_text("未签到 4 人")
    await expect(rooms.get_by_role("row").filter(has_text="未登录")).to_have_count(4)
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="场次").click()
    await expect(page.get_by_role("row").filter(has_text="试赛")).to_contain_text("当前场次")
    await page.get_by_role("button", name="新建场次").click()
    form = page.get_by_role("dialog", name="新建场次")
    await expect(form).to_contain_text("默认 20：最后这部分题目期间公开榜不再变动")
    # Before it can be sent: a button that becomes so changes its colour for a moment.
    assert await barriers(page) == []
    await form.get_by_label("名称").fill("第二场")
    await form.get_by_label("开始时间").fill("2099-09-28T09:30")
    await form.get_by_role("button", name="建立草稿").click()
    await expect(page.get_by_role("row").filter(has_text="第二场")).to_contain_text("筹备中")
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert await barriers(page) == []
    await page.get_by_role("row").filter(has_text="第二场").get_by_role("button", name="准考证").click()
    sheet = page.get_by_role("dialog", name="准考证")
    await expect(sheet).to_contain_text("以前的登录码立即作废")
    async with page.expect_download() as download:
        await sheet.get_by_role("button", name="执行：准考证").click()
    assert (await download.value).suggested_filename.startswith("准考证-场次2.")
    await page.get_by_role("link", name="指挥台").click()


async def _ask_and_answer(house: House, seat: Seat, desk: Page, page: Page) -> None:
    """What a contestant asks is answered; what is said to their delegation is heard; markup from anyone is text."""
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.goto(f"{house.url}/contest")
    await page.get_by_label("准考证号").fill(seat.admission_no)
    await page.get_by_label("登录码").fill(seat.code)
    await page.get_by_label("登录码").press("Enter")
    await page.get_by_role("button", name="签到").click()
    await page.get_by_role("button", name="提问").click()
    await expect(page.get_by_label("向赛务提问")).to_be_focused()
    assert await barriers(page) == []
    await page.get_by_label("向赛务提问").fill(HOSTILE)
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.get_by_label("向赛务提问")).to_be_in_viewport(ratio=1)
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.get_by_role("button", name="提交").click()
    await expect(page.get_by_role("status").filter(has_text="问题已提交")).to_be_visible()
    await page.get_by_role("button", name="知道了").click()

    await desk.get_by_role("link", name="1 条提问待答复").click()
    question = desk.get_by_role("list", name="选手提问").get_by_role("listitem")
    await expect(question).to_contain_text(HOSTILE)
    await question.get_by_role("button", name="答复").click()
    assert await desk.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert await barriers(desk) == []
    await desk.get_by_label("答复内容").fill(f"请刷新页面。{HOSTILE}")
    await desk.get_by_role("button", name="答复提问人").click()
    await expect(desk.get_by_text("没有待答复的提问")).to_be_visible()
    told = page.get_by_role("status").filter(has_text="请刷新页面。")
    await expect(told).to_contain_text("答疑")
    await expect(told).to_contain_text(HOSTILE)
    assert await barriers(page) == []
    await page.get_by_role("button", name="知道了").click()

    await desk.get_by_role("link", name="指挥台").click()
    await desk.get_by_role("button", name="发布公告").click()
    dialog = desk.get_by_role("dialog", name="发布公告")
    await dialog.get_by_text("代表队或考场").click()
    await dialog.get_by_role("combobox", name="代表队").click()
    await desk.get_by_role("option", name="北京").click()
    await expect(dialog).to_contain_text("北京的选手将立即看到这条公告")
    assert await barriers(desk) == []
    await dialog.get_by_label("公告内容").fill("请更换备用线路。")
    await dialog.get_by_role("button", name="执行：发布公告").click()
    await expect(page.get_by_role("status").filter(has_text="致本代表队")).to_contain_text("请更换备用线路。")
    for each in (page, desk):
        assert await each.evaluate("window.executed") is None


async def _operator(house: House, login: str) -> str:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange("赵强", frozenset({Role.OPERATOR}), NO_DELEGATION, disabled=False)
    return (await staff.invite("tests", login, change))[1]


async def _join(page: Page, login: str, code: str) -> None:
    await page.get_by_role("button", name="我有邀请码").click()
    for label, text in (("账号", login), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
        await page.get_by_label(label).fill(text)
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_role("button", name="设置密码并进入").click()

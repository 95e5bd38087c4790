"""One whole day in browsers: the console, 200 contestants, judges, an appeal, the freeze, 定榜 and the reveal.

With LEITAI_PICTURES set to a folder, every page is photographed into it, in two sizes.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.cli.rehearsal.simulator import Cast, simulating
from leitai.cli.rehearsal.stage import Piece, set_stage, write_credentials
from leitai.office.contests import CreatedSession
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import DelegationCode, QuestionType
from tests.support.browser import WAIT_MS, glimpsed, open_page, visitor
from tests.support.stores import furnished_folder
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("day")]

CONTESTANTS = 200
APPEAL_S = 60
"""Appeals are taken for so long after the end: a busy machine opens the page and sends one within it, and all that
follows an appeal waits until it is over."""
PIECE = Piece(CONTESTANTS, items=5, seconds_per_item=3, judged=True, appeal_s=APPEAL_S)
PASSWORD = "a good pass phrase"
DESK = ViewportSize(width=1366, height=768)
WIDE = ViewportSize(width=1920, height=1080)
PLAYED_MS = 300_000
"""How long 200 contestants may take to come in, and a whole contest to its end."""


@dataclass
class Day:
    """A house with a session in its lobby, and a browser in which everybody has a window of their own."""

    house: House
    created: CreatedSession
    cast: Cast
    browser: Browser
    open: AsyncExitStack
    faults: list[str]
    _pictures: int = 0

    async def window(self) -> Page:
        """Somebody's own window."""
        context = await self.open.enter_async_context(visitor(self.browser))
        context.on("weberror", lambda error: self.faults.append(error.error.message))
        page = await open_page(context)
        await page.set_viewport_size(DESK)
        return page

    async def staff(self, login: str, role: Role, place: str) -> Page:
        """The window of a new member of the staff, at a place of the office."""
        staff = Staff(self.house.parts.office, self.house.parts.settings.server_key)
        change = StaffChange(f"工作人员{login}", frozenset({role}), DelegationCode(NO_DELEGATION), disabled=False)
        _, code = await staff.invite("tests", login, change)
        page = await self.window()
        await page.goto(f"{self.house.office_url}/#/{place}")
        await page.get_by_role("button", name="我有邀请码").click()
        for label, text in (("账号", login), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
            await page.get_by_label(label).fill(text)
        await page.get_by_label("邀请码", exact=True).fill(code)
        await page.get_by_role("button", name="设置密码并进入").click()
        return page

    async def goes(self, page: Page, place: str) -> None:
        """Go to another place of the office."""
        await page.goto(f"{self.house.office_url}/#/{place}")

    async def photograph(self, page: Page, name: str) -> None:
        """Keep a picture, where somebody wants them; nothing runs out of the window."""
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, name
        if folder := os.environ.get("LEITAI_PICTURES"):
            self._pictures += 1
            for size in (WIDE, DESK):
                await page.set_viewport_size(size)
                await page.screenshot(path=Path(folder) / f"{self._pictures:02}-{name}-{size['width']}.png")


@pytest.fixture
async def day(built_client: Path, browser: Browser) -> AsyncIterator[Day]:
    with furnished_folder() as folder:
        async with housed(folder / "data", two_persons=True) as house, AsyncExitStack() as stack:
            created = await set_stage(house.parts.office, house.parts.codes, PIECE)
            cast = Cast(house.url, folder)
            write_credentials(created, cast.credentials)
            async with house.open_doors():
                yield Day(house, created, cast, browser, stack, [])


async def test_a_day_from_the_console_to_the_reveal(day: Day) -> None:
    operator = await day.staff("operator", Role.OPERATOR, "console")
    judge = await day.staff("judge", Role.JUDGE, "desk")
    chief = await day.staff("chief", Role.CHIEF_JUDGE, "console")
    board = await day.window()
    # Numbers that count to their next value for a moment would be read half way.
    await board.emulate_media(reduced_motion="reduce")
    await board.goto(f"{day.house.url}/board?view=delegations")
    home = await _at_home(day)

    async with simulating(day.cast) as simulator:

        async def play() -> None:
            async for _ in simulator.events():
                pass

        playing = asyncio.create_task(play())
        await expect(operator.get_by_text(f"{CONTESTANTS} / {CONTESTANTS}").first).to_be_visible(timeout=PLAYED_MS)
        await day.photograph(operator, "console-lobby")
        await operator.get_by_role("button", name="开始", exact=True).click()
        # A contest of half a minute may be over before a busy machine looks for it.
        async with glimpsed(operator, ".head__phase", "比赛进行中"):
            await operator.get_by_role("button", name="执行：开始").click()
        await expect(judge.get_by_role("heading", name="裁判台")).to_be_visible()
        await expect(judge.locator(".groups__row").first).to_be_visible()
        await day.photograph(judge, "desk-running")
        await day.photograph(operator, "console-running")
        await expect(board.get_by_text("已封榜").first).to_be_visible(timeout=PLAYED_MS)
        await day.photograph(board, "board-frozen")
        frozen = await _rows(board)
        await expect(operator.get_by_text("比赛结束", exact=True)).to_be_visible(timeout=PLAYED_MS)

        await _appeal(day, home)
        await _rule(day, judge, chief)
        assert await _rows(board) == frozen
        await _decide(day, chief)
        await _finalize(day, operator, chief)
        assert await _rows(board) == frozen
        await _reveal(day)
        await _thaw(day, operator, chief, board, frozen)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    assert day.faults == []


async def _told(page: Page, url: str) -> dict[str, Any]:
    """What a door tells whoever has that page."""
    answer = await page.request.get(url)
    assert answer.ok, await answer.text()
    return await answer.json()


async def _rows(board: Page) -> list[str]:
    """What the public board shows, row by row."""
    return await board.locator(".row").all_inner_texts()


async def _at_home(day: Day) -> Page:
    """The window of a contestant who looks at the results: appeals are taken for a minute alone."""
    home = await day.window()
    seat = next(one for one in day.created.seats if not one.struck)
    body = {"admission_no": seat.admission_no, "code": seat.code}
    answer = await home.request.post(f"{day.house.url}/api/sign-in", data=body, headers={"Origin": day.house.url})
    assert answer.ok
    await home.goto(f"{day.house.url}/results#own")
    await expect(home.locator("main")).to_be_visible()
    return home


async def _appeal(day: Day, home: Page) -> None:
    """A contestant appeals."""
    # The staff hears of the end by another process than contestants do.
    own = f"{day.house.url}/api/sessions/{day.created.session_id}/appeals/own"
    await eventually(lambda: _told(home, own), lambda told: told["open"] is True)
    await home.reload()
    # Scores are withheld while the board is frozen; appeals are not.
    await home.get_by_role("combobox").select_option("2")
    await home.get_by_label("申诉内容").fill("题干未说明适用的统筹地区。")
    await home.get_by_role("button", name="提交申诉").click()
    await expect(home.get_by_text("申诉已提交。")).to_be_visible()
    await day.photograph(home, "appeal")


async def _rule(day: Day, judge: Page, chief: Page) -> None:
    """Three kinds of ruling, each proposed by one and approved by the other."""
    file = await day.house.parts.archive.load_session(day.created.session_id)
    single = next(one for one in file.plan.items if one.type is QuestionType.SINGLE)
    others = [one.item_no for one in file.plan.items if one is not single]
    wrong = next(option for option in single.option_ids if option not in single.key.options)
    links = [
        f"effect=accept&item={single.item_no}&response={wrong}",
        f"effect=void_item&item={others[0]}",
        f"effect=credit_item&item={others[1]}",
    ]
    await day.goes(chief, "rulings")
    for number, link in enumerate(links, 1):
        await day.goes(judge, f"rulings?{link}")
        await judge.get_by_role("button", name="预览影响").click()
        await expect(judge.get_by_text("人得分上升").first).to_be_visible()
        if number == 1:
            await day.photograph(judge, "ruling-preview")
        await judge.get_by_label("理由", exact=True).fill("题目有歧义。")
        await judge.get_by_label("依据", exact=True).fill("裁判组会议纪要")
        await judge.get_by_role("button", name="提出裁决").last.click()
        await expect(judge.get_by_text("这一步由您提出")).to_be_visible()
        await chief.get_by_role("link", name=f"裁决 {number} 号").click()
        if number == 1:
            await day.photograph(chief, "ruling-approval")
        await chief.get_by_role("button", name="批准", exact=True).click()
        await expect(chief.get_by_role("button", name="提议撤销")).to_be_visible()


async def _decide(day: Day, chief: Page) -> None:
    """The appeal is refused, with a reason."""
    await day.goes(chief, "appeals?appeal=1")
    await chief.get_by_role("link", name="申诉 1 号").click()
    await chief.get_by_label("答复理由").fill("题干第一句已写明统筹地区。")
    await day.photograph(chief, "appeal-decision")
    await chief.get_by_role("button", name="驳回", exact=True).click()
    await expect(chief.get_by_text("处理人")).to_be_visible()


async def _finalize(day: Day, operator: Page, chief: Page) -> None:
    """Review, then 定榜 asked for by the chief judge and confirmed by the operator, once nothing is missing."""
    await operator.get_by_role("button", name="进入复核").click()
    await operator.get_by_role("button", name="执行：进入复核").click()
    await expect(operator.get_by_role("status").filter(has_text="已执行：进入复核")).to_be_visible()
    await day.goes(chief, "rulings")
    await expect(chief.get_by_text("定榜所需已经齐备")).to_be_visible(timeout=WAIT_MS + APPEAL_S * 1000)
    await day.photograph(chief, "nothing-missing")
    await day.goes(chief, "console")
    await chief.get_by_role("button", name="定榜", exact=True).click()
    await chief.get_by_role("button", name="请求确认：定榜").click()
    await operator.get_by_role("button", name="确认执行").click()
    await operator.get_by_role("dialog").get_by_role("button", name=re.compile("确认执行")).click()
    await expect(operator.get_by_text("已定榜").first).to_be_visible()
    await day.photograph(operator, "console-final")


async def _reveal(day: Day) -> None:
    """The director plays the delegations from the last place up; a reload goes on where it was; the public follows."""
    director = await day.staff("director", Role.BROADCAST_DIRECTOR, "reveal")
    await director.get_by_text("正式", exact=True).click()
    await director.get_by_role("button", name="列出名次").click()
    await director.get_by_role("button", name="开始滚榜").click()
    await expect(director.get_by_role("button", name="结束滚榜")).to_be_visible()
    for shown in (1, 2, 3):
        await director.keyboard.press("ArrowRight")
        await expect(director.get_by_text(f"第 {shown} 步")).to_be_visible()
    await director.reload()
    await expect(director.get_by_text("第 3 步")).to_be_visible()
    await director.keyboard.press("ArrowLeft")
    await expect(director.get_by_text("第 2 步")).to_be_visible()
    await day.photograph(director, "reveal-director")
    # What the public is told is kept for a moment.
    url = f"{day.house.url}/api/reveal"
    await eventually(lambda: _told(director, url), lambda told: told["reveal"]["shown"] == 2)


async def _thaw(day: Day, operator: Page, chief: Page, board: Page, frozen: list[str]) -> None:
    """The chief judge asks for it beside both boards, the operator confirms; the public board moves on."""
    await day.goes(chief, "boards")
    await expect(chief.get_by_text("个名次与公众榜不同").first).to_be_visible()
    await day.photograph(chief, "both-boards")
    await chief.get_by_role("button", name="解封", exact=True).click()
    await chief.get_by_role("button", name="请求确认：解封").click()
    await operator.get_by_role("button", name="确认执行").click()
    await operator.get_by_role("dialog").get_by_role("button", name="确认执行：解封").click()
    await expect(board.get_by_text("已封榜")).to_have_count(0)
    await expect(board.locator(".row")).not_to_have_text(frozen)
    await day.photograph(board, "board-thawed")

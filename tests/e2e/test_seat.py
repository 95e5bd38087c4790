"""A whole contest at one seat in a browser: the line breaks twice, the page is reloaded, another tab takes over."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from leitai.live.commanding import hand_over
from leitai.live.ports import Command
from leitai.rules.values import SessionId
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support.browser import glimpsed, open_page, visitor
from tests.support.demo import Run, left_of, started
from tests.support.proxy import Line, open_line
from tests.support.stores import scratch_folder
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("seat")]

ITEMS = 4
SECONDS = 45
"""Of every item: on a busy machine a page takes a while to see that the line is gone, to be loaded anew, to follow
another.
"""
OTHERS = 23
OPTIONS = (
    *("--contestants", str(OTHERS + 1), "--items", str(ITEMS), "--seconds-per-item", str(SECONDS)),
    *("--starts-in", "600", "--after", "stay"),
)
STAMP = re.compile(r"已收到 (\d\d:\d\d:\d\d\.\d\d\d)")


@dataclass(frozen=True, slots=True)
class Told:
    """What the page told of an answer: what was picked or typed, and when the server received it."""

    response: tuple[str, ...]
    stamp: str


@pytest.fixture
def data() -> Iterator[Path]:
    with scratch_folder() as folder:
        yield folder / "data"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line() as line:
        yield line


@pytest.fixture
async def person(browser: Browser) -> AsyncIterator[BrowserContext]:
    async with visitor(browser) as person:
        yield person


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by /proc")
async def test_a_seat_from_sign_in_to_result(
    data: Path, line: Line, person: BrowserContext, built_client: Path
) -> None:
    page = await open_page(person)
    errors: list[str] = []
    person.on("weberror", lambda error: errors.append(error.error.message))
    with ExitStack() as stack:
        run = await asyncio.to_thread(stack.enter_context, started(data, *OPTIONS, origins=line.origin))
        line.target = int(run.url.rpartition(":")[2])
        session = await asyncio.to_thread(run.session)
        told: dict[int, Told] = {}

        await _sign_in(page, line, run)
        await _check_in(page)
        await _in_the_lobby(page)
        await _conduct(run.stores(data), session, "start")

        await _item(page, 1)
        async with glimpsed(page, "main", "第 2 题即将开放"):
            told[1] = await _answer(page, 1)
        await _lose_the_line_between_items(page, line)
        told[2] = await _answer(page, 2)
        told[3] = await _answer_without_a_line(page, line)
        page = await _move_to_another_tab(person, page, line)
        told[4] = await _answer_and_reload(page)
        await _conduct(run.stores(data), session, "close")

        await _finish(page)
        await _see_the_result(page, session, told)
        await _see_that_awards_wait(page)
        assert errors == []
        assert await asyncio.to_thread(run.interrupt) == 0
        assert left_of(run.mark, data) == []


async def _sign_in(page: Page, line: Line, run: Run) -> None:
    await page.goto(f"{line.origin}/contest")
    await page.get_by_label("准考证号").fill(run.number)
    code = page.get_by_label("登录码")
    await code.fill("ABCD-EFGH-JKLMN")
    await code.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("准考证号或登录码不正确。")
    await expect(code).to_be_focused()
    await expect(code).to_have_attribute("aria-invalid", "true")
    await code.fill(run.code)
    await code.press("Enter")


async def _check_in(page: Page) -> None:
    await expect(page.get_by_role("heading", name="签到与系统检测")).to_be_visible()
    checks = page.get_by_role("listitem")
    for name, text in (
        ("连接", "已连接到比赛服务器"),
        ("网络往返", re.compile(r"\d+ 毫秒，")),
        ("时钟", "与比赛时钟一致"),
        ("浏览器", "支持本次比赛"),
        ("本机保存", "可用，断网时答案不会丢失"),
    ):
        await expect(checks.filter(has_text=name).filter(has_text=text)).to_have_count(1)
    await page.get_by_role("button", name="签到").click()


async def _in_the_lobby(page: Page) -> None:
    await expect(page.get_by_text("已签到")).to_be_visible()
    await expect(page.get_by_text("距离开始")).to_be_visible()
    timer = page.get_by_role("timer")
    told = await timer.inner_text()
    await expect(timer).not_to_have_text(told)
    assert 0 < _seconds(await timer.inner_text()) < _seconds(told) <= 600
    await expect(page.get_by_text("题目已加密送达本机，开考时解密")).to_be_visible()
    await expect(page.get_by_text(f"共 {ITEMS} 题，").first).to_be_visible()


def _seconds(told: str) -> int:
    """What a countdown says, 9:58."""
    minutes, _, seconds = told.rpartition(":")
    return int(minutes or 0) * 60 + int(seconds)


async def _conduct(valkey_url: str, session: int, kind: str) -> None:
    """The session is started and closed by command, whatever time everybody takes to be there."""
    store = open_store(valkey_url)
    try:
        await hand_over(ValkeySession(store, SessionId(session), 1), Command(kind, "tests"), PATIENCE_S)
    finally:
        await store.aclose()


async def _item(page: Page, number: int) -> None:
    """Wait for an item to open."""
    await expect(page.get_by_text(f"第 {number} 题", exact=True)).to_be_visible()
    await expect(page.locator("#stem")).to_be_visible()


async def _pick(page: Page) -> tuple[str, ...]:
    """Answer the open item by the keyboard alone; return what was picked or typed."""
    body = page.locator(".body")
    blanks = body.get_by_role("textbox")
    if count := await blanks.count():
        texts = tuple(f"答{number}" for number in range(1, count + 1))
        for place, text in enumerate(texts):
            await expect(blanks.nth(place)).to_be_focused()
            await page.keyboard.type(text)
            await page.keyboard.press("Enter")
        return texts
    options = body.get_by_role("radio").or_(body.get_by_role("checkbox"))
    second = options.nth(1)
    await page.keyboard.press("F" if await options.count() == 2 else "B")
    await expect(second).to_have_attribute("aria-checked", "true")
    await page.keyboard.press("Enter")
    return (await second.locator(".option__text").inner_text(),)


def _state(page: Page) -> Locator:
    return page.locator(".answer")


async def _received(page: Page) -> str:
    """Wait until the page says that the answer is received; return when it was."""
    await expect(_state(page)).to_have_text(STAMP)
    found = STAMP.search(await _state(page).inner_text())
    assert found is not None
    return found[1]


async def _answer(page: Page, number: int) -> Told:
    response = await _pick(page)
    stamp = await _received(page)
    await expect(page.get_by_text(f"第 {number} 题", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="已确认")).to_be_disabled()
    return Told(response, stamp)


async def _answer_without_a_line(page: Page, line: Line) -> Told:
    """The line is cut while item 3 is open, and mended within its window."""
    await _item(page, 3)
    line.cut()
    banner = page.get_by_role("alert")
    await expect(banner).to_contain_text("连接已断开")
    await expect(banner).to_contain_text("已收到的作答都在服务器上")
    response = await _pick(page)
    await expect(_state(page)).to_have_text("离线，已保存")
    await expect(banner).to_contain_text("1 个待送达的已保存在本机，恢复后自动补交")
    await line.mend()
    stamp = await _received(page)
    await expect(page.get_by_text("第 3 题", exact=True)).to_be_visible()
    await expect(banner).to_have_count(0)
    return Told(response, stamp)


async def _answer_and_reload(page: Page) -> Told:
    """The page is reloaded while item 4 is open: the item comes back, and what became of the answer."""
    await _item(page, 4)
    stem = await page.locator("#stem").inner_text()
    told = await _answer(page, 4)
    await page.reload()
    await _item(page, 4)
    assert await page.locator("#stem").inner_text() == stem
    assert await _received(page) == told.stamp
    if blanks := await page.locator(".body").get_by_role("textbox").all():
        assert tuple([await blank.input_value() for blank in blanks]) == told.response
    else:
        picked = page.locator(".option[aria-checked=true]")
        assert tuple(await picked.locator(".option__text").all_inner_texts()) == told.response
    await expect(page.get_by_role("button", name="已确认")).to_be_disabled()
    return told


async def _lose_the_line_between_items(page: Page, line: Line) -> None:
    """The line is cut when item 1 is over; the page tries several times and is there again in item 2."""
    line.cut()
    banner = page.get_by_role("alert")
    await expect(banner).to_contain_text("连接已断开")
    for _ in range(3):
        await page.wait_for_event("requestfailed", lambda request: request.url.endswith("/api/tickets"))
    await line.mend()
    await _item(page, 2)
    await expect(banner).to_have_count(0)


async def _move_to_another_tab(person: BrowserContext, first: Page, line: Line) -> Page:
    """A second page with the same seat takes over; the first says so and stops."""
    second = await open_page(person)
    await second.goto(f"{line.origin}/contest")
    await expect(first.get_by_text("您已在另一处登录")).to_be_visible()
    await expect(first.get_by_text("本页面不再作答。已收到的作答都在服务器上。")).to_be_visible()
    await expect(first.locator(".body")).to_have_count(0)
    await expect(second.get_by_text("已连接")).to_be_visible()
    return second


async def _finish(page: Page) -> None:
    await expect(page.get_by_role("heading", name="比赛结束")).to_be_visible()
    await expect(page.get_by_text(f"已收到 {ITEMS} 题的作答")).to_be_visible()
    await page.get_by_role("link", name="查看成绩与奖项").click()


async def _see_the_result(page: Page, session: int, told: dict[int, Told]) -> None:
    """The own result lists what was acknowledged, no more and no less, and says what the server says."""
    results = page.locator(".result")
    address = page.url.rpartition("/")[0]
    await expect(results).to_have_count(ITEMS)
    answer = await page.request.get(f"{address}/api/sessions/{session}/result")
    assert answer.ok
    own = await answer.json()
    assert {item["item"]: _recorded(item) for item in own["items"]} == told
    assert {item["status"] for item in own["items"]} == {"accepted"}
    for number, kept in told.items():
        result = results.nth(number - 1)
        await expect(result).to_contain_text(f"第 {number} 题")
        await expect(result).to_contain_text(f"{kept.stamp} 收到")
        if await result.locator(".result__options").count():
            picked = result.locator(".result__option--picked .result__text")
            assert tuple(await picked.all_inner_texts()) == kept.response
        else:
            await expect(result).to_contain_text("、".join(kept.response))
    figures = page.locator(".own__figures")
    assert 1 <= own["rank"] <= own["of"] == OTHERS + 1
    await expect(figures).to_contain_text(f"{own['rank']}共 {own['of']} 人")
    await expect(figures).to_contain_text(f"{own['centipoints'] / 100:g}")


def _recorded(item: dict[str, Any]) -> Told:
    """What the server has of an answer, in the words of the page."""
    texts = {option["id"]: option["text"] for option in item["options"]} or {"T": "正确", "F": "错误"}
    response = item["response"] if item["type"] == "fill_in" else [texts[option] for option in item["response"]]
    milliseconds = item["stamp_us"] // 1000 + 8 * 3_600_000
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return Told(tuple(response), f"{hours % 24:02}:{minute:02}:{second:02}.{thousandths:03}")


async def _see_that_awards_wait(page: Page) -> None:
    """Awards are nobody's to see before two persons publish them."""
    await page.get_by_role("link", name="奖项", exact=True).click()
    await expect(page.get_by_text("奖项待公示")).to_be_visible()

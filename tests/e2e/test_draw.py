"""The draw in browsers: announced and abandoned, done again to its end, led in the hall, and checked by anybody."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.draws import Announcement, Draws
from leitai.office.people_ports import Nomination, Person
from leitai.rules.draw import commitment
from leitai.rules.draw_protocol import DrawAct
from leitai.rules.rights import Role
from leitai.rules.values import ActorId, Micros
from leitai.stores.postgres.draw_store import PostgresDraws
from tests.support.barriers import barriers, beyond
from tests.support.browser import open_page, visitor
from tests.support.draw_pages import PARTIES, begin_ceremony, end_ceremony
from tests.support.draws import HOUR_US
from tests.support.office import batch
from tests.support.staff_pages import let_in
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("draw")]

HALL = ViewportSize(width=1920, height=1080)
DESK = ViewportSize(width=1366, height=768)
PHONE = ViewportSize(width=390, height=844)
SEEDS = ("11" * 32, "22" * 32)
VALUE = "3 8 14 19 22 27 5"


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", roles=("gateway", "office"), together=True) as house, house.open_doors():
            yield house


@asynccontextmanager
async def _signed_in(house: House, browser: Browser, login: str, name: str, role: Role) -> AsyncGenerator[Page]:
    async with visitor(browser) as context:
        await let_in(house, context, login, role, name)
        page = await open_page(context)
        await page.set_viewport_size(DESK)
        await page.goto(f"{house.office_url}/#/draw")
        yield page


async def _contest(house: House) -> int:
    """A contest with the lists of all delegations, three of them short."""
    delegations = await house.parts.office.delegations()
    contest = await house.parts.office.create_contest("2026年度全国人社窗口单位业务技能练兵比武", "赛务组", 2026)
    names = ("阿依古丽·买买提", "张伟", "欧阳建国", "李秀英")
    nominations = [
        Nomination("nominated", no, Person(one.code, f"{names[no % 4]}{no if no > 4 else ''}", "某中心", 1, 100_000))
        for one in delegations
        for no in range(1, 21 if one.code < "140000" else 61)
    ]
    await house.parts.office.import_nominations(contest, batch("nominations"), nominations)
    async with house.parts.database.connection() as connection:
        await connection.execute(
            "insert into nomination_freeze (contest_id, at_us, request_id) values ($1, 1, 1)", contest
        )
    return contest


async def _drawn(house: House, contest: int) -> None:
    """Another draw, done to its end at the doors' other side (test_chain does it on the pages)."""
    store = PostgresDraws(house.parts.database)
    now = [time.time_ns() // 1000 - HOUR_US]
    # What was abandoned in the browser was done just now; this one begins by the same clock.
    draws = Draws(store, store, lambda: now[0])
    asked = Announcement(
        2, "公证处遗失种子", PARTIES, "双色球第2026137期开奖号码", "numbers", Micros(now[0] + 60_000_000), 35
    )
    await draws.announce(contest, asked, ActorId("oper"))
    acts = [
        *((DrawAct.COMMIT, party, commitment(bytes.fromhex(seed))) for party, seed in enumerate(SEEDS, start=1)),
        (DrawAct.ENTER_VALUE, 0, VALUE),
        (DrawAct.CONFIRM_VALUE, 0, VALUE),
        *((DrawAct.DISCLOSE, party, seed) for party, seed in enumerate(SEEDS, start=1)),
        (DrawAct.DRAW, 0, ""),
    ]
    for done, (act, party, content) in enumerate(acts, start=1):
        # The value is known between the commitments and what follows.
        now[0] = asked.known_from_us if act is DrawAct.ENTER_VALUE else now[0] + 1
        who = "nota" if party == 2 or act is DrawAct.CONFIRM_VALUE else "oper"
        await draws.act(contest, 2, act, ActorId(who), done, party, content)


async def _is_for_all(page: Page, *, tall: bool = True) -> None:
    """No barrier, and nothing beyond the right edge of a desk's window; a wall's picture is no taller than it."""
    for viewport in (HALL, DESK):
        await page.set_viewport_size(viewport)
        right, below = await beyond(page)
        assert right <= 0
        assert tall or below <= 0
    assert await barriers(page) == []


async def test_a_draw_is_abandoned_done_again_revealed_and_checked(
    house: House, browser: Browser, old_browser: Browser, tmp_path: Path
) -> None:
    contest = await _contest(house)
    async with (
        _signed_in(house, browser, "oper", "王芳", Role.OPERATOR) as operator,
        _signed_in(house, browser, "nota", "陈静", Role.AUDITOR) as notary,
        visitor(old_browser) as public,
    ):
        errors: list[str] = []
        public.on("weberror", lambda error: errors.append(error.error.message))
        hall = await open_page(public)
        await hall.set_viewport_size(HALL)
        await hall.goto(f"{house.url}/draw#hall")
        await expect(hall.get_by_role("heading", name="尚未公布抽签")).to_be_visible()

        await _announce(operator)
        for page, party in zip((operator, notary), PARTIES, strict=True):
            await _commit(page, party, tmp_path / f"{party}.txt")
        await expect(hall.get_by_text("已提交承诺")).to_have_count(2)
        await expect(hall.get_by_role("timer")).to_be_visible()
        await _is_for_all(hall, tall=False)
        await _is_for_all(operator)
        await operator.get_by_role("button", name="作废本次抽签").click()
        await operator.get_by_label("原因").fill("公证处遗失种子")
        await operator.get_by_role("button", name="确认作废").click()
        await expect(operator.get_by_text("第 1 次抽签 · 已作废")).to_be_visible()
        await expect(hall.get_by_text("作废，原因：公证处遗失种子")).to_be_visible()

        await _drawn(house, contest)
        await operator.reload()
        await expect(operator.get_by_text("全部省份已抽取，记录已公布。")).to_be_visible()
        await _is_for_all(operator)
        await _ceremony(operator, hall)
        await _looked_at(house, hall)
        await _checked(house, hall, tmp_path)
        assert errors == []


async def _announce(operator: Page) -> None:
    await expect(operator.get_by_text("推荐名单已冻结：32 份")).to_be_visible()
    await operator.get_by_label("公共值名称").fill("双色球第2026130期开奖号码")
    await operator.get_by_label("产生时间").fill("2099-12-31T21:15")
    await operator.get_by_role("button", name="公布", exact=True).click()
    await operator.get_by_role("button", name="确认公布").click()
    await expect(operator.get_by_text("第 1 次抽签 · 待提交承诺")).to_be_visible()


async def _commit(page: Page, party: str, file: Path) -> None:
    row = page.get_by_role("listitem").filter(has_text=party).filter(has=page.get_by_role("button", name="提交承诺"))
    async with page.expect_download() as saved:
        await row.last.get_by_role("button", name="在本机生成种子").click()
    await (await saved.value).save_as(file)
    field = page.get_by_label(f"{party}的承诺值")
    text = await asyncio.to_thread(file.read_text, "utf-8")
    seed = text.partition("seed: ")[2].partition("\n")[0]
    await expect(field).to_have_value(commitment(bytes.fromhex(seed)))
    await row.last.get_by_role("button", name="提交承诺").click()
    await expect(field).to_have_count(0)


async def _ceremony(operator: Page, hall: Page) -> None:
    await begin_ceremony(operator, hall, "北京市", 20)
    await operator.get_by_role("button", name="新疆").click()
    await expect(hall.get_by_role("heading", name="新疆维吾尔自治区")).to_be_visible()
    await operator.get_by_role("button", name="全部显示").click()
    await expect(hall.locator(".name__name")).to_have_count(35)
    await _is_for_all(hall, tall=False)
    await _is_for_all(operator)
    await end_ceremony(operator, hall)


async def _looked_at(house: House, page: Page) -> None:
    await page.goto(f"{house.url}/draw")
    await expect(page.get_by_role("button", name="第 1 次 · 已作废")).to_be_visible()
    await page.get_by_role("button", name="新疆").click()
    await expect(page.locator(".name__name")).to_have_count(35)
    await page.get_by_role("searchbox").fill("阿依古丽")
    await expect(page.get_by_text("抽中").first).to_be_visible()
    await page.get_by_role("searchbox").fill("")
    await _is_for_all(page, tall=False)
    await page.set_viewport_size(PHONE)
    assert (await beyond(page))[0] <= 0
    await page.set_viewport_size(DESK)
    await page.goto(f"{house.url}/draw#replay")
    await expect(page.get_by_role("button", name="开始揭晓")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("heading", name="北京市")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator(".name__name")).to_have_count(20)
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("heading", name="天津市")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("heading", name="北京市")).to_be_visible()
    await expect(page.locator(".name__name")).to_have_count(20)
    assert await barriers(page) == []


async def _checked(house: House, page: Page, folder: Path) -> None:
    """The record that is published holds, one with a changed byte does not, and no file leaves the browser."""
    await page.goto(f"{house.url}/draw/verify")
    await page.get_by_role("button", name="第 2 次抽签").click()
    await expect(page.get_by_text("核验通过")).to_be_visible()
    await expect(page.get_by_text("32 个省份")).to_be_visible()
    answer = await page.request.get(f"{house.url}/api/draws/1/2/record")
    data = await answer.body()
    changed = folder / "changed.json"
    at = data.rindex(b'"place":') + len('"place":')
    other = b"1" if data[at : at + 1] != b"1" else b"2"
    await asyncio.to_thread(changed.write_bytes, data[:at] + other + data[at + 1 :])
    # Letters that the first verdict needed are asked for before what is asked for is watched.
    await page.evaluate("document.fonts.ready.then(() => undefined)")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.locator("input[type=file]").set_input_files(changed)
    await expect(page.get_by_text("核验不通过")).to_be_visible()
    await expect(page.get_by_text("问题所在：660000")).to_be_visible()
    assert asked == []
    for viewport in (DESK, PHONE):
        await page.set_viewport_size(viewport)
        assert (await beyond(page))[0] <= 0
    assert await barriers(page) == []

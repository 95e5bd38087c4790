"""A province's own contest on its pages, in the province's house: a roster by file, registration on a phone, prizes."""

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.own_contests_ports import NewPerson, Numbers
from leitai.office.session_ports import SessionSettings
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode, Micros
from leitai.stores.postgres.own_contests_store import OwnContests
from leitai.web.cookies import STAFF_COOKIE
from tests.support.nominations import id_number
from tests.support.office import START_US, Stores, batch, questions
from tests.support.own_awards import finish
from tests.support.staff_pages import Desks, choose, publish_awards
from tests.support.stores import furnished_folder
from tests.support.waiting import PATIENCE_S, eventually
from tests.support.workbooks import workbook

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("nominations")]
HEBEI = "130000"
HOUR_US = 3_600_000_000
PUBLIC = (
    "/",
    "/contest",
    "/board",
    "/hall",
    "/reveal",
    "/results#standings",
    "/results#awards",
    "/publicity",
    "/verify",
)
HEAD = ["姓名", "单位", "队伍", "手机号", "身份证号"]


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    async with _home(("gateway", "office")) as house:
        yield house


@pytest.fixture
async def live_house(built_client: Path) -> AsyncIterator[House]:
    """With somebody to conduct a session."""
    async with _home(("gateway", "director", "office")) as house:
        yield house


@asynccontextmanager
async def _home(roles: Sequence[str]) -> AsyncGenerator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", roles=roles, together=True, owner=HEBEI) as house, house.open_doors():
            yield house


async def _enter(house: House, login: str, name: str) -> str:
    """Somebody of the province's office takes up an account; returns the cookie."""
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange(name, frozenset({Role.TEAM_LEADER}), DelegationCode(HEBEI), disabled=False)
    _, code = await staff.invite("tests", login, change)
    async with httpx2.AsyncClient(
        base_url=house.office_url, headers={"Origin": house.office_url}, timeout=PATIENCE_S
    ) as client:
        body = {"login": login, "code": code, "password": "a good pass phrase"}
        assert (await client.post("/api/staff/welcome", json=body)).status_code == 200
        return client.cookies[STAFF_COOKIE]


async def test_a_contest_of_the_provinces_own(house: House, browser: Browser, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        desks = Desks(stack, browser, house, tmp_path)
        page = await desks.open(await _enter(house, "hebei", "冀省赛务"), "own-contests")
        await expect(page.get_by_text("河北自办比赛")).to_be_visible()
        await expect(page.get_by_text("还没有本省比赛")).to_be_visible()
        # What is the nation's alone is not offered here.
        await expect(page.get_by_role("link", name="名单上报")).to_have_count(0)
        await expect(page.get_by_role("link", name="指挥台")).to_be_visible()
        await desks.look(page, "empty")
        await page.get_by_role("button", name="新建比赛").click()
        await page.get_by_label("比赛名称").fill("河北省练兵比武")
        await page.get_by_label("主办单位").fill("河北省人社厅")
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("heading", name="河北省练兵比武")).to_be_visible()

        people = [
            ["王一", "市人社局", "石家庄市", "13900000001", id_number(1)],
            ["刘二", "市人社局", "唐山市", "12", ""],
        ]
        await choose(page, "名单.xlsx", workbook({"名单": [HEAD, *people]}))
        await expect(page.get_by_text("有 1 处需要修改。")).to_be_visible()
        await desks.look(page, "problems")
        people[1][3] = "13900000002"
        await choose(page, "名单.xlsx", workbook({"名单": [HEAD, *people]}))
        await expect(page.get_by_text("检查通过：2 人，队伍：石家庄市、唐山市")).to_be_visible()
        await page.get_by_role("button", name="加入参赛名单").click()
        await expect(page.get_by_role("status")).to_have_text("已加入 2 人，名单上共 2 人。")
        await expect(page.get_by_role("row").filter(has_text="王一")).to_contain_text("石家庄市")
        await desks.look(page, "roster")

        await page.get_by_role("tab", name="网上报名").click()
        await page.get_by_role("button", name="开放报名").click()
        await expect(page.get_by_role("status")).to_have_text("报名已开放。")
        await desks.look(page, "registration")

        phone = await desks.visitor()
        await phone.set_viewport_size({"width": 390, "height": 844})
        await phone.goto(f"{house.url}/registration")
        await expect(phone.get_by_role("heading", name="河北省练兵比武")).to_be_visible()
        await phone.get_by_label("姓名").fill("陈三")
        await phone.get_by_label("单位").fill("某县人社局")
        await phone.get_by_label("代表队").select_option("唐山市")
        await phone.get_by_label("手机号").fill("13900000002")
        await desks.look(phone, "register")
        await phone.get_by_role("button", name="提交报名").click()
        await expect(phone.get_by_role("alert")).to_contain_text("该号码已经报过名")
        await phone.get_by_label("手机号").fill("139 0000 0003")
        await phone.get_by_role("button", name="提交报名").click()
        await expect(phone.get_by_text("报名已提交")).to_be_visible()
        await desks.look(phone, "registered")

        await page.reload()
        await expect(page.get_by_role("tab", name="网上报名（待审核 1）")).to_be_visible()
        row = page.get_by_role("row").filter(has_text="陈三")
        await row.locator(".el-checkbox").click()
        await page.get_by_role("button", name="通过所选 1 人").click()
        await expect(page.get_by_role("status")).to_have_text("已通过 1 人，已加入参赛名单。")
        await expect(row).to_contain_text("已通过")
        await desks.look(page, "approved")

        await page.get_by_role("tab", name="奖项").click()
        await page.get_by_role("button", name="添加奖项").click()
        await page.get_by_label("第 1 个奖项", exact=True).fill("一等奖")
        await page.get_by_role("button", name="添加奖项").click()
        await page.get_by_label("第 2 个奖项", exact=True).fill("优胜代表队")
        await page.get_by_role("combobox", name="第 2 个奖项授予", exact=True).focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("option", name="团体").click()
        await page.get_by_role("button", name="保存奖项").click()
        await expect(page.get_by_role("status")).to_have_text("奖项已保存。")
        await desks.look(page, "prizes")
        await _awarded(house, desks, page)
        await _own_prizes(desks, page)
        await _nothing_of_the_nations(house, desks, page)
        assert desks.errors == []


async def test_a_session_that_is_on_speaks_of_the_province(live_house: House, browser: Browser, tmp_path: Path) -> None:
    house, parts = live_house, live_house.parts
    stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
    await stores.office.import_bank(batch("bank"), questions(30))
    own = OwnContests(stores.database, stores.vault)
    contest = await own.create_own_contest("河北省练兵比武", "河北省人社厅", 2026, "tests")
    # Nobody's team is named: they are the province's.
    await own.add_people(
        contest, [NewPerson(one, "市人社局", "", Numbers()) for one in ("王一", "刘二")], bytes(32), "tests"
    )
    lines = papers.assemble(await stores.office.bank(), papers.share_out(4, papers.FULL_MIX), "seed")
    paper = await stores.office.create_paper("冀省试卷", "seed", lines)
    now_us = time.time_ns() // 1000
    settings = SessionSettings("决赛", Micros(now_us + HOUR_US), Micros(now_us - HOUR_US))
    made = await create_contest_session(stores.office, stores.codes, contest, paper, settings)
    async with AsyncExitStack() as stack:
        desks = Desks(stack, browser, house, tmp_path)
        seat = await desks.visitor()

        async def served() -> bool:
            return (await seat.request.get(f"{house.url}/api/contest")).ok

        # The gateway takes it up within a second or two.
        await eventually(served, bool)
        await seat.goto(f"{house.url}/contest")
        await seat.get_by_label("准考证号").fill(made.seats[0].admission_no)
        await seat.get_by_label("登录码").fill(made.seats[0].code)
        await seat.get_by_label("登录码").press("Enter")
        await seat.get_by_role("button", name="签到").click()
        await expect(seat.get_by_text("河北同一时刻")).to_be_visible()
        await expect(seat.get_by_text("河北同时逐题开放")).to_be_visible()
        await expect(seat.get_by_text("河北已到场 1 / 2")).to_be_visible()
        await seat.get_by_text("完整规则").click()
        await expect(seat.get_by_text("逐题开放，河北同时")).to_be_visible()
        assert "全国" not in await seat.inner_text("body")
        await desks.look(seat, "lobby")
        await seat.set_viewport_size({"width": 390, "height": 844})
        await desks.look(seat, "lobby-phone")

        page = await desks.open(await _enter(house, "hebei", "冀省赛务"), "console")
        await page.get_by_role("button", name="开始", exact=True).click()
        await expect(page.get_by_text("河北 2 名选手将在 3 秒后同时开始，不等原定时间。")).to_be_visible()
        await desks.look(page, "console")
        await page.get_by_role("button", name="取消").click()
        await _nothing_of_the_nations(house, desks, page)
        assert desks.errors == []


async def _nothing_of_the_nations(house: House, desks: Desks, page: Page) -> None:
    """No page of the office or of the public, in either language, speaks of the nation as of those who take part."""
    public = await desks.visitor()
    for words in (re.compile("全国|全省|各省"), re.compile(r"\bnation|\bprovinces\b", re.IGNORECASE)):
        links = await page.get_by_role("navigation").first.get_by_role("link").all()
        routes = [await one.get_attribute("href") or "" for one in links]
        assert len(routes) > 20
        for route in routes:
            await page.goto(f"{house.office_url}/{route}")
            # Until the frame has turned, what is said is the page before's.
            here = page.get_by_role("navigation").first.locator("[aria-current=page]")
            await expect(here).to_have_attribute("href", route)
            said = await _said(page.locator("main"))
            # There it says how its own contests and the nation's stand to each other.
            assert route == "#/own-contests" or not words.search(said), (route, said)
        for path in PUBLIC:
            await public.goto(f"{house.url}{path}")
            said = await _said(public.locator("body"))
            assert not words.search(said), (path, said)
        for one, home in ((page, house.office_url), (public, house.url)):
            await one.goto(home)
            await one.get_by_role("button", name="English").or_(one.get_by_role("button", name="中文")).click()


async def _said(place: Locator) -> str:
    """What a page says once it has loaded."""
    await expect(place).not_to_be_empty()
    await expect(place.locator("[aria-busy=true]")).to_have_count(0)
    return await place.inner_text()


async def _own_prizes(desks: Desks, page: Page) -> None:
    """Who has won, on the contest's own page."""
    await desks.go(page, "own-contests")
    await page.get_by_role("link", name="河北省练兵比武").click()
    await page.get_by_role("tab", name="奖项").click()
    await expect(page.get_by_text("1 个队")).to_be_visible()
    await page.get_by_role("button", name="获奖名单").click()
    await expect(page.get_by_role("row").filter(has_text="优胜代表队")).to_contain_text("唐山市")
    await expect(page.get_by_role("row").filter(has_text="王一")).to_contain_text("一等奖")
    await desks.look(page, "won")


async def _awarded(house: House, desks: Desks, page: Page) -> None:
    """A session of the contest is final: what there is of it on the pages of awards, and what the public sees."""
    parts = house.parts
    stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
    await stores.office.import_bank(batch("bank"), questions(30))
    lines = papers.assemble(await stores.office.bank(), papers.share_out(4, papers.FULL_MIX), "seed")
    paper = await stores.office.create_paper("冀省试卷", "seed", lines)
    contest = (await OwnContests(stores.database, stores.vault).own_contests())[0].contest.contest_id
    settings = SessionSettings("决赛", START_US, START_US)
    session = (await create_contest_session(stores.office, stores.codes, contest, paper, settings)).session_id
    await finish(stores, session)

    other = await desks.open(await _enter(house, "hebei-two", "冀省裁判"), "awards")
    # Teams and prizes are the province's, and nothing is said of the nation's.
    await expect(other.get_by_text("个人奖 1 人")).to_be_visible()
    team = other.get_by_role("row").filter(has_text="优胜代表队")
    # Two people against one.
    await expect(team).to_contain_text("唐山市")
    await expect(team).to_contain_text("团体第 1 名")
    winner = other.get_by_role("row").filter(has_text="王一")
    await expect(winner).to_contain_text("石家庄市")
    await expect(winner).to_contain_text("一等奖")
    await expect(winner).to_contain_text("第 1 位，在名额之内")
    await expect(other.get_by_text("岗位练兵明星")).to_have_count(0)
    await desks.look(other, "awards")
    await desks.go(page, "publicity")
    await desks.go(other, "publicity")
    await publish_awards(page, other)
    await desks.look(other, "publicity")
    async with page.expect_response(lambda answer: "/sample?" in answer.url) as sample:
        await desks.go(page, "certificates")
    assert (await sample.value).ok
    await (await sample.value).finished()
    await expect(page.get_by_text("奖项确定后可以打印。")).to_be_visible()
    citation = "在{contest}中荣获{award}。\n特发此证，以资鼓励。"
    await expect(page.get_by_label("证书文字", exact=True)).to_have_value(citation)
    await desks.look(page, "certificates")
    await page.get_by_role("combobox", name="奖项", exact=True).focus()
    await page.keyboard.press("Enter")
    async with page.expect_response(lambda answer: "award=team_prize" in answer.url) as plaque:
        await page.get_by_role("option", name="团体奖牌").click()
    assert (await plaque.value).ok
    await (await plaque.value).finished()
    await expect(page.get_by_label("证书文字", exact=True)).to_have_value(
        citation.replace("证", "牌").replace("发", "颁")
    )
    await expect(page.get_by_role("img", name="团体奖牌")).to_be_visible()
    await desks.look(page, "plaques")
    await desks.go(page, "exports")
    await expect(page.get_by_text("leitai verify-results")).to_be_visible()
    await desks.look(page, "exports")

    public = await desks.visitor()
    await public.goto(f"{house.url}/publicity")
    await expect(public.get_by_role("heading", name="一等奖")).to_be_visible()
    await expect(public.get_by_role("row").filter(has_text="王一")).to_contain_text("第 1 位，名额 1 个")
    await expect(public.get_by_role("row").filter(has_text="优胜代表队")).to_contain_text("唐山市")
    await desks.look(public, "public-publicity")
    await public.set_viewport_size({"width": 390, "height": 844})
    await desks.look(public, "public-publicity-phone")
    await public.set_viewport_size({"width": 1366, "height": 768})
    await public.goto(f"{house.url}/results#awards")
    await expect(public.get_by_role("row").filter(has_text="王一")).to_contain_text("一等奖")
    await expect(public.get_by_role("row").filter(has_text="优胜代表队")).to_contain_text("唐山市")
    await expect(public.get_by_text("岗位练兵明星")).to_have_count(0)
    await expect(public.get_by_role("link", name="抽签")).to_have_count(0)
    await desks.look(public, "public-results")

"""From nomination to tickets in browsers: two provinces, the practice office, and two of the ministry."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.ports import SessionSettings, StaffChange
from leitai.office.staff import Staff
from leitai.rules.rights import read_roles
from leitai.rules.values import DelegationCode, Micros, Phase
from leitai.web.cookies import STAFF_COOKIE
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.nominations import drawn, line, nomination_file, practice_file, sent
from tests.support.office import START_US, Stores, batch, questions
from tests.support.stores import scratch_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("nominations")]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BEIJING, HEBEI = "110000", "130000"
LIST = [line(1, "自主确定", 1), line(2, "自主确定", 2), *(line(2 + no, "推荐", no) for no in range(1, 6))]


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with scratch_folder() as folder:
        async with housed(folder / "data", two_persons=True) as house, house.open_doors():
            yield house


async def person(house: House, login: str, role: str, delegation: str = "") -> httpx2.AsyncClient:
    """Somebody who has taken the invitation, as a client with the cookie."""
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange(f"{login}本人", read_roles([role]), DelegationCode(delegation), disabled=False)
    _, code = await staff.invite("tests", login, change)
    client = httpx2.AsyncClient(base_url=house.office_url, headers={"Origin": house.office_url})
    body = {"login": login, "code": code, "password": "a good pass phrase"}
    assert (await client.post("/api/staff/welcome", json=body)).status_code == 200
    return client


class Desks:
    """Pages of several people, each in a browser of their own."""

    def __init__(self, stack: AsyncExitStack, browser: Browser, house: House, pictures: Path) -> None:
        self._stack, self._browser, self._house, self._pictures = stack, browser, house, pictures
        self.errors: list[str] = []
        """Faults of scripts, whatever axe calls serious, and what runs out of the window."""

    async def open(self, client: httpx2.AsyncClient, route: str) -> Page:
        self._stack.push_async_callback(client.aclose)
        context = await self._stack.enter_async_context(visitor(self._browser))
        context.on("weberror", lambda error: self.errors.append(error.error.message))
        cookie = client.cookies[STAFF_COOKIE]
        await context.add_cookies([{"name": STAFF_COOKIE, "value": cookie, "url": self._house.office_url}])
        page = await open_page(context)
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.goto(f"{self._house.office_url}/#/{route}")
        return page

    async def look(self, page: Page, name: str) -> None:
        """Look a page over, and keep a picture of it."""
        await page.screenshot(path=self._pictures / f"{name}.png", full_page=True)
        self.errors += [f"{name}: {one}" for one in await barriers(page)]
        if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.errors.append(f"{name}: too wide")


async def choose(page: Page, name: str, data: bytes) -> None:
    await page.locator("input[type=file]").set_input_files({"name": name, "mimeType": XLSX, "buffer": data})


async def test_from_nomination_to_tickets(house: House, browser: Browser, tmp_path: Path) -> None:
    office = house.parts.office
    contest = await office.create_contest("业务技能练兵比武", "组委会", 2022)
    async with AsyncExitStack() as stack:
        desks = Desks(stack, browser, house, tmp_path)
        practice = await desks.open(await person(house, "practice", "practice_office"), "practice-records")
        await expect(practice.get_by_text("尚未导入练兵数据。")).to_be_visible()
        records = dict.fromkeys((1, 2, 3, 4, 5, 7, 50, 51), (1, 1000))
        await choose(practice, "练兵.xlsx", practice_file(records | {6: (0, 200)}))
        await expect(practice.get_by_text("检查通过：9 人")).to_be_visible()
        await desks.look(practice, "practice")
        await practice.get_by_role("button", name="导入这些数据").click()
        await expect(practice.get_by_text("已导入 9 人的数据。")).to_be_visible()

        leader = await desks.open(await person(house, "beijing", "team_leader", BEIJING), "nominations")
        await expect(leader.get_by_role("heading", name="北京推荐名单")).to_be_visible()
        async with leader.expect_download() as template:
            await leader.get_by_role("link", name="下载模板").click()
        assert (await (await template.value).path()).stat().st_size > 1000
        await choose(leader, "名单.xlsx", nomination_file([*LIST[:6], line(7, "推荐", 5, 证件号码="12345")]))
        await expect(leader.get_by_text("有 1 行需要修改。")).to_be_visible()
        row = leader.get_by_role("row").filter(has_text="证件号码应为 18 位。")
        await expect(row).to_contain_text("证件号码")
        await expect(row).to_contain_text("8")
        await desks.look(leader, "problems")
        await choose(leader, "名单.xlsx", nomination_file(LIST))
        await expect(leader.get_by_text("检查通过：自主确定 2 名，推荐 5 名，其中不符合条件 1 名")).to_be_visible()
        await leader.get_by_role("button", name="上传这份名单").click()
        await expect(leader.get_by_text("名单已上传：")).to_be_visible()
        kept = leader.get_by_role("region", name="提交")
        await expect(kept.get_by_text("日日学之星不足、周周练积分不足")).to_be_visible()
        await kept.get_by_role("button", name="人员六").click()
        await expect(kept.get_by_text("200 分")).to_be_visible()
        await kept.get_by_role("button", name="显示完整号码").click()
        await expect(kept.get_by_text("13800000001")).to_be_visible()
        await kept.get_by_role("button", name="提交名单").click()
        dialog = leader.get_by_role("dialog", name="提交名单")
        await expect(dialog).to_contain_text("名单不足")
        await desks.look(leader, "submit")
        await dialog.get_by_role("button", name="确认提交").click()
        await expect(leader.get_by_text("名单已提交，等待赛务组审核。")).to_be_visible()

        hebei_client = await person(house, "hebei", "team_leader", HEBEI)
        hebei = await desks.open(hebei_client, "nominations")
        await choose(hebei, "名单.xlsx", nomination_file([line(50, "自主确定", 1), line(2, "推荐", 1)]))
        await expect(hebei.get_by_text("该人员已在北京的名单中。")).to_be_visible()
        kept_list = (await sent(hebei_client, contest, HEBEI, nomination_file([line(50, "自主确定"), line(51)]), 0))[
            "standing"
        ]
        submit = {"expects": kept_list["edition"], "short": True}
        answer = await hebei_client.post(f"/api/staff/nominations/{contest}/{HEBEI}/submit", json=submit)
        assert answer.status_code == 200

        one = await desks.open(await person(house, "one", "operator"), "nomination-review")
        await expect(one.get_by_text("已提交 2，待提交 0，未上传 30")).to_be_visible()
        await desks.look(one, "overview")
        await one.get_by_role("button", name="查看北京市的名单").click()
        await expect(one.get_by_role("row").filter(has_text="人员一")).to_be_visible()
        await desks.look(one, "province")
        await one.get_by_role("button", name="退回名单").click()
        await one.get_by_label("理由").fill("第 5 名请核对")
        await one.get_by_role("button", name="退回", exact=True).click()
        await expect(one.get_by_role("status")).to_have_text("名单已退回。")
        await leader.reload()
        await expect(leader.get_by_text("第 5 名请核对")).to_be_visible()
        await leader.get_by_role("button", name="提交名单").click()
        await leader.get_by_role("button", name="确认提交").click()
        await expect(leader.get_by_text("名单已提交，等待赛务组审核。")).to_be_visible()

        await one.get_by_role("link", name="返回总览").click()
        await one.reload()
        await one.get_by_role("button", name="冻结名单").click()
        await expect(one.get_by_text("还有 30 个代表队没有提交")).to_be_visible()
        await one.get_by_role("button", name="提出冻结").click()
        await expect(one.get_by_role("status")).to_contain_text("请另一位赛务确认")
        two = await desks.open(await person(house, "two", "operator"), "nomination-review")
        await expect(two.get_by_text("冻结全部已提交的名单")).to_be_visible()
        await desks.look(two, "request")
        await two.get_by_role("button", name="确认", exact=True).click()
        await expect(two.get_by_text("名单已于")).to_be_visible()

        parts = house.parts
        stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
        await drawn(stores, contest, {BEIJING: 3, HEBEI: 1})
        await one.goto(f"{house.office_url}/#/roster")
        await one.get_by_role("button", name="生成参赛名单").click()
        await expect(one.get_by_text("共 7 人，取消资格")).to_be_visible()
        await desks.look(one, "roster")
        await one.get_by_role("button", name="取消资格：人员二").click()
        await one.get_by_label("理由").fill("材料不实")
        await one.get_by_role("button", name="提出取消资格").click()
        await two.goto(f"{house.office_url}/#/roster")
        await two.get_by_role("button", name="确认", exact=True).click()
        await expect(two.get_by_role("row").filter(has_text="取消资格：材料不实")).to_contain_text("人员二")
        await two.get_by_role("button", name="公布参赛名单").click()
        await two.get_by_role("button", name="确认公布").click()
        await expect(two.get_by_role("status")).to_have_text("参赛名单已公布。")
        await leader.goto(f"{house.office_url}/#/roster")
        await expect(leader.get_by_role("row").filter(has_text="人员二")).to_contain_text("材料不实")
        await desks.look(leader, "own-roster")

        anybody = await open_page(await stack.enter_async_context(visitor(browser)))
        await anybody.goto(f"{house.url}/roster")
        await expect(anybody.get_by_role("row").filter(has_text="人员二")).to_contain_text("取消资格")
        await anybody.get_by_label("代表队").select_option("河北省")
        await expect(anybody.get_by_role("row").filter(has_text="人员五一")).to_contain_text("抽签")
        await desks.look(anybody, "public")

        await office.import_bank(batch("bank"), questions())
        items = papers.assemble(await office.bank(), papers.share_out(10, papers.FULL_MIX), "seed")
        paper = await office.create_paper("试卷", "seed", items)
        settings = SessionSettings("全国统一在线比试", START_US, Micros(START_US - 1))
        await create_contest_session(office, house.parts.codes, contest, paper, settings, phase=Phase.DRAFT)
        await two.goto(f"{house.office_url}/#/tickets")
        await two.get_by_role("button", name="生成准考证").click()
        await two.get_by_role("button", name="换发并生成").click()
        await expect(two.get_by_role("status")).to_contain_text("张准考证", timeout=30_000)
        await desks.look(two, "tickets")
        async with two.expect_download() as ticket:
            await two.get_by_role("link", name="北京市").click()
        path = await (await ticket.value).path()
        assert path.read_bytes().startswith(b"%PDF-")
        assert desks.errors == []

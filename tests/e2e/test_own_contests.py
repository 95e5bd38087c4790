"""A province's own contest on its pages, in the province's house: a roster by file, registration on a phone, prizes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode
from leitai.web.cookies import STAFF_COOKIE
from tests.support.nominations import id_number
from tests.support.staff_pages import Desks, choose
from tests.support.stores import furnished_folder
from tests.support.workbooks import workbook

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("nominations")]
HEBEI = "130000"
HEAD = ["姓名", "单位", "队伍", "手机号", "身份证号"]


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with (
            housed(folder / "data", roles=("gateway", "office"), owner=HEBEI) as house,
            house.open_doors(),
        ):
            yield house


async def test_a_contest_of_the_provinces_own(house: House, browser: Browser, tmp_path: Path) -> None:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange("冀省赛务", frozenset({Role.TEAM_LEADER}), DelegationCode(HEBEI), disabled=False)
    _, code = await staff.invite("tests", "hebei", change)
    async with (
        AsyncExitStack() as stack,
        httpx2.AsyncClient(base_url=house.office_url, headers={"Origin": house.office_url}) as client,
    ):
        body = {"login": "hebei", "code": code, "password": "a good pass phrase"}
        assert (await client.post("/api/staff/welcome", json=body)).status_code == 200
        desks = Desks(stack, browser, house, tmp_path)
        page = await desks.open(client.cookies[STAFF_COOKIE], "own-contests")
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
        await page.get_by_role("button", name="保存奖项").click()
        await expect(page.get_by_role("status")).to_have_text("奖项已保存。")
        await desks.look(page, "prizes")
        assert desks.errors == []

"""From nomination to tickets in browsers: two provinces, the practice office, and two of the ministry; what goes wrong
on the way. test_chain goes the straight way over three provinces.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.session_ports import SessionSettings
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import read_roles
from leitai.rules.values import DelegationCode, Micros, Phase
from leitai.web.cookies import STAFF_COOKIE
from tests.support.nominations import drawn, line, nomination_file, practice_file, sent
from tests.support.office import START_US, Stores, batch, questions
from tests.support.staff_pages import Desks, choose, drop, freeze_lists, make_roster, publish_roster, submit_short
from tests.support.stores import furnished_folder
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("nominations")]

BEIJING, HEBEI = "110000", "130000"
LIST = [line(1, "自主确定", 1), line(2, "自主确定", 2), *(line(2 + no, "推荐", no) for no in range(1, 6))]


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with (
            housed(folder / "data", two_persons=True, roles=("gateway", "office"), together=True) as house,
            house.open_doors(),
        ):
            yield house


async def person(house: House, login: str, role: str, delegation: str = "") -> httpx2.AsyncClient:
    """Somebody who has taken the invitation, as a client with the cookie; it is closed by whoever asked for it."""
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange(f"{login}本人", read_roles([role]), DelegationCode(delegation), disabled=False)
    _, code = await staff.invite("tests", login, change)
    client = httpx2.AsyncClient(base_url=house.office_url, headers={"Origin": house.office_url}, timeout=PATIENCE_S)
    body = {"login": login, "code": code, "password": "a good pass phrase"}
    assert (await client.post("/api/staff/welcome", json=body)).status_code == 200
    return client


async def test_from_nomination_to_tickets(house: House, browser: Browser, tmp_path: Path) -> None:
    office = house.parts.office
    contest = await office.create_contest("业务技能练兵比武", "组委会", 2022)
    async with AsyncExitStack() as stack:
        desks = Desks(stack, browser, house, tmp_path)

        async def desk(login: str, role: str, route: str, delegation: str = "") -> Page:
            client = await person(house, login, role, delegation)
            stack.push_async_callback(client.aclose)
            return await desks.open(client.cookies[STAFF_COOKIE], route)

        practice = await desk("practice", "practice_office", "practice-records")
        await expect(practice.get_by_text("尚未导入练兵数据。")).to_be_visible()
        records = dict.fromkeys((1, 2, 3, 4, 5, 7, 50, 51), (1, 1000))
        await choose(practice, "练兵.xlsx", practice_file(records | {6: (0, 200)}))
        await expect(practice.get_by_text("检查通过：9 人")).to_be_visible()
        await desks.look(practice, "practice")
        await practice.get_by_role("button", name="导入这些数据").click()
        await expect(practice.get_by_text("已导入 9 人的数据。")).to_be_visible()

        leader = await desk("beijing", "team_leader", "nominations", BEIJING)
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
        # A file that is dropped replaces the list, and what it replaced comes back.
        await drop(leader, "少了.xlsx", nomination_file(LIST[:4]))
        await expect(leader.get_by_text("检查通过：自主确定 2 名，推荐 2 名，其中不符合条件 0 名")).to_be_visible()
        await leader.get_by_role("button", name="用这份名单替换").click()
        await expect(kept.get_by_text("自主确定 2 名，推荐 2 名")).to_be_visible()
        await kept.get_by_role("button", name="撤销上次上传").click()
        undoing = leader.get_by_role("dialog", name="撤销上次上传")
        await expect(undoing).to_contain_text("将恢复上一次上传的名单")
        await desks.look(leader, "undo")
        await undoing.get_by_role("button", name="确认撤销").click()
        await expect(kept.get_by_text("自主确定 2 名，推荐 5 名")).to_be_visible()
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
        stack.push_async_callback(hebei_client.aclose)
        hebei = await desks.open(hebei_client.cookies[STAFF_COOKIE], "nominations")
        await choose(hebei, "名单.xlsx", nomination_file([line(50, "自主确定", 1), line(2, "推荐", 1)]))
        await expect(hebei.get_by_text("该人员已在北京的名单中。")).to_be_visible()
        kept_list = (await sent(hebei_client, contest, HEBEI, nomination_file([line(50, "自主确定"), line(51)]), 0))[
            "standing"
        ]
        submit = {"expects": kept_list["edition"], "short": True}
        answer = await hebei_client.post(f"/api/staff/nominations/{contest}/{HEBEI}/submit", json=submit)
        assert answer.status_code == 200

        one = await desk("one", "operator", "nomination-review")
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
        await submit_short(leader)

        await one.get_by_role("link", name="返回总览").click()
        await expect(one.get_by_role("button", name="冻结名单")).to_be_visible()
        await one.reload()
        two = await desk("two", "operator", "nomination-review")
        await freeze_lists(one, two, 30)

        parts = house.parts
        stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
        await drawn(stores, contest, {BEIJING: 3, HEBEI: 1})
        await desks.go(one, "roster")
        await make_roster(one, 7)
        await desks.look(one, "roster")
        await one.get_by_role("button", name="取消资格：人员二").click()
        await one.get_by_label("理由").fill("材料不实")
        await one.get_by_role("button", name="提出取消资格").click()
        await expect(one.get_by_role("status")).to_have_text("已提出取消资格，请另一位赛务确认。")
        await desks.go(two, "roster")
        await two.get_by_role("button", name="确认", exact=True).click()
        await expect(two.get_by_role("row").filter(has_text="取消资格：材料不实")).to_contain_text("人员二")
        await publish_roster(two)
        await desks.go(leader, "roster")
        await expect(leader.get_by_role("row").filter(has_text="人员二")).to_contain_text("材料不实")
        await desks.look(leader, "own-roster")

        await office.import_bank(batch("bank"), questions())
        items = papers.assemble(await office.bank(), papers.share_out(10, papers.FULL_MIX), "seed")
        paper = await office.create_paper("试卷", "seed", items)
        settings = SessionSettings("全国统一在线比试", START_US, Micros(START_US - 1))
        await create_contest_session(office, house.parts.codes, contest, paper, settings, phase=Phase.DRAFT)
        await desks.go(two, "tickets")
        await two.get_by_role("button", name="生成准考证").click()
        await two.get_by_role("button", name="换发并生成").click()
        await expect(two.get_by_role("status")).to_contain_text("张准考证")
        await desks.look(two, "tickets")
        async with two.expect_download() as ticket:
            await two.get_by_role("link", name="北京市").click()
        path = await (await ticket.value).path()
        assert path.read_bytes().startswith(b"%PDF-")
        assert desks.errors == []

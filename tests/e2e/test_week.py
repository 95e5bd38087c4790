"""A week of practice on a telephone, by a clock that is moved from day to day: 日日学 and 周周练 every evening, both
titles at its end, and what the office of nominations sees turns from no to yes.

With LEITAI_PICTURES set to a folder, every page is photographed into it.
"""

import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.bank import MODULES
from leitai.office.practice.organisation_files import Organisations
from leitai.office.practice.ports import Earned
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.practice_boards import Kind
from leitai.rules.rights import read_roles
from leitai.rules.values import DelegationCode
from leitai.stores.postgres.organisations_store import OrganisationsStore
from leitai.stores.postgres.points_store import add_points
from leitai.stores.postgres.practice_desk_store import PracticeDesk
from leitai.stores.postgres.practice_features_store import PracticeFeatures
from leitai.web.cookies import LEARNER_COOKIE, STAFF_COOKIE
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.clocked_practice import Learning, practising_house
from tests.support.learners import TREE, table
from tests.support.media import mp4, png
from tests.support.nominations import id_number, line, nomination_file, sent
from tests.support.office import batch, questions
from tests.support.practice import kept_media, put_beside
from tests.support.push import Device, PushService, push_service
from tests.support.staff_pages import Desks
from tests.support.stores import furnished_folder, scratch_folder
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PHONE: ViewportSize = {"width": 390, "height": 844}
PASSWORD = "a good pass phrase"
JILIN = "220000"
_LOADED = "[...document.images].every((one) => one.complete && one.naturalWidth > 0)"
WEEK = [date(2022, 8, 22) + timedelta(days=no) for no in range(7)]
"""From a Monday to its Sunday, with three days left until eligibility is measured."""
EVENING = time(20)
DAYS_BEFORE, SETS_BEFORE = 13, 86
"""Of 30 questions, and of ten points: seven days short of 日日学之星, and 140 points short of what eligibility asks."""


@dataclass
class Learner:
    """Somebody with a telephone; what is not worth a look is asked of the same door by `client`."""

    house: House
    practice: Learning
    client: httpx2.AsyncClient
    phone: Page

    async def study(self, sets: int) -> None:
        """Answer sets of 日日学, all of them right."""
        for _ in range(sets):
            taken = await self._asked("sets", {"kind": "daily", "module": "", "type": ""})
            for item in taken["items"]:
                if item["result"] is None:
                    body = {"item": item["item"], "response": await self.right(item["question"])}
                    taken = await self._asked(f"sets/{taken['set']}/answers", body)
            assert (taken["state"], taken["right"]) == ("handed_in", 5), taken

    async def practise(self, sets: int) -> None:
        """Hand sets of 周周练 in, all of them right."""
        for _ in range(sets):
            taken = await self._asked("sets", {"kind": "weekly", "module": "", "type": ""})
            responses = [await self.right(item["question"]) for item in taken["items"]]
            handed = await self._asked(f"sets/{taken['set']}/hand-in", {"responses": responses})
            assert (handed["centipoints"], handed["counts"]) == (1_000, True), handed

    async def _asked(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        answer = await self.client.post(f"/api/practice/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def right(self, question: int) -> list[str]:
        """What the bank has as right."""
        async with self.house.parts.database.connection() as connection:
            text: str = await connection.fetchval(
                "select v.key::text from question_search s join question_version v on v.id = s.usable_id"
                " where s.question_id = $1",
                question,
            )
        key = json.loads(text)
        return [one[0] for one in key["blanks"]] or sorted(key["options"])

    async def give(self, of: Mapping[str, Any]) -> None:
        """Answer the question that the page shows rightly, by touching it."""
        response = await self.right(of["question"])
        for place, one in enumerate(response):
            if of["type"] == "fill_in":
                await self.phone.locator(".question input").nth(place).fill(one)
            else:
                ids = [option["id"] for option in of["options"]]
                await self.phone.locator(".question .option").nth(ids.index(one)).click()

    async def go(self, place: str) -> None:
        """Open a page anew."""
        await self.phone.goto("about:blank")
        await self.phone.goto(f"{self.practice.url}/#{place}")

    async def look(self, name: str) -> None:
        """Nothing runs out of the page, nothing is in anybody's way."""
        assert await self.phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert await barriers(self.phone) == [], name
        if folder := os.environ.get("LEITAI_PICTURES"):
            await self.phone.screenshot(path=Path(folder) / f"week-{name}.png", full_page=True)


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", roles=("office",)) as house:
            await house.parts.office.import_bank(batch("bank"), questions(240))
            desk = PracticeDesk(house.parts.database)
            for module in MODULES:
                await desk.release(0, module, None, date(2022, 8, 1), "练兵组")
            await Organisations(OrganisationsStore(house.parts.database)).take(
                "tree.xlsx", table(*TREE), actor="tests", own=None, dry_run=False, leave_out=False
            )
            async with house.open_doors():
                yield house


@pytest.fixture
async def push() -> AsyncIterator[PushService]:
    async with push_service() as push:
        yield push


@pytest.fixture
async def practice(house: House, push: PushService) -> AsyncIterator[Learning]:
    with scratch_folder() as folder:
        async with practising_house(house, folder, datetime.combine(WEEK[0], EVENING), push.origin) as practice:
            yield practice


async def registered(
    stack: AsyncExitStack, house: House, practice: Learning, account: str, name: str, number: int = 0
) -> httpx2.AsyncClient:
    """A browser of a new learner of a window in Jilin."""
    client = httpx2.AsyncClient(base_url=practice.url, headers={"Origin": practice.url}, timeout=PATIENCE_S)
    stack.push_async_callback(client.aclose)
    async with house.parts.database.connection() as connection:
        unit: int = await connection.fetchval("select id from organisation where code = 'JL-NG-1'")
    body = {"account": account, "password": PASSWORD, "name": name, "kind": "window", "organisation": unit}
    answer = await client.post(
        "/api/practice/register", json=body | ({"id_number": id_number(number)} if number else {})
    )
    assert answer.status_code == 201, answer.text
    return client


async def earned(house: House, name: str, entries: Sequence[tuple[date, Kind, int, int]]) -> None:
    """Write what somebody did before into the ledger: day, kind, centipoints, questions."""
    async with house.parts.database.transaction() as connection:
        learner_id: int = await connection.fetchval("select id from learner where name = $1", name)
        for no, (day, kind, centipoints, asked) in enumerate(entries, 1):
            await add_points(connection, Earned(learner_id, day, kind, 1_000_000 + no, centipoints, asked))


async def staff(stack: AsyncExitStack, house: House, login: str, role: str, delegation: str = "") -> httpx2.AsyncClient:
    """A browser of somebody of the staff."""
    change = StaffChange(f"{login}本人", read_roles([role]), DelegationCode(delegation), disabled=False)
    keeper = Staff(house.parts.office, house.parts.settings.server_key)
    _, code = await keeper.invite("tests", login, change)
    client = httpx2.AsyncClient(base_url=house.office_url, headers={"Origin": house.office_url}, timeout=PATIENCE_S)
    stack.push_async_callback(client.aclose)
    body = {"login": login, "code": code, "password": PASSWORD}
    assert (await client.post("/api/staff/welcome", json=body)).status_code == 200
    return client


async def test_a_week_that_makes_somebody_eligible(
    house: House, practice: Learning, push: PushService, browser: Browser, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        client = await registered(stack, house, practice, "13800000001", "人员一", number=1)
        await registered(stack, house, practice, "lisi2022", "李四")
        before = [
            *((WEEK[0] - timedelta(days=back), Kind.DAILY, 0, 30) for back in range(1, DAYS_BEFORE + 1)),
            *((WEEK[0] - timedelta(days=back), Kind.WEEKLY, 1_000, 0) for back in range(1, SETS_BEFORE + 1)),
        ]
        await earned(house, "人员一", before)
        await earned(house, "李四", [(day, Kind.WEEKLY, 1_000, 0) for day in WEEK])

        # The office of nominations before the week: no.
        contest = await house.parts.office.create_contest("业务技能练兵比武", "组委会", 2022)
        leader = await staff(stack, house, "jilin", "team_leader", JILIN)
        await sent(leader, contest, JILIN, nomination_file([line(1, 日日学之星次数=0, 周周练积分=0)]), 0)
        pictures = Path(os.environ.get("LEITAI_PICTURES", str(tmp_path)))
        desks = Desks(stack, browser, house, pictures)
        keeper = await staff(stack, house, "lian", "practice_office")
        operator = await staff(stack, house, "saiwu", "operator")
        records = await desks.open(keeper.cookies[STAFF_COOKIE], "practice-records")
        await hand_over(records)
        review = await desks.open(operator.cookies[STAFF_COOKIE], f"nomination-review?province={JILIN}")
        await judged(review, "日日学之星不足、周周练积分不足", ("0 次", "860 分"))
        await desks.look(review, "week-not-eligible")

        context = await stack.enter_async_context(visitor(browser))
        faults: list[str] = []
        context.on("weberror", lambda error: faults.append(error.error.message))
        cookie = client.cookies[LEARNER_COOKIE]
        await context.add_cookies([{"name": LEARNER_COOKIE, "value": cookie, "url": practice.url}])
        phone = await open_page(context)
        await phone.set_viewport_size(PHONE)
        learner = Learner(house, practice, client, phone)
        await featured(house)
        device = Device()
        for no, day in enumerate(WEEK, 1):
            if no > 1:
                # Nothing studied yet: the telephone says so, once.
                await practice.move(datetime.combine(day, EVENING))
                await eventually(lambda: came(push), lambda told, no=no: told == no - 1)
            await one_day(learner, no)
            if no == 1:
                asked = await client.post("/api/practice/push", json=device.subscription(f"{push.origin}/phone"))
                assert asked.json()["browsers"] == 1
        tags = [told["tag"] for told in push.messages(device, "/phone")]
        assert tags == [*["daily"] * (len(WEEK) - 2), "week_ends"]

        # Both titles are there at once on the own page, and their badges can be printed.
        await learner.go("own")
        for title, why in (("日日学之星", "20 天，共 600 题"), ("周周练达人", "140 分")):
            row = phone.get_by_role("listitem").filter(has_text=title)
            await expect(row).to_contain_text(why)
            badge = await context.request.get(f"{practice.url}{await row.get_by_role('link').get_attribute('href')}")
            assert (await badge.body()).startswith(b"%PDF")
        await expect(phone.get_by_text("连续学习 93 天")).to_be_visible()
        await learner.look("titles")

        # On boards they are after the night.
        await practice.move(datetime.combine(WEEK[-1] + timedelta(days=1), time(8)))
        await eventually(lambda: kept_titles(house), lambda held: held == 2)
        await learner.go("boards")
        await phone.get_by_role("button", name="本月").click()
        own, other = (phone.get_by_role("listitem").filter(has_text=name) for name in ("人员一", "李四"))
        await expect(own.locator(".tag--award")).to_have_text(["日日学之星", "周周练达人"])
        await expect(other.locator(".tag--award")).to_have_count(0)
        await learner.look("board")

        # And the office of nominations, from the same ledger: yes, with what it rests on.
        await hand_over(records)
        await desks.look(records, "week-handed-over")
        await review.reload()
        await judged(review, "符合", ("1 次", "1000 分"))
        await desks.look(review, "week-eligible")

        await desks.go(records, "practice-features")
        await expect(records.get_by_role("row").filter(has_text="第一讲 办理流程")).to_contain_text("精讲中")
        await desks.look(records, "week-features")
        await comes_in_again(stack, desks, records, browser, practice.url)
        assert faults == []
        assert desks.errors == []


async def one_day(learner: Learner, no: int) -> None:
    """An evening: open the page, see what the day asks, study, and see what came of it."""
    phone = learner.phone
    await learner.go("study")
    figure = phone.locator(".home__figure strong")
    await expect(figure).to_have_text("0")
    if no == 1:
        await learner.look("day-begins")
        await by_hand(learner)
    await learner.study(5 if no == 1 else 6)
    if no < len(WEEK):
        await learner.practise(2)
    else:
        await learner.practise(1)
        await weekly_by_hand(learner)
    await learner.go("study")
    await expect(figure).to_have_text("30")
    await expect(phone.get_by_text("今日已计入“日日学之星”的学习天数。")).to_be_visible()
    if no in (1, len(WEEK)):
        await learner.look(f"day-{no}-done")
    await phone.get_by_role("link", name="我的").click()
    await expect(phone.get_by_text(f"连续学习 {SETS_BEFORE + no} 天")).to_be_visible()
    await expect(phone.locator(".sums__value").nth(1)).to_have_text(str(20 * no))


async def came(push: PushService) -> int:
    """How many messages there were."""
    return len(push.came)


async def featured(house: House) -> None:
    """The practice office features a question that has a picture, with a lecture and what is said in it."""
    database = house.parts.database
    async with database.connection() as connection:
        question: int = await connection.fetchval(
            "select max(question_id) from usable_version where type = 'single' and module = $1", MODULES[0]
        )
    await put_beside(database, question, await kept_media(database, png(320, 180), "流程图"), "办理流程图")
    film = await kept_media(database, mp4(1000), "第一讲 办理流程", "lecture")
    poster = await kept_media(database, png(640, 360), "封面")
    captions = "WEBVTT\n\n00:00.000 --> 00:02.000\n看第三条\n"
    files = bytes.fromhex(film), bytes.fromhex(poster)
    await PracticeFeatures(database).feature(question, *files, captions, date(2022, 8, 1), "练兵组")


async def by_hand(learner: Learner) -> None:
    """A set of 日日学 on the page, with an explanation after each answer and none before."""
    phone = learner.phone
    async with phone.expect_response("**/api/practice/sets") as taken:
        await phone.get_by_role("button", name="开始学习").click()
    items = (await (await taken.value).json())["items"]
    for place, item in enumerate(items, 1):
        await expect(phone.get_by_text(f"第 {place} / 5 题")).to_be_visible()
        assert "依据第" not in await phone.content()
        await expect(phone.get_by_role("button", name="看讲解")).to_have_count(0)
        await learner.give(item)
        if place == 1:
            # The featured one comes first, with its picture from the beginning.
            await expect(phone.get_by_text("精讲")).to_be_visible()
            picture = phone.get_by_role("img", name="办理流程图")
            await expect(picture).to_be_visible()
            await eventually(lambda: phone.evaluate(_LOADED), bool)
            await learner.look("picture")
        await phone.get_by_role("button", name="提交答案").click()
        await expect(phone.get_by_text("回答正确")).to_be_visible()
        if place == 1:
            await eventually(lambda: phone.evaluate(_LOADED), bool)
            await expect(phone.get_by_text("第一讲 办理流程")).to_be_visible()
            await learner.look("lecture")
            # What is no film says so, and the explanation stays.
            await phone.get_by_role("button", name="看讲解").click()
            await expect(phone.get_by_text("视频未能播放，请稍后再试。")).to_be_visible()
            await expect(phone.get_by_text("依据第")).to_be_visible()
            await learner.look("lecture-failed")
        await phone.get_by_role("button", name="下一题" if place < 5 else "查看本组小结").click()
    await expect(phone.get_by_role("heading", name="本组完成")).to_be_visible()


async def weekly_by_hand(learner: Learner) -> None:
    """The last set of 周周练 of the week on the page."""
    phone = learner.phone
    await learner.go("study")
    async with phone.expect_response("**/api/practice/sets") as taken:
        await phone.get_by_role("button", name="开始一组").click()
    for place, item in enumerate((await (await taken.value).json())["items"]):
        await expect(phone.get_by_text(f"第 {place + 1} / 10 题")).to_be_visible()
        await learner.give(item)
        if place < 9:
            await phone.get_by_role("button", name="下一题").click()
    await phone.get_by_role("button", name="提交本组").click()
    await expect(phone.get_by_text("今日第 2 组，计入积分。")).to_be_visible()


async def comes_in_again(stack: AsyncExitStack, desks: Desks, office: Page, browser: Browser, url: str) -> None:
    """The learner has forgotten the password: the office hands over a code, and another telephone takes it."""
    await desks.go(office, "learners")
    await office.get_by_label("手机号或账号").fill("13800000001")
    await office.get_by_role("button", name="查找").click()
    await expect(office.get_by_text("吉林省 长春市 南关区 南关区社保窗口")).to_be_visible()
    await office.get_by_role("button", name="发放找回代码").click()
    code = await office.locator(".learners__code strong").inner_text()
    await desks.look(office, "week-learners")
    telephone = await open_page(await stack.enter_async_context(visitor(browser)))
    await telephone.set_viewport_size(PHONE)
    await telephone.goto(url)
    await telephone.get_by_role("button", name="忘记密码").click()
    await telephone.get_by_label("手机号或账号").fill("138 0000 0001")
    await telephone.get_by_label("找回代码").fill(code)
    await telephone.get_by_label("新密码").fill("another good phrase")
    assert await barriers(telephone) == []
    if folder := os.environ.get("LEITAI_PICTURES"):
        await telephone.screenshot(path=Path(folder) / "week-recover.png", full_page=True)
    await telephone.get_by_role("button", name="设置新密码并登录").click()
    await expect(telephone.get_by_role("heading", name="人员一")).to_be_visible()


async def hand_over(page: Page) -> None:
    """The practice office tells nominations what their people practised."""
    # What is told of it may stand there from the time before.
    await page.reload()
    told = page.get_by_text("推荐名单 1 人中核对到")
    await expect(page.get_by_role("button", name="取数")).to_be_visible()
    await expect(told).to_have_count(0)
    await page.get_by_role("button", name="取数").click()
    await expect(page.get_by_text("截至 2022-08-31，推荐名单 1 人中核对到 1 人。")).to_be_visible()


async def judged(page: Page, verdict: str, evidence: tuple[str, str]) -> None:
    """The one nominee is judged so, by that."""
    row = page.get_by_role("row").filter(has_text="人员一")
    await expect(row).to_contain_text(verdict)
    await page.get_by_role("button", name="人员一").click()
    for one in evidence:
        await expect(page.get_by_text(one, exact=True)).to_be_visible()


async def kept_titles(house: House) -> int:
    """How many titles the night has kept."""
    async with house.parts.database.connection() as connection:
        return await connection.fetchval("select count(*) from practice_title")

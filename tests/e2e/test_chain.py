"""The whole chain over three provinces, the staff on its pages: from the provinces' files to a verified certificate.

In between simulated contestants play a contest over real sockets. Everything is counted and checked as `leitai chain`
does for a nation.
"""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from leitai.cli.chaining import nominating
from leitai.cli.chaining.desks import Desk
from leitai.cli.chaining.nominating import Read
from leitai.cli.chaining.people import Province, Size
from leitai.cli.chaining.whole import Chain
from leitai.cli.rehearsal.house import House, housed
from leitai.cli.rehearsal.simulator import Event
from leitai.office.awards.tokens import CertificateTokens
from leitai.rules.values import SessionId
from leitai.web.cookies import STAFF_COOKIE
from tests.support.draw_pages import begin_ceremony, end_ceremony, to_the_end
from tests.support.staff_pages import (
    Desks,
    freeze_lists,
    hand_in,
    make_roster,
    publish_awards,
    publish_roster,
)
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chain")]

SIZE = Size(provinces=3, named=2, nominated=5, places=3, items=3, seconds_per_item=2)
FIRST = "北京市"


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", two_persons=True) as house, house.open_doors():
            yield house


class Silent:
    """Tells nobody."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []

    def begin(self, step: str) -> None:
        self.begun.append(step)

    def end(self, step: str, seconds: float, found: str) -> None:
        self.ended.append(step)

    def show(self, event: Event) -> None:
        pass


class OnPages(Chain):
    """The staff's part on its pages."""

    one: Page
    two: Page
    anybody: Page

    def __init__(self, house: House, folder: Path, desks: Desks, teller: Silent) -> None:
        super().__init__(house, SIZE, folder, teller)
        self.folder = folder
        self.desks = desks

    async def page_of(self, desk: Desk, route: str) -> Page:
        return await self.desks.open(desk.cookies[STAFF_COOKIE], route)

    async def nominate(self) -> Read:
        async def province(one: Province, desk: Desk) -> None:
            page = await self.page_of(desk, "nominations")
            counted = f"自主确定 {SIZE.named} 名，推荐 {SIZE.nominated} 名，其中不符合条件 {SIZE.barred} 名"
            await hand_in(page, one.list_file(), f"检查通过：{counted}")
            await page.context.close()

        await asyncio.gather(*(province(one, desk) for one, desk in self.leaders.items()))
        self.one = await self.page_of(self.ministry.operator, "nomination-review")
        self.two = await self.page_of(self.ministry.second, "nomination-review")
        await expect(self.one.get_by_text("已提交 3，待提交 0，未上传 29")).to_be_visible()
        await self.one.get_by_role("button", name=f"查看{FIRST}的名单").click()
        # The expert pool's history of a former year speaks against the last of the list.
        await expect(self.one.get_by_role("cell", name="曾参赛", exact=True)).to_have_count(SIZE.barred)
        await self.desks.look(self.one, "review")
        await self.one.get_by_role("link", name="返回总览").click()
        overview = (await self.ministry.operator.get(f"/nominations/{self.contest}"))["provinces"]
        people = sum(each["standing"]["named"] + each["standing"]["nominated"] for each in overview)
        return Read(people, sum(each["ineligible"] for each in overview), 0.0)

    async def freeze(self) -> None:
        await freeze_lists(self.one, self.two, 29)

    async def draw(self) -> None:
        announced = await nominating.announce_draw(self.ministry, self.contest, SIZE.places)
        self.anybody = await self.desks.visitor()
        await self.anybody.set_viewport_size({"width": 1920, "height": 1080})
        await self.anybody.goto(f"{self.house.url}/draw#hall")
        await expect(self.anybody.get_by_text("已提交承诺")).to_have_count(2)
        await announced.known()
        await self.desks.go(self.one, "draw")
        notary = await self.page_of(self.ministry.notary, "draw")
        await to_the_end(self.one, notary, announced.value, announced.seeds, self.folder)
        await notary.context.close()
        await begin_ceremony(self.one, self.anybody, FIRST, SIZE.places)
        await self.desks.look(self.anybody, "ceremony")
        await end_ceremony(self.one, self.anybody)

    async def publish_roster(self) -> None:
        await self.desks.go(self.one, "roster")
        await make_roster(self.one, SIZE.provinces * SIZE.seats)
        await self.desks.go(self.two, "roster")
        await publish_roster(self.two)
        await self.anybody.goto(f"{self.house.url}/roster")
        await expect(self.anybody.get_by_role("row").filter(has_text="抽签").first).to_be_visible()
        await self.desks.look(self.anybody, "roster")

    async def publish_awards(self) -> None:
        await self.anybody.goto(f"{self.house.url}/results#awards")
        await expect(self.anybody.get_by_text("奖项待公示")).to_be_visible()
        await self.desks.look(self.anybody, "awards-pending")
        await self.desks.go(self.one, "awards")
        await expect(self.one.get_by_text("在名额之内").first).to_be_visible()
        await self.desks.go(self.one, "publicity")
        await self.desks.go(self.two, "publicity")
        await publish_awards(self.one, self.two)
        await self.anybody.goto(f"{self.house.url}/publicity")
        await expect(self.anybody.get_by_text("全国第 1 位").first).to_be_visible()
        await self.anybody.goto(f"{self.house.url}/results#awards")
        await expect(self.anybody.get_by_role("heading", name="团体奖")).to_be_visible()
        await self.desks.look(self.anybody, "awards-published")

    async def settle_awards(self) -> None:
        await self.one.reload()
        await self.one.get_by_role("button", name="确定奖项").click()
        await self.one.get_by_role("button", name="提请确认").click()
        await expect(self.one.get_by_text("须由另一人确认")).to_be_visible()
        await self.two.reload()
        await self.two.get_by_role("button", name="确认确定奖项").click()
        await expect(self.two.get_by_text("已确定", exact=True)).to_be_visible()

    async def print_certificates(self) -> int:
        await self.desks.go(self.one, "certificates")
        await expect(self.one.get_by_role("img", name="样张")).to_be_visible()
        await self.one.get_by_role("button", name="一个 PDF", exact=True).click()
        made = self.one.get_by_role("link", name="下载")
        await expect(made).to_be_visible()
        async with self.one.expect_download() as downloading:
            await made.click()
        file = await (await downloading.value).path()
        token = CertificateTokens(self.house.parts.settings.server_key).token(SessionId(self.session), 1)
        await self.anybody.goto(f"{self.house.url}/verify#{token}")
        await expect(self.anybody.get_by_text("查验属实")).to_be_visible()
        await expect(self.anybody.get_by_text("全国“人社知识通”")).to_be_visible()
        await self.desks.look(self.anybody, "verified")
        return len(PdfReader(io.BytesIO(await asyncio.to_thread(file.read_bytes))).pages)


async def test_from_three_provinces_nominations_to_a_verified_certificate(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    teller = Silent()
    async with AsyncExitStack() as stack:
        desks = Desks(stack, browser, house, tmp_path)
        found = await OnPages(house, tmp_path, desks, teller).run()
    assert [name for name, holds in found.checks.items() if not holds] == []
    assert found.sound
    assert teller.begun == teller.ended == list(found.seconds)
    assert (found.read, found.ineligible, found.drawn, found.roster) == (21, 6, 9, 15)
    assert (found.contestants, found.answers_lost, found.answers_doubled) == (15, 0, 0)
    # All of fifteen are among the national best, and three delegations are placed.
    assert dict(found.awards) == {"knowledge": 15, "team_grand": 1, "team_first": 2}
    assert (found.certificates, found.plaques, found.in_pool, found.bundle_findings) == (15, 3, 15, 0)
    assert desks.errors == []

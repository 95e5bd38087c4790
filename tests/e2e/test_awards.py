"""Awards in browsers: a tie ordered, publication by two, an objection answered, a code that opens nothing. test_chain
goes on to definite awards and certificates.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.rules.rights import Role
from leitai.rules.values import Phase
from tests.support.awarded import CHIEF, OP, SECOND, Over, session_over
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.office import Stores
from tests.support.staff_pages import let_in, publish_awards
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

RARE = "张㼆𬭎䶮"


@dataclass
class Ministry:
    house: House
    over: Over


@pytest.fixture
async def ministry(built_client: Path) -> AsyncIterator[Ministry]:
    """A final session with a tie at the national boundary."""
    with furnished_folder() as folder:
        async with housed(folder / "data", together=True) as house:
            parts = house.parts
            stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
            over = await session_over(stores, Phase.FINALIZED)
            async with parts.database.connection() as connection:
                # The best one's name is written with characters that few fonts have.
                await connection.execute(
                    "update contestant set name = $1 where id = (select contestant_id from sitting where id = $2)",
                    RARE,
                    over.sittings[0],
                )
            async with house.open_doors():
                yield Ministry(house, over)


async def desk(ministry: Ministry, context: BrowserContext, login: str, role: Role, place: str) -> Page:
    """A page of the staff at which somebody of that role is signed in."""
    house = ministry.house
    await let_in(house, context, login, role, f"{login}的名字")
    page = await open_page(context)
    await page.goto(f"{house.office_url}/#/{place}")
    return page


async def fits(page: Page) -> None:
    """Nothing is in anybody's way, and nothing is beyond the right edge."""
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


async def test_a_tie_is_ordered_and_an_objection_answered(ministry: Ministry, browser: Browser) -> None:
    house, over = ministry.house, ministry.over
    errors: list[str] = []
    async with AsyncExitStack() as stack:
        first, second, third, any_ = [await stack.enter_async_context(visitor(browser)) for _ in range(4)]
        for context in (first, second, third, any_):
            context.on("weberror", lambda error: errors.append(error.error.message))
        op = await desk(ministry, first, OP, Role.OPERATOR, "awards")
        chief = await desk(ministry, third, CHIEF, Role.CHIEF_JUDGE, "awards")
        for page in (op, chief):
            await page.set_viewport_size({"width": 1366, "height": 768})
        # The tie is told, with what it is about, and the chief judge is led to where it is decided.
        await expect(op.get_by_text("并列，共享全国“人社知识通” 1 个名额")).to_be_visible()
        await chief.get_by_role("link", name="裁定先后").click()
        dialog = chief.get_by_role("dialog", name="裁定先后")
        await dialog.get_by_label("先后次序：先选的在前").press("Enter")
        for chosen in (1, 2):
            await chief.get_by_role("option", selected=False).first.click()
            await expect(chief.locator("[role=option][aria-selected=true]")).to_have_count(chosen)
        await chief.keyboard.press("Escape")
        await dialog.get_by_label("理由").fill("当场抽签")
        await dialog.get_by_role("button", name="作出更正").click()
        await expect(chief.get_by_text("更正 1 号")).to_be_visible()
        await op.reload()
        row = op.get_by_role("row").filter(has_text=RARE).first
        await expect(row).to_contain_text("全国第 1 位，在名额之内")
        await expect(op.get_by_text("并列，共享")).to_have_count(0)
        await fits(op)
        await op.goto(f"{house.office_url}/#/awards?delegation=110000&award=star")
        await expect(op.get_by_text("顺延后本省第 1 位").first).to_be_visible()

        # Two persons publish.
        await op.goto(f"{house.office_url}/#/publicity")
        op2 = await desk(ministry, second, SECOND, Role.OPERATOR, "publicity")
        await publish_awards(op, op2)
        await fits(op)
        await fits(op2)

        # A contestant looks, and objects.
        seat = over.created.seats[0]
        answer = await any_.request.post(
            f"{house.url}/api/sign-in",
            data={"admission_no": seat.admission_no, "code": seat.code},
            headers={"Origin": house.url},
        )
        assert answer.ok, await answer.text()
        public = await open_page(any_)
        await public.goto(f"{house.url}/publicity")
        await expect(public.get_by_role("row").filter(has_text=RARE)).to_contain_text("全国第 1 位")
        await fits(public)
        await public.get_by_label("异议内容").fill("某人参加过往年全国赛")
        await public.get_by_role("button", name="提交异议").click()
        await expect(public.get_by_text("待答复", exact=True)).to_be_visible()

        # The chief judge answers.
        await chief.goto(f"{house.office_url}/#/objections")
        await chief.get_by_role("button", name="答复", exact=True).click()
        await chief.get_by_label("答复和理由").fill("经查没有此事")
        await fits(chief)
        await chief.get_by_role("button", name="异议不成立").click()
        await expect(chief.get_by_text("经查没有此事")).to_be_visible()
        await public.reload()
        await expect(public.get_by_text("经查没有此事")).to_be_visible()

        await public.goto(f"{house.url}/verify#{'A' * 26}")
        await expect(public.get_by_role("heading", name="没有查到这份证书")).to_be_visible()
        assert errors == []

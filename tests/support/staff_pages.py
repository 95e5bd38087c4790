"""The staff's pages in browsers: desks of several people, and the steps that more than one test goes."""

from base64 import b64encode
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, expect

from leitai.cli.rehearsal.house import House
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.web.cookies import STAFF_COOKIE
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = "a good pass phrase"
_TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


class Desks:
    """Pages of several people, each in a browser of their own."""

    def __init__(self, stack: AsyncExitStack, browser: Browser, house: House, pictures: Path) -> None:
        self._stack, self._browser, self._house, self._pictures = stack, browser, house, pictures
        self.errors: list[str] = []
        """Faults of scripts, whatever axe calls serious, and what runs out of the window."""

    async def open(self, cookie: str, route: str) -> Page:
        """A page of the staff, for whoever has that cookie."""
        page = await self.visitor()
        await page.context.add_cookies([{"name": STAFF_COOKIE, "value": cookie, "url": self._house.office_url}])
        await page.set_viewport_size({"width": 1366, "height": 768})
        await self.go(page, route)
        return page

    async def visitor(self) -> Page:
        """A page of nobody in particular."""
        context = await self._stack.enter_async_context(visitor(self._browser))
        context.on("weberror", lambda error: self.errors.append(error.error.message))
        return await open_page(context)

    async def go(self, page: Page, route: str) -> None:
        """Turn to another of the staff's pages."""
        await page.goto(f"{self._house.office_url}/#/{route}")

    async def look(self, page: Page, name: str) -> None:
        """Look a page over, and keep a picture of it."""
        await page.screenshot(path=self._pictures / f"{name}.png", full_page=True)
        self.errors += [f"{name}: {one}" for one in await barriers(page)]
        if await page.evaluate(_TOO_WIDE):
            self.errors.append(f"{name}: too wide")


async def let_in(house: House, context: BrowserContext, login: str, role: Role, name: str = "某人") -> None:
    """Make an account and sign it in, in a browser of that person's own."""
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange(name, frozenset({role}), NO_DELEGATION, disabled=False)
    _, code = await staff.invite("tests", login, change)
    body = {"login": login, "code": code, "password": PASSWORD}
    url = house.office_url
    answer = await context.request.post(f"{url}/api/staff/welcome", data=body, headers={"Origin": url})
    assert answer.ok, await answer.text()


async def choose(page: Page, name: str, data: bytes) -> None:
    """Choose a file where the page takes one."""
    await page.locator("input[type=file]").set_input_files({"name": name, "mimeType": XLSX, "buffer": data})


_DROP = """(place, [name, type, data]) => {
  const carried = new DataTransfer()
  carried.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name, { type }))
  for (const what of ['dragover', 'drop'])
    place.dispatchEvent(new DragEvent(what, { dataTransfer: carried, bubbles: true, cancelable: true }))
}"""


async def drop(page: Page, name: str, data: bytes) -> None:
    """Drop a file where the page takes one."""
    place = page.locator("label").filter(has=page.locator("input[type=file]"))
    await place.evaluate(_DROP, [name, XLSX, b64encode(data).decode()])


async def hand_in(leader: Page, data: bytes, told: str) -> None:
    """A province's list: checked, which says `told`, uploaded, and submitted though it is short."""
    await choose(leader, "名单.xlsx", data)
    await expect(leader.get_by_text(told)).to_be_visible()
    await leader.get_by_role("button", name="上传这份名单").click()
    await expect(leader.get_by_text("名单已上传：")).to_be_visible()
    await submit_short(leader)


async def submit_short(leader: Page) -> None:
    """Submit a list that is short."""
    await leader.get_by_role("button", name="提交名单").click()
    await leader.get_by_role("button", name="确认提交").click()
    await expect(leader.get_by_text("名单已提交，等待赛务组审核。")).to_be_visible()


async def freeze_lists(one: Page, two: Page, missing: int) -> None:
    """One of the ministry asks for the freeze, although lists are missing, and another confirms it."""
    await one.get_by_role("button", name="冻结名单").click()
    await expect(one.get_by_text(f"还有 {missing} 个代表队没有提交")).to_be_visible()
    await one.get_by_role("button", name="提出冻结").click()
    await expect(one.get_by_role("status")).to_contain_text("请另一位赛务确认")
    await two.reload()
    await expect(two.get_by_text("冻结全部已提交的名单")).to_be_visible()
    await two.get_by_role("button", name="确认", exact=True).click()
    await expect(two.get_by_text("名单已于")).to_be_visible()


async def make_roster(one: Page, people: int) -> None:
    """The roster of the named and the drawn is made."""
    await one.get_by_role("button", name="生成参赛名单").click()
    await expect(one.get_by_text(f"共 {people} 人，取消资格")).to_be_visible()


async def publish_roster(two: Page) -> None:
    """The roster is published."""
    await two.get_by_role("button", name="公布参赛名单").click()
    await two.get_by_role("button", name="确认公布").click()
    await expect(two.get_by_role("status")).to_have_text("参赛名单已公布。")


async def publish_awards(one: Page, two: Page) -> None:
    """The publication of awards begins: asked for by one, confirmed by another, both on its page."""
    await one.get_by_role("button", name="开始公示").click()
    await one.get_by_role("button", name="提请确认").click()
    await expect(one.get_by_text("须由另一人确认")).to_be_visible()
    await two.reload()
    await two.get_by_role("button", name="确认开始公示").click()
    await expect(two.get_by_text("第 1 版")).to_be_visible()

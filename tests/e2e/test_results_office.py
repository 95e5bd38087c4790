"""Results, exports and the audit in a browser: an auditor explains one contestant's result, keeps a table and a bundle,
and sees where the audit was changed; a team leader sees the own delegation.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.live.ports import SessionFile
from leitai.office.bundle.verifying import verify
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import read_roles
from leitai.rules.values import DelegationCode
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.finished import FORMULAS, finished_contest
from tests.support.office import Stores
from tests.support.staffed import PASSWORD
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

SIZE = {"width": 1366, "height": 768}


@dataclass(frozen=True)
class Scene:
    house: House
    file: SessionFile

    async def enter(self, context: BrowserContext, login: str, role: str, delegation: str = "") -> Page:
        staff = Staff(self.house.parts.office, self.house.parts.settings.server_key)
        change = StaffChange("赵强", read_roles([role]), DelegationCode(delegation), disabled=False)
        _, code = await staff.invite("tests", login, change)
        page = await open_page(context)
        await page.set_viewport_size(SIZE)  # pyright: ignore[reportArgumentType]
        await page.goto(f"{self.house.office_url}/#/results")
        await page.get_by_role("button", name="我有邀请码").click()
        for label, text in (("账号", login), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
            await page.get_by_label(label).fill(text)
        await page.get_by_label("邀请码", exact=True).fill(code)
        await page.get_by_role("button", name="设置密码并进入").click()
        return page


@pytest.fixture
async def scene(built_client: Path) -> AsyncIterator[Scene]:
    with furnished_folder() as folder:
        async with housed(folder / "data", together=True) as house:
            parts = house.parts
            stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
            file = await finished_contest(stores)
            async with house.open_doors():
                yield Scene(house, file)


async def fits(page: Page) -> None:
    """Nothing runs out of the window, and no barrier stands; the mouse is nowhere."""
    await page.mouse.move(0, 0)
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert await barriers(page) == []


async def test_results_exports_and_the_audit(scene: Scene, browser: Browser, tmp_path: Path) -> None:
    async with visitor(browser) as at_one_desk, visitor(browser) as at_another:
        errors: list[str] = []
        at_one_desk.on("weberror", lambda error: errors.append(error.error.message))
        page = await scene.enter(at_one_desk, "audit.li", "auditor")
        await expect(page.get_by_role("row")).to_have_count(len(scene.file.members) + 1)
        await fits(page)
        await page.screenshot(path=tmp_path / "results.png")

        first = scene.file.members[0]
        await page.get_by_role("link", name=f"{first.name} 的逐题得分").click()
        await expect(page.get_by_role("heading", name=first.name)).to_be_visible()
        cards = page.locator(".result")
        await expect(cards).to_have_count(10)
        await expect(cards.nth(0)).to_contain_text("本题作废")
        await expect(cards.nth(1)).to_contain_text("改判得分")
        await expect(cards.nth(1)).to_contain_text("题目有误")
        await fits(page)
        await page.screenshot(path=tmp_path / "explained.png", full_page=True)
        await page.get_by_role("button", name="有裁决的题").click()
        await expect(cards).to_have_count(3)
        await page.get_by_role("button", name="返回名单").click()
        await page.get_by_text("代表队", exact=True).first.click()
        await expect(page.get_by_role("row").nth(1)).to_contain_text("特等奖")

        await page.get_by_role("link", name="导出", exact=True).click()
        async with page.expect_download() as kept:
            await page.get_by_role("button", name="下载全国个人名次").click()
        await (await kept.value).save_as(tmp_path / "national.xlsx")
        names = [row[1] for row in openpyxl.load_workbook(tmp_path / "national.xlsx").worksheets[0].values]
        assert set(FORMULAS) <= set(names)
        async with page.expect_download() as kept:
            await page.get_by_role("button", name="下载成绩包").click()
        await (await kept.value).save_as(tmp_path / "results.zip")
        await expect(page.get_by_text("成绩包已下载。")).to_be_visible()
        command = await page.locator("pre").inner_text()
        key = bytes.fromhex(command.rpartition(" ")[2].strip())
        assert verify((tmp_path / "results.zip").read_bytes(), key).findings == ()
        await fits(page)
        await page.screenshot(path=tmp_path / "exports.png")

        await page.get_by_role("link", name="审计", exact=True).click()
        await expect(page.get_by_text("审计链完整")).to_be_visible()
        await expect(page.get_by_role("row").nth(1)).to_contain_text("下载成绩包")
        await fits(page)
        await page.screenshot(path=tmp_path / "audit.png")
        await page.get_by_label("操作", exact=True).select_option(label="提出裁决")
        await expect(page.get_by_role("row")).to_have_count(6)
        await expect(page.get_by_role("row").nth(1)).to_contain_text("裁决 5")
        await page.get_by_label("查找文字").fill("strike_off")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("row")).to_have_count(2)
        await page.get_by_role("button", name="清除条件").click()
        async with scene.house.parts.database.connection() as connection:
            await connection.execute("alter table audit disable trigger user")
            await connection.execute("update audit set actor = 'nobody' where no = 3")
            await connection.execute("alter table audit enable trigger user")
        await page.get_by_role("button", name="全部重新核对").click()
        await expect(page.get_by_text("第 3 条与前文不符")).to_be_visible()
        async with page.expect_download() as kept:
            await page.get_by_role("button", name="导出", exact=True).click()
        assert (await kept.value).suggested_filename == "leitai-audit.jsonl"

        leader = await scene.enter(at_another, "beijing", "team_leader", "110000")
        await expect(leader.get_by_role("row")).to_have_count(5)
        await leader.get_by_role("link", name="导出", exact=True).click()
        await expect(leader.get_by_role("button", name="下载", exact=False)).to_have_count(1)
        await expect(leader.get_by_role("link", name="审计", exact=True)).to_have_count(0)
        await fits(leader)
        assert errors == []

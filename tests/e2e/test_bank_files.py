"""The files around the bank in a browser: an import with faults, near-duplicates, a picture, an export."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.media import png
from tests.support.stores import furnished_folder
from tests.support.workbooks import workbook

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = ["题型", "题干", "选项A", "选项B", "答案", "目录"]
WAGE = "用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当每月支付（ ）倍的工资"


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", roles=("office",)) as house, house.open_doors():
            yield house


def row(stem: str, answer: str = "A") -> list[str]:
    return ["单选题", stem, "一", "两", answer, "劳动关系"]


async def test_from_a_file_with_faults_to_questions_with_pictures(house: House, browser: Browser) -> None:
    errors: list[str] = []
    async with visitor(browser) as context:
        context.on("weberror", lambda error: errors.append(error.error.message))
        page = await open_page(context)
        await _enter(house, page)

        await page.get_by_role("link", name="导入试题").click()
        # The page that one comes from takes no file.
        await expect(page.locator("input[type=file]")).to_be_attached()
        await _fits(page)
        data = workbook({"题库": [HEAD, row(WAGE), row(WAGE.replace("每月", "按月")), row("失业保险金由谁发放", "C")]})
        await _choose(page, "试题.xlsx", XLSX, data)
        await expect(page.get_by_role("cell", name="答案 C 不在选项中。")).to_be_visible()
        await expect(page.get_by_role("button", name="导入 2 题")).to_be_disabled()
        await _fits(page)
        # Whoever comes back to the address finds the report again.
        await page.reload()
        await page.get_by_text("只导入合格的 2 题").click()
        await page.get_by_role("button", name="导入 2 题").click()
        await expect(page.get_by_role("status").filter(has_text="新增 2 题")).to_be_visible()
        await _fits(page)

        await page.get_by_role("link", name="处理 1 处近似").click()
        await expect(page.get_by_text("题干相同部分")).to_have_count(1)
        await _fits(page)
        await page.get_by_role("button", name="开始查找").click()
        await expect(page.get_by_role("status").filter(has_text="已比对 2 题")).to_be_visible()
        await page.get_by_role("button", name="两题都保留").click()
        await expect(page.get_by_text("没有待处理的近似题。")).to_be_visible()

        await page.get_by_role("link", name="图片与视频").click()
        await page.get_by_role("button", name="添加文件").click()
        await _choose(page, "流程图.png", "image/png", png(40, 30))
        await page.get_by_role("button", name="上传", exact=True).click()
        await expect(page.get_by_role("status").filter(has_text="“流程图”已添加")).to_be_visible()
        await _fits(page)

        await page.get_by_role("link", name="试题", exact=True).click()
        await page.get_by_role("link", name=WAGE).first.click()
        await page.get_by_role("tab", name="图片与视频").click()
        await page.get_by_role("button", name="配图或视频").click()
        dialog = page.get_by_role("dialog", name="配图或视频")
        await dialog.get_by_role("button", name="查看 流程图").click()
        await dialog.get_by_label("说明").fill("参保流程图")
        await dialog.get_by_role("button", name="配图或视频").click()
        shown = page.get_by_role("img", name="参保流程图")
        await expect(shown).to_be_visible()
        assert await shown.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 40
        await _fits(page)
        await page.get_by_role("tab", name="使用统计").click()
        await expect(page.get_by_text("该试题还没有在定榜的场次或练兵中使用过。")).to_be_visible()

        await page.get_by_role("link", name="试题", exact=True).click()
        await page.get_by_role("button", name="导出").click()
        await page.get_by_text("文本（.txt）").click()
        async with page.expect_download() as coming:
            await page.get_by_role("button", name="下载").click()
        download = await coming.value
        assert download.suggested_filename == "题库.txt"
        assert WAGE in _text(await download.path())
        await expect(page.get_by_text("已写入 2 题")).to_be_visible()
        await _fits(page)
        assert errors == []


def _text(file: Path) -> str:
    return file.read_text("utf-8-sig")


async def _fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert await barriers(page) == []


async def _choose(page: Page, name: str, media: str, data: bytes) -> None:
    file: FilePayload = {"name": name, "mimeType": media, "buffer": data}
    await page.locator("input[type=file]").set_input_files(file)


async def _enter(house: House, page: Page) -> None:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange("安", frozenset({Role.SETTER}), NO_DELEGATION, disabled=False)
    _, code = await staff.invite("tests", "anna", change)
    size: Any = {"width": 1366, "height": 768}
    await page.set_viewport_size(size)
    await page.goto(house.office_url)
    await page.get_by_role("button", name="我有邀请码").click()
    for label, text in (("账号", "anna"), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
        await page.get_by_label(label).fill(text)
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_role("button", name="设置密码并进入").click()

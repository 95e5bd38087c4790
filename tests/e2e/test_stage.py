"""A stage round in browsers: a director, four teams at their desks, and the hall's screen; then a vote from a phone."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from tests.support.barriers import barriers
from tests.support.browser import WAIT_MS, open_page
from tests.support.office import batch, questions
from tests.support.stores import furnished_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stage")]

PASSWORD = "a good pass phrase"
TEAMS = ("第一代表队", "第二代表队", "第三代表队", "第四代表队")
HALL = ViewportSize(width=1920, height=1080)
CONSOLE = ViewportSize(width=1366, height=768)
PHONE = ViewportSize(width=390, height=844)
_BEYOND = "document.documentElement.scrollWidth - window.innerWidth"
_BELOW = "document.documentElement.scrollHeight - window.innerHeight"


@pytest.fixture
async def house(built_client: Path) -> AsyncIterator[House]:
    with furnished_folder() as folder:
        async with housed(folder / "data", together=True) as house:
            await house.parts.office.import_bank(batch("bank"), questions())
            async with house.open_doors():
                yield house


async def test_a_stage_is_played_in_a_hall(house: House, browser: Browser, tmp_path: Path) -> None:
    errors: list[str] = []
    pages: list[Page] = []

    async def visit(viewport: ViewportSize) -> Page:
        context = await browser.new_context(viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(WAIT_MS)
        context.on("weberror", lambda error: errors.append(error.error.message))
        page = await open_page(context)
        pages.append(page)
        return page

    try:
        console = await visit(CONSOLE)
        await _sign_in(house, console)
        await _plan(console, tmp_path)
        codes = await _codes(console)
        await console.get_by_role("button", name="开始比赛").click()
        hall = await visit(HALL)
        await hall.goto(f"{house.url}/stage/hall")
        await hall.get_by_label("席位码").fill(codes["大屏"])
        await hall.get_by_role("button", name="进入").click()
        desks = {name: await visit(PHONE) for name in TEAMS}
        for name, desk in desks.items():
            # As a link from the console has it; the code leaves the address.
            await desk.goto(f"{house.url}/stage/desk#{codes[name]}")
            await expect(desk.get_by_role("heading", name=name)).to_be_visible()
            await expect(desk).to_have_url(f"{house.url}/stage/desk")
        await _keep(hall, tmp_path / "hall-begun.png")
        await _required(console, hall, desks)
        await _buzzer(console, hall, desks, tmp_path)
        await _vote(console, hall, visit, tmp_path)
        await _end(console, hall, tmp_path)
        assert errors == []
    finally:
        for page in pages:
            await page.context.close()


async def _required(console: Page, hall: Page, desks: dict[str, Page]) -> None:
    """The first team answers its own question, and is right."""
    await console.get_by_role("button", name="开始必答题").click()
    await expect(console.get_by_role("button", name="下一题")).to_be_enabled()
    await console.keyboard.press("n")
    await expect(_state(desks[TEAMS[0]])).to_have_text("请答题")
    await expect(_state(desks[TEAMS[1]])).to_have_text("请等待")
    await expect(hall.get_by_text(f"请{TEAMS[0]}答题")).to_be_visible()
    assert await barriers(console) == []
    await expect(console.get_by_role("button", name=re.compile("^答对"))).to_be_enabled()
    await console.keyboard.press("r")
    await expect(_state(desks[TEAMS[0]])).to_have_text("答对")
    await expect(_tile(hall, TEAMS[0])).to_contain_text("110")


async def _buzzer(console: Page, hall: Page, desks: dict[str, Page], tmp_path: Path) -> None:
    """One starts falsely, two press in turn; the first is wrong by mistake, and is right after all."""
    first, second, third, fourth = (desks[name] for name in TEAMS)
    await console.get_by_role("button", name="开始抢答题").click()
    await expect(console.get_by_role("button", name="下一题")).to_be_enabled()
    await console.keyboard.press("n")
    await expect(_state(first)).to_have_text("准备")
    # The console knows of the question too: before, it shows the one of the other round.
    await expect(console.get_by_role("button", name=re.compile("^开放抢答"))).to_be_enabled()
    key = re.sub(r"^答案：", "", (await console.locator(".now__key strong").inner_text()).strip())
    assert key
    await _button(fourth).click()
    await expect(_state(fourth)).to_have_text("犯规")
    await expect(_tile(hall, TEAMS[3])).to_contain_text("90")
    await expect(console.get_by_text(f"犯规：{TEAMS[3]}")).to_be_visible()
    await _keep(fourth, tmp_path / "desk-locked.png")
    assert await barriers(fourth) == []

    await expect(console.get_by_role("button", name=re.compile("^开放抢答"))).to_be_enabled()
    await console.keyboard.press("b")
    await expect(_state(second)).to_have_text("抢答")
    await _keep(second, tmp_path / "desk-open.png")
    await second.keyboard.press("Space")
    await expect(_state(second)).to_have_text("抢到")
    await _button(third).click()
    await expect(_state(third)).to_have_text("第 2 位")
    await expect(_state(fourth)).to_have_text("犯规")
    await expect(hall.get_by_text(f"{TEAMS[1]}抢到")).to_be_visible()
    await expect(console.get_by_text(f"请{TEAMS[1]}答题")).to_be_visible()
    assert await hall.locator(".asked__key").count() == 0
    await _keep(hall, tmp_path / "hall-first.png")
    await _keep(console, tmp_path / "console.png")
    assert await barriers(hall) == []
    assert await barriers(second) == []
    for page, most in ((hall, 0), (console, 10_000), (second, 0)):
        assert await page.evaluate(_BEYOND) <= 0
        assert await page.evaluate(_BELOW) <= most

    await expect(console.get_by_role("button", name=re.compile("^答错"))).to_be_enabled()
    await console.keyboard.press("w")
    await expect(_state(second)).to_have_text("答错")
    await expect(_tile(hall, TEAMS[1])).to_contain_text("90")
    await expect(console.get_by_role("button", name=re.compile(r"^撤回\s*Z$"))).to_be_enabled()
    await console.keyboard.press("z")
    await expect(_state(second)).to_have_text("抢到")
    await expect(console.get_by_role("button", name=re.compile("^答对"))).to_be_enabled()
    await console.keyboard.press("r")
    await expect(_tile(hall, TEAMS[1])).to_contain_text("110")
    await expect(console.get_by_role("button", name=re.compile("^公布答案"))).to_be_enabled()
    await console.keyboard.press("v")
    await expect(hall.get_by_text(f"正确答案：{key}")).to_be_visible()
    await _keep(hall, tmp_path / "hall-revealed.png")
    # Whoever opens the same desk again takes it over; the other device says so, and may take it back.
    again = await third.context.new_page()
    await again.goto(third.url)
    await expect(third.get_by_text("本席位已在另一台设备上打开")).to_be_visible()
    await expect(_state(third)).to_have_text("离线")
    await again.close()
    await third.get_by_role("button", name="在本机继续").click()
    await expect(_state(third)).not_to_have_text("离线")


async def _vote(console: Page, hall: Page, visit: Callable[[ViewportSize], Awaitable[Page]], tmp_path: Path) -> None:
    await console.get_by_label("投票题目").fill("最佳风采")
    await console.get_by_role("button", name="开始投票").click()
    picture = hall.get_by_role("img", name="投票二维码")
    await expect(picture).to_be_visible()
    source = await picture.get_attribute("src")
    assert source is not None
    found = re.fullmatch(r"/api/stages/(\d+)/ballot\.svg\?code=(\w+)", source)
    assert found is not None
    phone = await visit(PHONE)
    await phone.goto(f"{hall.url.rsplit('/stage', 1)[0]}/stage/vote?stage={found[1]}&code={found[2]}")
    await phone.get_by_text(TEAMS[2]).click()
    await _keep(phone, tmp_path / "vote.png")
    assert await barriers(phone) == []
    await phone.get_by_role("button", name="提交").click()
    await expect(phone.get_by_role("heading", name="投票已记录")).to_be_visible()
    await expect(hall.get_by_text("已有 1 票")).to_be_visible()
    await _keep(hall, tmp_path / "hall-vote.png")
    await console.get_by_role("button", name="结束投票").click()
    await expect(hall.get_by_text("共 1 票")).to_be_visible()


async def _end(console: Page, hall: Page, tmp_path: Path) -> None:
    await console.get_by_label("理由").fill("风采展示")
    await console.get_by_label("队伍", exact=True).select_option(label=TEAMS[2])
    await console.get_by_role("button", name="加减分", exact=True).click()
    await expect(_tile(hall, TEAMS[2])).to_contain_text("110")
    console.once("dialog", lambda dialog: dialog.accept())
    await console.get_by_role("button", name="结束比赛").click()
    await expect(hall.get_by_text("最终名次")).to_be_visible()
    await _keep(hall, tmp_path / "hall-final.png")
    await expect(console.get_by_text("已结束", exact=True)).to_be_visible()
    async with console.expect_download() as downloading:
        await console.get_by_role("link", name="导出成绩").click()
    assert (await downloading.value).suggested_filename.endswith(".xlsx")


async def _sign_in(house: House, page: Page) -> None:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    roles = frozenset({Role.BROADCAST_DIRECTOR, Role.JUDGE})
    _, code = await staff.invite("tests", "director", StaffChange("导播", roles, NO_DELEGATION, disabled=False))
    await page.goto(house.office_url)
    await page.get_by_role("button", name="我有邀请码").click()
    await page.get_by_label("账号").fill("director")
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_label("新密码").fill(PASSWORD)
    await page.get_by_label("再输一次").fill(PASSWORD)
    await page.get_by_role("button", name="设置密码并进入").click()
    await page.get_by_role("link", name="现场赛", exact=True).click()


async def _plan(page: Page, pictures: Path) -> None:
    await expect(page.get_by_text("还没有现场赛")).to_be_visible()
    await page.get_by_role("button", name="新建现场赛").click()
    await page.get_by_role("button", name="建立").click()
    await expect(page.get_by_role("alert")).to_have_text("请填写名称。")
    await page.get_by_label("名称", exact=True).fill("全省初赛")
    await page.get_by_label("参赛队伍，每行一队").fill("\n".join(TEAMS))
    assert await barriers(page) == []
    await page.get_by_role("button", name="建立").click()
    await expect(page.get_by_text("未开始", exact=True)).to_be_visible()
    # Until it begins it is planned otherwise, from what was asked for.
    await page.get_by_role("link", name="修改赛程").click()
    await expect(page.get_by_label("名称", exact=True)).to_have_value("全省初赛")
    await expect(page.get_by_label("参赛队伍，每行一队")).to_have_value("\n".join(TEAMS))
    await page.get_by_label("名称", exact=True).fill("全省决赛")
    assert await barriers(page) == []
    assert await page.evaluate(_BEYOND) <= 0
    await _keep(page, pictures / "plan.png")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("未开始", exact=True)).to_be_visible()


async def _codes(page: Page) -> dict[str, str]:
    await page.get_by_role("button", name="生成席位码").click()
    rows = page.locator(".codes__table tr")
    await expect(rows).to_have_count(5)
    found = {
        await row.get_by_role("rowheader").inner_text(): await row.locator(".codes__code").inner_text()
        for row in await rows.all()
    }
    await page.get_by_role("button", name="已记下").click()
    return found


def _state(desk: Page) -> Locator:
    return desk.locator(".desk__word")


def _button(desk: Page) -> Locator:
    return desk.locator(".desk__button")


def _tile(hall: Page, name: str) -> Locator:
    return hall.locator(".team").filter(has_text=name)


async def _keep(page: Page, path: Path) -> None:
    await page.screenshot(path=path)

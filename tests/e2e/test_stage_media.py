"""What a question of a stage shows, in browsers: the hall's screen, teams' desks, the director's console and a judge's.

With LEITAI_PICTURES set to a folder, what is seen is photographed into it.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.office.bank import MODULES, Option, Question
from leitai.office.stage.ports import RoundWanted, StageWanted
from leitai.office.stage.stages import Stages
from leitai.rules.rights import Role
from leitai.rules.stage_events import FilmSet, RoundKind, StageSettings
from leitai.rules.values import Key, QuestionType
from leitai.stage_doors import stages_of
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.drawing import charted, filmed
from tests.support.office import batch, show_files
from tests.support.staff_pages import Desks, let_in
from tests.support.stores import furnished_folder
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stage")]

TEAMS = ("第一代表队", "第二代表队", "第三代表队", "第四代表队")
STEM = "图中是企业职工参保登记的办理流程。用人单位应当自用工之日起多少日内，为其职工申请办理社会保险登记？"
OTHER = "观看视频：窗口工作人员的做法违反了首问负责制的哪一项要求？"
DAYS = (10, 15, 30, 60)
STEPS = ("I", "II", "III", "IV")
"""In letters that every machine has."""
CHART, CASE = "参保登记流程图", "窗口服务实录"
HALL = ViewportSize(width=1920, height=1080)
TABLET = ViewportSize(width=1024, height=768)
PHONE = ViewportSize(width=390, height=844)
_BEYOND = "document.documentElement.scrollWidth - window.innerWidth"
_BELOW = "document.documentElement.scrollHeight - window.innerHeight"
_CUT = "(one) => one.scrollHeight - one.clientHeight"
# What a film does is over in a second: what is noted of it is not.
_NOTED = """(film) => {
  for (const name of ['playing', 'ended']) film.addEventListener(name, () => { film.dataset.ran = 'yes' })
}"""


@dataclass
class Scene:
    """A house with a stage whose questions show a picture, and a film, and the pages of those who see them."""

    house: House
    desks: Desks
    stages: Stages
    codes: dict[int, str]
    stage_id: int
    pictures: Path

    async def played(self) -> list[FilmSet]:
        """What the director did with films."""
        stage = await self.stages.stage(self.stage_id)
        return [one.event for one in stage.entries if isinstance(one.event, FilmSet)]

    async def page(self, login: str, role: Role) -> Page:
        """The stage's console, for somebody of that role."""
        page = await self.desks.visitor()
        await let_in(self.house, page.context, login, role)
        await page.set_viewport_size({"width": 1366, "height": 768})
        await self.desks.go(page, f"stage?stage={self.stage_id}")
        return page

    async def device(self, team: int, viewport: ViewportSize) -> Page:
        """A team's desk, or the hall's screen."""
        page = await self.desks.visitor()
        await page.set_viewport_size(viewport)
        await page.goto(f"{self.house.url}/stage/{'desk' if team else 'hall'}#{self.codes[team]}")
        return page

    async def look(self, page: Page, name: str) -> None:
        """Keep a picture of a page, of whose text nothing is cut and nothing runs out of the window."""
        await page.screenshot(path=self.pictures / f"{name}.png")
        assert await barriers(page) == []
        assert await page.evaluate(_BEYOND) <= 0


@pytest.fixture
async def scene(browser: Browser, built_client: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    async with visitor(browser) as person:
        studio = await open_page(person)
        chart = await charted(studio, STEPS, 1200, 480)
        film = await filmed(studio)
    options = tuple(Option(letter, f"{days}日内") for letter, days in zip("ABCD", DAYS, strict=True))
    rules = tuple(Option(letter, f"第{sign}项") for letter, sign in zip("ABCD", "一二三四", strict=True))
    asked = [
        Question(QuestionType.SINGLE, STEM, options, Key(frozenset("C")), "", 3, MODULES[2], ""),
        Question(QuestionType.SINGLE, OTHER, rules, Key(frozenset("A")), "", 3, MODULES[2], ""),
    ]
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(furnished_folder())
        house = await stack.enter_async_context(housed(folder / "data", together=True))
        parts = house.parts
        await parts.office.import_bank(batch("bank"), asked)
        await show_files(parts.database, {STEM: [(chart, CHART)], OTHER: [(film, CASE)]})
        stages = stages_of(parts.database, parts.settings, parts.store)
        async with parts.database.connection() as connection:
            numbers = [
                await connection.fetchval("select question_id from question_version where stem = $1", one.stem)
                for one in asked
            ]
        round_ = RoundWanted(RoundKind.REQUIRED, "必答题", tuple(numbers))
        stage_id = await stages.create("tests", StageWanted("全省决赛", TEAMS, (round_,), StageSettings()))
        codes = await stages.issue("tests", stage_id)
        await stack.enter_async_context(house.open_doors())
        pictures = Path(os.environ.get("LEITAI_PICTURES", tmp_path))
        desks = Desks(stack, browser, house, pictures)
        yield Scene(house, desks, stages, codes, stage_id, pictures)
        assert desks.errors == []


async def test_a_picture_is_seen_in_the_hall_and_at_the_desks_once_its_question_is_shown(scene: Scene) -> None:
    console, judge = await scene.page("director", Role.BROADCAST_DIRECTOR), await scene.page("judge", Role.JUDGE)
    hall, tablet = await scene.device(0, HALL), await scene.device(1, TABLET)
    phone = await scene.device(2, PHONE)
    await console.get_by_role("button", name="开始比赛").click()
    await console.get_by_role("button", name="开始必答题").click()
    # Whoever directs sees what comes; nobody else has anything.
    await expect(console.get_by_role("img", name=CHART)).to_have_js_property("naturalWidth", 1200)
    source = await console.get_by_role("img", name=CHART).get_attribute("src")
    assert source is not None
    address = source.rsplit("/", 1)[1]
    for device in (hall, tablet, phone):
        await expect(device.get_by_text("全省决赛").first).to_be_visible()
        assert await device.get_by_role("img", name=CHART).count() == 0
        early = await device.request.get(f"{scene.house.url}/api/stage/media/{address}")
        assert (early.status, early.headers["content-type"]) == (404, "application/json")
    await expect(console.get_by_role("button", name="下一题")).to_be_enabled()
    await console.keyboard.press("n")
    for page in (hall, tablet, phone, console, judge):
        await expect(page.get_by_role("img", name=CHART)).to_have_js_property("naturalWidth", 1200)
        await expect(page.get_by_text(STEM)).to_be_visible()
    box = await hall.get_by_role("img", name=CHART).bounding_box()
    assert box is not None
    assert box["width"] >= HALL["width"] / 2, "legible from the last row"
    assert box["width"] / box["height"] == pytest.approx(1200 / 480, rel=0.01)
    assert await hall.locator(".hall__text").evaluate(_CUT) <= 1
    assert await hall.evaluate(_BELOW) <= 0
    for name, page in {"hall-picture": hall, "desk-picture": tablet, "phone-picture": phone}.items():
        await scene.look(page, name)
    await scene.look(console, "console-picture")
    await scene.look(judge, "judge-picture")
    # The desk's picture can be looked at closely.
    await phone.get_by_role("button", name="放大").click()
    await expect(phone.get_by_role("button", name="还原")).to_be_visible()
    # A screen that comes late, or again, has it as well.
    await hall.reload()
    await expect(hall.get_by_role("img", name=CHART)).to_have_js_property("naturalWidth", 1200)
    await console.keyboard.press("v")
    await expect(hall.get_by_text("正确答案：C")).to_be_visible()
    assert await hall.locator(".hall__text").evaluate(_CUT) <= 1
    await scene.look(hall, "hall-picture-revealed")


async def test_the_director_plays_the_film_for_the_hall(scene: Scene) -> None:
    console = await scene.page("director", Role.BROADCAST_DIRECTOR)
    hall, desk = await scene.device(0, HALL), await scene.device(1, TABLET)
    await console.get_by_role("button", name="开始比赛").click()
    await console.get_by_role("button", name="开始必答题").click()
    for stem in (STEM, OTHER):
        await expect(console.get_by_role("button", name="下一题")).to_be_enabled()
        await console.keyboard.press("n")
        await expect(console.locator(".now__stem")).to_have_text(stem)
    films = [page.get_by_label(CASE, exact=True) for page in (hall, desk, console)]
    for film in films:
        await expect(film).to_have_js_property("videoWidth", 320)
        await expect(film).to_have_js_property("paused", value=True)
        await film.evaluate(_NOTED)
    await expect(desk.get_by_text("视频由导播统一播放")).to_be_visible()
    assert await films[0].get_attribute("controls") is None, "nobody but the director plays it"
    await scene.look(hall, "hall-film")
    await scene.look(console, "console-film")
    await scene.look(desk, "desk-film")
    play = console.get_by_role("button", name=re.compile("^播放"))
    await expect(play).to_be_enabled()
    await console.keyboard.press("p")
    await expect(desk.get_by_text("视频由导播统一播放")).to_be_hidden()
    for film in films:
        await expect(film).to_have_attribute("data-ran", "yes")
    await expect(console.get_by_text("已播完")).to_be_visible()
    # At its end the hall reads the question again, and the director may begin it anew.
    await expect(hall.get_by_text(OTHER)).to_be_visible()
    await play.click()
    acts = await eventually(scene.played, lambda played: len(played) == 2)
    assert acts == [FilmSet(2, 1, playing=True), FilmSet(2, 1, playing=True, from_start=True)]

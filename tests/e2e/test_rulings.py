"""Rulings and appeals in browsers: two judges, a contestant, and texts that would run if any page let them."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from leitai.cli.rehearsal.house import House, housed
from leitai.live.commanding import hand_over
from leitai.live.ports import Command, SessionFile, Submission
from leitai.live.restoring import Strays
from leitai.office import papers
from leitai.office.contests import CreatedSession, create_contest_session
from leitai.office.people_ports import Person, RosterLine
from leitai.office.session_ports import SessionSettings
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.receipts import ReceiptFault
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import DelegationCode, ItemNo, Micros, Phase, QuestionType, SittingId
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.session import ValkeySession
from leitai.wire.messages import AckStatus, Receipted
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.office import batch, questions
from tests.support.stores import furnished_folder
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff")]

PASSWORD = "a good pass phrase"
HOSTILE = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "{{constructor.constructor('window.pwned=1')()}}",
    "javascript:window.pwned=1",
    "'-window.pwned=1-'",
    "${window.pwned=1}",
    "</textarea><iframe srcdoc='<script>parent.pwned=1</script>'>",
]
TEXT = " ".join(HOSTILE)
SECONDS = 600
"""Of every item: they end by command."""
GIVEN = "<img src=x onerror=window.pwned=1>三十天"


@dataclass
class Day:
    """A session that is over: three gave the right text, three another."""

    house: House
    file: SessionFile
    created: CreatedSession


@pytest.fixture
async def day(built_client: Path) -> AsyncIterator[Day]:
    with furnished_folder() as folder:
        async with housed(folder / "data", two_persons=False, together=True) as house:
            office = house.parts.office
            await office.import_bank(batch("bank"), questions())
            wanted = {QuestionType.FILL_IN: 1, QuestionType.SINGLE: 1}
            lines = [replace(one, seconds=SECONDS) for one in papers.assemble(await office.bank(), wanted, "seed")]
            paper_id = await office.create_paper("试卷", "seed", lines)
            contest_id = await office.create_contest("业务技能练兵比武", "组委会", 2022)
            people = [
                RosterLine(seat, "named", Person(DelegationCode(code), HOSTILE[no], f"单位{no}", 1, 100_000))
                for no, (code, seat) in enumerate(
                    [(code, seat) for code in ("110000", "650000") for seat in range(1, 5)]
                )
            ]
            roster = await office.import_roster(contest_id, batch("roster"), people)
            start_us = Micros(time.time_ns() // 1000 + 3600 * 1_000_000)
            settings = SessionSettings("试赛", start_us, Micros(start_us - 7200 * 1_000_000), freeze_percent=0)
            created = await create_contest_session(office, house.parts.codes, contest_id, paper_id, settings, roster)
            async with house.open_doors():
                yield await _played(house, created)


async def _played(house: House, created: CreatedSession) -> Day:
    parts = house.parts
    file = await parts.archive.load_session(created.session_id)
    session = ValkeySession(parts.store, file.session_id, file.shards)
    item = next(one for one in file.plan.items if one.type is QuestionType.FILL_IN)

    async def until(phase: Phase) -> None:
        await eventually(session.state, lambda state: state is not None and state.phase is phase)

    await until(Phase.LOBBY)
    await hand_over(session, Command("start", "tests"), PATIENCE_S)
    await until(Phase.RUNNING)
    right = tuple(texts[0] for texts in item.key.blanks)
    ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
    if item.item_no != 1:
        await hand_over(session, Command("skip", "tests", "", ItemNo(1)), PATIENCE_S)
    sittings = [member.sitting_id for member in file.members][:6]
    for place, sitting in enumerate(sittings):
        response = right if place < 3 else (GIVEN, *right[1:])
        submission = Submission(SittingId(sitting), item.item_no, 1, response, 0, 1_500_000)
        (accepted,) = await ledger.accept(sitting % file.shards, [submission])
        assert accepted.outcome.name == "ACCEPTED"
    await hand_over(session, Command("close", "tests"), PATIENCE_S)
    return Day(house, file, created)


async def test_two_judges_rule_and_a_contestant_appeals(day: Day, browser: Browser, tmp_path: Path) -> None:
    house, file = day.house, day.file
    item = next(one for one in file.plan.items if one.type is QuestionType.FILL_IN)
    faults: list[str] = []
    async with visitor(browser) as at_anna, visitor(browser) as at_bo, visitor(browser) as at_home:
        anna, bo, home = [await _watched(context, faults) for context in (at_anna, at_bo, at_home)]
        for page in (anna, bo):
            await page.set_viewport_size({"width": 1366, "height": 768})

        # The contestant appeals.
        seat = day.created.seats[0]
        signed_in = await at_home.request.post(
            f"{house.url}/api/sign-in",
            data={"admission_no": seat.admission_no, "code": seat.code},
            headers={"Origin": house.url},
        )
        assert signed_in.ok
        await home.goto(f"{house.url}/results#own")
        await expect(home.get_by_role("heading", name="申诉")).to_be_visible()
        await home.get_by_role("button", name="提交申诉").click()
        await expect(home.get_by_role("alert")).to_have_text("请写明申诉内容。")
        await home.get_by_role("button", name="申诉本题").first.click()
        await home.get_by_label("申诉内容").fill(TEXT)
        await home.get_by_role("button", name="提交申诉").click()
        await expect(home.get_by_text("申诉已提交。")).to_be_visible()
        await expect(home.get_by_text("待处理", exact=True)).to_be_visible()
        assert await barriers(home) == []
        await home.set_viewport_size({"width": 390, "height": 844})
        assert await home.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0

        # One judge proposes, from a link to a group of responses.
        link = f"#/rulings?effect=accept&item={item.item_no}&appeal=1&response={quote(GIVEN)}&response="
        await anna.goto(f"{house.office_url}/{link}")
        await _join(house, anna, "anna")
        await expect(anna.get_by_label("第 1 空")).to_have_value(GIVEN)
        await expect(anna.get_by_text("申诉 1 号，")).to_be_visible()
        assert await barriers(anna) == []
        await anna.get_by_role("button", name="预览影响").click()
        await expect(anna.get_by_text("3 人得分上升，0 人下降")).to_be_visible()
        await anna.get_by_role("button", name="提出裁决").last.click()
        await expect(anna.get_by_role("alert").last).to_contain_text("请写明理由。")
        await anna.get_by_label("理由", exact=True).fill(TEXT)
        await anna.get_by_label("依据", exact=True).fill(TEXT)
        assert await anna.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        await expect(anna.get_by_text("请写明理由。")).to_have_count(0)

        await bo.goto(f"{house.office_url}/#/rulings")
        await _join(house, bo, "bo")
        await expect(bo.get_by_text("还没有裁决。")).to_be_visible()
        await anna.get_by_role("button", name="提出裁决").last.click()
        await expect(anna.get_by_text("这一步由您提出")).to_be_visible()
        await expect(anna.get_by_role("button", name="批准")).to_have_count(0)

        # The other sees it at once, with what it would change, and approves it.
        await bo.get_by_role("link", name="裁决 1 号").click()
        await expect(bo.get_by_text("3 人得分上升，0 人下降")).to_be_visible()
        await expect(bo.get_by_text("1 件裁决待第二人批准：1 号")).to_be_visible()
        assert await barriers(bo) == []
        worth = item.centipoints
        # The board of a session that is over may still be on its way: three gave the right text.
        await eventually(lambda: _points(day), lambda now: sum(now.values()) == 3 * worth)
        await bo.get_by_role("button", name="批准").click()
        await expect(bo.get_by_role("button", name="提议撤销")).to_be_visible()
        await expect(anna.get_by_role("button", name="提议撤销")).to_be_visible()
        await eventually(lambda: _points(day), lambda now: sum(now.values()) == 6 * worth)

        # The appeal is decided by it.
        await anna.get_by_role("link", name="申诉", exact=True).click()
        await anna.get_by_role("link", name="申诉 1 号").click()
        await anna.get_by_role("combobox", name="所依据的裁决").focus()
        await anna.keyboard.press("Enter")
        await anna.get_by_role("option").filter(has_text="裁决 1 号").click()
        await expect(anna.get_by_role("option")).to_have_count(0)
        await anna.get_by_label("答复理由").fill(f"见裁决 1 号。{TEXT}")
        assert await barriers(anna) == []
        await anna.get_by_role("button", name="支持", exact=True).click()
        await expect(anna.get_by_text("处理人")).to_be_visible()
        await _lays_a_stray_receipt_aside(day, anna, tmp_path)
        await home.reload()
        await expect(home.get_by_text("见裁决 1 号。")).to_be_visible()
        await expect(home.get_by_text("支持", exact=True)).to_be_visible()

        board = await _watched(at_home, faults)
        await board.goto(f"{house.url}/board")
        await expect(board.get_by_text(HOSTILE[1]).first).to_be_visible()
        for page in (anna, bo, home, board):
            assert await page.evaluate("window.pwned === undefined && !document.querySelector('iframe')")
        assert faults == []


async def _lays_a_stray_receipt_aside(day: Day, judge: Page, pictures: Path) -> None:
    """A receipt that somebody made up comes to the desk at once, beside what the record has, and is decided."""
    told = Receipted(1, 900, [TEXT], AckStatus.ACCEPTED, 5, 1, 9, bytes(16))
    event = Strays().event(day.file.members[0].sitting_id, told, ReceiptFault.UNPROVEN, Micros(60))
    assert event is not None
    await ValkeyLedger(day.house.parts.store, day.file.session_id, day.file.shards).events([event])
    await judge.get_by_role("link", name="回执 1 号").click()
    await expect(judge.get_by_text("签名与内容不符")).to_be_visible()
    await expect(judge.get_by_text("1 件回执未核对")).to_be_visible()
    await expect(judge.get_by_role("cell", name=TEXT, exact=True)).to_be_visible()
    await judge.get_by_role("button", name="不予采信").click()
    await expect(judge.get_by_text("请写明理由。")).to_be_visible()
    await judge.get_by_label("处理理由").fill(TEXT)
    assert await barriers(judge) == []
    assert await judge.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    await judge.screenshot(path=pictures / "receipt.png", full_page=True)
    await judge.get_by_role("button", name="不予采信").click()
    await expect(judge.get_by_text("处理人")).to_be_visible()
    await expect(judge.get_by_text("1 件回执未核对")).to_have_count(0)


async def _watched(context: BrowserContext, faults: list[str]) -> Page:
    """A page of which dialogs, errors and what its policy refused are faults."""
    page = await open_page(context)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    return page


async def _points(day: Day) -> dict[int, int]:
    async with httpx2.AsyncClient(base_url=day.house.url, timeout=PATIENCE_S) as public:
        answer = await public.get(f"/api/sessions/{day.file.session_id}/boards/individuals")
    return {row["key"]: row["centipoints"] for row in answer.json()["rows"]} if answer.status_code == 200 else {}


async def _join(house: House, page: Page, login: str) -> None:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    change = StaffChange(HOSTILE[2], frozenset({Role.JUDGE}), NO_DELEGATION, disabled=False)
    _, code = await staff.invite("tests", login, change)
    await page.get_by_role("button", name="我有邀请码").click()
    for label, text in (("账号", login), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
        await page.get_by_label(label).fill(text)
    await page.get_by_label("邀请码", exact=True).fill(code)
    await page.get_by_role("button", name="设置密码并进入").click()

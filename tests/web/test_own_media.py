"""Pictures in a province's house: its own, and those of questions that the nation lends; of nobody else's anything."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx2
import pytest
from starlette.requests import Request

from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.media_desk import MediaDesk
from leitai.office.question_desk import QuestionDesk
from leitai.office.session_ports import SessionSettings
from leitai.office.staff_ports import StaffRecord
from leitai.office.syllabus_desk import SyllabusDesk
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import DelegationCode, Micros, SessionId
from leitai.stores.postgres.lending_store import Lending
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.own_contests_store import OwnContests
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from leitai.web.bank import BankPart
from leitai.web.contract import STAFF_OPERATIONS
from leitai.web.media import MediaPart
from leitai.web.parts import SignedIn
from tests.support.media import png
from tests.support.office import START_US, Stores, illustrate, questions, stores_at
from tests.support.one_part import Together, at_its_doors
from tests.support.provinces import BEIJING, HEBEI, done, said

LENT, OWN = png(3, 2), png(5, 4)
HEAD = {"content-type": "application/octet-stream"}
WRITTEN = {
    "type": "single",
    "stem": "图中的窗口做到了哪一条？",
    "options": ["一次告知", "推诿"],
    "right": ["A"],
    "module": "综合服务规范",
}


@dataclass
class Door:
    """The bank's doors in a house, and its stores."""

    stores: Stores
    client: httpx2.AsyncClient

    async def bring(self, data: bytes, login: str) -> httpx2.Response:
        asked = {"title": "图"}
        return await self.client.post("/api/staff/media", content=data, params=asked, headers=HEAD | {"x-login": login})

    async def get(self, path: str, login: str) -> httpx2.Response:
        return await self.client.get(f"/api/staff/{path}", headers={"x-login": login})

    async def post(self, path: str, body: object, login: str) -> httpx2.Response:
        return await self.client.post(f"/api/staff/bank/questions{path}", json=body, headers={"x-login": login})


def who(owner: str) -> SignedIn:
    """Whoever asks in a house: somebody of its office; in the nation's, of the setters and reviewers."""

    async def signed_in(request: Request) -> StaffRecord:
        login = request.headers["x-login"]
        roles = frozenset({Role.TEAM_LEADER} if owner else {Role.SETTER, Role.REVIEWER})
        home = DelegationCode(owner) if owner else NO_DELEGATION
        return StaffRecord(
            1, login, login, roles, home, "", b"", Micros(0), disabled=False, version=1, house=DelegationCode(owner)
        )

    return signed_in


@pytest.fixture
async def doors(database: str) -> AsyncIterator[dict[str, Door]]:
    async with AsyncExitStack() as opened:
        found: dict[str, Door] = {}
        for owner in ("", HEBEI, BEIJING):
            stores = await opened.enter_async_context(stores_at(database, owner=owner))
            kept, syllabus = QuestionsStore(stores.database), SyllabusEditionsStore(stores.database)
            media = MediaPart(MediaDesk(PostgresMedia(stores.database), kept))
            bank = BankPart(QuestionDesk(kept, syllabus), SyllabusDesk(syllabus))
            at_doors = at_its_doors(Together(media, bank), STAFF_OPERATIONS, who(owner))
            client = await opened.enter_async_context(at_doors)
            found[owner] = Door(stores, client)
        yield found


async def _session(stores: Stores, stem: str) -> SessionId:
    """A session of a province's own with one item: the question of that stem."""
    bank = [one for one in await stores.office.bank() if one.question.stem == stem]
    lines = papers.assemble(bank, {bank[0].question.type: 1}, "seed")
    paper = await stores.office.create_paper("试卷", "seed", lines)
    contest = await OwnContests(stores.database, stores.vault).create_own_contest("冀省比赛", "冀省厅", 2026, "tests")
    settings = SessionSettings("场次", START_US, Micros(START_US - 1_800_000_000))
    return (await create_contest_session(stores.office, stores.codes, contest, paper, settings)).session_id


async def _shown(stores: Stores, session: SessionId) -> list[bytes]:
    """What contestants are given for the items of a session, as a gateway of the house reads it."""
    media = PostgresMedia(stores.database)
    file = await stores.archive.load_session(session)
    return [await media.item_part(bytes.fromhex(one.sha256), 0) for one in file.media]


async def test_a_province_shows_pictures_of_its_own(doors: dict[str, Door]) -> None:
    house = doors[HEBEI]
    taken = await done(await house.bring(OWN, "anna"))
    sha256 = taken["file"]["media"]
    assert sha256 == hashlib.sha256(OWN).hexdigest()
    made = (await done(await house.post("", WRITTEN, "anna")))["question"]
    number = made["question"]
    await done(await house.post(f"/{number}/media", {"media": sha256, "caption": "窗口"}, "anna"))
    for login, move, state in (("anna", "submit", "draft"), ("bo", "approve", "in_review")):
        body = {"move": move, "version": 1, "state": state, "reason": ""}
        await done(await house.post(f"/{number}/moves", body, login))
    session = await _session(house.stores, "图中的窗口做到了哪一条？")
    assert await _shown(house.stores, session) == [OWN]
    # Nobody else has it, and whoever brings the same bytes has a copy of their own.
    for owner in ("", BEIJING):
        other = doors[owner]
        assert said(await other.get(f"media/{sha256}", "cai")) == (404, "not-found")
        assert (await done(await other.get("media", "cai")))["total"] == 0
        await done(await other.bring(OWN, "cai"))
        assert (await done(await other.get("media", "cai")))["total"] == 1
    assert (await done(await house.get("media", "bo")))["total"] == 1
    assert (await house.get(f"media/{sha256}", "bo")).content == OWN


async def test_a_lent_question_comes_with_its_picture_and_keeps_it_on_paper(doors: dict[str, Door]) -> None:
    nation, house = doors[""], doors[HEBEI]
    await illustrate(nation.stores, {0: [(LENT, "流程")], 5: [(OWN, "别的")]})
    lent, other = hashlib.sha256(LENT).hexdigest(), hashlib.sha256(OWN).hexdigest()
    stem = questions()[0].stem
    async with nation.stores.database.connection() as connection:
        number = await connection.fetchval("select question_id from question_version where stem = $1", stem)
    lending = Lending(nation.stores.database)
    assert said(await house.get(f"media/{lent}", "anna")) == (404, "not-found")
    assert await lending.lend(number, provinces=True, actor="tests")
    seen = await house.get(f"media/{lent}", "anna")
    assert seen.content == LENT, seen.text
    assert said(await house.get(f"media/{other}", "anna")) == (404, "not-found")
    # It is seen, and not chosen for questions of the province's own.
    assert (await done(await house.get("media", "anna")))["total"] == 0
    shown = await done(await house.get(f"bank/questions/{number}/media", "anna"))
    assert [one["caption"] for one in shown["files"]] == ["流程"]
    own = (await done(await house.post("", WRITTEN, "anna")))["question"]["question"]
    for login, move, state in (("anna", "submit", "draft"), ("bo", "approve", "in_review")):
        body = {"move": move, "version": 1, "state": state, "reason": ""}
        await done(await house.post(f"/{own}/moves", body, login))
    refused = await house.post(f"/{own}/media", {"media": lent, "caption": "流程"}, "anna")
    assert said(refused) == (404, "not-found")
    async with house.stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from question_version where question_id = $1", own) == 1
    session = await _session(house.stores, stem)
    assert await _shown(house.stores, session) == [LENT]
    await lending.lend(number, provinces=False, actor="tests")
    assert said(await house.get(f"media/{lent}", "anna")) == (404, "not-found")
    assert await _shown(house.stores, session) == [LENT]

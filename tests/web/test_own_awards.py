"""A province's own contest after 定榜, at the doors of its house: publication, objections, certificates, the bundle.

Nothing of it is seen in the nation's house or another province's.
"""

import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import openpyxl
import pytest
from pypdf import PdfReader
from starlette.requests import Request

from leitai.office.awards.objections import Objections
from leitai.office.awards.printing import Printing
from leitai.office.awards.procedure import AwardsOffice
from leitai.office.awards.tokens import CertificateTokens
from leitai.office.bundle.container import pack, unpack
from leitai.office.bundle.verifying import verify
from leitai.office.final_results import FinalResults
from leitai.office.identity import IdentityHash
from leitai.office.importing.own_roster import numbers_of
from leitai.office.pool.ports import PoolQuery
from leitai.office.printing.jobs import PrintBusy, PrintJob
from leitai.office.result_tables import TABLES
from leitai.office.results import NothingThere, Results
from leitai.office.staff_ports import StaffRecord
from leitai.public_parts import ProvincesWinners
from leitai.rules.pool import Source
from leitai.rules.rights import Role
from leitai.rules.values import ActorId, DelegationCode, Micros, SessionId, SittingId
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.printing_store import PostgresPrints
from leitai.stores.postgres.results_store import PostgresSeals
from leitai.web.app import build_app
from leitai.web.awards import AwardsPart, PublicityPart
from leitai.web.contract import STAFF_OPERATIONS
from leitai.web.final_results import ResultsPart
from tests.support.doors import ORIGIN, World, settings
from tests.support.office import NOWHERE, SERVER_KEY, START_US, Stores, stores_at
from tests.support.one_part import Together, at_its_doors
from tests.support.own_awards import finish
from tests.support.pool import id_number, pool_house, row
from tests.support.provinces import BEIJING, HEBEI, done, said
from tests.web.test_houses_apart import own_session

DAY_US = 24 * 3600 * 1_000_000
ADDRESS = "https://hebei.example"


def office_of(stores: Stores, clock: list[int]) -> tuple[AwardsOffice, Objections]:
    """The awards of a house, at the time of a clock."""

    def now_us() -> Micros:
        return Micros(clock[0])

    awards = PostgresAwards(stores.database)
    pool = ProvincesWinners(stores.database, stores.vault, NOWHERE)
    office = AwardsOffice(stores.office, awards, CertificateTokens(SERVER_KEY), now_us, pool)
    return office, Objections(stores.office, awards, now_us)


@dataclass
class House:
    """Hebei's house: one session that is final, of six people; the third and the fourth are equal."""

    stores: Stores
    session: SessionId
    sittings: list[SittingId]
    """Best first."""
    names: list[str]
    clock: list[int]
    desk: httpx2.AsyncClient
    public: httpx2.AsyncClient

    def ask(self, who: str, method: str, path: str, **said: Any) -> Any:
        """Ask at the staff's door as somebody."""
        return self.desk.request(method, f"/api/staff/{path}", headers={"x-login": who}, **said)

    async def step(self, kind: str) -> dict[str, Any]:
        """A step of the publication that one asks for and another confirms."""
        seen = await done(await self.ask("anna", "GET", f"awards/{self.session}"))
        asked = {"kind": kind, "digest": seen["digest"]}
        body = await done(await self.ask("anna", "POST", f"awards/{self.session}/steps", json=asked))
        step = f"award-steps/{body['steps'][0]['step']}"
        own = await self.ask("anna", "POST", step, json={"decision": "confirm"})
        assert said(own) == (403, "step-self-confirmation")
        return await done(await self.ask("bo", "POST", step, json={"decision": "confirm"}))


async def of_the_house(request: Request) -> StaffRecord:
    """Whoever asks, by the header `x-login`: `anna` and `bo` of Hebei's office, `stranger` of Beijing's."""
    login = request.headers["x-login"]
    home = DelegationCode(BEIJING if login == "stranger" else HEBEI)
    leads = frozenset({Role.TEAM_LEADER})
    return StaffRecord(
        1, login, login, leads, home, "", b"", Micros(0), disabled=False, version=1, house=DelegationCode(HEBEI)
    )


@asynccontextmanager
async def at_home(
    database: str, names: str, prizes: Mapping[str, int], team_prizes: Mapping[str, int], equal: int = -1
) -> AsyncGenerator[House]:
    """Hebei's house with a session that is final, the first of its people known by number."""
    async with stores_at(database, owner=HEBEI) as stores:
        numbers = numbers_of("13900000001", id_number(1), IdentityHash(SERVER_KEY))
        made = await own_session(stores, "冀", names=names, prizes=prizes, team_prizes=team_prizes, numbers=numbers)
        session = made[2]
        for login in ("anna", "bo"):
            leads = frozenset({Role.TEAM_LEADER})
            await stores.office.add_staff(login, login, leads, DelegationCode(HEBEI), "tests")
        members = await finish(stores, session, equal=equal)
        clock = [int(START_US) + DAY_US]
        office, objections = office_of(stores, clock)
        prints = PostgresPrints(stores.database, stores.vault)
        seals = PostgresSeals(stores.database, stores.vault)
        awards = AwardsPart(office, objections, Printing(office, ADDRESS, prints))
        results = ResultsPart(FinalResults(stores.office, seals, PostgresAwards(stores.database)), stores.office.audit)
        app = build_app(World().doors(), settings(), parts=(PublicityPart(office, objections),))
        transport = httpx2.ASGITransport(app=app)
        async with (
            at_its_doors(Together(awards, results), STAFF_OPERATIONS, of_the_house) as desk,
            httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as public,
        ):
            yield House(
                stores, session, [one.sitting_id for one in members], [one.name for one in members], clock, desk, public
            )


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    async with at_home(database, "甲乙丙丁戊己", {"一等奖": 1, "二等奖": 2}, {}, 3) as house:
        yield house


async def test_from_the_final_session_to_certificates(house: House, database: str) -> None:
    session, names = house.session, house.names
    desk = await done(await house.ask("anna", "GET", f"awards/{session}"))
    assert (desk["final"], desk["prizes"], desk["counts"]) == (True, ["一等奖", "二等奖"], {"一等奖": 1, "二等奖": 1})
    assert [(one["seats"], one["names"]) for one in desk["blockers"]] == [([["二等奖", 1]], names[2:4])]
    asked = {"kind": "open", "digest": desk["digest"]}
    tied = await house.ask("anna", "POST", f"awards/{session}/steps", json=asked)
    assert said(tied) == (409, "awards-tied")
    order = {"kind": "order_equals", "reason": "加赛结果", "persons": [house.sittings[3], house.sittings[2]]}
    await done(await house.ask("bo", "POST", f"awards/{session}/corrections", json=order))
    assert said(await house.public.get("/api/publicity")) == (404, "not-found")

    assert (await house.step("open"))["edition"] == 1
    shown = (await house.public.get("/api/publicity")).json()
    assert [(one["kind"], one["place"], one["quota"], one["name"]) for one in shown["people"]] == [
        ("一等奖", 1, 1, names[0]),
        ("二等奖", 2, 2, names[1]),
        ("二等奖", 3, 2, names[3]),
    ]
    assert (shown["teams"], shown["shortfalls"], shown["takes_objections"]) == ([], [], True)

    lines = await done(await house.ask("anna", "GET", f"awards/{session}/lines", params={"award": "二等奖"}))
    assert [(one["name"], one["verdict"], one["ruling"]) for one in lines["lines"]] == [
        (names[1], "awarded", 0),
        (names[3], "awarded", -1),
    ]
    nothing = await house.ask("anna", "GET", f"awards/{session}/lines", params={"award": "knowledge"})
    assert said(nothing) == (400, "bad-request")

    # What comes in by letter is taken down, answered by another, and put right.
    letter = {"about": names[1], "text": "姓名有误。"}
    filed = await done(await house.ask("anna", "POST", f"awards/{session}/objections", json=letter))
    assert [(one["origin"], one["delegation"]) for one in filed["objections"]] == [("desk", "")]
    objection = filed["objections"][0]["objection"]
    answer = {"upheld": True, "reason": "属实。"}
    await done(await house.ask("bo", "POST", f"objections/{objection}", json=answer))
    right = {
        "kind": "rename",
        "sitting": house.sittings[1],
        "name": "冀人王",
        "reason": "属实。",
        "objection": objection,
    }
    await done(await house.ask("bo", "POST", f"awards/{session}/corrections", json=right))
    assert (await house.step("revise"))["edition"] == 2
    house.clock[0] += 20 * DAY_US
    async with pool_house(database) as ministry:
        # Somebody of the pool, whom the province's roster knows by the number, under another unit.
        await ministry.history(row(names[0], 1, 省份="河北"))
    body = await house.step("settle")
    assert (body["definite_us"], body["certificates"], body["handed_over"]) == (house.clock[0], 3, True)
    await _in_the_pool(house, database)

    job = await done(
        await house.ask("anna", "POST", f"awards/{session}/prints", json={"form": "certificate", "file": "pdf"})
    )
    while job["state"] == "printing":
        job = await done(await house.ask("anna", "GET", f"award-prints/{job['job']}"))
    assert (job["state"], job["total"]) == ("ready", 3)
    file = (await house.ask("bo", "GET", f"award-prints/{job['job']}/file")).content
    pages = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(file)).pages]
    assert ["冀比赛中荣获" in page for page in pages] == [True] * 3
    assert ["一等奖" in pages[0], "冀人王同志" in pages[1], "二等奖" in pages[2]] == [True] * 3
    plaques = await house.ask("anna", "POST", f"awards/{session}/prints", json={"form": "plaque", "file": "pdf"})
    assert said(plaques) == (409, "awards-not-definite")
    sample = await house.ask("anna", "GET", f"awards/{session}/sample", params={"award": "prize"})
    assert sample.content.startswith(b"\x89PNG")
    assert said(await house.ask("anna", "GET", f"awards/{session}/sample", params={"award": "star"})) == (
        400,
        "bad-request",
    )

    token = CertificateTokens(SERVER_KEY).token(session, 1)
    real = await done(await house.public.post("/api/certificate", json={"token": token}))
    assert real == {"name": names[0], "award": "一等奖", "year": 2026}
    for owner in ("", BEIJING):
        await _unknown_elsewhere(database, owner, session, token, job["job"])


async def test_teams_win_prizes_of_their_own(database: str) -> None:
    async with at_home(database, "甲乙丙", {"一等奖": 1}, {"优胜代表队": 1, "优秀代表队": 1}) as house:
        session = house.session
        desk = await done(await house.ask("anna", "GET", f"awards/{session}"))
        assert (desk["prizes"], desk["counts"]) == (["一等奖"], {"一等奖": 1, "优胜代表队": 1})
        await house.step("open")
        shown = (await house.public.get("/api/publicity")).json()
        assert [(one["kind"], one["name"]) for one in shown["people"]] == [("一等奖", house.names[0])]
        assert [(one["kind"], one["place"], one["name"], one["centipoints"]) for one in shown["teams"]] == [
            ("优胜代表队", 1, "冀队", desk["teams"][0]["centipoints"])
        ]
        assert [(one["kind"], one["quota"], one["eligible"]) for one in shown["shortfalls"]] == [("优秀代表队", 1, 0)]
        told = await done(await house.public.get(f"/api/sessions/{session}/publicity"))
        assert told["teams"] == shown["teams"]
        house.clock[0] += 20 * DAY_US
        assert (await house.step("settle"))["certificates"] == 2

        asked = {"form": "plaque", "file": "pdf"}
        job = await done(await house.ask("anna", "POST", f"awards/{session}/prints", json=asked))
        while job["state"] == "printing":
            job = await done(await house.ask("anna", "GET", f"award-prints/{job['job']}"))
        file = (await house.ask("bo", "GET", f"award-prints/{job['job']}/file")).content
        (page,) = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(file)).pages]
        assert ["冀队代表队" in page, "在冀比赛中荣获优胜代表队" in page, "特颁此牌" in page] == [True] * 3
        sample = await house.ask("anna", "GET", f"awards/{session}/sample", params={"award": "team_prize"})
        assert sample.content.startswith(b"\x89PNG")

        content = (await house.ask("anna", "GET", f"sessions/{session}/bundle")).content
        found = verify(content)
        assert (found.findings, found.awards) == ((), 2)
        members = unpack(content)
        kept = json.loads(members["session.json"])
        assert [(one["name"], one.get("teams", False)) for one in kept["prizes"]] == [
            ("一等奖", False),
            ("优胜代表队", True),
            ("优秀代表队", True),
        ]
        # As a prize of people nobody's result would be the same.
        kept["prizes"][1]["teams"] = False
        changed = {**members, "session.json": json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()}
        assert ("awards", "awards.json") in {(one.code, one.member) for one in verify(pack(changed)).findings}
        table = (await house.ask("anna", "GET", f"sessions/{session}/tables/delegations")).content
        rows = list(openpyxl.load_workbook(io.BytesIO(table)).worksheets[0].iter_rows(min_row=2, values_only=True))
        assert dict(zip(rows[0], rows[1], strict=True))["团体奖"] == "优胜代表队"


async def _in_the_pool(house: House, database: str) -> None:
    """The winners are people of the province's part of the pool, each once, with what they won."""
    office, _ = office_of(house.stores, house.clock)
    await office.hand_over(house.session, ActorId("anna"))
    async with pool_house(database) as ministry:
        found = (await ministry.pool.search(PoolQuery())).people
        assert {one.expert.province for one in found} == {HEBEI}
        won = {one.expert.name: one.expert.honours for one in found}
        assert {name: sorted((one.kind, one.title, one.place) for one in honours) for name, honours in won.items()} == {
            house.names[0]: [("provincial", "冀比赛一等奖", 1), ("star", "", 2)],
            "冀人王": [("provincial", "冀比赛二等奖", 2)],
            house.names[3]: [("provincial", "冀比赛二等奖", 3)],
        }
        assert {one.source for honours in won.values() for one in honours if one.title} == {Source.CONTEST.value}
        assert (await ministry.pool.search(PoolQuery(province=DelegationCode(BEIJING)))).total == 0


async def _unknown_elsewhere(database: str, owner: str, session: SessionId, token: str, job: str) -> None:
    async with stores_at(database, owner=owner) as stores:
        office, objections = office_of(stores, [int(START_US)])
        app = build_app(World().doors(), settings(), parts=(PublicityPart(office, objections),))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as public:
            for path in ("/api/publicity", f"/api/sessions/{session}/publicity"):
                assert said(await public.get(path)) == (404, "not-found")
            unknown = await public.post("/api/certificate", json={"token": token})
            assert said(unknown) == (404, "certificate-not-found")
        assert (await office.sessions()).sessions == []
        with pytest.raises(KeyError):
            await PostgresPrints(stores.database, stores.vault).printed(job, "awards", 0)


async def test_nobody_of_another_province_does_anything_there(house: House) -> None:
    for method, path, body in (
        ("GET", f"awards/{house.session}", None),
        ("POST", f"awards/{house.session}/steps", {"kind": "open", "digest": "0" * 64}),
        ("POST", f"awards/{house.session}/objections", {"text": "异议"}),
        ("POST", f"awards/{house.session}/prints", {"form": "certificate", "file": "pdf"}),
        ("POST", f"awards/{house.session}/corrections", {"kind": "withdraw", "reason": "x", "correction": 1}),
        ("GET", f"sessions/{house.session}/bundle", None),
    ):
        assert said(await house.ask("stranger", method, path, json=body)) == (403, "forbidden"), path


async def test_nobody_is_judged_by_the_nations_rules_of_eligibility(house: House) -> None:
    team = (await house.stores.office.sitting(house.sittings[0])).contestant.person.delegation
    with pytest.raises(NothingThere):
        await Results(house.stores.office).eligibility(house.session, team)


async def test_anybody_recomputes_its_prizes_from_its_bundle(house: House) -> None:
    content = (await house.ask("anna", "GET", f"sessions/{house.session}/bundle")).content
    found = verify(content)
    assert (found.findings, found.contestants, found.awards) == ((), 6, 2)
    members = unpack(content)
    told = json.loads(members["session.json"])
    assert told["prizes"] == [{"name": "一等奖", "places": 1}, {"name": "二等奖", "places": 2}]
    assert told["quotas"] == {"knowledge": 0, "stars_per_delegation": 0, "teams": [0, 0, 0, 0]}
    awards = json.loads(members["awards.json"])
    assert [(one["kind"], one["name"]) for one in awards["persons"]] == [
        ("一等奖", house.names[0]),
        ("二等奖", house.names[1]),
    ]
    assert [one["seats"] for one in awards["ties"]] == [[["二等奖", 1]]]
    # One place more for the first prize: everybody behind would have another.
    told["prizes"][0]["places"] = 2
    changed = {**members, "session.json": json.dumps(told, sort_keys=True, separators=(",", ":")).encode()}
    codes = {(one.code, one.member) for one in verify(pack(changed)).findings}
    assert {("member-changed", "session.json"), ("awards", "awards.json")} <= codes
    told["prizes"][0]["name"] = "star"
    changed = {**members, "session.json": json.dumps(told, sort_keys=True, separators=(",", ":")).encode()}
    assert "unreadable" in {one.code for one in verify(pack(changed)).findings}


async def test_houses_print_at_the_same_time(house: House, database: str) -> None:
    job = PrintJob("0" * 16, "awards", house.session, 1)
    prints = PostgresPrints(house.stores.database, house.stores.vault)
    await prints.begin_print(job)
    with pytest.raises(PrintBusy):
        await prints.begin_print(replace(job, job_id="1" * 16))
    async with stores_at(database, owner=BEIJING) as stores:
        _, _, session = await own_session(stores, "京")
        other = PostgresPrints(stores.database, stores.vault)
        await other.begin_print(replace(job, job_id="2" * 16, session_id=session))
        await other.keep_print("2" * 16, 0, "京.pdf", b"jing")
        await other.end_print("2" * 16, ready=True)
        assert await other.printed("2" * 16, "awards", 0) == ("京.pdf", b"jing")
    await prints.keep_print("0" * 16, 0, "冀.pdf", b"ji")
    await prints.end_print("0" * 16, ready=True)
    assert await prints.printed("0" * 16, "awards", 0) == ("冀.pdf", b"ji")


async def test_its_tables_name_the_province(database: str) -> None:
    async with stores_at(database, owner=HEBEI) as stores:
        _, _, session = await own_session(stores, "冀", prizes={"一等奖": 1, "二等奖": 5})
        await finish(stores, session)
        results = FinalResults(
            stores.office, PostgresSeals(stores.database, stores.vault), PostgresAwards(stores.database)
        )
        judged = await results.judged(session)
        team = judged.outcome.members[0].delegation
        said: list[str] = []
        for name in (*TABLES, "province"):
            book = openpyxl.load_workbook(io.BytesIO(await results.table(judged, name, team)))
            said += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
        assert "河北：二等奖 名额 5，可授 2，其余空缺" in said
        assert [one for one in said if "全国" in one or "全省" in one] == []

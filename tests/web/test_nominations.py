"""From nomination to roster through the doors, on a real database: who may what, and what becomes of a list."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.importing.problems import PROBLEMS
from leitai.office.nominations.rostering import PublishedRoster
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Micros
from leitai.stores.postgres.rosters_store import PostgresPeople
from leitai.web.people_views import public_roster_body
from tests.support.corpus import tables
from tests.support.nominations import (
    FILE,
    PeopleOffice,
    drawn,
    id_number,
    line,
    listed,
    nomination_file,
    people_office,
    practice_file,
    sent,
)
from tests.support.office import START_US, batch, questions, stores_at
from tests.support.pool import row, table
from tests.support.waiting import eventually

BEIJING, HEBEI = "110000", "130000"


@pytest.fixture
async def office(database: str) -> AsyncIterator[PeopleOffice]:
    async with stores_at(database) as stores, people_office(stores) as opened:
        yield opened


@pytest.fixture
async def contest(office: PeopleOffice) -> int:
    return await office.stores.office.create_contest("业务技能练兵比武", "组委会", 2022)


async def post(client: httpx2.AsyncClient, path: str, body: object = None, status: int = 200) -> Any:
    answer = await client.post(f"/api/staff{path}", json=body if body is not None else {})
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def get(client: httpx2.AsyncClient, path: str) -> Any:
    answer = await client.get(f"/api/staff{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(client: httpx2.AsyncClient, path: str, body: object = None) -> str:
    answer = await client.post(f"/api/staff{path}", json=body if body is not None else {})
    assert answer.status_code >= 400
    return answer.json()["error"]["code"]


async def submitted(client: httpx2.AsyncClient, contest: int, code: str, data: bytes) -> None:
    report = await sent(client, contest, code, data, 0)
    assert report["problems"] == []
    edition = report["standing"]["edition"]
    await post(client, f"/nominations/{contest}/{code}/submit", {"expects": edition, "short": True})


async def test_a_list_from_its_first_file_to_the_ministry_and_back(office: PeopleOffice, contest: int) -> None:
    leader = await office.person("beijing", "team_leader", BEIJING)
    ministry = await office.person("ministry", "operator")
    at = f"/nominations/{contest}/{BEIJING}"
    template = await leader.get("/api/staff/nominations-template")
    assert template.content.startswith(b"PK")
    assert (await get(leader, at))["standing"]["state"] == "none"

    wrong = nomination_file([*listed(1, 15, 99), line(500, "推荐", 100, 证件号码="123")])
    report = await sent(leader, contest, BEIJING, wrong, 0)
    assert report["problems"] == [
        {"sheet": "名单", "row": 116, "column": "证件号码", "code": "id-length", "text": PROBLEMS["id-length"].zh}
    ]
    assert (report["standing"], report["refused_rows"], len(report["people"])) == (None, 1, 114)
    assert (await get(leader, at))["standing"]["state"] == "none"

    dry = await sent(leader, contest, BEIJING, nomination_file(listed(1)))
    assert (dry["named"], dry["nominated"], dry["ineligible"], dry["standing"]) == (15, 100, 0, None)
    first = (await sent(leader, contest, BEIJING, nomination_file(listed(1)), 0))["standing"]
    assert (first["state"], first["named"], first["nominated"], first["undoable"]) == ("uploaded", 15, 100, False)
    assert await refused(leader, f"{at}/undo", {"expects": first["edition"]}) == "nothing-to-undo"
    stale = await leader.post(f"/api/staff{at}/upload?expects=0", content=nomination_file(listed(1)), headers=FILE)
    assert stale.json()["error"]["code"] == "list-stale"
    second = (await sent(leader, contest, BEIJING, nomination_file(listed(1, 2, 3)), first["edition"]))["standing"]
    assert (second["named"], second["nominated"], second["undoable"]) == (2, 3, True)
    assert await refused(leader, f"{at}/submit", {"expects": second["edition"]}) == "list-short"
    undone = await post(leader, f"{at}/undo", {"expects": second["edition"]})
    assert (undone["named"], undone["nominated"], undone["undoable"]) == (15, 100, False)

    handed = await post(leader, f"{at}/submit", {"expects": undone["edition"]})
    assert handed["state"] == "submitted"
    again = await leader.post(
        f"/api/staff{at}/upload?expects={handed['edition']}", content=nomination_file(listed(1)), headers=FILE
    )
    assert again.json()["error"]["code"] == "list-submitted"
    body = {"expects": handed["edition"], "reason": "第 3 名单位有误"}
    returned = await post(ministry, f"{at}/return", body)
    assert (returned["state"], returned["return_reason"]) == ("returned", "第 3 名单位有误")
    assert (await get(leader, at))["standing"]["return_reason"] == "第 3 名单位有误"
    await sent(leader, contest, BEIJING, nomination_file(listed(1)), returned["edition"])
    assert [who for who, _ in await office.audited("upload-nominations")] == ["beijing"] * 3
    assert await office.audited("return-nominations") == [("ministry", f"contest {contest} delegation {BEIJING}")]


async def test_a_leader_acts_for_the_own_province_only(office: PeopleOffice, contest: int) -> None:
    hebei = await office.person("hebei", "team_leader", HEBEI)
    beijing = await office.person("beijing", "team_leader", BEIJING)
    await sent(beijing, contest, BEIJING, nomination_file(listed(1, 2, 2)), 0)
    at = f"/nominations/{contest}/{BEIJING}"
    for method, path, body in (
        ("GET", at, None),
        ("GET", f"{at}/numbers", None),
        ("POST", f"{at}/upload?expects=0", b"x"),
        ("POST", f"{at}/undo", {"expects": 2}),
        ("POST", f"{at}/submit", {"expects": 2}),
        ("POST", f"{at}/return", {"expects": 2, "reason": "x"}),
        ("GET", f"/nominations/{contest}", None),
        ("POST", f"/nominations/{contest}/freeze", {"expects": 2}),
    ):
        kind: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await hebei.request(method, f"/api/staff{path}", **kind)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), path
    assert {who for who, _ in await office.audited("nominations-refused")} == {"hebei"}
    assert (await get(beijing, at))["standing"]["edition"] == 2
    assert (await hebei.get(f"/api/staff/rosters/{contest}?delegation={BEIJING}")).status_code == 403
    assert (await get(hebei, f"/rosters/{contest}"))["seats"] == []


async def test_numbers_are_sealed_masked_and_shown_only_to_whom_may_see_them(
    office: PeopleOffice, contest: int
) -> None:
    leader = await office.person("beijing", "team_leader", BEIJING)
    auditor = await office.person("auditor", "auditor")
    await sent(leader, contest, BEIJING, nomination_file(listed(1, 2, 2)), 0)
    for client in (leader, auditor):
        answer = await client.get(f"/api/staff/nominations/{contest}/{BEIJING}")
        assert id_number(1) not in answer.text
        assert "13800000001" not in answer.text
        assert answer.json()["people"][0]["id_shown"].endswith(id_number(1)[-4:])
    shown = (await get(leader, f"/nominations/{contest}/{BEIJING}/numbers"))["people"]
    assert {(one["id_number"], one["phone"]) for one in shown} == {
        (id_number(number), f"138{number:08d}") for number in range(1, 5)
    }
    assert await office.audited("see-identity-numbers") == [("beijing", f"contest {contest} delegation {BEIJING}")]
    assert (await auditor.get(f"/api/staff/nominations/{contest}/{BEIJING}/numbers")).status_code == 403
    async with office.stores.database.connection() as connection:
        kept = [str(dict(row)) for row in await connection.fetch("select * from nominee")]
        kept += [str(dict(row)) for row in await connection.fetch("select * from audit")]
        kept += [bytes(row[0]).hex() for row in await connection.fetch("select id_sealed from nominee")]
    assert len(kept) >= 8
    for number in range(1, 5):
        for text in (id_number(number), f"138{number:08d}"):
            assert not any(text in one or text.encode().hex() in one for one in kept)


async def test_one_person_is_sent_in_once_whoever_uploads_at_the_same_moment(
    office: PeopleOffice, contest: int
) -> None:
    beijing = await office.person("beijing", "team_leader", BEIJING)
    hebei = await office.person("hebei", "team_leader", HEBEI)
    await sent(beijing, contest, BEIJING, nomination_file([line(1), line(2)]), 0)
    report = await sent(hebei, contest, HEBEI, nomination_file([line(3), line(2), line(4, 手机号码="13800000001")]), 0)
    assert [(one["row"], one["code"], one["text"]) for one in report["problems"]] == [
        (3, "id-elsewhere", "该人员已在北京的名单中。"),
        (4, "phone-elsewhere", "该手机号码已在北京的名单中。"),
    ]
    assert report["standing"] is None
    tianjin = await office.person("tianjin", "team_leader", "120000")
    shanxi = await office.person("shanxi", "team_leader", "140000")
    answers = await asyncio.gather(
        *(
            client.post(
                f"/api/staff/nominations/{contest}/{code}/upload?expects=0",
                content=nomination_file([line(7)]),
                headers=FILE,
            )
            for client, code in ((tianjin, "120000"), (shanxi, "140000"))
        )
    )
    kept = [one for one in answers if one.status_code == 200 and one.json()["standing"]]
    lost = [one for one in answers if one not in kept]
    assert (len(kept), len(lost)) == (1, 1)
    told = lost[0].json()
    code = told["error"]["code"] if "error" in told else told["problems"][0]["code"]
    assert code in ("person-elsewhere", "id-elsewhere")


async def test_hostile_files_leave_nothing_behind(office: PeopleOffice, contest: int) -> None:
    leader = await office.person("beijing", "team_leader", BEIJING)
    for case in list(tables.cases())[::12]:
        if not (data := case.make()):
            continue
        report = await sent(leader, contest, BEIJING, data, 0)
        assert report["standing"] is None, case.name
        assert report["fault"] or report["problems"], case.name
    assert (await get(leader, f"/nominations/{contest}/{BEIJING}"))["standing"]["state"] == "none"
    big = await leader.post(
        f"/api/staff/nominations/{contest}/{BEIJING}/upload?expects=0", content=b"x" * ((8 << 20) + 1), headers=FILE
    )
    assert big.status_code == 413


async def test_eligibility_is_told_rule_by_rule_with_its_evidence(office: PeopleOffice, contest: int) -> None:
    leader = await office.person("beijing", "team_leader", BEIJING)
    practice, ministry = await office.person("practice", "practice_office"), await office.person("op", "operator")
    rows = [line(1), line(2), line(3, 曾参加赛事="2019年区域赛（吉林赛区）"), line(4), line(5), line(6)]
    await sent(leader, contest, BEIJING, nomination_file(rows), 0)
    before = (await get(leader, f"/nominations/{contest}/{BEIJING}"))["people"]
    assert [(one["eligible"], one["practice"], one["recorded"]) for one in before] == [
        (True, "", False),
        (True, "", False),
        (False, "", False),
        (True, "", False),
        (True, "", False),
        (True, "", False),
    ]
    # The expert pool knows 5 and 6 from former years, by their numbers.
    history = table(
        row("人员五", 身份证号=id_number(5), 年份=2019, 荣誉="全国赛"),
        row("人员五", 身份证号=id_number(5), 年份=2021, 荣誉="全国人社知识通"),
        row("人员六", 身份证号=id_number(6), 年份=2021, 荣誉="全国统一在线比试"),
    )
    brought = await ministry.post("/api/staff/pool/import?file=a.xlsx", content=history, headers=FILE)
    assert brought.json()["committed"], brought.text
    data = practice_file({1: (1, 1000), 2: (3, "999.9"), 3: (1, 1500), 5: (1, 1000), 6: (1, 1000)})
    path = f"/api/staff/practice-records/{contest}"
    assert (await practice.post(path, content=data, headers=FILE)).json()["practice"] is None
    kept = (await practice.post(f"{path}?keep=true", content=data, headers=FILE)).json()
    assert kept["practice"] == {"records": 5, "first": "2022-08-31", "last": "2022-08-31", "until": "2022-08-31"}
    assert (await get(practice, f"/practice-records/{contest}"))["records"] == 5
    assert (await practice.get("/api/staff/practice-records-template")).content.startswith(b"PK")
    # Person 4 served in an earlier year's contest of this house.
    async with office.stores.database.transaction() as connection:
        earlier = await connection.fetchval(
            "insert into contest (title, organizer, year) values ('x', 'x', 2020) returning id"
        )
        await connection.execute(
            "with c as (insert into contestant (contest_id, delegation, seat, name, unit, origin, daily_star_titles, "
            "weekly_centipoints) values ($1, '110000', 1, 'x', '', 'named', 0, 0) returning id) "
            "insert into contestant_identity select c.id, n.id_hash from c, nominee n where n.no = 4",
            earlier,
        )
    people = (await get(leader, f"/nominations/{contest}/{BEIJING}"))["people"]
    failing = [{one["code"]: one["evidence"] for one in each["rules"] if not one["passed"]} for each in people]
    assert failing == [
        {},
        {"weekly_points": "999.9 分"},
        {"no_former_contest": "2019 年区域赛"},
        {"daily_star": "0 次", "weekly_points": "0 分", "no_former_contest": "2020 年全国统一在线比试"},
        {"no_former_contest": "2019 年全国赛", "no_knowledge_title": "2021 年人社知识通"},
        {},
    ]
    assert [(one["practice"], one["recorded"]) for one in people] == [
        *[("2022-08-31", True)] * 3,
        ("2022-08-31", False),
        *[("2022-08-31", True)] * 2,
    ]


async def test_from_the_freeze_to_tickets(office: PeopleOffice, contest: int) -> None:
    stores = office.stores
    beijing = await office.person("beijing", "team_leader", BEIJING)
    hebei = await office.person("hebei", "team_leader", HEBEI)
    one, two = [await office.person(login, "operator") for login in ("one", "two")]
    at = f"/nominations/{contest}"
    rows = [line(1, "自主确定", 1), line(2, "自主确定", 2), *(line(3 + no, "推荐", no) for no in range(1, 6))]
    await submitted(beijing, contest, BEIJING, nomination_file(rows))
    overview = await get(one, at)
    assert [each["standing"]["state"] for each in overview["provinces"]].count("none") == 31
    await submitted(hebei, contest, HEBEI, nomination_file([line(100, "自主确定", 1, 周周练积分=10), line(101)]))

    stale = {"expects": overview["contest"]["edition"]}
    assert await refused(one, f"{at}/freeze", stale) == "list-stale"
    seen = await get(one, at)
    ask = await post(one, f"{at}/freeze", {"expects": seen["contest"]["edition"]})
    assert ask["done"] is False
    assert await refused(one, f"/people-requests/{ask['request']}", {"confirm": True}) == "request-self-confirmation"
    waiting = (await get(two, at))["requests"]
    assert [(each["act"], each["by_login"]) for each in waiting] == [("freeze-lists", "one")]
    await post(two, f"/people-requests/{ask['request']}", {"confirm": True}, 204)
    frozen = await get(two, at)
    assert frozen["contest"]["frozen_us"] > 0
    assert {each["standing"]["state"] for each in frozen["provinces"]} == {"none", "frozen"}
    assert await refused(one, f"{at}/{BEIJING}/return", {"expects": 3, "reason": "x"}) == "lists-frozen"
    late = await beijing.post(f"/api/staff{at}/{BEIJING}/upload", content=nomination_file(rows), headers=FILE)
    assert late.json()["error"]["code"] == "lists-frozen"

    # The draw is another part's: what it keeps is a record of all provinces.
    assert await refused(one, f"/rosters/{contest}/make") == "draw-missing"
    selected = await drawn(stores, contest, {BEIJING: 3, HEBEI: 1})
    assert (await post(one, f"/rosters/{contest}/make"))["people"] == 7
    assert await refused(one, f"/rosters/{contest}/make") == "roster-made"
    roster = (await get(one, f"/rosters/{contest}"))["seats"]
    own = [each for each in roster if each["delegation"] == BEIJING]
    assert [(each["seat"], each["origin"]) for each in own] == [
        (1, "named"),
        (2, "named"),
        (3, "drawn"),
        (4, "drawn"),
        (5, "drawn"),
    ]
    assert [each["name"] for each in own[2:]] == [one.partition(" ")[2] for one in selected[BEIJING]]
    struck_by_rule = next(each for each in roster if each["name"] == "人员一零零")
    assert "1000" in struck_by_rule["struck"]
    assert struck_by_rule["decided"] is False

    await stores.office.import_bank(batch("bank"), questions())
    items = papers.assemble(await stores.office.bank(), papers.share_out(10, papers.FULL_MIX), "seed")
    paper = await stores.office.create_paper("试卷", "seed", items)
    made = await create_contest_session(
        stores.office, stores.codes, contest, paper, SessionSettings("比试", START_US, Micros(START_US - 1))
    )
    assert sum(seat.struck for seat in made.seats) == 1
    whom = own[2]["contestant"]
    assert await refused(one, f"/rosters/{contest}/strike", {"contestant": whom, "reason": " "}) == "reason-missing"
    asked = await post(one, f"/rosters/{contest}/strike", {"contestant": whom, "reason": "材料不实"})
    assert await refused(one, f"/people-requests/{asked['request']}", {"confirm": True}) == "request-self-confirmation"
    told = (await get(two, f"/rosters/{contest}"))["requests"]
    assert [(each["whom"], each["reason"]) for each in told] == [(own[2]["name"], "材料不实")]
    await post(two, f"/people-requests/{asked['request']}", {"confirm": True}, 204)
    assert await refused(two, f"/people-requests/{asked['request']}", {"confirm": True}) == "request-decided"
    sittings = await stores.office.sittings(made.session_id)
    assert {each.struck_reason for each in sittings if each.contestant.contestant_id == whom} == {"材料不实"}
    assert len(sittings) == 7, "nobody takes the place"

    assert (await get(beijing, f"/rosters/{contest}"))["seats"] == []
    await post(one, f"/rosters/{contest}/publish", status=204)
    assert await refused(one, f"/rosters/{contest}/publish") == "roster-published"
    seen_by_leader = (await get(beijing, f"/rosters/{contest}"))["seats"]
    assert {each["delegation"] for each in seen_by_leader} == {BEIJING}
    assert (await one.get(f"/api/staff/rosters/{contest}/sheet")).content.startswith(b"PK")
    published = PublishedRoster(PostgresPeople(stores.database, stores.vault), lambda: 0.0)
    public = public_roster_body(*await published.newest())
    assert [(part.code, len(part.people), sum(seat.struck for seat in part.people)) for part in public.delegations] == [
        (BEIJING, 5, 1),
        (HEBEI, 2, 1),
    ]
    assert "材料不实" not in str(public)

    before = {each.sitting_id: each.code_hmac for each in sittings}
    job = await post(one, "/tickets", {"session": made.session_id, "codes": True})

    told = await eventually(lambda: get(one, f"/tickets/{job['job']}"), lambda seen: seen["ready"] or seen["fault"])
    assert (told["done"], told["total"], told["fault"], told["lacking"]) == (5, 5, "", "")
    assert [each["name"] for each in told["files"]] == ["北京市", "河北省"]
    file = await one.get(f"/api/staff/tickets/{job['job']}/files/0")
    assert file.content.startswith(b"%PDF-")
    assert (await one.get(f"/api/staff/tickets/{job['job']}/files/2")).status_code == 404
    after = {each.sitting_id: each.code_hmac for each in await stores.office.sittings(made.session_id)}
    renewed = {sitting for sitting, code in after.items() if code != before[sitting]}
    assert renewed == {each.sitting_id for each in await stores.office.sittings(made.session_id) if not each.struck}
    assert await stores.office.audit_break() is None


async def test_one_person_acts_alone_where_the_deployment_says_so(database: str) -> None:
    async with stores_at(database) as stores, people_office(stores, two_persons=False) as office:
        contest = await stores.office.create_contest("比武", "组委会", 2022)
        leader = await office.person("beijing", "team_leader", BEIJING)
        ministry = await office.person("ministry", "operator")
        assert await refused(ministry, f"/nominations/{contest}/freeze", {"expects": 0}) == "nothing-to-freeze"
        await submitted(leader, contest, BEIJING, nomination_file([line(1, "自主确定")]))
        edition = (await get(ministry, f"/nominations/{contest}"))["contest"]["edition"]
        assert (await post(ministry, f"/nominations/{contest}/freeze", {"expects": edition}))["done"] is True
        assert (await post(ministry, f"/rosters/{contest}/make"))["people"] == 1

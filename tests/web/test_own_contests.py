"""A province's own contest at the doors of its house: people by file and by registration, prizes, questions lent."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest

from leitai.office.bank import Question
from leitai.own_parts import registration_part
from leitai.web.app import build_app
from tests.support.doors import ORIGIN, World, settings
from tests.support.nominations import FILE, id_number
from tests.support.office import NOWHERE, batch, questions, stores_at
from tests.support.staff_doors import Office, staff_doors
from tests.support.workbooks import workbook

HEBEI, BEIJING = "130000", "110000"
HOUR_US = 3_600_000_000
HEAD = ["姓名", "单位", "队伍", "手机号", "身份证号"]


@pytest.fixture
async def nation(database: str, valkey_url: str) -> AsyncIterator[Office]:
    async with staff_doors(database, valkey_url) as opened:
        yield opened


@pytest.fixture
async def house(database: str, valkey_url: str) -> AsyncIterator[Office]:
    async with staff_doors(database, valkey_url, owner=HEBEI) as opened:
        yield opened


def person(number: int, team: str = "石家庄市", **changes: object) -> list[object]:
    cells = dict(
        zip(HEAD, [f"冀人{chr(0x4E00 + number)}", "某局", team, f"139{number:08d}", id_number(number)], strict=True)
    )
    return list((cells | changes).values())


def roster(*rows: list[object]) -> bytes:
    return workbook({"名单": [HEAD, *rows]})


async def contest(leader: httpx2.AsyncClient) -> int:
    body = {"title": "冀省练兵比武", "organizer": "冀省厅", "year": 2026}
    answer = await leader.post("/api/staff/own-contests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["contest"]


async def said(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"] if answer.status_code >= 400 else ""


async def test_only_the_provinces_office_comes_into_its_house(house: Office, nation: Office) -> None:
    leader = await house.account("of-hebei", "team_leader", delegation=HEBEI)
    me = (await leader.get("/api/staff/me")).json()
    assert "keep_own_contest" in me["acts"]
    assert "conduct" in me["acts"]
    assert "nominate" not in me["acts"]
    # The same person in the nation's house is a team leader and no more.
    there = nation.browser()
    there.cookies.update(leader.cookies)
    acts = (await there.get("/api/staff/me")).json()["acts"]
    assert "nominate" in acts
    assert "keep_own_contest" not in acts
    assert "conduct" not in acts
    assert (await there.get("/api/staff/own-contests")).status_code == 403
    for role, home in (("operator", ""), ("administrator", ""), ("team_leader", BEIJING)):
        login = f"of-{role.replace('_', '-')}"
        other = await nation.account(login, role, delegation=home)
        here = house.browser()
        here.cookies.update(other.cookies)
        assert await said(await here.get("/api/staff/me")) == (401, "not-signed-in")
        wrong = await here.post("/api/staff/sign-in", json={"login": login, "password": "correct horse 电池"})
        assert await said(wrong) == (401, "wrong-login")


async def test_a_roster_comes_in_by_file(house: Office) -> None:
    leader = await house.account("of-hebei", "team_leader", delegation=HEBEI)
    door = f"/api/staff/own-contests/{await contest(leader)}"
    file = roster(person(1), person(2, "唐山市", 身份证号=""), person(3, "", 手机号="", 身份证号=""), person(4))
    dry = (await leader.post(f"{door}/roster?name=a.xlsx", content=file, headers=FILE)).json()
    assert (dry["accepted"], dry["refused"], dry["people"], dry["teams"]) == (4, [], 0, ["石家庄市", "唐山市"])
    assert (await leader.get(f"{door}/people")).json()["people"] == []
    kept = (await leader.post(f"{door}/roster?name=a.xlsx&keep=true", content=file, headers=FILE)).json()
    assert kept["people"] == 4
    people = (await leader.get(f"{door}/people")).json()["people"]
    assert [(one["seat"], one["team"], one["phone"][-4:], one["id_number"][:14]) for one in people] == [
        (1, "130001", "0001", "*" * 14),
        (2, "130002", "0002", ""),
        (3, "130003", "", ""),
        (4, "130001", "0004", "*" * 14),
    ]
    # Everybody or nobody: one of them is there.
    again = await leader.post(f"{door}/roster?keep=true", content=roster(person(9), person(4)), headers=FILE)
    assert await said(again) == (409, "person-registered")
    same = await leader.post(
        f"{door}/roster?keep=true", content=roster(person(3, 手机号="", 身份证号="")), headers=FILE
    )
    assert await said(same) == (409, "person-registered")
    bad = roster(
        person(5, 身份证号="13010119900101123X"), person(6, 手机号="12"), person(7), person(8, 手机号="13900000007")
    )
    report = (await leader.post(f"{door}/roster?keep=true", content=bad, headers=FILE)).json()
    assert [(one["row"], one["code"]) for one in report["refused"]] == [
        (2, "id-check"),
        (3, "phone-unreadable"),
        (5, "phone-repeated"),
    ]
    assert "1301011990" not in str(report)
    assert len((await leader.get(f"{door}/people")).json()["people"]) == 4


async def test_a_contest_has_so_many_people_and_no_more(database: str, valkey_url: str, world: World) -> None:
    given = msgspec.structs.replace(NOWHERE, own_people_most=4)
    async with staff_doors(database, valkey_url, owner=HEBEI, given=given) as house:
        leader = await house.account("of-hebei", "team_leader", delegation=HEBEI)
        contest_id = await contest(leader)
        door = f"/api/staff/own-contests/{contest_id}"
        for keep in ("", "?keep=true"):
            over = await leader.post(f"{door}/roster{keep}", content=roster(*map(person, range(1, 6))), headers=FILE)
            assert await said(over) == (409, "roster-full")
        assert (await leader.get(f"{door}/people")).json()["people"] == []
        kept = await leader.post(f"{door}/roster?keep=true", content=roster(person(1), person(2)), headers=FILE)
        assert kept.json()["people"] == 2
        now_us = (await leader.get("/api/staff/own-contests")).json()["now_us"]
        wish = {"asks": "phone", "closes_us": now_us + HOUR_US, "open": True}
        assert (await leader.post(f"{door}/registration", json=wish)).status_code == 204

        async def seldom(_name: str, _window_s: int) -> int:
            return 1

        part = registration_part(house.stores.database, house.stores.vault, given, None)  # pyright: ignore[reportArgumentType]
        object.__setattr__(part, "tries", seldom)
        app = build_app(world.doors(), settings(), parts=(part,))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as public:

            async def ask(number: int) -> tuple[int, str]:
                body = register(number, team="130001")
                return await said(await public.post(f"/api/registrations/{contest_id}", json=body))

            # Two places are left, whoever comes first, and however many come at once.
            told = await asyncio.gather(*(ask(number) for number in range(11, 17)))
            assert sorted(told) == [(204, "")] * 2 + [(409, "registration-full")] * 4
            # A roster goes before those who wait: then there is no place for them, until somebody is declined.
            more = await leader.post(f"{door}/roster?keep=true", content=roster(person(3)), headers=FILE)
            assert more.json()["people"] == 3
            waiting = [one["applicant"] for one in (await leader.get(f"{door}/people")).json()["applicants"]]
            both = await leader.post(f"{door}/applicants", json={"act": "approve", "applicants": waiting})
            assert await said(both) == (409, "roster-full")
            listed = (await leader.get(f"{door}/people")).json()
            assert (len(listed["people"]), {one["state"] for one in listed["applicants"]}) == (3, {"waiting"})
            one = await leader.post(f"{door}/applicants", json={"act": "approve", "applicants": waiting[:1]})
            assert one.json() == {"decided": 1}
            no = {"act": "decline", "applicants": waiting[1:], "reason": "名额已满"}
            assert (await leader.post(f"{door}/applicants", json=no)).json() == {"decided": 1}
            assert await ask(20) == (409, "registration-full")


def register(number: int, **changes: object) -> dict[str, object]:
    body = {"name": f"冀人{chr(0x4E00 + number)}", "unit": "某局", "team": "130001", "phone": f"139 {number:08d}"}
    return body | changes


async def test_people_register_themselves(house: Office, database: str, world: World) -> None:
    leader = await house.account("of-hebei", "team_leader", delegation=HEBEI)
    contest_id = await contest(leader)
    door = f"/api/staff/own-contests/{contest_id}"
    await leader.post(f"{door}/roster?keep=true", content=roster(person(1)), headers=FILE)
    counted: dict[str, int] = {}

    async def tries(name: str, _window_s: int) -> int:
        counted[name] = counted.get(name, 0) + 1
        return counted[name]

    stores = house.stores
    part = registration_part(stores.database, stores.vault, NOWHERE, None)  # pyright: ignore[reportArgumentType]
    object.__setattr__(part, "tries", tries)
    app = build_app(world.doors(), settings(), parts=(part,))
    public = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ORIGIN, headers={"Origin": ORIGIN})

    async def ask(body: dict[str, object], where: int = contest_id) -> tuple[int, str]:
        counted.clear()
        return await said(await public.post(f"/api/registrations/{where}", json=body))

    assert await ask(register(2)) == (404, "not-found")
    now_us = (await leader.get("/api/staff/own-contests")).json()["now_us"]
    wish = {"asks": "phone", "closes_us": now_us + HOUR_US, "open": True}
    past = await leader.post(f"{door}/registration", json={**wish, "closes_us": now_us - 1})
    assert await said(past) == (400, "registration-past")
    assert (await leader.post(f"{door}/registration", json=wish)).status_code == 204
    shown = (await public.get("/api/registrations")).json()
    assert [(one["contest"], one["asks"]) for one in shown["contests"]] == [(contest_id, "phone")]
    assert shown["teams"] == [{"code": "130001", "name": "石家庄市"}]

    assert await ask(register(2)) == (204, "")
    assert await ask(register(2, name="冀人另", phone="13900000002")) == (409, "already-registered")
    assert await ask(register(1)) == (409, "already-registered")
    assert await ask(register(3, phone="12")) == (409, "phone-wrong")
    assert await ask(register(3, name="1")) == (409, "name-odd")
    assert await ask(register(3, unit="  ")) == (409, "unit-missing")
    assert await ask(register(3, team="110000")) == (409, "team-unknown")
    assert await ask(register(3), 999) == (404, "not-found")
    assert await ask(register(3)) == (204, "")
    # Whoever tries again and again is told to wait, by number and by address.
    counted["registration number:139 00000005:"] = 6
    limited = await public.post(f"/api/registrations/{contest_id}", json=register(5))
    assert await said(limited) == (429, "too-many-tries")
    counted["registration:127.0.0.1"] = 30
    limited = await public.post(f"/api/registrations/{contest_id}", json=register(6))
    assert await said(limited) == (429, "too-many-tries")

    async with stores.database.connection() as connection:
        rows = await connection.fetch("select * from applicant order by id")
    assert [row["state"] for row in rows] == ["waiting", "waiting"]
    assert not any(
        "冀人".encode() in bytes(value) for row in rows for value in row.values() if isinstance(value, bytes)
    )
    assert "139" not in str([value for row in rows for value in row.values() if isinstance(value, str)])

    waiting = (await leader.get(f"{door}/people")).json()["applicants"]
    assert [(one["name"], one["phone"]) for one in waiting] == [
        (f"冀人{chr(0x4E02)}", "*******0002"),
        (f"冀人{chr(0x4E03)}", "*******0003"),
    ]
    first, second = (one["applicant"] for one in waiting)
    no = await leader.post(f"{door}/applicants", json={"act": "decline", "applicants": [second]})
    assert await said(no) == (400, "reason-missing")
    for body in (
        {"act": "approve", "applicants": [first, 999]},
        {"act": "decline", "applicants": [first, second], "reason": "不在本省工作"},
    ):
        assert (await leader.post(f"{door}/applicants", json=body)).json() == {"decided": 1}
    both = (await leader.get(f"{door}/people")).json()
    assert [one["name"] for one in both["people"]] == [f"冀人{chr(0x4E01)}", f"冀人{chr(0x4E02)}"]
    assert {one["state"] for one in both["applicants"]} == {"approved", "declined"}
    # Whoever was declined may try again, until it closes.
    assert await ask(register(3)) == (204, "")
    await leader.post(f"{door}/registration", json={**wish, "open": False})
    assert await ask(register(4)) == (409, "registration-closed")
    assert (await public.get("/api/registrations")).json()["contests"] == []
    await public.aclose()


async def test_prizes_are_set_before_the_contest(house: Office) -> None:
    leader = await house.account("of-hebei", "team_leader", delegation=HEBEI)
    door = f"/api/staff/own-contests/{await contest(leader)}/prizes"
    table = [{"name": "一等奖", "places": 1}, {"name": "二等奖", "places": 2}]

    async def put(expects: int, prizes: list[dict[str, Any]]) -> tuple[int, str]:
        return await said(await leader.post(door, json={"expects": expects, "prizes": prizes}))

    assert await put(0, table) == (200, "")
    assert await put(0, table) == (409, "prizes-stale")
    assert await put(1, [*table, {"name": " 一等奖 ", "places": 3}]) == (400, "prizes-bad")
    assert await put(1, [{"name": "一等奖", "places": 0}]) == (400, "bad-request")
    assert await put(1, [*table, {"name": "三等奖", "places": 3}]) == (200, "")
    found = (await leader.get("/api/staff/own-contests")).json()["contests"][0]
    assert (found["prizes_edition"], [one["places"] for one in found["prizes"]]) == (2, [1, 2, 3])


async def test_the_nation_lends_questions_one_by_one(house: Office, nation: Office, database: str) -> None:
    await nation.stores.office.import_bank(batch(), questions(4))
    leader = await house.account("of-hebei", "team_leader", delegation=HEBEI)
    reviewer = await nation.account("of-reviewer", "reviewer")
    assert (await leader.get("/api/staff/bank/questions")).json()["total"] == 0
    there = (await reviewer.get("/api/staff/bank/questions")).json()
    first = there["rows"][-1]["question"]
    assert (await leader.get(f"/api/staff/bank/questions/{first}")).status_code == 404
    lend = f"/api/staff/bank/questions/{first}/lend"
    assert (await leader.post(lend, json={"provinces": True})).status_code == 403
    assert (await reviewer.post(lend, json={"provinces": True})).status_code == 204
    assert await said(await reviewer.post("/api/staff/bank/questions/999/lend", json={"provinces": True})) == (
        404,
        "not-found",
    )
    lent = (await leader.get("/api/staff/bank/questions")).json()
    assert [one["question"] for one in lent["rows"]] == [first]
    assert [one["stem"] for one in lent["rows"]] == [there["rows"][-1]["stem"]]
    usable = await house.stores.office.bank()
    assert [one.question.stem for one in usable] == [there["rows"][-1]["stem"]]
    # What is lent is used as it is: nobody in the province changes, retires or comments it.
    moves = f"/api/staff/bank/questions/{first}/moves"
    refused = await leader.post(moves, json={"version": 1, "state": "approved", "move": "retire", "reason": "试"})
    assert await said(refused) == (403, "forbidden")
    comment = await leader.post(f"/api/staff/bank/questions/{first}/comments", json={"version": 1, "text": "试"})
    assert await said(comment) == (403, "forbidden")
    seen = (await leader.get(f"/api/staff/bank/questions/{first}")).json()
    assert (seen["lent"], seen["foreign"], {one["refused"] for one in seen["moves"]}) == (True, True, {"forbidden"})
    assert (await reviewer.get(f"/api/staff/bank/questions/{first}")).json()["state"] == "approved"
    # A province's own questions are its own, with the same words or not.
    own: list[Question] = questions(2)
    await house.stores.office.import_bank(batch(), own)
    assert (await leader.get("/api/staff/bank/questions")).json()["total"] == 3
    assert (await reviewer.get("/api/staff/bank/questions")).json()["total"] == 4
    assert (await reviewer.post(lend, json={"provinces": False})).status_code == 204
    assert len(await house.stores.office.bank()) == 2
    assert len(await nation.stores.office.bank()) == 4
    async with stores_at(database, owner=BEIJING) as beijing:
        assert await beijing.office.bank() == []

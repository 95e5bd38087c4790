"""The doors of the staff on real stores: signing in, what each may do, and how soon a session ends."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from leitai.rules.rights import Role
from tests.support.staff_doors import PASSWORD, Office, staff_doors
from tests.support.waiting import eventually, time_given


@pytest.fixture
async def office(database: str, valkey_url: str) -> AsyncIterator[Office]:
    async with staff_doors(database, valkey_url) as opened:
        yield opened


async def test_who_takes_an_invitation_is_signed_in_and_sees_what_is_allowed(office: Office) -> None:
    judge = await office.account("judge-1", "judge")
    me = (await judge.get("/api/staff/me")).json()
    assert (me["login"], me["roles"]) == ("judge-1", ["judge"])
    assert "propose_ruling" in me["acts"]
    assert "manage_staff" not in me["acts"]
    assert (await judge.post("/api/staff/sign-out", json={})).status_code == 204
    assert (await judge.get("/api/staff/me")).status_code == 401


async def test_signing_in_by_password(office: Office) -> None:
    await office.account("judge-1", "judge")
    browser = office.browser()
    wrong = await browser.post("/api/staff/sign-in", json={"login": "judge-1", "password": "no, not that"})
    nobody = await browser.post("/api/staff/sign-in", json={"login": "nobody-1", "password": PASSWORD})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()
    assert wrong.json()["error"]["code"] == "wrong-login"
    right = await browser.post("/api/staff/sign-in", json={"login": "Judge-1 ", "password": PASSWORD})
    assert right.status_code == 200
    cookie = right.headers["set-cookie"]
    assert all(part in cookie for part in ("leitai_staff=", "HttpOnly", "SameSite=Strict"))
    assert (await browser.get("/api/staff/me")).json()["login"] == "judge-1"


async def test_a_login_can_be_tried_a_few_times_a_minute_only(office: Office) -> None:
    browser = office.browser()
    answers = [
        await browser.post("/api/staff/sign-in", json={"login": "tried-often", "password": f"guess number {n}"})
        for n in range(12)
    ]
    # The minute may turn once within these tries, and no more than that.
    assert sum(answer.status_code == 429 for answer in answers) >= 2
    assert {answer.status_code for answer in answers} == {401, 429}


async def test_an_administrator_invites_changes_and_disables(office: Office) -> None:
    root = await office.account("root-1", "administrator")
    invited = await root.post("/api/staff/people", json={"login": "wu", "name": "吴", "roles": ["judge"]})
    person, code = invited.json()["person"], invited.json()["code"]
    assert person["state"] == "invited"
    browser = office.browser()
    await browser.post("/api/staff/welcome", json={"login": "wu", "code": code, "password": PASSWORD})
    people = (await root.get("/api/staff/people")).json()["people"]
    wu = next(one for one in people if one["login"] == "wu")
    assert wu["state"] == "active"
    change = {"version": wu["version"], "name": "吴", "roles": ["chief_judge"]}
    assert (await root.post(f"/api/staff/people/{wu['staff']}", json=change)).json()["roles"] == ["chief_judge"]
    stale = await root.post(f"/api/staff/people/{wu['staff']}", json=change)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "stale-version")
    assert (await root.post("/api/staff/people/99999", json=change)).status_code == 404


async def test_a_change_ends_every_session_everywhere_within_two_seconds(office: Office) -> None:
    root = await office.account("root-1", "administrator")
    judge = await office.account("judge-1", "judge")
    cookie = judge.cookies["leitai_staff"]
    assert await office.other.staff_session(cookie) is not None
    me = (await judge.get("/api/staff/me")).json()
    people = (await root.get("/api/staff/people")).json()["people"]
    version = next(one["version"] for one in people if one["staff"] == me["staff"])
    body = {"version": version, "name": "王芳", "roles": ["auditor"], "disabled": False}
    assert (await root.post(f"/api/staff/people/{me['staff']}", json=body)).status_code == 200
    assert (await judge.get("/api/staff/me")).status_code == 401
    async with time_given(lambda: root.get("/api/staff/me")) as spent:
        await eventually(lambda: office.other.staff_session(cookie), lambda whose: whose is None)
        assert spent() < 2


async def test_whoever_keeps_the_accounts_gives_every_role_that_the_table_has(office: Office) -> None:
    root = await office.account("root-1", "administrator")
    together = sorted(role.value for role in Role if role is not Role.TEAM_LEADER)
    invited = await root.post("/api/staff/people", json={"login": "qian", "name": "钱", "roles": together})
    assert (invited.status_code, sorted(invited.json()["person"]["roles"])) == (200, together)
    wanted = {"login": "sun", "name": "孙", "roles": ["judge"]}
    other = (await root.post("/api/staff/people", json=wanted)).json()["person"]
    door = f"/api/staff/people/{other['staff']}"
    changed = await root.post(door, json={"version": other["version"], "name": "孙", "roles": together})
    assert (changed.status_code, sorted(changed.json()["roles"])) == (200, together)
    # A team leader is that and nothing else, which the page is told in words.
    every = [role.value for role in Role]
    for refused in (
        await root.post("/api/staff/people", json={**wanted, "login": "li-1", "roles": every, "delegation": "130000"}),
        await root.post(door, json={"version": changed.json()["version"], "name": "孙", "roles": every}),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "roles-invalid")


async def test_another_password_ends_all_other_sessions(office: Office) -> None:
    judge = await office.account("judge-1", "judge")
    elsewhere = office.browser()
    await elsewhere.post("/api/staff/sign-in", json={"login": "judge-1", "password": PASSWORD})
    changed = await judge.post("/api/staff/password", json={"old": PASSWORD, "new": "another one 123"})
    assert changed.status_code == 200
    assert (await judge.get("/api/staff/me")).status_code == 200
    assert (await elsewhere.get("/api/staff/me")).status_code == 401


async def test_whoever_acts_is_looked_at_as_of_now(office: Office) -> None:
    judge = await office.account("judge-1", "judge")
    for old, new in ((PASSWORD, "another one 123"), ("another one 123", "yet another 123")):
        # Who looks on is believed for a while; an act right after it, and the look right after that, see the last act.
        assert (await judge.get("/api/staff/me")).status_code == 200
        changed = await judge.post("/api/staff/password", json={"old": old, "new": new})
        assert changed.status_code == 200, changed.text


async def test_a_foreign_page_can_do_nothing(office: Office) -> None:
    foreign = office.browser("https://elsewhere.example")
    answer = await foreign.post("/api/staff/sign-in", json={"login": "judge-1", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin-refused")


@pytest.mark.parametrize(
    "body",
    [
        {"login": "x", "name": "某", "roles": ["king"]},
        {"login": "x-1", "name": "某", "roles": []},
        {"login": "x-1", "name": "某" * 65, "roles": ["judge"]},
        {"login": 1, "name": "某", "roles": ["judge"]},
    ],
)
async def test_what_is_no_account_is_a_bad_request(office: Office, body: dict[str, Any]) -> None:
    root = await office.account("root-1", "administrator")
    answer = await root.post("/api/staff/people", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-request")

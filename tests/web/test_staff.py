"""The doors of the staff on real stores: signing in, what each may do, and how soon a session ends."""

from collections.abc import AsyncIterator
from typing import Any

import argon2
import httpx2
import pytest

from leitai.office.accounts import AccessCodes
from leitai.office.blinding import Blinding
from leitai.office.broadcast import Broadcast
from leitai.office.judging import Desk
from leitai.office.ports import StaffChange
from leitai.office.reveals import Reveals
from leitai.office.scheduling import Scheduling
from leitai.office.seconding import Seconding
from leitai.office.staff import Staff
from leitai.office.words import Words
from leitai.office_parts import office_parts
from leitai.rules.adjustments import NONE
from leitai.rules.rights import read_roles
from leitai.rules.values import DelegationCode, SessionId, SittingId
from leitai.stores.valkey.pipe import Pipe
from leitai.stores.valkey.staff_sessions import ValkeyStaffSessions
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.air import Air
from leitai.web.broadcast import AirDoors
from leitai.web.console import ConsoleDoors
from leitai.web.doors import NotYet
from leitai.web.feed import Feed
from leitai.web.judging import JudgingDoors
from leitai.web.reveal import RevealDoors
from leitai.web.staff import StaffDoors, build_staff_app
from tests.support.doors import ORIGIN, settings
from tests.support.office import NOWHERE, SERVER_KEY, stores_at
from tests.support.waiting import eventually

PASSWORD = "correct horse 电池"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Ready:
    """Nothing is missing."""

    async def check(self) -> list[str]:
        return []


class Nothing:
    """No session to watch."""

    sight = None
    commanded = None
    adjustments = NONE
    reveal_store = None


async def never_awarded(_session: SessionId) -> bytes:
    raise NotYet


class Office:
    """An office with a browser each for whoever comes."""

    def __init__(self, app: Any, staff: Staff, other: ValkeyStaffSessions) -> None:
        self._app = app
        self.staff = staff
        self.other = other
        """Sessions as another process sees them."""
        self._clients: list[httpx2.AsyncClient] = []

    def browser(self, origin: str = ORIGIN) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self._app)
        client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": origin})
        self._clients.append(client)
        return client

    async def account(self, login: str, *roles: str, delegation: str = "") -> httpx2.AsyncClient:
        """A browser in which somebody with these roles has taken the invitation."""
        change = StaffChange("王芳", read_roles(roles), DelegationCode(delegation), disabled=False)
        _, code = await self.staff.invite("root", login, change)
        browser = self.browser()
        answer = await browser.post("/api/staff/welcome", json={"login": login, "code": code, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@pytest.fixture
async def office(database: str, valkey_url: str, unique_id: int) -> AsyncIterator[Office]:
    pipe, elsewhere = Pipe(valkey_url), Pipe(valkey_url)

    async def tries(name: str, window_s: int) -> int:
        return await ValkeyTickets(pipe).tries(f"{unique_id} {name}", window_s)

    # Accounts are numbered from 1 in every test's own database, on one Valkey: rounds begun by others are taken away.
    for staff_id in range(1, 9):
        await pipe.execute_command("DEL", f"leitai:staff-round:{staff_id}")
    async with stores_at(database) as stores:
        staff = Staff(stores.office, SERVER_KEY, CHEAP)

        async def numbers(_session: SessionId) -> dict[SittingId, str]:
            return {}

        async def seat_of(_session: SessionId, _number: str) -> None:
            return None

        console = ConsoleDoors(
            Nothing(),
            stores.office.audit,
            Seconding(stores.office),
            Words(stores.office),
            seat_of,
            numbers,
            two_persons=False,
        )
        judging = JudgingDoors(Nothing(), stores.office, Desk(stores.office), staff.all, tries)
        broadcast = Broadcast(stores.office, SERVER_KEY)
        feed = Feed(Nothing(), stores.office, never_awarded, "tests")
        doors = StaffDoors(
            staff=staff,
            sessions=ValkeyStaffSessions(pipe),
            tries=tries,
            readiness=Ready(),
            console=console,
            scheduling=Scheduling(stores.office, AccessCodes(SERVER_KEY), "http://contest.test"),
            judging=judging,
            blinding=Blinding(SERVER_KEY),
            air=AirDoors(Nothing(), broadcast, Air(Nothing(), broadcast), feed),
            reveal=RevealDoors(Nothing(), Reveals(stores.office), stores.office.audit),
            parts=office_parts(stores.database, stores.vault, NOWHERE),
        )
        made = Office(build_staff_app(doors, settings(tries_per_number=5), None), staff, ValkeyStaffSessions(elsewhere))
        yield made
        await made.close()
    await pipe.aclose()
    await elsewhere.aclose()


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


@pytest.mark.parametrize("role", ["judge", "operator", "auditor", "broadcast_director"])
async def test_only_an_administrator_keeps_the_accounts(office: Office, role: str) -> None:
    other = await office.account("other", role)
    body = {"login": "x-1", "name": "某", "roles": ["judge"]}
    for answer in (
        await other.get("/api/staff/people"),
        await other.post("/api/staff/people", json=body),
        await other.post("/api/staff/people/1", json={"version": 1, "name": "某", "roles": ["administrator"]}),
        await other.post("/api/staff/people/1/invitation", json={}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    stranger = office.browser()
    assert (await stranger.get("/api/staff/people")).status_code == 401


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
    await eventually(lambda: office.other.staff_session(cookie), lambda whose: whose is None, within_s=2)


async def test_another_password_ends_all_other_sessions(office: Office) -> None:
    judge = await office.account("judge-1", "judge")
    elsewhere = office.browser()
    await elsewhere.post("/api/staff/sign-in", json={"login": "judge-1", "password": PASSWORD})
    changed = await judge.post("/api/staff/password", json={"old": PASSWORD, "new": "another one 123"})
    assert changed.status_code == 200
    assert (await judge.get("/api/staff/me")).status_code == 200
    assert (await elsewhere.get("/api/staff/me")).status_code == 401


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

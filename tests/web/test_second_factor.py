"""Signing in with a second factor, through the doors and on real stores; its reset ends what is open."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from pyotp.totp import TOTP

from leitai.office.second_factor import STEP_S
from leitai.web.entrance import CODES_AN_HOUR
from tests.support.staff_doors import PASSWORD, Office, staff_doors
from tests.support.waiting import eventually, time_given


@dataclass
class House:
    """An office whose second factors have a clock that stands until it is set."""

    office: Office
    clock: list[float]

    def code(self, secret: str) -> str:
        return TOTP(secret).at(int(self.clock[0]))

    def later(self) -> None:
        """So much later that another code is shown."""
        self.clock[0] += 3 * STEP_S

    async def enrol(self, browser: httpx2.AsyncClient) -> tuple[str, list[str]]:
        """Turn somebody's factor on; returns its secret and the recovery codes."""
        begun = (await browser.post("/api/staff/second-factor", json={})).json()
        assert begun["qr"].startswith("data:image/svg+xml;base64,")
        assert begun["secret"] in begun["uri"]
        answer = await browser.post("/api/staff/second-factor/confirm", json={"code": self.code(begun["secret"])})
        assert answer.status_code == 200, answer.text
        self.later()
        return begun["secret"], answer.json()["codes"]

    async def shown_password(self, login: str = "judge-1") -> httpx2.AsyncClient:
        """A browser that is asked for the code."""
        browser = self.office.browser()
        answer = await browser.post("/api/staff/sign-in", json={"login": login, "password": PASSWORD})
        assert code_of(answer) == (401, "code-needed")
        assert "leitai_staff" not in browser.cookies
        assert (await browser.get("/api/staff/me")).status_code == 401
        return browser


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def give(browser: httpx2.AsyncClient, code: str) -> httpx2.Response:
    return await browser.post("/api/staff/sign-in/code", json={"code": code})


@pytest.fixture
async def house(database: str, valkey_url: str) -> AsyncIterator[House]:
    clock = [time.time()]
    async with staff_doors(database, valkey_url, clock=lambda: clock[0], tries=50) as office:
        yield House(office, clock)


async def test_password_and_then_code(house: House) -> None:
    judge = await house.office.account("judge-1", "judge")
    state = (await judge.get("/api/staff/second-factor")).json()
    assert state == {"since_us": 0, "recovery_left": 0, "password": True}
    elsewhere = house.office.browser()
    await elsewhere.post("/api/staff/sign-in", json={"login": "judge-1", "password": PASSWORD})
    secret, recovery = await house.enrol(judge)
    # Whoever turned it on stays; what was open elsewhere without a code does not.
    assert (await judge.get("/api/staff/me")).status_code == 200
    assert (await elsewhere.get("/api/staff/me")).status_code == 401
    assert (await judge.get("/api/staff/second-factor")).json()["recovery_left"] == 10

    browser = await house.shown_password()
    assert code_of(await give(browser, "000000")) == (401, "code-refused")
    right = await give(browser, house.code(secret))
    assert (right.status_code, right.json()["login"]) == (200, "judge-1")
    cookie = next(one for one in right.headers.get_list("set-cookie") if one.startswith("leitai_staff="))
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict"))
    assert (await browser.get("/api/staff/me")).json()["login"] == "judge-1"
    # The step is used up with its code.
    assert code_of(await give(browser, recovery[0])) == (401, "sign-in-lapsed")

    another = await house.shown_password()
    assert code_of(await give(another, house.code(secret))) == (401, "code-refused")
    assert (await give(another, recovery[0])).status_code == 200
    again = await house.shown_password()
    assert code_of(await give(again, recovery[0])) == (401, "code-refused")


async def test_a_wrong_password_tells_nothing_of_a_second_factor(house: House) -> None:
    await house.enrol(await house.office.account("judge-1", "judge"))
    answers = [
        await house.office.browser().post("/api/staff/sign-in", json={"login": login, "password": "no, not that"})
        for login in ("judge-1", "nobody-1")
    ]
    assert answers[0].json() == answers[1].json()
    assert [code_of(one) for one in answers] == [(401, "wrong-login")] * 2
    assert all("set-cookie" not in one.headers for one in answers)


async def test_the_step_is_of_one_browser_and_of_the_account_as_it_stood(house: House) -> None:
    root = await house.office.account("root-1", "administrator")
    judge = await house.office.account("judge-1", "judge")
    secret, _ = await house.enrol(judge)
    stranger = house.office.browser()
    assert code_of(await give(stranger, house.code(secret))) == (401, "sign-in-lapsed")
    stranger.cookies.set("leitai_code", judge.cookies["leitai_staff"])
    assert code_of(await give(stranger, house.code(secret))) == (401, "sign-in-lapsed")

    browser = await house.shown_password()
    me = (await judge.get("/api/staff/me")).json()
    people = (await root.get("/api/staff/people")).json()["people"]
    version = next(one["version"] for one in people if one["staff"] == me["staff"])
    change = {"version": version, "name": "王芳", "roles": ["auditor"]}
    assert (await root.post(f"/api/staff/people/{me['staff']}", json=change)).status_code == 200
    assert code_of(await give(browser, house.code(secret))) == (401, "sign-in-lapsed")


async def test_codes_can_be_tried_a_few_times_a_minute(database: str, valkey_url: str) -> None:
    clock = [time.time()]
    async with staff_doors(database, valkey_url, clock=lambda: clock[0]) as office:
        house = House(office, clock)
        await house.enrol(await office.account("judge-1", "judge"))
        browser = await house.shown_password()
        answers = [await give(browser, f"{n:06}") for n in range(12)]
    # The minute may turn once within these tries, and no more than that.
    assert sum(answer.status_code == 429 for answer in answers) >= 1
    assert {answer.status_code for answer in answers} == {401, 429}


async def test_codes_can_be_tried_thirty_times_an_hour(database: str, valkey_url: str) -> None:
    clock = [time.time()]
    async with staff_doors(database, valkey_url, clock=lambda: clock[0], tries=10**6) as office:
        house = House(office, clock)
        await house.enrol(await office.account("judge-1", "judge"))
        browser = await house.shown_password()
        codes = [(await give(browser, f"{n:06}")).status_code for n in range(2 * CODES_AN_HOUR + 2)]
    # The hour may turn once within these tries.
    assert 429 in codes
    assert codes.count(401) <= 2 * CODES_AN_HOUR


async def test_a_new_invitation_does_not_go_around_it(house: House) -> None:
    root = await house.office.account("root-1", "administrator")
    judge = await house.office.account("judge-1", "judge")
    secret, _ = await house.enrol(judge)
    staff = (await judge.get("/api/staff/me")).json()["staff"]
    invitation = (await root.post(f"/api/staff/people/{staff}/invitation", json={})).json()["code"]
    browser = house.office.browser()
    body = {"login": "judge-1", "code": invitation, "password": PASSWORD}
    assert code_of(await browser.post("/api/staff/welcome", json=body)) == (401, "code-needed")
    assert (await browser.get("/api/staff/me")).status_code == 401
    assert (await give(browser, house.code(secret))).status_code == 200


async def test_it_is_turned_off_by_password_and_code(house: House) -> None:
    judge = await house.office.account("judge-1", "judge")
    secret, _ = await house.enrol(judge)
    off = "/api/staff/second-factor/off"
    wrong_password: Any = {"password": "no, not that", "code": house.code(secret)}
    assert code_of(await judge.post(off, json=wrong_password)) == (401, "wrong-login")
    assert code_of(await judge.post(off, json={"password": PASSWORD, "code": "000000"})) == (401, "code-refused")
    done = await judge.post(off, json={"password": PASSWORD, "code": house.code(secret)})
    assert (done.status_code, done.json()["since_us"]) == (200, 0)
    assert (await judge.get("/api/staff/me")).status_code == 200
    browser = house.office.browser()
    plain = await browser.post("/api/staff/sign-in", json={"login": "judge-1", "password": PASSWORD})
    assert plain.status_code == 200


async def test_a_reset_ends_sessions_and_open_streams_everywhere_within_two_seconds(house: House) -> None:
    root = await house.office.account("root-1", "administrator")
    operator = await house.office.account("op-1", "operator")
    await house.enrol(operator)
    staff = (await operator.get("/api/staff/me")).json()["staff"]
    cookie = operator.cookies["leitai_staff"]
    assert await house.office.other.staff_session(cookie) == staff
    listening = asyncio.create_task(operator.get("/api/staff/clarifications/stream"))
    reset = f"/api/staff/people/{staff}/second-factor/reset"
    assert code_of(await operator.post(reset, json={})) == (403, "forbidden")
    assert not listening.done()
    answer = await root.post(reset, json={})
    assert (answer.status_code, answer.json()["second_factor"]) == (200, False)
    async with time_given(lambda: root.get("/api/staff/me")) as spent:
        assert (await operator.get("/api/staff/me")).status_code == 401
        stream = await listening
        assert stream.text.endswith("event: refused\ndata: not-signed-in\n\n")
        await eventually(lambda: house.office.other.staff_session(cookie), lambda whose: whose is None)
        assert spent() < 2
    assert code_of(await root.post(reset, json={})) == (409, "second-factor-off")
    assert code_of(await root.post("/api/staff/people/9999/second-factor/reset", json={})) == (404, "not-found")
    own = (await root.get("/api/staff/me")).json()["staff"]
    assert code_of(await root.post(f"/api/staff/people/{own}/second-factor/reset", json={})) == (
        409,
        "second-factor-own",
    )
    browser = house.office.browser()
    plain = await browser.post("/api/staff/sign-in", json={"login": "op-1", "password": PASSWORD})
    assert plain.status_code == 200

"""An office's care for learners: found by the account, disabled, let in again by a code that is handed over."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from leitai.office.accounts import AccessCodes
from leitai.office.identity import IdentityHash
from leitai.office.practice.learner_care import VALID_US, LearnerCare
from leitai.office.practice.learners_ports import LearnerRefused
from leitai.stores.postgres.learner_care_store import LearnerCareStore
from leitai.stores.postgres.organisations_store import OrganisationsStore
from leitai.stores.postgres.vault import Vault
from leitai.web.contract.learner_care import LEARNER_CARE
from leitai.web.learner_care import LearnerCarePart
from tests.support.learners import PASSWORD, Practice, practising
from tests.support.nominations import PeopleOffice, people_office
from tests.support.numbers import phone
from tests.support.office import SERVER_KEY, stores_at
from tests.support.one_part import answered, at_its_doors

FRESH = "another good phrase"


@pytest.fixture
async def practice(database: str) -> AsyncIterator[Practice]:
    async with practising(database) as practice:
        await practice.tree()
        yield practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[httpx2.AsyncClient]:
    part = LearnerCarePart(care_of(practice), OrganisationsStore(practice.database), practice.sessions.end)
    async with at_its_doors(part, LEARNER_CARE) as client:
        client.headers["x-login"] = "practice_office"
        yield client


def care_of(practice: Practice) -> LearnerCare:
    store = LearnerCareStore(practice.database, Vault(SERVER_KEY))
    return LearnerCare(store, IdentityHash(SERVER_KEY), AccessCodes(SERVER_KEY), practice.clock)


async def audited(practice: Practice) -> list[tuple[str, str, str]]:
    async with practice.database.connection() as connection:
        found = await connection.fetch(
            "select actor, action, subject from audit where action <> 'import-organisations' order by id"
        )
    return [tuple(row) for row in found]


async def test_whoever_forgot_the_password_comes_in_by_a_code_once(
    practice: Practice, desk: httpx2.AsyncClient
) -> None:
    one = await practice.learner(phone(1), "张三", at="JL-NG-1")
    number = one.learner.learner_id
    found = answered(await desk.post("/api/staff/learners/find", json={"account": f"+86 {phone(1)}"}))
    assert (found["learner"], found["name"], found["disabled"]) == (number, "张三", False)
    assert [each["name"] for each in found["places"]] == ["吉林省", "长春市", "南关区", "南关区社保窗口"]
    first = answered(await desk.post(f"/api/staff/learners/{number}/recovery", json={}))
    made = answered(await desk.post(f"/api/staff/learners/{number}/recovery", json={}))
    assert made["until_us"] == practice.clock() + VALID_US
    async with practice.visitor() as telephone:

        async def recover(code: str, password: str = FRESH, account: str = phone(1)) -> object:
            body = {"account": account, "code": code, "password": password}
            return answered(await telephone.post("/api/practice/recover", json=body))

        earlier = await practice.sessions.open(number)
        assert await recover(first["code"]) == "learner-recovery"
        assert await recover(made["code"], "short") == "learner-password-weak"
        assert await recover(made["code"], account=phone(2)) == "learner-recovery"
        done = await recover(made["code"].lower().replace("-", " "))
        assert isinstance(done, dict)
        assert done["learner"] == number
        assert (await telephone.get("/api/practice/me")).status_code == 200
        assert await practice.sessions.learner(earlier) is None
        assert await recover(made["code"], "a third good phrase") == "learner-recovery"
    assert (await practice.learners.sign_in(phone(1), FRESH)).learner.learner_id == number
    with pytest.raises(LearnerRefused, match="learner-wrong-login"):
        await practice.learners.sign_in(phone(1), PASSWORD)
    assert await audited(practice) == [
        ("practice_office", "find-learner", f"learner {number}"),
        ("practice_office", "issue-recovery", f"learner {number}"),
        ("practice_office", "issue-recovery", f"learner {number}"),
        (f"learner {number}", "recover-password", f"learner {number}"),
    ]
    async with practice.database.connection() as connection:
        kept = await connection.fetchval("select string_agg(a::text, '') from audit a")
    assert made["code"] not in kept


async def test_a_code_is_good_for_a_day(practice: Practice, desk: httpx2.AsyncClient) -> None:
    number = (await practice.learner("lisi")).learner.learner_id
    made = answered(await desk.post(f"/api/staff/learners/{number}/recovery", json={}))
    store = LearnerCareStore(practice.database, Vault(SERVER_KEY))
    digest = AccessCodes(SERVER_KEY).digest(f"learner {number}", made["code"])
    assert not await store.recover(number, digest, made["until_us"], "kept")
    assert await store.recover(number, digest, made["until_us"] - 1, "kept")


async def test_a_disabled_learner_is_out_at_once(practice: Practice, desk: httpx2.AsyncClient) -> None:
    number = (await practice.learner("lisi")).learner.learner_id
    made = answered(await desk.post(f"/api/staff/learners/{number}/recovery", json={}))
    cookie = await practice.sessions.open(number)
    body = {"disabled": True, "reason": "代练"}
    assert answered(await desk.post(f"/api/staff/learners/{number}/disabled", json=body))["disabled"] is True
    assert await practice.sessions.learner(cookie) is None
    with pytest.raises(LearnerRefused, match="learner-wrong-login"):
        await practice.learners.sign_in("of.lisi", PASSWORD)
    # A code from before opens nothing, nor after the account is enabled again.
    care = care_of(practice)
    with pytest.raises(LearnerRefused, match="learner-recovery"):
        await care.recover("of.lisi", made["code"], FRESH)
    body = {"disabled": False, "reason": "核实无误"}
    assert answered(await desk.post(f"/api/staff/learners/{number}/disabled", json=body))["disabled"] is False
    with pytest.raises(LearnerRefused, match="learner-recovery"):
        await care.recover("of.lisi", made["code"], FRESH)
    assert (await practice.learners.sign_in("of.lisi", PASSWORD)).learner.learner_id == number
    assert answered(await desk.post("/api/staff/learners/999/disabled", json=body)) == "not-found"
    assert answered(await desk.post("/api/staff/learners/999/recovery", json={})) == "not-found"
    assert answered(await desk.post(f"/api/staff/learners/{number}/disabled", json={**body, "reason": ""})) == (
        "bad-request"
    )


async def test_a_province_looks_after_its_own(practice: Practice, database: str) -> None:
    own = await practice.learner("own", at="JL-NG-1")
    others = [await practice.learner("other", at="HE-SJZ-1"), await practice.learner("public")]
    async with stores_at(database) as stores, people_office(stores) as office:
        leader = await office.person("jilin", "team_leader", "220000")
        found = await leader.post("/api/staff/learners/find", json={"account": "of.own"})
        assert found.json()["learner"] == own.learner.learner_id
        for account in ("of.other", "of.public", "of.nobody", "12345"):
            answer = await leader.post("/api/staff/learners/find", json={"account": account})
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")
        for one in others:
            path = f"/api/staff/learners/{one.learner.learner_id}"
            assert (await leader.post(f"{path}/recovery", json={})).status_code == 404
            answer = await leader.post(f"{path}/disabled", json={"disabled": True, "reason": "x"})
            assert answer.status_code == 404
        await nobody_else(office)


async def nobody_else(office: PeopleOffice) -> None:
    for role in ("setter", "reviewer", "operator", "judge", "auditor"):
        client = await office.person(role, role)
        assert (await client.post("/api/staff/learners/find", json={"account": "of.own"})).status_code == 403, role
        assert (await client.post("/api/staff/learners/1/recovery", json={})).status_code == 403

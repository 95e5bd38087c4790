"""The learners' door: accounts, own data only, limits, boards, badges and reminders."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from leitai.rules.practice_boards import Kind
from leitai.web.contract.practice import PRACTICE_OPERATIONS
from leitai.web.learners import REGISTRATIONS_PER_ADDRESS
from tests.support.learners import PASSWORD, TODAY, Practice, practising
from tests.support.numbers import Search, id_number, phone
from tests.support.push import Device


@pytest.fixture
async def practice(database: str) -> AsyncIterator[Practice]:
    async with practising(database) as practice:
        await practice.tree()
        yield practice


def registration(login: str, **changes: object) -> dict[str, object]:
    return {"account": login, "password": PASSWORD, "name": "张三", "kind": "public", **changes}


async def entered(practice: Practice, account: str, **changes: object) -> httpx2.AsyncClient:
    """A browser in which somebody has just registered."""
    client = practice.visitor()
    answer = await client.post("/api/practice/register", json=registration(account, **changes))
    assert answer.status_code == 201, answer.text
    return client


async def refused(client: httpx2.AsyncClient, path: str, body: object | None = None) -> str:
    answer = await (client.get(path) if body is None else client.post(path, json=body))
    assert answer.status_code >= 400, answer.text
    return answer.json()["error"]["code"]


async def got(client: httpx2.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_from_registering_to_signing_out(practice: Practice) -> None:
    unit = await practice.organisation("JL-NG-1")
    client = await entered(practice, phone(1), kind="window", organisation=unit, nickname="小张")
    cookie = client.cookies["leitai_learner"]
    me = await got(client, "/api/practice/me")
    assert (me["kind"], me["name"], me["nickname"], me["login"], me["identified"]) == (
        "window",
        "张三",
        "小张",
        "",
        False,
    )
    assert [(one["level"], one["name"]) for one in me["places"]] == [
        ("province", "吉林省"),
        ("city", "长春市"),
        ("county", "南关区"),
        ("unit", "南关区社保窗口"),
    ]
    assert (await client.post("/api/practice/sign-out", json={})).status_code == 204
    client.cookies.set("leitai_learner", cookie)
    assert await refused(client, "/api/practice/me") == "not-signed-in"
    again = practice.visitor()
    body = {"account": f"{phone(1)[:3]} {phone(1)[3:]}", "password": PASSWORD}
    answer = await again.post("/api/practice/sign-in", json=body)
    assert (answer.status_code, answer.json()["learner"]) == (200, me["learner"])
    set_cookie = answer.headers["set-cookie"]
    assert all(word in set_cookie for word in ("HttpOnly", "SameSite=Strict", "Secure"))


UNREGISTRABLE: tuple[tuple[dict[str, object], str], ...] = (
    ({"account": "12345"}, "learner-phone-invalid"),
    ({"account": "张三"}, "learner-login-invalid"),
    ({"account": "abc"}, "learner-login-invalid"),
    ({"password": "short"}, "learner-password-weak"),
    ({"password": "aaaaaaaaaaa"}, "learner-password-weak"),
    ({"password": "my zhangsan 1"}, "learner-password-weak"),
    ({"name": " "}, "learner-name-invalid"),
    ({"name": "张\u202e三"}, "learner-name-invalid"),
    ({"nickname": "长" * 33}, "learner-name-invalid"),
    ({"kind": "window"}, "learner-organisation"),
    ({"kind": "window", "organisation": 999_999}, "learner-organisation"),
    ({"kind": "admin"}, "bad-request"),
    ({"id_number": "110101199001011234"}, "learner-id-invalid"),
    ({"more": 1}, "bad-request"),
)


async def test_what_cannot_be_registered(practice: Practice) -> None:
    client = practice.visitor()
    for changes, code in UNREGISTRABLE:
        practice.tries.clear()
        found = await refused(client, "/api/practice/register", registration("zhangsan", **changes))
        assert (changes, found) == (changes, code)
    assert await refused(client, "/api/practice/me") == "not-signed-in"


async def test_guessing_is_refused_and_counted_by_account_and_address(practice: Practice) -> None:
    await entered(practice, "zhangsan")
    client = practice.visitor()
    wrong = {"account": "zhangsan", "password": "not the one"}
    codes = [await refused(client, "/api/practice/sign-in", wrong) for _ in range(10)]
    assert codes == ["learner-wrong-login"] * 9 + ["too-many-tries"]
    unknown = {"account": "nobody.here", "password": "not the one"}
    assert await refused(client, "/api/practice/sign-in", unknown) == "learner-wrong-login"
    # A number is one account however it is written: each way of writing is no tries more.
    practice.tries.clear()
    await entered(practice, phone(1))
    number = phone(1)
    written = [f"{number[:cut]}-{number[cut:]}" for cut in range(1, 9)] + [f"+86 {number}", number.replace("1", "１")]
    codes = [await refused(client, "/api/practice/sign-in", {**wrong, "account": one}) for one in written]
    assert codes == ["learner-wrong-login"] * 9 + ["too-many-tries"]
    # No account stands in a key as it was typed.
    assert not any("zhangsan" in name for name in practice.tries)
    practice.tries.clear()
    practice.tries["practice:register:127.0.0.1"] = REGISTRATIONS_PER_ADDRESS
    assert await refused(client, "/api/practice/register", registration("lisi")) == "too-many-tries"


async def test_pages_of_others_may_do_nothing(practice: Practice) -> None:
    client = await entered(practice, "zhangsan")
    answer = await client.post("/api/practice/sign-out", json={}, headers={"Origin": "https://elsewhere.example"})
    assert answer.json()["error"]["code"] == "origin-refused"


async def test_nobody_who_is_not_signed_in_learns_anything(practice: Practice) -> None:
    client = practice.visitor()
    client.cookies.set("leitai_learner", "made-up")
    for one in PRACTICE_OPERATIONS:
        if not one.signed_in:
            continue
        answer = await (client.get(one.path) if one.method == "GET" else client.post(one.path, json={}))
        assert answer.status_code == 401, one.name
        assert answer.json()["error"]["code"] == "not-signed-in"


async def test_what_somebody_changes_is_their_own_alone(practice: Practice) -> None:
    one, two = await entered(practice, "zhangsan"), await entered(practice, "lisi", name="李四")
    unit = await practice.organisation("JL-NG-2")
    me = await got(one, "/api/practice/me")
    change = {"version": me["version"], "name": "张三", "kind": "staff", "nickname": "小张", "organisation": unit}
    changed = (await one.post("/api/practice/me", json=change)).json()
    assert (changed["kind"], changed["nickname"], changed["version"]) == ("staff", "小张", me["version"] + 1)
    assert await refused(one, "/api/practice/me", change) == "stale-version"
    assert (await got(two, "/api/practice/me"))["name"] == "李四"
    # Another's number in a body is an unknown field, and changes nobody.
    assert await refused(one, "/api/practice/me", {**change, "learner": 2}) == "bad-request"

    assert (await one.post("/api/practice/identity", json={"id_number": id_number(1)})).json()["identified"]
    assert await refused(two, "/api/practice/identity", {"id_number": id_number(1)}) == "learner-id-taken"
    assert await refused(one, "/api/practice/identity", {"id_number": id_number(2)}) == "learner-id-taken"
    told = (await one.get("/api/practice/me")).content + (await two.get("/api/practice/me")).content
    assert Search([id_number(1)]).found(told) == set()


async def test_another_password_ends_every_other_session(practice: Practice) -> None:
    here = await entered(practice, "zhangsan")
    there = practice.visitor()
    assert (await there.post("/api/practice/sign-in", json={"account": "zhangsan", "password": PASSWORD})).is_success
    body = {"old": "not the one", "new": "quite another one"}
    assert await refused(here, "/api/practice/password", body) == "learner-wrong-login"
    assert (await here.post("/api/practice/password", json={**body, "old": PASSWORD})).status_code == 200
    assert await refused(there, "/api/practice/me") == "not-signed-in"
    assert (await here.get("/api/practice/me")).status_code == 200


async def test_where_one_works_is_chosen_step_by_step(practice: Practice) -> None:
    await practice.tree(["JL-NG-2", "南关区就业窗口", "单位", "220102", "停用"])
    client = practice.visitor()
    provinces = (await got(client, "/api/practice/organisations"))["organisations"]
    assert len(provinces) == 32
    county = await practice.organisation("220102")
    under = (await got(client, f"/api/practice/organisations?parent={county}"))["organisations"]
    assert [(one["name"], one["level"], one["inner"]) for one in under] == [("南关区社保窗口", "unit", False)]
    assert await refused(client, "/api/practice/organisations?parent=x") == "bad-request"


async def test_the_own_page_and_boards(practice: Practice) -> None:
    unit = await practice.organisation("JL-NG-1")
    one = await entered(practice, "zhangsan", kind="window", organisation=unit, nickname="小张")
    two = await entered(practice, "lisi", name="李四")
    learner = (await got(one, "/api/practice/me"))["learner"]
    other = (await got(two, "/api/practice/me"))["learner"]
    empty = await got(one, "/api/practice/own")
    assert (empty["streak"], empty["sums"], empty["titles"], empty["ranks"]) == (0, [], [], [])
    for back in range(3):
        await practice.earn(learner, 1_000, on=TODAY - timedelta(days=back))
    await practice.earn(other, 9_500, kind=Kind.MONTHLY, on=TODAY)
    own = await got(one, "/api/practice/own?period=month")
    assert (own["today"], own["streak"], own["longest"], own["studied_today"]) == ("2022-08-31", 3, 3, True)
    assert {each["period"]: each["centipoints"] for each in own["sums"]} == {
        "day": 1_000,
        "week": 3_000,
        "month": 3_000,
        "all": 3_000,
    }
    assert [(each["level"], each["rank"], each["of"]) for each in own["ranks"]] == [
        ("unit", 1, 1),
        ("county", 1, 1),
        ("city", 1, 1),
        ("province", 1, 1),
        ("nation", 2, 2),
    ]
    assert [each["title"] for each in (await got(two, "/api/practice/own"))["titles"]] == ["monthly_expert"]

    await practice.titles.keep(TODAY)
    board = await got(one, "/api/practice/board?period=month")
    assert [row["titles"] for row in board["rows"]] == [["monthly_expert"], []]
    assert (board["first"], board["last"], board["total"], board["pages"]) == ("2022-08-01", "2022-08-31", 2, 1)
    assert [(row["rank"], row["name"], row["where"], row["own"]) for row in board["rows"]] == [
        (1, "李四", "", False),
        (2, "小张", "吉林省", True),
    ]
    county = await practice.organisation("220102")
    within = await got(two, f"/api/practice/board?period=week&organisation={county}")
    assert (within["level"], within["name"]) == ("county", "南关区")
    assert [(row["name"], row["where"]) for row in within["rows"]] == [("小张", "南关区社保窗口")]
    branches = await got(one, "/api/practice/branches?period=day")
    assert [(row["name"], row["centipoints"], row["learners"]) for row in branches["rows"]] == [("吉林省", 1_000, 1)]
    earlier = await got(one, "/api/practice/board?period=month&day=2022-07-15")
    assert (earlier["rows"], earlier["last"]) == ([], "2022-07-31")


NO_BOARDS = (
    ("period=year", "bad-request"),
    ("organisation=999999", "not-found"),
    ("organisation=-1", "bad-request"),
    ("page=201", "bad-request"),
    ("page=0", "bad-request"),
    ("day=2022-02-30", "bad-request"),
    ("day=20220801", "bad-request"),
    ("day=1999-01-01", "bad-request"),
)


async def test_boards_that_there_are_not(practice: Practice) -> None:
    client = await entered(practice, "zhangsan")
    for query, code in NO_BOARDS:
        assert (query, await refused(client, f"/api/practice/board?{query}")) == (query, code)


async def test_badges_are_for_titles_that_one_holds(practice: Practice) -> None:
    one, two = await entered(practice, "zhangsan"), await entered(practice, "lisi", name="李四")
    learner = (await got(one, "/api/practice/me"))["learner"]
    await practice.earn(learner, 9_000, kind=Kind.MONTHLY, on=date(2022, 8, 15))
    path = "/api/practice/badge?title=monthly_expert&starts_on=2022-08-01"
    badge = await one.get(path)
    assert (badge.status_code, badge.headers["content-type"]) == (200, "application/pdf")
    assert badge.content.startswith(b"%PDF")
    assert await refused(two, path) == "learner-title-missing"
    assert await refused(one, path.replace("2022-08-01", "2022-07-01")) == "learner-title-missing"
    assert await refused(one, path.replace("monthly_expert", "king")) == "bad-request"
    poster = await one.get("/api/practice/poster")
    assert (poster.status_code, poster.content[:8]) == (200, b"\x89PNG\r\n\x1a\n")
    for _ in range(4):
        await one.get(path)
    assert await refused(one, path) == "too-many-tries"


async def test_reminders_are_told_by_their_address_alone(practice: Practice) -> None:
    one = await entered(practice, "zhangsan")
    learner = (await got(one, "/api/practice/me"))["learner"]
    await practice.earn(learner, 1_000)
    url = (await one.post("/api/practice/reminders", json={})).json()["url"]
    anybody = practice.visitor()
    told = await anybody.get(url)
    assert told.headers["content-type"] == "text/calendar; charset=utf-8"
    assert told.text.count("BEGIN:VEVENT") == 3
    assert "已连续学习 1 天" in told.text
    assert all(len(line.encode()) <= 75 for line in told.text.split("\r\n"))
    other = (await one.post("/api/practice/reminders", json={})).json()["url"]
    assert other != url
    assert await refused(anybody, url) == "not-found"
    assert await refused(anybody, "/api/practice/reminders.ics?of=") == "not-found"


async def test_a_browser_is_reminded_at_will(practice: Practice) -> None:
    device = Device()
    good = device.subscription("https://fcm.googleapis.com/fcm/send/abc")
    browser = await entered(practice, "reminded")
    told = await got(browser, "/api/practice/push")
    assert (len(told["key"]), told["browsers"]) == (87, 0)
    assert (await browser.post("/api/practice/push", json=good)).json()["browsers"] == 1
    assert (await browser.post("/api/practice/push", json=good)).json()["browsers"] == 1
    for endpoint in ("http://127.0.0.1:6379/", "https://10.0.0.1/x", "https://example.org/x"):
        assert await refused(browser, "/api/practice/push", {**good, "endpoint": endpoint}) == "push-subscription"
    left = await browser.post("/api/practice/push/remove", json={"endpoint": good["endpoint"]})
    assert left.json()["browsers"] == 0

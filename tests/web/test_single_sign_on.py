"""Signing in through a provider of identities: a real one in a process of its own, and what it may get wrong."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pyotp.totp import TOTP

from leitai.config import BadSettings, read_settings
from leitai.office.single_sign_on import OpenIdProvider
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.web.contract.identity import BACK_PATH
from tests.support.doors import ORIGIN
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, Lie, identity_provider, tell
from tests.support.staff_doors import PASSWORD, Office, staff_doors
from tests.support.waiting import PATIENCE_S

BACK = ORIGIN + BACK_PATH
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with identity_provider(BACK) as address:
        yield address


def sign_on(issuer: str, **changes: Any) -> OpenIdProvider:
    given: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "claim": "preferred_username",
        "label": "统一登录",
    }
    return OpenIdProvider(issuer=issuer, **(given | changes))


@pytest.fixture
async def office(database: str, valkey_url: str, provider: str) -> AsyncIterator[Office]:
    async with staff_doors(database, valkey_url, sign_on=sign_on(provider), tries=50) as opened:
        yield opened


async def sent_away(browser: httpx2.AsyncClient) -> str:
    """Press the button; returns the provider's address that the browser is sent to."""
    answer = await browser.get("/staff/oidc", headers=JSON)
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("leitai_oidc=", "HttpOnly", "SameSite=Lax", "Path=/staff/oidc"))
    return answer.headers["location"]


async def sent_back(address: str) -> str:
    """Be signed in at the provider; returns the way back, as a path of ours."""
    async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
        answer = await client.get(address)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    return f"{back.path}?{back.query}"


async def tried(browser: httpx2.AsyncClient, way_back: str) -> tuple[int, str]:
    answer = await browser.get(way_back, headers=JSON)
    assert answer.status_code >= 400, answer.headers
    assert "leitai_staff" not in browser.cookies
    return answer.status_code, answer.json()["error"]["code"]


async def signed_in(office: Office, provider: str, lie: Lie) -> tuple[httpx2.AsyncClient, httpx2.Response]:
    tell(provider, lie)
    browser = office.browser()
    return browser, await browser.get(await sent_back(await sent_away(browser)), headers=JSON)


async def refused(office: Office, provider: str, lie: Lie) -> tuple[int, str]:
    tell(provider, lie)
    browser = office.browser()
    return await tried(browser, await sent_back(await sent_away(browser)))


async def audited(office: Office) -> list[tuple[str, str, dict[str, Any]]]:
    async with office.stores.database.connection() as connection:
        found = await connection.fetch("select actor, action, detail::text as detail from audit order by id")
    return [(row["actor"], row["action"], json.loads(row["detail"])) for row in found]


async def test_whom_the_provider_names_is_signed_in(office: Office, provider: str) -> None:
    # An account that never had a password here will do.
    change = StaffChange("王芳", frozenset({Role.JUDGE}), NO_DELEGATION, disabled=False)
    await office.staff.invite("root", "wang.fang", change)
    assert (await office.browser().get("/api/staff/sign-in")).json() == {"provider": "统一登录"}
    browser, answer = await signed_in(office, provider, Lie(user=" Wang.Fang"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "SameSite=Strict" in answer.headers["set-cookie"]
    me = (await browser.get("/api/staff/me")).json()
    assert (me["login"], me["roles"]) == ("wang.fang", ["judge"])
    assert ("wang.fang", "staff-sign-in", {"by": "provider"}) in await audited(office)


async def test_the_session_that_the_browser_had_ends(office: Office, provider: str) -> None:
    browser = await office.account("judge-1", "judge")
    earlier, elsewhere = browser.cookies["leitai_staff"], await office.account("judge-2", "judge")
    tell(provider, Lie(user="judge-1"))
    way_back = await sent_back(await sent_away(browser))
    # The provider is another site: on the way back a browser keeps a Strict cookie to itself.
    browser.cookies.delete("leitai_staff")
    assert (await browser.get(way_back, headers=JSON)).status_code == 303
    assert (await browser.get("/api/staff/me")).json()["login"] == "judge-1"
    assert browser.cookies["leitai_staff"] != earlier
    assert await office.other.staff_session(earlier) is None
    left = await office.browser().get("/api/staff/me", headers={"Cookie": f"leitai_staff={earlier}"})
    assert left.json()["error"]["code"] == "not-signed-in"
    # Nobody else's.
    assert (await elsewhere.get("/api/staff/me")).status_code == 200


async def test_what_is_asked_of_the_provider(office: Office, provider: str) -> None:
    first, second = [parse_qs(urlsplit(await sent_away(office.browser())).query) for _ in range(2)]
    assert first["redirect_uri"] == [BACK]
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 32
        assert first[name] != second[name]


async def test_no_account_is_made_of_whom_nobody_knows(office: Office, provider: str) -> None:
    gone = await office.account("gone-1", "judge")
    me = (await gone.get("/api/staff/me")).json()
    version = next(one.version for one in await office.staff.all() if one.staff_id == me["staff"])
    disabled = StaffChange("王芳", frozenset({Role.JUDGE}), NO_DELEGATION, disabled=True)
    await office.staff.change("root", me["staff"], version, disabled)
    before = len(await office.staff.all())
    for user in ("stranger", "gone-1"):
        assert await refused(office, provider, Lie(user=user)) == (403, "oidc-unknown-account")
    assert len(await office.staff.all()) == before
    told = [one for one in await audited(office) if one[0] == "provider"]
    assert told == [("provider", "staff-sign-in-refused", {"code": "oidc-unknown-account"})] * 2


async def test_the_answer_is_to_what_this_browser_asked_and_counts_once(office: Office, provider: str) -> None:
    await office.account("judge-1", "judge")
    tell(provider, Lie(user="judge-1"))
    browser, other = office.browser(), office.browser()
    way_back = await sent_back(await sent_away(browser))
    # Somebody else's browser, with no sign-in or one of its own under way.
    assert await tried(other, way_back) == (400, "oidc-state")
    await sent_away(other)
    assert await tried(other, way_back) == (400, "oidc-state")
    state = parse_qs(urlsplit(way_back).query)["state"][0]
    await sent_away(browser)
    assert await tried(browser, way_back.replace(state, "x" * len(state))) == (400, "oidc-state")
    # What was tried once is over, right or wrong.
    fresh = await sent_back(await sent_away(browser))
    assert (await browser.get(fresh, headers=JSON)).status_code == 303
    await browser.post("/api/staff/sign-out", json={})
    assert await tried(browser, fresh) == (400, "oidc-state")


async def test_a_code_that_was_used_is_refused_by_the_provider(office: Office, provider: str) -> None:
    await office.account("judge-1", "judge")
    tell(provider, Lie(user="judge-1"))
    browser = office.browser()
    used = parse_qs(urlsplit(await sent_back(await sent_away(browser))).query)
    await browser.get(f"{BACK_PATH}?code={used['code'][0]}&state={used['state'][0]}", headers=JSON)
    await browser.post("/api/staff/sign-out", json={})
    again = parse_qs(urlsplit(await sent_back(await sent_away(browser))).query)
    replayed = f"{BACK_PATH}?code={used['code'][0]}&state={again['state'][0]}"
    assert await tried(browser, replayed) == (401, "oidc-refused")


LIES = (
    Lie(user="judge-1", nonce="another"),
    Lie(user="judge-1", nonce=""),
    Lie(user="judge-1", audience="somebody else"),
    Lie(user="judge-1", issuer="http://127.0.0.1:1"),
    Lie(user="judge-1", age_s=600),
    Lie(user="judge-1", forged=True),
    Lie(user="judge-1", unsigned=True),
    Lie(user="judge-1", nameless=True),
)


async def test_what_does_not_hold_signs_nobody_in(office: Office, provider: str) -> None:
    await office.account("judge-1", "judge")
    for lie in LIES:
        assert await refused(office, provider, lie) == (401, "oidc-token"), lie
    assert await refused(office, provider, Lie()) == (401, "oidc-refused")
    # Each of them was a lie apart from nothing else; and the provider's keys may change meanwhile.
    for truth in (Lie(user="judge-1"), Lie(user="judge-1", new_key=True)):
        _, answer = await signed_in(office, provider, truth)
        assert answer.status_code == 303


async def test_a_second_factor_is_asked_for_all_the_same(office: Office, provider: str) -> None:
    judge = await office.account("judge-1", "judge")
    secret = (await judge.post("/api/staff/second-factor", json={})).json()["secret"]
    now = int(time.time())
    # A code works once; both of these are taken for half a minute from now, whenever in its own half minute that is.
    on = await judge.post("/api/staff/second-factor/confirm", json={"code": TOTP(secret).at(now)})
    assert on.status_code == 200
    browser, answer = await signed_in(office, provider, Lie(user="judge-1"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/?code")
    assert (await browser.get("/api/staff/me")).status_code == 401
    given = await browser.post("/api/staff/sign-in/code", json={"code": TOTP(secret).at(now + 30)})
    assert given.status_code == 200
    assert [one for one in await audited(office) if one[2].get("by") == "provider"] == [
        ("judge-1", "staff-code-asked", {"by": "provider"}),
        ("judge-1", "staff-sign-in", {"by": "provider", "factor": "code"}),
    ]


async def test_people_are_told_on_a_page_in_their_language(office: Office, provider: str) -> None:
    browser = office.browser()
    for language, words in (("zh-CN", "不是在本浏览器中发起的"), ("en", "was not begun in this browser")):
        page = await browser.get(BACK_PATH, headers={"Accept": "text/html", "Accept-Language": language})
        assert page.status_code == 400
        assert words in page.text
        assert 'href="/"' in page.text


async def test_the_provider_is_away(database: str, valkey_url: str, provider: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with staff_doors(database, valkey_url, sign_on=sign_on(hangs, timeout_s=0.2)) as office:
            browser = office.browser()
            began = asyncio.get_running_loop().time()
            assert await tried(browser, "/staff/oidc") == (503, "oidc-unavailable")
            assert asyncio.get_running_loop().time() - began < 5
            # Passwords do without it.
            await office.account("judge-1", "judge")
            by_password = {"login": "judge-1", "password": PASSWORD}
            assert (await browser.post("/api/staff/sign-in", json=by_password)).status_code == 200
    async with staff_doors(database, valkey_url, sign_on=sign_on(hangs)) as office:
        assert await tried(office.browser(), "/staff/oidc") == (503, "oidc-unavailable")
    async with staff_doors(database, valkey_url, sign_on=sign_on(provider)) as office:
        assert await refused(office, provider, Lie(user="judge-1", broken=True)) == (503, "oidc-unavailable")
    # Whoever calls itself otherwise is not the one that the settings name.
    async with staff_doors(database, valkey_url, sign_on=sign_on(provider.replace("127.0.0.1", "localhost"))) as office:
        assert await tried(office.browser(), "/staff/oidc") == (503, "oidc-unavailable")


async def test_without_a_provider_there_is_no_such_door(database: str, valkey_url: str) -> None:
    async with staff_doors(database, valkey_url) as office:
        browser = office.browser()
        assert (await browser.get("/api/staff/sign-in")).json() == {"provider": ""}
        for path in ("/staff/oidc", BACK_PATH):
            assert await tried(browser, path) == (404, "oidc-off")


@pytest.mark.parametrize(
    ("issuer", "client", "good"),
    [
        ("https://sso.example.cn", "leitai", True),
        ("http://127.0.0.1:9400", "leitai", True),
        ("http://sso.example.cn", "leitai", False),
        ("ftp://127.0.0.1", "leitai", False),
        ("https://sso.example.cn", "", False),
    ],
)
def test_settings_that_would_believe_anybody_are_refused(issuer: str, client: str, good: bool) -> None:
    given = {"valkey_url": "redis://x", "database_url": "postgresql://x", "secret_key": "0" * 64}
    if good:
        assert read_settings(None, **given, oidc_issuer=issuer, oidc_client_id=client).oidc_issuer == issuer
    else:
        with pytest.raises(BadSettings, match="oidc"):
            read_settings(None, **given, oidc_issuer=issuer, oidc_client_id=client)

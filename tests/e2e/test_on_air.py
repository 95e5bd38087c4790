"""Overlays and playouts on a real office: a token, the director's takes, the session's own words, and a revocation."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.ograf import call, put, rendering
from tests.support.screens import screen
from tests.support.staffed import Office, seen, staffed_office

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("overlays")]


@pytest.fixture
async def office(built_client: Path) -> AsyncIterator[Office]:
    """A session that starts in an hour."""
    async with staffed_office() as office:
        yield office


async def test_what_the_director_takes_is_on_every_screen(office: Office, browser: Browser, built_client: Path) -> None:
    operator, director = await office.account("op-1", "operator"), await office.account("air-1", "broadcast_director")
    session = (await seen(operator, "lobby"))["session"]
    url = office.house.office_url
    issued = (await director.post("/api/staff/broadcast/tokens", json={"name": "OBS"})).json()
    token, secret = issued["token"]["token"], issued["secret"]
    edition = 0

    async def take(**what: Any) -> None:
        nonlocal edition
        body = {"channel": "main", "expects": edition, **what}
        answer = await director.post("/api/staff/broadcast/take", json=body)
        assert answer.status_code == 200, answer.text
        edition = answer.json()["edition"]

    async with (
        rendering(built_client) as renderer,
        screen(browser) as program,
        screen(browser) as preview,
        screen(browser) as ograf,
        screen(browser) as spx,
    ):
        await program.goto(f"{url}/overlay/program?token={secret}")
        await preview.goto(f"{url}/overlay/program?token={secret}&preview=1")
        await ograf.goto(renderer)
        await put(ograf)
        data = {"server": url, "token": secret, "overlay": "program"}
        assert await call(ograf, "load", {"renderType": "realtime", "data": data}) == {"statusCode": 200}
        await call(ograf, "playAction", {})
        await spx.goto((built_client / "broadcast/leitai-spx.html").as_uri())
        await spx.evaluate("(data) => { window.update(data); window.play() }", {"f0": url, "f1": secret})
        screens = (program, ograf, spx)

        await take(on={"name": "delegations", "params": {}}, preview={"name": "item", "params": {}})
        for one in screens:
            await expect(one.locator(".scene")).to_contain_text("代表队排行")
        await expect(preview.locator(".scene")).to_contain_text("距比赛开始")
        text = "<img src=x onerror=alert(1)>请各队就位"
        line = await director.post("/api/staff/broadcast/ticker", json={"session": session, "text": text})
        assert line.status_code == 200
        await take(on={"name": "ticker", "params": {}})
        for one in screens:
            await expect(one.locator(".ticker__line")).to_have_text(text)
            assert await one.locator(".air img").count() == 0
        await take(on={"name": "item", "params": {"show": "question"}})
        start = {"session": session, "command": "start"}
        assert (await operator.post("/api/staff/console/conduct", json=start)).status_code == 204
        for one in screens:
            await expect(one.locator(".item")).to_contain_text("第 1 题")
        await expect(program.locator(".clock")).to_have_text(re.compile(r"^(10:00|\d:\d\d)$"))

        revoked = await director.post(f"/api/staff/broadcast/tokens/{token}/revoke", json={})
        assert revoked.status_code < 300, revoked.text
        await expect(preview.locator(".mark")).to_have_text("令牌无效或已作废")
        for one in screens:
            await expect(one.locator(".item")).to_contain_text("第 1 题")
            await expect(one.locator(".mark")).to_be_hidden()

"""Sessions are made from a paper, scheduled, moved and withdrawn from the staff's pages, while a director has them."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from leitai.rules.values import Micros
from leitai_loadtest.client import Contestant
from tests.support.staffed import Office, see, seen, staffed_office
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = pytest.mark.xdist_group("console")
HOUR_US = 3_600_000_000


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with staffed_office(appeal_us=Micros(0)) as office:
        yield office


async def test_a_session_from_paper_to_withdrawal(office: Office) -> None:
    operator, judge = await office.account("op-1", "operator"), await office.account("judge-1", "judge")
    first = await seen(operator, "lobby")
    assert (await judge.get("/api/staff/sessions")).status_code == 403
    planned = await _planned(operator)
    assert [(one["session"], one["in_force"], one["phase"]) for one in planned["sessions"]] == [
        (first["session"], True, "lobby")
    ]
    assert planned["defaults"]["freeze_percent"] == 20
    paper, contest = planned["papers"][0], planned["contests"][0]
    assert (paper["items"], contest["roster"]) == (4, 12)

    now_us = time.time_ns() // 1000
    wish: dict[str, Any] = {
        "contest": contest["contest"],
        "paper": paper["paper"],
        "title": "第二场",
        "start_us": now_us + 5 * HOUR_US,
        "rules": {"pacing": "paper", "freeze_percent": 30, "lobby_minutes": 60},
    }
    assert await _post(judge, "", wish) == (403, "forbidden")
    assert await _post(operator, "", {**wish, "start_us": now_us - 1}) == (409, "time-past")
    assert await _post(operator, "", {**wish, "paper": 99}) == (409, "paper-not-sealed")
    assert await _post(operator, "", wish) == (201, "")
    made = (await _planned(operator))["sessions"][0]
    assert (made["phase"], made["in_force"], made["freeze_percent"], made["seats"]) == ("draft", False, 30, 12)
    assert made["start_us"] - made["lobby_opens_us"] == HOUR_US
    this = f"/{made['session']}"

    # What is on keeps everybody's attention: a draft waits, and nobody serves it.
    assert await _post(operator, this, {"act": "schedule"}) == (409, "session-under-way")
    assert (await see(operator))["session"] == first["session"]
    # Codes are new ones each time; those of a session whose lobby is open stand.
    assert await _post(operator, f"/{first['session']}/codes", {}) == (409, "session-begun")
    assert await _post(judge, f"{this}/codes", {}) == (403, "forbidden")

    slips = (await operator.post(f"/api/staff/sessions{this}/codes", json={})).json()
    assert slips["slips"].count('class="slip"') == slips["seats"] == 12
    number, code = slips["table"].splitlines()[1].split(",")[:2]

    for command in ("start", "close", "review"):
        body = await see(operator)
        request = {"session": first["session"], "command": command, "expects": body["edition"]}
        assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
        await eventually(lambda: see(operator), lambda now, before=body: now["phase"] != before["phase"])
        if command == "start":
            await seen(operator, "running")
    await seen(operator, "under_review")
    chief = await office.account("chief", "chief_judge")

    async def finalized() -> bool:
        request = {"session": first["session"], "command": "finalize"}
        answer = await chief.post("/api/staff/console/conduct", json=request)
        return answer.status_code == 204

    await eventually(finalized, lambda done: done)

    assert await _post(operator, this, {"act": "schedule"}) == (204, "")
    body = await eventually(
        lambda: see(operator), lambda now: now.get("session") == made["session"] and now["conducted"] is True
    )
    assert (body["phase"], body["start_us"], body["pacing"]) == ("scheduled", wish["start_us"], "paper")

    async def served() -> int:
        async with httpx2.AsyncClient(base_url=office.house.url, timeout=PATIENCE_S) as anybody:
            answer = await anybody.get("/api/contest")
            return answer.json()["session"]["id"] if answer.status_code == 200 else 0

    # The gateway changes over within a second or two; tries to sign in before that are counted against the number.
    await eventually(served, lambda found: found == made["session"])
    async with Contestant.sign_in(office.house.url, number, code) as someone:
        assert someone.me["session"] == made["session"]

    # Its director has it by now, and moves it.
    later_us = now_us + 9 * HOUR_US
    move = {"act": "reschedule", "start_us": later_us, "lobby_minutes": 60}
    assert await _post(operator, this, {**move, "start_us": now_us - 1}) == (409, "time-past")
    assert await _post(operator, this, {**move, "expects": "scheduled 99"}) == (409, "stale-edition")
    assert await _post(operator, this, move) == (204, "")
    body = await eventually(lambda: see(operator), lambda now: now["start_us"] == later_us)
    assert body["ends_at_us"] > later_us
    assert await _post(operator, this, {**move, "start_us": later_us - HOUR_US}) == (204, "")
    await eventually(lambda: see(operator), lambda now: now["start_us"] == later_us - HOUR_US)
    assert await _post(operator, this, {"act": "withdraw"}) == (204, "")
    # Whoever looks at the console may see the draft, or already the session before it in force again.
    withdrawn = await eventually(lambda: _planned(operator), lambda now: now["sessions"][0]["phase"] == "draft")
    assert await _post(operator, this, {"act": "schedule"}) == (409, "session-withdrawn")
    found = withdrawn["sessions"][0]
    assert (found["phase"], found["withdrawn"], found["start_us"]) == ("draft", True, later_us - HOUR_US)
    assert await _post(operator, "/9999", {"act": "withdraw"}) == (404, "not-found")
    async with office.house.parts.database.connection() as connection:
        subject = f"session {made['session']}"
        rows = await connection.fetch("select action from audit where subject = $1 order by id", subject)
    assert [row["action"] for row in rows] == [
        "create-session",
        "schedule-session-refused",
        "reissue-codes",
        "schedule-session",
        "reschedule-session-refused",
        "reschedule-refused",
        "reschedule-session",
        "reschedule-session",
        "withdraw-session",
        "schedule-session-refused",
    ]


async def _post(client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> tuple[int, str]:
    answer = await client.post(f"/api/staff/sessions{path}", json=body)
    return answer.status_code, answer.json()["error"]["code"] if answer.status_code >= 400 else ""


async def _planned(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/staff/sessions")
    assert answer.status_code == 200
    return answer.json()

"""The console on real stores with a real director: what operators see, and what comes of their commands."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from tests.support.staffed import ITEMS, Office, see, seen
from tests.support.waiting import PATIENCE_S, eventually, time_given

pytestmark = pytest.mark.xdist_group("console")


async def test_a_day_from_the_console(office: Office) -> None:
    one, other = await office.account("op-1", "operator"), await office.account("op-2", "operator")
    body = await seen(one, "lobby")
    assert [item["state"] for item in body["items"]] == ["waiting"] * ITEMS
    assert sum(delegation["seats"] for delegation in body["delegations"]) == 12
    assert body["gateways"] == 1
    assert (body["frozen_us"], body["freezes_at_us"]) == (0, body["items"][-1]["opens_at_us"])

    async def command(client: httpx2.AsyncClient, kind: str, body: dict[str, Any], **more: Any) -> tuple[int, str]:
        request = {"session": body["session"], "command": kind, "expects": body["edition"], **more}
        answer = await client.post("/api/staff/console/conduct", json=request)
        return answer.status_code, answer.json()["error"]["code"] if answer.content else ""

    assert await command(one, "skip", body, item=ITEMS) == (204, "")
    # The other has not looked since.
    assert await command(other, "skip", body, item=2) == (409, "stale-edition")
    body = await eventually(lambda: see(other), lambda now: now["items"][-1]["state"] == "skipped")
    assert await command(other, "pause", body) == (409, "command-refused")
    assert await command(other, "start", body) == (204, "")
    body = await seen(other, "running")
    assert body["items"][0]["state"] == "open"
    closes_us = body["items"][0]["closes_at_us"]
    assert await command(one, "extend", body, item=1, seconds=60) == (204, "")
    body = await eventually(lambda: see(one), lambda now: now["items"][0]["extended_us"] > 0)
    assert body["items"][0]["closes_at_us"] == closes_us + 60_000_000
    assert await command(one, "freeze", body) == (204, "")
    body = await eventually(lambda: see(other), lambda now: now["frozen_us"] > 0)
    assert await command(other, "freeze", body) == (409, "already-frozen")
    assert await command(other, "thaw", body) == (204, "")
    body = await eventually(lambda: see(one), lambda now: now["frozen_us"] == 0)
    assert await command(other, "thaw", body) == (409, "not-frozen")
    assert await command(one, "announce", body, text="请各考场确认人数。") == (204, "")
    assert await command(one, "announce", body) == (400, "bad-request")
    assert await command(one, "pause", body) == (204, "")
    body = await seen(one, "paused")
    assert await command(one, "resume", body) == (204, "")
    body = await seen(one, "running")
    assert await command(one, "close", body) == (204, "")
    body = await seen(one, "closed")
    assert await command(one, "review", body) == (204, "")
    body = await seen(one, "under_review")
    # To make it final is the chief judge's.
    assert await command(one, "finalize", body) == (403, "forbidden")
    audit = await _audit(office)
    assert [line for line in audit if line[0].startswith("op-") and not line[1].startswith("staff")] == [
        ("op-1", "skip"),
        ("op-2", "skip-refused"),
        ("op-2", "pause-refused"),
        ("op-2", "start"),
        ("op-1", "extend"),
        ("op-1", "freeze"),
        ("op-2", "freeze-refused"),
        ("op-2", "thaw"),
        ("op-2", "thaw-refused"),
        ("op-1", "announce"),
        ("op-1", "pause"),
        ("op-1", "resume"),
        ("op-1", "close"),
        ("op-1", "review"),
    ]


async def test_who_sees_and_commands_what(office: Office) -> None:
    operator = await office.account("op-1", "operator")
    body = await seen(operator, "lobby")
    leader = await office.account("leader", "team_leader", "110000")
    own = await see(leader)
    assert [one["code"] for one in own["delegations"]] == ["110000"]
    rooms = (await leader.get("/api/staff/console/delegations/110000")).json()
    assert [(one["room"], one["seats"]) for one in rooms["rooms"]] == [("一考场", 2), ("二考场", 2)]
    numbers = {one["admission_no"] for one in rooms["missing"]}
    assert numbers == {seat.admission_no for seat in office.seats if seat.delegation == "110000"}
    assert (await leader.get("/api/staff/console/delegations/650000")).status_code == 403
    assert (await operator.get("/api/staff/console/delegations/650000")).status_code == 200
    assert (await operator.get("/api/staff/console/delegations/999999")).status_code == 404
    health = (
        await eventually(
            lambda: see(operator), lambda now: bool(now["health"]["gateways"]) and now["health"]["recorder_behind"] >= 0
        )
    )["health"]
    assert (health["recorder_behind"], health["feed_behind"], health["answers"]) == (0, 0, 0)
    assert [one["gone"] for one in health["gateways"]] == [False]
    judge, auditor = await office.account("judge-1", "judge"), await office.account("auditor", "auditor")
    assert (await judge.get("/api/staff/console")).status_code == 403
    assert (await auditor.get("/api/staff/console")).status_code == 200
    for client in (leader, judge, auditor):
        request = {"session": body["session"], "command": "start"}
        assert (await client.post("/api/staff/console/conduct", json=request)).status_code == 403
    wrong = await operator.post("/api/staff/console/conduct", json={"session": 99, "command": "start"})
    assert wrong.status_code == 404
    unknown = await operator.post("/api/staff/console/conduct", json={"session": 1, "command": "explode"})
    assert unknown.status_code == 400
    foreign = await operator.post(
        "/api/staff/console/conduct",
        json={"session": body["session"], "command": "start"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert foreign.status_code == 403


async def test_the_stream_tells_what_moves_and_ends_with_the_session_of_its_reader(office: Office) -> None:
    operator, root = await office.account("op-1", "operator"), await office.account("root-1", "administrator")
    body = await seen(operator, "lobby")
    async with asyncio.timeout(PATIENCE_S), operator.stream("GET", "/api/staff/console/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        first = json.loads((await anext(lines)).removeprefix("data: "))
        assert first["edition"] == body["edition"]
        request = {"session": body["session"], "command": "skip", "item": 2, "expects": body["edition"]}
        assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
        async for line in lines:
            if line.startswith("data: ") and json.loads(line.removeprefix("data: "))["items"][1]["state"] == "skipped":
                break
        people = (await root.get("/api/staff/people")).json()["people"]
        me = next(one for one in people if one["login"] == "op-1")
        change = {"version": me["version"], "name": "某人", "roles": ["auditor"]}
        assert (await root.post(f"/api/staff/people/{me['staff']}", json=change)).status_code == 200
        async with time_given(lambda: root.get("/api/staff/me")) as spent:
            rest = [line async for line in lines]
            assert spent() < 2.5
        assert "event: refused" in rest
        assert "data: not-signed-in" in rest


async def _audit(office: Office) -> list[tuple[str, str]]:
    async with office.house.parts.database.connection() as connection:
        rows = await connection.fetch("select actor, action from audit order by id")
    return [(row["actor"], row["action"]) for row in rows]

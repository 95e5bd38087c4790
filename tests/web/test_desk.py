"""The judges' desk on real stores with a real director: who sees what of the answers."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from leitai.live.ports import Submission
from leitai.rules.values import JUDGED, ItemNo, QuestionType, Response, SessionId, SittingId
from leitai.stores.valkey.accept import ValkeyLedger
from tests.support.staffed import ITEMS, Office, seen
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = pytest.mark.xdist_group("console")

DESK = "/api/staff/desk"
PLACES = ("items", "items/1", "tail", "anomalies", "stream")


async def started(office: Office) -> dict[str, Any]:
    """The session under way, as operators see it."""
    operator = await office.account("op-1", "operator")
    body = await seen(operator, "lobby")
    request = {"session": body["session"], "command": "start", "expects": body["edition"]}
    assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
    return await seen(operator, "running")


async def give(office: Office, session: int, responses: dict[int, Response], item: int = 1, seq: int = 1) -> list[str]:
    """Let sittings answer an item in the ledger; returns what became of each."""
    parts = office.house.parts
    file = await parts.archive.load_session(SessionId(session))
    ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
    decided: list[str] = []
    for sitting, response in responses.items():
        submission = Submission(SittingId(sitting), ItemNo(item), seq, response, 0, 1_500_000)
        (accepted,) = await ledger.accept(sitting % file.shards, [submission])
        decided.append(accepted.outcome.name)
    return decided


async def look(client: httpx2.AsyncClient, place: str) -> dict[str, Any]:
    answer = await client.get(f"{DESK}/{place}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def right_and_wrong(office: Office, session: int) -> tuple[list[SittingId], Response, Response]:
    """The sittings, and a right and a wrong response to item 1."""
    file = await office.house.parts.archive.load_session(SessionId(session))
    item = file.plan.items[0]
    assert item.type not in JUDGED
    sittings = [member.sitting_id for member in file.members]
    if item.type is QuestionType.FILL_IN:
        return sittings, tuple(blank[0] for blank in item.key.blanks), tuple("错" for _ in item.key.blanks)
    right = tuple(sorted(item.key.options))
    return sittings, right, tuple(one for one in item.option_ids if one not in right)[:1]


async def test_answers_reach_the_desk_and_its_stream(office: Office) -> None:
    session = (await started(office))["session"]
    sittings, right, wrong = await right_and_wrong(office, session)
    judge = await office.account("judge-1", "judge", "110000")
    assert await give(office, session, dict.fromkeys(sittings[:3], right)) == ["ACCEPTED"] * 3
    body = await eventually(lambda: look(judge, "items"), lambda body: body["items"][0]["answered"] == 3)
    assert [one["item"] for one in body["items"]] == list(range(1, ITEMS + 1))
    assert body["items"][0]["right"] == 3
    assert body["items"][0]["p50_us"] >= 1_500_000
    async with asyncio.timeout(PATIENCE_S), judge.stream("GET", f"{DESK}/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        first = json.loads((await anext(lines)).removeprefix("data: "))
        assert first["items"] == body["items"]
        await give(office, session, dict.fromkeys(sittings[3:6], wrong))
        moved: dict[str, Any] = first
        async for line in lines:
            if line.startswith("data: "):
                moved = json.loads(line.removeprefix("data: "))
                assert [one["item"] for one in moved["items"]] == [1]
                if moved["items"][0]["answered"] == 6:
                    break
        assert (moved["newest"], moved["items"][0]["wrong"]) == (6, 3)
    assert await give(office, session, {sittings[6]: right}, item=ITEMS) == ["EARLY"]
    tail = await eventually(lambda: look(judge, "tail"), lambda tail: tail["newest"] == 7)
    assert [one["status"] for one in tail["answers"]] == ["early"] + ["accepted"] * 6
    assert all(one["name"].startswith("选手") for one in tail["answers"])
    item = await look(judge, "items/1")
    assert item["item"]["state"] == "open"
    assert {one["id"] for one in item["text"]["options"] if one["right"]} == set(right) & {"A", "B", "C", "D", "T", "F"}
    assert item["text"]["stem"]
    assert sum(one["count"] for one in item["times"]) == 6
    # What has not opened is sealed for judges too.
    waiting = await look(judge, f"items/{ITEMS}")
    assert (waiting["item"]["state"], waiting["text"]) == ("waiting", None)
    # A judge who comes from a delegation sees every other one too.
    assert [one["code"] for one in item["delegations"]] == ["110000", "650000", "660000"]
    assert sum(one["answered"] for one in item["delegations"]) == 6
    assert sorted((one["count"], one["wrong"], one["common"]) for one in item["groups"]) == [
        (3, False, False),
        (3, True, True),
    ]
    wrongs = await look(judge, "tail?item=1&only=wrong")
    assert {one["sitting"] for one in wrongs["answers"]} == set(sittings[3:6])
    assert len((await look(judge, f"tail?sitting={sittings[0]}"))["answers"]) == 1
    name = tail["answers"][0]["name"]
    assert {one["name"] for one in (await look(judge, f"tail?name={name}"))["answers"]} == {name}
    assert (await look(judge, "tail?only=flagged"))["answers"] == []
    of_one = (await look(judge, "tail?delegation=650000"))["answers"]
    assert of_one
    assert {one["delegation"] for one in of_one} == {"650000"}
    assert (await look(judge, "anomalies"))["anomalies"] == []
    newest = (await look(judge, "tail?count=2"))["answers"]
    assert newest == tail["answers"][:2]
    for query in ("only=all", "count=0", "count=201", "item=x", "delegation=x", "sitting=-1", f"name={'长' * 33}"):
        assert (await judge.get(f"{DESK}/tail?{query}")).status_code == 400
    for place in ("items/99", "items/x"):
        assert (await judge.get(f"{DESK}/{place}")).status_code == 404
    await _a_rush_is_told_four_times_a_second(office, judge, session, sittings)


async def _a_rush_is_told_four_times_a_second(
    office: Office, judge: httpx2.AsyncClient, session: int, sittings: list[SittingId]
) -> None:
    """Everybody answers every item that waits, one after another: the stream tells of many at once."""
    waiting = range(2, ITEMS)
    bodies: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE_S), judge.stream("GET", f"{DESK}/stream") as stream:
        lines = stream.aiter_lines()
        newest = json.loads((await anext(lines)).removeprefix("data: "))["newest"]
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for item in waiting:
            assert set(await give(office, session, dict.fromkeys(sittings, ()), item)) == {"EARLY"}
        async for line in lines:
            if line.startswith("data: "):
                bodies.append(json.loads(line.removeprefix("data: ")))
                if bodies[-1]["newest"] == newest + len(waiting) * len(sittings):
                    break
        assert len(bodies) <= 4 * (loop.time() - began_s) + 1
    assert {one["item"] for body in bodies for one in body["items"]} == set(waiting)


async def test_only_who_may_sees_the_desk_and_only_once_there_are_answers(office: Office) -> None:
    operator, root = await office.account("op-2", "operator"), await office.account("root-1", "administrator")
    leader = await office.account("leader", "team_leader", "110000")
    director = await office.account("air", "broadcast_director")
    judge, chief = await office.account("judge-1", "judge"), await office.account("chief", "chief_judge")
    auditor = await office.account("auditor", "auditor")
    await seen(operator, "lobby")
    nobody = httpx2.AsyncClient(base_url=office.house.office_url, timeout=PATIENCE_S)

    async def code(client: httpx2.AsyncClient, place: str) -> tuple[int, str]:
        answer = await client.get(f"{DESK}/{place}")
        return answer.status_code, answer.json()["error"]["code"]

    queue = "../marking/queue"
    for client in (operator, root, leader, director, auditor):
        assert await code(client, queue) == (403, "forbidden")
    for client in (judge, chief):
        assert await code(client, queue) == (403, "not-yet")
    assert await code(auditor, "../marking/progress") == (403, "not-yet")
    for place in PLACES:
        for client in (operator, root, leader, director):
            assert await code(client, place) == (403, "forbidden")
        for client in (judge, chief, auditor):
            assert await code(client, place) == (403, "not-yet")
        assert await code(nobody, place) == (401, "not-signed-in")
    await nobody.aclose()
    await started(office)
    for client in (judge, chief, auditor):
        for place in PLACES[:-1]:
            assert (await client.get(f"{DESK}/{place}")).status_code == 200
    for place in PLACES:
        for client in (operator, root, leader, director):
            assert await code(client, place) == (403, "forbidden")

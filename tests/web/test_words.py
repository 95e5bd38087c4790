"""Words to some contestants and answers to their questions, on a house that runs: who hears what, also later."""

from typing import Any

import httpx2
import pytest

from leitai_loadtest.client import Contestant
from tests.support.staffed import Office, seen
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("console")
HOSTILE = "<img src=x onerror=alert(1)>"


async def test_words_reach_whom_they_are_for_and_are_there_after_a_reconnection(office: Office) -> None:
    operator, judge = await office.account("op-1", "operator"), await office.account("judge-1", "judge")
    auditor, leader = await office.account("aud-1", "auditor"), await office.account("lead", "team_leader", "110000")
    body = await seen(operator, "lobby")
    url, seats = office.house.url, office.seats
    same, other = seats[:2], seats[4]
    async with (
        Contestant.sign_in(url, same[0].admission_no, same[0].code) as li,
        Contestant.sign_in(url, same[1].admission_no, same[1].code) as wang,
        Contestant.sign_in(url, other.admission_no, other.code) as zhao,
    ):
        for one in (li, wang, zhao):
            await one.hello()

        # --- announcements to some
        def words(**more: Any) -> dict[str, Any]:
            return {"session": body["session"], "text": "请换线路。", **more}

        path = "/api/staff/console/announcements"
        assert await _post(judge, path, words(delegation="110000")) == (403, "forbidden")
        assert await _post(operator, path, words()) == (400, "bad-request")
        assert await _post(operator, path, words(room="一考场")) == (400, "bad-request")
        assert await _post(operator, path, words(delegation="130000")) == (409, "unknown-audience")
        assert await _post(operator, path, words(delegation="110000", room="九考场")) == (409, "unknown-audience")
        assert await _post(operator, path, words(admission_no="0000000000")) == (409, "unknown-audience")
        room = "一考场" if li.me["sitting"] % 2 else "二考场"
        for to in (
            {"delegation": "110000"},
            {"delegation": "110000", "room": room},
            {"admission_no": other.admission_no},
        ):
            assert await _post(operator, path, words(**to)) == (204, "")
        whole, rooms = await li.expect("note", to="delegation"), await li.expect("note", to="room")
        assert (whole["text"], rooms["text"], whole["question"]) == ("请换线路。", "请换线路。", "")
        assert (await wang.expect("note"))["id"] == whole["id"]
        own = await zhao.expect("note")
        assert own["to"] == "sitting"
        # Whoever comes back has all of them again, and positions in the feed are as they were.
        offset = li.offset
        await li.resume()
        assert (li.welcome["recovered"], li.offset) == (True, offset)
        assert [(await li.expect("note"))["id"] for _ in range(2)] == [whole["id"], rooms["id"]]
        await wang.resume()
        assert (await wang.expect("note"))["id"] == whole["id"]

        # --- questions
        await zhao.send({"type": "question", "text": f" {HOSTILE}\n", "item": 2})
        assert (await zhao.expect("asked"))["left"] == 9
        await zhao.send({"type": "question", "text": "再问"})
        assert (await zhao.expect("error"))["code"] == "too-many-questions"
        await li.send({"type": "question", "text": " "})
        assert (await li.expect("error"))["code"] == "question-empty"
        for client in (leader, auditor):
            assert (await client.get("/api/staff/clarifications")).status_code == 403
        told = await eventually(lambda: _words(judge), lambda now: len(now["questions"]) == 1)
        asked = told["questions"][0]
        assert (asked["question"], asked["item"], asked["name"]) == (HOSTILE, 2, zhao.me["name"])
        assert [one["delegation"] for one in told["announcements"]] == ["", "北京", "北京"]
        assert (await eventually(lambda: seen(operator, "lobby"), lambda now: now["questions"] == 1))["questions"] == 1
        answers = f"/api/staff/clarifications/{asked['id']}"
        assert await _post(leader, answers, {"text": "请稍候"}) == (403, "forbidden")
        assert await _post(judge, answers, {"text": " "}) == (400, "bad-request")
        assert await _post(judge, "/api/staff/clarifications/9999", {"text": "请稍候"}) == (404, "not-found")
        assert await _post(judge, answers, {"text": "请刷新页面。"}) == (204, "")
        assert await _post(operator, answers, {"text": "不同的话"}) == (409, "clarification-answered")
        answer = await zhao.expect("note", question=HOSTILE)
        assert (answer["text"], answer["to"]) == ("请刷新页面。", "sitting")

        # To all: everybody hears the question with its answer.
        await li.send({"type": "question", "text": "几点结束？"})
        await li.expect("asked")
        told = await eventually(lambda: _words(judge), lambda now: len(now["questions"]) == 2)
        assert await _post(
            judge, f"/api/staff/clarifications/{told['questions'][1]['id']}", {"text": "四点。", "to_all": True}
        ) == (
            204,
            "",
        )
        for one in (li, wang, zhao):
            assert (await one.expect("note", to="all"))["question"] == "几点结束？"
        assert not [one for one in wang.inbox if one["type"] == "note"]
    async with office.house.parts.database.connection() as connection:
        rows = await connection.fetch(
            "select actor, action from audit where action in ('announce', 'clarify') order by id"
        )
    assert [tuple(row) for row in rows] == [("op-1", "announce")] * 3 + [("judge-1", "clarify")] * 2


async def _post(client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> tuple[int, str]:
    answer = await client.post(path, json=body)
    return answer.status_code, answer.json()["error"]["code"] if answer.content else ""


async def _words(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/staff/clarifications")
    assert answer.status_code == 200
    return answer.json()

"""The reveal on real stores: played by the director's keys, seen by the public, stopped by a ruling, begun anew."""

import time
from typing import Any

import httpx2
import pytest

from leitai.office.judging import Desk
from leitai.rules.effects import AdjustJudgement
from leitai.rules.rulings import ActKind, Judge
from leitai.rules.values import ActorId, Micros, SessionId
from tests.support.staffed import Office, see, seen
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = pytest.mark.xdist_group("console")


async def test_a_reveal_from_the_last_place_up(office: Office) -> None:
    operator, director = await office.account("op-1", "operator"), await office.account("air-1", "broadcast_director")
    body = await seen(operator, "lobby")
    session = body["session"]

    async def move(kind: str, **more: Any) -> tuple[int, Any]:
        now = (await director.get("/api/staff/reveal")).json()
        request = {"session": session, "expects": now["edition"], "move": kind, **more}
        answer = await director.post("/api/staff/reveal", json=request)
        return answer.status_code, answer.json() if answer.status_code == 200 else answer.json()["error"]["code"]

    async def steps(query: str) -> httpx2.Response:
        return await director.get(f"/api/staff/reveal/steps?{query}")

    async with httpx2.AsyncClient(base_url=office.house.url, timeout=PATIENCE_S) as public:

        async def shown() -> dict[str, Any] | None:
            return (await public.get("/api/reveal")).json()["reveal"]

        # Before the review there is nothing to reveal, and to others nothing at all.
        assert (await steps("group=delegations")).json()["error"]["code"] == "not-yet"
        assert await move("begin", digest="0" * 64) == (403, "not-yet")
        assert (await operator.get("/api/staff/reveal")).status_code == 403
        assert await shown() is None
        await _to_review(operator)
        await eventually(lambda: steps("group=delegations"), lambda answer: answer.status_code == 200)

        for query in (
            "",
            "group=nobody",
            "group=province",
            "group=province&delegation=11",
            "group=delegations&delegation=110000",
        ):
            assert (await steps(query)).json()["error"]["code"] == "bad-request"
        assert (await steps("group=province&delegation=990000")).json()["error"]["code"] == "not-found"
        listed = (await steps("group=individuals&best=3")).json()
        places = [step for step in listed["steps"] if step["kind"] == "place"]
        assert [step["rank"] for step in places] == sorted((step["rank"] for step in places), reverse=True)
        # Looking at the list, and playing it on the page, leaves no trace.
        assert await shown() is None
        assert (await director.get("/api/staff/reveal")).json()["edition"] == 0

        choice = {"group": "individuals", "best": 3}
        assert await move("next") == (409, "reveal-not-begun")
        assert await move("begin", **choice, digest="0" * 64) == (409, "reveal-changed")
        status, desk = await move("begin", **choice, digest=listed["digest"])
        assert (status, desk["on"], desk["shown"], desk["changed"]) == (200, True, 0, False)
        assert await move("back") == (409, "reveal-at-start")
        assert (await move("next"))[1]["shown"] == 1
        now = await eventually(shown, lambda one: one is not None and one["shown"] == 1)
        assert now is not None
        assert [row["name"] for row in now["rows"]] == [listed["steps"][0]["name"]]
        assert now["of"] == len(listed["steps"])
        # Two directors: who looked before the other moved is told.
        stale = {"session": session, "expects": 1, "move": "next"}
        assert (await director.post("/api/staff/reveal", json=stale)).json()["error"]["code"] == "stale-edition"
        assert (await move("jump", shown=len(listed["steps"])))[1]["shown"] == len(listed["steps"])
        assert await move("jump", shown=10_000) == (409, "reveal-no-such-step")
        assert await move("next") == (409, "reveal-at-end")
        last = await eventually(shown, lambda one: one is not None and one["shown"] == len(listed["steps"]))
        assert last is not None
        assert last["rows"][0]["rank"] == 1

        # A ruling of meanwhile: the move is refused, the page is told, and the reveal begins anew.
        await _ruled(office, session)
        assert await move("back") == (409, "reveal-changed")
        assert (await director.get("/api/staff/reveal")).json()["changed"] is True
        again = (await steps("group=individuals&best=3")).json()
        assert again["digest"] != listed["digest"]
        assert (await move("begin", **choice, digest=again["digest"]))[1]["shown"] == 0
        assert (await move("end"))[1]["on"] is False
        assert await eventually(shown, lambda one: one is None) is None
        sight = (await director.get("/api/staff/reveal")).json()
        assert (sight["on"], sight["shown"]) == (False, 0)
    async with office.house.parts.database.connection() as connection:
        audit = await connection.fetch("select action from audit where actor = 'air-1' order by no")
    told = [row["action"] for row in audit if row["action"].startswith("reveal")]
    assert told.count("reveal-begin") == 2
    assert told.count("reveal-begin-refused") == 2
    assert told[-1] == "reveal-end"


async def _to_review(operator: httpx2.AsyncClient) -> None:
    for command, phase in (("start", "running"), ("close", "closed"), ("review", "under_review")):
        body = await see(operator)
        request = {"session": body["session"], "command": command, "expects": body["edition"]}
        assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
        await seen(operator, phase)


async def _ruled(office: Office, session: int) -> None:
    """One judge proposes, another approves, that somebody has points."""
    for login in ("anna", "bo"):
        await office.account(login, "judge")
    desk = Desk(office.house.parts.office)
    record = await office.house.parts.office.session(SessionId(session))
    now_us = Micros(time.time_ns() // 1000)
    effect = AdjustJudgement(record.members[0].sitting_id, record.plan.items[0].item_no, 50)
    anna, bo = Judge(ActorId("anna")), Judge(ActorId("bo"))
    ruling = await desk.propose(SessionId(session), anna, effect, "读卡有误", "纸本", now_us)
    await desk.act(ruling.ruling_id, bo, ActKind.APPROVE, now_us, version=ruling.version)

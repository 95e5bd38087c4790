"""Marking over HTTP on real stores: blind, by two judges and a third where they differ, and nobody's own people's."""

import json
from typing import Any

import httpx2
import pytest

from leitai.office.blinding import Blinding
from leitai.rules.values import ActorId, DelegationCode, ItemNo, SessionId, SittingId
from tests.support.judges import CASE, HOSTILE, PARTS, SHORT_ANSWER, answered, closed, judged_session
from tests.support.staffed import Office
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("console")

QUEUE, MARKS, PROGRESS = (f"/api/staff/marking/{name}" for name in ("queue", "marks", "progress"))
BEIJING = DelegationCode("110000")


def test_a_name_opens_only_to_its_judge_in_its_session() -> None:
    blinding, anna = Blinding(bytes(32)), ActorId("anna")
    answer = (SittingId(17), ItemNo(3), 1_000_000_007)
    name = blinding.name(SessionId(7), anna, answer)
    assert blinding.answer(SessionId(7), anna, name) == answer
    assert (name, len(name)) == (blinding.name(SessionId(7), anna, answer), 48)
    for session, judge, other in (
        (7, "bo", name),
        (8, "anna", name),
        (7, "anna", name[::-1]),
        (7, "anna", "名"),
        (7, "anna", ""),
    ):
        with pytest.raises(KeyError):
            blinding.answer(SessionId(session), ActorId(judge), other)


async def queued(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get(QUEUE)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def give(client: httpx2.AsyncClient, session: int, name: str, *centipoints: int) -> tuple[int, str]:
    answer = await client.post(MARKS, json={"session": session, "id": name, "centipoints": centipoints})
    return answer.status_code, answer.json()["error"]["code"] if answer.content else ""


async def audited(office: Office) -> list[tuple[str, str, str]]:
    async with office.house.parts.database.connection() as connection:
        rows = await connection.fetch("select actor, action, detail from audit where action like '%mark%' order by no")
    return [(row["actor"], row["action"], json.loads(row["detail"]).get("code", "")) for row in rows]


async def test_answers_are_marked_blind_by_two_and_by_a_third_where_they_differ() -> None:
    async with judged_session(per_delegation=2) as (office, file):
        session = file.session_id
        anna, bo = await office.account("anna", "judge"), await office.account("bo", "chief_judge")
        local, chen = await office.account("local", "judge", BEIJING), await office.account("chen", "judge")
        auditor, operator = await office.account("auditor", "auditor"), await office.account("op", "operator")
        texts = {member.sitting_id: (f"作答甲{member.sitting_id}乙 {HOSTILE[1]}",) for member in file.members}
        await eventually(lambda: anna.get(PROGRESS), lambda answer: answer.status_code == 200)
        await answered(office, file, SHORT_ANSWER, texts)
        await answered(office, file, CASE, {file.members[0].sitting_id: ("是", "三十")})
        # What may still be changed is not marked yet.
        assert (await queued(anna))["waiting"] == 0
        for client in (auditor, operator):
            assert (await client.get(QUEUE)).json()["error"]["code"] == "forbidden"
            assert await give(client, session, "x", 1) == (403, "forbidden")
        assert (await operator.get(PROGRESS)).status_code == 403
        await closed(office)
        queue = await eventually(lambda: queued(anna), lambda queue: queue["waiting"] == 7)

        # Nothing that tells whose it is: not who, not whence, not the place in the record, not when.
        raw = (await anna.get(QUEUE)).text
        members = {text for one in file.members for text in (one.name, one.delegation, one.room) if text}
        assert not [text for text in members if text in raw.replace(HOSTILE[1], "")]
        assert {frozenset(one) for one in queue["answers"]} == {frozenset({"id", "item", "response"})}
        assert len(queue["answers"]) == 5
        for word in ("sitting", "name", "delegation", "stamp", "elapsed", "offset", "anna", "given"):
            assert f'"{word}' not in raw
        others = await queued(bo)
        assert not {one["id"] for one in queue["answers"]} & {one["id"] for one in others["answers"]}
        items = {one["item"]: one for queue in (queue, others) for one in queue["items"]}
        assert {item: [part["text"] for part in one["parts"]] for item, one in items.items()}.items() <= {
            SHORT_ANSWER: [""],
            CASE: list(PARTS),
        }.items()

        # The own delegation's two short answers and its case are not in the queue of a judge from there.
        homes = {member.sitting_id: member.delegation for member in file.members}
        own = {text for sitting, (text,) in texts.items() if homes[sitting] == BEIJING}
        seen = await queued(local)
        assert seen["waiting"] == 7 - len(own) - (homes[file.members[0].sitting_id] == BEIJING)
        assert not own & {one["response"][0] for one in seen["answers"]}

        # Everything by one judge, then by another who differs once.
        first: dict[str, int] = {}
        while (queue := await queued(anna))["answers"]:
            one = queue["answers"][0]
            points = [
                part["centipoints"] for item in queue["items"] if item["item"] == one["item"] for part in item["parts"]
            ]
            first[one["response"][0]] = sum(points)
            assert await give(anna, session, one["id"], *points) == (204, "")
            # A line that broke before the answer came: sent again, it counts once.
            assert await give(anna, session, one["id"], *points) == (409, "mark-twice")
        assert len(first) == 7
        queue = await queued(bo)
        name, item_no = queue["answers"][0]["id"], queue["answers"][0]["item"]
        parts = next(len(one["parts"]) for one in queue["items"] if one["item"] == item_no)
        assert await give(bo, session, name, *[1_000_000] * parts) == (400, "mark-bad-points")
        assert await give(bo, session, name, 0, 0, 0) == (400, "mark-bad-points")
        assert await give(bo, session + 1, name, *[0] * parts) == (404, "not-found")
        assert await give(chen, session, name, *[0] * parts) == (404, "not-found")
        assert (await bo.post(MARKS, json={"session": session, "id": name, "centipoints": [-1]})).status_code == 400
        differs = queue["answers"][0]["response"][0]
        assert await give(bo, session, name, *[0] * parts) == (204, "")
        for one in (await queued(bo))["answers"]:
            full = [
                part["centipoints"]
                for item in (await queued(bo))["items"]
                if item["item"] == one["item"]
                for part in item["parts"]
            ]
            assert await give(bo, session, one["id"], *full) == (204, "")
        # What differs comes first to a third, and then to nobody.
        third = (await queued(chen))["answers"][0]
        assert third["response"][0] == differs
        progress = (await auditor.get(PROGRESS)).json()
        assert sum(one["differing"] for one in progress["items"]) == 1
        assert progress["difference_percent"] == 20
        assert await give(chen, session, third["id"], *[0] * parts) == (204, "")
        assert await give(chen, session, third["id"], *[0] * parts) == (409, "mark-twice")
        progress = (await auditor.get(PROGRESS)).json()
        assert [sum(one[state] for one in progress["items"]) for state in ("unmarked", "differing", "settled")] == [
            0,
            0,
            6,
        ]
        refusals = [one for one in await audited(office) if one[1] == "refused-mark"]
        assert {(actor, code) for actor, _, code in refusals} == {
            ("auditor", "forbidden"),
            ("op", "forbidden"),
            ("anna", "mark-twice"),
            ("bo", "mark-bad-points"),
            ("chen", "not-found"),
            ("chen", "mark-twice"),
        }

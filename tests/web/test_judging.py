"""The judges' doors on real stores with a real director: two persons, previews, the board, appeals, and finalizing."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from leitai.live.ports import SessionFile
from leitai.live.restoring import Strays
from leitai.office.results import recompute
from leitai.rules.receipts import ReceiptFault
from leitai.rules.values import Micros, SessionId
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.session import ValkeySession
from leitai.wire.messages import AckStatus, Receipted
from tests.support.staffed import Office, seen, staffed_office
from tests.support.waiting import PATIENCE_S, eventually
from tests.web.test_desk import give, right_and_wrong, started

pytestmark = pytest.mark.xdist_group("console")

JUDGING, RULINGS = "/api/staff/judging", "/api/staff/rulings"
WHY = {"reason": "教材两种说法", "evidence": "教材第 3 页"}


async def ask(client: httpx2.AsyncClient, path: str, body: Any = None) -> tuple[int, Any]:
    """The status of an answer, and its body or the code of the refusal."""
    answer = await (client.get(path) if body is None else client.post(path, json=body))
    told = answer.json()
    return answer.status_code, told["error"]["code"] if "error" in told else told


async def done(client: httpx2.AsyncClient, path: str, body: Any = None) -> Any:
    status, told = await ask(client, path, body)
    assert status == 200, told
    return told


async def refused(office: Office) -> list[tuple[str, str, str]]:
    async with office.house.parts.database.connection() as connection:
        rows = await connection.fetch(
            "select actor, action, detail->>'code' as code from audit where action like 'refused-%' order by no"
        )
    return [tuple(row) for row in rows]


async def command(office: Office, kind: str, who: httpx2.AsyncClient, session: int) -> Any:
    answer = await who.post("/api/staff/console/conduct", json={"session": session, "command": kind})
    return answer.json()["error"]["code"] if answer.content else ""


async def answered(office: Office) -> tuple[int, SessionFile, dict[str, Any]]:
    """A session under way, where three sittings gave one wrong response to the first item and three the right one; and
    the effect that takes the wrong one."""
    session = (await started(office))["session"]
    sittings, right, wrong = await right_and_wrong(office, session)
    await give(office, session, dict.fromkeys(sittings[:3], right))
    await give(office, session, dict.fromkeys(sittings[3:6], wrong))
    file = await office.house.parts.archive.load_session(SessionId(session))
    return session, file, {"kind": "accept_alternative", "item_no": 1, "response": list(wrong)}


async def points(office: Office, session: int) -> dict[int, int]:
    """The points of everyone in the live canonical standings."""
    told = await ValkeySession(office.house.parts.reading, SessionId(session), 1).standings()
    return {row["sitting_id"]: row["centipoints"] for row in json.loads(told or b'{"individuals": []}')["individuals"]}


@pytest.fixture
async def without_appeals() -> AsyncIterator[Office]:
    """An office whose session takes no appeals."""
    async with staffed_office(appeal_us=Micros(0)) as office:
        yield office


async def test_a_ruling_from_proposal_to_the_board_and_back_by_two_judges(office: Office) -> None:
    session, file, effect = await answered(office)
    anna, bo = await office.account("anna", "judge"), await office.account("bo", "chief_judge")
    operator = await office.account("op-9", "operator")
    assert await command(office, "close", operator, session) == ""
    await seen(operator, "closed")
    court = await done(anna, f"{JUDGING}/court")
    assert (len(court["items"]), len(court["members"])) == (4, 12)
    assert court["items"][0]["type"] == file.plan.items[0].type.value
    assert court["items"][0]["key"]["options"] == sorted(file.plan.items[0].key.options)
    gained = {member.sitting_id for member in file.members[3:6]}
    worth = file.plan.items[0].centipoints

    look = {"session": session, "effect": effect}
    before = await eventually(lambda: done(anna, f"{RULINGS}/preview", look), lambda seen: seen["gaining"] == 3)
    assert {one["sitting"] for one in before["gain"]} == gained
    assert all(one["centipoints_after"] - one["centipoints_before"] == worth for one in before["gain"])
    assert (before["losing"], before["conflict"], before["concerned"]) == (0, False, [])
    assert (await done(anna, JUDGING))["rulings"] == []

    async with asyncio.timeout(PATIENCE_S), bo.stream("GET", f"{JUDGING}/stream") as stream:
        events = stream.aiter_lines()
        assert json.loads((await anext(events)).removeprefix("data: "))["rulings"] == []
        made = await done(anna, RULINGS, {**look, **WHY})
        assert (made["state"], made["version"], made["acts"][0]["name"]) == ("proposed", 1, "某人")
        async for line in events:
            if line.startswith("data: "):
                # The other judge sees it at once.
                assert json.loads(line.removeprefix("data: "))["rulings"] == [made]
                break
        seen_by_other = await done(bo, f"{RULINGS}/{made['ruling']}/preview")
        assert {**seen_by_other, "ruling": 0, "version": 0} == before
        approve = {"act": "approve", "version": 1}
        assert await ask(anna, f"{RULINGS}/{made['ruling']}/acts", approve) == (403, "ruling-self-approval")
        approved = await done(bo, f"{RULINGS}/{made['ruling']}/acts", approve)
        assert (approved["state"], approved["version"]) == ("in_force", 2)
        assert approved["acts"][1]["actor"] == "bo"
        async for line in events:
            if line.startswith("data: "):
                assert json.loads(line.removeprefix("data: "))["rulings"] == [approved]
                break
    own = await eventually(lambda: points(office, session), lambda now: all(now.get(one) == worth for one in gained))
    assert sum(own.values()) == 6 * worth
    nothing = await done(bo, f"{RULINGS}/{made['ruling']}/preview")
    assert (nothing["gaining"], nothing["moving"], nothing["crossing"]) == (0, 0, 0)

    acts = f"{RULINGS}/{made['ruling']}/acts"
    assert await ask(bo, acts, {"act": "approve", "version": 1}) == (409, "ruling-stale")
    assert await ask(bo, acts, {"act": "propose_withdrawal", "version": 2}) == (400, "ruling-reason-missing")
    assert await ask(bo, acts, {"act": "approve", "version": 2}) == (409, "ruling-illegal-act")
    await done(bo, acts, {"act": "propose_withdrawal", "version": 2, "reason": "复核"})
    lost = await done(anna, f"{RULINGS}/{made['ruling']}/preview")
    assert {one["sitting"] for one in lost["lose"]} == gained
    assert await ask(bo, acts, {"act": "approve_withdrawal", "version": 3}) == (403, "ruling-self-approval")
    assert (await done(anna, acts, {"act": "approve_withdrawal", "version": 3}))["state"] == "withdrawn"
    await eventually(lambda: points(office, session), lambda now: sum(now.values()) == 3 * worth)
    again = await done(anna, RULINGS, {**look, **WHY})
    approve = {"act": "approve", "version": 1}
    chen = await office.account("chen", "judge")
    tries = await asyncio.gather(
        *(ask(client, f"{RULINGS}/{again['ruling']}/acts", approve) for client in (bo, chen, bo, chen))
    )
    assert sorted(status for status, _ in tries) == [200, 409, 409, 409]
    assert {told for status, told in tries if status == 409} == {"ruling-stale"}
    third = await done(anna, RULINGS, {**look, **WHY})
    declined = await done(
        bo, f"{RULINGS}/{third['ruling']}/acts", {"act": "decline", "version": 1, "reason": "依据不足"}
    )
    assert (declined["state"], declined["acts"][1]["reason"]) == ("declined", "依据不足")
    told = await refused(office)
    assert [one for one in told if one[0] == "chen" or one[1:] == ("refused-approve", "ruling-stale")]
    assert [one for one in told if one[0] != "chen" and one[1:] != ("refused-approve", "ruling-stale")] == [
        ("anna", "refused-approve", "ruling-self-approval"),
        ("bo", "refused-propose-withdrawal", "ruling-reason-missing"),
        ("bo", "refused-approve", "ruling-illegal-act"),
        ("bo", "refused-approve-withdrawal", "ruling-self-approval"),
    ]


async def test_an_appeal_is_filed_decided_and_seen(office: Office) -> None:
    session, file, effect = await answered(office)
    anna, chief = await office.account("anna", "judge"), await office.account("chief", "chief_judge")
    operator, local = await office.account("op-9", "operator"), await office.account("local", "judge", "110000")
    li = await office.contestant(office.seats[0])
    mine, other = f"/api/sessions/{session}/appeals", f"/api/sessions/{session + 1}/appeals"
    text = "第 1 题两种说法都对。<script>alert(1)</script>"
    appeal = {"item": 1, "text": text}
    assert await ask(li, mine, appeal) == (409, "appeal-not-open")
    assert (await done(li, f"{mine}/own"))["open"] is False
    assert await command(office, "close", operator, session) == ""
    own = await eventually(lambda: done(li, f"{mine}/own"), lambda own: own["open"])
    assert own["until_us"] - own["from_us"] == file.appeal_us
    assert [one["item"] for one in own["items"]] == [1, 2, 3, 4]
    assert await ask(li, mine, {"item": 9, "text": text}) == (400, "appeal-unknown-item")
    assert await ask(li, mine, {"item": 1, "text": " "}) == (400, "appeal-text-missing")
    assert await ask(li, mine, {"item": 1, "text": "长" * 1001}) == (400, "appeal-text-too-long")
    assert await ask(li, other, appeal) == (403, "forbidden")
    filed = await done(li, mine, appeal)
    assert (filed["state"], filed["text"]) == ("filed", text)
    assert await ask(li, mine, appeal) == (409, "appeal-repeated")
    await done(li, mine, {"item": 0, "text": "断网两次"})
    async with httpx2.AsyncClient(base_url=office.house.url, timeout=PATIENCE_S) as nobody:
        assert await ask(nobody, f"{mine}/own") == (401, "not-signed-in")

    seen_by_desk = await eventually(lambda: done(anna, JUDGING), lambda body: len(body["appeals"]) == 2)
    assert seen_by_desk["appeals"][0]["delegation"] == "110000"
    decision = f"/api/staff/appeals/{filed['appeal']}/decision"
    astray = Receipted(1, 900, ["B"], AckStatus.ACCEPTED, 5, 1, 9, bytes(16))
    event = Strays().event(file.members[0].sitting_id, astray, ReceiptFault.UNPROVEN, Micros(filed["filed_at_us"]))
    assert event is not None
    await ValkeyLedger(office.house.parts.store, file.session_id, file.shards).events([event])
    receipts = (await eventually(lambda: done(anna, JUDGING), lambda body: body["receipts"]))["receipts"]
    assert [(one["item"], one["seq"], one["response"], one["fault"], one["state"]) for one in receipts] == [
        (1, 900, ["B"], "unproven", "open")
    ]
    assert [one["seq"] for one in receipts[0]["recorded"]] == [1]
    made = await done(anna, RULINGS, {"session": session, "effect": effect, **WHY})
    upheld = {"ruling": made["ruling"], "reason": "已接受另一种答案"}
    assert await ask(anna, decision, upheld) == (409, "appeal-ruling-not-in-force")
    assert await ask(local, decision, {"reason": "维持"}) == (403, "appeal-conflict-of-interest")
    missing = await done(operator, f"{JUDGING}/blockers")
    assert [(one["code"], one["count"]) for one in missing["blockers"]] == [
        ("receipt-unreconciled", 1),
        ("appeal-window-open", 1),
        ("appeal-undecided", 2),
        ("ruling-half-approved", 1),
    ]
    assert missing["blockers"][2]["message"] == "尚有申诉未处理。"
    assert await command(office, "review", operator, session) == ""
    assert await command(office, "finalize", chief, session) == "receipt-unreconciled"
    aside = f"/api/staff/receipts/{receipts[0]['receipt']}/decision"
    assert await ask(local, aside, {"reason": "签名不符"}) == (403, "receipt-conflict-of-interest")
    assert await ask(anna, aside, {"reason": " "}) == (400, "receipt-reason-missing")
    laid = await done(anna, aside, {"reason": "签名不符，作答记录完整"})
    assert (laid["state"], laid["decision"]["actor"]) == ("laid_aside", "anna")
    assert await ask(chief, aside, {"reason": "再议"}) == (409, "receipt-decided")
    assert await ask(anna, "/api/staff/receipts/404/decision", {"reason": "因"}) == (404, "not-found")
    assert await command(office, "finalize", chief, session) == "appeal-window-open"
    await done(chief, f"{RULINGS}/{made['ruling']}/acts", {"act": "approve", "version": 1})
    assert await ask(anna, decision, {**upheld, "reason": " "}) == (400, "appeal-reason-missing")
    decided = await done(anna, decision, upheld)
    assert (decided["state"], decided["decision"]["ruling"]) == ("upheld", made["ruling"])
    assert await ask(chief, decision, {"reason": "维持"}) == (409, "appeal-decided")
    second = await done(chief, f"/api/staff/appeals/{filed['appeal'] + 1}/decision", {"reason": "记录显示在线"})
    assert second["state"] == "refused"
    for number in ("404", "x"):
        assert await ask(anna, f"/api/staff/appeals/{number}/decision", upheld) == (404, "not-found")
    theirs = await done(li, f"{mine}/own")
    assert [(one["state"], one["reason"]) for one in theirs["appeals"]] == [
        ("upheld", "已接受另一种答案"),
        ("refused", "记录显示在线"),
    ]
    assert "anna" not in json.dumps(theirs)
    assert {(who, code) for who, _, code in await refused(office)} >= {
        ("anna", "appeal-ruling-not-in-force"),
        ("local", "appeal-conflict-of-interest"),
        ("chief", "appeal-decided"),
    }


async def test_who_may_not_is_refused_and_in_the_audit(without_appeals: Office) -> None:
    office = without_appeals
    operator = await office.account("op-9", "operator")
    anna, local = await office.account("anna", "judge"), await office.account("local", "judge", "110000")
    auditor = await office.account("auditor", "auditor")
    nobody = httpx2.AsyncClient(
        base_url=office.house.office_url, headers={"Origin": office.house.office_url}, timeout=PATIENCE_S
    )
    session = (await seen(operator, "lobby"))["session"]
    void = {"session": session, "effect": {"kind": "void_item", "item_no": 1}, **WHY}
    assert await ask(anna, JUDGING) == (403, "not-yet")
    assert await ask(anna, RULINGS, void) == (409, "ruling-phase")
    session, file, effect = await answered(office)
    for client, code in (
        (operator, (403, "forbidden")),
        (auditor, (403, "forbidden")),
        (nobody, (401, "not-signed-in")),
    ):
        assert await ask(client, RULINGS, void) == code
        assert await ask(client, f"{RULINGS}/preview", {"session": session, "effect": effect}) == code
        assert await ask(client, f"{RULINGS}/1/acts", {"act": "approve", "version": 1}) == code
        assert await ask(client, "/api/staff/appeals/1/decision", {"reason": "因"}) == code
    # The credential of a contestant or of an overlay opens nothing here, and its use is set down.
    for path in ("", "/court", "/stream"):
        answer = await nobody.get(f"{JUDGING}{path}", headers={"Cookie": "leitai_sid=whatever"})
        assert answer.status_code == 401
    assert await ask(nobody, f"{JUDGING}?token=abc") == (403, "token-out-of-place")
    assert (await auditor.get(JUDGING)).status_code == 200
    home = next(member.sitting_id for member in file.members if member.delegation == "110000")
    strike = {"kind": "strike_off", "sitting_id": home}
    seen_by_local = await done(local, f"{RULINGS}/preview", {"session": session, "effect": strike})
    assert (seen_by_local["conflict"], seen_by_local["concerned"]) == (True, ["110000"])
    assert await ask(local, RULINGS, {"session": session, "effect": strike, **WHY}) == (
        403,
        "ruling-conflict-of-interest",
    )
    made = await done(anna, RULINGS, {"session": session, "effect": strike, **WHY})
    assert made["concerned"] == ["110000"]
    assert await ask(local, f"{RULINGS}/{made['ruling']}/acts", {"act": "approve", "version": 1}) == (
        403,
        "ruling-conflict-of-interest",
    )
    for bad, code in (
        ({"kind": "void_item", "item_no": 99}, "ruling-unknown-item"),
        ({"kind": "strike_off", "sitting_id": 0}, "ruling-unknown-person"),
        ({"kind": "adjust_judgement", "sitting_id": home, "item_no": 1, "centipoints": 10**6}, "ruling-bad-points"),
        ({"kind": "change_key", "item_no": 1, "key": {"options": ["Z"]}}, "ruling-bad-key"),
        ({"kind": "compensate", "scope": {"kind": "all"}, "us": 0, "item_no": 1}, "ruling-bad-time"),
        ({"kind": "order_equals", "persons": [home]}, "ruling-bad-order"),
        ({"kind": "explode"}, "bad-request"),
        ({"kind": "void_item"}, "bad-request"),
        ({"kind": "accept_alternative", "item_no": 1, "response": ["a\0b"]}, "bad-request"),
    ):
        assert await ask(anna, f"{RULINGS}/preview", {"session": session, "effect": bad}) == (400, code)
        assert await ask(anna, RULINGS, {"session": session, "effect": bad, **WHY}) == (400, code)
    for lacking, code in (("reason", "ruling-reason-missing"), ("evidence", "ruling-evidence-missing")):
        request = {"session": session, "effect": effect, **WHY, lacking: " "}
        assert await ask(anna, RULINGS, request) == (400, code)
    assert await ask(anna, RULINGS, {**void, "session": session + 1}) == (404, "not-found")
    for path in (f"{RULINGS}/404/preview", f"{RULINGS}/x/preview"):
        assert await ask(anna, path) == (404, "not-found")
    assert await ask(anna, f"{RULINGS}/404/acts", {"act": "approve", "version": 1}) == (404, "not-found")
    foreign = await anna.post(RULINGS, json=void, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    await nobody.aclose()

    chief = await office.account("chief", "chief_judge")
    assert await command(office, "close", operator, session) == ""
    assert await command(office, "review", operator, session) == ""
    await seen(operator, "under_review")
    assert await command(office, "finalize", chief, session) == "ruling-half-approved"
    await done(chief, f"{RULINGS}/{made['ruling']}/acts", {"act": "approve", "version": 1})
    assert (await done(anna, f"{JUDGING}/blockers"))["blockers"] == []
    assert await command(office, "finalize", chief, session) == ""
    await seen(operator, "finalized")
    assert await ask(anna, RULINGS, {"session": session, "effect": effect, **WHY}) == (409, "session-finalized")
    withdrawal = {"act": "propose_withdrawal", "version": 2, "reason": "复核"}
    assert await ask(anna, f"{RULINGS}/{made['ruling']}/acts", withdrawal) == (409, "session-finalized")
    assert await ask(anna, "/api/staff/appeals/1/decision", {"reason": "因"}) == (409, "session-finalized")
    (ruling,) = (await done(anna, JUDGING))["rulings"]
    assert ruling["state"] == "in_force"
    # What was ruled is in the final standings, which a recomputation equals.
    recomputed = await recompute(office.house.parts.office, SessionId(session))
    await eventually(lambda: points(office, session), lambda now: home not in now)
    await eventually(
        lambda: ValkeySession(office.house.parts.reading, SessionId(session), 1).standings(),
        lambda told: told == recomputed,
    )
    audit = await refused(office)
    assert audit[0] == ("anna", "refused-propose", "ruling-phase")
    assert audit.count(("op-9", "refused-propose", "forbidden")) == 1
    assert audit.count(("contestant", "refused-see-judging", "not-signed-in")) == 3
    assert ("local", "refused-approve", "ruling-conflict-of-interest") in audit
    assert await office.house.parts.office.audit_break() is None

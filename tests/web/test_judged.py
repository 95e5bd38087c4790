"""Judges look back over HTTP: earlier sessions from the record, with the rights of each session's phase."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from leitai.live.clock import ContestClock
from leitai.live.ports import SessionFile
from leitai.live.sight import Sight
from leitai.rules.values import AnswerStatus, Phase
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support.finished import finished_contest
from tests.support.office import Stores, small_session
from tests.support.staff_doors import Office, staff_doors
from tests.support.waiting import eventually
from tests.web.test_rights import Watched

SESSIONS, DESK, JUDGING = "/api/staff/judging/sessions", "/api/staff/desk", "/api/staff/judging"
RULINGS, MARKING = "/api/staff/rulings", "/api/staff/marking"
WHY = {"reason": "教材两种说法", "evidence": "教材第 3 页"}


@dataclass
class Past:
    """An office, a session that is over and waits for its judges, and one in force that is in its lobby."""

    office: Office
    over: SessionFile
    now: SessionFile


@pytest.fixture
async def past(database: str, valkey_url: str) -> AsyncIterator[Past]:
    store = open_store(valkey_url)
    files: list[SessionFile] = []

    async def watch(stores: Stores) -> Watched:
        files.append(await finished_contest(stores, phase=Phase.UNDER_REVIEW))
        file = await stores.archive.load_session((await small_session(stores)).session_id)
        files.append(file)
        streams = ValkeySession(store, file.session_id, file.shards)
        clock = ContestClock(ValkeyLedger(store, file.session_id, file.shards))
        await clock.synchronise()
        watched = Watched(Sight(file, streams, clock), streams)
        watched.stand(Phase.LOBBY)
        return watched

    async with staff_doors(database, valkey_url, watch=watch) as office:
        yield Past(office, *files)
    await store.aclose()


async def ask(client: httpx2.AsyncClient, path: str, body: Any = None) -> tuple[int, Any]:
    """The status of an answer, and its body or the code of the refusal."""
    answer = await (client.get(path) if body is None else client.post(path, json=body))
    told = answer.json() if answer.content else {}
    return answer.status_code, told["error"]["code"] if "error" in told else told


async def done(client: httpx2.AsyncClient, path: str, body: Any = None) -> Any:
    status, told = await ask(client, path, body)
    assert status in (200, 204), told
    return told


async def test_an_earlier_session_is_looked_at_from_the_record(past: Past) -> None:
    judge, auditor = await past.office.account("chen", "judge"), await past.office.account("lin", "auditor")
    listed = (await done(judge, SESSIONS))["sessions"]
    assert [(one["session"], one["phase"], one["in_force"]) for one in listed] == [
        (past.now.session_id, "lobby", True),
        (past.over.session_id, "under_review", False),
    ]
    assert (listed[1]["contest"], listed[1]["title"]) == (past.over.contest_title, past.over.title)
    # The one in force has no answers yet, and nobody is told of any.
    assert await ask(judge, f"{DESK}/items") == (403, "not-yet")

    of = f"session={past.over.session_id}"
    answers = await past.office.stores.archive.answers(past.over.session_id)
    items = await done(judge, f"{DESK}/items?{of}")
    assert (items["session"], items["phase"]) == (past.over.session_id, "under_review")
    assert {one["state"] for one in items["items"]} == {"closed"}
    accepted = [one for one in answers if one.status is AnswerStatus.ACCEPTED]
    assert sum(one["answered"] for one in items["items"]) == len({(one.sitting_id, one.item_no) for one in accepted})
    tail = await done(auditor, f"{DESK}/tail?{of}")
    assert (tail["newest"], len(tail["answers"])) == (len(answers), min(200, len(answers)))
    stamps = [one["stamp_us"] for one in tail["answers"]]
    assert stamps == sorted(stamps, reverse=True)
    second = await done(judge, f"{DESK}/items/2?{of}")
    assert second["text"]["stem"]
    assert sum(one["count"] for one in second["groups"]) == second["item"]["answered"]
    assert (await done(judge, f"{DESK}/anomalies?{of}"))["session"] == past.over.session_id

    judging = await done(judge, f"{JUDGING}?{of}")
    assert (len(judging["rulings"]), len(judging["appeals"])) == (5, 1)
    assert judging["appeals_until_us"] > 0
    assert len((await done(judge, f"{JUDGING}/court?{of}"))["members"]) == len(past.over.members)
    assert (await done(judge, f"{JUDGING}/blockers?{of}"))["session"] == past.over.session_id
    assert (await done(judge, f"{MARKING}/queue?{of}"))["session"] == past.over.session_id


async def test_who_may_and_what_there_is(past: Past) -> None:
    operator, judge = await past.office.account("op", "operator"), await past.office.account("chen", "judge")
    of = f"session={past.over.session_id}"
    for path in (SESSIONS, f"{DESK}/items?{of}", f"{JUDGING}?{of}", f"{MARKING}/queue?{of}"):
        assert await ask(operator, path) == (403, "forbidden")
    nowhere = past.now.session_id + 1000
    for place in ("items", "items/1", "tail", "anomalies", "stream"):
        assert await ask(judge, f"{DESK}/{place}?session={nowhere}") == (404, "not-found")
        assert await ask(judge, f"{DESK}/{place}?session=x") == (400, "bad-request")
    for path in (JUDGING, f"{JUDGING}/court", f"{JUDGING}/stream", f"{MARKING}/queue", f"{MARKING}/progress"):
        assert await ask(judge, f"{path}?session={nowhere}") == (404, "not-found")


async def test_an_earlier_session_is_judged_until_it_is_final(past: Past) -> None:
    office, over = past.office, past.over
    anna, bo = await office.account("chen", "judge"), await office.account("du", "chief_judge")
    first = over.members[0]
    local = await office.account("local", "judge", delegation=first.delegation)
    of = f"session={over.session_id}"
    effect = {"kind": "adjust_judgement", "sitting_id": first.sitting_id, "item_no": 3, "centipoints": 70}
    asked = {"session": over.session_id, "effect": effect}
    assert (await done(anna, f"{RULINGS}/preview?{of}", asked))["session"] == over.session_id
    # Said of one session and asked of another, or of none: nothing of it is there.
    assert await ask(anna, f"{RULINGS}?session={past.now.session_id}", {**asked, **WHY}) == (409, "ruling-phase")
    assert await ask(local, f"{RULINGS}?{of}", {**asked, **WHY}) == (403, "ruling-conflict-of-interest")
    made = await done(anna, f"{RULINGS}?{of}", {**asked, **WHY})
    acts, approve = f"{RULINGS}/{made['ruling']}/acts", {"act": "approve", "version": 1}
    assert (await ask(bo, acts, approve))[0] in (404, 409)
    assert await ask(anna, f"{acts}?{of}", approve) == (403, "ruling-self-approval")
    assert await ask(local, f"{acts}?{of}", approve) == (403, "ruling-conflict-of-interest")
    assert (await done(bo, f"{acts}?{of}", approve))["state"] == "in_force"
    other = await done(bo, f"{RULINGS}?{of}", {**asked, **WHY})

    await office.stores.archive.save_phase(over.session_id, Phase.FINALIZED, over.start_us)
    listed = await eventually(lambda: done(anna, f"{JUDGING}?{of}"), lambda body: body["phase"] == "finalized")
    assert len(listed["rulings"]) == 7
    final = (409, "session-finalized")
    before = await refused(office)
    assert await ask(anna, f"{RULINGS}?{of}", {**asked, **WHY}) == final
    assert await ask(anna, f"{RULINGS}/preview?{of}", asked) == final
    assert await ask(anna, f"{RULINGS}/{other['ruling']}/acts?{of}", approve) == final
    decide = {"reason": "维持原判。"}
    assert await ask(anna, f"/api/staff/appeals/{listed['appeals'][0]['appeal']}/decision?{of}", decide) == final
    assert await ask(anna, f"{MARKING}/queue?{of}") == final
    mark = {"session": over.session_id, "id": "x", "centipoints": [1]}
    assert await ask(anna, f"{MARKING}/marks?{of}", mark) == final
    told = (await refused(office))[len(before) :]
    assert told == [("chen", action, "session-finalized") for action in REFUSED]
    # What there is stays to be looked at.
    for path in (f"{DESK}/items", f"{DESK}/tail", f"{JUDGING}/court", f"{MARKING}/progress"):
        assert (await done(anna, f"{path}?{of}"))["session"] == over.session_id


REFUSED = ("refused-propose", "refused-preview", "refused-act", "refused-decide-appeal", "refused-mark")


async def refused(office: Office) -> list[tuple[str, str, str]]:
    async with office.stores.database.connection() as connection:
        rows = await connection.fetch(
            "select actor, action, detail::text as detail from audit where action like 'refused-%' order by no"
        )
    return [(row["actor"], row["action"], json.loads(row["detail"])["code"]) for row in rows]

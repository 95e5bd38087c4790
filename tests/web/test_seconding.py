"""Where two persons are asked for, what is grave happens once another has confirmed it, and not otherwise."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support.staffed import ITEMS, Office, see, seen, staffed_office
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("console")


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with staffed_office(two_persons=True) as office:
        yield office


async def _post(client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> tuple[int, str]:
    answer = await client.post(f"/api/staff/console/{path}", json=body)
    return answer.status_code, answer.json()["error"]["code"] if answer.content else ""


async def test_what_is_grave_is_asked_for_by_one_and_confirmed_by_another(office: Office) -> None:
    one, other = await office.account("op-1", "operator"), await office.account("op-2", "operator")
    chief, judge = await office.account("chief", "chief_judge"), await office.account("judge-1", "judge")
    body = await seen(one, "lobby")
    assert body["two_persons"] is True

    def command(kind: str, **more: Any) -> dict[str, Any]:
        return {"session": body["session"], "command": kind, "expects": body["edition"], **more}

    # Nobody skips an item alone; nobody needs a second for a pause.
    assert await _post(one, "conduct", command("skip", item=ITEMS)) == (409, "second-person-needed")
    assert await _post(one, "requests", command("pause")) == (409, "second-not-needed")
    assert await _post(judge, "requests", command("skip", item=ITEMS)) == (403, "forbidden")
    assert await _post(one, "requests", command("skip", item=ITEMS)) == (204, "")
    asked = (await eventually(lambda: see(other), lambda now: bool(now["requests"])))["requests"][0]
    assert (asked["command"], asked["item"], asked["by"], asked["name"]) == ("skip", ITEMS, "op-1", "某人")
    this = f"requests/{asked['request']}"
    assert await _post(one, this, {"decision": "confirm"}) == (409, "request-self-confirmation")
    assert await _post(judge, this, {"decision": "confirm"}) == (403, "forbidden")
    assert (await see(one))["items"][-1]["state"] == "waiting"
    assert await _post(chief, this, {"decision": "confirm"}) == (204, "")
    body = await eventually(lambda: see(one), lambda now: now["items"][-1]["state"] == "skipped")
    assert body["requests"] == []
    assert await _post(other, this, {"decision": "confirm"}) == (409, "request-decided")
    assert await _post(other, "requests/9999", {"decision": "confirm"}) == (404, "not-found")

    # A request is to the session as it was seen: once somebody acts, it stands no more.
    assert await _post(one, "requests", command("skip", item=2)) == (204, "")
    stale = (await eventually(lambda: see(other), lambda now: bool(now["requests"])))["requests"][0]
    assert await _post(other, "conduct", command("extend", item=1, seconds=10)) == (204, "")
    body = await eventually(lambda: see(one), lambda now: now["requests"] == [])
    assert await _post(other, f"requests/{stale['request']}", {"decision": "confirm"}) == (409, "stale-edition")

    # Whoever asked may take it back.
    assert await _post(one, "requests", command("extend", seconds=60)) == (204, "")
    mine = (await eventually(lambda: see(one), lambda now: bool(now["requests"])))["requests"][0]
    assert await _post(one, f"requests/{mine['request']}", {"decision": "decline"}) == (204, "")
    assert (await see(other))["requests"] == []

    audit = await _audit(office)
    assert audit == [
        ("op-1", "skip-refused", None),
        ("op-1", "request-skip", None),
        ("op-1", "confirm-skip-refused", "op-1"),
        ("chief", "confirm-skip", "op-1"),
        ("chief", "skip", "op-1"),
        ("op-2", "confirm-skip-refused", "op-1"),
        ("op-1", "request-skip", None),
        ("op-2", "extend", None),
        ("op-2", "confirm-skip", "op-1"),
        ("op-2", "skip-refused", "op-1"),
        ("op-1", "request-extend", None),
        ("op-1", "decline-extend", "op-1"),
    ]
    events = await eventually(lambda: _commands(office), lambda found: len(found) == 2)
    assert events == [f"skip item {ITEMS} by op-1, chief", "extend item 1 10 s by op-2"]

    # Whoever works on the machine itself needs nobody else, and is audited.
    await _on_the_machine(office, "start", body["session"])
    await seen(one, "running")
    await _on_the_machine(office, "close", body["session"])
    await seen(one, "closed")
    assert [(action, of) for _, action, of in (await _audit(office))[-2:]] == [("start", None), ("close", None)]


async def _on_the_machine(office: Office, action: str, session: int) -> None:
    settings = office.house.parts.settings
    environment = {f"LEITAI_{name.upper()}": str(getattr(settings, name)) for name in ("valkey_url", "database_url")}
    environment |= {"LEITAI_SECRET_KEY": settings.secret_key, "LOGNAME": "root"}
    command = (sys.executable, "-m", "leitai", "conduct", action, "--session", str(session))
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment})
    assert await process.wait() == 0


async def _audit(office: Office) -> list[tuple[str, str, str | None]]:
    async with office.house.parts.database.connection() as connection:
        rows = await connection.fetch(
            "select actor, action, detail ->> 'requested_by' as of from audit"
            " where subject like 'session %' and actor <> 'tests' order by id"
        )
    return [(row["actor"], row["action"], row["of"]) for row in rows]


async def _commands(office: Office) -> list[str]:
    async with office.house.parts.database.connection() as connection:
        rows = await connection.fetch("select detail from session_event where kind = 'command' order by id")
    return [row["detail"] for row in rows]

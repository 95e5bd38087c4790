"""What goes on air, on real stores with a real director: tokens, takes, the stream, and nothing before its time."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator

from leitai.live.ports import Submission
from leitai.office.standings import ITEM_CLOSED
from leitai.rules.values import JUDGED, ActorId, ItemNo, QuestionType, SessionId, SittingId
from leitai.stores.valkey.accept import ValkeyLedger
from tests.support.awarded import publish_list
from tests.support.staffed import ITEMS, Office, seen, staffed_office
from tests.support.waiting import PATIENCE_S, eventually, time_given

pytestmark = pytest.mark.xdist_group("console")

SCHEMA = Path(__file__).parents[2] / "schema/feed/feed.schema.json"
LINE = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
STAFF_PLACES = ("broadcast", "me", "people", "console", "desk/items", "desk/stream")


class Heard:
    """All that a stream told, and its newest body."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.text = ""
        self.bodies: list[dict[str, Any]] = []

    async def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async for line in self._lines:
            self.text += line
            if line.startswith("data: {"):
                self.bodies.append(json.loads(line.removeprefix("data: ")))
                if fits(self.bodies[-1]):
                    return self.bodies[-1]
        raise AssertionError(self.text[-500:])

    async def to_the_end(self) -> list[str]:
        return [line async for line in self._lines]


@asynccontextmanager
async def listening(client: httpx2.AsyncClient, address: str) -> AsyncGenerator[Heard]:
    async with asyncio.timeout(2 * PATIENCE_S), client.stream("GET", address) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        yield Heard(stream.aiter_lines())


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def audit(office: Office) -> list[tuple[str, str, str]]:
    async with office.house.parts.database.connection() as connection:
        rows = await connection.fetch("select actor, action, subject from audit order by id")
    return [(row["actor"], row["action"], row["subject"]) for row in rows]


async def issue(director: httpx2.AsyncClient, name: str) -> tuple[int, str]:
    answer = await director.post("/api/staff/broadcast/tokens", json={"name": name})
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]["token"], answer.json()["secret"]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """The office is killed: it is a process of its own."""
    async with staffed_office(together=False) as office:
        yield office


async def test_a_day_on_air(office: Office) -> None:
    """One house for both: it takes seconds to start."""
    operator = await office.account("op-1", "operator")
    session = (await seen(operator, "lobby"))["session"]
    directors = [await office.account(f"air-{number}", "broadcast_director") for number in (1, 2)]
    await _tokens_open_what_is_public_and_nothing_else(office, directors[0], operator)
    await _what_is_on_air_follows_the_directors_and_the_session(office, directors, operator, session)


async def _tokens_open_what_is_public_and_nothing_else(
    office: Office, director: httpx2.AsyncClient, operator: httpx2.AsyncClient
) -> None:
    judge = await office.account("judge-1", "judge")
    number, secret = await issue(director, "字幕机")
    nobody = httpx2.AsyncClient(base_url=office.house.office_url, timeout=PATIENCE_S)
    air = await nobody.get(f"/api/air?token={secret}")
    assert air.status_code == 200
    assert air.headers["access-control-allow-origin"] == "*"
    assert air.json()["phase"] == "lobby"
    assert air.json()["item"] is None
    assert (await nobody.get("/api/air", headers={"Authorization": f"Bearer {secret}"})).status_code == 200
    # The control page's frames come without a token.
    assert (await director.get("/api/air")).status_code == 200
    assert code(await nobody.get("/api/air")) == (401, "not-signed-in")
    assert code(await judge.get("/api/air")) == (403, "forbidden")
    for wrong in ("", "x", secret + "x", secret.removeprefix("leitai-air-")):
        for place in ("/api/air", "/api/air/stream"):
            assert code(await nobody.get(f"{place}?token={wrong}")) == (401, "token-refused")
    for client in (nobody, director, judge):
        for place in STAFF_PLACES:
            answer = await client.get(f"/api/staff/{place}?token={secret}")
            assert code(answer) == (403, "token-out-of-place"), place
            assert "access-control-allow-origin" not in answer.headers
    for client in (judge, operator):
        assert code(await client.get("/api/staff/broadcast")) == (403, "forbidden")
        for place, body in (
            ("take", {"channel": "main", "expects": 0}),
            ("tokens", {"name": "字幕机"}),
            (f"tokens/{number}/revoke", {}),
            ("ticker", {"session": 1, "text": "欢迎"}),
            ("ticker/remove", {"session": 1, "line": 1}),
        ):
            assert code(await client.post(f"/api/staff/broadcast/{place}", json=body)) == (403, "forbidden")
    shown = (await director.get("/api/staff/broadcast")).json()
    assert secret not in json.dumps(shown)
    (token,) = shown["tokens"]
    assert (token["name"], token["created_by"], token["revoked"]) == ("字幕机", "air-1", False)
    assert token["last_used_us"] > token["created_us"]
    async with listening(nobody, f"/api/air/stream?token={secret}") as stream:
        await stream.until(lambda body: body["phase"] == "lobby")
        revoked = await director.post(f"/api/staff/broadcast/tokens/{number}/revoke", json={})
        assert revoked.status_code == 204
        async with time_given(lambda: director.get("/api/staff/me")) as spent:
            assert (await stream.to_the_end())[-3:] == ["event: refused", "data: token-revoked", ""]
            assert spent() < 2
    for place in ("/api/air", "/api/air/stream"):
        assert code(await nobody.get(f"{place}?token={secret}")) == (401, "token-revoked")
    again = await director.post(f"/api/staff/broadcast/tokens/{number}/revoke", json={})
    assert code(again) == (404, "not-found")
    await nobody.aclose()
    lines = await audit(office)
    subject = f"air-token {number}"
    for line in (
        ("air-1", "air-token", subject),
        ("token 字幕机", "token-out-of-place", subject),
        ("air-1", "air-token-revoke", subject),
        ("token 字幕机", "token-revoked", subject),
        ("token", "token-refused", "air-token unknown"),
    ):
        # Browser sources come back every few seconds: once is enough.
        assert lines.count(line) == 1, line
    async with office.house.parts.database.connection() as connection:
        everything = await connection.fetch("select row_to_json(a)::text as line from audit a")
        kept = await connection.fetch("select row_to_json(t)::text as line from air_token t")
    assert all(secret not in row["line"] for row in (*everything, *kept))


class Fed:
    """A client of the event feed: it takes what is new, by the token of the last line, and checks every line."""

    def __init__(self, client: httpx2.AsyncClient, address: str, secret: str) -> None:
        self.client, self.address, self.secret = client, address, secret
        self.lines: list[str] = []
        self.latest: dict[tuple[str, str | None], Any] = {}

    @property
    def types(self) -> set[str]:
        return {kind for kind, _ in self.latest}

    async def get(self, place: str = "", **query: str) -> httpx2.Response:
        return await self.client.get(f"{self.address}{place}", params={"token": self.secret, **query})

    async def more(self) -> list[str]:
        since = {"since_token": json.loads(self.lines[-1])["token"]} if self.lines else {}
        answer = await self.get("/event-feed", stream="false", **since)
        if answer.status_code != 404:
            assert answer.status_code == 200, answer.text
            for line in answer.text.splitlines():
                self.lines.append(line)
                told = json.loads(line)
                LINE.validate(told)
                self.latest[told["type"], told["id"]] = told["data"]
        return self.lines


async def _the_feed_goes_on_as_if_nothing_had_happened(
    office: Office, feed: Fed, review: Callable[[], Awaitable[None]]
) -> None:
    """After a restart of its process: nothing is lost, nothing told twice, and it still grows."""
    before = list(feed.lines)
    await eventually(lambda: feed.get(), lambda answer: answer.status_code == 200)
    again = (await feed.get("/event-feed", stream="false")).text.splitlines()
    assert again[: len(before)] == before
    headers = {"Accept": "text/event-stream", "Last-Event-ID": json.loads(before[-1])["token"]}
    events: list[str] = []
    async with (
        asyncio.timeout(2 * PATIENCE_S),
        feed.client.stream("GET", f"{feed.address}/event-feed?token={feed.secret}", headers=headers) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        await review()
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                events.append(line.removeprefix("data: "))
                if json.loads(events[-1])["id"] == "team_first":
                    break
    await feed.more()
    everything = (await feed.get("/event-feed", stream="false")).text.splitlines()
    assert feed.lines == everything
    assert events == everything[len(before) : len(before) + len(events)]
    tokens = [int(json.loads(line)["token"]) for line in everything]
    assert tokens == list(range(1, len(tokens) + 1))
    for kind in ("groups", "teams", "persons", "problems", "awards"):
        objects = (await feed.get(f"/{kind}")).json()
        assert objects == [data for (one, _), data in feed.latest.items() if one == kind]
        assert (await feed.get(f"/{kind}/{objects[0]['id']}")).json() == objects[0]
    for kind in ("state", "scoreboard"):
        assert (await feed.get(f"/{kind}")).json() == feed.latest[kind, None]
    assert (await feed.get()).json() == feed.latest["contest", None]
    ids = {one["id"] for one in (await feed.get("/persons")).json()}
    assert {row["person_id"] for row in feed.latest["scoreboard", None]["individuals"]} <= ids
    for bad in ("x", "-1", str(len(tokens) + 1)):
        assert code(await feed.get("/event-feed", since_token=bad)) == (400, "bad-request")
    for nothing in ("/judgements", "/teams/999999", "/contest"):
        assert code(await feed.get(nothing)) == (404, "not-found")
    assert code(await feed.client.get(f"{feed.address}/event-feed?token=x")) == (401, "token-refused")
    text = "".join(everything)
    session = SessionId(int(feed.address.rpartition("/")[2]))
    file = await office.house.parts.archive.load_session(session)
    secrets = [content.stem for content in file.contents[1:]] + [one for one in file.explanations if one]
    secrets += [one.admission_no for one in await office.house.parts.office.sittings(session)]
    assert [one for one in secrets if one in text] == []


async def _changes_make_the_same(changes: Heard, air: Callable[[], Awaitable[httpx2.Response]]) -> None:
    """A stream of what differs comes to the same body, and tells no member that is as it was."""
    held: dict[str, Any] = {}
    while not held or {**(await air()).json(), "server_us": 0} != {**held, "server_us": 0}:
        told = await changes.until(lambda _: True)
        # A channel that comes into use is another body: whole.
        moved = {name for name in told if told[name] != held.get(name, ...)}
        assert told.keys() in (moved | {"server_us"}, held.keys())
        held |= told
    assert all("server_us" in told for told in changes.bodies)
    assert any(len(told) < len(held) / 2 for told in changes.bodies)


async def _what_is_on_air_follows_the_directors_and_the_session(
    office: Office, directors: list[httpx2.AsyncClient], operator: httpx2.AsyncClient, session: int
) -> None:
    one, other = directors
    file = await office.house.parts.archive.load_session(SessionId(session))
    _, secret = await issue(one, "OBS")

    async def take(client: httpx2.AsyncClient, expects: int, **what: Any) -> httpx2.Response:
        body = {"channel": "main", "expects": expects, **what}
        return await client.post("/api/staff/broadcast/take", json=body)

    strip, board = {"name": "strip", "params": {"count": 5}}, {"name": "province", "params": {"delegation": "650000"}}
    nobody = httpx2.AsyncClient(base_url=office.house.office_url, timeout=PATIENCE_S)
    async with (
        listening(nobody, f"/api/air/stream?token={secret}") as stream,
        listening(one, "/api/air/stream?show=preview") as previewed,
        listening(nobody, f"/api/air/stream?token={secret}&changes=1") as changes,
    ):
        first = await stream.until(lambda body: True)
        assert first["program"] == {"edition": 0, "on": None, "preview": None}
        assert (first["total"], len(first["delegations"])) == (12, 32)
        both = await asyncio.gather(take(one, 0, preview=strip), take(other, 0, preview=board))
        assert sorted(answer.status_code for answer in both) == [200, 409]
        loser = next(answer for answer in both if answer.status_code == 409)
        assert code(loser) == (409, "stale-version")
        assert (await take(one, 1, on=strip, preview=board)).json() == {
            "channel": "main", "edition": 2, "on": strip, "preview": board
        }  # fmt: skip
        program = (await stream.until(lambda body: body["program"]["edition"] == 2))["program"]
        assert program == {"edition": 2, "on": strip, "preview": board}
        body = await previewed.until(lambda body: body["program"]["edition"] == 2)
        assert body["province"]["delegation"] == "650000"
        for bad in (
            {"name": "weather"},
            {"name": "top10", "params": {"count": 3}},
            {"name": "province"},
            {"name": "province", "params": {"delegation": "990000"}},
            {"name": "versus", "params": {"left": "110000", "right": "110000"}},
            {"name": "strip", "params": {"count": 0}},
        ):
            assert code(await take(one, 2, on=bad)) == (400, "bad-request")
        edition, before = 2, len(stream.bodies) - 1
        for _ in range(12):
            edition = (await take(one, edition, on=strip)).json()["edition"]
        await stream.until(lambda body: body["program"]["edition"] == edition)
        # Four times a second by the clock of whoever tells, which may write a time down late now and then.
        told_us = [body["server_us"] for body in stream.bodies[before:]]
        assert len(told_us) <= 4 * (told_us[-1] - told_us[0]) / 1e6 + 4, told_us
        line = await one.post("/api/staff/broadcast/ticker", json={"session": session, "text": "<b>欢迎</b>"})
        assert line.status_code == 200
        wrong = await one.post("/api/staff/broadcast/ticker", json={"session": session + 1, "text": "欢迎"})
        assert code(wrong) == (404, "not-found")
        body = await stream.until(lambda body: len(body["ticker"]) == 1)
        assert body["ticker"][0]["text"] == "<b>欢迎</b>"
        removed = {"session": session, "line": int(line.json()["id"].removeprefix("d"))}
        assert (await one.post("/api/staff/broadcast/ticker/remove", json=removed)).status_code == 204
        await stream.until(lambda body: body["ticker"] == [])

        feed = Fed(nobody, f"/api/feed/contests/{session}", secret)
        await eventually(feed.more, lambda lines: "scoreboard" in feed.types)
        assert feed.types >= {"contest", "groups", "teams", "persons", "state", "scoreboard"}
        assert feed.types.isdisjoint({"problems", "awards"})

        async def command(kind: str, **more: Any) -> None:
            request = {"session": session, "command": kind, **more}
            assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204

        await command("announce", text="请保持安静")
        body = await stream.until(lambda body: bool(body["ticker"]))
        assert (body["ticker"][0]["id"][0], body["ticker"][0]["text"]) == ("a", "请保持安静")
        await command("start")
        item = (await stream.until(lambda body: body["item"] is not None))["item"]
        assert (item["item"], item["of"], item["stem"]) == (1, ITEMS, file.contents[0].stem)
        assert (item["state"], item["key"], item["distribution"]) == ("open", None, None)
        paper = file.plan.items[0]
        assert paper.type not in JUDGED | {QuestionType.FILL_IN}
        sittings = [member.sitting_id for member in file.members]
        ledger = ValkeyLedger(office.house.parts.store, file.session_id, file.shards)
        for sitting in sittings[:3]:
            submission = Submission(SittingId(sitting), ItemNo(1), 1, tuple(sorted(paper.key.options)), 0, 1_500_000)
            await ledger.accept(sitting % file.shards, [submission])
        await stream.until(lambda body: body["item"]["answered"] == 3)
        assert all(body["item"] is None or body["item"]["key"] is None for body in stream.bodies)
        await command("close")
        closed = await stream.until(
            lambda body: body["item"]["state"] == "closed" and sum(one["centipoints"] for one in body["teams"]) > 0
        )
        assert closed["item"]["key"] == sorted(paper.key.options)
        assert {one["id"]: one["count"] for one in closed["item"]["distribution"]} == {
            option: 3 if option in paper.key.options else 0 for option in paper.option_ids
        }
        assert sum(row["centipoints"] for row in closed["individuals"]) == 3 * paper.centipoints
        winner = next(row for row in closed["teams"] if row["rank"] == 1)
        assert winner["best"] in {row["name"] for row in closed["individuals"]}
        await _changes_make_the_same(changes, lambda: nobody.get(f"/api/air?token={secret}"))
        # Items that never opened, and what belongs to nobody else, were in no byte.
        for content in file.contents[1:]:
            assert content.stem not in stream.text + previewed.text
        await eventually(feed.more, lambda _: feed.latest["state", None]["ended"] is not None)
        await eventually(feed.more, lambda _: feed.latest["scoreboard", None]["rows"][0]["score"]["score"] > 0)
        assert feed.latest["problems", "1"]["name"] == file.contents[0].stem
    died = office.house.pids["office"]
    office.house.kill("office")

    async def pid() -> int | None:
        return office.house.pids.get("office")

    await eventually(pid, lambda now: now not in (None, died))
    await office.house.ready()
    back = await eventually(lambda: nobody.get(f"/api/air?token={secret}"), lambda answer: answer.status_code == 200)

    async def reviewed_and_published() -> None:
        await command("review")
        parts = office.house.parts
        # The list follows from the record, which the recorder completes.
        await eventually(lambda: parts.office.session_events(SessionId(session), ITEM_CLOSED), bool)
        await eventually(lambda: parts.office.answers(SessionId(session)), lambda given: len(given) == 3)
        await publish_list(parts.database, parts.office, SessionId(session), ActorId("air-1"), ActorId("air-2"))

    await _the_feed_goes_on_as_if_nothing_had_happened(office, feed, reviewed_and_published)
    assert back.json()["program"] == {"edition": edition, "on": strip, "preview": board}
    await nobody.aclose()
    taken = [line for line in await audit(office) if line[1] == "air-take"]
    assert len(taken) == edition

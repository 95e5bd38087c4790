"""Matches over real sockets at two processes of the practice, one for each driver, by clients made of docs/wire.md."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from leitai.office.bank import MODULES, Question
from leitai.rules.beijing import beijing_day
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.practice_desk_store import PracticeDesk
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.keys import LOOKED_AFTER, PLAYING, SEEKERS
from leitai_loadtest.seal import unseal
from tests.support.office import SERVER_KEY, batch, questions, stores_at
from tests.support.packing import pack, unpack
from tests.support.serving import ORIGIN, Process, apart
from tests.support.stores import scratch_folder, standing_database
from tests.support.waiting import PATIENCE_S, eventually

PASSWORD = "a good pass phrase"
PATH = "/api/practice/matches"
PAUSE_MS = 1_000
S = 1_000_000


@dataclass(frozen=True)
class Scene:
    """Two processes of the practice over the same stores."""

    urls: tuple[str, str]
    dsn: str
    rights: dict[str, list[str]]
    """The right answer by a question's stem."""
    modules: dict[str, str]
    """A question's module by its stem."""


async def _furnish(dsn: str, valkey_url: str) -> list[Question]:
    async with stores_at(dsn) as stores:
        bank = questions(240)
        await stores.office.import_bank(batch("bank"), bank)
        desk, today = PracticeDesk(stores.database), beijing_day(time.time_ns() // 1000)
        for module in MODULES:
            await desk.release(0, module, None, today, "练兵组")
    store = open_store(valkey_url)
    await store.execute_command("DEL", SEEKERS, PLAYING, LOOKED_AFTER)
    await store.aclose()
    return bank


@pytest.fixture(scope="module")
def scene(postgres: EmbeddedPostgres, valkey_url: str) -> Iterator[Scene]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(scratch_folder()))
        dsn = stack.enter_context(standing_database(postgres))
        bank = apart(_furnish(dsn, valkey_url))
        rights = {one.stem: sorted(one.key.options) for one in bank}
        processes: list[Process] = []
        for driver in ("picows", "starlette"):
            environment = {
                "LEITAI_VALKEY_URL": valkey_url,
                "LEITAI_DATABASE_URL": dsn,
                "LEITAI_SECRET_KEY": SERVER_KEY.hex(),
                "LEITAI_PRACTICE_ORIGINS": ORIGIN,
                "LEITAI_DRIVER": driver,
                "LEITAI_MATCH_PAUSE_MS": str(PAUSE_MS),
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            }
            processes.append(Process(environment, "practice", folder))
            stack.callback(processes[-1].stop)
        for process in processes:
            process.wait_ready()
        yield Scene((processes[0].url, processes[1].url), dsn, rights, {one.stem: one.module for one in bank})


@dataclass
class Player:
    """A learner signed in at both processes, and their socket at one of them."""

    scene: Scene
    client: httpx2.AsyncClient
    at: int
    peer: ClientConnection | None = None
    seat: int = 0
    match: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    content: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    sealed: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])

    async def post(self, path: str, body: object) -> httpx2.Response:
        return await self.client.post(f"{self.scene.urls[self.at]}{path}", json=body)

    async def seek(self, again: int = 0) -> dict[str, Any]:
        answer = await self.post(f"{PATH}/seek", {"again": again})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ticket(self, match: int) -> str:
        answer = await self.post(f"{PATH}/{match}/tickets", {})
        assert answer.status_code == 200, answer.text
        return answer.json()["ticket"]

    async def come(self, stack: contextlib.AsyncExitStack, match: int) -> None:
        """Open a socket of a match; what was heard on an earlier one is forgotten."""
        self.match, self.heard, self.sealed, self.content = match, [], {}, {}
        self.peer = await stack.enter_async_context(socket(self.scene.urls[self.at]))
        await self.say(type="hello", ticket=await self.ticket(match))
        self.seat = (await self.hear("match_welcome"))["seat"]

    async def say(self, **message: Any) -> None:
        assert self.peer is not None
        await self.peer.send(pack(message))

    async def hear(self, kind: str, **fits: Any) -> dict[str, Any]:
        """The next message of a kind with these members; all that come before are kept."""
        assert self.peer is not None
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = await self.peer.recv()
                assert isinstance(frame, bytes)
                message = unpack(frame)
                self.heard.append(message)
                self.open(message)
                if message["type"] == kind and all(message[name] == value for name, value in fits.items()):
                    return message

    def open(self, message: dict[str, Any]) -> None:
        """Unseal what has its key."""
        if message["type"] == "match_sealed":
            self.sealed[message["sealed"]["item"]] = message["sealed"]
        elif message["type"] == "match_key":
            now_us, question, key = time.time_ns() // 1000, message["question"], message["key"]
            at = [one for one in self.heard if one["type"] == "match" and one["question"] == question][-1]
            assert now_us >= at["opens_us"] - 5_000, "no key before its instant"
            sealed = self.sealed[question]
            self.content[question] = unseal(self.match, sealed, key)

    def response(self, question: int, *, right: bool) -> list[str]:
        content = self.content[question]
        known = self.scene.rights[content["stem"]]
        return known if right else [next(one["id"] for one in content["options"] if [one["id"]] != known)]

    async def answer(self, question: int, *, right: bool) -> dict[str, Any]:
        await self.say(type="match_answer", question=question, response=self.response(question, right=right))
        return await self.hear("match_answered", question=question)


@contextlib.asynccontextmanager
async def socket(url: str, origin: str = ORIGIN) -> AsyncGenerator[ClientConnection]:
    address = f"{url.replace('http', 'ws', 1)}/live/match"
    options: dict[str, Any] = {"subprotocols": [Subprotocol("leitai.v1")], "compression": None, "proxy": None}
    async with connect(address, origin=Origin(origin), ping_interval=None, **options) as peer:
        yield peer


@contextlib.asynccontextmanager
async def learner(scene: Scene, name: str, at: int) -> AsyncGenerator[Player]:
    async with httpx2.AsyncClient(headers={"Origin": ORIGIN}, timeout=PATIENCE_S, trust_env=False) as client:
        player = Player(scene, client, at)
        body = {"account": name, "password": PASSWORD, "name": name, "kind": "public"}
        answer = await player.post("/api/practice/register", body)
        assert answer.status_code == 201, answer.text
        yield player


async def test_two_learners_at_two_processes_play_ten_questions(scene: Scene) -> None:
    async with contextlib.AsyncExitStack() as stack:
        one = await stack.enter_async_context(learner(scene, "wheat", 0))
        two = await stack.enter_async_context(learner(scene, "green", 1))
        third = await stack.enter_async_context(learner(scene, "third", 0))
        assert (await one.seek())["state"] == "waiting"
        assert (await one.seek())["state"] == "waiting", "nobody meets themselves"
        found = await two.seek()
        assert found["state"] == "found"
        match = found["match"]
        assert (await one.seek())["match"] == match
        assert (await two.seek())["match"] == match, "one match at once"
        assert (await third.post(f"{PATH}/{match}/tickets", {})).status_code == 404
        assert (await third.post(f"{PATH}/{match + 1}/tickets", {})).status_code == 404
        ticket = await one.ticket(match)
        for _ in range(2):
            async with socket(scene.urls[0]) as peer:
                await peer.send(pack({"type": "hello", "ticket": ticket}))
                answer = unpack(await peer.recv())  # pyright: ignore[reportArgumentType]
                assert answer["type"] == ("match_welcome" if _ == 0 else "bye")
        for url in scene.urls:
            with pytest.raises(InvalidStatus) as refusal:
                async with socket(url, "https://elsewhere.example"):
                    pass
            assert refusal.value.response.status_code == 403

        await asyncio.gather(one.come(stack, match), two.come(stack, match))
        assert (await one.client.get(f"{scene.urls[0]}{PATH}/{match}")).status_code == 404, "sealed while it runs"
        for question in range(1, 11):
            if question == 1:
                # One who knows what is to come cannot be sooner than the opening.
                await one.hear("match_sealed")
                await one.say(type="match_answer", question=1, response=["A"])
                assert (await one.hear("error"))["code"] == "too-early"
            await asyncio.gather(*(player.hear("match_key", question=question) for player in (one, two)))
            assert one.content[question] == two.content[question]
            told = await one.answer(question, right=True)
            assert told["status"] == "accepted"
            assert 0 <= told["elapsed_us"] < 5 * S
            assert not told["flagged"]
            await one.say(type="match_answer", question=question, response=one.response(question, right=False))
            assert await one.hear("match_answered") == told, "the first answer is final"
            if question == 4:
                # The line is lost, and the question goes on at the other process.
                assert two.peer is not None
                await two.peer.close()
                two.at = 0
                await two.come(stack, match)
                await two.hear("match_key", question=question)
            told = await two.answer(question, right=question % 2 == 0)
            assert told["flagged"] == (question == 4)
        ended = await one.hear("match", state="ended")
        assert await two.hear("match", state="ended") == {**ended, "version": two.heard[-1]["version"]}
        states = [message["state"] for message in one.heard if message["type"] == "match"]
        assert "saving" in states
        read = [each for each in one.heard if each["type"] == "match" and each["state"] == "closed"]
        assert read[-1]["last"]["question"] == 10, "the last question is explained before the end"
        assert read[-1]["last"]["key"] == one.response(10, right=True)
        await review_of(one, two, third, match)
        await tells_nothing_of_what_is_asked(one, match)
        assert ended["won"] == one.seat
        own, theirs = (next(each for each in ended["players"] if each["seat"] == player.seat) for player in (one, two))
        assert (own["right"], own["earned"], theirs["right"], theirs["earned"]) == (10, 100, 5, 50)
        assert 900 < own["points"] <= 1_000

        async def own_matches() -> dict[str, Any]:
            return (await one.client.get(f"{scene.urls[1]}{PATH}")).json()

        # Whoever drives the match lets both go once its end stands.
        body = await eventually(own_matches, lambda body: body["playing"] == 0)
        assert (body["won"], body["lost"], body["counted"]) == (1, 0, 1)
        line = body["matches"][0]
        assert (line["match"], line["opponent"], line["outcome"], line["earned"]) == (match, "green", "won", 100)
        assert (line["points"], line["opponent_points"]) == (own["points"], theirs["points"])
        lost = (await two.client.get(f"{scene.urls[0]}{PATH}")).json()
        assert (lost["lost"], lost["matches"][0]["outcome"]) == (1, "lost")

        # Again: the same two, whom nobody comes between; one leaves, which ends it.
        assert (await one.seek(match))["state"] == "waiting"
        assert (await third.seek())["state"] == "waiting"
        again = (await two.seek(match))["match"]
        assert again == (await one.seek(match))["match"]
        await asyncio.gather(one.come(stack, again), two.come(stack, again))
        await two.hear("match_key", question=1)
        await two.say(type="match_leave")
        ended = await one.hear("match", state="ended")
        assert (ended["won"], ended["won_by"]) == (one.seat, "left")
        assert [player["earned"] for player in ended["players"]] == [0, 0]


async def review_of(one: Player, two: Player, third: Player, match: int) -> None:
    """Both read all ten questions; the second's mistakes are in their book, and nobody else reads anything."""
    for player, wrong in ((one, 0), (two, 5)):
        url = f"{player.scene.urls[player.at]}/api/practice"
        answer = await player.client.get(f"{url}/matches/{match}")
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        assert [item["stem"] for item in items] == [one.content[question]["stem"] for question in range(1, 11)]
        assert all(item["key"] == player.scene.rights[item["stem"]] and item["explained"] for item in items)
        assert [item["right"] for item in items].count(False) == wrong
        assert [item["their_right"] for item in items].count(False) == 5 - wrong
        book = (await player.client.get(f"{url}/mistakes")).json()["entries"]
        assert {entry["question"] for entry in book} == {item["question"] for item in items if not item["right"]}
    for number in (match, match + 1):
        assert (await third.client.get(f"{third.scene.urls[0]}{PATH}/{number}")).status_code == 404


async def tells_nothing_of_what_is_asked(player: Player, match: int) -> None:
    """A question that waits in an open set has no answer in the review: not the key, nor what tells it."""
    url = f"{player.scene.urls[player.at]}/api/practice"

    async def reviewed() -> dict[str, Any]:
        items = (await player.client.get(f"{url}/matches/{match}")).json()["items"]
        return next(item for item in items if item["place"] == 1)

    before = await reviewed()
    assert before["right"] is True
    asked = {"kind": "daily", "module": player.scene.modules[before["stem"]], "type": before["type"]}
    sets: list[int] = []
    while True:
        # A topic has eight questions: the second set of five has what the first had not.
        assert len(sets) < 2
        taken = (await player.post("/api/practice/sets", asked)).json()
        sets.append(taken["set"])
        place = next((item["item"] for item in taken["items"] if item["question"] == before["question"]), 0)
        if place:
            break
        for item in taken["items"]:
            body = {"item": item["item"], "response": player.scene.rights[item["stem"]]}
            assert (await player.post(f"/api/practice/sets/{sets[-1]}/answers", body)).status_code == 200
    assert await reviewed() == {
        **before,
        "response": [],
        "right": None,
        "their_response": [],
        "their_right": None,
        "explained": False,
        "key": [],
        "explanation": "",
    }
    body = {"item": place, "response": before["key"]}
    assert (await player.post(f"/api/practice/sets/{sets[-1]}/answers", body)).status_code == 200
    assert await reviewed() == before, "once it is answered all of it is told again"


async def test_whoever_waits_too_long_meets_a_recording(scene: Scene, valkey_url: str) -> None:
    store = open_store(valkey_url)
    await store.execute_command("DEL", SEEKERS)
    try:
        async with contextlib.AsyncExitStack() as stack:
            late = await stack.enter_async_context(learner(scene, "late", 1))
            assert (await late.seek())["state"] == "waiting"
            me = (await late.client.get(f"{scene.urls[1]}/api/practice/me")).json()["learner"]
            now_us = time.time_ns() // 1000
            await store.execute_command("HSET", SEEKERS, me, f"{now_us - 9 * S} {now_us} 0 0")
            found = await late.seek()
            assert found["state"] == "found"
            await late.come(stack, found["match"])
            view = await late.hear("match", state="soon")
            other = next(one for one in view["players"] if one["seat"] != late.seat)
            assert other["name"] in ("wheat", "green")
            assert other["recorded_us"] > 0
            await late.hear("match_key", question=1)
            assert (await late.answer(1, right=True))["status"] == "accepted"
            await late.hear("match_key", question=2)
            await late.say(type="match_leave")
            ended = await late.hear("match", state="ended")
            assert [one["earned"] for one in ended["players"]] == [0, 0]
            body = (await late.client.get(f"{scene.urls[1]}{PATH}")).json()
            assert (body["lost"], body["matches"][0]["recorded"], body["matches"][0]["outcome"]) == (0, True, "lost")
    finally:
        await store.aclose()


@pytest.mark.parametrize("at", [0, 1])
async def test_strangers_floods_and_garbage_are_shown_out(scene: Scene, at: int) -> None:
    async with socket(scene.urls[at]) as peer:
        assert peer.subprotocol == "leitai.v1"
        await peer.send(pack({"type": "match_answer", "question": 1, "response": ["A"]}))
        assert unpack(await peer.recv())["code"] == "hello-expected"  # pyright: ignore[reportArgumentType]
        await peer.send("text")
        assert unpack(await peer.recv())["code"] == "frame-not-binary"  # pyright: ignore[reportArgumentType]
        await peer.send(bytes(2_000))
        assert unpack(await peer.recv())["code"] == "frame-too-large"  # pyright: ignore[reportArgumentType]
        await peer.wait_closed()
        assert peer.close_code == 4003
    for path in ("/live", "/live/stage", "/live/other"):
        url = f"{scene.urls[at].replace('http', 'ws', 1)}{path}"
        with pytest.raises(InvalidStatus) as refusal:
            async with connect(url, origin=Origin(ORIGIN), proxy=None):
                pass
        assert refusal.value.response.status_code in (403, 404)

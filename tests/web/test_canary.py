"""The canary: until an item opens, nothing of a sealed paper is in any byte served, cached, logged or stored in clear.

Every question holds two secret words in its stem, options, key and explanation, in name, caption and bytes of the
picture that it shows, and has a number that is found again; where the picture is on the paper is a secret, too.
A house of real processes plays them from the sealing to an opening, everybody looks at everything through taps, and all
that was heard, logged and stored is searched. What is open then is found by the same search, so that it can fail.
"""

import asyncio
import base64
import contextlib
import gzip
import json
import time
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit
from urllib.request import urlopen

import httpx2
import msgpack
import pytest

from leitai.cli.rehearsal.house import House, housed
from leitai.office.bank import MODULES, TRUE_FALSE_OPTIONS, Option, Question
from leitai.office.contests import CreatedSession, create_contest_session
from leitai.office.session_ports import SessionSettings
from leitai.rules.rights import Role
from leitai.rules.values import Key, Micros, QuestionType
from leitai.web.contract import JSON, MESSAGEPACK, OPERATIONS, STAFF_OPERATIONS, Operation
from leitai_loadtest.client import Contestant
from tests.support.canary import Canary, Tap, tapped
from tests.support.media import png
from tests.support.office import batch, people, show_files
from tests.support.staffed import Office, seen
from tests.support.stores import scratch_folder
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = pytest.mark.xdist_group("canary")

QUESTIONS, ITEMS = 12, 6
WORDS = [f"Kanarie{letter}Vogelxq" for letter in "abcdefghijkl"]
BIRDS = [f"鸑鷟{sign}金丝雀" for sign in "甲乙丙丁戊己庚辛壬癸子丑"]
FIRST_VERSION = 73_318_840_001
VERSIONS = range(FIRST_VERSION, FIRST_VERSION + QUESTIONS)
OF_THE_BANK = ("/api/staff/bank", "/api/staff/questions", "/api/staff/syllabus", "/api/staff/media")
"""Doors of the bank itself, whose questions are no secret to those who set them; which are on the paper is."""
BANK_TABLES = ("question", "media")
"""What the names of the bank's own tables begin with."""
IN_PATH = {"code": "110000", "collection": "problems", "object": "1", "item": "1"}
SHOWING = {"item_media", "desk_media", "air_media"}
"""Doors that give what items show."""
WHOLE = (JSON, MESSAGEPACK)
"""Media of answers that have an end."""
EVERYTHING = Canary(*WORDS, *BIRDS, numbers=VERSIONS)
NUMBERS = Canary(numbers=VERSIONS)


def question(number: int) -> Question:
    """A question with its secrets everywhere."""
    secret = f"{WORDS[number]} {BIRDS[number]}"
    type_ = (QuestionType.SINGLE, QuestionType.TRUE_FALSE, QuestionType.FILL_IN)[number % 3]
    options: tuple[Option, ...] = ()
    key = Key(frozenset("A"))
    if type_ is QuestionType.SINGLE:
        options = tuple(Option(letter, f"{letter} {secret}") for letter in "ABCD")
    elif type_ is QuestionType.TRUE_FALSE:
        options, key = tuple(Option(*option) for option in TRUE_FALSE_OPTIONS), Key(frozenset("T"))
    else:
        key = Key(blanks=((secret, f"也可 {secret}"),))
    return Question(type_, f"题干 {secret} ____", options, key, f"解析 {secret}", 3, MODULES[number % 6], "知识点")


def picture(number: int) -> tuple[str, list[tuple[bytes, str]]]:
    """A question's stem and the picture that it shows, with its secrets in caption and bytes."""
    stem = question(number).stem
    return stem, [(png(3 + number, 2) + stem.encode(), f"图 {WORDS[number]} {BIRDS[number]}")]


@dataclass
class Scene:
    """A sealed paper in a session whose lobby is open, and taps before both doors."""

    house: House
    data: Path
    office: Office
    created: CreatedSession
    paper: int
    bank_before: Mapping[str, bytes]
    order: list[int]
    """Which question each item is, told by the seal itself."""
    versions: list[int]
    """Of each question, the number of its version."""
    addresses: list[str]
    """Of each item, where its picture will be."""
    gateway: Tap
    staff: Tap
    browsers: list[tuple[str, httpx2.AsyncClient]] = field(default_factory=list[tuple[str, httpx2.AsyncClient]])
    answered: set[str] = field(default_factory=set[str])
    """Operations that somebody was answered."""

    def secrets(self, items: Iterable[int]) -> Canary:
        """What must not be found of these items."""
        numbers = [self.order[item - 1] for item in items]
        words = [words[number] for number in numbers for words in (WORDS, BIRDS)]
        addresses = [self.addresses[item - 1] for item in items]
        return Canary(*words, *addresses, numbers=[self.versions[number] for number in numbers])

    @property
    def everything(self) -> Canary:
        """What must not be found before anything is open."""
        return Canary(*WORDS, *BIRDS, *self.addresses, numbers=VERSIONS)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with scratch_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEITAI_LOG_LEVEL", "debug")
        data = Path(folder) / "data"
        async with housed(data) as house, AsyncExitStack() as stack:
            async with house.parts.database.connection() as connection:
                await connection.execute(f"alter table question_version alter column id restart with {FIRST_VERSION}")
            await house.parts.office.import_bank(batch("bank"), [question(number) for number in range(QUESTIONS)])
            async with house.parts.database.connection() as connection:
                rows = await connection.fetch("select id, stem from question_version")
            await show_files(house.parts.database, dict(map(picture, range(QUESTIONS))))
            versions = [next(row["id"] for row in rows if word in row["stem"]) for word in WORDS]
            before = await tables(house, of_the_bank=True)
            await stack.enter_async_context(house.open_doors())
            office = Office(house, [])
            stack.push_async_callback(office.close)
            paper = await sealed_paper(office)
            created = await session_of(house, paper)
            await eventually(lambda: ready(house), bool)
            file = await house.parts.archive.load_session(created.session_id)
            order = [next(n for n in range(QUESTIONS) if WORDS[n] in content.stem) for content in file.contents]
            addresses = [one.address for one in file.media]
            assert len(addresses) == ITEMS
            doors = [urlsplit(url).port or 0 for url in (house.url, house.office_url)]
            taps = [await stack.enter_async_context(tapped(port)) for port in doors]
            office.seats = created.seats
            yield Scene(
                *(house, data, office, created, paper, before, order, versions, addresses),
                gateway=taps[0],
                staff=taps[1],
            )


async def sealed_paper(office: Office) -> int:
    """A paper on its way through everybody's hands, over HTTP; nobody is tapped yet."""
    setter = await office.account("setter-0", "setter")
    reviewers = [await office.account(f"reviewer-{n}", "reviewer") for n in range(2)]
    kinds = ("single", "true_false", "fill_in")
    body = {
        "lines": [{"type": kind, "count": ITEMS // 3} for kind in kinds],
        "worth": [{"type": kind, "centipoints": 100, "seconds": 600} for kind in kinds],
    }
    made = await setter.post("/api/staff/papers", json={"title": "封存的试卷", "body": body})
    assert made.status_code == 201, made.text
    path = f"/api/staff/papers/{made.json()['paper']}"
    wish = {"edition": 1, "item": 1, "reason": f"与 {WORDS[0]} 重复"}
    for who, ask, what in (
        (setter, "replace", wish),
        (setter, "acts", {"act": "submit", "edition": 2}),
        (reviewers[0], "acts", {"act": "return", "edition": 2, "note": f"请再看 {BIRDS[1]}"}),
        (setter, "acts", {"act": "submit", "edition": 2}),
        (reviewers[0], "acts", {"act": "approve", "edition": 2}),
        (reviewers[1], "acts", {"act": "approve", "edition": 2}),
    ):
        answer = await who.post(f"{path}/{ask}", json=what)
        assert answer.status_code == 200, answer.text
    for who in (setter, *reviewers):
        assert EVERYTHING.finds((await who.get(f"{path}/items")).content)
    answer = await setter.post(f"{path}/acts", json={"act": "seal", "edition": 2})
    assert answer.json() == {"state": "sealed"}
    return int(made.json()["paper"])


async def ready(house: House) -> bool:
    async with httpx2.AsyncClient(base_url=house.url, timeout=PATIENCE_S) as client:
        return (await client.get("/readyz")).status_code == 200


async def session_of(house: House, paper: int) -> CreatedSession:
    parts = house.parts
    contest = await parts.office.create_contest("业务技能练兵比武", "组委会", 2022)
    roster = await parts.office.import_roster(contest, batch("roster"), people(2))
    now_us = time.time_ns() // 1000
    settings = SessionSettings("试赛", Micros(now_us + 3_600_000_000), Micros(now_us - 1_000_000), appeal_us=Micros(0))
    return await create_contest_session(parts.office, parts.codes, contest, paper, settings, roster)


async def test_nothing_of_a_sealed_paper_is_anywhere_before_its_items_open(scene: Scene) -> None:
    async with AsyncExitStack() as stack:
        contestants = [await stack.enter_async_context(seated(scene, at)) for at in range(2)]
        session = scene.created.session_id
        origin = scene.house.url
        await stack.enter_async_context(Contestant.viewer(scene.gateway.origin, session, origin=origin))
        operator = await everybody(scene)
        await seen(operator, "lobby")
        await sweep(scene)
        # Whoever may see something was told something.
        assert {"contest", "sealed", "me", "console", "sessions", "papers", "paper_record", "air"} <= scene.answered
        assert scene.answered.isdisjoint(SHOWING)
        assert await finds(scene, scene.everything) == {}

        # From here on the first item is open and nothing else is.
        body = await seen(operator, "lobby")
        request = {"session": session, "command": "start", "expects": body["edition"]}
        assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
        opened = await contestants[0].expect("open", item=1)
        content = await contestants[0].unseal(opened)
        assert WORDS[scene.order[0]] in content["stem"]
        assert content["media"][0]["address"] == scene.addresses[0]
        first, others = scene.secrets([1]), scene.secrets(range(2, ITEMS + 1))
        await contestants[0].answer(1, ["A"])
        await eventually(lambda: told_on_air(scene), lambda body: bool(first.finds(body)))
        await sweep(scene)
        # What is open is found by the same search, wherever judges and overlays may see it: it can fail.
        assert scene.answered >= SHOWING
        assert set(await finds(scene, first)) >= {"heard from the office", "heard from the gateway"}
        assert await finds(scene, others) == {}

        # Once it is over, what was asked is known: it stands among the uses of the bank's questions.
        body = await seen(operator, "running")
        request = {"session": session, "command": "close", "expects": body["edition"]}
        assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
        stored = await eventually(lambda: tables(scene.house), lambda found: bool(found["paper_item"]))
        assert NUMBERS.finds(stored["paper_item"]) == {str(scene.versions[number]) for number in scene.order}


@asynccontextmanager
async def seated(scene: Scene, at: int) -> AsyncGenerator[Contestant]:
    """A contestant in the lobby, who holds the sealed paper."""
    seat = [seat for seat in scene.created.seats if not seat.struck][at]
    origin = scene.house.url
    async with Contestant.sign_in(scene.gateway.origin, seat.admission_no, seat.code, origin=origin) as one:
        await one.hello()
        await one.check_in()
        assert len((await one.sealed())["items"]) == ITEMS
        yield one


async def everybody(scene: Scene) -> httpx2.AsyncClient:
    """Let all kinds of people come through the taps; returns the operator's browser, which does not."""
    for role in Role:
        delegation = "110000" if role is Role.TEAM_LEADER else ""
        direct = await scene.office.account(f"all-{role.value}", role.value, delegation)
        scene.browsers.append((role.value, browser(scene, scene.staff, scene.house.office_url, dict(direct.cookies))))
    director = next(one for name, one in scene.browsers if name == "broadcast_director")
    made = (await director.post("/api/staff/broadcast/tokens", json={"name": "字幕机"})).json()
    overlay = browser(scene, scene.staff, scene.house.office_url, {})
    overlay.params = httpx2.QueryParams({"token": made["secret"]})
    scene.browsers.append(("overlay", overlay))
    seat = next(seat for seat in scene.created.seats if not seat.struck)
    contestant = await scene.office.contestant(seat)
    for name, cookies in (("contestant", dict(contestant.cookies)), ("anybody", {})):
        scene.browsers.append((name, browser(scene, scene.gateway, scene.house.url, cookies)))
    return await scene.office.account("operator-0", "operator")


def browser(scene: Scene, tap: Tap, origin: str, cookies: dict[str, str]) -> httpx2.AsyncClient:
    # A line for each question: one that is kept may be closed by the server while the next question is on its way.
    client = httpx2.AsyncClient(
        base_url=tap.origin,
        headers={"Origin": origin},
        cookies=cookies,
        timeout=PATIENCE_S,
        limits=httpx2.Limits(max_keepalive_connections=0),
    )
    scene.office.keep(client)
    return client


async def sweep(scene: Scene) -> None:
    """Let everybody ask for everything that can be asked for, at both doors, and look at every figure."""
    scene.answered.clear()
    asking = [
        (operation.media, ask(scene, client, operation, path))
        for name, client in scene.browsers
        for operation in (OPERATIONS if name in ("contestant", "anybody") else STAFF_OPERATIONS)
        if operation.method == "GET" and not operation.path.startswith(OF_THE_BANK)
        for path in paths(operation, scene)
    ]
    whole = [one for media, one in asking if media in WHOLE]
    # A handful at once, as browsers do; streams, which have no end, all together.
    for at in range(0, len(whole), 16):
        await asyncio.gather(*whole[at : at + 16])
    await asyncio.gather(*(one for media, one in asking if media not in WHOLE))


def paths(operation: Operation, scene: Scene) -> Iterable[str]:
    """The operation's path with what stands in its braces, for papers and feeds with every number there is."""
    values = {**IN_PATH, "session": str(scene.created.session_id), "paper": str(scene.paper)}
    parts = operation.path.split("/")
    filled = [values.get(part[1:-1], "1") if part.startswith("{") else part for part in parts]
    yield "/".join(filled)
    if "{address}" in parts:
        for address in scene.addresses:
            yield operation.path.replace("{address}", address)
    if "{item}" in parts:
        for item in range(2, ITEMS + 1):
            yield "/".join(str(item) if part == "{item}" else one for part, one in zip(parts, filled, strict=True))
    if "{collection}" in parts and "{object}" not in parts:
        for collection in ("contests", "judgement-types", "teams", "state", "scoreboard", "awards", "submissions"):
            yield "/".join(
                collection if part == "{collection}" else one for part, one in zip(parts, filled, strict=True)
            )


async def ask(scene: Scene, client: httpx2.AsyncClient, operation: Operation, path: str) -> None:
    """Ask once; of a stream take what comes in its first half second."""
    queries = {query.name: "选手" for query in operation.queries if query.required and query.name != "token"}
    async with client.stream("GET", path, params={**dict(client.params), **queries}) as answer:
        if answer.status_code == 200:
            scene.answered.add(operation.name)
        assert answer.status_code != 500, path
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S if operation.media in WHOLE else 0.5):
                async for _ in answer.aiter_raw():
                    pass


async def told_on_air(scene: Scene) -> bytes:
    overlay = next(one for name, one in scene.browsers if name == "overlay")
    return (await overlay.get("/api/air")).content


async def finds(scene: Scene, canary: Canary) -> dict[str, set[str]]:
    """Return where something was found, and what."""
    found = {
        f"heard from the {door}": await asyncio.to_thread(canary.finds, bytes(tap.heard))
        for door, tap in (("gateway", scene.gateway), ("office", scene.staff))
    }
    for port in machine_ports(scene.data):
        for path in ("metrics", "readyz", "healthz"):
            told = await asyncio.to_thread(fetched, f"http://127.0.0.1:{port}/{path}")
            found[f"{path} at {port}"] = canary.finds(told)
    await scene.house.parts.store.execute_command("CONFIG", "SET", "rdbcompression", "no")
    await scene.house.parts.store.execute_command("SAVE")
    files = [
        file
        for file in scene.data.rglob("*")
        if file.is_file() and file.relative_to(scene.data).parts[0] not in ("postgres", "postgresql")
    ]
    names = {file.name for file in files}
    assert any(name.endswith(".rdb") for name in names), names
    assert any(name.endswith(".aof") for name in names), names
    assert any(name.startswith("gateway") and name.endswith(".log") for name in names), names
    found |= await asyncio.to_thread(canary.finds_in, files)
    for name, dump in (await tables(scene.house)).items():
        found[f"table {name}"] = canary.finds(dump)
    # The bank is as it was before there was a paper: nothing in it says what is on one.
    assert await tables(scene.house, of_the_bank=True) == scene.bank_before
    return {where: what for where, what in found.items() if what}


def fetched(url: str) -> bytes:
    with urlopen(url, timeout=PATIENCE_S) as answer:
        return answer.read()


def machine_ports(data: Path) -> list[int]:
    """Where processes answer machines, as they told in their logs."""
    lines = [line for log in (data / "logs").glob("*.log") for line in log.read_text("utf-8", "replace").splitlines()]
    ports = [json.loads(line)["port"] for line in lines if '"machine_door_open"' in line]
    assert len(ports) >= 4, ports
    return ports


async def tables(house: House, *, of_the_bank: bool = False) -> dict[str, bytes]:
    """Return every table's rows as a dump has them: the bank's own, or all others."""
    async with house.parts.database.connection() as connection:
        rows = await connection.fetch(
            "select table_name from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        found: dict[str, bytes] = {}
        for row in rows:
            if row["table_name"].startswith(BANK_TABLES) is of_the_bank:
                out = BytesIO()
                await connection.copy_from_query(f'select * from "{row["table_name"]}" order by 1', output=out)
                found[row["table_name"]] = out.getvalue()
    return found


def packed(value: object) -> bytes:
    return cast("bytes", msgpack.packb(value))


@pytest.mark.parametrize("number", range(3))
def test_the_search_finds_a_secret_in_any_clothing(number: int) -> None:
    word, bird = WORDS[number], BIRDS[number]
    canary = Canary(word, bird, numbers=[FIRST_VERSION + number])
    for text, secret in ((f"a{word}b", word), (f"a{bird}b", bird)):
        clothed = [
            text.encode(),
            text.upper().encode(),
            text.encode("gb18030"),
            text.encode("utf-16-le"),
            json.dumps({"x": text}).encode(),
            packed({"x": [text]}),
            text.encode().hex().encode(),
            httpx2.URL("http://x/", params={"q": text}).raw_path,
            gzip.compress(b"before" * 40 + text.encode()),
            b"noise" + zlib.compress(text.encode() * 9) + b"noise",
            *(base64.b64encode(b"." * shift + text.encode() + b"." * 9) for shift in range(3)),
            *(base64.urlsafe_b64encode(b"." * shift + text.encode() + b"." * 9) for shift in range(3)),
            base64.b64encode(gzip.compress(text.encode() * 3)),
        ]
        for data in clothed:
            assert canary.finds(b"..." + data + b"...") == {secret}, data
    identity = FIRST_VERSION + number
    for data in (f"[{identity}]".encode(), packed(identity), identity.to_bytes(8, "little")):
        assert canary.finds(data) == {str(identity)}
    assert canary.finds(b"nothing " * 1000) == set()

"""Learners, released questions, and the doors of sets over a real database, with a clock that tests turn."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from leitai.office.bank import MODULES
from leitai.office.media_desk import MediaDesk
from leitai.office.media_ports import Purpose
from leitai.office.practice.book import Book
from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.nightly import Nightly
from leitai.office.practice.ports import Learner
from leitai.office.practice.progress import LearnersProgress
from leitai.office.practice.sets import Sets
from leitai.office.practice.timing import Clock
from leitai.rules.beijing import beijing_day
from leitai.rules.values import Micros
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.practice_desk_store import PracticeDesk
from leitai.stores.postgres.practice_features_store import PracticeFeatures
from leitai.stores.postgres.practice_night_store import PracticeNights
from leitai.stores.postgres.practice_store import PracticeSets
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.web.contract.practice_films import PRACTICE_FILMS
from leitai.web.contract.practice_sets import PRACTICE_SETS
from leitai.web.errors import EXCEPTION_HANDLERS, Refusal
from leitai.web.practice_films import FilmsPart
from leitai.web.practice_sets import SetsPart
from leitai.web.security import Doorkeeper
from tests.support.doors import ORIGIN, settings
from tests.support.office import SERVER_KEY, Stores, batch, questions, stores_at
from tests.support.stores import fresh_database, run_apart, standing_database

MONDAY_US = 1_659_315_600_000_000  # 2022-08-01 09:00 in Beijing
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
BASE = "/api/practice"
LEARNERS = 30


@dataclass
class Gym:
    """The practice's doors; who asks is told by a header."""

    stores: Stores
    client: httpx2.AsyncClient
    now_us: int = MONDAY_US
    drawn: int = 0
    tried: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])

    def __post_init__(self) -> None:
        self.store = PracticeSets(self.stores.database)
        self.desk = PracticeDesk(self.stores.database)
        self.catalogue = Catalogue(self.store, lambda: self.now_us / 1e6)
        self.sets = Sets(self.store, self.catalogue, self.now, self._draw)
        self.book = Book(self.store, self.catalogue, self.now)
        self.progress = LearnersProgress(self.store, self.catalogue, self.now)
        uses = PostgresBankFiles(self.stores.database)
        self.nightly = Nightly(PracticeNights(self.stores.database), uses, Clock(self.now, asyncio.sleep))
        films, features = PostgresMedia(self.stores.database), PracticeFeatures(self.stores.database)
        self.films = FilmsPart(features, films, self._tries, self.now)
        self.part = SetsPart(self.sets, self.book, self.progress, self._tries, self.now, SERVER_KEY)

    def now(self) -> Micros:
        return Micros(self.now_us)

    @property
    def today(self) -> date:
        return beijing_day(self.now_us)

    def _draw(self) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(16, "big")

    async def _tries(self, name: str, window_s: int) -> int:
        self.tried[name, self.now_us // (window_s * 1_000_000)] += 1
        return self.tried[name, self.now_us // (window_s * 1_000_000)]

    async def ask(self, learner: int, method: str, path: str, body: object = None) -> httpx2.Response:
        headers = {"x-learner": str(learner)} if learner else {}
        return await self.client.request(method, f"{BASE}/{path}", json=body, headers=headers)

    async def take(self, learner: int, kind: str = "daily", module: str = "", type: str = "") -> dict[str, Any]:  # noqa: A002
        answer = await self.ask(learner, "POST", "sets", {"kind": kind, "module": module, "type": type})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def answer(self, learner: int, set_id: int, item: int, response: Sequence[str]) -> httpx2.Response:
        return await self.ask(learner, "POST", f"sets/{set_id}/answers", {"item": item, "response": list(response)})

    async def hand_in(self, learner: int, set_id: int, responses: Sequence[Sequence[str]]) -> httpx2.Response:
        body = {"responses": [list(one) for one in responses]}
        return await self.ask(learner, "POST", f"sets/{set_id}/hand-in", body)

    async def study(self, learner: int, taken: Mapping[str, Any], *, right: bool = True) -> dict[str, Any]:
        """Answer every question of a set of 日日学."""
        body: dict[str, Any] = dict(taken)
        for item in taken["items"]:
            answer = await self.answer(learner, taken["set"], item["item"], await self.response(item, right=right))
            assert answer.status_code == 200, answer.text
            body = answer.json()
        return body

    async def responses(self, taken: Mapping[str, Any], *, right: int = 10) -> list[list[str]]:
        """Responses to a set, the first of them right."""
        return [await self.response(item, right=item["item"] <= right) for item in taken["items"]]

    async def response(self, item: Mapping[str, Any], *, right: bool) -> list[str]:
        """The right answer of a question as the bank has it, or a wrong one."""
        async with self.stores.database.connection() as connection:
            text: str = await connection.fetchval(
                "select v.key::text from question_search s join question_version v on v.id = s.usable_id"
                " where s.question_id = $1",
                item["question"],
            )
        key = json.loads(text)
        if item["type"] == "fill_in":
            return [one[0] if right else "不知道" for one in key["blanks"]]
        if right:
            return sorted(key["options"])
        return [next(one["id"] for one in item["options"] if [one["id"]] != key["options"])]

    async def ledger(self, learner: int) -> list[tuple[int, date, int, int]]:
        """(kind, day, centipoints, questions) of the ledger, in the order that they were earned."""
        async with self.stores.database.connection() as connection:
            found = await connection.fetch(
                "select kind, on_day, centipoints, questions from practice_points where learner_id = $1 order by id",
                learner,
            )
        return [tuple(row) for row in found]

    async def release_all(self) -> None:
        for module in MODULES:
            await self.desk.release(0, module, None, self.today, "练兵组")
        self.catalogue.forget()


async def kept_media(database: Database, data: bytes, title: str, purpose: Purpose = "question") -> str:
    """Bring a file into the bank, and return what names it."""

    async def whole() -> AsyncIterator[bytes]:
        yield data

    desk = MediaDesk(PostgresMedia(database), QuestionsStore(database))
    file, _ = await desk.take(whole(), title=title, purpose=purpose, module="", actor="tests")
    return file.sha256


async def put_beside(database: Database, question_id: int, media: str, caption: str) -> None:
    """Show a file with the version of a question that is in use, as if it had been there before the approval."""
    async with database.transaction() as connection:
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "insert into question_media (version_id, place, media_id, caption)"
            " select s.usable_id, 1, m.id, $3 from question_search s, media m"
            " where s.question_id = $1 and m.sha256 = decode($2, 'hex')",
            question_id,
            media,
            caption,
        )


async def learner_of(request: Request) -> Learner:
    number = request.headers.get("x-learner", "")
    if not number:
        raise Refusal("not-signed-in")
    return Learner(int(number), "public", f"学员{number}", "", None, ())


async def furnish(dsn: str) -> None:
    """Put a bank of 240 questions, eight of each type and module, and learners into a database."""
    async with stores_at(dsn) as stores:
        await stores.office.import_bank(batch("bank"), questions(240))
        async with stores.database.connection() as connection:
            await connection.execute(
                "insert into learner (kind, login, name, password)"
                " select 'public', 'learner' || n, '学员' || n, 'x' from generate_series(1, $1::integer) n",
                LEARNERS,
            )


@contextmanager
def furnished_database(postgres: EmbeddedPostgres) -> Generator[str]:
    """The name of a furnished database to make others from."""
    with standing_database(postgres) as dsn:
        run_apart(furnish(dsn))
        yield dsn.split("/")[3].partition("?")[0]


@asynccontextmanager
async def fresh_gym(postgres: EmbeddedPostgres, template: str) -> AsyncGenerator[Gym]:
    """Doors over a database of its own, made from a furnished one."""
    async with fresh_database(postgres, template) as dsn, stores_at(dsn) as stores, gym(stores) as house:
        yield house


@asynccontextmanager
async def gym(stores: Stores) -> AsyncGenerator[Gym]:
    """Doors over a database that is furnished; learners are numbered from 1, nothing is released yet."""
    app = Starlette(
        middleware=[Middleware(Doorkeeper, settings=settings())], exception_handlers=dict(EXCEPTION_HANDLERS)
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        house = Gym(stores, client)
        endpoints = {
            **house.part.practice_endpoints(learner_of, 64 * 1024),
            **house.films.practice_endpoints(learner_of, 64 * 1024),
        }
        operations = (*PRACTICE_SETS, *PRACTICE_FILMS)
        app.router.routes += [Route(one.path, endpoints[one.name], methods=[one.method]) for one in operations]
        yield house

"""How long a set of practice takes while a nation practises: `python -m tests.web.measure_practice`.

A house of its own with the learners' door as a process, on an embedded PostgreSQL and Valkey that sync as in service.
It is seeded with learners who have a history, then asked for so many sets a second, by an open loop: a request that
comes late because another was slow counts as slow itself. Half of the sets are of 日日学 (taken, one answer), half of
周周练 (taken, handed in). With `--explain` the plans of the statements are told instead of asking.
"""

import argparse
import asyncio
import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from leitai.cli.rehearsal.house import House, housed
from leitai.office.bank import MODULES
from leitai.office.practice.topics import topic, topics
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_sets import DUE_LOOKED_AT
from leitai.rules.values import QuestionType
from leitai.stores.postgres.practice_desk_store import PracticeDesk
from leitai.stores.postgres.queries import Queries
from leitai.stores.valkey.learner_sessions import ValkeyLearnerSessions
from leitai.web.cookies import LEARNER_COOKIE
from tests.support.office import Stores, batch, questions, small_session
from tests.support.stores import scratch_folder

MOST_LEARNERS = 500_000
QUESTIONS = 3_000
LINKS = 120
_AT_ONCE = 20_000
_SECONDS = 600.0

LEARNERS = """
insert into learner (kind, organisation_id, login, name, password)
select 'window', (n % 32) + 1, 'learner' || n, '学员' || n, 'x' from generate_series($1::bigint, $2::bigint) n
"""
CARDS = """
insert into practice_card (learner_id, question_id, topic, due_us, reviewed_us, stability, difficulty, state, step,
  seen, right_count, streak, wrong, wrong_us, counted_on)
select l.id, ($4::bigint[])[place], ($5::smallint[])[place],
  $3::bigint + ((l.id * 7919 + place * 31) % 20 - 3) * 86400000000, $3 - 86400000000,
  3, 5, 2, null, 2, 1, 1, place % 7 = 0, $3 - place::bigint * 1000000, null
from learner l
cross join generate_series(0, $6::integer - 1) n
cross join lateral (
  select ((l.id + n * (cardinality($4::bigint[]) / $6::integer)) % cardinality($4::bigint[]) + 1)::integer as place
) at
where l.id between $1 and $2
"""
SUMS = """
insert into practice_sum (period, starts_on, learner_id, province_id, centipoints, questions)
select p.period, p.starts_on, l.id, o.places[1], (l.id * 31 % 1000) * 100, 100
from learner l join organisation o on o.id = l.organisation_id
cross join lateral (values (1, $3::date), (2, date_trunc('week', $3::timestamp)::date),
  (3, date_trunc('month', $3::timestamp)::date), (4, date '2000-01-01')) as p (period, starts_on)
where l.id between $1 and $2
"""


@dataclass
class Figures:
    """Times of requests by what they were, in seconds, and what was refused."""

    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict[str, list[float]](list))
    refused: defaultdict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))

    def tell(self) -> None:
        """Print them."""
        for name, times in sorted(self.took.items()):
            ordered = sorted(times)
            p50, p95, p99 = (ordered[min(len(ordered) - 1, len(ordered) * one // 100)] * 1000 for one in (50, 95, 99))
            print(f"{name:>16}: {len(times):6,}  p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  p99 {p99:7.1f} ms")
        print(f"{'refused':>16}: {dict(self.refused) or 'none'}")


async def seed(house: House, learners: int, cards: int) -> None:
    """Make a bank, releases, learners and what they know."""
    parts = house.parts
    stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
    await small_session(stores)
    await parts.office.import_bank(batch("bank"), questions(QUESTIONS))
    desk = PracticeDesk(parts.database)
    now_us = time.time_ns() // 1000
    for module in MODULES:
        await desk.release(0, module, None, beijing_day(now_us), "measure")
    async with parts.database.connection() as connection:
        released = await connection.fetch(
            "select p.question_id, v.module, v.type from practice_question p"
            " join question_search s on s.question_id = p.question_id"
            " join question_version v on v.id = s.usable_id order by p.question_id"
        )
        ids = [row["question_id"] for row in released]
        numbers = [topic(row["module"], QuestionType(row["type"])) for row in released]
        for first in range(1, learners + 1, _AT_ONCE):
            last = min(first + _AT_ONCE - 1, learners)
            await connection.execute(LEARNERS, first, last, timeout=_SECONDS)
            await connection.execute(CARDS, first, last, now_us, ids, numbers, min(cards, len(ids)), timeout=_SECONDS)
            await connection.execute(SUMS, first, last, beijing_day(now_us), timeout=_SECONDS)
        await connection.execute("vacuum analyze", timeout=_SECONDS)
        counted = await connection.fetchrow(
            "select (select count(*) from learner) as learners, (select count(*) from practice_card) as cards,"
            " pg_size_pretty(pg_database_size(current_database())) as size",
            timeout=_SECONDS,
        )
    print(f"seeded: {dict(counted or {})}")


async def explain(house: House, learners: int) -> None:
    """Print the plans of what every set asks of the store."""
    sets = Queries("practice_sets")
    now_us = time.time_ns() // 1000
    asked: dict[str, tuple[object, ...]] = {
        "open_sets": (learners // 2,),
        "standing": (learners // 2, topics(MODULES[0], None), now_us, DUE_LOOKED_AT, beijing_day(now_us)),
        "cards": (learners // 2, list(range(1, 11))),
        "mistakes": (learners // 2, topics("", None), 0, 20),
        "today": (learners // 2, beijing_day(now_us)),
        "topics_known": (learners // 2, now_us),
    }
    async with house.parts.database.connection() as connection:
        for name, arguments in asked.items():
            plan = await connection.fetch(f"explain (analyze, buffers) {sets[name]}", *arguments)
            print(f"--- {name}")
            print("\n".join(row[0] for row in plan))


class Asking:
    """Learners' browsers as connections that stay open, each used by one request at a time."""

    def __init__(self, url: str, cookies: list[str]) -> None:
        self._url = url
        self._cookies = cookies
        self._links: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self.figures = Figures()

    async def open(self) -> None:
        """Open the connections."""
        host, port = self._url.removeprefix("http://").split(":")
        for _ in range(LINKS):
            self._links.put_nowait(await asyncio.open_connection(host, int(port)))

    async def close(self) -> None:
        """Close them."""
        while not self._links.empty():
            self._links.get_nowait()[1].close()

    async def one(self, number: int, due: float) -> None:
        """Take a set and answer it."""
        weekly = number % 2 == 0
        body = {"kind": "weekly"} if weekly else {"kind": "daily", "module": MODULES[number % len(MODULES)]}
        taken = await self._ask("take weekly" if weekly else "take daily", number, "sets", body, due)
        if taken is None:
            return
        await asyncio.sleep(random.uniform(0.5, 1.5))
        due = time.perf_counter()
        if weekly:
            responses = [_some(item) for item in taken["items"]]
            await self._ask("hand in", number, f"sets/{taken['set']}/hand-in", {"responses": responses}, due)
        else:
            item = next(one for one in taken["items"] if one["result"] is None)
            answer = {"item": item["item"], "response": _some(item)}
            await self._ask("answer", number, f"sets/{taken['set']}/answers", answer, due)

    async def _ask(self, what: str, number: int, path: str, body: object, due: float) -> dict[str, Any] | None:
        link = await self._links.get()
        try:
            status, content = await self._exchange(*link, number, path, json.dumps(body).encode())
        finally:
            self._links.put_nowait(link)
        self.figures.took[what].append(time.perf_counter() - due)
        if status != b"200":
            self.figures.refused[f"{what} {status.decode()}"] += 1
            return None
        return json.loads(content)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, path: str, content: bytes
    ) -> tuple[bytes, bytes]:
        head = (
            f"POST /api/practice/{path} HTTP/1.1\r\nHost: practice\r\nOrigin: {self._url}\r\n"
            f"Content-Type: application/json\r\nCookie: {LEARNER_COOKIE}={self._cookies[number]}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        writer.write(head.encode() + content)
        answered = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answered.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return answered[9:12], await reader.readexactly(int(length.split(b":")[1]))


def _some(item: dict[str, Any]) -> list[str]:
    return ["三十日", "书面"] if item["type"] == "fill_in" else [item["options"][0]["id"]]


async def ask(house: House, learners: int, rate: int, seconds: int) -> None:
    """Ask for `rate` sets a second, each of another learner."""
    wanted = min(rate * seconds, learners)
    sessions = ValkeyLearnerSessions(house.parts.store)
    whom = random.sample(range(1, learners + 1), wanted)
    asking = Asking(house.practice_url, [await sessions.open(one) for one in whom])
    await asking.open()
    # The first look at what is released, and statements that are prepared, are nobody's to wait for.
    await asyncio.gather(*(asking.one(number, time.perf_counter()) for number in range(min(16, wanted))))
    asking.figures = Figures()
    begun = time.perf_counter()
    under_way: list[asyncio.Task[None]] = []
    for number in range(16, wanted):
        due = begun + (number - 16) / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        under_way.append(asyncio.create_task(asking.one(number, due)))
    await asyncio.gather(*under_way)
    print(f"{len(under_way)} sets in {time.perf_counter() - begun:.1f} s")
    asking.figures.tell()
    await asking.close()


async def measure(options: argparse.Namespace) -> None:
    """Seed, and ask or explain."""
    learners = min(options.learners, MOST_LEARNERS)
    with scratch_folder() as folder:
        async with housed(folder / "data", practice=True) as house:
            begun = time.perf_counter()
            await seed(house, learners, options.cards)
            print(f"seeded in {time.perf_counter() - begun:.0f} s")
            if options.explain:
                await explain(house, learners)
                return
            async with house.open_doors():
                await ask(house, learners, options.rate, options.seconds)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=200_000)
    parser.add_argument("--cards", type=int, default=30, help="questions that each learner knows")
    parser.add_argument("--rate", type=int, default=200, help="sets a second")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--explain", action="store_true", help="tell the plans of the statements")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()

"""What a search over 100,000 questions costs: `python -m tests.stores.measure_search [QUESTIONS]`. Prints a table.

The questions are made of terms of the field in random order: some stand nearly everywhere, some are rare.
"""

import asyncio
import random
import statistics
import sys
import time
from dataclasses import replace

from leitai.office.bank import MODULES, Option, Question
from leitai.office.bank_ports import Sought
from leitai.rules.questions import QuestionState
from leitai.rules.values import Key, QuestionType
from leitai.stores.postgres.questions_store import QuestionsStore
from tests.support.office import batch, stores_at
from tests.support.stores import fresh_database, running_postgres

FREQUENT = [
    "社会保险",
    "用人单位",
    "劳动者",
    "应当",
    "职工",
    "基本养老",
    "缴费",
    "合同",
    "规定",
    "期限",
    "就业",
    "人员",
]
SYLLABLES = (
    "经办征缴待遇领取工伤认定失业金登记转移接续补贴培训技能鉴定仲裁调解争议解除终止试用期职称评审人才引进档案公示异议"
)
SOUGHT = (
    ("社会保险",),
    ("劳动者", "应当"),
    ("仲裁",),
    ("人才引进",),
    ("第12345条",),
    ("社会保险", "第777条"),
    ("应当缴费基本养老",),
    ("保险用",),
    ("不存在的词",),
)


def made_up(number: int, chance: random.Random) -> Question:
    def words(count: int) -> str:
        return "".join(
            chance.choice(FREQUENT) if chance.random() < 0.5 else "".join(chance.sample(SYLLABLES, 2))
            for _ in range(count)
        )

    return Question(
        QuestionType.SINGLE,
        f"{words(12)}，第{number}条规定的是哪一项？",
        tuple(Option(letter, words(5)) for letter in "ABCD"),
        Key(frozenset("A")),
        words(25),
        number % 5 + 1,
        MODULES[number % 6],
        f"知识点{number % 200}",
    )


async def main(count: int) -> None:
    chance = random.Random(5)
    with running_postgres() as postgres:
        async with fresh_database(postgres) as dsn, stores_at(dsn) as stores:
            begun = time.perf_counter()
            for first in range(0, count, 5_000):
                some = [made_up(number, chance) for number in range(first, min(first + 5_000, count))]
                await stores.office.import_bank(batch(), some)
            print(f"{count:,} questions imported in {time.perf_counter() - begun:.1f} s")
            async with stores.database.connection() as connection:
                await connection.execute("analyze")
                for name in ("question_search", "question_search_grams", "question_version"):
                    size = await connection.fetchval(
                        "select pg_size_pretty(pg_relation_size($1::text::regclass))", name
                    )
                    print(f"{name}: {size}")
            store = QuestionsStore(stores.database)
            print(f"{'sought':<44} {'hits':>7} {'median ms':>10} {'worst ms':>9}")
            for terms in SOUGHT:
                await _measure(store, Sought(terms), 1)
            await _measure(store, replace(Sought(("社会保险",)), module=MODULES[1], difficulty=2), 1)
            await _measure(store, replace(Sought(("社会保险",)), state=QuestionState.DRAFT), 1)
            await _measure(store, Sought(("社会保险",)), 100)
            await _measure(store, Sought(), 1)
            await _measure(store, Sought(), count // 20)
            await _measure(store, replace(Sought(), module=MODULES[1], difficulty=2), 100)


async def _measure(store: QuestionsStore, sought: Sought, page: int) -> None:
    took: list[float] = []
    total = ""
    for _ in range(20):
        begun = time.perf_counter()
        hits = await store.search(sought, page)
        took.append((time.perf_counter() - begun) * 1000)
        total = f"{hits.total}{'+' if hits.more else ''}"
    more = [one for one in (sought.module, sought.state and sought.state.value, f"page {page}") if one]
    print(f"{' '.join((*sought.terms, *more)):<44} {total:>7} {statistics.median(took):>10.1f} {max(took):>9.1f}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))

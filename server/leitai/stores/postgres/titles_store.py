"""Titles of practice in PostgreSQL (`office.practice.boards_ports.TitleStore`)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

import msgspec

from leitai.rules.practice import (
    DAILY_QUESTIONS,
    DAILY_STAR_DAYS,
    MONTHLY_EXPERT_CENTIPOINTS,
    WEEK_CENTIPOINTS,
    PracticeTitle,
)
from leitai.rules.practice_boards import Kind
from leitai.rules.practice_titles import DayOf, TitleFact
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row

_TITLES = Queries("practice_titles")
_TIMEOUT_S = 600.0
"""A nation's ledger takes longer than a statement usually may."""
NUMBERS = {PracticeTitle.DAILY_STAR: 1, PracticeTitle.WEEKLY_MASTER: 2, PracticeTitle.MONTHLY_EXPERT: 3}
"""How the schema names them."""
BY_NUMBER = {number: title for title, number in NUMBERS.items()}


class TitlesStore:
    """Titles. `database` is lent, not owned."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def days_of(self, learners: Sequence[int], first: date, last: date) -> Mapping[int, Sequence[DayOf]]:
        """See `TitleStore.days_of`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_TITLES["days_of"], list(learners), first, last)
        return _by_learner(found)

    async def candidates(self, months: date, weeks: date, last: date) -> Mapping[int, Sequence[DayOf]]:
        """See `TitleStore.candidates`."""
        async with self._database.transaction(snapshot=True) as connection:
            thresholds = (DAILY_QUESTIONS, DAILY_STAR_DAYS)
            daily = await connection.fetch(_TITLES["daily"], months, last, *thresholds, timeout=_TIMEOUT_S)
            weekly = await connection.fetch(_TITLES["weekly"], weeks, last, WEEK_CENTIPOINTS, timeout=_TIMEOUT_S)
            expert = MONTHLY_EXPERT_CENTIPOINTS
            monthly = await connection.fetch(_TITLES["monthly"], months, last, expert, timeout=_TIMEOUT_S)
        return _by_learner([*daily, *weekly, *monthly])

    async def disabled(self) -> AbstractSet[int]:
        """See `TitleStore.disabled`."""
        async with self._database.connection() as connection:
            return {row["id"] for row in await connection.fetch(_TITLES["disabled"])}

    async def keep(self, facts: Mapping[int, Sequence[TitleFact]], months: date, weeks: date, last: date) -> bool:
        """See `TitleStore.keep`."""
        held = [(learner_id, fact) for learner_id, of in sorted(facts.items()) for fact in of]
        learners = [learner_id for learner_id, _ in held]
        titles = [NUMBERS[fact.title] for _, fact in held]
        starts = [fact.starts_on for _, fact in held]
        async with self._database.transaction() as connection:
            if not await connection.fetchval(_TITLES["alone"]):
                return False
            for of, first in (([1, 3], months), ([2], weeks)):
                await connection.execute(_TITLES["forget"], of, first, last, learners, titles, starts)
            await connection.execute(
                _TITLES["keep"],
                learners,
                titles,
                starts,
                [fact.earned_on for _, fact in held],
                [_evidence(fact) for _, fact in held],
            )
        return True

    async def nominated(self, contest_id: int) -> Sequence[tuple[bytes, int, str]]:
        """See `TitleStore.nominated`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_TITLES["nominated"], contest_id)
        return [(row["id_hash"], row["learner_id"], row["name"]) for row in found]

    async def nominees(self, contest_id: int) -> int:
        """See `TitleStore.nominees`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_TITLES["nominees"], contest_id)

    async def weekly_points(self, learners: Sequence[int], first: date, last: date) -> Mapping[int, int]:
        """See `TitleStore.weekly_points`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_TITLES["weekly_points"], list(learners), first, last)
        return {row["learner_id"]: row["centipoints"] for row in found}


def _by_learner(found: Iterable[Row]) -> dict[int, list[DayOf]]:
    days: defaultdict[int, list[DayOf]] = defaultdict(list)
    for row in found:
        days[row["learner_id"]].append(DayOf(Kind(row["kind"]), row["on_day"], row["centipoints"], row["questions"]))
    return dict(days)


def _evidence(fact: TitleFact) -> str:
    unit = "questions" if fact.title is PracticeTitle.DAILY_STAR else "centipoints"
    return msgspec.json.encode({"days": fact.days, unit: fact.amount}).decode()

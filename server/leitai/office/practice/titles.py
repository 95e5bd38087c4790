"""Titles of practice, computed from the ledger: every night for what may still change, and for any day on demand."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import structlog

from leitai.office.ports import StoreUnavailable
from leitai.office.practice.boards_ports import TitleStore
from leitai.office.practice.timing import Clock
from leitai.rules.beijing import beijing_day, day_begins_us
from leitai.rules.practice_boards import EPOCH, Period, starts_on
from leitai.rules.practice_titles import DayOf, TitleFact, titles_of

NIGHT_US = 10 * 60 * 1_000_000
"""So long after midnight in Beijing: sets that were begun the day before are in by then."""
_AGAIN_S = 60.0
_log = structlog.get_logger()


class Titles:
    """What is held, and since when.

    Args:
        store: the ledger.
        clock: the server's.
    """

    def __init__(self, store: TitleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, learner_id: int, as_of: date) -> tuple[TitleFact, ...]:
        """Return what one learner holds at the end of a day, from the ledger as it is now."""
        days = await self._store.days_of([learner_id], EPOCH, as_of)
        return titles_of(days.get(learner_id, ()), as_of)

    async def everybody(self, as_of: date, since: date = EPOCH) -> Mapping[int, tuple[TitleFact, ...]]:
        """Return what everybody holds at the end of a day, of months and weeks that begin from `since` on.

        Whose account is disabled is not among them.
        """
        facts = await self._earned(as_of, since)
        disabled = await self._store.disabled()
        return {learner_id: held for learner_id, held in facts.items() if learner_id not in disabled}

    async def keep(self, as_of: date) -> int:
        """Compute the titles of this month and the one before, and of their weeks, and keep them; returns how many.

        What was kept of earlier ones stays. While another process is at it, nothing is done here. Titles are facts,
        whether an account is disabled or not: who is enabled again has them.
        """
        months = starts_on(Period.MONTH, starts_on(Period.MONTH, as_of) - timedelta(days=1))
        weeks = starts_on(Period.WEEK, months)
        facts = await self._earned(as_of, months)
        await self._store.keep(facts, months, weeks, as_of)
        return sum(len(one) for one in facts.values())

    async def keep_nightly(self) -> None:
        """Keep titles now and after every midnight in Beijing, until cancelled."""
        while True:
            try:
                held = await self.keep(beijing_day(self._clock.now_us()))
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
                await self._clock.sleep(_AGAIN_S)
                continue
            _log.info("practice_titles", held=held)
            await self._clock.sleep(until_night_us(self._clock.now_us()) / 1e6)

    async def _earned(self, as_of: date, since: date) -> Mapping[int, tuple[TitleFact, ...]]:
        months, weeks = starts_on(Period.MONTH, since), starts_on(Period.WEEK, since)
        days = await self._store.candidates(months, weeks, as_of)
        return await asyncio.to_thread(_facts, days, as_of)


def until_night_us(now_us: int) -> int:
    """Return how long it is to the next time that titles are computed."""
    today = beijing_day(now_us)
    tonight_us, next_us = (day_begins_us(day) + NIGHT_US for day in (today, today + timedelta(days=1)))
    return (tonight_us if now_us < tonight_us else next_us) - now_us


def _facts(days: Mapping[int, Sequence[DayOf]], as_of: date) -> dict[int, tuple[TitleFact, ...]]:
    found = ((learner_id, titles_of(of, as_of)) for learner_id, of in days.items())
    return {learner_id: facts for learner_id, facts in found if facts}

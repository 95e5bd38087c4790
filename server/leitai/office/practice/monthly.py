"""月月比: a month is scheduled, learners are handed over to its sitting, results follow from the record.

The sitting itself is the live contest's (`live`, `roles.gateway` with the lane `monthly`): same script, clock, receipts
and recovery.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import structlog

from leitai.office.bank import BankEntry
from leitai.office.papers import assemble
from leitai.office.ports import StoreUnavailable
from leitai.office.practice.monthly_ports import Month, MonthlyStore, OwnMonth
from leitai.office.practice.timing import Clock
from leitai.office.session_ports import PaperLine, SessionSettings
from leitai.rules.beijing import beijing_day
from leitai.rules.monthly import (
    ITEM_CENTIPOINTS,
    MIX,
    MonthlyRefused,
    Sat,
    Stage,
    earned_on,
    month_of,
    ranked,
    score,
    stage_of,
)
from leitai.rules.timeline import CHECK_IN_US
from leitai.rules.values import Answer, Counted, Micros, Pacing, Plan, SessionId, SittingId

PREPARED_US = 3_600_000_000
"""The live path takes a month up an hour before it opens; until then it can be withdrawn."""
SHOWN_DAYS = 190
"""Learners see the months of the last half-year."""
LOOK_S = 10.0
_AT_ONCE = 500
_log = structlog.get_logger()

HandOver = Callable[[SessionId, SittingId], Awaitable[str]]
"""`live.ports.Tickets.hand_over`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A month's sitting as one learner sees it now."""

    own: OwnMonth
    stage: Stage


class Monthly:
    """What is done for 月月比 before and after the sittings.

    Args:
        store: where months and results are.
        clock: the server's. The sitting itself goes by the contest's.
    """

    def __init__(self, store: MonthlyStore, clock: Clock) -> None:
        self.store = store
        self._clock = clock
        self._now_us = clock.now_us

    # --- the practice office ------------------------------------------------------------------------------------------

    async def schedule(
        self, title: str, paper_id: int, opens_us: int, closes_us: int, minutes: int, actor: str
    ) -> SessionId:
        """Announce a month's sitting; raises `MonthlyRefused`, `StoreUnavailable`."""
        own_us = minutes * 60_000_000
        month = month_of(opens_us, closes_us, own_us)
        if opens_us <= self._now_us():
            raise MonthlyRefused("monthly-past")
        settings = session_settings(title, opens_us, closes_us, own_us)
        return await self.store.schedule(month, paper_id, settings, secrets.token_bytes(32), actor)

    # --- learners -----------------------------------------------------------------------------------------------------

    async def seen(self, learner_id: int) -> Sequence[Seen]:
        """Return the months that a learner sees, the newest first."""
        now_us = self._now_us()
        since = beijing_day(now_us) - timedelta(days=SHOWN_DAYS)
        return [Seen(own, _stage(own, now_us)) for own in await self.store.own(learner_id, since)]

    async def enter(self, learner_id: int, hand_over: HandOver) -> str:
        """Enrol a learner in the sitting that is open and return the code that leads there.

        Raises `MonthlyRefused` with `monthly-not-open` or `monthly-taken`, and `StoreUnavailable`.
        """
        now_us = self._now_us()
        for own in await self.store.own(learner_id, _month_before(beijing_day(now_us))):
            stage = _stage(own, now_us)
            if stage is Stage.SAT:
                raise MonthlyRefused("monthly-taken")
            if stage in (Stage.OPEN, Stage.UNDER_WAY):
                session_id = own.month.session_id
                return await hand_over(session_id, await self.store.enrol(session_id, learner_id, now_us))
        raise MonthlyRefused("monthly-not-open")

    # --- results ------------------------------------------------------------------------------------------------------

    async def settle(self) -> int:
        """Compute the results of what is final, write them with their points, and let them be seen; returns of how many
        sittings. Whoever is interrupted, or comes second, writes nothing twice.
        """
        written = 0
        for month in await self.store.to_settle():
            sat = await self.sat(month.session_id)
            places = await asyncio.to_thread(ranked, sat.values())
            results = [(sat[place.score.sitting_id], place) for place in places]
            day = earned_on(month.closes_us)
            for first in range(0, len(results), _AT_ONCE):
                await self.store.settle(month, day, results[first : first + _AT_ONCE])
            await self.store.settled(month.session_id, self._now_us())
            _log.info("monthly_settled", session=month.session_id, sat=len(results))
            written += len(results)
        return written

    async def sat(self, session_id: SessionId) -> dict[SittingId, Sat]:
        """Return every sitting's result, from the recorded answers alone; whoever never began has none."""
        plan = await self.store.plan(session_id)
        sittings = await self.store.sittings(session_id)
        sat: dict[SittingId, Sat] = {}
        for first in range(0, len(sittings), _AT_ONCE):
            some = sittings[first : first + _AT_ONCE]
            answers = await self.store.answers_of(session_id, some)
            sat |= await asyncio.to_thread(_scored, plan, answers)
        return sat

    async def keep(self) -> None:
        """Let the live path take up what opens soon, and settle what is over, until cancelled."""
        while True:
            try:
                await self.store.prepare(self._now_us() + PREPARED_US)
                await self.settle()
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
            await self._clock.sleep(LOOK_S)


def assemble_month(bank: Sequence[BankEntry], seed: str) -> list[PaperLine]:
    """Return the paper of the defaults (`rules.monthly.MIX`), the same for the same bank and seed.

    Raises `office.papers.NotEnoughQuestions`.
    """
    return [replace(line, centipoints=ITEM_CENTIPOINTS, seconds=0) for line in assemble(bank, MIX, seed)]


def session_settings(title: str, opens_us: int, closes_us: int, own_us: int) -> SessionSettings:
    """Return how the live path runs it: a paper in one window of days, in which each sitting has its own time.

    Nobody appeals, and it becomes final by itself as soon as all is recorded.
    """
    return SessionSettings(
        title,
        Micros(opens_us),
        Micros(opens_us - CHECK_IN_US),
        pacing=Pacing.PAPER,
        counted=Counted.LAST,
        duration_us=Micros(closes_us - opens_us),
        late_entry_us=Micros(closes_us - opens_us),
        freeze_percent=0,
        show_own=False,
        appeal_us=Micros(0),
        auto_finalize=True,
        own_us=Micros(own_us),
    )


def _stage(own: OwnMonth, now_us: int) -> Stage:
    month = own.month
    return stage_of(now_us, month.opens_us, month.closes_us, month.own_us, own.begun_us, settled=own.result is not None)


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _scored(plan: Plan, answers: Mapping[SittingId, Sequence[Answer]]) -> dict[SittingId, Sat]:
    found = ((sitting_id, score(plan, sitting_id, given)) for sitting_id, given in answers.items())
    return {sitting_id: sat for sitting_id, sat in found if sat is not None}


__all__ = ["Month", "Monthly", "Seen", "session_settings"]

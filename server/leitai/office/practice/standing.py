"""The own page: days in a row, points, titles with their evidence, progress by module, and the rank at each level."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from leitai.office.practice.boards_ports import BoardStore, Scope, Sum
from leitai.office.practice.ports import Learner, ModuleProgress, Progress
from leitai.office.practice.titles import Titles
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_boards import Period, Streak, starts_on, streak
from leitai.rules.practice_titles import TitleFact
from leitai.rules.values import Micros


@dataclass(frozen=True, slots=True)
class OwnRank:
    """A rank within an organisation, or the nation (None): so many have points there."""

    scope: Scope | None
    rank: int
    of: int


@dataclass(frozen=True, slots=True)
class Own:
    """How a learner stands.

    Attributes:
        today: the day in Beijing.
        streak: days in a row.
        sums: by period; what has none is left out.
        titles: held at the end of today, by the day they were earned.
        modules: how far they are in each.
        ranks: by the points of one period, from the unit up to the nation; empty while there are none.
    """

    today: date
    streak: Streak
    sums: Mapping[Period, Sum]
    titles: tuple[TitleFact, ...]
    modules: Sequence[ModuleProgress]
    ranks: tuple[OwnRank, ...]


class OwnStanding:
    """Looks everything up that the own page shows."""

    def __init__(self, boards: BoardStore, titles: Titles, progress: Progress, now_us: Callable[[], Micros]) -> None:
        self._boards = boards
        self._titles = titles
        self._progress = progress
        self._now_us = now_us

    async def own(self, learner: Learner, period: Period) -> Own:
        """Return how a learner stands now, with ranks by the points of a period; raises `StoreUnavailable`."""
        today = beijing_day(self._now_us())
        days, sums, titles, modules = await asyncio.gather(
            self._boards.days(learner.learner_id),
            self._boards.sums(learner.learner_id, today),
            self._titles.of(learner.learner_id, today),
            self._progress.progress(learner.learner_id),
        )
        ranks = await self._ranks(sums.get(period), period, today)
        return Own(today, streak(days, today), sums, titles, modules, ranks)

    async def titles(self, learner: Learner) -> tuple[TitleFact, ...]:
        """Return the titles held now."""
        return await self._titles.of(learner.learner_id, beijing_day(self._now_us()))

    async def _ranks(self, own: Sum | None, period: Period, today: date) -> tuple[OwnRank, ...]:
        if own is None:
            return ()
        begins = starts_on(period, today)
        within = [Scope(level, place) for level, place in enumerate(own.places) if place is not None]
        scopes: list[Scope | None] = [*reversed(within), None]
        found = await asyncio.gather(*(self._boards.place(scope, period, begins, own.centipoints) for scope in scopes))
        # One of them is whoever asks, however long ago they were counted.
        return tuple(
            OwnRank(scope, above + 1, max(of, above + 1)) for scope, (above, of) in zip(scopes, found, strict=True)
        )

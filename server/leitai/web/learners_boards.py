"""The doors of the own page and of boards: by day, week, month and in all, for every organisation and the nation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.boards_ports import BoardStore, Scope
from leitai.office.practice.learners_ports import OrganisationName, OrganisationStore
from leitai.office.practice.ports import LEVELS
from leitai.office.practice.standing import Own, OwnStanding
from leitai.rules.beijing import beijing_day
from leitai.rules.practice import PracticeTitle
from leitai.rules.practice_boards import Period, ends_on, ranked, starts_on
from leitai.rules.values import Micros
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import day_in_query, number_in_query, page_in_query, private
from leitai.web.parts import LearnerOf
from leitai.wire.learners_bodies import (
    LevelName,
    OwnModule,
    OwnRankBody,
    OwnStandingBody,
    OwnSum,
    OwnTitle,
    PeriodName,
    PracticeBoardBody,
    PracticeBranchesBody,
    PracticeBranchRow,
    PracticeRow,
    TitleName,
)

PAGE_SIZE = 50
MOST_PAGES = 200
MOST_BRANCHES = 200
NAMES: Mapping[Period, PeriodName] = {
    Period.DAY: "day",
    Period.WEEK: "week",
    Period.MONTH: "month",
    Period.ALL: "all",
}
_PERIODS: Mapping[str, Period] = {name: period for period, name in NAMES.items()}
TITLE_NAMES: Mapping[PracticeTitle, TitleName] = {
    PracticeTitle.DAILY_STAR: "daily_star",
    PracticeTitle.WEEKLY_MASTER: "weekly_master",
    PracticeTitle.MONTHLY_EXPERT: "monthly_expert",
}


class _Asked(Struct, frozen=True):
    """What a board's address names."""

    period: Period
    first: date
    last: date
    scope: Scope | None
    level: LevelName
    organisation: int
    name: str


@dataclass(frozen=True, slots=True)
class BoardsPart:
    """A `PracticePart`."""

    standing: OwnStanding
    boards: BoardStore
    organisations: OrganisationStore
    now_us: Callable[[], Micros]

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        del limit

        async def own(request: Request) -> Response:
            learner = await learner_of(request)
            period = period_in_query(request)
            found = await self.standing.own(learner, period)
            ids = [one.scope.organisation_id for one in found.ranks if one.scope is not None]
            names = await self.organisations.names(ids) if ids else {}
            return private(_own(found, period, names))

        async def board(request: Request) -> Response:
            learner = await learner_of(request)
            page = page_in_query(request)
            if page > MOST_PAGES:
                raise Refusal("bad-request")
            asked = await self._asked(request)
            before = (page - 1) * PAGE_SIZE
            found = await self.boards.page(asked.scope, asked.period, asked.first, before, PAGE_SIZE)
            places = {one.unit_id if asked.scope is not None else one.province_id for one in found.rows}
            names = await self.organisations.names([one for one in places if one is not None])
            learners = [one.learner_id for one in found.rows]
            titles = await self.boards.titles(learners, asked.first, asked.last) if learners else {}
            ranks = ranked([one.centipoints for one in found.rows], found.above, before)
            rows = [
                PracticeRow(
                    rank,
                    one.shown,
                    _named(names, one.unit_id if asked.scope is not None else one.province_id),
                    one.centipoints,
                    one.learner_id == learner.learner_id,
                    [TITLE_NAMES[title] for title in titles.get(one.learner_id, ())],
                )
                for rank, one in zip(ranks, found.rows, strict=True)
            ]
            pages = min(MOST_PAGES, max(1, -(-found.total // PAGE_SIZE)))
            return private(
                PracticeBoardBody(
                    asked.level,
                    asked.organisation,
                    asked.name,
                    NAMES[asked.period],
                    asked.first,
                    asked.last,
                    page,
                    pages,
                    found.total,
                    rows,
                )
            )

        async def branches(request: Request) -> Response:
            await learner_of(request)
            asked = await self._asked(request)
            found = await self.boards.branches(asked.scope, asked.period, asked.first, MOST_BRANCHES)
            names = await self.organisations.names([one for one, _, _ in found.rows])
            ranks = ranked([centipoints for _, centipoints, _ in found.rows], 0, 0)
            rows = [
                PracticeBranchRow(rank, one, _named(names, one), centipoints, learners)
                for rank, (one, centipoints, learners) in zip(ranks, found.rows, strict=True)
            ]
            return private(
                PracticeBranchesBody(
                    asked.level,
                    asked.organisation,
                    asked.name,
                    NAMES[asked.period],
                    asked.first,
                    asked.last,
                    rows,
                )
            )

        return {"practice_own": own, "practice_board": board, "practice_branches": branches}

    async def _asked(self, request: Request) -> _Asked:
        period = period_in_query(request)
        today = beijing_day(self.now_us())
        day = day_in_query(request, "day") or today
        organisation = number_in_query(request, "organisation") or 0
        first = starts_on(period, day)
        last = today if period is Period.ALL else ends_on(period, day)
        if not organisation:
            return _Asked(period, first, last, None, "nation", 0, "")
        found = (await self.organisations.names([organisation])).get(organisation)
        if found is None:
            raise Refusal("not-found")
        level = found.level - 1
        return _Asked(period, first, last, Scope(level, organisation), LEVELS[level], organisation, found.name)


def period_in_query(request: Request) -> Period:
    """Return `period` of the query, the month when absent; raises `Refusal` with `bad-request`."""
    period = _PERIODS.get(request.query_params.get("period", "month"))
    if period is None:
        raise Refusal("bad-request")
    return period


def _named(names: Mapping[int, OrganisationName], organisation: int | None) -> str:
    found = names.get(organisation) if organisation is not None else None
    return "" if found is None else found.name


def _own(found: Own, period: Period, names: Mapping[int, OrganisationName]) -> OwnStandingBody:
    ranks = [
        OwnRankBody(
            "nation" if one.scope is None else LEVELS[one.scope.level],
            0 if one.scope is None else one.scope.organisation_id,
            "" if one.scope is None else _named(names, one.scope.organisation_id),
            one.rank,
            one.of,
        )
        for one in found.ranks
    ]
    return OwnStandingBody(
        found.today,
        found.streak.current,
        found.streak.longest,
        found.streak.today,
        NAMES[period],
        [OwnSum(NAMES[of], one.centipoints, one.questions) for of, one in sorted(found.sums.items())],
        [
            OwnTitle(TITLE_NAMES[one.title], one.starts_on, one.earned_on, list(one.days), one.amount)
            for one in reversed(found.titles)
        ],
        [OwnModule(one.module, one.released, one.seen, one.right) for one in found.modules],
        ranks,
    )

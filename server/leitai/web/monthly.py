"""The doors of 月月比: at the practice's address for learners, at the office's for whoever schedules it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.monthly import HandOver, Monthly, Seen
from leitai.office.practice.monthly_ports import Month
from leitai.rules.monthly import MINUTES, MonthlyRefused
from leitai.rules.practice import is_monthly_expert
from leitai.rules.rights import Act
from leitai.rules.values import Micros, Phase, SessionId
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.parts import LearnerOf, SignedIn, permitted
from leitai.wire.bodies import EmptyRequest
from leitai.wire.monthly_bodies import (
    MonthlyBody,
    MonthlyEntryBody,
    MonthlyPaper,
    MonthlyResult,
    MonthRequest,
    MonthRow,
    MonthsBody,
    OwnMonthlyBody,
)

ENTRIES_A_MINUTE = 20
_WINDOW_S = 60
_empty = msgspec.json.Decoder(EmptyRequest)
_month = msgspec.json.Decoder(MonthRequest)


@dataclass(frozen=True, slots=True)
class MonthlyPart:
    """A `PracticePart`.

    Attributes:
        monthly: the work.
        hand_over: `live.ports.Tickets.hand_over`.
        tries: `live.ports.Tickets.tries`.
        origin: where sittings are taken.
        now_us: the server's clock.
    """

    monthly: Monthly
    hand_over: HandOver
    tries: Callable[[str, int], Awaitable[int]]
    origin: str
    now_us: Callable[[], Micros]

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""

        async def seen(request: Request) -> Response:
            learner = await learner_of(request)
            months = await self.monthly.seen(learner.learner_id)
            return private(MonthlyBody(self.now_us(), [_own(one) for one in months]))

        async def enter(request: Request) -> Response:
            learner = await learner_of(request)
            await read_json(request, _empty, limit)
            if await self.tries(f"monthly:{learner.learner_id}", _WINDOW_S) > ENTRIES_A_MINUTE:
                raise Refusal("too-many-tries")
            try:
                code = await self.monthly.enter(learner.learner_id, self.hand_over)
            except MonthlyRefused as refused:
                raise Refusal(refused.code) from None
            # Behind #, which no server and no log is told.
            return private(MonthlyEntryBody(f"{self.origin}/contest#entry={code}"))

        return {"monthly": seen, "monthly_enter": enter}


@dataclass(frozen=True, slots=True)
class MonthlyDeskPart:
    """An `OfficePart`."""

    monthly: Monthly

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""

        async def months(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_PRACTICE)
            return private(await self._months())

        async def schedule(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            body = await read_json(request, _month, limit)
            try:
                await self.monthly.schedule(
                    body.title.strip(), body.paper, body.opens_us, body.closes_us, body.minutes, member.login
                )
            except MonthlyRefused as refused:
                raise Refusal(refused.code) from None
            return private(await self._months())

        async def withdraw(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            await read_json(request, _empty, limit)
            try:
                await self.monthly.store.withdraw(SessionId(id_in_path(request, "session")), member.login)
            except KeyError:
                raise Refusal("not-found") from None
            except MonthlyRefused as refused:
                raise Refusal(refused.code) from None
            return private(await self._months())

        return {"monthly_months": months, "monthly_schedule": schedule, "monthly_withdraw": withdraw}

    async def _months(self) -> MonthsBody:
        store = self.monthly.store
        papers = [
            MonthlyPaper(one.paper_id, one.title, one.items, one.centipoints) for one in await store.sealed_papers()
        ]
        return MonthsBody([_row(one) for one in await store.months()], papers, MINUTES)


def _own(seen: Seen) -> OwnMonthlyBody:
    own, month = seen.own, seen.own.month
    result = None
    if own.result is not None:
        one = own.result
        expert = is_monthly_expert(one.centipoints)
        result = MonthlyResult(one.centipoints, one.elapsed_us, one.answered, one.rank, one.of, expert)
    ends_us = 0 if own.begun_us is None else min(own.begun_us + month.own_us, month.closes_us)
    return OwnMonthlyBody(
        month.session_id,
        month.month,
        month.title,
        seen.stage.value,
        month.opens_us,
        month.closes_us,
        month.own_us // 60_000_000,
        month.items,
        month.centipoints,
        ends_us,
        result,
    )


def _row(month: Month) -> MonthRow:
    return MonthRow(
        month.session_id,
        month.month,
        month.title,
        month.paper_title,
        month.opens_us,
        month.closes_us,
        month.own_us // 60_000_000,
        month.items,
        month.centipoints,
        month.phase.value,
        month.enrolled,
        month.sat,
        month.settled,
        month.scheduled_by,
        month.withdrawn_by,
        month.phase is Phase.DRAFT and not month.withdrawn_by,
    )

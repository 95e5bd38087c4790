"""The doors of the calendar: everybody's, and the dates' page of the staff."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.calendar.calendar import Calendar, Shown
from leitai.office.calendar.ics import calendar_file
from leitai.office.calendar.ports import Days, StaleDays
from leitai.rules.calendar import Span, Stage, plan_spans
from leitai.rules.rights import Act
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import encode, number_in_query, private, read_json, revalidated
from leitai.web.parts import SignedIn, permitted
from leitai.web.results import Shared
from leitai.wire.calendar_bodies import (
    CalendarBody,
    CalendarContest,
    CalendarRequest,
    CalendarStage,
    PlanDays,
    StaffCalendarBody,
)

KEPT_S = 5.0
"""For so long an answer serves everyone who asks."""
_CACHE = "public, max-age=5"
_set = msgspec.json.Decoder(CalendarRequest)


@dataclass(frozen=True, slots=True)
class CalendarPublic:
    """A `PublicPart`."""

    calendar: Calendar

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        shared = Shared(kept_s=KEPT_S)

        async def page(request: Request) -> Response:
            contest = number_in_query(request, "contest")
            etag, content = await shared.get(("page", contest), lambda: self._page(contest))
            return revalidated(request, etag, content, cache=_CACHE, media="application/json")

        async def file(request: Request) -> Response:
            contest = number_in_query(request, "contest")
            etag, content = await shared.get(("file", contest), lambda: self._file(contest))
            response = revalidated(request, etag, content, cache=_CACHE, media="text/calendar; charset=utf-8")
            if response.status_code == 200:
                response.headers["Content-Disposition"] = 'attachment; filename="leitai.ics"'
            return response

        return {"calendar": page, "calendar_file": file}

    async def _page(self, contest: int | None) -> bytes:
        return encode(_body(await _shown(self.calendar, contest)))

    async def _file(self, contest: int | None) -> bytes:
        return calendar_file(await _shown(self.calendar, contest)).encode()


@dataclass(frozen=True, slots=True)
class CalendarDoors:
    """An `OfficePart`."""

    calendar: Calendar

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""

        async def see(request: Request) -> Response:
            await permitted(signed_in, request, Act.PLAN_CALENDAR)
            return private(await self._staff(number_in_query(request, "contest")))

        async def change(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PLAN_CALENDAR)
            body = await read_json(request, _set, limit)
            try:
                await self.calendar.set_days(member.login, body.contest, body.version, _days(body))
            except StaleDays:
                raise Refusal("stale-version") from None
            except KeyError:
                raise Refusal("not-found") from None
            return private(await self._staff(body.contest))

        return {"staff_calendar": see, "calendar_set": change}

    async def _staff(self, contest: int | None) -> StaffCalendarBody:
        years = await self.calendar.years()
        if not years and contest is None:
            return StaffCalendarBody([], 0, None, [])
        shown = await _shown(self.calendar, contest)
        contests = [CalendarContest(one.contest_id, one.title, one.year, place == 0) for place, one in enumerate(years)]
        plan = [PlanDays(stage.value, span.first, span.last) for stage, span in plan_spans(shown.year.year).items()]
        return StaffCalendarBody(contests, shown.year.version, _body(shown), plan)


async def _shown(calendar: Calendar, contest: int | None) -> Shown:
    try:
        return await calendar.shown(contest)
    except KeyError:
        raise Refusal("not-found") from None


def _days(body: CalendarRequest) -> dict[Stage, Days]:
    days: dict[Stage, Days] = {}
    for one in body.stages:
        stage = Stage(one.stage)
        if stage in days or (one.first is None) is not (one.last is None):
            raise Refusal("bad-request")
        if one.first is None or one.last is None:
            continue
        try:
            days[stage] = Days(Span(one.first, one.last), one.note.strip())
        except ValueError:
            raise Refusal("calendar-order") from None
    return days


def _body(shown: Shown) -> CalendarBody:
    year = shown.year
    return CalendarBody(
        year.contest_id,
        year.title,
        year.organizer,
        year.year,
        shown.today,
        [
            CalendarStage(
                one.stage.value,
                one.state.value,
                one.span.first if one.span else None,
                one.span.last if one.span else None,
                one.fact.done if one.fact else 0,
                one.fact.total if one.fact else 0,
                shown.notes.get(one.stage, ""),
            )
            for one in shown.stages
        ],
    )

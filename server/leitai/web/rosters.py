"""The doors of the roster: making it, strike-offs, what two decide about people, its publication, admission tickets."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.exporting.people_sheets import roster_sheet
from leitai.office.nominations.rostering import PublishedRoster, Rostering
from leitai.office.nominations.tickets import TicketOffice
from leitai.office.nominations.values import RosterSeat
from leitai.rules.rights import Act, may
from leitai.rules.values import DelegationCode, SessionId
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import delegation_in_query, encode, etag_of, id_in_path, private, read_json, revalidated
from leitai.web.nominations import asked_body, contest_of, found, workbook
from leitai.web.parts import SignedIn, permitted
from leitai.web.people_views import contest_body, job_body, public_roster_body, requests_body, seat_body
from leitai.wire import nominations_bodies as people
from leitai.wire.bodies import EmptyRequest

_NO_STORE = {"Cache-Control": "no-store"}
_empty = msgspec.json.Decoder(EmptyRequest)
_strike = msgspec.json.Decoder(people.StrikeOffRequest)
_decide = msgspec.json.Decoder(people.PeopleDecisionRequest)
_tickets = msgspec.json.Decoder(people.TicketsRequest)


@dataclass(frozen=True, slots=True)
class PublicRosterPart:
    """What everybody may read of rosters."""

    published: PublishedRoster

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """See `web.parts.PublicPart`."""

        async def public_roster(request: Request) -> Response:
            content = encode(public_roster_body(*await found(self.published.newest())))
            return revalidated(request, etag_of(content), content, cache="public, max-age=5", media="application/json")

        return {"public_roster": public_roster}


@dataclass(frozen=True, slots=True)
class RostersPart:
    """A part of the office: rosters and admission tickets."""

    rostering: Rostering
    tickets: TicketOffice

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """See `web.parts.OfficePart`."""
        rostering, office = self.rostering, self.tickets
        store = rostering.store

        async def roster(request: Request) -> Response:
            member = await signed_in(request)
            delegation = delegation_in_query(request) if "delegation" in request.query_params else None
            # A team leader who names no delegation means the own one.
            if delegation is None and not may(member.standing, Act.SEE_ROSTER):
                delegation = member.delegation
            if not may(member.standing, Act.SEE_ROSTER, delegation=delegation):
                detail = {"delegation": delegation or "", "code": "forbidden"}
                await store.audit(member.login, "roster-refused", "roster", detail)
                raise Refusal("forbidden")
            contest = await found(store.contest_state(contest_of(request)))
            keeps = may(member.standing, Act.SEE_ROSTER)
            seats: list[RosterSeat] = []
            if may(member.standing, Act.SEE_ROSTER, phase=contest.stage, delegation=delegation):
                seats = await rostering.seats(contest.contest_id, contest.year, delegation)
            waiting = await rostering.open_requests(contest.contest_id) if keeps else []
            names = {one.contestant.contestant_id: one.contestant.person.name for one in seats}
            return private(
                people.RosterBody(
                    contest_body(contest),
                    [seat_body(one) for one in seats],
                    requests_body((one for one in waiting if one.act == "strike-off"), names),
                )
            )

        async def sheet(request: Request) -> Response:
            await permitted(signed_in, request, Act.KEEP_ROSTER)
            contest = await found(store.contest_state(contest_of(request)))
            seats = await rostering.seats(contest.contest_id, contest.year)
            names = {one.code: one.name for one in await store.delegations()}
            data = await asyncio.to_thread(roster_sheet, seats, names)
            return workbook(data, f"roster-{contest.contest_id}.xlsx")

        async def make(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.KEEP_ROSTER)
            await read_json(request, _empty, limit)
            return private(people.RosterMade(await found(rostering.make(contest_of(request), member.login))))

        async def strike(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.KEEP_ROSTER)
            body = await read_json(request, _strike, limit)
            asked = rostering.ask_strike(contest_of(request), body.contestant, body.reason, member.login, member.name)
            return private(asked_body(await found(asked)))

        async def publish(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.KEEP_ROSTER)
            await read_json(request, _empty, limit)
            await found(rostering.publish(contest_of(request), member.login))
            return Response(None, 204, _NO_STORE)

        async def decide(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.REVIEW_NOMINATIONS)
            body = await read_json(request, _decide, limit)
            await found(rostering.decide(id_in_path(request, "request"), member.login, confirms=body.confirm))
            return Response(None, 204, _NO_STORE)

        async def make_tickets(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.ISSUE_CODES)
            body = await read_json(request, _tickets, limit)
            job = await found(
                office.start(
                    SessionId(body.session),
                    DelegationCode(body.delegation) if body.delegation else None,
                    member.login,
                    codes=body.codes,
                    together=body.together,
                )
            )
            return private(job_body(job))

        async def tickets(request: Request) -> Response:
            await permitted(signed_in, request, Act.ISSUE_CODES)
            return private(job_body(await found(office.job(request.path_params["job"]))))

        async def file(request: Request) -> Response:
            await permitted(signed_in, request, Act.ISSUE_CODES)
            number = id_in_path(request, "file")
            content = await found(office.file(request.path_params["job"], number))
            headers = {**_NO_STORE, "Content-Disposition": f'attachment; filename="tickets-{number + 1}.pdf"'}
            return Response(content, 200, headers, "application/pdf")

        return {
            "roster": roster,
            "roster_sheet": sheet,
            "roster_make": make,
            "roster_strike": strike,
            "roster_publish": publish,
            "people_decide": decide,
            "tickets_make": make_tickets,
            "tickets": tickets,
            "tickets_file": file,
        }

"""The doors of provinces' own contests: the office's in the province's house, and those of who registers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.nominations.values import NominationRefused
from leitai.office.nominations.won import BestTaken, WonPlaces
from leitai.office.own_contests import OwnContestsDesk, OwnRosterReport, PrizeList
from leitai.office.own_contests_ports import Applicant, OwnContest, OwnContestRefused, OwnPerson, Registration
from leitai.office.results import NothingThere
from leitai.rules.honours import award_name
from leitai.rules.prizes import Prize
from leitai.rules.rights import Act
from leitai.rules.values import SessionId, SittingId
from leitai.web.contract import Endpoint
from leitai.web.contract.nominations import FILES
from leitai.web.errors import Refusal
from leitai.web.exchange import file_name_in_query, id_in_path, private, read_json, read_upload, session_in_path
from leitai.web.nominations import MAX_UPLOAD, contest_of, delegation_of, reader
from leitai.web.parts import SignedIn, permitted
from leitai.web.people_views import problems_body
from leitai.wire import own_contests_bodies as own

T = TypeVar("T")

REGISTRATIONS_PER_ADDRESS = 30
"""In ten minutes: a unit's people sit behind one address, and come one after another."""
REGISTRATIONS_PER_NUMBER = 6
TRIES_WINDOW_S = 600
_NO_STORE = {"Cache-Control": "no-store"}
_create = msgspec.json.Decoder(own.OwnContestRequest)
_teams = msgspec.json.Decoder(own.TeamsRequest)
_registration = msgspec.json.Decoder(own.RegistrationBody)
_applicants = msgspec.json.Decoder(own.ApplicantsRequest)
_prizes = msgspec.json.Decoder(own.PrizesRequest)
_lend = msgspec.json.Decoder(own.LendRequest)
_best = msgspec.json.Decoder(own.WonNomineesRequest)
_register = msgspec.json.Decoder(own.RegisterRequest)


@dataclass(frozen=True, slots=True)
class OwnContestsPart:
    """A part of the office."""

    desk: OwnContestsDesk
    won: WonPlaces
    lend: Callable[[int, bool, str], Awaitable[bool]]
    """Lets provinces use a question or not, for somebody; False: it cannot be lent. Raises KeyError."""
    address: str
    """Where the public finds this house."""

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """See `web.parts.OfficePart`."""
        desk, store = self.desk, self.desk.store

        async def allowed(request: Request) -> str:
            return (await permitted(signed_in, request, Act.KEEP_OWN_CONTEST)).login

        async def contests(request: Request) -> Response:
            await allowed(request)
            return private(
                own.OwnContestsBody(
                    [_contest(one) for one in await store.own_contests()],
                    [own.TeamBody(one.code, one.name) for one in await store.teams()],
                    f"{self.address}/registration",
                    desk.now_us(),
                )
            )

        async def create(request: Request) -> Response:
            actor = await allowed(request)
            body = await read_json(request, _create, limit)
            title, organizer = body.title.strip(), body.organizer.strip()
            if not title or not organizer:
                raise Refusal("bad-request")
            return private(
                own.OwnContestCreated(await store.create_own_contest(title, organizer, body.year, actor)), 201
            )

        async def teams(request: Request) -> Response:
            actor = await allowed(request)
            names = [name.strip() for name in (await read_json(request, _teams, limit)).names]
            if not all(names):
                raise Refusal("bad-request")
            await store.add_teams(list(dict.fromkeys(names)), actor)
            return Response(None, 204, _NO_STORE)

        async def people(request: Request) -> Response:
            await allowed(request)
            contest = await found(store.own_contest(contest_of(request)))
            contest_id = contest.contest.contest_id
            return private(
                own.OwnPeopleBody(
                    [_person(one) for one in await store.people(contest_id)],
                    [_applicant(one) for one in await store.applicants(contest_id)],
                )
            )

        async def roster(request: Request) -> Response:
            actor = await allowed(request)
            keep = request.query_params.get("keep") == "true"
            data = await read_upload(request, FILES, MAX_UPLOAD)
            name = file_name_in_query(request, "name")
            report = await found(desk.roster(contest_of(request), name, data, actor, keep=keep))
            return private(_report(report, reader(request)))

        async def registration(request: Request) -> Response:
            actor = await allowed(request)
            body = await read_json(request, _registration, limit)
            done = desk.set_registration(contest_of(request), body.asks, body.closes_us, actor, opens=body.open)
            await found(done)
            return Response(None, 204, _NO_STORE)

        async def applicants(request: Request) -> Response:
            actor = await allowed(request)
            body = await read_json(request, _applicants, limit)
            decided = desk.decide(
                contest_of(request), body.applicants, actor, approves=body.act == "approve", reason=body.reason
            )
            return private(own.ApplicantsDecided(await found(decided)))

        async def prizes(request: Request) -> Response:
            actor = await allowed(request)
            body = await read_json(request, _prizes, limit)
            wanted = [Prize(one.name, one.places, one.teams) for one in body.prizes]
            return private(
                own.PrizesSet(await found(desk.set_prizes(contest_of(request), body.expects, wanted, actor)))
            )

        async def won(request: Request) -> Response:
            await allowed(request)
            return private(_won(await found(desk.won(contest_of(request), session_in_path(request)))))

        async def lend(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.LEND_QUESTIONS)
            body = await read_json(request, _lend, limit)
            if not await found(self.lend(id_in_path(request, "question"), body.provinces, member.login)):
                raise Refusal("not-lent")
            return Response(None, 204, _NO_STORE)

        async def own_sessions(request: Request) -> Response:
            code = delegation_of(request)
            await permitted(signed_in, request, Act.NOMINATE, delegation=code)
            return private(
                own.WonSessionsBody(
                    [
                        own.WonSessionBody(one.session_id, one.contest_title, one.title, one.start_us, one.people)
                        for one in await found(self.won.offered(contest_of(request), code))
                    ]
                )
            )

        async def take_best(request: Request) -> Response:
            code = delegation_of(request)
            member = await permitted(signed_in, request, Act.NOMINATE, delegation=code)
            body = await read_json(request, _best, limit)
            taken = self.won.take(
                contest_of(request), code, SessionId(body.session), body.best, body.expects, member.login
            )
            return private(_taken(await found(taken)))

        return {
            "own_contests": contests,
            "own_contest_create": create,
            "own_teams": teams,
            "own_people": people,
            "own_roster": roster,
            "own_registration": registration,
            "own_applicants": applicants,
            "own_prizes": prizes,
            "own_won": won,
            "bank_lend": lend,
            "nominations_own_sessions": own_sessions,
            "nominations_take_best": take_best,
        }


@dataclass(frozen=True, slots=True)
class RegistrationPart:
    """A public part: whoever registers for a contest of this house."""

    desk: OwnContestsDesk
    tries: Callable[[str, int], Awaitable[int]]
    """`live.ports.Tickets.tries`."""
    limit: int
    """Bytes of a body."""

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """See `web.parts.PublicPart`."""
        desk = self.desk

        async def registrations(_request: Request) -> Response:
            now_us = desk.now_us()
            taking = [
                own.OpenRegistration(
                    one.contest.contest_id, one.contest.title, one.contest.organizer, open_.asks, open_.closes_us
                )
                for one in await desk.store.own_contests()
                if (open_ := one.registration) is not None and open_.takes(now_us)
            ]
            teams = [own.TeamBody(one.code, one.name) for one in await desk.store.teams()] if taking else []
            return private(own.OpenRegistrations(taking, teams, now_us))

        async def register(request: Request) -> Response:
            contest_id = id_in_path(request, "contest")
            body = await read_json(request, _register, self.limit)
            address = request.client.host if request.client else ""
            if await self.tries(f"registration:{address}", TRIES_WINDOW_S) > REGISTRATIONS_PER_ADDRESS:
                raise Refusal("too-many-tries")
            number = f"registration number:{body.phone}:{body.id_number}"
            if await self.tries(number, TRIES_WINDOW_S) > REGISTRATIONS_PER_NUMBER:
                raise Refusal("too-many-tries")
            await found(desk.register(contest_id, body.name, body.unit, body.team, body.phone, body.id_number))
            return Response(None, 204, _NO_STORE)

        return {"registrations": registrations, "register": register}


async def found(work: Awaitable[T]) -> T:
    """Return what comes of an act; what is not there, and what is refused, as `Refusal`."""
    try:
        return await work
    except (KeyError, NothingThere):
        raise Refusal("not-found") from None
    except (OwnContestRefused, NominationRefused) as refusal:
        raise Refusal(refusal.code) from None


def _contest(one: OwnContest) -> own.OwnContestBody:
    contest = one.contest
    return own.OwnContestBody(
        contest.contest_id,
        contest.title,
        contest.organizer,
        contest.year,
        one.people,
        one.waiting,
        _registration_body(one.registration),
        [own.Prize(prize.name, prize.places, prize.teams) for prize in one.prizes],
        one.prizes_edition,
        [own.OwnSessionBody(each.session_id, each.title, each.phase.value, each.start_us) for each in one.sessions],
    )


def _registration_body(one: Registration | None) -> own.RegistrationBody | None:
    return None if one is None else own.RegistrationBody(one.asks, one.closes_us, one.open)


def _person(one: OwnPerson) -> own.OwnPersonBody:
    return own.OwnPersonBody(one.contestant_id, one.seat, one.name, one.unit, one.team, one.phone_shown, one.id_shown)


def _applicant(one: Applicant) -> own.ApplicantBody:
    return own.ApplicantBody(
        one.applicant_id,
        one.name,
        one.unit,
        one.team,
        one.phone_shown,
        one.id_shown,
        one.state,
        one.at_us,
        one.decided_by,
        one.reason,
    )


def _report(report: OwnRosterReport, locale: str) -> own.OwnRosterReportBody:
    return own.OwnRosterReportBody(
        report.file_name,
        report.fault.say(locale) if report.fault else "",
        len(report.accepted),
        list(dict.fromkeys(one.team for one in report.accepted if one.team)),
        problems_body(report.refused, locale),
        list(report.skipped),
        report.people,
    )


def _won(listed: PrizeList) -> own.PrizeListBody:
    judged, computed = listed.judged, listed.computed
    return own.PrizeListBody(
        listed.final,
        [
            own.PrizeWonBody(
                one.kind,
                one.place,
                one.rank,
                one.sitting,
                judged.sittings[SittingId(one.sitting)].admission_no,
                one.name,
                one.delegation,
                one.unit,
                one.centipoints,
                one.ruling,
            )
            for one in computed.listed.people
        ],
        [
            own.PrizeTieBody(
                [*(computed.names[one] for one in tie.persons), *(listed.teams[one] for one in tie.delegations)],
                [own.Prize(award_name(prize), seats, bool(tie.delegations)) for prize, seats in tie.seats],
            )
            for tie in computed.awards.ties
        ],
        [
            own.PrizeTeamBody(one.kind, one.place, one.rank, one.delegation, one.name, one.centipoints, one.ruling)
            for one in computed.listed.teams
        ],
    )


def _taken(taken: BestTaken) -> own.WonNomineesBody:
    left_out = [own.WonLeftOut(rank, name, why) for rank, name, why in taken.left_out]
    return own.WonNomineesBody(taken.taken, left_out, taken.standing.edition)

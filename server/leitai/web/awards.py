"""The doors of awards after 定榜: the staff's, and what everybody and contestants see of the publication."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.awards.objections import Objections
from leitai.office.awards.printing import Busy, NotDefinite, Printing, Unprintable
from leitai.office.awards.procedure import AwardsOffice, NotToBeSeenYet
from leitai.office.awards.wording import award_said
from leitai.office.printing.jobs import PrintJob
from leitai.office.staff_ports import StaffRecord
from leitai.rules.award_corrections import CorrectionEffect, Rename, Withdraw
from leitai.rules.effects import OrderEquals, StrikeOff
from leitai.rules.publicity import PublicityRefused, StepKind
from leitai.rules.rights import Act, may
from leitai.rules.values import ActorId, DelegationCode, SessionId, SittingId
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import (
    encode,
    id_in_path,
    is_delegation,
    number_in_query,
    private,
    read_json,
    revalidated,
    session_in_path,
)
from leitai.web.parts import Seated, SignedIn, permitted
from leitai.web.results import Shared
from leitai.wire import awards_bodies as bodies

VERIFICATIONS_A_SECOND = 200
"""Of one process and everybody together: nothing about who asks is looked at, or kept."""
_BODY_LIMIT = 4 * 1024
_CACHE = "public, max-age=2"

_step = msgspec.json.Decoder(bodies.AwardStepRequest)
_decision = msgspec.json.Decoder(bodies.AwardStepDecision)
_settings = msgspec.json.Decoder(bodies.AwardSettingsBody)
_correction = msgspec.json.Decoder(bodies.CorrectionRequest)
_objection = msgspec.json.Decoder(bodies.ObjectionRequest)
_answer = msgspec.json.Decoder(bodies.ObjectionAnswerRequest)
_print = msgspec.json.Decoder(bodies.PrintRequest)
_certificate = msgspec.json.Decoder(bodies.CertificateQuery)


def _said(endpoint: Endpoint) -> Endpoint:
    """Say in the doors' words what the office refuses."""

    async def asked(request: Request) -> Response:
        try:
            return await endpoint(request)
        except KeyError:
            raise Refusal("not-found") from None
        except NotToBeSeenYet:
            raise Refusal("not-yet") from None
        except (PublicityRefused, Busy, NotDefinite) as refused:
            raise Refusal(refused.code) from None

    return asked


@dataclass(frozen=True, slots=True)
class AwardsPart:
    """An `OfficePart`."""

    office: AwardsOffice
    objections: Objections
    printing: Printing

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        office, objections, printing = self.office, self.objections, self.printing

        async def sessions(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_AWARDS)
            return private(await office.sessions())

        async def desk(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_AWARDS)
            return private(await office.desk(session_in_path(request)))

        async def why(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_AWARDS)
            delegation, award = request.query_params.get("delegation", ""), request.query_params.get("award", "")
            if delegation and not is_delegation(delegation):
                raise Refusal("bad-request")
            try:
                return private(await office.why(session_in_path(request), delegation, award))
            except ValueError:
                raise Refusal("bad-request") from None

        async def settings(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_AWARDS)
            return private(bodies.AwardSettingsBody(*await office.settings(session_in_path(request))))

        async def change_settings(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PRINT_AWARDS)
            body = await read_json(request, _settings, limit)
            session_id = session_in_path(request)
            if not await office.save_settings(session_id, body.edition, body.settings, ActorId(member.login)):
                raise Refusal("stale-version")
            return private(bodies.AwardSettingsBody(*await office.settings(session_id)))

        async def sample(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_AWARDS)
            kind, session_id = request.query_params.get("award", ""), session_in_path(request)
            if kind not in (await office.settings(session_id))[1].citations:
                raise Refusal("bad-request")
            picture = await printing.sample(session_id, kind)
            return Response(picture, 200, {"Cache-Control": "no-store"}, "image/png")

        async def ask(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PUBLISH_AWARDS)
            body = await read_json(request, _step, limit)
            session_id, kind = session_in_path(request), StepKind(body.kind)
            await office.ask(session_id, kind, body.digest, ActorId(member.login), keep_end=body.keep_end)
            return private(await office.desk(session_id))

        async def decide(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PUBLISH_AWARDS)
            body = await read_json(request, _decision, limit)
            confirms = body.decision == "confirm"
            session_id = await office.decide(id_in_path(request, "step"), ActorId(member.login), confirms=confirms)
            return private(await office.desk(session_id))

        async def correct(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.ANSWER_OBJECTION)
            body = await read_json(request, _correction, limit)
            session_id = session_in_path(request)
            await office.correct(session_id, _effect(body), body.reason, body.objection, ActorId(member.login))
            return private(await office.desk(session_id))

        async def of_own(member: StaffRecord) -> str | None:
            """Return whose objections somebody may see: None for all, else the own delegation's."""
            if may(member.standing, Act.SEE_AWARDS):
                return None
            if not may(member.standing, Act.OBJECT_TO_AWARDS, delegation=member.delegation or None):
                raise Refusal("forbidden")
            return member.delegation

        async def objections_seen(request: Request) -> Response:
            member = await signed_in(request)
            whose = await of_own(member)
            session_id = number_in_query(request, "session")
            if session_id is None:
                session_id = await office.awards.newest_publication()
            if session_id is None:
                raise Refusal("not-found")
            return private(await objections.seen(SessionId(session_id), whose))

        async def objections_filed(request: Request) -> Response:
            member = await signed_in(request)
            if not may(member.standing, Act.OBJECT_TO_AWARDS, delegation=member.delegation or None):
                raise Refusal("forbidden")
            body = await read_json(request, _objection, limit)
            session_id = session_in_path(request)
            await objections.file(session_id, body.text, body.about, member=member)
            return private(await objections.seen(session_id, await of_own(member)))

        async def objections_answered(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.ANSWER_OBJECTION)
            body = await read_json(request, _answer, limit)
            objection_id = id_in_path(request, "objection")
            session_id = await objections.answer(objection_id, body.upheld, body.reason, member)
            return private(await objections.seen(session_id))

        async def print_(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.PRINT_AWARDS)
            body = await read_json(request, _print, limit)
            session_id = session_in_path(request)
            try:
                job = await printing.start(session_id, body.form, body.file, body.delegation)
            except Unprintable as lacking:
                return private(bodies.PrintJob("", "unprintable", 0, 0, "", list(lacking.texts)))
            detail = {"form": body.form, "file": body.file, "delegation": body.delegation, "pages": job.total}
            await office.awards.award_audit(member.login, "print-awards", session_id, detail)
            return private(_job(job))

        async def job(request: Request) -> Response:
            await permitted(signed_in, request, Act.PRINT_AWARDS)
            return private(_job(await printing.job(request.path_params["job"])))

        async def file(request: Request) -> Response:
            await permitted(signed_in, request, Act.PRINT_AWARDS)
            name, content = await printing.file(request.path_params["job"])
            headers = {
                "Cache-Control": "no-store",
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            }
            return Response(content, 200, headers, "application/octet-stream")

        made = {
            "award_sessions": sessions,
            "awards_desk": desk,
            "awards_why": why,
            "awards_settings": settings,
            "awards_set": change_settings,
            "awards_sample": sample,
            "awards_ask": ask,
            "awards_decide": decide,
            "awards_correct": correct,
            "objections_seen": objections_seen,
            "objections_filed": objections_filed,
            "objections_answered": objections_answered,
            "awards_print": print_,
            "awards_printing": job,
            "awards_printed": file,
        }
        return {name: _said(endpoint) for name, endpoint in made.items()}


@dataclass(frozen=True, slots=True)
class PublicityPart:
    """A `PublicPart` and `ContestantPart`."""

    office: AwardsOffice
    objections: Objections
    clock: Callable[[], float] = time.monotonic

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints for everybody."""
        shared = Shared()
        asked: deque[float] = deque(maxlen=VERIFICATIONS_A_SECOND)

        async def answer(request: Request, session_id: SessionId | None) -> Response:
            async def make() -> bytes:
                return encode(await self.office.publication(session_id))

            etag, content = await shared.get(session_id, make)
            return revalidated(request, etag, content, cache=_CACHE, media="application/json")

        async def newest(request: Request) -> Response:
            return await answer(request, None)

        async def of_session(request: Request) -> Response:
            return await answer(request, session_in_path(request))

        async def certificate(request: Request) -> Response:
            body = await read_json(request, _certificate, _BODY_LIMIT)
            now_s = self.clock()
            if len(asked) == VERIFICATIONS_A_SECOND and now_s - asked[0] < 1:
                raise Refusal("too-many-tries")
            asked.append(now_s)
            token = body.token.strip().upper()
            found = await self.office.awards.certificate(self.office.tokens.hashed(token))
            if found is None:
                raise Refusal("certificate-not-found")
            return private(bodies.CertificateBody(found.name, award_said(found.kind), found.year))

        made = {"publicity": newest, "session_publicity": of_session, "certificate": certificate}
        return {name: _said(endpoint) for name, endpoint in made.items()}

    def contestant_endpoints(self, seated: Seated, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints for signed-in contestants."""

        async def own_session(request: Request) -> tuple[SessionId, SittingId]:
            session_id, (owner, sitting_id) = session_in_path(request), await seated(request)
            if owner != session_id:
                raise Refusal("forbidden")
            return session_id, sitting_id

        async def own(request: Request) -> Response:
            return private(await self.objections.own(*await own_session(request)))

        async def file(request: Request) -> Response:
            session_id, sitting_id = await own_session(request)
            body = await read_json(request, _objection, limit)
            await self.objections.file(session_id, body.text, body.about, sitting_id=sitting_id)
            return private(await self.objections.own(session_id, sitting_id))

        return {"own_objections": _said(own), "file_objection": _said(file)}


def _job(job: PrintJob) -> bodies.PrintJob:
    return bodies.PrintJob(job.job_id, job.state, job.done, job.total, job.label)


def _effect(body: bodies.CorrectionRequest) -> CorrectionEffect:
    match body.kind:
        case "strike_off":
            return StrikeOff(SittingId(body.sitting))
        case "rename":
            return Rename(SittingId(body.sitting), body.name.strip())
        case "order_equals":
            persons = tuple(SittingId(one) for one in body.persons)
            return OrderEquals(persons, tuple(DelegationCode(one) for one in body.delegations))
        case "withdraw":
            return Withdraw(body.correction)

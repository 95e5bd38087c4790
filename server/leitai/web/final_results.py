"""Results at the staff's door: lists, one contestant item by item, tables as files, and the signed bundle.

Whoever may see results before they are published sees them from the closing on; everybody else once they are.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from leitai.office.bundle.making import NotFinal
from leitai.office.final_results import PAGE, FinalResults, Held
from leitai.office.results import Judged, NothingThere, NotPublished
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.rules.values import DelegationCode, SittingId
from leitai.web.contract import Endpoint
from leitai.web.contract.table import XLSX
from leitai.web.errors import Refusal
from leitai.web.exchange import attached, delegation_in_query, id_in_path, page_in_query, private, session_in_path
from leitai.web.parts import SignedIn
from leitai.wire.results_bodies import DelegationResults, FinishedSession, FinishedSessions, PeopleResults

MAX_NAME = 32
Audit = Callable[[str, str, str, Mapping[str, object]], Awaitable[None]]
T = TypeVar("T")


class ResultsPart:
    """Results for the staff (`web.parts.OfficePart`).

    Args:
        results: what is behind the doors.
        audit: `OfficeStore.audit`.
    """

    def __init__(self, results: FinalResults, audit: Audit) -> None:
        self._results = results
        self._audit = audit

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """See `OfficePart.endpoints`."""
        del limit

        async def sessions(request: Request) -> Response:
            member = await signed_in(request)
            _checked(member, member.delegation)
            key = await self._results.key()
            found = [
                FinishedSession(
                    one.session_id, one.contest, one.title, one.phase.value, one.frozen, one.seats, one.ended_us
                )
                for one in await self._results.sessions()
            ]
            return private(FinishedSessions(found, key.hex() if key else ""))

        async def people(request: Request) -> Response:
            member = await signed_in(request)
            asked = delegation_in_query(request) if "delegation" in request.query_params else None
            delegation = asked or _own_only(member)
            name = request.query_params.get("name", "")
            if len(name) > MAX_NAME:
                raise Refusal("bad-request")
            page = page_in_query(request)
            judged = await self._judged(member, request, delegation)
            rows = await self._results.people(judged, delegation, name, await self._held(member, judged))
            pages = max(1, -(-len(rows) // PAGE))
            if page > pages:
                raise Refusal("not-found")
            record = judged.record
            shown = rows[(page - 1) * PAGE : page * PAGE]
            return private(
                PeopleResults(
                    record.session_id,
                    record.title,
                    record.phase.value,
                    judged.published,
                    page,
                    pages,
                    len(rows),
                    shown,
                )
            )

        async def one_person(request: Request) -> Response:
            member = await signed_in(request)
            sitting_id = SittingId(id_in_path(request, "sitting"))
            judged = await self._judged(member, request, member.delegation)
            sitting = judged.sittings.get(sitting_id)
            if sitting is None:
                raise Refusal("not-found")
            _checked(member, sitting.contestant.person.delegation)
            return private(await self._results.explanation(judged, sitting_id))

        async def delegations(request: Request) -> Response:
            judged = await self._judged(await signed_in(request), request, None)
            rows = await self._results.delegations(judged)
            record = judged.record
            body = DelegationResults(record.session_id, record.title, record.phase.value, judged.published, rows)
            return private(body)

        async def table(request: Request) -> Response:
            member = await signed_in(request)
            name, session_id = str(request.path_params["table"]), session_in_path(request)
            delegation = delegation_in_query(request) if name == "province" else None
            detail: dict[str, object] = {"table": name, **({"delegation": delegation} if delegation else {})}

            async def made() -> bytes:
                judged = await self._judged(member, request, delegation)
                held = await self._held(member, judged)
                return await _asked(self._results.table(judged, name, delegation, held))

            content = await self._audited(member, "export-results", f"session {session_id}", detail, made)
            place = f"-{delegation}" if delegation else ""
            return attached(content, XLSX, f"leitai-{session_id}-{name}{place}.xlsx")

        async def bundle(request: Request) -> Response:
            member = await signed_in(request)
            session_id = session_in_path(request)
            detail: dict[str, object] = {}

            async def made() -> bytes:
                if not may(member.standing, Act.TAKE_BUNDLE):
                    raise Refusal("forbidden")
                judged = await self._judged(member, request, None)
                if not may(member.standing, Act.TAKE_BUNDLE, phase=judged.record.phase):
                    raise Refusal("not-yet")
                sealed = await _asked(self._results.bundle(session_id))
                detail["sha256"] = sealed.sha256
                return sealed.content

            content = await self._audited(member, "results-bundle", f"session {session_id}", detail, made)
            return attached(content, "application/zip", f"leitai-results-{session_id}.zip")

        return {
            "result_sessions": sessions,
            "result_people": people,
            "result_of": one_person,
            "result_delegations": delegations,
            "results_table": table,
            "results_bundle": bundle,
        }

    async def _judged(self, member: StaffRecord, request: Request, delegation: DelegationCode | None) -> Judged:
        """Return the results that somebody may see; raises `Refusal`: `forbidden`, `not-yet`, `not-found`."""
        _checked(member, delegation)
        judged = await _asked(self._results.judged(session_in_path(request)))
        if not judged.published and not may(member.standing, Act.SEE_RESULTS, phase=judged.record.phase):
            raise Refusal("not-yet")
        return judged

    async def _held(self, member: StaffRecord, judged: Judged) -> Held | None:
        """Who sees awards before 公示 sees those that follow from the record (None); a province, those published."""
        if may(member.standing, Act.SEE_AWARDS):
            return None
        return await self._results.published_awards(judged.record.session_id)

    async def _audited(
        self,
        member: StaffRecord,
        action: str,
        subject: str,
        detail: dict[str, object],
        made: Callable[[], Awaitable[bytes]],
    ) -> bytes:
        try:
            content = await made()
        except Refusal as refusal:
            if refusal.code == "forbidden":
                await self._audit(member.login, f"{action}-refused", subject, {**detail, "code": refusal.code})
            raise
        await self._audit(member.login, action, subject, detail)
        return content


def _checked(member: StaffRecord, delegation: DelegationCode | None) -> None:
    if not may(member.standing, Act.SEE_PUBLISHED, delegation=delegation or None):
        raise Refusal("forbidden")


def _own_only(member: StaffRecord) -> DelegationCode | None:
    """The one delegation that somebody may see; None where it is all of them."""
    return None if may(member.standing, Act.SEE_PUBLISHED) else member.delegation or None


async def _asked(work: Awaitable[T]) -> T:
    try:
        return await work
    except NothingThere:
        raise Refusal("not-found") from None
    except (NotPublished, NotFinal):
        raise Refusal("not-yet") from None

"""The doors of nominations: a province's own list, the ministry's view of all, practice records, and the freeze."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.exporting.people_sheets import nominee_template, practice_template
from leitai.office.nominations.lists import Nominations
from leitai.office.nominations.rostering import Rostering
from leitai.office.nominations.values import NominationRefused, PeopleRequest, WonEvidence
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, acts_of, may
from leitai.rules.seconding import RequestRefused
from leitai.rules.values import DelegationCode
from leitai.web.contract import Endpoint
from leitai.web.contract.nominations import FILES
from leitai.web.contract.table import XLSX
from leitai.web.errors import Refusal, language
from leitai.web.exchange import (
    file_name_in_query,
    id_in_path,
    is_delegation,
    number_in_query,
    private,
    read_json,
    read_upload,
)
from leitai.web.parts import SignedIn
from leitai.web.people_views import (
    contest_body,
    list_body,
    practice_body,
    practice_report_body,
    province_body,
    report_body,
    requests_body,
)
from leitai.wire import nominations_bodies as people

T = TypeVar("T")

MAX_UPLOAD = 8 << 20
"""Bytes of a list of people; the importers refuse what unpacks to too much."""
_NO_STORE = {"Cache-Control": "no-store"}
_SEES = frozenset({Act.SEE_NOMINATIONS, Act.IMPORT_PRACTICE, Act.SEE_ROSTER})
_create = msgspec.json.Decoder(people.PeopleContestRequest)
_act = msgspec.json.Decoder(people.NominationListRequest)
_return = msgspec.json.Decoder(people.NominationReturnRequest)
_freeze = msgspec.json.Decoder(people.ListsFreezeRequest)


@dataclass(frozen=True, slots=True)
class NominationsPart:
    """A part of the office: lists of people up to their freeze."""

    lists: Nominations
    rostering: Rostering
    won_places: Callable[[int, DelegationCode], Awaitable[Mapping[bytes, Sequence[WonEvidence]]]]
    """What speaks for whom of a province's list besides, by hash of the identity number."""

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """See `web.parts.OfficePart`."""
        lists, rostering = self.lists, self.rostering
        store = rostering.store

        async def allowed(request: Request, act: Act, delegation: DelegationCode | None = None) -> StaffRecord:
            """Who asks, when the table grants it; an attempt on another's list is audited."""
            member = await signed_in(request)
            if not may(member.standing, act, delegation=delegation):
                detail = {"act": act.value, "delegation": delegation or "", "code": "forbidden"}
                await store.audit(member.login, "nominations-refused", "nominations", detail)
                raise Refusal("forbidden")
            return member

        async def contests(request: Request) -> Response:
            member = await signed_in(request)
            if not acts_of(member.standing) & _SEES:
                raise Refusal("forbidden")
            return private(people.PeopleContests([contest_body(one) for one in await lists.store.contests()]))

        async def create(request: Request) -> Response:
            member = await allowed(request, Act.REVIEW_NOMINATIONS)
            body = await read_json(request, _create, limit)
            title, organizer = body.title.strip(), body.organizer.strip()
            if not title or not organizer:
                raise Refusal("bad-request")
            made = await lists.store.create_contest(title, organizer, body.year, member.login)
            return private(people.PeopleContestCreated(made), 201)

        async def template(request: Request) -> Response:
            member = await signed_in(request)
            if Act.SEE_NOMINATIONS not in acts_of(member.standing):
                raise Refusal("forbidden")
            return workbook(await asyncio.to_thread(nominee_template), "nominations.xlsx")

        async def overview(request: Request) -> Response:
            await allowed(request, Act.SEE_NOMINATIONS)
            contest, every = await found(lists.overview(contest_of(request)))
            names = {one.code: one for one in await store.delegations()}
            practice = await lists.store.practice_state(contest.contest_id)
            waiting = await rostering.open_requests(contest.contest_id)
            return private(
                people.NominationsOverview(
                    contest_body(contest),
                    [
                        people.NominationsProvince(
                            list_body(one), names[one.delegation].name, names[one.delegation].short, failing
                        )
                        for one, failing in every
                    ],
                    practice_body(practice, contest.year),
                    requests_body((one for one in waiting if one.act == "freeze-lists"), {}),
                )
            )

        async def province(request: Request) -> Response:
            code = delegation_of(request)
            await allowed(request, Act.SEE_NOMINATIONS, code)
            view = await found(lists.province(contest_of(request), code))
            return private(province_body(view, await self.won_places(view.contest.contest_id, code)))

        async def upload(request: Request) -> Response:
            code = delegation_of(request)
            member = await allowed(request, Act.NOMINATE, code)
            expects = number_in_query(request, "expects")
            data = await read_upload(request, FILES, MAX_UPLOAD)
            name = file_name_in_query(request, "name")
            report = await found(
                lists.upload(contest_of(request), code, name, data, actor=member.login, expects=expects)
            )
            return private(report_body(report, reader(request)))

        async def undo(request: Request) -> Response:
            code = delegation_of(request)
            member = await allowed(request, Act.NOMINATE, code)
            body = await read_json(request, _act, limit)
            return private(list_body(await found(lists.undo(contest_of(request), code, body.expects, member.login))))

        async def submit(request: Request) -> Response:
            code = delegation_of(request)
            member = await allowed(request, Act.NOMINATE, code)
            body = await read_json(request, _act, limit)
            made = lists.submit(contest_of(request), code, body.expects, member.login, short=body.short)
            return private(list_body(await found(made)))

        async def send_back(request: Request) -> Response:
            code = delegation_of(request)
            member = await allowed(request, Act.REVIEW_NOMINATIONS)
            body = await read_json(request, _return, limit)
            made = lists.send_back(contest_of(request), code, body.expects, body.reason, member.login)
            return private(list_body(await found(made)))

        async def numbers(request: Request) -> Response:
            code = delegation_of(request)
            member = await allowed(request, Act.SEE_IDENTITY, code)
            known = await lists.store.numbers(contest_of(request), code, member.login)
            return private(
                people.NomineeNumbers([people.NomineeNumber(one, *numbers) for one, numbers in known.items()])
            )

        async def freeze(request: Request) -> Response:
            member = await allowed(request, Act.REVIEW_NOMINATIONS)
            body = await read_json(request, _freeze, limit)
            asked = rostering.ask_freeze(contest_of(request), body.expects, member.login, member.name)
            return private(asked_body(await found(asked)))

        async def blank_practice(request: Request) -> Response:
            await allowed(request, Act.IMPORT_PRACTICE)
            return workbook(await asyncio.to_thread(practice_template), "practice-records.xlsx")

        async def practice(request: Request) -> Response:
            await allowed(request, Act.IMPORT_PRACTICE)
            contest = await found(lists.store.contest_state(contest_of(request)))
            return private(practice_body(await lists.store.practice_state(contest.contest_id), contest.year))

        async def import_practice(request: Request) -> Response:
            member = await allowed(request, Act.IMPORT_PRACTICE)
            keep = request.query_params.get("keep") == "true"
            data = await read_upload(request, FILES, MAX_UPLOAD)
            contest = await found(lists.store.contest_state(contest_of(request)))
            name = file_name_in_query(request, "name")
            report = await found(lists.import_practice(contest.contest_id, name, data, actor=member.login, keep=keep))
            return private(practice_report_body(report, contest.year, reader(request)))

        return {
            "people_contests": contests,
            "people_contest_create": create,
            "nominations_template": template,
            "nominations_overview": overview,
            "nominations": province,
            "nominations_upload": upload,
            "nominations_undo": undo,
            "nominations_submit": submit,
            "nominations_return": send_back,
            "nominations_numbers": numbers,
            "nominations_freeze": freeze,
            "practice_template": blank_practice,
            "practice_records": practice,
            "practice_import": import_practice,
        }


async def found(work: Awaitable[T]) -> T:
    """Return what comes of an act; what is not there, and what is refused, as `Refusal`."""
    try:
        return await work
    except KeyError:
        raise Refusal("not-found") from None
    except (NominationRefused, RequestRefused) as refusal:
        raise Refusal(refusal.code) from None


def asked_body(request: PeopleRequest | None) -> people.PeopleAsked:
    """Return what became of an act that needs two."""
    return people.PeopleAsked(request is None, request.request_id if request else 0)


def workbook(data: bytes, name: str) -> Response:
    """Return a workbook for a browser to keep."""
    headers = {**_NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, 200, headers, XLSX)


def contest_of(request: Request) -> int:
    """Return the contest of the path; raises `Refusal` with `not-found`."""
    return id_in_path(request, "contest")


def delegation_of(request: Request) -> DelegationCode:
    """Return the delegation of the path; raises `Refusal` with `not-found` for what cannot be one."""
    text = request.path_params["code"]
    if not is_delegation(text):
        raise Refusal("not-found")
    return DelegationCode(text)


def reader(request: Request) -> str:
    """Return the reader's language."""
    return language(request.headers.get("accept-language", ""))

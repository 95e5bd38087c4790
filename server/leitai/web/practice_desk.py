"""The doors of the practice office: releases of questions, findings of the nightly check, participation."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.exporting.practice_sheets import participation_xlsx
from leitai.office.practice.desk_ports import KeptFinding, Participation, Release, ReleaseRefused
from leitai.office.practice.release_desk import ReleaseDesk, Releases
from leitai.rules.practice_patterns import is_compared
from leitai.rules.rights import Act
from leitai.rules.values import QuestionType
from leitai.web.contract import Endpoint
from leitai.web.contract.table import XLSX
from leitai.web.errors import Refusal
from leitai.web.exchange import attached, day_in_query, id_in_path, number_in_query, page_in_query, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.wire.practice_office_bodies import (
    FindingBody,
    FindingMark,
    FindingRequest,
    FindingsBody,
    ParticipationBody,
    ParticipationRow,
    ReleaseBody,
    ReleaseEdition,
    ReleaseRequest,
    ReleasesBody,
    ReleaseTopic,
    WithdrawRequest,
)

FINDINGS = 50
MOST_DAYS = 400
_release = msgspec.json.Decoder(ReleaseRequest)
_withdraw = msgspec.json.Decoder(WithdrawRequest)
_finding = msgspec.json.Decoder(FindingRequest)


@dataclass(frozen=True, slots=True)
class PracticeDeskPart:
    """An `OfficePart`."""

    desk: ReleaseDesk

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        return {**self._releases(signed_in, limit), **self._seen(signed_in, limit)}

    def _releases(self, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
        desk = self.desk

        async def listed(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_PRACTICE)
            return private(_releases(await desk.all(number_in_query(request, "edition") or 0)))

        async def release(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            body = await read_json(request, _release, limit)
            question_type = QuestionType(body.type) if body.type else None
            try:
                await desk.release(body.edition, body.module, question_type, body.from_day, member.login)
            except KeyError:
                raise Refusal("not-found") from None
            except ReleaseRefused as refused:
                raise Refusal(refused.code) from None
            return private(_releases(await desk.all(body.edition)))

        async def withdraw(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            body = await read_json(request, _withdraw, limit)
            try:
                await desk.store.withdraw(id_in_path(request, "release"), body.reason.strip(), member.login)
            except KeyError:
                raise Refusal("not-found") from None
            except ReleaseRefused as refused:
                raise Refusal(refused.code) from None
            return private(_releases(await desk.all()))

        return {"practice_releases": listed, "practice_release": release, "practice_withdraw": withdraw}

    def _seen(self, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
        store = self.desk.store

        async def findings(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_PRACTICE)
            page = page_in_query(request)
            found, total, checked = await store.findings((page - 1) * FINDINGS, FINDINGS)
            pages = max(1, -(-total // FINDINGS))
            return private(FindingsBody(page, pages, total, checked, [_finding_body(one) for one in found]))

        async def seen(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            body = await read_json(request, _finding, limit)
            try:
                await store.see_finding(id_in_path(request, "finding"), body.note.strip(), member.login)
            except KeyError:
                raise Refusal("not-found") from None
            return Response(None, 204, {"Cache-Control": "no-store"})

        async def participation(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_PRACTICE)
            first, last = _days(request)
            rows, checked = await store.participation(first, last)
            return private(ParticipationBody(first, last, checked, [_row(one) for one in rows]))

        async def table(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.SEE_PRACTICE)
            first, last = _days(request)
            rows, _ = await store.participation(first, last)
            data = await asyncio.to_thread(participation_xlsx, rows, first, last)
            detail = {"first": first.isoformat(), "last": last.isoformat()}
            await store.audit(member.login, "export-participation", "practice", detail)
            return attached(data, XLSX, f"练兵参与情况-{first}-{last}.xlsx")

        return {
            "practice_findings": findings,
            "practice_finding_seen": seen,
            "practice_participation": participation,
            "practice_participation_table": table,
        }


def _days(request: Request) -> tuple[date, date]:
    first, last = day_in_query(request, "first"), day_in_query(request, "last")
    if first is None or last is None or not first <= last <= first + timedelta(days=MOST_DAYS):
        raise Refusal("bad-request")
    return first, last


def _releases(all_of_them: Releases) -> ReleasesBody:
    return ReleasesBody(
        all_of_them.today,
        all_of_them.edition_id,
        [ReleaseEdition(one.edition_id, one.name) for one in all_of_them.editions],
        [
            ReleaseTopic(module, of_type.value, one.served, one.scheduled, one.ready)
            for (module, of_type), one in all_of_them.stock.items()
        ],
        [_release_body(one) for one in all_of_them.releases],
    )


def _release_body(one: Release) -> ReleaseBody:
    return ReleaseBody(
        one.release_id,
        one.edition_id,
        one.edition_name,
        one.module,
        one.type.value if one.type else "",
        one.from_day,
        one.questions,
        one.released_by,
        one.released_at_us,
        one.withdrawn_by,
        one.reason,
    )


def _finding_body(one: KeptFinding) -> FindingBody:
    found = one.finding
    last = one.marks[-1] if one.marks else None
    return FindingBody(
        one.finding_id,
        one.day,
        found.pattern.value,
        list(found.learners),
        found.answers,
        found.figure_us,
        last.seen_by if last else "",
        last.note if last else "",
        [FindingMark(each.at_us, each.seen_by, each.note) for each in one.marks],
        is_compared(found),
    )


def _row(one: Participation) -> ParticipationRow:
    return ParticipationRow(one.province, one.province_name, one.module, one.learner_days, one.answers, one.right)

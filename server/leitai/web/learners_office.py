"""The staff's doors of practice: the tree of organisations, its import, and what practice tells nominations."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.importing.files import MAX_FILE_BYTES
from leitai.office.importing.problems import FileRefused
from leitai.office.nominations.values import NominationRefused
from leitai.office.practice.evidence import Evidence
from leitai.office.practice.organisation_files import (
    Organisations,
    OrganisationsReport,
    TreeChanged,
    organisations_template,
)
from leitai.office.practice.ports import LEVELS
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import RIGHTS, Act, may
from leitai.rules.values import DelegationCode
from leitai.web.contract import Endpoint
from leitai.web.contract.table import XLSX
from leitai.web.errors import Refusal, language
from leitai.web.exchange import (
    attached,
    file_name_in_query,
    flag_in_query,
    number_in_query,
    private,
    read_json,
    read_upload,
)
from leitai.web.parts import SignedIn, permitted
from leitai.wire.learners_bodies import (
    OrganisationProblem,
    OrganisationRow,
    OrganisationsBody,
    OrganisationsImportBody,
    PracticeEvidenceBody,
    PracticeEvidenceRequest,
)

MOST_PROBLEMS = 500
_TABLES = (XLSX, "text/csv", "application/octet-stream")
_evidence = msgspec.json.Decoder(PracticeEvidenceRequest)


@dataclass(frozen=True, slots=True)
class LearnersOffice:
    """An `OfficePart`."""

    organisations: Organisations
    evidence: Evidence

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        store = self.organisations.store

        async def see(request: Request) -> Response:
            own = _scope(await signed_in(request))
            parent = number_in_query(request, "parent")
            if own is not None and parent is not None:
                try:
                    if await store.province_of(parent) != own:
                        raise Refusal("forbidden")
                except KeyError:
                    raise Refusal("not-found") from None
            found, counts = await asyncio.gather(store.children(parent), store.counts(parent))
            rows = [
                OrganisationRow(
                    one.organisation_id,
                    one.code,
                    one.name,
                    LEVELS[one.level - 1],
                    one.closed,
                    one.inner,
                    counts.get(one.organisation_id, 0),
                )
                for one in found
                if own is None or parent is not None or one.code == own
            ]
            return private(OrganisationsBody(own or "", rows))

        async def template(request: Request) -> Response:
            _scope(await signed_in(request))
            return attached(await asyncio.to_thread(organisations_template), XLSX, "机构导入模板.xlsx")

        async def take_in(request: Request) -> Response:
            member = await signed_in(request)
            own = _scope(member)
            data = await read_upload(request, _TABLES, MAX_FILE_BYTES)
            locale = language(request.headers.get("accept-language", ""))
            try:
                report = await self.organisations.take(
                    file_name_in_query(request, "file"),
                    data,
                    actor=member.login,
                    own=own,
                    dry_run=flag_in_query(request, "dry_run"),
                    leave_out=flag_in_query(request, "leave_out"),
                )
            except FileRefused as refused:
                problem = OrganisationProblem("", 0, "", refused.code, refused.say(locale))
                return private(OrganisationsImportBody(0, 0, 0, 0, [problem], [], False))
            except TreeChanged as changed:
                raise Refusal(changed.code) from None
            return private(_imported(report, locale))

        async def hand_over(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.IMPORT_PRACTICE)
            body = await read_json(request, _evidence, limit)
            try:
                done = await self.evidence.hand_over(body.contest, member.login)
            except KeyError:
                raise Refusal("not-found") from None
            except NominationRefused as refused:
                raise Refusal(refused.code) from None
            return private(PracticeEvidenceBody(done.as_of, done.matched, done.nominees))

        return {
            "organisations": see,
            "organisations_template": template,
            "organisations_import": take_in,
            "practice_evidence": hand_over,
        }


def _scope(member: StaffRecord) -> DelegationCode | None:
    """Return the one province that somebody may act for, None for all; raises `Refusal` with `forbidden`."""
    if member.standing.roles & RIGHTS[Act.KEEP_ORGANISATIONS].roles:
        return None
    own = member.standing.delegation
    if not may(member.standing, Act.KEEP_ORGANISATIONS, delegation=own):
        raise Refusal("forbidden")
    return own


def _imported(report: OrganisationsReport, locale: str) -> OrganisationsImportBody:
    return OrganisationsImportBody(
        report.added,
        report.changed,
        report.unchanged,
        len({(one.sheet, one.row) for one in report.refused}),
        [
            OrganisationProblem(one.sheet, one.row, one.column, one.code, one.say(locale))
            for one in report.refused[:MOST_PROBLEMS]
        ],
        list(report.skipped),
        report.committed,
    )

"""The doors of the expert pool: the staff's, and the one for provinces' own systems."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.eligibility import RULE_WORDS
from leitai.office.importing.files import MAX_FILE_BYTES
from leitai.office.importing.problems import FileRefused, Problem
from leitai.office.pool.exporting import pool_template, pool_workbook
from leitai.office.pool.pool import ImportReport, Pool, PoolRefused
from leitai.office.pool.ports import PoolPerson, PoolQuery
from leitai.office.pool.sync import Synchronisation
from leitai.office.staff_ports import StaffRecord
from leitai.rules.beijing import beijing_day
from leitai.rules.id_numbers import masked_id_number, masked_phone
from leitai.rules.pool import FIRST_YEAR, PoolHonour, PoolKind, PoolState, Source, barred
from leitai.rules.rights import RIGHTS, Act, may
from leitai.rules.values import DelegationCode
from leitai.web import pool_provinces
from leitai.web.contract import Endpoint
from leitai.web.contract.table import XLSX
from leitai.web.errors import Refusal, language
from leitai.web.exchange import (
    attached,
    file_name_in_query,
    flag_in_query,
    id_in_path,
    number_in_query,
    page_in_query,
    private,
    read_json,
    read_upload,
)
from leitai.web.parts import SignedIn
from leitai.wire.pool_bodies import (
    PoolActRequest,
    PoolBar,
    PoolBody,
    PoolEventBody,
    PoolHonourBody,
    PoolImportBody,
    PoolPersonBody,
    PoolPersonRow,
    PoolPossible,
    PoolProblem,
)

PAGE_SIZE = 50
MOST_PROBLEMS = 500
_TABLES = (XLSX, "text/csv", "application/octet-stream")
_SOURCES = {source.value: source.name.lower() for source in Source}
_act = msgspec.json.Decoder(PoolActRequest)


@dataclass(frozen=True, slots=True)
class PoolDoors:
    """An `OfficePart`."""

    pool: Pool
    sync: Synchronisation

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        return {
            **_people(self.pool, signed_in, limit),
            **pool_provinces.endpoints(self.sync, signed_in, limit),
        }


def _people(pool: Pool, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    async def note_refusal(member: StaffRecord, person_id: int, act: Act) -> None:
        await pool.store.audit(member.login, "pool-refused", f"pool {person_id}", {"act": act.value})

    async def person_of(request: Request, act: Act) -> tuple[StaffRecord, PoolPerson]:
        member = await signed_in(request)
        scope = _scope(member, act)
        try:
            person = await pool.store.person(id_in_path(request, "person"))
        except KeyError:
            raise Refusal("not-found") from None
        if scope is not None and person.expert.province != scope:
            await note_refusal(member, person.person_id, act)
            raise Refusal("forbidden")
        return member, person

    async def body_of(person_id: int) -> PoolPersonBody:
        person, events = await pool.person(person_id)
        same = await pool.store.candidates([], [person.expert.name])
        namesakes = [
            one for one in same if one.person_id != person_id and one.expert.province == person.expert.province
        ]
        year = beijing_day(pool.now_us()).year
        return PoolPersonBody(
            person.person_id,
            person.version,
            person.expert.name,
            person.expert.province,
            person.expert.unit,
            list(person.expert.expertise),
            person.expert.state.value,
            masked_id_number(person.private.id_number),
            masked_phone(person.private.phone),
            person.merged_into,
            _honours(person),
            [PoolEventBody(one.at_us, one.actor, one.kind, one.detail) for one in events],
            year,
            [PoolBar(one.code.value, RULE_WORDS[one.code]) for one in barred(person.expert.honours, year)],
            [] if person.merged_into else [_row(one) for one in namesakes],
        )

    async def find(request: Request) -> Response:
        scope = _scope(await signed_in(request), Act.SEE_POOL)
        query = replace(_query(request, scope), page=page_in_query(request), page_size=PAGE_SIZE)
        found = await pool.search(query)
        pages = max(1, -(-found.total // PAGE_SIZE))
        return private(PoolBody(found.total, query.page, pages, scope or "", [_row(one) for one in found.people]))

    async def template(request: Request) -> Response:
        _scope(await signed_in(request), Act.SEE_POOL)
        return attached(await asyncio.to_thread(pool_template), XLSX, "能手库导入模板.xlsx")

    async def export(request: Request) -> Response:
        member = await signed_in(request)
        query = _query(request, _scope(member, Act.SEE_POOL))
        people = await pool.everybody(query)
        names = {one.code: one.short for one in await pool.store.delegations()}
        data = await asyncio.to_thread(pool_workbook, people, names)
        await pool.store.audit(member.login, "export-pool", "pool", {"people": len(people), "province": query.province})
        return attached(data, XLSX, "能手库.xlsx")

    async def take_in(request: Request) -> Response:
        member = await signed_in(request)
        scope = _scope(member, Act.KEEP_POOL)
        data = await read_upload(request, _TABLES, MAX_FILE_BYTES)
        locale = language(request.headers.get("accept-language", ""))
        try:
            report = await pool.import_history(
                file_name_in_query(request, "file"),
                data,
                actor=member.login,
                own=scope,
                dry_run=flag_in_query(request, "dry_run"),
                leave_out_refused=flag_in_query(request, "leave_out"),
            )
        except FileRefused as refused:
            problem = PoolProblem("", 0, "", refused.code, refused.say(locale))
            return private(PoolImportBody(0, 0, 0, 0, 0, [problem], [], [], False))
        except PoolRefused as refused:
            raise Refusal(refused.code) from None
        return private(_imported(report, locale))

    async def person(request: Request) -> Response:
        _, found = await person_of(request, Act.SEE_POOL)
        return private(await body_of(found.person_id))

    async def act(request: Request) -> Response:
        member, found = await person_of(request, Act.KEEP_POOL)
        body = await read_json(request, _act, limit)
        try:
            if body.act == "transfer":
                await pool.transfer(member.login, found.person_id, body.version, DelegationCode(body.province))
            elif body.act == "join":
                other = await pool.store.person(body.other)
                if not may(member.standing, Act.KEEP_POOL, delegation=other.expert.province):
                    await note_refusal(member, other.person_id, Act.KEEP_POOL)
                    raise Refusal("forbidden")
                await pool.join(member.login, found.person_id, body.version, body.other)
            else:
                await pool.change(
                    member.login,
                    found.person_id,
                    body.version,
                    unit=body.unit.strip(),
                    expertise=[one.strip() for one in body.expertise if one.strip()],
                    state=PoolState(body.state),
                )
        except PoolRefused as refused:
            raise Refusal(refused.code) from None
        except KeyError:
            raise Refusal("not-found") from None
        return private(await body_of(found.person_id))

    return {
        "pool": find,
        "pool_template": template,
        "pool_export": export,
        "pool_import": take_in,
        "pool_person": person,
        "pool_act": act,
    }


def _scope(member: StaffRecord, act: Act) -> DelegationCode | None:
    """Return the one province that somebody may act for, None for all; raises `Refusal` with `forbidden`."""
    if member.standing.roles & RIGHTS[act].roles:
        return None
    own = member.standing.delegation
    if not may(member.standing, act, delegation=own):
        raise Refusal("forbidden")
    return own


def _query(request: Request, scope: DelegationCode | None) -> PoolQuery:
    asked = request.query_params
    year = number_in_query(request, "year") or 0
    kind, state, text = asked.get("kind", ""), asked.get("state", ""), asked.get("text", "").strip()
    kinds, states = {one.value for one in PoolKind}, {one.value for one in PoolState}
    if (kind and kind not in kinds) or (state and state not in states) or (year and not FIRST_YEAR <= year <= 2100):
        raise Refusal("bad-request")
    province = asked.get("province", "")
    if len(text) > 64 or "\0" in text or (province and not (len(province) == 6 and province.isdigit())):
        raise Refusal("bad-request")
    return PoolQuery(text, province if scope is None else scope, year, kind, state)


def _row(person: PoolPerson) -> PoolPersonRow:
    expert = person.expert
    return PoolPersonRow(
        person.person_id,
        expert.name,
        expert.province,
        expert.unit,
        list(expert.expertise),
        expert.state.value,
        _honours(person),
    )


def _honours(person: PoolPerson) -> list[PoolHonourBody]:
    return [_honour(one) for one in sorted(person.expert.honours, reverse=True)]


def _honour(one: PoolHonour) -> PoolHonourBody:
    return PoolHonourBody(one.year, one.kind, one.title, one.place, one.province, _SOURCES[one.source])


def _imported(report: ImportReport, locale: str) -> PoolImportBody:
    refused_rows = len({(one.sheet, one.row) for one in report.refused})
    return PoolImportBody(
        report.rows,
        refused_rows,
        report.plan.added,
        report.plan.changed,
        report.plan.unchanged,
        _problems(report.refused, locale),
        [
            PoolPossible(one.draft.place.sheet, one.draft.place.row, one.draft.name, one.person_id)
            for one in report.plan.possible[:MOST_PROBLEMS]
        ],
        list(report.file.skipped),
        report.committed,
    )


def _problems(refused: Sequence[Problem], locale: str) -> list[PoolProblem]:
    return [PoolProblem(one.sheet, one.row, one.column, one.code, one.say(locale)) for one in refused[:MOST_PROBLEMS]]

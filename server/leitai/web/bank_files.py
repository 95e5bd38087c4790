"""The files around the bank: imports and exports, questions that are alike, how questions fared."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.apart import TooHeavy, export_apart
from leitai.office.bank import MODULES
from leitai.office.bank_files_ports import BankFilesStore
from leitai.office.bank_templates import FILES, TemplateName, template
from leitai.office.exporting.formats import Export, ExportFormat
from leitai.office.intake import MAX_FILE_BYTES, Intake, IntakeRefused
from leitai.office.likeness_desk import LikenessDesk
from leitai.office.question_uses import QuestionUses
from leitai.rules.rights import Act
from leitai.web.bank import editor_of, refusing, sought_in
from leitai.web.bank_files_views import alike_body, fared_body, import_body, question_fared
from leitai.web.contract import Endpoint
from leitai.web.contract.table import XLSX
from leitai.web.errors import Refusal, language
from leitai.web.exchange import attached, id_in_path, page_in_query, private, read_json, read_upload
from leitai.web.parts import SignedIn, permitted
from leitai.wire.bank_files_bodies import AlikeVerdict, FaredList, ImportBegun, ImportTake
from leitai.wire.bodies import EmptyRequest

MOST_EXPORTED = 20_000
PAIRS = 20
"""Pairs on a page."""
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
_MEDIA = {
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain; charset=utf-8",
    "gift": "text/plain; charset=utf-8",
    "aiken": "text/plain; charset=utf-8",
    "moodle": "application/xml",
    "qti": "application/zip",
}
_ENDINGS = {"gift": "gift.txt", "aiken": "aiken.txt", "moodle": "xml", "qti": "zip"}

_take = msgspec.json.Decoder(ImportTake)
_verdict = msgspec.json.Decoder(AlikeVerdict)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class BankFilesPart:
    """The files around the bank: an `OfficePart`."""

    store: BankFilesStore
    intake: Intake
    likeness: LikenessDesk
    uses: QuestionUses

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        return {
            **_imports(self.intake, signed_in, limit),
            **_exports(self.store, signed_in),
            **_alike(self.likeness, signed_in, limit),
            **_fared(self.uses, signed_in),
        }


def _imports(intake: Intake, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    async def begin(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.IMPORT_QUESTIONS)
        name, module = _file_name(request), request.query_params.get("module", "")
        if module and module not in MODULES:
            raise Refusal("bad-request")
        data = await read_upload(request, ("application/octet-stream",), MAX_FILE_BYTES)
        return private(ImportBegun(await intake.begin(member.login, name, module, data)), 201)

    async def look(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.IMPORT_QUESTIONS)
        try:
            upload = await intake.look(member.login, _upload_id(request))
        except KeyError:
            raise Refusal("not-found") from None
        return private(
            await asyncio.to_thread(import_body, upload, language(request.headers.get("accept-language", "")))
        )

    async def take(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.IMPORT_QUESTIONS)
        body = await read_json(request, _take, limit)
        try:
            await intake.take(member.login, _upload_id(request), leave_out_refused=body.leave_out_refused)
        except KeyError:
            raise Refusal("not-found") from None
        except IntakeRefused as refused:
            raise Refusal(refused.code) from refused
        return Response(None, 204, {"Cache-Control": "no-store"})

    async def sample(request: Request) -> Response:
        await permitted(signed_in, request, Act.IMPORT_QUESTIONS)
        name = request.path_params["template"]
        if name not in get_args(TemplateName):
            raise Refusal("not-found")
        data = await asyncio.to_thread(template, cast("TemplateName", name))
        return attached(data, _MEDIA[name], FILES[name])

    return {"import_begin": begin, "import": look, "import_take": take, "import_template": sample}


def _exports(store: BankFilesStore, signed_in: SignedIn) -> dict[str, Endpoint]:
    async def export(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.EXPORT_QUESTIONS)
        name = request.query_params.get("format", "")
        form = next((one for one in ExportFormat if one.value == name), None)
        if form is None:
            raise Refusal("bad-request")
        questions = await store.found_questions(sought_in(request, member), MOST_EXPORTED + 1)
        if len(questions) > MOST_EXPORTED:
            raise Refusal("export-too-many")
        # It holds right answers: whoever takes it out of the house is known before it is out.
        await store.audit(member.login, "export-bank", "bank", {"format": name, "questions": len(questions)})
        try:
            made = await export_apart(questions, form)
        except TooHeavy:
            raise Refusal("export-too-heavy") from None
        answer = attached(made.data, _MEDIA[name], f"题库.{_ENDINGS.get(name, name)}")
        answer.headers["X-Leitai-Export"] = _told(made)
        return answer

    return {"export": export}


def _alike(desk: LikenessDesk, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    async def told(page: int) -> Response:
        pairs, total = await desk.store.open_pairs((page - 1) * PAIRS, PAIRS)
        scan = await desk.store.last_scan()
        return private(alike_body(pairs, total, page, PAIRS, scan, scanning=desk.scanning))

    async def listed(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        return await told(page_in_query(request))

    async def scan(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.RETIRE_QUESTIONS)
        await read_json(request, _empty, limit)
        try:
            await desk.scan(member.login)
        except TooHeavy:
            raise Refusal("likeness-too-heavy") from None
        return await told(1)

    async def decide(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.RETIRE_QUESTIONS))
        body = await read_json(request, _verdict, limit)
        if body.one == body.other or body.retire not in (0, body.one, body.other):
            raise Refusal("bad-request")
        with refusing():
            if body.retire:
                done = await desk.retire(editor, body.retire, body.one + body.other - body.retire)
            else:
                done = await desk.keep_both(editor, body.one, body.other)
        if not done:
            raise Refusal("likeness-decided")
        return Response(None, 204, {"Cache-Control": "no-store"})

    return {"likeness": listed, "likeness_scan": scan, "likeness_decide": decide}


def _fared(uses: QuestionUses, signed_in: SignedIn) -> dict[str, Endpoint]:
    async def some(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        asked = request.query_params.get("questions", "")
        if re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9}){0,99}", asked) is None:
            raise Refusal("bad-request")
        await uses.count()
        found = await uses.store.fared([int(one) for one in asked.split(",")])
        return private(FaredList([fared_body(one) for one in found]))

    async def one(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        question_id = id_in_path(request, "question")
        await uses.count()
        return private(
            question_fared(question_id, await uses.store.fared([question_id]), await uses.store.fared_at(question_id))
        )

    return {"questions_fared": some, "question_fared": one}


def _file_name(request: Request) -> str:
    """What the file is called, for people alone: nothing is ever opened by it."""
    name = re.split(r"[/\\]", request.query_params.get("name", "").strip())[-1]
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise Refusal("bad-request")
    return name


def _upload_id(request: Request) -> str:
    text: str = request.path_params["upload"]
    if _UPLOAD_ID.fullmatch(text) is None:
        raise Refusal("not-found")
    return text


def _told(made: Export) -> str:
    """What became of the questions, in a header: JSON in ASCII."""
    left_out: dict[str, Any] = dict(Counter(one.code for one in made.left_out))
    lost = sum(made.lost.values()) > 0
    return msgspec.json.encode({"held": made.held, "left_out": left_out, "fields_lost": lost}).decode("ascii")

"""The question bank's doors: search, read, write, review, and the syllabus."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.bank_ports import PAGE, Sought, TooShort
from leitai.office.question_desk import Faults, QuestionDesk, Seen, read_move, read_state
from leitai.office.staff_ports import StaffRecord
from leitai.office.syllabus_desk import SyllabusDesk
from leitai.rules.questions import Editor, QuestionRefused
from leitai.rules.rights import Act
from leitai.rules.syllabus import SyllabusRefused
from leitai.rules.values import ActorId, QuestionType
from leitai.web.bank_views import difference_body, faults_body, hits_body, question_body, syllabus_body
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal, language
from leitai.web.exchange import id_in_path, number_in_query, page_in_query, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.wire.bank_bodies import (
    EditionRequest,
    PointChange,
    PointRequest,
    QuestionCommentRequest,
    QuestionMoveRequest,
    QuestionSaved,
    QuestionWords,
    QuestionWrite,
)
from leitai.wire.bodies import EmptyRequest

WORDS_BYTES = 256 * 1024
"""The most that a question's words take: a case of eight sub-items, each with the longest answer."""
_MAX_TERMS = 8
_MAX_SOUGHT = 200

_words = msgspec.json.Decoder(QuestionWords)
_write = msgspec.json.Decoder(QuestionWrite)
_move = msgspec.json.Decoder(QuestionMoveRequest)
_comment = msgspec.json.Decoder(QuestionCommentRequest)
_edition = msgspec.json.Decoder(EditionRequest)
_point = msgspec.json.Decoder(PointRequest)
_change = msgspec.json.Decoder(PointChange)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class BankPart:
    """The bank as a workplace: an `OfficePart`."""

    desk: QuestionDesk
    syllabus: SyllabusDesk

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        return {**_questions(self.desk, signed_in, limit), **_syllabus(self.syllabus, signed_in, limit)}


def _questions(desk: QuestionDesk, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    async def told(question_id: int, editor: Editor) -> Any:
        dossier = await desk.store.dossier(question_id)
        return question_body(dossier, desk.moves(dossier, editor))

    async def found(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.SEE_BANK)
        page = page_in_query(request)
        try:
            hits = await desk.store.search(sought_in(request, member), page)
        except TooShort:
            raise Refusal("search-too-short") from None
        return private(hits_body(hits, page, PAGE))

    async def write(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.WRITE_QUESTIONS))
        words = await read_json(request, _words, WORDS_BYTES)
        with refusing():
            made = await desk.write(editor, words)
        if isinstance(made, Faults):
            return private(QuestionSaved(None, faults_body(made, _locale(request))))
        return private(QuestionSaved(await told(made, editor), []))

    async def read(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.SEE_BANK))
        with refusing():
            return private(await told(id_in_path(request, "question"), editor))

    async def rewrite(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.WRITE_QUESTIONS))
        question_id = id_in_path(request, "question")
        body = await read_json(request, _write, WORDS_BYTES)
        with refusing():
            faults = await desk.rewrite(editor, question_id, Seen(body.version, body.state), body.words)
        if faults is not None:
            return private(QuestionSaved(None, faults_body(faults, _locale(request))))
        return private(QuestionSaved(await told(question_id, editor), []))

    async def move(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.SEE_BANK))
        question_id = id_in_path(request, "question")
        body = await read_json(request, _move, limit)
        wanted = read_move(body.move)
        if wanted is None:
            raise Refusal("bad-request")
        with refusing():
            await desk.move(editor, question_id, Seen(body.version, body.state), wanted, body.reason)
        return private(await told(question_id, editor))

    async def comment(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.SEE_BANK))
        question_id = id_in_path(request, "question")
        body = await read_json(request, _comment, limit)
        with refusing():
            await desk.comment(editor, question_id, body.version, body.text)
        return private(await told(question_id, editor))

    async def differences(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        question_id = id_in_path(request, "question")
        older, newer = number_in_query(request, "older"), number_in_query(request, "newer")
        if not older or not newer:
            raise Refusal("bad-request")
        with refusing():
            return private(difference_body(older, newer, await desk.differences(question_id, older, newer)))

    return {
        "questions": found,
        "question_write": write,
        "question": read,
        "question_version": rewrite,
        "question_move": move,
        "question_comment": comment,
        "question_differences": differences,
    }


def _syllabus(desk: SyllabusDesk, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    async def told(edition_id: int | None = None) -> Response:
        editions = await desk.store.editions()
        shown = next((one for one in editions if edition_id in (None, one.edition_id)), None)
        if shown is None:
            raise Refusal("not-found")
        edition = await desk.store.edition(shown.edition_id)
        return private(syllabus_body(editions, shown, edition, await desk.store.point_uses()))

    async def syllabus(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        return await told(number_in_query(request, "edition"))

    async def begin(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.EDIT_SYLLABUS)
        body = await read_json(request, _edition, limit)
        with refusing():
            return await told(await desk.begin_edition(ActorId(member.login), body.name))

    async def publish(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.PUBLISH_SYLLABUS)
        edition_id = id_in_path(request, "edition")
        await read_json(request, _empty, limit)
        with refusing():
            await desk.publish(ActorId(member.login), edition_id)
        return await told(edition_id)

    async def add(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.EDIT_SYLLABUS)
        edition_id = id_in_path(request, "edition")
        body = await read_json(request, _point, limit)
        with refusing():
            await desk.add_point(ActorId(member.login), edition_id, body.module, body.name)
        return await told(edition_id)

    async def change(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.EDIT_SYLLABUS)
        edition_id, point_id = id_in_path(request, "edition"), id_in_path(request, "point")
        body = await read_json(request, _change, limit)
        if body.act not in ("rename", "retire", "restore"):
            raise Refusal("bad-request")
        text = body.name if body.act == "rename" else body.reason
        with refusing():
            await desk.change_point(ActorId(member.login), edition_id, point_id, body.act, text)
        return await told(edition_id)

    return {
        "syllabus": syllabus,
        "syllabus_edition": begin,
        "syllabus_publish": publish,
        "syllabus_point": add,
        "syllabus_point_change": change,
    }


@contextmanager
def refusing() -> Generator[None]:
    """Say by its code what the office refuses."""
    try:
        yield
    except (QuestionRefused, SyllabusRefused) as refused:
        raise Refusal(refused.code) from refused
    except KeyError:
        raise Refusal("not-found") from None


def editor_of(member: StaffRecord) -> Editor:
    """Return one of the staff as the law of questions knows them."""
    return Editor(ActorId(member.login), member.standing)


def _locale(request: Request) -> str:
    return language(request.headers.get("accept-language", ""))


def sought_in(request: Request, member: StaffRecord) -> Sought:
    """Return what a query looks for; raises `Refusal` with `bad-request`."""
    query = request.query_params
    text = query.get("q", "").strip()
    if len(text) > _MAX_SOUGHT or "\0" in text + query.get("module", ""):
        raise Refusal("bad-request")
    number = int(found[1]) if (found := re.fullmatch(r"#([0-9]{1,9})", text)) else None
    difficulty = number_in_query(request, "difficulty")
    type_ = query.get("type", "")
    state = query.get("state", "")
    known = read_state(state)
    if (
        (difficulty is not None and not 1 <= difficulty <= 5)
        or (type_ and type_ not in {one.value for one in QuestionType})
        or (state not in ("", "usable") and known is None)
        or query.get("mine", "true") != "true"
    ):
        raise Refusal("bad-request")
    return Sought(
        terms=() if number is not None else tuple(dict.fromkeys(text.split()))[:_MAX_TERMS],
        module=query.get("module", ""),
        point_id=number_in_query(request, "point"),
        type=QuestionType(type_) if type_ else None,
        difficulty=difficulty,
        state=known,
        usable=state == "usable",
        author=member.login if "mine" in query else "",
        question_id=number,
    )

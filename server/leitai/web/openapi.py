"""The HTTP contract as an OpenAPI 3.1 document, made from the tables of web.contract and the bodies' own types."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from leitai.web.contract import JSON, OPERATIONS, STAFF_OPERATIONS, Operation, Query
from leitai.web.contract.practice import PRACTICE_OPERATIONS
from leitai.web.contract.table import BINARY
from leitai.web.cookies import LEARNER_COOKIE, SESSION_COOKIE, STAFF_COOKIE
from leitai.web.errors import STATUS
from leitai.wire.bodies import ErrorBody
from leitai.wire.errors import ERRORS
from leitai.wire.match_bodies import MOST_MATCH

Json = dict[str, Any]
MADE_BY = "Made by `python -m leitai.web.publish` from server/leitai/web and wire/bodies.py; do not edit."
VERSION = "1.0.0"

_POST_REFUSALS = ("origin-refused", "unsupported-media-type", "body-too-large")
_MOST = 2**31 - 1


def _number(of: str, most: int = _MOST) -> Json:
    return {"description": f"Number of {of}.", "schema": {"type": "integer", "minimum": 1, "maximum": most}}


_PARAMETERS: dict[str, Json] = {
    "session": _number("the session"),
    "staff": _number("the account"),
    "paper": _number("the paper"),
    "address": {
        "description": "As the item tells it.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]{22}$"},
    },
    "sitting": _number("the sitting"),
    "table": {
        "description": "Which table.",
        "schema": {"enum": ["national", "delegations", "province", "items", "awards"]},
    },
    "clarification": _number("the question"),
    "request": _number("the request"),
    "person": _number("the person in the pool"),
    "ruling": _number("the ruling"),
    "receipt": _number("the stray receipt"),
    "appeal": _number("the appeal"),
    "set": _number("the set"),
    "release": _number("the release"),
    "finding": _number("the finding"),
    "step": _number("the step of a publication"),
    "objection": _number("the objection"),
    "job": {"description": "Name of a print job.", "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}},
    "match": _number("the match", MOST_MATCH),
    "question": _number("the question of the bank"),
    "edition": _number("the edition of the syllabus"),
    "point": _number("the knowledge point"),
    "upload": {
        "description": "Name of the upload.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "media": {
        "description": "SHA-256 of the file.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    "learner": _number("the learner"),
    "feature": _number("the feature"),
    "template": {"description": "Format of the template.", "schema": {"enum": ["xlsx", "docx", "txt"]}},
    "collection": {
        "description": "Kind of object.",
        "schema": {"enum": ["groups", "teams", "persons", "problems", "state", "scoreboard", "awards"]},
    },
    "object": {"description": "Id of the object.", "schema": {"type": "string"}},
    "token": _number("the token"),
    "item": {
        "description": "Place of the item in its paper.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "contest": _number("the contest"),
    "file": {
        "description": "Number of the file.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    },
    "number": _number("the draw within its contest"),
    "stage": _number("the stage"),
    "code": {
        "description": "Code of the delegation (GB/T 2260).",
        "schema": {"type": "string", "pattern": "^[0-9]{6}$"},
    },
}
_LANGUAGE: Json = {
    "name": "Accept-Language",
    "in": "header",
    "description": "`zh-CN` or `en`: the language of messages.",
    "schema": {"type": "string", "default": "zh-CN"},
}
_HELD: Json = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag held: answered by 304 when it still holds.",
    "schema": {"type": "string"},
}


@dataclass(frozen=True, slots=True)
class Document:
    """One published document: which operations, and how one signs in to them."""

    title: str
    server: str
    tags: tuple[tuple[str, str], ...]
    operations: tuple[Operation, ...]
    cookie: str
    sign_in: str


CONTEST = Document(
    "Leitai over HTTP",
    "The server's only port; its socket `/live` is in schema/wire.",
    (
        ("contestant", "For the signed-in contestant."),
        ("public", "For everybody."),
        ("machines", "For balancers and monitors."),
    ),
    OPERATIONS,
    SESSION_COOKIE,
    "Set by `POST /api/sign-in`; HttpOnly, SameSite=Strict.",
)
STAFF = Document(
    "Leitai's office over HTTP",
    "The office's own port.",
    (
        ("staff", "For the staff."),
        ("air", "For graphics, by a token."),
        ("provinces", "For provinces' own systems, by a token."),
        ("machines", "For balancers and monitors."),
    ),
    STAFF_OPERATIONS,
    STAFF_COOKIE,
    "Set by `POST /api/staff/sign-in`; HttpOnly, SameSite=Strict.",
)
PRACTICE = Document(
    "Leitai's practice over HTTP",
    "The learners' own port.",
    (
        ("learner", "For learners."),
        ("machines", "For balancers and monitors."),
    ),
    PRACTICE_OPERATIONS,
    LEARNER_COOKIE,
    "Set by `POST /api/practice/sign-in`; HttpOnly, SameSite=Strict.",
)


def openapi(document: Document = CONTEST) -> Json:
    """Return the whole document, in a fixed order."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": document.title,
            "version": VERSION,
            "description": f"{MADE_BY} The way through it is told in docs/wire.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": document.server}],
        "tags": [{"name": name, "description": about} for name, about in document.tags],
        "paths": _paths(document.operations),
        "components": {
            "schemas": _schemas(document.operations),
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": document.cookie,
                    "description": document.sign_in,
                }
            },
        },
    }


def _paths(operations: Iterable[Operation]) -> Json:
    paths: Json = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return paths


def _operation(one: Operation) -> Json:
    said: Json = {"operationId": one.name, "tags": [one.audience], "summary": one.about}
    parameters = [*_path_parameters(one.path), *(_query(query) for query in one.queries)]
    if one.path.startswith("/api/"):
        parameters.append(_LANGUAGE)
    if one.cached:
        parameters.append(_HELD)
    if parameters:
        said["parameters"] = parameters
    if one.request is not None:
        said["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": _reference(one.request)}},
        }
    if one.upload:
        said["requestBody"] = {"required": True, "content": {media: {"schema": BINARY} for media in one.upload}}
    said["responses"] = _responses(one)
    if one.signed_in:
        said["security"] = [{"session": []}]
    if one.act is not None:
        said["x-leitai-act"] = one.act.value
    if one.or_acts:
        said["x-leitai-or-acts"] = [act.value for act in one.or_acts]
    if one.whose != "all":
        said["x-leitai-whose"] = one.whose
    return said


def _path_parameters(path: str) -> Iterable[Json]:
    for part in path.split("/"):
        if part.startswith("{"):
            name = part[1:-1]
            yield {"name": name, "in": "path", "required": True, **_PARAMETERS[name]}


def _query(query: Query) -> Json:
    return {
        "name": query.name,
        "in": "query",
        "required": query.required,
        "description": query.about,
        "schema": query.schema,
    }


def _responses(one: Operation) -> Json:
    answer: Json = {"description": "As asked." if one.status == 200 else "Done."}
    if one.answer is not None:
        schema = one.answer if isinstance(one.answer, dict) else _reference(one.answer)
        answer["content"] = {one.media: {"schema": schema}}
    if one.cached:
        answer["headers"] = {"ETag": {"schema": {"type": "string"}}}
    responses: dict[int, Json] = {one.status: answer, **dict.fromkeys(one.also, answer)}
    if one.cached:
        responses[304] = {"description": "The ETag held still holds."}
    codes = (*one.refusals, *(("not-signed-in",) if one.signed_in else ()))
    if one.method == "POST":
        codes = (*codes, *_POST_REFUSALS)
    if one.path.startswith("/api/"):
        codes = (*codes, "internal")
    for status in sorted({STATUS[code] for code in codes}):
        sayings = "; ".join(f"`{code}`: {ERRORS[code].en}" for code in codes if STATUS[code] == status)
        responses[status] = {"description": sayings, "content": {JSON: {"schema": _reference(ErrorBody)}}}
    return {str(status): responses[status] for status in sorted(responses)}


def _types(operations: Iterable[Operation]) -> list[type]:
    types: list[type] = [ErrorBody]
    for one in operations:
        for body in (one.request, one.answer):
            if isinstance(body, type) and body not in types:
                types.append(body)
    return types


def _schemas(operations: Iterable[Operation]) -> Json:
    _, schemas = msgspec.json.schema_components(_types(operations), ref_template="#/components/schemas/{name}")
    schemas["ErrorDetail"]["properties"]["code"]["examples"] = sorted(STATUS)
    return dict(sorted(schemas.items()))


def _reference(body: type) -> Json:
    return {"$ref": f"#/components/schemas/{body.__name__}"}

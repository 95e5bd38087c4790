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
_PARAMETERS: dict[str, Json] = {
    "session": {
        "description": "Number of the session.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "staff": {
        "description": "Number of the account.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "paper": {
        "description": "Number of the paper.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "address": {
        "description": "As the item tells it.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]{22}$"},
    },
    "sitting": {
        "description": "Number of the sitting.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "table": {
        "description": "Which table.",
        "schema": {"enum": ["national", "delegations", "province", "items", "awards"]},
    },
    "clarification": {
        "description": "Number of the question.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "request": {
        "description": "Number of the request.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "person": {
        "description": "Number of the person in the pool.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "ruling": {
        "description": "Number of the ruling.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "receipt": {
        "description": "Number of the stray receipt.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "appeal": {
        "description": "Number of the appeal.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "set": {
        "description": "Number of the set.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "release": {
        "description": "Number of the release.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "finding": {
        "description": "Number of the finding.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "step": {
        "description": "Number of the step of a publication.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "objection": {
        "description": "Number of the objection.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "job": {"description": "Name of a print job.", "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}},
    "match": {
        "description": "Number of the match.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_MATCH},
    },
    "question": {
        "description": "Number of the question of the bank.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "edition": {
        "description": "Number of the edition of the syllabus.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "point": {
        "description": "Number of the knowledge point.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "upload": {
        "description": "Name of the upload.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "media": {
        "description": "SHA-256 of the file.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    "learner": {
        "description": "Number of the learner.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "feature": {
        "description": "Number of the feature.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "template": {"description": "Format of the template.", "schema": {"enum": ["xlsx", "docx", "txt"]}},
    "collection": {
        "description": "Kind of object.",
        "schema": {"enum": ["groups", "teams", "persons", "problems", "state", "scoreboard", "awards"]},
    },
    "object": {"description": "Id of the object.", "schema": {"type": "string"}},
    "token": {
        "description": "Number of the token.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "item": {
        "description": "Place of the item in its paper.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "contest": {
        "description": "Number of the contest.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "file": {
        "description": "Number of the file.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    },
    "number": {
        "description": "Number of the draw within its contest.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
    "stage": {
        "description": "Number of the stage.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
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

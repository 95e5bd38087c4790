"""Reading requests and writing answers: JSON in within limits, JSON out with its caching said."""

import hashlib
import re
from collections.abc import Collection
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from leitai.rules.values import DelegationCode, SessionId
from leitai.web.errors import Refusal

T = TypeVar("T")

_MAX_ID = 2**31 - 1
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
"""A NUL in a JSON string, which is always written so; behind an even number of backslashes it is one."""
_encoder = msgspec.json.Encoder()


async def read_json(request: Request, decoder: "msgspec.json.Decoder[T]", limit: int) -> T:
    """Return the body as the decoder's type, its texts without NUL, which PostgreSQL does not hold; an absent body
    reads as `{}`.

    Raises `Refusal` with `unsupported-media-type`, `body-too-large` or `bad-request`.
    """
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json":
        raise Refusal("unsupported-media-type")
    body = await _read_body(request, limit)
    try:
        found = decoder.decode(body or b"{}")
        # Where a text's own rule takes it, NUL is left out.
        return decoder.decode(_NUL.sub(rb"\1", body)) if b"\\u0000" in body else found
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise Refusal("bad-request") from None


async def read_upload(request: Request, media: Collection[str], limit: int) -> bytes:
    """Return the body of a file that is sent as it is.

    Raises `Refusal` with `unsupported-media-type`, `body-too-large`, or `bad-request` for an empty one.
    """
    stated, _, _ = request.headers.get("content-type", "").partition(";")
    if stated.strip().lower() not in media:
        raise Refusal("unsupported-media-type")
    body = await _read_body(request, limit)
    if not body:
        raise Refusal("bad-request")
    return body


async def _read_body(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()) or len(declared) > 12 or int(declared) > limit:
        raise Refusal("body-too-large")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refusal("body-too-large")
    return bytes(body)


def session_in_path(request: Request) -> SessionId:
    """Return the `{session}` of the path; what cannot be one is `not-found`."""
    return SessionId(id_in_path(request, "session"))


def id_in_path(request: Request, name: str, most: int = _MAX_ID) -> int:
    """Return a number of the path; raises `Refusal` with `not-found` for what cannot be one."""
    number = _number(request.path_params[name], most)
    if number is None:
        raise Refusal("not-found")
    return number


def page_in_query(request: Request) -> int:
    """Return `page` of the query, 1 when absent; raises `Refusal` with `bad-request`."""
    text = request.query_params.get("page")
    if text is None:
        return 1
    number = _number(text)
    if not number or number > 100_000:
        raise Refusal("bad-request")
    return number


def delegation_in_query(request: Request) -> DelegationCode:
    """Return `delegation` of the query; raises `Refusal` with `bad-request` unless it is six digits."""
    text = request.query_params.get("delegation", "")
    if not is_delegation(text):
        raise Refusal("bad-request")
    return DelegationCode(text)


def number_in_query(request: Request, name: str) -> int | None:
    """Return a number of the query, None when absent; raises `Refusal` with `bad-request` for what is none."""
    text = request.query_params.get(name)
    if text is None:
        return None
    number = _number(text)
    if number is None:
        raise Refusal("bad-request")
    return number


def day_in_query(request: Request, name: str) -> date | None:
    """Return a day of the query, None when absent; raises `Refusal` with `bad-request` for what is none, and for one
    outside the two centuries from 2000 on.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal("bad-request") from None
    if day.isoformat() != text or not _FIRST_DAY <= day <= _LAST_DAY:
        raise Refusal("bad-request")
    return day


def file_name_in_query(request: Request, name: str) -> str:
    """Return what a file is called by the query, for people alone: no path, nothing that cannot be seen, at most 200
    characters.
    """
    said = request.query_params.get(name, "").replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in said if one.isprintable())[:200]


def flag_in_query(request: Request, name: str) -> bool:
    """Return whether a member of the query is `1`; anything else, and none, is no."""
    return request.query_params.get(name) == "1"


def is_delegation(text: str) -> bool:
    """Return whether `text` has the form of a delegation's code."""
    return len(text) == 6 and text.isascii() and text.isdigit()


def _number(text: str, most: int = _MAX_ID) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None


def encode(body: Any) -> bytes:
    """Return the JSON bytes of a body."""
    return _encoder.encode(body)


def attached(content: bytes, media: str, name: str) -> Response:
    """Return a file for a browser to keep under a name, which nobody else may keep."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, 200, headers, media)


def private(body: Any, status: int = 200) -> Response:
    """Return an answer that nobody else may keep."""
    return private_json(_encoder.encode(body), status)


def private_json(content: bytes, status: int = 200) -> Response:
    """Return an answer that nobody else may keep, whose body is encoded already."""
    return Response(content, status, {"Cache-Control": "no-store"}, "application/json")


def etag_of(content: bytes) -> str:
    """Return a strong ETag of content."""
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def revalidated(
    request: Request, etag: str, content: bytes, *, cache: str, media: str, vary: str | None = None
) -> Response:
    """Return 304 when the client holds `etag` already, else the content; both say how it may be cached."""
    headers = {"ETag": etag, "Cache-Control": cache}
    if vary:
        headers["Vary"] = vary
    if holds(request.headers.get("if-none-match"), etag):
        return Response(None, 304, headers)
    return Response(content, 200, headers, media)


def holds(if_none_match: str | None, etag: str) -> bool:
    """Whether a client has what goes by `etag` (RFC 9110, 13.1.2: weak comparison against a list, or `*`)."""
    if not if_none_match:
        return False
    if if_none_match == etag:
        return True
    return any(held.strip().removeprefix("W/") in (etag, "*") for held in if_none_match.split(","))


def takes_gzip(headers: Headers) -> bool:
    """Return whether a client takes gzip (RFC 9110, 12.5.3)."""
    for part in headers.get("accept-encoding", "").lower().split(","):
        coding, _, parameters = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False

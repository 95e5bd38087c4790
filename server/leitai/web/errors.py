"""Refusals: one shape for programs, a page for people, the language of the reader, and nothing about our insides.

Exceptions become answers here and nowhere else: `Refusal`, the doors' `NotYet`, `NotNow` and `NotThere`, the stores'
`StoreUnavailable`, Starlette's HTTPException; all else is `internal` (web.security).
"""

import html

import msgspec
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler, Scope

from leitai.live import ports as live
from leitai.office import ports as office
from leitai.web.doors import NotNow, NotThere, NotYet, PublicSession
from leitai.wire.bodies import ErrorBody, ErrorDetail
from leitai.wire.errors import ERRORS

STATUS: dict[str, int] = {
    "bad-request": 400,
    "invitation-refused": 401,
    "login-invalid": 400,
    "password-weak": 400,
    "roles-invalid": 400,
    "wrong-credentials": 401,
    "wrong-login": 401,
    "not-signed-in": 401,
    "ticket-refused": 401,
    "token-refused": 401,
    "token-revoked": 401,
    "forbidden": 403,
    "origin-refused": 403,
    "not-yet": 403,
    "struck": 403,
    "token-out-of-place": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "ruling-bad-key": 400,
    "ruling-bad-order": 400,
    "ruling-bad-points": 400,
    "ruling-bad-time": 400,
    "ruling-evidence-missing": 400,
    "ruling-reason-missing": 400,
    "ruling-unknown-item": 400,
    "ruling-unknown-person": 400,
    "ruling-conflict-of-interest": 403,
    "ruling-self-approval": 403,
    "ruling-illegal-act": 409,
    "ruling-phase": 409,
    "ruling-stale": 409,
    "ruling-time": 409,
    "session-finalized": 409,
    "mark-bad-points": 400,
    "mark-conflict-of-interest": 403,
    "mark-not-judged": 409,
    "mark-settled": 409,
    "mark-stale": 409,
    "mark-twice": 409,
    "appeal-reason-missing": 400,
    "appeal-text-missing": 400,
    "appeal-text-too-long": 400,
    "appeal-unknown-item": 400,
    "appeal-conflict-of-interest": 403,
    "appeal-decided": 409,
    "appeal-not-open": 409,
    "appeal-repeated": 409,
    "appeal-ruling-not-in-force": 409,
    "appeal-too-late": 409,
    "receipt-reason-missing": 400,
    "receipt-conflict-of-interest": 403,
    "receipt-decided": 409,
    "receipt-ruling-not-in-force": 409,
    "answers-unrecorded": 409,
    "receipt-unreconciled": 409,
    "answer-unmarked": 409,
    "appeal-window-open": 409,
    "appeal-undecided": 409,
    "ruling-half-approved": 409,
    "command-refused": 409,
    "stale-edition": 409,
    "roster-missing": 409,
    "time-past": 409,
    "session-under-way": 409,
    "session-begun": 409,
    "session-withdrawn": 409,
    "session-not-in-force": 409,
    "second-person-needed": 409,
    "clarification-answered": 409,
    "unknown-audience": 409,
    "second-not-needed": 409,
    "request-self-confirmation": 409,
    "request-lapsed": 409,
    "request-decided": 409,
    "already-frozen": 409,
    "reveal-at-end": 409,
    "reveal-at-start": 409,
    "reveal-no-such-step": 409,
    "reveal-not-begun": 409,
    "reveal-changed": 409,
    "not-frozen": 409,
    "too-late-to-change": 409,
    "unknown-item": 409,
    "last-administrator": 409,
    "login-taken": 409,
    "stale-version": 409,
    "too-many-on-air": 409,
    "body-too-large": 413,
    "unsupported-media-type": 415,
    "too-many-tries": 429,
    "internal": 500,
    "board-unavailable": 503,
    "no-session": 503,
    "result-unavailable": 503,
    "not-conducted": 503,
    "store-unavailable": 503,
} | {code: text.status for code, text in ERRORS.items() if text.status}
"""Every code that the doors say, and its HTTP status."""

_RETRY_AFTER_S = {
    "too-many-tries": "60",
    "board-unavailable": "1",
    "no-session": "10",
    "result-unavailable": "60",
    "store-unavailable": "1",
}
_MACHINE_PATHS = ("/api/", "/healthz", "/readyz")


class Refusal(Exception):
    """The request is refused with `code`, a key of `STATUS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def no_session(session: PublicSession) -> Refusal:
    """Return why a process shows no session: there is none, or its stores are away or not read yet."""
    return Refusal("no-session" if session.none_in_force() else "store-unavailable")


def language(accept: str) -> str:
    """Return `zh-CN` or `en`, whichever an Accept-Language header prefers; Chinese when it names neither."""
    best = {"zh": 0.0, "en": 0.0}
    for part in accept.lower().split(",")[:32]:
        tag, _, parameters = part.partition(";")
        primary = tag.strip().partition("-")[0]
        if primary not in best:
            continue
        weight = parameters.strip().removeprefix("q=")
        try:
            best[primary] = max(best[primary], float(weight) if weight else 1.0)
        except ValueError:
            continue
    return "en" if best["en"] > best["zh"] else "zh-CN"


def error_response(scope: Scope, code: str, *, allow: str | None = None) -> Response:
    """Return the answer that says `code`: JSON, or a page where a person looks at a page."""
    received = Headers(scope=scope)
    locale = language(received.get("accept-language", ""))
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language", "Content-Language": locale}
    if allow:
        headers["Allow"] = allow
    if code in _RETRY_AFTER_S:
        headers["Retry-After"] = _RETRY_AFTER_S[code]
    text = ERRORS[code]
    status = STATUS[code]
    path: str = scope["path"]
    if "text/html" in received.get("accept", "") and not path.startswith(_MACHINE_PATHS):
        return Response(error_page(locale, status, text.say(locale)), status, headers, "text/html; charset=utf-8")
    body = ErrorBody(ErrorDetail(code, text.say(locale), text.retry))
    return Response(msgspec.json.encode(body), status, headers, "application/json")


def error_page(locale: str, status: int, sentence: str) -> str:
    """Return a whole page that says `sentence` and leads back to the start."""
    home = "Back to the start" if locale == "en" else "返回首页"
    said = html.escape(sentence)
    return (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{status} {said}</title></head>\n'
        f'<body><main><h1>{said}</h1><p><a href="/">{home}</a></p></main></body>\n</html>\n'
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return error_response(request.scope, error.code)


async def _by_starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    return error_response(request.scope, code, allow=(error.headers or {}).get("Allow"))


async def _not_yet(request: Request, _error: Exception) -> Response:
    return error_response(request.scope, "not-yet")


async def _not_now(request: Request, _error: Exception) -> Response:
    return error_response(request.scope, "result-unavailable")


async def _not_there(request: Request, _error: Exception) -> Response:
    return error_response(request.scope, "not-found")


async def _store_unavailable(request: Request, _error: Exception) -> Response:
    return error_response(request.scope, "store-unavailable")


EXCEPTION_HANDLERS: dict[type[Exception], ExceptionHandler] = {
    Refusal: _refused,
    HTTPException: _by_starlette,
    NotNow: _not_now,
    NotYet: _not_yet,
    NotThere: _not_there,
    live.StoreUnavailable: _store_unavailable,
    office.StoreUnavailable: _store_unavailable,
}

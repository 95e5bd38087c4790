"""The cookie of a signed-in page: unreadable to scripts, never sent from another site."""

from starlette.requests import Request
from starlette.responses import Response

from leitai.web.doors import WebSettings

SESSION_COOKIE = "leitai_sid"
_MAX_LENGTH = 128


def session_cookie(request: Request) -> str | None:
    """Return the cookie's value; what is too long to be ours counts as none."""
    value = request.cookies.get(SESSION_COOKIE)
    return value if value and len(value) <= _MAX_LENGTH and value.isascii() else None


def set_session_cookie(response: Response, value: str, settings: WebSettings) -> None:
    """Make the browser keep the session."""
    response.set_cookie(
        SESSION_COOKIE,
        value,
        max_age=settings.cookie_hours * 3600,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="strict",
    )


def clear_session_cookie(response: Response, settings: WebSettings) -> None:
    """Make the browser forget the session."""
    response.delete_cookie(SESSION_COOKIE, path="/", secure=settings.https, httponly=True, samesite="strict")

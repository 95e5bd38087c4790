"""The cookies of signed-in pages: unreadable to scripts, never sent from another site.

Contestants, staff and learners have one each, so that an operator may try a seat in the same browser.
"""

from starlette.requests import Request
from starlette.responses import Response

from leitai.web.doors import SESSION_COOKIE as SESSION_COOKIE
from leitai.web.doors import WebSettings

STAFF_COOKIE = "leitai_staff"
LEARNER_COOKIE = "leitai_learner"
_MAX_LENGTH = 128


def session_cookie(request: Request, name: str = SESSION_COOKIE) -> str | None:
    """Return the cookie's value; what is too long to be ours counts as none."""
    value = request.cookies.get(name)
    return value if value and len(value) <= _MAX_LENGTH and value.isascii() else None


def set_session_cookie(response: Response, value: str, settings: WebSettings, name: str = SESSION_COOKIE) -> None:
    """Make the browser keep the session. `value` is of our own making: no sign in it needs quoting."""
    # Written out: http.cookies takes as long as everything else of a sign-in together.
    secure = "; Secure" if settings.https else ""
    age = settings.cookie_hours * 3600
    text = f"{name}={value}; HttpOnly; Max-Age={age}; Path=/; SameSite=Strict{secure}"
    response.raw_headers.append((b"set-cookie", text.encode("ascii")))


def clear_session_cookie(response: Response, settings: WebSettings, name: str = SESSION_COOKIE) -> None:
    """Make the browser forget the session."""
    response.delete_cookie(name, path="/", secure=settings.https, httponly=True, samesite="strict")

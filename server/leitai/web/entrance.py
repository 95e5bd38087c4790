"""How the staff come in, whatever they showed first: the step of the second factor, and the session's cookie.

Whoever shows the password of an account with a second factor (or comes from the provider of identities, or takes an
invitation) is given a cookie for the next step and no session; the step lasts five minutes, and only while the account
stands as it stood.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.identity_ports import PendingSignIn, SignInFlows, SignOn
from leitai.office.second_factor import SecondFactor
from leitai.office.staff import Staff, normalise_login
from leitai.office.staff_ports import StaffRecord, StaffSessions
from leitai.rules.rights import acts_of
from leitai.web.cookies import STAFF_COOKIE, clear_session_cookie, session_cookie, set_session_cookie
from leitai.web.doors import WebSettings
from leitai.web.errors import Refusal, error_response
from leitai.web.exchange import private
from leitai.wire.staff_bodies import StaffMe, StaffPerson

TRIES_WINDOW_S = 60
CODES_AN_HOUR = 30
"""For one account: whoever knows a password guesses one of three codes among a million, 30 times an hour."""
PENDING_COOKIE = "leitai_code"
PENDING_S = 300

Tries = Callable[[str, int], Awaitable[int]]

_pending = msgspec.json.Decoder(PendingSignIn)


@dataclass(frozen=True, slots=True)
class Identity:
    """Beside passwords: second factors, sign-ins under way, and the provider of identities, if there is one."""

    factor: SecondFactor
    flows: SignInFlows
    sign_on: SignOn | None = None


@dataclass(frozen=True, slots=True)
class Entrance:
    """The way in. `tries` is `live.ports.Tickets.tries`."""

    staff: Staff
    sessions: StaffSessions
    identity: Identity
    tries: Tries
    settings: WebSettings

    async def count(self, login: str) -> None:
        """Count a try of a login; raises `Refusal` with `too-many-tries`."""
        name = f"staff:{normalise_login(login)}"
        if await self.tries(name, TRIES_WINDOW_S) > self.settings.tries_per_number:
            raise Refusal("too-many-tries")

    async def count_code(self, member: StaffRecord) -> None:
        """Count a try of an account's code; raises `Refusal` with `too-many-tries`."""
        name = f"staff-code:{member.staff_id}"
        often = await self.tries(name, TRIES_WINDOW_S) > self.settings.tries_per_number
        if often or await self.tries(f"{name}:hour", 3600) > CODES_AN_HOUR:
            raise Refusal("too-many-tries")

    async def admit(self, request: Request, member: StaffRecord, by: str) -> Response:
        """Sign in whoever showed what `by` names, or ask for the code: `code-needed`, with a cookie for that step."""
        if not member.second_factor:
            return await self.enter(request, member)
        response = error_response(request.scope, "code-needed")
        await self.ask(response, member, by)
        return response

    async def ask(self, response: Response, member: StaffRecord, by: str) -> None:
        """Give a browser the cookie for the step of the code."""
        content = msgspec.json.encode(PendingSignIn(member.staff_id, member.version, by))
        cookie = await self.identity.flows.keep_flow(content, PENDING_S)
        set_session_cookie(response, cookie, self.settings, PENDING_COOKIE)

    async def pending(self, request: Request) -> tuple[StaffRecord, str]:
        """Return who is asked for a code, and what they showed; raises `Refusal` with `sign-in-lapsed`."""
        cookie = session_cookie(request, PENDING_COOKIE)
        content = await self.identity.flows.flow(cookie) if cookie else None
        try:
            kept = _pending.decode(content or b"")
        except msgspec.DecodeError:
            raise Refusal("sign-in-lapsed") from None
        member = await self.staff.member(kept.staff_id)
        if member is None or member.version != kept.version or not member.second_factor:
            raise Refusal("sign-in-lapsed")
        return member, kept.by

    async def passed(self, request: Request, member: StaffRecord) -> Response:
        """Sign in whoever showed the code as well."""
        cookie = session_cookie(request, PENDING_COOKIE)
        if cookie is None or await self.identity.flows.take_flow(cookie) is None:
            raise Refusal("sign-in-lapsed")
        response = await self.enter(request, member)
        clear_session_cookie(response, self.settings, PENDING_COOKIE)
        return response

    async def enter(self, request: Request, member: StaffRecord) -> Response:
        """Return the answer that signs somebody in."""
        response = private(me_body(member))
        await self.sign(request, response, member)
        return response

    def session_of(self, request: Request) -> str:
        """Return the name of the session that a browser says it has; empty: none."""
        cookie = session_cookie(request, STAFF_COOKIE)
        return self.sessions.staff_session_name(cookie) if cookie else ""

    async def sign(self, request: Request, response: Response, member: StaffRecord, earlier: str = "") -> None:
        """Give the browser a session, in place of the one it had, which is `earlier` where it cannot say so itself."""
        for name in {self.session_of(request), earlier} - {""}:
            await self.sessions.close_named_staff_session(name)
        cookie = await self.sessions.open_staff_session(member.staff_id)
        set_session_cookie(response, cookie, self.settings, STAFF_COOKIE)


def me_body(member: StaffRecord) -> StaffMe:
    """Say who is signed in, and what that person may do."""
    acts = sorted(act.value for act in acts_of(member.standing))
    return StaffMe(member.staff_id, member.login, member.name, _roles(member), member.delegation, acts, member.house)


def person_body(one: StaffRecord) -> StaffPerson:
    """Say what an account is, to whoever keeps the accounts."""
    state = "disabled" if one.disabled else "active" if one.password else "invited"
    return StaffPerson(
        one.staff_id,
        one.login,
        one.name,
        _roles(one),
        one.delegation,
        state,
        one.invited_until_us,
        one.version,
        one.second_factor,
    )


def _roles(one: StaffRecord) -> list[str]:
    return sorted(role.value for role in one.roles)

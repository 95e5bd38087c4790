"""The doors of signing in through a provider of identities: there, and back again (office.single_sign_on)."""

from collections.abc import Mapping

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leitai.office.identity_ports import ProviderFlow, SignOn, SignOnRefused
from leitai.web.contract import Endpoint
from leitai.web.contract.identity import BACK_PATH, BEGIN_PATH
from leitai.web.cookies import session_cookie
from leitai.web.doors import WebSettings
from leitai.web.entrance import Entrance
from leitai.web.errors import Refusal
from leitai.web.exchange import private
from leitai.wire.identity_bodies import SignInWays

FLOW_COOKIE = "leitai_oidc"
FLOW_S = 600
ASKS_CODE = "/?code"
"""The sign-in page where it asks for the code of a second factor."""

_flow = msgspec.json.Decoder(ProviderFlow)
_log = structlog.get_logger("leitai.web")


def endpoints(entrance: Entrance) -> Mapping[str, Endpoint]:
    """Return the endpoints by the names of web.contract.identity."""

    def provider() -> SignOn:
        if (sign_on := entrance.identity.sign_on) is None:
            raise Refusal("oidc-off")
        return sign_on

    async def ways(request: Request) -> Response:
        sign_on = entrance.identity.sign_on
        return private(SignInWays(sign_on.label if sign_on else ""))

    async def begin(request: Request) -> Response:
        redirect_uri = f"{_our_origin(request, entrance.settings)}{BACK_PATH}"
        try:
            address, flow = await provider().begin(redirect_uri)
        except SignOnRefused as refused:
            raise _said(refused) from None
        # On the way back the session's cookie stays at home: it is Strict.
        flow = msgspec.structs.replace(flow, earlier=entrance.session_of(request))
        cookie = await entrance.identity.flows.keep_flow(msgspec.json.encode(flow), FLOW_S)
        response = _see(address)
        # The way back begins on another site, so that a cookie that is Strict would stay at home.
        secure = "; Secure" if entrance.settings.https else ""
        text = f"{FLOW_COOKIE}={cookie}; HttpOnly; Max-Age={FLOW_S}; Path={BEGIN_PATH}; SameSite=Lax{secure}"
        response.raw_headers.append((b"set-cookie", text.encode("ascii")))
        return response

    async def back(request: Request) -> Response:
        sign_on = provider()
        cookie = session_cookie(request, FLOW_COOKIE)
        content = await entrance.identity.flows.take_flow(cookie) if cookie else None
        try:
            flow = _flow.decode(content or b"")
        except msgspec.DecodeError:
            raise _said(SignOnRefused("oidc-state")) from None
        try:
            login = await sign_on.finish(flow, request.query_params)
        except SignOnRefused as refused:
            raise _said(refused) from None
        member = await entrance.staff.named(login)
        if member is None:
            raise _said(SignOnRefused("oidc-unknown-account"))
        if member.second_factor:
            response = _see(ASKS_CODE)
            await entrance.ask(response, member, "provider")
        else:
            response = _see("/")
            await entrance.sign(request, response, member, flow.earlier)
        return response

    return {"staff_sign_in_ways": ways, "oidc_begin": begin, "oidc_back": back}


def _see(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def _said(refused: SignOnRefused) -> Refusal:
    """Tell operators why, with the code alone: nobody is known by a name yet."""
    _log.warning("sign_on_refused", code=refused.code)
    return Refusal(refused.code)


def _our_origin(request: Request, settings: WebSettings) -> str:
    """The origin that the browser knows us by, if it is one of ours; else the first of them."""
    named = f"{'https' if settings.https else 'http'}://{request.headers.get('host', '')}"
    return named if named in settings.origins else min(settings.origins)

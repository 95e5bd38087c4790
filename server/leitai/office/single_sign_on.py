"""Signing in through a provider of identities: OpenID Connect, authorization code with PKCE, state and nonce.

authlib speaks the protocol; what is decided here is only what is believed: the issuer that the settings name and the
keys it publishes, tokens for us alone, in answer to what this browser asked. The provider says who somebody is; whether
there is an account, and what it may do, is never its to say. Every request has a time-out, and runs in the office's
process, where no contestant waits.
"""

import asyncio
import contextlib
import hmac
import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx2
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from leitai.office.identity_ports import ProviderFlow, SignOnRefused

TIMEOUT_S = 5.0
"""For each step of a request to the provider: connecting, writing, reading."""
KNOWN_S = 3600.0
"""For so long what a provider says of itself is believed; unknown keys are asked for at once."""
LEEWAY_S = 60
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""What tokens may be signed by: with a key of the provider's own, never with a secret that we know as well."""

_log = structlog.get_logger("leitai.office")


class OpenIdProvider:
    """`office.identity_ports.SignOn` over HTTP.

    Args:
        issuer: the provider as it names itself, without `/.well-known/openid-configuration`.
        client_id: what it knows us by.
        client_secret: empty for a public client.
        claim: the member of the identity that is the login.
        label: what the button says.
        timeout_s: see `TIMEOUT_S`.
    """

    def __init__(
        self, *, issuer: str, client_id: str, client_secret: str, claim: str, label: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._claim = claim
        self._label = label
        self._timeout_s = timeout_s
        self._known: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None
        self._asking = asyncio.Lock()
        self._tls: ssl.SSLContext | None = None

    @property
    def label(self) -> str:
        """See `SignOn.label`."""
        return self._label

    async def begin(self, redirect_uri: str) -> tuple[str, ProviderFlow]:
        """See `SignOn.begin`."""
        about = await self._about()
        flow = ProviderFlow(generate_token(32), generate_token(32), generate_token(64), redirect_uri)
        async with await self._client(about, redirect_uri) as client:
            address, _ = client.create_authorization_url(
                about["authorization_endpoint"], state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
            )
        return address, flow

    async def finish(self, flow: ProviderFlow, answer: Mapping[str, str]) -> str:
        """See `SignOn.finish`."""
        if not hmac.compare_digest(flow.state.encode(), answer.get("state", "").encode()):
            raise SignOnRefused("oidc-state")
        code = answer.get("code", "")
        if "error" in answer or not code:
            raise SignOnRefused("oidc-refused")
        about = await self._about()
        token = await self._exchange(about, flow, code)
        claims = await self._believed(about, flow, token)
        login = claims.get(self._claim)
        if not isinstance(login, str) or not login.strip():
            _log.warning("sign_on_without_name", claim=self._claim)
            raise SignOnRefused("oidc-token")
        return login

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _exchange(self, about: Mapping[str, Any], flow: ProviderFlow, code: str) -> Mapping[str, Any]:
        """Exchange the code for tokens, which works once."""
        async with await self._client(about, flow.redirect_uri) as client:
            try:
                return await client.fetch_token(
                    about["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=flow.verifier,
                )
            except httpx2.HTTPStatusError as error:
                if error.response.is_client_error:
                    raise SignOnRefused("oidc-refused") from None
                raise _away(error) from None
            except httpx2.HTTPError as error:
                raise _away(error) from None
            except (AuthlibBaseError, ValueError):
                raise SignOnRefused("oidc-refused") from None

    async def _believed(
        self, about: Mapping[str, Any], flow: ProviderFlow, token: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return what the ID token says, once all of it holds."""
        try:
            signed = await self._verified(about, str(token.get("id_token", "")))
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                    "nonce": {"essential": True, "value": flow.nonce},
                },
                {"nonce": flow.nonce, "client_id": self._client_id, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, AuthlibBaseError, ValueError) as error:
            # The kind of the fault, never the token.
            _log.warning("sign_on_token_refused", fault=type(error).__name__)
            raise SignOnRefused("oidc-token") from None
        return signed.claims

    async def _verified(self, about: Mapping[str, Any], id_token: str) -> jwt.Token:
        offered = about.get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = [one for one in offered if one in ALGORITHMS]
        if self._keys is not None:
            with contextlib.suppress(JoseError):
                return jwt.decode(id_token, self._keys, algorithms=algorithms)
        # None yet, or the provider has new ones.
        self._keys = KeySet.import_key_set(await self._get(about["jwks_uri"]))
        return jwt.decode(id_token, self._keys, algorithms=algorithms)

    async def _about(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        async with self._asking:
            if self._known is None or time.monotonic() > self._known[0]:
                about = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if about.get("issuer") != self._issuer or not all(isinstance(about.get(one), str) for one in needed):
                    _log.warning("sign_on_provider_differs", issuer=self._issuer)
                    raise SignOnRefused("oidc-unavailable")
                self._known = (time.monotonic() + KNOWN_S, about)
            return self._known[1]

    async def _get(self, address: str) -> Any:
        async with httpx2.AsyncClient(timeout=self._timeout_s, verify=await self._trusted()) as client:
            try:
                answer = await client.get(address, headers={"Accept": "application/json"})
                answer.raise_for_status()
                found = answer.json()
            except (httpx2.HTTPError, ValueError) as error:
                raise _away(error) from None
        if not isinstance(found, dict):
            raise SignOnRefused("oidc-unavailable")
        return found

    async def _trusted(self) -> ssl.SSLContext:
        """Return whom we trust, read once: it takes tens of milliseconds."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx2.create_ssl_context)
        return self._tls

    async def _client(self, about: Mapping[str, Any], redirect_uri: str) -> Any:
        # Any: its stubs do not say that it is an httpx2.AsyncClient.
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret or None,
            token_endpoint_auth_method=way if self._client_secret else "none",
            scope="openid profile",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=self._timeout_s,
            verify=await self._trusted(),
        )


def _away(error: Exception) -> SignOnRefused:
    _log.warning("sign_on_provider_away", fault=type(error).__name__)
    return SignOnRefused("oidc-unavailable")

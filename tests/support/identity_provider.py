"""A provider of identities for tests, as a process of its own on loopback: `python -m tests.support.identity_provider`.

It keeps to OpenID Connect (discovery, authorization code, PKCE, one use of a code, a client's secret), signs in whom
the test names without asking anybody, and says wrong things on request (`POST /test`): `Lie`.
"""

import base64
import hashlib
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.waiting import PATIENCE_S

CLIENT_ID, CLIENT_SECRET = "leitai", "a secret of theirs"


class Lie(msgspec.Struct, frozen=True):
    """Who signs in next, and what is wrong with what is said of it; nothing is unless it is said here."""

    user: str = ""
    """Empty: the provider refuses."""
    nonce: str | None = None
    audience: str | None = None
    issuer: str | None = None
    age_s: int = 0
    """The token was made so long ago; it is good for five minutes."""
    forged: bool = False
    """Signed by a key that the provider never published, under a published name."""
    unsigned: bool = False
    new_key: bool = False
    """The provider changes its key before it signs."""
    nameless: bool = False
    broken: bool = False
    """The token's door fails."""


class Provider:
    """The provider's state, and its doors."""

    def __init__(self, issuer: str, redirect_uri: str) -> None:
        self._issuer = issuer
        self._redirect_uri = redirect_uri
        self._lie = Lie()
        self._codes: dict[str, tuple[dict[str, str], Lie]] = {}
        self._keys = [_key("first")]
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/keys", self._published),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/test", self._told, methods=["POST"]),
            ]
        )

    async def _told(self, request: Request) -> Response:
        self._lie = msgspec.json.decode(await request.body(), type=Lie)
        return Response(status_code=204)

    async def _about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self._issuer,
                "authorization_endpoint": f"{self._issuer}/authorize",
                "token_endpoint": f"{self._issuer}/token",
                "jwks_uri": f"{self._issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256", "none"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _published(self, _request: Request) -> Response:
        return JSONResponse({"keys": [one.as_dict(private=False) for one in self._keys]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        known = asked.get("client_id") == CLIENT_ID and asked.get("redirect_uri") == self._redirect_uri
        proper = asked.get("response_type") == "code" and "openid" in asked.get("scope", "").split()
        proved = asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43
        if not (known and proper and proved and asked.get("nonce")):
            return Response(status_code=400)
        answer = {"state": asked.get("state", "")}
        if self._lie.user:
            answer["code"] = secrets.token_urlsafe(16)
            self._codes[answer["code"]] = (asked, self._lie)
        else:
            answer["error"] = "access_denied"
        return RedirectResponse(f"{self._redirect_uri}?{urlencode(answer)}", 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        given = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET.replace(' ', '%20')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") not in (f"Basic {given}", f"Basic {plain}"):
            return JSONResponse({"error": "invalid_client"}, 401)
        # A code works once, whatever comes of it.
        asked, lie = self._codes.pop(str(form.get("code")), ({}, Lie()))
        proof = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        proved = asked.get("code_challenge") == base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if not proved or form.get("redirect_uri") != self._redirect_uri:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if lie.broken:
            return JSONResponse({"error": "server_error"}, 503)
        token = secrets.token_urlsafe(16)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": self._signed(asked, lie)}
        return JSONResponse(body)

    def _signed(self, asked: dict[str, str], lie: Lie) -> str:
        made_s = int(time.time()) - lie.age_s
        claims: dict[str, Any] = {
            "iss": lie.issuer or self._issuer,
            "sub": f"number of {lie.user}",
            "aud": lie.audience or CLIENT_ID,
            "iat": made_s,
            "exp": made_s + 300,
            "nonce": asked["nonce"] if lie.nonce is None else lie.nonce,
        }
        if not lie.nameless:
            claims["preferred_username"] = lie.user
        if lie.new_key:
            self._keys = [_key(f"key of {made_s} {secrets.token_hex(4)}")]
        key = self._keys[-1]
        header = {"alg": "ES256", "kid": str(key.kid)}
        if lie.unsigned:
            parts = (msgspec.json.encode({"alg": "none"}), msgspec.json.encode(claims))
            return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts) + "."
        return jwt.encode(header, claims, _key(str(key.kid)) if lie.forged else key, algorithms=["ES256"])


def _key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})


@contextmanager
def identity_provider(redirect_uri: str) -> Generator[str]:
    """The address of a provider that runs in a process of its own, and ends with the block."""
    argv = [sys.executable, "-m", "tests.support.identity_provider", redirect_uri]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, "the provider did not start"
            yield address
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)


def tell(address: str, lie: Lie) -> None:
    """Say who signs in next, and how."""
    told = httpx2.post(f"{address}/test", content=msgspec.json.encode(lie), trust_env=False, timeout=PATIENCE_S)
    told.raise_for_status()


def main(redirect_uri: str) -> None:
    """Serve on a free port, and say the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(Provider(address, redirect_uri).app, log_level="warning", lifespan="off", ws="none")
    print(address, flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])

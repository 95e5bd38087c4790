"""What a certificate's code says: unguessable, the same at every printing, and kept nowhere in clear."""

import base64
import hashlib
import hmac

from leitai.rules.values import SessionId

TOKEN_CHARS = 26
"""130 bits in base32."""


class CertificateTokens:
    """Tokens of certificates, derived from the server's key: a certificate that is printed again has the same code."""

    def __init__(self, server_key: bytes) -> None:
        self._key = hmac.new(server_key, b"leitai certificates", hashlib.sha256).digest()

    def token(self, session_id: SessionId, serial: int) -> str:
        """Return what opens the verification page of a certificate."""
        digest = hmac.new(self._key, f"{session_id} {serial}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest).decode("ascii")[:TOKEN_CHARS]

    @staticmethod
    def hashed(token: str) -> bytes:
        """Return what is kept of a token."""
        return hashlib.sha256(token.encode("utf-8", "replace")).digest()

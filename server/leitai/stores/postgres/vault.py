"""Keeping secrets, personal numbers and papers at rest: AES-256-GCM under keys derived from the server's."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class WrongServerKey(Exception):
    """What is sealed was sealed under another server key, or the stored bytes were changed."""


class Vault:
    """Seals and opens session secrets, and texts that only some may read (identity and telephone numbers);
    and papers' contents.

    Args:
        server_key: at least 32 bytes, from the configuration; never stored beside the database.

    Raises:
        ValueError: the key is shorter than 32 bytes.
    """

    def __init__(self, server_key: bytes) -> None:
        if len(server_key) < 32:
            raise ValueError("the server key must have at least 32 bytes")
        self._cipher = AESGCM(hmac.new(server_key, b"leitai session secrets", hashlib.sha256).digest())
        self._texts = AESGCM(hmac.new(server_key, b"leitai personal data", hashlib.sha256).digest())
        self._papers = AESGCM(hmac.new(server_key, b"leitai papers", hashlib.sha256).digest())

    def seal(self, session_id: int, secret: bytes) -> bytes:
        """Return nonce (12 bytes) + ciphertext with its tag, bound to the session's id."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, _bound_to(session_id))

    def open(self, session_id: int, sealed: bytes) -> bytes:
        """Return the secret; raises `WrongServerKey`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound_to(session_id))
        except InvalidTag:
            raise WrongServerKey(session_id) from None

    def seal_text(self, context: str, text: str) -> bytes:
        """Return a text sealed as nonce (12 bytes) + ciphertext with its tag, bound to what it is (`context`)."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._texts.encrypt(nonce, text.encode(), context.encode())

    def open_text(self, context: str, sealed: bytes) -> str:
        """Return the text; raises `WrongServerKey`, also for one that was sealed as something else."""
        try:
            return self._texts.decrypt(sealed[:_NONCE], sealed[_NONCE:], context.encode()).decode()
        except InvalidTag:
            raise WrongServerKey(context) from None

    def seal_paper(self, about: str, plain: bytes) -> bytes:
        """Return nonce (12 bytes) + ciphertext with its tag, bound to its paper, edition and use."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._papers.encrypt(nonce, plain, about.encode())

    def open_paper(self, about: str, sealed: bytes) -> bytes:
        """Return what was sealed about just this; raises `WrongServerKey`."""
        try:
            return self._papers.decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
        except InvalidTag:
            raise WrongServerKey(about) from None


def _bound_to(session_id: int) -> bytes:
    return f"leitai session {session_id}".encode()

"""The contest's signature: one Ed25519 key (RFC 8032), made once, kept sealed, its public half published.

What is signed begins with what it is, so that a signature for one thing never serves for another.
"""

import asyncio

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from leitai.office.bundle.ports import SealStore

ALGORITHM = "Ed25519"


class Signer:
    """Signs in the contest's name. The key is made at the first need and read once."""

    def __init__(self, store: SealStore) -> None:
        self._store = store
        self._key: Ed25519PrivateKey | None = None
        self._reading = asyncio.Lock()

    async def public_key(self) -> bytes:
        """Return the public key, 32 bytes; raises `StoreUnavailable`."""
        return _public(await self._private())

    async def sign(self, what: str, content: bytes) -> bytes:
        """Return the signature of `content` as `what`, 64 bytes; raises `StoreUnavailable`."""
        return (await self._private()).sign(_said(what, content))

    async def _private(self) -> Ed25519PrivateKey:
        async with self._reading:
            if self._key is None:
                fresh = Ed25519PrivateKey.generate()
                kept = await self._store.signing_key(fresh.private_bytes_raw(), _public(fresh))
                self._key = Ed25519PrivateKey.from_private_bytes(kept)
            return self._key


def is_signed(key: bytes, what: str, content: bytes, signature: bytes) -> bool:
    """Return whether `signature` is that of `content` as `what` under a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _said(what, content))
    except (InvalidSignature, ValueError):
        return False
    return True


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _said(what: str, content: bytes) -> bytes:
    return what.encode() + b"\n" + content

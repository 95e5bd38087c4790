"""A sealed copy of the session in force, for processes that start while PostgreSQL is out.

What the live path holds in memory (right answers, the session's secret, names, the HMACs of access codes) stands in
the store only under AES-256-GCM, with a key derived from the server's, which no store holds. After a week it is gone.
"""

import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leitai.live.ports import SessionFile
from leitai.stores.valkey.connection import Store
from leitai.stores.valkey.keys import spare_of

KEPT_S = 7 * 24 * 3600
_NONCE = 12
_ABOUT = b"leitai spare session"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Spare:
    """A session as it was when PostgreSQL was there."""

    file: SessionFile
    accounts: bytes
    """Who may sign in, as `office.accounts.Accounts.packed` gives it."""


# Sets in one order, so that equal sessions are equal bytes.
_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decoder = msgspec.msgpack.Decoder(Spare)


class ValkeySpare:
    """The one copy of a lane's and an owner's, of the session that was kept last. Every call may raise
    `StoreUnavailable`."""

    def __init__(self, store: Store, server_key: bytes, lane: str = "contest", owner: str = "") -> None:
        self._store = store
        self._key = spare_of(owner) if lane == "contest" else f"{spare_of(owner)}:{lane}"
        self._cipher = AESGCM(_derived(server_key, b"sealing"))
        self._naming = _derived(server_key, b"naming")

    async def keep(self, spare: Spare) -> None:
        """Keep a copy in place of the one before; nothing is written when that is the same."""
        plain = _encode(spare)
        name = hmac.new(self._naming, plain, hashlib.sha256).digest()
        if await self._store.execute_command("HGET", self._key, "name") != name:
            nonce = secrets.token_bytes(_NONCE)
            sealed = nonce + self._cipher.encrypt(nonce, zlib.compress(plain, 1), _ABOUT)
            await self._store.execute_command("HSET", self._key, "name", name, "sealed", sealed)
        await self._store.execute_command("EXPIRE", self._key, KEPT_S)

    async def fetch(self) -> Spare | None:
        """Return the copy; None when there is none, or none that this program can read."""
        sealed: bytes | None = await self._store.execute_command("HGET", self._key, "sealed")
        if sealed is None:
            return None
        try:
            plain = zlib.decompress(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _ABOUT))
            return _decoder.decode(plain)
        except (InvalidTag, zlib.error, msgspec.DecodeError) as error:
            # Another server key, or another version's idea of a session.
            _log.warning("spare_unreadable", reason=type(error).__name__)
            return None


def _derived(server_key: bytes, purpose: bytes) -> bytes:
    return hmac.new(server_key, _ABOUT + b" " + purpose, hashlib.sha256).digest()

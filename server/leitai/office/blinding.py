"""Names for answers that judges mark: they say nothing of whose an answer is, and each judge knows it by another.

A name is the answer's place (sitting, item, offset) under AES-SIV (RFC 5297), bound to session and judge: nothing is
kept, the same judge gets the same name again, and a name that was made up, or handed on by another, opens nothing.
"""

import base64
import binascii
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from leitai.rules.markings import MarkedAnswer
from leitai.rules.values import ActorId, ItemNo, SessionId, SittingId

_PLACE = struct.Struct(">QIQ")


class Blinding:
    """Names under a key that derives from the server's.

    Args:
        server_key: at least 32 bytes; every process of the office must have the same.
    """

    def __init__(self, server_key: bytes) -> None:
        self._cipher = AESSIV(hmac.digest(server_key, b"leitai marked answers", hashlib.sha512))

    def name(self, session_id: SessionId, judge: ActorId, answer: MarkedAnswer) -> str:
        """Return by what name a judge knows an answer: 48 characters, safe in addresses."""
        hidden = self._cipher.encrypt(_PLACE.pack(*answer), _bound(session_id, judge))
        return base64.urlsafe_b64encode(hidden).decode("ascii")

    def answer(self, session_id: SessionId, judge: ActorId, name: str) -> MarkedAnswer:
        """Return the answer of a name; raises KeyError for what is none to this judge in this session."""
        try:
            hidden = base64.b64decode(name, b"-_", validate=True)
            sitting, item, offset = _PLACE.unpack(self._cipher.decrypt(hidden, _bound(session_id, judge)))
        except (ValueError, binascii.Error, InvalidTag, struct.error):
            raise KeyError(name) from None
        return SittingId(sitting), ItemNo(item), offset


def _bound(session_id: SessionId, judge: ActorId) -> list[bytes]:
    return [str(session_id).encode(), judge.encode()]

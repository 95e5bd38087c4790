"""What derives from a session's secret: item keys, sealed contents, orders of options, receipts.

Every gateway derives the same values, so that no key has to be stored or sent before its time, and a paper sealed by
one gateway is the same bytes from another.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leitai.rules.values import ItemNo, Response, SessionId, SittingId
from leitai.wire.codec import encode
from leitai.wire.messages import ItemContent, SealedItem, SealedPaper

RECEIPT_BYTES = 16
_BLOCK = 64
"""Bytes of a block of SHA-256."""


def item_key(secret: bytes, session_id: SessionId, item_no: ItemNo) -> bytes:
    """Return the 32-byte key of an item; it must not leave the process before the item opens."""
    return _derive(secret, f"item-key {session_id} {item_no}")


def order_seed(secret: bytes, session_id: SessionId, sitting_id: SittingId) -> bytes:
    """Return the 16 bytes from which a sitting's order of options follows (`rules.permutation`)."""
    return _derive(secret, f"order {session_id} {sitting_id}")[:16]


def seal_paper(
    secret: bytes, session_id: SessionId, pacing: str, contents: tuple[ItemContent, ...], seconds: tuple[int, ...]
) -> SealedPaper:
    """Return the paper with every item sealed by AES-256-GCM under its own key.

    The nonce depends on the content, so that a key never meets the same nonce with another text, even when a paper is
    corrected and sealed again.
    """
    items: list[SealedItem] = []
    for index, content in enumerate(contents):
        item_no = ItemNo(index + 1)
        key = item_key(secret, session_id, item_no)
        plaintext = encode(content)
        nonce = hmac.digest(secret, b"nonce" + item_no.to_bytes(2, "big") + plaintext, "sha256")[:12]
        ciphertext = AESGCM(key).encrypt(nonce, plaintext, f"leitai:{session_id}:{item_no}".encode())
        commitment = hashlib.sha256(key + plaintext).digest()
        items.append(SealedItem(item_no, seconds[index], nonce + ciphertext, commitment))
    return SealedPaper(session_id, pacing, items)


class Receipts:
    """Makes and checks receipts 回执 of one session.

    A receipt is the first 16 bytes of HMAC-SHA256 over the MessagePack array
    [session, sitting, item, seq, response, status, stamp_us, elapsed_us, offset], with `true` as a tenth where the
    elapsed time is flagged.
    """

    def __init__(self, secret: bytes, session_id: SessionId) -> None:
        # RFC 2104 with both keyed halves hashed once: less than half of what a call of hmac costs per receipt.
        key = _derive(secret, f"receipts {session_id}").ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))
        self._session_id = session_id

    def make(
        self,
        sitting_id: SittingId,
        item_no: ItemNo,
        client_seq: int,
        response: Response,
        status: str,
        stamp_us: int,
        elapsed_us: int,
        offset: int,
        *,
        flagged: bool = False,
    ) -> bytes:
        """Return the receipt of an acknowledgement."""
        values = (self._session_id, sitting_id, item_no, client_seq, response, status, stamp_us, elapsed_us, offset)
        signed = encode((*values, True) if flagged else values)
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(signed)
        outer.update(inner.digest())
        return outer.digest()[:RECEIPT_BYTES]

    def flag(
        self,
        receipt: bytes,
        sitting_id: SittingId,
        item_no: ItemNo,
        client_seq: int,
        response: Response,
        status: str,
        stamp_us: int,
        elapsed_us: int,
        offset: int,
    ) -> bool | None:
        """Return what a presented receipt says of the elapsed time, whether it is flagged; None when it is not one of
        ours for exactly these values."""
        for flagged in (False, True):
            made = self.make(
                sitting_id, item_no, client_seq, response, status, stamp_us, elapsed_us, offset, flagged=flagged
            )
            if hmac.compare_digest(made, receipt):
                return flagged
        return None


def _derive(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, purpose.encode(), "sha256")

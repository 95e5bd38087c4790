"""What derives from a session's secret: item keys, sealed contents, orders of options, receipts.

Every gateway derives the same values, so that no key has to be stored or sent before its time, and a paper sealed by
one gateway is the same bytes from another.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leitai.live.ports import Accepted, Submission
from leitai.rules.values import ItemNo, Response, SessionId, SittingId
from leitai.wire.codec import encode
from leitai.wire.messages import ItemContent, SealedItem, SealedPaper

RECEIPT_BYTES = 16


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

    A receipt is keyed BLAKE2s (RFC 7693, 2.9) of 16 bytes over the MessagePack array
    [session, sitting, item, seq, response, status, stamp_us, elapsed_us, offset], with `true` as a tenth where the
    elapsed time is flagged.
    """

    def __init__(self, secret: bytes, session_id: SessionId) -> None:
        # The key is hashed once, and one block takes the whole message: a fifth of what a call of hmac costs.
        self._keyed = hashlib.blake2s(key=_derive(secret, f"receipts {session_id}"), digest_size=RECEIPT_BYTES)
        self._session_id = session_id

    def make(self, answer: Submission, status: str, decision: Accepted) -> bytes:
        """Return the receipt of an acknowledgement."""
        values = (
            self._session_id,
            answer.sitting_id,
            answer.item_no,
            answer.client_seq,
            answer.response,
            status,
            decision.stamp_us,
            decision.elapsed_us,
            decision.offset,
        )
        return self._sign((*values, True) if decision.flagged else values)

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
        values = (self._session_id, sitting_id, item_no, client_seq, response, status, stamp_us, elapsed_us, offset)
        for flagged in (False, True):
            if hmac.compare_digest(self._sign((*values, True) if flagged else values), receipt):
                return flagged
        return None

    def _sign(self, values: tuple[object, ...]) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(encode(values))
        return keyed.digest()


def _derive(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, purpose.encode(), "sha256")

"""What derives from a session's secret."""

import hashlib
import hmac
from collections.abc import Sequence

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from leitai.live.ports import Accepted, Outcome, Submission
from leitai.live.sealing import RECEIPT_BYTES, Receipts, item_key, seal_paper
from leitai.rules.values import ItemNo, SessionId, SittingId
from leitai.wire.messages import ItemContent, ItemOption

SECRET = bytes(range(32))
SESSION = SessionId(7)


@given(
    sitting=st.integers(1, 2**31),
    response=st.lists(st.text(max_size=20), max_size=5),
    stamp_us=st.integers(0, 2**52),
    offset=st.integers(0, 2**40),
)
def test_a_receipt_is_the_keyed_hash_that_the_wire_page_says(
    sitting: int, response: list[str], stamp_us: int, offset: int
) -> None:
    receipts = Receipts(SECRET, SESSION)
    values = (SittingId(sitting), ItemNo(3), 9, tuple(response), "accepted", stamp_us, 55, offset)
    answer = Submission(SittingId(sitting), ItemNo(3), 9, tuple(response), 0, 55)
    made = receipts.make(answer, "accepted", Accepted(Outcome.ACCEPTED, False, stamp_us, 55, offset))
    key = hmac.digest(SECRET, b"receipts 7", "sha256")
    signed = [7, sitting, 3, 9, response, "accepted", stamp_us, 55, offset]
    assert made == _keyed_hash(key, signed)
    assert receipts.flag(made, *values) is False
    assert receipts.flag(made, *values[:-1], offset + 1) is None
    assert Receipts(SECRET, SessionId(8)).flag(made, *values) is None
    flagged = receipts.make(answer, "accepted", Accepted(Outcome.ACCEPTED, False, stamp_us, 55, offset, "", True))
    assert flagged == _keyed_hash(key, [*signed, True])
    assert receipts.flag(flagged, *values) is True


def _keyed_hash(key: bytes, values: Sequence[object]) -> bytes:
    return hashlib.blake2s(msgpack.packb(values) or b"", key=key, digest_size=RECEIPT_BYTES).digest()


def test_a_paper_sealed_twice_is_the_same_bytes_and_a_corrected_one_meets_another_nonce() -> None:
    content = ItemContent("single", "题干", [ItemOption("A", "甲"), ItemOption("B", "乙")], 0, 100)
    corrected = ItemContent("single", "题干。", content.options, 0, 100)
    first = seal_paper(SECRET, SESSION, "streamed", (content,), (20,))
    again = seal_paper(SECRET, SESSION, "streamed", (content,), (20,))
    other = seal_paper(SECRET, SESSION, "streamed", (corrected,), (20,))
    assert first == again
    assert first.items[0].sealed[:12] != other.items[0].sealed[:12]
    key = item_key(SECRET, SESSION, ItemNo(1))
    assert first.items[0].commitment != hashlib.sha256(key).digest()
    assert key not in first.items[0].sealed

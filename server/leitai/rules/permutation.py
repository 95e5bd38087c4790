"""The order in which a contestant sees an item's options: drawn from a seed, the same in every language.

A browser may compute it too, so the method is fixed here to the byte (see `option_order`).
"""

import hashlib
from collections.abc import Iterator


def option_order(seed: bytes, item_no: int, option_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The options of an item in the order shown to one contestant. True-false and fill-in are never permuted: do not
    call it for them.

    1. Block `c` (0, 1, …, 255) is SHA-256(`seed` ‖ `item_no` as 2 bytes ‖ `c` as 1 byte), all big-endian.
    2. The blocks, one after the other, are read as unsigned 16-bit big-endian values: 16 from each block.
    3. Fisher–Yates: for `i` from n-1 down to 1, take values `v` until `v < floor(65536 / (i+1)) * (i+1)`, let
       `j = v mod (i+1)`, and exchange places `i` and `j` (0-based). A value taken is never used again.

    Test vectors (seed in hexadecimal, item, options → order):

    - `000102030405060708090a0b0c0d0e0f`, 1, A B C D → A D C B
    - `000102030405060708090a0b0c0d0e0f`, 80, A B C D E → A D E C B
    - empty seed, 65535, A B C D E F G H → G E H A C D B F

    Args:
        seed: secret of one sitting, any length.
        item_no: 0 to 65535.
        option_ids: canonical ids in canonical order, a few dozen at most: the stream ends after 4,096 values.

    Raises:
        OverflowError: `item_no` does not fit 2 bytes.
    """
    order = list(option_ids)
    values = _values(seed + item_no.to_bytes(2, "big"))
    for last in range(len(order) - 1, 0, -1):
        size = last + 1
        fair = 65536 // size * size
        value = next(values)
        while value >= fair:
            value = next(values)
        other = value % size
        order[last], order[other] = order[other], order[last]
    return tuple(order)


def _values(prefix: bytes) -> Iterator[int]:
    for counter in range(256):
        block = hashlib.sha256(prefix + bytes([counter])).digest()
        for start in range(0, len(block), 2):
            yield int.from_bytes(block[start : start + 2], "big")

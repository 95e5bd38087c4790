"""Sealed items as a client sees them (docs/wire.md, Sealed items): unseal, check the commitment, order the options."""

import hashlib
from collections.abc import Sequence
from typing import Any, TypeVar

import msgpack
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

T = TypeVar("T")
CHOICES = frozenset({"single", "multiple", "indeterminate"})


class BrokenSeal(Exception):
    """The key does not open the item, or what it opens is not what was committed to."""


def unseal(session: int, item: dict[str, Any], key: bytes) -> dict[str, Any]:
    """Return the content of one entry of a sealed paper's `items`, having checked its commitment."""
    sealed: bytes = item["sealed"]
    try:
        plaintext = AESGCM(key).decrypt(sealed[:12], sealed[12:], f"leitai:{session}:{item['item']}".encode("ascii"))
    except (InvalidTag, ValueError) as error:
        raise BrokenSeal(f"item {item['item']}: the key does not open it") from error
    if hashlib.sha256(key + plaintext).digest() != item["commitment"]:
        raise BrokenSeal(f"item {item['item']}: the commitment differs")
    return msgpack.unpackb(plaintext)


def shown_order(order_seed: bytes, item: int, options: Sequence[T]) -> list[T]:
    """Return the options of a choice item in the order of one sitting."""
    values = _numbers(order_seed + item.to_bytes(2, "big"))
    shown = list(options)
    for i in range(len(shown) - 1, 0, -1):
        limit = 65_536 // (i + 1) * (i + 1)
        value = next(values)
        while value >= limit:
            value = next(values)
        j = value % (i + 1)
        shown[i], shown[j] = shown[j], shown[i]
    return shown


def _numbers(seed: bytes) -> Any:
    for counter in range(256):
        block = hashlib.sha256(seed + bytes([counter])).digest()
        for at in range(0, 32, 2):
            yield int.from_bytes(block[at : at + 2], "big")

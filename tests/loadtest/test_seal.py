"""The client's reading of docs/wire.md about seals and orders, against the server's own."""

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.permutation import option_order
from leitai_loadtest.seal import BrokenSeal, shown_order, unseal
from tests.support.packing import pack

KEY = bytes(range(32))
CONTENT = {"type": "true_false", "stem": "题", "options": [], "blanks": 0, "centipoints": 100}


def _entry(associated: bytes = b"leitai:7:3") -> dict[str, Any]:
    plaintext = pack(CONTENT)
    sealed = bytes(12) + AESGCM(KEY).encrypt(bytes(12), plaintext, associated)
    return {"item": 3, "sealed": sealed, "commitment": hashlib.sha256(KEY + plaintext).digest()}


def test_a_seal_opens_with_its_key() -> None:
    assert unseal(7, _entry(), KEY) == CONTENT


@pytest.mark.parametrize(
    ("session", "entry", "key"),
    [
        (7, _entry(), bytes(32)),
        (8, _entry(), KEY),
        (7, _entry(b"leitai:7:4"), KEY),
        (7, _entry() | {"commitment": bytes(32)}, KEY),
        (7, _entry() | {"sealed": b""}, KEY),
    ],
    ids=["key", "session", "item", "commitment", "empty"],
)
def test_a_broken_seal_is_told(session: int, entry: dict[str, Any], key: bytes) -> None:
    with pytest.raises(BrokenSeal):
        unseal(session, entry, key)


@given(st.binary(max_size=32), st.integers(0, 65_535), st.integers(0, 8))
def test_the_order_is_the_server_s(seed: bytes, item: int, size: int) -> None:
    options = tuple("ABCDEFGH"[:size])
    assert tuple(shown_order(seed, item, options)) == option_order(seed, item, options)

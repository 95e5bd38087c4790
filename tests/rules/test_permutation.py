from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules import permutation
from leitai.rules.permutation import option_order

SEED = bytes(range(16))
VECTORS = [(SEED, 1, "ABCD", "ADCB"), (SEED, 80, "ABCDE", "ADECB"), (b"", 65535, "ABCDEFGH", "GEHACDBF")]


@pytest.mark.parametrize(("seed", "item_no", "options", "shown"), VECTORS)
def test_vectors(seed: bytes, item_no: int, options: str, shown: str) -> None:
    assert option_order(seed, item_no, tuple(options)) == tuple(shown)


def test_the_docstring_shows_these_vectors() -> None:
    documented = option_order.__doc__ or ""
    for _, _, options, shown in VECTORS:
        assert f"{' '.join(options)} → {' '.join(shown)}" in documented
    assert f"`{SEED.hex()}`" in documented


@given(st.binary(max_size=40), st.integers(0, 65535), st.integers(0, 8))
def test_nothing_is_lost_or_added(seed: bytes, item_no: int, size: int) -> None:
    options = tuple("ABCDEFGH"[:size])
    shown = option_order(seed, item_no, options)
    assert tuple(sorted(shown)) == options
    assert shown == option_order(seed, item_no, options)


def test_every_order_is_about_equally_frequent() -> None:
    seen = Counter(option_order(b"fair", item_no, tuple("ABCD")) for item_no in range(6000))
    assert set(seen) == set(permutations("ABCD"))
    # 23 degrees of freedom: 49.7 is passed once in a thousand seeds, and this seed is fixed.
    assert sum((count - 250) ** 2 / 250 for count in seen.values()) < 49.7


def test_values_above_the_fair_bound_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    # With 3 options 65535 is unfair for the first draw; 65534 = 2 (mod 3) is the last fair value.
    monkeypatch.setattr(permutation, "_values", lambda _: iter([65535, 65534, 0]))
    assert option_order(SEED, 1, ("A", "B", "C")) == ("B", "A", "C")


@pytest.mark.parametrize("item_no", [-1, 65536])
def test_item_numbers_fit_two_bytes(item_no: int) -> None:
    with pytest.raises(OverflowError):
        option_order(SEED, item_no, ("A", "B"))

"""What stores need to know of rooms."""

from collections.abc import Mapping

from leitai.rules.values import Micros

LONGEST_AGE_US = 30_000_000
"""What a client did and what waited longer for a store is not believed to be so old."""
GONE_US = 7_000_000
"""Whom no gateway has seen for so long is not connected."""


def connected(seen: Mapping[int, Micros], now_us: Micros) -> frozenset[int]:
    """Return the seats that are connected, by when each was seen last."""
    return frozenset(seat for seat, at_us in seen.items() if at_us > now_us - GONE_US)

"""Verifiable selection from a numbered list: the method of RFC 3797, section 4, with SHA-256."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

Source = str | tuple[int, ...]
"""One source of randomness: a list of numbers, whose order does not matter, or a text of ASCII letters and digits."""

MAX_POOL = 65535
"""Places are bracketed by 16-bit numbers."""


class Algorithm(Enum):
    """The hash of the selection. MD5 only repeats the RFC's own example and draws of others."""

    SHA256 = "sha256"
    MD5 = "md5"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the RFC's table.

    Attributes:
        digest: the hash taken, in lower-case hexadecimal.
        left: how many were left to choose from.
        place: the 1-based place in the whole list that was chosen.
    """

    digest: str
    left: int
    place: int


def select(
    pool_size: int, count: int, sources: Sequence[Source], algorithm: Algorithm = Algorithm.SHA256
) -> tuple[int, ...]:
    """The 1-based places chosen, in the order they were drawn.

    Raises:
        ValueError: not `0 <= count <= pool_size <= MAX_POOL`, or a source has no canonical form.
    """
    return tuple(step.place for step in steps(pool_size, count, key_string(sources), algorithm))


def key_string(sources: Sequence[Source]) -> str:
    """The RFC's key: every source ends in `/`; numbers ascend and each ends in `.`; letters are upper case.

    `["a1", (9319,), (5, 2)]` is `A1/9319./2.5./`.

    Raises:
        ValueError: a source is empty, has negative numbers, or characters other than ASCII letters and digits: they
            could be canonicalised in more than one way.
    """
    return "".join(_canonical(source) + "/" for source in sources)


def steps(pool_size: int, count: int, key: str, algorithm: Algorithm = Algorithm.SHA256) -> tuple[Step, ...]:
    """The selection step by step. For n = 0, 1, …: hash(n as 2 bytes ‖ key ‖ n as 2 bytes), all big-endian, modulo how
    many are left, is the 0-based place among those left.

    Raises:
        ValueError: not `0 <= count <= pool_size <= MAX_POOL`.
    """
    if not 0 <= count <= pool_size <= MAX_POOL:
        raise ValueError(f"{count} of {pool_size}")
    left = list(range(1, pool_size + 1))
    taken: list[Step] = []
    for index in range(count):
        bracket = index.to_bytes(2, "big")
        message = bracket + key.encode("ascii") + bracket
        digest = hashlib.new(algorithm.value, message, usedforsecurity=False).hexdigest()
        size = len(left)
        taken.append(Step(digest, size, left.pop(int(digest, 16) % size)))
    return tuple(taken)


def _canonical(source: Source) -> str:
    if isinstance(source, str):
        if not (source.isascii() and source.isalnum()):
            raise ValueError(f"no canonical form: {source!r}")
        return source.upper()
    if not source or min(source) < 0:
        raise ValueError(f"no canonical form: {source!r}")
    return "".join(f"{number}." for number in sorted(source))

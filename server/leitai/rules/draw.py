"""The draw's method (抽签; plan 四(二)2): 35 of the 100 whom a province nominates, so that anyone can repeat it.

Published lists, secret seeds of several parties and a public value that did not exist when the seeds were committed to
make one key for each province; RFC 3797 makes places of the key. `rules.draw_protocol` says in which order all that
comes about, `docs/draw.md` tells it to strangers.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leitai.rules.selection import MAX_POOL, Algorithm, Source, Step, key_string, steps
from leitai.rules.values import DelegationCode

MIN_SEED_BYTES = 16
"""Shorter seeds could be found from their commitment by trying."""
MAX_SEED_BYTES = 64
MAX_NUMBER = 2**53 - 1
"""Above it JSON's numbers are not the same everywhere."""
MAX_NUMBERS = 32
_CODE = re.compile(r"[0-9A-Za-z]{1,16}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
_TEXT = re.compile(r"[0-9A-Za-z]{1,64}")


@dataclass(frozen=True, slots=True)
class NominationList:
    """A province's published list of those it nominates.

    Attributes:
        delegation: its code.
        name: its name, for people.
        ids: what the nominated are called, in the published order: distinct, each one line.
    """

    delegation: DelegationCode
    name: str
    ids: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the ids joined by line feeds, in UTF-8, as lower-case hexadecimal."""
        return hashlib.sha256("\n".join(self.ids).encode()).hexdigest()

    @property
    def sound(self) -> bool:
        """Whether it can be drawn from."""
        lines = all(one and "\n" not in one for one in self.ids)
        return (
            lines
            and _CODE.fullmatch(self.delegation) is not None
            and 1 <= len(set(self.ids)) == len(self.ids) <= MAX_POOL
        )


@dataclass(frozen=True, slots=True)
class ProvinceDraw:
    """What came of a province's draw; `steps` has a line for each place drawn."""

    delegation: DelegationCode
    key: str
    steps: tuple[Step, ...]
    drawn: tuple[str, ...]
    """Ids in the order they were drawn."""


def lists_digest(lists: Iterable[NominationList]) -> str:
    """Return what names all lists at once: SHA-256 of a line `code digest` for each, every line ended by a feed."""
    lines = "".join(f"{one.delegation} {one.digest}\n" for one in lists)
    return hashlib.sha256(lines.encode()).hexdigest()


def commitment(seed: bytes) -> str:
    """What is published before the draw: SHA-256 of the seed, in lower-case hexadecimal.

    Raises:
        ValueError: the seed is not of `MIN_SEED_BYTES` to `MAX_SEED_BYTES`.
    """
    if not MIN_SEED_BYTES <= len(seed) <= MAX_SEED_BYTES:
        raise ValueError(f"a seed of {len(seed)} bytes")
    return hashlib.sha256(seed).hexdigest()


def read_value(kind: str, text: str) -> Source:
    """Return a public value as it is written: `numbers` with one blank between two, or a `text` of ASCII letters and
    digits; raises ValueError for anything else."""
    if kind == "numbers":
        written = text.split(" ")
        if len(written) > MAX_NUMBERS or not all(_NUMBER.fullmatch(one) for one in written):
            raise ValueError(text)
        numbers = tuple(int(one) for one in written)
        if max(numbers) > MAX_NUMBER:
            raise ValueError(text)
        return numbers
    if kind != "text" or not _TEXT.fullmatch(text):
        raise ValueError(text)
    return text


def draw_key(listed: NominationList, seed: bytes, public_value: Source) -> str:
    """The key string of a province: its code, the digest of its list, the seed, both in hexadecimal, the public value.

    Code and list are no randomness; they tie the outcome to this list of this province. `seed` is the seeds of all
    parties, one after the other.

    Raises:
        ValueError: the public value or the code has no canonical form.
    """
    return key_string([listed.delegation, listed.digest, seed.hex(), public_value])


def draw_province(
    listed: NominationList,
    places: int,
    *,
    seed: bytes,
    public_value: Source,
    algorithm: Algorithm = Algorithm.SHA256,
) -> ProvinceDraw:
    """Draw `places` of a province's nominated, or all where it nominated fewer.

    Raises:
        ValueError: the list is not sound, or the public value or the code has no canonical form.
    """
    if not listed.sound:
        raise ValueError("ids are not distinct lines")
    key = draw_key(listed, seed, public_value)
    taken = steps(len(listed.ids), min(places, len(listed.ids)), key, algorithm)
    return ProvinceDraw(listed.delegation, key, taken, tuple(listed.ids[step.place - 1] for step in taken))


def draw_all(
    lists: Sequence[NominationList], places: int, *, seed: bytes, public_value: Source, algorithm: Algorithm
) -> tuple[ProvinceDraw, ...]:
    """Draw every province at once: one seed and one public value, each its own list and code. Raises as above."""
    return tuple(draw_province(one, places, seed=seed, public_value=public_value, algorithm=algorithm) for one in lists)

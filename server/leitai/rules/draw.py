"""The draw (抽签; plan 四(二)2): 35 of the 100 whom a province nominates, so that anyone can repeat it.

Before: the nomination list is published in its order, the public value is named (a lottery's numbers of a coming day),
and the commitment to a secret seed is published. After: the seed is opened. Neither who holds the seed nor who brings
about the public value can steer the outcome alone.
"""

import hashlib
from collections.abc import Sequence

from leitai.rules.selection import Algorithm, Source, Step, key_string, select, steps
from leitai.rules.transcript import BadTranscript, DrawError, DrawMismatch, Transcript
from leitai.rules.values import DelegationCode

__all__ = [
    "Algorithm",
    "BadTranscript",
    "DrawError",
    "DrawMismatch",
    "Source",
    "Step",
    "Transcript",
    "commitment",
    "draw_key",
    "draw_province",
    "key_string",
    "select",
    "verify",
]

MIN_SEED_BYTES = 16
"""Shorter seeds could be found from their commitment by trying."""


def commitment(seed: bytes) -> str:
    """What is published before the draw: SHA-256 of the seed, in lower-case hexadecimal.

    Raises:
        ValueError: the seed is shorter than `MIN_SEED_BYTES`.
    """
    if len(seed) < MIN_SEED_BYTES:
        raise ValueError(f"a seed of {len(seed)} bytes")
    return hashlib.sha256(seed).hexdigest()


def draw_key(
    nominations: Sequence[str], seed: bytes, public_value: Source, delegation: DelegationCode | None = None
) -> str:
    """The key string of a draw. Its sources: the delegation's code (left out when there is none), SHA-256 of the ids
    joined by line feeds in UTF-8, the seed, both in hexadecimal, and the public value.

    Code and list are no randomness; they tie the outcome to this list of this province.

    Raises:
        ValueError: the public value or the code has no canonical form.
    """
    published = hashlib.sha256("\n".join(nominations).encode()).hexdigest()
    sources: list[Source] = [published, seed.hex(), public_value]
    return key_string([delegation, *sources] if delegation else sources)


def draw_province(
    nominations: Sequence[str],
    count: int = 35,
    *,
    seed: bytes,
    public_value: Source,
    algorithm: Algorithm = Algorithm.SHA256,
    delegation: DelegationCode | None = None,
) -> Transcript:
    """Draws `count` of the nominated.

    Raises:
        ValueError: somebody is nominated twice or has a line feed in the id, fewer are nominated than are to be drawn,
            the seed is too short, or the public value or the code has no canonical form.
    """
    if not _distinct_lines(nominations):
        raise ValueError("ids are not distinct lines")
    key = draw_key(nominations, seed, public_value, delegation)
    return Transcript(
        algorithm,
        tuple(nominations),
        count,
        seed.hex(),
        commitment(seed),
        public_value,
        key,
        steps(len(nominations), count, key, algorithm),
        delegation,
    )


def verify(transcript: Transcript, published_commitment: str | None = None) -> None:
    """Repeats a draw from its inputs.

    Args:
        published_commitment: the one that was published before, if at hand. The published list and public value are
            the reader's to compare as well.

    Raises:
        DrawMismatch: in the first field that does not hold.
    """
    try:
        seed = bytes.fromhex(transcript.seed)
        expected = commitment(seed)
    except ValueError:
        raise DrawMismatch("seed") from None
    if seed.hex() != transcript.seed:
        raise DrawMismatch("seed")
    if transcript.commitment != expected or published_commitment not in (None, expected):
        raise DrawMismatch("commitment")
    if not _distinct_lines(transcript.nominations):
        raise DrawMismatch("nominations")
    try:
        key = draw_key(transcript.nominations, seed, transcript.public_value, transcript.delegation)
    except ValueError:
        raise DrawMismatch("key") from None
    if transcript.key != key:
        raise DrawMismatch("key")
    try:
        taken = steps(len(transcript.nominations), transcript.count, key, transcript.algorithm)
    except ValueError:
        raise DrawMismatch("count") from None
    if transcript.steps != taken:
        raise DrawMismatch("steps")


def _distinct_lines(ids: Sequence[str]) -> bool:
    return len(set(ids)) == len(ids) and not any("\n" in one for one in ids)

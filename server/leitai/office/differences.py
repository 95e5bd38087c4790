"""What differs between two versions of a question, field by field and within texts character by character."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from leitai.office.bank import Question

_AS_A_WHOLE = frozenset({"type", "difficulty", "module", "point", "key"})
"""Fields that are replaced, not rewritten: 中 to 较难 has no common part worth showing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both versions have, or only one of them."""

    kind: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs. `place`: which option (`A`) or sub-item (`1`) of it; empty where there is one only."""

    field: str
    place: str
    pieces: tuple[Piece, ...]


def differences(before: Question, after: Question) -> tuple[Difference, ...]:
    """Return the fields that differ, in the order in which a question is read; empty: both say the same.

    Takes up to some tenths of a second for the longest texts: run it in a thread.
    """
    old, new = dict(_fields(before)), dict(_fields(after))
    # In reading order, with what only the newer one has beside its neighbours.
    keys = sorted(old.keys() | new.keys(), key=lambda key: (_ORDER[key[0]], len(key[1]), key[1]))
    return tuple(
        Difference(field, place, _pieces(field, old.get((field, place), ""), new.get((field, place), "")))
        for field, place in keys
        if old.get((field, place), "") != new.get((field, place), "")
    )


_ORDER: Mapping[str, int] = {
    name: number
    for number, name in enumerate(
        ("type", "module", "point", "difficulty", "stem", "part", "option", "key", "reference", "explanation", "tags")
    )
}


def _fields(question: Question) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("type", ""), question.type.value
    yield ("module", ""), question.module
    yield ("point", ""), question.point
    yield ("difficulty", ""), str(question.difficulty)
    yield ("stem", ""), question.stem
    for number, part in enumerate(question.parts, 1):
        yield ("part", str(number)), part
    for option in question.options:
        yield ("option", option.id), option.text
    yield ("key", ""), "".join(sorted(question.key.options))
    for number, alternatives in enumerate(question.key.blanks, 1):
        yield ("reference", str(number)), "\n".join(alternatives)
    yield ("explanation", ""), question.explanation
    yield ("tags", ""), "\n".join(question.tags)


def _pieces(field: str, before: str, after: str) -> tuple[Piece, ...]:
    if field in _AS_A_WHOLE:
        whole = (Piece("removed", before), Piece("added", after))
        return tuple(piece for piece in whole if piece.text)
    found: list[Piece] = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", before[i:j]))
            continue
        if i < j:
            found.append(Piece("removed", before[i:j]))
        if k < m:
            found.append(Piece("added", after[k:m]))
    return tuple(found)

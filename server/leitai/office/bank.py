"""The question bank's records: what a question is, how one is known again, and what is wrong with a bad one."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from leitai.rules.marking import normalise
from leitai.rules.values import Key, QuestionType

MODULES = ("党的基本路线方针政策", "就业创业", "社会保险", "人才人事", "劳动关系", "综合服务规范")
"""Plan 四(一), in the plan's order; a region may add `REGIONAL_MODULE`."""
REGIONAL_MODULE = "系统操作能力"
MAX_OPTIONS = 8
MAX_STEM = 2_000
MAX_OPTION = 500
MAX_EXPLANATION = 4_000
MAX_PARTS = 8
"""Sub-items of a case at most."""
TRUE_FALSE_OPTIONS = (("T", "正确"), ("F", "错误"))
DIFFICULTIES = {1: "易", 2: "较易", 3: "中", 4: "较难", 5: "难"}


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its canonical id (`A`…`H`, `T`, `F`) and text."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the bank holds it (one version of it).

    `key.blanks` holds alternatives per blank; for short-answer and case one reference answer to each text. `parts` are
    the sub-items of a case, whose shared stem is `stem`. `difficulty` is 1 (easy) to 5 (hard). `point` is the
    knowledge point 知识点.
    """

    type: QuestionType
    stem: str
    options: tuple[Option, ...]
    key: Key
    explanation: str
    difficulty: int
    module: str
    point: str
    tags: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BankEntry:
    """A question in the bank with the id of the version that is in force."""

    version_id: int
    question: Question


def stem_key(stem: str) -> bytes:
    """By what a question is known again: SHA-256 of its stem without width, case, blanks and punctuation (32 bytes).

    Two questions with one key are the same question, or a revision of it.
    """
    return hashlib.sha256((normalise(stem) or stem.strip()).encode()).digest()


class Digests(NamedTuple):
    """By what a question is known again, and whether it was revised."""

    key: bytes
    """`stem_key`."""
    content: bytes
    """`content_hash`."""


def digests_of(question: Question) -> Digests:
    """Return a question's digests."""
    return Digests(stem_key(question.stem), content_hash(question))


def content_hash(question: Question) -> bytes:
    """Whether a question was revised: SHA-256 over everything in it (32 bytes)."""
    return hashlib.sha256(
        msgspec.json.encode(
            [
                question.type.value,
                question.stem,
                [[option.id, option.text] for option in question.options],
                sorted(question.key.options),
                question.key.blanks,
                question.explanation,
                question.difficulty,
                question.module,
                question.point,
                question.tags,
                # Nothing is added for the others: a file brought in again must not revise what it brought before.
                *([question.parts] if question.parts else []),
            ]
        )
    ).digest()

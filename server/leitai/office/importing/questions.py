"""Question files: what is in them as questions of the bank, or the reasons why not, place by place."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from leitai.office.bank import MAX_EXPLANATION, MAX_PARTS, Question, stem_key
from leitai.office.importing.drafts import Draft
from leitai.office.importing.formats import read_drafts
from leitai.office.importing.problems import Place, Problem
from leitai.office.importing.rows import Row
from leitai.rules.values import Key

_TOLD_EVERY = 500


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row whose stem another row before it has; it is not taken in."""

    place: Place
    first: Place


@dataclass(frozen=True, slots=True)
class BankFile:
    """A question file as read.

    `accepted` holds each question with its place; `skipped` the sheets without a recognisable header.
    """

    file_name: str
    sha256: bytes
    accepted: tuple[tuple[Place, Question], ...]
    refused: tuple[Problem, ...]
    duplicates: tuple[Duplicate, ...]
    skipped: tuple[str, ...]


def read_bank_file(
    file_name: str, data: bytes, *, module: str = "", told: Callable[[int, int], None] | None = None
) -> BankFile:
    """Read a question file of any format, told by its bytes; raises `FileRefused`.

    `module` is given to the questions for which the file names none; `told` hears now and then how many of all are
    judged. Takes seconds for 20,000 questions: run it in a thread or process.
    """
    accepted: list[tuple[Place, Question]] = []
    refused: list[Problem] = []
    duplicates: list[Duplicate] = []
    seen: dict[bytes, Place] = {}
    found = read_drafts(data)
    for judged, rows in enumerate(_questions(found.drafts, module)):
        if told is not None and judged % _TOLD_EVERY == 0:
            told(judged, len(found.drafts))
        question = read_rows(rows)
        if question is None:
            refused.extend(problem for row in rows for problem in row.problems)
            continue
        place = rows[0].place
        first = seen.setdefault(stem_key(question.stem), place)
        if first is place:
            accepted.append((place, question))
        else:
            duplicates.append(Duplicate(place, first))
    return BankFile(
        file_name,
        hashlib.sha256(data).digest(),
        tuple(accepted),
        tuple(refused),
        tuple(duplicates),
        tuple(found.skipped),
    )


def read_rows(rows: Sequence[Row]) -> Question | None:
    """Return the question of one row, or of all the rows of a case; None when there are problems, which they hold."""
    return rows[0].read() if not rows[0].is_case else _read_case(rows)


def _questions(drafts: Sequence[Draft], module: str) -> Iterator[list[Row]]:
    """The rows of each question: one, or those of a case, which follow each other under one shared stem."""
    case: list[Row] = []
    for draft in drafts:
        row = Row(draft, module)
        follows = row.is_case and row.shared_stem in ("", case[0].shared_stem if case else "")
        if case and not (follows and row.place.sheet == case[0].place.sheet):
            yield case
            case = []
        if row.is_case:
            case.append(row)
        else:
            yield [row]
    if case:
        yield case


def _read_case(rows: Sequence[Row]) -> Question | None:
    """The sub-items of a case as one question, or None when there are problems with one of them."""
    head = rows[0]
    read = [row.read() for row in rows]
    if not head.shared_stem:
        head.refuse("shared_stem", "case-stem")
    if len(rows) > MAX_PARTS:
        head.refuse("stem", "case-too-long", str(MAX_PARTS))
    good = [question for question in read if question is not None]
    if len(good) == len(rows) and not head.problems:
        explanation = "\n".join(dict.fromkeys(one.explanation for one in good if one.explanation))
        if len(explanation) <= MAX_EXPLANATION:
            return replace(
                good[0],
                key=Key(blanks=tuple(blank for one in good for blank in one.key.blanks)),
                explanation=explanation,
                tags=tuple(dict.fromkeys(tag for one in good for tag in one.tags)),
                parts=tuple(part for one in good for part in one.parts),
            )
        head.refuse("explanation", "too-long", str(MAX_EXPLANATION))
    bad = next(row for row in rows if row.problems)
    for row in rows:
        if not row.problems:
            row.refuse("stem", "case-incomplete", str(bad.place))
    return None

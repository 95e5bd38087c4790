"""Words of a question as a page writes them, to a question of the bank or to what is wrong with them, and back.

What a question may be is said in one place: the words go through the reader of question files (`office.importing`).
"""

from dataclasses import replace

from leitai.office.bank import DIFFICULTIES, MAX_OPTIONS, Question
from leitai.office.importing.answers import LETTERS, write_blanks, write_reference
from leitai.office.importing.drafts import Draft, clean
from leitai.office.importing.problems import Place, Problem
from leitai.office.importing.questions import read_rows
from leitai.office.importing.rows import Row
from leitai.rules.values import QuestionType
from leitai.wire.bank_bodies import CasePart, QuestionWords

_TYPES = {one.value: one for one in QuestionType}


def read_words(words: QuestionWords, point_name: str) -> tuple[Question | None, tuple[tuple[int, Problem], ...]]:
    """Return the question that words make, or None and the problems, each with its sub-item (from 1; 0: the whole).

    A problem's `column` is the field's name (`importing.drafts.TITLES`). `point_name`: what the chosen point is called.
    """
    type_ = _TYPES.get(words.type)
    if type_ is None:
        return None, ((0, Problem("", 1, "type", "type-unknown" if words.type else "missing", words.type)),)
    if len(words.options) > MAX_OPTIONS:
        return None, ((0, Problem("", 1, "option_A", "options-too-many", str(MAX_OPTIONS))),)
    drafts = _drafts(words, type_, point_name)
    rows = [Row(draft) for draft in drafts]
    question = read_rows(rows)
    if question is not None:
        return question, ()
    is_case = type_ is QuestionType.CASE
    # One bad sub-item makes the others say so too; the page shows the bad one.
    found = [
        (number if is_case and problem.column in ("stem", "answer") else 0, replace(problem, row=1))
        for number, row in enumerate(rows, 1)
        for problem in row.problems
        if problem.code != "case-incomplete"
    ]
    return None, tuple(dict.fromkeys(found))


def write_words(question: Question, point_id: int) -> QuestionWords:
    """Return what a question says, as a page reads it."""
    of_texts = question.type in (QuestionType.SHORT_ANSWER, QuestionType.CASE)
    references = [blank[0] if blank else "" for blank in question.key.blanks]
    return QuestionWords(
        type=question.type.value,
        stem=question.stem,
        options=[option.text for option in question.options],
        right=sorted(question.key.options),
        blanks=[] if of_texts else [list(blank) for blank in question.key.blanks],
        reference=references[0] if question.type is QuestionType.SHORT_ANSWER and references else "",
        parts=[CasePart(*pair) for pair in zip(question.parts, references, strict=False)],
        explanation=question.explanation,
        difficulty=question.difficulty,
        module=question.module,
        point=point_id,
        point_name=question.point,
        tags=list(question.tags),
    )


def _drafts(words: QuestionWords, type_: QuestionType, point_name: str) -> list[Draft]:
    shared = {
        "type": words.type.replace("_", ""),
        "explanation": words.explanation,
        "difficulty": DIFFICULTIES.get(words.difficulty, str(words.difficulty)),
        "module": words.module,
        "point": point_name,
        "tags": "\n".join(words.tags),
    }
    if type_ is QuestionType.CASE:
        parts = words.parts or [CasePart()]
        return [
            _draft(
                number,
                {
                    **shared,
                    "shared_stem": words.stem,
                    "stem": part.text,
                    "answer": write_reference(part.reference) if part.reference.strip() else "",
                    # Each sub-item would bring the whole explanation once more.
                    "explanation": words.explanation if number == 1 else "",
                },
            )
            for number, part in enumerate(parts, 1)
        ]
    fields = {**shared, "stem": words.stem, "answer": _answer(words, type_)}
    if type_ in (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.INDETERMINATE):
        fields |= {f"option_{letter}": text for letter, text in zip(LETTERS, words.options, strict=False)}
    return [_draft(1, fields)]


def _draft(row: int, fields: dict[str, str]) -> Draft:
    return Draft(
        Place("", row), {name: clean(text) for name, text in fields.items()}, titles={name: name for name in fields}
    )


def _answer(words: QuestionWords, type_: QuestionType) -> str:
    match type_:
        case QuestionType.SINGLE | QuestionType.MULTIPLE | QuestionType.INDETERMINATE:
            return "".join(words.right)
        case QuestionType.TRUE_FALSE:
            return words.right[0] if len(words.right) == 1 else ""
        case QuestionType.FILL_IN:
            return write_blanks([[one for one in blank if one.strip()] for blank in words.blanks])
        case _:
            return write_reference(words.reference) if words.reference.strip() else ""

"""A question's parts in the words that cells and lines of files use for them (`importing.answers` reads them)."""

from leitai.office.bank import Question
from leitai.office.importing import answers
from leitai.office.importing.answers import LETTERS
from leitai.rules.values import QuestionType

__all__ = ["LETTERS", "answer", "options", "reference"]


def options(question: Question) -> list[str]:
    """Return the texts of the options; none for true-false, which has always the same two."""
    return [] if question.type is QuestionType.TRUE_FALSE else [option.text for option in question.options]


def answer(question: Question) -> str:
    """Return the right answer: letters, 正确 or 错误, blanks parted by `|`, or a reference answer."""
    match question.type:
        case QuestionType.TRUE_FALSE:
            return "正确" if "T" in question.key.options else "错误"
        case QuestionType.FILL_IN:
            return answers.write_blanks(question.key.blanks)
        case QuestionType.SHORT_ANSWER | QuestionType.CASE:
            return reference(question, 0)
        case _:
            return "".join(sorted(question.key.options))


def reference(question: Question, part: int) -> str:
    """Return the reference answer of a short answer, or of a sub-item of a case."""
    return answers.write_reference(question.key.blanks[part][0])

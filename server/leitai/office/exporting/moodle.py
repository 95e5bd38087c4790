"""The bank as Moodle XML (docs.moodle.org), in plain text throughout: nothing in it is HTML."""

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from leitai.office.bank import Question
from leitai.office.exporting.plain_formats import tags
from leitai.office.importing.answers import BLANK
from leitai.rules.values import QuestionType

_KINDS = {
    QuestionType.SINGLE: "multichoice",
    QuestionType.MULTIPLE: "multichoice",
    QuestionType.INDETERMINATE: "multichoice",
    QuestionType.TRUE_FALSE: "truefalse",
    QuestionType.FILL_IN: "shortanswer",
    QuestionType.SHORT_ANSWER: "essay",
}


def write_moodle(questions: Sequence[Question]) -> bytes:
    """Return a quiz of everything but cases; several blanks in one stem become a cloze question."""
    return "".join(["<?xml version='1.0' encoding='UTF-8'?>\n<quiz>\n", *_questions(questions), "</quiz>\n"]).encode()


def _questions(questions: Sequence[Question]) -> Iterator[str]:
    module = ""
    for question in questions:
        if question.module != module:
            module = question.module
            path = escape(f"$course$/top/{module}")
            yield f'<question type="category"><category><text>{path}</text></category></question>\n'
        cloze = question.type is QuestionType.FILL_IN and len(question.key.blanks) > 1
        stem = _cloze(question) if cloze else question.stem
        yield (
            f'<question type="{"cloze" if cloze else _KINDS[question.type]}">\n'
            f"<name><text>{escape(question.stem[:60])}</text></name>\n"
            f"{_text('questiontext', stem)}\n{_text('generalfeedback', question.explanation)}\n"
            f"<defaultgrade>1</defaultgrade><penalty>0</penalty><hidden>0</hidden>\n"
        )
        if not cloze:
            yield from _answers(question)
        said = "".join(f"<tag><text>{escape(tag)}</text></tag>" for tag in tags(question))
        yield f"<tags>{said}</tags>\n</question>\n"


def _answers(question: Question) -> Iterator[str]:
    right = question.key.options
    match question.type:
        case QuestionType.TRUE_FALSE:
            for word, option in (("true", "T"), ("false", "F")):
                yield _answer(100 if option in right else 0, word)
        case QuestionType.FILL_IN:
            yield "<usecase>0</usecase>\n"
            for text in question.key.blanks[0]:
                yield _answer(100, text)
        case QuestionType.SHORT_ANSWER:
            yield _text("graderinfo", question.key.blanks[0][0]) + "\n"
        case _:
            single = question.type is QuestionType.SINGLE
            yield f"<single>{str(single).lower()}</single><answernumbering>ABCD</answernumbering>\n"
            for option in question.options:
                yield _answer(100 / len(right) if option.id in right else (0 if single else -100), option.text)


def _answer(fraction: float, text: str) -> str:
    share = f"{fraction:.5f}".rstrip("0").rstrip(".")
    return f'<answer fraction="{share}" format="plain_text"><text>{escape(text)}</text></answer>\n'


def _text(element: str, text: str) -> str:
    return f'<{element} format="plain_text"><text>{escape(text)}</text></{element}>'


def _cloze(question: Question) -> str:
    """The stem with a field behind each mark of a blank: the mark stays, so that the stem comes back as it was."""
    fields = iter(question.key.blanks)
    return BLANK.sub(
        lambda mark: f"{mark[0]}{{1:SHORTANSWER:{'~'.join(f'={_cloze_escaped(text)}' for text in next(fields, ()))}}}",
        question.stem,
    )


def _cloze_escaped(text: str) -> str:
    return re.sub(r'([}~#\\"/])', r"\\\1", text)

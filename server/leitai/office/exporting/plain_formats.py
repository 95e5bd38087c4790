"""The bank as GIFT and as Aiken (docs.moodle.org)."""

import re
from collections.abc import Iterator, Sequence

from leitai.office.bank import DIFFICULTIES, Question
from leitai.office.exporting.words import LETTERS, options
from leitai.office.importing.foreign import NAMES
from leitai.rules.values import QuestionType


def tags(question: Question) -> list[str]:
    """Return a question's tags and those that say what other systems have no place for (`importing.foreign`)."""
    said = [f"题型:{NAMES[question.type]}", f"难度:{DIFFICULTIES[question.difficulty]}"]
    return [*said, *([f"知识点:{question.point}"] if question.point else []), *question.tags]


def write_aiken(questions: Sequence[Question]) -> bytes:
    """Return single choices: stems, options and answers, which is all that Aiken has."""
    blocks = [
        "\n".join(
            [
                question.stem,
                *(f"{letter}. {text}" for letter, text in zip(LETTERS, options(question), strict=False)),
                f"ANSWER: {''.join(question.key.options)}",
            ]
        )
        for question in questions
    ]
    return ("\n\n".join(blocks) + "\n").encode()


def write_gift(questions: Sequence[Question]) -> bytes:
    """Return everything that has one field to answer in."""
    return "".join(_gift(questions)).encode()


def _gift(questions: Sequence[Question]) -> Iterator[str]:
    module = ""
    for question in questions:
        if question.module != module:
            module = question.module
            yield f"$CATEGORY: $course$/top/{module}\n\n"
        named = " ".join(f"[tag:{_tag_escaped(tag)}]" for tag in tags(question))
        yield f"// {named}\n[plain]{_escaped(question.stem)} {{{_gift_answers(question)}}}\n\n"


def _gift_answers(question: Question) -> str:
    said = f"####{_escaped(question.explanation)}" if question.explanation else ""
    right = question.key.options
    match question.type:
        case QuestionType.TRUE_FALSE:
            return ("TRUE" if "T" in right else "FALSE") + said
        case QuestionType.SHORT_ANSWER:
            explained = f"\n解析：{question.explanation}" if question.explanation else ""
            return f"####{_escaped(f'参考答案：{question.key.blanks[0][0]}{explained}')}"
        case QuestionType.FILL_IN:
            lines = [_gift_line("=", text) for text in question.key.blanks[0]]
        case QuestionType.SINGLE:
            lines = [_gift_line("=" if option.id in right else "~", option.text) for option in question.options]
        case _:
            share = f"~%{100 / len(right):.5f}%"
            lines = [
                f"\t{share if option.id in right else '~%-100%'}{_escaped(option.text)}\n"
                for option in question.options
            ]
    return f"\n{''.join(lines)}{said}"


def _gift_line(sign: str, text: str) -> str:
    # A text that begins with a percentage would be taken for its weight.
    weight = "" if not text.startswith("%") else ("%100%" if sign == "=" else "%0%")
    return f"\t{sign}{weight}{_escaped(text)}\n"


def _tag_escaped(tag: str) -> str:
    return re.sub(r"([]\\])", r"\\\1", tag)


def _escaped(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text).replace("\n", r"\n")

"""The bank as running text, .txt and .docx: by type, numbered, everything under its label, as people print it."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from leitai.office.bank import DIFFICULTIES, Question
from leitai.office.exporting.words import LETTERS, answer, options, reference
from leitai.office.importing.foreign import NAMES
from leitai.rules.values import QuestionType

_NUMBERS = "一二三四五六七"


def write_txt(questions: Sequence[Question]) -> bytes:
    """Return the text in UTF-8 with its mark, lines ended as Windows ends them."""
    return "".join(f"{line}\n" for line in _lines(questions)).replace("\n", "\r\n").encode("utf-8-sig")


def write_docx(questions: Sequence[Question]) -> bytes:
    """Return a document with one paragraph for each line."""
    import docx  # only whoever exports: gateways start without it

    document = docx.Document()
    for line in _lines(questions):
        if line:
            document.add_paragraph(line)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _lines(questions: Sequence[Question]) -> Iterator[str]:
    by_type = {type_: [one for one in questions if one.type is type_] for type_ in NAMES}
    there = [(type_, ones) for type_, ones in by_type.items() if ones]
    for section, (type_, ones) in zip(_NUMBERS, there, strict=False):
        yield f"{section}、{NAMES[type_]}题"
        for number, question in enumerate(ones, start=1):
            yield ""
            yield f"{number}. {question.stem}"
            yield from _case(question) if type_ is QuestionType.CASE else _simple(question)
        yield ""


def _simple(question: Question) -> Iterator[str]:
    for letter, text in zip(LETTERS, options(question), strict=False):
        yield f"{letter}. {text}"
    yield f"答案：{answer(question)}"
    yield from _rest(question)


def _case(question: Question) -> Iterator[str]:
    for number, part in enumerate(question.parts):
        yield f"（{number + 1}）{part}"
        yield f"答案：{reference(question, number)}"
        if number == 0:
            yield from _rest(question)
        else:
            yield f"目录：{question.module}"


def _rest(question: Question) -> Iterator[str]:
    if question.explanation:
        yield f"解析：{question.explanation}"
    yield f"难度：{DIFFICULTIES[question.difficulty]}"
    if question.point:
        yield f"知识点：{question.point}"
    yield f"目录：{question.module}"
    if question.tags:
        yield f"标签：{'、'.join(question.tags)}"

"""The bank as a table: .xlsx and .csv, with the headers that the importer knows. Nothing in them is ever a formula."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO

from leitai.office.bank import DIFFICULTIES, Question
from leitai.office.exporting.text_book import TextBook
from leitai.office.exporting.words import LETTERS, answer, options, reference
from leitai.office.importing.foreign import NAMES
from leitai.rules.values import QuestionType

HEAD = ("题型", "大题题干", "题干", *(f"选项{x}" for x in LETTERS), "答案", "解析", "难度", "知识点", "目录", "标签")
_WIDTHS = (8, 30, 60, *(18 for _ in LETTERS), 12, 40, 6, 14, 18, 18)
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠]")


def write_xlsx(questions: Sequence[Question]) -> bytes:
    """Return a workbook of one sheet; every cell is text."""
    book = TextBook()
    book.table("题库", HEAD, _WIDTHS, _rows(questions))
    return book.finished()


def write_csv(questions: Sequence[Question]) -> bytes:
    """Return a .csv in UTF-8 with its mark. A cell that a spreadsheet would compute begins with an apostrophe."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(HEAD)
    for row in _rows(questions):
        writer.writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def _rows(questions: Sequence[Question]) -> Iterator[list[str]]:
    """One row for a question, and for a case one for each of its sub-items."""
    for question in questions:
        rest = [DIFFICULTIES[question.difficulty], question.point, question.module, "、".join(question.tags)]
        if question.type is not QuestionType.CASE:
            texts = options(question)
            cells = [*texts, *[""] * (len(LETTERS) - len(texts))]
            yield [NAMES[question.type], "", question.stem, *cells, answer(question), question.explanation, *rest]
            continue
        for number, part in enumerate(question.parts):
            said = question.explanation if number == 0 else ""
            blank = [""] * len(LETTERS)
            yield ["案例", question.stem, part, *blank, reference(question, number), said, *rest]

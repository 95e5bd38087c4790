"""Which reader a question file is for, told by what is in it and never by its name."""

import re

from leitai.office.importing.aiken import is_aiken, read_aiken
from leitai.office.importing.archives import Archive
from leitai.office.importing.documents import read_docx
from leitai.office.importing.drafts import MAX_ROWS, Drafts
from leitai.office.importing.files import FileKind, decode, sniff
from leitai.office.importing.gift import is_gift, read_gift
from leitai.office.importing.moodle import read_moodle
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.qti import read_package, read_single_item
from leitai.office.importing.tables import Table, question_drafts, read_csv, read_xlsx
from leitai.office.importing.written import read_written

_MAX_LINES = 500_000
_LABELLED = re.compile(r"^[ \t]*(?:【(?:正确|参考|标准)?答案】|(?:正确|参考|标准)?答案[ \t]*[:：])", re.MULTILINE)
_SAMPLE = 1 << 15


def read_drafts(data: bytes) -> Drafts:
    """Return the questions of a file as they are written in it; raises `FileRefused`."""
    found = _read(sniff(data), data)
    if not found.drafts:
        raise FileRefused("no-questions")
    return found


def _read(kind: FileKind, data: bytes) -> Drafts:
    match kind:
        case FileKind.XLSX:
            return _tables(read_xlsx(data))
        case FileKind.DOCX:
            return read_docx(Archive(data))
        case FileKind.MOODLE:
            return read_moodle(data)
        case FileKind.QTI:
            return read_package(Archive(data))
        case FileKind.QTI_ITEM:
            return read_single_item(data)
        case FileKind.TEXT:
            return _read_text(decode(data))


def _tables(tables: list[Table]) -> Drafts:
    found = Drafts()
    tables = [table for table in tables if any(any(row) for row in table.rows)]
    for table in tables:
        drafts = question_drafts(table)
        if drafts is None:
            found.skipped.append(table.sheet)
        else:
            found.drafts.extend(drafts)
    if len(found.skipped) == len(tables):
        raise FileRefused("no-table", "题干、答案 / stem, answer")
    return found


def _read_text(text: str) -> Drafts:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > _MAX_LINES:
        raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
    first = next((line for line in text.split("\n") if line.strip()), "")
    if _has_header(text[:_SAMPLE]):
        return _tables([read_csv(text)])
    # A stem may hold braces: what has labelled answers is running text.
    if _LABELLED.search(text) is None:
        if is_aiken(text):
            return read_aiken(text)
        if is_gift(text):
            return read_gift(text)
    found = read_written("txt", list(enumerate(text.split("\n"), start=1)))
    if not found.drafts and any(mark in first for mark in ",;\t"):
        raise FileRefused("no-table", "题干、答案 / stem, answer")
    return found


def _has_header(sample: str) -> bool:
    """Whether the beginning of a text is a table with a header of questions."""
    if not any(mark in sample for mark in ",;\t"):
        return False
    try:
        return question_drafts(read_csv(sample)) is not None
    except FileRefused:
        return False

"""Which reader a question file is for, told by what is in it and never by its name."""

from leitai.office.importing.archives import Archive
from leitai.office.importing.documents import read_docx
from leitai.office.importing.drafts import Drafts
from leitai.office.importing.files import FileKind, decode, sniff
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.tables import Table, question_drafts, read_csv, read_xlsx
from leitai.office.importing.written import read_written


def read_drafts(data: bytes) -> Drafts:
    """Return the questions of a file as they are written in it; raises `FileRefused`."""
    kind = sniff(data)
    if kind is FileKind.XLSX:
        return _tables(read_xlsx(data))
    found = read_docx(Archive(data)) if kind is FileKind.DOCX else _read_text(decode(data))
    if not found.drafts:
        raise FileRefused("no-questions")
    return found


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
    first = next((line for line in text.split("\n") if line.strip()), "")
    if any(mark in text[:65536] for mark in ",;\t"):
        table = read_csv(text[:65536].rpartition("\n")[0] or text[:65536])
        if question_drafts(table) is not None:
            return _tables([read_csv(text)])
    found = read_written("txt", enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1))
    if not found.drafts and any(mark in first for mark in ",;\t"):
        raise FileRefused("no-table", "题干、答案 / stem, answer")
    return found

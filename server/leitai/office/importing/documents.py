"""Word documents: their paragraphs as lines with the numbers that Word gives them, and their tables as tables.

Read as a stream, since a document of a few kilobytes may hold millions of paragraphs. Fields and macros are not run,
text that was struck out in a tracked change is not there.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from leitai.office.importing.archives import Archive
from leitai.office.importing.drafts import Drafts, clean
from leitai.office.importing.numbering import Numbering, read_numbering
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.tables import Table, question_drafts
from leitai.office.importing.written import read_written
from leitai.office.importing.xml_items import read_items

MAX_PARAGRAPHS = 300_000
MAX_TEXT = 48 << 20
"""Characters of a document."""

_BODY = frozenset({"p", "tbl", "sdt"})
_SYMBOLS = {
    "FC": "√",
    "FE": "√",
    "FB": "×",
    "FD": "×",
    "50": "√",
    "52": "√",
    "4F": "×",
    "51": "×",
    "53": "×",
    "54": "×",
}
"""Ticks and crosses of Wingdings and Wingdings 2, by the last two digits of their code."""
_TRACKED = frozenset({"del", "moveFrom", "Fallback", "instrText"})


def read_docx(archive: Archive) -> Drafts:
    """Return the questions of a .docx, from its text and from every table with a header; raises `FileRefused`."""
    archive.inspect()
    numbering = read_numbering(archive)
    found = Drafts()
    lines: list[tuple[int, str]] = []
    tables = 0
    for number, element in _body(archive):
        if element.tag == "p":
            lines.append((number, _numbered(element, numbering)))
            continue
        tables += 1
        rows = _rows(element)
        drafts = question_drafts(Table(f"表格{tables}", rows))
        if drafts is not None:
            for draft in drafts:
                found.add(draft)
        else:
            # A table that only lays text out reads as text.
            lines.extend((number, "\n".join(cell for cell in row if cell)) for row in rows)
    found.drafts.extend(read_written("docx", lines).drafts)
    return found


def _body(archive: Archive) -> Iterator[tuple[int, Element]]:
    """The paragraphs, numbered from 1, and tables of a document; a table has the number of the paragraph before it."""
    number = length = 0
    for element in read_items(archive.pieces("word/document.xml"), "word/document.xml", 2, _BODY):
        for one in (
            [element] if element.tag != "sdt" else [child for child in element.iter() if child.tag in ("p", "tbl")]
        ):
            number += one.tag == "p"
            length += sum(len(text.text or "") for text in one.iter("t"))
            if number > MAX_PARAGRAPHS or length > MAX_TEXT:
                raise FileRefused("file-bomb", f"> {MAX_PARAGRAPHS:,}")
            yield number, one


def _numbered(paragraph: Element, numbering: Numbering) -> str:
    text = _text(paragraph)
    properties = paragraph.find("pPr")
    label = numbering.label(properties) if properties is not None and clean(text) else ""
    return f"{label} {text}" if label else text


def _text(element: Element) -> str:
    parts: list[str] = []
    _gather(element, parts)
    return "".join(parts)


def _gather(element: Element, parts: list[str]) -> None:
    for child in element:
        tag = child.tag
        if tag == "r" and _is_blank(child):
            parts.append("____")
        elif tag == "t":
            parts.append(child.text or "")
        elif tag == "tab":
            parts.append("\t")
        elif tag in ("br", "cr"):
            parts.append("\n")
        elif tag == "noBreakHyphen":
            parts.append("-")
        elif tag == "sym":
            parts.append(_SYMBOLS.get(child.get("char", "")[-2:].upper(), ""))
        elif tag == "drawing" or tag == "pict":
            parts.append("\N{OBJECT REPLACEMENT CHARACTER}")
        elif tag not in _TRACKED and tag != "pPr" and tag != "rPr":
            _gather(child, parts)


def _is_blank(run: Element) -> bool:
    """Whether a run is blanks with a line below them: where an answer is to be written."""
    line = run.find("rPr/u")
    if line is None or line.get("val") == "none":
        return False
    text = "".join(child.text or "" for child in run if child.tag == "t")
    return len(text) > 1 and text.isspace()


def _rows(table: Element) -> list[list[str]]:
    """The cells of a table; a cell merged over rows stands in each of them, one merged over columns in the first."""
    rows: list[list[str]] = []
    for row in table.findall("tr"):
        cells: list[str] = []
        for cell in row.findall("tc"):
            text = clean("\n".join(_text(paragraph) for paragraph in cell.iter("p")))
            merged = cell.find("tcPr/vMerge")
            if merged is not None and merged.get("val") != "restart" and rows and len(cells) < len(rows[-1]):
                text = text or rows[-1][len(cells)]
            span = cell.find("tcPr/gridSpan")
            width = (
                int(span.get("val", "1")) if span is not None and re.fullmatch(r"\d{1,2}", span.get("val", "")) else 1
            )
            cells += [text, *[""] * (width - 1)]
        rows.append(cells)
    return rows

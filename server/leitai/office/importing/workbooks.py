"""Whether an .xlsx may be opened at all, and what is noted of it before a reader sees it.

Its parts are unpacked once in pieces (`archives`); on the way the cells are counted, formulas noted, and the text that
its cells will come to is added up, since a thousand cells may all point at one long string. Raises `FileRefused`.
"""

import posixpath
import re
from dataclasses import dataclass, field

import defusedxml
import defusedxml.ElementTree as SafeTree

from leitai.office.importing.archives import Archive
from leitai.office.importing.drafts import MAX_ROWS
from leitai.office.importing.problems import FileRefused

MAX_AREA = 3_000_000
"""Cells from A1 to the last row and column that hold anything: what a reader allocates."""
MAX_TEXT = 96 << 20
"""Bytes of text in all cells together."""

# A row or a cell, with any namespace prefix, its attributes, and whether it closes itself.
_TAG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(row|c|f|v)(?:\s([^<>]*?))?(/?)>")
_REFERENCE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([^\"']*)[\"']")
_CELL = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")
_IS_SHARED = re.compile(rb"(?:^|\s)t\s*=\s*[\"']s[\"']")
_NUMBER = re.compile(rb"\s*([0-9]{1,9})")
_STRING = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?si(?=[\s>/])")
_LONG_NAME = re.compile(rb"<[\w.:-]{200,}")
_OVERLAP = 256
_MAX_COLUMNS = 16_384


@dataclass(slots=True)
class Workbook:
    """What is known of an .xlsx before it is read: cells with formulas by sheet, as (row, column) from 1."""

    formulas: dict[str, set[tuple[int, int]]] = field(default_factory=dict[str, set[tuple[int, int]]])


def inspect_xlsx(archive: Archive) -> Workbook:
    """Check a workbook before it is opened; returns what was noted. Raises `FileRefused`."""
    archive.inspect()
    formulas: dict[str, set[tuple[int, int]]] = {}
    small: dict[str, bytes] = {}
    rows = 0
    lengths: list[int] = []
    shared = [name for name in archive.names if name.lower() == "xl/sharedstrings.xml"]
    if len(shared) > 1:
        raise FileRefused("file-broken", "sharedStrings.xml")
    if shared:
        lengths = _string_lengths(archive, shared[0])
    text = sum(lengths)
    for name in archive.names:
        counted = _Counter(lengths)
        kept = bytearray() if name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels") else None
        for piece in archive.pieces(name):
            if name.lower().endswith(".xml") or "worksheets/" in name:
                counted.feed(piece, MAX_ROWS - rows)
                if text + counted.text > MAX_TEXT:
                    raise FileRefused("file-bomb", f"> {MAX_TEXT >> 20} MiB")
            if kept is not None:
                kept += piece
        rows += counted.rows
        text += counted.text
        if kept is not None:
            small[name] = bytes(kept)
        if counted.formulas:
            formulas[name] = counted.formulas
    return Workbook(_by_sheet(formulas, small))


def _string_lengths(archive: Archive, name: str) -> list[int]:
    """Bytes that each shared string takes in its XML, which is no less than its text."""
    starts: list[int] = []
    position = 0
    rest = b""
    for piece in archive.pieces(name):
        text = rest + piece
        # What would make this count another string than the reader does; no program writes it.
        if b"<!" in text or b"\0" in text or _LONG_NAME.search(text):
            raise FileRefused("file-broken", "sharedStrings.xml")
        for start in _STRING.finditer(text):
            if not starts or position + start.start() > starts[-1]:
                starts.append(position + start.start())
        # A tag may lie across two pieces.
        rest = text[-_OVERLAP:]
        position += len(text) - len(rest)
    return [end - start for start, end in zip(starts, [*starts[1:], position + len(rest)], strict=False)]


class _Counter:
    """Counts the rows and cells of a sheet's XML as it comes in pieces, and notes where formulas are."""

    def __init__(self, lengths: list[int]) -> None:
        self.rows = 0
        self.text = 0
        self._lengths = lengths
        self._is_shared = False
        self.formulas: set[tuple[int, int]] = set()
        self._tail = b""
        self._row = self._column = 0
        self._row_counted = True
        self._last_row = 0
        self._last_column = 0

    def feed(self, piece: bytes, rows_left: int) -> None:
        text = self._tail + piece
        # UTF-16 would hide every tag from this count.
        if b"\0" in text or text.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileRefused("file-broken", "XML")
        cut = text.rfind(b"<")
        if cut < 0 or len(text) - cut > 1 << 16:
            cut = len(text)
        self._tail = text[cut:]
        for tag in _TAG.finditer(text, 0, cut):
            if tag[1] != b"v":
                self._tag(tag[1], tag[2] or b"", bool(tag[3]), rows_left)
            elif self._is_shared and (number := _NUMBER.match(text, tag.end())):
                at = int(number[1])
                self.text += self._lengths[at] if at < len(self._lengths) else 0

    def _tag(self, name: bytes, attributes: bytes, closed: bool, rows_left: int) -> None:
        if name == b"f":
            self.formulas.add((self._row, self._column))
            return
        reference = _REFERENCE.search(attributes)
        if name == b"row":
            self._row = int(reference[1]) if reference and reference[1].isdigit() else self._row + 1
            self._column = 0
            self._row_counted = False
            return
        self._is_shared = bool(self._lengths) and _IS_SHARED.search(attributes) is not None
        if reference:
            cell = _CELL.fullmatch(reference[1])
            if cell is None:
                raise FileRefused("file-broken", "XML")
            self._column = _column_number(cell[1])
            if int(cell[2]) != self._row:
                self._row = int(cell[2])
                self._row_counted = False
        else:
            self._column += 1
        if self._column > _MAX_COLUMNS:
            raise FileRefused("too-many-cells", f"> {_MAX_COLUMNS:,}")
        # A cell that closes itself is only formatted: many sheets are, down to the last row there can be.
        if closed:
            return
        if not self._row_counted:
            self._row_counted = True
            self.rows += 1
            if self.rows > rows_left:
                raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        if self._last_row > 2 * MAX_ROWS or max(1, self._last_row) * self._last_column > MAX_AREA:
            raise FileRefused("too-many-cells", f"{self._last_row} × {self._last_column}")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _by_sheet(formulas: dict[str, set[tuple[int, int]]], parts: dict[str, bytes]) -> dict[str, set[tuple[int, int]]]:
    """Name the sheets that formulas were found in."""
    if not formulas:
        return {}
    try:
        links = {
            link.get("Id", ""): posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/")
            for link in SafeTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
        }
        found: dict[str, set[tuple[int, int]]] = {}
        for element in SafeTree.fromstring(parts["xl/workbook.xml"]).iter():
            if element.tag.rpartition("}")[2] == "sheet":
                target = next((value for key, value in element.items() if key.endswith("}id")), "")
                if cells := formulas.get(links.get(target, "")):
                    found[element.get("name", "")] = cells
    except (KeyError, SafeTree.ParseError, defusedxml.DefusedXmlException) as error:
        raise FileRefused("file-broken", "workbook.xml") from error
    return found

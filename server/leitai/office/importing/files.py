"""What a file is, judged by its bytes alone, and whether an .xlsx may be opened at all.

An .xlsx is a zip of XML. Before any reader sees it, every part is unpacked once, in pieces that are thrown away, so
that neither a false size in the zip nor a table of a billion cells reaches memory. On the way the cells are counted and
formulas noted. Raises `FileRefused`.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from io import BytesIO

import defusedxml
import defusedxml.ElementTree as SafeTree

from leitai.office.importing.problems import FileRefused

MAX_FILE_BYTES = 32 << 20
MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 256 << 20
MAX_RATIO = 200
"""Of an entry larger than `RATIO_FROM` when unpacked; real sheets reach 30."""
RATIO_FROM = 1 << 20
MAX_ROWS = 100_000
"""Rows that hold anything, over all sheets, headers included."""
MAX_AREA = 5_000_000
"""Cells from A1 to the last row and column that hold anything: what a reader allocates."""

_PIECE = 1 << 18
_LOCAL_HEADER = struct.Struct("<4s22xHH")
# A row or a cell, with any namespace prefix, its attributes, and whether it closes itself.
_TAG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(row|c|f)(?:\s([^<>]*?))?(/?)>")
_REFERENCE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([^\"']*)[\"']")
_CELL = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")


class FileKind(Enum):
    """What can be imported."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(slots=True)
class Workbook:
    """What is known of an .xlsx before it is read: cells with formulas by sheet, as (row, column) from 1."""

    formulas: dict[str, set[tuple[int, int]]] = field(default_factory=dict[str, set[tuple[int, int]]])


def sniff(data: bytes) -> FileKind:
    """Return what the bytes are, whatever the file's name says; raises `FileRefused`."""
    if not data.strip():
        raise FileRefused("file-empty")
    if len(data) > MAX_FILE_BYTES:
        raise FileRefused("file-too-large", f"{MAX_FILE_BYTES >> 20} MiB")
    if data.startswith(b"PK\x03\x04"):
        return FileKind.XLSX
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused("file-old-excel")
    if data.startswith((b"PK", b"%PDF", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8")):
        raise FileRefused("file-type")
    if b"\0" in data or re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<", data):
        raise FileRefused("file-type")
    return FileKind.CSV


def inspect_xlsx(data: bytes) -> Workbook:
    """Check a zip before it is opened; returns what was noted. Raises `FileRefused`."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    # NotImplementedError is zipfile's own word for a zip version or compression that it does not read.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileRefused("file-broken", "zip") from error
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise FileRefused("file-type")
    if len(entries) > MAX_ENTRIES or len(names) != len(entries):
        raise FileRefused("file-bomb", f"{len(entries)} entries")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise FileRefused("file-bomb", f"> {MAX_UNPACKED_BYTES >> 20} MiB")
    # Entries that lie over each other unpack the same bytes many times.
    if sum(entry.compress_size for entry in entries) > len(data):
        raise FileRefused("file-bomb", "overlap")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise FileRefused("file-bomb", f"1 : {entry.file_size // max(1, entry.compress_size)}")
    formulas: dict[str, set[tuple[int, int]]] = {}
    small: dict[str, bytes] = {}
    rows = 0
    for entry in entries:
        counted = _Counter()
        kept = bytearray() if entry.filename in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels") else None
        for piece in _unpack(data, entry):
            if entry.filename.endswith((".xml", ".XML")) or "worksheets/" in entry.filename:
                counted.feed(piece, MAX_ROWS - rows)
            if kept is not None:
                kept += piece
        rows += counted.rows
        if kept is not None:
            small[entry.filename] = bytes(kept)
        if counted.formulas:
            formulas[entry.filename] = counted.formulas
    return Workbook(_by_sheet(formulas, small))


def _unpack(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield an entry's bytes in pieces; raises `FileRefused` when they are not what the zip's directory says."""
    header = data[entry.header_offset : entry.header_offset + 30]
    if len(header) < 30 or entry.flag_bits & 0x1:
        raise FileRefused("file-broken", entry.filename)
    magic, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    start = entry.header_offset + 30 + name_length + extra_length
    packed = data[start : start + entry.compress_size]
    if magic != b"PK\x03\x04" or len(packed) != entry.compress_size:
        raise FileRefused("file-broken", entry.filename)
    if entry.compress_type == zipfile.ZIP_STORED:
        if entry.file_size != entry.compress_size:
            raise FileRefused("file-broken", entry.filename)
        for at in range(0, len(packed), _PIECE):
            yield packed[at : at + _PIECE]
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise FileRefused("file-broken", entry.filename)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    try:
        while not unpacker.eof:
            piece = unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
            if not piece and not packed and not unpacker.eof:
                break
            total += len(piece)
            if total > entry.file_size:
                raise FileRefused("file-bomb", entry.filename)
            yield piece
    except zlib.error as error:
        raise FileRefused("file-broken", entry.filename) from error
    if not unpacker.eof or total != entry.file_size:
        raise FileRefused("file-broken", entry.filename)


class _Counter:
    """Counts the rows and cells of a sheet's XML as it comes in pieces, and notes where formulas are."""

    def __init__(self) -> None:
        self.rows = 0
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
            self._tag(tag[1], tag[2] or b"", bool(tag[3]), rows_left)

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
        if self._last_row > 2 * MAX_ROWS or self._last_row * self._last_column > MAX_AREA:
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

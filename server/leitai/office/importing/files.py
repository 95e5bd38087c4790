"""What a file is, judged by its bytes alone, whatever its name says. Raises `FileRefused`."""

import re
import unicodedata
from enum import Enum

from leitai.office.importing.archives import Archive
from leitai.office.importing.problems import FileRefused

MAX_FILE_BYTES = 32 << 20

_OTHER_FILES = (b"PK", b"%PDF", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_XML_START = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<[A-Za-z?!/]")
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]*:)?([\w.-]+)")
_QTI_ROOTS = (b"assessmentItem", b"qti-assessment-item")


class FileKind(Enum):
    """What can be read, before the text of it is looked at."""

    XLSX = "xlsx"
    DOCX = "docx"
    QTI = "qti"
    QTI_ITEM = "qti item"
    MOODLE = "moodle"
    TEXT = "text"


def sniff(data: bytes) -> FileKind:
    """Return what the bytes are, whatever the file's name says; raises `FileRefused`."""
    if not data.strip():
        raise FileRefused("file-empty")
    if len(data) > MAX_FILE_BYTES:
        raise FileRefused("file-too-large", f"{MAX_FILE_BYTES >> 20} MiB")
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(Archive(data))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused("file-old-excel")
    if data.startswith(_OTHER_FILES):
        raise FileRefused("file-type")
    if _XML_START.match(data):
        return _xml_kind(data)
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("file-type")
    return FileKind.TEXT


def _zip_kind(archive: Archive) -> FileKind:
    names = set(archive.names)
    if "[Content_Types].xml" in names:
        if "xl/workbook.xml" in names:
            return FileKind.XLSX
        if "word/document.xml" in names:
            return FileKind.DOCX
    if "imsmanifest.xml" in names:
        return FileKind.QTI
    if any(name.lower().endswith(".xml") for name in names) and "[Content_Types].xml" not in names:
        raise FileRefused("file-no-manifest")
    raise FileRefused("file-type")


def _xml_kind(data: bytes) -> FileKind:
    root = _ROOT.search(data, 0, 1 << 16)
    if root is not None and root[1] == b"quiz":
        return FileKind.MOODLE
    if root is not None and root[1] in _QTI_ROOTS:
        return FileKind.QTI_ITEM
    raise FileRefused("file-type")


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or GB18030 (GBK); raises `FileRefused`."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # A picture or a program decodes as something, but not as writing.
        if any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text[:65536]):
            raise FileRefused("file-type")
        return text
    raise FileRefused("file-encoding")

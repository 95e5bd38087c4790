"""Files that would fill a machine. Run as a program of its own under limits: prints what became of them as JSON.

Made cheaply: a megabyte of repetition is compressed once and said many times.
"""

import json
import resource
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from leitai.office.importing.problems import FileRefused
from leitai.office.importing.questions import read_bank_file
from tests.support.corpus.packages import package, word, zipped
from tests.support.workbooks import SHEET, SHEET_END, inline, raw_workbook

_ADDRESS_SPACE = 1 << 30
_SHARED = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'
_MANIFEST = b"<manifest><resources>"


def bombs() -> Iterator[tuple[str, Callable[[], bytes], tuple[str, ...]]]:
    """Name, bytes, and the codes of which one is told."""
    yield "blanks in a sheet", lambda: raw_workbook(SHEET.encode() + b" " * (60 << 20)), ("file-bomb",)
    yield "blanks in a document", lambda: word(" " * (60 << 20)), ("file-bomb",)
    yield "a million rows", lambda: _rows("<row><c><v>1</v></c></row>", 1_000_000), ("too-many-rows", "file-bomb")
    yield "a million columns", lambda: _rows("<row>" + "<c><v>1</v></c>" * 1_000_000, 1), ("too-many-cells",)
    yield "columns outside of rows", lambda: _rows("<c><v>1</v></c>", 20_000), ("too-many-cells",)
    yield "a far corner", lambda: _rows(f'<row r="1048576">{inline("XFD1048576", "x")}</row>', 1), ("too-many-cells",)
    yield "one string in many cells", _one_string, ("file-bomb",)
    yield "a sheet of one long text", lambda: _rows(inline("A1", "x" * (40 << 20)), 1), ("file-bomb", "no-table")
    yield "merged cells over everything", _merged, ("no-table", "too-many-cells", "file-broken")
    yield "paragraphs", lambda: _stored_word("<w:p/>" * 400_000), ("file-bomb",)
    yield "runs", lambda: _stored_word(f"<w:p>{'<w:r/>' * 100_000}"), ("file-bomb",)
    yield "text in a document", lambda: _stored_word(f"<w:p><w:r><w:t>{'x' * (28 << 20)}"), ("file-broken", "file-bomb")
    yield "elements of a quiz", lambda: f"<quiz><question>{'<a/>' * 100_000}".encode(), ("file-bomb",)
    yield "an attribute", lambda: f"<quiz><question a='{'x' * (20 << 20)}".encode(), ("file-broken", "file-bomb")
    yield "line breaks", lambda: b"x" + b"\n" * (31 << 20), ("too-many-rows",)
    yield "commas", lambda: "题干,答案\n".encode() + b"," * (4 << 20), ("too-many-cells",)
    yield "one long line", lambda: b"1. " + b"x" * (2 << 20), ()
    yield "blanks in a line", lambda: b"1. A." + b" " * (1 << 20) + b"x", ()
    yield "questions in text", lambda: b"1. a\n" * 900_000, ("too-many-rows",)
    yield "answers in GIFT", lambda: b"a{" + b"=" * (4 << 20) + b"}", ()
    yield "questions in GIFT", lambda: b"a{}\n\n" * 400_000, ("too-many-rows",)
    yield "backslashes in GIFT", lambda: b"a{=" + b"\\" * (1 << 20) + b"}", ()
    yield "brackets in a table", lambda: "题干,答案\n".encode() + b"(" * 60_000 + b",A\n", ()
    yield "an emoji in a wide text", lambda: b"1. x\n" + "𠮷".encode() + b"y" * (4 << 20), ()
    yield "resources", _resources, ("file-bomb", "file-broken")
    yield "a huge item", lambda: package({"a.xml": "<assessmentItem>" + "<p/>" * 200_000}), ("file-bomb",)
    yield "entries", lambda: _entries(70_000), ("file-bomb",)
    yield "a zip in a zip in a zip", _nested, ("file-type",)


def _rows(row: str, times: int) -> bytes:
    return _barely(f"{SHEET}{row * times}{SHEET_END}".encode())


def _barely(sheet: bytes) -> bytes:
    """A workbook that is not suspicious for how well it is compressed."""
    return raw_workbook(sheet) if len(sheet) > 20 << 20 else _stored(sheet)


def _stored(sheet: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(raw_workbook(b""))) as template, zipfile.ZipFile(buffer, "w") as archive:
        for name in template.namelist():
            archive.writestr(name, sheet if "sheet1" in name else template.read(name))
    return buffer.getvalue()


def _one_string() -> bytes:
    shared = _SHARED.format(f"<si><t>{'x' * 30_000}</t></si>").encode()
    cells = '<row><c t="s"><v>0</v></c></row>' * 90_000
    return raw_workbook(f"{SHEET}{cells}{SHEET_END}".encode(), extra={"xl/sharedStrings.xml": shared})


def _merged() -> bytes:
    merged = '<mergeCells count="20000">' + '<mergeCell ref="A1:XFD1048576"/>' * 20_000 + "</mergeCells>"
    tail = SHEET_END.replace("</sheetData>", f"</sheetData>{merged}")
    return _stored(f'{SHEET}<row r="1">{inline("A1", "x")}</row>{tail}'.encode())


def _stored_word(body: str) -> bytes:
    document = f'<w:document xmlns:w="w"><w:body>{body}'
    return zipped({"[Content_Types].xml": b"", "word/document.xml": document}, zipfile.ZIP_STORED)


def _entries(number: int) -> bytes:
    return b"PK\x03\x04" + bytes(30) + (b"PK\x01\x02" + bytes(46)) * number + b"PK\x05\x06" + bytes(18)


def _resources() -> bytes:
    return zipped({"imsmanifest.xml": _MANIFEST + b"<resource/>" * 100_000})


def _nested() -> bytes:
    data = zlib.compress(bytes(1 << 24))
    for _ in range(3):
        data = zipped({f"{number}.zip": data for number in range(8)})
    return data


def _peak_mib() -> int:
    """Return the most memory that this program held. `ru_maxrss` would count what its parent held before it began."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    (line,) = [one for one in status.read_text("ascii").splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) >> 10


def main() -> None:
    """Read them all and tell."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    unlike: dict[str, str] = {}
    slowest = (0.0, "")
    number = 0
    for name, make, codes in bombs():
        number += 1
        data = make()
        began = time.process_time()
        try:
            file = read_bank_file("x", data)
            said = "" if not file.accepted else f"{len(file.accepted)} taken"
        except FileRefused as refused:
            said = refused.code if codes else ""
        except MemoryError:
            said = "MemoryError"
        slowest = max(slowest, (time.process_time() - began, name))
        if said not in (codes or ("",)):
            unlike[name] = said
        print(f"{name}: {said} {time.process_time() - began:.2f} s, {_peak_mib()} MiB", file=sys.stderr)
        del data
    told = {"bombs": number, "unlike": unlike, "peak_mib": _peak_mib(), "slowest_cpu_s": round(slowest[0], 2)}
    print(json.dumps(told | {"slowest": slowest[1]}))


if __name__ == "__main__":
    main()

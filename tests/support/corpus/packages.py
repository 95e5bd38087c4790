"""Zips: office files and QTI packages that are damaged, point outside, hold macros, or unpack to more than they say."""

import struct
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO

import docx

from tests.support.corpus import ROW, Case, refused, sheet, taken
from tests.support.workbooks import SHEET, SHEET_END, raw_workbook

_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_LINES = ("1. 甲是什么？", "A. 一", "B. 二", "答案：A")
_ITEM = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2"><responseDeclaration identifier="R" '
    'cardinality="single"><correctResponse><value>A</value></correctResponse></responseDeclaration><itemBody><p>甲</p>'
    '<choiceInteraction responseIdentifier="R"><simpleChoice identifier="A">一</simpleChoice>'
    '<simpleChoice identifier="B">二</simpleChoice></choiceInteraction></itemBody></assessmentItem>'
)


def zipped(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def word(body: str, **more: bytes) -> bytes:
    """A .docx with this body, and more parts of word/."""
    document = f'<?xml version="1.0"?><w:document {_W}><w:body>{body}</w:body></w:document>'
    parts: dict[str, bytes | str] = {"[Content_Types].xml": _TYPES, "word/document.xml": document}
    return zipped(parts | {f"word/{name.replace('_', '.')}": data for name, data in more.items()})


def paragraphs(*lines: str) -> str:
    """Paragraphs of a document."""
    return "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)


def package(items: Mapping[str, str], *, hrefs: tuple[str, ...] = (), **more: bytes) -> bytes:
    """A QTI package of these items, whose manifest names them or `hrefs`."""
    named = "".join(f'<resource type="imsqti_item_xmlv2p2" href="{name}"/>' for name in hrefs or tuple(items))
    manifest = f"<manifest><resources>{named}</resources></manifest>"
    return zipped(
        {"imsmanifest.xml": manifest, **items, **{name.replace("_", "."): data for name, data in more.items()}}
    )


def cases() -> Iterator[Case]:
    """All of them but the bombs."""
    yield from _damaged()
    yield from _names()
    yield from _documents()
    yield from _qti()


def _damaged() -> Iterator[Case]:
    for kind, data in (("xlsx", sheet(ROW)), ("docx", word(paragraphs(*_LINES))), ("qti", package({"a.xml": _ITEM}))):
        for percent in (2, 30, 60, 95):
            yield refused(f"{kind} cut at {percent} %", data[: len(data) * percent // 100], "file-broken")
        if kind == "qti":
            yield taken("qti with a flipped byte", _flipped(data), 0, "item-broken")
        else:
            yield refused(f"{kind} with a flipped byte", _flipped(data), "file-broken")
        yield taken(f"{kind} with rubbish behind", data + b"\n", 1)
        yield taken(f"{kind} named .txt", data, 1, file_name="题库.txt")
        yield refused(f"{kind} within a zip", zipped({f"题库.{kind}": data}), "file-type")
        yield refused(f"{kind} with a password", _locked(data), "file-broken")
    yield refused("an empty zip", b"PK\x05\x06" + bytes(18), "file-type")
    yield refused("a zip of nothing known", zipped({"a.txt": b"x"}), "file-type")
    yield refused(
        "a presentation", zipped({"[Content_Types].xml": _TYPES, "ppt/presentation.xml": b"<p/>"}), "file-type"
    )
    yield refused("an item without a manifest", zipped({"a.xml": _ITEM}), "file-no-manifest")
    yield refused("a sheet of no XML", raw_workbook(b"not XML at all"), "file-broken")
    yield refused("a sheet in UTF-16", raw_workbook((SHEET + SHEET_END).encode("utf-16")), "file-broken")
    yield refused("lzma", zipped({"imsmanifest.xml": b"<manifest/>"}, zipfile.ZIP_LZMA), "file-broken")


def _names() -> Iterator[Case]:
    for name in ("../evil", "/etc/passwd", "a/../../b", "..\\evil", "C:\\x", "\\\\server\\x"):
        parts = {"xl/media/x": b"", name: b"x"}
        yield refused(f"xlsx with {name}", raw_workbook((SHEET + SHEET_END).encode(), extra=parts), "file-paths")
        yield refused(f"qti with {name}", zipped({"imsmanifest.xml": b"<manifest/>", name: b"x"}), "file-paths")
    yield refused(
        "xlsm", raw_workbook((SHEET + SHEET_END).encode(), extra={"xl/vbaProject.bin": b"\xd0\xcf"}), "file-macros"
    )
    yield refused("docm", word(paragraphs(*_LINES), vbaProject_bin=b"x"), "file-macros")
    yield refused("a part twice", _twice, "file-bomb")


def _documents() -> Iterator[Case]:
    yield taken("docx", word(paragraphs(*_LINES)), 1)
    yield taken("docx by its own library", _by_library, 1)
    yield taken("docx of broken runs", word("".join(f"<w:p>{_runs(line)}</w:p>" for line in _LINES)), 1)
    yield taken("docx with line breaks", word(f"<w:p><w:r>{_breaks()}</w:r></w:p>"), 1)
    field = '<w:p><w:r><w:instrText>DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"</w:instrText></w:r></w:p>'
    yield taken("docx with DDE", word(field + paragraphs(*_LINES)), 1)
    struck = "<w:p><w:del><w:r><w:delText>9. 删去</w:delText></w:r></w:del></w:p>"
    yield taken("docx with a tracked change", word(struck + paragraphs(*_LINES)), 1)
    picture = "<w:p><w:r><w:drawing/></w:r></w:p>"
    yield taken("docx with a picture", word(paragraphs(*_LINES[:1]) + picture + paragraphs(*_LINES[1:])), 0, "picture")
    yield taken(
        "docx in a content control", word(f"<w:sdt><w:sdtContent>{paragraphs(*_LINES)}</w:sdtContent></w:sdt>"), 1
    )
    tick = '<w:p><w:r><w:t>1. 甲。（</w:t><w:sym w:font="Wingdings" w:char="F0FC"/><w:t>）</w:t></w:r></w:p>'
    yield taken("docx with a tick", word(tick), 1)
    line = '<w:p><w:r><w:t>1. 甲</w:t></w:r><w:r><w:rPr><w:u w:val="single"/></w:rPr><w:t>     </w:t></w:r></w:p>'
    yield taken("docx with an underlined gap", word(line + paragraphs("答案：一")), 1)
    yield refused("docx without questions", word(paragraphs("今天")), "no-questions")
    yield refused("docx with a document type", _document_type, "file-entities")
    yield refused("docx of no XML", zipped({"[Content_Types].xml": _TYPES, "word/document.xml": b"x"}), "file-broken")
    yield refused("docx of depth", word("<w:p>" * 3000), "file-bomb")
    yield refused("docx of one paragraph", word(f"<w:p>{'<w:r/>' * 60_000}</w:p>"), "file-bomb")
    table = "".join(f"<w:tr><w:tc>{paragraphs(a)}</w:tc><w:tc>{paragraphs(b)}</w:tc></w:tr>" for a, b in
                    (("题干", "答案"), ("甲。", "对")))  # fmt: skip
    yield taken("docx with a table", word(f"<w:tbl>{table}</w:tbl>"), 1)


def _qti() -> Iterator[Case]:
    yield taken("qti", package({"a.xml": _ITEM}), 1)
    yield taken("qti in folders with blanks", package({"a b/c.xml": _ITEM}, hrefs=("a%20b/c.xml",)), 1)
    yield taken("qti with a missing item", package({"a.xml": _ITEM}, hrefs=("a.xml", "b.xml")), 1, "item-missing")
    yield taken("qti that points outside", package({}, hrefs=("../../etc/passwd",)), 0, "item-missing")
    yield taken("qti that points to the web", package({}, hrefs=("http://127.0.0.1:1/x.xml",)), 0, "item-missing")
    yield taken("qti with a broken item", package({"a.xml": _ITEM, "b.xml": "<x"}), 1, "item-broken")
    yield taken("qti with an empty item", package({"a.xml": _ITEM, "b.xml": ""}), 1, "item-broken")
    odd = _ITEM.replace("choiceInteraction", "hotspotInteraction")
    yield taken("qti of an unknown kind", package({"a.xml": _ITEM, "b.xml": odd}), 1, "kind-unsupported")
    picture = _ITEM.replace("<p>甲</p>", "<p>乙<img src='x'/></p>")
    yield taken("qti with a picture", package({"a.xml": _ITEM, "b.xml": picture}), 1, "picture")
    laughs = "<!DOCTYPE x [<!ENTITY a 'b'>]>" + _ITEM
    yield refused("qti with an entity", package({"a.xml": laughs}), "file-entities")
    yield refused("qti of nothing", package({}), "no-questions")
    yield taken("qti with a nested zip", package({"a.xml": _ITEM}, b_zip=zipped({"c.xml": _ITEM})), 1)
    yield taken("qti with a program", package({"a.xml": _ITEM}, setup_exe=b"MZ"), 1)
    yield taken("an item alone", _ITEM.encode(), 1)


def _runs(line: str) -> str:
    return "".join(f"<w:r><w:t>{char}</w:t></w:r>" for char in line)


def _breaks() -> str:
    return "<w:br/>".join(f"<w:t>{line}</w:t>" for line in _LINES)


def _document_type() -> bytes:
    text = f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w:document {_W}><w:body/></w:document>"
    return zipped({"[Content_Types].xml": _TYPES, "word/document.xml": text})


def _by_library() -> bytes:
    document = docx.Document()
    for line in _LINES:
        document.add_paragraph(line)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _flipped(data: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entry = max(archive.infolist(), key=lambda one: one.compress_size)
    damaged = bytearray(data)
    damaged[entry.header_offset + 30 + len(entry.filename.encode()) + 2] ^= 0xFF
    return bytes(damaged)


def _locked(data: bytes) -> bytes:
    """The same zip, all of whose entries say that they are encrypted."""
    marked = bytearray(data)
    for magic, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = marked.find(magic)
        while at >= 0:
            struct.pack_into("<H", marked, at + place, struct.unpack_from("<H", marked, at + place)[0] | 1)
            at = marked.find(magic, at + 4)
    return bytes(marked)


def _twice() -> bytes:
    data = bytearray(zipped({"imsmanifest.xml": b"<manifest/>", "a.xml": b"1", "b.xml": b"2"}))
    return bytes(data.replace(b"b.xml", b"a.xml"))

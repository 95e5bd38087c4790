"""Files that are not what they say, or too much of it: refused with a reason, quickly, before a reader sees them."""

import contextlib
import os
import struct
import time
import zipfile
from io import BytesIO

import pytest

from leitai.office.importing.drafts import MAX_ROWS
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.questions import read_bank_file
from leitai.office.importing.tables import read_tables
from tests.support.workbooks import SHEET, SHEET_END, inline, raw_workbook, workbook

GOOD = workbook({"单选题": [["题干", "选项A", "选项B", "答案", "目录"], ["一加一等于几", "二", "三", "A", "社会保险"]]})


def refusal(data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        read_bank_file("题库.xlsx", data)
    assert refused.value.say("zh-CN")
    assert refused.value.say("en")
    return refused.value


def cells(row: int, texts: list[str]) -> str:
    return "".join(inline(f"{column}{row}", text) for column, text in zip("ABCDEFGH", texts, strict=False))


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"  \n", "file-empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file-old-excel"),
        (b"%PDF-1.7 ...", "file-type"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "file-type"),
        (b"<html><body>" + b"x" * 100, "file-type"),
        (b"\xef\xbb\xbf <?xml version='1.0'?>", "file-type"),
        (b"\x7fELF\x02\x01\x01\0\0", "file-type"),
        (b"\x01\x02\x03 not writing \x04", "file-type"),
        (b"PK\x05\x06" + bytes(18), "file-type"),
        (b"PK\x03\x04 and then nothing", "file-broken"),
        (b"\xff\xff\xff\xff\xff", "file-encoding"),
        (b"word,another\nx,y\n", "no-table"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_another_office_file_is_refused() -> None:
    assert refusal(zipped({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<w/>"})).code == "file-type"


@pytest.mark.parametrize("percent", [1, 5, 50, 99])
def test_a_cut_off_zip_is_broken(percent: int) -> None:
    assert refusal(GOOD[: len(GOOD) * percent // 100]).code == "file-broken"


def test_a_huge_file_is_refused() -> None:
    assert refusal(b"x" * ((32 << 20) + 1)).code == "file-too-large"


def test_every_flipped_byte_is_survived() -> None:
    for at in range(0, len(GOOD), 41):
        damaged = bytearray(GOOD)
        damaged[at] ^= 0xFF
        with contextlib.suppress(FileRefused):
            read_bank_file("题库.xlsx", bytes(damaged))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    began = time.process_time()
    bomb = raw_workbook(SHEET.encode() + b" " * (200 << 20) + SHEET_END.encode())
    made = time.process_time()
    assert refusal(bomb).code == "file-bomb"
    assert time.process_time() - made < max(0.5, made - began)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(raw_workbook(SHEET.encode() + b" " * (30 << 20) + SHEET_END.encode()))
    for magic, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        name = data.index(b"xl/worksheets/sheet1.xml", data.index(magic) if magic == b"PK\x01\x02" else 0)
        start = data.rindex(magic, 0, name)
        struct.pack_into("<I", data, start + place, 1000)
    assert refusal(bytes(data)).code == "file-bomb"


def test_entries_that_share_their_bytes_are_refused() -> None:
    data = bytearray(raw_workbook(os.urandom(50_000), extra={"xl/a.xml": os.urandom(50_000)}))
    central = data.index(b"PK\x01\x02", data.rindex(b"xl/worksheets/sheet1.xml"))
    first = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    data[central + 42 : central + 46] = data[first + 42 : first + 46]
    struct.pack_into("<I", data, central + 20, 100_000)
    assert refusal(bytes(data)).code in ("file-bomb", "file-broken")


def test_thousands_of_entries_are_refused() -> None:
    many = {f"xl/media/{number}.png": b"" for number in range(2_000)}
    assert refusal(raw_workbook((SHEET + SHEET_END).encode(), extra=many)).code == "file-bomb"


def test_an_entity_bomb_is_refused() -> None:
    laughs = '<!DOCTYPE z [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";" * 1}{("&" + chr(97 + n) + ";") * 9}">' for n in range(8)
    )
    sheet = laughs + "]>" + SHEET[21:] + '<row r="1">' + inline("A1", "&i;") + "</row>" + SHEET_END
    assert refusal(raw_workbook(sheet.encode())).code in ("file-broken", "no-table")


@pytest.mark.parametrize("written", ["with references", "without references"])
def test_a_million_rows_are_refused_at_once(written: str) -> None:
    if written == "with references":
        rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_001))
    else:
        rows = "<row><c><v>1</v></c></row>" * 1_000_000
    # Barely compressed, as if it were no bomb.
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(raw_workbook(b""))) as template, zipfile.ZipFile(buffer, "w") as archive:
        for name in template.namelist():
            archive.writestr(name, (SHEET + rows + SHEET_END) if "sheet1" in name else template.read(name))
    data = buffer.getvalue()
    if len(data) > 32 << 20:
        data = raw_workbook((SHEET + rows + SHEET_END).encode())
    began = time.process_time()
    assert refusal(data).code == "too-many-rows"
    assert time.process_time() - began < 2


def test_two_cells_at_far_corners_allocate_nothing() -> None:
    sheet = SHEET + f'<row r="1">{inline("A1", "题干")}</row><row r="90000">{inline("XFD90000", "x")}</row>' + SHEET_END
    began = time.process_time()
    assert refusal(raw_workbook(sheet.encode())).code == "too-many-cells"
    assert time.process_time() - began < 0.5


def test_formatted_rows_down_to_the_last_one_are_no_rows() -> None:
    head = cells(1, ["题干", "选项A", "选项B", "答案", "目录"])
    body = cells(2, ["几", "二", "三", "A", "社会保险"])
    ghosts = '<row r="1048575"><c r="A1048575" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>'
    sheet = f'{SHEET}<row r="1">{head}</row><row r="2">{body}</row>{ghosts}{SHEET_END}'
    file = read_bank_file("题库.xlsx", raw_workbook(sheet.encode()))
    assert len(file.accepted) == 1


def test_a_sheet_in_utf_16_is_refused() -> None:
    sheet = (SHEET + SHEET_END).replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode("utf-16")
    assert refusal(raw_workbook(sheet)).code == "file-broken"


def test_formulas_are_refused_and_nothing_is_computed() -> None:
    head = cells(1, ["题干", "选项A", "选项B", "答案", "目录"])
    body = (
        '<c r="A2"><f>HYPERLINK("http://example.invalid")</f><v>几</v></c>'
        + inline("B2", "二")
        + inline("C2", "三")
        + inline("D2", "A")
        + inline("E2", "社会保险")
    )
    sheet = f'{SHEET}<row r="1">{head}</row><row r="2">{body}</row>{SHEET_END}'
    file = read_bank_file("题库.xlsx", raw_workbook(sheet.encode()))
    assert not file.accepted
    assert [(problem.row, problem.column, problem.code) for problem in file.refused] == [(2, "题干", "formula")]


def test_text_that_looks_like_a_formula_is_text() -> None:
    data = workbook(
        {"单选题": [["题干", "选项A", "选项B", "答案", "目录"], ["=1+1 的结果是", "-2", "+2", "B", "社会保险"]]}
    )
    (_, question), *_ = read_bank_file("题库.xlsx", data).accepted
    assert question.stem == "=1+1 的结果是"
    assert [option.text for option in question.options] == ["-2", "+2"]


def test_a_hundred_thousand_rows_are_read() -> None:
    rows = [["x"]] * (MAX_ROWS - 1)
    data = "题干\n".encode() + b"\n".join(row[0].encode() for row in rows)
    (table,) = read_tables(data)
    assert len(table.rows) == MAX_ROWS
    with pytest.raises(FileRefused, match="too-many-rows"):
        read_tables(data + b"\nx\nx")


def test_csv_in_both_encodings() -> None:
    text = '题型,题干,选项,答案,目录\n单选,下列何者，“正确”,"A. 甲,B. 乙",A,就业创业\n'
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        (_, question), *_ = read_bank_file("题库.csv", text.encode(encoding)).accepted
        assert [option.text for option in question.options] == ["甲", "乙"]

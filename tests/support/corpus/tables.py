"""Workbooks and .csv files: headers, cells, sheets, formulas, sizes."""

import csv
import datetime
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO

import xlsxwriter

from tests.support.corpus import HEAD, MODULE, ROW, Case, refused, sheet, taken
from tests.support.workbooks import SHEET, SHEET_END, inline, raw_workbook, workbook

_VARIANTS = {
    "题型": ("题目类型", "试题类型", "类型", "type", "*题型", "题 型", "题型（必填）", "【题型】题型"),
    "题干": ("试题", "问题", "题目内容", "题目", "题面", "stem", "question", "大题题干", "小题题干"),
    "选项A": ("A", "A选项", "选项 A", "选项Ａ", "答案A", "option A"),
    "答案": ("正确答案", "标准答案", "参考答案", "answer", "正确选项"),
    "目录": ("题目分类", "分类", "模块", "所属目录", "category"),
}
_ANSWERS = ("A", "a", "Ａ", " A ", "A.", "(A)", "（A）", "【答案】A", "答案：A", "正确答案: A", "A\n", "A、")
_SEVERAL = ("AB", "A,B", "A;B", "A、B", "A B", "B,A", "ＡＢ", "A，B", "A/B", "A和B", "A|B", "ab")
_TRUTHS = ("√", "×", "对", "错", "正确", "错误", "是", "否", "T", "F", "True", "FALSE", "✓", "✗", True, False, 1, 0)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _headers()
    yield from _answers()
    yield from _rows()
    yield from _formulas()
    yield from _csv()


def _headers() -> Iterator[Case]:
    for title, others in _VARIANTS.items():
        for number, other in enumerate(others):
            head = [other if one == title else one for one in HEAD]
            at = number % len(HEAD)
            turned, row = head[at:] + head[:at], ROW[at:] + ROW[:at]
            yield taken(f"header {title} as {other}", sheet(row, head=turned), 1)
    yield taken("header below titles and blank rows", workbook({"a": [["2022 年题库"], [], ["说明"], HEAD, ROW]}), 1)
    yield taken("header in row 20", workbook({"a": [*[["x"]] * 19, HEAD, ROW]}), 1)
    yield refused("header in row 21", workbook({"a": [*[["x"]] * 20, HEAD, ROW]}), "no-table")
    yield refused("no header", workbook({"a": [ROW]}), "no-table")
    yield refused("header without answers", workbook({"a": [[one for one in HEAD if one != "答案"], ROW]}), "no-table")
    yield refused("header alone", workbook({"a": [HEAD]}), "no-questions")
    yield refused("empty sheets", workbook({"a": [], "b": []}), "no-table")
    yield taken("header twice keeps the first", sheet([*ROW, "B"], head=[*HEAD, "答案"]), 1)
    yield taken("unknown columns", sheet(["x", *ROW, "y"], head=["序号", *HEAD, "备注"]), 1)
    yield taken("merged title and merged cells", _merged, 2)
    yield taken("one sheet per type", workbook(_by_type()), 4)
    yield taken("a sheet of notes", workbook({"说明": [["请勿改表头"]], "题库": [HEAD, ROW]}), 1)
    yield taken("wrong extension", sheet(ROW), 1, file_name="题库.docx")
    yield taken("no extension", sheet(ROW), 1, file_name="")
    yield taken("path as a name", sheet(ROW), 1, file_name="../../etc/passwd")


def _answers() -> Iterator[Case]:
    for answer in _ANSWERS:
        yield taken(f"answer {answer!r}", sheet((*ROW[:5], answer, MODULE)), 1)
    for answer in _SEVERAL:
        yield taken(f"answers {answer!r}", sheet(("多选", *ROW[1:5], answer, MODULE)), 1)
    for truth in _TRUTHS:
        yield taken(
            f"truth {truth!r}", sheet(("判断", "甲。", truth, MODULE), head=("题型", "题干", "答案", "目录")), 1
        )
    for answer, code in [
        ("E", "answer-not-an-option"),
        ("甲", "answer-unreadable"),
        ("AB", "answer-one"),
        ("", "missing"),
        ("Z", "answer-unreadable"),
        (2, "answer-unreadable"),
        (datetime.datetime.fromisoformat("2022-09-28"), "answer-unreadable"),
        (True, "answer-unreadable"),
        ("A" * 40_000, "too-long"),
    ]:
        yield taken(f"answer {str(answer)[:20]!r} of {type(answer).__name__}", _cell(5, answer), 0, code)
    yield taken("one answer to a multiple choice", sheet(("多选", *ROW[1:])), 0, "answer-two")


def _rows() -> Iterator[Case]:
    yield taken("empty rows between", sheet(ROW, [], [""] * 7, ("单选", "乙", *ROW[2:])), 2)
    yield taken("numbers as options", sheet(("单选", "几", 1, 2.0, 3.5, "A", MODULE)), 1)
    yield taken("a date as an option", _cell(2, datetime.datetime.fromisoformat("2022-09-28")), 1)
    yield taken("booleans as options", sheet(("单选", "几", True, False, "不定", "A", MODULE)), 1)
    yield taken("an option left out", sheet((*ROW[:3], "", *ROW[4:])), 0, "options-gap")
    yield taken("options the same", sheet((*ROW[:3], "一", *ROW[4:])), 0, "options-same")
    yield taken("options the same but for width", sheet((*ROW[:2], "ABC", "ＡＢＣ", *ROW[4:])), 0, "options-same")
    yield taken("one option", sheet((*ROW[:3], "", "", "A", MODULE)), 0, "options-too-few")
    yield taken("no options", sheet((*ROW[:2], "", "", "", "A", MODULE)), 0, "options-too-few")
    yield taken("stem of blanks", sheet((ROW[0], " \n\u3000", *ROW[2:])), 0, "missing")
    yield taken("stem too long", sheet((ROW[0], "长" * 2001, *ROW[2:])), 0, "too-long")
    yield taken("stem as long as may be", sheet((ROW[0], "长" * 2000, *ROW[2:])), 1)
    yield taken("option too long", sheet((*ROW[:2], "长" * 501, *ROW[3:])), 0, "too-long")
    yield taken("a cell of 30,000 brackets", sheet((*ROW[:2], "(" * 30_000, *ROW[3:])), 0, "too-long")
    yield taken("a header of 30,000 brackets", sheet([*ROW, "x"], head=[*HEAD, "(" * 30_000]), 1)
    yield taken("unknown type", sheet(("连线", *ROW[1:])), 0, "type-unknown")
    yield taken("unknown module", sheet((*ROW[:6], "足球")), 0, "module-unknown")
    yield taken("no module", sheet((*ROW[:6], "")), 0, "missing")
    yield taken("the same stem twice", sheet(ROW, (ROW[0], "甲 是，什么？", *ROW[2:])), 1)
    yield taken("invisible marks in a stem", sheet(ROW, (ROW[0], "\u202e甲\u200b是\u2066什么\ufeff", *ROW[2:])), 1)
    yield taken("marks of direction around an answer", sheet((*ROW[:5], "\u200eA\u200f", MODULE)), 1)
    yield taken("Arabic, Tibetan and rare characters", sheet((ROW[0], "ئۇيغۇر བོད 𠮷𰻞", *ROW[2:])), 1)
    yield taken("emoji with joiners", sheet((ROW[0], "👩‍👩‍👧 是什么", *ROW[2:])), 1)
    yield taken("line breaks in cells", sheet((ROW[0], "甲\r\n乙\r丙\n丁_x000D_", *ROW[2:])), 1)
    yield taken("markup in cells", sheet((ROW[0], "<script>alert(1)</script>", *ROW[2:])), 1)
    for letters in ("A. 一\nB. 二", "A、一；B、二", "(A)一 (B)二", "Ａ．一　Ｂ．二", "一|二", "一\n二"):
        row = ("单选", "甲", letters, "A", MODULE)
        yield taken(f"one cell {letters!r}", sheet(row, head=("题型", "题干", "选项", "答案", "目录")), 1)
    for letters in ("一 二", "A. 一", "A. 一\nA. 二", "A. 一\nC. 三"):
        row = ("单选", "甲", letters, "B", MODULE)
        yield taken(
            f"one cell that cannot be split {letters!r}",
            sheet(row, head=("题型", "题干", "选项", "答案", "目录")),
            0,
            *(["options-too-few"] if letters.startswith("A") else ["options-unreadable"]),
        )


def _formulas() -> Iterator[Case]:
    for text in ("=1+1", "+1", "-1", "@x", "=cmd|'/c calc'!A1", '=HYPERLINK("x")', "\t=1"):
        yield taken(f"text {text!r}", sheet((ROW[0], f"{text} 是", *ROW[2:])), 1)
    for formula in ("1+1", "cmd|'/c calc'!A1", 'WEBSERVICE("http://example.invalid")', "甲", ""):
        yield taken(f"formula {formula!r}", lambda formula=formula: _formula(formula), 0, "formula")
    yield taken("a formula in a column that is not read", _formula_aside, 1)
    yield taken("UTF-7 and quotes", sheet((ROW[0], "+ADw-script+AD4- \"'`", *ROW[2:])), 1)


def _csv() -> Iterator[Case]:
    text = _written([HEAD, ROW])
    for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"):
        yield taken(f"csv in {encoding}", text.encode(encoding), 1)
    for ending in ("\n", "\r\n", "\r"):
        yield taken(f"csv ended by {ending!r}", text.replace("\r\n", ending).encode(), 1)
    for mark in (";", "\t"):
        yield taken(f"csv parted by {mark!r}", _written([HEAD, ROW], mark).encode(), 1)
    yield taken("csv with breaks in cells", _written([HEAD, (ROW[0], "甲\n乙", *ROW[2:])]).encode(), 1)
    yield taken("csv with a quote left open", text.encode() + b'"open,', 1, "missing")
    yield taken("csv with short rows", text.encode() + "单选,乙\r\n".encode(), 1, "missing")
    yield taken("csv with long rows", text.replace("就业创业\r\n", "就业创业,x,y\r\n").encode(), 1)
    yield taken("csv that computes", _written([HEAD, (ROW[0], "=cmd|'/c calc'!A1", *ROW[2:])]).encode(), 1)
    yield refused("csv in two encodings", text.encode() + "\r\n乙".encode("gbk") + b"\xff", "file-encoding")
    yield refused("csv in big-endian UTF-32", b"\0\0\xfe\xff" + text.encode("utf-32-be"), "file-type")
    yield refused("csv cut within a character", text.encode("utf-16")[:-1] + b"\xd8\xd8", "file-encoding")
    yield refused("csv with control characters", text.encode() + b"\x01", "file-type")
    yield taken("csv with a control character far down", _far_control, 5_000, "control-characters")
    yield refused("csv with a field of 100,000 characters", text.encode() + b"x" * 100_000, "file-broken")
    yield refused("a table of something else", b"name,phone\r\nx,1\r\n", "no-table")


def _written(rows: Sequence[Sequence[str]], mark: str = ",") -> str:
    buffer = StringIO(newline="")
    csv.writer(buffer, delimiter=mark).writerows(rows)
    return buffer.getvalue()


def _far_control() -> bytes:
    lines = [f"判断,{number},√,{MODULE}" for number in range(5_000)]
    return "\n".join(["题型,题干,答案,目录", *lines, f"判断,甲\x07,√,{MODULE}"]).encode()


def _cell(column: int, value: object) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, ROW)
        if isinstance(value, str) and len(value) > 32_767:
            return raw_workbook(_raw([*ROW[:column], value, *ROW[column + 1 :]]))
        if isinstance(value, datetime.datetime):
            page.write_datetime(1, column, value)
        elif value == "":
            page.write_blank(1, column, None, book.add_format({"bold": True}))
        else:
            page.write(1, column, value)
    return buffer.getvalue()


def _raw(row: Sequence[str]) -> bytes:
    cells = [
        "".join(inline(f"{column}{number}", text) for column, text in zip("ABCDEFG", texts, strict=True))
        for number, texts in ((1, HEAD), (2, row))
    ]
    return f'{SHEET}<row r="1">{cells[0]}</row><row r="2">{cells[1]}</row>{SHEET_END}'.encode()


def _merged() -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.merge_range(0, 0, 0, 6, "2022 年题库")
        page.write_row(1, 0, HEAD)
        page.write_row(2, 0, ROW)
        page.write_row(3, 0, (ROW[0], "乙", *ROW[2:]))
        page.merge_range(2, 6, 3, 6, MODULE)
        page.merge_range(2, 0, 3, 0, "单选")
    return buffer.getvalue()


def _by_type() -> dict[str, list[Sequence[str]]]:
    head = ["题干", "选项", "答案", "目录"]
    return {
        "单选题": [head, ["甲", "A.一 B.二", "A", MODULE]],
        "多项选择": [head, ["乙", "A.一 B.二", "AB", MODULE]],
        "判断": [["题干", "答案", "目录"], ["丙", "对", MODULE]],
        "填空题": [["题干", "答案", "目录"], ["丁____", "戊", MODULE]],
    }


def _formula(formula: str) -> bytes:
    cells = inline("A2", "单选") + f'<c r="B2" t="str"><f>{formula.replace("&", "&amp;")}</f><v>甲</v></c>'
    cells += "".join(inline(f"{column}2", text) for column, text in zip("CDEFG", ROW[2:], strict=True))
    head = "".join(inline(f"{column}1", text) for column, text in zip("ABCDEFG", HEAD, strict=True))
    return raw_workbook(f'{SHEET}<row r="1">{head}</row><row r="2">{cells}</row>{SHEET_END}'.encode())


def _formula_aside() -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, ROW)
        page.write_formula(1, 9, "=NOW()")
    return buffer.getvalue()

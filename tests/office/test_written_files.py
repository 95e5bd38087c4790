"""Questions in running text, as people write them: .txt and .docx."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import docx
import pytest

from leitai.office.bank import Question
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.questions import BankFile, read_bank_file
from leitai.rules.values import QuestionType

INLINE = """2022 年业务技能练兵比武题库
第一章 社会保险
一、单项选择题（每题 1 分，共 2 题）
1. 职工因工作原因受到事故伤害的，应当认定为（ ）。
A. 工伤
B、视同工伤
(C) 职业病
（D）非因工负伤
答案：A
解析：《工伤保险条例》第十四条。
难度：易
知识点：工伤认定
标签：工伤，认定
2、单位应当自事故发生之日起（　）内提出申请。 A. 15日 B. 30日 C. 60日
【答案】B【解析】第十七条
二、多项选择题
1．下列属于社会保险的有：
Ａ．养老　Ｂ．医疗　Ｃ．商业保险
正确答案：Ａ、Ｂ
三、判断题
1. 工伤保险费由职工个人缴纳。
答案：×
四、填空题
1. 申请工伤认定的时限为____日，遇特殊情况可以____。
答案：30;三十|延长;适当延长
五、简答题
1. 简述工伤认定的申请时限。
答案：单位三十日内提出。
职工一年内提出。
解析：第十七条
"""

GROUPED = """一、单选题
1. 甲是？
A. 一
B. 二
2. 乙是？
A. 一
B. 二
3. 丙是？
A. 一
B. 二
二、多选题
1. 丁是？
A. 一
B. 二
C. 三
2. 戊是？
A. 一
B. 二
C. 三
三、判断题
1. 己。
2. 庚。
四、填空题
1. 辛为____日。

参考答案
一、单选题
1-2 AB 3. B
二、多选题
1～2：AB ABC
三、判断题
1.√ 2.×
四、填空题
1. 三十
解析：第一条
"""


def read(text: str, encoding: str = "utf-8", module: str = "") -> BankFile:
    return read_bank_file("题库.txt", text.encode(encoding), module=module)


def document(*paragraphs: str) -> bytes:
    made = docx.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    buffer = BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def questions(file: BankFile) -> list[Question]:
    assert file.refused == ()
    return [question for _, question in file.accepted]


def key(question: Question) -> str:
    return "".join(sorted(question.key.options)) or "|".join(";".join(blank) for blank in question.key.blanks)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_answers_below_each_question(encoding: str) -> None:
    file = read(INLINE, encoding)
    found = questions(file)
    assert [question.type for question in found] == [
        QuestionType.SINGLE,
        QuestionType.SINGLE,
        QuestionType.MULTIPLE,
        QuestionType.TRUE_FALSE,
        QuestionType.FILL_IN,
        QuestionType.SHORT_ANSWER,
    ]
    assert [key(question) for question in found] == [
        "A",
        "B",
        "AB",
        "F",
        "30;三十|延长;适当延长",
        "单位三十日内提出。\n职工一年内提出。",
    ]
    first, second, third, *_ = found
    assert [option.text for option in first.options] == ["工伤", "视同工伤", "职业病", "非因工负伤"]
    assert (first.explanation, first.difficulty, first.point) == ("《工伤保险条例》第十四条。", 1, "工伤认定")
    assert first.tags == ("工伤", "认定")
    assert second.stem == "单位应当自事故发生之日起（　）内提出申请。"
    assert second.explanation == "第十七条"
    assert [option.text for option in third.options] == ["养老", "医疗", "商业保险"]
    assert {question.module for question in found} == {"社会保险"}
    assert [place.row for place, _ in file.accepted] == [4, 14, 17, 21, 24, 27]


@pytest.mark.parametrize("kind", ["txt", "docx"])
def test_answers_in_a_group_at_the_end(kind: str) -> None:
    data = GROUPED.encode() if kind == "txt" else document(*GROUPED.split("\n"))
    found = questions(read_bank_file("x", data, module="就业创业"))
    assert [key(question) for question in found] == ["A", "B", "B", "AB", "ABC", "T", "F", "三十"]
    assert found[-1].explanation == "第一条"


def test_answers_in_a_group_after_each_section() -> None:
    text = (
        "一、单选题\n1. 甲？\nA. 一\nB. 二\n2. 乙？\nA. 一\nB. 二\n答案：1-2 AB\n"
        "二、判断题\n1. 丙。\n2. 丁。\n答案：1-2：√×\n"
    )
    assert [key(question) for question in questions(read(text, module="就业创业"))] == ["A", "B", "T", "F"]


def test_answers_in_the_brackets_of_the_stem() -> None:
    text = "1. 甲是（ A ）。\nA. 一\nB. 二\n2. 乙有（A、B）\nA. 一\nB. 二\n3. 丙是对的。（√）\n4. 丁也是（×）。\n"
    found = questions(read(text, module="就业创业"))
    assert [key(question) for question in found] == ["A", "AB", "T", "F"]
    assert [question.stem for question in found] == ["甲是（ ）。", "乙有（ ）", "丙是对的。", "丁也是。"]
    assert [question.type for question in found] == [
        QuestionType.SINGLE,
        QuestionType.MULTIPLE,
        QuestionType.TRUE_FALSE,
        QuestionType.TRUE_FALSE,
    ]


def test_questions_without_numbers_are_parted_by_answers_and_blank_lines() -> None:
    text = (
        "甲是什么？\nA. 一\nB. 二\n答案：A\n乙是什么？\nA. 一\nB. 二\n答案：B\n解析：第一条\n第二款\n\n丙。\n答案：错\n"
    )
    found = questions(read(text, module="就业创业"))
    assert [question.stem for question in found] == ["甲是什么？", "乙是什么？", "丙。"]
    assert found[1].explanation == "第一条\n第二款"


def test_lists_within_an_explanation_are_no_questions() -> None:
    text = (
        "1. 甲？\nA. 一\nB. 二\n答案：A\n解析：理由：\n1. 其一\n（2）其二\nA. 也不是选项\n"
        "2. 乙？\n（1）小\n（2）大\nA. 一\nB. 二\n答案：B\n"
    )
    first, second = questions(read(text, module="就业创业"))
    assert first.explanation == "理由：\n1. 其一\n（2）其二\nA. 也不是选项"
    assert second.stem == "乙？\n（1）小\n（2）大"


def test_a_case_has_its_sub_items() -> None:
    text = (
        "一、案例分析题\n1. 王某上班途中受伤。\n（1）是否工伤？\n答案：是。\n解析：第十四条\n目录：社会保险\n"
        "（2）何时申请？\n答案：三十日内。\n2. 李某被拖欠工资。\n（1）向谁投诉？\n答案：劳动监察。\n目录：劳动关系\n"
    )
    file = read(text.replace("何时申请？\n", "何时申请？\n目录：社会保险\n"))
    first, second = questions(file)
    assert (first.type, first.stem) == (QuestionType.CASE, "王某上班途中受伤。")
    assert first.parts == ("是否工伤？", "何时申请？")
    assert first.key.blanks == (("是。",), ("三十日内。",))
    assert (second.stem, second.parts) == ("李某被拖欠工资。", ("向谁投诉？",))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("1. 甲？\nA. 一\nB. 二\nB. 三\n答案：A", (1, "选项B", "option-twice")),
        ("1. 甲？\nA. 一\nC. 二\n答案：A", (1, "选项B", "options-gap")),
        ("1. 甲？\n" + "\n".join(f"{x}. {x}x" for x in "ABCDEFGHI") + "\n答案：A", (1, "选项H", "options-too-many")),
        ("1. 甲？\nA. 一\nB. 二\n答案：C", (1, "答案", "answer-not-an-option")),
        ("1. 甲？\nA. 一\nB. 二", (1, "答案", "missing")),
        ("一、单选题\n1. 甲？\nA. 一\nB. 二\n答案：AB", (2, "答案", "answer-one")),
        ("1. 甲？\nA. 一\nB. 二\n答案：A\n答案：B", (1, "答案", "field-twice")),
        ("1. 甲？\nA. 一\nB. 二\n答案：A\n不知所云", (1, "答案", "line-unexpected")),
        ("1. 甲？\nA. 一\nB. 二\n2. 乙？\nA. 一\nB. 二\n参考答案\n1-2 ABA", (8, "答案", "answers-differ")),
        ("1. 甲？\nA. 一\nB. 二\n2. 乙？\nA. 一\nB. 二\n参考答案\n1-3 ABA", (8, "答案", "answer-without-question")),
        ("1. 甲？\nA. 一\nB. 二\n答案：A\n目录：足球", (1, "目录", "module-unknown")),
        ("1. 甲\x01？\nA. 一\nB. 二\n答案：A", None),
    ],
)
def test_what_cannot_be_used_says_where_and_why(lines: str, problem: tuple[int, str, str] | None) -> None:
    if problem is None:
        with pytest.raises(FileRefused, match="file-type"):
            read(lines)
        return
    found = read(lines, module="就业创业")
    assert problem in [(one.row, one.column, one.code) for one in found.refused]


def test_numbers_that_word_keeps_for_itself_are_read() -> None:
    made = docx.Document()
    for stem in ("甲是什么？", "乙是什么？"):
        made.add_paragraph(stem, style="List Number")
        made.add_paragraph("A. 一\nB. 二")
        made.add_paragraph("答案：B")
    buffer = BytesIO()
    made.save(buffer)
    found = questions(read_bank_file("x.docx", buffer.getvalue(), module="就业创业"))
    assert [(question.stem, key(question)) for question in found] == [("甲是什么？", "B"), ("乙是什么？", "B")]


def test_a_table_in_a_document_is_a_table() -> None:
    made = docx.Document()
    made.add_paragraph("题库")
    table = made.add_table(2, 4)
    for column, (head, cell) in enumerate(
        zip(["题干", "选项", "答案", "目录"], ["甲？", "A. 一\nB. 二", "B", "社会保险"], strict=True)
    ):
        table.cell(0, column).text = head
        table.cell(1, column).text = cell
    buffer = BytesIO()
    made.save(buffer)
    file = read_bank_file("x.docx", buffer.getvalue())
    ((place, question),) = file.accepted
    assert (str(place), question.stem, key(question)) == ("表格1!2", "甲？", "B")


def test_a_picture_is_not_lost_in_silence(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("1. 下图是什么？").add_run().add_picture(BytesIO(_dot()))
    for line in ("A. 一", "B. 二", "答案：A"):
        made.add_paragraph(line)
    made.save(str(tmp_path / "x.docx"))
    file = read_bank_file("x.docx", (tmp_path / "x.docx").read_bytes(), module="社会保险")
    assert [problem.code for problem in file.refused] == ["picture"]


def _dot() -> bytes:
    """A PNG of one point."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )

"""Question files as people write them."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from leitai.office.importing import answers
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.questions import BankFile, read_bank_file
from leitai.rules.values import QuestionType
from tests.support.workbooks import workbook

HEAD = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "解析", "难度", "知识点", "目录", "标签"]
ROW = [
    "单选题",
    "劳动合同期限不满三个月的，试用期（ ）。",
    "不得约定",
    "一个月",
    "二个月",
    "三个月",
    "A",
    "第十九条",
    "易",
    "试用期",
    "劳动关系",
    "法律,合同",
]


def read(rows: Sequence[Sequence[object]], sheet: str = "Sheet1") -> BankFile:
    return read_bank_file("题库.xlsx", workbook({sheet: rows}))


def one(row: Sequence[object], head: Sequence[str] = HEAD) -> BankFile:
    return read([head, row])


def codes(file: BankFile) -> list[tuple[str, str]]:
    return [(problem.column, problem.code) for problem in file.refused]


def changed(**cells: object) -> list[object]:
    row: list[object] = list(ROW)
    for title, value in cells.items():
        row[HEAD.index(title)] = value
    return row


def test_a_row_becomes_a_question() -> None:
    (place, question), *rest = one(ROW).accepted
    assert not rest
    assert str(place) == "Sheet1!2"
    assert (question.type, question.difficulty, question.module) == (QuestionType.SINGLE, 1, "劳动关系")
    assert (question.options[0].id, question.options[0].text) == ("A", "不得约定")
    assert question.key.options == {"A"}
    assert (question.point, question.tags) == ("试用期", ("法律", "合同"))


def test_headers_in_any_order_under_other_names_below_a_title() -> None:
    head = ["目录", "正确答案", "难易度", "选项", "题目内容（必填）", "*题目类型", "答案解析", "序号"]
    row = ["社会保险/工伤保险", "A、C", "较难", "A. 甲,B. 乙\nC．丙", "哪些属于工伤", "多选", "第十四条", 1.0]
    file = read([["2022年题库"], [], head, row])
    (place, question), *_ = file.accepted
    assert place.row == 4
    assert [option.text for option in question.options] == ["甲", "乙", "丙"]
    assert (question.key.options, question.difficulty, question.module) == ({"A", "C"}, 4, "社会保险")


def test_one_sheet_per_type_names_the_type() -> None:
    head = ["题干", "选项A", "选项B", "选项C", "答案", "目录"]
    book = workbook(
        {
            "说明": [["请勿修改表头"]],
            "单选题": [head, ["甲？", "1", "2", "3", "B", "就业创业"]],
            "多选题": [head, ["乙？", "1", "2", "3", "AB", "就业创业"]],
            "不定项选择题": [head, ["丙？", "1", "2", "3", "C", "就业创业"]],
            "判断题": [["题干", "答案", "目录"], ["丁。", "√", "人才人事"]],
            "填空题": [["题干", "答案", "目录"], ["应当自____日内书面____。", "三十;30|通知", "人才人事"]],
        }
    )
    file = read_bank_file("题库.xlsx", book)
    assert file.skipped == ("说明",)
    assert not file.refused
    assert [question.type for _, question in file.accepted] == [
        QuestionType.SINGLE,
        QuestionType.MULTIPLE,
        QuestionType.INDETERMINATE,
        QuestionType.TRUE_FALSE,
        QuestionType.FILL_IN,
    ]
    assert file.accepted[-1][1].key.blanks == (("三十", "30"), ("通知",))


@pytest.mark.parametrize(
    "answer", ["AB", "A,B", "A;B", "A、B", "a b", "Ａ，Ｂ", "BA", "【答案】AB", "答案：A/B", "A和B", "A\nB"]
)
def test_letters_in_all_their_forms(answer: str) -> None:
    (_, question), *_ = one(changed(题型="多选题", 答案=answer)).accepted
    assert question.key.options == {"A", "B"}


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        *((yes, True) for yes in ("√", "✓", "对", "正确", "是", "T", "true", "True", True, "答案：正确")),
        *((no, False) for no in ("×", "✗", "错", "错误", "否", "F", "FALSE", False, "x", "X")),
    ],
)
def test_truth_in_all_its_forms(answer: object, right: bool) -> None:
    (_, question), *_ = read([["题干", "答案", "目录", "题型"], ["甲。", answer, "就业创业", "判断"]]).accepted
    assert question.key.options == ({"T"} if right else {"F"})
    assert [option.id for option in question.options] == ["T", "F"]


def test_true_false_with_its_words_as_options() -> None:
    (_, question), *_ = one(changed(题型="判断题", 选项A="正确", 选项B="错误", 选项C="", 选项D="", 答案="B")).accepted
    assert question.key.options == {"F"}


def test_numbers_in_cells_are_read_as_written() -> None:
    file = one(changed(选项A=30, 选项B=45.0, 选项C=60.5, 选项D=90, 难度=2))
    (_, question), *_ = file.accepted
    assert [option.text for option in question.options] == ["30", "45", "60.5", "90"]
    assert question.difficulty == 2
    (_, blank), *_ = read([["题干", "答案", "目录"], ["不超过____日。", 30, "就业创业"]], "填空题").accepted
    assert blank.key.blanks == (("30",),)


def test_types_are_inferred_from_answers() -> None:
    head = ["题干", "选项", "答案", "目录"]
    rows = [
        ["甲？", "A.一 B.二 C.三", "B", "就业创业"],
        ["乙？", "A.一 B.二 C.三", "BC", "就业创业"],
        ["丙。", "", "错", "就业创业"],
        ["丁（　　）。", "", "三十日", "就业创业"],
    ]
    assert [question.type for _, question in read([head, *rows]).accepted] == [
        QuestionType.SINGLE,
        QuestionType.MULTIPLE,
        QuestionType.TRUE_FALSE,
        QuestionType.FILL_IN,
    ]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"题干": ""}, ("题干", "missing")),
        ({"答案": ""}, ("答案", "missing")),
        ({"答案": "E"}, ("答案", "answer-not-an-option")),
        ({"答案": "AB"}, ("答案", "answer-one")),
        ({"答案": "甲"}, ("答案", "answer-unreadable")),
        ({"题型": "多选题"}, ("答案", "answer-two")),
        ({"题型": "连线题"}, ("题型", "type-unknown")),
        ({"题型": "简答题"}, ("选项A", "options-unwanted")),
        ({"选项B": ""}, ("选项B", "options-gap")),
        ({"选项B": "", "选项C": "", "选项D": ""}, ("选项A", "options-too-few")),
        ({"选项D": "不得 约定"}, ("选项A", "options-same")),
        ({"难度": "极难"}, ("难度", "difficulty-unknown")),
        ({"目录": "足球"}, ("目录", "module-unknown")),
        ({"目录": ""}, ("目录", "missing")),
        ({"题干": "长" * 2001}, ("题干", "too-long")),
        ({"选项A": "甲\x07"}, ("选项A", "control-characters")),
        ({"题型": "填空题", "题干": "____"}, ("选项A", "options-unwanted")),
        ({"题型": "判断题"}, ("答案", "answer-unreadable")),
    ],
)
def test_a_refused_row_says_where_and_why(cells: dict[str, object], problem: tuple[str, str]) -> None:
    file = one(changed(**cells))
    assert not file.accepted
    assert problem in codes(file)
    assert all(refused.row == 2 and refused.sheet == "Sheet1" for refused in file.refused)
    assert all(refused.say("zh-CN") != refused.say("en") for refused in file.refused)


def test_blanks_must_agree() -> None:
    head = ["题干", "答案", "目录"]
    file = read(
        [head, ["没有空。", "甲", "就业创业"], ["____和（ ）", "甲", "就业创业"], ["____", "|", "就业创业"]], "填空题"
    )
    assert codes(file) == [("题干", "blanks-none"), ("答案", "blanks-differ"), ("答案", "answer-unreadable")]


def test_repeated_stems_are_reported_and_left_out() -> None:
    file = read([HEAD, ROW, changed(题干="劳动合同期限不满三个月的， 试用期( )"), changed(题干="另一道")])
    assert len(file.accepted) == 2
    assert [(str(duplicate.place), str(duplicate.first)) for duplicate in file.duplicates] == [("Sheet1!3", "Sheet1!2")]


def test_merged_cells_hold_for_all_their_rows() -> None:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("案例")
        sheet.merge_range("A1:F1", "2022 年题库")
        sheet.write_row("A2", ["大题题干", "小题题干", "选项", "答案", "目录", "题型"])
        sheet.merge_range("A3:A4", "张某于2020年入职。")
        sheet.merge_range("E3:E4", "劳动关系")
        sheet.write_row("B3", ["试用期最长为（ ）。", "A.一个月 B.二个月", "A"])
        sheet.write_row("B4", ["经济补偿为（ ）。", "A.一个月 B.二个月", "B"])
        sheet.write_column("F3", ["单选", "单选"])
    file = read_bank_file("题库.xlsx", buffer.getvalue())
    assert [question.stem for _, question in file.accepted] == [
        "张某于2020年入职。\n试用期最长为（ ）。",
        "张某于2020年入职。\n经济补偿为（ ）。",
    ]


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ("A. 甲,B. 乙,C. 丙", ["甲", "乙", "丙"]),
        ("A、甲；B、乙", ["甲", "乙"]),
        ("(A) 甲 (B) 乙", ["甲", "乙"]),
        ("Ａ．甲\nＢ．乙", ["甲", "乙"]),
        ("A.甲，参见C.款\nB.乙", ["甲，参见C.款", "乙"]),
        ("甲\n乙\n丙", ["甲", "乙", "丙"]),
        ("甲|乙", ["甲", "乙"]),
    ],
)
def test_one_cell_of_options(cell: str, texts: list[str]) -> None:
    assert answers.split_options(cell) == texts


def test_options_that_cannot_be_told_apart() -> None:
    assert answers.split_options("甲乙丙") is None
    file = read([["题干", "选项", "答案", "目录", "题型"], ["甲", "一大段话", "A", "就业创业", "单选"]])
    assert codes(file) == [("选项", "options-unreadable")]


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["单选", "多选题", "判断", "填空", "A", "AB", "√", "____", "A. 甲 B. 乙", "就业创业", "1", "=1", "|", ";"]
    ),
)


@given(st.lists(st.lists(CELLS, min_size=len(HEAD), max_size=len(HEAD)), max_size=6))
def test_whatever_rows_hold_they_are_taken_or_refused(rows: list[list[str]]) -> None:
    buffer = StringIO()
    csv.writer(buffer).writerows([HEAD, *rows])
    try:
        file = read_bank_file("题库.csv", buffer.getvalue().encode("utf-8", "surrogatepass"))
    except FileRefused:
        return
    for _, question in file.accepted:
        ids = {option.id for option in question.options}
        assert question.key.options <= ids
        assert bool(question.key.options) != bool(question.key.blanks)
        assert question.stem
        assert all(all(blank) for blank in question.key.blanks)
    taken = {place.row for place, _ in file.accepted} | {duplicate.place.row for duplicate in file.duplicates}
    assert not taken & {problem.row for problem in file.refused}


CASE_HEAD = ["题型", "大题题干", "小题题干", "参考答案", "解析", "目录", "标签"]


def test_a_short_answer_is_a_question_with_its_reference() -> None:
    row = ["简答题", "简述工伤认定的申请时限。", "参考答案：单位三十日内；职工一年内。", "第十七条", "社会保险"]
    ((_, question),) = read([["题型", "题干", "答案", "解析", "目录"], row]).accepted
    assert (question.type, question.options, question.parts) == (QuestionType.SHORT_ANSWER, (), ())
    assert question.key.blanks == (("单位三十日内；职工一年内。",),)


def test_rows_under_one_shared_stem_are_a_case() -> None:
    file = read(
        [
            CASE_HEAD,
            ["案例分析题", "王某上班途中发生事故。", "是否工伤？", "是。", "第十四条", "社会保险", "工伤"],
            ["案例分析题", "", "何时申请？", "三十日内。", "第十七条", "社会保险", "时限"],
            ["案例分析题", "李某被拖欠工资。", "向谁投诉？", "劳动保障监察。", "", "劳动关系", ""],
            ["简答题", "", "何为试用期？", "相互考察的期间。", "", "劳动关系", ""],
        ]
    )
    assert file.refused == ()
    (first, second, third) = (question for _, question in file.accepted)
    assert [str(place) for place, _ in file.accepted] == ["Sheet1!2", "Sheet1!4", "Sheet1!5"]
    assert (first.type, first.stem) == (QuestionType.CASE, "王某上班途中发生事故。")
    assert first.parts == ("是否工伤？", "何时申请？")
    assert first.key.blanks == (("是。",), ("三十日内。",))
    assert (first.explanation, first.tags) == ("第十四条\n第十七条", ("工伤", "时限"))
    assert (second.parts, second.key.blanks) == (("向谁投诉？",), (("劳动保障监察。",),))
    assert (third.type, third.stem) == (QuestionType.SHORT_ANSWER, "何为试用期？")


def test_a_case_comes_in_whole_or_not_at_all() -> None:
    rows = [
        ["案例题", "王某上班途中发生事故。", stem, answer, "", "社会保险", ""]
        for stem, answer in (("一？", "是"), ("二？", ""))
    ]
    file = read([CASE_HEAD, *rows])
    assert file.accepted == ()
    assert [(problem.row, problem.code, problem.detail) for problem in file.refused] == [
        (2, "case-incomplete", "Sheet1!3"),
        (3, "missing", ""),
    ]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["案例题", "", "是否工伤？", "是", "", "社会保险", ""]], "case-stem"),
        ([["案例题", "王某发生事故。", "", "是", "", "社会保险", ""]], "missing"),
        ([["案例题", "王某发生事故。", f"{no}？", "是", "", "社会保险", ""] for no in range(9)], "case-too-long"),
        ([["案例题", "王某发生事故。", "是否？", "是" * 4001, "", "社会保险", ""]], "too-long"),
    ],
)
def test_a_case_that_cannot_be_used_is_refused(rows: list[list[str]], code: str) -> None:
    file = read([CASE_HEAD, *rows])
    assert file.accepted == ()
    assert code in {problem.code for problem in file.refused}

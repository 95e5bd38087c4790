"""What can be wrong with a file or a row: stable codes with a sentence for people in both languages.

`FileRefused` is the one error of a whole file; a `Problem` is one row's.
"""

from dataclasses import dataclass

from leitai.wire.errors import ErrorText

PROBLEMS: dict[str, ErrorText] = {
    # the file
    "file-empty": ErrorText("文件是空的。", "The file is empty."),
    "file-too-large": ErrorText("文件超过 {detail}，请拆分后导入。", "The file is larger than {detail}; split it."),
    "file-type": ErrorText(
        "不是可导入的文件，请使用 .xlsx 或 .csv。", "This is not a file that can be imported; use .xlsx or .csv."
    ),
    "file-old-excel": ErrorText(
        "这是旧版（.xls）或加密的 Excel 文件，请另存为不加密的 .xlsx。",
        "This is an old (.xls) or encrypted Excel file; save it as .xlsx without a password.",
    ),
    "file-broken": ErrorText("文件已损坏，无法读取：{detail}", "The file is damaged and cannot be read: {detail}"),
    "file-bomb": ErrorText(
        "文件解压后的大小异常，已拒绝读取：{detail}", "The file unpacks to an abnormal size and was not read: {detail}"
    ),
    "file-encoding": ErrorText("文字编码无法识别，请使用 UTF-8 或 GB18030。", "The text is neither UTF-8 nor GB18030."),
    "too-many-rows": ErrorText(
        "行数超过 {detail}，请拆分后导入。", "There are more than {detail} rows; split the file."
    ),
    "too-many-cells": ErrorText(
        "表格范围过大（{detail}），请删除多余的行列。",
        "The table is too large ({detail}); delete unused rows and columns.",
    ),
    "no-table": ErrorText("没有找到可识别的表头：{detail}", "No sheet has a header that can be recognised: {detail}"),
    # any row
    "missing": ErrorText("缺少内容。", "It is empty."),
    "too-long": ErrorText("内容超过 {detail} 字。", "It is longer than {detail} characters."),
    "formula": ErrorText("单元格是公式，请粘贴为数值。", "The cell holds a formula; paste its value instead."),
    "control-characters": ErrorText("含有不可见的控制字符。", "It holds control characters."),
    # questions
    "type-unknown": ErrorText("题型无法识别：{detail}", "The question type is not known: {detail}"),
    "module-unknown": ErrorText(
        "目录“{detail}”不属于大纲的任何模块。", "The category “{detail}” is not a module of the syllabus."
    ),
    "difficulty-unknown": ErrorText("难度无法识别：{detail}", "The difficulty is not known: {detail}"),
    "options-too-few": ErrorText("选项少于两个。", "There are fewer than two options."),
    "options-too-many": ErrorText("选项超过 {detail} 个。", "There are more than {detail} options."),
    "options-gap": ErrorText("选项不连续，缺少 {detail}。", "The options have a gap: {detail} is missing."),
    "options-same": ErrorText("有相同的选项：{detail}", "Two options are the same: {detail}"),
    "options-unreadable": ErrorText(
        "“选项”一栏无法拆分，请写成“A. … B. …”。", "The options cannot be told apart; write “A. … B. …”."
    ),
    "options-unwanted": ErrorText("该题型不应有选项。", "This question type has no options."),
    "answer-unreadable": ErrorText("答案无法识别：{detail}", "The answer cannot be read: {detail}"),
    "answer-not-an-option": ErrorText("答案 {detail} 不在选项中。", "The answer {detail} is not among the options."),
    "answer-one": ErrorText("应有且只有一个答案：{detail}", "There must be exactly one answer: {detail}"),
    "answer-two": ErrorText("多选题至少应有两个答案：{detail}", "There must be at least two answers: {detail}"),
    "blanks-none": ErrorText("题干中没有空格（____ 或（ ））。", "The stem has no blank (____ or （ ）)."),
    "blanks-differ": ErrorText(
        "题干的空数与答案数不一致：{detail}", "The number of blanks differs from the number of answers: {detail}"
    ),
    "case-stem": ErrorText("案例题缺少大题题干。", "A case needs a shared stem."),
    "case-incomplete": ErrorText(
        "同一案例的另一小题有误（{detail}），整题未导入。", "Another sub-item of this case is refused ({detail})."
    ),
    "case-too-long": ErrorText("同一案例的小题超过 {detail} 个。", "The case has more than {detail} sub-items."),
    # people
    "delegation-unknown": ErrorText("没有这个代表队：{detail}", "There is no such delegation: {detail}"),
    "origin-unknown": ErrorText("产生方式应为“自主确定”或“抽签”：{detail}", "The origin is not known: {detail}"),
    "number-unreadable": ErrorText("应为不小于 0 的整数：{detail}", "It must be a whole number from 0: {detail}"),
    "name-odd": ErrorText("姓名含有不应出现的字符：{detail}", "The name holds characters that names do not: {detail}"),
    "place-taken": ErrorText("序号重复：{detail}", "The number is taken: {detail}"),
    "place-gap": ErrorText("推荐名单的序号不连续，缺少 {detail}。", "The numbers have a gap: {detail} is missing."),
    "person-repeated": ErrorText(
        "与 {detail} 重复（姓名、单位相同）。", "This person is there already, at {detail} (same name and unit)."
    ),
    "delegation-full": ErrorText("该代表队已满 {detail} 人。", "This delegation already has {detail}."),
    "origin-full": ErrorText("该产生方式已满 {detail} 人。", "This delegation already has {detail} of this origin."),
}


class FileRefused(Exception):
    """The file as a whole is refused with `code`, a key of `PROBLEMS`; nothing of it was taken in."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def say(self, locale: str = "zh-CN") -> str:
        """Return the reason for people."""
        return _say(self.code, self.detail, locale)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused. `row` is the row's number in the file, from 1; `column` its header as in the file."""

    sheet: str
    row: int
    column: str
    code: str
    detail: str = ""

    def say(self, locale: str = "zh-CN") -> str:
        """Return the reason for people."""
        return _say(self.code, self.detail, locale)


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a file, for pointing at it."""

    sheet: str
    row: int

    def __str__(self) -> str:
        return f"{self.sheet}!{self.row}"


def _say(code: str, detail: str, locale: str) -> str:
    return PROBLEMS[code].say(locale).replace("{detail}", detail[:80])

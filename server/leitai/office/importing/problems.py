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
        "不是可导入的文件：题库请使用 .xlsx、.csv、.docx、.txt、GIFT、Aiken、Moodle XML 或 QTI 包，"
        "名单请使用 .xlsx 或 .csv。",
        "This is not a file that can be imported: for questions use .xlsx, .csv, .docx, .txt, GIFT, Aiken, Moodle XML "
        "or a QTI package, for people .xlsx or .csv.",
    ),
    "file-old-excel": ErrorText(
        "这是旧版（.xls、.doc）或加密的 Office 文件，请另存为不加密的 .xlsx 或 .docx。",
        "This is an old (.xls, .doc) or encrypted Office file; save it as .xlsx or .docx without a password.",
    ),
    "file-broken": ErrorText("文件已损坏，无法读取：{detail}", "The file is damaged and cannot be read: {detail}"),
    "file-bomb": ErrorText(
        "文件解压后的大小异常，已拒绝读取：{detail}", "The file unpacks to an abnormal size and was not read: {detail}"
    ),
    "file-too-heavy": ErrorText(
        "文件过于复杂，读取超出限制，请拆分后导入。",
        "The file takes more memory or time to read than it may; split it.",
    ),
    "file-macros": ErrorText(
        "文件含有宏，已拒绝读取，请另存为不含宏的 .xlsx 或 .docx。",
        "The file holds macros and was not read; save it as .xlsx or .docx without them.",
    ),
    "file-paths": ErrorText(
        "压缩包内的文件名指向包外，已拒绝读取：{detail}",
        "A name in the package points outside of it; it was not read: {detail}",
    ),
    "file-entities": ErrorText(
        "XML 含有文档类型或实体声明，已拒绝读取。", "The XML declares a document type or entities; it was not read."
    ),
    "file-no-manifest": ErrorText("QTI 包中没有 imsmanifest.xml。", "The package has no imsmanifest.xml."),
    "file-no-sheet": ErrorText("名单请使用 .xlsx 或 .csv。", "Lists of people come as .xlsx or .csv."),
    "file-encoding": ErrorText("文字编码无法识别，请使用 UTF-8 或 GB18030。", "The text is neither UTF-8 nor GB18030."),
    "too-many-rows": ErrorText(
        "行数超过 {detail}，请拆分后导入。", "There are more than {detail} rows; split the file."
    ),
    "too-many-cells": ErrorText(
        "表格范围过大（{detail}），请删除多余的行列。",
        "The table is too large ({detail}); delete unused rows and columns.",
    ),
    "no-table": ErrorText("没有找到可识别的表头：{detail}", "No sheet has a header that can be recognised: {detail}"),
    "no-questions": ErrorText("没有找到试题。", "No question was found in the file."),
    # any row
    "missing": ErrorText("缺少内容。", "It is empty."),
    "too-long": ErrorText("内容超过 {detail} 字。", "It is longer than {detail} characters."),
    "formula": ErrorText("单元格是公式，请粘贴为数值。", "The cell holds a formula; paste its value instead."),
    "control-characters": ErrorText("含有不可见的控制字符。", "It holds control characters."),
    "field-twice": ErrorText("同一题中重复出现：{detail}", "It is there twice in this question: {detail}"),
    "line-unexpected": ErrorText("这一行无法归入题目：{detail}", "This line belongs to nothing: {detail}"),
    "picture": ErrorText("含有图片，暂不能导入。", "It holds a picture, which cannot be imported."),
    # questions
    "kind-unsupported": ErrorText("这种题型不能导入：{detail}", "This kind of question cannot be imported: {detail}"),
    "partial-credit": ErrorText(
        "选项各有分值（部分得分），不能导入。",
        "Its options earn different shares of the points; it cannot be imported.",
    ),
    "item-missing": ErrorText("包中没有这个文件：{detail}", "The package has no such file: {detail}"),
    "item-broken": ErrorText("试题的 XML 无法读取。", "The XML of this item cannot be read."),
    "type-unknown": ErrorText("题型无法识别：{detail}", "The question type is not known: {detail}"),
    "module-unknown": ErrorText(
        "目录“{detail}”不属于大纲的任何模块。", "The category “{detail}” is not a module of the syllabus."
    ),
    "difficulty-unknown": ErrorText("难度无法识别：{detail}", "The difficulty is not known: {detail}"),
    "options-too-few": ErrorText("选项少于两个。", "There are fewer than two options."),
    "options-too-many": ErrorText("选项超过 {detail} 个。", "There are more than {detail} options."),
    "options-gap": ErrorText("选项不连续，缺少 {detail}。", "The options have a gap: {detail} is missing."),
    "options-same": ErrorText("有相同的选项：{detail}", "Two options are the same: {detail}"),
    "option-twice": ErrorText("选项 {detail} 出现两次。", "Option {detail} is there twice."),
    "options-unreadable": ErrorText(
        "“选项”一栏无法拆分，请写成“A. … B. …”。", "The options cannot be told apart; write “A. … B. …”."
    ),
    "options-unwanted": ErrorText("该题型不应有选项。", "This question type has no options."),
    "answer-unreadable": ErrorText("答案无法识别：{detail}", "The answer cannot be read: {detail}"),
    "answer-not-an-option": ErrorText("答案 {detail} 不在选项中。", "The answer {detail} is not among the options."),
    "answer-one": ErrorText("应有且只有一个答案：{detail}", "There must be exactly one answer: {detail}"),
    "answer-two": ErrorText("多选题至少应有两个答案：{detail}", "There must be at least two answers: {detail}"),
    "answers-differ": ErrorText(
        "答案的个数与题号不一致：{detail}", "There are more or fewer answers than numbers: {detail}"
    ),
    "answer-without-question": ErrorText(
        "第 {detail} 题没有找到，或已有答案。", "There is no question {detail} that waits for an answer."
    ),
    "blanks-none": ErrorText("题干中没有空格（____ 或（ ））。", "The stem has no blank (____ or （ ）)."),
    "blanks-differ": ErrorText(
        "题干的空数与答案数不一致：{detail}", "The number of blanks differs from the number of answers: {detail}"
    ),
    "case-stem": ErrorText("案例题缺少大题题干。", "A case needs a shared stem."),
    "case-incomplete": ErrorText(
        "同一案例的另一小题有误（{detail}），整题未导入。", "Another sub-item of this case is refused ({detail})."
    ),
    "case-too-long": ErrorText("同一案例的小题超过 {detail} 个。", "The case has more than {detail} sub-items."),
    # nominations and practice records
    "id-as-number": ErrorText(
        "证件号码被存成了数字，末几位已丢失，请将该列设为文本后重新填写。",
        "The identity number was stored as a number and lost its last digits; make the column text and type it again.",
    ),
    "id-length": ErrorText("证件号码应为 18 位。", "An identity number has 18 characters."),
    "id-check": ErrorText(
        "证件号码有误（校验码或日期不符），请核对。", "The identity number is mistyped: its check fails."
    ),
    "id-repeated": ErrorText("与 {detail} 的证件号码相同。", "The same identity number stands at {detail}."),
    "id-elsewhere": ErrorText("该人员已在{detail}的名单中。", "This person stands on the list of {detail}."),
    "phone-unreadable": ErrorText(
        "手机号码应为 11 位，固定电话请带区号。", "A mobile number has 11 digits; fixed lines come with an area code."
    ),
    "phone-repeated": ErrorText("与 {detail} 的手机号码相同。", "The same telephone number stands at {detail}."),
    "phone-elsewhere": ErrorText(
        "该手机号码已在{detail}的名单中。", "This telephone number stands on the list of {detail}."
    ),
    "list-unknown": ErrorText("应为“自主确定”或“推荐”：{detail}", "It is neither named nor nominated: {detail}"),
    "delegation-other": ErrorText("不属于本代表队：{detail}", "It belongs to another delegation: {detail}"),
    "date-unreadable": ErrorText("日期应写作 2022-08-31：{detail}", "A date is written 2022-08-31: {detail}"),
    "date-late": ErrorText("日期晚于 {detail}，不能作为审核依据。", "The date is after {detail} and is no evidence."),
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
    # organisations
    "organisation-code": ErrorText(
        "机构编码应为 2 至 32 位字母、数字或连字符：{detail}",
        "A code has 2 to 32 letters, digits or hyphens: {detail}",
    ),
    "organisation-level-unknown": ErrorText(
        "级别应为省、市、县、乡镇、村、单位之一：{detail}", "The level is not known: {detail}"
    ),
    "organisation-state": ErrorText("状态应为“在用”或“停用”：{detail}", "The state is not known: {detail}"),
    "organisation-repeated": ErrorText("机构编码与 {detail} 重复。", "The same code stands at {detail}."),
    "organisation-parent-unknown": ErrorText("没有这个上级机构：{detail}", "There is no organisation above: {detail}"),
    "organisation-cycle": ErrorText(
        "上级机构互为循环，请核对上级编码。", "The organisations above it come back to itself."
    ),
    "organisation-level": ErrorText("级别应低于上级机构。{detail}", "It must be below the one above it. {detail}"),
    "organisation-moved": ErrorText(
        "该机构已登记在其他上级或其他级别下：{detail}", "It is in the tree already, elsewhere: {detail}"
    ),
    "organisation-province": ErrorText(
        "省级机构由系统预置，编码应为省份代码。", "Provinces are there already, by the nation's codes."
    ),
    "organisation-not-own": ErrorText("只能导入本省机构。", "Only organisations of one's own province."),
    "organisation-under-refused": ErrorText("上级机构未通过：{detail}", "The one above it is refused: {detail}"),
    # the expert pool
    "pool-id-number": ErrorText("身份证号不正确，请核对。", "This is no identity number; look at it again."),
    "pool-phone": ErrorText("电话号码不正确，请核对。", "This is no telephone number; look at it again."),
    "pool-year": ErrorText("年份应在 {detail} 之间。", "The year must be within {detail}."),
    "pool-honour": ErrorText("荣誉无法识别：{detail}", "The honour is not known: {detail}"),
    "pool-honour-repeated": ErrorText("与 {detail} 重复（同一人同一荣誉）。", "The same honour stands at {detail}."),
    "pool-state": ErrorText("状态应为“在岗”或“离岗”：{detail}", "The state is not known: {detail}"),
    "pool-too-many": ErrorText("专长不超过 {detail} 项。", "There are more than {detail} fields of expertise."),
    "pool-not-own": ErrorText("只能导入本省人员：{detail}", "Only people of one's own province: {detail}"),
    "pool-elsewhere": ErrorText(
        "此人现在{detail}的能手库，请先办理转出。",
        "This person is in the pool of {detail}; have them transferred first.",
    ),
    "pool-unclear": ErrorText(
        "能手库中有多名同名人员，请补充身份证号或单位。",
        "Several people of this name are in the pool; add the identity number or the unit.",
    ),
    "pool-two-people": ErrorText(
        "与 {detail} 的身份证号不同，但姓名、省份、单位相同，请核对。",
        "Same name, province and unit as {detail}, with another identity number; look at both.",
    ),
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

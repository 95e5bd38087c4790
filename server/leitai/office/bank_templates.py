"""Files to begin with: a question of every type, as the importer reads it."""

from collections.abc import Mapping
from typing import Literal

from leitai.office.bank import TRUE_FALSE_OPTIONS, Option, Question
from leitai.office.exporting.sheets import write_xlsx
from leitai.office.exporting.written import write_docx, write_txt
from leitai.rules.values import Key, QuestionType

TemplateName = Literal["xlsx", "docx", "txt"]


def template(name: TemplateName) -> bytes:
    """Return a template; the questions in it are samples to write over."""
    return {"xlsx": write_xlsx, "docx": write_docx, "txt": write_txt}[name](SAMPLES)


def _choice(type_: QuestionType, stem: str, texts: tuple[str, ...], right: str, why: str, point: str) -> Question:
    options = tuple(Option(letter, text) for letter, text in zip("ABCDEFGH", texts, strict=False))
    return Question(type_, stem, options, Key(frozenset(right)), why, 2, "社会保险", point)


SAMPLES = (
    _choice(
        QuestionType.SINGLE,
        "（示例）职工应当参加基本养老保险，由（ ）缴纳基本养老保险费。",
        ("用人单位", "职工", "用人单位和职工共同", "社会保险经办机构"),
        "C",
        "《社会保险法》第十条。",
        "基本养老保险",
    ),
    _choice(
        QuestionType.MULTIPLE,
        "（示例）国家建立的社会保险制度包括（ ）。",
        ("基本养老保险", "基本医疗保险", "工伤保险", "车辆保险"),
        "ABC",
        "《社会保险法》第二条。",
        "社会保险制度",
    ),
    _choice(
        QuestionType.INDETERMINATE,
        "（示例）职工有下列哪些情形的，应当认定为工伤？",
        ("在工作时间和工作场所内，因工作原因受到事故伤害", "患职业病", "醉酒受伤", "自残"),
        "AB",
        "《工伤保险条例》第十四条、第十六条。",
        "工伤认定",
    ),
    Question(
        QuestionType.TRUE_FALSE,
        "（示例）失业保险费由用人单位和职工按照国家规定共同缴纳。",
        tuple(Option(*option) for option in TRUE_FALSE_OPTIONS),
        Key(frozenset({"T"})),
        "《社会保险法》第四十四条。",
        1,
        "社会保险",
        "失业保险",
    ),
    Question(
        QuestionType.FILL_IN,
        "（示例）用人单位应当自用工之日起____日内为其职工向社会保险经办机构申请办理社会保险登记。",
        (),
        Key(blanks=(("三十", "30"),)),
        "《社会保险法》第五十八条。",
        2,
        "社会保险",
        "社会保险登记",
    ),
    Question(
        QuestionType.SHORT_ANSWER,
        "（示例）简述劳动合同应当具备的条款。",
        (),
        Key(blanks=(("用人单位和劳动者的基本情况、合同期限、工作内容和地点、工作时间和休息休假、劳动报酬等。",),)),
        "《劳动合同法》第十七条。",
        3,
        "劳动关系",
        "劳动合同",
    ),
    Question(
        QuestionType.CASE,
        "（示例）李某入职某公司，公司一直未与其订立书面劳动合同。第五个月，李某提出离职。",
        (),
        Key(blanks=(("应当支付。",), ("自用工之日起满一个月的次日起，至订立的前一日止。",))),
        "《劳动合同法》第八十二条。",
        4,
        "劳动关系",
        "劳动合同",
        parts=("公司是否应当支付二倍工资？", "二倍工资从何时起算？"),
    ),
)
"""One of each type; the articles are those of the statutes named."""

FILES: Mapping[str, str] = {"xlsx": "试题模板.xlsx", "docx": "试题模板.docx", "txt": "试题模板.txt"}

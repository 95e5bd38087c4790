"""GIFT, Aiken, Moodle XML and QTI as other systems write them."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

import pytest

from leitai.office.bank import Question
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.questions import BankFile, read_bank_file
from leitai.rules.values import QuestionType


def read(data: str | bytes, module: str = "就业创业") -> BankFile:
    return read_bank_file("x", data.encode() if isinstance(data, str) else data, module=module)


def questions(file: BankFile) -> list[Question]:
    assert file.refused == ()
    return [question for _, question in file.accepted]


def key(question: Question) -> str:
    return "".join(sorted(question.key.options)) or "|".join(";".join(blank) for blank in question.key.blanks)


GIFT = r"""// 题库
$CATEGORY: $course$/top/社会保险/工伤

// [id:q1] [tag:难度:难] [tag:工伤]
::标题::[html]<p>职工因工受伤的，<b>应当</b>认定为<br>下列何者\: \{选一\}</p>{
  =工伤#对
  ~视同工伤
  ~%-50%职业病
  ####《工伤保险条例》第十四条
}

::多选::下列属于社会保险的有{~%50%养老 ~%50%医疗 ~%-100%商业}

工伤保险费由职工缴纳。{F#错了#对了}

申请时限为{=30 =三十}日。

首都是哪里？{=北京 =北京市}

简述申请时限。{####参考答案：三十日内。
解析：第十七条}

下面是说明文字，不是题目
"""


def test_gift() -> None:
    file = read(GIFT)
    found = questions(file)
    assert [(question.type, key(question)) for question in found] == [
        (QuestionType.SINGLE, "A"),
        (QuestionType.MULTIPLE, "AB"),
        (QuestionType.TRUE_FALSE, "F"),
        (QuestionType.FILL_IN, "30;三十"),
        (QuestionType.FILL_IN, "北京;北京市"),
        (QuestionType.SHORT_ANSWER, "三十日内。"),
    ]
    assert found[0].stem == "职工因工受伤的，应当认定为\n下列何者: {选一}"
    assert (found[0].explanation, found[0].difficulty, found[0].tags) == (
        "《工伤保险条例》第十四条\nA. 对",
        5,
        ("工伤",),
    )
    assert [question.stem for question in found[3:5]] == ["申请时限为 ____ 日。", "首都是哪里？ ____"]
    assert found[5].explanation == "第十七条"
    assert {question.module for question in found} == {"社会保险"}
    assert file.skipped == ("gift!23",)
    assert [place.row for place, _ in file.accepted][:2] == [5, 12]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("甲{=a -> b =c -> d}", "kind-unsupported"),
        ("甲{#3:0.5}", "kind-unsupported"),
        ("甲{=a ~%50%b ~c}", "partial-credit"),
        ("甲{~%70%a ~%30%b ~c}", "partial-credit"),
        ("甲{=a =b ~c}", "answer-one"),
        ("甲{~a ~b}", "missing"),
        ("甲{=a ~b", "answer-unreadable"),
        ("甲{}", "missing"),
        ("甲{=a ~a}", "options-same"),
        ("甲{=a " + " ".join(f"~{x}" for x in "bcdefghij") + "}", "options-too-many"),
        ("[html]<p>甲<img src=x.png></p>{=a ~b}", "picture"),
    ],
)
def test_gift_that_cannot_be_used(text: str, code: str) -> None:
    file = read(text + "\n\n乙{T}\n")
    assert [problem.code for problem in file.refused][:1] == [code]
    assert [question.stem for _, question in file.accepted] == ["乙"]


def test_aiken() -> None:
    file = read("首都是哪里？\nA. 北京\nB) 上海\nANSWER: A\n\n乙？\r\nA. 一\r\nB. 二\r\nC. 三\r\nANSWER: C\r\n")
    assert [(question.stem, key(question)) for question in questions(file)] == [("首都是哪里？", "A"), ("乙？", "C")]
    bad = read("甲\nA. 一\nB. 二\nANSWER: D\n\n乙\nA. 一\nA. 二\nANSWER: A\n")
    assert [(problem.row, problem.code) for problem in bad.refused] == [
        (1, "answer-not-an-option"),
        (6, "option-twice"),
    ]


MOODLE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<question type="category"><category><text>$course$/top/Default/劳动关系</text></category></question>
<question type="multichoice"><name><text>1</text></name>
 <questiontext format="html">
 <text><![CDATA[<p>试用期&nbsp;最长<sub>为</sub></p><p>（ ）个月</p>]]></text></questiontext>
 <generalfeedback format="html"><text>第十九条</text></generalfeedback><single>true</single>
 <answer fraction="0"><text>三</text></answer><answer fraction="100"><text>六</text>
 <feedback><text>对</text></feedback></answer>
 <tags><tag><text>难度:易</text></tag><tag><text>合同</text></tag></tags></question>
<question type="multichoice"><questiontext><text>下列有</text></questiontext><single>false</single>
 <answer fraction="50"><text>甲</text></answer><answer fraction="50"><text>乙</text></answer>
 <answer fraction="-100"><text>丙</text></answer></question>
<question type="truefalse"><questiontext><text>丁。</text></questiontext>
 <answer fraction="0"><text>true</text></answer><answer fraction="100"><text>false</text></answer></question>
<question type="shortanswer"><questiontext><text>戊？</text></questiontext>
 <answer fraction="100"><text>己</text></answer><answer fraction="100"><text>庚</text></answer></question>
<question type="essay"><questiontext><text>辛？</text></questiontext>
 <graderinfo><text>壬</text></graderinfo></question>
<question type="cloze"><questiontext>
 <text>自{1:SHORTANSWER:=三十~%100%30~%0%十}日内{1:SA:=书面}</text></questiontext></question>
<question type="description"><questiontext><text>说明</text></questiontext></question>
<question type="matching"><questiontext><text>连线</text></questiontext></question>
<question type="multichoice"><questiontext><text>部分</text></questiontext><single>false</single>
 <answer fraction="70"><text>甲</text></answer><answer fraction="30"><text>乙</text></answer></question>
</quiz>"""


def test_moodle() -> None:
    file = read(MOODLE)
    assert [(problem.row, problem.code) for problem in file.refused] == [(8, "kind-unsupported"), (9, "partial-credit")]
    found = [question for _, question in file.accepted]
    assert [(question.type, key(question)) for question in found] == [
        (QuestionType.SINGLE, "B"),
        (QuestionType.MULTIPLE, "AB"),
        (QuestionType.TRUE_FALSE, "F"),
        (QuestionType.FILL_IN, "己;庚"),
        (QuestionType.SHORT_ANSWER, "壬"),
        (QuestionType.FILL_IN, "三十;30|书面"),
    ]
    assert found[0].stem == "试用期\N{NO-BREAK SPACE}最长为\n（ ）个月"
    assert (found[0].explanation, found[0].difficulty, found[0].tags) == ("第十九条\nB. 对", 1, ("合同",))
    assert found[5].stem == "自____日内____"
    assert found[0].module == "劳动关系"
    assert file.skipped == ("moodle!7",)


def test_moodle_in_gbk() -> None:
    data = MOODLE.replace("UTF-8", "GBK").encode("gb18030")
    assert len(read(data).accepted) == 6


ITEM_22 = """<?xml version="1.0"?>
<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" identifier="a" title="t" adaptive="false"
 timeDependent="false">
<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="identifier">
<correctResponse>{values}</correctResponse></responseDeclaration>
<itemBody><p>看下面的话：</p><blockquote><p>因工受伤</p></blockquote>
<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1"><prompt>应当认定为（ ）</prompt>
<simpleChoice identifier="X1">工伤</simpleChoice>
<simpleChoice identifier="X2">视同 <b>工伤</b><feedbackInline
 outcomeIdentifier="F" identifier="X2" showHide="show">不对</feedbackInline>
</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""
TEXT_22 = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" identifier="b">
<responseDeclaration identifier="R1" cardinality="single" baseType="string">
<correctResponse><value>三十</value></correctResponse>
<mapping><mapEntry mapKey="三十" mappedValue="1"/>
<mapEntry mapKey="30" mappedValue="1"/></mapping></responseDeclaration>
<itemBody><p>自事故发生之日起<textEntryInteraction responseIdentifier="R1"/>日内</p></itemBody></assessmentItem>"""
ESSAY_22 = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="c">
<responseDeclaration identifier="R1" cardinality="single" baseType="string"/>
<itemBody><p>简述时限。</p><extendedTextInteraction responseIdentifier="R1"/>
<rubricBlock view="scorer"><p>三十日内</p></rubricBlock></itemBody>
<modalFeedback outcomeIdentifier="F" identifier="x" showHide="show">第十七条</modalFeedback></assessmentItem>"""
MATCH_22 = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" identifier="d"><itemBody>
<matchInteraction responseIdentifier="R"/></itemBody></assessmentItem>"""


def package(items: Mapping[str, str], missing: str = "") -> bytes:
    buffer = BytesIO()
    resources = "".join(
        f'<resource identifier="r{number}" type="imsqti_item_xmlv2p2" href="{name}"><file href="{name}"/></resource>'
        for number, name in enumerate(items)
    )
    manifest = (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><metadata><schema>QTIv2.2 Package</schema>'
        "</metadata>"
        f'<organizations/><resources>{resources}<resource identifier="t" type="imsqti_test_xmlv2p2" href="t.xml"/>'
        "</resources></manifest>"
    )
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for name, item in items.items():
            if name != missing:
                archive.writestr(name, item)
    return buffer.getvalue()


def choice(*right: str, cardinality: str = "single") -> str:
    values = "".join(f"<value>{one}</value>" for one in right)
    return ITEM_22.replace("{cardinality}", cardinality).replace("{values}", values)


def test_a_package_of_qti_2() -> None:
    items = {"items/a.xml": choice("X2"), "items/b.xml": TEXT_22, "items/c.xml": ESSAY_22}
    found = questions(read(package(items)))
    assert [(question.type, key(question)) for question in found] == [
        (QuestionType.SINGLE, "B"),
        (QuestionType.FILL_IN, "三十;30"),
        (QuestionType.SHORT_ANSWER, "三十日内"),
    ]
    assert found[0].stem == "看下面的话：\n因工受伤\n应当认定为（ ）"
    assert [option.text for option in found[0].options] == ["工伤", "视同 工伤"]
    assert found[1].stem == "自事故发生之日起____日内"
    assert found[2].explanation == "第十七条"


def test_a_package_in_which_some_items_cannot_be_used() -> None:
    items = {"a.xml": choice("X1"), "b.xml": MATCH_22, "c.xml": "<assessmentItem", "d.xml": TEXT_22, "e.xml": choice()}
    file = read(package(items, missing="d.xml"))
    assert [(problem.sheet, problem.code) for problem in file.refused] == [
        ("b.xml", "kind-unsupported"),
        ("c.xml", "item-broken"),
        ("d.xml", "item-missing"),
        ("e.xml", "missing"),
    ]
    assert len(file.accepted) == 1


def test_an_item_without_a_package_and_a_package_without_a_manifest() -> None:
    assert [key(question) for question in questions(read(choice("X1", "X2", cardinality="multiple")))] == ["AB"]
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.xml", choice("X1"))
    with pytest.raises(FileRefused, match="file-no-manifest"):
        read(buffer.getvalue())

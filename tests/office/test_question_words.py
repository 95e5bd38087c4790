"""What a page writes of a question, the faults it is told, and what differs between two versions."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given

from leitai.office.bank import Question, content_hash
from leitai.office.differences import Piece, differences
from leitai.office.question_words import read_words, write_words
from leitai.wire.bank_bodies import CasePart, QuestionWords
from tests.support.questions import TAME, questions

SINGLE = QuestionWords(
    type="single",
    stem="哪一项是社会保险？",
    options=["养老保险", "车辆保险"],
    right=["A"],
    explanation="见社会保险法第二条。",
    module="社会保险",
)


def faults_of(words: QuestionWords) -> list[tuple[int, str, str]]:
    question, faults = read_words(words, "")
    assert question is None
    return [(part, one.column, one.code) for part, one in faults]


@given(questions(TAME))
def test_a_question_is_read_as_it_was_written(question: Question) -> None:
    read, faults = read_words(write_words(question, 7), question.point)
    assert faults == ()
    assert read == question


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"type": ""}, (0, "type", "missing")),
        ({"type": "riddle"}, (0, "type", "type-unknown")),
        ({"stem": " "}, (0, "stem", "missing")),
        ({"stem": "长" * 2001}, (0, "stem", "too-long")),
        ({"options": ["养老保险"]}, (0, "option_A", "options-too-few")),
        ({"options": ["甲", "", "乙"]}, (0, "option_B", "options-gap")),
        ({"options": ["甲", "甲"]}, (0, "option_A", "options-same")),
        ({"options": list("甲乙丙丁戊己庚辛壬")}, (0, "option_A", "options-too-many")),
        ({"right": []}, (0, "answer", "missing")),
        ({"right": ["A", "B"]}, (0, "answer", "answer-one")),
        ({"right": ["C"]}, (0, "answer", "answer-not-an-option")),
        ({"type": "multiple"}, (0, "answer", "answer-two")),
        ({"type": "true_false", "right": ["A"]}, (0, "answer", "answer-unreadable")),
        ({"type": "fill_in", "blanks": [["三十日"]]}, (0, "stem", "blanks-none")),
        ({"type": "fill_in", "stem": "应当在____日内____", "blanks": [["三十"]]}, (0, "answer", "blanks-differ")),
        ({"difficulty": 9}, (0, "difficulty", "difficulty-unknown")),
        ({"module": "天文"}, (0, "module", "module-unknown")),
        ({"type": "short_answer"}, (0, "answer", "missing")),
        ({"type": "case"}, (1, "answer", "missing")),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(change: dict[str, Any], fault: tuple[int, str, str]) -> None:
    assert fault in faults_of(msgspec.structs.replace(SINGLE, **change))


def test_a_bad_sub_item_is_named_and_the_good_ones_are_not() -> None:
    parts = [CasePart("一、应否赔偿", "应当"), CasePart("二、赔偿多少", "")]
    words = msgspec.structs.replace(SINGLE, type="case", options=[], right=[], parts=parts)
    assert faults_of(words) == [(2, "answer", "missing")]


def test_a_case_keeps_one_explanation_and_the_order_of_its_sub_items() -> None:
    parts = [CasePart("一、应否赔偿", "应当"), CasePart("二、赔偿多少", "三个月工资")]
    words = msgspec.structs.replace(SINGLE, type="case", options=[], right=[], parts=parts)
    question, _ = read_words(words, "")
    assert question is not None
    assert question.parts == ("一、应否赔偿", "二、赔偿多少")
    assert question.key.blanks == (("应当",), ("三个月工资",))
    assert question.explanation == SINGLE.explanation


@given(questions(TAME), questions(TAME))
def test_what_is_the_same_and_removed_is_the_older_and_what_is_the_same_and_added_the_newer(
    before: Question, after: Question
) -> None:
    found = differences(before, after)
    assert (found == ()) == (content_hash(before) == content_hash(after))
    for one in found:
        sides = ["".join(piece.text for piece in one.pieces if piece.kind != gone) for gone in ("added", "removed")]
        assert sides[0] != sides[1]
        if (one.field, one.place) == ("stem", ""):
            assert sides == [before.stem, after.stem]
        if one.field == "option":
            sides_by_id = [{option.id: option.text for option in side.options} for side in (before, after)]
            assert sides == [texts.get(one.place, "") for texts in sides_by_id]


def test_a_change_within_a_stem_is_shown_where_it_is() -> None:
    question, _ = read_words(SINGLE, "")
    assert question is not None
    changed = replace(question, stem="哪一项不是社会保险？", difficulty=4)
    assert [(one.field, one.pieces) for one in differences(question, changed)] == [
        ("difficulty", (Piece("removed", "3"), Piece("added", "4"))),
        ("stem", (Piece("same", "哪一项"), Piece("added", "不"), Piece("same", "是社会保险？"))),
    ]

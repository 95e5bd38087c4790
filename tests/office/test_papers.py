"""Papers: proportions, spread, and the same paper again."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.office.bank import BankEntry
from leitai.office.papers import FULL_MIX, STANDARD_MIX, NotEnoughQuestions, assemble, share_out
from leitai.rules.values import Marking, QuestionType
from tests.support.office import questions

BANK = [BankEntry(number * 3 + 1, question) for number, question in enumerate(questions(300))]
BY_ID = {entry.version_id: entry.question for entry in BANK}


def test_the_paper_of_the_rules() -> None:
    assert share_out(80, STANDARD_MIX) == {
        QuestionType.SINGLE: 40,
        QuestionType.MULTIPLE: 20,
        QuestionType.TRUE_FALSE: 20,
    }
    lines = assemble(BANK, share_out(80, STANDARD_MIX), "s")
    assert sum(line.centipoints for line in lines) == 10_000
    seconds = {BY_ID[line.version_id].type: line.seconds for line in lines}
    assert seconds == {QuestionType.SINGLE: 20, QuestionType.MULTIPLE: 30, QuestionType.TRUE_FALSE: 15}


@given(st.integers(0, 300), st.sampled_from([STANDARD_MIX, FULL_MIX]))
def test_shares_add_up(items: int, mix: dict[QuestionType, int]) -> None:
    counts = share_out(items, mix)
    assert sum(counts.values()) == items
    assert min(counts.values()) >= (1 if items >= len(mix) else 0)
    if items >= 2 * len(mix):
        assert all(abs(counts[type_] - items * mix[type_] / sum(mix.values())) < 2 for type_ in mix)


def test_the_same_seed_and_bank_give_the_same_paper_whatever_the_order() -> None:
    counts = share_out(40, FULL_MIX)
    paper = assemble(BANK, counts, "2022 national")
    assert paper == assemble(list(reversed(BANK)), counts, "2022 national")
    assert paper != assemble(BANK, counts, "2022 regional")
    assert [line.item_no for line in paper] == list(range(1, 41))
    assert len({line.version_id for line in paper}) == 40


def test_modules_and_difficulties_are_spread() -> None:
    paper = [BY_ID[line.version_id] for line in assemble(BANK, share_out(48, FULL_MIX), "s")]
    modules = Counter(question.module for question in paper)
    assert set(modules.values()) == {8}
    difficulties = Counter(question.difficulty for question in paper)
    assert max(difficulties.values()) - min(difficulties.values()) <= 12
    assert [question.type for question in paper] == sorted((q.type for q in paper), key=list(FULL_MIX).index)


def test_settings_reach_the_items() -> None:
    lines = assemble(BANK, share_out(20, FULL_MIX), "s", seconds=8, marking=Marking.PARTIAL)
    assert {line.seconds for line in lines} == {8}
    partial = {BY_ID[line.version_id].type for line in lines if line.marking is Marking.PARTIAL}
    assert partial == {QuestionType.MULTIPLE, QuestionType.INDETERMINATE}


def test_too_small_a_bank_says_what_is_missing() -> None:
    with pytest.raises(NotEnoughQuestions) as refused:
        assemble(BANK[:10], share_out(80, STANDARD_MIX), "s")
    assert (refused.value.question_type, refused.value.wanted, refused.value.available) == (QuestionType.SINGLE, 40, 2)

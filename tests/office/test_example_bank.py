"""The example bank: real questions, none of which tells its answer by its form."""

import re
from collections import Counter

import pytest

from leitai.office.bank import MODULES, Question
from leitai.office.importing.questions import BankFile, read_bank_file
from leitai.office.papers import FULL_MIX, STANDARD_MIX, share_out
from leitai.resources import shipped
from leitai.rules.values import JUDGED, QuestionType

CHOICES = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.INDETERMINATE)


@pytest.fixture(scope="module")
def file() -> BankFile:
    path = shipped("examples") / "question-bank.xlsx"
    assert path.stat().st_size < 1 << 20
    return read_bank_file(path.name, path.read_bytes())


@pytest.fixture(scope="module")
def bank(file: BankFile) -> list[Question]:
    return [question for _, question in file.accepted]


def test_every_row_is_taken(file: BankFile) -> None:
    assert (file.refused, file.duplicates, file.skipped) == ((), (), ())
    assert len(file.accepted) >= 300


def test_it_covers_the_syllabus(bank: list[Question]) -> None:
    modules = Counter(question.module for question in bank)
    assert set(modules) == set(MODULES)
    assert min(modules.values()) >= 40
    both = Counter((question.module, question.type) for question in bank)
    assert len(both) == len(MODULES) * len(set(QuestionType) - JUDGED)
    assert {question.difficulty for question in bank} == {1, 2, 3, 4, 5}
    assert all(question.point for question in bank)


def test_papers_of_both_kinds_can_be_made_of_it(bank: list[Question]) -> None:
    there = Counter(question.type for question in bank)
    for mix in (STANDARD_MIX, FULL_MIX):
        assert all(there[type_] >= wanted for type_, wanted in share_out(80, mix).items())


def test_explanations_name_the_article_or_the_document(bank: list[Question]) -> None:
    named = re.compile(r"第[〇零一二三四五六七八九十百千0-9]+(条|部分)|《[^》]+》|报告|意见")
    assert [question.stem for question in bank if not named.search(question.explanation)] == []
    articles = sum("条" in question.explanation for question in bank)
    assert articles > 0.8 * len(bank)


def test_letters_are_balanced(bank: list[Question]) -> None:
    singles = Counter(next(iter(question.key.options)) for question in bank if question.type is QuestionType.SINGLE)
    assert max(singles.values()) < 1.25 * sum(singles.values()) / 4
    assert min(singles.values()) > 0.75 * sum(singles.values()) / 4
    for type_ in (QuestionType.MULTIPLE, QuestionType.INDETERMINATE):
        letters = Counter(letter for question in bank if question.type is type_ for letter in question.key.options)
        assert max(letters[letter] for letter in "ABCD") < 1.5 * min(letters[letter] for letter in "ABCD")
        questions = [question for question in bank if question.type is type_]
        everything = sum(len(question.key.options) == len(question.options) for question in questions)
        assert everything < 0.35 * len(questions)
    truths = Counter(next(iter(question.key.options)) for question in bank if question.type is QuestionType.TRUE_FALSE)
    assert abs(truths["T"] - truths["F"]) <= 0.2 * sum(truths.values())


def test_the_right_option_is_not_the_longest_or_the_shortest(bank: list[Question]) -> None:
    singles = [question for question in bank if question.type is QuestionType.SINGLE]
    lengths = [({o.id: len(o.text) for o in question.options}, question.key.options) for question in singles]
    longest = sum(_alone(sizes, max(sizes.values())) in key for sizes, key in lengths)
    shortest = sum(_alone(sizes, min(sizes.values())) in key for sizes, key in lengths)
    assert longest < 0.35 * len(singles)
    assert shortest < 0.35 * len(singles)


def test_right_options_of_several_are_no_longer_than_wrong_ones(bank: list[Question]) -> None:
    right: list[int] = []
    wrong: list[int] = []
    for question in bank:
        if question.type in (QuestionType.MULTIPLE, QuestionType.INDETERMINATE):
            for option in question.options:
                (right if option.id in question.key.options else wrong).append(len(option.text))
    assert 0.8 < (sum(right) / len(right)) / (sum(wrong) / len(wrong)) < 1.25


def test_no_option_says_all_of_the_above(bank: list[Question]) -> None:
    texts = [option.text for question in bank if question.type in CHOICES for option in question.options]
    assert [text for text in texts if re.search(r"以上(都|皆|均|全)|都不是|均不", text)] == []


def _alone(sizes: dict[str, int], size: int) -> str:
    """The one option of a length, or nothing where several share it."""
    having = [letter for letter, length in sizes.items() if length == size]
    return having[0] if len(having) == 1 else ""

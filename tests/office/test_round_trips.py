"""What the bank is written as comes back as it was, in every format that can hold it; what cannot be held is said."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from leitai.office.bank import MODULES, Option, Question, stem_key
from leitai.office.exporting.bank_export import export_bank
from leitai.office.exporting.formats import Export, ExportFormat
from leitai.office.importing.answers import BLANK, LETTERS
from leitai.office.importing.drafts import clean
from leitai.office.importing.questions import read_bank_file
from leitai.resources import shipped
from leitai.rules.marking import normalise
from leitai.rules.values import Key, QuestionType
from tests.support.questions import HARD, TAME, questions

# The same examples on every run, and no minute spent on making a bad one smaller.
SOME = settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate])
FULL = [form for form in ExportFormat if form is not ExportFormat.AIKEN]


def back(export: Export, module: str = "") -> list[Question]:
    file = read_bank_file("x", export.data, module=module)
    assert (file.refused, file.duplicates) == ((), ())
    return [question for _, question in file.accepted]


def questions_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Question]]:
    return st.lists(questions(texts), min_size=1, max_size=4, unique_by=lambda one: stem_key(one.stem))


def by_stem(bank: Sequence[Question]) -> dict[bytes, Question]:
    return {stem_key(question.stem): question for question in bank}


@pytest.fixture(scope="module")
def bank() -> list[Question]:
    path = shipped("examples") / "question-bank.xlsx"
    return [question for _, question in read_bank_file(path.name, path.read_bytes()).accepted]


@pytest.mark.parametrize("form", FULL)
def test_the_example_bank_comes_back(bank: list[Question], form: ExportFormat) -> None:
    export = export_bank(bank, form)
    unheld = [one for one in bank if form is ExportFormat.GIFT and len(one.key.blanks) > 1]
    assert Counter(one.code for one in export.left_out) == Counter({"kind-not-held": len(unheld)} if unheld else {})
    assert by_stem(back(export)) == by_stem([one for one in bank if one not in unheld])
    assert export.held == len(bank) - len(unheld)


def test_aiken_holds_single_choices_and_says_what_it_loses(bank: list[Question]) -> None:
    export = export_bank(bank, ExportFormat.AIKEN)
    singles = [one for one in bank if one.type is QuestionType.SINGLE]
    assert export.held == len(singles) == len(bank) - len(export.left_out)
    assert export.lost["目录 module"] == export.lost["解析 explanation"] == len(singles)
    found = by_stem(back(export, "就业创业"))
    for question in singles:
        one = found[stem_key(question.stem)]
        assert (one.options, one.key, one.type) == (question.options, question.key, question.type)


@pytest.mark.parametrize("form", FULL)
def test_every_tame_question_is_held(form: ExportFormat) -> None:
    # A document takes its writer 50 ms, and is read by the same lines as a text.
    @settings(SOME, max_examples=3 if form is ExportFormat.DOCX else 10)
    @given(questions_of(TAME))
    def check(bank: list[Question]) -> None:
        export = export_bank(bank, form)
        assert [one for one in export.left_out if one.code == "text-not-held"] == []
        gone = {left.stem for left in export.left_out}
        assert by_stem(back(export) if export.held else []) == by_stem([one for one in bank if one.stem not in gone])

    check()


@pytest.mark.parametrize("form", [ExportFormat.XLSX, ExportFormat.CSV, ExportFormat.MOODLE, ExportFormat.QTI])
@settings(SOME)
@given(data=st.data())
def test_tables_and_xml_hold_whatever_a_text_is(form: ExportFormat, data: st.DataObject) -> None:
    export = export_bank(data.draw(questions_of(HARD)), form)
    assert [one for one in export.left_out if one.code == "text-not-held"] == []


@pytest.mark.parametrize("form", [ExportFormat.TXT, ExportFormat.GIFT, ExportFormat.AIKEN])
@settings(SOME)
@given(data=st.data())
def test_what_a_file_cannot_hold_is_said(form: ExportFormat, data: st.DataObject) -> None:
    bank = data.draw(questions_of(HARD))
    export = export_bank(bank, form)
    assert export.held + len(export.left_out) == len(bank)
    if export.held:
        assert len(back(export, MODULES[0] if form is ExportFormat.AIKEN else "")) == export.held


@pytest.mark.parametrize("form", [ExportFormat.XLSX, ExportFormat.CSV])
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''+1", "=cmd|'/c calc'!A1", "＝1"])
def test_no_cell_is_a_formula(form: ExportFormat, text: str) -> None:
    question = Question(
        QuestionType.SINGLE,
        text,
        (Option("A", text + "a"), Option("B", "乙")),
        Key(frozenset("A")),
        text,
        1,
        MODULES[0],
        text,
        (text.split("|")[0],),
    )
    export = export_bank([question], form)
    assert back(export) == [question]
    if form is ExportFormat.CSV:
        cells = export.data.decode("utf-8-sig").splitlines()[1].split(",")
        assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "-", "@", "＝"))]


def test_generated_questions_are_such_as_the_bank_has() -> None:
    """The strategy stands on this: nothing it makes would be refused or changed by the bank's own rules."""

    @settings(SOME, max_examples=30)
    @given(questions(HARD))
    def check(question: Question) -> None:
        assert clean(question.stem) == question.stem != ""
        assert [option.id for option in question.options] in (list(LETTERS[: len(question.options)]), ["T", "F"])
        assert len({normalise(option.text) or option.text for option in question.options}) == len(question.options)
        if question.type is QuestionType.FILL_IN:
            assert len(BLANK.findall(question.stem)) == len(question.key.blanks)

    check()

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.marking import MAX_BLANK_CHARS, is_valid, mark, normalise
from leitai.rules.values import Marking, QuestionType, Response
from tests.rules.builders import item

SINGLE, MULTIPLE, INDETERMINATE, TRUE_FALSE, FILL_IN = (
    QuestionType.SINGLE,
    QuestionType.MULTIPLE,
    QuestionType.INDETERMINATE,
    QuestionType.TRUE_FALSE,
    QuestionType.FILL_IN,
)


@pytest.mark.parametrize(
    ("type_", "right", "picked", "earned"),
    [
        (SINGLE, "A", "A", 100),
        (SINGLE, "A", "B", 0),
        (SINGLE, "A", "", 0),
        (SINGLE, "AB", "B", 100),
        (TRUE_FALSE, "T", "T", 100),
        (TRUE_FALSE, "T", "F", 0),
        (TRUE_FALSE, "F", "F", 100),
        (TRUE_FALSE, "F", "", 0),
    ],
)
def test_one_option(type_: QuestionType, right: str, picked: str, earned: int) -> None:
    for marking in Marking:
        assert mark(item(1, type_, right=right, marking=marking), tuple(picked)) == earned


@pytest.mark.parametrize("type_", [MULTIPLE, INDETERMINATE])
@pytest.mark.parametrize(
    ("right", "picked", "exact", "partial"),
    [
        ("ABD", "ABD", 200, 200),
        ("ABD", "AB", 0, 133),
        ("ABD", "A", 0, 66),
        ("ABD", "D", 0, 66),
        ("ABD", "C", 0, 0),
        ("ABD", "ABC", 0, 0),
        ("ABD", "ABCD", 0, 0),
        ("ABD", "", 0, 0),
        ("ABCD", "ABC", 0, 150),
        ("A", "A", 200, 200),
        ("A", "AB", 0, 0),
    ],
)
def test_several_options(type_: QuestionType, right: str, picked: str, exact: int, partial: int) -> None:
    assert mark(item(1, type_, right=right, centipoints=200), tuple(picked)) == exact
    assert mark(item(1, type_, right=right, centipoints=200, marking=Marking.PARTIAL), tuple(picked)) == partial


@pytest.mark.parametrize(
    ("response", "exact", "partial"),
    [
        (("30", "社会保险法", "五"), 100, 100),
        (("３０ ", "《社会保险法》", "5"), 100, 100),
        (("三十", "社会保险法", "五"), 100, 100),
        (("30", "劳动法", "五"), 0, 66),
        (("30", "", ""), 0, 33),
        (("", "", ""), 0, 0),
        (("。", "，", " "), 0, 0),
        (("社会保险法", "30", "五"), 0, 33),
        (("30", "社会保险法"), 0, 0),
        (("30", "社会保险法", "五", ""), 0, 0),
        ((), 0, 0),
    ],
)
def test_fill_in(response: Response, exact: int, partial: int) -> None:
    blanks = [["30", "三十"], ["社会保险法"], ["五", "5"]]
    assert mark(item(1, FILL_IN, blanks=blanks), response) == exact
    assert mark(item(1, FILL_IN, blanks=blanks, marking=Marking.PARTIAL), response) == partial


def test_an_answer_of_punctuation_alone_is_matched_as_written() -> None:
    comma = item(1, FILL_IN, blanks=[["，"]])
    assert mark(comma, ("，",)) == 100
    assert mark(comma, (" ， ",)) == 100
    assert mark(comma, ("。",)) == 0
    assert mark(comma, ("",)) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２３", "abc123"),
        (" 人 社　知识通 ", "人社知识通"),
        ("“人社知识通”", "人社知识通"),
        ("《工伤保险条例》。", "工伤保险条例"),
        ("Labour Law", "labourlaw"),
        ("Straße", "STRASSE"),
        ("１．５％", "1.5%"),
        ("1,000,000", "1000000"),
        ("1，000元", "1000元"),
        ("1 000", "1000"),
        ("－５", "-5"),
        ("−5", "-5"),
        ("3—5", "3-5"),
        ("3～5日", "3-5日"),
        ("1、2", "1；2"),
        ("1、2", "1,2"),
        ("1。5", "1.5"),
        ("1·5", "1.5"),
        ("12、34。", "12;34"),
        ("½", "1/2"),
        ("8：30", "8:30"),
        ("第5条。", "第5条"),
        ("5.", "5"),
        ("工伤\u200b保险", "工伤保险"),
        ("\ufeff答案", "答案"),
    ],
)
def test_what_does_not_distinguish(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"),
        ("1。5", "15"),
        (".5", "5"),
        ("-.5", "-5"),
        ("-.5", ".5"),
        ("5%", "5"),
        ("5‰", "5%"),
        ("-5", "5"),
        ("3-5", "35"),
        ("1/3", "13"),
        ("8:30", "830"),
        ("1、2", "12"),
        ("1,00", "100"),
        ("1、000", "1000"),
        ("是", "否"),
        ("15日", "15"),
    ],
)
def test_what_distinguishes(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.text(st.sampled_from("0159.·,、;:/-—%％‰ 　。，（）《》“”ABaｂ人社")))
def test_normalising_again_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_any_text_is_normalised(text: str) -> None:
    assert not any(char.isspace() for char in normalise(text))


@given(st.sets(st.sampled_from("ABCDEFGH"), min_size=1), st.sets(st.sampled_from("ABCDEFGH")), st.integers(0, 1000))
def test_partial_marks_lie_between(right: set[str], picked: set[str], centipoints: int) -> None:
    def earned(marking: Marking) -> int:
        marked = item(1, MULTIPLE, right="".join(right), options="ABCDEFGH", centipoints=centipoints, marking=marking)
        return mark(marked, tuple(sorted(picked)))

    assert 0 <= earned(Marking.EXACT) <= earned(Marking.PARTIAL) <= centipoints
    assert (earned(Marking.PARTIAL) == centipoints) or picked != right


@pytest.mark.parametrize(
    ("type_", "response", "valid"),
    [
        (SINGLE, "", True),
        (SINGLE, "A", True),
        (SINGLE, "D", True),
        (SINGLE, "E", False),
        (SINGLE, "a", False),
        (SINGLE, "AB", False),
        (SINGLE, "AA", False),
        (SINGLE, ("AB",), False),
        (SINGLE, ("",), False),
        (TRUE_FALSE, "T", True),
        (TRUE_FALSE, "F", True),
        (TRUE_FALSE, "TF", False),
        (TRUE_FALSE, "A", False),
        (MULTIPLE, "", True),
        (MULTIPLE, "A", True),
        (MULTIPLE, "BD", True),
        (MULTIPLE, "ABCD", True),
        (MULTIPLE, "BA", False),
        (MULTIPLE, "AAB", False),
        (MULTIPLE, "ABE", False),
        (INDETERMINATE, "ABCD", True),
        (INDETERMINATE, "DCBA", False),
    ],
)
def test_valid_choices(type_: QuestionType, response: str | Response, valid: bool) -> None:
    assert is_valid(type_, item(1, type_).option_ids, 0, tuple(response)) is valid


@pytest.mark.parametrize(
    ("response", "valid"),
    [
        ((), True),
        (("a", "b"), True),
        (("", ""), True),
        (("a",), False),
        (("a", "b", "c"), False),
        (("x" * MAX_BLANK_CHARS, "十" * MAX_BLANK_CHARS), True),
        (("x" * (MAX_BLANK_CHARS + 1), ""), False),
    ],
)
def test_valid_blanks(response: Response, valid: bool) -> None:
    assert is_valid(FILL_IN, (), 2, response) is valid

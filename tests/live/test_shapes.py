"""An item's shape takes what the law calls valid, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.live.shapes import Shape
from leitai.rules.marking import is_valid
from leitai.rules.values import QuestionType

OPTIONS = tuple("ABCDEFGHIJ")
CHOICE = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.INDETERMINATE, QuestionType.TRUE_FALSE)


@given(st.sampled_from(CHOICE), st.integers(2, 10), st.lists(st.sampled_from([*OPTIONS, "", "AB", "a"]), max_size=10))
def test_a_choice_item_takes_what_the_law_calls_valid(item_type: QuestionType, options: int, values: list[str]) -> None:
    option_ids = OPTIONS[:options]
    valid = is_valid(item_type, option_ids, 0, tuple(values))
    assert Shape(item_type, option_ids, 0).taken(values) == (tuple(values) if valid else None)


@pytest.mark.parametrize(
    ("item_type", "blanks", "values", "taken"),
    [
        (QuestionType.FILL_IN, 2, ["一\n", "\t二\x7f"], ("一", "二")),
        (QuestionType.FILL_IN, 2, ["\x00", ""], ()),
        (QuestionType.FILL_IN, 2, ["一"], None),
        (QuestionType.SHORT_ANSWER, 1, ["一\n\t二\x00"], ("一\n\t二",)),
        (QuestionType.SHORT_ANSWER, 1, [" "], None),
        (QuestionType.CASE, 2, ["一", ""], ("一", "")),
        (QuestionType.CASE, 2, [], ()),
    ],
)
def test_texts_lose_their_control_characters(
    item_type: QuestionType, blanks: int, values: list[str], taken: tuple[str, ...] | None
) -> None:
    assert Shape(item_type, (), blanks).taken(values) == taken


ANY_TEXT = st.text(st.characters() | st.sampled_from("\x00\t\n\r\x1f \x7f\x80\x85\xad\u2028甲"), max_size=40)


@given(st.sampled_from([QuestionType.FILL_IN, QuestionType.SHORT_ANSWER]), ANY_TEXT)
def test_texts_lose_control_characters_and_nothing_else(item_type: QuestionType, text: str) -> None:
    kept = "\t\n" if item_type is QuestionType.SHORT_ANSWER else ""
    left = "".join(char for char in text if (ord(char) >= 32 and ord(char) != 127) or char in kept)
    expected = () if not left else (left,) if is_valid(item_type, (), 1, (left,)) else None
    assert Shape(item_type, (), 1).taken([text]) == expected

"""Near-duplicates: by hand, against comparing each with each, and within limits whatever comes."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from leitai.office.resemblance import MOST_OF_ONE, Alike, find_alike, permille

WAGE = "用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当每月支付（ ）倍的工资"


def test_by_hand() -> None:
    # 甲乙 乙丙 丙丁 against 甲乙 乙丙 丙戊: two of four.
    assert permille("甲乙丙丁", "甲乙丙戊") == 500
    assert permille("甲，乙 丙。", "甲乙丙") == 1000
    assert permille("甲乙", "丙丁") == 0


def test_a_word_changed_is_found_and_another_question_is_not() -> None:
    stems = [
        WAGE,
        "工伤职工在停工留薪期内，原工资福利待遇不变，由所在单位按月支付",
        WAGE.replace("每月支付", "按月支付"),
        WAGE.replace("书面", ""),
    ]
    found = find_alike(stems)
    assert {(pair.one, pair.other) for pair in found.pairs} == {(0, 2), (0, 3), (2, 3)}
    assert [pair.permille for pair in found.pairs] == sorted((pair.permille for pair in found.pairs), reverse=True)
    assert not found.cut


def test_what_is_known_is_compared_with_what_is_new_only() -> None:
    stems = [WAGE, f"{WAGE}元", f"新{WAGE}"]
    assert [(pair.one, pair.other) for pair in find_alike(stems, known=2).pairs] == [(0, 2), (1, 2)]
    assert find_alike(stems, known=3).pairs == ()
    # Among what is new, everything is compared.
    assert len(find_alike(stems, known=0).pairs) == 3


@given(
    st.lists(st.text("甲乙丙丁戊，（）", max_size=14), max_size=24),
    st.integers(0, 24),
    st.sampled_from([1, 400, 700, 950, 1000]),
)
def test_nothing_is_missed(stems: list[str], known: int, least: int) -> None:
    every = {
        Alike(one, other, share)
        for (one, first), (other, second) in combinations(enumerate(stems), 2)
        if other >= known and first and second and (share := permille(first, second)) >= least
    }
    found = find_alike(stems, known=known, least=least)
    if found.cut:
        assert set(found.pairs) <= every
    else:
        assert set(found.pairs) == every


def test_a_bank_of_one_template_keeps_within_limits() -> None:
    found = find_alike([f"{WAGE}之第{number}种情形" for number in range(600)])
    assert found.cut
    assert 600 <= len(found.pairs) <= 600 * MOST_OF_ONE

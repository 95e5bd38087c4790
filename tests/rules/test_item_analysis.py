"""Item analysis against values worked by hand, and the laws that any numbers keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.item_analysis import MICROS, Use, analyse, group_size
from leitai.rules.values import ItemNo, SittingId

ONE = ItemNo(1)


def _sittings(totals: list[int]) -> dict[SittingId, int]:
    return {SittingId(number): total for number, total in enumerate(totals, start=1)}


@pytest.mark.parametrize(
    ("takers", "size"), [(0, 0), (1, 0), (2, 1), (5, 1), (6, 2), (10, 3), (37, 10), (100, 27), (1600, 432)]
)
def test_groups_are_27_percent(takers: int, size: int) -> None:
    assert group_size(takers) == size


def test_a_class_of_ten_worked_by_hand() -> None:
    # By total: the upper three are 1, 2, 3 and the lower three 8, 9, 10.
    totals = _sittings([100, 95, 90, 80, 75, 70, 60, 50, 40, 30])
    right = {SittingId(number): 200 for number in (1, 2, 4, 5, 8)}
    use = analyse(totals, {ONE: right}, {ONE: 200})[ONE]
    assert use == Use(10, 5 * MICROS, 3, 2 * MICROS, 1 * MICROS)
    assert use.share_right == pytest.approx(0.5)
    assert use.discrimination == pytest.approx(2 / 3 - 1 / 3)


def test_a_share_of_the_points_counts_as_that_share() -> None:
    use = analyse(_sittings([300, 100, 50]), {ONE: {SittingId(1): 200, SittingId(2): 50}}, {ONE: 200})[ONE]
    assert (use.right_micros, use.group, use.upper_micros, use.lower_micros) == (1_250_000, 1, 1_000_000, 0)


def test_equals_at_the_edge_share_its_places() -> None:
    # Three places, one above and four equals for the other two: each of those weighs a half.
    totals = _sittings([9, 5, 5, 5, 5, 1, 1, 1, 0, 0])
    use = analyse(totals, {ONE: {SittingId(2): 1, SittingId(1): 1, SittingId(6): 1}}, {ONE: 1})[ONE]
    assert use.upper_micros == 1_500_000
    # Two at the bottom, and the third place among three equals.
    assert use.lower_micros == 333_333


def test_nobody_and_one_say_nothing_of_discrimination() -> None:
    assert analyse({}, {ONE: {}}, {ONE: 1})[ONE] == Use()
    assert Use().share_right is None
    alone = analyse(_sittings([5]), {ONE: {SittingId(1): 1}}, {ONE: 1})[ONE]
    assert (alone.share_right, alone.discrimination) == (1.0, None)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), max_size=40), st.randoms(use_true_random=False))
def test_shares_keep_within_their_bounds_and_order_says_nothing(people: list[tuple[int, int]], random: object) -> None:
    totals = _sittings([total for total, _ in people])
    earned = {SittingId(number): gained for number, (_, gained) in enumerate(people, start=1)}
    use = analyse(totals, {ONE: earned}, {ONE: 4})[ONE]
    assert 0 <= use.right_micros <= use.takers * MICROS
    assert all(0 <= part <= use.group * MICROS for part in (use.upper_micros, use.lower_micros))
    shuffled = list(totals.items())
    random.shuffle(shuffled)  # pyright: ignore[reportAttributeAccessIssue]
    assert analyse(dict(shuffled), {ONE: earned}, {ONE: 4})[ONE] == use


def test_a_perfect_item_parts_the_groups() -> None:
    totals = _sittings(list(range(100)))
    best = {one: 1 for one, total in totals.items() if total >= 73}
    use = analyse(totals, {ONE: best}, {ONE: 1})[ONE]
    assert use.discrimination == 1.0
    worst = {one: 1 for one, total in totals.items() if total < 27}
    assert analyse(totals, {ONE: worst}, {ONE: 1})[ONE].discrimination == -1.0

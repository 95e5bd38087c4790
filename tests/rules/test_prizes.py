"""Prizes of a province's own contest: exact numbers, nothing for who is out, ties told and not broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.honours import OrderRuling
from leitai.rules.prizes import BadPrizes, Prize, award_prizes, check_prizes
from leitai.rules.values import DelegationCode, Member, Score, SittingId, Standing

TEAM = DelegationCode("130001")
TABLE = [Prize("一等奖", 1), Prize("二等奖", 2)]


def field(*ranks: int, out: tuple[int, ...] = ()) -> tuple[list[Member], list[Standing]]:
    """People 1, 2, 3, … with these ranks, in order; some of them struck off."""
    members = [Member(SittingId(no), f"人{no}", TEAM, struck=no in out) for no in range(1, len(ranks) + 1)]
    standings = [Standing(no, rank, Score(SittingId(no), 1000 - rank)) for no, rank in enumerate(ranks, start=1)]
    return members, standings


def test_prizes_go_along_the_order_and_pass_over_who_is_out() -> None:
    won, ties = award_prizes(TABLE, *field(1, 2, 3, 4, 5, out=(2,)))
    assert [(one.sitting_id, one.prize, one.place, one.rank) for one in won] == [
        (1, 0, 1, 1),
        (3, 1, 2, 3),
        (4, 1, 3, 4),
    ]
    assert ties == []


def test_equals_within_a_prize_share_a_place() -> None:
    won, ties = award_prizes(TABLE, *field(1, 2, 2, 4))
    assert [(one.sitting_id, one.prize, one.place) for one in won] == [(1, 0, 1), (2, 1, 2), (3, 1, 2)]
    assert ties == []


def test_equals_across_a_boundary_wait_for_a_ruling() -> None:
    people = field(1, 1, 3, 4)
    won, ties = award_prizes(TABLE, *people)
    assert [one.sitting_id for one in won] == [3]
    assert [(tie.persons, tie.seats) for tie in ties] == [((1, 2), (1, 1))]
    ruled = OrderRuling(7, (SittingId(2), SittingId(1)), ())
    won, ties = award_prizes(TABLE, *people, [ruled])
    assert [(one.sitting_id, one.prize, one.ruling_id) for one in won] == [(2, 0, 7), (1, 1, 7), (3, 1, None)]
    assert ties == []


@given(st.lists(st.integers(1, 5), max_size=5), st.integers(0, 12))
def test_no_prize_has_more_than_its_places(places: list[int], people: int) -> None:
    table = [Prize(f"奖{no}", count) for no, count in enumerate(places)]
    won, ties = award_prizes(table, *field(*range(1, people + 1)))
    assert ties == []
    assert len(won) == min(people, sum(places))
    assert all(sum(one.prize == no for one in won) <= count for no, count in enumerate(places))


@pytest.mark.parametrize(
    "table", [[Prize(" ", 1)], [Prize("一等奖", 1), Prize("一等奖 ", 1)], [Prize("一等奖", 0)], [Prize("奖", 10_001)]]
)
def test_a_table_that_cannot_be_is_refused(table: list[Prize]) -> None:
    with pytest.raises(BadPrizes):
        check_prizes(table)
    check_prizes([])
    check_prizes(TABLE)

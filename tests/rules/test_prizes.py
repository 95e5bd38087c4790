"""Prizes of a province's own contest: exact numbers, nothing for who is out, ties told and not broken."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.honours import AwardKind, Awards, OrderRuling, ReasonCode, award_name, read_award
from leitai.rules.prizes import BadPrizes, Prize, award_prizes, check_prizes
from leitai.rules.values import DelegationCode, DelegationStanding, Member, Micros, Score, SittingId, Standing

TEAM = DelegationCode("130001")
TABLE = [Prize("一等奖", 1), Prize("二等奖", 2)]


def field(*ranks: int, out: tuple[int, ...] = ()) -> tuple[list[Member], list[Standing]]:
    """People 1, 2, 3, … with these ranks, in order; some of them struck off."""
    members = [Member(SittingId(no), f"人{no}", TEAM, struck=no in out) for no in range(1, len(ranks) + 1)]
    standings = [Standing(no, rank, Score(SittingId(no), 1000 - rank)) for no, rank in enumerate(ranks, start=1)]
    return members, standings


def told(awards: Awards) -> list[tuple[int, str, int, int, int | None]]:
    """Who has won what: the prize, the place, the rank, and the ruling."""
    return [
        (one.sitting_id, award_name(one.kind), one.reason.place, one.reason.rank, one.reason.ruling_id)
        for one in awards.persons
    ]


def test_prizes_go_along_the_order_and_pass_over_who_is_out() -> None:
    awards = award_prizes(TABLE, *field(1, 2, 3, 4, 5, out=(2,)))
    assert told(awards) == [(1, "一等奖", 1, 1, None), (3, "二等奖", 2, 3, None), (4, "二等奖", 3, 4, None)]
    assert {one.reason.code for one in awards.persons} == {ReasonCode.PRIZE_PLACE}
    assert [one.reason.quota for one in awards.persons] == [1, 2, 2]
    assert (awards.complete, awards.shortfalls) == (True, ())


def test_equals_within_a_prize_share_a_place() -> None:
    awards = award_prizes(TABLE, *field(1, 2, 2, 4))
    assert told(awards) == [(1, "一等奖", 1, 1, None), (2, "二等奖", 2, 2, None), (3, "二等奖", 2, 2, None)]
    assert awards.complete


def test_equals_across_a_boundary_wait_for_a_ruling() -> None:
    people = field(1, 1, 3, 4)
    awards = award_prizes(TABLE, *people)
    assert [one.sitting_id for one in awards.persons] == [3]
    assert [(tie.persons, tie.seats) for tie in awards.ties] == [((1, 2), (("一等奖", 1), ("二等奖", 1)))]
    assert not awards.complete
    ruled = OrderRuling(7, (SittingId(2), SittingId(1)), ())
    awards = award_prizes(TABLE, *people, [ruled])
    assert told(awards) == [(2, "一等奖", 1, 1, 7), (1, "二等奖", 2, 1, 7), (3, "二等奖", 3, 3, None)]
    assert awards.ties == ()


def test_prizes_that_nobody_is_there_for_are_told() -> None:
    awards = award_prizes([*TABLE, Prize("三等奖", 2)], *field(1, 2))
    assert [(one.kind, one.quota, one.eligible) for one in awards.shortfalls] == [("二等奖", 2, 1), ("三等奖", 2, 0)]


def teams(*ranks: int, empty: tuple[int, ...] = ()) -> list[DelegationStanding]:
    """Teams 130001, 130002, … with these ranks, in order; some of them fielded nobody."""
    return [
        DelegationStanding(no, rank, DelegationCode(f"13{no:04}"), 1000 - rank, Micros(0), 0 if no in empty else 2)
        for no, rank in enumerate(ranks, start=1)
    ]


def test_teams_have_prizes_of_their_own_beside_those_of_people() -> None:
    table = [TABLE[0], Prize("优胜队", 1, teams=True), TABLE[1], Prize("优秀队", 2, teams=True)]
    awards = award_prizes(table, *field(1, 2, 3), delegations=teams(1, 2, 3, empty=(2,)))
    assert [one.kind for one in awards.persons] == ["一等奖", "二等奖", "二等奖"]
    assert [(one.kind, one.delegation, one.reason.place, one.reason.quota) for one in awards.teams] == [
        ("优胜队", "130001", 1, 1),
        ("优秀队", "130003", 2, 2),
    ]
    assert {one.reason.code for one in awards.teams} == {ReasonCode.TEAM_PLACE}
    assert [(one.kind, one.quota, one.eligible) for one in awards.shortfalls] == [("优秀队", 2, 1)]


def test_equal_teams_across_a_boundary_wait_for_a_ruling_of_their_own() -> None:
    table, order = [Prize("优胜队", 1, teams=True), Prize("优秀队", 1, teams=True)], teams(1, 1)
    awards = award_prizes(table, *field(1, 2), delegations=order)
    assert [(tie.delegations, tie.seats) for tie in awards.ties] == [
        (("130001", "130002"), (("优胜队", 1), ("优秀队", 1)))
    ]
    ruled = OrderRuling(3, (), (DelegationCode("130002"), DelegationCode("130001")))
    awards = award_prizes(table, *field(1, 2), [ruled], order)
    assert [(one.kind, one.delegation, one.reason.ruling_id) for one in awards.teams] == [
        ("优胜队", "130002", 3),
        ("优秀队", "130001", 3),
    ]
    assert awards.complete


@given(st.lists(st.integers(1, 5), max_size=5), st.integers(0, 12))
def test_no_prize_has_more_than_its_places(places: list[int], people: int) -> None:
    table = [Prize(f"奖{no}", count) for no, count in enumerate(places)]
    awards = award_prizes(table, *field(*range(1, people + 1)))
    assert awards.complete
    assert len(awards.persons) == min(people, sum(places))
    given_ = Counter(award_name(one.kind) for one in awards.persons)
    short = {award_name(one.kind): one.eligible for one in awards.shortfalls}
    assert all(given_[one.name] == short.get(one.name, one.places) for one in table)


@pytest.mark.parametrize(
    "table",
    [
        [Prize(" ", 1)],
        [Prize("一等奖", 1), Prize("一等奖 ", 1)],
        [Prize("一等奖", 1), Prize("一等奖", 1, teams=True)],
        [Prize("一等奖", 0)],
        [Prize("奖", 10_001)],
        [Prize("star", 1)],
        [Prize(" none", 1)],
    ],
)
def test_a_table_that_cannot_be_is_refused(table: list[Prize]) -> None:
    with pytest.raises(BadPrizes):
        check_prizes(table)
    check_prizes([])
    check_prizes(TABLE)


def test_a_prize_is_never_taken_for_an_award_of_the_plan() -> None:
    for name in ("star", "一等奖"):
        assert award_name(read_award(name)) == name
    assert (read_award("star"), read_award("一等奖")) == (AwardKind.STAR, "一等奖")

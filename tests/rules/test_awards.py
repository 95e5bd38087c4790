from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.rules.awards import (
    TEAM_KINDS,
    AwardKind,
    Awards,
    BoundaryTie,
    OrderRuling,
    Quotas,
    Reason,
    ReasonCode,
    Shortfall,
    TeamAward,
    Waiting,
    cascade,
    team_prizes,
)
from leitai.rules.ranking import rank, rank_delegations
from leitai.rules.values import DelegationCode, DelegationStanding, Member, Micros, Score, SittingId, Standing
from tests.rules.builders import score

BEIJING, TIANJIN, HEBEI = DelegationCode("110000"), DelegationCode("120000"), DelegationCode("130000")
FULL = Micros(1000)
SMALL = Quotas(knowledge=3, stars_per_delegation=2, teams=(1, 1, 1, 0))


def member(sitting: int, delegation: DelegationCode, *, struck: bool = False, absent: bool = False) -> Member:
    return Member(SittingId(sitting), f"选手{sitting}", delegation, struck=struck, absent=absent)


def awarded(
    members: Sequence[Member],
    points: Sequence[int],
    rulings: Sequence[OrderRuling] = (),
    quotas: Quotas = SMALL,
) -> Awards:
    """Awards of members whose sittings earned `points`, in the same order."""
    standings = rank(score(m.sitting_id, p) for m, p in zip(members, points, strict=True))
    return cascade(members, standings, rank_delegations(members, standings, FULL), rulings, quotas)


def given_to(awards: Awards, kind: AwardKind) -> list[int]:
    return [award.sitting_id for award in awards.persons if award.kind is kind]


def test_stars_pass_over_holders_and_say_so() -> None:
    members = [member(no, BEIJING) for no in range(1, 7)] + [member(no, TIANJIN) for no in (7, 8, 9)]
    awards = awarded(members, [90, 80, 70, 60, 50, 40, 85, 45, 5])
    assert given_to(awards, AwardKind.KNOWLEDGE) == [1, 7, 2]
    assert given_to(awards, AwardKind.STAR) == [3, 4, 8, 9]
    assert awards.persons[3].reason == Reason(
        ReasonCode.PROVINCE_PLACE, place=1, rank=4, quota=2, passed_over=(SittingId(1), SittingId(2))
    )
    assert awards.persons[0].reason == Reason(ReasonCode.NATIONAL_PLACE, place=1, rank=1, quota=3)
    assert (awards.persons[0].name, awards.persons[0].delegation) == ("选手1", BEIJING)
    assert awards.complete
    assert [(award.kind, award.delegation) for award in awards.teams] == [
        (AwardKind.TEAM_GRAND, BEIJING),
        (AwardKind.TEAM_FIRST, TIANJIN),
    ]
    assert awards.shortfalls == (Shortfall(AwardKind.TEAM_SECOND, 1, 0),)


def test_struck_and_absent_take_no_place() -> None:
    members = [
        member(1, BEIJING, struck=True),
        member(2, BEIJING, absent=True),
        *(member(no, BEIJING) for no in range(3, 9)),
    ]
    awards = awarded(members, [99, 98, 90, 80, 70, 60, 50, 40])
    assert given_to(awards, AwardKind.KNOWLEDGE) == [3, 4, 5]
    assert given_to(awards, AwardKind.STAR) == [6, 7]
    assert [award.reason.place for award in awards.persons] == [1, 2, 3, 1, 2]
    assert [award.reason.rank for award in awards.persons] == [3, 4, 5, 6, 7]


def test_fewer_than_the_quota() -> None:
    members = [member(1, BEIJING), member(2, TIANJIN, struck=True), member(3, HEBEI), member(4, HEBEI)]
    awards = awarded(members, [9, 8, 7, 6], quotas=Quotas(knowledge=2, stars_per_delegation=3, teams=(1, 5, 10, 16)))
    assert given_to(awards, AwardKind.KNOWLEDGE) == [1, 3]
    assert given_to(awards, AwardKind.STAR) == [4]
    assert awards.shortfalls == (
        Shortfall(AwardKind.STAR, 3, 0, BEIJING),
        Shortfall(AwardKind.STAR, 3, 0, TIANJIN),
        Shortfall(AwardKind.STAR, 3, 1, HEBEI),
        Shortfall(AwardKind.TEAM_FIRST, 5, 1),
        Shortfall(AwardKind.TEAM_SECOND, 10, 0),
        Shortfall(AwardKind.TEAM_THIRD, 16, 0),
    )
    # Tianjin fielded nobody: no team result, no prize.
    assert [award.delegation for award in awards.teams] == [HEBEI, BEIJING]


def test_fewer_than_fifty() -> None:
    awards = awarded([member(1, BEIJING)], [9], quotas=Quotas())
    assert given_to(awards, AwardKind.KNOWLEDGE) == [1]
    assert awards.shortfalls[:2] == (Shortfall(AwardKind.KNOWLEDGE, 50, 1), Shortfall(AwardKind.STAR, 3, 0, BEIJING))


def test_a_tie_within_the_quota_needs_no_ruling() -> None:
    awards = awarded([member(no, BEIJING) for no in range(1, 6)], [9, 8, 8, 7, 6])
    assert given_to(awards, AwardKind.KNOWLEDGE) == [1, 2, 3]
    assert [award.reason.place for award in awards.persons[:3]] == [1, 2, 2]
    assert awards.complete


NATIONAL_TIE = [
    member(1, BEIJING),
    member(2, BEIJING),
    member(3, TIANJIN),
    member(4, BEIJING),
    member(5, TIANJIN),
    member(6, BEIJING),
    member(7, TIANJIN),
    member(8, TIANJIN),
    *(member(no, HEBEI) for no in (9, 10)),
]
NATIONAL_POINTS = [90, 80, 70, 70, 60, 50, 40, 30, 20, 10]


def test_a_tie_for_the_national_places_is_reported_and_its_provinces_wait() -> None:
    awards = awarded(NATIONAL_TIE, NATIONAL_POINTS)
    assert given_to(awards, AwardKind.KNOWLEDGE) == [1, 2]
    assert awards.ties == (BoundaryTie(((AwardKind.KNOWLEDGE, 1),), persons=(SittingId(3), SittingId(4))),)
    assert awards.waiting == (
        Waiting(BEIJING, 2, (SittingId(4), SittingId(6))),
        Waiting(TIANJIN, 2, (SittingId(3), SittingId(5), SittingId(7))),
    )
    assert given_to(awards, AwardKind.STAR) == [9, 10]
    assert not awards.complete


@pytest.mark.parametrize(("order", "holder", "stars"), [((3, 4), 3, [4, 6, 5, 7]), ((4, 3), 4, [6, 3, 5])])
def test_a_ruling_settles_it(order: tuple[int, int], holder: int, stars: list[int]) -> None:
    ruling = OrderRuling(17, persons=(SittingId(99), *(SittingId(no) for no in order)))
    awards = awarded(NATIONAL_TIE, NATIONAL_POINTS, [ruling])
    assert given_to(awards, AwardKind.KNOWLEDGE) == [1, 2, holder]
    assert given_to(awards, AwardKind.STAR) == [*stars, 9, 10]
    assert awards.persons[2].reason == Reason(ReasonCode.NATIONAL_PLACE, place=3, rank=3, quota=3, ruling_id=17)
    assert awards.complete


def test_the_latest_ruling_that_holds_all_tied_is_used() -> None:
    rulings = [
        OrderRuling(1, persons=(SittingId(3), SittingId(4))),
        OrderRuling(2, persons=(SittingId(4), SittingId(3))),
        OrderRuling(3, persons=(SittingId(3), SittingId(5))),
    ]
    assert given_to(awarded(NATIONAL_TIE, NATIONAL_POINTS, rulings), AwardKind.KNOWLEDGE) == [1, 2, 4]


def test_a_tie_for_a_star() -> None:
    members = [*(member(no, BEIJING) for no in (1, 2, 3)), *(member(no, TIANJIN) for no in (4, 5, 6, 7))]
    awards = awarded(members, [90, 80, 70, 60, 50, 50, 50])
    assert given_to(awards, AwardKind.STAR) == [4]
    assert awards.ties == (
        BoundaryTie(((AwardKind.STAR, 1),), persons=tuple(SittingId(no) for no in (5, 6, 7)), delegation=TIANJIN),
    )
    ruled = awarded(members, [90, 80, 70, 60, 50, 50, 50], [OrderRuling(4, tuple(SittingId(no) for no in (7, 5, 6)))])
    assert given_to(ruled, AwardKind.STAR) == [4, 7]
    assert ruled.shortfalls[0] == Shortfall(AwardKind.STAR, 2, 0, BEIJING)


def test_strangers_are_refused() -> None:
    with pytest.raises(KeyError):
        cascade([], rank([score(1)]), [])


def delegations(*ranks: int) -> list[DelegationStanding]:
    """Delegations of the given ranks, in order."""
    return [
        DelegationStanding(order, place, DelegationCode(f"{order:06d}"), 0, Micros(0), 50)
        for order, place in enumerate(ranks, start=1)
    ]


def test_team_prizes_of_the_plan() -> None:
    awards = team_prizes(delegations(*range(1, 33)))
    assert [award.kind for award in awards.teams] == [
        kind for kind, count in zip(TEAM_KINDS, (1, 5, 10, 16), strict=True) for _ in range(count)
    ]
    assert [award.reason.place for award in awards.teams] == list(range(1, 33))
    assert (awards.ties, awards.shortfalls) == ((), ())


def test_a_tie_across_several_prizes() -> None:
    tied = delegations(1, *[2] * 20, *range(22, 33))
    awards = team_prizes(tied)
    assert [award.delegation for award in awards.teams] == [f"{no:06d}" for no in (1, *range(22, 33))]
    (tie,) = awards.ties
    assert tie.seats == ((AwardKind.TEAM_FIRST, 5), (AwardKind.TEAM_SECOND, 10), (AwardKind.TEAM_THIRD, 5))
    assert tie.delegations == tuple(f"{no:06d}" for no in range(2, 22))
    ruling = OrderRuling(8, delegations=tie.delegations[::-1])
    settled = team_prizes(tied, [ruling])
    assert Counter(award.kind for award in settled.teams) == dict(zip(TEAM_KINDS, (1, 5, 10, 16), strict=True))
    assert settled.teams[1] == TeamAward(
        AwardKind.TEAM_FIRST, DelegationCode("000021"), Reason(ReasonCode.TEAM_PLACE, 2, 2, 5, ruling_id=8)
    )


def test_equals_within_one_prize_share_it() -> None:
    awards = team_prizes(delegations(1, 2, 2, 2, 5, 5, *range(7, 33)))
    assert [award.reason.place for award in awards.teams[:6]] == [1, 2, 2, 2, 5, 5]
    assert not awards.ties


@st.composite
def contests(draw: st.DrawFn) -> tuple[list[Member], list[Standing], list[DelegationStanding], Quotas]:
    count = draw(st.integers(0, 30))
    codes = [DelegationCode(f"{no}") for no in range(1, draw(st.integers(1, 5)) + 1)]
    members = [
        Member(
            SittingId(no),
            f"{no}",
            draw(st.sampled_from(codes)),
            struck=draw(st.integers(0, 9)) == 0,
            absent=draw(st.integers(0, 9)) == 0,
        )
        for no in range(1, count + 1)
    ]
    scores: list[Score] = [score(m.sitting_id, draw(st.integers(0, 12))) for m in members]
    standings = rank(scores)
    teams: tuple[int, int, int, int] = draw(st.tuples(*[st.integers(0, 3)] * 4))
    quotas = Quotas(draw(st.integers(0, 10)), draw(st.integers(0, 3)), teams)
    return members, standings, rank_delegations(members, standings, FULL), quotas


@settings(max_examples=120)
@given(contests(), st.data())
def test_quotas_are_exact_once_ties_are_ruled_on(
    contest: tuple[list[Member], list[Standing], list[DelegationStanding], Quotas], data: st.DataObject
) -> None:
    members, standings, teams, quotas = contest
    rulings: list[OrderRuling] = []
    awards = cascade(members, standings, teams, rulings, quotas)
    while not awards.complete:
        assert awards.ties
        lawful(awards, members, standings, quotas)
        tie = data.draw(st.sampled_from(awards.ties))
        persons = tuple(data.draw(st.permutations(tie.persons)))
        rulings.append(OrderRuling(len(rulings), persons, tuple(data.draw(st.permutations(tie.delegations)))))
        before, awards = awards, cascade(members, standings, teams, rulings, quotas)
        # What was certain stays.
        certain = {(award.kind, award.sitting_id) for award in before.persons}
        assert certain <= {(award.kind, award.sitting_id) for award in awards.persons}
    lawful(awards, members, standings, quotas)

    able = [m for m in members if not (m.struck or m.absent)]
    holders = given_to(awards, AwardKind.KNOWLEDGE)
    assert len(holders) == min(quotas.knowledge, len(able))
    stars = Counter(award.delegation for award in awards.persons if award.kind is AwardKind.STAR)
    short = {s.delegation: s.eligible for s in awards.shortfalls if s.kind is AwardKind.STAR}
    for code in {m.delegation for m in members}:
        left = sum(m.delegation == code and m.sitting_id not in holders for m in able)
        assert stars[code] == min(quotas.stars_per_delegation, left)
        assert short.get(code) == (left if left < quotas.stars_per_delegation else None)
    fielded = len({m.delegation for m in able})
    for kind, quota in zip(TEAM_KINDS, quotas.teams, strict=True):
        assert sum(award.kind is kind for award in awards.teams) == min(quota, max(0, fielded))
        fielded -= quota


def lawful(awards: Awards, members: list[Member], standings: list[Standing], quotas: Quotas) -> None:
    """What holds at any time, ties open or not."""
    by_sitting = {m.sitting_id: m for m in members}
    ranks = {s.score.sitting_id: s.rank for s in standings}
    recipients = [award.sitting_id for award in awards.persons]
    assert len(set(recipients)) == len(recipients)
    assert not any(by_sitting[no].struck or by_sitting[no].absent for no in recipients)
    holders = given_to(awards, AwardKind.KNOWLEDGE)
    assert len(holders) <= quotas.knowledge
    for award in awards.persons:
        rivals = [
            no
            for no, m in by_sitting.items()
            if not (m.struck or m.absent)
            and (award.kind is AwardKind.KNOWLEDGE or m.delegation == award.delegation)
            and no not in recipients
        ]
        # Nobody without an award is ahead of somebody who has one in the same order.
        assert all(ranks[award.sitting_id] <= ranks[no] for no in rivals)
        assert 1 <= award.reason.place <= award.reason.quota
        assert all(by_sitting[no].delegation == award.delegation and no in holders for no in award.reason.passed_over)

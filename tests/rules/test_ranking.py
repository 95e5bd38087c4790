import itertools
import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.ranking import canonical_standings, rank, rank_delegations, result_key
from leitai.rules.values import DelegationCode, Member, Micros, Score, SittingId
from tests.rules.builders import score

BEIJING, TIANJIN, HEBEI = DelegationCode("110000"), DelegationCode("120000"), DelegationCode("130000")
FULL = Micros(100)


def member(sitting: int, delegation: DelegationCode, *, struck: bool = False, absent: bool = False) -> Member:
    return Member(SittingId(sitting), f"选手{sitting}", delegation, struck=struck, absent=absent)


def test_keys_in_their_order() -> None:
    scores = [
        score(1, 500, 9, 100, 100),
        score(2, 500, 9, 100, 90),
        score(3, 500, 9, 90, 300),
        score(4, 500, 10, 300, 300),
        score(5, 499, 0, 400, 400),
        score(6, 500, 9, 90, 300),
    ]
    standings = rank(reversed(scores))
    assert [(s.order, s.rank, s.score.sitting_id) for s in standings] == [
        (1, 1, 1),
        (2, 2, 2),
        (3, 3, 3),
        (4, 3, 6),
        (5, 5, 4),
        (6, 6, 5),
    ]


def test_nobody() -> None:
    assert rank([]) == []
    assert rank_delegations([], [], FULL) == []


scores_ = st.lists(
    st.builds(score, st.integers(1, 60), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
    unique_by=lambda drawn: drawn.sitting_id,
)


@given(scores_, st.randoms(use_true_random=False))
def test_ranking_is_a_total_order(scores: list[Score], random: Random) -> None:
    standings = rank(scores)
    shuffled = list(scores)
    random.shuffle(shuffled)
    assert rank(shuffled) == standings
    assert [s.order for s in standings] == list(range(1, len(scores) + 1))
    assert sorted(s.score.sitting_id for s in standings) == sorted(s.sitting_id for s in scores)
    for standing in standings:
        assert standing.rank == 1 + sum(result_key(s) < result_key(standing.score) for s in scores)
    for first, second in itertools.pairwise(standings):
        assert first.rank == second.rank or first.score.centipoints >= second.score.centipoints
        assert (first.rank == second.rank) == (result_key(first.score) == result_key(second.score))


def test_delegations_by_points_then_time_then_best() -> None:
    standings = rank([score(1, 300, 50), score(2, 100, 50), score(3, 200, 40), score(4, 200, 60), score(5, 400, 99)])
    members = [member(1, BEIJING), member(2, BEIJING), member(3, TIANJIN), member(4, TIANJIN), member(5, HEBEI)]
    placed = rank_delegations(members, standings, FULL)
    # Equal points; Hebei with 99 µs is ahead of the two with 100, and of those the better best member decides.
    assert [(d.order, d.rank, d.delegation, d.best) for d in placed] == [
        (1, 1, HEBEI, 5),
        (2, 2, BEIJING, 1),
        (3, 3, TIANJIN, 3),
    ]


def test_fielding_fewer_gains_nothing() -> None:
    standings = rank([score(1, 300, 50), score(2, 0, 100), score(3, 300, 50), score(4, 900, 1)])
    members = [member(1, BEIJING), member(2, BEIJING), member(3, TIANJIN), member(4, TIANJIN, struck=True)]
    placed = {d.delegation: d for d in rank_delegations(members, standings, FULL)}
    assert (placed[TIANJIN].centipoints, placed[TIANJIN].elapsed_us, placed[TIANJIN].members) == (300, 150, 1)
    assert (placed[BEIJING].centipoints, placed[BEIJING].elapsed_us, placed[BEIJING].members) == (300, 150, 2)
    assert placed[TIANJIN].rank == placed[BEIJING].rank == 1
    smaller = rank_delegations([members[0], members[1], members[2]], standings, FULL, places=2)
    assert [(d.delegation, d.elapsed_us, d.rank) for d in smaller] == [(BEIJING, 150, 1), (TIANJIN, 150, 1)]


def test_absent_struck_and_unknown_members_earn_nothing() -> None:
    standings = rank([score(1, 300, 5), score(2, 300, 5)])
    members = [member(1, BEIJING, struck=True), member(2, BEIJING, absent=True), member(3, BEIJING)]
    (only,) = rank_delegations(members, standings, FULL)
    assert (only.centipoints, only.elapsed_us, only.members, only.best) == (0, 300, 0, None)


def test_a_delegation_of_none_comes_last_among_equals() -> None:
    standings = rank([score(9, 0, 100)])
    placed = rank_delegations([member(1, BEIJING, absent=True), member(9, TIANJIN)], standings, FULL)
    assert [(d.rank, d.delegation) for d in placed] == [(1, TIANJIN), (2, BEIJING)]


def test_canonical_bytes() -> None:
    standings = rank([score(2, 100, 7, 20, 10)])
    delegations = rank_delegations([member(2, BEIJING)], standings, FULL)
    assert canonical_standings(standings, delegations) == (
        b'{"delegations":[{"best":2,"centipoints":100,"delegation":"110000","elapsed_us":7,"members":1,"order":1,'
        b'"rank":1}],"individuals":[{"answered":0,"centipoints":100,"elapsed_us":7,"multiple_centipoints":20,'
        b'"order":1,"rank":1,"sitting_id":2,"true_false_centipoints":10}]}'
    )


@given(scores_)
def test_canonical_bytes_depend_on_the_results_alone(scores: list[Score]) -> None:
    standings = rank(scores)
    members = [member(s.sitting_id, (BEIJING, TIANJIN, HEBEI)[s.sitting_id % 3]) for s in scores]
    delegations = rank_delegations(members, standings, FULL)
    encoded = canonical_standings(standings, delegations)
    assert encoded == canonical_standings(standings[::-1], delegations[::-1])
    assert len(json.loads(encoded)["individuals"]) == len(scores)

"""A running order equals the orders worked out from nothing, and tells exactly the places that moved."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.rules.ranking import rank, rank_delegations, result_key
from leitai.rules.running_order import Placed, Result, RunningOrder
from leitai.rules.values import DelegationCode, Member, Micros, Score, SittingId, Standing

CODES = [DelegationCode(code) for code in ("110000", "120000", "660000")]
MEMBERS = [
    Member(SittingId(number), "", CODES[number % 3], struck=number == 7, absent=number in (4, 5)) for number in range(9)
]


@dataclass
class Mirror:
    """The same by the definitions."""

    scores: dict[SittingId, Score] = field(default_factory=dict[SittingId, Score])

    def standings(self) -> list[Standing]:
        return rank(self.scores.values())


def _placed(standings: list[Standing]) -> list[Placed]:
    return [
        (one.score.sitting_id, one.order, one.rank, one.score.centipoints, one.score.elapsed_us) for one in standings
    ]


def _result(score: Score) -> Result:
    return (*result_key(score), score.sitting_id)


# Few different values, so that ties are frequent; None: loses the place.
results = st.one_of(st.none(), st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)))
moves = st.dictionaries(st.integers(0, 8), results, max_size=9)


@given(st.lists(moves, max_size=8), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_it_equals_the_definition_after_every_move(steps: list[dict[int, tuple[int, ...] | None]], full: int) -> None:
    order, mirror = RunningOrder(MEMBERS), Mirror()
    for step in steps:
        before = set(_placed(mirror.standings()))
        for sitting, result in step.items():
            mirror.scores.pop(SittingId(sitting), None)
            if result is not None:
                points, elapsed, multiple, true_false = result
                score = Score(SittingId(sitting), points, Micros(elapsed), multiple, true_false)
                mirror.scores[score.sitting_id] = score
        moved = order.move(
            {SittingId(sitting) for sitting in step},
            [_result(mirror.scores[SittingId(sitting)]) for sitting, result in step.items() if result is not None],
        )
        standings = mirror.standings()
        assert order.everyone() == _placed(standings)
        assert order.delegations(Micros(full)) == rank_delegations(MEMBERS, standings, Micros(full))
        # Everything that differs is told, in order; a result put in place of an equal one may be told as well.
        assert [row for row in moved if row not in before] == [row for row in _placed(standings) if row not in before]
        assert all(row[0] in step for row in moved if row in before)
        assert set(moved) <= set(_placed(standings))


def test_nothing_moved_is_nothing_told() -> None:
    order = RunningOrder(MEMBERS)
    assert order.move(set(), []) == order.everyone() == []
    assert [(one.order, one.rank, one.best) for one in order.delegations(Micros(5))] == [
        (1, 1, None),
        (2, 1, None),
        (3, 1, None),
    ]
    order.move({SittingId(1)}, [(-100, 5, 0, 0, SittingId(1))])
    assert order.move(set(), []) == []

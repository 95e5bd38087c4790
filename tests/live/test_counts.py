"""What the live roles count."""

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.live.counts import SIZES, TIMES_US, AnswerCounts, Histogram
from leitai.live.ports import Accepted, Outcome


def decision(outcome: Outcome, *, duplicate: bool = False) -> Accepted:
    return Accepted(outcome, duplicate, 0, 0, 0)


@pytest.mark.parametrize("bounds", [TIMES_US, SIZES])
def test_bounds_ascend(bounds: tuple[int, ...]) -> None:
    assert list(bounds) == sorted(set(bounds))


@pytest.mark.parametrize(
    ("value", "bucket"), [(-5, 0), (0, 0), (250, 0), (251, 1), (375, 1), (12_288_000, 31), (12_288_001, 32)]
)
def test_a_bucket_holds_what_is_above_the_bound_before_and_up_to_its_own(value: int, bucket: int) -> None:
    one, many = Histogram(), Histogram()
    one.observe(value)
    many.observe_many([value])
    assert one.buckets == many.buckets == [int(at == bucket) for at in range(len(TIMES_US) + 1)]
    assert one.total == many.total == value


@given(st.lists(st.integers(0, 20_000_000) | st.sampled_from(TIMES_US)))
def test_many_at_once_count_as_one_by_one(values: list[int]) -> None:
    one, many = Histogram(), Histogram()
    for value in values:
        one.observe(value)
    many.observe_many(list(values))
    assert many.buckets == one.buckets
    assert many.total == sum(values)
    for bucket in range(len(many.buckets)):
        assert many.buckets[bucket] == sum(bisect_left(TIMES_US, value) == bucket for value in values)


@given(st.lists(st.tuples(st.sampled_from(Outcome), st.booleans()), min_size=1, max_size=300))
def test_every_answer_of_a_batch_counts_by_its_outcome(kinds: list[tuple[Outcome, bool]]) -> None:
    counts = AnswerCounts()
    for _ in range(2):
        counts.decided([3000] * len(kinds), [decision(outcome, duplicate=again) for outcome, again in kinds])
    for outcome in Outcome:
        assert counts.outcomes[outcome] == 2 * sum(outcome is kind for kind, _ in kinds)
    assert counts.repeated == 2 * sum(again for _, again in kinds)
    sizes = Histogram(SIZES)
    sizes.observe_many([len(kinds)] * 2)
    assert (counts.batch_sizes.buckets, counts.batch_sizes.total) == (sizes.buckets, sizes.total)
    assert sum(counts.ack_us.buckets) == 2 * len(kinds)

"""What stands in a set, when it is open, and what counts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.beijing import day_begins_us
from leitai.rules.practice_sets import (
    DAILY_SIZE,
    WEEKLY_MIX,
    WEEKLY_OPEN_US,
    DueCard,
    SetKind,
    SetState,
    choose_daily,
    choose_weekly,
    counts,
    expires_us,
    is_mastered,
    set_state,
)

MIDNIGHT_US = 1_659_283_200_000_000  # 2022-08-01 00:00 in Beijing
POOL = tuple(range(1, 21))
ids = st.integers(1, 60)


def chosen(
    due: tuple[DueCard, ...] = (),
    known: frozenset[int] = frozenset(),
    soonest: tuple[int, ...] = (),
    pool: tuple[int, ...] = POOL,
    held: frozenset[int] = frozenset(),
) -> tuple[int, ...]:
    return choose_daily(due, known, soonest, pool, frozenset(pool), held, b"seed")


def test_a_set_of_the_day_ends_with_it_and_one_of_the_week_after_its_time() -> None:
    noon = MIDNIGHT_US + 12 * 3_600_000_000
    assert expires_us(SetKind.DAILY, noon) == day_begins_us(date(2022, 8, 2))
    assert expires_us(SetKind.DAILY, MIDNIGHT_US) == day_begins_us(date(2022, 8, 2))
    assert expires_us(SetKind.WEEKLY, noon) == noon + WEEKLY_OPEN_US
    assert set_state(None, noon, noon - 1) is SetState.OPEN
    assert set_state(None, noon, noon) is SetState.EXPIRED
    assert set_state(noon, noon, noon + 1) is SetState.HANDED_IN


def test_wrong_ones_that_are_due_come_first_then_due_ones_then_new_ones() -> None:
    due = (DueCard(1, 50, False), DueCard(2, 90, True), DueCard(3, 10, False), DueCard(4, 40, True))
    found = chosen(due, known=frozenset({1, 2, 3, 4, 5}))
    assert found[:4] == (4, 2, 3, 1)
    assert found[4] not in {1, 2, 3, 4, 5}


def test_whoever_knows_all_gets_what_is_due_soonest() -> None:
    assert chosen(known=frozenset(POOL), soonest=(7, 3, 9, 1, 2, 4)) == (7, 3, 9, 1, 2)


def test_what_is_withdrawn_or_waits_elsewhere_is_in_no_set() -> None:
    due = (DueCard(99, 1, True), DueCard(5, 2, True))
    assert 99 not in chosen(due)
    assert 5 not in chosen(due, held=frozenset({5}))
    assert chosen(pool=()) == ()
    assert set(chosen(pool=(1, 2, 3), held=frozenset({2}))) == {1, 3}


@given(st.lists(st.builds(DueCard, ids, st.integers(0, 99), st.booleans())), st.frozensets(ids), st.frozensets(ids))
def test_a_set_has_no_question_twice_and_only_released_ones(
    due: list[DueCard], known: frozenset[int], held: frozenset[int]
) -> None:
    found = chosen(tuple(due), known, tuple(sorted(known)), held=held)
    assert len(found) == len(set(found)) <= DAILY_SIZE
    assert set(found) <= set(POOL) - held
    # Whatever is left of the pool fills it.
    if len(set(POOL) - held) >= DAILY_SIZE:
        assert len(found) == DAILY_SIZE


def test_a_set_of_the_week_has_its_mix_and_follows_from_its_seed() -> None:
    pool = {one: tuple(range(100 * place, 100 * place + 40)) for place, one in enumerate(WEEKLY_MIX, start=1)}
    found = choose_weekly(pool, frozenset(), b"a")
    assert found is not None
    assert [one // 100 for one in found] == [1, 1, 1, 2, 2, 2, 3, 3, 4, 4]
    assert len(set(found)) == 10
    assert choose_weekly(pool, frozenset(), b"a") == found != choose_weekly(pool, frozenset(), b"b")
    for seed in range(50):
        again = choose_weekly(pool, frozenset(found), seed.to_bytes(2, "big"))
        assert again is not None
        assert not set(again) & set(found)


def test_a_set_of_the_week_needs_enough_questions() -> None:
    few = {
        one: tuple(range(100 * place, 100 * place + wanted)) for place, (one, wanted) in enumerate(WEEKLY_MIX.items())
    }
    whole = choose_weekly(few, frozenset(), b"")
    assert whole is not None
    assert sorted(whole) == sorted(one for ids in few.values() for one in ids)
    assert choose_weekly(few, frozenset({whole[0]}), b"") is None


@pytest.mark.parametrize(("place", "counted"), [(0, False), (1, True), (2, True), (3, False), (20, False)])
def test_two_sets_a_day_count(place: int, counted: bool) -> None:
    assert counts(place) is counted


def test_a_question_is_mastered_after_two_right_answers_in_a_row() -> None:
    assert [is_mastered(streak) for streak in range(4)] == [False, False, True, True]


def test_featured_questions_come_before_other_new_ones_and_after_what_is_due() -> None:
    due = (DueCard(POOL[0], 5, wrong=False),)
    known = frozenset({POOL[0], POOL[3]})
    wanted = (POOL[7], POOL[3], POOL[5], 10**6)
    made = choose_daily(due, known, (), POOL, frozenset(POOL), frozenset(), b"seed", wanted)
    assert made[:3] == (POOL[0], POOL[7], POOL[5])
    assert len(made) == 5
    held = choose_daily(due, known, (), POOL, frozenset(POOL), frozenset({POOL[7]}), b"seed", wanted)
    assert held[:2] == (POOL[0], POOL[5])

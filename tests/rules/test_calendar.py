"""The calendar's states: facts before dates, and the boundaries of a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.calendar import Fact, Progress, Span, Stage, State, plan_spans, states

DRAW = Span(date(2022, 9, 11), date(2022, 9, 20))


def state(fact: Fact | None, span: Span | None, today: date, stage: Stage = Stage.DRAW) -> State:
    facts = {} if fact is None else {stage: fact}
    spans = {} if span is None else {stage: span}
    found = states(facts, spans, today)
    assert [one.stage for one in found] == list(Stage)
    return next(one for one in found if one.stage is stage).state


@pytest.mark.parametrize(
    ("day", "nothing", "begun", "unknown"),
    [
        (date(2022, 9, 10), State.PLANNED, State.UNDER_WAY, State.PLANNED),
        (date(2022, 9, 11), State.UNDER_WAY, State.UNDER_WAY, State.UNDER_WAY),
        (date(2022, 9, 20), State.UNDER_WAY, State.UNDER_WAY, State.UNDER_WAY),
        (date(2022, 9, 21), State.OVERDUE, State.OVERDUE, State.DONE),
    ],
)
def test_the_days_of_a_stage(day: date, nothing: State, begun: State, unknown: State) -> None:
    assert state(Fact(Progress.NONE), DRAW, day) is nothing
    assert state(Fact(Progress.BEGUN, 3, 32), DRAW, day) is begun
    assert state(None, DRAW, day) is unknown
    assert state(Fact(Progress.DONE), DRAW, day) is State.DONE


def test_without_dates_facts_alone_speak() -> None:
    today = date(2022, 9, 1)
    assert state(None, None, today) is State.NOT_PLANNED
    assert state(Fact(Progress.NONE), None, today) is State.NOT_PLANNED
    assert state(Fact(Progress.BEGUN), None, today) is State.UNDER_WAY
    assert state(Fact(Progress.DONE), None, today) is State.DONE


def test_the_day_of_measure_ends_by_itself() -> None:
    day = Span(date(2022, 8, 31), date(2022, 8, 31))
    fact = Fact(Progress.BEGUN)
    assert state(fact, day, date(2022, 8, 31), Stage.ELIGIBILITY) is State.UNDER_WAY
    assert state(fact, day, date(2022, 9, 1), Stage.ELIGIBILITY) is State.DONE


@given(
    st.sampled_from(list(Stage)),
    st.none() | st.builds(Fact, st.sampled_from(list(Progress))),
    st.dates(date(2022, 1, 1), date(2022, 12, 31)),
    st.integers(0, 60),
    st.integers(-90, 400),
)
def test_a_stage_never_goes_back_as_days_pass(
    stage: Stage, fact: Fact | None, first: date, length: int, after: int
) -> None:
    span = Span(first, first + timedelta(days=length))
    order = [State.PLANNED, State.UNDER_WAY, State.OVERDUE, State.DONE]
    today = first + timedelta(days=after)
    now = state(fact, span, today, stage)
    assert order.index(state(fact, span, today + timedelta(days=1), stage)) >= order.index(now)
    if fact is not None and fact.progress is Progress.DONE:
        assert now is State.DONE


def test_the_plans_own_days() -> None:
    spans = plan_spans(2022)
    assert spans[Stage.ELIGIBILITY] == Span(date(2022, 8, 31), date(2022, 8, 31))
    assert spans[Stage.BANK_REVISION].last == date(2022, 2, 28)
    assert plan_spans(2024)[Stage.BANK_REVISION].last == date(2024, 2, 29)
    with pytest.raises(ValueError, match="ends"):
        Span(date(2022, 9, 2), date(2022, 9, 1))

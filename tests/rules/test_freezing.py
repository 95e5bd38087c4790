from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.effects import VoidItem
from leitai.rules.freezing import Record, as_frozen, freezes_at
from leitai.rules.markings import Mark, settled
from leitai.rules.outcomes import outcome, rebuild
from leitai.rules.rulings import ActKind, Ruling, RulingAct
from leitai.rules.timeline import windows
from leitai.rules.values import (
    ActorId,
    AnswerStatus,
    Counted,
    ItemNo,
    Micros,
    Pacing,
    Pause,
    Plan,
    QuestionType,
)
from tests.rules.builders import SECOND, START, answer, item, plan
from tests.rules.test_replay import ITEMS, MEMBERS, advanced, random_answer, random_effect

PAPER_US = Micros(100 * SECOND)


@pytest.mark.parametrize(
    ("items", "percent", "first"),
    [(80, 20, 65), (80, 100, 1), (80, 1, 80), (7, 20, 7), (7, 30, 6), (1, 20, 1), (10, 0, None)],
)
def test_a_streamed_session_freezes_before_its_last_items(items: int, percent: int, first: int | None) -> None:
    session = plan([item(no) for no in range(1, items + 1)])
    placed = windows(session, START)
    expected = None if first is None else placed[first - 1].opens_at_us
    assert freezes_at(session, placed, percent) == expected


def test_where_the_first_of_the_last_items_is_skipped_the_next_one_counts() -> None:
    session = plan([item(no) for no in range(1, 11)])
    placed = windows(session, START, skipped=(ItemNo(9),))
    assert freezes_at(session, placed, 20) == next(one.opens_at_us for one in placed if one.item_no == 10)


def test_a_paper_freezes_before_the_last_part_of_its_window() -> None:
    session = plan([item(1), item(2)], Pacing.PAPER, duration_us=PAPER_US)
    assert freezes_at(session, windows(session, START), 20) == START + 80 * SECOND
    assert freezes_at(session, (), 20) is None


def test_a_pause_moves_the_freeze_until_it_has_come() -> None:
    session = plan([item(no) for no in range(1, 6)])
    due = freezes_at(session, windows(session, START), 20)
    assert due is not None
    assert due == START + 4 * 23 * SECOND
    before = (Pause(Micros(due - 1), Micros(due + 9)),)
    assert freezes_at(session, windows(session, START, before[:1]), 20) == due + 10
    assert freezes_at(session, windows(session, START, (Pause(Micros(due - 1)),)), 20) is None
    assert freezes_at(session, windows(session, START, (Pause(Micros(due + 1), Micros(due + 9)),)), 20) == due


def public(session: Plan, record: Record, frozen_us: Micros) -> bytes:
    seen = as_frozen(record, frozen_us)
    marks = settled({one.item_no: one for one in session.items}, seen.marks)
    ledger = rebuild(session, MEMBERS, seen.answers, seen.windows, seen.rulings, marks, follows="answer")
    return outcome(ledger, MEMBERS).canonical()


def random_record(random: Random, session: Plan, from_us: int, until_us: int, earlier: Record) -> Record:
    """What is recorded from one instant to before another, on top of what was."""
    at = lambda: Micros(random.randrange(from_us, until_us))  # noqa: E731
    offset = max((one.offset for one in earlier.answers), default=0)
    answers = [replace(random_answer(random, offset + no), stamp_us=at()) for no in range(1, random.randint(2, 9))]
    closed = {window.item_no for window in earlier.windows}
    found = [one for one in windows(session, START) if from_us < one.closes_at_us <= until_us]
    rulings = {ruling.ruling_id: ruling for ruling in earlier.rulings}
    for ruling in earlier.rulings:
        if random.random() < 0.7 and (further := advanced(random, ruling, at())) is not None:
            rulings[ruling.ruling_id] = further
    for _ in range(random.randint(1, 3)):
        first = at()
        made = Ruling(
            len(rulings) + 1,
            random_effect(random, session.pacing),
            "据",
            (RulingAct(ActKind.PROPOSE, ActorId("a"), first, "因"),),
        )
        rulings[made.ruling_id] = advanced(random, made, Micros(random.randrange(first, until_us))) or made
    marks = dict(earlier.marks)
    for one in (*earlier.answers, *answers):
        if one.item_no == 5 and random.random() < 0.5:
            place = (one.sitting_id, one.item_no, one.offset)
            marks[place] = (*marks.get(place, ()), Mark(ActorId("a"), (random.randint(0, 500),), at()))[:3]
    return Record(
        [*earlier.answers, *answers],
        [*earlier.windows, *(one for one in found if one.item_no not in closed)],
        list(rulings.values()),
        marks,
    )


@given(st.integers(0, 2**63), st.sampled_from(Pacing), st.sampled_from(Counted))
def test_the_public_standings_do_not_depend_on_anything_after_the_freeze(
    seed: int, pacing: Pacing, policy: Counted
) -> None:
    random = Random(seed)
    session = plan(ITEMS, pacing, policy, duration_us=PAPER_US)
    frozen_us = Micros(START + random.randrange(1, 120 * SECOND))
    before = random_record(random, session, START, frozen_us, Record())
    at_freeze = public(session, before, frozen_us)
    for _ in range(2):
        later = random_record(random, session, frozen_us, frozen_us + 200 * SECOND, before)
        assert public(session, later, frozen_us) == at_freeze


def test_what_counts_at_the_freeze_instant() -> None:
    session = plan([item(1), item(2, QuestionType.TRUE_FALSE, right="T")])
    first, second = windows(session, START)
    answers = [
        replace(answer(1, "A"), stamp_us=Micros(START + 5)),
        replace(answer(2, "T", offset=2), stamp_us=second.opens_at_us),
    ]
    acts = tuple(
        RulingAct(kind, ActorId(kind.value), Micros(START + 9), "因") for kind in (ActKind.PROPOSE, ActKind.APPROVE)
    )
    void = Ruling(1, VoidItem(ItemNo(1)), "据", acts)
    record = Record(answers, [first, second], [void])
    at_closing = as_frozen(record, first.closes_at_us)
    assert (at_closing.answers, at_closing.windows, at_closing.rulings) == (answers[:1], [first], [void])
    assert as_frozen(record, Micros(first.closes_at_us - 1)).windows == []
    assert as_frozen(record, Micros(START + 9)).rulings == []
    assert as_frozen(record, second.opens_at_us).answers == answers[:1]
    assert as_frozen(record, Micros(second.closes_at_us)) == record
    assert answers[0].status is AnswerStatus.ACCEPTED

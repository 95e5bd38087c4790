from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.rules.adjustments import Adjustments
from leitai.rules.scoring import Ledger, counted, full_elapsed, tally
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    ItemNo,
    Micros,
    Pacing,
    Plan,
    QuestionType,
    Score,
    SittingId,
    Window,
)
from tests.rules.builders import SECOND, answer, item, plan, window

PAPER_DURATION = Micros(600 * SECOND)
ITEMS = [
    item(1, QuestionType.SINGLE, right="A"),
    item(2, QuestionType.MULTIPLE, right="AB", centipoints=200),
    item(3, QuestionType.TRUE_FALSE, right="T"),
    item(4, QuestionType.INDETERMINATE, right="C", centipoints=200),
]
WINDOWS = {ItemNo(no): window(no, no * 10 * SECOND) for no in (1, 2, 3, 4)}
STREAMED = plan(ITEMS)
PAPER = plan(ITEMS, Pacing.PAPER, Counted.LAST, duration_us=PAPER_DURATION)


def by_item(*answers: Answer) -> dict[ItemNo, Answer]:
    return {given.item_no: given for given in answers}


def test_first_and_last() -> None:
    one, two, three = (answer(1, response, offset=offset) for offset, response in ((4, "A"), (7, "B"), (9, "C")))
    assert counted(plan(ITEMS, counted=Counted.FIRST), [two, one, three]) is one
    assert counted(plan(ITEMS, counted=Counted.LAST), [two, three, one]) is three


def test_only_accepted_answers_count() -> None:
    early = answer(1, "A", offset=1, status=AnswerStatus.EARLY)
    accepted = answer(1, "B", offset=2)
    late = answer(1, "C", offset=3, status=AnswerStatus.LATE)
    for policy in Counted:
        assert counted(plan(ITEMS, counted=policy), [early, accepted, late]) is accepted
        assert counted(plan(ITEMS, counted=policy), [early, late]) is None
        assert counted(plan(ITEMS, counted=policy), []) is None


def test_clearing() -> None:
    given, cleared, again = answer(1, "A", offset=1), answer(1, "", offset=2), answer(1, "B", offset=3)
    assert counted(plan(ITEMS, counted=Counted.LAST), [given, cleared]) is None
    assert counted(plan(ITEMS, counted=Counted.LAST), [given, cleared, again]) is again
    assert counted(plan(ITEMS, counted=Counted.FIRST), [given, cleared]) is given
    assert counted(plan(ITEMS, counted=Counted.FIRST), [cleared, again]) is cleared


def test_a_streamed_sitting() -> None:
    answers = by_item(answer(1, "A", elapsed_us=3), answer(2, "A", elapsed_us=5), answer(4, "C", elapsed_us=7))
    assert tally(STREAMED, SittingId(1), answers, WINDOWS.keys(), WINDOWS) == Score(
        SittingId(1), 300, Micros(15 + 30 * SECOND), 200, 0, 3
    )
    assert tally(STREAMED, SittingId(1), answers, [ItemNo(1)], WINDOWS) == Score(SittingId(1), 100, Micros(3), 0, 0, 1)
    assert tally(STREAMED, SittingId(1), answers, [], {}) == Score(SittingId(1))


def test_a_paper_sitting() -> None:
    answers = by_item(answer(1, "A", elapsed_us=9), answer(3, "T", elapsed_us=4))
    assert tally(PAPER, SittingId(1), answers, WINDOWS.keys(), {}) == Score(SittingId(1), 200, Micros(9), 0, 100, 2)
    assert tally(PAPER, SittingId(1), {}, WINDOWS.keys(), {}) == Score(SittingId(1), 0, PAPER_DURATION)
    assert tally(PAPER, SittingId(1), {}, WINDOWS.keys(), WINDOWS) == Score(SittingId(1), 0, Micros(40 * SECOND))
    assert tally(PAPER, SittingId(1), answers, [], {}) == Score(SittingId(1))


def test_a_streamed_item_without_answer_needs_its_window() -> None:
    with pytest.raises(KeyError):
        tally(STREAMED, SittingId(1), {}, [ItemNo(1)], {})


def test_a_late_arrival_corrects_the_score() -> None:
    ledger = Ledger(STREAMED, [SittingId(1), SittingId(2)])
    assert not ledger.record(answer(1, "A", sitting=2, elapsed_us=5))
    assert ledger.score(SittingId(2)) == Score(SittingId(2))
    assert ledger.close_item(ItemNo(1), WINDOWS[ItemNo(1)]) == [1, 2]
    assert ledger.score(SittingId(1)) == Score(SittingId(1), 0, Micros(10 * SECOND))
    assert ledger.record(answer(1, "A", sitting=1, elapsed_us=7))
    assert ledger.scores() == [
        Score(SittingId(1), 100, Micros(7), answered=1),
        Score(SittingId(2), 100, Micros(5), answered=1),
    ]
    assert ledger.close_item(ItemNo(1), WINDOWS[ItemNo(1)]) == []


def test_points_follow_answers_when_asked_to() -> None:
    ledger = Ledger(STREAMED, [SittingId(1), SittingId(2)], follows="answer")
    assert ledger.record(answer(1, "A", elapsed_us=5))
    assert not ledger.record(answer(1, "A", elapsed_us=5))
    assert ledger.score(SittingId(1)) == Score(SittingId(1), 100, Micros(5), answered=1)
    assert ledger.close_item(ItemNo(1), WINDOWS[ItemNo(1)]) == [2]
    assert ledger.score(SittingId(2)) == Score(SittingId(2), 0, Micros(10 * SECOND))


def test_another_window_corrects_what_silence_costs() -> None:
    ledger = Ledger(STREAMED, [SittingId(1)])
    ledger.close_item(ItemNo(1), window(1, 10))
    assert ledger.close_item(ItemNo(1), window(1, 25)) == [1]
    assert ledger.score(SittingId(1)).elapsed_us == 25


def test_strangers_are_refused() -> None:
    ledger = Ledger(STREAMED, [SittingId(1)])
    with pytest.raises(KeyError):
        ledger.record(answer(1, "A", sitting=9))
    with pytest.raises(KeyError):
        ledger.record(answer(9, "A"))
    with pytest.raises(KeyError):
        ledger.close_item(ItemNo(9), window(9))
    with pytest.raises(KeyError):
        ledger.score(SittingId(9))


SITTINGS = [SittingId(1), SittingId(2), SittingId(3)]
Event = Answer | Window | str
answers_ = st.builds(
    answer,
    st.integers(1, 4),
    st.sampled_from(["", "A", "AB", "B", "C", "T", "F"]),
    sitting=st.sampled_from([1, 2, 3]),
    offset=st.integers(1, 400),
    elapsed_us=st.integers(0, 50),
    status=st.sampled_from([AnswerStatus.ACCEPTED] * 4 + [AnswerStatus.LATE, AnswerStatus.EARLY]),
)
closings = st.builds(window, st.integers(1, 4), st.integers(1, 60))
rulings = st.sampled_from(["rekey 1", "rekey 2", "void 3"])
histories = st.lists(
    st.one_of(answers_, answers_, answers_, closings, rulings),
    max_size=40,
    unique_by=lambda event: (event.sitting_id, event.offset) if isinstance(event, Answer) else object(),
)
REKEYED = {
    "rekey 1": item(1, QuestionType.SINGLE, right="AB", centipoints=150),
    "rekey 2": item(2, QuestionType.MULTIPLE, right="B", centipoints=200),
}


def recomputed(session: Plan, events: Sequence[Event], *, at_once: bool) -> list[Score]:
    """The definition: gather everything, then tally."""
    items = {paper_item.item_no: paper_item for paper_item in session.items}
    answers = [event for event in events if isinstance(event, Answer)]
    closed = {event.item_no: event for event in events if isinstance(event, Window)}
    items.update({ruled.item_no: ruled for event in events if isinstance(event, str) and (ruled := REKEYED.get(event))})
    withdrawn = {ItemNo(3)} if "void 3" in events else set[ItemNo]()
    session = Plan(session.pacing, session.counted, tuple(items.values()), duration_us=session.duration_us)
    scores: list[Score] = []
    for sitting_id in SITTINGS:
        own = [given for given in answers if given.sitting_id == sitting_id]
        best = {no: counted(session, [given for given in own if given.item_no == no]) for no in items}
        in_force = {no: given for no, given in best.items() if given is not None}
        scored = (closed.keys() | in_force.keys() if at_once else closed.keys()) - withdrawn
        scores.append(tally(session, sitting_id, in_force, scored, closed))
    return scores


def adjusted(events: Sequence[Event]) -> Adjustments:
    """The rulings among the events."""
    items = [ruled for event in events if isinstance(event, str) and (ruled := REKEYED.get(event))]
    voided = frozenset({ItemNo(3)}) if "void 3" in events else frozenset[ItemNo]()
    return Adjustments({ruled.item_no: ruled for ruled in items}, voided)


def silence(session: Plan, events: Sequence[Event]) -> Micros:
    """What a sitting without answers has elapsed."""
    closed = {event.item_no: event for event in events if isinstance(event, Window)}
    scored = closed.keys() - ({ItemNo(3)} if "void 3" in events else set[ItemNo]())
    return full_elapsed(session, scored, closed)


@settings(max_examples=150)
@given(histories, st.sampled_from(Pacing), st.sampled_from(Counted), st.booleans())
def test_the_ledger_equals_recomputation_after_every_event(
    events: list[Event], pacing: Pacing, policy: Counted, at_once: bool
) -> None:
    session = plan(ITEMS, pacing, policy, duration_us=PAPER_DURATION)
    ledger = Ledger(session, SITTINGS, follows="answer" if at_once else "close")
    for place, event in enumerate(events, start=1):
        before = ledger.scores()
        if isinstance(event, Answer):
            changed = [event.sitting_id] if ledger.record(event) else []
        elif isinstance(event, Window):
            changed = ledger.close_item(event.item_no, event)
        else:
            changed = ledger.apply(adjusted(events[:place]))
        after = ledger.scores()
        assert changed == [new.sitting_id for old, new in zip(before, after, strict=True) if old != new]
        if place % 4 == 0 or place == len(events):
            assert after == recomputed(session, events[:place], at_once=at_once)
            assert ledger.full_elapsed_us() == silence(session, events[:place])


@given(st.data(), st.sampled_from(Counted))
def test_arrival_order_does_not_matter(data: st.DataObject, policy: Counted) -> None:
    session = plan(ITEMS, counted=policy)
    events = data.draw(histories)
    shuffled = data.draw(st.permutations([event for event in events if isinstance(event, Answer)]))
    rest = [event for event in events if not isinstance(event, Answer)]
    assert recomputed(session, [*rest, *shuffled], at_once=False) == recomputed(session, events, at_once=False)
    ledger = Ledger(session, SITTINGS)
    for event in rest:
        if isinstance(event, Window):
            ledger.close_item(event.item_no, event)
    for given_answer in (*shuffled, *shuffled):
        ledger.record(given_answer)
    plain = [event for event in events if not isinstance(event, str)]
    assert ledger.scores() == recomputed(session, plain, at_once=False)

"""A match from its first entry to its last, whoever appends them, and whatever answers come when."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.match_log import (
    AWAY_AFTER,
    COME_WITHIN_US,
    GRACE_US,
    PAUSE_US,
    Answered,
    Came,
    Closed,
    Ended,
    Entry,
    Event,
    Finished,
    Left,
    Made,
    Match,
    MatchRefused,
    Opened,
    Player,
    Recorded,
    Voided,
    after,
    begun,
    due,
)
from leitai.rules.matches import QUESTIONS, WonBy

S = 1_000_000
T0 = 1_659_315_600 * S
MADE = Made((Player(1, "甲"), Player(2, "乙")), tuple(range(1, 11)), tuple(range(101, 111)), (20,) * 10)
REPLIES = tuple(Recorded(("A",) if place % 2 else (), place % 4 == 1, (place + 1) * S) for place in range(10))
RECORDED = replace(MADE, players=(Player(1, "甲"), Player(2, "乙", T0 - S)), recording=9, replies=REPLIES)


def begin(made: Made = MADE) -> Match:
    return begun(Entry(1, T0, made))


def then(match: Match, *events: Event, at_us: int = T0) -> Match:
    for event in events:
        match = after(match, Entry(match.seq + 1, at_us, event))
    return match


def answer(match: Match, seat: int, after_us: int, *, right: bool = True, question: int = 0) -> Answered:
    number = question or match.question
    return Answered(seat, number, ("A",), right, match.windows[number][0] + after_us, max(after_us, 0))


def at(match: Match, now_us: int) -> tuple[Match, int]:
    """Do everything that is due at a moment; returns when to look again."""
    while (step := due(match, now_us)).event is not None:
        match = then(match, step.event, at_us=now_us)
    return match, step.at_us


def played(match: Match, now_us: int, answers: list[tuple[int | None, int | None]]) -> Match:
    """Play on to the end with both seats' answering times; None: no answer."""
    for times in answers:
        match, _ = at(match, now_us)
        if match.finished_us:
            return match
        opens_us, closes_us = match.windows[match.question]
        for seat, time in zip((1, 2), times, strict=True):
            if time is not None and seat in match.live:
                match = then(match, answer(match, seat, time), at_us=opens_us + time)
        now_us = closes_us + GRACE_US
    match, _ = at(match, now_us)
    return at(match, now_us + PAUSE_US)[0]


def all_closed() -> tuple[Match, int]:
    """All ten questions are closed; and when the last one was."""
    match, now_us = then(begin(), Came(1), Came(2)), T0
    for _ in range(QUESTIONS):
        match, _ = at(match, now_us)
        match = then(match, answer(match, 1, S), answer(match, 2, 2 * S))
        now_us = match.windows[match.question][0] + 2 * S
    return then(match, Closed(QUESTIONS), at_us=now_us), now_us


def test_a_match_begins_once_both_are_there_and_is_void_otherwise() -> None:
    match = begin()
    late_us = T0 + COME_WITHIN_US
    assert due(match, T0).at_us == late_us
    match = then(match, Came(2))
    assert due(match, late_us - 1).event is None
    assert due(match, late_us).event == Voided()
    assert due(then(match, Came(1)), T0 + S).event == Opened(1, T0 + S + PAUSE_US, T0 + S + PAUSE_US + 20 * S)
    assert due(then(begin(RECORDED), Came(1)), T0).event == Opened(1, T0 + PAUSE_US, T0 + PAUSE_US + 20 * S)
    assert due(then(match, Voided()), late_us) == due(then(match, Voided()), late_us + S)


def test_a_question_ends_when_both_have_answered_or_its_time_is_out() -> None:
    match, wake_us = at(then(begin(), Came(1), Came(2)), T0)
    opens_us, closes_us = match.windows[1]
    assert wake_us == closes_us + GRACE_US
    assert due(match, closes_us + GRACE_US - 1).event is None
    assert due(match, closes_us + GRACE_US).event == Closed(1)
    one = then(match, answer(match, 1, S))
    assert due(one, opens_us + S).event is None
    both = then(one, answer(match, 2, 2 * S))
    assert due(both, opens_us + 2 * S).event == Closed(1)
    closed = then(both, Closed(1))
    assert due(closed, opens_us + 3 * S).event == Opened(2, opens_us + 3 * S + PAUSE_US, opens_us + 23 * S + PAUSE_US)
    assert (closed.tally(1).points, closed.tally(2).points) == (98, 96)


@pytest.mark.parametrize(("after_us", "fits"), [(-1, False), (0, True), (20 * S - 1, True), (20 * S, False)])
def test_an_answer_counts_within_its_window_to_the_microsecond(after_us: int, fits: bool) -> None:
    match, _ = at(then(begin(), Came(1), Came(2)), T0)
    assert ((1, 1) in then(match, answer(match, 1, after_us)).answers) is fits


def test_the_first_answer_stands_and_one_that_reaches_the_log_late_counts_by_its_stamp() -> None:
    match, _ = at(then(begin(), Came(1), Came(2)), T0)
    first = answer(match, 1, S)
    match = then(match, first, answer(match, 1, 2 * S, right=False))
    assert match.answers[1, 1] == first
    match = then(match, Closed(1))
    held = answer(match, 2, 3 * S)
    assert then(match, held).answers[1, 2] == held
    left = then(match, Left(2))
    assert (1, 2) not in then(left, held).answers
    assert (1, 2) not in then(left, Finished(), held).answers


def test_whoever_leaves_ends_it_and_has_lost() -> None:
    match, _ = at(then(begin(), Came(1), Came(2)), T0)
    match = then(match, answer(match, 1, S), answer(match, 2, 2 * S), Closed(1))
    match, _ = at(match, T0 + 10 * S)
    match, _ = at(then(match, Left(1)), T0 + 11 * S)
    assert match.finished_us
    assert match.outcome == (2, WonBy.LEFT)
    assert due(match, T0 + 12 * S) == due(match, T0 + 99 * S)
    assert then(match, Ended((0, 0))).over


def test_the_last_answer_is_read_as_long_as_every_other_and_nobody_leaves_any_more() -> None:
    match, closed_us = all_closed()
    assert match.played
    assert due(match, closed_us) == due(match, closed_us + PAUSE_US - 1)
    assert due(match, closed_us).at_us == closed_us + PAUSE_US
    assert due(match, closed_us + PAUSE_US).event == Finished()
    with pytest.raises(MatchRefused):
        then(match, Left(2))
    ended = then(match, Finished(), Ended((100, 100)))
    assert ended.outcome == (1, WonBy.POINTS)


def test_whoever_is_silent_too_long_has_left() -> None:
    match = played(then(begin(), Came(1), Came(2)), T0, [(S, None)] * QUESTIONS)
    assert match.closed == AWAY_AFTER
    assert match.left == (Left(2, away=True),)
    assert match.outcome == (1, WonBy.LEFT)


def test_a_recording_answers_when_it_did() -> None:
    match, wake_us = at(then(begin(RECORDED), Came(1)), T0)
    opens_us, closes_us = match.windows[1]
    assert wake_us == closes_us + GRACE_US, "the recorded opponent gave no answer to the first"
    match = then(match, answer(match, 1, S))
    match, _ = at(match, closes_us + GRACE_US)
    opens_us, closes_us = match.windows[2]
    match, wake_us = at(match, opens_us + S)
    assert wake_us == opens_us + 2 * S
    assert due(match, wake_us - 1).event is None
    assert due(match, wake_us).event == Answered(2, 2, ("A",), True, wake_us, 2 * S)
    ended = played(match, wake_us, [(S, None)] * QUESTIONS)
    assert ended.closed == QUESTIONS
    assert ended.left == ()
    assert ended.tally(2).right == 3


ONE = st.one_of(st.none(), st.integers(0, 20 * S - 1))


@given(st.lists(st.tuples(ONE, ONE), min_size=QUESTIONS, max_size=QUESTIONS), st.booleans())
def test_every_match_comes_to_an_end_and_its_points_add_up(
    answers: list[tuple[int | None, int | None]], recorded: bool
) -> None:
    match = then(begin(RECORDED if recorded else MADE), *(Came(seat) for seat in ((1,) if recorded else (1, 2))))
    match = played(match, T0, answers)
    assert match.finished_us
    assert match.closed == QUESTIONS or match.left
    for seat in (1, 2):
        tally = match.tally(seat)
        assert tally.points == sum(match.worth(question, seat) for question in range(1, match.closed + 1))
        assert 60 * tally.right <= tally.points <= 100 * tally.right
        assert tally.elapsed_us <= match.closed * 20 * S
    won, _ = match.outcome
    assert won in (0, 1, 2)


@pytest.mark.parametrize(
    "event",
    [Made((), (), (), ()), Came(3), Opened(2, 1, 2), Opened(1, 2, 2), Closed(1), Left(3), Finished(), Ended((0, 0))],
)
def test_what_does_not_follow_is_refused(event: Event) -> None:
    with pytest.raises(MatchRefused):
        then(begin(), event)


def test_a_log_has_no_gaps_and_begins_rightly() -> None:
    for made in (
        replace(MADE, players=(Player(1, "甲"),)),
        replace(MADE, seconds=(20,) * 9),
        replace(MADE, replies=REPLIES),
        replace(RECORDED, replies=()),
    ):
        with pytest.raises(MatchRefused):
            begin(made)
    with pytest.raises(MatchRefused):
        begun(Entry(2, T0, MADE))
    with pytest.raises(MatchRefused):
        after(begin(), Entry(3, T0, Came(1)))
    void = then(begin(), Voided())
    with pytest.raises(MatchRefused):
        then(void, Came(1))
    with pytest.raises(MatchRefused):
        then(begin(RECORDED), Came(2))

"""The protocol of the draw: its table is the only way, and every act is asked for what it must be."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.draw import NominationList, commitment
from leitai.rules.draw_protocol import (
    ENDED,
    MOVES,
    Draw,
    DrawAct,
    DrawRefused,
    DrawState,
    Event,
    holds,
    outcome,
    take,
)
from leitai.rules.values import ActorId, DelegationCode, Micros
from tests.support.draws import ANNOUNCED_US, KNOWN_US, PARTIES, SEEDS, VALUE, announced, events, lists, notice, played

SOMEBODY, ANOTHER = ActorId("somebody"), ActorId("another")
LATE = Micros(KNOWN_US + 3600 * 1_000_000 * 24)


def refused(draw: Draw, event: Event, known: set[str] | None = None) -> str:
    with pytest.raises(DrawRefused) as caught:
        take(draw, event, known or set())
    return caught.value.code


def test_a_draw_from_its_announcement_to_its_end() -> None:
    states = [played(upto).state for upto in range(8)]
    assert states == [
        DrawState.ANNOUNCED,
        DrawState.ANNOUNCED,
        DrawState.COMMITTED,
        DrawState.VALUE_ENTERED,
        DrawState.VALUE_CONFIRMED,
        DrawState.VALUE_CONFIRMED,
        DrawState.DISCLOSED,
        DrawState.DRAWN,
    ]
    done = played()
    assert (done.value, done.ended) == (VALUE, True)
    drawn = outcome(done)
    assert [one.delegation for one in drawn] == [one.delegation for one in done.notice.lists]
    assert all(len(one.drawn) == 35 for one in drawn)
    assert "".join(SEEDS).upper() in drawn[0].key


@pytest.mark.parametrize("upto", range(8))
def test_only_what_the_table_has_can_be_done(upto: int) -> None:
    draw = played(upto)
    for act in DrawAct:
        if (draw.state, act) not in MOVES:
            assert refused(draw, Event(act, SOMEBODY, LATE, content="x")) == "draw-illegal-act"


def test_the_table_is_closed() -> None:
    states = {state for state, _ in MOVES}
    assert states == {None, *DrawState} - ENDED
    assert {move.to for move in MOVES.values()} | {move.at_last for move in MOVES.values()} == set(DrawState)
    for state, act in product(ENDED, DrawAct):
        assert (state, act) not in MOVES


@pytest.mark.parametrize(
    ("upto", "event", "code"),
    [
        (0, Event(DrawAct.COMMIT, SOMEBODY, KNOWN_US, 1, "a" * 64), "draw-too-late"),
        (0, Event(DrawAct.COMMIT, SOMEBODY, ANNOUNCED_US, 0, "a" * 64), "draw-party-unknown"),
        (0, Event(DrawAct.COMMIT, SOMEBODY, ANNOUNCED_US, 3, "a" * 64), "draw-party-unknown"),
        (0, Event(DrawAct.COMMIT, SOMEBODY, ANNOUNCED_US, 1, "A" * 64), "draw-commitment-malformed"),
        (0, Event(DrawAct.COMMIT, SOMEBODY, ANNOUNCED_US, 1, "a" * 63), "draw-commitment-malformed"),
        (1, replace(events()[1], party=1), "draw-party-done"),
        (1, replace(events()[1], content=events()[0].content), "draw-commitment-known"),
        (1, replace(events()[1], actor=events()[0].actor), "draw-party-same-person"),
        (1, replace(events()[1], at_us=ANNOUNCED_US), "draw-illegal-act"),
        (2, replace(events()[2], at_us=Micros(KNOWN_US - 1)), "draw-value-not-yet"),
        (2, replace(events()[2], content="3, 8"), "draw-value-malformed"),
        (2, replace(events()[2], party=1), "draw-party-unknown"),
        (3, replace(events()[3], actor=events()[2].actor), "draw-self-confirmation"),
        (3, replace(events()[3], content="3 8 14 19 22 27 6"), "draw-value-differs"),
        (3, replace(events()[3], content="3,8"), "draw-value-malformed"),
        (4, replace(events()[4], content=SEEDS[1]), "draw-seed-wrong"),
        (4, replace(events()[4], content="00"), "draw-seed-malformed"),
        (4, replace(events()[4], content="zz" * 16), "draw-seed-malformed"),
        (4, replace(events()[4], content=SEEDS[0].upper()), "draw-seed-malformed"),
        (5, replace(events()[5], party=1, content=SEEDS[0]), "draw-party-done"),
        (6, replace(events()[6], content="again"), "draw-illegal-act"),
        (6, Event(DrawAct.ABANDON, SOMEBODY, LATE, content="  "), "draw-reason-missing"),
        (6, Event(DrawAct.ABANDON, SOMEBODY, LATE, content="x" * 201), "draw-reason-missing"),
    ],
)
def test_acts_that_are_refused(upto: int, event: Event, code: str) -> None:
    assert refused(played(upto), event) == code


def test_the_second_of_the_value_is_exact() -> None:
    value = replace(events()[2], at_us=KNOWN_US)
    assert take(played(2), value).state is DrawState.VALUE_ENTERED
    last = replace(events()[1], at_us=Micros(KNOWN_US - 1))
    assert take(played(1), last).state is DrawState.COMMITTED


def test_a_value_may_be_typed_in_another_order_and_is_the_same() -> None:
    again = replace(events()[3], content="27 22 19 14 8 5 3")
    assert take(played(3), again).state is DrawState.VALUE_CONFIRMED


def test_a_value_that_was_sent_back_is_entered_again_and_both_stay() -> None:
    draw = take(played(3), Event(DrawAct.REJECT_VALUE, ANOTHER, Micros(KNOWN_US + 2 * 3600 * 1_000_000)))
    assert draw.state is DrawState.COMMITTED
    draw = take(draw, Event(DrawAct.ENTER_VALUE, ANOTHER, draw.events[-1].at_us, content="1 2 3"))
    draw = take(draw, Event(DrawAct.CONFIRM_VALUE, SOMEBODY, draw.events[-1].at_us, content="1 2 3"))
    assert draw.value == "1 2 3"
    assert [one.content for one in draw.events if one.act is DrawAct.ENTER_VALUE] == [VALUE, "1 2 3"]


@pytest.mark.parametrize(
    ("upto", "seen", "act", "party", "still"),
    [
        (0, 1, DrawAct.COMMIT, 1, True),
        (1, 1, DrawAct.COMMIT, 2, True),
        (1, 1, DrawAct.COMMIT, 1, False),
        (1, 3, DrawAct.COMMIT, 2, False),
        (1, 0, DrawAct.COMMIT, 2, False),
        (2, 2, DrawAct.ENTER_VALUE, 0, False),
        (2, 3, DrawAct.ENTER_VALUE, 0, True),
        (3, 1, DrawAct.COMMIT, 2, False),
        (5, 5, DrawAct.DISCLOSE, 2, True),
        (5, 5, DrawAct.DISCLOSE, 1, False),
        (5, 5, DrawAct.ABANDON, 0, False),
        (6, 6, DrawAct.DRAW, 0, False),
    ],
)
def test_only_parties_may_miss_what_others_did_for_themselves(
    upto: int, seen: int, act: DrawAct, party: int, *, still: bool
) -> None:
    assert holds(played(upto), seen, act, party) is still


def test_a_seed_of_an_earlier_draw_is_no_secret() -> None:
    assert refused(played(0), events()[0], {events()[0].content}) == "draw-commitment-known"


@pytest.mark.parametrize("upto", range(7))
def test_whatever_is_not_over_can_be_abandoned_with_a_reason(upto: int) -> None:
    draw = take(played(upto), Event(DrawAct.ABANDON, SOMEBODY, LATE, content="公证处遗失种子"))
    assert draw.state is DrawState.ABANDONED
    with pytest.raises(DrawRefused, match="draw-illegal-act"):
        outcome(draw)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": 2}, "draw-stale"),
        ({"reason": "再来一次"}, "draw-reason-missing"),
        ({"parties": PARTIES[:1]}, "draw-parties-few"),
        ({"parties": ("甲", " 甲 ")}, "draw-parties-few"),
        ({"parties": ("甲", " ")}, "draw-parties-few"),
        ({"value_name": " "}, "draw-value-unnamed"),
        ({"value_name": "x" * 201}, "draw-value-unnamed"),
        ({"value_kind": "index"}, "draw-value-unnamed"),
        ({"places": 0}, "draw-value-unnamed"),
        ({"known_from_us": ANNOUNCED_US}, "draw-too-late"),
        ({"lists": ()}, "draw-lists-unsound"),
        ({"lists": lists()[::-1]}, "draw-lists-unsound"),
        ({"lists": (NominationList(DelegationCode("110000"), "", ("a", "a")),)}, "draw-lists-unsound"),
        ({"lists": (NominationList(DelegationCode("11-000"), "", ("a",)),)}, "draw-lists-unsound"),
    ],
)
def test_announcements_that_are_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DrawRefused) as caught:
        announced(notice(**changes))
    assert caught.value.code == code


def test_another_draw_has_the_next_number_a_reason_and_waits_for_the_one_before() -> None:
    again = notice(number=2, reason="公共值录入有误")
    with pytest.raises(DrawRefused, match="draw-under-way"):
        announced(again, [played(6)])
    with pytest.raises(DrawRefused, match="draw-reason-missing"):
        announced(notice(number=2), [played()])
    with pytest.raises(DrawRefused, match="draw-stale"):
        announced(notice(number=1), [played()])
    assert announced(again, [played()]).state is DrawState.ANNOUNCED


STEPS = st.tuples(st.sampled_from(DrawAct), st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 3))


@given(st.lists(STEPS, max_size=25))
def test_whatever_is_tried_an_end_was_reached_by_the_whole_protocol(tried: list[tuple[DrawAct, int, str, int]]) -> None:
    """Three people try what they like: nothing is drawn but by both commitments, two at the value, and both seeds."""
    draw = announced()
    now = ANNOUNCED_US
    for act, party, actor, pace in tried:
        now = Micros(now + pace * (KNOWN_US - ANNOUNCED_US) // 4)
        seed = SEEDS[(party - 1) % 2]
        content = {
            DrawAct.COMMIT: commitment(bytes.fromhex(seed)),
            DrawAct.DISCLOSE: seed,
            DrawAct.ENTER_VALUE: VALUE,
            DrawAct.CONFIRM_VALUE: VALUE,
            DrawAct.ABANDON: "因故",
        }.get(act, "")
        before = draw
        try:
            draw = take(draw, Event(act, ActorId(actor), now, party, content))
        except DrawRefused:
            assert draw is before
            continue
        assert not before.ended
        assert draw.events[:-1] == before.events
    if draw.state is DrawState.DRAWN:
        done = [one.act for one in draw.events]
        assert done.count(DrawAct.COMMIT) == done.count(DrawAct.DISCLOSE) == len(PARTIES)
        assert done.index(DrawAct.ENTER_VALUE) > done.index(DrawAct.COMMIT)
        entered, confirmed = draw.entered, next(one for one in draw.events if one.act is DrawAct.CONFIRM_VALUE)
        assert entered is not None
        assert entered.actor != confirmed.actor
        assert all(one.at_us < KNOWN_US for one in draw.events if one.act is DrawAct.COMMIT)
        assert entered.at_us >= KNOWN_US

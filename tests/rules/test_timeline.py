import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.timeline import CHECK_IN_US, compute_phase, ends_at, item_at, may_enter, windows
from leitai.rules.values import ItemNo, Micros, Pacing, Pause, Phase, Plan, Window
from tests.rules.builders import SECOND, START, item, plan

STREAMED = plan([item(1, seconds=20), item(2, seconds=30), item(3, seconds=15)])
PAPER = plan([item(1), item(2), item(3)], Pacing.PAPER, duration_us=Micros(600 * SECOND))


def spans(placed: tuple[Window, ...]) -> list[tuple[int, int, int]]:
    """Windows as item, opening and closing in microseconds after the start."""
    return [(w.item_no, w.opens_at_us - START, w.closes_at_us - START) for w in placed]


def seconds(placed: tuple[Window, ...]) -> list[tuple[int, float, float]]:
    return [(no, opens / SECOND, closes / SECOND) for no, opens, closes in spans(placed)]


def pause(from_us: int, until_us: int | None = None) -> Pause:
    return Pause(Micros(START + from_us), None if until_us is None else Micros(START + until_us))


def test_streamed_items_open_one_gap_after_the_closing_before() -> None:
    assert seconds(windows(STREAMED, START)) == [(1, 0, 20), (2, 23, 53), (3, 56, 71)]


def test_the_gap_is_a_setting() -> None:
    assert seconds(windows(plan(STREAMED.items, gap_us=Micros(0)), START)) == [(1, 0, 20), (2, 20, 50), (3, 50, 65)]


def test_paper_has_one_window_for_all() -> None:
    assert seconds(windows(PAPER, START)) == [(1, 0, 600), (2, 0, 600), (3, 0, 600)]


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        (0, [(1, 10, 30), (2, 33, 63), (3, 66, 81)]),
        (1, [(1, 0, 30), (2, 33, 63), (3, 66, 81)]),
        (20 * SECOND - 1, [(1, 0, 30), (2, 33, 63), (3, 66, 81)]),
        (20 * SECOND, [(1, 0, 20), (2, 33, 63), (3, 66, 81)]),
        (21 * SECOND, [(1, 0, 20), (2, 33, 63), (3, 66, 81)]),
        (23 * SECOND - 1, [(1, 0, 20), (2, 33, 63), (3, 66, 81)]),
        (23 * SECOND, [(1, 0, 20), (2, 33, 63), (3, 66, 81)]),
        (23 * SECOND + 1, [(1, 0, 20), (2, 23, 63), (3, 66, 81)]),
        (71 * SECOND - 1, [(1, 0, 20), (2, 23, 53), (3, 56, 81)]),
        (71 * SECOND, [(1, 0, 20), (2, 23, 53), (3, 56, 71)]),
        (72 * SECOND, [(1, 0, 20), (2, 23, 53), (3, 56, 71)]),
    ],
)
def test_a_pause_moves_everything_after_its_beginning(begins: int, expected: list[tuple[int, float, float]]) -> None:
    assert seconds(windows(STREAMED, START, [pause(begins, begins + 10 * SECOND)])) == expected


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        (0, []),
        (1, [(1, 0, 1)]),
        (20 * SECOND - 1, [(1, 0, 20 * SECOND - 1)]),
        (20 * SECOND, [(1, 0, 20 * SECOND)]),
        (23 * SECOND, [(1, 0, 20 * SECOND)]),
        (23 * SECOND + 1, [(1, 0, 20 * SECOND), (2, 23 * SECOND, 23 * SECOND + 1)]),
    ],
)
def test_an_open_ended_pause_stops_time(begins: int, expected: list[tuple[int, int, int]]) -> None:
    assert spans(windows(STREAMED, START, [pause(begins)])) == expected


def test_pauses_are_given_in_the_time_that_people_saw() -> None:
    placed = windows(STREAMED, START, [pause(5 * SECOND, 15 * SECOND), pause(29 * SECOND, 30 * SECOND)])
    assert seconds(placed) == [(1, 0, 31), (2, 34, 64), (3, 67, 82)]


def test_pauses_may_touch() -> None:
    two = [pause(5 * SECOND, 6 * SECOND), pause(6 * SECOND, 15 * SECOND)]
    assert windows(STREAMED, START, two) == windows(STREAMED, START, [pause(5 * SECOND, 15 * SECOND)])


def test_a_paused_paper() -> None:
    assert seconds(windows(PAPER, START, [pause(60 * SECOND, 90 * SECOND)])) == [(no, 0, 630) for no in (1, 2, 3)]
    assert seconds(windows(PAPER, START, [pause(60 * SECOND)])) == [(no, 0, 60) for no in (1, 2, 3)]


def test_extensions_lengthen_their_item_and_delay_the_rest() -> None:
    extended = windows(STREAMED, START, (), {ItemNo(2): 5 * SECOND})
    assert seconds(extended) == [(1, 0, 20), (2, 23, 58), (3, 61, 76)]


def test_an_extension_of_nothing_changes_nothing() -> None:
    assert windows(STREAMED, START, (), {ItemNo(2): 0}) == windows(STREAMED, START)


def test_the_greatest_extension_lengthens_a_paper() -> None:
    extended = windows(PAPER, START, (), {ItemNo(1): 60 * SECOND, ItemNo(3): 30 * SECOND})
    assert seconds(extended) == [(no, 0, 660) for no in (1, 2, 3)]


@pytest.mark.parametrize(
    "pauses",
    [
        [pause(-1, 5)],
        [pause(5, 4)],
        [pause(5, 9), pause(8, 12)],
        [pause(5), pause(9, 12)],
        [pause(9, 12), pause(5, 6)],
    ],
)
def test_impossible_pauses_are_refused(pauses: list[Pause]) -> None:
    with pytest.raises(ValueError, match="pause"):
        windows(STREAMED, START, pauses)


def test_time_is_never_taken_away() -> None:
    with pytest.raises(ValueError, match="negative"):
        windows(STREAMED, START, (), {ItemNo(1): -1})


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (-1, None),
        (0, 1),
        (20 * SECOND - 1, 1),
        (20 * SECOND, None),
        (23 * SECOND - 1, None),
        (23 * SECOND, 2),
        (53 * SECOND - 1, 2),
        (53 * SECOND, None),
        (56 * SECOND, 3),
        (71 * SECOND - 1, 3),
        (71 * SECOND, None),
    ],
)
def test_the_open_item_to_the_microsecond(at: int, expected: int | None) -> None:
    found = item_at(windows(STREAMED, START), Micros(START + at))
    assert (found.item_no if found else None) == expected


def test_one_window_stands_for_a_paper() -> None:
    placed = windows(PAPER, START)
    assert item_at(placed, START) == item_at(placed, Micros(START + 600 * SECOND - 1)) == placed[0]
    assert item_at(placed, Micros(START - 1)) is item_at(placed, Micros(START + 600 * SECOND)) is None


def test_the_end() -> None:
    assert ends_at(windows(STREAMED, START)) == START + 71 * SECOND
    assert ends_at(windows(PAPER, START)) == START + 600 * SECOND
    with pytest.raises(ValueError, match="empty"):
        ends_at(())


@pytest.mark.parametrize(("after", "entered"), [(-1, True), (0, True), (600 * SECOND - 1, True), (600 * SECOND, False)])
def test_late_entry_ends_ten_minutes_after_the_start(after: int, entered: bool) -> None:
    assert may_enter(STREAMED, START, Micros(START + after)) is entered


@pytest.mark.parametrize(
    ("at", "running", "paused"),
    [
        (-CHECK_IN_US - 1, Phase.SCHEDULED, Phase.SCHEDULED),
        (-CHECK_IN_US, Phase.LOBBY, Phase.LOBBY),
        (-1, Phase.LOBBY, Phase.LOBBY),
        (0, Phase.RUNNING, Phase.PAUSED),
        (71 * SECOND - 1, Phase.RUNNING, Phase.PAUSED),
        (71 * SECOND, Phase.CLOSED, Phase.PAUSED),
        (71 * SECOND + 1, Phase.CLOSED, Phase.PAUSED),
    ],
)
def test_the_phase_to_the_microsecond(at: int, running: Phase, paused: Phase) -> None:
    bounds = (START, Micros(START + 71 * SECOND), Micros(START - CHECK_IN_US), Micros(START + at))
    assert compute_phase(*bounds) is running
    assert compute_phase(*bounds, paused=True) is paused


@st.composite
def sessions(draw: st.DrawFn) -> tuple[Plan, list[Pause]]:
    items = [item(no, seconds=draw(st.integers(1, 40))) for no in range(1, draw(st.integers(1, 8)) + 1)]
    pacing = draw(st.sampled_from(Pacing))
    drawn = plan(
        items, pacing, gap_us=Micros(draw(st.integers(0, 5 * SECOND))), duration_us=Micros(draw(st.integers(1, 10**9)))
    )
    cuts = sorted(draw(st.lists(st.integers(0, 400 * SECOND), max_size=8)))
    pauses = [pause(first, second) for first, second in zip(cuts[::2], cuts[1::2], strict=False)]
    if len(cuts) % 2:
        pauses.append(pause(cuts[-1]))
    return drawn, pauses


@given(sessions())
def test_pauses_remove_time_and_nothing_else(session: tuple[Plan, list[Pause]]) -> None:
    planned, pauses = session
    plain = windows(planned, START)
    placed = windows(planned, START, pauses)
    finite = [p for p in pauses if p.until_us is not None]
    stands_still = len(finite) < len(pauses)
    if not stands_still:
        assert len(placed) == len(plain)
    for before, after in zip(plain, placed, strict=False):
        removed = sum(
            max(0, min(p.until_us or 0, after.closes_at_us) - max(p.from_us, after.opens_at_us)) for p in finite
        )
        net = after.closes_at_us - after.opens_at_us - removed
        whole = before.closes_at_us - before.opens_at_us
        assert net == whole or (stands_still and net < whole and after.closes_at_us == pauses[-1].from_us)
        assert after.opens_at_us >= before.opens_at_us
        assert not any(p.from_us <= after.opens_at_us < (p.until_us or after.opens_at_us + 1) for p in pauses)
    if planned.pacing is Pacing.STREAMED:
        for first, second in itertools.pairwise(placed):
            assert first.closes_at_us <= second.opens_at_us

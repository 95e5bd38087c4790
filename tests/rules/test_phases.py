import itertools

import pytest

from leitai.rules.phases import LEGAL_MOVES, SOON_US, IllegalMove, accepts_answers, has_begun, move, under_way
from leitai.rules.values import Micros, Phase

MOVES = {
    (Phase.DRAFT, Phase.SCHEDULED),
    (Phase.SCHEDULED, Phase.DRAFT),
    (Phase.SCHEDULED, Phase.LOBBY),
    (Phase.LOBBY, Phase.SCHEDULED),
    (Phase.LOBBY, Phase.RUNNING),
    (Phase.RUNNING, Phase.PAUSED),
    (Phase.RUNNING, Phase.CLOSED),
    (Phase.PAUSED, Phase.RUNNING),
    (Phase.PAUSED, Phase.CLOSED),
    (Phase.CLOSED, Phase.UNDER_REVIEW),
    (Phase.UNDER_REVIEW, Phase.FINALIZED),
}


@pytest.mark.parametrize(("current", "to"), sorted(itertools.product(Phase, Phase), key=str))
def test_exactly_the_legal_moves_are_made(current: Phase, to: Phase) -> None:
    if (current, to) in MOVES:
        assert move(current, to) is to
        return
    with pytest.raises(IllegalMove) as caught:
        move(current, to)
    assert (caught.value.from_phase, caught.value.to_phase) == (current, to)
    assert str(caught.value) == f"{current.value} -> {to.value}"


def test_the_table_names_every_phase_and_cannot_be_changed() -> None:
    assert set(LEGAL_MOVES) == set(Phase)
    with pytest.raises(TypeError):
        LEGAL_MOVES[Phase.FINALIZED] = frozenset(Phase)  # pyright: ignore[reportIndexIssue]


def test_every_phase_is_reached_from_draft_and_reaches_the_end() -> None:
    reached = {Phase.DRAFT}
    while True:
        further = reached.union(*(LEGAL_MOVES[phase] for phase in reached))
        if further == reached:
            break
        reached = further
    assert reached == set(Phase)
    assert [phase for phase in Phase if not LEGAL_MOVES[phase]] == [Phase.FINALIZED]


def test_answers_are_judged_by_windows_while_running_and_paused_only() -> None:
    assert {phase for phase in Phase if accepts_answers(phase)} == {Phase.RUNNING, Phase.PAUSED}


@pytest.mark.parametrize("phase", Phase)
def test_a_session_has_begun_by_its_phase_and_a_lobby_by_its_start(phase: Phase) -> None:
    begun = phase not in (Phase.DRAFT, Phase.SCHEDULED, Phase.LOBBY)
    assert has_begun(phase, Micros(10), Micros(9)) is begun
    assert has_begun(phase, Micros(10), Micros(10)) is (begun or phase is Phase.LOBBY)


@pytest.mark.parametrize("phase", Phase)
def test_a_session_is_under_way_while_answers_are_taken_and_shortly_before(phase: Phase) -> None:
    start, running = Micros(10 * SOON_US), phase in (Phase.RUNNING, Phase.PAUSED)
    soon = Micros(start - SOON_US)
    assert under_way(phase, start, Micros(soon - 1)) is running
    assert under_way(phase, start, soon) is (running or phase is Phase.LOBBY)
    # A director that is away does not begin on time: its lobby waits for it.
    assert under_way(phase, start, Micros(start + SOON_US)) is (running or phase is Phase.LOBBY)

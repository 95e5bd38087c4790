"""The conductor: every command in every phase, and its timeline to the microsecond."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.live.conductor import CLOSING_GRACE_US, REVIEW_AFTER_US, SOON_US, CommandRefused, Conductor, Step
from leitai.live.feed import FeedRing
from leitai.live.ports import Command, Freeze, SessionFile, SessionState
from leitai.rules.timeline import windows
from leitai.rules.values import ItemNo, Micros, Pacing, Pause, Phase, Window
from leitai.wire.codec import decode_feed_entry, encode
from leitai.wire.messages import ServerAnnouncement, ServerClosed, ServerPhase, ServerTimeline
from tests.support.live import SECOND, START, session_file

LOBBY = START - 60 * SECOND
KINDS = ("lobby", "start", "pause", "resume", "close", "review", "finalize", "announce")


class Walk:
    """A conductor whose entries go into a feed, so that every offset is checked."""

    def __init__(self, file: SessionFile | None = None, state: SessionState | None = None) -> None:
        self.file = file or session_file()
        self.conductor = Conductor(self.file, state, 0)
        self.ring = FeedRing("e")
        self.closed: list[Window] = []

    @property
    def state(self) -> SessionState:
        return self.conductor.state

    def due(self, now_us: int) -> list[Step]:
        """Take every step that is due."""
        steps: list[Step] = []
        while (step := self.conductor.due(now_us)) is not None:
            steps.append(self._told(step))
        return steps

    def command(self, kind: str, now_us: int, text: str = "", **more: Any) -> Step:
        return self._told(self.conductor.command(Command(kind, "operator", text, **more), now_us))

    def _told(self, step: Step) -> Step:
        for entry in step.entries:
            self.ring.add(encode(entry))
        self.closed += step.closed
        view = self.ring.view
        assert step.state is self.conductor.state
        assert view.offset == self.conductor.offset
        if step.set_windows:
            assert [(one.item, one.opens_at_us, one.closes_at_us) for one in view.windows] == [
                (one.item_no, one.opens_at_us, one.closes_at_us) for one in step.state.windows
            ]
            assert view.timeline_version == step.state.timeline_version
        return step


def at_phase(phase: Phase) -> Walk:
    """A session that came to `phase`; running and paused: in the middle of item 1."""
    walk = Walk()
    if phase is Phase.DRAFT:
        return Walk(replace(walk.file, phase=Phase.DRAFT))
    walk.due(LOBBY - 1)
    if phase is Phase.SCHEDULED:
        return walk
    walk.due(LOBBY)
    if phase is Phase.LOBBY:
        return walk
    walk.due(START + 5 * SECOND)
    if phase is Phase.PAUSED:
        walk.command("pause", START + 5 * SECOND)
    elif phase is not Phase.RUNNING:
        walk.command("close", START + 5 * SECOND)
        walk.conductor.missing = ()
        if phase is not Phase.CLOSED:
            walk.command("review", START + 6 * SECOND)
        if phase is Phase.FINALIZED:
            walk.command("finalize", START + 7 * SECOND)
    assert walk.state.phase is phase
    return walk


_MOVES = {
    (Phase.SCHEDULED, "lobby"): Phase.LOBBY,
    (Phase.SCHEDULED, "start"): Phase.LOBBY,
    (Phase.LOBBY, "start"): Phase.LOBBY,
    (Phase.RUNNING, "pause"): Phase.PAUSED,
    (Phase.PAUSED, "resume"): Phase.RUNNING,
    (Phase.RUNNING, "close"): Phase.CLOSED,
    (Phase.PAUSED, "close"): Phase.CLOSED,
    (Phase.CLOSED, "review"): Phase.UNDER_REVIEW,
    (Phase.UNDER_REVIEW, "finalize"): Phase.FINALIZED,
}


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("kind", [*KINDS, "no-such"])
def test_every_command_in_every_phase(phase: Phase, kind: str) -> None:
    walk = at_phase(phase)
    before, offset = walk.state, walk.conductor.offset
    now_us = START + 9 * SECOND if phase not in (Phase.DRAFT, Phase.SCHEDULED, Phase.LOBBY) else START - 30 * SECOND
    moved = before.phase if kind == "announce" else _MOVES.get((phase, kind))
    if moved is None:
        with pytest.raises(CommandRefused):
            walk.command(kind, now_us)
        assert (walk.state, walk.conductor.offset) == (before, offset)
        return
    step = walk.command(kind, now_us, "各位选手" if kind == "announce" else "")
    assert walk.state.phase is moved
    assert walk.ring.view.phase is moved if kind != "announce" else isinstance(step.entries[0], ServerAnnouncement)


def test_an_announcement_has_words_and_not_too_many() -> None:
    walk = at_phase(Phase.RUNNING)
    with pytest.raises(CommandRefused):
        walk.command("announce", START)
    (entry,) = walk.command("announce", START + 5, "字" * 900).entries
    assert isinstance(entry, ServerAnnouncement)
    assert (entry.text, entry.at_us, entry.id) == ("字" * 500, START + 5, entry.offset)


def test_a_session_walks_its_timeline_to_the_microsecond() -> None:
    walk = Walk(session_file(items=2, seconds=20))
    placed = windows(walk.file.plan, START)
    (step,) = walk.due(0)
    assert (step.set_windows, step.state.windows, walk.state.phase) == (True, placed, Phase.SCHEDULED)
    assert walk.due(LOBBY - 1) == []
    assert [step.state.phase for step in walk.due(LOBBY)] == [Phase.LOBBY]
    assert walk.due(START - 1) == []
    assert [step.state.phase for step in walk.due(START)] == [Phase.RUNNING]
    for window in placed:
        over = window.closes_at_us + CLOSING_GRACE_US
        for now_us, open_item in (
            (window.opens_at_us - 1, 0),
            (window.opens_at_us, window.item_no),
            (window.closes_at_us - 1, window.item_no),
            (window.closes_at_us, window.item_no),
            (over - 1, window.item_no),
        ):
            assert walk.conductor.open_item(now_us) == open_item
            assert walk.due(now_us) == []
        steps = walk.due(over)
        assert walk.conductor.open_item(over) == 0
        assert steps[0].closed == [window]
        assert [type(entry) for entry in steps[0].entries] == [ServerClosed]
    assert walk.state.phase is Phase.CLOSED
    assert walk.closed == list(walk.state.counted_windows) == list(placed)
    assert walk.due(START + 10**12) == []


def test_a_director_that_comes_late_catches_up_in_order() -> None:
    walk = Walk()
    walk.due(START + 10**10)
    assert walk.state.phase is Phase.CLOSED
    assert walk.state.closed_items == (1, 2, 3, 4)


@pytest.mark.parametrize("show", [True, False])
def test_the_right_answer_is_told_only_where_the_contest_shows_it(show: bool) -> None:
    walk = Walk(session_file(show_key=show))
    walk.due(START + 10**10)
    keys = [entry.key for entry in _entries(walk, ServerClosed)]
    assert keys == ([["A"], ["A", "C"], ["T"], ["三十日", "书面"]] if show else [[]] * 4)


def _entries(walk: Walk, type_: type[ServerClosed]) -> list[ServerClosed]:
    frames = walk.ring.missed("e", 0) or []
    return [entry for entry in map(decode_feed_entry, frames) if isinstance(entry, type_)]


def test_a_paper_opens_and_closes_whole_and_never_shows_keys() -> None:
    walk = Walk(session_file(pacing=Pacing.PAPER, show_key=True))
    walk.due(START)
    assert walk.conductor.open_item(START) == 0
    end_us = START + 80 * SECOND
    assert walk.due(end_us + CLOSING_GRACE_US - 1) == []
    steps = walk.due(end_us + CLOSING_GRACE_US)
    assert len(steps[0].closed) == 4
    assert [entry.key for entry in _entries(walk, ServerClosed)] == [[]] * 4
    assert walk.state.phase is Phase.CLOSED


# --- started by hand --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.LOBBY])
def test_a_start_by_hand_comes_soon_and_runs(phase: Phase) -> None:
    walk = at_phase(phase)
    now_us = START - 50 * SECOND if phase is Phase.LOBBY else LOBBY - 1000 * SECOND
    step = walk.command("start", now_us)
    assert [type(entry) for entry in step.entries] == [ServerTimeline, ServerPhase]
    assert (walk.state.start_us, walk.ring.view.start_us) == (now_us + SOON_US, now_us + SOON_US)
    assert walk.state.windows == windows(walk.file.plan, Micros(now_us + SOON_US))
    assert walk.due(now_us + SOON_US - 1) == []
    assert [step.state.phase for step in walk.due(now_us + SOON_US)] == [Phase.RUNNING]


def test_what_is_about_to_start_anyway_is_not_put_off() -> None:
    """Keys may be out at the scheduled instant before anyone hears of another."""
    for now_us in (START - SOON_US, START - 1, START, START + 5):
        walk = at_phase(Phase.LOBBY)
        with pytest.raises(CommandRefused):
            walk.command("start", now_us)
        assert walk.state.start_us == START


# --- pauses -----------------------------------------------------------------------------------------------------------


def test_a_pause_ends_the_open_window_and_resuming_gives_the_time_back() -> None:
    walk = at_phase(Phase.RUNNING)
    paused_us, resumed_us = START + 8 * SECOND, START + 100 * SECOND
    step = walk.command("pause", paused_us)
    assert step.set_windows
    assert walk.state.windows == (Window(ItemNo(1), START, Micros(paused_us)),)
    assert walk.due(resumed_us - 1) == []
    step = walk.command("resume", resumed_us)
    assert walk.state.windows == windows(walk.file.plan, START, (Pause(Micros(paused_us), Micros(resumed_us)),))
    assert walk.state.windows[0].closes_at_us - resumed_us == 12 * SECOND
    assert walk.state.timeline_version == 3


def test_an_item_that_closed_before_the_pause_is_closed_after_it_as_it_was() -> None:
    walk = at_phase(Phase.RUNNING)
    closes_us = walk.state.windows[0].closes_at_us
    walk.command("pause", closes_us + CLOSING_GRACE_US - 1)
    assert walk.due(closes_us + 10 * SECOND) == []
    walk.command("resume", closes_us + 10 * SECOND)
    (step,) = walk.due(closes_us + 10 * SECOND)
    assert step.closed == [Window(ItemNo(1), START, closes_us)]


def test_a_director_whose_clock_is_behind_can_still_pause_and_resume() -> None:
    walk = at_phase(Phase.PAUSED)
    began_us = walk.state.pauses[0].from_us
    walk.command("resume", began_us - 700)
    assert walk.state.pauses == (Pause(began_us, began_us),)
    walk.command("pause", began_us - 900)
    assert walk.state.pauses[-1] == Pause(began_us)


@given(st.lists(st.integers(0, 12 * SECOND), min_size=2, max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_the_pauses_every_item_gets_its_time_and_closes_once(steps: list[int]) -> None:
    walk = Walk()
    now_us = START
    walk.due(now_us)
    for at, step in enumerate(steps):
        now_us += step
        walk.due(now_us)
        if walk.state.phase is Phase.CLOSED:
            break
        walk.command("pause" if at % 2 == 0 else "resume", now_us)
    if walk.state.phase is Phase.PAUSED:
        walk.command("resume", now_us)
    walk.due(now_us + 10**9)
    assert walk.state.phase is Phase.CLOSED
    assert [window.item_no for window in walk.closed] == [1, 2, 3, 4]
    assert tuple(walk.closed) == walk.state.windows
    for window in walk.closed:
        stood_still = sum(
            min(pause.until_us or 0, window.closes_at_us) - max(pause.from_us, window.opens_at_us)
            for pause in walk.state.pauses
            if pause.from_us < window.closes_at_us and (pause.until_us or 0) > window.opens_at_us
        )
        assert window.closes_at_us - window.opens_at_us - stood_still == 20 * SECOND


# --- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["close", "pause"])
def test_forced_collection_closes_what_is_open_and_forgets_the_rest(first: str) -> None:
    walk = at_phase(Phase.RUNNING)
    second = walk.state.windows[1]
    walk.due(second.opens_at_us + SECOND)
    at_us = second.opens_at_us + SECOND
    if first == "pause":
        walk.command("pause", at_us)
    step = walk.command("close", at_us)
    assert walk.state.phase is Phase.CLOSED
    assert [(window.item_no, window.closes_at_us) for window in step.state.windows] == [
        (1, walk.closed[0].closes_at_us),
        (2, at_us),
    ]
    assert (walk.state.closed_items, len(walk.closed)) == ((1, 2), 2)
    assert walk.ring.view.phase is Phase.CLOSED
    assert walk.ring.view.open_windows(at_us) == []


def test_a_rehearsal_moves_on_by_itself_once_everything_is_recorded() -> None:
    walk = Walk(session_file(auto_finalize=True, items=1))
    end_us = START + 20 * SECOND
    walk.due(end_us + CLOSING_GRACE_US)
    assert walk.state.phase is Phase.CLOSED
    assert walk.due(end_us + REVIEW_AFTER_US - 1) == []
    walk.due(end_us + REVIEW_AFTER_US)
    assert walk.state.phase is Phase.UNDER_REVIEW
    assert walk.due(end_us + 10**9) == []
    with pytest.raises(CommandRefused):
        walk.command("finalize", end_us + 10**9)
    walk.conductor.missing = ()
    walk.due(end_us + 10**9)
    assert walk.state.phase is Phase.FINALIZED


def test_who_takes_over_goes_on_where_the_state_stands() -> None:
    walk = at_phase(Phase.RUNNING)
    walk.due(walk.state.windows[1].opens_at_us)
    heir = Conductor(walk.file, walk.state, walk.conductor.offset)
    now_us = walk.state.windows[1].closes_at_us + CLOSING_GRACE_US
    mine, other = heir.due(now_us), walk.conductor.due(now_us)
    assert mine is not None
    assert other is not None
    assert (mine.state, mine.entries, mine.closed) == (other.state, other.entries, other.closed)


# --- more time, and less ---------------------------------------------------------------------------------------------


def test_an_open_item_is_extended_and_later_ones_wait() -> None:
    walk = at_phase(Phase.RUNNING)
    before = walk.state.windows
    step = walk.command("extend", START + 5 * SECOND, item=ItemNo(1), seconds=30)
    assert step.set_windows
    after = walk.state.windows
    assert after[0] == Window(ItemNo(1), before[0].opens_at_us, Micros(before[0].closes_at_us + 30 * SECOND))
    assert all(
        late.opens_at_us - early.opens_at_us == 30 * SECOND for early, late in zip(before[1:], after[1:], strict=True)
    )
    walk.command("extend", START + 6 * SECOND, item=ItemNo(1), seconds=10)
    assert walk.state.windows[0].closes_at_us == before[0].closes_at_us + 40 * SECOND


def test_extensions_and_skips_outlast_a_pause() -> None:
    walk = at_phase(Phase.RUNNING)
    walk.command("extend", START + 5 * SECOND, item=ItemNo(1), seconds=30)
    walk.command("skip", START + 5 * SECOND, item=ItemNo(3))
    planned = walk.state.windows
    walk.command("pause", START + 6 * SECOND)
    walk.command("resume", START + 16 * SECOND)
    assert [window.item_no for window in walk.state.windows] == [1, 2, 4]
    assert walk.state.windows[1].opens_at_us == planned[1].opens_at_us + 10 * SECOND


def test_a_session_is_extended_by_every_item_that_is_not_over() -> None:
    walk = at_phase(Phase.RUNNING)
    second = walk.state.windows[1]
    walk.due(second.opens_at_us + SECOND)
    assert walk.state.closed_items == (1,)
    walk.command("extend", second.opens_at_us + SECOND, seconds=10)
    assert dict(walk.state.extensions) == {2: 10 * SECOND, 3: 10 * SECOND, 4: 10 * SECOND}
    last = walk.state.windows[-1].closes_at_us - SECOND
    while walk.due(last):
        pass
    with pytest.raises(CommandRefused, match="too-late-to-change"):
        walk.command("extend", last, seconds=10)


def test_a_lobby_is_opened_by_hand_and_the_start_stays() -> None:
    walk = Walk()
    walk.due(LOBBY - 30 * SECOND)
    assert walk.state.phase is Phase.SCHEDULED
    walk.command("lobby", LOBBY - 30 * SECOND)
    assert walk.state.phase is Phase.LOBBY
    assert walk.state.start_us == START
    walk.due(START)
    assert walk.state.phase is Phase.RUNNING
    with pytest.raises(CommandRefused, match="command-refused"):
        walk.command("lobby", START)


def test_a_start_is_moved_with_its_lobby_and_a_session_withdrawn_before_it() -> None:
    walk = Walk()
    walk.due(0)
    later = START + 3600 * SECOND
    with pytest.raises(CommandRefused, match="command-refused"):
        walk.command("reschedule", 0, at_us=SOON_US)
    walk.command("reschedule", 0, at_us=later)
    assert walk.state.start_us == later
    assert walk.state.windows == windows(walk.file.plan, Micros(later))
    # The lobby opens as long before the start as was planned.
    assert walk.due(LOBBY + 3600 * SECOND - 1) == []
    walk.command("withdraw", LOBBY)
    assert walk.state.phase is Phase.DRAFT
    assert walk.due(later) == []
    for kind in ("reschedule", "start", "lobby"):
        with pytest.raises(CommandRefused, match="command-refused"):
            walk.command(kind, later, at_us=later + SOON_US + 1)


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.SCHEDULED])
def test_nothing_is_moved_or_withdrawn_once_the_lobby_has_opened(phase: Phase) -> None:
    walk = at_phase(phase)
    before = walk.state
    for kind in ("reschedule", "withdraw"):
        with pytest.raises(CommandRefused, match="command-refused"):
            walk.command(kind, START, at_us=START + 3600 * SECOND)
    assert walk.state == before


def test_a_paper_is_extended_for_everybody() -> None:
    walk = Walk(session_file(pacing=Pacing.PAPER))
    walk.due(START + 5 * SECOND)
    ends = walk.state.windows[0].closes_at_us
    walk.command("extend", START + 5 * SECOND, seconds=60)
    assert {window.closes_at_us for window in walk.state.windows} == {ends + 60 * SECOND}
    with pytest.raises(CommandRefused, match="command-refused"):
        walk.command("skip", START + 5 * SECOND, item=ItemNo(2))


def test_a_skipped_item_never_opens_is_never_scored_and_the_session_ends_without_it() -> None:
    walk = at_phase(Phase.RUNNING)
    walk.command("skip", START + 5 * SECOND, item=ItemNo(2))
    assert [window.item_no for window in walk.state.windows] == [1, 3, 4]
    end_us = walk.state.windows[-1].closes_at_us + CLOSING_GRACE_US
    while walk.due(end_us):
        pass
    assert walk.state.phase is Phase.CLOSED
    assert [window.item_no for window in walk.closed] == [1, 3, 4]


@pytest.mark.parametrize(
    ("kind", "item", "seconds", "at_us", "code"),
    [
        ("extend", 1, 0, START + SECOND, "command-refused"),
        ("extend", 1, -5, START + SECOND, "command-refused"),
        ("extend", 1, 3601, START + SECOND, "command-refused"),
        ("extend", 9, 10, START + SECOND, "unknown-item"),
        ("extend", 1, 10, START + 19 * SECOND, "too-late-to-change"),
        ("skip", 1, 0, START + 6 * SECOND, "too-late-to-change"),
        ("skip", 2, 0, START + 22 * SECOND, "too-late-to-change"),
        ("skip", 9, 0, START + 6 * SECOND, "unknown-item"),
    ],
)
def test_what_is_about_to_happen_or_makes_no_sense_is_refused(
    kind: str, item: int, seconds: int, at_us: int, code: str
) -> None:
    walk = Walk()
    walk.due(LOBBY)
    walk.due(START)
    before = walk.state
    with pytest.raises(CommandRefused) as refusal:
        walk.command(kind, at_us, item=ItemNo(item), seconds=seconds)
    assert refusal.value.code == code
    assert walk.state == before


def test_of_two_who_act_on_the_same_sight_the_second_is_told() -> None:
    walk = at_phase(Phase.RUNNING)
    seen = walk.state.edition
    walk.command("announce", START + 5 * SECOND, "请注意", expects=seen)
    walk.command("pause", START + 5 * SECOND, expects=seen)
    with pytest.raises(CommandRefused) as refusal:
        walk.command("extend", START + 5 * SECOND, item=ItemNo(1), seconds=10, expects=seen)
    assert refusal.value.code == "stale-edition"


def test_what_came_of_the_last_commands_is_kept_with_the_state() -> None:
    conductor = at_phase(Phase.RUNNING).conductor
    for number in range(20):
        conductor.set_down(f"{number}-0", "" if number % 2 else "command-refused")
    assert conductor.state.command == "19-0"
    assert len(conductor.state.outcomes) == 16
    assert dict(conductor.state.outcomes)["18-0"] == "command-refused"


# --- freeze and thaw --------------------------------------------------------------------------------------------------


def test_the_scheduled_freeze_begins_at_its_very_instant_and_before_what_closes_after_it() -> None:
    walk = Walk(session_file(items=10, freeze_percent=20))
    walk.due(START)
    due_us = walk.state.windows[8].opens_at_us
    assert walk.conductor.freezes_at_us == due_us
    walk.due(due_us - 1)
    assert walk.state.freeze is None
    # Nobody directed for a minute.
    steps = walk.due(due_us + 60 * SECOND)
    assert walk.state.freeze == Freeze(due_us, Phase.RUNNING)
    frozen = next(number for number, step in enumerate(steps) if step.state.freeze is not None)
    assert all(window.closes_at_us <= due_us for step in steps[:frozen] for window in step.closed)
    assert walk.conductor.freezes_at_us is None


def test_a_thaw_outlasts_the_schedule() -> None:
    walk = Walk(session_file(items=10, freeze_percent=20))
    walk.due(START)
    due_us = walk.state.windows[8].opens_at_us
    walk.command("freeze", due_us - 5)
    assert walk.state.freeze == Freeze(Micros(due_us - 5), Phase.RUNNING)
    walk.due(due_us)
    assert walk.state.freeze == Freeze(Micros(due_us - 5), Phase.RUNNING)
    walk.command("thaw", due_us + 1)
    walk.due(due_us + 200 * SECOND)
    assert (walk.state.freeze, walk.state.phase) == (None, Phase.CLOSED)
    walk.command("freeze", due_us + 300 * SECOND)
    assert walk.state.freeze == Freeze(Micros(due_us + 300 * SECOND), Phase.CLOSED)


def test_a_thaw_before_the_schedule_does_not_undo_it() -> None:
    walk = Walk(session_file(items=10, freeze_percent=20))
    walk.due(START)
    due_us = walk.state.windows[8].opens_at_us
    walk.command("freeze", due_us - 5)
    walk.command("thaw", due_us - 4)
    walk.due(due_us)
    assert walk.state.freeze == Freeze(due_us, Phase.RUNNING)


@pytest.mark.parametrize("phase", list(Phase))
def test_in_which_phase_a_board_is_frozen_and_thawed(phase: Phase) -> None:
    walk = Walk(state=SessionState(phase, START, 1, ()))
    thawed = phase in (Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED)
    with pytest.raises(CommandRefused) as refused:
        walk.command("thaw", START)
    assert refused.value.code == ("not-frozen" if thawed else "command-refused")
    if phase in (Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW):
        assert walk.command("freeze", START).entries == []
        with pytest.raises(CommandRefused) as refused:
            walk.command("freeze", START)
        assert refused.value.code == "already-frozen"
    else:
        with pytest.raises(CommandRefused) as refused:
            walk.command("freeze", START)
        assert refused.value.code == "command-refused"
    if thawed:
        walk = Walk(state=SessionState(phase, START, 1, (), freeze=Freeze(START, Phase.RUNNING)))
        assert walk.command("thaw", START).state.freeze is None

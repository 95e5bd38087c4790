"""The law of stage rounds: each kind of round, the buzzer's order, false starts, withdrawals, and any log at all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.rules.stage import after, begun, replay
from leitai.rules.stage_events import (
    Awarded,
    BuzzerOpened,
    Entry,
    Event,
    FilmSet,
    Judged,
    Pressed,
    QuestionShown,
    Revealed,
    RoundBegun,
    RoundKind,
    RoundPlan,
    RunBegun,
    StageBegun,
    StageEnded,
    StagePlan,
    StageRefused,
    StageSettings,
    StakeChosen,
    TimerSet,
    VoteClosed,
    VoteOpened,
    Withdrawn,
    check_plan,
)
from leitai.rules.stage_state import Stage
from leitai.rules.values import Micros

REQUIRED, BUZZER, RISK, TIMED, SUDDEN = range(1, 6)
PLAN = StagePlan(
    "决赛",
    ("甲", "乙", "丙", "丁"),
    (
        RoundPlan(RoundKind.REQUIRED, "必答题", 4),
        RoundPlan(RoundKind.BUZZER, "抢答题", 3),
        RoundPlan(RoundKind.RISK, "风险题", 4),
        RoundPlan(RoundKind.TIMED, "限时速答", 6),
        RoundPlan(RoundKind.SUDDEN_DEATH, "加赛", 3),
    ),
)
TWICE = replace(PLAN, settings=StageSettings(buzzer_chances=2))
OPENS = Micros(1_000_000)
SECOND = 1_000_000


def stage_of(*events: Event, plan: StagePlan = PLAN, at_us: int = 0) -> Stage:
    """A stage after these events, all written down at one moment."""
    return on(begun(Entry(1, Micros(at_us), "anna", StageBegun(plan))), *events, at_us=at_us)


def on(stage: Stage, *events: Event, at_us: int = 0) -> Stage:
    for event in events:
        stage = after(stage, Entry(stage.seq + 1, Micros(at_us), "anna", event))
    return stage


def refused(stage: Stage, event: Event, at_us: int = 0) -> str:
    """The code by which an event is refused; the stage stands as it stood."""
    before = stage
    with pytest.raises(StageRefused) as caught:
        on(stage, event, at_us=at_us)
    assert stage == before
    return caught.value.code


def press(team: int, stamp_us: int, question: int = 5) -> Pressed:
    return Pressed(team, question, Micros(stamp_us))


def buzzing(*events: Event, plan: StagePlan = PLAN) -> Stage:
    """The first buzzer question is shown, and what follows."""
    return stage_of(RoundBegun(BUZZER), QuestionShown(5), *events, plan=plan)


OPENED = BuzzerOpened(5, OPENS)


# --- rounds by turns -------------------------------------------------------------------------------------------------


def test_required_questions_go_round_and_a_wrong_answer_costs_nothing() -> None:
    stage = stage_of(RoundBegun(REQUIRED))
    assert (stage.turn, stage.next_question) == (1, 1)
    assert refused(stage, QuestionShown(1, 2)) == "stage-not-their-turn"
    assert refused(stage, QuestionShown(2, 1)) == "stage-other-question"
    assert refused(stage, QuestionShown(1)) == "stage-not-their-turn"
    stage = on(stage, QuestionShown(1, 1), at_us=5)
    assert (stage.answering, stage.timer_ends_us) == (1, 30 * SECOND + 5)
    assert refused(stage, Judged(1, 2, right=True)) == "stage-not-answering"
    assert refused(stage, Judged(2, 1, right=True)) == "stage-other-question"
    stage = on(stage, Judged(1, 1, right=True), QuestionShown(2, 2), Judged(2, 2, right=False))
    assert stage.scores == (11_000, 10_000, 10_000, 10_000)
    assert refused(stage, Judged(2, 2, right=True)) == "stage-not-answering"
    stage = on(stage, QuestionShown(3, 3), QuestionShown(4, 4), Revealed(4))
    assert refused(stage, Judged(4, 4, right=True)) == "stage-other-question"
    assert (stage.next_question, refused(stage, QuestionShown(5, 1))) == (0, "stage-other-question")


def test_a_stake_is_won_or_lost_and_a_team_may_pass() -> None:
    stage = stage_of(RoundBegun(RISK))
    assert refused(stage, QuestionShown(8, 1)) == "stage-no-stake"
    assert refused(stage, StakeChosen(1, 1_500)) == "stage-bad-stake"
    assert refused(stage, StakeChosen(2, 1_000)) == "stage-not-their-turn"
    stage = on(stage, StakeChosen(1, 1_000), StakeChosen(1, 3_000), QuestionShown(8, 1), Judged(8, 1, right=True))
    stage = on(stage, StakeChosen(2, 0), StakeChosen(3, 2_000), QuestionShown(9, 3), Judged(9, 3, right=False))
    assert stage.scores == (13_000, 10_000, 8_000, 10_000)
    assert stage.turn == 4


def test_against_time_a_team_answers_until_the_time_is_over() -> None:
    stage = on(stage_of(RoundBegun(TIMED)), RunBegun(1), at_us=0)
    assert refused(stage, QuestionShown(12, 2)) == "stage-not-their-turn"
    last_us = 90 * SECOND - 1
    stage = on(stage, QuestionShown(12, 1), Judged(12, 1, right=True), QuestionShown(13, 1), at_us=last_us)
    assert stage.timer_ends_us == 90 * SECOND
    # What was asked in time may be judged after it, but nothing more is asked.
    stage = on(stage, Judged(13, 1, right=True), at_us=last_us + 5)
    assert refused(stage, QuestionShown(14, 1), at_us=last_us + 1) == "stage-time-over"
    stage = on(stage, RunBegun(2), QuestionShown(14, 2), Judged(14, 2, right=False), at_us=last_us + 9)
    assert stage.scores == (11_000, 10_000, 10_000, 10_000)
    assert refused(stage, QuestionShown(15, 3), at_us=last_us + 9) == "stage-not-their-turn"


# --- the buzzer ------------------------------------------------------------------------------------------------------


def test_who_arrives_first_answers_whatever_the_order_of_the_log() -> None:
    stage = buzzing(OPENED, press(3, OPENS + 30), press(1, OPENS + 10), press(2, OPENS + 20))
    assert stage.asked is not None
    assert [one.team for one in stage.asked.presses] == [1, 2, 3]
    assert stage.answering == 1


def test_of_two_in_the_same_microsecond_the_log_decides() -> None:
    stage = buzzing(OPENED, press(4, OPENS + 7), press(2, OPENS + 7))
    assert stage.answering == 4


@pytest.mark.parametrize(
    ("stamp_us", "first", "false_starts"),
    [
        (OPENS - 1, 0, (2,)),
        (OPENS, 2, ()),
        (OPENS + 1, 2, ()),
        (OPENS + 10 * SECOND - 1, 2, ()),
        (OPENS + 10 * SECOND, 0, ()),
        (OPENS + 10 * SECOND + 1, 0, ()),
    ],
)
def test_the_buzzer_s_window_to_the_microsecond(stamp_us: int, first: int, false_starts: tuple[int, ...]) -> None:
    stage = buzzing(OPENED, press(2, stamp_us))
    assert stage.asked is not None
    assert (stage.answering, stage.asked.false_starts) == (first, false_starts)
    assert stage.scores[1] == (9_000 if false_starts else 10_000)


def test_a_false_start_costs_points_once_and_locks_the_team_out_of_this_question_only() -> None:
    stage = buzzing(press(2, 5), press(2, 6), OPENED, press(2, OPENS + 1), press(3, OPENS + 2))
    assert stage.answering == 3
    assert stage.scores == (10_000, 9_000, 10_000, 10_000)
    stage = on(stage, Judged(5, 3, right=True), QuestionShown(6), BuzzerOpened(6, OPENS), press(2, OPENS, 6))
    assert stage.answering == 2


def test_presses_for_another_question_and_after_its_end_change_nothing() -> None:
    stage = buzzing(OPENED, press(1, OPENS + 1), Judged(5, 1, right=False))
    assert stage.answering == 0, "one chance only"
    before = replace(stage, entries=())
    assert replace(on(stage, press(2, OPENS + 2), press(3, OPENS, 6), press(9, OPENS)), entries=()) == before
    stage = on(stage, QuestionShown(6), press(4, OPENS, 5))
    assert stage.asked is not None
    assert (stage.asked.false_starts, stage.answering) == ((), 0)


def test_with_two_chances_the_next_in_order_may_answer() -> None:
    stage = buzzing(
        OPENED, press(1, OPENS + 1), press(2, OPENS + 2), press(3, OPENS + 3), Judged(5, 1, right=False), plan=TWICE
    )
    assert stage.answering == 2
    stage = on(stage, Judged(5, 2, right=True))
    assert (stage.answering, stage.scores) == (0, (9_000, 11_000, 10_000, 10_000))


def test_a_buzzer_opens_once_and_not_in_the_past() -> None:
    shown = buzzing()
    assert refused(shown, BuzzerOpened(5, OPENS), at_us=OPENS + 1) == "stage-bad-time"
    assert refused(shown, BuzzerOpened(6, OPENS)) == "stage-other-question"
    assert refused(on(shown, OPENED), OPENED) == "stage-buzzer-open"
    assert refused(stage_of(RoundBegun(REQUIRED), QuestionShown(1, 1)), BuzzerOpened(1, OPENS)) == "stage-other-round"


# --- sudden death ----------------------------------------------------------------------------------------------------


def test_sudden_death_orders_equal_teams_without_points() -> None:
    stage = stage_of(Awarded(4, 500, "风采"))
    assert refused(stage, RoundBegun(SUDDEN, (1, 4))) == "stage-not-equal"
    assert refused(stage, RoundBegun(SUDDEN, (1,))) == "stage-not-equal"
    assert refused(stage, RoundBegun(SUDDEN, (1, 1))) == "stage-not-equal"
    assert refused(stage, RoundBegun(SUDDEN)) == "stage-not-equal"
    assert refused(stage, RoundBegun(BUZZER, (1, 2))) == "stage-all-play"
    stage = on(stage, RoundBegun(SUDDEN, (1, 2, 3)), QuestionShown(18), BuzzerOpened(18, OPENS))
    stage = on(stage, press(4, OPENS, 18), press(2, OPENS + 1, 18), Judged(18, 2, right=True))
    assert (stage.ranks, stage.scores) == ((3, 2, 3, 1), (10_000, 10_000, 10_000, 10_500))
    assert stage.pressing == (1, 3), "the second place is decided"
    stage = on(stage, QuestionShown(19), BuzzerOpened(19, OPENS), press(1, OPENS, 19), Judged(19, 1, right=False))
    assert stage.ranks == (4, 2, 3, 1)
    assert refused(stage, QuestionShown(20)) == "stage-decided"


def test_a_false_start_in_a_sudden_death_locks_and_costs_nothing() -> None:
    stage = stage_of(RoundBegun(SUDDEN, (1, 2)), QuestionShown(18), press(1, 1, 18))
    assert stage.asked is not None
    assert (stage.asked.false_starts, stage.scores) == ((1,), (10_000,) * 4)


# --- judges ----------------------------------------------------------------------------------------------------------


def test_points_by_hand_need_a_reason_and_a_team() -> None:
    stage = stage_of()
    assert refused(stage, Awarded(1, 500, "  ")) == "stage-reason-missing"
    assert refused(stage, Awarded(5, 500, "风采")) == "stage-unknown-team"
    assert refused(stage, Awarded(1, 0, "风采")) == "stage-bad-points"
    assert refused(stage, Awarded(1, 100_001, "风采")) == "stage-bad-points"
    assert on(stage, Awarded(1, -500, "违规")).scores[0] == 9_500


def test_a_withdrawn_judgement_leaves_the_question_to_be_judged_again() -> None:
    stage = buzzing(OPENED, press(1, OPENS + 1), Judged(5, 1, right=False))
    stage = on(stage, Withdrawn(stage.seq))
    assert (stage.answering, stage.scores[0]) == (1, 10_000)
    assert on(stage, Judged(5, 1, right=True)).scores[0] == 11_000
    assert refused(stage, Withdrawn(5)) == "stage-not-withdrawable", "twice"
    assert refused(stage, Withdrawn(2)) == "stage-not-withdrawable", "a round"
    assert refused(stage, Withdrawn(99)) == "stage-not-withdrawable"


def test_a_withdrawn_false_start_lets_the_press_after_the_opening_count() -> None:
    stage = buzzing(press(2, 5), OPENED, press(2, OPENS + 1), press(3, OPENS + 2))
    assert stage.answering == 3
    stage = on(stage, Withdrawn(4))
    assert (stage.answering, stage.scores[1]) == (2, 10_000)


def test_what_others_stand_on_is_withdrawn_after_them() -> None:
    stage = buzzing(OPENED, press(1, OPENS + 1), press(2, OPENS + 2), plan=TWICE)
    stage = on(stage, Judged(5, 1, right=False), Judged(5, 2, right=True))
    first, second = stage.seq - 1, stage.seq
    assert refused(stage, Withdrawn(first)) == "stage-withdraw-later-first"
    stage = on(stage, Withdrawn(second), Withdrawn(first))
    assert (stage.scores, stage.answering) == ((10_000,) * 4, 1)


# --- votes, time, and the end ----------------------------------------------------------------------------------------


def test_votes_follow_each_other() -> None:
    stage = on(stage_of(), VoteOpened(1, "最佳风采", ("甲", "乙"), "K7"))
    assert refused(stage, VoteOpened(2, "再投", ("甲", "乙"), "K8")) == "stage-vote-open"
    assert refused(stage, StageEnded()) == "stage-vote-open"
    assert refused(stage, VoteClosed(1, (1,))) == "stage-bad-vote"
    assert refused(stage, VoteClosed(1, (1, -1))) == "stage-bad-vote"
    assert refused(stage, VoteClosed(2, (1, 1))) == "stage-vote-closed"
    stage = on(stage, VoteClosed(1, (3, 4)))
    assert refused(stage, VoteClosed(1, (3, 4))) == "stage-vote-closed"
    for title, choices in (("", ("甲", "乙")), ("投", ("甲",)), ("投", ("甲", "甲 ")), ("投", ("甲", ""))):
        assert refused(stage, VoteOpened(2, title, choices, "K8")) == "stage-bad-vote"
    assert refused(stage, VoteOpened(1, "投", ("甲", "乙"), "K8")) == "stage-bad-vote"


def test_a_film_goes_on_from_where_it_stood_or_from_its_beginning() -> None:
    asked = stage_of(RoundBegun(REQUIRED), QuestionShown(1, 1))

    def run_us(stage: Stage, at_us: int) -> int:
        assert stage.asked is not None
        assert stage.asked.film is not None
        return stage.asked.film.run_us(Micros(at_us))

    plays = on(asked, FilmSet(1, 2, playing=True), at_us=10)
    assert [run_us(plays, at_us) for at_us in (10, 11, 10 + SECOND)] == [0, 1, SECOND]
    stands = on(plays, FilmSet(1, 2, playing=False), at_us=10 + SECOND)
    assert run_us(stands, 99 * SECOND) == SECOND
    on_again = on(stands, FilmSet(1, 2, playing=True), at_us=50 * SECOND)
    assert run_us(on_again, 50 * SECOND + 7) == SECOND + 7
    assert run_us(on(on_again, FilmSet(1, 2, playing=True), at_us=51 * SECOND), 51 * SECOND) == 2 * SECOND
    assert run_us(on(on_again, FilmSet(1, 2, playing=True, from_start=True), at_us=51 * SECOND), 51 * SECOND + 3) == 3
    assert run_us(on(on_again, FilmSet(1, 3, playing=True), at_us=51 * SECOND), 51 * SECOND) == 0, "another film"
    # What is judged, revealed and withdrawn leaves it alone; the next question has none.
    judged = on(on_again, Judged(1, 1, right=True), at_us=51 * SECOND)
    revealed = on(judged, Withdrawn(judged.seq), Revealed(1), at_us=52 * SECOND)
    assert run_us(on(revealed, FilmSet(1, 2, playing=False), at_us=53 * SECOND), 53 * SECOND) == 4 * SECOND
    following = on(revealed, QuestionShown(2, 2), at_us=53 * SECOND)
    assert following.asked is not None
    assert following.asked.film is None
    assert refused(following, FilmSet(1, 2, playing=True)) == "stage-other-question"
    assert refused(following, FilmSet(2, 0, playing=True)) == "stage-no-film"
    assert refused(stage_of(), FilmSet(1, 1, playing=True)) == "stage-other-question"


def test_after_the_end_only_presses_are_kept_and_without_effect() -> None:
    stage = buzzing(OPENED, StageEnded())
    assert refused(stage, Awarded(1, 100, "风采")) == "stage-ended"
    assert refused(stage, StageEnded()) == "stage-ended"
    assert on(stage, press(1, OPENS)).answering == 0


def test_what_needs_a_round_and_what_cannot_come_again() -> None:
    stage = stage_of()
    assert refused(stage, TimerSet(10)) == "stage-no-round"
    assert refused(stage, QuestionShown(1, 1)) == "stage-no-round"
    assert refused(stage, RoundBegun(6)) == "stage-unknown-round"
    assert refused(stage, StageBegun(PLAN)) == "stage-begun"
    stage = on(stage, RoundBegun(REQUIRED), RoundBegun(BUZZER))
    assert refused(stage, RoundBegun(REQUIRED)) == "stage-round-played"
    assert refused(stage, StakeChosen(1, 1_000)) == "stage-other-round"
    assert refused(stage, RunBegun(1)) == "stage-other-round"
    assert refused(stage, TimerSet(0)) == "stage-bad-time"
    assert on(stage, TimerSet(10), at_us=3).timer_ends_us == 10 * SECOND + 3


def test_entries_come_one_after_the_other() -> None:
    stage = stage_of(RoundBegun(REQUIRED))
    for seq in (stage.seq, stage.seq + 2):
        with pytest.raises(StageRefused, match="stage-moved"):
            after(stage, Entry(seq, Micros(0), "anna", QuestionShown(1, 1)))
    for first in (Entry(2, Micros(0), "", StageBegun(PLAN)), Entry(1, Micros(0), "", StageEnded())):
        with pytest.raises(StageRefused, match="stage-not-begun"):
            replay([first])
    with pytest.raises(StageRefused, match="stage-not-begun"):
        replay([])


def _with(**changes: object) -> StagePlan:
    return replace(PLAN, settings=replace(StageSettings(), **changes))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "plan",
    [
        replace(PLAN, teams=("甲",)),
        replace(PLAN, teams=tuple(f"队{n}" for n in range(13))),
        replace(PLAN, teams=("甲", " 甲")),
        replace(PLAN, teams=("甲", " ")),
        replace(PLAN, rounds=()),
        replace(PLAN, rounds=(RoundPlan(RoundKind.BUZZER, "抢答题", 0),)),
        replace(PLAN, rounds=(RoundPlan(RoundKind.BUZZER, "抢答题", 301),)),
        _with(buzzer=-1),
        _with(buzzer=100_001),
        _with(buzzer_s=0),
        _with(answer_s=3601),
        _with(buzzer_chances=0),
        _with(stakes=()),
        _with(stakes=(1_000, 1_000)),
        _with(stakes=(0,)),
    ],
)
def test_plans_that_cannot_be_played(plan: StagePlan) -> None:
    with pytest.raises(StageRefused, match="stage-bad-plan"):
        check_plan(plan)


# --- any log at all --------------------------------------------------------------------------------------------------

_team = st.integers(1, 4)
_stamp = st.sampled_from([OPENS - 1, OPENS, OPENS + 1, OPENS + 2, OPENS + 10 * SECOND])
_question = st.sampled_from([1, 2, 5, 6, 8, 12, 18])
ANY: st.SearchStrategy[Event] = st.one_of(
    st.builds(RoundBegun, st.integers(1, 4)),
    st.builds(RoundBegun, st.just(5), st.just((1, 2))),
    st.builds(StakeChosen, _team, st.sampled_from([0, 1_000, 7])),
    st.builds(RunBegun, _team),
    st.builds(QuestionShown, _question, st.integers(0, 4)),
    st.builds(BuzzerOpened, _question, st.just(OPENS)),
    st.builds(Pressed, _team, _question, _stamp),
    st.builds(FilmSet, _question, st.integers(0, 2), st.booleans(), st.booleans()),
    st.builds(Judged, _question, _team, st.booleans()),
    st.builds(Revealed, _question),
    st.builds(Awarded, _team, st.sampled_from([-500, 500]), st.just("风采")),
    st.builds(Withdrawn, st.integers(1, 40)),
    st.just(VoteOpened(1, "最佳", ("甲", "乙"), "K7")),
    st.just(VoteClosed(1, (1, 2))),
)


def wanted(stage: Stage) -> list[Event]:
    """What would be legal now, so that random logs get somewhere."""
    events: list[Event] = [RoundBegun(one) for one in range(1, 5) if one not in stage.rounds_begun]
    if stage.next_question:
        events.append(QuestionShown(stage.next_question, stage.turn))
    if stage.asked:
        question = stage.asked.question
        events += [BuzzerOpened(question, OPENS), Pressed(1, question, Micros(OPENS + 3))]
        events += [Judged(question, stage.answering, right=True), Judged(question, stage.answering, right=False)]
    return [*events, *(Withdrawn(seq) for seq in stage.withdrawable), StakeChosen(stage.turn, 1_000)]


def recomputed(entries: Sequence[Entry], stage: Stage) -> tuple[int, ...]:
    """Scores from the lines' own entries: nothing counts that is not in the log, and nothing that was withdrawn."""
    gone = {entry.event.seq for entry in entries if isinstance(entry.event, Withdrawn)}
    assert not gone & {line.seq for line in stage.lines}
    points = [PLAN.settings.base] * 4
    for line in stage.lines:
        event = entries[line.seq - 1].event
        assert isinstance(event, Judged | Awarded | Pressed)
        assert event.team == line.team
        points[line.team - 1] += line.centipoints
    return tuple(points)


@settings(max_examples=60)
@given(st.lists(st.one_of(ANY, st.integers(0, 60)), max_size=25), st.integers(0, 24))
def test_every_log_is_legal_or_refused_and_its_replay_says_the_same(script: list[Event | int], cut: int) -> None:
    stage = stage_of()
    refusals: list[Event] = []
    for step in script:
        offered = wanted(stage)
        event = offered[step % len(offered)] if isinstance(step, int) else step
        before = stage
        try:
            stage = on(stage, event)
        except StageRefused:
            refusals.append(event)
            continue
        assert stage is not before
    assert not any(isinstance(event, Pressed) for event in refusals), "a press is a fact"
    assert replay(stage.entries) == stage
    replay(stage.entries[: 1 + cut % len(stage.entries)])
    assert stage.scores == recomputed(stage.entries, stage)
    assert min(stage.ranks) == 1
    if stage.asked:
        order = [(one.stamp_us, one.seq) for one in stage.asked.presses]
        assert order == sorted(order)
        assert not {one.team for one in stage.asked.presses} & set(stage.asked.false_starts)


@given(st.permutations([(1, OPENS + 5), (2, OPENS + 5), (3, OPENS + 4), (4, OPENS - 1)]))
def test_the_order_does_not_depend_on_the_order_of_the_log_but_for_ties(presses: list[tuple[int, int]]) -> None:
    stage = buzzing(OPENED, *(press(team, stamp_us) for team, stamp_us in presses))
    assert stage.asked is not None
    tied = [team for team, _ in presses if team in (1, 2)]
    assert [one.team for one in stage.asked.presses] == [3, *tied]
    assert stage.asked.false_starts == (4,)

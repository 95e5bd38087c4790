"""月月比: its window, what a learner sees, and what a sitting earns."""

from datetime import date

import pytest

from leitai.rules.monthly import (
    ITEM_CENTIPOINTS,
    MIX,
    MonthlyRefused,
    Stage,
    earned_on,
    month_of,
    ranked,
    score,
    stage_of,
)
from leitai.rules.timeline import BEGINNING, own_window
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    ItemNo,
    Key,
    Micros,
    Pacing,
    PaperItem,
    Plan,
    QuestionType,
    SittingId,
    Window,
)

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
AUGUST = 1_659_283_200_000_000
"""2022-08-01 00:00 in Beijing."""
TEN = 10 * MINUTE


def _plan(items: int = 3) -> Plan:
    made = tuple(
        PaperItem(ItemNo(no), QuestionType.INDETERMINATE, 200, 0, tuple("ABCD"), Key(frozenset("AC")))
        for no in range(1, items + 1)
    )
    return Plan(Pacing.PAPER, Counted.LAST, made, duration_us=Micros(5 * DAY), own_us=Micros(TEN))


def _given(
    sitting: int, item: int, response: str, elapsed_us: int, seq: int, status: AnswerStatus = AnswerStatus.ACCEPTED
) -> Answer:
    return Answer(
        SittingId(sitting),
        ItemNo(item),
        seq,
        tuple(response),
        Micros(AUGUST + elapsed_us),
        Micros(elapsed_us),
        True,
        seq,
        status,
    )


def test_the_defaults_make_a_hundred_points() -> None:
    assert sum(MIX.values()) == 50
    assert sum(MIX.values()) * ITEM_CENTIPOINTS == 10_000


@pytest.mark.parametrize(
    ("opens", "closes", "own", "code"),
    [
        (AUGUST, AUGUST + 31 * DAY, TEN, ""),
        (AUGUST - 1, AUGUST + DAY, TEN, "monthly-window"),
        (AUGUST, AUGUST + 31 * DAY + 1, TEN, "monthly-window"),
        (AUGUST, AUGUST + TEN, TEN, ""),
        (AUGUST, AUGUST + TEN - 1, TEN, "monthly-window"),
        (AUGUST, AUGUST, TEN, "monthly-window"),
        (AUGUST, AUGUST + DAY, MINUTE, ""),
        (AUGUST, AUGUST + DAY, MINUTE - 1, "monthly-length"),
        (AUGUST, AUGUST + DAY, 180 * MINUTE, ""),
        (AUGUST, AUGUST + DAY, 180 * MINUTE + 1, "monthly-length"),
    ],
)
def test_a_window_lies_in_one_month_and_holds_a_sitting(opens: int, closes: int, own: int, code: str) -> None:
    if code:
        with pytest.raises(MonthlyRefused) as refused:
            month_of(opens, closes, own)
        assert refused.value.code == code
    else:
        assert month_of(opens, closes, own) == date(2022, 8, 1)


def test_it_is_earned_on_the_last_day_of_the_window() -> None:
    assert earned_on(AUGUST + 31 * DAY) == date(2022, 8, 31)
    assert earned_on(AUGUST + 30 * DAY + 1) == date(2022, 8, 31)
    assert earned_on(AUGUST + 30 * DAY) == date(2022, 8, 30)


@pytest.mark.parametrize(
    ("now", "begun", "settled", "stage"),
    [
        (-1, None, False, Stage.ANNOUNCED),
        (0, None, False, Stage.OPEN),
        (DAY - 1, None, False, Stage.OPEN),
        (5, 5, False, Stage.UNDER_WAY),
        (5 + TEN - 1, 5, False, Stage.UNDER_WAY),
        (5 + TEN, 5, False, Stage.SAT),
        (DAY - 1, DAY - 1, False, Stage.UNDER_WAY),
        (DAY, DAY - 1, False, Stage.OVER),
        (DAY, None, True, Stage.OVER),
        (DAY, 5, True, Stage.RESULT),
    ],
)
def test_what_a_learner_sees(now: int, begun: int | None, settled: bool, stage: Stage) -> None:
    begun_us = None if begun is None else AUGUST + begun
    assert stage_of(AUGUST + now, AUGUST, AUGUST + DAY, TEN, begun_us, settled=settled) is stage


def test_one_s_own_time_ends_with_the_window_of_all_at_the_latest() -> None:
    plan, shared = _plan(), Window(ItemNo(1), Micros(AUGUST), Micros(AUGUST + DAY))
    assert own_window(plan, AUGUST, shared) == Window(ItemNo(1), Micros(AUGUST), Micros(AUGUST + TEN))
    late = AUGUST + DAY - MINUTE
    assert own_window(plan, late, shared) == Window(ItemNo(1), Micros(late), Micros(AUGUST + DAY))


def test_a_sitting_is_scored_by_its_last_answers_in_its_own_time() -> None:
    begun = _given(7, BEGINNING, "", 0, 1)
    answers = [
        begun,
        _given(7, 1, "A", 20 * SECOND, 2),
        _given(7, 1, "AC", 40 * SECOND, 3),
        _given(7, 2, "AC", 50 * SECOND, 4),
        _given(7, 2, "AD", TEN, 5, AnswerStatus.LATE),
        _given(7, 3, "AC", 60 * SECOND, 6),
        _given(7, 3, "", 70 * SECOND, 7),
    ]
    sat = score(_plan(), SittingId(7), answers)
    assert sat is not None
    assert sat.begun_us == begun.stamp_us
    assert (sat.score.centipoints, sat.score.answered, sat.score.elapsed_us) == (400, 2, 50 * SECOND)
    assert score(_plan(), SittingId(7), reversed(answers)) == sat


def test_who_began_and_answered_nothing_took_a_sitting_s_time_and_who_never_began_has_no_result() -> None:
    sat = score(_plan(), SittingId(7), [_given(7, BEGINNING, "", 0, 1)])
    assert sat is not None
    assert (sat.score.centipoints, sat.score.elapsed_us) == (0, TEN)
    assert score(_plan(), SittingId(7), []) is None


def test_places_go_by_points_then_by_time() -> None:
    def sat(sitting: int, right: int, last_us: int) -> list[Answer]:
        given = [_given(sitting, no, "AC", last_us, no + 1) for no in range(1, right + 1)]
        return [_given(sitting, BEGINNING, "", 0, 1), *given]

    all_of_them = [
        score(_plan(), SittingId(no), sat(no, *one)) for no, one in enumerate([(2, 9), (3, 9), (2, 8), (2, 9)])
    ]
    found = ranked(one for one in all_of_them if one is not None)
    assert [(place.score.sitting_id, place.rank) for place in found] == [(1, 1), (2, 2), (0, 3), (3, 3)]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.ledger import Ledger
from leitai.rules.marking import MAX_RESPONSE_CHARS, MAX_TEXT_CHARS, is_valid, mark
from leitai.rules.markings import (
    Mark,
    MarkingState,
    MarkRefused,
    Progress,
    check,
    part_centipoints,
    place_of,
    progress,
    queue,
    settle,
    settled,
    state,
)
from leitai.rules.rulings import Judge
from leitai.rules.values import ActorId, DelegationCode, ItemNo, Micros, QuestionType, SittingId
from tests.rules.builders import answer, item, plan, window

ESSAY = item(1, QuestionType.SHORT_ANSWER, centipoints=1000)
CASE = item(2, QuestionType.CASE, centipoints=1000, blanks=[["要点一"], ["要点二"], ["要点三"]])
PAPER = {one.item_no: one for one in (ESSAY, CASE, item(3))}
BEIJING, TIBET = DelegationCode("110000"), DelegationCode("540000")
ANNA = Judge(ActorId("anna"))


def marks(*totals: int) -> list[Mark]:
    return [Mark(ActorId(f"judge {no}"), (total,), Micros(no)) for no, total in enumerate(totals)]


@pytest.mark.parametrize(
    ("totals", "reached", "points"),
    [
        ((), MarkingState.UNMARKED, None),
        ((800,), MarkingState.ONE, None),
        ((800, 800), MarkingState.SETTLED, 800),
        ((800, 600), MarkingState.SETTLED, 700),
        ((600, 601), MarkingState.SETTLED, 601),
        ((800, 599), MarkingState.DIFFERING, None),
        ((800, 500, 600), MarkingState.SETTLED, 550),
        ((500, 800, 700), MarkingState.SETTLED, 750),
        ((800, 500, 650), MarkingState.SETTLED, 650),
        ((800, 500, 1000), MarkingState.SETTLED, 900),
        ((800, 500, 100), MarkingState.SETTLED, 650),
    ],
)
def test_two_judges_and_a_third_where_they_differ(
    totals: tuple[int, ...], reached: MarkingState, points: int | None
) -> None:
    assert state(ESSAY, marks(*totals)) is reached
    assert settle(ESSAY, marks(*totals)) == points


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=3), st.integers(0, 100))
def test_what_marks_come_to_lies_among_them(totals: list[int], percent: int) -> None:
    points = settle(ESSAY, marks(*totals), percent)
    assert points is not None
    assert min(totals) <= points <= max(totals)
    first, second, third = totals
    assert points == settle(ESSAY, marks(second, first, third), percent), "the first two weigh the same"


def test_how_far_apart_is_a_setting() -> None:
    assert state(ESSAY, marks(800, 600), 19) is MarkingState.DIFFERING
    assert state(ESSAY, marks(800, 800), 0) is MarkingState.SETTLED


def test_parts_share_the_points() -> None:
    assert part_centipoints(ESSAY) == (1000,)
    assert part_centipoints(CASE) == (334, 333, 333)


def refusal(paper_item: int, judge: Judge, centipoints: tuple[int, ...], *totals: int) -> str | None:
    try:
        check(PAPER[ItemNo(paper_item)], marks(*totals), judge, centipoints, BEIJING)
    except MarkRefused as refused:
        return refused.code
    return None


def test_who_may_mark_what() -> None:
    assert refusal(1, ANNA, (1000,)) is None
    assert refusal(1, ANNA, (1000,), 0) is None
    assert refusal(1, ANNA, (1000,), 0, 1000) is None
    assert refusal(1, ANNA, (1000,), 0, 100) == "mark-settled"
    assert refusal(1, ANNA, (1000,), 0, 1000, 3) == "mark-settled"
    assert refusal(1, ANNA, (1001,)) == "mark-bad-points"
    assert refusal(1, ANNA, (-1,)) == "mark-bad-points"
    assert refusal(2, ANNA, (334, 333, 333)) is None
    assert refusal(2, ANNA, (333, 334, 333)) == "mark-bad-points"
    assert refusal(2, ANNA, (1000,)) == "mark-bad-points"
    assert refusal(3, ANNA, (100,)) == "mark-not-judged"
    assert refusal(1, Judge(ActorId("local"), BEIJING), (1,)) == "mark-conflict-of-interest"
    assert refusal(1, Judge(ActorId("other"), TIBET), (1,)) is None
    assert refusal(1, Judge(ActorId("judge 0")), (1,), 500) == "mark-twice"


def test_a_queue_is_blind_to_home_and_finishes_what_is_begun() -> None:
    answers = [answer(1, ("文",), sitting=no, offset=no) for no in range(1, 40)]
    delegations = {one.sitting_id: BEIJING if one.sitting_id % 2 else TIBET for one in answers}
    given = {place_of(answers[7]): marks(500), place_of(answers[9]): marks(0, 900), place_of(answers[11]): marks(5, 5)}
    local = queue(PAPER, answers, given, Judge(ActorId("local"), BEIJING), delegations)
    assert {delegations[one.sitting_id] for one in local} == {TIBET}
    assert local[:2] == [answers[9], answers[7]]
    assert answers[11] not in local
    own, others = (
        queue(PAPER, answers, {}, ANNA, delegations),
        queue(PAPER, answers, {}, Judge(ActorId("bo")), delegations),
    )
    assert own != others
    assert sorted(own, key=place_of) == sorted(others, key=place_of) == answers
    assert queue(PAPER, answers[:1], {place_of(answers[0]): marks(5)}, Judge(ActorId("judge 0")), delegations) == []


def test_progress_counts_answers() -> None:
    answers = [answer(no % 2 + 1, ("文",), sitting=no, offset=1) for no in range(1, 9)]
    given = {place_of(answers[0]): marks(1), place_of(answers[1]): marks(1, 2), place_of(answers[3]): marks(0, 900)}
    places = [place_of(one) for one in answers]
    assert progress(PAPER, places, given) == {1: Progress(2, 0, 1, 1), 2: Progress(3, 1, 0, 0)}
    assert progress(PAPER, places, given)[ItemNo(1)].missing == 3
    assert settled(PAPER, given) == {(2, 1, 1): 2}


def test_unmarked_answers_are_not_counted_yet() -> None:
    ledger = Ledger(plan([ESSAY, item(3)]), [SittingId(1), SittingId(2)])
    text = answer(1, ("文",), sitting=1, offset=1, elapsed_us=7)
    assert mark(ESSAY, text.response) == 0
    ledger.record(text)
    ledger.close_item(ItemNo(1), window(1))
    assert ledger.unmarked() == [text]
    assert (ledger.score(SittingId(1)).centipoints, ledger.score(SittingId(1)).answered) == (0, 1)
    assert ledger.award(SittingId(1), ItemNo(1), 1, 650)
    assert ledger.unmarked() == []
    assert ledger.score(SittingId(1)).centipoints == 650


def test_the_shape_of_texts() -> None:
    kind = QuestionType.CASE
    assert is_valid(kind, (), 2, ("甲", ""))
    assert is_valid(kind, (), 2, ())
    assert not is_valid(kind, (), 2, (" ", "\n"))
    assert not is_valid(kind, (), 2, ("甲",))
    assert is_valid(QuestionType.SHORT_ANSWER, (), 1, ("甲" * MAX_TEXT_CHARS,))
    assert not is_valid(QuestionType.SHORT_ANSWER, (), 1, ("甲" * (MAX_TEXT_CHARS + 1),))
    full = MAX_RESPONSE_CHARS // MAX_TEXT_CHARS
    assert is_valid(kind, (), full, ("甲" * MAX_TEXT_CHARS,) * full)
    assert not is_valid(kind, (), full + 1, (*("甲" * MAX_TEXT_CHARS,) * full, "乙"))

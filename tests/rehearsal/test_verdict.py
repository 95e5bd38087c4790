"""The judgement of a rehearsal sees every way in which an answer can be lost, doubled or miscounted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from leitai.cli.rehearsal.verdict import Journal, Verdict, judge, recompute
from leitai.live.ports import Accepted, Outcome, SessionFile, Submission
from leitai.live.sealing import Receipts
from leitai.live.standings import Standings
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    DelegationCode,
    ItemNo,
    Key,
    Member,
    Micros,
    Pacing,
    PaperItem,
    Phase,
    Plan,
    QuestionType,
    SessionId,
    SittingId,
    Window,
)

SECRET = bytes(range(32))
WINDOWS = [Window(ItemNo(item), Micros(item * 10_000_000), Micros(item * 10_000_000 + 8_000_000)) for item in (1, 2)]


def _file(counted: Counted = Counted.FIRST) -> SessionFile:
    items = tuple(
        PaperItem(ItemNo(item), QuestionType.SINGLE, 100, 8, ("A", "B"), Key(frozenset({"A"}))) for item in (1, 2)
    )
    return SessionFile(
        session_id=SessionId(5),
        contest_id=1,
        contest_title="",
        organizer="",
        title="",
        plan=Plan(Pacing.STREAMED, counted, items),
        start_us=Micros(10_000_000),
        lobby_opens_us=Micros(0),
        phase=Phase.FINALIZED,
        secret=SECRET,
        contents=(),
        explanations=(),
        members=tuple(
            Member(SittingId(sitting), f"选手{sitting}", DelegationCode("110000"), struck=sitting == 3)
            for sitting in (1, 2, 3)
        ),
        delegations=(),
    )


def _answer(sitting: int, item: int, seq: int, offset: int, **changes: Any) -> Answer:
    stamp_us = Micros(item * 10_000_000 + 1_000 * offset)
    given = Answer(
        SittingId(sitting),
        ItemNo(item),
        seq,
        ("A",),
        stamp_us,
        Micros(1_000 * offset),
        False,
        offset,
        AnswerStatus.ACCEPTED,
    )
    return replace(given, **changes)


ANSWERS = [_answer(1, 1, 1, 1), _answer(2, 1, 1, 2, response=("B",)), _answer(1, 2, 2, 3)]


def _entry(answer: Answer) -> Journal:
    receipts = Receipts(SECRET, SessionId(5))
    given = Submission(answer.sitting_id, answer.item_no, answer.client_seq, answer.response, 0, answer.elapsed_us)
    decision = Accepted(Outcome.ACCEPTED, False, answer.stamp_us, answer.elapsed_us, answer.offset)
    receipt = receipts.make(given, answer.status.value, decision)
    return {
        "item": answer.item_no,
        "seq": answer.client_seq,
        "response": list(answer.response),
        "status": answer.status.value,
        "stamp_us": answer.stamp_us,
        "elapsed_us": answer.elapsed_us,
        "offset": answer.offset,
        "receipt": receipt.hex(),
    }


def _journals() -> list[Journal]:
    return [
        {"sitting": sitting, "answers": [_entry(answer) for answer in ANSWERS if answer.sitting_id == sitting]}
        for sitting in (1, 2)
    ]


def test_a_sound_contest_is_sound() -> None:
    found = judge(_file(), _journals(), ANSWERS)
    assert found == Verdict(recorded=3, lost=0, doubled=0, foreign=0, receipts_verified=3, receipts_wrong=0)
    assert found.sound


def test_an_answer_that_is_missing_is_lost() -> None:
    assert judge(_file(), _journals(), ANSWERS[:2]).lost == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"stamp_us": Micros(1)},
        {"elapsed_us": Micros(1)},
        {"offset": 99},
        {"response": ("B",)},
        {"status": AnswerStatus.LATE},
        {"client_seq": 7},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_answer_recorded_otherwise_than_acknowledged_is_lost(changes: dict[str, Any]) -> None:
    found = judge(_file(), _journals(), [replace(ANSWERS[0], **changes), *ANSWERS[1:]])
    assert found.lost == 1
    assert not found.sound


def test_an_answer_recorded_twice_is_doubled() -> None:
    again = replace(ANSWERS[0], offset=9, status=AnswerStatus.LATE)
    assert judge(_file(), _journals(), [*ANSWERS, again]).doubled == 1


def test_two_accepted_answers_to_one_item_are_doubled_where_the_first_is_final() -> None:
    second = _answer(1, 1, 9, 9)
    journals = _journals()
    journals[0]["answers"].append(_entry(second))
    assert judge(_file(), journals, [*ANSWERS, second]).doubled == 1
    assert judge(_file(Counted.LAST), journals, [*ANSWERS, second]).doubled == 0


def test_an_answer_that_nobody_gave_is_foreign() -> None:
    assert judge(_file(), _journals(), [*ANSWERS, _answer(2, 2, 5, 4)]).foreign == 1


def test_an_answer_without_acknowledgement_may_be_recorded_or_not() -> None:
    journals = _journals()
    journals[1]["answers"].append(_entry(_answer(2, 2, 2, 4)) | {"status": "", "receipt": ""})
    assert judge(_file(), journals, ANSWERS).sound
    assert judge(_file(), journals, [*ANSWERS, _answer(2, 2, 2, 4)]).sound


def test_a_rejected_answer_is_not_looked_for() -> None:
    journals = _journals()
    journals[1]["answers"].append(_entry(_answer(2, 2, 2, 4)) | {"status": "rejected", "receipt": ""})
    assert judge(_file(), journals, ANSWERS).sound


def test_a_receipt_of_other_values_is_wrong() -> None:
    journals = _journals()
    journals[0]["answers"][0]["receipt"] = bytes(16).hex()
    found = judge(_file(), journals, ANSWERS)
    assert (found.receipts_verified, found.receipts_wrong) == (2, 1)
    assert not found.sound


@pytest.mark.parametrize("shuffle", [list, lambda answers: list(reversed(answers))], ids=["in order", "in reverse"])
def test_the_recomputation_is_what_live_standings_give(shuffle: Callable[[list[Answer]], list[Answer]]) -> None:
    file = _file()
    late = _answer(2, 2, 2, 4, status=AnswerStatus.LATE)
    answers = shuffle([*ANSWERS, late])
    live = Standings(file)
    for answer in answers:
        live.record(answer)
    for window in WINDOWS:
        live.close(window)
    assert recompute(file, answers, WINDOWS) == live.canonical()

"""Notes reach exactly those they are for, again after every welcome; questions are few and not too fast."""

import pytest

from leitai.live.notes import QUESTION_EVERY_US, QUESTIONS_AT_MOST, Note, Notes, Questions, plain, read_note
from leitai.live.ports import NOTE, QUESTION, SessionEvent, SittingEvent
from leitai.rules.values import DelegationCode, Member, Micros, Phase, SittingId
from leitai.wire.codec import decode_server
from leitai.wire.messages import Audience, ServerNote

BEIJING, HEBEI = DelegationCode("110000"), DelegationCode("130000")
LI = Member(SittingId(1), "李", BEIJING, room="一考场")
WANG = Member(SittingId(2), "王", BEIJING, room="二考场")
ZHAO = Member(SittingId(3), "赵", HEBEI, room="一考场")


@pytest.mark.parametrize(
    ("note", "audience", "heard"),
    [
        (Note("c1", 5, "请看", "何时开始？"), Audience.ALL, [LI, WANG, ZHAO]),
        (Note("a1", 5, "请看", delegation=BEIJING), Audience.DELEGATION, [LI, WANG]),
        (Note("a1", 5, "请看", delegation=BEIJING, room="一考场"), Audience.ROOM, [LI]),
        (Note("a1", 5, "请看", sitting=3), Audience.SITTING, [ZHAO]),
    ],
)
def test_a_note_reaches_exactly_its_audience(note: Note, audience: Audience, heard: list[Member]) -> None:
    notes = Notes()
    assert read_note(note.event()) == note
    known = notes.learn(note.event())
    assert known is not None
    assert decode_server(known[1]) == ServerNote(note.id, 5, "请看", audience, note.question)
    assert [one for one in (LI, WANG, ZHAO) if notes.frames(one)] == heard
    # Handed over twice, since nobody knew whether it had arrived.
    assert notes.learn(note.event()) is None
    assert sum(len(notes.frames(one)) for one in (LI, WANG, ZHAO)) == len(heard)


def test_only_the_newest_are_said_again() -> None:
    notes = Notes()
    for number in range(30):
        notes.learn(Note(f"a{number}", number, "请看", delegation=BEIJING).event())
    said = [decode_server(frame) for frame in notes.frames(LI)]
    assert [one.id for one in said if isinstance(one, ServerNote)] == [f"a{number}" for number in range(10, 30)]


def test_what_is_no_note_is_none() -> None:
    assert Notes().learn(SessionEvent(Micros(1), "item_closed", "1 2 3")) is None
    assert Notes().learn(SessionEvent(Micros(1), NOTE, "{")) is None


def _asked(at_us: int) -> SittingEvent:
    return SittingEvent(LI.sitting_id, Micros(at_us), QUESTION, "0 何时开始？")


def test_questions_are_few_and_not_too_fast() -> None:
    questions = Questions()
    at_us = 0
    for number in range(QUESTIONS_AT_MOST):
        assert questions.refusal(LI.sitting_id, "何时？", Phase.RUNNING, at_us) == ""
        questions.learn(_asked(at_us))
        questions.learn(_asked(at_us))
        assert questions.left(LI.sitting_id) == QUESTIONS_AT_MOST - number - 1
        assert questions.refusal(LI.sitting_id, "何时？", Phase.RUNNING, at_us + QUESTION_EVERY_US - 1) == (
            "too-many-questions"
        )
        at_us += QUESTION_EVERY_US
    assert questions.refusal(LI.sitting_id, "何时？", Phase.RUNNING, at_us * 9) == "too-many-questions"
    assert questions.refusal(WANG.sitting_id, "何时？", Phase.RUNNING, 0) == ""


def test_a_question_that_was_not_recorded_was_not_asked() -> None:
    questions = Questions()
    questions.learn(_asked(7))
    questions.forget(_asked(7))
    assert questions.refusal(LI.sitting_id, "何时？", Phase.LOBBY, 8) == ""


@pytest.mark.parametrize("phase", Phase)
def test_questions_are_taken_in_the_lobby_and_while_it_runs(phase: Phase) -> None:
    taken = phase in (Phase.LOBBY, Phase.RUNNING, Phase.PAUSED)
    assert (Questions().refusal(LI.sitting_id, "何时？", phase, 0) == "") is taken


def test_words_are_one_line_without_control_characters() -> None:
    assert plain("  第 1 题\n\t有误\x00\x1b ") == "第 1 题 有误"
    assert Questions().refusal(LI.sitting_id, plain("\x00 \n"), Phase.RUNNING, 0) == "question-empty"

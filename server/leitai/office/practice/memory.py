"""What a learner remembers: spaced repetition by FSRS 6, whose scheduler is a pure function of card, rating and time.

A right answer is rated `Good`, a wrong one `Again`: learners do not rate themselves. A wrong answer is due again after
ten minutes, a right one after days.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

from leitai.office.practice.sets_ports import Card as Known
from leitai.office.practice.sets_ports import Memory

_AGAIN = (timedelta(minutes=10),)
# Without the fuzz the same answers lead to the same days, everywhere and for everyone.
_SCHEDULER = Scheduler(
    desired_retention=0.9, learning_steps=_AGAIN, relearning_steps=_AGAIN, maximum_interval=365, enable_fuzzing=False
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def reviewed(before: Memory | None, at_us: int, *, right: bool) -> Memory:
    """Return what is known after an answer; `before` is None for the first."""
    at = _datetime(at_us)
    # The id is given since the library would wait a millisecond to make one.
    if before is None:
        card = Card(card_id=1, due=at)
    else:
        card = Card(
            card_id=1,
            state=State(before.state),
            step=before.step,
            stability=before.stability,
            difficulty=before.difficulty,
            due=_datetime(before.due_us),
            last_review=_datetime(before.reviewed_us),
        )
    after, _ = _SCHEDULER.review_card(card, Rating.Good if right else Rating.Again, at)
    assert after.stability is not None
    assert after.difficulty is not None
    return Memory(
        (after.due - _EPOCH) // _MICROSECOND, at_us, after.stability, after.difficulty, after.state.value, after.step
    )


def card_after(before: Known | None, question_id: int, subject: int, at_us: int, *, right: bool) -> Known:
    """Return a learner's card of a question after an answer; `before`: None for the first, `subject`: its topic."""
    memory = reviewed(before.memory if before else None, at_us, right=right)
    if before is None:
        return Known(question_id, subject, memory, 1, int(right), int(right), not right, 0 if right else at_us, None)
    return replace(
        before,
        topic=subject,
        memory=memory,
        seen=before.seen + 1,
        right=before.right + right,
        streak=min(before.streak + 1, 1_000) if right else 0,
        wrong=before.wrong or not right,
        wrong_us=before.wrong_us if right else at_us,
    )


def missed_in_match(before: Known | None, question_id: int, subject: int, at_us: int, day: date) -> Known:
    """Return a learner's card of a question that they answered wrongly in a match, at its end: as after a wrong answer
    of 日日学, except that the question, which the match has explained, counts no more on this day.
    """
    later_us = max(at_us, before.memory.reviewed_us if before else 0)
    return replace(card_after(before, question_id, subject, later_us, right=False), counted_on=day)


def _datetime(at_us: int) -> datetime:
    return _EPOCH + at_us * _MICROSECOND

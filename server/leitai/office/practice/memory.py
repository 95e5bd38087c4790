"""What a learner remembers: spaced repetition by FSRS 6, whose scheduler is a pure function of card, rating and time.

A right answer is rated `Good`, a wrong one `Again`: learners do not rate themselves. A wrong answer is due again after
ten minutes, a right one after days.
"""

from datetime import UTC, datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

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


def _datetime(at_us: int) -> datetime:
    return _EPOCH + at_us * _MICROSECOND

"""Spaced repetition: what follows from an answer, and when it is asked again."""

from leitai.office.practice.memory import reviewed
from leitai.office.practice.sets_ports import Memory

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
NOW_US = 1_659_315_600_000_000


def test_a_wrong_answer_is_asked_again_soon_and_a_right_one_after_days() -> None:
    assert reviewed(None, NOW_US, right=False).due_us == NOW_US + 10 * MINUTE_US
    assert reviewed(None, NOW_US, right=True).due_us >= NOW_US + 2 * DAY_US


def test_intervals_grow_with_every_right_answer_and_shrink_with_a_wrong_one() -> None:
    memory, intervals = reviewed(None, NOW_US, right=True), list[int]()
    for _ in range(5):
        intervals.append(memory.due_us - memory.reviewed_us)
        memory = reviewed(memory, memory.due_us, right=True)
    assert intervals == sorted(set(intervals))
    assert memory.due_us - memory.reviewed_us <= 365 * DAY_US
    forgotten = reviewed(memory, memory.due_us, right=False)
    assert forgotten.due_us == memory.due_us + 10 * MINUTE_US
    assert forgotten.stability < memory.stability


def test_the_same_answers_lead_to_the_same_day() -> None:
    def history() -> Memory:
        memory = reviewed(None, NOW_US, right=False)
        return reviewed(reviewed(memory, memory.due_us, right=True), memory.due_us + 3 * DAY_US, right=True)

    assert history() == history()


def test_a_clock_that_was_set_back_does_no_harm() -> None:
    memory = reviewed(None, NOW_US, right=True)
    assert reviewed(memory, NOW_US - DAY_US, right=True).due_us > NOW_US - DAY_US

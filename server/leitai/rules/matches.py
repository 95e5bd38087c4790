"""One-to-one matches (对战) between learners: what an answer is worth, who wins, whom one meets, what a match earns.

The plan (四(二)1) has the year's practice and names no matches: every figure here is a default. Instants and lengths
are microseconds, points of a match whole numbers that live and end with it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from leitai.rules.values import QuestionType

QUESTIONS = 10
MIX: Mapping[QuestionType, int] = {
    QuestionType.SINGLE: 5,
    QuestionType.TRUE_FALSE: 3,
    QuestionType.MULTIPLE: 2,
}
"""What a match is made of: what can be answered with a thumb."""
SECONDS: Mapping[QuestionType, int] = {
    QuestionType.SINGLE: 20,
    QuestionType.TRUE_FALSE: 15,
    QuestionType.MULTIPLE: 30,
}
"""How long a question is open, as in a streamed paper (DOMAIN, Defaults)."""
RIGHT_POINTS = 60
SPEED_POINTS = 40
REACH_AT_ONCE = 1
"""Levels apart that two may be who meet at once."""
REACH_STEP_US = 1_000_000
"""Every so long that somebody waits, a level more is within reach."""
RECORDED_AFTER_US = 8_000_000
"""Whoever has waited so long meets a recorded opponent."""
COUNTED_A_DAY = 3
"""Matches of a day that may earn something."""
RIGHT_CENTIPOINTS = 10
"""What a right answer of a match that counts adds to the learner's points."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What somebody has after some questions. `elapsed_us`: what was not answered costs its whole window."""

    points: int = 0
    right: int = 0
    elapsed_us: int = 0


class WonBy(Enum):
    """Why a match ended as it did."""

    POINTS = "points"
    TIME = "time"
    """Equal points in less time."""
    LEFT = "left"
    """The other one left."""
    DRAWN = "drawn"


def points(*, right: bool, elapsed_us: int, limit_us: int) -> int:
    """Return what an answer is worth: nothing unless right, else `RIGHT_POINTS` and a share of `SPEED_POINTS` by the
    time that was left. Whatever the speed, a right answer is worth more than a wrong one.

    Raises:
        ValueError: the window has no length.
    """
    if limit_us <= 0:
        raise ValueError(f"a window of {limit_us} µs")
    if not right:
        return 0
    return RIGHT_POINTS + SPEED_POINTS * (limit_us - min(max(elapsed_us, 0), limit_us)) // limit_us


def winner(first: Tally, second: Tally, left: Collection[int] = ()) -> tuple[int, WonBy]:
    """Return which seat won, 1 or 2, or 0 for nobody: more points, then less time; whoever left has lost."""
    if len(set(left)) == 1:
        return (2 if 1 in left else 1), WonBy.LEFT
    if first.points != second.points:
        return (1 if first.points > second.points else 2), WonBy.POINTS
    if first.elapsed_us != second.elapsed_us:
        return (1 if first.elapsed_us < second.elapsed_us else 2), WonBy.TIME
    return 0, WonBy.DRAWN


def level(centipoints: int) -> int:
    """Return the level of whoever has so many points of practice: each is twice as far up as the one before, so that a
    few points part beginners and do not part the experienced.
    """
    return (max(centipoints, 0) // 1_000).bit_length()


def reach(waited_us: int) -> int:
    """Return how many levels apart two may be, of whom one has waited so long."""
    return REACH_AT_ONCE + max(waited_us, 0) // REACH_STEP_US


def earned(fresh_right: int, counted_before: int, *, met_today: bool, recorded: bool) -> int:
    """Return the hundredths of points that a match earns its learner.

    Winning earns nothing, so that nobody gains by losing for somebody else; nor does a recording, whose questions
    somebody knows already, nor the same opponent twice on a day, nor more than `COUNTED_A_DAY` matches.

    Args:
        fresh_right: right answers to questions that have not counted for this learner on this day.
        counted_before: matches that earned something on this day.
        met_today: the two have met on this day already.
        recorded: the opponent was a recording.
    """
    if recorded or met_today or counted_before >= COUNTED_A_DAY:
        return 0
    return RIGHT_CENTIPOINTS * fresh_right

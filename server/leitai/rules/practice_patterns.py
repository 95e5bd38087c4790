"""What in a day of practice looks as if no person did it: patterns that the practice office looks at.

A pattern is a hint for people, never a verdict: nothing is taken from anybody by it. All figures are defaults.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

FAST_US = 1_000_000
"""Nobody reads and answers a question in less, over and over."""
FAST_ANSWERS = 10
"""So many answers of a day that were given in less than `FAST_US` each are listed."""
STEADY_ANSWERS = 20
"""Of so many right answers in a row, none wrong, the intervals are looked at."""
STEADY_SPREAD_PERMILLE = 50
"""Intervals that differ from their middle one by less than this part of it are no person's."""
CROWD = 10
"""So many learners from one address in a day are listed; an office has one address too: it says little by itself."""
MOST_TOGETHER = 40_000
"""Of an address with more answers than these in a day nobody's are compared with another's (`together`): it is a
city's. It is always listed, so that everybody sees what was not compared."""
TWINS_SECONDS = 2
"""Answers given within so many seconds of each other are given together; those twice as far apart never are, and what
lies between is by where windows of the clock begin."""
TWIN_ANSWERS = 20
"""Two learners who gave so many same answers to same questions together are listed."""


class Pattern(Enum):
    """What was noticed."""

    IMPOSSIBLE_SPEED = "impossible_speed"
    STEADY_RIGHT = "steady_right"
    """All right, at constant intervals"""
    ONE_ADDRESS = "one_address"
    """Many learners from one address"""
    TWINS = "twins"
    """The same answers in the same seconds as another learner"""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer in practice, by the server's clock.

    Attributes:
        learner_id: whose.
        question_id: to what.
        response: what was given, in any form by which two are the same.
        right: whether it was.
        at_us: when it arrived.
        took_us: since the set was opened, or since the answer before it in the set.
    """

    learner_id: int
    question_id: int
    response: str
    right: bool
    at_us: int
    took_us: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern with what it was found in.

    Attributes:
        pattern: which.
        learners: whom it concerns, ascending.
        answers: how many answers show it; for `ONE_ADDRESS` all that came from there.
        figure_us: the middle time between answers, where the pattern is one of time; 0 elsewhere.
    """

    pattern: Pattern
    learners: tuple[int, ...]
    answers: int
    figure_us: int = 0


def of_learner(answers: Sequence[Given]) -> list[Finding]:
    """Return what one learner's answers of a day show. Order does not matter."""
    found: list[Finding] = []
    if not answers:
        return found
    learner = (answers[0].learner_id,)
    fast = sorted(one.took_us for one in answers if one.took_us < FAST_US)
    if len(fast) >= FAST_ANSWERS:
        found.append(Finding(Pattern.IMPOSSIBLE_SPEED, learner, len(fast), fast[len(fast) // 2]))
    steady = _steady(sorted(answers, key=lambda one: one.at_us))
    if steady:
        found.append(Finding(Pattern.STEADY_RIGHT, learner, *steady))
    return found


def together(answers: Iterable[Given]) -> list[Finding]:
    """Return the pairs of learners who gave the same answers in the same seconds, the most first.

    Whoever sits in a room with others may answer the same question by chance at the same time, but not to
    `TWIN_ANSWERS` questions.

    Args:
        answers: of learners that may have to do with each other: those from one address.
    """
    seconds: defaultdict[tuple[int, str, int], set[int]] = defaultdict(set)
    for one in answers:
        # Its window and the one after it, so that no edge parts what belongs together.
        window = one.at_us // (TWINS_SECONDS * 1_000_000)
        seconds[one.question_id, one.response, window].add(one.learner_id)
        seconds[one.question_id, one.response, window + 1].add(one.learner_id)
    met: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for (question_id, _, _), learners in seconds.items():
        # A whole hall that answers one question at a word says nothing of two of them.
        if 2 <= len(learners) <= CROWD:
            for pair in combinations(sorted(learners), 2):
                met[pair].add(question_id)
    found = [Finding(Pattern.TWINS, pair, len(same)) for pair, same in met.items() if len(same) >= TWIN_ANSWERS]
    return sorted(found, key=lambda one: (-one.answers, one.learners))


def from_one_address(learners: Iterable[int], answers: int) -> Finding | None:
    """Return a finding where so many learners came from one address within a day, or so many answers that they are not
    compared; None for fewer."""
    whom = tuple(sorted(set(learners)))
    return Finding(Pattern.ONE_ADDRESS, whom, answers) if len(whom) >= CROWD or answers > MOST_TOGETHER else None


def is_compared(found: Finding) -> bool:
    """Whether the answers that a finding is about were compared with each other."""
    return found.pattern is not Pattern.ONE_ADDRESS or found.answers <= MOST_TOGETHER


def _steady(answers: Sequence[Given]) -> tuple[int, int] | None:
    """How many answers in a row are right at constant intervals, and the middle interval; the longest such row."""
    best: tuple[int, int] | None = None
    row: list[int] = []
    for one in (*answers, None):
        if one is not None and one.right:
            row.append(one.took_us)
            continue
        if len(row) >= STEADY_ANSWERS:
            ordered = sorted(row)
            middle = ordered[len(ordered) // 2]
            # The pauses between sets are a person's or a program's; the nine in ten inside are looked at.
            inside = ordered[len(ordered) // 20 : len(ordered) - len(ordered) // 20]
            spread = max(abs(inside[0] - middle), abs(inside[-1] - middle))
            if spread * 1000 < middle * STEADY_SPREAD_PERMILLE and (best is None or len(row) > best[0]):
                best = (len(row), middle)
        row = []
    return best

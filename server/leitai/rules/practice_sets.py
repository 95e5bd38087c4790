"""Sets of practice: which questions stand in one, how long it is open, and which answers count.

日日学: five questions by module and type; wrong ones that are due first, then others that are due, then new ones
(DOMAIN, Defaults). 周周练: 3 单选, 3 多选, 2 判断, 2 填空. All figures are defaults.

What is chosen follows from the arguments alone, a seed among them. Nothing here knows a right answer.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from leitai.rules.beijing import beijing_day, day_begins_us
from leitai.rules.practice import SETS_PER_DAY
from leitai.rules.values import QuestionType

DAILY_SIZE = 5
WEEKLY_MIX: Mapping[QuestionType, int] = {
    QuestionType.SINGLE: 3,
    QuestionType.MULTIPLE: 3,
    QuestionType.TRUE_FALSE: 2,
    QuestionType.FILL_IN: 2,
}
PRACTISED = (
    QuestionType.SINGLE,
    QuestionType.MULTIPLE,
    QuestionType.INDETERMINATE,
    QuestionType.TRUE_FALSE,
    QuestionType.FILL_IN,
)
"""Types that a key can judge; what judges mark is not practised in sets."""
WEEKLY_OPEN_US = 30 * 60_000_000
"""How long a set of 周周练 may be handed in."""
MASTERED_STREAK = 2
"""Right answers in a row, since the last wrong one, after which a question may leave the book of mistakes."""
DUE_LOOKED_AT = 40
"""So many due questions are looked at to make a set: some of them may have been withdrawn."""


class SetKind(Enum):
    """What a set is for."""

    DAILY = "daily"
    """日日学: each answer is judged at once"""
    WEEKLY = "weekly"
    """周周练: handed in as a whole, for points"""


class SetState(Enum):
    """Where a set stands at a moment."""

    OPEN = "open"
    HANDED_IN = "handed_in"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class DueCard:
    """A question that a learner has answered before and that is due again. `wrong`: it is in the book of mistakes."""

    question_id: int
    due_us: int
    wrong: bool


def expires_us(kind: SetKind, opened_us: int) -> int:
    """Return the moment from which on a set takes no answer: for 日日学 the end of its day in Beijing, so that all its
    answers are of one day; for 周周练 `WEEKLY_OPEN_US` after it was opened.
    """
    if kind is SetKind.WEEKLY:
        return opened_us + WEEKLY_OPEN_US
    return day_begins_us(beijing_day(opened_us) + timedelta(days=1))


def set_state(handed_us: int | None, expires_at_us: int, now_us: int) -> SetState:
    """Return where a set stands. What was handed in stays so; a set takes answers before `expires_at_us`, not at it."""
    if handed_us is not None:
        return SetState.HANDED_IN
    return SetState.OPEN if now_us < expires_at_us else SetState.EXPIRED


def counts(place_of_day: int) -> bool:
    """Whether the set of 周周练 that is handed in at this place of a day, from 1, counts."""
    return 1 <= place_of_day <= SETS_PER_DAY


def is_mastered(streak: int) -> bool:
    """Whether a question may leave the book of mistakes after so many right answers in a row."""
    return streak >= MASTERED_STREAK


def choose_daily(
    due: Iterable[DueCard],
    known: AbstractSet[int],
    soonest: Iterable[int],
    pool: Sequence[int],
    released: AbstractSet[int],
    held: AbstractSet[int],
    seed: bytes,
    featured: Iterable[int] = (),
) -> tuple[int, ...]:
    """Return the questions of a set of 日日学, `DAILY_SIZE` at most.

    First what is due, the wrong ones before the others and the longest due first; then new ones, those that are
    featured before the others; then, for whoever has seen all, what falls due soonest.

    Args:
        due: what is due now.
        known: every question the learner has answered before.
        soonest: known questions that are not due yet and did not count today, the soonest first.
        pool: what is released, in any fixed order.
        released: the same as a set; nothing else is ever chosen.
        held: questions in other sets of the learner that wait for answers: one that stands in a set of 周周练 must not
            be explained meanwhile.
        seed: the learner's own, from which follows where in the pool new questions begin.
        featured: questions that the practice office would have everybody see, the first of them first.
    """
    chosen: dict[int, None] = {}

    def take(candidates: Iterable[int]) -> None:
        for one in candidates:
            if len(chosen) == DAILY_SIZE:
                return
            if one in released and one not in held:
                chosen[one] = None

    take(card.question_id for card in sorted(due, key=lambda card: (not card.wrong, card.due_us, card.question_id)))
    take(one for one in featured if one not in known)
    take(one for one in _from_somewhere(pool, seed) if one not in known)
    take(soonest)
    return tuple(chosen)


def choose_weekly(
    pool: Mapping[QuestionType, Sequence[int]], held: AbstractSet[int], seed: bytes
) -> tuple[int, ...] | None:
    """Return the questions of a set of 周周练: `choose_mixed` of its mix."""
    return choose_mixed(WEEKLY_MIX, pool, held, seed)


def choose_mixed(
    mix: Mapping[QuestionType, int], pool: Mapping[QuestionType, Sequence[int]], held: AbstractSet[int], seed: bytes
) -> tuple[int, ...] | None:
    """Return questions in the order of a mix, drawn from the seed; None where there are not enough of them.

    Args:
        mix: how many of each type.
        pool: what is released, by type.
        held: questions that wait for answers in other sets.
        seed: new each time.
    """
    chosen: list[int] = []
    for question_type, wanted in mix.items():
        candidates = pool.get(question_type, ())
        taken = _some(candidates, wanted, held, seed + question_type.value.encode())
        if len(taken) < wanted:
            return None
        chosen += taken
    return tuple(chosen)


def drawn(questions: Iterable[int], seed: bytes) -> list[int]:
    """Return questions in an order that follows from the seed: by SHA-256 of seed and number."""
    return sorted(questions, key=lambda one: hashlib.sha256(seed + one.to_bytes(8, "big")).digest())


def _from_somewhere(pool: Sequence[int], seed: bytes) -> Iterator[int]:
    """All of a pool, once around from a place that follows from the seed, as far as it is asked for."""
    start = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % max(1, len(pool))
    return (pool[(start + step) % len(pool)] for step in range(len(pool)))


def _some(candidates: Sequence[int], wanted: int, held: AbstractSet[int], seed: bytes) -> list[int]:
    """`wanted` of the candidates, each as likely as any other: places drawn one by one, taken ones passed over.

    It looks at a few of them only, however many there are.
    """
    taken: dict[int, None] = {}
    size = len(candidates)
    # Few candidates, or many of them held: after so many draws all are gone through in an order instead.
    for turn in range(8 * wanted):
        if len(taken) == wanted or not size:
            return list(taken)
        number = int.from_bytes(hashlib.sha256(seed + turn.to_bytes(2, "big")).digest()[:8], "big")
        one = candidates[number % size]
        if one not in held:
            taken[one] = None
    for one in drawn(candidates, seed):
        if len(taken) == wanted:
            break
        if one not in held:
            taken[one] = None
    return list(taken)

"""月月比: one timed sitting a month (plan 四(二)1; DOMAIN, defaults): when it may be, what a learner sees of it, and
what a sitting earns. Nothing else than the recorded answers decides a result, so anybody who has them finds the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from leitai.rules.beijing import beijing_day
from leitai.rules.practice_boards import Period, starts_on
from leitai.rules.ranking import rank
from leitai.rules.scoring import counted, tally
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Answer, ItemNo, Micros, Plan, QuestionType, Score, SittingId, Standing, Window

MINUTES = 10
"""Length of a sitting."""
ITEM_CENTIPOINTS = 200
MIX: Mapping[QuestionType, int] = {QuestionType.INDETERMINATE: 38, QuestionType.TRUE_FALSE: 12}
"""The paper of the defaults: 38 不定项 and 12 判断, 2 points each."""
SHORTEST_US = 60_000_000
LONGEST_US = 180 * 60_000_000
"""Between one minute and three hours a sitting may be."""


class MonthlyRefused(Exception):
    """A month's sitting is not as it must be, or not taken now.

    `code`: `monthly-length`, `monthly-window` (it lies in two months, or is shorter than a sitting), `monthly-past`,
    `monthly-month-taken`, `paper-not-sealed` (or played, or planned elsewhere), `monthly-judged` (it has items that no
    key marks), `monthly-begun` (it can no longer be withdrawn), `monthly-not-open`, `monthly-taken` (by this learner,
    whose time is over).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def month_of(opens_us: int, closes_us: int, own_us: int) -> date:
    """The first day of the month in Beijing that a window lies in, and to which its title belongs.

    Raises:
        MonthlyRefused: `monthly-length`, `monthly-window`.
    """
    if not SHORTEST_US <= own_us <= LONGEST_US:
        raise MonthlyRefused("monthly-length")
    month = starts_on(Period.MONTH, beijing_day(opens_us))
    if closes_us - opens_us < own_us or month != starts_on(Period.MONTH, earned_on(closes_us)):
        raise MonthlyRefused("monthly-window")
    return month


def earned_on(closes_us: int) -> date:
    """The day on which its points and title are earned: the last of the window. Before it ends nobody has a result, so
    what is held at the end of any day never changes afterwards.
    """
    return beijing_day(closes_us - 1)


class Stage(Enum):
    """What a learner sees of a month's sitting."""

    ANNOUNCED = "announced"
    OPEN = "open"
    """It may be begun."""
    UNDER_WAY = "under_way"
    """This learner has begun and has time left."""
    SAT = "sat"
    """This learner's time is over, others' may not be."""
    OVER = "over"
    """The window is over; who sat waits for the result, who did not has none."""
    RESULT = "result"


def stage_of(now_us: int, opens_us: int, closes_us: int, own_us: int, begun_us: int | None, *, settled: bool) -> Stage:
    """The stage at an instant for a learner who began at `begun_us` (None: not at all)."""
    if now_us < opens_us:
        return Stage.ANNOUNCED
    if now_us >= closes_us:
        return Stage.RESULT if settled and begun_us is not None else Stage.OVER
    if begun_us is None:
        return Stage.OPEN
    return Stage.UNDER_WAY if now_us < begun_us + own_us else Stage.SAT


@dataclass(frozen=True, slots=True)
class Sat:
    """What one learner's sitting came to: when it began, and its score."""

    begun_us: Micros
    score: Score


def score(plan: Plan, sitting_id: SittingId, answers: Iterable[Answer]) -> Sat | None:
    """The result of one sitting from its recorded answers; None when it never began.

    The ledger judged each answer by the sitting's own window, so what it accepted counts. Whoever answered nothing took
    all the time of a sitting, not that of the window of days.
    """
    by_item: defaultdict[ItemNo, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_item[answer.item_no].append(answer)
    began = by_item.pop(BEGINNING, None)
    if not began:
        return None
    chosen = {item: answer for item, given in by_item.items() if (answer := counted(plan, given)) is not None}
    items = [item.item_no for item in plan.items]
    windows = {item: Window(item, Micros(0), plan.own_us) for item in items}
    own = replace(plan, duration_us=plan.own_us)
    return Sat(began[0].stamp_us, tally(own, sitting_id, chosen, items, windows))


def ranked(sat: Iterable[Sat]) -> list[Standing]:
    """Everybody's place, by the order of the contest (`ranking.rank`)."""
    return rank(one.score for one in sat)

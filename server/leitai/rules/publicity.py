"""公示 of the awards: how long it lasts, what each step needs, and what differs between two lists.

    (final session) ──open──→ open ──revise──→ open (another list) ──settle──→ definite
                                └──────────────settle────────────────────────↗

Each step is asked for by one person and confirmed by another, who sees the same list. `PublicityRefused` is this
module's only error; its `code` is stable and one of those of `wire.errors`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from leitai.rules.beijing import beijing_day, day_begins_us
from leitai.rules.rights import Act, timely
from leitai.rules.stages import AwardStage
from leitai.rules.values import ActorId, Micros

PERIOD_DAYS = 5
"""Working days of a publication unless its settings say otherwise."""
LONGEST_PERIOD_DAYS = 60
STEP_WITHIN_US = 24 * 3600 * 1_000_000
"""What was asked for lapses after a day."""
MAX_OBJECTION_CHARS = 2_000
OPEN_OBJECTIONS = 5
"""So many of one person's may wait for an answer at a time."""
_SATURDAY = 5
_NEVER = Micros(0)


class StepKind(Enum):
    """What is done to a publication."""

    OPEN = "open"
    REVISE = "revise"
    SETTLE = "settle"


class PublicityRefused(Exception):
    """A step, an objection or an answer was refused for the reason that `code` names:

    - `awards-not-final`: the session is not final, or its board is frozen;
    - `awards-tied`: equals at a boundary wait for an order;
    - `awards-changed`: the list is another than the one that was seen;
    - `awards-list-differs`: the published list is not what follows from the record any more: revise it first;
    - `awards-unchanged`: a revision that changes nothing;
    - `awards-step`: the publication is in no state for it, or moved on meanwhile;
    - `awards-period-open`: the period has not ended; `awards-period`: it is too long, or ends before it begins;
    - `objections-undecided`: one waits for its answer;
    - `step-self-confirmation`, `step-lapsed`, `step-decided`;
    - `objection-not-open`, `objection-text-missing`, `objection-text-too-long`, `objection-too-many`;
    - `objection-answered`, `objection-reason-missing`, `ruling-conflict-of-interest`;
    - `correction-unknown-person`, `correction-senseless`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Publication:
    """Where the publication of a session's awards stands. `edition` 0: nothing is published."""

    edition: int = 0
    digest: bytes = b""
    opens_us: Micros = _NEVER
    closes_us: Micros = _NEVER
    definite_us: Micros = _NEVER
    """0 until the awards are definite."""

    def stage(self, now_us: int, *, final: bool = True) -> AwardStage:
        """Where the awards stand at an instant; `final`: the session is, and its board is not frozen."""
        if not final:
            return AwardStage.NOT_FINAL
        if self.definite_us:
            return AwardStage.DEFINITE
        if not self.edition:
            return AwardStage.FINAL
        return AwardStage.OPEN if now_us < self.closes_us else AwardStage.ENDED

    def takes_objections(self, now_us: int) -> bool:
        """Whether an objection can be filed at an instant."""
        return timely(Act.OBJECT_TO_AWARDS, self.stage(now_us))


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody asked for: `digest` of the list that was seen, `edition` that was published then."""

    step_id: int
    kind: StepKind
    edition: int
    digest: bytes
    closes_us: Micros
    """When the period is to end; 0 for `SETTLE`, and where a revision leaves the end as it is."""
    actor: ActorId
    name: str
    at_us: Micros
    lapses_us: Micros


def period_end(opens_us: int, days: int, days_off: Collection[date] = (), days_worked: Collection[date] = ()) -> Micros:
    """The end of a period of `days` working days, in Beijing's time: the end of the last of them.

    The day on which it opens does not count. Saturdays and Sundays do not, unless they are `days_worked` (调休); days
    that are `days_off` (法定节假日) do not.

    Raises:
        PublicityRefused: `awards-period` for less than one day or more than `LONGEST_PERIOD_DAYS`.
    """
    if not 1 <= days <= LONGEST_PERIOD_DAYS:
        raise PublicityRefused("awards-period")
    day = beijing_day(opens_us)
    left = days
    while left:
        day += timedelta(days=1)
        works = (day.weekday() < _SATURDAY or day in days_worked) and day not in days_off
        left -= works
    return Micros(day_begins_us(day + timedelta(days=1)))


def check_step(
    kind: StepKind,
    publication: Publication,
    digest: bytes,
    *,
    now_us: int,
    final: bool,
    tied: bool,
    undecided: int,
    closes_us: int = 0,
) -> None:
    """Raise `PublicityRefused` unless a step makes sense now, for the list of that digest.

    Args:
        kind: the step.
        publication: where it stands.
        digest: of the list that follows from the record.
        now_us: the clock.
        final: the session is final and its board not frozen.
        tied: equals at a boundary wait.
        undecided: objections without an answer.
        closes_us: when the period is to end; 0 as `Step.closes_us`.
    """
    stage = publication.stage(now_us, final=final)
    if not timely(Act.PUBLISH_AWARDS, stage):
        raise PublicityRefused("awards-not-final" if stage is AwardStage.NOT_FINAL else "awards-step")
    if (publication.edition == 0) is not (kind is StepKind.OPEN):
        raise PublicityRefused("awards-step")
    if tied:
        raise PublicityRefused("awards-tied")
    if kind is not StepKind.SETTLE:
        if kind is StepKind.REVISE and digest == publication.digest:
            raise PublicityRefused("awards-unchanged")
        if (kind is StepKind.OPEN or closes_us) and closes_us <= now_us:
            raise PublicityRefused("awards-period")
        return
    if digest != publication.digest:
        raise PublicityRefused("awards-list-differs")
    if now_us < publication.closes_us:
        raise PublicityRefused("awards-period-open")
    if undecided:
        raise PublicityRefused("objections-undecided")


def check_confirmation(step: Step, publication: Publication, digest: bytes, actor: ActorId, now_us: int) -> None:
    """Raise `PublicityRefused` unless `actor` may confirm a step now, looking at the list of that digest."""
    if actor == step.actor:
        raise PublicityRefused("step-self-confirmation")
    if now_us >= step.lapses_us:
        raise PublicityRefused("step-lapsed")
    if publication.edition != step.edition:
        raise PublicityRefused("awards-step")
    if digest != step.digest:
        raise PublicityRefused("awards-changed")


def check_objection(publication: Publication, text: str, waiting: int, now_us: int) -> None:
    """Raise `PublicityRefused` unless an objection can be filed; `waiting` are the filer's without an answer."""
    if not publication.takes_objections(now_us):
        raise PublicityRefused("objection-not-open")
    if not text.strip():
        raise PublicityRefused("objection-text-missing")
    if len(text) > MAX_OBJECTION_CHARS:
        raise PublicityRefused("objection-text-too-long")
    if waiting >= OPEN_OBJECTIONS:
        raise PublicityRefused("objection-too-many")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an award in a list: `key` is what stays the same whatever the name reads."""

    key: str
    kind: str
    name: str
    delegation: str


class ChangeKind(Enum):
    """How somebody stands in a later list."""

    GAINED = "gained"
    LOST = "lost"
    OTHER = "other"
    """Another award than before."""
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Change:
    """What differs for one holder between two lists; empty `before` or `after`: none."""

    kind: ChangeKind
    name: str
    delegation: str
    before: str
    after: str


def changes(before: Sequence[Holder], after: Sequence[Holder]) -> list[Change]:
    """What differs between two lists, in the order of the later one, then of those who are not in it."""
    had = {one.key: one for one in before}
    has = {one.key for one in after}
    found: list[Change] = []
    for now in after:
        was = had.get(now.key)
        if was is None:
            found.append(Change(ChangeKind.GAINED, now.name, now.delegation, "", now.kind))
        elif was.kind != now.kind:
            found.append(Change(ChangeKind.OTHER, now.name, now.delegation, was.kind, now.kind))
        elif was.name != now.name:
            found.append(Change(ChangeKind.RENAMED, now.name, now.delegation, was.name, now.name))
    lost = (Change(ChangeKind.LOST, one.name, one.delegation, one.kind, "") for one in before if one.key not in has)
    return [*found, *lost]

"""The words of the law as types: ids, enums and frozen values that every other room shares.

Units stand in names. Times are microseconds since the Unix epoch on the contest's clock (`_us`); durations are
microseconds too. Points are integers in hundredths of a point (`centipoints`), so that a share of a point
(`Marking.PARTIAL`) never needs a float.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NewType

SessionId = NewType("SessionId", int)
SittingId = NewType("SittingId", int)
ItemNo = NewType("ItemNo", int)
"""1-based place of an item in its paper."""
DelegationCode = NewType("DelegationCode", str)
"""Six-digit administrative division code (GB/T 2260) of a province; 660000 for 新疆生产建设兵团."""
Micros = NewType("Micros", int)
ActorId = NewType("ActorId", str)
"""Whoever acts for the contest, by login: a judge, an operator, `system`."""
Response = tuple[str, ...]
"""A contestant's answer to one item: canonical option ids in ascending order for choice items (`("A", "C")`),
`("T",)` or `("F",)` for true-false, one text per blank for fill-in, one text for short-answer, one per sub-item for
case. Empty means cleared."""


class QuestionType(Enum):
    """Question types (DOMAIN, Terms)."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    INDETERMINATE = "indeterminate"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"
    SHORT_ANSWER = "short_answer"
    CASE = "case"


JUDGED = frozenset({QuestionType.SHORT_ANSWER, QuestionType.CASE})
"""Types whose points come from judges' marks (`rules.markings`), not from a key."""


class Marking(Enum):
    """How 多选 and 不定项 earn points: all or nothing, or a share for each right pick when no pick is wrong."""

    EXACT = "exact"
    PARTIAL = "partial"


class Pacing(Enum):
    """`STREAMED`: items open nationwide one by one. `PAPER`: the whole paper in one window."""

    STREAMED = "streamed"
    PAPER = "paper"


class Counted(Enum):
    """Which of several answers in time to one item counts."""

    FIRST = "first"
    LAST = "last"


class Phase(Enum):
    """Phases of a session."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LOBBY = "lobby"
    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"
    UNDER_REVIEW = "under_review"
    FINALIZED = "finalized"


class AnswerStatus(Enum):
    """What became of an answer. `EARLY` and `LATE` are recorded and never scored; `ACCEPTED` was in its window."""

    ACCEPTED = "accepted"
    LATE = "late"
    EARLY = "early"


@dataclass(frozen=True, slots=True)
class Key:
    """The right answer of an item.

    `options` are the right option ids (`{"A", "C"}`, `{"T"}`); `also` further sets of options that are as right;
    `blanks` the accepted alternatives of each blank of a fill-in item, already as written in the bank (normalisation
    happens when marking). For short-answer and case, `blanks` holds the reference answer to each text, which only
    judges read.
    """

    options: frozenset[str] = frozenset()
    blanks: tuple[tuple[str, ...], ...] = ()
    also: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class PaperItem:
    """A question placed in a paper, as marking and timing need it (no texts)."""

    item_no: ItemNo
    type: QuestionType
    centipoints: int
    seconds: int
    """Length of the item's window when streamed; 0 in a paper-paced session."""
    option_ids: tuple[str, ...]
    """Canonical ids in canonical order: letters for choices, `("T", "F")` for true-false, empty for texts."""
    key: Key
    marking: Marking = Marking.EXACT


@dataclass(frozen=True, slots=True)
class Answer:
    """The stamped, immutable record of one response."""

    sitting_id: SittingId
    item_no: ItemNo
    client_seq: int
    """Rises with every response a sitting gives, so that a resend is known from a new answer."""
    response: Response
    stamp_us: Micros
    """Arrival at the gateway on the contest's clock: what windows are judged by."""
    elapsed_us: Micros
    """From delivery of the opening to this sitting until arrival (streamed), or from the opening (paper)."""
    elapsed_flagged: bool
    """Elapsed was taken from the scheduled opening, since the delivery to this connection was not seen."""
    offset: int
    """Place in the stream of answers of the sitting's shard: 1, 2, 3, … Later acceptance, greater offset."""
    status: AnswerStatus


@dataclass(frozen=True, slots=True)
class Window:
    """When an item takes answers: `opens_at_us <= stamp < closes_at_us`."""

    item_no: ItemNo
    opens_at_us: Micros
    closes_at_us: Micros


@dataclass(frozen=True, slots=True)
class Pause:
    """A removed interval: the contest's time stood still from `from_us` until `until_us` (None: it still does)."""

    from_us: Micros
    until_us: Micros | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a session that its timeline and its counting depend on."""

    pacing: Pacing
    counted: Counted
    items: tuple[PaperItem, ...]
    gap_us: Micros = Micros(3_000_000)
    """Rest between the closing of an item and the opening of the next, when streamed."""
    duration_us: Micros = Micros(0)
    """Length of the one window of a paper-paced session."""
    late_entry_us: Micros = Micros(600_000_000)
    """Entry is allowed until this long after the start, without extra time."""
    own_us: Micros = Micros(0)
    """Paper-paced: each sitting has so long from its own beginning, within the one window (`timeline.own_window`), and
    whoever comes is enrolled at entry; 0: everybody has the window."""


@dataclass(frozen=True, slots=True)
class Score:
    """One sitting's counted result over the items scored so far."""

    sitting_id: SittingId
    centipoints: int = 0
    elapsed_us: Micros = Micros(0)
    multiple_centipoints: int = 0
    """Points of 多选 (and 不定项), the third key of the order."""
    true_false_centipoints: int = 0
    answered: int = 0
    """Items with a counted answer."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A place in an order. Equal results share a `rank`; `order` is dense and unique (1, 2, 3, …) for display."""

    order: int
    rank: int
    score: Score


@dataclass(frozen=True, slots=True)
class Member:
    """Who sits: what delegation standings, the cascade of awards and boards need of a person."""

    sitting_id: SittingId
    name: str
    delegation: DelegationCode
    struck: bool = False
    """Struck off as ineligible: scores nothing, is not replaced (不再递补), gets no award."""
    absent: bool = False
    room: str = ""
    """The examination room within the delegation; empty where none was assigned."""


@dataclass(frozen=True, slots=True)
class DelegationStanding:
    """A delegation's place: the sum of its members' points, then less elapsed, then its best member."""

    order: int
    rank: int
    delegation: DelegationCode
    centipoints: int
    elapsed_us: Micros
    members: int
    """Members counted (neither struck nor absent)."""
    best: SittingId | None = field(default=None)

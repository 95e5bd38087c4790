"""What the judges' desk says: answers as they came, items in figures and in full, and what is worth a look."""

from dataclasses import dataclass
from enum import Enum

from leitai.rules.values import Answer, DelegationCode, ItemNo, Member, Response, SittingId


class Only(Enum):
    """What a look through the newest answers may be narrowed to."""

    WRONG = "wrong"
    COMMON = "common"
    """Wrong, but common."""
    LATE = "late"
    FLAGGED = "flagged"
    """The elapsed time was taken from the scheduled opening."""


@dataclass(slots=True)
class Group:
    """Responses to one item that mark alike: the same options, or texts that are the same once normalised.

    `form` is what they have in common; empty when the item was cleared.
    """

    form: Response
    centipoints: int
    wrong: bool
    """Given, and earns nothing by the paper's key; never so of what judges mark."""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as it came to the desk: `number` is 1, 2, 3, … in the order of this process."""

    number: int
    answer: Answer
    member: Member
    group: Group


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """One item in figures. Everything but `late` and `early` is of standing answers: one of each sitting, in time."""

    item_no: ItemNo
    answered: int
    right: int
    wrong: int
    cleared: int
    late: int
    """Sittings with an answer that came late; likewise `early`."""
    early: int
    p50_us: int
    """Response time that half of them did not exceed, as the upper bound of its bucket; 0 when there is none."""
    p90_us: int
    responses: int
    """Groups of responses."""


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A group with how often it was given, nationwide and by delegation, and one response as it was written."""

    form: Response
    example: Response
    centipoints: int
    wrong: bool
    common: bool
    count: int
    delegations: dict[DelegationCode, int]


@dataclass(frozen=True, slots=True)
class DelegationSummary:
    """One delegation's standing answers to one item; the other figures as in `ItemSummary`, the times exact."""

    delegation: DelegationCode
    answered: int
    right: int
    late: int
    early: int
    p50_us: int
    p90_us: int


@dataclass(frozen=True, slots=True)
class ItemInFull:
    """One item with all that was answered: groups by falling count, delegations by code.

    `times` says how many standing answers took how long: pairs of an upper bound in microseconds, rising, and a count.
    """

    summary: ItemSummary
    groups: list[GroupSummary]
    delegations: list[DelegationSummary]
    times: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something worth a look; never a proof.

    `kind`: `same-wrong` (sittings of a room share wrong `responses` that chance hardly explains, see live.patterns),
    `too-fast` (answered the items of `responses` faster than can be read), `left` (left the page more often than the
    session allows; `count`), `two-devices` (`count` connections were superseded by another of the same sitting),
    `other-browser` (checked in again from another browser, `count` times), `other-network` (connected again from
    another address, `count` times; of addresses nothing but a session's own digests is recorded).
    """

    kind: str
    delegation: DelegationCode
    room: str
    sittings: tuple[SittingId, ...]
    responses: tuple[tuple[ItemNo, Response], ...] = ()
    count: int = 0

"""The members of a results bundle as typed values: what docs/results-bundle.md tables.

They are JSON in one canonical form (`canonical`), so that the same results are the same bytes wherever they are made.
Integers only: points in hundredths, times in microseconds. Nobody's ID number, telephone or access code is among them.
"""

import json
from typing import Any

import msgspec
from msgspec import Struct

from leitai.wire.messages import ItemOption

FORMAT = "leitai-results/1"


class BundleContest(Struct, frozen=True, forbid_unknown_fields=True):
    """The contest."""

    contest_id: int
    title: str
    organizer: str
    year: int


class BundleQuotas(Struct, frozen=True, forbid_unknown_fields=True):
    """How many of each award there are."""

    knowledge: int
    stars_per_delegation: int
    teams: tuple[int, int, int, int]


class BundlePrize(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A prize of a province's own contest and how many get it: persons, or `teams`."""

    name: str
    places: int
    teams: bool = False


class BundleDelegation(Struct, frozen=True, forbid_unknown_fields=True):
    """A delegation's names."""

    code: str
    name: str
    short: str


class BundleSession(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`session.json`: the settings that the results depend on, and the names of things."""

    session_id: int
    title: str
    phase: str
    contest: BundleContest
    start_us: int
    pacing: str
    counted: str
    gap_us: int
    duration_us: int
    late_entry_us: int
    appeal_us: int
    difference_percent: int
    """Two judges' marks are near within this share of an item's points."""
    quotas: BundleQuotas
    delegations: list[BundleDelegation]
    prizes: list[BundlePrize] | None = None
    """In a province's own contest alone: its prizes, the highest first, in place of `quotas`, which are 0."""


class BundleKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The key as printed in the paper, before any ruling."""

    options: list[str]
    blanks: list[list[str]]
    also: list[list[str]]


class BundleItem(Struct, frozen=True, forbid_unknown_fields=True):
    """One of `paper.json`."""

    item_no: int
    type: str
    stem: str
    options: list[ItemOption]
    parts: list[str]
    centipoints: int
    seconds: int
    marking: str
    key: BundleKey
    explanation: str


class BundleSeat(Struct, frozen=True, forbid_unknown_fields=True):
    """One of `roster.json`."""

    sitting_id: int
    name: str
    delegation: str
    room: str
    struck: bool
    absent: bool


BundleAnswer = tuple[int, int, int, int, list[str], int, int, bool, str]
"""A line of `answers.jsonl`: see `ANSWER_HEAD`."""
ANSWER_HEAD = (
    "sitting_id",
    "offset",
    "item_no",
    "client_seq",
    "response",
    "stamp_us",
    "elapsed_us",
    "elapsed_flagged",
    "status",
)
"""The first line of `answers.jsonl`."""


class BundleClosing(Struct, frozen=True, forbid_unknown_fields=True):
    """One of `closings.json`: an item was closed, as logged; of several the last counts."""

    at_us: int
    item_no: int
    opens_at_us: int
    closes_at_us: int


class BundleAct(Struct, frozen=True, forbid_unknown_fields=True):
    """A judge's act on a ruling."""

    kind: str
    actor: str
    at_us: int
    reason: str


class BundleRuling(Struct, frozen=True, forbid_unknown_fields=True):
    """One of `rulings.json`, in force or not."""

    ruling_id: int
    effect: dict[str, Any]
    evidence: str
    acts: list[BundleAct]


class BundleMark(Struct, frozen=True, forbid_unknown_fields=True):
    """What one judge gave."""

    judge: str
    centipoints: list[int]
    at_us: int


class BundleMarked(Struct, frozen=True, forbid_unknown_fields=True):
    """One of `marks.json`: an answer with its marks in the order they were given."""

    sitting_id: int
    item_no: int
    offset: int
    marks: list[BundleMark]


class BundleAppeal(Struct, frozen=True, forbid_unknown_fields=True):
    """One of `appeals.json`: what became of it. What the contestant wrote stays with the judges."""

    appeal_id: int
    sitting_id: int
    item_no: int | None
    filed_at_us: int
    state: str
    decided_at_us: int
    reason: str
    ruling_id: int | None


class BundleCorrection(Struct, frozen=True, forbid_unknown_fields=True):
    """What the chief judge put right after 定榜, withdrawn or not; `objection_id` None: of their own motion."""

    correction_id: int
    objection_id: int | None
    effect: dict[str, Any]
    reason: str
    actor: str
    at_us: int


class BundleCorrections(Struct, frozen=True, forbid_unknown_fields=True):
    """`corrections.json`: they count for awards alone. `definite_us` 0: awards were not definite yet, more may come."""

    definite_us: int
    corrections: list[BundleCorrection]


class BundleMember(Struct, frozen=True, forbid_unknown_fields=True):
    """A member's length and SHA-256 in hex."""

    bytes: int
    sha256: str


class BundleHead(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the audit stood when the results were sealed: its last entry and that entry's hash in hex."""

    no: int
    hash: str


class BundleManifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`manifest.json`: what is signed."""

    format: str
    session_id: int
    audit: BundleHead
    key: str
    """The public key that it is signed with, in hex."""
    members: dict[str, BundleMember]


class BundleSignature(Struct, frozen=True, forbid_unknown_fields=True):
    """`signature.json`."""

    algorithm: str
    key: str
    signature: str


def canonical(value: Any) -> bytes:
    """Return the one form of a value: JSON in ASCII, keys sorted, no blanks, as `rules.ranking` writes standings."""
    built = msgspec.to_builtins(value, order="deterministic")
    return json.dumps(built, sort_keys=True, separators=(",", ":")).encode("ascii")

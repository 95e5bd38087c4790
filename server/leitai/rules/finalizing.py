"""What keeps a session from being finalized (定榜): a list for people, each entry with a stable code."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from leitai.rules.appeals import Appeal, AppealState, AppealWindow
from leitai.rules.rulings import HALF_APPROVED, Ruling
from leitai.rules.values import Answer, Micros, SittingId


class BlockerCode(Enum):
    """What is missing."""

    UNRECORDED = "answers-unrecorded"
    """Acknowledged answers have not reached the archive yet."""
    RECEIPT = "receipt-unreconciled"
    """A receipt that was presented after a loss is neither borne out by the record nor decided (`rules.receipts`).
    Subjects: sittings."""
    UNMARKED = "answer-unmarked"
    """Answers wait for judges' marks. Subjects: items."""
    APPEALS_OPEN = "appeal-window-open"
    """Contestants may still appeal."""
    APPEAL = "appeal-undecided"
    """Subjects: appeals."""
    RULING = "ruling-half-approved"
    """A ruling, or the withdrawal of one, waits for a second judge. Subjects: rulings."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that is missing: how often, and on what."""

    code: BlockerCode
    count: int
    subjects: tuple[int, ...] = ()


def blockers(
    now_us: Micros,
    *,
    unmarked: Collection[Answer],
    rulings: Iterable[Ruling],
    appeals: Iterable[Appeal],
    window: AppealWindow,
    unreconciled: Collection[SittingId] = (),
    unrecorded: int = 0,
) -> tuple[Blocker, ...]:
    """Everything that is missing; a session may be finalized when nothing is.

    Args:
        unmarked: answers that wait for marks (`Ledger.unmarked`).
        window: when appeals are taken.
        unreconciled: sittings with a stray receipt that is open, once each receipt.
        unrecorded: how many acknowledged answers the archive does not have.
    """
    half = tuple(ruling.ruling_id for ruling in rulings if ruling.state in HALF_APPROVED)
    undecided = tuple(appeal.appeal_id for appeal in appeals if appeal.state is AppealState.FILED)
    items = tuple(sorted({answer.item_no for answer in unmarked}))
    found = (
        Blocker(BlockerCode.UNRECORDED, unrecorded),
        Blocker(BlockerCode.RECEIPT, len(unreconciled), tuple(sorted(set(unreconciled)))),
        Blocker(BlockerCode.UNMARKED, len(unmarked), items),
        Blocker(BlockerCode.APPEALS_OPEN, int(now_us < window.ends_at_us + window.appeal_us)),
        Blocker(BlockerCode.APPEAL, len(undecided), undecided),
        Blocker(BlockerCode.RULING, len(half), half),
    )
    return tuple(blocker for blocker in found if blocker.count)

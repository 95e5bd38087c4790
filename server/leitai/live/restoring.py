"""What is put back after a loss of the store: receipts presented again, if they are ours, and the archive's answers.

A receipt that cannot be put back becomes an event of its sitting, which the recorder keeps for the judges.
"""

from hashlib import blake2s

import msgspec

from leitai.live.ports import RECEIPT, Accepted, Outcome, Restored, SittingEvent
from leitai.live.sealing import Receipts
from leitai.rules.receipts import ReceiptFault
from leitai.rules.values import Answer, ItemNo, Micros, SittingId
from leitai.wire.messages import AckStatus, Receipted

MOST_KEPT = 100
"""So many stray receipts of one sitting are kept at most: nobody floods the record."""
_LARGEST = 2**62

_OUTCOMES = {
    AckStatus.ACCEPTED: Outcome.ACCEPTED,
    AckStatus.LATE: Outcome.LATE,
    AckStatus.EARLY: Outcome.EARLY,
}


def proven(receipts: Receipts, sitting_id: SittingId, one: Receipted) -> Restored | None:
    """Return the acceptance that a presented receipt proves; None when it is not ours for what it says."""
    outcome = _OUTCOMES.get(one.status)
    item_no, response = ItemNo(one.item), tuple(one.response)
    values = (sitting_id, item_no, one.seq, response, one.status.value, one.stamp_us, one.elapsed_us, one.offset)
    flagged = receipts.flag(one.receipt, *values)
    if outcome is None or flagged is None:
        return None
    return Restored(sitting_id, item_no, one.seq, response, outcome, one.stamp_us, one.elapsed_us, one.offset, flagged)


def holds(one: Restored, decision: Accepted) -> bool:
    """Whether what the ledger says after a restoring is what was to be put back."""
    told = (decision.outcome, decision.stamp_us, decision.elapsed_us, decision.offset)
    return told == (one.outcome, one.stamp_us, one.elapsed_us, one.offset)


class Strays:
    """Which stray receipts are set down, so that each is once, and only so many of one sitting."""

    def __init__(self) -> None:
        self._known: dict[SittingId, set[bytes]] = {}

    def event(self, sitting_id: SittingId, one: Receipted, fault: ReceiptFault, at_us: Micros) -> SittingEvent | None:
        """Return the event that keeps a receipt; None when it is kept already or is not to be."""
        if max(map(abs, (one.stamp_us, one.elapsed_us, one.offset))) > _LARGEST:
            # No clock and no counter of ours gets there.
            return None
        event = SittingEvent(sitting_id, at_us, RECEIPT, f"{fault.value} {msgspec.json.encode(one).decode()}")
        known = self._known.setdefault(sitting_id, set())
        if len(known) >= MOST_KEPT or _digest(event) in known:
            return None
        self.learn(event)
        return event

    def learn(self, event: SittingEvent) -> None:
        """Take an event in, one of another gateway too."""
        if event.kind == RECEIPT:
            self._known.setdefault(event.sitting_id, set()).add(_digest(event))


def _digest(event: SittingEvent) -> bytes:
    return blake2s(event.detail.encode(), digest_size=16).digest()


def archived(answer: Answer) -> Restored:
    """Return a recorded answer as the ledger takes it back."""
    outcome = _OUTCOMES[AckStatus(answer.status.value)]
    return Restored(
        answer.sitting_id,
        answer.item_no,
        answer.client_seq,
        answer.response,
        outcome,
        answer.stamp_us,
        answer.elapsed_us,
        answer.offset,
        answer.elapsed_flagged,
    )

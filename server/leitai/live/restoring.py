"""Receipts presented again after a loss of the store: which are ours, and what they put back."""

from leitai.live.connection import Connection
from leitai.live.ports import Outcome, Restored
from leitai.live.sealing import Receipts
from leitai.rules.values import ItemNo
from leitai.wire.messages import AckStatus, Receipted

_OUTCOMES = {
    AckStatus.ACCEPTED: Outcome.ACCEPTED,
    AckStatus.LATE: Outcome.LATE,
    AckStatus.EARLY: Outcome.EARLY,
}


def proven(receipts: Receipts, connection: Connection, presented: list[Receipted]) -> list[Restored]:
    """Return the acceptances that hold; every other one is refused to the connection with `bad-receipt`."""
    batch: list[Restored] = []
    for one in presented:
        sitting_id, item_no, response = connection.sitting_id, ItemNo(one.item), tuple(one.response)
        outcome = _OUTCOMES.get(one.status)
        values = (sitting_id, item_no, one.seq, response, one.status.value, one.stamp_us, one.elapsed_us, one.offset)
        if outcome is None or not receipts.check(one.receipt, *values):
            connection.fault("bad-receipt", item=one.item, seq=one.seq)
            continue
        batch.append(
            Restored(sitting_id, item_no, one.seq, response, outcome, one.stamp_us, one.elapsed_us, one.offset)
        )
    return batch

"""What is put back after a loss of the store: receipts presented again, if they are ours, and the archive's answers."""

from leitai.live.connection import Connection
from leitai.live.ports import Outcome, Restored
from leitai.live.sealing import Receipts
from leitai.rules.values import Answer, ItemNo
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
        flagged = receipts.flag(one.receipt, *values)
        if outcome is None or flagged is None:
            connection.fault("bad-receipt", item=one.item, seq=one.seq)
            continue
        batch.append(
            Restored(sitting_id, item_no, one.seq, response, outcome, one.stamp_us, one.elapsed_us, one.offset, flagged)
        )
    return batch


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

"""Stray receipts: presented again after a loss of the store, and no recorded answer bears them out.

A receipt that is ours and that the record lacks is put back and strays nowhere. One strays when it is not ours for what
it says, or when the record holds another answer under its number. Nobody is asked to believe it or not: it is kept as
it was presented until the record bears it out or a judge decides, and until then the session is not final.

`ReceiptRefused` is this module's only error; its `code` is stable and one of those of `wire.errors`.
"""

from dataclasses import dataclass, replace
from enum import Enum

from leitai.rules import decisions
from leitai.rules.decisions import Decision
from leitai.rules.rulings import Judge, Ruling
from leitai.rules.values import DelegationCode, ItemNo, Micros, Response, SittingId


class ReceiptFault(Enum):
    """Why a receipt could not be put back."""

    UNPROVEN = "unproven"
    """It is not what this server makes for these values."""
    CONTRADICTED = "contradicted"
    """It is ours, and the record has another answer under the same number."""


class ReceiptState(Enum):
    """Where a stray receipt stands."""

    OPEN = "open"
    BORNE_OUT = "borne_out"
    """A recorded answer is the same in all that counts: nothing is to be decided."""
    RULED = "ruled"
    LAID_ASIDE = "laid_aside"


class ReceiptRefused(Exception):
    """An act was refused for the reason that `code` names: `receipt-decided`, `receipt-conflict-of-interest` (the judge
    is from the contestant's delegation), `receipt-reason-missing`, `receipt-ruling-not-in-force`,
    `session-finalized` (the store says so to whoever came too late).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class StrayReceipt:
    """A receipt as it was presented: what it says was acknowledged. `status` is one of `wire.messages.AckStatus`."""

    receipt_id: int
    sitting_id: SittingId
    item_no: ItemNo
    client_seq: int
    response: Response
    status: str
    stamp_us: Micros
    elapsed_us: Micros
    offset: int
    receipt: bytes
    fault: ReceiptFault
    presented_at_us: Micros
    borne_out: bool = False
    decision: Decision | None = None

    @property
    def state(self) -> ReceiptState:
        """Where it stands."""
        if self.decision is not None:
            return ReceiptState.LAID_ASIDE if self.decision.ruling_id is None else ReceiptState.RULED
        return ReceiptState.BORNE_OUT if self.borne_out else ReceiptState.OPEN


def decide(
    stray: StrayReceipt,
    judge: Judge,
    at_us: Micros,
    reason: str,
    delegation: DelegationCode,
    ruling: Ruling | None = None,
) -> StrayReceipt:
    """The receipt as decided: by a ruling in force, or laid aside without one; `delegation` is the contestant's.

    Raises:
        ReceiptRefused: see there.
    """
    made = decisions.decision(_refused, stray.decision, judge, at_us, reason, delegation, ruling)
    return replace(stray, decision=made)


def _refused(why: str) -> ReceiptRefused:
    return ReceiptRefused(f"receipt-{why}")

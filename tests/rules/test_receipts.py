"""Stray receipts: open until the record bears them out or a judge of another delegation decides."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from leitai.rules.effects import CreditItem
from leitai.rules.receipts import ReceiptFault, ReceiptRefused, ReceiptState, StrayReceipt, decide
from leitai.rules.rulings import ActKind, Judge, Ruling, RulingAct
from leitai.rules.values import ActorId, DelegationCode, ItemNo, Micros, SittingId

HOME = DelegationCode("110000")
JUDGE = Judge(ActorId("anna"))
STRAY = StrayReceipt(
    *(4, SittingId(9), ItemNo(1), 3, ("A",), "accepted", Micros(5), Micros(1), 7, bytes(16)),
    ReceiptFault.UNPROVEN,
    Micros(60),
)


def refused(code: str) -> AbstractContextManager[Any]:
    return pytest.raises(ReceiptRefused, match=f"^{code}$")


def ruling(*kinds: ActKind) -> Ruling:
    acts = tuple(RulingAct(kind, ActorId(f"judge {no}"), Micros(no), "因") for no, kind in enumerate(kinds))
    return Ruling(3, CreditItem(ItemNo(1)), "教材", acts)


def test_a_receipt_is_open_until_it_is_borne_out_or_decided() -> None:
    assert STRAY.state is ReceiptState.OPEN
    assert replace(STRAY, borne_out=True).state is ReceiptState.BORNE_OUT
    aside = decide(STRAY, JUDGE, Micros(70), " 签名不符 ", HOME)
    assert aside.decision is not None
    assert (aside.state, aside.decision.reason) == (ReceiptState.LAID_ASIDE, "签名不符")
    ruled = decide(STRAY, JUDGE, Micros(70), "见裁决", HOME, ruling(ActKind.PROPOSE, ActKind.APPROVE))
    assert ruled.state is ReceiptState.RULED
    # What was decided stays so, whatever comes to be recorded.
    assert replace(aside, borne_out=True).state is ReceiptState.LAID_ASIDE


def test_what_may_not_decide_a_receipt() -> None:
    done = decide(STRAY, JUDGE, Micros(70), "签名不符", HOME)
    with refused("receipt-decided"):
        decide(done, JUDGE, Micros(71), "再议", HOME)
    with refused("receipt-conflict-of-interest"):
        decide(STRAY, Judge(ActorId("local"), HOME), Micros(70), "因", HOME)
    with refused("receipt-reason-missing"):
        decide(STRAY, JUDGE, Micros(70), " ", HOME)
    with refused("receipt-ruling-not-in-force"):
        decide(STRAY, JUDGE, Micros(70), "见裁决", HOME, ruling(ActKind.PROPOSE))

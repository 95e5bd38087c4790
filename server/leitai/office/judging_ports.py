"""Rulings, marks, appeals and stray receipts: what judges need of the store.

Every call may raise `StoreUnavailable`. What the law refuses, the store refuses too, whatever was checked before.
"""

from collections.abc import Mapping
from typing import Protocol

from leitai.office.ports import OfficeStore
from leitai.rules.appeals import Appeal
from leitai.rules.markings import Mark, MarkedAnswer
from leitai.rules.receipts import StrayReceipt
from leitai.rules.rulings import Ruling
from leitai.rules.values import Answer, SessionId, SittingId


class AppealStore(Protocol):
    """PostgreSQL as a contestant's appeal sees it."""

    async def appeals(self, session_id: SessionId, sitting_id: SittingId | None = None) -> list[Appeal]:
        """Return the appeals of a session, or of one sitting of it, by id."""
        ...

    async def add_appeal(self, session_id: SessionId, appeal: Appeal) -> Appeal:
        """Add an appeal and return it with its id.

        Raises `AppealRefused` (`appeal-repeated`) when one on the same item came first and is undecided.
        """
        ...


class JudgingStore(OfficeStore, AppealStore, Protocol):
    """PostgreSQL as judges see it. Everything here is only ever added to; whatever is added is in the audit with it."""

    async def judging_revision(self, session_id: SessionId) -> str:
        """Return a text that changes whenever a ruling, an appeal or a stray receipt of a session does."""
        ...

    async def answers_after(
        self, session_id: SessionId, places: Mapping[int, int]
    ) -> tuple[int, list[tuple[int, Answer]]]:
        """Return how many answers are recorded, and those beyond `places` (an offset for each shard) with their shard,
        as of one instant.
        """
        ...

    async def ruling(self, ruling_id: int) -> tuple[SessionId, Ruling]:
        """Return a ruling and its session; raises KeyError when there is none."""
        ...

    async def add_ruling(self, session_id: SessionId, ruling: Ruling) -> Ruling:
        """Add a proposed ruling and return it with its id (the one it has is not looked at).

        Raises `RulingRefused` (`session-finalized`) when the session became final.
        """
        ...

    async def add_act(self, ruling: Ruling) -> None:
        """Add the last act of a ruling.

        Raises `RulingRefused`: `ruling-stale` when another act came first; else what the store itself refuses
        (`ruling-self-approval`, `ruling-illegal-act`, `session-finalized`), whatever was checked before.
        """
        ...

    async def add_mark(self, session_id: SessionId, answer: MarkedAnswer, no: int, mark: Mark) -> None:
        """Add the `no`-th mark of an answer (1 to 3).

        Raises `MarkRefused`: `mark-stale` when another judge gave that one, `mark-twice`.
        """
        ...

    async def appeal(self, appeal_id: int) -> tuple[SessionId, Appeal]:
        """Return an appeal and its session; raises KeyError when there is none."""
        ...

    async def add_decision(self, appeal: Appeal) -> None:
        """Add the decision of an appeal; raises `AppealRefused` (`appeal-decided`) when another came first."""
        ...

    async def stray_receipts(self, session_id: SessionId) -> list[StrayReceipt]:
        """Return the receipts of a session that could not be put back, as they stand, by id."""
        ...

    async def stray_receipt(self, receipt_id: int) -> tuple[SessionId, StrayReceipt]:
        """Return a stray receipt and its session; raises KeyError when there is none."""
        ...

    async def add_receipt_decision(self, stray: StrayReceipt) -> None:
        """Add the decision of a stray receipt; raises `ReceiptRefused` (`receipt-decided`) when another came first."""
        ...

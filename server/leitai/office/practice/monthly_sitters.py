"""Learners at the door of 月月比: handed over by the practice's pages, with neither admission number nor code."""

from leitai.office.accounts import SignedIn
from leitai.office.practice.monthly_ports import SitterStore
from leitai.rules.values import DelegationCode, SessionId, SittingId

_MOST_KNOWN = 100_000


class SittersOfMonths:
    """`office.accounts.KeptAccounts` of sessions whose people are enrolled as they enter.

    Args:
        store: knows who has which sitting.
    """

    def __init__(self, store: SitterStore) -> None:
        self._store = store
        self._known: dict[SittingId, SignedIn] = {}

    async def load(self, session_id: SessionId) -> None:
        """Nobody is known beforehand."""
        self._known = {key: one for key, one in self._known.items() if one.session_id == session_id}

    def holds(self, session_id: SessionId) -> bool:
        """Nothing is missing that could be held."""
        del session_id
        return True

    def packed(self, session_id: SessionId) -> bytes:
        """Nothing opens a door here."""
        del session_id
        return b""

    def unpack(self, session_id: SessionId, packed: bytes) -> None:
        """Nothing was packed."""

    async def sign_in(self, admission_no: str, code: str) -> SignedIn | None:
        """Nobody comes with a number."""
        del admission_no, code
        return None

    async def identity(self, sitting_id: SittingId) -> SignedIn | None:
        """Return the learner of a sitting, from memory once known; raises `StoreUnavailable`."""
        if (known := self._known.get(sitting_id)) is not None:
            return known
        sitter = await self._store.sitter(sitting_id)
        if sitter is None:
            return None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        known = SignedIn(
            sitter.session_id,
            sitting_id,
            "",
            sitter.name,
            DelegationCode(""),
            sitter.place,
            struck=False,
            struck_reason="",
        )
        self._known[sitting_id] = known
        return known

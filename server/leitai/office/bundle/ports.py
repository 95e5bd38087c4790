"""What a results bundle needs from its stores. Every call may raise `StoreUnavailable`."""

from dataclasses import dataclass
from typing import Protocol

from leitai.office.awards.ports import PublishedList
from leitai.office.judging_ports import AppealStore
from leitai.office.ports import OfficeStore
from leitai.rules.award_corrections import Correction
from leitai.rules.publicity import Publication
from leitai.rules.values import Micros, Phase, SessionId


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The last entry of the audit and its hash; 0 and nothing before the first."""

    no: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Finished:
    """A session that is over, in short; `ended_us` 0 when no closing was logged."""

    session_id: SessionId
    contest: str
    title: str
    phase: Phase
    frozen: bool
    seats: int
    ended_us: Micros


class RecordStore(OfficeStore, AppealStore, Protocol):
    """The record of a session."""


class CorrectionStore(Protocol):
    """What became of awards after 定榜 (as much of `office.awards.ports.AwardsStore` as results need)."""

    async def corrections(self, session_id: SessionId) -> list[Correction]:
        """Return the corrections of a session, withdrawn ones too, by id."""
        ...

    async def publication(self, session_id: SessionId) -> Publication:
        """Return where the publication of a session's awards stands."""
        ...

    async def lists(self, session_id: SessionId) -> list[PublishedList]:
        """Return the editions that were published, by number."""
        ...


class SealStore(Protocol):
    """Where the contest's signing key and the seals of final sessions are kept."""

    async def signing_key(self, fresh: bytes, public: bytes) -> bytes:
        """Return the private key that is kept (32 bytes); `fresh` with its `public` half is kept when there is none."""
        ...

    async def public_key(self) -> bytes | None:
        """Return the public half of the key that is kept; None before there is one."""
        ...

    async def seal(self, session_id: SessionId) -> AuditHead:
        """Return where the audit stood when a session was first sealed: now, when it never was. Kept for good."""
        ...

    async def finished(self) -> list[Finished]:
        """Return the newest 200 sessions that are over, the newest first."""
        ...

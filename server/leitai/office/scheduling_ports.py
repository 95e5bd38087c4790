"""Sessions before their day, in short, and what planning them needs. Every call may raise `StoreUnavailable`."""

from dataclasses import dataclass
from typing import Protocol

from leitai.office.ports import OfficeStore
from leitai.rules.values import Micros, Pacing, Phase, SessionId


@dataclass(frozen=True, slots=True)
class PaperSummary:
    """A paper in short."""

    paper_id: int
    title: str
    items: int
    centipoints: int
    seconds: int
    """The times of all items together."""


@dataclass(frozen=True, slots=True)
class ContestSummary:
    """A contest in short, with how many are on its roster."""

    contest_id: int
    title: str
    year: int
    roster: int


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in short."""

    session_id: SessionId
    contest_id: int
    contest_title: str
    paper_title: str
    title: str
    phase: Phase
    pacing: Pacing
    start_us: Micros
    lobby_opens_us: Micros
    freeze_percent: int
    seats: int
    struck: int
    conducted: bool
    """A director has had it: what it holds of the start counts, not what stands here."""


class SchedulingStore(OfficeStore, Protocol):
    """What planning sessions needs besides."""

    async def papers(self) -> list[PaperSummary]:
        """Return the papers, the newest first."""
        ...

    async def contests(self) -> list[ContestSummary]:
        """Return the contests, the newest first."""
        ...

    async def sessions(self) -> list[SessionSummary]:
        """Return the newest 200 sessions, the newest first."""
        ...

    async def schedule_session(self, session_id: SessionId) -> bool:
        """Schedule a draft that no director has had, unless another session is under way; False: nothing was done."""
        ...

    async def move_session(self, session_id: SessionId, start_us: Micros, lobby_opens_us: Micros) -> bool:
        """Set another start and lobby; False once the lobby has opened."""
        ...

    async def withdraw_session(self, session_id: SessionId) -> bool:
        """Make it a draft again; False once the lobby has opened."""
        ...

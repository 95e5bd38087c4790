"""What 月月比 needs from its store. Every call may raise `StoreUnavailable`; each writing call is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from leitai.office.scheduling_ports import PaperSummary
from leitai.office.session_ports import SessionSettings
from leitai.rules.monthly import Sat
from leitai.rules.values import Answer, Micros, Phase, Plan, SessionId, SittingId, Standing


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who has a sitting: `name` as registered, `place` the province or office they belong to (may be empty)."""

    session_id: SessionId
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month's sitting.

    Attributes:
        session_id: its session on the live path.
        month: the first of the month.
        own_us: how long a sitting is.
        enrolled: who entered so far.
        sat: who has a result, once it is settled.
        settled: results stand.
        withdrawn_by: empty: it holds.
    """

    session_id: SessionId
    month: date
    title: str
    paper_title: str
    items: int
    centipoints: int
    opens_us: Micros
    closes_us: Micros
    own_us: Micros
    phase: Phase
    enrolled: int
    sat: int
    settled: bool
    scheduled_by: str
    withdrawn_by: str


@dataclass(frozen=True, slots=True)
class MonthResult:
    """A sitting's result as it was written; `of` is how many sat."""

    centipoints: int
    elapsed_us: int
    answered: int
    rank: int
    of: int


@dataclass(frozen=True, slots=True)
class OwnMonth:
    """A month's sitting as one learner has it; `begun_us` None: not begun, `result` None: none yet."""

    month: Month
    begun_us: Micros | None
    result: MonthResult | None


class SitterStore(Protocol):
    """What the contest's door asks."""

    async def sitter(self, sitting_id: SittingId) -> Sitter | None:
        """Return who has a sitting; None when there is none of this number."""
        ...


class MonthlyStore(SitterStore, Protocol):
    """Months, who sat them, and what came of it."""

    async def sealed_papers(self) -> Sequence[PaperSummary]:
        """Return the papers that no session has played and that are sealed, the newest first."""
        ...

    async def months(self) -> Sequence[Month]:
        """Return all months, the newest first."""
        ...

    async def schedule(
        self, month: date, paper_id: int, settings: SessionSettings, secret: bytes, actor: str
    ) -> SessionId:
        """Set a month's sitting down, audited; nobody serves it before `prepare`.

        Raises `MonthlyRefused` with `monthly-month-taken` or `paper-not-sealed`.
        """
        ...

    async def withdraw(self, session_id: SessionId, actor: str) -> None:
        """Take a month's sitting back, audited.

        Raises KeyError when there is none, `MonthlyRefused` with `monthly-begun` once it is prepared.
        """
        ...

    async def prepare(self, until_us: int) -> int:
        """Let the live path take up what opens before `until_us`; returns how many sessions."""
        ...

    async def own(self, learner_id: int, since: date) -> Sequence[OwnMonth]:
        """Return the months from `since` on that hold, as a learner has them, the newest first."""
        ...

    async def enrol(self, session_id: SessionId, learner_id: int, now_us: int) -> SittingId:
        """Return the learner's sitting, made at the first call; one for each learner and month."""
        ...

    async def to_settle(self) -> Sequence[Month]:
        """Return the months whose session is final and whose results do not stand yet."""
        ...

    async def plan(self, session_id: SessionId) -> Plan:
        """Return the plan with its keys."""
        ...

    async def sittings(self, session_id: SessionId) -> Sequence[SittingId]:
        """Return every sitting of a session."""
        ...

    async def answers_of(
        self, session_id: SessionId, sittings: Sequence[SittingId]
    ) -> Mapping[SittingId, Sequence[Answer]]:
        """Return what some sittings answered, as it was recorded."""
        ...

    async def settle(self, month: Month, day: date, results: Sequence[tuple[Sat, Standing]]) -> None:
        """Write results, and their entries in the ledger of points on `day`: some of them at a time, each once."""
        ...

    async def settled(self, session_id: SessionId, now_us: int) -> None:
        """Let results be seen."""
        ...

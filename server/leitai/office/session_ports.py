"""Contests, papers and sessions, and the record of a session: what is asked of the store about them.

Every call may raise `office.ports.StoreUnavailable`. Each writing call is one transaction: it happens whole or not at
all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from leitai.office.people_ports import Contestant
from leitai.rules.honours import PLAN_QUOTAS
from leitai.rules.markings import Mark, MarkedAnswer
from leitai.rules.outcomes import Awarding
from leitai.rules.prizes import Prize
from leitai.rules.rights import NO_DELEGATION
from leitai.rules.rulings import Ruling
from leitai.rules.values import (
    ActorId,
    Answer,
    Counted,
    DelegationCode,
    ItemNo,
    Marking,
    Member,
    Micros,
    Pacing,
    Phase,
    Plan,
    SessionId,
    SittingId,
)
from leitai.wire.messages import ItemContent

_GAP = Micros(3_000_000)
_NO_WINDOW = Micros(0)
_LATE_ENTRY = Micros(600_000_000)
_APPEAL = Micros(7_200_000_000)

MACHINE = ActorId("machine")
"""Whoever holds the server itself, where no name is given."""


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest 比赛. `owner`: the province that runs it for itself, with `prizes` of its own; empty: the nation."""

    contest_id: int
    title: str
    organizer: str
    year: int
    owner: DelegationCode = NO_DELEGATION
    prizes: tuple[Prize, ...] = ()

    @property
    def awarding(self) -> Awarding:
        """What is awarded in it."""
        return self.prizes if self.owner else PLAN_QUOTAS


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A question placed in a paper."""

    item_no: ItemNo
    version_id: int
    centipoints: int
    seconds: int
    marking: Marking


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """The settings of a session; the defaults are those of the published rules (DOMAIN, Defaults)."""

    title: str
    start_us: Micros
    lobby_opens_us: Micros
    pacing: Pacing = Pacing.STREAMED
    counted: Counted = Counted.FIRST
    gap_us: Micros = _GAP
    duration_us: Micros = _NO_WINDOW
    """Length of the one window of a paper-paced session; more than 0 there."""
    late_entry_us: Micros = _LATE_ENTRY
    board_follows: Literal["close", "answer"] = "close"
    freeze_percent: int = 20
    show_own: bool = True
    show_key: bool = False
    conduct_limit: int = 5
    appeal_us: Micros = _APPEAL
    auto_finalize: bool = False
    shards: int = 1
    own_us: Micros = _NO_WINDOW
    """Paper-paced: each sitting has so long from its own beginning; 0: everybody has the window."""


@dataclass(frozen=True, slots=True)
class NewSitting:
    """A seat to be created with its session."""

    contestant_id: int
    admission_no: str
    code_hmac: bytes
    struck: bool
    struck_reason: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """One contestant in one session, as the office sees it."""

    sitting_id: SittingId
    session_id: SessionId
    admission_no: str
    code_hmac: bytes
    struck: bool
    struck_reason: str
    absent: bool
    contestant: Contestant


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """All of a session that results are computed from. Holds right answers: it stays on the server."""

    session_id: SessionId
    contest: Contest
    title: str
    phase: Phase
    start_us: Micros
    plan: Plan
    contents: tuple[ItemContent, ...]
    explanations: tuple[str, ...]
    members: tuple[Member, ...]
    appeal_us: Micros = _APPEAL
    """How long contestants may appeal after the end."""
    frozen: bool = False
    """The public board is frozen: results are published once it thaws."""


@dataclass(frozen=True, slots=True)
class FinalSession:
    """A session after 定榜, in short."""

    session_id: SessionId
    contest_title: str
    title: str
    start_us: Micros


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A fact of a session as the director logged it; `seq` is the order of recording."""

    seq: int
    at_us: Micros
    kind: str
    detail: str


class ContestStore(Protocol):
    """Contests and their sessions, as they are made."""

    async def create_contest(self, title: str, organizer: str, year: int) -> int:
        """Return the id of a new contest."""
        ...

    async def find_contest(self, title: str, year: int) -> Contest | None:
        """Return the newest contest of that title and year."""
        ...

    async def contest(self, contest_id: int) -> Contest:
        """Return a contest; raises KeyError when there is none."""
        ...

    async def create_paper(self, title: str, seed: str, lines: Sequence[PaperLine], actor: ActorId = MACHINE) -> int:
        """Return the id of a new paper, sealed at once by the authority of whoever holds the machine; audited.

        Raises:
            KeyError: a version is not in the bank.
        """
        ...

    async def create_session(
        self,
        contest_id: int,
        paper_id: int,
        settings: SessionSettings,
        secret: bytes,
        sittings: Sequence[NewSitting],
        phase: Phase = Phase.SCHEDULED,
    ) -> SessionId:
        """Create a session with its sittings. `secret` (32 bytes) is sealed before it is stored."""
        ...


class SessionStore(Protocol):
    """A session as it is read: its sittings, what they answered, what was ruled."""

    async def session(self, session_id: SessionId) -> SessionRecord:
        """Return what results are computed from; raises KeyError when there is no such session."""
        ...

    async def revision(self, session_id: SessionId) -> str | None:
        """Return a text that changes whenever phase, answers or events of a session do, and begins with its phase and a
        blank; None: no such session.
        """
        ...

    async def current_session(self) -> SessionId | None:
        """Return the session in force: see `live.ports.Archive.current_session`."""
        ...

    async def sittings(self, session_id: SessionId) -> list[Sitting]:
        """Return the session's sittings by delegation and seat."""
        ...

    async def sitting(self, sitting_id: SittingId) -> Sitting:
        """Return one sitting; raises KeyError when there is none."""
        ...

    async def sitting_by_admission(self, session_id: SessionId, admission_no: str) -> Sitting | None:
        """Return the sitting with that admission number in the session."""
        ...

    async def renew_codes(self, session_id: SessionId, codes: Mapping[SittingId, bytes]) -> None:
        """Replace the stored HMACs of access codes; the old codes open nothing from then on."""
        ...

    async def answers(self, session_id: SessionId, sitting_id: SittingId | None = None) -> list[Answer]:
        """Return recorded answers, of one sitting or all, in order of shard and offset."""
        ...

    async def session_events(self, session_id: SessionId, kind: str | None = None) -> list[LoggedEvent]:
        """Return the logged events of a session in order of recording, of one kind or all."""
        ...

    async def rulings(self, session_id: SessionId) -> list[Ruling]:
        """Return every ruling of a session as it stands, in force or not, by id (`rules.rulings.in_force` picks)."""
        ...

    async def marks(self, session_id: SessionId) -> dict[MarkedAnswer, list[Mark]]:
        """Return all marks of a session, each answer's in the order they were given."""
        ...

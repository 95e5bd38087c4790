"""What provinces' own contests are made of, and where they are kept (issue 6, point 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from leitai.office.people_ports import DelegationName
from leitai.office.session_ports import Contest
from leitai.rules.prizes import Prize
from leitai.rules.values import DelegationCode, Micros, Phase, SessionId, SittingId

Asks = Literal["phone", "id", "both"]
"""By which numbers people register."""
ApplicantState = Literal["waiting", "approved", "declined"]


class OwnContestRefused(Exception):
    """An act is refused with `code`, of `wire.errors.own_contests`. Nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Numbers:
    """By what somebody is known, in the clear, in the forms of `office.importing.nominees`; empty: not given."""

    phone: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)
    phone_hash: bytes | None = None
    id_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who comes onto a roster. `team`: a name, or empty for the contest's only one."""

    name: str
    unit: str
    team: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class OwnPerson:
    """Somebody on the roster; numbers are masked."""

    contestant_id: int
    seat: int
    name: str
    unit: str
    team: DelegationCode
    phone_shown: str
    id_shown: str


@dataclass(frozen=True, slots=True)
class Registration:
    """Whether and until when people register themselves."""

    asks: Asks
    closes_us: Micros
    open: bool

    def takes(self, now_us: int) -> bool:
        """Whether somebody may register now."""
        return self.open and now_us < self.closes_us


@dataclass(frozen=True, slots=True)
class NewApplicant:
    """Who registers."""

    name: str
    unit: str
    team: DelegationCode
    numbers: Numbers
    at_us: Micros


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who has registered; numbers are masked."""

    applicant_id: int
    name: str
    unit: str
    team: DelegationCode
    phone_shown: str
    id_shown: str
    state: ApplicantState
    at_us: Micros
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session of an own contest, in short."""

    session_id: SessionId
    title: str
    phase: Phase
    start_us: Micros


@dataclass(frozen=True, slots=True)
class OwnContest:
    """A contest of a province's own, with what its page shows at a glance."""

    contest: Contest
    people: int
    waiting: int
    registration: Registration | None
    prizes: tuple[Prize, ...]
    prizes_edition: int
    sessions: tuple[OwnSession, ...]


class OwnContestStore(Protocol):
    """PostgreSQL as a province's office sees it. Every change is audited in its transaction."""

    most: int
    """So many people a contest has at most."""

    async def own_contests(self) -> list[OwnContest]:
        """Return the province's contests, the newest first."""
        ...

    async def own_contest(self, contest_id: int) -> OwnContest:
        """Return one; raises KeyError."""
        ...

    async def create_own_contest(self, title: str, organizer: str, year: int, actor: str) -> int:
        """Return the id of a new contest."""
        ...

    async def teams(self) -> list[DelegationName]:
        """Return the province's teams, by code."""
        ...

    async def add_teams(self, names: Sequence[str], actor: str) -> None:
        """Add teams that are not there by that name."""
        ...

    async def people(self, contest_id: int) -> list[OwnPerson]:
        """Return the roster by seat."""
        ...

    async def add_people(self, contest_id: int, people: Sequence[NewPerson], sha256: bytes, actor: str) -> int:
        """Add people to the roster, all or none, with teams that are not there yet; returns how many there are now.

        Raises KeyError; `OwnContestRefused`: `person-registered` when a number is on the roster already, `roster-full`
        when there would be more than `most`.
        """
        ...

    async def set_registration(self, contest_id: int, registration: Registration, actor: str) -> None:
        """Open, change or close registration; raises KeyError."""
        ...

    async def register(self, contest_id: int, applicant: NewApplicant) -> None:
        """Keep somebody who registers.

        Raises KeyError; `OwnContestRefused`: `registration-closed`, `already-registered` (on the roster, too),
        `registration-full` when roster and those who wait are `most`.
        """
        ...

    async def applicants(self, contest_id: int) -> list[Applicant]:
        """Return who has registered, those who wait first."""
        ...

    async def decide_applicants(
        self, contest_id: int, applicant_ids: Sequence[int], actor: str, *, approves: bool, reason: str
    ) -> int:
        """Put applicants on the roster, or decline them; returns how many. Who is decided already is passed over.

        Raises KeyError; `OwnContestRefused`: `person-registered`, `roster-full`: nobody was decided.
        """
        ...

    async def set_prizes(
        self, contest_id: int, expects: int, prizes: Sequence[Prize], actor: str, now_us: Micros
    ) -> int:
        """Change the table of prizes as it stood at `expects`; returns the new edition. No session begins meanwhile.

        Raises KeyError; `OwnContestRefused`: `prizes-stale`, `prizes-fixed` once a session of the contest has begun
        (`rules.phases.has_begun`).
        """
        ...

    async def numbers_of(self, session_id: SessionId, sittings: Sequence[SittingId]) -> Mapping[SittingId, Numbers]:
        """Return by what people of a session are known, those who have numbers."""
        ...

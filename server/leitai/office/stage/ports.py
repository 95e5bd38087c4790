"""What the office needs for stage rounds. Every call may raise its room's `StoreUnavailable`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from leitai.office.bank import Question
from leitai.office.ports import AuditLog
from leitai.rules.stage_events import RoundKind, StagePlan, StageSettings
from leitai.rules.values import Micros
from leitai.wire.stage_log import KeptEntry, StageSeat

SCREEN = 0
"""In place of a team's number: a screen's."""


class StageState(Enum):
    """Where a stage is."""

    DRAFT = "draft"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class RoundWanted:
    """A round as it is asked for: certain questions of the bank, and so many drawn besides, of a module or of any."""

    kind: RoundKind
    title: str
    questions: tuple[int, ...] = ()
    draw: int = 0
    module: str = ""


@dataclass(frozen=True, slots=True)
class StageWanted:
    """A stage as it is asked for."""

    title: str
    teams: tuple[str, ...]
    rounds: tuple[RoundWanted, ...]
    settings: StageSettings


@dataclass(frozen=True, slots=True)
class StageHead:
    """A stage in a list."""

    stage_id: int
    title: str
    state: StageState
    teams: int
    questions: int
    created_us: Micros


@dataclass(frozen=True, slots=True)
class StageMedia:
    """A picture or a film that a question of a stage shows, as the bank keeps it.

    Args:
        question: its number in the stage.
        sha256: of its bytes, in hex.
        width: in pixels; 0 of a film, as the height.
        alt: what is read to those who do not see it.
    """

    question: int
    sha256: str
    media_type: str
    bytes: int
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class StageFile:
    """A stage as the office keeps it: the plan, and the questions of its running order with their keys."""

    stage_id: int
    state: StageState
    plan: StagePlan
    questions: tuple[Question, ...]
    """By their numbers in the stage, from 1."""
    codes: int
    """How often codes were made for its devices; 0: never."""
    edition: int = 1
    """How often it was planned."""
    media: tuple[StageMedia, ...] = ()
    """What its questions show, by number and place."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote of the audience that is to open."""

    vote: int
    choices: tuple[str, ...]
    code: str


class Voted(Enum):
    """What became of a vote."""

    COUNTED = "counted"
    BEFORE = "before"
    """This device has voted in this vote."""
    CLOSED = "closed"


class SeatKept(NamedTuple):
    """A code's seat, with the stage and team by their names."""

    seat: StageSeat
    title: str
    name: str


class TooFewQuestions(Exception):
    """The bank cannot give what a round asks for: unknown or unapproved questions, or too few to draw from."""

    def __init__(self, round_no: int) -> None:
        super().__init__(round_no)
        self.round_no = round_no


class StageArchive(AuditLog, Protocol):
    """Where stages are kept (PostgreSQL)."""

    async def stages(self) -> Sequence[StageHead]:
        """Return the stages, the newest first."""
        ...

    async def stage(self, stage_id: int) -> StageFile:
        """Return a stage; raises KeyError."""
        ...

    async def create_stage(self, actor: str, wanted: StageWanted) -> int:
        """Keep a stage with its questions fixed, in the audit with it; raises `TooFewQuestions`.

        Only approved questions are taken, none of them twice, and none that was shown on a stage. What is on papers is
        not looked at: it is secret.
        """
        ...

    async def wanted(self, stage_id: int) -> tuple[int, StageWanted]:
        """Return a plan's edition and what was asked for; raises KeyError."""
        ...

    async def replan(self, actor: str, stage_id: int, edition: int, wanted: StageWanted) -> bool:
        """Put another plan in the place of edition `edition`; False when it is another by now, or the stage has begun.

        Questions are drawn anew; where the teams are others the codes of their desks are out. In the audit with it.
        Raises KeyError, `TooFewQuestions`.
        """
        ...

    async def begin(self, actor: str, stage_id: int, edition: int) -> bool:
        """Begin a stage as its edition `edition` plans it, in the audit; False when it has another, or has begun."""
        ...

    async def shown_before(self, stage_id: int) -> list[int]:
        """Return the numbers of its questions that were shown on another stage since it was planned."""
        ...

    async def set_codes(self, actor: str, stage_id: int, digests: Mapping[int, bytes]) -> None:
        """Put codes in the place of all earlier ones, by team (`SCREEN`: the screens'); raises KeyError."""
        ...

    async def seat_of(self, digest: bytes) -> SeatKept | None:
        """Return whose code this is, while it is in force."""
        ...

    async def seat_holds(self, seat: StageSeat) -> bool:
        """Whether the code that let a device in is still in force."""
        ...

    async def set_state(self, actor: str, stage_id: int, state: StageState) -> None:
        """Say where a stage is, in the audit where that is new."""
        ...

    async def record(self, stage_id: int, entries: Sequence[KeptEntry]) -> bool:
        """Keep entries of the log; those that are kept already stay as they are.

        Where the stage's end is among them the stage is over, in the audit, at once with them; True when it was not
        before.
        """
        ...

    async def entries(self, stage_id: int, after: int = 0) -> list[KeptEntry]:
        """Return the entries that are kept, after a number."""
        ...

    async def running(self) -> Mapping[int, int]:
        """Return the stages under way, with the number of the last entry that is kept of each."""
        ...


class StageLedger(Protocol):
    """A stage's log and ballots in the ledger (Valkey)."""

    async def time_us(self, stage_id: int) -> Micros:
        """Return the stage's clock."""
        ...

    async def log(self, stage_id: int, after: int, block_ms: int) -> list[KeptEntry]:
        """Return the entries after a number, waiting for the first for `block_ms` (0: not at all)."""
        ...

    async def append(self, stage_id: int, last: int, entries: Sequence[KeptEntry]) -> bool:
        """Append entries, all or none, durably; False when the log's last entry is not `last`."""
        ...

    async def retire(self, stage_id: int) -> None:
        """Let the log of a stage that is over go, some days later."""
        ...

    async def open_ballot(self, stage_id: int, ballot: Ballot) -> None:
        """Take votes from now on."""
        ...

    async def close_ballot(self, stage_id: int) -> None:
        """Take no more votes; the counts stay as they are from then on."""
        ...

    async def counts(self, stage_id: int, vote: int, choices: int) -> list[int]:
        """Return the votes for each choice so far."""
        ...

    async def most_from_one(self, stage_id: int, vote: int) -> int:
        """Return the most votes that came from one address."""
        ...

    async def desks(self, stage_id: int) -> dict[int, Micros]:
        """Return when each desk was connected last."""
        ...


class StageSeats(Protocol):
    """Devices at their desks and in the audience."""

    async def seat(self, seat: StageSeat) -> str:
        """Let a device in; returns the secret of its cookie."""
        ...

    async def seated(self, cookie: str) -> StageSeat | None:
        """Return where a device sits."""
        ...

    async def leave(self, cookie: str) -> None:
        """Let a device go."""
        ...

    async def issue_stage_ticket(self, seat: StageSeat) -> str:
        """Return a ticket for one socket."""
        ...

    async def vote(self, stage_id: int, vote: int, code: str, choice: int, device: str, network: str) -> Voted:
        """Count a vote, once for each device; `network` is a digest of the address that it came from."""
        ...

    async def stage_tries(self, name: str, window_s: int) -> int:
        """Count a try under a name; returns how many there were in this window."""
        ...

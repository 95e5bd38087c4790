"""What the office needs from its store, as a Protocol with the records it speaks in. stores/postgres implements it.

Every call may raise `StoreUnavailable`. Each writing call is one transaction: it happens whole or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from leitai.office.bank import BankEntry, Question
from leitai.rules.appeals import Appeal
from leitai.rules.draw import ProvinceDraw
from leitai.rules.markings import Mark, MarkedAnswer
from leitai.rules.receipts import StrayReceipt
from leitai.rules.rights import NO_DELEGATION, Role, Standing
from leitai.rules.rulings import Ruling
from leitai.rules.seconding import CommandRequest
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

Origin = Literal["named", "drawn", "simulated"]
"""自主确定, 抽签, or made up to fill a rehearsal."""
NominationList = Literal["named", "nominated"]
"""The two lists a province sends in: the 15 it names, and the 100 of whom 35 are drawn."""


class StoreUnavailable(Exception):
    """The database did not answer; the call may be repeated."""


class AlreadyThere(Exception):
    """What was to be created exists: a roster of the contest, nominations. Nothing was written."""


@dataclass(frozen=True, slots=True)
class DelegationName:
    """A delegation: GB/T 2260 code, full name, short name."""

    code: DelegationCode
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """The trace an import leaves: which file, by whom, and what became of its rows."""

    file_name: str
    file_sha256: bytes
    accepted: int
    refused: int
    duplicates: int
    actor: str


@dataclass(frozen=True, slots=True)
class BankCommit:
    """What an import changed in the bank: questions new to it, revised, and found as they were.

    `held`: left alone by an import of drafts, since they are being reviewed or are retired.
    """

    added: int
    revised: int
    unchanged: int
    held: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Someone named or nominated, with the record that eligibility is judged by (plan 四(二)2).

    Args:
        daily_star_titles: how often titled 日日学之星 by 31 August.
        weekly_centipoints: 周周练 points by the same day, in hundredths.
        prior_events: contests taken part in, as written in the file.
        prior_titles: titles held, as written in the file.
    """

    delegation: DelegationCode
    name: str
    unit: str
    daily_star_titles: int
    weekly_centipoints: int
    prior_events: tuple[str, ...] = ()
    prior_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A place in a delegation's roster: seat 1, 2, 3, … within the delegation."""

    seat: int
    origin: Origin
    person: Person


@dataclass(frozen=True, slots=True)
class Contestant:
    """A roster line as stored. `struck`: why it was struck off by decision; empty: it was not."""

    contestant_id: int
    seat: int
    origin: Origin
    person: Person
    struck: str = ""


@dataclass(frozen=True, slots=True)
class Nomination:
    """One line of a province's published list; `no` is the place the draw speaks of."""

    list: NominationList
    no: int
    person: Person


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest 比赛. `owner`: the province that runs it for itself; empty: the nation."""

    contest_id: int
    title: str
    organizer: str
    year: int
    owner: DelegationCode = NO_DELEGATION


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
class LoggedEvent:
    """A fact of a session as the director logged it; `seq` is the order of recording."""

    seq: int
    at_us: Micros
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """Words from the operators: to everyone, to a delegation, to a room of it, or to one sitting."""

    announcement_id: int
    text: str
    actor: ActorId
    at_us: Micros
    delegation: DelegationCode | None = None
    room: str = ""
    sitting_id: SittingId | None = None

    @property
    def to_all(self) -> bool:
        """Whether it was for everyone, and so went into the feed."""
        return self.delegation is None and self.sitting_id is None


@dataclass(frozen=True, slots=True)
class ClarificationAnswer:
    """What the operators answered, to whoever asked or to all."""

    actor: ActorId
    at_us: Micros
    text: str
    to_all: bool


@dataclass(frozen=True, slots=True)
class Clarification:
    """What a contestant asked. `item_no` is None when it is about no item."""

    clarification_id: int
    sitting_id: SittingId
    item_no: ItemNo | None
    question: str
    at_us: Micros
    answer: ClarificationAnswer | None = None


class OfficeStore(Protocol):
    """PostgreSQL as the office sees it."""

    async def delegations(self) -> list[DelegationName]:
        """Return the delegations there are, by code."""
        ...

    async def bank_index(self, *, drafts: bool = False) -> Mapping[bytes, bytes]:
        """Return the content hash in force by stem key, over the whole bank; empty where no version is approved.

        With `drafts`, that of the newest version instead.
        """
        ...

    async def bank(self) -> list[BankEntry]:
        """Return the version in force of every question that is not retired, by id of the question."""
        ...

    async def import_bank(
        self, batch: ImportBatch, questions: Sequence[Question], *, drafts: bool = False
    ) -> BankCommit:
        """Add questions and new versions of known ones; a question found as it is stays untouched.

        What comes is approved by its import, as the audit says, unless it comes as `drafts`.
        """
        ...

    async def create_contest(self, title: str, organizer: str, year: int) -> int:
        """Return the id of a new contest."""
        ...

    async def find_contest(self, title: str, year: int) -> Contest | None:
        """Return the newest contest of that title and year."""
        ...

    async def contest(self, contest_id: int) -> Contest:
        """Return a contest; raises KeyError when there is none."""
        ...

    async def import_roster(self, contest_id: int, batch: ImportBatch, lines: Sequence[RosterLine]) -> list[Contestant]:
        """Store a contest's roster; raises `AlreadyThere` when it has one (simulated contestants aside)."""
        ...

    async def add_simulated(self, contest_id: int, lines: Sequence[RosterLine]) -> list[Contestant]:
        """Add contestants made up for a rehearsal; returns the whole roster."""
        ...

    async def roster(self, contest_id: int) -> list[Contestant]:
        """Return a contest's contestants by delegation and seat."""
        ...

    async def import_nominations(self, contest_id: int, batch: ImportBatch, nominations: Sequence[Nomination]) -> None:
        """Store the lists the provinces sent in; raises `AlreadyThere` when the contest has some."""
        ...

    async def nominations(self, contest_id: int) -> list[Nomination]:
        """Return a contest's nominations by delegation, list and place."""
        ...

    async def draws(self, contest_id: int) -> list[ProvinceDraw]:
        """Return what was drawn last in a contest, by delegation; nothing while nothing was."""
        ...

    async def draw_record(self, contest_id: int) -> bytes | None:
        """Return the record of the last draw that was drawn; None while there is none."""
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

    async def session(self, session_id: SessionId) -> SessionRecord:
        """Return what results are computed from; raises KeyError when there is no such session."""
        ...

    async def revision(self, session_id: SessionId) -> str | None:
        """Return a text that changes whenever phase, answers or events of a session do; None: no such session."""
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

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Write down who did what. Each entry holds the hash of all before it."""
        ...

    async def audit_break(self) -> int | None:
        """Return the number of the first audit entry that does not follow from those before it; None: all do."""
        ...


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

    async def add_announcement(self, session_id: SessionId, announcement: Announcement) -> int:
        """Add an announcement and return its id (the one it has is not looked at)."""
        ...

    async def announcements(self, session_id: SessionId) -> list[Announcement]:
        """Return the announcements of a session by id."""
        ...

    async def words_revision(self, session_id: SessionId) -> str:
        """Return a text that changes whenever announcements, questions or their answers are added."""
        ...

    async def add_clarification(self, session_id: SessionId, clarification: Clarification) -> int:
        """Add a contestant's question and return its id (the one it has is not looked at)."""
        ...

    async def answer_clarification(self, clarification_id: int, answer: ClarificationAnswer) -> None:
        """Answer a question; raises `AlreadyThere` when it has an answer, KeyError when there is none."""
        ...

    async def clarifications(self, session_id: SessionId) -> list[Clarification]:
        """Return the questions of a session with their answers, by id."""
        ...


# --- the staff -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """An account as stored."""

    staff_id: int
    login: str
    name: str
    roles: frozenset[Role]
    delegation: DelegationCode
    """Where a team leader belongs, and whence a judge comes (who then rules on nothing of it); may be empty."""
    password: str
    """Its argon2id hash; empty until an invitation was taken."""
    invited_hmac: bytes
    invited_until_us: Micros
    disabled: bool
    version: int
    second_factor: bool = False
    """Whether a code is asked for besides (office.second_factor)."""
    house: DelegationCode = NO_DELEGATION
    """The province in whose own house the account was looked up; empty: in the nation's."""

    @property
    def standing(self) -> Standing:
        """In what capacity this person acts."""
        return Standing(self.roles, self.delegation, self.house)


@dataclass(frozen=True, slots=True)
class StaffChange:
    """An account as it shall be from now on."""

    name: str
    roles: frozenset[Role]
    delegation: DelegationCode
    disabled: bool


class StaffStore(Protocol):
    """Where the accounts of the staff are kept."""

    async def add_staff(
        self, login: str, name: str, roles: frozenset[Role], delegation: DelegationCode, actor: str
    ) -> int:
        """Return the id of a new account; raises `AlreadyThere` when the login is taken."""
        ...

    async def staff(self) -> Sequence[StaffRecord]:
        """Return every account, by login."""
        ...

    async def staff_member(self, staff_id: int) -> StaffRecord:
        """Return an account; raises KeyError."""
        ...

    async def staff_by_login(self, login: str) -> StaffRecord | None:
        """Return the account of a login."""
        ...

    async def invite_staff(self, staff_id: int, digest: bytes, until_us: Micros) -> None:
        """Set down an invitation in place of any other."""
        ...

    async def take_invitation(self, staff_id: int, digest: bytes, password: str) -> bool:
        """Use an invitation up and set the password; False when it is not in force any more."""
        ...

    async def set_staff_password(self, staff_id: int, password: str) -> None:
        """Set a password's hash."""
        ...

    async def change_staff(self, staff_id: int, version: int, change: StaffChange) -> int | None:
        """Change an account as it stood at `version`; returns the new version, None when it stands otherwise."""
        ...

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Write down who did what."""
        ...


class StaffSessions(Protocol):
    """The web sessions of the staff. Every call may raise `live.ports.StoreUnavailable`."""

    async def open_staff_session(self, staff_id: int) -> str:
        """Return the cookie value of a new session (12 h)."""
        ...

    async def staff_session(self, cookie: str) -> int | None:
        """Return whose cookie it is; what ended elsewhere ends here within 2 s."""
        ...

    async def close_staff_session(self, cookie: str) -> None:
        """End one session."""
        ...

    async def end_staff_sessions(self, staff_id: int) -> None:
        """End every session that this person has, on whatever machine."""
        ...


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


class SecondingStore(Protocol):
    """Requests for commands that need a second person. Nothing of them is ever rewritten."""

    async def add_request(self, request: CommandRequest) -> CommandRequest:
        """Add a request and return it with its id; it goes into the audit in the same transaction."""
        ...

    async def command_request(self, request_id: int) -> CommandRequest:
        """Return a request; raises KeyError when there is none."""
        ...

    async def open_requests(self, session_id: SessionId, now_us: int) -> list[CommandRequest]:
        """Return the requests of a session that are neither decided nor lapsed at `now_us`, by id."""
        ...

    async def decide_request(self, request: CommandRequest, actor: ActorId, at_us: Micros, *, confirms: bool) -> None:
        """Confirm or decline a request, once; raises `RequestRefused`: also for whoever asked, and too late.

        It goes into the audit in the same transaction.
        """
        ...

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """See `OfficeStore.audit`."""
        ...

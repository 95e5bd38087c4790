"""What the live contest needs from outside, as Protocols. stores/ implements them; compose wires them.

Two kinds of store stand behind these ports: the **ledger** (Valkey: one clock, durable appends, scripts that are
atomic per shard) and the **archive** (PostgreSQL: the plan of a session before it, and everything after it). The
contest goes on without the archive; it does not go on without the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from msgspec import Struct

from leitai.rules.appeals import Appeal
from leitai.rules.markings import Mark, MarkedAnswer
from leitai.rules.rulings import Ruling
from leitai.rules.values import (
    Answer,
    DelegationCode,
    ItemNo,
    Member,
    Micros,
    Pause,
    Phase,
    Plan,
    Response,
    SessionId,
    SittingId,
    Window,
)
from leitai.wire.messages import ItemContent
from leitai.wire.reveal_bodies import RevealHeld


class StoreUnavailable(Exception):
    """The store did not answer or is loading; the call may be repeated, whatever it was."""


class Fenced(Exception):
    """A director wrote with a token older than the one in force: it is no longer the director."""


class TicketRefused(Exception):
    """The ticket is unknown, used or stale."""


# --- the archive -----------------------------------------------------------------------------------------------------


class BoardFollows(Enum):
    """When an answer moves the public board.

    `CLOSE`: once its item is closed, so that no movement tells a right answer while it may still be given.
    `ANSWER`: at once, for shows where that does not matter.
    """

    CLOSE = "close"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation 代表队: `name` in full, `short` for boards."""

    code: DelegationCode
    name: str
    short: str


_NO_TIME = Micros(0)


@dataclass(frozen=True, slots=True)
class ItemFile:
    """A picture or a film that an item shows. Its bytes are the bank's, which keeps them unchanged by their SHA-256.

    Args:
        address: whoever knows it and may see the item gets the bytes; drawn at random when the paper was sealed, and
            nowhere but in the sealed paper.
        sha256: of the bytes, in hex.
    """

    item_no: ItemNo
    address: str
    sha256: str
    media_type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class SessionFile:
    """All of a session that the live path reads, loaded once when a role takes it up.

    Holds right answers (`plan.items[].key`), contents and `secret`: it never leaves the server's memory.
    """

    session_id: SessionId
    contest_id: int
    contest_title: str
    organizer: str
    title: str
    plan: Plan
    start_us: Micros
    lobby_opens_us: Micros
    phase: Phase
    secret: bytes
    """32 random bytes; item keys, option orders and receipts derive from it."""
    contents: tuple[ItemContent, ...]
    """By item number, `contents[0]` is item 1."""
    explanations: tuple[str, ...]
    members: tuple[Member, ...]
    delegations: tuple[Delegation, ...]
    board_follows: BoardFollows = BoardFollows.CLOSE
    show_own: bool = True
    """Contestants see their own score and rank while the session runs (at closings)."""
    show_key: bool = False
    """The right answer is told when an item closes (streamed only)."""
    conduct_limit: int = 5
    freeze_percent: int = 0
    """The public board freezes for the last so many percent by itself; 0: only by hand."""
    auto_finalize: bool = False
    """Rehearsals and demonstrations move on to under review and finalized by themselves, without time for appeals."""
    shards: int = 1
    appeal_us: Micros = _NO_TIME
    """How long contestants may appeal after the end."""
    media: tuple[ItemFile, ...] = ()
    """What items show, by item number and place."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """The public board is frozen 封榜: it shows the record as it was at `at_us`."""

    at_us: Micros
    phase: Phase
    """In which the session was then: what the board's pages say until the thaw."""


@dataclass(frozen=True, slots=True)
class SessionState:
    """The session's state in force, kept in the ledger, written by the director alone."""

    phase: Phase
    start_us: Micros
    timeline_version: int
    windows: tuple[Window, ...]
    pauses: tuple[Pause, ...] = ()
    closed_items: tuple[ItemNo, ...] = ()
    """Items closed for good, in order: what the public standings count in `BoardFollows.CLOSE`."""
    counted_windows: tuple[Window, ...] = ()
    """Their windows as they were when they closed."""
    command: str = "0-0"
    """Position of the last operator's command that was carried out."""
    extensions: tuple[tuple[ItemNo, int], ...] = ()
    """Microseconds that operators added to an item's window."""
    skipped: tuple[ItemNo, ...] = ()
    """Items that operators left out before they opened: never opened, never scored."""
    outcomes: tuple[tuple[str, str], ...] = ()
    """The last commands by their positions, and what came of each: empty when it was carried out, else a code of
    `conductor.CommandRefused`."""
    freeze: Freeze | None = None
    """None: the board is not frozen."""
    freeze_came: bool = False
    """The scheduled freeze has begun once, by itself or because the board was frozen already; a thaw lasts after it."""

    @property
    def edition(self) -> str:
        """What an operator saw who decided something: phase and timeline, of which no pair ever comes back."""
        return f"{self.phase.value} {self.timeline_version}"


@dataclass(frozen=True, slots=True)
class SessionScript:
    """The state in force, and every entry of the feed that led to it."""

    state: SessionState
    feed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SittingEvent:
    """Something that happened to a sitting and is kept beside its answers (check-in, screen switch, connection)."""

    sitting_id: SittingId
    at_us: Micros
    kind: str
    """`connected`, `disconnected`, `check_in`, `left`, `returned`, `superseded`."""
    detail: str = ""


NOTE = "note"
"""Kind of the session event that carries words for some contestants (`live.notes`)."""
QUESTION = "question"
"""Kind of the sitting's event that carries a question to the operators: the item's number (0: none), a blank, words."""
RECEIPT = "receipt"
"""Kind of the sitting's event that carries a receipt which could not be put back (`live.restoring.stray`)."""
STORE_LOSS = "store-loss"
"""Kind of the session event that tells of answers lost by the ledger; the feed has another epoch from then on."""


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """A logged fact of the session: phase moves, pauses, outages of the store, take-overs of the director."""

    at_us: Micros
    kind: str
    detail: str = ""


class Archive(Protocol):
    """PostgreSQL as the live path sees it. Every call may raise `StoreUnavailable`."""

    async def current_session(self) -> SessionId | None:
        """Return the session to serve: the newest that is over and not final, else the newest that is neither draft nor
        finalized, else the newest final one.
        """
        ...

    async def load_session(self, session_id: SessionId) -> SessionFile:
        """Return everything of a session; raises KeyError when there is none."""
        ...

    async def save_phase(
        self, session_id: SessionId, phase: Phase, start_us: Micros, frozen_us: Micros | None = None
    ) -> None:
        """Write the phase in force, and since when the board is frozen (None: it is not); the last write stands."""
        ...

    async def save_script(self, session_id: SessionId, script: SessionScript) -> None:
        """Keep a copy of the script, in case that the ledger loses it; the last write stands."""
        ...

    async def script(self, session_id: SessionId) -> SessionScript | None:
        """Return the copy; None before the first."""
        ...

    async def rulings(self, session_id: SessionId) -> list[Ruling]:
        """Return every ruling of the session as it stands, in force or not, by id."""
        ...

    async def marks(self, session_id: SessionId) -> dict[MarkedAnswer, list[Mark]]:
        """Return all marks of judges, each answer's in the order they were given."""
        ...

    async def appeals(self, session_id: SessionId) -> list[Appeal]:
        """Return every appeal of the session as it stands, by id."""
        ...

    async def open_receipts(self, session_id: SessionId) -> list[SittingId]:
        """Return whose stray receipts are open, once each receipt (`rules.receipts`)."""
        ...

    async def recorder_position(self, session_id: SessionId, shard: int, stream: str) -> str:
        """Return the id of the last recorded entry of a stream (`answers`, `events`); "0-0" at first."""
        ...

    async def record_answers(self, session_id: SessionId, shard: int, upto: str, answers: Sequence[Answer]) -> None:
        """Insert answers and move the position to `upto`, in one transaction.

        Idempotent: an answer is known by (session, shard, offset); a position never moves back. Any number of
        recorders may call it at once with overlapping entries.
        """
        ...

    async def record_events(
        self, session_id: SessionId, upto: str, events: Sequence[SittingEvent | SessionEvent]
    ) -> None:
        """Insert events of the session's one event stream and move its position (shard 0, `events`), likewise.

        Called only with events after the recorded position; a call that finds the position already at or behind
        `upto` inserts nothing.
        """
        ...

    async def answers(self, session_id: SessionId) -> list[Answer]:
        """Return every recorded answer of the session, in order of shard and offset."""
        ...


@dataclass(frozen=True, slots=True)
class EarlierSession:
    """A session that is over. `revision` changes whenever what is recorded of it does, but for what judges add."""

    session_id: SessionId
    contest_title: str
    title: str
    phase: Phase
    start_us: Micros
    revision: str


class EarlierSessions(Protocol):
    """The archive for those who look back. Every call may raise `StoreUnavailable`."""

    async def earlier_sessions(self, session_id: SessionId | None = None) -> list[EarlierSession]:
        """Return the newest 50 contest sessions that are over, or that one if it is, the newest first."""
        ...

    async def load_session(self, session_id: SessionId) -> SessionFile:
        """See `Archive.load_session`."""
        ...

    async def script(self, session_id: SessionId) -> SessionScript | None:
        """See `Archive.script`."""
        ...

    async def answers(self, session_id: SessionId) -> list[Answer]:
        """See `Archive.answers`."""
        ...

    async def conduct(self, session_id: SessionId) -> list[SittingEvent]:
        """Return what happened to sittings and judges look at: check-ins, connections, screens left."""
        ...


# --- the ledger ------------------------------------------------------------------------------------------------------


class Submission(Struct):
    """One answer on its way into the ledger; only its age moves, until it is sent."""

    sitting_id: SittingId
    item_no: ItemNo
    client_seq: int
    response: Response
    age_us: int
    """How long the frame has waited in the gateway when the batch is sent; the ledger subtracts it from its clock."""
    elapsed_us: int
    """From delivery to arrival; -1 when the delivery was not seen: the ledger takes stamp - opens_at, flagged."""


class Outcome(Enum):
    """What the accept script decided. `REFUSED`: nothing recorded, `Accepted.code` says why."""

    ACCEPTED = 0
    LATE = 1
    EARLY = 2
    REFUSED = 3


class Accepted(Struct, frozen=True, gc=False):
    """The ledger's decision on one submission. For a `duplicate` everything repeats the first decision."""

    outcome: Outcome
    duplicate: bool
    stamp_us: int
    elapsed_us: int
    offset: int
    code: str = ""
    flagged: bool = False
    """The elapsed time is `stamp - opens_at`, since the delivery was not seen."""


@dataclass(frozen=True, slots=True)
class Restored:
    """An acceptance to be put back as it was, after a loss: a receipt proves it, or the archive holds it."""

    sitting_id: SittingId
    item_no: ItemNo
    client_seq: int
    response: Response
    outcome: Outcome
    stamp_us: int
    elapsed_us: int
    offset: int
    flagged: bool = False


class Ledger(Protocol):
    """Valkey as the intake sees it."""

    async def accept(self, shard: int, batch: Sequence[Submission]) -> list[Accepted]:
        """Judge and durably append a batch of one shard; returns decisions in order of the batch.

        Atomic per batch and durable when it returns (fsync here, and at as many replicas as were asked for). Safe to
        repeat after `StoreUnavailable`: (sitting, item, client_seq) is recorded once. `StoreUnavailable` also while the
        shard is not open: the store was started again or replaced, and no director has looked at it since.
        """
        ...

    async def restore(self, shard: int, batch: Sequence[Restored]) -> list[Accepted]:
        """Put acceptances back that the ledger does not know; known ones come back as duplicates.

        As durable, and as open, as `accept`.
        """
        ...

    async def own(self, sitting_id: SittingId, items: Sequence[ItemNo]) -> list[tuple[Submission, Accepted]]:
        """Return, for each of `items` that the sitting answered, its last answer in time, else its last at all."""
        ...

    async def events(self, events: Sequence[SittingEvent | SessionEvent], source: str = "", call: int = 0) -> None:
        """Append to the session's event stream.

        A `source` may repeat a call after `StoreUnavailable`: what has the same number, or a lower one, is appended
        once. `call` rises from 1 with everything new that it says.
        """
        ...

    async def time_us(self) -> Micros:
        """Return the contest's clock."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the feed."""

    epoch: str
    offset: int


class Admitted(NamedTuple):
    """What a ticket says of the socket that it opens."""

    session_id: SessionId
    sitting_id: SittingId
    network: str
    """A digest of the address that asked for the ticket, the same for the same address within a session; empty:
    unknown. Nothing leads back from it to the address."""


class Tickets(Protocol):
    """One-use short tickets for sockets, web sessions and counters against guessing."""

    async def issue(self, session_id: SessionId, sitting_id: SittingId, network: str) -> str:
        """Return a new ticket that opens one socket within 30 s; `network` as in `Admitted`, without blanks."""
        ...

    async def redeem(self, ticket: str) -> Admitted:
        """Use a ticket up; raises `TicketRefused`."""
        ...

    async def open_web_session(self, session_id: SessionId, sitting_id: SittingId) -> str:
        """Return the cookie value of a new web session (12 h)."""
        ...

    async def web_session(self, cookie: str) -> tuple[SessionId, SittingId] | None:
        """Return whose cookie it is."""
        ...

    async def close_web_session(self, cookie: str) -> None:
        """Forget a web session."""
        ...

    async def hand_over(self, session_id: SessionId, sitting_id: SittingId) -> str:
        """Return a code with which somebody signed in elsewhere takes a sitting up, once, within a minute."""
        ...

    async def take_over(self, code: str) -> tuple[SessionId, SittingId]:
        """Use such a code up; raises `TicketRefused`."""
        ...

    async def tries(self, name: str, window_s: int) -> int:
        """Count one more try under `name` in the running window and return how many there were."""
        ...


NO_ITEM = ItemNo(0)


@dataclass(frozen=True, slots=True)
class Command:
    """An operator's act, read by the director from the ledger.

    `kind`: `reschedule` (the start, to `at_us`) and `withdraw` before the lobby has opened, `lobby` (opens it before
    its time), `start`, `pause`, `resume`, `close`, `review`, `finalize`, `announce` (with `text`), `extend` (with
    `seconds`; with `item` that one, without it every item that is not over), `skip` (with `item`), `freeze`,
    `thaw`.
    """

    kind: str
    by: str
    text: str = ""
    item: ItemNo = NO_ITEM
    seconds: int = 0
    at_us: int = 0
    expects: str = ""
    """The `SessionState.edition` that the operator acted on; another one refuses the command. Empty: any."""


@dataclass(frozen=True, slots=True)
class BoardUpdate:
    """What the director says of the public standings: all rows, or the rows that changed since `base`.

    `people` and `delegations` are rows `(key, order, rank, centipoints, elapsed_ms)`; names are in the session file.
    """

    version: int
    base: int
    full: bool
    people: list[tuple[int, int, int, int, int]]
    delegations: list[tuple[int, int, int, int, int]]
    item: int = 0
    answered: int = 0
    connected: int = 0
    frozen: bool = False
    """It shows the record of the freeze instant; its version is that instant, or greater where something of before it
    came to be known later."""
    at_us: int = 0
    """When it was made, on the contest's clock."""
    repeats: bool = False
    """It is full, and nothing in it differs from `base`: who holds that has every row."""
    phase: str = ""
    """The session's phase when the board was frozen; empty while it is not."""

    @property
    def moves(self) -> bool:
        """Whether rows may differ from those of `base`."""
        return bool(self.people or self.delegations) and not self.repeats


@dataclass(frozen=True, slots=True)
class ShardCondition:
    """How a shard of the ledger is."""

    open: bool
    """A director has looked at it since the store was started or promoted."""
    kept: int
    """The greatest offset it has given, as far as it knows."""
    history: str
    """Changes whenever the store is started or promoted, and with it what it may have forgotten."""


class Script(Protocol):
    """The session's script as gateways read it: its state, its feed and its board."""

    async def epoch(self) -> str:
        """Return the feed's epoch, making one when the ledger has none."""
        ...

    async def state(self) -> SessionState | None:
        """Return the state in force; None before a director has ever taken the session up."""
        ...

    async def feed(self, after: int, block_ms: int) -> list[tuple[int, bytes]]:
        """Return feed entries (offset, frame) after an offset, waiting up to `block_ms` for the first (0: no wait)."""
        ...

    async def standings(self) -> bytes:
        """Return the canonical standings that the director set down last; empty before the first."""
        ...

    async def last_offset(self) -> int:
        """Return the offset of the newest feed entry; 0 when there is none."""
        ...


class Direction(Script, Protocol):
    """What the one director may do besides. Every write raises `Fenced` once another has taken over."""

    async def lease(self, holder: str, length_ms: int, above: int = 0) -> int:
        """Take or keep the lease; returns the fencing token, greater than `above`, or 0 while another holds it."""
        ...

    async def greatest_token(self) -> int:
        """Return the greatest token that a shard has seen: more than the lease remembers, if that was lost."""
        ...

    async def release(self, holder: str) -> None:
        """Give the lease up."""
        ...

    async def set_windows(
        self,
        token: int,
        counted: str,
        windows: Sequence[Window],
        seen: Sequence[int] | None = None,
        on: Sequence[str] | None = None,
        own_us: int = 0,
    ) -> None:
        """Put windows in force on every shard, and open those that were started again or replaced.

        Args:
            token: the fencing token.
            counted: `first` or `last`.
            windows: those of all items.
            seen: for each shard the greatest offset known to have been given; an opened shard goes on far beyond it.
            on: for each shard the history that was looked at (`condition`); None: whichever there is.
                `StoreUnavailable` when it is another by now.
            own_us: each sitting's own time from its beginning (`Plan.own_us`); 0: that of the windows.
        """
        ...

    async def condition(self, shard: int) -> "ShardCondition":
        """Return how a shard is."""
        ...

    async def put_back(self, shard: int, batch: Sequence[Restored]) -> None:
        """Put acceptances back before the shard is opened; known ones stay as they are."""
        ...

    async def report_loss(self, shard: int, detail: str) -> None:
        """Give the feed another epoch, since the shard lost answers; once for each loss. Everyone comes back then."""
        ...

    async def publish(self, token: int, state: SessionState, first_offset: int, entries: Sequence[bytes]) -> None:
        """Set the state and append entries to the feed, together."""
        ...

    async def set_standings(self, token: int, standings: bytes) -> None:
        """Set down the canonical standings (`rules.ranking.canonical_standings`)."""
        ...

    async def publish_board(self, token: int, update: BoardUpdate) -> None:
        """Append an update of the public board."""
        ...

    async def publish_truth(self, token: int, update: BoardUpdate) -> None:
        """Append an update of the true board, which only the staff see while the public one is frozen."""
        ...

    async def truth_start(self) -> tuple[str, list[BoardUpdate]]:
        """Return the newest full true board with all that followed it, and the position to read on from."""
        ...


class GatewayStore(Script, Protocol):
    """What a gateway reads besides the feed, and how it lets others know that it is there."""

    async def present(self, name: str, at_us: Micros, figures: bytes = b"") -> None:
        """Set down that gateway `name` served the session at this moment of the contest's clock, and its figures."""
        ...

    async def absent(self, name: str) -> None:
        """Set down that gateway `name` serves it no more."""
        ...

    async def gateways(self) -> dict[str, Micros]:
        """Return the gateways that are set down, and when each was there last."""
        ...

    async def board_start(self) -> tuple[str, list[BoardUpdate]]:
        """Return the newest full board with all that followed it, and the position to read on from."""
        ...

    async def board(self, after: str, block_ms: int) -> tuple[str, list[BoardUpdate]]:
        """Return board updates after a position, waiting for the first, and the new position."""
        ...

    async def events(
        self, after: str, block_ms: int, count: int = 200
    ) -> tuple[str, list[tuple[str, list[SittingEvent | SessionEvent]]]]:
        """Return entries of the events stream after a position, each with its id, and the new position."""
        ...


class AnswerStream(Protocol):
    """The recorded answers of a session."""

    async def answers(self, shard: int, after: str, block_ms: int, count: int = 200) -> tuple[str, list[Answer]]:
        """Return recorded answers of a shard after a position of its stream, and the new position."""
        ...


class SightStore(GatewayStore, AnswerStream, Protocol):
    """What the office follows of a session."""

    async def truth_start(self) -> tuple[str, list[BoardUpdate]]:
        """See `Direction.truth_start`."""
        ...

    async def reveal(self) -> RevealHeld:
        """Return the reveal as it was set down; edition 0 before the first."""
        ...

    async def truth(self, after: str, block_ms: int) -> tuple[str, list[BoardUpdate]]:
        """Return updates of the true board after a position, waiting for the first, and the new position."""
        ...

    async def figures(self) -> dict[str, bytes]:
        """Return what gateways said of themselves last (`live.health`)."""
        ...

    async def behind(self, shard: int, after: str) -> tuple[int, int]:
        """See `Streams.behind`."""
        ...


class Streams(AnswerStream, Protocol):
    """What the director and the recorder read."""

    async def events(
        self, after: str, block_ms: int, count: int = 200
    ) -> tuple[str, list[tuple[str, list[SittingEvent | SessionEvent]]]]:
        """See `GatewayStore.events`."""
        ...

    async def behind(self, shard: int, after: str) -> tuple[int, int]:
        """Return how many recorded answers come after a position, and how old the first of them is, in µs (0: none)."""
        ...

    async def commands(self, after: str, block_ms: int) -> tuple[str, list[Command]]:
        """Return operators' commands after a position, and the new position."""
        ...

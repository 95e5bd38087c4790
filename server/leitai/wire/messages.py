"""Every WebSocket message as a typed value; the name carries the direction.

`Client…` messages travel from a client to the server, `Server…` messages the other way. One message is one binary
WebSocket frame holding one MessagePack map whose member `type` names it. Units stand in names (`_us`, `_ms`); times are
microseconds since the Unix epoch on the contest's clock. docs/wire.md explains the conversation; schema/wire is
generated from this module.
"""

from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

MAX_CLIENT_FRAME_BYTES = 16 * 1024
"""A larger frame from a client is abuse: the connection is closed with `CloseCode.ABUSE`."""

SUBPROTOCOL = "leitai.v1"

Item = Annotated[int, Meta(ge=1, le=1000)]
Seq = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Text = Annotated[str, Meta(max_length=1200)]
Values = Annotated[list[Text], Meta(max_length=16)]
Delegation = Annotated[str, Meta(max_length=6)]


class AckStatus(Enum):
    """What became of an answer. `early` and `late` are recorded, never scored; `rejected` is not recorded."""

    ACCEPTED = "accepted"
    LATE = "late"
    EARLY = "early"
    REJECTED = "rejected"


class View(Enum):
    """Which part of the public board a connection watches."""

    NONE = "none"
    INDIVIDUALS = "individuals"
    DELEGATIONS = "delegations"
    PROVINCE = "province"


class ConductKind(Enum):
    """What the contestant's page did (screen switch 切屏)."""

    LEFT = "left"
    RETURNED = "returned"


class Audience(Enum):
    """Whom a note is for: everybody, a delegation, one of its rooms, or this sitting alone."""

    ALL = "all"
    DELEGATION = "delegation"
    ROOM = "room"
    SITTING = "sitting"


class CloseCode:
    """WebSocket close codes of this protocol. Every one but `ABUSE` and `REFUSED` invites to come back."""

    SUPERSEDED = 4001
    """A newer connection of the same sitting took over."""
    SLOW = 4002
    """The client did not read fast enough; resume with the epoch and offset it has."""
    ABUSE = 4003
    """Oversized frames, floods, or garbage after a warning."""
    REFUSED = 4004
    """The ticket was unknown, used or stale, or no hello came in time."""
    MOVED = 4005
    """The server drains or restarts; resume elsewhere after the time given in `bye`."""


class Answered(Struct, frozen=True):
    """One response as a client sends it, in `answer` and in `hello.unacked`."""

    item: Item
    seq: Seq
    response: Values


class Receipted(Struct, frozen=True):
    """An acknowledged answer as the client kept it, presented again after a loss of the store."""

    item: Item
    seq: Seq
    response: Values
    status: AckStatus
    stamp_us: int
    elapsed_us: int
    offset: int
    receipt: Annotated[bytes, Meta(max_length=32)]


class ItemWindow(Struct, frozen=True):
    """When an item takes answers: from `opens_at_us`, before `closes_at_us`."""

    item: int
    opens_at_us: int
    closes_at_us: int


class BoardRow(Struct, frozen=True, array_like=True):
    """A row of a board: `[key, order, rank, centipoints, elapsed_ms, name, delegation]`.

    `key` is a sitting's number on boards of people and the delegation's code on the board of delegations.
    """

    key: int
    order: int
    rank: int
    centipoints: int
    elapsed_ms: int
    name: str = ""
    delegation: str = ""


class ClientHello(Struct, frozen=True, tag="hello", tag_field="type"):
    """The first frame. A contestant presents a ticket; a public viewer leaves it empty.

    `epoch` and `offset` are the last position in the feed that this client holds; `unacked` the answers it has sent
    or typed without an acknowledgement.
    """

    ticket: Annotated[str, Meta(max_length=64)] = ""
    epoch: Annotated[str, Meta(max_length=32)] = ""
    offset: Annotated[int, Meta(ge=0)] = 0
    unacked: Annotated[list[Answered], Meta(max_length=200)] = []
    session: int = 0


class ClientAnswer(Struct, frozen=True, tag="answer", tag_field="type"):
    """A response to an item. `seq` rises by at least one with every new response of the sitting."""

    item: Item
    seq: Seq
    response: Values


class ClientProbe(Struct, frozen=True, tag="probe", tag_field="type"):
    """Asks for the contest's clock; answered at once by `clock` with the same id."""

    id: int


class ClientCheckIn(Struct, frozen=True, tag="check_in", tag_field="type"):
    """Check-in 签到 with what the browser measured. Shown to operators, never trusted for anything else."""

    round_trip_us: Annotated[int, Meta(ge=0)]
    clock_offset_us: int
    browser: Annotated[str, Meta(max_length=300)]


class ClientConduct(Struct, frozen=True, tag="conduct", tag_field="type"):
    """The page was left or came back."""

    kind: ConductKind


class ClientBegin(Struct, frozen=True, tag="begin", tag_field="type"):
    """Begin one's own time, where each sitting has a clock of its own. Answered by `begun`; a second one repeats it."""


class ClientQuestion(Struct, frozen=True, tag="question", tag_field="type"):
    """Ask the operators something, about an item or (0) about none. Confirmed by `asked`; answered by a `note`."""

    text: Annotated[str, Meta(max_length=200)]
    item: Annotated[int, Meta(ge=0, le=1000)] = 0


class ClientWatch(Struct, frozen=True, tag="watch", tag_field="type"):
    """Watch one page of one board instead of what was watched before."""

    view: View
    page: Annotated[int, Meta(ge=1, le=100_000)] = 1
    delegation: Delegation = ""


class ClientReceipts(Struct, frozen=True, tag="receipts", tag_field="type"):
    """Present receipts again (the server asked by `present_receipts` in its welcome)."""

    receipts: Annotated[list[Receipted], Meta(max_length=100)]


class ServerWelcome(Struct, frozen=True, tag="welcome", tag_field="type"):
    """Answers `hello`. `recovered`: the missed feed entries follow; otherwise one `snapshot` follows."""

    session: int
    sitting: int
    epoch: str
    offset: int
    recovered: bool
    server_us: int
    order_seed: bytes = b""
    resume_min_ms: int = 500
    present_receipts: bool = False


class ServerSnapshot(Struct, frozen=True, tag="snapshot", tag_field="type"):
    """All that a client needs at `offset`; replaces whatever it knew. `answers` are its own acknowledged ones."""

    offset: int
    phase: str
    start_us: int
    timeline_version: int
    windows: list[ItemWindow]
    announcements: list["ServerAnnouncement"] = []
    answers: list["ServerAck"] = []
    responses: list[Answered] = []


class ServerPhase(Struct, frozen=True, tag="phase", tag_field="type"):
    """Feed entry: the session moved to another phase, or its start was set anew."""

    offset: int
    phase: str
    start_us: int


class ServerTimeline(Struct, frozen=True, tag="timeline", tag_field="type"):
    """Feed entry: all windows of the session, replacing any older version."""

    offset: int
    version: int
    windows: list[ItemWindow]


class ServerAnnouncement(Struct, frozen=True, tag="announcement", tag_field="type"):
    """Feed entry: words from the operators to everyone."""

    offset: int
    id: int
    at_us: int
    text: str


class ServerClosed(Struct, frozen=True, tag="closed", tag_field="type"):
    """Feed entry: an item was closed for good; with its right answer where the contest shows it then."""

    offset: int
    item: int
    key: list[str] = []


class ServerOpen(Struct, frozen=True, tag="open", tag_field="type", gc=False):
    """An item opens: the key of its sealed content. Sent at the instant, and again to whoever joins meanwhile."""

    item: int
    key: bytes


class ServerAck(Struct, frozen=True, tag="ack", tag_field="type", gc=False):
    """What became of an answer, said only after it is durable.

    `duplicate`: this item and seq were known; everything else repeats the first acknowledgement. `code` says why for
    `rejected`, `late` and `early`. `receipt` proves the acknowledgement (docs/wire.md, Receipts).
    """

    item: int
    seq: int
    status: AckStatus
    stamp_us: int = 0
    elapsed_us: int = 0
    offset: int = 0
    receipt: bytes = b""
    duplicate: bool = False
    code: str = ""


class ServerClock(Struct, frozen=True, tag="clock", tag_field="type", gc=False):
    """The contest's clock when the probe was read."""

    id: int
    server_us: int


class ServerCheckedIn(Struct, frozen=True, tag="checked_in", tag_field="type"):
    """The check-in was recorded."""

    at_us: int


class ServerBegun(Struct, frozen=True, tag="begun", tag_field="type"):
    """This sitting's own time: every item takes its answers from `begun_us`, before `closes_at_us`.

    Said once the beginning is durable, before the keys of all items, and after every welcome of a sitting that has
    begun; once its time is over no keys follow.
    """

    begun_us: int
    closes_at_us: int


class ServerConduct(Struct, frozen=True, tag="conduct_count", tag_field="type"):
    """How often the page was left, and the limit."""

    left: int
    limit: int


class ServerAsked(Struct, frozen=True, tag="asked", tag_field="type"):
    """The question was recorded; `left` is how many more this sitting may ask."""

    at_us: int
    left: int


class ServerNote(Struct, frozen=True, tag="note", tag_field="type"):
    """Words from the operators to some contestants, or the answer to a `question` (then that is said too).

    No feed entry. Known by its `id`: all of them are said again after every welcome.
    """

    id: str
    at_us: int
    text: str
    to: Audience
    question: str = ""


class ServerOwn(Struct, frozen=True, tag="own", tag_field="type", gc=False):
    """The contestant's own score and rank, when the contest shows them."""

    version: int
    centipoints: int
    rank: int
    of: int
    elapsed_us: int


class ServerBoard(Struct, frozen=True, tag="board", tag_field="type"):
    """A page of a board, whole. `number` is the page's own on this connection's server: `moves` refer to it."""

    view: View
    page: int
    delegation: str
    number: int
    version: int
    total: int
    frozen: bool
    rows: list[BoardRow]


class BoardEntrant(Struct, frozen=True, array_like=True):
    """Who comes to a page: `[key, name, delegation, rank]`.

    `delegation` is its place, counted from 0, in the list that `GET /api/contest` gives; `rank` the rank before the
    latest item, for arrows, 0 when there was none.
    """

    key: int
    name: str
    delegation: int
    rank: int


class ServerMoves(Struct, frozen=True, tag="moves", tag_field="type", omit_defaults=True):
    """What changed on the page `number` since its version `base`; a client that has another asks by `watch`.

    Lists go by place on the page as it is now. `order` says where each row stood on the page before, counted from 0, or
    -1: the next of `entrants`; empty: the same rows in the same places. `centipoints` and `elapsed_ms` are to be added
    to what the row had, and `gain` to the points of each; an entrant's to what the row above it has now, without
    `gain`; empty: nothing to add. Places follow each
    other from the page's first; ranks are places, but for rows that are `tied`, which share the rank of the row above.
    `rank` is the first row's when it is tied with a row of the page before.
    """

    number: int
    version: int
    base: int
    order: list[int] = []
    entrants: list[BoardEntrant] = []
    gain: int = 0
    centipoints: list[int] = []
    elapsed_ms: list[int] = []
    tied: list[int] = []
    rank: int = 0


class ServerProgress(Struct, frozen=True, tag="progress", tag_field="type", gc=False):
    """How many sittings have answered the item that is open, and how many are connected."""

    item: int
    answered: int
    connected: int
    total: int


class ServerError(Struct, frozen=True, tag="error", tag_field="type"):
    """Something the client sent could not be used. `retry`: the same thing may work later."""

    code: str
    message: str
    retry: bool = False
    item: int = 0
    seq: int = 0


class ServerBye(Struct, frozen=True, tag="bye", tag_field="type"):
    """Precedes a close by the server; come back after `resume_after_ms` (0: do not)."""

    code: str
    message: str
    resume_after_ms: int


ClientMessage = (
    ClientHello
    | ClientAnswer
    | ClientProbe
    | ClientCheckIn
    | ClientConduct
    | ClientBegin
    | ClientQuestion
    | ClientWatch
    | ClientReceipts
)
ServerMessage = (
    ServerWelcome
    | ServerSnapshot
    | ServerPhase
    | ServerTimeline
    | ServerAnnouncement
    | ServerClosed
    | ServerOpen
    | ServerAck
    | ServerClock
    | ServerCheckedIn
    | ServerBegun
    | ServerConduct
    | ServerAsked
    | ServerNote
    | ServerOwn
    | ServerBoard
    | ServerMoves
    | ServerProgress
    | ServerError
    | ServerBye
)
FeedEntry = ServerPhase | ServerTimeline | ServerAnnouncement | ServerClosed
"""Server messages with a place in the feed: replayed in order on recovery."""


class ItemOption(Struct, frozen=True):
    """An option of a choice item with its canonical id."""

    id: str
    text: str


class ItemMedia(Struct, frozen=True):
    """A picture or a film of an item, at `/api/item-media/{address}` for contestants of the session, from the opening
    of the item on, for judges at `/api/staff/desk/media/{address}`, for graphics at `/api/air/media/{address}`;
    of a stage's question for desks and screens at `/api/stage/media/{address}`, once it is shown, and for the staff at
    `/api/staff/stages/{stage}/media/{address}`. Nobody can guess the address, and before the opening there is nothing.

    `type` is its media type; `width` and `height` are a picture's in pixels, 0 of a film; `alt` says what it shows.
    """

    address: str
    type: str
    width: int
    height: int
    alt: str


class ItemContent(Struct, frozen=True):
    """What a sealed item holds, as one MessagePack map. `blanks` texts are asked for: of a fill-in item, one of a
    short-answer item, one for each of the `parts` (sub-items) of a case.
    """

    type: str
    stem: str
    options: list[ItemOption]
    blanks: int
    centipoints: int
    parts: list[str] = []
    media: list[ItemMedia] = []


class SealedItem(Struct, frozen=True):
    """An item before its opening: `sealed` is nonce (12 bytes) + AES-256-GCM ciphertext with its tag.

    The associated data is `leitai:{session}:{item}` in ASCII; `commitment` is SHA-256 of key + plaintext.
    """

    item: int
    seconds: int
    sealed: bytes
    commitment: bytes


class SealedPaper(Struct, frozen=True):
    """All sealed items of a session: the body of `GET /api/sessions/{session}/sealed`."""

    session: int
    pacing: str
    items: list[SealedItem]

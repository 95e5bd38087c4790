"""The JSON bodies of the operators' console."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

CommandName = Literal[
    "lobby", "start", "pause", "resume", "extend", "skip", "close", "review", "finalize", "announce", "freeze", "thaw"
]


class ConductRequest(Struct, frozen=True):
    """A command to the session, and the edition of it that the operator saw (empty: whichever is in force)."""

    session: int
    command: CommandName
    expects: Annotated[str, Meta(max_length=64)] = ""
    text: Annotated[str, Meta(max_length=500)] = ""
    item: Annotated[int, Meta(ge=0, le=1000)] = 0
    seconds: Annotated[int, Meta(ge=0, le=3600)] = 0


class RequestDecision(Struct, frozen=True):
    """What a second person makes of a request: `confirm` it, which carries it out, or `decline` it."""

    decision: Literal["confirm", "decline"]


class ConsoleRequest(Struct, frozen=True):
    """A command that waits for a second person until `lapses_us`. `by` is the login of whoever asked."""

    request: int
    command: str
    item: int
    seconds: int
    by: str
    name: str
    lapses_us: int


class ConsolePause(Struct, frozen=True):
    """An interval that was taken out of the contest's time; `until_us` is 0 while it lasts."""

    from_us: int
    until_us: int


class ConsoleItem(Struct, frozen=True):
    """An item of the paper as operators see it: never its content. Times are 0 while it has none.

    `state`: `waiting`, `open`, `closed` (for good) or `skipped`.
    """

    item: int
    type: str
    seconds: int
    opens_at_us: int
    closes_at_us: int
    extended_us: int
    state: str


class ConsoleDelegation(Struct, frozen=True):
    """How ready a delegation is: see live.readiness.DelegationReadiness."""

    code: str
    short: str
    seats: int
    came: int
    connected: int
    checked_in: int
    poor: int
    round_trip_us: int
    left: int
    rooms: list[str] = []
    """Its examination rooms, where it has any."""


class ConsoleGateway(Struct, frozen=True):
    """A gateway's process: see live.health.GatewayHealth."""

    name: str
    sockets: int
    contestants: int
    waiting: int
    feed_behind: int
    board_lag_us: int
    silent_us: int
    gone: bool


class ConsoleHealth(Struct, frozen=True):
    """How the processes do. Of the last half minute: `answers` acknowledged, and what half and 99 % of them took at
    most (0: there were none). `recorder_behind`: answers that PostgreSQL does not have yet, the oldest
    `recorder_oldest_us` old; -1 while that is not known.
    """

    answers: int
    ack_p50_us: int
    ack_p99_us: int
    feed_behind: int
    board_lag_us: int
    recorder_behind: int
    recorder_oldest_us: int
    gateways: list[ConsoleGateway]


class ConsoleRoom(Struct, frozen=True):
    """How ready an examination room is; `room` is empty for those to whom none was assigned."""

    room: str
    seats: int
    came: int
    connected: int
    checked_in: int
    poor: int
    round_trip_us: int
    left: int


class ConsolePerson(Struct, frozen=True):
    """A contestant who is not checked in, or whose line or clock deserves a look."""

    admission_no: str
    name: str
    room: str
    came: bool
    connected: bool
    checked_in: bool
    round_trip_us: int
    clock_offset_us: int
    browser: str


class ConsoleRooms(Struct, frozen=True):
    """One delegation by rooms: `missing` have not checked in, `poor` have and deserve a look."""

    code: str
    short: str
    rooms: list[ConsoleRoom]
    missing: list[ConsolePerson]
    poor: list[ConsolePerson]


class ConsoleBody(Struct, frozen=True):
    """The session in force as operators see it. `edition` is what commands are to expect."""

    session: int
    title: str
    contest: str
    phase: str
    edition: str
    pacing: str
    start_us: int
    ends_at_us: int
    server_us: int
    paused_us: int
    items: list[ConsoleItem]
    delegations: list[ConsoleDelegation]
    browsers: dict[str, int]
    connected: int
    answered: int
    open_item: int
    gateways: int
    conducted: bool
    """A director has the session; without one nothing that is commanded happens."""
    store_away: bool
    health: ConsoleHealth
    lobby_opens_us: int = 0
    pauses: list[ConsolePause] = []
    questions: int = 0
    """Contestants' questions that wait for an answer."""
    two_persons: bool = False
    """Force collection, skipping, more time for the whole session and finalizing are asked for by one and confirmed by
    another."""
    requests: list[ConsoleRequest] = []
    frozen_us: int = 0
    """Since when the public board is frozen; 0: it is not."""
    freezes_at_us: int = 0
    """When it will be by itself; 0: it will not, or it has been, or time stands still."""

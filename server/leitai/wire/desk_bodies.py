"""The JSON bodies of the judges' desk. They tell right from wrong: only whoever may see the desk is sent them."""

from msgspec import Struct

from leitai.wire.messages import ItemMedia


class JudgedSession(Struct, frozen=True):
    """A session that judges may look at: the one in force, or one that is over. On a final one nothing is ruled."""

    session: int
    contest: str
    title: str
    phase: str
    start_us: int
    in_force: bool


class JudgedSessions(Struct, frozen=True):
    """The one in force, and then the newest 50 that are over, the newest first."""

    sessions: list[JudgedSession]


class DeskItem(Struct, frozen=True):
    """One item in figures: see live.desk.ItemSummary."""

    item: int
    type: str
    centipoints: int
    state: str
    """`waiting`, `open`, `closed`, `skipped`."""
    answered: int
    right: int
    wrong: int
    cleared: int
    late: int
    early: int
    p50_us: int
    p90_us: int
    responses: int


class DeskItems(Struct, frozen=True):
    """Every item of the paper. `seats` counts those who may answer."""

    session: int
    phase: str
    edition: int
    seats: int
    items: list[DeskItem]


class DeskGroup(Struct, frozen=True):
    """Responses that mark alike: see live.desk.GroupSummary. `delegations` counts them by delegation's code."""

    form: list[str]
    example: list[str]
    centipoints: int
    wrong: bool
    common: bool
    count: int
    delegations: dict[str, int]


class DeskDelegation(Struct, frozen=True):
    """One delegation's answers to one item."""

    code: str
    answered: int
    right: int
    late: int
    early: int
    p50_us: int
    p90_us: int


class DeskOption(Struct, frozen=True):
    """An option of an item, and whether the key has it."""

    id: str
    text: str
    right: bool


class DeskText(Struct, frozen=True):
    """An item as it stands in the paper, with its key. `blanks` are the accepted texts of each blank, or the reference
    answer to each text that judges mark; `parts` the sub-items of a case; `media` what it shows.
    """

    stem: str
    options: list[DeskOption]
    blanks: list[list[str]]
    parts: list[str]
    media: list[ItemMedia] = []


class DeskTime(Struct, frozen=True):
    """How many took no longer than `upto_us`, and longer than the one before."""

    upto_us: int
    count: int


class DeskItemBody(Struct, frozen=True):
    """One item in full."""

    session: int
    edition: int
    item: DeskItem
    groups: list[DeskGroup]
    """By falling count, the first 200; `item.responses` says how many there are."""
    delegations: list[DeskDelegation]
    times: list[DeskTime]
    text: DeskText | None
    """None until the item has opened."""


class DeskAnswer(Struct, frozen=True):
    """An answer as it came; `centipoints` by the paper's key, whatever was ruled since."""

    number: int
    item: int
    sitting: int
    name: str
    delegation: str
    room: str
    response: list[str]
    centipoints: int
    wrong: bool
    status: str
    stamp_us: int
    elapsed_us: int
    flagged: bool


class DeskTail(Struct, frozen=True):
    """The newest answers that fit, newest first; `newest` is the number of the newest of all."""

    session: int
    newest: int
    answers: list[DeskAnswer]


class DeskResponse(Struct, frozen=True):
    """What was given to an item."""

    item: int
    form: list[str]


class DeskAnomaly(Struct, frozen=True):
    """Something worth a look: see live.desk.Anomaly."""

    kind: str
    delegation: str
    room: str
    sittings: list[int]
    names: list[str]
    """Of `sittings`, in their order."""
    responses: list[DeskResponse]
    count: int


class DeskAnomalies(Struct, frozen=True):
    """All of them, by kind and place."""

    session: int
    edition: int
    anomalies: list[DeskAnomaly]


class DeskMoved(Struct, frozen=True):
    """What moved since the event before: items in figures. The first event holds every item."""

    session: int
    phase: str
    edition: int
    seats: int
    newest: int
    items: list[DeskItem]

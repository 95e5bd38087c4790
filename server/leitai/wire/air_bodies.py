"""The JSON bodies of what goes on air. All of it is public: what the public boards tell, and nothing else.

Times are microseconds of the contest's clock, points hundredths.
"""

from msgspec import Struct

from leitai.wire.messages import ItemMedia


class AirDelegation(Struct, frozen=True):
    """A delegation; rows refer to its code."""

    code: str
    name: str
    short: str


class AirPerson(Struct, frozen=True):
    """A row of individuals. `before`: the rank before the latest item, 0 when there was none."""

    key: int
    rank: int
    before: int
    name: str
    delegation: str
    centipoints: int
    elapsed_ms: int


class AirTeam(Struct, frozen=True):
    """A row of delegations. `best`: the name of its best contestant; empty before anybody has a place."""

    rank: int
    before: int
    delegation: str
    centipoints: int
    elapsed_ms: int
    best: str


class AirProvince(Struct, frozen=True):
    """The best of one delegation, ranked among themselves."""

    delegation: str
    rows: list[AirPerson]


class AirOption(Struct, frozen=True):
    """An option of the item on air."""

    id: str
    text: str


class AirCount(Struct, frozen=True):
    """How many contestants chose an option."""

    id: str
    count: int


class AirItem(Struct, frozen=True):
    """The item that opened last: `state` is `open` or `closed`.

    `distribution` and `key` are there once it is closed for good, and never while the board is frozen; `key` is the one
    in force. `distribution` is empty for items without options: what contestants write is not shown. `media`: what the
    item shows, in its order.
    """

    item: int
    of: int
    type: str
    stem: str
    options: list[AirOption]
    seconds: int
    opens_at_us: int
    closes_at_us: int
    state: str
    answered: int
    total: int
    distribution: list[AirCount] | None
    key: list[str] | None
    media: list[ItemMedia] = []


class AirLineBody(Struct, frozen=True):
    """A line of the ticker: `d…` the director's, `a…` an announcement to everyone."""

    id: str
    at_us: int
    text: str


class AirShown(Struct, frozen=True):
    """An overlay with its parameters."""

    name: str
    params: dict[str, str | int] = {}


class AirProgram(Struct, frozen=True):
    """What is on air on a channel, and what waits in preview."""

    edition: int
    on: AirShown | None
    preview: AirShown | None


class AirRevealRow(Struct, frozen=True):
    """A place that was revealed."""

    rank: int
    name: str
    delegation: str
    centipoints: int
    elapsed_ms: int
    awards: list[str]


class AirHolder(Struct, frozen=True):
    """Who holds the award that is called out."""

    name: str
    delegation: str


class AirCallOut(Struct, frozen=True):
    """An award that is called out."""

    award: str
    holders: list[AirHolder]


class AirReveal(Struct, frozen=True):
    """The reveal as far as it has been played."""

    group: str
    delegation: str
    of: int
    shown: int
    title: str
    rows: list[AirRevealRow]
    call_out: AirCallOut | None


class AirBody(Struct, frozen=True):
    """Everything that overlays show, whole."""

    server_us: int
    """When this was told; the first member, so that it can be renewed without encoding the rest again."""
    session: int
    contest: str
    title: str
    phase: str
    start_us: int
    ends_at_us: int
    frozen: bool
    version: int
    delegations: list[AirDelegation]
    total: int
    individuals: list[AirPerson]
    teams: list[AirTeam]
    province: AirProvince
    item: AirItem | None
    ticker: list[AirLineBody]
    program: AirProgram
    reveal: AirReveal | None

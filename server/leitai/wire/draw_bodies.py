"""The JSON bodies of the draw. Instants are microseconds since the Unix epoch (`_us`); records are docs/draw.md's."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Moment = Annotated[int, Meta(ge=0, le=4_102_444_800_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Words = Annotated[str, Meta(max_length=200)]
Content = Annotated[str, Meta(max_length=400)]
Events = Annotated[int, Meta(ge=0, le=10_000)]


class DrawContestBody(Struct, frozen=True):
    """A contest with its last draw: `number` is 0 and `state` empty while it has none."""

    contest: int
    title: str
    year: int
    number: int
    state: str


class DrawContests(Struct, frozen=True):
    """Contests with a draw, the newest first."""

    contests: list[DrawContestBody]


class DrawPartyBody(Struct, frozen=True):
    """Who holds a seed. `seed` is empty until it is disclosed, `commitment` until it is given."""

    name: str
    commitment: str
    seed: str


class DrawListBody(Struct, frozen=True):
    """A province's list in short."""

    delegation: str
    name: str
    short: str
    nominated: int
    sha256: str


class DrawEventBody(Struct, frozen=True):
    """What was done; `person` tells people apart, `who` and `login` name them at the staff's door only."""

    act: str
    at_us: int
    person: int
    party: int
    who: str = ""
    login: str = ""
    content: str = ""
    """A commitment, a seed, a confirmed value or a reason."""


class DrawDetail(Struct, frozen=True):
    """A draw as it stands.

    `state`: announced, committed, value_entered, value_confirmed, disclosed, drawn, abandoned.
    """

    number: int
    state: str
    reason: str
    algorithm: str
    places: int
    parties: list[DrawPartyBody]
    value_name: str
    value_kind: str
    known_from_us: int
    value: str
    """Empty until it is confirmed."""
    lists: list[DrawListBody]
    lists_sha256: str
    events: list[DrawEventBody]
    record_sha256: str
    """Of the record that is published at the end; empty before."""


class ContestDrawsBody(Struct, frozen=True):
    """Every draw of a contest, by number."""

    contest: int
    title: str
    year: int
    now_us: int
    draws: list[DrawDetail]


class PublishedList(Struct, frozen=True):
    """A province's list as it is published."""

    delegation: str
    name: str
    nominated: list[str]
    sha256: str


class PublishedLists(Struct, frozen=True):
    """The lists of a draw."""

    lists: list[PublishedList]
    lists_sha256: str


class DrawShowing(Struct, frozen=True):
    """Where the ceremony is: `edition` counts its moves, 0 before the first; `province` is empty in `overview`."""

    edition: int
    province: str
    manner: Literal["overview", "one_by_one", "all"]
    at_us: int
    now_us: int


class NextDrawLists(Struct, frozen=True):
    """The frozen lists that another draw would have; none while they are not frozen."""

    provinces: int
    nominated: int
    lists_sha256: str


class StaffDrawContests(Struct, frozen=True):
    """Every contest, with its last draw."""

    contests: list[DrawContestBody]


class StaffDrawsBody(Struct, frozen=True):
    """Every draw of a contest with who did what, and what another would be drawn from."""

    contest: int
    title: str
    year: int
    now_us: int
    lists: NextDrawLists
    draws: list[DrawDetail]
    showing: DrawShowing
    """Of the last draw."""


class DrawAnnounceRequest(Struct, frozen=True):
    """A draw to be announced, of the lists that are frozen. `number` is the one that was seen coming."""

    number: Annotated[int, Meta(ge=1, le=1000)]
    parties: Annotated[list[Name], Meta(min_length=2, max_length=8)]
    value_name: Name
    value_kind: Literal["numbers", "text"]
    known_from_us: Moment
    places: Annotated[int, Meta(ge=1, le=1000)]
    reason: Words = ""


class DrawActRequest(Struct, frozen=True):
    """What the operator does. `content` is the value (enter_value) or the reason (abandon); `expects` the number of
    events that were seen."""

    act: Literal["enter_value", "draw", "abandon"]
    expects: Events
    content: Content = ""


class DrawWitnessRequest(Struct, frozen=True):
    """What the parties and the second person do. `content` is a commitment, a seed, or the value typed again;
    `expects` the number of events that were seen, which may miss what other parties did meanwhile for themselves."""

    act: Literal["commit", "disclose", "confirm_value", "reject_value"]
    expects: Events
    party: Annotated[int, Meta(ge=0, le=8)] = 0
    content: Content = ""


class DrawShowRequest(Struct, frozen=True):
    """Where the ceremony shall be; `expects` is the edition that was seen."""

    province: Annotated[str, Meta(max_length=6)]
    manner: Literal["overview", "one_by_one", "all"]
    expects: Events

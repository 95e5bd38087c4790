"""The JSON bodies of the expert pool. Numbers that are private are masked in all of them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Code = Annotated[str, Meta(pattern="^[0-9]{6}$")]
Words = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class PoolHonourBody(Struct, frozen=True):
    """An honour. `place` 0: not known; `source`: `province`, `ministry` or `contest`."""

    year: int
    kind: str
    title: str
    place: int
    province: str
    source: str


class PoolPersonRow(Struct, frozen=True):
    """A person in short, honours the newest first; `state`: `active` or `left`."""

    person: int
    name: str
    province: str
    unit: str
    expertise: list[str]
    state: str
    honours: list[PoolHonourBody]


class PoolBody(Struct, frozen=True):
    """A page of people."""

    total: int
    page: int
    pages: int
    own: str
    """The one province that whoever asks sees; empty: all."""
    people: list[PoolPersonRow]


class PoolEventBody(Struct, frozen=True):
    """What happened to a record."""

    at_us: int
    actor: str
    kind: str
    detail: str


class PoolBar(Struct, frozen=True):
    """A rule that the honours fail, by its code (`rules.eligibility.RuleCode`)."""

    rule: str
    sentence: str


class PoolPersonBody(Struct, frozen=True):
    """A person with everything that a page shows.

    `barred` are the rules that keep the person out of the contest of `barred_year`; `merged_into` 0: none.
    """

    person: int
    version: int
    name: str
    province: str
    unit: str
    expertise: list[str]
    state: str
    id_number: str
    phone: str
    merged_into: int
    honours: list[PoolHonourBody]
    events: list[PoolEventBody]
    barred_year: int
    barred: list[PoolBar]
    namesakes: list[PoolPersonRow]
    """Others of this name in this province: perhaps the same person."""


class PoolActRequest(Struct, frozen=True):
    """`change` unit, expertise and state; `transfer` to a `province`; `join` another record (`other`) to this one."""

    act: Literal["change", "transfer", "join"]
    version: Version
    unit: Words = ""
    expertise: Annotated[list[Words], Meta(max_length=10)] = []
    state: Literal["active", "left"] = "active"
    province: Code = "000000"
    other: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class PoolProblem(Struct, frozen=True):
    """Why a row is refused; `row` 0: the file as a whole."""

    sheet: str
    row: int
    column: str
    code: str
    sentence: str


class PoolPossible(Struct, frozen=True):
    """A row taken as somebody new, who may be known: `person` has the same name and province."""

    sheet: str
    row: int
    name: str
    person: int


class PoolImportBody(Struct, frozen=True):
    """What became, or would become, of a file. Problems are told up to 500."""

    rows: int
    refused_rows: int
    added: int
    changed: int
    unchanged: int
    problems: list[PoolProblem]
    possible: list[PoolPossible]
    skipped: list[str]
    """Sheets without a header that is known."""
    committed: bool


class PoolKeyBody(Struct, frozen=True):
    """A province's key."""

    key: str
    province: str
    public: str
    created_us: int
    created_by: str
    revoked: bool


class PoolTokenBody(Struct, frozen=True):
    """A province's token for the machines' door."""

    token: int
    province: str
    created_us: int
    created_by: str
    revoked: bool


class PoolTakenBody(Struct, frozen=True):
    """The last file of a province that was taken in."""

    province: str
    sequence: int
    taken_us: int
    people: int
    added: int
    changed: int
    left_out: int


class PoolProvincesBody(Struct, frozen=True):
    """What provinces and the ministry know each other by. `mailbox`: the ministry's public key for numbers."""

    mailbox: str
    keys: list[PoolKeyBody]
    tokens: list[PoolTokenBody]
    taken: list[PoolTakenBody]


class PoolKeyRequest(Struct, frozen=True):
    """Register a public key (32 bytes in base64); empty: make one here."""

    province: Code
    public: Annotated[str, Meta(max_length=100)] = ""


class PoolKeyMade(Struct, frozen=True):
    """The key's name, and the private half of one that was made here: kept nowhere. PEM (PKCS #8)."""

    key: str
    private: str


class PoolTokenRequest(Struct, frozen=True):
    """Whose token."""

    province: Code


class PoolTokenMade(Struct, frozen=True):
    """The token, kept nowhere."""

    token: int
    secret: str


class PoolRevokeRequest(Struct, frozen=True):
    """Let a key or a token open nothing any more."""

    key: Annotated[str, Meta(max_length=16)] = ""
    token: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class PoolLeftOut(Struct, frozen=True):
    """A line that was not taken in."""

    line: int
    code: str
    sentence: str


class PoolSyncBody(Struct, frozen=True):
    """What a province's file changed, or would change; `possible` are lines added who may be known already.

    `repeated`: the very same file was taken in before, and this is what was told then.
    """

    province: str
    sequence: int
    people: int
    added: int
    changed: int
    unchanged: int
    left_out: list[PoolLeftOut]
    possible: list[int]
    sha256: str
    committed: bool
    repeated: bool

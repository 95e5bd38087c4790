"""What the expert pool needs of its store, and the records it speaks in. `stores/postgres/pool_store` implements it.

Every call may raise `office.ports.StoreUnavailable`. Each writing call is one transaction: it happens whole or not at
all, and what it did stands in the history of each person.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from leitai.office.people_ports import DelegationName
from leitai.office.ports import AuditLog
from leitai.rules.pool import Expert, PoolHonour
from leitai.rules.values import DelegationCode, Micros


class PoolChanged(Exception):
    """Somebody changed a person first; nothing was written."""


@dataclass(frozen=True, slots=True)
class Private:
    """What is sealed at rest and never written into a log: its own text does not show it."""

    id_number: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


NOTHING_PRIVATE = Private()


@dataclass(frozen=True, slots=True)
class PoolPerson:
    """A person of the pool as kept.

    Attributes:
        person_id: the number.
        version: counts changes; who changes says which version was seen.
        expert: everything that is not private.
        private: numbers, opened.
        digest: of the identity number; None without one.
        merged_into: the record that this one became a part of; 0: it stands by itself.
    """

    person_id: int
    version: int
    expert: Expert
    private: Private = NOTHING_PRIVATE
    digest: bytes | None = None
    merged_into: int = 0


@dataclass(frozen=True, slots=True)
class PoolQuery:
    """What is looked for; everything that is said must hold.

    Attributes:
        text: part of the name, the unit or the expertise.
        province: whose pool; empty: all.
        year: with an honour of this year; 0: any.
        kind: with an honour of this kind; empty: any. With `year` it is one honour that has both.
        state: value of `PoolState`; empty: any.
        page: from 1.
        page_size: people of a page.
    """

    text: str = ""
    province: str = ""
    year: int = 0
    kind: str = ""
    state: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class PoolPage:
    """A page of people, and how many there are in all."""

    total: int
    people: Sequence[PoolPerson]


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """What happened to a record: `kind` is `added`, `changed`, `transferred`, `left`, `returned`, `merged`, `honoured`;
    `detail` holds no numbers that are private.
    """

    at_us: Micros
    actor: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class PoolChange:
    """A record to be written.

    Attributes:
        person_id: None for a new one.
        version: what was seen; 0 for a new one.
        expert: what it is from now on, with all its honours.
        private: numbers to be kept; an empty one leaves what is kept.
        digest: of the identity number; None leaves what is kept.
        events: (kind, detail) for the history.
    """

    person_id: int | None
    version: int
    expert: Expert
    private: Private
    digest: bytes | None
    events: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Winner:
    """Whom a contest of this house gave an honour: the place of the record among the changes written, and the award."""

    change: int
    contest_id: int
    contestant_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class ProvinceKey:
    """A province's public key, by which its files are known. `key_id` is the start of the key's SHA-256, in hex."""

    key_id: str
    province: DelegationCode
    public: bytes
    created_us: Micros
    created_by: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class ProvinceToken:
    """A province's token for the machines' door, never the token itself."""

    token_id: int
    province: DelegationCode
    created_us: Micros
    created_by: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A province's file that was taken in: by its number in the province's row, and its SHA-256."""

    province: DelegationCode
    sequence: int
    sha256: bytes
    report: str
    """The report of what changed, as JSON."""
    taken_us: Micros


Note = tuple[str, str, Mapping[str, object]]
"""What the audit is told of a change: action, subject, detail."""


class PoolStore(AuditLog, Protocol):
    """PostgreSQL as the pool sees it."""

    async def delegations(self) -> list[DelegationName]:
        """Return the delegations there are, by code."""
        ...

    async def search(self, query: PoolQuery) -> PoolPage:
        """Return a page of those that stand by themselves, by name, then number."""
        ...

    async def person(self, person_id: int) -> PoolPerson:
        """Return a person; raises KeyError when there is none."""
        ...

    async def events(self, person_id: int) -> list[PoolEvent]:
        """Return what happened to a record, the newest first."""
        ...

    async def candidates(self, digests: Collection[bytes], names: Collection[str]) -> list[PoolPerson]:
        """Return everyone who stands alone and has one of these digests or names, by number."""
        ...

    async def write(
        self,
        changes: Sequence[PoolChange],
        actor: str,
        note: Note,
        taken: TakenFile | None = None,
        winners: Sequence[Winner] = (),
    ) -> list[int]:
        """Write records, that a file was taken in, and who won, and with them the audit's `note`; returns the records'
        numbers in order.

        Raises `PoolChanged` when a version is not what was seen, a digest is another's, the province has a file of the
        same or a later number, or a winner is in already; nothing was written.
        """
        ...

    async def won(self, contest_id: int) -> set[tuple[int, str]]:
        """Return (contestant, kind) of everyone whom a contest of this house has given an honour."""
        ...

    async def merge(self, kept: PoolChange, away: PoolPerson, actor: str) -> None:
        """Write a record that another becomes a part of; raises `PoolChanged` when either is not what was seen."""
        ...

    async def honours_of(self, digests: Collection[bytes]) -> Mapping[bytes, Sequence[PoolHonour]]:
        """Return the honours by digest of the identity number; who has none is not in it."""
        ...

    async def keys(self) -> list[ProvinceKey]:
        """Return every key, by province and time."""
        ...

    async def add_key(self, key: ProvinceKey, actor: str) -> bool:
        """Keep a key; False when it is there already."""
        ...

    async def revoke_key(self, key_id: str, actor: str) -> bool:
        """Let a key open nothing any more; False when there is none in force."""
        ...

    async def tokens(self) -> list[ProvinceToken]:
        """Return every token, by number."""
        ...

    async def add_token(self, province: DelegationCode, digest: bytes, actor: str) -> int:
        """Keep a token's digest; returns its number."""
        ...

    async def revoke_token(self, token_id: int, actor: str) -> bool:
        """Let a token open nothing any more; False when there is none in force."""
        ...

    async def token_of(self, digest: bytes) -> ProvinceToken | None:
        """Return whose token it is; None for none in force."""
        ...

    async def taken(self, province: DelegationCode) -> list[TakenFile]:
        """Return the files of a province that were taken in, the newest first."""
        ...

"""Where learners and their organisations are kept, and the records that these stores speak in.

Every call may raise `office.ports.StoreUnavailable`. Each writing call is one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from leitai.office.practice.ports import KindName, Learner
from leitai.rules.organisations import Graft, Level, Organisation


class LearnerRefused(Exception):
    """What a learner asked for cannot be done; `code` is a key of wire.errors.

    `learner-login-invalid`, `learner-phone-invalid`, `learner-id-invalid`, `learner-name-invalid`,
    `learner-account-taken`, `learner-id-taken`, `learner-organisation`, `learner-wrong-login`, `learner-password-weak`,
    `learner-recovery`, `stale-version`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class LearnerRecord:
    """An account as kept; `identified`: the identity number is known, by its hash."""

    learner: Learner
    version: int
    login: str
    password: str = field(repr=False)
    disabled: bool = False
    identified: bool = False


@dataclass(frozen=True, slots=True)
class NewLearner:
    """Somebody who registers: a login or a telephone number, by which they sign in."""

    kind: KindName
    organisation_id: int | None
    name: str
    nickname: str
    login: str = ""
    phone: str = field(default="", repr=False)
    phone_hash: bytes | None = None
    id_number: str = field(default="", repr=False)
    id_hash: bytes | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LearnerChange:
    """What a learner changes of the own account."""

    kind: KindName
    organisation_id: int | None
    name: str
    nickname: str


class LearnerStore(Protocol):
    """Where accounts are kept."""

    async def by_account(self, login: str | None, phone_hash: bytes | None) -> LearnerRecord | None:
        """Return the account with this login or this telephone number."""
        ...

    async def learner(self, learner_id: int) -> LearnerRecord:
        """Return an account; raises KeyError when there is none."""
        ...

    async def by_feed(self, digest: bytes) -> LearnerRecord | None:
        """Return whose reminders are known by this digest, unless the account is disabled."""
        ...

    async def add(self, new: NewLearner) -> int:
        """Return the number of a new account.

        Raises `LearnerRefused`: `learner-account-taken`, `learner-id-taken`, `learner-organisation`.
        """
        ...

    async def change(self, learner_id: int, version: int, change: LearnerChange, today: date) -> None:
        """Change an account. Sums of the periods that `today` lies in go along to another organisation.

        Raises `LearnerRefused`: `stale-version`, `learner-organisation`.
        """
        ...

    async def set_password(self, learner_id: int, password: str) -> None:
        """Keep another hash."""
        ...

    async def set_identity(self, learner_id: int, id_hash: bytes, id_number: str) -> bool:
        """Keep the identity number; False: one is known already. Raises `LearnerRefused`: `learner-id-taken`."""
        ...

    async def set_feed(self, learner_id: int, digest: bytes) -> None:
        """Let reminders be known by this digest alone."""
        ...


@dataclass(frozen=True, slots=True)
class Branch:
    """An organisation as one step of the tree; `inner`: there are some under it."""

    organisation_id: int
    code: str
    name: str
    level: Level
    closed: bool
    inner: bool


@dataclass(frozen=True, slots=True)
class OrganisationName:
    """An organisation's name and level."""

    name: str
    level: Level


class OrganisationStore(Protocol):
    """Where the tree of organisations is kept."""

    async def tree(self, province: str | None = None) -> dict[str, Organisation]:
        """Return every organisation, or those of a province, by code."""
        ...

    async def children(self, parent: int | None, limit: int = 2000) -> list[Branch]:
        """Return the organisations right under one, or the provinces, by name."""
        ...

    async def counts(self, parent: int | None) -> Mapping[int, int]:
        """Return how many learners are at and under each of an organisation's own; None: each province.

        Those that have none are left out.
        """
        ...

    async def names(self, ids: Sequence[int]) -> Mapping[int, OrganisationName]:
        """Return names by number; unknown ones are left out."""
        ...

    async def province_of(self, organisation_id: int) -> str:
        """Return the code of the province that an organisation lies in; raises KeyError when there is none."""
        ...

    async def take_in(self, seen: Graft, actor: str, detail: Mapping[str, object]) -> bool:
        """Write what a graft adds and changes; False when the tree has changed so that codes of it are taken: nothing
        was written.
        """
        ...

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Write down who did what."""
        ...

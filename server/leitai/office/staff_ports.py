"""Accounts of the staff, and where they and their web sessions are kept. Every call may raise `StoreUnavailable`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.office.ports import AuditLog
from leitai.rules.rights import NO_DELEGATION, Role, Standing
from leitai.rules.values import DelegationCode, Micros


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


class StaffStore(AuditLog, Protocol):
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

    async def staff_members(self, staff_ids: Collection[int]) -> Sequence[StaffRecord]:
        """Return those accounts of so many that there are, in any order."""
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

    def staff_session_name(self, cookie: str) -> str:
        """Return by what a session may be remembered: whoever reads it is not let in by it."""
        ...

    async def close_named_staff_session(self, name: str) -> None:
        """End the session of that name; nothing when there is none."""
        ...

    async def end_staff_sessions(self, staff_id: int) -> None:
        """End every session that this person has, on whatever machine."""
        ...

"""Accounts of the staff: signing in, invitations, who may be what. Names as in `wire.bodies`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from leitai.wire.bodies import Typed

Secret = Annotated[str, Meta(max_length=200)]
RoleName = Literal[
    "team_leader",
    "setter",
    "reviewer",
    "practice_office",
    "operator",
    "judge",
    "chief_judge",
    "broadcast_director",
    "auditor",
    "administrator",
]


class StaffSignInRequest(Struct, frozen=True):
    """A login and its password."""

    login: Typed
    password: Secret


class StaffWelcomeRequest(Struct, frozen=True):
    """An invitation, and the password that its person chooses."""

    login: Typed
    code: Typed
    password: Secret


class StaffPasswordRequest(Struct, frozen=True):
    """The password so far and the one from now on."""

    old: Secret
    new: Secret


class StaffMe(Struct, frozen=True):
    """Who of the staff is signed in. `acts` are those that the person may do in some phase: what pages offer.

    `house`: the province in whose own house one is; empty: in the nation's.
    """

    staff: int
    login: str
    name: str
    roles: list[str]
    delegation: str
    acts: list[str]
    house: str = ""


class StaffPerson(Struct, frozen=True):
    """An account of the staff. `state`: `invited`, `active` or `disabled`."""

    staff: int
    login: str
    name: str
    roles: list[str]
    delegation: str
    state: str
    invited_until_us: int
    version: int
    second_factor: bool = False


class StaffPeople(Struct, frozen=True):
    """Every account, by login."""

    people: list[StaffPerson]


class StaffInviteRequest(Struct, frozen=True):
    """A new account."""

    login: Typed
    name: Typed
    roles: Annotated[list[RoleName], Meta(min_length=1, max_length=10)]
    delegation: Typed = ""


class StaffChangeRequest(Struct, frozen=True):
    """An account as it shall be; refused when it is not at `version` any more."""

    version: int
    name: Typed
    roles: Annotated[list[RoleName], Meta(min_length=1, max_length=10)]
    delegation: Typed = ""
    disabled: bool = False


class StaffInvited(Struct, frozen=True):
    """An account and the code that its person signs in with once; it is shown now and never again."""

    person: StaffPerson
    code: str

"""The JSON bodies of results as the staff see them; a contestant's result is `bodies.ResultBody`."""

from msgspec import Struct


class FinishedSession(Struct, frozen=True):
    """A session that is over."""

    session: int
    contest: str
    title: str
    phase: str
    frozen: bool
    """Nothing is published before the thaw."""
    seats: int
    ended_us: int
    """When its last item closed; 0 when that was not logged."""


class FinishedSessions(Struct, frozen=True):
    """Sessions that are over, the newest first, and the key that bundles are signed with (hex; empty: none yet)."""

    sessions: list[FinishedSession]
    key: str


class PersonRow(Struct, frozen=True):
    """A contestant's standing. `rank` 0: none, since struck off."""

    sitting: int
    rank: int
    name: str
    delegation: str
    admission_no: str
    centipoints: int
    elapsed_us: int
    answered: int
    struck: bool
    absent: bool
    award: str
    """`knowledge`, `star`, or empty."""


class PeopleResults(Struct, frozen=True):
    """A page of contestants by their standing."""

    session: int
    title: str
    phase: str
    published: bool
    page: int
    pages: int
    total: int
    rows: list[PersonRow]


class DelegationRow(Struct, frozen=True):
    """A delegation's standing with what makes it up."""

    rank: int
    delegation: str
    centipoints: int
    elapsed_us: int
    members: int
    absent: int
    struck: int
    best_centipoints: int
    knowledge: int
    stars: int
    prize: str
    """`team_grand`, `team_first`, `team_second`, `team_third`, or empty."""
    awarded: int
    """How many of its members have an award of their own."""


class DelegationResults(Struct, frozen=True):
    """All delegations by their standing."""

    session: int
    title: str
    phase: str
    published: bool
    rows: list[DelegationRow]


class ResultsKey(Struct, frozen=True):
    """The public key that the contest signs with."""

    algorithm: str
    key: str
    """32 bytes in hex."""

"""Who takes part in a contest: delegations, nominations, rosters; and what is asked of the store about them.

Every call may raise `office.ports.StoreUnavailable`. Each writing call is one transaction: it happens whole or not at
all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from leitai.office.import_ports import ImportBatch
from leitai.rules.draw import ProvinceDraw
from leitai.rules.values import DelegationCode

Origin = Literal["named", "drawn", "simulated"]
"""自主确定, 抽签, or made up to fill a rehearsal."""
NominationList = Literal["named", "nominated"]
"""The two lists a province sends in: the 15 it names, and the 100 of whom 35 are drawn."""


@dataclass(frozen=True, slots=True)
class DelegationName:
    """A delegation: GB/T 2260 code, full name, short name."""

    code: DelegationCode
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Person:
    """Someone named or nominated, with the record that eligibility is judged by (plan 四(二)2).

    Args:
        daily_star_titles: how often titled 日日学之星 by 31 August.
        weekly_centipoints: 周周练 points by the same day, in hundredths.
        prior_events: contests taken part in, as written in the file.
        prior_titles: titles held, as written in the file.
    """

    delegation: DelegationCode
    name: str
    unit: str
    daily_star_titles: int
    weekly_centipoints: int
    prior_events: tuple[str, ...] = ()
    prior_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A place in a delegation's roster: seat 1, 2, 3, … within the delegation."""

    seat: int
    origin: Origin
    person: Person


@dataclass(frozen=True, slots=True)
class Contestant:
    """A roster line as stored. `struck`: why it was struck off by decision; empty: it was not."""

    contestant_id: int
    seat: int
    origin: Origin
    person: Person
    struck: str = ""


@dataclass(frozen=True, slots=True)
class Nomination:
    """One line of a province's published list; `no` is the place the draw speaks of."""

    list: NominationList
    no: int
    person: Person


class ContestantStore(Protocol):
    """The people of contests."""

    async def delegations(self) -> list[DelegationName]:
        """Return the delegations there are, by code."""
        ...

    async def import_roster(self, contest_id: int, batch: ImportBatch, lines: Sequence[RosterLine]) -> list[Contestant]:
        """Store a contest's roster; raises `AlreadyThere` when it has one (simulated contestants aside)."""
        ...

    async def add_simulated(self, contest_id: int, lines: Sequence[RosterLine]) -> list[Contestant]:
        """Add contestants made up for a rehearsal; returns the whole roster."""
        ...

    async def roster(self, contest_id: int) -> list[Contestant]:
        """Return a contest's contestants by delegation and seat."""
        ...

    async def import_nominations(self, contest_id: int, batch: ImportBatch, nominations: Sequence[Nomination]) -> None:
        """Store the lists the provinces sent in; raises `AlreadyThere` when the contest has some."""
        ...

    async def nominations(self, contest_id: int) -> list[Nomination]:
        """Return a contest's nominations by delegation, list and place."""
        ...

    async def draws(self, contest_id: int) -> list[ProvinceDraw]:
        """Return what was drawn last in a contest, by delegation; nothing while nothing was."""
        ...

    async def draw_record(self, contest_id: int) -> bytes | None:
        """Return the record of the last draw that was drawn; None while there is none."""
        ...

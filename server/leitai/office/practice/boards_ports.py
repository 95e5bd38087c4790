"""What boards and titles need of their stores. Every call may raise `office.ports.StoreUnavailable`."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from leitai.rules.practice import PracticeTitle
from leitai.rules.practice_boards import Period
from leitai.rules.practice_titles import DayOf, TitleFact


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose board: of an organisation, by its place in `ports.LEVELS` (0: the province) and its number."""

    level: int
    organisation_id: int


@dataclass(frozen=True, slots=True)
class Row:
    """A learner on a board; `unit_id`: the lowest organisation they belong to, None for the public."""

    learner_id: int
    name: str
    nickname: str
    unit_id: int | None
    province_id: int | None
    centipoints: int
    questions: int

    @property
    def shown(self) -> str:
        """What others see of the name."""
        return self.nickname or self.name


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a board: `above` have more points than its first row."""

    rows: Sequence[Row]
    above: int
    total: int


@dataclass(frozen=True, slots=True)
class Branches:
    """How an organisation's own stand: (number, centipoints, learners with points), the most first."""

    rows: Sequence[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Sum:
    """A learner's sum over a period, and where it counts, by `ports.LEVELS`."""

    centipoints: int
    questions: int
    places: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that is not what the ledger has."""

    period: Period
    starts_on: date
    learner_id: int
    centipoints: int
    questions: int
    kept_centipoints: int | None
    kept_questions: int | None


class BoardStore(Protocol):
    """Sums of the ledger, in order.

    Whoever's account is disabled is on no board, counts in no rank and adds nothing to an organisation; their sums
    stay, and they are back once it is enabled.
    """

    async def page(self, scope: Scope | None, period: Period, starts_on: date, offset: int, limit: int) -> Page:
        """Return a page of the board of an organisation, or of the nation."""
        ...

    async def branches(self, scope: Scope | None, period: Period, starts_on: date, limit: int) -> Branches:
        """Return how the organisations right under one stand."""
        ...

    async def sums(self, learner_id: int, day: date) -> Mapping[Period, Sum]:
        """Return a learner's sums of the periods that a day lies in; what has none is left out."""
        ...

    async def place(self, scope: Scope | None, period: Period, starts_on: date, centipoints: int) -> tuple[int, int]:
        """Return how many of a board have more points, and how many there are."""
        ...

    async def titles(self, learners: Sequence[int], first: date, last: date) -> Mapping[int, Sequence[PracticeTitle]]:
        """Return which titles learners earned in some days, as they were last computed; who earned none is left out."""
        ...

    async def days(self, learner_id: int) -> list[date]:
        """Return the days on which a learner handed anything in."""
        ...


class TitleStore(Protocol):
    """The ledger as titles see it, and titles as they were last computed."""

    async def days_of(self, learners: Sequence[int], first: date, last: date) -> Mapping[int, Sequence[DayOf]]:
        """Return what the ledger has of learners, each kind and day once."""
        ...

    async def candidates(self, months: date, weeks: date, last: date) -> Mapping[int, Sequence[DayOf]]:
        """Return the days of everybody who may hold a title of a month from `months` on, or of a week from `weeks` on,
        with no day after `last`. Only what titles can rest on is in it.
        """
        ...

    async def disabled(self) -> AbstractSet[int]:
        """Return whose accounts are disabled."""
        ...

    async def keep(self, facts: Mapping[int, Sequence[TitleFact]], months: date, weeks: date, last: date) -> bool:
        """Put titles of these months and weeks in place of those kept; False: another process is at it."""
        ...

    async def nominated(self, contest_id: int) -> Sequence[tuple[bytes, int, str]]:
        """Return who of a contest's lists in force learns here: hash of the number, learner, name."""
        ...

    async def nominees(self, contest_id: int) -> int:
        """Return how many stand on the lists in force."""
        ...

    async def weekly_points(self, learners: Sequence[int], first: date, last: date) -> Mapping[int, int]:
        """Return learners' centipoints of 周周练 from one day to another."""
        ...

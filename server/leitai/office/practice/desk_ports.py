"""What the practice office needs from its store: releases, what a night's check reads and keeps, participation.

Every call may raise `StoreUnavailable`. Each writing call is one transaction, with its entry in the audit where
somebody of the staff does it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from leitai.office.practice.sets_ports import Key
from leitai.rules.item_analysis import Use
from leitai.rules.practice_patterns import Finding, Given
from leitai.rules.values import Micros, QuestionType


@dataclass(frozen=True, slots=True)
class Release:
    """Questions released at once.

    `edition_id` 0: whatever the edition; `type` None: all types; `withdrawn_by` empty: it holds.
    """

    release_id: int
    edition_id: int
    edition_name: str
    module: str
    type: QuestionType | None
    from_day: date
    questions: int
    released_by: str
    released_at_us: Micros
    withdrawn_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stock:
    """Of a module and type: questions served on a day, released for a later one, and ready to be released."""

    served: int
    scheduled: int
    ready: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody's word on a finding; it is never changed, another may follow."""

    at_us: Micros
    seen_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Network:
    """An address of a day: who came from there (ascending), in how many answers, and these unless they are too many."""

    learners: tuple[int, ...]
    answers: int
    given: Sequence[Given] | None


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding of a day's check, and who has looked at it, the first first."""

    finding_id: int
    day: date
    finding: Finding
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Participation:
    """A province (empty: the public) and module (empty: all of them) over some days; each learner counts once a day."""

    province: str
    province_name: str
    module: str
    learner_days: int
    answers: int
    right: int


class ReleaseRefused(Exception):
    """A release is not possible; `code`: `practice-nothing-to-release`, `practice-withdrawn`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DeskStore(Protocol):
    """PostgreSQL as the practice office sees it."""

    async def releases(self) -> Sequence[Release]:
        """Return the releases, the newest first."""
        ...

    async def stock(self, edition_id: int, day: date) -> Mapping[Key, Stock]:
        """Return what there is by module and type; `ready` counts questions of an edition, or (0) of all."""
        ...

    async def release(
        self, edition_id: int, module: str, question_type: QuestionType | None, from_day: date, actor: str
    ) -> int:
        """Release what is ready of a module and type, and return how many questions that are.

        Raises:
            ReleaseRefused: `practice-nothing-to-release`.
        """
        ...

    async def withdraw(self, release_id: int, reason: str, actor: str) -> None:
        """Take a release back; raises KeyError when there is none, `ReleaseRefused` (`practice-withdrawn`)."""
        ...

    async def findings(self, after: int, most: int) -> tuple[Sequence[KeptFinding], int, date | None]:
        """Return findings, the newest first, how many there are, and the last day that was gone through."""
        ...

    async def see_finding(self, finding_id: int, note: str, actor: str) -> None:
        """Keep what became of a finding, beside what was said of it before; raises KeyError when there is none."""
        ...

    async def participation(self, first: date, last: date) -> tuple[Sequence[Participation], date | None]:
        """Return participation over days, both included, and the last of them that was gone through."""
        ...

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Write down who did what."""
        ...


class NightStore(Protocol):
    """PostgreSQL as the nightly check sees it."""

    async def open_days(self, before: date) -> Sequence[date]:
        """Return days before a day on which somebody practised and that were not gone through yet, the oldest first."""
        ...

    async def close_day(self, day: date, at_us: int) -> int:
        """Close the sets of a day that had ended by a moment, write what they earned, and return how many.

        What came in time and is not recorded yet is refused from then on.
        """
        ...

    def answers_by_learner(self, day: date) -> AsyncIterator[Sequence[Given]]:
        """Return the answers of a day, of one learner after the other."""
        ...

    def answers_by_network(self, day: date, most: int) -> AsyncIterator[Network]:
        """Return one address of a day after the other from which more than one learner came, with their answers where
        these are `most` at most.
        """
        ...

    async def uses(self, day: date) -> Mapping[int, Use]:
        """Return how versions of questions fared on a day."""
        ...

    async def finish_day(self, day: date, findings: Sequence[Finding]) -> bool:
        """Keep a day's findings and its participation, once; False when somebody did before."""
        ...

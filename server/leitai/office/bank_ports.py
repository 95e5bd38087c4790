"""What working on the question bank needs from its store. stores/postgres implements it.

Every call may raise `StoreUnavailable`. Each writing call is one transaction with its entry in the audit: it happens
whole or not at all. What the law (`rules.questions`, `rules.syllabus`) forbids, the store refuses too, whatever was
checked before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.office.bank import Question
from leitai.office.ports import AuditLog
from leitai.rules.questions import Move, QuestionRecord, QuestionState, VersionRecord
from leitai.rules.syllabus import Edition, Point
from leitai.rules.values import ActorId, Micros, QuestionType

PAGE = 20
"""Questions on a page of the list."""
MOST = 2_000
"""Of a search that finds more than these, the newest so many are ranked and shown."""


@dataclass(frozen=True, slots=True)
class Written:
    """A version of a question with what it says. `imported_from`: the file that brought it, or empty."""

    version_id: int
    record: VersionRecord
    question: Question
    point_id: int
    """0: none."""
    author_name: str
    at_us: Micros
    imported_from: str


@dataclass(frozen=True, slots=True)
class Done:
    """An act on a version of a question."""

    version: int
    move: Move
    actor: ActorId
    actor_name: str
    reason: str
    at_us: Micros


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said of a version."""

    comment_id: int
    version: int
    author: ActorId
    author_name: str
    text: str
    at_us: Micros


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of a question: versions by number, acts and comments in the order they were made."""

    question_id: int
    retired: bool
    versions: tuple[Written, ...]
    acts: tuple[Done, ...] = ()
    comments: tuple[Comment, ...] = ()
    lent: bool = False
    """A question of the nation's that provinces may use."""
    foreign: bool = False
    """Seen by a province that it was lent to: nothing is done with it there."""

    @property
    def record(self) -> QuestionRecord:
        """The question as the law sees it."""
        return QuestionRecord(tuple(one.record for one in self.versions), self.retired)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for. Empty and None leave a thing open; `usable` asks for an approved version in use.

    `question_id` is for a question by its number, without terms.
    """

    terms: tuple[str, ...] = ()
    module: str = ""
    point_id: int | None = None
    type: QuestionType | None = None
    difficulty: int | None = None
    state: QuestionState | None = None
    usable: bool = False
    author: str = ""
    question_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A question that was found, by its newest version. `usable`: the number of the version papers may take, or 0."""

    question_id: int
    version: int
    state: QuestionState
    usable: int
    type: QuestionType
    stem: str
    difficulty: int
    module: str
    point: str
    author_name: str
    at_us: Micros


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of what was found. `more`: there are more than `total`, which only counts the newest ones."""

    rows: tuple[Hit, ...]
    total: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class UsableVersion:
    """A version that papers may take: the newest approved one of a question that is not retired."""

    question_id: int
    version_id: int
    question: Question
    point_id: int
    """0: none."""


class TooShort(Exception):
    """Nothing looked for has two characters or more."""


class QuestionStore(AuditLog, Protocol):
    """PostgreSQL as setters and reviewers see it."""

    async def search(self, sought: Sought, page: int) -> Hits:
        """Return a page (from 1) of the questions in which every term stands, best first; without terms newest first.

        Best is what has the first term in its stem, then in its options, then elsewhere; there, what has it earlier.
        Raises `TooShort`.
        """
        ...

    async def dossier(self, question_id: int) -> Dossier:
        """Return a question; raises KeyError when there is none."""
        ...

    async def add_question(self, question: Question, point_id: int, actor: ActorId) -> int:
        """Return the id of a new question, whose first version is a draft.

        Raises `QuestionRefused` (`question-stem-taken`) when the bank has one with this stem.
        """
        ...

    async def add_version(
        self, question_id: int, newest: VersionRecord, question: Question, point_id: int, actor: ActorId
    ) -> None:
        """Add a draft after the newest version.

        Raises `QuestionRefused`: `question-stale` when the newest is not `newest` any more, `question-stem-taken`.
        """
        ...

    async def add_act(
        self, question_id: int, newest: VersionRecord, move: Move, actor: ActorId, reason: str = ""
    ) -> None:
        """Make a move on the newest version.

        Raises `QuestionRefused`: `question-stale`, `question-illegal-move`, `question-own-version`.
        """
        ...

    async def add_comment(self, question_id: int, version: int, actor: ActorId, text: str) -> None:
        """Add a comment on a version; raises KeyError when there is no such version."""
        ...

    async def usable(
        self,
        *,
        module: str = "",
        question_type: QuestionType | None = None,
        difficulty: int | None = None,
        point_id: int | None = None,
    ) -> Sequence[UsableVersion]:
        """Return what papers may be made of, by id of the question."""
        ...

    async def lock_versions(self, version_ids: Sequence[int], actor: ActorId, paper: str) -> None:
        """Lock versions for good, since a sealed paper holds them; those that are locked stay so.

        `paper` names it in the audit. Raises `QuestionRefused` (`question-illegal-move`) when one was never approved.
        """
        ...


@dataclass(frozen=True, slots=True)
class EditionSummary:
    """An edition of the syllabus in short; `published_at_us` is 0 for a draft."""

    edition_id: int
    name: str
    based_on: int
    created_by: str
    created_at_us: Micros
    published_at_us: Micros
    points: int
    in_work: bool


class SyllabusStore(AuditLog, Protocol):
    """PostgreSQL as the syllabus sees it."""

    async def editions(self) -> Sequence[EditionSummary]:
        """Return the editions, the newest first; there is always one."""
        ...

    async def edition(self, edition_id: int) -> Edition:
        """Return an edition with its points by module and place; raises KeyError when there is none."""
        ...

    async def point_uses(self) -> Mapping[int, int]:
        """Return how many questions that are not retired refer to each point."""
        ...

    async def add_edition(self, edition: Edition, based_on: int, actor: ActorId) -> int:
        """Return the id of a new edition with its points.

        Raises `SyllabusRefused`: `syllabus-name-taken`, `syllabus-not-in-work` when another came first.
        """
        ...

    async def publish_edition(self, edition_id: int, actor: ActorId) -> None:
        """Publish an edition; raises `SyllabusRefused` (`syllabus-published`)."""
        ...

    async def add_point(self, edition_id: int, module: str, name: str, actor: ActorId) -> int:
        """Return the id of a point new to an edition; one that another edition has under this name is taken from there.

        Raises `SyllabusRefused` (`syllabus-name-taken`).
        """
        ...

    async def set_point(self, edition_id: int, point: Point, act: str, actor: ActorId) -> None:
        """Keep a point as it shall be; `act` names what was done in the audit.

        Raises `SyllabusRefused` (`syllabus-name-taken`).
        """
        ...

"""What sets of practice need from their store. stores/postgres/practice_store implements it.

Every call may raise `StoreUnavailable`. Of one learner the store does one thing at a time, in whatever process: what a
deciding function is shown holds until what it returned is written, and both happen in one transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from leitai.office.bank import Question
from leitai.office.practice.features import Lecture, Picture
from leitai.office.practice.ports import Earned, Kind
from leitai.rules.practice_sets import DueCard, SetKind
from leitai.rules.values import QuestionType, Response

Key = tuple[str, QuestionType]
"""Module and type."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The questions of a module and type that are released, in one fixed order, and their versions in use."""

    question_ids: tuple[int, ...]
    version_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetAsked:
    """A set that a learner asks for; `module` empty and `type` None: of all. `network`: a digest of the address."""

    learner_id: int
    kind: SetKind
    module: str
    type: QuestionType | None
    at_us: int
    network: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a learner knows of some topics, as a new set is chosen by it.

    Attributes:
        due: questions that are due, some of the first.
        known: every question answered before.
        soonest: questions not due yet that did not count today, some of the first.
        held: questions in the learner's open sets that wait for an answer.
    """

    due: tuple[DueCard, ...]
    known: frozenset[int]
    soonest: tuple[int, ...]
    held: frozenset[int]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The questions of a set and their versions, by place."""

    question_ids: tuple[int, ...]
    version_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a set: what was given, whether it was right, whether it adds a question to the day, and when."""

    response: Response
    right: bool
    counted: bool
    at_us: int


@dataclass(frozen=True, slots=True)
class PracticeSet:
    """A set with what was answered.

    Attributes:
        day: on which it was opened.
        replies: by place; None: not answered.
        handed_us: None: not handed in.
        place_of_day: of 周周练, which of the day it was; 0 before it is handed in.
        centipoints: of 周周练, its points, whether they count or not.
        bookmarked: which of its questions the learner has bookmarked.
    """

    set_id: int
    learner_id: int
    kind: SetKind
    module: str
    type: QuestionType | None
    day: date
    opened_us: int
    expires_us: int
    question_ids: tuple[int, ...]
    version_ids: tuple[int, ...]
    replies: tuple[Reply | None, ...]
    handed_us: int | None = None
    handed_day: date | None = None
    place_of_day: int = 0
    centipoints: int = 0
    closed_us: int | None = None
    bookmarked: frozenset[int] = frozenset()

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(one is not None and one.right for one in self.replies)

    @property
    def counted(self) -> int:
        """How many questions it adds to the day."""
        return sum(one is not None and one.counted for one in self.replies)


def earned_daily(closed: PracticeSet) -> Earned | None:
    """Return what a set of 日日学 writes into the ledger when it closes: its questions of the day, and no points."""
    if closed.kind is not SetKind.DAILY or not closed.counted:
        return None
    return Earned(closed.learner_id, closed.day, Kind.DAILY, closed.set_id, 0, closed.counted)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the scheduler knows of a learner and a question.

    Attributes:
        due_us: when it should be asked again.
        reviewed_us: when it was answered last.
        stability: in days.
        difficulty: from 1 to 10.
        state: 1 learning, 2 review, 3 relearning.
        step: of learning; None in review.
    """

    due_us: int
    reviewed_us: int
    stability: float
    difficulty: float
    state: int
    step: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """How well a learner knows a question. `counted_on`: the last day on which it added to the learner's
    questions, or was explained by a match; it counts once a day.
    """

    question_id: int
    topic: int
    memory: Memory
    seen: int
    right: int
    streak: int
    wrong: bool
    """It is in the book of mistakes."""
    wrong_us: int
    counted_on: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a set. `earned`: what goes into the ledger with it, when it closes."""

    set: PracticeSet
    cards: tuple[Card, ...]
    earned: Earned | None


@dataclass(frozen=True, slots=True)
class Today:
    """A learner's day: questions of 日日学 that count, sets of 周周练 handed in, and what is due and wrong by topic."""

    questions: int
    weekly_sets: int
    known: Mapping[int, int]
    due: Mapping[int, int]
    mistakes: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A question in a learner's book of mistakes or among what the learner marked.

    `card` is None where it was never answered: then nothing of its answer may be shown. Nor where it is `held`: it
    waits for an answer in an open set.
    """

    question_id: int
    version_id: int
    card: Card | None
    bookmarked: bool
    note: str
    held: bool


class SetsStore(Protocol):
    """PostgreSQL as learners' sets see it."""

    async def shelves(self, day: date) -> Mapping[Key, Shelf]:
        """Return what is released on a day, by module and type."""
        ...

    async def questions(self, version_ids: Sequence[int]) -> Mapping[int, Question]:
        """Return versions of questions, whose words never change."""
        ...

    async def pictures(self, version_ids: Sequence[int]) -> Mapping[int, tuple[Picture, ...]]:
        """Return what versions show beside their words, which never changes; those that show nothing are left out."""
        ...

    async def featured(self, day: date) -> Mapping[int, Lecture | None]:
        """Return which questions are featured on a day, with their lectures, the newest feature first."""
        ...

    async def open_set(
        self, asked: SetAsked, day: date, expires_us: int, topics: Sequence[int], choose: Callable[[Standing], Chosen]
    ) -> PracticeSet:
        """Return the learner's open set of this kind, module and type, or open one of what `choose` says.

        Sets of the learner that have expired are closed with it, and what they earned is written. For a set of 周周练
        `Standing` holds only what is `held`.
        """
        ...

    async def find_set(self, learner_id: int, set_id: int) -> PracticeSet:
        """Return a set; raises KeyError where there is none or it is another learner's."""
        ...

    async def change_set(
        self,
        learner_id: int,
        set_id: int,
        day: date,
        place: int | None,
        decide: Callable[[PracticeSet, Mapping[int, Card], int], Change | None],
    ) -> PracticeSet:
        """Let `decide` say what becomes of a set, write it, and return the set as it is then.

        Args:
            learner_id: whose it must be.
            set_id: which.
            day: today.
            place: the place that is answered, from 0; None: all, since it is handed in.
            decide: gets the set, the cards that there are for what is answered, and which place of the day the set gets
                when it is one of 周周练 and not handed in (0 else). None: nothing changes. What it raises goes through.

        Raises:
            KeyError: there is none, or it is another learner's.
        """
        ...

    async def today(self, learner_id: int, day: date, at_us: int) -> Today:
        """Return where a learner stands."""
        ...

    async def progress(self, learner_id: int) -> Mapping[int, tuple[int, int]]:
        """Return by a module's place (office.practice.topics) how many questions were seen, and last answered right."""
        ...

    async def mistakes(
        self, learner_id: int, topics: Sequence[int], at_us: int, after: int, most: int
    ) -> tuple[Sequence[Noted], int]:
        """Return a page of the book of mistakes, the newest first, and how many there are."""
        ...

    async def marked(self, learner_id: int, at_us: int, after: int, most: int) -> tuple[Sequence[Noted], int]:
        """Return a page of what is bookmarked or has a note, the newest first, and how many there are."""
        ...

    async def mark(
        self, learner_id: int, question_id: int, at_us: int, *, bookmarked: bool | None, note: str | None
    ) -> None:
        """Set a bookmark or a note; None leaves it as it is.

        Raises KeyError for a question that the learner was never asked, whether there is one or not.
        """
        ...

    async def forget_mistake(self, learner_id: int, question_id: int, streak: int) -> bool:
        """Take a question out of the book of mistakes; False when it has fewer right answers in a row than `streak`.

        Raises KeyError when it is not there.
        """
        ...

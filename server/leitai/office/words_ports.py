"""Words between operators and contestants, and where they are kept. Every call may raise `StoreUnavailable`."""

from dataclasses import dataclass
from typing import Protocol

from leitai.rules.values import ActorId, DelegationCode, ItemNo, Micros, SessionId, SittingId


@dataclass(frozen=True, slots=True)
class Announcement:
    """Words from the operators: to everyone, to a delegation, to a room of it, or to one sitting."""

    announcement_id: int
    text: str
    actor: ActorId
    at_us: Micros
    delegation: DelegationCode | None = None
    room: str = ""
    sitting_id: SittingId | None = None

    @property
    def to_all(self) -> bool:
        """Whether it was for everyone, and so went into the feed."""
        return self.delegation is None and self.sitting_id is None


@dataclass(frozen=True, slots=True)
class ClarificationAnswer:
    """What the operators answered, to whoever asked or to all."""

    actor: ActorId
    at_us: Micros
    text: str
    to_all: bool


@dataclass(frozen=True, slots=True)
class Clarification:
    """What a contestant asked. `item_no` is None when it is about no item."""

    clarification_id: int
    sitting_id: SittingId
    item_no: ItemNo | None
    question: str
    at_us: Micros
    answer: ClarificationAnswer | None = None


class WordsStore(Protocol):
    """Announcements, questions and their answers. They are only ever added to, with the audit."""

    async def add_announcement(self, session_id: SessionId, announcement: Announcement) -> int:
        """Add an announcement and return its id (the one it has is not looked at)."""
        ...

    async def announcements(self, session_id: SessionId) -> list[Announcement]:
        """Return the announcements of a session by id."""
        ...

    async def words_revision(self, session_id: SessionId) -> str:
        """Return a text that changes whenever announcements, questions or their answers are added."""
        ...

    async def add_clarification(self, session_id: SessionId, clarification: Clarification) -> int:
        """Add a contestant's question and return its id (the one it has is not looked at)."""
        ...

    async def answer_clarification(self, clarification_id: int, answer: ClarificationAnswer) -> None:
        """Answer a question; raises `AlreadyThere` when it has an answer, KeyError when there is none."""
        ...

    async def clarifications(self, session_id: SessionId) -> list[Clarification]:
        """Return the questions of a session with their answers, by id."""
        ...

"""Words between operators and contestants, as they are kept: announcements, questions and their answers."""

from leitai.office.words_ports import Announcement, Clarification, ClarificationAnswer, WordsStore
from leitai.rules.values import SessionId

NO_SESSION = SessionId(0)


class Words:
    """Those of the session in force, as this process knows them."""

    def __init__(self, store: WordsStore) -> None:
        self._store = store
        self._revision = ""
        self.session_id = NO_SESSION
        self.announcements: tuple[Announcement, ...] = ()
        self.clarifications: tuple[Clarification, ...] = ()
        self.edition = 0
        """Rises with everything that is added."""

    @property
    def unanswered(self) -> int:
        """How many questions wait."""
        return sum(1 for one in self.clarifications if one.answer is None)

    async def look(self, session_id: SessionId) -> None:
        """Learn what was added; raises `StoreUnavailable`."""
        revision = await self._store.words_revision(session_id)
        if (session_id, revision) == (self.session_id, self._revision):
            return
        announcements = tuple(await self._store.announcements(session_id))
        clarifications = tuple(await self._store.clarifications(session_id))
        self.announcements, self.clarifications = announcements, clarifications
        self.session_id, self._revision = session_id, revision
        self.edition += 1

    async def announce(self, session_id: SessionId, announcement: Announcement) -> None:
        """Keep an announcement, which goes into the audit with it; raises `StoreUnavailable`."""
        await self._store.add_announcement(session_id, announcement)
        await self.look(session_id)

    async def answer(self, session_id: SessionId, clarification_id: int, answer: ClarificationAnswer) -> None:
        """Keep the answer to a question, which goes into the audit with it.

        Raises:
            KeyError: there is no such question in the session.
            AlreadyThere: somebody has answered it.
            StoreUnavailable: from the store.
        """
        await self.look(session_id)
        if all(one.clarification_id != clarification_id for one in self.clarifications):
            raise KeyError(clarification_id)
        await self._store.answer_clarification(clarification_id, answer)
        await self.look(session_id)

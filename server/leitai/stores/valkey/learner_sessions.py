"""Learners' web sessions in Valkey: by the digest of a cookie, void once their person's sessions were ended."""

from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Commands
from leitai.stores.valkey.staff_sessions import RoundSessions

SESSION_S = 30 * 24 * 3600
"""Learners come back every day on a telephone of their own."""
_MOST_SEEN = 50_000


class ValkeyLearnerSessions:
    """`web.learners.LearnerSessions` on Valkey."""

    def __init__(self, store: Commands) -> None:
        self._sessions = RoundSessions(store, keys.learner_session, keys.learner_round, SESSION_S, _MOST_SEEN)

    async def open(self, learner_id: int) -> str:
        """Return the cookie value of a new session."""
        return await self._sessions.open(learner_id)

    async def learner(self, cookie: str) -> int | None:
        """Return whose cookie it is; what ended elsewhere ends here within 2 s."""
        return await self._sessions.person(cookie)

    async def close(self, cookie: str) -> None:
        """End one session."""
        await self._sessions.close(cookie)

    async def end(self, learner_id: int) -> None:
        """End every session that this person has, on whatever machine."""
        await self._sessions.end(learner_id)

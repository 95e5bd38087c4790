"""`web.doors.Results` from the office and, for the live canonical standings, the ledger."""

from collections.abc import Awaitable

import msgspec

from leitai.office.awards.published import PublishedAwards
from leitai.office.results import NothingThere, NotPublished, Results
from leitai.roles.parts import Parts
from leitai.rules.values import DelegationCode, SessionId, SittingId
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.valkey.session import ValkeySession
from leitai.web.doors import NotThere, NotYet
from leitai.wire.reveal_bodies import RevealBody


class KeptResults:
    """Results as the doors give them out."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._office = Results(parts.office)
        self._awards = PublishedAwards(parts.office, PostgresAwards(parts.database))

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        """See `doors.Results.own`."""
        return await _published(self._office.own(session_id, sitting_id))

    async def awards(self, session_id: SessionId) -> bytes:
        """See `doors.Results.awards`."""
        return await _published(self._awards.body(session_id))

    async def eligibility(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """See `doors.Results.eligibility`."""
        return await _published(self._office.eligibility(session_id, delegation))

    async def draw(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """See `doors.Results.draw`."""
        return await _published(self._office.draw(session_id, delegation))

    async def reveal(self, session_id: SessionId) -> bytes:
        """See `doors.Results.reveal`."""
        held = await ValkeySession(self._parts.reading, session_id, 1).reveal()
        return msgspec.json.encode(RevealBody(session_id, held.edition, held.reveal))

    async def standings(self, session_id: SessionId) -> bytes:
        """See `doors.Results.standings`."""
        session = ValkeySession(self._parts.reading, session_id, 1)
        state, standings = await session.state(), await session.standings()
        if state is None or state.freeze is not None or not standings:
            raise NotYet
        return standings


async def _published(asked: Awaitable[bytes]) -> bytes:
    """Say in the doors' words what the office refuses."""
    try:
        return await asked
    except NotPublished:
        raise NotYet from None
    except NothingThere:
        raise NotThere from None

"""`web.doors.Results` from the office and, for the live canonical standings, the ledger."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from leitai.office import earlier_results
from leitai.office.awards.published import PublishedAwards
from leitai.office.earlier_results import EarlierResults
from leitai.office.results import Judged, NothingThere, NotPublished, Results
from leitai.office.session_ports import FinalSession
from leitai.office.standings import OVER
from leitai.roles.parts import Parts
from leitai.rules.values import DelegationCode, SessionId, SittingId
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.valkey.session import ValkeySession
from leitai.web.doors import NotNow, NotThere, NotYet
from leitai.wire.reveal_bodies import RevealBody


class KeptResults:
    """Results as the doors give them out.

    Args:
        parts: of the process.
        finals: the newest sessions that are final and published.
        at_rest: whether a second's work holds nobody up.
    """

    def __init__(
        self,
        parts: Parts,
        finals: Callable[[], Awaitable[Sequence[FinalSession]]],
        at_rest: Callable[[], bool],
    ) -> None:
        self._parts = parts
        self._office = Results(parts.office)
        self._awards = kept_awards(parts)

        async def known() -> set[SessionId]:
            return {one.session_id for one in await finals()}

        async def judged(session_id: SessionId) -> Judged:
            # Not kept there: it would take the place of the session in force, and far more room than what it comes to.
            return await Results(parts.office).judged(session_id)

        self._earlier = EarlierResults(known, judged, parts.office.answers, at_rest)

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        """See `doors.Results.own`."""
        gateway = self._parts.running.gateway
        if gateway is None or gateway.file.session_id != session_id:
            return await _published(self._earlier.own(session_id, sitting_id))
        if gateway.ring.view.phase not in OVER:
            # Nothing is asked of the record while contestants answer.
            raise NotYet
        return await _published(self._office.own(session_id, sitting_id))

    async def awards(self, session_id: SessionId) -> bytes:
        """See `doors.Results.awards`."""
        return await self._awards(session_id)

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


def kept_awards(parts: Parts) -> Callable[[SessionId], Awaitable[bytes]]:
    """Return what gives awards as `doors.Results.awards` does."""
    awards = PublishedAwards(parts.office, PostgresAwards(parts.database))

    async def body(session_id: SessionId) -> bytes:
        return await _published(awards.body(session_id))

    return body


async def _published(asked: Awaitable[bytes]) -> bytes:
    """Say in the doors' words what the office refuses."""
    try:
        return await asked
    except NotPublished:
        raise NotYet from None
    except earlier_results.NotNow:
        raise NotNow from None
    except NothingThere:
        raise NotThere from None

"""One-use tickets, web sessions and counters of tries in Valkey. Secrets are stored as digests only."""

import hashlib
import secrets
import time

from leitai.live.ports import TicketRefused
from leitai.rules.values import SessionId, SittingId
from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Store, passing_failures

TICKET_S = 30
WEB_SESSION_S = 12 * 3600


class ValkeyTickets:
    """`live.ports.Tickets` on Valkey."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def issue(self, session_id: SessionId, sitting_id: SittingId) -> str:
        """See `Tickets.issue`."""
        ticket = secrets.token_urlsafe(24)
        async with passing_failures():
            await self._store.set(keys.ticket(_digest(ticket)), f"{session_id} {sitting_id}", ex=TICKET_S)
        return ticket

    async def redeem(self, ticket: str) -> tuple[SessionId, SittingId]:
        """See `Tickets.redeem`."""
        async with passing_failures():
            stored = await self._store.getdel(keys.ticket(_digest(ticket)))
        if stored is None:
            raise TicketRefused
        return _pair(stored)

    async def open_web_session(self, session_id: SessionId, sitting_id: SittingId) -> str:
        """See `Tickets.open_web_session`."""
        cookie = secrets.token_urlsafe(32)
        async with passing_failures():
            await self._store.set(keys.web_session(_digest(cookie)), f"{session_id} {sitting_id}", ex=WEB_SESSION_S)
        return cookie

    async def web_session(self, cookie: str) -> tuple[SessionId, SittingId] | None:
        """See `Tickets.web_session`."""
        async with passing_failures():
            stored = await self._store.get(keys.web_session(_digest(cookie)))
        return _pair(stored) if stored else None

    async def close_web_session(self, cookie: str) -> None:
        """See `Tickets.close_web_session`."""
        async with passing_failures():
            await self._store.delete(keys.web_session(_digest(cookie)))

    async def tries(self, name: str, window_s: int) -> int:
        """See `Tickets.tries`."""
        key = keys.tries(_digest(name), int(time.time()) // window_s)
        async with passing_failures():
            pipe = self._store.pipeline(transaction=False)
            pipe.incr(key)
            pipe.expire(key, window_s)
            count, _ = await pipe.execute()
        return count


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:40]


def _pair(stored: bytes) -> tuple[SessionId, SittingId]:
    session_id, _, sitting_id = stored.partition(b" ")
    return SessionId(int(session_id)), SittingId(int(sitting_id))

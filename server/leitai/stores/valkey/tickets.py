"""One-use tickets, web sessions and counters of tries in Valkey. Secrets are stored as digests only."""

import hashlib
import secrets
import time
from collections.abc import Callable

from leitai.live.ports import Admitted, TicketRefused
from leitai.rules.values import SessionId, SittingId
from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Commands

TICKET_S = 30
HAND_OVER_S = 60
WEB_SESSION_S = 12 * 3600
SEEN_S = 1.5
"""For so long a process believes a web session without asking again; one that ended elsewhere ends here by then."""
_MOST_SEEN = 10_000


class ValkeyTickets:
    """`live.ports.Tickets` on Valkey."""

    def __init__(self, store: Commands, now_s: Callable[[], float] = time.time) -> None:
        """`now_s`: the clock by which tries are counted."""
        self._store = store
        self._now_s = now_s
        self._seen: dict[str, tuple[float, tuple[SessionId, SittingId]]] = {}

    async def issue(self, session_id: SessionId, sitting_id: SittingId, network: str) -> str:
        """See `Tickets.issue`."""
        ticket = secrets.token_urlsafe(24)
        value = f"{session_id} {sitting_id} {network}"
        await self._store.execute_command("SET", keys.ticket(digest(ticket)), value, "EX", TICKET_S)
        return ticket

    async def redeem(self, ticket: str) -> Admitted:
        """See `Tickets.redeem`."""
        stored = await self._store.execute_command("GETDEL", keys.ticket(digest(ticket)))
        if stored is None:
            raise TicketRefused
        whose, _, network = stored.rpartition(b" ")
        return Admitted(*_pair(whose), network.decode())

    async def open_web_session(self, session_id: SessionId, sitting_id: SittingId) -> str:
        """See `Tickets.open_web_session`."""
        cookie = secrets.token_urlsafe(32)
        await self._store.execute_command(
            "SET", keys.web_session(digest(cookie)), f"{session_id} {sitting_id}", "EX", WEB_SESSION_S
        )
        return cookie

    async def web_session(self, cookie: str) -> tuple[SessionId, SittingId] | None:
        """See `Tickets.web_session`."""
        name = digest(cookie)
        now = time.monotonic()
        if (seen := self._seen.get(name)) and now < seen[0]:
            return seen[1]
        stored = await self._store.execute_command("GET", keys.web_session(name))
        if not stored:
            self._seen.pop(name, None)
            return None
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[name] = (now + SEEN_S, _pair(stored))
        return _pair(stored)

    async def close_web_session(self, cookie: str) -> None:
        """See `Tickets.close_web_session`."""
        self._seen.pop(digest(cookie), None)
        await self._store.execute_command("DEL", keys.web_session(digest(cookie)))

    async def hand_over(self, session_id: SessionId, sitting_id: SittingId) -> str:
        """See `Tickets.hand_over`."""
        code = secrets.token_urlsafe(24)
        await self._store.execute_command(
            "SET", keys.hand_over(digest(code)), f"{session_id} {sitting_id}", "EX", HAND_OVER_S
        )
        return code

    async def take_over(self, code: str) -> tuple[SessionId, SittingId]:
        """See `Tickets.take_over`."""
        stored = await self._store.execute_command("GETDEL", keys.hand_over(digest(code)))
        if stored is None:
            raise TicketRefused
        return _pair(stored)

    async def tries(self, name: str, window_s: int) -> int:
        """See `Tickets.tries`."""
        key = keys.tries(digest(name), int(self._now_s()) // window_s)
        count: int = await self._store.execute_command("INCR", key)
        if count == 1:
            await self._store.execute_command("EXPIRE", key, window_s)
        return count


def digest(secret: str) -> str:
    """Return the name under which a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()[:40]


def _pair(stored: bytes) -> tuple[SessionId, SittingId]:
    session_id, _, sitting_id = stored.partition(b" ")
    return SessionId(int(session_id)), SittingId(int(sitting_id))

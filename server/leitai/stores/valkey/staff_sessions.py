"""The staff's web sessions in Valkey: by the digest of a cookie, void once their person's sessions were ended."""

import secrets
import time
from collections.abc import Callable

from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Commands
from leitai.stores.valkey.tickets import SEEN_S, WEB_SESSION_S, digest

_MOST_SEEN = 1_000


class RoundSessions:
    """Sessions of people, of whatever kind.

    A session names the round of its person's sessions in which it was opened. Ending them all begins a new round, so
    that nothing need be searched for, on one Valkey or on a Cluster.

    Args:
        store: where they are.
        session: the key of a session by the digest of its cookie.
        round_of: the key of a person's round.
        lasts_s: how long a session lasts.
        most_seen: how many this process believes without asking again.
    """

    def __init__(
        self,
        store: Commands,
        session: Callable[[str], str],
        round_of: Callable[[int], str],
        lasts_s: int,
        most_seen: int,
    ) -> None:
        self._store = store
        self._session = session
        self._round_of = round_of
        self._lasts_s = lasts_s
        self._most_seen = most_seen
        self._seen: dict[str, tuple[float, int]] = {}

    async def open(self, person: int) -> str:
        """Return the cookie value of a new session."""
        cookie = secrets.token_urlsafe(32)
        value = f"{person} {await self._round(person)}"
        await self._store.execute_command("SET", self._session(digest(cookie)), value, "EX", self._lasts_s)
        return cookie

    async def person(self, cookie: str) -> int | None:
        """Return whose cookie it is; what ended elsewhere ends here within 2 s."""
        name = digest(cookie)
        now = time.monotonic()
        if (seen := self._seen.get(name)) and now < seen[0]:
            return seen[1]
        stored: bytes | None = await self._store.execute_command("GET", self._session(name))
        person, _, begun = (stored or b"0").partition(b" ")
        holds = stored is not None and int(begun) == await self._round(int(person))
        if not holds:
            self._seen.pop(name, None)
            return None
        if len(self._seen) >= self._most_seen:
            self._seen.clear()
        self._seen[name] = (now + SEEN_S, int(person))
        return int(person)

    async def close(self, cookie: str) -> None:
        """End one session."""
        await self.close_named(digest(cookie))

    async def close_named(self, name: str) -> None:
        """End one session, by the digest of its cookie."""
        self._seen.pop(name, None)
        await self._store.execute_command("DEL", self._session(name))

    async def end(self, person: int) -> None:
        """End every session that a person has, on whatever machine."""
        self._seen = {name: seen for name, seen in self._seen.items() if seen[1] != person}
        # By the clock rather than one by one: a round never comes back, even once its key has been lost.
        await self._store.execute_command("SET", self._round_of(person), time.time_ns() // 1000)

    async def _round(self, person: int) -> int:
        return int(await self._store.execute_command("GET", self._round_of(person)) or 0)


class ValkeyStaffSessions:
    """`office.staff_ports.StaffSessions` on Valkey."""

    def __init__(self, store: Commands) -> None:
        self._sessions = RoundSessions(store, keys.staff_session, keys.staff_round, WEB_SESSION_S, _MOST_SEEN)

    async def open_staff_session(self, staff_id: int) -> str:
        """See `StaffSessions.open_staff_session`."""
        return await self._sessions.open(staff_id)

    async def staff_session(self, cookie: str) -> int | None:
        """See `StaffSessions.staff_session`."""
        return await self._sessions.person(cookie)

    async def close_staff_session(self, cookie: str) -> None:
        """See `StaffSessions.close_staff_session`."""
        await self._sessions.close(cookie)

    def staff_session_name(self, cookie: str) -> str:
        """See `StaffSessions.staff_session_name`."""
        return digest(cookie)

    async def close_named_staff_session(self, name: str) -> None:
        """See `StaffSessions.close_named_staff_session`."""
        await self._sessions.close_named(name)

    async def end_staff_sessions(self, staff_id: int) -> None:
        """See `StaffSessions.end_staff_sessions`."""
        await self._sessions.end(staff_id)

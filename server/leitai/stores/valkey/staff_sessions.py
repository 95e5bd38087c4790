"""The staff's web sessions in Valkey: by the digest of a cookie, void once their person's sessions were ended."""

import secrets
import time

from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Commands
from leitai.stores.valkey.tickets import SEEN_S, WEB_SESSION_S, digest

_MOST_SEEN = 1_000


class ValkeyStaffSessions:
    """`office.ports.StaffSessions` on Valkey.

    A session names the round of its person's sessions in which it was opened. Ending them all begins a new round, so
    that nothing need be searched for, on one Valkey or on a Cluster.
    """

    def __init__(self, store: Commands) -> None:
        self._store = store
        self._seen: dict[str, tuple[float, int]] = {}

    async def open_staff_session(self, staff_id: int) -> str:
        """See `StaffSessions.open_staff_session`."""
        cookie = secrets.token_urlsafe(32)
        value = f"{staff_id} {await self._round(staff_id)}"
        await self._store.execute_command("SET", keys.staff_session(digest(cookie)), value, "EX", WEB_SESSION_S)
        return cookie

    async def staff_session(self, cookie: str) -> int | None:
        """See `StaffSessions.staff_session`."""
        name = digest(cookie)
        now = time.monotonic()
        if (seen := self._seen.get(name)) and now < seen[0]:
            return seen[1]
        stored: bytes | None = await self._store.execute_command("GET", keys.staff_session(name))
        staff_id, _, begun = (stored or b"0").partition(b" ")
        holds = stored is not None and int(begun) == await self._round(int(staff_id))
        if not holds:
            self._seen.pop(name, None)
            return None
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[name] = (now + SEEN_S, int(staff_id))
        return int(staff_id)

    async def close_staff_session(self, cookie: str) -> None:
        """See `StaffSessions.close_staff_session`."""
        self._seen.pop(digest(cookie), None)
        await self._store.execute_command("DEL", keys.staff_session(digest(cookie)))

    async def end_staff_sessions(self, staff_id: int) -> None:
        """See `StaffSessions.end_staff_sessions`."""
        self._seen = {name: seen for name, seen in self._seen.items() if seen[1] != staff_id}
        # By the clock rather than one by one: a round never comes back, even once its key has been lost.
        await self._store.execute_command("SET", keys.staff_round(staff_id), time.time_ns() // 1000)

    async def _round(self, staff_id: int) -> int:
        return int(await self._store.execute_command("GET", keys.staff_round(staff_id)) or 0)

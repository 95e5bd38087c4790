"""`office.identity_ports.SignInFlows` on Valkey: by the digest of a cookie, each for minutes only."""

import secrets

from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Commands
from leitai.stores.valkey.tickets import digest


class ValkeySignInFlows:
    """Sign-ins of the staff that are under way."""

    def __init__(self, store: Commands) -> None:
        self._store = store

    async def keep_flow(self, content: bytes, seconds: int) -> str:
        """See `SignInFlows.keep_flow`."""
        cookie = secrets.token_urlsafe(32)
        await self._store.execute_command("SET", keys.sign_in_flow(digest(cookie)), content, "EX", seconds)
        return cookie

    async def flow(self, cookie: str) -> bytes | None:
        """See `SignInFlows.flow`."""
        return await self._store.execute_command("GET", keys.sign_in_flow(digest(cookie)))

    async def take_flow(self, cookie: str) -> bytes | None:
        """See `SignInFlows.take_flow`."""
        return await self._store.execute_command("GETDEL", keys.sign_in_flow(digest(cookie)))

"""What goes on air, as a process comes to know it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

from leitai.office.air_ports import AirLine, AirToken, BroadcastStore, Channel, Shown
from leitai.office.broadcast import Broadcast
from leitai.rules.values import Micros, SessionId

KEY = bytes(32)
ON_AIR = Channel("main", 14, Shown("strip", {"count": 5}))
LINE = AirLine(1, Micros(5), "欢迎")


class SlowStore:
    """Tells of tokens at once, and of all else when it is let."""

    def __init__(self) -> None:
        self.tokens: list[AirToken] = []
        self.asked, self.told = asyncio.Event(), asyncio.Event()

    async def air_tokens(self) -> Sequence[AirToken]:
        return self.tokens

    async def add_air_token(self, name: str, digest: bytes, actor: str) -> int:
        self.tokens.append(AirToken(1, name, digest, Micros(1), actor, Micros(0), revoked=False))
        return 1

    async def channels(self) -> Sequence[Channel]:
        return [ON_AIR]

    async def air_lines(self, session_id: SessionId) -> Sequence[AirLine]:
        self.asked.set()
        await self.told.wait()
        return [LINE]

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None: ...


async def test_no_token_lets_in_before_it_is_known_what_is_on_air() -> None:
    """After a start: an overlay that got an empty channel first would go dark before everybody's eyes."""
    store = SlowStore()
    _, secret = await Broadcast(cast("BroadcastStore", store), KEY).issue("air-1", "OBS")
    started = Broadcast(cast("BroadcastStore", store), KEY)
    refreshing = asyncio.create_task(started.refresh(SessionId(7)))
    await store.asked.wait()
    assert started.token(secret) is None
    store.told.set()
    await refreshing
    assert started.token(secret) is not None
    assert (started.channel("main"), started.lines) == (ON_AIR, [LINE])

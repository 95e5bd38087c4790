"""The director: conducts the session, counts its standings."""

import asyncio
from collections.abc import Callable

from leitai.live.clock import ContestClock
from leitai.live.director import Director
from leitai.live.ports import SessionFile
from leitai.roles.following import follow
from leitai.roles.parts import Parts
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.session import ValkeySession


async def direct(parts: Parts, stopping: asyncio.Event, began: Callable[[], None]) -> None:
    """Conduct the session in force until `stopping`."""
    await follow(parts, stopping, lambda file: _direct(parts, file), began)


async def _direct(parts: Parts, file: SessionFile) -> None:
    session = ValkeySession(parts.reading, file.session_id, file.shards)
    ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
    parts.running.director = Director(parts.name, file, session, ledger, parts.archive, ContestClock(ledger))
    await parts.running.director.run()

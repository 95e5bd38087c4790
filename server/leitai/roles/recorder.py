"""The recorder: writes what the ledger holds into the archive."""

import asyncio
from collections.abc import Callable

from leitai.live.ports import SessionFile
from leitai.live.recorder import Recorder
from leitai.roles.following import follow
from leitai.roles.parts import Parts
from leitai.stage_doors import keep_stages
from leitai.stores.valkey.session import ValkeySession


async def record(parts: Parts, stopping: asyncio.Event, began: Callable[[], None]) -> None:
    """Record the session in force, and stages under way, until `stopping`. Those of 月月比 leave stages to others."""
    following = follow(parts, stopping, lambda file: _record(parts, file), began)
    if parts.settings.lane != "contest":
        await following
        return
    await asyncio.gather(following, keep_stages(parts.database, parts.settings, parts.store, stopping))


async def _record(parts: Parts, file: SessionFile) -> None:
    streams = ValkeySession(parts.reading, file.session_id, file.shards)
    parts.running.recorder = Recorder(file.session_id, file.shards, streams, parts.archive)
    await parts.running.recorder.run()

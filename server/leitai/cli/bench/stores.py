"""`leitai bench stores`: the embedded stores alone, new, started; the floor of a cold start."""

import asyncio
from pathlib import Path

from leitai.cli.bench.telling import heard, tell
from leitai.stores.embedded.stores import EmbeddedStores


def stores(*, data: Path) -> None:
    """Start both stores in `data`, tell `{"started": true}`, and stop them when standard input ends."""
    asyncio.run(_stores(data))


async def _stores(data: Path) -> None:
    async with EmbeddedStores(data):
        tell(started=True)
        async for _ in heard():
            continue

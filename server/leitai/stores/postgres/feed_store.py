"""The event feed in PostgreSQL: `office.air_ports.FeedStore`."""

from collections.abc import Sequence

from leitai.office.air_ports import FeedEvent
from leitai.rules.values import SessionId
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries

_FEED = Queries("feed")
SCOREBOARDS = 200
"""So many of the newest are kept."""


class FeedLog:
    """What was told of each session."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def feed_after(self, session_id: SessionId, seq: int) -> Sequence[FeedEvent]:
        """See `FeedStore.feed_after`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FEED["after"], session_id, seq)
        return [FeedEvent(row["seq"], row["type"], row["object_id"], row["data"].encode()) for row in found]

    async def append_feed(self, session_id: SessionId, holder: str, events: Sequence[FeedEvent]) -> bool:
        """See `FeedStore.append_feed`."""
        async with self._database.transaction() as connection:
            # The row stays locked to the end of the transaction: nobody else adds meanwhile.
            if await connection.fetchval(_FEED["hold"], session_id, holder) is None:
                return False
            if not events:
                return True
            if await connection.fetchval(_FEED["last"], session_id) != events[0].seq - 1:
                return False
            rows = [(session_id, one.seq, one.type, one.object_id, one.data.decode()) for one in events]
            await connection.executemany(_FEED["append"], rows)
            if any(one.type == "scoreboard" for one in events):
                await connection.execute(_FEED["thin"], session_id, SCOREBOARDS)
        return True

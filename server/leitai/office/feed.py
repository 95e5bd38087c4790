"""The event feed of a session: what changed of which object, in order, kept so that whoever comes back misses nothing.

One process adds to it; every process tells it, from memory. Tokens are numbers of lines: they hold across restarts.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from leitai.office.air_ports import FeedEvent, FeedStore
from leitai.rules.values import SessionId
from leitai.wire.feed_bodies import FeedNotification, FeedType

ObjectKey = tuple[str, str]
"""Type and id; the id is empty for what there is one of."""
_GONE = b"null"


class EventLog:
    """The feed of one session as this process knows it.

    Args:
        store: where it is kept.
        session_id: whose feed it is.
        holder: this process's own name among all.
    """

    def __init__(self, store: FeedStore, session_id: SessionId, holder: str) -> None:
        self.session_id = session_id
        self._store = store
        self._holder = holder
        self._seqs: list[int] = []
        self._lines: list[bytes] = []
        self._latest: dict[ObjectKey, bytes] = {}
        self._grown = asyncio.Event()

    @property
    def last(self) -> int:
        """The number of the newest line; 0 before the first."""
        return self._seqs[-1] if self._seqs else 0

    def latest(self, type_: str, object_id: str = "") -> bytes | None:
        """Return an object's JSON as it is now; None when there is none."""
        return self._latest.get((type_, object_id))

    def all_of(self, type_: str) -> list[bytes]:
        """Return the JSON of every object of a type, in the order in which they came."""
        return [data for (kind, _), data in self._latest.items() if kind == type_]

    def after(self, seq: int) -> list[tuple[int, bytes]]:
        """Return the lines after a number."""
        place = bisect_right(self._seqs, seq)
        return list(zip(self._seqs[place:], self._lines[place:], strict=True))

    async def grown(self, since: int) -> None:
        """Wait until there is a line after a number."""
        while self.last <= since:
            await self._grown.wait()

    async def follow(self) -> None:
        """Take in what is kept and not known yet. Raises `StoreUnavailable`."""
        self._take(await self._store.feed_after(self.session_id, self.last))

    async def tell(self, objects: Mapping[ObjectKey, bytes]) -> bool:
        """Append whatever differs from what was told; objects that are missing are gone.

        False: another process adds to the feed, or did meanwhile. Raises `StoreUnavailable`.
        """
        events = self._changes(objects)
        if not await self._store.append_feed(self.session_id, self._holder, events):
            return False
        self._take(events)
        return True

    def _changes(self, objects: Mapping[ObjectKey, bytes]) -> list[FeedEvent]:
        changed = [(key, data) for key, data in objects.items() if self._latest.get(key) != data]
        changed += [(key, _GONE) for key in self._latest if key not in objects]
        return [FeedEvent(seq, *key, data) for seq, (key, data) in enumerate(changed, self.last + 1)]

    def _take(self, events: Sequence[FeedEvent]) -> None:
        for event in events:
            key = (event.type, event.object_id)
            if event.data == _GONE:
                self._latest.pop(key, None)
            else:
                self._latest[key] = event.data
            self._seqs.append(event.seq)
            self._lines.append(_line(event))
        if events:
            self._grown.set()
            self._grown = asyncio.Event()


def _line(event: FeedEvent) -> bytes:
    kind = cast("FeedType", event.type)
    return msgspec.json.encode(FeedNotification(str(event.seq), event.object_id or None, kind, msgspec.Raw(event.data)))

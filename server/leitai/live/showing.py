"""Showing the standings: board pages to whoever watches them, their own place to contestants.

Each page is worked out and encoded once, however many watch it. A connection that does not read is skipped, and gets
its page whole when it reads again: of boards the latest wins.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from leitai.live.boards import PAGE, BoardTable, PageKey, WatchedPage
from leitai.live.connection import Connection, Stage
from leitai.live.ports import BoardUpdate, SessionFile
from leitai.rules.values import SittingId
from leitai.wire.codec import encode
from leitai.wire.messages import BoardRow, ClientWatch, ServerOwn, ServerProgress, View

LOBBY_EVERY_US = 2_000_000
_AT_ONCE = 50
_Write = Callable[[Connection, Sequence[bytes]], None]


class Showing:
    """The watched pages of one gateway, and what contestants were told of themselves."""

    def __init__(self, file: SessionFile, table: BoardTable, write: _Write) -> None:
        """`write` writes frames to a connection together with whatever of the feed it does not have yet."""
        self._file = file
        self._table = table
        self._write = write
        self._watchers: dict[PageKey, set[Connection]] = {}
        self._pages: dict[PageKey, WatchedPage] = {}
        self._behind: set[Connection] = set()
        self._told: dict[SittingId, tuple[int, int]] = {}
        self._lobby_told_us = 0

    def watch(self, connection: Connection, message: ClientWatch) -> None:
        """Show a connection another page, whole, and keep it up to date."""
        self.forget(connection)
        if message.view is View.NONE:
            return
        delegation = message.delegation if message.view is View.PROVINCE else ""
        if delegation and not any(delegation == known.code for known in self._file.delegations):
            connection.fault("not-found")
            return
        last_page = max(1, -(-len(self._file.members) // PAGE))
        page = 1 if message.view is View.DELEGATIONS else min(message.page, last_page)
        key = (message.view, page, delegation)
        connection.watching = key
        self._watchers.setdefault(key, set()).add(connection)
        watched = self._pages.setdefault(key, WatchedPage(key))
        connection.send_many((encode(watched.full(self._table)), self._progress()))

    def forget(self, connection: Connection) -> None:
        """Stop showing a connection its page."""
        self._behind.discard(connection)
        key, connection.watching = connection.watching, None
        watchers = self._watchers.get(key) if key is not None else None
        if key is not None and watchers is not None:
            watchers.discard(connection)
            if not watchers:
                del self._watchers[key]
                self._pages.pop(key, None)

    def resumed(self, connection: Connection) -> None:
        """A connection reads again: give it the page it missed, whole."""
        if connection not in self._behind:
            return
        self._behind.discard(connection)
        watched = self._pages.get(connection.watching) if connection.watching is not None else None
        if watched is not None:
            connection.send(encode(watched.full(self._table)))

    def show(self) -> None:
        """Bring every watched page to the table's version."""
        progress = self._progress()
        for key, watchers in self._watchers.items():
            delta = self._pages[key].delta(self._table)
            frames = (encode(delta), progress) if delta else (progress,)
            for connection in watchers:
                if connection.stalled_us:
                    self._behind.add(connection)
                else:
                    connection.send_many(frames)

    def show_lobby(self, contestants: Mapping[SittingId, Connection]) -> None:
        """Show those who wait how the nation arrives; while they answer nothing moves but their own item."""
        now_us = time.monotonic_ns() // 1000
        if now_us - self._lobby_told_us >= LOBBY_EVERY_US:
            self._lobby_told_us = now_us
            progress = self._progress()
            for connection in contestants.values():
                connection.send(progress)

    async def tell_own(self, contestants: Mapping[SittingId, Connection], updates: Sequence[BoardUpdate]) -> None:
        """Tell contestants their own score and rank where they changed, a few at a time so that nothing else waits."""
        if not self._file.show_own or not any(update.people for update in updates):
            return
        for index, (sitting_id, connection) in enumerate(list(contestants.items())):
            row = self._table.person(sitting_id)
            if row is None or connection.stage is not Stage.LIVE or connection.stalled_us:
                continue
            if self._told.get(sitting_id) != (row.centipoints, row.rank):
                self._told[sitting_id] = (row.centipoints, row.rank)
                self._write(connection, (self._own(row),))
            if index % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)

    def own(self, sitting_id: SittingId) -> list[bytes]:
        """Return the frame that tells who came back their own score and rank; none before they were told first."""
        row = self._table.person(sitting_id)
        return [self._own(row)] if row is not None and sitting_id in self._told else []

    def _own(self, row: BoardRow) -> bytes:
        total = len(self._table.people())
        return encode(ServerOwn(self._table.version, row.centipoints, row.rank, total, row.elapsed_ms * 1000))

    def _progress(self) -> bytes:
        table = self._table
        return encode(ServerProgress(table.item, table.answered, table.connected, len(self._file.members)))

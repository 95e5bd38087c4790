"""Showing the standings: board pages to whoever watches them, their own place to contestants.

Each page is worked out and encoded once, however many watch it. The audience is written to in rounds, each in slices
between which the loop turns, so that no contestant's frame waits for thousands of viewers'. A round brings everyone
from where the last one left them to what holds when it begins: of boards the latest wins. A connection that does not
read is left out, and gets what it missed when it reads again.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from itertools import count

from leitai.live.boards import PAGE, BoardTable, PageKey, WatchedPage
from leitai.live.connection import Connection, Stage
from leitai.live.ports import BoardUpdate, SessionFile
from leitai.rules.values import SittingId
from leitai.wire.codec import encode
from leitai.wire.messages import BoardRow, ClientWatch, ServerOwn, ServerProgress, View

LOBBY_EVERY_US = 2_000_000
SLICE = 24
"""So many sockets are written to in one turn of the loop: some tenths of a millisecond, of which an answer on its way
through the loop meets four or five."""
APART = 40
APART_REST_S = 0.001
"""Where a process has viewers only it writes to so many, and then leaves its processor for so long: one that is merely
behind the others in rank keeps it from them until the next tick of the clock, some milliseconds (perf sched)."""
EVERY_S = 1.0
NUMBERS_SHARE = 0.01
"""Of the loop's time, what numbers alone (how many answered, how many are there) may take of it: thousands of viewers
are told them every ten seconds, and news at once."""
PATIENCE_S = 0.25
"""So long a round waits at most, all in all, while contestants are served."""
CROWD_PATIENCE_S = 0.5
"""So much longer while a crowd answers."""
_LOOK_AGAIN_S = 0.001
_TOGETHER_S = 0.4
"""What the feed says of boards (an item closed) waits so long for the board that follows."""
_AT_ONCE = 50
_Write = Callable[[Connection, Sequence[bytes]], None]


class Showing:
    """The pages that are watched at one gateway, and what contestants were told of themselves."""

    def __init__(
        self,
        file: SessionFile,
        table: BoardTable,
        everyone: Collection[Connection],
        write: _Write,
        serving: Callable[[], bool] = lambda: False,
        crowded: Callable[[], bool] = lambda: False,
        *,
        apart: bool = False,
    ) -> None:
        """`everyone` holds the connections of the moment; the audience are viewers, and contestants who watch a page.

        `write` writes frames to a connection together with whatever of the feed it does not have yet. `serving` tells
        whether contestants are being served this very moment, and viewers had better wait; `crowded`, whether there are
        many of them. `apart`: this process has viewers only, and others' contestants beside it on the machine.
        """
        self._file = file
        self._table = table
        self._everyone = everyone
        self._write = write
        self._serving = serving
        self._crowded = crowded
        self._slice = APART if apart else SLICE
        self._rest_s = APART_REST_S if apart else 0.0
        self._pages: dict[PageKey, WatchedPage] = {}
        self._numbers = count(1)
        self._told: dict[SittingId, tuple[int, int]] = {}
        self._lobby_told_us = 0
        self._moved = asyncio.Event()
        self._news = asyncio.Event()
        """Set when what moved is more than numbers: rows, or the feed."""
        self._progress_shown = b""
        self._took_s = 0.0
        """How much of the processor the last round took, all slices together."""

    # --- the audience -------------------------------------------------------------------------------------------------

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
        watched = self._pages.get(key)
        if watched is None:
            watched = self._pages[key] = WatchedPage(key, next(self._numbers))
        watched.watchers += 1
        connection.watching = watched
        connection.send_many((watched.whole(self._table), self._progress()))
        connection.shown = watched.version

    def forget(self, connection: Connection) -> None:
        """Stop showing a connection its page."""
        watched, connection.watching = connection.watching, None
        if watched is not None:
            watched.watchers -= 1
            if not watched.watchers:
                del self._pages[watched.key]

    def resumed(self, connection: Connection) -> None:
        """A connection reads again: give it the page it missed, whole."""
        watched = connection.watching
        if watched is None or connection.shown == watched.version:
            self._write(connection, ())
        else:
            connection.shown = watched.version
            self._write(connection, (watched.whole(self._table),))

    # --- rounds -------------------------------------------------------------------------------------------------------

    def board_moved(self, updates: Sequence[BoardUpdate]) -> None:
        """The table was moved by these updates: the next round shows it."""
        self._moved.set()
        if any(update.moves for update in updates):
            self._news.set()

    def feed_moved(self) -> None:
        """The feed has another entry: the next round carries it."""
        asyncio.get_running_loop().call_later(_TOGETHER_S, self._feed_waited)

    def _feed_waited(self) -> None:
        self._moved.set()
        self._news.set()

    async def run(self) -> None:
        """Show whatever moves until cancelled, at most once a second; news after numbers alone need not wait."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            has_news = self._news.is_set()
            self._news.clear()
            await self.round()
            if has_news:
                await asyncio.sleep(EVERY_S)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(EVERY_S, self._took_s / NUMBERS_SHARE)):
                        await self._news.wait()

    async def round(self) -> None:
        """Bring the audience to what the table and the feed say now."""
        patient_until_s = time.monotonic() + PATIENCE_S
        await self._give_way(patient_until_s)
        progress = self._progress()
        if progress == self._progress_shown:
            progress = b""
        else:
            self._progress_shown = progress
        news: dict[WatchedPage, tuple[int, Sequence[bytes]]] = {}
        for watched in self._pages.values():
            base = watched.version
            news[watched] = (base, [frame for frame in (watched.advance(self._table), progress) if frame])
        everyone = list(self._everyone)
        took_s = 0.0
        for first in range(0, len(everyone), self._slice):
            began_s = time.thread_time()
            for connection in everyone[first : first + self._slice]:
                self._bring(connection, news, progress)
            took_s += time.thread_time() - began_s
            if first + self._slice <= len(everyone):
                await self._give_way(patient_until_s)
        self._took_s = took_s

    def _bring(
        self, connection: Connection, news: Mapping[WatchedPage, tuple[int, Sequence[bytes]]], progress: bytes
    ) -> None:
        watched = connection.watching
        if connection.stalled_us or (watched is None and connection.is_contestant):
            return
        if watched is None:
            self._write(connection, ())
            return
        base, frames = news.get(watched, (watched.version, ()))
        if connection.shown != base:
            # It came to this page while the round was under way, or could not be written to in an earlier one.
            has_it = connection.shown == watched.version
            frames = () if has_it else (watched.whole(self._table), *([progress] if progress else []))
        connection.shown = watched.version
        self._write(connection, frames)

    async def _give_way(self, patient_until_s: float) -> None:
        """Let frames in and acknowledgements out; while contestants are served, wait as long as patience lasts."""
        await asyncio.sleep(self._rest_s)
        # Seldom, and bounded: what contestants are waiting for changes without telling anybody.
        while self._come_first(time.monotonic() - patient_until_s):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _come_first(self, impatience_s: float) -> bool:
        """Whether contestants are to be served before viewers, so long after patience has run out."""
        if impatience_s < 0:
            return self._serving()
        return impatience_s < CROWD_PATIENCE_S and self._crowded()

    # --- contestants --------------------------------------------------------------------------------------------------

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
        if not self._file.show_own or not any(update.moves for update in updates):
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
        """Return the frame that tells who came back their own score and rank; none before they were told first.

        A frozen board does not move and tells nobody anew: whoever comes gets what stands.
        """
        row = self._table.person(sitting_id)
        told = sitting_id in self._told or (self._table.frozen and self._file.show_own)
        return [self._own(row)] if row is not None and told else []

    def _own(self, row: BoardRow) -> bytes:
        total = len(self._table.people())
        return encode(ServerOwn(self._table.version, row.centipoints, row.rank, total, row.elapsed_ms * 1000))

    def _progress(self) -> bytes:
        table = self._table
        return encode(ServerProgress(table.item, table.answered, table.connected, len(self._file.members)))

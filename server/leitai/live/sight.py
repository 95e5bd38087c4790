"""A session as seen from outside the gateways: its state, people, answers and public board, followed for the staff.

It reads the ledger's streams by itself, in a process apart, so that nobody who watches costs a contestant anything.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from enum import Enum
from typing import Any

import structlog

from leitai.live.boards import BoardTable
from leitai.live.clock import ContestClock
from leitai.live.desk import Desk
from leitai.live.health import Health, RecorderHealth
from leitai.live.notes import read_note
from leitai.live.ports import STORE_LOSS, SessionFile, SessionState, SightStore, SittingEvent, StoreUnavailable
from leitai.live.readiness import Readiness
from leitai.rules.timeline import windows
from leitai.rules.values import ItemNo, Micros, Phase
from leitai.wire.air_bodies import AirReveal
from leitai.wire.codec import decode_feed_entry
from leitai.wire.messages import ServerAnnouncement

_BLOCK_MS = 5000
_ENTRIES = 200
_REST_S = 0.1
"""Between two reads of answers, where one has taken all there were: desks are told four times a second."""
_LOOK_S = 0.25
_AGAIN_S = 0.5
_HEALTH_S = 2.0
_log = structlog.get_logger()
_NO_MORE = (Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED)


class ItemState(Enum):
    """How far an item is."""

    WAITING = "waiting"
    """Its key is in no browser yet, and belongs in none, a judge's neither."""
    OPEN = "open"
    CLOSED = "closed"
    SKIPPED = "skipped"


class Sight:
    """Follows one session until `stop`. `changed` is set whenever something moved."""

    def __init__(self, file: SessionFile, store: SightStore, clock: ContestClock) -> None:
        self.file = file
        self.clock = clock
        self.state: SessionState | None = None
        """None until a director has taken the session up."""
        self.readiness = Readiness(file.members)
        self.desk = Desk(file)
        """Has an edition of its own: answers move nothing else."""
        self.table = BoardTable(file.members, file.delegations)
        """The public board: all that may be shown outside the house."""
        self.truth = BoardTable(file.members, file.delegations)
        """The true board; while the public one is frozen, for the staff alone."""
        self.looked_us = 0
        """A moment at which `state` was in force, on the contest's clock: what opened by then has opened."""
        self.announcements: dict[int, ServerAnnouncement] = {}
        """Words to everyone, by id."""
        self.reveal: AirReveal | None = None
        """As far as it was played; None while nothing is being revealed."""
        self.gateways: dict[str, Micros] = {}
        self.store_away = False
        self.health = Health()
        self._healthy_s = 0.0
        self.notes: set[str] = set()
        """Which notes to contestants the ledger holds, by id."""
        self.caught_up = False
        """Whether all events up to now are known."""
        self.edition = 0
        """Counts what moved."""
        self._store = store
        self._moved = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to follow."""
        answers = [self._follow_answers(shard) for shard in range(self.file.shards)]
        works = (
            self._follow_clock(),
            self._follow_state(),
            self._follow_events(),
            self._follow_board(),
            self._follow_truth(),
            self._follow_feed(),
            *answers,
        )
        for work in works:
            self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """Follow no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look_behind(self, positions: Sequence[str]) -> None:
        """Learn how far the recorder is, which has recorded each shard's answers up to `positions`."""
        found = [await self._store.behind(shard, position) for shard, position in enumerate(positions)]
        self.health.recorder = RecorderHealth(sum(count for count, _ in found), max(age_us for _, age_us in found))

    async def moved(self, since: int) -> int:
        """Wait until something has moved since edition `since`; return the edition now."""
        while self.edition == since:
            await self._moved.wait()
        return self.edition

    @property
    def frozen(self) -> bool:
        """Whether the public may know nothing new: from the freeze on, which the board itself tells a little later."""
        return self.table.frozen or (self.state is not None and self.state.freeze is not None)

    @property
    def phase(self) -> Phase:
        """The session's phase in force."""
        return self.file.phase if self.state is None else self.state.phase

    def items(self) -> dict[ItemNo, ItemState]:
        """Return how far each item is now, in order of the paper."""
        state = self.state
        if self.phase in _NO_MORE:
            left_out = () if state is None else state.skipped
            return {
                one.item_no: ItemState.SKIPPED if one.item_no in left_out else ItemState.CLOSED
                for one in self.file.plan.items
            }
        placed = windows(self.file.plan, self.file.start_us) if state is None else state.windows
        opens_us = {window.item_no: window.opens_at_us for window in placed}
        # While the contest's time stands still nothing opens.
        standing = [pause.from_us for pause in state.pauses if pause.until_us is None] if state else []
        now_us = min([self.clock.now_us(), *standing]) if self.clock.known else 0
        under_way = self.phase in (Phase.RUNNING, Phase.PAUSED)

        def how_far(item_no: ItemNo) -> ItemState:
            if state is not None and item_no in state.skipped:
                return ItemState.SKIPPED
            if state is not None and item_no in state.closed_items:
                return ItemState.CLOSED
            return ItemState.OPEN if under_way and opens_us.get(item_no, now_us + 1) <= now_us else ItemState.WAITING

        return {one.item_no: how_far(one.item_no) for one in self.file.plan.items}

    async def _follow_clock(self) -> None:
        while not self.clock.known:
            await self._through_outages(self.clock.synchronise())
        await self.clock.keep()

    async def _follow_state(self) -> None:
        async def look() -> None:
            # The state is read after this moment, and no state moves an opening that has come.
            looked_us = self.clock.now_us() - self.clock.uncertainty_us if self.clock.known else 0
            state, gateways = await self._store.state(), await self._store.gateways()
            if state != self.state or gateways.keys() != self.gateways.keys():
                self.state = state
                self._note()
            reveal = (await self._store.reveal()).reveal
            if reveal != self.reveal:
                self.reveal = reveal
                self._note()
            self.gateways, self.looked_us = gateways, looked_us
            await self._look_at_health()
            await asyncio.sleep(_LOOK_S)

        while True:
            await self._through_outages(look())

    async def _look_at_health(self) -> None:
        if time.monotonic() < self._healthy_s or not self.clock.known:
            return
        self._healthy_s = time.monotonic() + _HEALTH_S
        figures, last_offset = await self._store.figures(), await self._store.last_offset()
        self.health.learn(self.gateways, figures, last_offset, self.clock.now_us())
        self._note()

    async def _follow_events(self) -> None:
        position = "0-0"

        async def read() -> None:
            nonlocal position
            block_ms = _BLOCK_MS if self.caught_up else 0
            position, entries = await self._store.events(position, block_ms, 1000)
            self.caught_up = self.caught_up or not entries
            for _, events in entries:
                for event in events:
                    if isinstance(event, SittingEvent):
                        self.readiness.learn(event)
                        self.desk.note(event)
                    elif event.kind == STORE_LOSS:
                        # What is kept elsewhere is to be told anew; whoever knows it already takes no harm.
                        self.notes.clear()
                    elif (note := read_note(event)) is not None:
                        self.notes.add(note.id)
            if entries:
                self._note()

        while True:
            await self._through_outages(read())

    async def _follow_feed(self) -> None:
        after = 0

        async def read() -> None:
            nonlocal after
            for offset, frame in await self._store.feed(after, _BLOCK_MS):
                after = offset
                entry = decode_feed_entry(frame)
                if isinstance(entry, ServerAnnouncement):
                    self.announcements[entry.id] = entry
                    self._note()

        while True:
            await self._through_outages(read())

    async def _follow_answers(self, shard: int) -> None:
        position = "0-0"

        async def read() -> None:
            nonlocal position
            position, answers = await self._store.answers(shard, position, _BLOCK_MS, _ENTRIES)
            for answer in answers:
                self.desk.learn(answer)
            if 0 < len(answers) < _ENTRIES:
                await asyncio.sleep(_REST_S)

        while True:
            await self._through_outages(read())

    async def _follow_board(self) -> None:
        position = ""

        async def read() -> None:
            nonlocal position
            if not position:
                position, updates = await self._store.board_start()
            else:
                position, updates = await self._store.board(position, _BLOCK_MS)
            for update in updates:
                if not self.table.apply(update):
                    position = ""
                    break
                if not update.frozen:
                    # As long as the board is not frozen there is but one.
                    self.truth.apply(update)
            if updates:
                self._note()

        while True:
            await self._through_outages(read())

    async def _follow_truth(self) -> None:
        position = ""

        async def read() -> None:
            nonlocal position
            if not position:
                position, updates = await self._store.truth_start()
            else:
                position, updates = await self._store.truth(position, _BLOCK_MS)
            for update in updates:
                # What is left of an earlier freeze is older than the public board.
                if update.version <= self.truth.version and not (update.full and self.table.frozen):
                    continue
                if not self.truth.apply(update):
                    position = ""
                    break
            if updates:
                self._note()

        while True:
            await self._through_outages(read())

    async def _through_outages(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StoreUnavailable as outage:
            if not self.store_away:
                _log.warning("ledger_out", reason=str(outage))
                self.store_away = True
                self._note()
            await asyncio.sleep(_AGAIN_S)
        else:
            if self.store_away:
                self.store_away = False
                self._note()

    def _note(self) -> None:
        self.edition += 1
        self._moved.set()
        self._moved = asyncio.Event()

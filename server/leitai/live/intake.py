"""Answers on their way into the ledger: gathered into batches, sent, and given back decided.

Batching is natural: while one call is in flight the next batch gathers. Nothing here is cancelled by a client that
goes away; an answer that came in is recorded whether or not anyone waits for its acknowledgement. While the ledger is
out, answers wait with the moments of their arrival, and that outage is logged.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable

import structlog

from leitai.live.counts import AnswerCounts
from leitai.live.ports import (
    Accepted,
    Ledger,
    Outcome,
    Restored,
    SessionEvent,
    SittingEvent,
    StoreUnavailable,
    Submission,
)
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Micros, SittingId

BATCH = 256
_EVENTS = 500
_TURNS = 16
"""For so many turns of the loop at most a batch waits for more frames: some tenths of a millisecond."""
MOST_WAITING = 200_000
LONGEST_AGE_US = 2_000_000
"""An answer is believed to have waited this long at most, unless an outage of the ledger is on record."""
HANGS_US = 1_000_000
"""A ledger that leaves a call unanswered for longer was out, although nothing failed."""

_log = structlog.get_logger()


class Waiting(Submission, eq=False):
    """An answer that has come in. `decided` is called exactly once, when the ledger has it durably."""

    arrival_us: int
    """On this process's monotonic clock."""
    decided: Callable[["Waiting", Accepted], None]


class Full(Exception):
    """Too many answers wait for a ledger that does not answer."""


class Intake:
    """The way of all answers of one process into one session's ledger."""

    def __init__(self, ledger: Ledger, shards: int, contest_us: Callable[[], int], *, lanes: int = 3) -> None:
        """`lanes` calls may be in flight for each shard: one fsync covers all that the store read in one turn."""
        self._ledger = ledger
        self._contest_us = contest_us
        self._queues: list[deque[Waiting]] = [deque() for _ in range(shards)]
        self._idle: list[deque[asyncio.Future[None]]] = [deque() for _ in range(shards)]
        self._lanes = lanes
        self._gathering = [False] * shards
        """Whether a lane of each shard was woken and has not looked at the queue yet."""
        self._events: list[SittingEvent | SessionEvent] = []
        self._events_wake = asyncio.Event()
        self._source = secrets.token_hex(8)
        self._calls = 0
        self._outages: list[int | None] = [None] * shards
        """Since when each shard has been out, on the monotonic clock."""
        self._tasks: list[asyncio.Task[None]] = []
        self._in_flight: list[list[Waiting]] = []
        self.counts = AnswerCounts()

    def start(self) -> None:
        """Begin to carry answers."""
        for shard in range(len(self._queues)):
            self._tasks += [asyncio.create_task(self._carry(shard)) for _ in range(self._lanes)]
        self._tasks.append(asyncio.create_task(self._carry_events()))

    @property
    def waiting(self) -> int:
        """How many answers have come in and are not yet in flight."""
        return sum(len(queue) for queue in self._queues)

    @property
    def busy(self) -> bool:
        """Whether any answer that has come in is not decided yet."""
        return bool(self._in_flight) or any(self._queues)

    def owed(self) -> set[SittingId]:
        """Return whose answers have come in and are not decided yet. Not for the hot path."""
        return {answer.sitting_id for batch in (*self._queues, *self._in_flight) for answer in batch}

    @property
    def out_since_us(self) -> int | None:
        """When the ledger stopped answering, on the monotonic clock."""
        return min((since for since in self._outages if since is not None), default=None)

    def submit(self, shard: int, answer: Waiting) -> None:
        """Take an answer in; raises `Full`."""
        queue = self._queues[shard]
        if len(queue) >= MOST_WAITING:
            raise Full
        queue.append(answer)
        if not self._gathering[shard]:
            self._wake(shard)

    def note(self, event: SittingEvent | SessionEvent) -> None:
        """Take an event in; it is appended soon."""
        self._events.append(event)
        self._events_wake.set()

    async def restore(self, shard: int, batch: list[Restored]) -> list[Accepted]:
        """Put acceptances back; raises `StoreUnavailable`."""
        return await self._ledger.restore(shard, batch)

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything that came in is decided, then stop; what is left after the time stays undecided."""
        deadline = time.monotonic() + timeout_s
        # Once, at the stop, and bounded: an event for every change would cost the hot path.
        while (any(self._queues) or self._in_flight or self._events) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, shard: int) -> None:
        queue, idle = self._queues[shard], self._idle[shard]
        loop = asyncio.get_running_loop()
        while True:
            if not queue:
                lane = loop.create_future()
                idle.append(lane)
                await lane
                # Frames that arrive together join one batch: as long as each turn of the loop brings more of them.
                before = 0
                for _ in range(_TURNS):
                    if not before < len(queue) < BATCH:
                        break
                    before = len(queue)
                    await asyncio.sleep(0)
                self._gathering[shard] = False
                continue
            batch = [queue.popleft() for _ in range(min(BATCH, len(queue)))]
            if queue and not self._gathering[shard]:
                self._wake(shard)
            self._in_flight.append(batch)
            try:
                decisions = await self._decide(shard, batch)
            finally:
                self._in_flight.remove(batch)
            for answer, decision in zip(batch, decisions, strict=True):
                try:
                    answer.decided(answer, decision)
                except Exception:
                    _log.exception("acknowledgement_failed", sitting=answer.sitting_id, item=answer.item_no)
            now_us = time.monotonic_ns() // 1000
            self.counts.decided([now_us - answer.arrival_us for answer in batch], decisions)

    def _wake(self, shard: int) -> None:
        """Let an idle lane gather a batch, if there is one; one gathers at a time."""
        idle = self._idle[shard]
        while idle:
            lane = idle.popleft()
            if not lane.done():
                self._gathering[shard] = True
                lane.set_result(None)
                break

    async def _decide(self, shard: int, batch: list[Waiting]) -> list[Accepted]:
        """Have a batch decided; an answer that the ledger cannot take is refused alone, not with all beside it."""
        try:
            return await self._accepted(shard, batch)
        except Exception:
            _log.exception("batch_failed", answers=len(batch))
            if len(batch) == 1:
                return [Accepted(Outcome.REFUSED, False, 0, 0, 0, "internal")]
            return [decision for answer in batch for decision in await self._decide(shard, [answer])]

    async def _accepted(self, shard: int, batch: list[Waiting]) -> list[Accepted]:
        wait_s = 0.02
        failed = False
        while True:
            now_us = time.monotonic_ns() // 1000
            outage_us = self._outages[shard]
            for one in batch:
                # A beginning is of the moment at which it is recorded: before that its contestant sees no question, and
                # what it waited for the ledger is nobody's time.
                age_us = now_us - one.arrival_us if one.item_no != BEGINNING else 0
                if age_us > LONGEST_AGE_US and not failed and not self._waited_for_store(one, outage_us):
                    age_us = LONGEST_AGE_US
                one.age_us = age_us
            try:
                decisions = await self._ledger.accept(shard, batch)
            except StoreUnavailable as error:
                failed = True
                self.counts.store_failures += 1
                self._out(shard, min(now_us, batch[0].arrival_us), str(error))
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 0.5)
            else:
                took_us = time.monotonic_ns() // 1000 - now_us
                self.counts.store_us.observe(took_us)
                if took_us > HANGS_US:
                    self._out(shard, now_us, "it hung")
                if self._outages[shard] is not None and not self._queues[shard]:
                    self._end_outage(shard)
                return decisions

    def _waited_for_store(self, answer: Waiting, outage_us: int | None) -> bool:
        return outage_us is not None and answer.arrival_us >= outage_us - LONGEST_AGE_US

    def _out(self, shard: int, since_us: int, reason: str) -> None:
        if self._outages[shard] is None:
            self._outages[shard] = since_us
            _log.warning("ledger_out", shard=shard, reason=reason)

    def _end_outage(self, shard: int) -> None:
        began, self._outages[shard] = self._outages[shard], None
        if began is not None:
            lasted_us = time.monotonic_ns() // 1000 - began
            _log.warning("ledger_back", shard=shard, lasted_us=lasted_us)
            self.note(SessionEvent(Micros(self._contest_us()), "store-outage", f"{lasted_us} us"))

    async def _carry_events(self) -> None:
        while True:
            await self._events_wake.wait()
            self._events_wake.clear()
            while self._events:
                batch = self._events[:_EVENTS]
                self._calls += 1
                await self._append(batch)
                del self._events[: len(batch)]
            # A crowd that arrives together is written together.
            await asyncio.sleep(0.02)

    async def _append(self, batch: list[SittingEvent | SessionEvent]) -> None:
        """Append events, through outages of the ledger, once: a screen switch must not count twice."""
        while True:
            try:
                await self._ledger.events(batch, self._source, self._calls)
            except StoreUnavailable:
                await asyncio.sleep(0.2)
            except Exception:
                _log.exception("events_failed", events=len(batch))
                return
            else:
                return

"""One stage as one gateway carries it: its log followed, the buzzer opened on time, presses on their way.

A press is stamped when its frame arrives, and is durable before it is acknowledged. While the store is out it waits
with the moment of its arrival, and is sent again with its true age.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Iterable

import msgspec
import structlog

from leitai.live.clock import ContestClock
from leitai.live.ports import StoreUnavailable
from leitai.live.stage.connection import StageConnection
from leitai.live.stage.ports import LONGEST_AGE_US, PressMade, StageStreams, connected
from leitai.live.stage.view import told, waiting
from leitai.rules.stage import after, begun
from leitai.rules.stage_events import StageRefused
from leitai.rules.stage_state import NEVER, Stage
from leitai.rules.values import Micros
from leitai.wire.codec import encode
from leitai.wire.messages import CloseCode
from leitai.wire.stage_log import KeptEntry, StageKey, StageText
from leitai.wire.stage_messages import ClientPress, ServerGo, ServerPressed, ServerStageWelcome

DELIVERED_LATEST_US = 250_000
"""As with answers: an opening counts as delivered so long after its instant at the latest."""
BELIEVED_AGE_US = 2_000_000
"""As with answers: a press is believed to have waited so long at most, unless the store failed."""
LOOK_S = 1.0
RESUME_MIN_MS = 200
_BLOCK_MS = 5_000
_log = structlog.get_logger()


def monotonic_us() -> int:
    """Return this process's monotonic clock, by which arrivals are measured."""
    return time.monotonic_ns() // 1000


class StageClock:
    """`live.clock.TimeSource` of one stage."""

    def __init__(self, streams: StageStreams, stage_id: int) -> None:
        self._streams = streams
        self._stage_id = stage_id

    async def time_us(self) -> Micros:
        """Return the stage's clock."""
        return await self._streams.time_us(self._stage_id)


class Room:
    """Everything of one stage at one gateway."""

    def __init__(
        self,
        stage_id: int,
        streams: StageStreams,
        clock: ContestClock,
        now_us: Callable[[], int] = monotonic_us,
    ) -> None:
        """`now_us` is the monotonic clock."""
        self.stage_id = stage_id
        self.clock = clock
        self.stage: Stage | None = None
        self.emptied_us = now_us()
        """Since when nobody is here."""
        self.caught_up = asyncio.Event()
        """The log has been read once."""
        self._streams = streams
        self._now_us = now_us
        self._desks: dict[int, StageConnection] = {}
        self._screens: set[StageConnection] = set()
        self._texts: dict[int, StageText] = {}
        self._keys: dict[int, StageKey] = {}
        self._read = 0
        self._connected: frozenset[int] = frozenset()
        self._counts: list[int] = []
        self._version = 0
        self._frame = encode(waiting(0))
        self._opening: tuple[int, asyncio.TimerHandle] | None = None
        self._in_flight: set[tuple[int, int, int]] = set()
        self._moved = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- coming and going ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to follow the log."""
        for work in (self._follow(), self._look(), self.clock.keep()):
            self._keep(asyncio.create_task(work))

    async def stop(self) -> None:
        """Say goodbye to everybody and end."""
        for connection in [*self._desks.values(), *self._screens]:
            connection.end(CloseCode.MOVED, "moved", RESUME_MIN_MS)
        if self._opening is not None:
            self._opening[1].cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def empty(self) -> bool:
        """Whether nobody is connected."""
        return not self._desks and not self._screens

    def enter(self, connection: StageConnection, team: int) -> None:
        """Take a desk or a screen in; a desk's newest connection is the one that counts."""
        if team:
            if (before := self._desks.get(team)) is not None:
                before.end(CloseCode.SUPERSEDED, "superseded", 0)
            self._desks[team] = connection
            self._moved.set()
        else:
            self._screens.add(connection)
        connection.entered(self, team)
        welcome = ServerStageWelcome(self.stage_id, team, self.clock.now_us(), RESUME_MIN_MS)
        connection.send(encode(welcome))
        connection.show(self._frame)

    def leave(self, connection: StageConnection) -> None:
        """Take note that a socket is gone."""
        self._screens.discard(connection)
        if self._desks.get(connection.team) is connection:
            del self._desks[connection.team]
            self._moved.set()
        if self.empty:
            self.emptied_us = self._now_us()

    # --- presses ------------------------------------------------------------------------------------------------------

    def press(self, connection: StageConnection, message: ClientPress, arrival_us: int) -> None:
        """Take a press that arrived at `arrival_us` of the monotonic clock."""
        asked = self.stage.asked if self.stage is not None and not self.stage.ended else None
        if asked is None or asked.question != message.question:
            # Whoever presses as the next question comes is no abuser.
            connection.refuse("stage-press-late", seq=message.seq)
            return
        team = connection.team
        name = (team, message.question, message.seq)
        if name in self._in_flight:
            return
        self._in_flight.add(name)
        elapsed_us = -1
        if connection.delivered_question == message.question and arrival_us >= connection.delivered_us:
            elapsed_us = arrival_us - connection.delivered_us
        made = PressMade(team, message.question, message.seq, 0, elapsed_us)
        # It belongs to the room: nobody's disconnect cancels it.
        self._keep(asyncio.create_task(self._carry(made, arrival_us)))

    async def _carry(self, made: PressMade, arrival_us: int) -> None:
        wait_s, failed = 0.02, False
        try:
            while True:
                sent_us = self._now_us()
                age_us = max(sent_us - arrival_us, 0)
                if age_us > LONGEST_AGE_US:
                    self._answer(made, None)
                    return
                made.age_us = age_us if failed else min(age_us, BELIEVED_AGE_US)
                try:
                    kept = await self._streams.press(self.stage_id, made, self.clock.at_monotonic_us(sent_us))
                except StoreUnavailable:
                    failed = True
                    await asyncio.sleep(wait_s)
                    wait_s = min(wait_s * 2, 0.5)
                    continue
                except Exception:
                    _log.exception("press_failed", stage=self.stage_id, team=made.team)
                    self._answer(made, None)
                    return
                pressed = ServerPressed(made.question, made.seq, kept.stamp_us, kept.elapsed_us)
                self._answer(made, pressed if kept.entry else None)
                return
        finally:
            self._in_flight.discard((made.team, made.question, made.seq))

    def _answer(self, made: PressMade, pressed: ServerPressed | None) -> None:
        if (desk := self._desks.get(made.team)) is None:
            return
        if pressed is None:
            desk.refuse("too-many-messages", seq=made.seq)
        else:
            desk.send(encode(pressed))

    # --- the log ------------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        block_ms = 0
        while True:
            try:
                news = await self._streams.log(self.stage_id, self._read, block_ms)
            except StoreUnavailable:
                await asyncio.sleep(0.3)
                continue
            except msgspec.DecodeError:
                _log.exception("stage_log_illegal", stage=self.stage_id, seq=self._read + 1)
                await asyncio.sleep(LOOK_S)
                continue
            legal = self.take(news) if news else True
            block_ms = _BLOCK_MS
            self.caught_up.set()
            if not legal:
                # The log stands where it stood: it is not asked without a pause what it says next.
                await asyncio.sleep(LOOK_S)

    def take(self, news: Iterable[KeptEntry]) -> bool:
        """Take entries of the log that follow on what is known, and tell everybody; False: one of them is not legal."""
        legal = True
        try:
            for one in news:
                entry = one.entry()
                self.stage = begun(entry) if self.stage is None else after(self.stage, entry)
                self._read = one.seq
                number = one.body.get("question", 0)
                if one.text is not None:
                    self._texts[number] = one.text
                if one.key is not None:
                    self._keys[number] = one.key
        except (StageRefused, msgspec.MsgspecError):
            # What the office appended it judged by the same law: this is a fault of ours, and is to be seen.
            _log.exception("stage_log_illegal", stage=self.stage_id, seq=self._read + 1)
            legal = False
        self._plan_opening()
        self._tell()
        return legal

    def _tell(self) -> None:
        self._version += 1
        view = waiting(self._version)
        if self.stage is not None:
            counts = self._counts
            view = told(self._version, self.stage, self._texts, self._keys, self._connected, counts)
        self._frame = encode(view)
        for connection in [*self._desks.values(), *self._screens]:
            connection.show(self._frame)

    # --- the opening --------------------------------------------------------------------------------------------------

    def _plan_opening(self) -> None:
        asked = self.stage.asked if self.stage else None
        wanted = asked.question if asked and asked.opens_at_us != NEVER and not asked.over(self._chances()) else 0
        if self._opening is not None and self._opening[0] != wanted:
            self._opening[1].cancel()
            self._opening = None
        if wanted and asked and self._opening is None:
            at_us = self.clock.monotonic_us(asked.opens_at_us)
            wait_s = max(at_us - self._now_us(), 0) / 1_000_000
            handle = asyncio.get_running_loop().call_later(wait_s, self.open, wanted, at_us)
            self._opening = (wanted, handle)

    def _chances(self) -> int:
        return self.stage.chances if self.stage else 1

    def open(self, question: int, at_us: int) -> None:
        """Write the opening to every socket: desks in an order drawn anew, then screens."""
        frame = encode(ServerGo(question))
        desks = list(self._desks.values())
        secrets.SystemRandom().shuffle(desks)
        for desk in desks:
            desk.send(frame)
            desk.delivered_question = question
            desk.delivered_us = min(self._now_us(), at_us + DELIVERED_LATEST_US)
        for screen in self._screens:
            screen.send(frame)

    # --- who is here, and votes ---------------------------------------------------------------------------------------

    async def _look(self) -> None:
        before: frozenset[int] = frozenset()
        while True:
            try:
                own = frozenset(self._desks)
                now_us = Micros(self.clock.now_us())
                gone = dict.fromkeys(before - own, Micros(0))
                await self._streams.here(self.stage_id, {**gone, **dict.fromkeys(own, now_us)})
                before = own
                seen = await self._streams.desks(self.stage_id)
                here = own | connected(seen, now_us)
                vote = self.stage.vote if self.stage else None
                counts: list[int] = []
                if vote is not None and vote.counts is None:
                    counts = await self._streams.counts(self.stage_id, vote.number, len(vote.choices))
                if (here, counts) != (self._connected, self._counts):
                    self._connected, self._counts = here, counts
                    self._tell()
            except StoreUnavailable:
                pass
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._moved.wait()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

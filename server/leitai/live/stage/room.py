"""One stage as one gateway carries it: its log followed, the buzzer opened on time, presses on their way."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import structlog

from leitai.live.clock import ContestClock
from leitai.live.rooms.connection import RoomConnection
from leitai.live.rooms.room import RESUME_MIN_MS, Room, monotonic_us
from leitai.live.stage.ports import PressKept, PressMade, StageStreams
from leitai.live.stage.view import told, waiting
from leitai.rules.stage import after, begun
from leitai.rules.stage_events import StageRefused
from leitai.rules.stage_state import NEVER, Stage
from leitai.rules.values import Micros
from leitai.wire.codec import encode
from leitai.wire.stage_log import KeptEntry, StageKey, StageText
from leitai.wire.stage_messages import ClientPress, ServerGo, ServerPressed, ServerStageWelcome

_BLOCK_MS = 5_000
_log = structlog.get_logger()


class StageClock:
    """`live.clock.TimeSource` of one stage."""

    def __init__(self, streams: StageStreams, stage_id: int) -> None:
        self._streams = streams
        self._stage_id = stage_id

    async def time_us(self) -> Micros:
        """Return the stage's clock."""
        return await self._streams.time_us(self._stage_id)


class StageRoom(Room):
    """Everything of one stage at one gateway: seats are desks, whoever watches is a screen."""

    def __init__(
        self,
        stage_id: int,
        streams: StageStreams,
        clock: ContestClock,
        now_us: Callable[[], int] = monotonic_us,
    ) -> None:
        """`now_us` is the monotonic clock."""
        super().__init__(stage_id, clock, now_us)
        self.stage: Stage | None = None
        self._streams = streams
        self._texts: dict[int, StageText] = {}
        self._keys: dict[int, StageKey] = {}
        self._read = 0
        self._counts: list[int] = []
        self._version = 0
        self._frame = encode(waiting(0))
        self._opening: tuple[int, asyncio.TimerHandle] | None = None

    async def stop(self) -> None:
        """Say goodbye to everybody and end."""
        if self._opening is not None:
            self._opening[1].cancel()
        await super().stop()

    def welcome(self, seat: int) -> bytes:
        """See `Room.welcome`."""
        return encode(ServerStageWelcome(self.number, seat, self.clock.now_us(), RESUME_MIN_MS))

    # --- presses ------------------------------------------------------------------------------------------------------

    def received(self, connection: RoomConnection, message: Any, arrival_us: int) -> None:
        """See `Room.received`: take a press."""
        if connection.seat == 0:
            connection.fault("stage-not-a-desk")
            return
        press: ClientPress = message
        asked = self.stage.asked if self.stage is not None and not self.stage.ended else None
        if asked is None or asked.question != press.question:
            # Whoever presses as the next question comes is no abuser.
            connection.refuse("stage-press-late", seq=press.seq)
            return
        team = connection.seat
        elapsed_us = self.elapsed_us(connection, press.question, arrival_us)
        made = PressMade(team, press.question, press.seq, 0, elapsed_us)

        async def send(age_us: int, believed_us: int) -> PressKept:
            made.age_us = age_us
            return await self._streams.press(self.number, made, believed_us)

        self.carry((team, press.question, press.seq), arrival_us, send, lambda kept: self._answer(made, kept))

    def _answer(self, made: PressMade, kept: PressKept | None) -> None:
        if (desk := self._seats.get(made.team)) is None:
            return
        if kept is None or not kept.entry:
            desk.refuse("too-many-messages", seq=made.seq)
        else:
            desk.send(encode(ServerPressed(made.question, made.seq, kept.stamp_us, kept.elapsed_us)))

    # --- the log ------------------------------------------------------------------------------------------------------

    async def read(self, *, wait: bool) -> bool:
        """See `Room.read`."""
        news = await self._streams.log(self.number, self._read, _BLOCK_MS if wait else 0)
        return self.take(news) if news else True

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
            _log.exception("stage_log_illegal", stage=self.number, seq=self._read + 1)
            legal = False
        self._plan_opening()
        self.tell()
        return legal

    def view(self) -> bytes:
        """See `Room.view`."""
        self._version += 1
        if self.stage is None:
            return encode(waiting(self._version))
        return encode(told(self._version, self.stage, self._texts, self._keys, self._connected, self._counts))

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
        desks = list(self._seats.values())
        secrets.SystemRandom().shuffle(desks)
        for desk in desks:
            desk.send(frame)
            self.delivered(desk, question, at_us)
        for screen in self._watchers:
            screen.send(frame)

    # --- who is here, and votes ---------------------------------------------------------------------------------------

    async def here(self, seats: dict[int, Micros]) -> None:
        """See `Room.here`."""
        await self._streams.here(self.number, seats)

    async def seen(self) -> dict[int, Micros]:
        """See `Room.seen`."""
        return await self._streams.desks(self.number)

    async def looked(self) -> bool:
        """See `Room.looked`: count the votes."""
        vote = self.stage.vote if self.stage else None
        counts: list[int] = []
        if vote is not None and vote.counts is None:
            counts = await self._streams.counts(self.number, vote.number, len(vote.choices))
        changed, self._counts = counts != self._counts, counts
        return changed

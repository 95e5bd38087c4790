"""One match as one gateway carries it: questions opened on time, answers on their way, and what is due done.

Several gateways may carry one match: each does what is due (`rules.match_log.due`), and the log takes it once.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from leitai.live.clock import ContestClock
from leitai.live.match.ports import AnswerKept, AnswerMade, MatchArchive, MatchItem, MatchQuestions, MatchStreams
from leitai.live.match.view import told
from leitai.live.opening import Opener, shuffled
from leitai.live.ports import StoreUnavailable
from leitai.live.rooms.connection import RoomConnection
from leitai.live.rooms.room import RESUME_MIN_MS, Room, monotonic_us
from leitai.live.sealing import item_key, seal_paper
from leitai.rules.marking import is_valid, mark
from leitai.rules.match_log import Answered, Came, Ended, Entry, Event, Left, Match, MatchRefused, after, begun, due
from leitai.rules.values import ItemNo, Micros, SessionId
from leitai.wire.codec import encode
from leitai.wire.match_messages import (
    ClientMatchAnswer,
    ServerMatch,
    ServerMatchAnswered,
    ServerMatchKey,
    ServerMatchSealed,
    ServerMatchWelcome,
)
from leitai.wire.messages import ItemWindow, SealedItem

APART_S = 0.25
"""So often the log is read while the other player is at another gateway; what happens here is read at once."""
ALONE_S = 2.0
_log = structlog.get_logger()


class MatchClock:
    """`live.clock.TimeSource` of one match."""

    def __init__(self, streams: MatchStreams, match_id: int) -> None:
        self._streams = streams
        self._match_id = match_id

    async def time_us(self) -> Micros:
        """Return the match's clock."""
        return await self._streams.time_us(self._match_id)


class MatchRoom(Room):
    """Everything of one match at one gateway."""

    def __init__(
        self,
        match_id: int,
        streams: MatchStreams,
        questions: MatchQuestions,
        archive: MatchArchive,
        secret: bytes,
        clock: ContestClock,
        now_us: Callable[[], int] = monotonic_us,
    ) -> None:
        """Keys of questions derive from `secret`; `now_us` is the monotonic clock."""
        super().__init__(match_id, clock, now_us)
        self.match: Match | None = None
        self._streams = streams
        self._questions = questions
        self._archive = archive
        self._secret = secret
        self._items: Sequence[MatchItem] = ()
        self._sealed: Sequence[SealedItem] = ()
        self._version = 0
        self._frame = encode(ServerMatch(0, "gathering", 0, 0, 0, 0, []))
        self._opener = Opener(clock, lambda _: None, self._release)
        self._opened = 0
        self._scheduled = 0
        self._due = asyncio.Event()

    @property
    def may_end(self) -> bool:
        """See `Room.may_end`: whoever looks after a match does so to its end."""
        return self.empty and (self.match is None or self.match.over)

    def start(self) -> None:
        """Begin to follow the log, and do what is due."""
        super().start()
        self.keep(self._drive())

    async def stop(self) -> None:
        """Say goodbye to everybody and end."""
        self._opener.stop()
        await super().stop()

    # --- who is here --------------------------------------------------------------------------------------------------

    def welcome(self, seat: int) -> bytes:
        """See `Room.welcome`."""
        return encode(ServerMatchWelcome(self.number, seat, self.clock.now_us(), RESUME_MIN_MS))

    def entered(self, connection: RoomConnection) -> None:
        """See `Room.entered`: give whoever comes back the question that is under way, and their own answer to it."""
        match = self.match
        if match is None:
            return
        if match.question:
            connection.send(self._sealed_frame(match.question))
            if self._opened == match.question:
                connection.send(self._key_frame(match.question))
            if (answer := match.answers.get((match.question, connection.seat))) is not None:
                connection.send(encode(_answered(answer)))
        if connection.seat in match.live and connection.seat not in match.came and not match.over:
            self.keep(self._say(lambda now: None if connection.seat in now.came else Came(connection.seat)))

    async def here(self, seats: dict[int, Micros]) -> None:
        """See `Room.here`."""
        if self.match is not None and not self.match.over:
            await self._streams.here(self.number, seats)

    async def seen(self) -> dict[int, Micros]:
        """See `Room.seen`."""
        return await self._streams.seen(self.number)

    # --- answers ------------------------------------------------------------------------------------------------------

    def received(self, connection: RoomConnection, message: Any, arrival_us: int) -> None:
        """See `Room.received`."""
        match = self.match
        if match is None or match.finished_us or match.over or connection.seat in match.gone:
            connection.refuse("match-over")
        elif isinstance(message, ClientMatchAnswer):
            self._take_answer(connection, match, message, arrival_us)
        elif match.played:
            connection.refuse("match-over")
        else:
            seat = connection.seat
            self.keep(self._say(lambda now: None if seat in now.gone or now.played else Left(seat)))

    def _take_answer(
        self, connection: RoomConnection, match: Match, message: ClientMatchAnswer, arrival_us: int
    ) -> None:
        seat, question = connection.seat, message.question
        opens_us, _ = match.windows.get(question, (0, 0))
        if not opens_us or self.clock.at_monotonic_us(arrival_us) < opens_us:
            connection.fault("too-early")
            return
        known = match.answers.get((question, seat))
        if known is not None:
            # Sent again, or thought better of: the first one stands.
            connection.send(encode(_answered(known)))
            return
        if question != match.question or match.closed >= question:
            connection.refuse("too-late")
            return
        item = self._items[question - 1].item
        response = tuple(message.response)
        if not is_valid(item.type, item.option_ids, 0, response):
            connection.fault("bad-response")
            return
        right = mark(item, response) == item.centipoints
        made = AnswerMade(seat, question, response, right, self.elapsed_us(connection, question, arrival_us), opens_us)

        async def send(age_us: int, believed_us: int) -> AnswerKept:
            return await self._streams.answer(self.number, made, age_us, believed_us)

        self.carry((seat, question), arrival_us, send, lambda kept: self._acknowledge(made, kept))

    async def _acknowledge(self, made: AnswerMade, kept: AnswerKept | None) -> None:
        """Say what became of an answer once the log says so."""
        with contextlib.suppress(StoreUnavailable):
            await self.read(wait=False)
        connection, match = self._seats.get(made.seat), self.match
        if connection is None or match is None:
            return
        if kept is None or not kept.entry:
            connection.refuse("too-many-messages")
        elif (answer := match.answers.get((made.question, made.seat))) is not None:
            connection.send(encode(_answered(answer)))
        else:
            late = ServerMatchAnswered(
                made.question, list(made.response), "late", kept.stamp_us, max(made.elapsed_us, 0)
            )
            connection.send(encode(late))

    # --- the log ------------------------------------------------------------------------------------------------------

    async def read(self, *, wait: bool) -> bool:
        """See `Room.read`."""
        if wait:
            apart = self.match is not None and not self.match.over and len(self._seats) < len(self.match.live)
            await asyncio.sleep(APART_S if apart else ALONE_S)
        last = 0 if self.match is None else self.match.seq
        news = await self._streams.log(self.number, last)
        if news and not self._items:
            made = begun(news[0])
            self._items = await self._questions.items(made.made.version_ids)
            contents = tuple(one.content for one in self._items)
            sealed = seal_paper(self._secret, SessionId(self.number), "match", contents, made.made.seconds)
            self._sealed = sealed.items
        return self.take(news)

    def take(self, news: Sequence[Entry]) -> bool:
        """Take entries of the log that follow on what is known, and tell both; False: one of them does not follow."""
        # Whoever waited for the same entries may have taken them already.
        fresh = [one for one in news if self.match is None or one.seq > self.match.seq]
        if not fresh:
            return True
        try:
            for entry in fresh:
                self.match = begun(entry) if self.match is None else after(self.match, entry)
        except (MatchRefused, msgspec.MsgspecError):
            # All that is appended is judged by the same law: this is a fault of ours, and is to be seen.
            _log.exception("match_log_illegal", match=self.number)
            return False
        self._plan_opening()
        self.tell()
        self._due.set()
        return True

    def view(self) -> bytes:
        """See `Room.view`."""
        if self.match is None:
            return self._frame
        # Two gateways may tell one player: what is newer in the log is newer.
        self._version = max(self._version + 1, self.match.seq * 1_000)
        return encode(told(self._version, self.match, self._items, self._connected, self.clock.now_us()))

    # --- openings -----------------------------------------------------------------------------------------------------

    def _plan_opening(self) -> None:
        match = self.match
        if match is None or not match.question or match.closed == match.question or match.over:
            return
        if self._scheduled == match.question:
            return
        self._scheduled = match.question
        opens_us, closes_us = match.windows[match.question]
        frame = self._sealed_frame(match.question)
        for connection in self._seats.values():
            connection.send(frame)
        self._opener.schedule([ItemWindow(match.question, opens_us, closes_us)])

    def _release(self, windows: list[ItemWindow]) -> None:
        """Write the key to both, in an order drawn anew."""
        question = windows[0].item
        self._opened = question
        frame = self._key_frame(question)
        at_us = self.clock.monotonic_us(windows[0].opens_at_us)
        for connection in shuffled(self._seats.values()):
            connection.send(frame)
            self.delivered(connection, question, at_us)
        self.tell()

    def _sealed_frame(self, question: int) -> bytes:
        return encode(ServerMatchSealed(self._sealed[question - 1]))

    def _key_frame(self, question: int) -> bytes:
        return encode(ServerMatchKey(question, item_key(self._secret, SessionId(self.number), ItemNo(question))))

    # --- what is due --------------------------------------------------------------------------------------------------

    async def _drive(self) -> None:
        await self.caught_up.wait()
        while True:
            self._due.clear()
            try:
                if self.match is not None and await self._do_due(self.match):
                    return
            except StoreUnavailable:
                await asyncio.sleep(0.3)
                continue
            except Exception:
                _log.exception("match_not_driven", match=self.number)
                await asyncio.sleep(1)
                continue

    async def _do_due(self, match: Match) -> bool:
        """Do what is due, or wait for it; whether all is done."""
        if match.over:
            await self._streams.release(
                self.number, [one.learner_id for one in match.made.players if not one.recorded_us]
            )
            return True
        now_us = self.clock.now_us()
        step = due(match, now_us)
        if step.event is not None:
            await self._append(match, step.event)
        elif step.at_us:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((step.at_us - now_us) / 1e6):
                    await self._due.wait()
        else:
            # What follows is shown only once it is kept for good.
            earned = await self._archive.keep(self.number, match)
            await self._append(match, Ended(tuple(earned)))
        return False

    async def _append(self, match: Match, event: Event) -> bool:
        entry = Entry(match.seq + 1, self.clock.now_us(), event)
        done = await self._streams.append(self.number, match.seq, [entry])
        await self.read(wait=False)
        return done

    async def _say(self, what: Callable[[Match], Event | None]) -> None:
        """Append what a player does, as the log stands when it is there."""
        while (match := self.match) is not None and not match.over and not match.finished_us:
            event = what(match)
            if event is None:
                return
            try:
                if await self._append(match, event):
                    return
            except StoreUnavailable:
                await asyncio.sleep(0.3)


def _answered(answer: Answered) -> ServerMatchAnswered:
    return ServerMatchAnswered(
        answer.question, list(answer.response), "accepted", answer.stamp_us, answer.elapsed_us, answer.flagged
    )

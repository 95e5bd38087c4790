"""A gateway: all connections of one process to one session.

It holds nothing that is not elsewhere: the feed, the board and the answers are the ledger's, and any gateway can take
over any client. It reads the feed, the board and the events once for all its connections, encodes each frame once and
writes it to all.
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import structlog

from leitai.live.attendance import PRESENT_EVERY_S, Attendance
from leitai.live.boards import BoardTable
from leitai.live.clock import ContestClock
from leitai.live.connection import (
    DELIVERY_CAP_US,
    STALL_LIMIT_US,
    UNSENT_LIMIT_BYTES,
    Connection,
    Link,
    Stage,
    make_ack,
)
from leitai.live.counts import GatewayCounts
from leitai.live.feed import FeedRing
from leitai.live.health import GatewayFigures, pack
from leitai.live.intake import Full, Intake
from leitai.live.notes import Notes, Questions, plain
from leitai.live.opening import Opener, shuffled
from leitai.live.own_clocks import OwnClocks, enrolled
from leitai.live.ports import (
    QUESTION,
    STORE_LOSS,
    GatewayStore,
    Ledger,
    Restored,
    SessionEvent,
    SessionFile,
    SittingEvent,
    StoreUnavailable,
    Submission,
    TicketRefused,
    Tickets,
)
from leitai.live.restoring import Strays, holds, proven
from leitai.live.sealing import Receipts, item_key, order_seed, seal_paper
from leitai.live.shapes import Shape
from leitai.live.showing import Showing
from leitai.live.turnout import Turnout
from leitai.live.vigil import Vigil
from leitai.rules.receipts import ReceiptFault
from leitai.rules.timeline import may_enter
from leitai.rules.values import ItemNo, Micros, Phase, SessionId, SittingId
from leitai.wire.codec import encode
from leitai.wire.messages import (
    Answered,
    ClientCheckIn,
    ClientConduct,
    ClientHello,
    ClientQuestion,
    ClientReceipts,
    ClientWatch,
    CloseCode,
    ConductKind,
    ItemWindow,
    Receipted,
    ServerAck,
    ServerAsked,
    ServerCheckedIn,
    ServerClosed,
    ServerConduct,
    ServerOpen,
    ServerPhase,
    ServerTimeline,
    ServerWelcome,
)

BLOCK_MS = 5000
COLLECT_EVERY_US = 15_000_000
COLLECT_AT_LAST_US = 600_000_000
_TOGETHER_S = 0.4
_AGAIN_S = 0.2
_PUT_BACK_S = 10.0
_BEFORE_OPENING_US = 100_000
_AFTER_OPENING_US = 200_000
_CROWD = 32
"""So many answers wait only when a crowd answers together."""
_MOVE_EVERY_S = 0.01
_MOVED_PER_S = 1000
_LONGEST_MOVE_S = 5.0
_ANSWERS_WITHIN_S = 3.0
_DECIDED_WITHIN_S = 3.0
_RESUME_AFTER_MS = 100
_log = structlog.get_logger()


class Gateway:
    """`connection.Hub`: membership, joining, fan-out."""

    def __init__(
        self,
        name: str,
        file: SessionFile,
        store: GatewayStore,
        ledger: Ledger,
        tickets: Tickets,
        clock: ContestClock,
        *,
        only_viewers: bool = False,
    ) -> None:
        """`name` is this process's own among all gateways of the session; `only_viewers` are sent to it, or not."""
        self.name = name
        self.file = file
        self.clock = clock
        self.counts = GatewayCounts()
        # Sockets call from outside the task that knows which contest this is.
        self._log = _log.bind(contest=file.contest_id, session=file.session_id)
        self.frames_in = 0
        """Messages read from sockets; the drivers count."""
        self.frames_out = 0
        """Messages written to sockets; the drivers count."""
        self.intake = Intake(ledger, file.shards, clock.now_us)
        self.submit = self.intake.submit
        self.table = BoardTable(file.members, file.delegations)
        self.turnout = Turnout(file.members, [one.code for one in file.delegations])
        self.ring = FeedRing("")
        self._store = store
        self._ledger = ledger
        self._tickets = tickets
        self._receipts = Receipts(file.secret, file.session_id)
        self.receipt = self._receipts.make
        self._members = {member.sitting_id: member for member in file.members}
        self._shapes: dict[int, Shape] = {
            item.item_no: Shape(item.type, item.option_ids, content.blanks)
            for item, content in zip(file.plan.items, file.contents, strict=True)
        }
        self.sealed = encode(
            seal_paper(
                file.secret,
                file.session_id,
                file.plan.pacing.value,
                file.contents,
                tuple(item.seconds for item in file.plan.items),
            )
        )
        self._all: dict[Connection, None] = {}
        """Every connection; a dict takes half of what a set of thousands does."""
        self._contestants: dict[SittingId, Connection] = {}
        self._stalled: set[Connection] = set()
        self._vigil = Vigil()
        self._attendance = Attendance(name)
        self._board_lag_us = 0
        self._notes = Notes()
        self._questions = Questions()
        self._strays = Strays()
        self._showing = Showing(
            file, self.table, self._all, self._catch_up, self._serving, self._crowded, apart=only_viewers
        )
        self._joins = 0
        self._opener = Opener(clock, self._prepare, self._release)
        self._own = OwnClocks(file, self.clock.now_us, self._opening) if file.plan.own_us else None
        """None: everybody has the windows of the timeline."""
        self._loose_ends: asyncio.TimerHandle | None = None
        self._targets: list[Connection] = []
        self._opening_frames: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Never done, unless with the exception of a part without which this gateway is no use."""

    # --- life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Read feed and board up to now and begin to follow them; raises `StoreUnavailable`."""
        await self.clock.synchronise()
        await self._reload_feed()
        position, updates = await self._store.board_start()
        for update in updates:
            self.table.apply(update)
        # Who has entered before may come back at any time: known before anyone is let in.
        events = await self._read_events("0-0", 0)
        while (newer := await self._read_events(events, 0)) != events:
            events = newer
        await self._store.present(self.name, Micros(self.clock.now_us()))
        self.intake.start()
        self._keep(self.clock.keep(), vital=True)
        self._keep(self._be_present(), vital=True)
        self._keep(self._follow_feed(), vital=True)
        self._keep(self._follow_board(position), vital=True)
        self._keep(self._showing.run(), vital=True)
        self._keep(self._follow_events(events), vital=True)
        self._keep(self._sweep(), vital=True)

    async def stop(self) -> None:
        """Send everyone elsewhere, and end. Takes a millisecond for each, 8 s at most, 11 s while the ledger is out."""
        self._draining = True
        await self._send_away()
        await self.intake.drain(_DECIDED_WITHIN_S)
        with suppress(StoreUnavailable):
            await self._store.absent(self.name)
        self._opener.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def open(self, link: Link, now_us: int, locale: str) -> Connection:
        """Take up a new socket."""
        connection = Connection(self, link, now_us, locale)
        self._all[connection] = None
        self._vigil.add(connection, now_us)
        if self._draining:
            connection.end(CloseCode.MOVED, "moved", _RESUME_AFTER_MS)
        return connection

    @property
    def connections(self) -> int:
        """How many sockets there are."""
        return len(self._all)

    @property
    def contestants(self) -> int:
        """How many of them are contestants'."""
        return len(self._contestants)

    @property
    def viewers(self) -> int:
        """How many of them are viewers'."""
        return sum(1 for each in self._all if each.stage is Stage.LIVE and not each.is_contestant)

    @property
    def session_id(self) -> SessionId:
        """The session that it serves."""
        return self.file.session_id

    def quiet(self) -> bool:
        """Whether nobody answers now nor within a second: the moment for what would hold everyone up a little."""
        now_us = self.clock.now_us()
        if self._own is not None:
            return not self.intake.busy
        windows = self.ring.view.windows
        return not any(window.opens_at_us - 1_000_000 <= now_us < window.closes_at_us + 500_000 for window in windows)

    def has_opened(self, item_no: ItemNo) -> bool:
        """Whether an item has opened, be it closed again; all have once the session is over."""
        view = self.ring.view
        if view.phase in (Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED):
            return True
        now_us = self.clock.now_us()
        return any(window.item == item_no and window.opens_at_us <= now_us for window in view.windows)

    # --- what a connection asks (Hub) ---------------------------------------------------------------------------------

    def contest_us(self, now_us: int) -> int:
        """Return the contest's time of a moment of the monotonic clock."""
        return self.clock.at_monotonic_us(now_us)

    def join(self, connection: Connection, hello: ClientHello, now_us: int) -> None:
        """Let a connection in, or not; what needs the stores goes on in a task of its own."""
        if not hello.ticket:
            if hello.session not in (0, self.file.session_id):
                connection.end(CloseCode.REFUSED, "not-found", 0)
                return
            self._welcome(connection, hello, [], [])
            return
        self._keep(self._join(connection, hello, now_us))

    def leave(self, connection: Connection, now_us: int) -> None:
        """Forget a connection whose socket is gone."""
        self.counts.left += 1
        self._all.pop(connection, None)
        self._stalled.discard(connection)
        self._showing.forget(connection)
        if self._contestants.get(connection.sitting_id) is connection:
            del self._contestants[connection.sitting_id]
            self._note(connection, "disconnected", self.contest_us(now_us), f"{self.name} {connection.round_trip_us}")

    def watch(self, connection: Connection, message: ClientWatch) -> None:
        """Show a connection another page, whole, and keep it up to date."""
        self._showing.watch(connection, message)

    def check_in(self, connection: Connection, message: ClientCheckIn, now_us: int) -> None:
        """Record a check-in."""
        detail = f"{message.round_trip_us} {message.clock_offset_us} {message.browser}"
        self._note(connection, "check_in", self.contest_us(now_us), detail)
        connection.send(encode(ServerCheckedIn(self.contest_us(now_us))))

    def conduct(self, connection: Connection, message: ClientConduct, now_us: int) -> None:
        """Record that the page was left or came back; it counts while the contest runs."""
        if self.ring.view.phase in (Phase.RUNNING, Phase.PAUSED):
            self._note(connection, message.kind.value, self.contest_us(now_us), self.name)
            if message.kind is ConductKind.LEFT:
                self._attendance.leave_page(connection.sitting_id)
        left = self._attendance.left(connection.sitting_id)
        connection.send(encode(ServerConduct(left, self.file.conduct_limit)))

    def begin(self, connection: Connection, now_us: int) -> None:
        """Record that a sitting begins its own time; it is told, with the keys, once that is durable."""
        if self._own is None:
            connection.fault("not-running")
            return
        try:
            self.submit(connection.shard, self._own.beginning(connection, now_us, self.ring.view))
        except Full:
            connection.fault("store-unavailable")

    def present(self, connection: Connection, message: ClientReceipts) -> None:
        """Check receipts and put back what the ledger lost; what is not ours is kept for the judges."""
        batch: list[tuple[Receipted, Restored]] = []
        for one in message.receipts:
            found = proven(self._receipts, connection.sitting_id, one)
            if found is not None:
                batch.append((one, found))
                continue
            self._stray(connection, one, ReceiptFault.UNPROVEN)
            connection.fault("bad-receipt", item=one.item, seq=one.seq)
        if batch:
            self._keep(self._restore(connection, batch))

    def ask(self, connection: Connection, message: ClientQuestion, now_us: int) -> None:
        """Record a question to the operators."""
        at_us, text = self.contest_us(now_us), plain(message.text)
        if code := self._questions.refusal(connection.sitting_id, text, self.ring.view.phase, at_us):
            connection.fault(code)
            return
        event = SittingEvent(connection.sitting_id, Micros(at_us), QUESTION, f"{message.item} {text}")
        # At once: the next one must not overtake its record.
        self._questions.learn(event)
        self._keep(self._ask(connection, event))

    def shape(self, item: int) -> Shape | None:
        """Return what a response to an item must fit."""
        return self._shapes.get(item)

    def stalled(self, connection: Connection) -> None:
        """Watch a connection that does not read."""
        self._stalled.add(connection)

    def resumed(self, connection: Connection) -> None:
        """A connection reads again: give it the board it missed."""
        self._stalled.discard(connection)
        self._showing.resumed(connection)

    def count_error(self, code: str) -> None:
        """Count a refusal by its code."""
        self.counts.errors[code] += 1

    def closing(self, connection: Connection, close_code: int, reason: str) -> None:
        """Count a close of ours by its code, and tell of a contestant's; viewers and those who move are too many."""
        self.counts.closes[close_code] += 1
        told = self._log.info if connection.is_contestant and close_code != CloseCode.MOVED else _log.debug
        told("socket_closed", sitting=connection.sitting_id, close_code=close_code, reason=reason)

    # --- joining ------------------------------------------------------------------------------------------------------

    async def _join(self, connection: Connection, hello: ClientHello, now_us: int) -> None:
        try:
            session_id, sitting_id, network = await self._tickets.redeem(hello.ticket)
            member = self._members.get(sitting_id)
            if member is None and self._own is not None:
                # Enrolled at entry: whoever issued the ticket has set the sitting down.
                member = self._members[sitting_id] = enrolled(sitting_id)
            if session_id != self.file.session_id or member is None:
                raise TicketRefused
            sitting_id = member.sitting_id  # one number for each, not one more for every socket
            if member.struck:
                connection.end(CloseCode.REFUSED, "struck", 0)
                return
            entered = self._attendance.has_entered(sitting_id)
            start_us = Micros(self.ring.view.start_us or self.file.start_us)
            if not entered and not may_enter(self.file.plan, start_us, Micros(self.clock.now_us())):
                connection.end(CloseCode.REFUSED, "late-entry", 0)
                return
            begun_us = 0 if self._own is None else await self._own.begun(self._ledger, sitting_id)
            answers: list[ServerAck] = []
            responses: list[Answered] = []
            if self.ring.missed(hello.epoch, hello.offset) is None:
                answers, responses = await self._own_answers(sitting_id)
        except TicketRefused:
            connection.end(CloseCode.REFUSED, "ticket-refused", 0)
            return
        except StoreUnavailable:
            connection.end(CloseCode.MOVED, "store-unavailable", 1000)
            return
        if connection.stage is not Stage.JOINING:
            return
        at_us = self.contest_us(now_us)
        if not self._attendance.enter(sitting_id, at_us):
            connection.end(CloseCode.SUPERSEDED, "superseded", 0)
            return
        connection.sitting_id = sitting_id
        connection.shard = sitting_id % self.file.shards
        older = self._contestants.get(sitting_id)
        self._contestants[sitting_id] = connection
        if older is not None:
            older.end(CloseCode.SUPERSEDED, "superseded", 0)
        self._joins += 1
        self._note(connection, "connected", at_us, f"{self.name} {self._joins} {network}")
        self._log.debug("joined", sitting=sitting_id)
        self._welcome(connection, hello, answers, responses, begun_us)
        connection.resent(hello.unacked, now_us)

    def _welcome(
        self,
        connection: Connection,
        hello: ClientHello,
        answers: list[ServerAck],
        responses: list[Answered],
        begun_us: int = 0,
    ) -> None:
        """Say welcome with what was missed, or with a snapshot, and what is open. Nothing waits in between."""
        missed = self.ring.missed(hello.epoch, hello.offset)
        seed = b""
        if connection.is_contestant:
            seed = order_seed(self.file.secret, self.file.session_id, connection.sitting_id)
        welcome = ServerWelcome(
            self.file.session_id,
            connection.sitting_id,
            self.ring.epoch,
            self.ring.view.offset,
            missed is not None,
            self.clock.now_us(),
            seed,
            present_receipts=connection.is_contestant and hello.epoch not in ("", self.ring.epoch),
        )
        frames = [encode(welcome)]
        self.counts.joins += 1
        if missed is None:
            frames.append(encode(self.ring.view.snapshot(answers, responses)))
        else:
            self.counts.recovered += 1
            frames += missed
        if connection.is_contestant:
            if self._own is None:
                frames += [self._opening(window) for window in self.ring.view.open_windows(self.clock.now_us())]
            elif begun_us:
                frames += self._own.frames(begun_us, self.ring.view)
            frames += self._showing.own(connection.sitting_id)
            frames += self._notes.frames(self._members[connection.sitting_id])
        connection.fed = self.ring.view.offset
        connection.stage = Stage.LIVE
        connection.send_many(frames)

    async def _own_answers(self, sitting_id: SittingId) -> tuple[list[ServerAck], list[Answered]]:
        now_us = self.clock.now_us()
        opened = [ItemNo(window.item) for window in self.ring.view.windows if window.opens_at_us <= now_us]
        answers: list[ServerAck] = []
        responses: list[Answered] = []
        for submission, decision in await self._ledger.own(sitting_id, opened):
            answers.append(make_ack(self, submission, decision))
            responses.append(Answered(submission.item_no, submission.client_seq, list(submission.response)))
        return answers, responses

    async def _ask(self, connection: Connection, event: SittingEvent) -> None:
        """Say that a question was recorded once it is on disk."""
        try:
            await self._ledger.events([event])
        except StoreUnavailable:
            self._questions.forget(event)
            connection.fault("store-unavailable")
            return
        connection.send(encode(ServerAsked(event.at_us, self._questions.left(event.sitting_id))))

    async def _restore(self, connection: Connection, batch: list[tuple[Receipted, Restored]]) -> None:
        while True:
            try:
                decisions = await self.intake.restore(connection.shard, [found for _, found in batch])
                break
            except StoreUnavailable:
                # The store that lost them is being put in order; whoever left will present them again.
                if connection.stage is not Stage.LIVE:
                    return
                await asyncio.sleep(_AGAIN_S)
        for (presented, one), decision in zip(batch, decisions, strict=True):
            if not holds(one, decision):
                self._stray(connection, presented, ReceiptFault.CONTRADICTED)
            connection.acknowledge(
                Submission(one.sitting_id, one.item_no, one.client_seq, one.response, 0, 0), decision
            )

    def _stray(self, connection: Connection, one: Receipted, fault: ReceiptFault) -> None:
        event = self._strays.event(connection.sitting_id, one, fault, Micros(self.clock.now_us()))
        if event is not None:
            self._log.warning("receipt_astray", sitting=connection.sitting_id, item=one.item, fault=fault.value)
            self.intake.note(event)

    # --- openings -----------------------------------------------------------------------------------------------------

    def _opening(self, window: ItemWindow) -> bytes:
        return encode(ServerOpen(window.item, item_key(self.file.secret, self.file.session_id, ItemNo(window.item))))

    def _schedule(self, windows: list[ItemWindow]) -> None:
        # Where each sitting has its own clock nothing opens for all at once.
        if self._own is None:
            self._opener.schedule(windows)

    def _prepare(self, windows: list[ItemWindow]) -> None:
        self._targets = shuffled(self._contestants.values())
        self._opening_frames = [self._opening(window) for window in windows]

    def _release(self, windows: list[ItemWindow]) -> None:
        frames = self._opening_frames
        streamed = len(windows) == 1
        item = windows[0].item
        opens_us = self.clock.monotonic_us(windows[0].opens_at_us)
        latest_us = opens_us + DELIVERY_CAP_US
        monotonic_ns = time.monotonic_ns
        live, frame = Stage.LIVE, frames[0]
        for connection in self._targets:
            if not streamed:
                connection.send_many(frames)
            elif connection.stage is live:
                connection.link.send(frame)
                connection.delivered_item = item
                now_us = monotonic_ns() // 1000
                connection.delivered_us = min(latest_us, now_us)
        for connection in self._contestants.values():
            # Those who joined while the order was drawn.
            if streamed and connection.delivered_item != item and connection.stage is Stage.LIVE:
                connection.send_many(frames)
        self._targets = []
        self.counts.opening_us.observe(monotonic_ns() // 1000 - opens_us)

    # --- following ----------------------------------------------------------------------------------------------------

    async def _reload_feed(self) -> None:
        ring = FeedRing(await self._store.epoch())
        while entries := await self._store.feed(ring.view.offset, 0):
            for _, frame in entries:
                ring.add(frame)
        self.ring = ring
        self._schedule(ring.view.windows)

    async def _follow_feed(self) -> None:
        in_doubt = lost = False
        while True:
            try:
                if lost or (in_doubt and await self._lost_feed()):
                    await self._begin_anew()
                in_doubt = lost = False
                ring = self.ring
                entries = await self._store.feed(ring.view.offset, BLOCK_MS)
                if entries and ring is self.ring:
                    self._published([frame for _, frame in entries])
            except StoreUnavailable:
                in_doubt = True
                await asyncio.sleep(0.2)
            except ValueError:
                lost = True

    async def _lost_feed(self) -> bool:
        """Whether the store came back from an outage with less than it had."""
        return await self._store.epoch() != self.ring.epoch or await self._store.last_offset() < self.ring.view.offset

    async def _begin_anew(self) -> None:
        """The store lost something: what clients hold is of another epoch, and they come back with their receipts."""
        # The director knows the feed and puts it back.
        deadline = time.monotonic() + _PUT_BACK_S
        while await self._store.last_offset() < self.ring.view.offset and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_AGAIN_S)
        await self._reload_feed()
        for connection in shuffled(self._all):
            if connection.stage is Stage.LIVE:
                connection.end(CloseCode.MOVED, "moved", 500)

    def _published(self, frames: list[bytes]) -> None:
        entries = [self.ring.add(frame) for frame in frames]
        if any(isinstance(entry, ServerTimeline | ServerPhase) for entry in entries):
            self._schedule(self.ring.view.windows if self.ring.view.phase is not Phase.CLOSED else [])
        self._showing.feed_moved()
        if self.file.show_own and all(isinstance(entry, ServerClosed) and not entry.key for entry in entries):
            # Their clocks have told them already; it travels with their own score, a moment later.
            self._loose_ends = self._loose_ends or asyncio.get_running_loop().call_later(_TOGETHER_S, self._tie)
        else:
            self._tie()

    def _tie(self) -> None:
        """Write to every contestant whatever of the feed was not written yet."""
        if self._loose_ends is not None:
            self._loose_ends.cancel()
            self._loose_ends = None
        for connection in self._contestants.values():
            self._catch_up(connection)

    def _catch_up(self, connection: Connection, more: Sequence[bytes] = ()) -> None:
        """Write all of the feed that a connection does not have yet, and `more` with it, at once."""
        if connection.stage is not Stage.LIVE:
            return
        offset = self.ring.view.offset
        if connection.fed != offset:
            more = [*self.ring.after(connection.fed), *more]
            connection.fed = offset
        if len(more) == 1:
            connection.link.send(more[0])
        elif more:
            connection.link.send_many(more)

    def _crowded(self) -> bool:
        """Whether so many answers wait that they came together."""
        return self.intake.waiting >= _CROWD

    def _serving(self) -> bool:
        """Whether contestants come first now: an item is about to open or was just opened, or answers wait."""
        if self.intake.busy:
            return True
        now_us = self.clock.now_us()
        return any(
            window.opens_at_us - _BEFORE_OPENING_US <= now_us < window.opens_at_us + _AFTER_OPENING_US
            for window in self.ring.view.windows
        )

    async def _follow_board(self, position: str) -> None:
        while True:
            try:
                position, updates = await self._store.board(position, BLOCK_MS)
                for update in updates:
                    if not self.table.apply(update):
                        position, fresh = await self._store.board_start()
                        for one in fresh:
                            self.table.apply(one)
                        break
                if updates:
                    self._board_lag_us = self.clock.now_us() - updates[-1].at_us
                    self.counts.board_lag_us.observe(self._board_lag_us)
                    if self.ring.view.phase is Phase.LOBBY:
                        self._showing.show_lobby(self._contestants)
                    await self._showing.tell_own(self._contestants, updates)
                    self._showing.board_moved(updates)
            except StoreUnavailable:
                await asyncio.sleep(0.2)

    async def _read_events(self, position: str, block_ms: int) -> str:
        """Learn who entered, who left the page, and which of our connections a newer one elsewhere replaced."""
        position, entries = await self._store.events(position, block_ms, 1000)
        for _, events in entries:
            for event in events:
                if isinstance(event, SessionEvent):
                    self._tell(event)
                    if event.kind == STORE_LOSS and self.ring.epoch and await self._store.epoch() != self.ring.epoch:
                        await self._begin_anew()
                    continue
                self._questions.learn(event)
                self._strays.learn(event)
                self.turnout.learn(event)
                if self._attendance.learn(event):
                    connection = self._contestants.pop(event.sitting_id, None)
                    if connection is not None:
                        connection.end(CloseCode.SUPERSEDED, "superseded", 0)
        return position

    def _tell(self, event: SessionEvent) -> None:
        """Write a note that is new to whomever of ours it is for."""
        if (known := self._notes.learn(event)) is None:
            return
        note, frame = known
        for sitting_id, connection in self._contestants.items():
            if connection.stage is Stage.LIVE and note.reaches(self._members[sitting_id]):
                connection.send(frame)

    async def _follow_events(self, position: str) -> None:
        while True:
            try:
                position = await self._read_events(position, BLOCK_MS)
            except StoreUnavailable:
                await asyncio.sleep(0.2)

    async def _sweep(self) -> None:
        """Close what does not read, what never said hello or answers no ping."""
        collected_us = 0
        while True:
            await asyncio.sleep(1)
            now_us = time.monotonic_ns() // 1000
            since_us = now_us - collected_us
            if since_us > COLLECT_AT_LAST_US or (since_us > COLLECT_EVERY_US and self.quiet()):
                collected_us = now_us
                gc.collect()
            for connection in list(self._stalled):
                if now_us - connection.stalled_us > STALL_LIMIT_US or connection.link.unsent() > UNSENT_LIMIT_BYTES:
                    connection.end(CloseCode.SLOW, "slow-client", 500)
            self._vigil.look(now_us)

    async def _be_present(self) -> None:
        """Let others know that this gateway's contestants are connected still and how it does, and hear of theirs."""
        while True:
            with suppress(StoreUnavailable):
                self.turnout.heard_of(await self._store.gateways(), self.clock.now_us())
            await asyncio.sleep(PRESENT_EVERY_S)
            figures = GatewayFigures(
                self.connections,
                self.contestants,
                self.intake.waiting,
                self.ring.view.offset,
                self._board_lag_us,
                list(self.intake.counts.ack_us.buckets),
            )
            with suppress(StoreUnavailable):
                await self._store.present(self.name, Micros(self.clock.now_us()), pack(figures))

    # --- leaving ------------------------------------------------------------------------------------------------------

    async def _send_away(self) -> None:
        """Tell each in its turn to come back elsewhere, so that the others are not met by all at once.

        Whoever waits for an acknowledgement gets it first. Those whose turn has not come are served as ever.
        """
        left = deque(shuffled(self._all))
        window_s = min(len(left) / _MOVED_PER_S, _LONGEST_MOVE_S)
        at_once = max(1, round(len(left) * _MOVE_EVERY_S / window_s)) if left else 0
        until = time.monotonic() + window_s + _ANSWERS_WITHIN_S
        while left and time.monotonic() < until:
            owed = self.intake.owed()
            for connection in [left.popleft() for _ in range(min(at_once, len(left)))]:
                if connection.is_contestant and connection.sitting_id in owed:
                    left.append(connection)
                else:
                    connection.end(CloseCode.MOVED, "moved", _RESUME_AFTER_MS)
            await asyncio.sleep(_MOVE_EVERY_S)
        for connection in left:
            connection.end(CloseCode.MOVED, "moved", _RESUME_AFTER_MS)

    # --- small things -------------------------------------------------------------------------------------------------

    def _note(self, connection: Connection, kind: str, at_us: int, detail: str = "") -> None:
        self.intake.note(SittingEvent(connection.sitting_id, Micros(at_us), kind, detail))

    def _keep(self, work: Coroutine[Any, Any, None], *, vital: bool = False) -> None:
        """Run something beside; a gateway whose vital part failed has `failed` and must be replaced."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._vital_done if vital else self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("gateway_task_failed", error=repr(error), exc_info=error)

    def _vital_done(self, task: "asyncio.Task[None]") -> None:
        self._done(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self.failed.done():
            self.failed.set_exception(error)

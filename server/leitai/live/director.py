"""The director: conducts a session and keeps its standings while it holds the lease.

Exactly one acts at a time. Its token fences every write, so that one that was slow to notice its successor changes
nothing. It keeps no state of its own: whoever takes over rebuilds everything from the ledger.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ParamSpec, Protocol, TypeVar

import structlog

from leitai.live.attendance import PRESENT_EVERY_S, Presence
from leitai.live.clock import ContestClock
from leitai.live.conductor import CommandRefused, Conductor, Step
from leitai.live.counts import DirectorCounts
from leitai.live.ports import (
    RECEIPT,
    Archive,
    Command,
    Direction,
    Fenced,
    GatewayStore,
    Ledger,
    SessionEvent,
    SessionFile,
    SessionScript,
    SittingEvent,
    StoreUnavailable,
    Streams,
)
from leitai.live.rescue import Memory, Rescue, position_offset
from leitai.live.standings import Standings
from leitai.rules.appeals import AppealWindow
from leitai.rules.finalizing import BlockerCode, blockers
from leitai.rules.freezing import shows_window
from leitai.rules.markings import Mark, MarkedAnswer
from leitai.rules.rulings import Ruling
from leitai.rules.values import Micros, Phase, SessionId, SittingId, Window
from leitai.wire.codec import encode

LEASE_MS = 2500
_RENEW_S = 0.8
_TRY_S = 0.4
_TICK_S = 0.05
BOARD_EVERY_S = 0.25
_BLOCK_MS = 1000
_ENTRIES = 500
_REST_S = 0.05
"""Between two reads of answers, where one has taken all there were: woken by each, it would take gateways' turns."""
_RULINGS_S = 0.8
_FREEZE_MARGIN_US = 50_000
FREEZE_SETTLES_US = 2_000_000
"""The frozen board is told so long after its instant: what was given or ruled before it is known by then."""
_SLICE_S = 0.005
_RULED = (Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW)
_OVER = (Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED)
_Asked = ParamSpec("_Asked")
_Found = TypeVar("_Found")
_log = structlog.get_logger()


class DirectorStore(Direction, Streams, GatewayStore, Protocol):
    """What a director reads and writes."""


class Director:
    """Tries for the lease, and directs while it has it."""

    def __init__(
        self,
        name: str,
        file: SessionFile,
        store: DirectorStore,
        ledger: Ledger,
        archive: Archive,
        clock: ContestClock,
    ) -> None:
        """`name` is this process's own among all directors."""
        self._name = name
        self._file = file
        self._store = store
        self._ledger = ledger
        self._archive = archive
        self.clock = clock
        self.counts = DirectorCounts()
        self.acting = False
        self._memory = Memory()
        self.token = 0
        """Of its last lease; 0 before the first."""
        self.take_overs = 0

    @property
    def session_id(self) -> SessionId:
        """The session that it directs."""
        return self._file.session_id

    async def run(self) -> None:
        """Work until cancelled; then give the lease up."""
        above = 0
        try:
            while True:
                try:
                    token = await self._store.lease(self._name, LEASE_MS, above)
                    if token:
                        await self.clock.synchronise()
                        self.take_overs += 1
                        await self._reign(token)
                except (Fenced, StoreUnavailable) as failure:
                    _log.warning("director_stood_down", reason=repr(failure))
                    if isinstance(failure, Fenced):
                        above = await self._greatest_token()
                await asyncio.sleep(_TRY_S)
        finally:
            try:
                await asyncio.shield(self._store.release(self._name))
            except StoreUnavailable:
                _log.warning("lease_not_released")

    async def _greatest_token(self) -> int:
        """Return the token to go beyond: a lease that was lost with its node begins again below what shards know."""
        try:
            return await self._store.greatest_token()
        except StoreUnavailable:
            return 0

    async def _reign(self, token: int) -> None:
        """Direct until something fails; raises what failed."""
        self.token = token
        reign = _Reign(
            self._file, self._store, self._ledger, self._archive, self.clock, token, self.counts, self._memory
        )
        try:
            async with asyncio.TaskGroup() as group:
                # From the first moment: to rebuild a large session takes longer than the lease.
                group.create_task(self._renew(token))
                await reign.begin(self._name)
                self.acting = True
                for worker in (
                    *(reign.follow_answers(shard) for shard in range(self._file.shards)),
                    reign.follow_events(),
                    reign.follow_gateways(),
                    reign.follow_commands(),
                    reign.conduct(),
                    reign.show(),
                    reign.show_frozen(),
                    reign.archive_phases(),
                    reign.watch_archive(),
                    reign.follow_rulings(),
                    reign.watch_feed(),
                    self.clock.keep(),
                ):
                    group.create_task(worker)
        except ExceptionGroup as failures:
            # What `except*` raises comes wrapped on Python before 3.11.4, and nobody would take over again.
            met, others = failures.split((Fenced, StoreUnavailable))
            if met is None or others is not None:
                raise
            raise _first(met) from None
        finally:
            self.acting = False

    async def _renew(self, token: int) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            if await self._store.lease(self._name, LEASE_MS) != token:
                raise Fenced


class _Reign:
    """One director's time in office: from taking the lease until losing it."""

    def __init__(
        self,
        file: SessionFile,
        store: DirectorStore,
        ledger: Ledger,
        archive: Archive,
        clock: ContestClock,
        token: int,
        counts: DirectorCounts,
        memory: Memory,
    ) -> None:
        self._file = file
        self._store = store
        self._ledger = ledger
        self._archive = archive
        self._clock = clock
        self._token = token
        self._counts = counts
        self._memory = memory
        self._rescue = Rescue(file, store, archive, memory)
        self._standings = Standings(file)
        self._scoring = asyncio.Lock()
        """Held while the standings are read or changed: what takes long there is done in a thread."""
        self._judged: tuple[list[Ruling], dict[MarkedAnswer, list[Mark]]] = ([], {})
        self._rulings_known = False
        self._positions = ["0-0"] * file.shards
        self._events = "0-0"
        self._presence = Presence()
        self._phase_changed = asyncio.Event()
        self._unsaved_standings = True
        self._turn = asyncio.Lock()
        """Steps are carried out one after another, whichever worker found them due."""
        self._conductor = Conductor(file, None, 0)

    async def begin(self, name: str) -> None:
        """Rebuild everything from the ledger and put the windows in force under this token."""
        began = time.monotonic()
        state = await self._rescue.script(self._token)
        self._conductor = Conductor(self._file, state, await self._store.last_offset())
        await self._store.epoch()
        lost = await self._rescue.shards()
        await self._know_versions()
        if state is not None:
            await self._set_windows()
            for shard, detail in enumerate(lost):
                if detail:
                    await self._store.report_loss(shard, detail)
            for window in state.counted_windows:
                await self._score(self._standings.close, window)
            # Whoever was director before may have been lost between closing an item and logging it.
            await self._log_closings(state.counted_windows)
        for shard in range(self._file.shards):
            while await self._read_answers(shard, 0):
                pass
        while await self._read_events(0):
            pass
        try:
            await self._read_rulings()
        except StoreUnavailable:
            _log.warning("rulings_unknown", reason="the archive is away")
        self._count_step()
        await self._board(full=True)
        seconds = time.monotonic() - began
        _log.info("director_took_over", token=self._token, seconds=round(seconds, 3))
        event = SessionEvent(Micros(self._clock.now_us()), "director", f"{name} token {self._token}")
        await self._ledger.events([event])
        self._phase_changed.set()

    async def _know_versions(self) -> None:
        """Go on from what was told before, and hold the frozen board that was told, if it is of the freeze in force."""
        freeze = self._conductor.state.freeze
        _position, public = await self._store.board_start()
        _position, true = await self._store.truth_start() if freeze is not None else ("", [])
        told = [self._counts.standings_version, *(updates[-1].version for updates in (public, true) if updates)]
        self._standings.version = self._counts.standings_version = max(told)
        if freeze is not None:
            kept = public[-1] if public and public[-1].frozen and public[-1].version >= freeze.at_us else None
            self._standings.freeze(freeze.at_us, kept)

    async def watch_feed(self) -> None:
        """Begin anew when the ledger has lost entries without a connection being lost; raises `StoreUnavailable`."""
        while True:
            await asyncio.sleep(_RENEW_S)
            offset = self._conductor.offset
            async with self._turn:
                if await self._store.last_offset() < offset:
                    raise StoreUnavailable("the feed has lost entries")

    async def follow_answers(self, shard: int) -> None:
        """Take recorded answers into the standings."""
        while True:
            if 0 < await self._read_answers(shard, _BLOCK_MS) < _ENTRIES:
                await asyncio.sleep(_REST_S)

    async def follow_events(self) -> None:
        """Know who is connected."""
        while True:
            await self._read_events(_BLOCK_MS)

    async def follow_gateways(self) -> None:
        """Know which gateways are there: one that was killed says goodbye for nobody."""
        while True:
            self._presence.heard_of(await self._store.gateways(), self._clock.now_us())
            await asyncio.sleep(PRESENT_EVERY_S)

    async def follow_commands(self) -> None:
        """Carry out what operators ask for."""
        while True:
            position, commands = await self._store.commands(self._conductor.state.command, _BLOCK_MS)
            for command in commands:
                async with self._turn:
                    if command.kind == "finalize":
                        # As of now, not of a moment ago: whoever directs is the only one who can refuse for sure.
                        await self._look_for_blockers()
                    try:
                        step = self._conductor.command(command, self._clock.now_us())
                    except CommandRefused as refusal:
                        _log.warning("command_refused", kind=command.kind, code=refusal.code, reason=str(refusal))
                        # Set down with the state, lest a later director find that it fits by then.
                        await self._carry_out(Step(self._conductor.set_down(position, refusal.code)))
                        continue
                    step.state = self._conductor.set_down(position, "")
                    await self._carry_out(step)
                detail = f"{_told(command)} by {command.by}"
                await self._ledger.events([SessionEvent(Micros(self._clock.now_us()), "command", detail)])

    async def conduct(self) -> None:
        """Take the steps that the clock makes due."""
        while True:
            async with self._turn:
                while (step := self._conductor.due(self._clock.now_us())) is not None:
                    await self._carry_out(step)
            await asyncio.sleep(_TICK_S)

    async def show(self) -> None:
        """Publish the board at most four times a second, and the canonical standings once the session is over."""
        while True:
            await asyncio.sleep(BOARD_EVERY_S)
            moved = await self._board(full=False)
            if self._conductor.state.phase in _OVER and (moved or self._unsaved_standings):
                self._unsaved_standings = False
                await self._store.set_standings(self._token, await self._score(self._standings.canonical))

    async def show_frozen(self) -> None:
        """Put the frozen board together, a slice at a time, tell it, and again only if it turns out otherwise."""
        while True:
            behind = self._standings.frozen_us is not None and not await self._score(self._standings.catch_up)
            if not behind:
                await self._frozen_board()
            await asyncio.sleep(_SLICE_S if behind else BOARD_EVERY_S)

    async def archive_phases(self) -> None:
        """Write the phase to the archive whenever it moved; the contest does not wait for it."""
        while True:
            await self._phase_changed.wait()
            self._phase_changed.clear()
            state = self._conductor.state
            try:
                frozen_us = None if state.freeze is None else state.freeze.at_us
                await self._archive.save_phase(self._file.session_id, state.phase, state.start_us, frozen_us)
                if state.phase is Phase.FINALIZED:
                    # From here on the archive takes no ruling; what came in before that counts.
                    await self._read_rulings()
                if self._memory.script is not None:
                    await self._archive.save_script(self._file.session_id, self._memory.script)
            except StoreUnavailable:
                self._phase_changed.set()
                await asyncio.sleep(1)

    async def follow_rulings(self) -> None:
        """Put in force what judges rule and mark, within a second or so of it."""
        while True:
            await asyncio.sleep(_RULINGS_S)
            if self._conductor.state.phase not in _RULED and self._rulings_known:
                continue
            try:
                await self._read_rulings()
            except StoreUnavailable:
                # What was in force stays so; the contest does not wait for the archive.
                continue

    async def watch_archive(self) -> None:
        """Know what keeps a session that moves on by itself from being final; for others a command looks."""
        while self._file.auto_finalize:
            await asyncio.sleep(0.5)
            if self._conductor.state.phase is Phase.UNDER_REVIEW:
                await self._look_for_blockers()

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _carry_out(self, step: Step) -> None:
        if step.set_windows:
            await self._set_windows()
        first = step.entries[0].offset if step.entries else self._conductor.offset + 1
        frames = [encode(entry) for entry in step.entries]
        # Known before it is published: a store that fails meanwhile may have shown it to gateways and then lost it.
        self._memory.script = SessionScript(step.state, (*self._feed(), *frames))
        await self._store.publish(self._token, step.state, first, frames)
        self._count_step()
        await self._freeze_or_thaw(step)
        for window in step.closed:
            await self._score(self._standings.close, window)
        await self._log_closings(step.closed)
        for entry in step.entries:
            _log.info("published", entry=type(entry).__name__, offset=entry.offset, phase=step.state.phase.value)
        self._unsaved_standings = True
        self._phase_changed.set()

    async def _freeze_or_thaw(self, step: Step) -> None:
        freeze = step.state.freeze
        if self._standings.frozen_us == (None if freeze is None else freeze.at_us):
            return
        async with self._scoring:
            if freeze is None:
                self._standings.thaw()
            else:
                self._standings.freeze(freeze.at_us)
        at_us = Micros(self._clock.now_us()) if freeze is None else freeze.at_us
        await self._ledger.events([SessionEvent(at_us, "thaw" if freeze is None else "freeze")])
        _log.info("board_thawed" if freeze is None else "board_frozen", at_us=at_us)

    def _feed(self) -> tuple[bytes, ...]:
        return () if self._memory.script is None else self._memory.script.feed

    def _count_step(self) -> None:
        self._counts.feed_offset, self._counts.phase = self._conductor.offset, self._conductor.state.phase

    async def _log_closings(self, closed: Sequence[Window]) -> None:
        """Log the windows that count: standings are recomputed from them without the ledger."""
        events = [
            SessionEvent(
                window.closes_at_us, "item_closed", f"{window.item_no} {window.opens_at_us} {window.closes_at_us}"
            )
            for window in closed
        ]
        if events:
            await self._ledger.events(events)

    async def _set_windows(self) -> None:
        counted, windows = self._file.plan.counted.value, self._conductor.state.windows
        seen, on = self._memory.offsets, self._rescue.histories
        await self._store.set_windows(self._token, counted, windows, seen, on, self._file.plan.own_us)

    async def _board(self, *, full: bool) -> bool:
        self._standings.connected = self._presence.connected
        async with self._scoring:
            now_us, began_ns = self._clock.now_us(), time.monotonic_ns()
            if self._freezing(now_us):
                self._standings.whole = self._standings.whole or full
                return False
            frozen = self._standings.frozen_us is not None
            update = await asyncio.to_thread(self._standings.update, self._conductor.open_item(now_us), full=full)
        if update is None:
            return False
        publish = self._store.publish_truth if frozen else self._store.publish_board
        await publish(self._token, replace(update, at_us=now_us))
        self._counts.standings_version = update.version
        if update.moves:
            self._counts.update_us.observe((time.monotonic_ns() - began_ns) // 1000)
        return update.moves

    def _freezing(self, now_us: int) -> bool:
        """Whether a freeze has begun, or is about to, that the standings do not know of yet: nothing is told then."""
        state, due_us = self._conductor.state, self._conductor.freezes_at_us
        if state.freeze is not None:
            return self._standings.frozen_us is None
        return state.phase is Phase.RUNNING and due_us is not None and now_us >= due_us - _FREEZE_MARGIN_US

    async def _frozen_board(self) -> None:
        state, now_us = self._conductor.state, self._clock.now_us()
        freeze = state.freeze
        # Without the rulings of before the freeze, or an item that closed, it would be another board than was told.
        if freeze is None or now_us < freeze.at_us + FREEZE_SETTLES_US or not self._rulings_known:
            return
        closed = [window.item_no for window in state.windows if shows_window(window, freeze.at_us)]
        if state.phase is Phase.RUNNING and not set(closed) <= set(state.closed_items):
            return
        update = await self._score(self._standings.frozen_update)
        if update is not None:
            _log.info("frozen_board_told", version=update.version)
            await self._store.publish_board(self._token, replace(update, at_us=now_us, phase=freeze.phase.value))

    async def _score(self, work: Callable[_Asked, _Found], *args: _Asked.args, **named: _Asked.kwargs) -> _Found:
        """Have the standings do what is long for a large session, while the loop keeps the lease and the clock."""
        async with self._scoring:
            return await asyncio.to_thread(work, *args, **named)

    async def _read_answers(self, shard: int, block_ms: int) -> int:
        """Return how many there were."""
        position, answers = await self._store.answers(shard, self._positions[shard], block_ms, _ENTRIES)
        async with self._scoring:
            for answer in answers:
                self._standings.record(answer)
        self._positions[shard] = position
        self._memory.offsets[shard] = max(self._memory.offsets[shard], position_offset(position))
        self._counts.answers += len(answers)
        return len(answers)

    async def _read_rulings(self) -> None:
        session_id = self._file.session_id
        judged = await self._archive.rulings(session_id), await self._archive.marks(session_id)
        self._rulings_known = True
        if judged != self._judged:
            self._judged = judged
            await self._score(self._standings.rule, *judged)
            self._unsaved_standings = True
            _log.info("rulings_in_force", rulings=len(judged[0]), marked=len(judged[1]))

    async def _look_for_blockers(self) -> None:
        """Tell the conductor what keeps the session from being final; what the archive cannot say does."""
        session_id, now_us = self._file.session_id, Micros(self._clock.now_us())
        try:
            await self._read_rulings()
            recorded = [
                position_offset(await self._archive.recorder_position(session_id, shard, "answers"))
                for shard in range(self._file.shards)
            ]
            appeals = await self._archive.appeals(session_id)
            strays = await self._archive.open_receipts(session_id)
            strays += await self._strays_on_their_way()
        except StoreUnavailable:
            self._conductor.missing = (BlockerCode.UNRECORDED.value,)
            return
        # Nobody appeals where the session moves on by itself.
        open_us = Micros(0) if self._file.auto_finalize else self._file.appeal_us
        # Beyond ours where what is recorded was lost here and put back under earlier positions.
        unrecorded = sum(
            max(0, position_offset(ours) - theirs) for theirs, ours in zip(recorded, self._positions, strict=True)
        )
        found = blockers(
            now_us,
            unmarked=await self._score(self._standings.unmarked),
            rulings=self._judged[0],
            appeals=appeals,
            window=AppealWindow(self._conductor.end_us(), open_us),
            unreconciled=strays,
            unrecorded=unrecorded,
        )
        self._conductor.missing = tuple(blocker.code.value for blocker in found)

    async def _strays_on_their_way(self) -> list[SittingId]:
        """Return whose stray receipts the recorder has not brought to the archive yet, as of now."""
        found: list[SittingId] = []
        position = await self._archive.recorder_position(self._file.session_id, 0, "events")
        while True:
            position, entries = await self._store.events(position, 0, 1000)
            if not entries:
                return found
            found += [
                event.sitting_id
                for _, events in entries
                for event in events
                if isinstance(event, SittingEvent) and event.kind == RECEIPT
            ]

    async def _read_events(self, block_ms: int) -> bool:
        self._events, entries = await self._store.events(self._events, block_ms, 1000)
        for _, events in entries:
            for event in events:
                if isinstance(event, SittingEvent):
                    self._presence.learn(event)
        return bool(entries)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    failure: BaseException = group
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]  # pyright: ignore[reportUnknownMemberType]
    return failure


def _told(command: Command) -> str:
    """Return a command in a word or three, for the log of events."""
    words = [command.kind]
    if command.item:
        words.append(f"item {command.item}")
    if command.seconds:
        words.append(f"{command.seconds} s")
    return " ".join(words)

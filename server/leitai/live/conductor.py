"""The conductor: which phase a session is in and which windows are in force. Moments and commands in, steps out.

Nothing here waits, reads a clock or writes to a store: the director does, and carries each step out whole.
"""

from dataclasses import dataclass, field, replace

from leitai.live.ports import Command, Freeze, SessionFile, SessionState
from leitai.rules import phases
from leitai.rules.finalizing import BlockerCode
from leitai.rules.freezing import freezes_at
from leitai.rules.rights import timely
from leitai.rules.seconding import act_of
from leitai.rules.timeline import ends_at, windows
from leitai.rules.values import ItemNo, Micros, Pacing, Pause, Phase, Window
from leitai.wire.messages import (
    FeedEntry,
    ItemWindow,
    ServerAnnouncement,
    ServerClosed,
    ServerPhase,
    ServerTimeline,
)

CLOSING_GRACE_US = 200_000
"""An item is closed for good this long after its window: answers stamped inside it may still be on their way."""
_TIMED = frozenset({Phase.SCHEDULED, Phase.LOBBY, Phase.RUNNING})
REVIEW_AFTER_US = 2_000_000
SOON_US = 3_000_000
"""A start by hand leaves this long for everyone to hear of it."""


MARGIN_US = 2_000_000
"""What is about to happen anyway is not changed any more: gateways would hear of it too late."""
LONGEST_EXTENSION_S = 3600
KEPT_OUTCOMES = 16
_TO_FREEZE = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW})


class CommandRefused(Exception):
    """A command is not carried out.

    `code`: `command-refused` (it does not fit the phase), `stale-edition` (somebody else acted first), `unknown-item`,
    `too-late-to-change` (the item has opened, or has closed, or is about to), `already-frozen`, `not-frozen`, and those
    of `rules.finalizing` for what is missing before the session may be final.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code


@dataclass(slots=True)
class Step:
    """What one move changes: the new state, the feed entries that tell of it, and what else must be done."""

    state: SessionState
    entries: list[FeedEntry] = field(default_factory=list[FeedEntry])
    set_windows: bool = False
    closed: list[Window] = field(default_factory=list[Window])
    """Windows that closed for good, to be scored."""


def scheduled_freeze(file: SessionFile, state: SessionState) -> Micros | None:
    """Return when the scheduled freeze begins; None: there is none, or it has come, or time stands still."""
    return None if state.freeze_came else freezes_at(file.plan, state.windows, file.freeze_percent)


class Conductor:
    """Moves one session along."""

    def __init__(self, file: SessionFile, state: SessionState | None, last_offset: int) -> None:
        """`state` is what the ledger holds, None when this session has never been conducted."""
        self.file = file
        self.state = state or SessionState(file.phase, file.start_us, 0, ())
        self.offset = last_offset
        self.missing: tuple[str, ...] = (BlockerCode.UNRECORDED.value,)
        """What keeps the session from being final, by the codes of `rules.finalizing`; the director looks."""

    def due(self, now_us: int) -> Step | None:
        """Return the next step that is due, having taken it; None when nothing is."""
        state = self.state
        if state.phase is Phase.SCHEDULED and state.timeline_version == 0:
            return self._timeline(replace(state, timeline_version=1))
        # As long before the start as was planned, wherever the start was moved to.
        lobby_us = self.file.lobby_opens_us + state.start_us - self.file.start_us
        if state.phase is Phase.SCHEDULED and now_us >= lobby_us:
            return self._phase(Phase.LOBBY)
        if state.phase is Phase.LOBBY and now_us >= state.start_us:
            return self._phase(Phase.RUNNING)
        if state.phase is Phase.RUNNING:
            # Before closings: what closes after the freeze is no more for the public.
            return self._scheduled_freeze(now_us) or self._closing(now_us)
        if state.phase is Phase.CLOSED and self.file.auto_finalize and now_us >= self.end_us() + REVIEW_AFTER_US:
            return self._phase(Phase.UNDER_REVIEW)
        if state.phase is Phase.UNDER_REVIEW and self.file.auto_finalize and not self.missing:
            return self._phase(Phase.FINALIZED)
        return None

    def command(self, command: Command, now_us: int) -> Step:
        """Carry an operator's command out; raises `CommandRefused`."""
        state = self.state
        at_us = Micros(now_us)
        if command.expects and command.expects != state.edition:
            raise CommandRefused("stale-edition", f"{command.expects}, now {state.edition}")
        if not timely(act_of(command.kind), state.phase):
            raise CommandRefused("command-refused", f"{command.kind} in {state.phase.value}")
        match command.kind:
            case "announce" if command.text:
                announcement = ServerAnnouncement(self.offset + 1, self.offset + 1, now_us, command.text[:500])
                return self._step(Step(state, [announcement]))
            case "reschedule" if state.phase is Phase.SCHEDULED and command.at_us > now_us + SOON_US:
                return self._told_timeline(replace(state, start_us=Micros(command.at_us)))
            case "withdraw" if state.phase is Phase.SCHEDULED:
                return self._phase(Phase.DRAFT)
            case "lobby" if state.phase is Phase.SCHEDULED:
                return self._moved_timeline(replace(state, phase=Phase.LOBBY))
            case "start" if state.phase in (Phase.SCHEDULED, Phase.LOBBY) and state.start_us > now_us + SOON_US:
                start_us = Micros(now_us + SOON_US)
                if state.phase is Phase.SCHEDULED:
                    state = replace(state, phase=phases.move(state.phase, Phase.LOBBY))
                return self._told_timeline(replace(state, start_us=start_us))
            case "pause" if state.phase is Phase.RUNNING:
                # Another director's clock may have been a little ahead of ours.
                earliest_us = state.pauses[-1].until_us if state.pauses else state.start_us
                pauses = (*state.pauses, Pause(max(at_us, earliest_us or at_us)))
                return self._moved_timeline(replace(state, phase=Phase.PAUSED, pauses=pauses))
            case "resume" if state.phase is Phase.PAUSED:
                began_us = state.pauses[-1].from_us
                pauses = (*state.pauses[:-1], Pause(began_us, max(began_us, at_us)))
                return self._moved_timeline(replace(state, phase=Phase.RUNNING, pauses=pauses))
            case "close" if state.phase in (Phase.RUNNING, Phase.PAUSED):
                return self._force_closing(at_us)
            case "review" if state.phase is Phase.CLOSED:
                return self._phase(Phase.UNDER_REVIEW)
            case "finalize" if state.phase is Phase.UNDER_REVIEW:
                if self.missing:
                    raise CommandRefused(self.missing[0], "finalize")
                return self._phase(Phase.FINALIZED)
            case "freeze" if state.phase in _TO_FREEZE:
                if state.freeze is not None:
                    raise CommandRefused("already-frozen", f"since {state.freeze.at_us}")
                return self._step(Step(replace(state, freeze=Freeze(at_us, state.phase))))
            case "thaw":
                if state.freeze is None:
                    raise CommandRefused("not-frozen", state.phase.value)
                return self._step(Step(replace(state, freeze=None)))
            case "extend" if state.phase in _TIMED:
                return self._extend(command, now_us)
            case "skip" if state.phase in _TIMED and self.file.plan.pacing is Pacing.STREAMED:
                return self._skip(command.item, now_us)
            case _:
                raise CommandRefused("command-refused", f"{command.kind} in {state.phase.value}")

    def set_down(self, position: str, code: str) -> SessionState:
        """Return the state with what came of the command at `position` (empty: carried out)."""
        outcomes = (*self.state.outcomes, (position, code))[-KEPT_OUTCOMES:]
        self.state = replace(self.state, command=position, outcomes=outcomes)
        return self.state

    @property
    def freezes_at_us(self) -> Micros | None:
        """When the scheduled freeze begins; None: there is none, or it has come, or time stands still."""
        return scheduled_freeze(self.file, self.state)

    def open_item(self, now_us: int) -> ItemNo:
        """Return the item that takes answers, 0 when none does or all do."""
        if self.file.plan.pacing is Pacing.PAPER or self.state.phase is not Phase.RUNNING:
            return ItemNo(0)
        for window in self.state.windows:
            if window.opens_at_us <= now_us < window.closes_at_us + CLOSING_GRACE_US:
                return window.item_no
        return ItemNo(0)

    # --- steps --------------------------------------------------------------------------------------------------------

    def _phase(self, phase: Phase) -> Step:
        state = replace(self.state, phase=phases.move(self.state.phase, phase))
        return self._step(Step(state, [ServerPhase(self.offset + 1, phase.value, state.start_us)]))

    def _timeline(self, state: SessionState) -> Step:
        placed = windows(self.file.plan, state.start_us, state.pauses, dict(state.extensions), state.skipped)
        state = replace(state, windows=placed)
        entry = ServerTimeline(
            self.offset + 1,
            state.timeline_version,
            [ItemWindow(window.item_no, window.opens_at_us, window.closes_at_us) for window in placed],
        )
        return self._step(Step(state, [entry], set_windows=True))

    def _extend(self, command: Command, now_us: int) -> Step:
        if not 1 <= command.seconds <= LONGEST_EXTENSION_S:
            raise CommandRefused("command-refused", f"{command.seconds} s")
        state = self.state
        # All items of a paper share one window, which grows by the greatest extension: any item stands for it.
        if self.file.plan.pacing is Pacing.PAPER:
            longer = [self._window(self.file.plan.items[0].item_no)]
        elif command.item:
            longer = [self._window(command.item)]
        else:
            longer = list(state.windows)
        longer = [window for window in longer if window.closes_at_us >= now_us + MARGIN_US]
        if not longer:
            raise CommandRefused("too-late-to-change", f"item {command.item}")
        extensions = dict(state.extensions)
        for window in longer:
            extensions[window.item_no] = extensions.get(window.item_no, 0) + command.seconds * 1_000_000
        return self._told_timeline(replace(state, extensions=tuple(sorted(extensions.items()))))

    def _skip(self, item_no: ItemNo, now_us: int) -> Step:
        if self._window(item_no).opens_at_us < now_us + MARGIN_US:
            raise CommandRefused("too-late-to-change", f"item {item_no}")
        return self._told_timeline(replace(self.state, skipped=(*self.state.skipped, item_no)))

    def _window(self, item_no: ItemNo) -> Window:
        for window in self.state.windows:
            if window.item_no == item_no:
                return window
        raise CommandRefused("unknown-item", f"item {item_no}")

    def _moved_timeline(self, state: SessionState) -> Step:
        phases.move(self.state.phase, state.phase)
        return self._told_timeline(state)

    def _told_timeline(self, state: SessionState) -> Step:
        step = self._timeline(replace(state, timeline_version=state.timeline_version + 1))
        step.entries.append(ServerPhase(self.offset + 1, state.phase.value, state.start_us))
        self.offset += 1
        return step

    def _scheduled_freeze(self, now_us: int) -> Step | None:
        due_us = self.freezes_at_us
        if due_us is None or now_us < due_us:
            return None
        # At the very instant, however late whoever directs came to it.
        freeze = self.state.freeze or Freeze(due_us, Phase.RUNNING)
        return self._step(Step(replace(self.state, freeze=freeze, freeze_came=True)))

    def _closing(self, now_us: int) -> Step | None:
        state = self.state
        over = [
            window
            for window in state.windows
            if window.item_no not in state.closed_items and now_us >= window.closes_at_us + CLOSING_GRACE_US
        ]
        if over:
            return self._close(state, over)
        if len(state.closed_items) + len(state.skipped) == len(self.file.plan.items):
            return self._phase(Phase.CLOSED)
        return None

    def _force_closing(self, at_us: Micros) -> Step:
        """Close everything now: what is open ends, what has not opened never will and is not scored."""
        state = self.state
        opened = tuple(
            Window(window.item_no, window.opens_at_us, Micros(min(window.closes_at_us, at_us)))
            for window in state.windows
            if window.opens_at_us < at_us
        )
        closing = [window for window in opened if window.item_no not in state.closed_items]
        state = replace(state, windows=opened, timeline_version=state.timeline_version + 1)
        step = self._close(state, closing)
        placed = [ItemWindow(window.item_no, window.opens_at_us, window.closes_at_us) for window in opened]
        step.entries.append(ServerTimeline(self.offset + 1, state.timeline_version, placed))
        phases.move(state.phase, Phase.CLOSED)
        self.state = step.state = replace(step.state, phase=Phase.CLOSED)
        step.entries.append(ServerPhase(self.offset + 2, Phase.CLOSED.value, state.start_us))
        self.offset += 2
        step.set_windows = True
        return step

    def _close(self, state: SessionState, closing: list[Window]) -> Step:
        show = self.file.show_key and self.file.plan.pacing is Pacing.STREAMED
        entries: list[FeedEntry] = []
        for place, window in enumerate(closing, 1):
            key = self._key(window.item_no) if show else []
            entries.append(ServerClosed(self.offset + place, window.item_no, key))
        state = replace(
            state,
            closed_items=(*state.closed_items, *(window.item_no for window in closing)),
            counted_windows=(*state.counted_windows, *closing),
        )
        return self._step(Step(state, entries, closed=closing))

    def _step(self, step: Step) -> Step:
        self.state = step.state
        self.offset += len(step.entries)
        return step

    def end_us(self) -> Micros:
        """Return when the last window closes or closed; the start while there are none."""
        return ends_at(self.state.windows) if self.state.windows else self.state.start_us

    def _key(self, item_no: ItemNo) -> list[str]:
        key = self.file.plan.items[item_no - 1].key
        return [blank[0] for blank in key.blanks] if key.blanks else sorted(key.options)

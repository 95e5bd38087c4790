"""The timeline of a session: when each item takes answers, and which phase an instant falls in.

All bounds are half-open: a window holds `opens_at_us <= t < closes_at_us`, a pause `from_us <= t < until_us`. Time
that a pause removes belongs to nobody: everything at or after its beginning happens later by its length. A closing that
falls exactly on a pause's beginning has happened and stays; an opening there has not, and moves.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from leitai.rules.values import ItemNo, Micros, Pacing, Pause, Phase, Plan, Window

CHECK_IN_US = Micros(1_800_000_000)
"""Check-in opens this long before the start (DOMAIN, Defaults: conduct, 30 min)."""

BEGINNING = ItemNo(0)
"""The item that a sitting with a clock of its own answers to begin: recorded, stamped and put back like any answer."""

_NO_EXTENSIONS: Mapping[ItemNo, int] = MappingProxyType({})


def windows(
    plan: Plan,
    start_us: Micros,
    pauses: Sequence[Pause] = (),
    extensions: Mapping[ItemNo, int] = _NO_EXTENSIONS,
    skipped: Collection[ItemNo] = (),
) -> tuple[Window, ...]:
    """The window of every item, in the order of the paper (DOMAIN, Defaults: pacing).

    Streamed: the first item opens at the start, each next one `plan.gap_us` after the closing before it. Paper: every
    item has the same window of `plan.duration_us` from the start.

    While a pause is open-ended, items that have not opened are left out, and one that has not closed closes at the
    pause's beginning: no answer counts while time stands still.

    Args:
        start_us: the actual start on the contest's clock.
        pauses: in the order they happened, apart from each other; only the last may be open-ended.
        extensions: time compensation (补时) in microseconds, added to the item's window; later items wait for it. In a
            paper-paced session the shared window grows by the greatest one.
        skipped: items that are left out; later ones come in their place.

    Raises:
        ValueError: pauses overlap, run backwards or begin before the start; an extension is negative.
    """
    _check(start_us, pauses, extensions)
    if plan.pacing is Pacing.PAPER:
        length = plan.duration_us + max(extensions.values(), default=0)
        spans = [(item.item_no, 0, length) for item in plan.items if item.item_no not in skipped]
    else:
        spans: list[tuple[ItemNo, int, int]] = []
        opens = 0
        for item in plan.items:
            if item.item_no in skipped:
                continue
            closes = opens + item.seconds * 1_000_000 + extensions.get(item.item_no, 0)
            spans.append((item.item_no, opens, closes))
            opens = closes + plan.gap_us
    placed: list[Window] = []
    for item_no, opens, closes in spans:
        opens_at_us = _opening(start_us + opens, pauses)
        if opens_at_us is not None:
            placed.append(Window(item_no, opens_at_us, _closing(start_us + closes, pauses)))
    return tuple(placed)


def item_at(windows: Sequence[Window], now_us: Micros) -> Window | None:
    """The window that takes answers at `now_us`, or None between items, before the first and after the last.

    In a paper-paced session all items share one window: the first of them stands for all.
    """
    for window in windows:
        if window.opens_at_us <= now_us < window.closes_at_us:
            return window
    return None


def own_window(plan: Plan, begun_us: int, window: Window) -> Window:
    """The window of an item for a sitting that began at `begun_us` with a clock of its own (`Plan.own_us`).

    Nobody is given time beyond the window of all: whoever begins in its last minutes has only these.
    """
    return Window(window.item_no, Micros(begun_us), Micros(min(begun_us + plan.own_us, window.closes_at_us)))


def ends_at(windows: Sequence[Window]) -> Micros:
    """The last closing. It may still move later by pauses and extensions.

    Raises:
        ValueError: no windows: a paper without items, or time stands still since the very start.
    """
    return max(window.closes_at_us for window in windows)


def may_enter(plan: Plan, start_us: Micros, now_us: Micros) -> bool:
    """Whether a contestant who has not entered may do so (DOMAIN, Defaults: conduct): before
    `start_us + plan.late_entry_us`, and a late one without extra time. When check-in opens is `compute_phase`'s matter.
    """
    return now_us < start_us + plan.late_entry_us


def compute_phase(
    start_us: Micros, ends_at_us: Micros, lobby_opens_us: Micros, now_us: Micros, paused: bool = False
) -> Phase:
    """The phase that the clock puts a scheduled session in: scheduled, lobby, running, paused or closed.

    The remaining phases are decisions of people (`phases.move`).

    Args:
        start_us: the start.
        ends_at_us: the last closing as known at `now_us`; not looked at while paused, when it is not known.
        lobby_opens_us: when check-in opens, `start_us - CHECK_IN_US` by default.
        now_us: the instant asked about.
        paused: an open-ended pause stands; before the start it means nothing.
    """
    if now_us < start_us:
        return Phase.LOBBY if now_us >= lobby_opens_us else Phase.SCHEDULED
    if paused:
        return Phase.PAUSED
    return Phase.RUNNING if now_us < ends_at_us else Phase.CLOSED


def _check(start_us: int, pauses: Sequence[Pause], extensions: Mapping[ItemNo, int]) -> None:
    if any(extension < 0 for extension in extensions.values()):
        raise ValueError("an extension is negative")
    earliest: int | None = start_us
    for pause in pauses:
        if earliest is None:
            raise ValueError("only the last pause may be open-ended")
        if pause.from_us < earliest:
            raise ValueError("a pause begins before the start or before the one before it has ended")
        if pause.until_us is not None and pause.until_us < pause.from_us:
            raise ValueError("a pause ends before it begins")
        earliest = pause.until_us


def _opening(at_us: int, pauses: Sequence[Pause]) -> Micros | None:
    """Where an opening due at `at_us` falls once pauses are removed; None: time stands still before it."""
    for pause in pauses:
        if at_us < pause.from_us:
            break
        if pause.until_us is None:
            return None
        at_us += pause.until_us - pause.from_us
    return Micros(at_us)


def _closing(at_us: int, pauses: Sequence[Pause]) -> Micros:
    """Where a closing falls; at the beginning of an open-ended pause when time stands still before it."""
    for pause in pauses:
        if at_us <= pause.from_us:
            break
        if pause.until_us is None:
            return pause.from_us
        at_us += pause.until_us - pause.from_us
    return Micros(at_us)

"""The feed at a gateway: a snapshot and what follows it equal a fresh snapshot; what was missed is exact."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.live.feed import RING, FeedRing, FeedView
from leitai.rules.values import Phase
from leitai.wire.codec import BadFrame, decode_feed_entry, encode
from leitai.wire.messages import (
    FeedEntry,
    ItemWindow,
    ServerAnnouncement,
    ServerClosed,
    ServerPhase,
    ServerSnapshot,
    ServerTimeline,
)

item_windows = st.builds(ItemWindow, st.integers(1, 80), st.integers(0, 50), st.integers(50, 99))
entries = st.one_of(
    st.builds(ServerPhase, st.just(0), st.sampled_from([phase.value for phase in Phase]), st.integers(0, 99)),
    st.builds(ServerTimeline, st.just(0), st.integers(1, 9), st.lists(item_windows, max_size=4)),
    st.builds(ServerAnnouncement, st.just(0), st.integers(1, 9), st.integers(0, 9), st.text(max_size=5)),
    st.builds(ServerClosed, st.just(0), st.integers(1, 80), st.lists(st.sampled_from("ABCD"), max_size=2)),
)


def _numbered(drawn: list[Any]) -> list[FeedEntry]:
    return [type(entry)(offset, *_rest(entry)) for offset, entry in enumerate(drawn, 1)]


def _rest(entry: Any) -> list[Any]:
    return [getattr(entry, name) for name in type(entry).__struct_fields__[1:]]


def _client(snapshot: ServerSnapshot, frames: list[bytes]) -> ServerSnapshot:
    """What a client written from docs/wire.md holds after a snapshot and the frames that followed."""
    offset, phase, start_us = snapshot.offset, snapshot.phase, snapshot.start_us
    version, windows, announcements = snapshot.timeline_version, snapshot.windows, list(snapshot.announcements)
    for frame in frames:
        entry = decode_feed_entry(frame)
        assert entry.offset == offset + 1
        offset = entry.offset
        match entry:
            case ServerPhase():
                phase, start_us = entry.phase, entry.start_us
            case ServerTimeline():
                version, windows = entry.version, entry.windows
            case ServerAnnouncement():
                announcements.append(entry)
            case ServerClosed():
                pass
    return ServerSnapshot(offset, phase, start_us, version, windows, announcements[-20:])


@given(st.lists(entries, max_size=40), st.data())
def test_a_snapshot_and_its_events_are_a_fresh_snapshot(drawn: list[Any], data: st.DataObject) -> None:
    numbered = _numbered(drawn)
    taken_at = data.draw(st.integers(0, len(numbered)))
    ring = FeedRing("e")
    for entry in numbered[:taken_at]:
        ring.add(encode(entry))
    then = ring.view.snapshot([], [])
    for entry in numbered[taken_at:]:
        ring.add(encode(entry))
    missed = ring.missed("e", then.offset)
    assert missed is not None
    assert _client(then, missed) == ring.view.snapshot([], [])


@given(st.integers(0, RING + 60), st.integers(0, RING + 80))
def test_what_was_missed_is_exact_or_a_snapshot(count: int, offset: int) -> None:
    ring = FeedRing("e")
    frames = [encode(ServerClosed(number, number % 80 + 1)) for number in range(1, count + 1)]
    for frame in frames:
        ring.add(frame)
    missed = ring.missed("e", offset)
    if offset > count or count - offset > RING:
        assert missed is None
    else:
        assert missed == frames[offset:]
    assert ring.missed("another epoch", offset) is None
    assert ring.missed("", offset) is None
    assert (ring.position.epoch, ring.position.offset) == ("e", count)


@pytest.mark.parametrize("offset", [0, 1, 3, 99])
def test_an_entry_that_does_not_follow_is_refused_and_changes_nothing(offset: int) -> None:
    ring = FeedRing("e")
    ring.add(encode(ServerPhase(1, "lobby", 7)))
    with pytest.raises(ValueError, match="does not follow 1"):
        ring.add(encode(ServerPhase(offset, "running", 8)))
    assert (ring.view.phase, ring.view.offset, ring.missed("e", 0)) == (
        Phase.LOBBY,
        1,
        [encode(ServerPhase(1, "lobby", 7))],
    )


def test_what_is_no_entry_is_refused() -> None:
    ring = FeedRing("e")
    with pytest.raises(BadFrame):
        ring.add(b"\xc1")
    assert ring.view.offset == 0


@pytest.mark.parametrize("phase", list(Phase))
def test_open_windows_to_the_microsecond(phase: Phase) -> None:
    view = FeedView(phase=phase, windows=[ItemWindow(1, 10, 20), ItemWindow(2, 20, 30), ItemWindow(3, 25, 28)])
    answering = phase in (Phase.SCHEDULED, Phase.LOBBY, Phase.RUNNING, Phase.PAUSED)
    wanted: dict[int, list[int]] = {9: [], 10: [1], 19: [1], 20: [2], 24: [2], 25: [2, 3], 27: [2, 3], 28: [2], 30: []}
    for now_us, items in wanted.items():
        assert [window.item for window in view.open_windows(now_us)] == (items if answering else [])

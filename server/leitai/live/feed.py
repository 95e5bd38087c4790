"""The feed at a gateway: what its entries add up to, and the last of them for those who come back.

Position = (epoch, offset). A client that missed entries gets either every one of them in order, or one snapshot.
"""

from collections import deque
from dataclasses import dataclass, field

from leitai.live.ports import Position
from leitai.rules.values import Phase
from leitai.wire.codec import decode_feed_entry
from leitai.wire.messages import (
    Answered,
    FeedEntry,
    ItemWindow,
    ServerAck,
    ServerAnnouncement,
    ServerClosed,
    ServerPhase,
    ServerSnapshot,
    ServerTimeline,
)

RING = 256


@dataclass(slots=True)
class FeedView:
    """What all entries up to `offset` add up to: the content of a snapshot."""

    offset: int = 0
    phase: Phase = Phase.SCHEDULED
    start_us: int = 0
    timeline_version: int = 0
    windows: list[ItemWindow] = field(default_factory=list[ItemWindow])
    announcements: list[ServerAnnouncement] = field(default_factory=list[ServerAnnouncement])
    closed: set[int] = field(default_factory=set[int])

    def apply(self, entry: FeedEntry) -> None:
        """Fold the next entry in; raises ValueError when it is not the next."""
        if entry.offset != self.offset + 1:
            raise ValueError(f"entry {entry.offset} does not follow {self.offset}")
        self.offset = entry.offset
        match entry:
            case ServerPhase():
                self.phase = Phase(entry.phase)
                self.start_us = entry.start_us
            case ServerTimeline():
                self.timeline_version = entry.version
                self.windows = entry.windows
            case ServerAnnouncement():
                self.announcements.append(entry)
            case ServerClosed():
                self.closed.add(entry.item)

    def snapshot(self, answers: list[ServerAck], responses: list[Answered]) -> ServerSnapshot:
        """Return the snapshot for one client."""
        return ServerSnapshot(
            self.offset,
            self.phase.value,
            self.start_us,
            self.timeline_version,
            self.windows,
            self.announcements[-20:],
            answers,
            responses,
        )

    def open_windows(self, now_us: int) -> list[ItemWindow]:
        """Return the windows that take answers at `now_us` of the contest's clock."""
        if self.phase in (Phase.DRAFT, Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED):
            return []
        return [window for window in self.windows if window.opens_at_us <= now_us < window.closes_at_us]


class FeedRing:
    """The view and the last entries, as encoded frames."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.view = FeedView()
        self._frames: deque[bytes] = deque(maxlen=RING)

    @property
    def position(self) -> Position:
        """Where the feed stands."""
        return Position(self.epoch, self.view.offset)

    def add(self, frame: bytes) -> FeedEntry:
        """Take the next entry and return it decoded; raises `BadFrame` or ValueError."""
        entry = decode_feed_entry(frame)
        self.view.apply(entry)
        self._frames.append(frame)
        return entry

    def missed(self, epoch: str, offset: int) -> list[bytes] | None:
        """Return the frames after a client's position in order; None when only a snapshot can help it."""
        behind = self.view.offset - offset
        if epoch != self.epoch or behind < 0 or behind > len(self._frames):
            return None
        return self.after(offset)

    def after(self, offset: int) -> list[bytes]:
        """Return the frames after an offset of this epoch, in order, as far back as the ring goes."""
        behind = self.view.offset - offset
        return list(self._frames)[max(0, len(self._frames) - behind) :] if behind > 0 else []

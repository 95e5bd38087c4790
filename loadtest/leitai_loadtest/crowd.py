"""What all simulated contestants of one process share: the paper, what opened when, the clock, and the figures.

Frames that everyone receives alike (openings and the feed) are decoded once and known again by their bytes.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgpack

from leitai_loadtest.answering import Move, favourite, plan_paper, plan_streamed, study
from leitai_loadtest.door import socket_url
from leitai_loadtest.seal import unseal

if TYPE_CHECKING:
    from leitai_loadtest.contestant import SimulatedContestant

Message = dict[str, Any]
SHARED = frozenset({"phase", "timeline", "announcement", "closed", "open"})
OVER = frozenset({"closed", "under_review", "finalized"})
SETTLE_S = 0.25
"""So long after the first arrival of an opening the crowd begins to think, or with `burst` answers as one.

Until then it only notes arrivals: the work of answering must not stand in the way of hearing."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the crowd behaves."""

    url: str
    seed: int = 1
    burst: bool = False
    share_sealed: bool = False
    entering_at_once: int = 48
    returning_at_once: int = 200
    verifying: int = 8
    """So many contestants open every item from their own sealed paper; the others share what the first found."""
    studied: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Right responses by stem, from a bank that was published; skill decides who remembers which."""


@dataclass(slots=True, eq=False)
class Opening:
    """One item's opening, as the whole crowd saw it."""

    item: int
    key: bytes
    content: dict[str, Any]
    lean: int
    first_s: float
    arrivals: list[float] = field(default_factory=list[float])
    """Arrival at every contestant that was connected before the first arrival."""
    seats: list[int] = field(default_factory=list[int])
    """Whose arrivals these are."""
    joined_later: int = 0
    waiting: list["SimulatedContestant"] = field(default_factory=list["SimulatedContestant"])
    settled: bool = False
    latencies: list[float] = field(default_factory=list[float])
    """Seconds from an answer to its acknowledgement."""
    late: int = 0


class Crowd:
    """Shared state; contestants report here and ask here."""

    def __init__(self, options: Options, report: Callable[..., None]) -> None:
        self.options = options
        self.report = report
        self.socket_url = socket_url(options.url)
        self.board_url = socket_url(options.url, "/live/board")
        self.session = 0
        self.pacing = "streamed"
        self.phase = ""
        self._phase_place = ("", -1)
        self.over = asyncio.Event()
        self.stirred = asyncio.Event()
        """Set when somebody becomes ready, and when the last outstanding acknowledgement arrives."""
        self.returning = asyncio.Semaphore(options.returning_at_once)
        self.leaving = False
        self.paper: dict[int, dict[str, Any]] = {}
        self.sealed_body = b""
        self.windows: dict[int, tuple[int, int]] = {}
        self.timeline_version = -1
        self.openings: dict[int, Opening] = {}
        self.frames: dict[bytes, Message] = {}
        self.opening_frames: dict[bytes, Opening] = {}
        self.clock_offset_us = 0.0
        self.round_trip_s = float("inf")
        self.ready = 0
        self.unacked = 0
        self.counts: Counter[str] = Counter()
        """How often what happened: sent, acked, each ack status, resumptions, errors, closes."""

    def decode(self, payload: bytes) -> Message:
        """Return a frame's message, decoding frames that everyone gets only once."""
        message = self.frames.get(payload)
        if message is None:
            message = msgpack.unpackb(payload)
            if message["type"] in SHARED:
                self.frames[payload] = message
        return message

    async def stir(self, within_s: float) -> None:
        """Wait until `stirred` is set anew, or for so long."""
        self.stirred.clear()
        try:
            async with asyncio.timeout(within_s):
                await self.stirred.wait()
        except TimeoutError:
            pass

    def take_sealed(self, body: bytes) -> None:
        """Keep the first sealed paper; every other contestant must have got the same bytes."""
        if not self.sealed_body:
            self.sealed_body = body
            paper = msgpack.unpackb(body)
            self.session = paper["session"]
            self.pacing = paper["pacing"]
            self.paper = {entry["item"]: entry for entry in paper["items"]}
        elif body != self.sealed_body:
            self.counts["sealed_papers_differing"] += 1

    def take_phase(self, phase: str, epoch: str, offset: int) -> None:
        """Note the session's phase at a place of the feed; what others replay from before it is no news."""
        if epoch == self._phase_place[0] and offset <= self._phase_place[1]:
            return
        self._phase_place = (epoch, offset)
        if phase != self.phase:
            self.phase = phase
            self.report("phase", phase=phase)
            if phase in OVER:
                self.over.set()

    def take_windows(self, version: int, windows: list[Message]) -> None:
        """Note the windows of a newer timeline."""
        if version > self.timeline_version:
            self.timeline_version = version
            self.windows = {window["item"]: (window["opens_at_us"], window["closes_at_us"]) for window in windows}

    def take_clock(self, asked_s: float, now_s: float, server_us: int) -> None:
        """Keep the contest's clock as the probe with the least round trip saw it."""
        if now_s - asked_s < self.round_trip_s:
            self.round_trip_s = now_s - asked_s
            self.clock_offset_us = server_us - (asked_s + now_s) * 500_000

    def opening(self, payload: bytes, message: Message, now_s: float) -> Opening:
        """Return the opening that a frame announces; the first frame of an item unseals it for everyone."""
        known = self.openings.get(message["item"])
        if known is None:
            content = unseal(self.session, self.paper[message["item"]], message["key"])
            study(content, self.options.studied)
            known = Opening(message["item"], message["key"], content, favourite(content), now_s)
            self.openings[known.item] = known
            asyncio.get_running_loop().call_later(SETTLE_S, self._settle, known)
            asyncio.get_running_loop().call_later(1.0, self._report_opening, known)
        self.opening_frames[payload] = known
        return known

    def moves(self, opening: Opening, contestant: "SimulatedContestant") -> list[Move]:
        """Return what a contestant will do about an item, seen from now."""
        random, person = contestant.random, contestant.temper
        left = self.seconds_left(opening)
        if left <= 0:
            return []
        plan = plan_paper if self.pacing == "paper" else plan_streamed
        moves = plan(opening.content, opening.lean, person, random, left)
        return [Move(0.0, moves[0].response)] if self.options.burst and moves else moves

    def seconds_left(self, opening: Opening) -> float:
        """Return how long the item still takes answers, by the contest's clock as far as it is known."""
        window = self.windows.get(opening.item)
        if window is None or self.round_trip_s == float("inf"):
            return float(self.paper[opening.item]["seconds"]) - (monotonic() - opening.first_s)
        return (window[1] - self.clock_offset_us) / 1e6 - monotonic()

    def closings_s(self) -> list[float]:
        """Return when the windows closed, on this machine's clock as far as the contest's is known."""
        return [(closes_us - self.clock_offset_us) / 1e6 for _, closes_us in sorted(set(self.windows.values()))]

    def latencies(self) -> list[float]:
        """Return the seconds from answer to acknowledgement over all items."""
        return [latency for opening in self.openings.values() for latency in opening.latencies]

    def _settle(self, opening: Opening) -> None:
        opening.settled = True
        planned = [(contestant, self.moves(opening, contestant)) for contestant in opening.waiting]
        opening.waiting.clear()
        for contestant, moves in planned:
            contestant.plan(opening, moves)

    def _report_opening(self, opening: Opening) -> None:
        if self.leaving:
            return
        self.report(
            "open",
            item=opening.item,
            arrived=len(opening.arrivals),
            open_spread_ms=round((max(opening.arrivals, default=0) - min(opening.arrivals, default=0)) * 1000, 3),
        )

"""How the contest's processes do, as the office learns it: gateways set down a few figures with their presence.

Figures are counts since a gateway's start; what is told is their growth over the last half minute. Percentiles are
upper bounds: that of the bucket of `live.counts.TIMES_US` into which the answer fell.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from leitai.live.attendance import GONE_AFTER_US
from leitai.live.counts import TIMES_US
from leitai.rules.values import Micros

OVER_US = 30_000_000


class GatewayFigures(Struct, frozen=True, array_like=True):
    """What a gateway says of itself every two seconds."""

    sockets: int
    contestants: int
    waiting: int
    """Answers that wait for the store."""
    feed_offset: int
    """Of the newest feed entry that it has told."""
    board_lag_us: int
    """From the newest board's making to its arrival there."""
    ack_buckets: list[int]
    """`live.counts.AnswerCounts.ack_us`, since its start."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(GatewayFigures)


def pack(figures: GatewayFigures) -> bytes:
    """Return figures as the ledger keeps them."""
    return _encode(figures)


@dataclass(frozen=True, slots=True)
class GatewayHealth:
    """One gateway. `silent_us` since it was heard of; beyond `attendance.GONE_AFTER_US` it is `gone`."""

    name: str
    sockets: int
    contestants: int
    waiting: int
    feed_behind: int
    board_lag_us: int
    silent_us: int
    gone: bool


@dataclass(slots=True)
class RecorderHealth:
    """How many recorded answers PostgreSQL does not have yet, and how old the first of them is; -1: not known."""

    behind: int = -1
    oldest_us: int = -1


class Health:
    """The last half minute, and what holds now."""

    def __init__(self) -> None:
        self.gateways: list[GatewayHealth] = []
        self.recorder = RecorderHealth()
        self._history: dict[str, deque[tuple[int, list[int]]]] = {}
        self._acks: list[int] = []

    def learn(self, there: Mapping[str, Micros], figures: Mapping[str, bytes], last_offset: int, now_us: int) -> None:
        """Take in what the ledger holds: who was there when, their figures, and the offset of the newest feed entry."""
        self.gateways = []
        acks = [0] * (len(TIMES_US) + 1)
        for name, at_us in sorted(there.items()):
            said = _read(figures.get(name))
            if said is None:
                continue
            silent_us = max(0, now_us - at_us)
            self.gateways.append(
                GatewayHealth(
                    name,
                    said.sockets,
                    said.contestants,
                    said.waiting,
                    max(0, last_offset - said.feed_offset),
                    said.board_lag_us,
                    silent_us,
                    silent_us > GONE_AFTER_US,
                )
            )
            history = self._history.setdefault(name, deque([(at_us, [0] * len(acks))], maxlen=64))
            if history[-1][1] != said.ack_buckets:
                history.append((at_us, said.ack_buckets))
            while len(history) > 1 and history[1][0] < now_us - OVER_US:
                history.popleft()
            # What was acknowledged before the oldest that is kept is not of this half minute.
            if history[-1][0] >= now_us - OVER_US:
                grown = zip(history[-1][1], history[0][1], strict=True)
                acks = [sum_ + new - old for sum_, (new, old) in zip(acks, grown, strict=True)]
        for name in self._history.keys() - there.keys():
            del self._history[name]
        self._acks = acks

    @property
    def answers(self) -> int:
        """How many answers were acknowledged in the last half minute."""
        return sum(self._acks)

    def ack_us(self, percent: int) -> int:
        """Return how long so many percent of them took at most; 0 when there were none."""
        return percentile(self._acks, percent)

    @property
    def feed_behind(self) -> int:
        """Feed entries that the slowest gateway that is there has not told yet."""
        return max((one.feed_behind for one in self.gateways if not one.gone), default=0)

    @property
    def board_lag_us(self) -> int:
        """Of the slowest gateway that is there."""
        return max((one.board_lag_us for one in self.gateways if not one.gone), default=0)


def percentile(buckets: Sequence[int], percent: int) -> int:
    """Return the upper bound of the bucket that holds the value at `percent`; 0 when there is none."""
    wanted = -(-sum(buckets) * percent // 100)
    if wanted == 0:
        return 0
    seen = 0
    for place, count in enumerate(buckets):
        seen += count
        if seen >= wanted:
            return TIMES_US[min(place, len(TIMES_US) - 1)]
    return TIMES_US[-1]


def _read(packed: bytes | None) -> GatewayFigures | None:
    if not packed:
        return None
    try:
        said = _decode.decode(packed)
    except msgspec.MsgspecError:
        return None
    # One of another version may count into other buckets.
    return said if len(said.ack_buckets) == len(TIMES_US) + 1 else None

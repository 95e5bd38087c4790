"""The real ledger and the fake one behind one bench, so that both go through the same cases."""

from collections.abc import Sequence
from typing import Protocol

from leitai.live.ports import Ledger, SessionEvent, SittingEvent, Submission
from leitai.rules.values import Answer, Counted, ItemNo, Micros, Response, SessionId, SittingId, Window
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store
from leitai.stores.valkey.session import ValkeySession
from tests.support.fake_ledger import FakeLedger

HOUR = 3_600_000_000


class Bench(Protocol):
    """A ledger with what a test needs around it."""

    @property
    def ledger(self) -> Ledger: ...

    async def now_us(self) -> int:
        """The ledger's clock, or a little before it."""
        ...

    async def windows(self, counted: Counted, *windows: Window, own_us: int = 0) -> None: ...

    async def stream(self, shard: int = 0) -> list[Answer]: ...

    async def events(self) -> list[SittingEvent | SessionEvent]: ...


class FakeBench:
    """The fake ledger under a clock that stands still unless moved."""

    def __init__(self, shards: int) -> None:
        self.clock_us = 1_664_000_000_000_000
        self.ledger = FakeLedger(shards, lambda: self.clock_us)

    async def now_us(self) -> int:
        return self.clock_us

    async def windows(self, counted: Counted, *windows: Window, own_us: int = 0) -> None:
        self.ledger.set_windows(counted, windows, own_us)

    async def stream(self, shard: int = 0) -> list[Answer]:
        return list(self.ledger.stream(shard))

    async def events(self) -> list[SittingEvent | SessionEvent]:
        return list(self.ledger.noted)


class RealBench:
    """The real ledger under its own clock."""

    def __init__(self, store: Store, session_id: int, shards: int) -> None:
        self.session = ValkeySession(store, SessionId(session_id), shards)
        self.ledger = ValkeyLedger(store, SessionId(session_id), shards)

    async def now_us(self) -> int:
        return await self.ledger.time_us()

    async def windows(self, counted: Counted, *windows: Window, own_us: int = 0) -> None:
        token = await self.session.lease("bench", 60_000)
        await self.session.set_windows(token, counted.value, windows, own_us=own_us)

    async def stream(self, shard: int = 0) -> list[Answer]:
        found: list[Answer] = []
        position = "0-0"
        while True:
            position, answers = await self.session.answers(shard, position, 0)
            if not answers:
                return found
            found += answers

    async def events(self) -> list[SittingEvent | SessionEvent]:
        _, entries = await self.session.events("0-0", 0, 1000)
        return [event for _, events in entries for event in events]


def window(item_no: int, opens_at_us: int, closes_at_us: int) -> Window:
    """A window."""
    return Window(ItemNo(item_no), Micros(opens_at_us), Micros(closes_at_us))


def wide(now_us: int, items: Sequence[int] = (1,)) -> list[Window]:
    """Windows that are open for an hour before and after."""
    return [window(item_no, now_us - HOUR, now_us + HOUR) for item_no in items]


def give(
    sitting: int = 1,
    item: int = 1,
    seq: int = 1,
    response: Response = ("A",),
    *,
    age_us: int = 0,
    elapsed_us: int = 5000,
) -> Submission:
    """A submission."""
    return Submission(SittingId(sitting), ItemNo(item), seq, response, age_us, elapsed_us)

"""Answers given singly, all at once, in a steady flow and as fast as they are acknowledged."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle, islice
from time import monotonic

from leitai_loadtest.bench.meter import Meter, Spent
from leitai_loadtest.bench.party import Party
from leitai_loadtest.figures import milliseconds, percentile

SETTLED_S = 0.03
TICK_S = 0.005
MOST_EACH = 100
"""A seat that is acknowledged at once answers again this often at most: the server allows a burst of 120 messages."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many answers of each kind. Times in seconds."""

    singly: int = 400
    bursts: int = 8
    rate: int = 5000
    steady_s: float = 5.0
    saturation_s: float = 5.0
    idle_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Bout:
    """What so many answers took."""

    name: str
    answers: int
    spent: Spent
    ack_ms_p50: float
    ack_ms_p99: float
    per_s: float
    per_fsync: float


Counter = Callable[[], Awaitable[int]]


async def idle(meter: Meter, seconds: float) -> Spent:
    """Return what the roles spend by doing nothing for so long."""
    meter.start()
    await asyncio.sleep(seconds)
    return meter.spent()


async def bouts(party: Party, meter: Meter, amounts: Amounts, fsyncs: Counter | None = None) -> AsyncGenerator[Bout]:
    """Give the answers, kind by kind; `fsyncs` tells how often the store has synchronised so far."""
    kinds: dict[str, Callable[[], Awaitable[Spent]]] = {
        "singly": lambda: _singly(party, meter, amounts.singly),
        "bursts": lambda: _bursts(party, meter, amounts.bursts),
        "steady": lambda: _steady(party, meter, amounts.rate, amounts.steady_s),
        "saturation": lambda: _saturation(party, meter, amounts.saturation_s),
    }
    for name, give in kinds.items():
        party.latencies.clear()
        before = await fsyncs() if fsyncs else 0
        spent = await give()
        synchronised = await fsyncs() - before if fsyncs else 0
        answers = len(party.latencies)
        yield Bout(
            name,
            answers,
            spent,
            milliseconds(percentile(party.latencies, 0.5)),
            milliseconds(percentile(party.latencies, 0.99)),
            round(answers / spent.seconds, 1),
            round(answers / synchronised, 2) if synchronised else 0.0,
        )
        await asyncio.sleep(0.3)


async def _singly(party: Party, meter: Meter, count: int) -> Spent:
    meter.start()
    for seat in islice(cycle(party.seats), count):
        party.answer([seat])
        await party.all_acked()
    return meter.spent()


async def _bursts(party: Party, meter: Meter, count: int) -> Spent:
    """Only the bursts count, not the rests between them."""
    spent = meter.nothing()
    for _ in range(count):
        meter.start()
        party.answer(party.seats)
        await party.all_acked()
        await asyncio.sleep(SETTLED_S)
        spent += meter.spent()
        await asyncio.sleep(0.2)
    return spent


async def _steady(party: Party, meter: Meter, rate: int, seconds: float) -> Spent:
    meter.start()
    await flow(party, rate, seconds)
    return meter.spent()


async def flow(party: Party, rate: int, seconds: float) -> None:
    """Let seats answer in turns, `rate` a second; what a late turn of the loop missed is made up for."""
    turns = cycle(party.seats)
    began = monotonic()
    given = 0
    while (passed := monotonic() - began) < seconds:
        due = min(int(passed * rate) - given, len(party.seats))
        party.answer(list(islice(turns, due)))
        given += due
        await asyncio.sleep(TICK_S)
    await party.all_acked()


async def _saturation(party: Party, meter: Meter, seconds: float) -> Spent:
    until = monotonic() + seconds
    most = {seat: seat.given + MOST_EACH for seat in party.seats}
    party.again = lambda seat: seat.given < most[seat] and monotonic() < until
    meter.start()
    party.answer(party.seats)
    await party.all_acked()
    spent = meter.spent()
    party.again = lambda _seat: False
    return spent

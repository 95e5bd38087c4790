"""Whether those who do not read are felt by those who do."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

from leitai_loadtest.bench import house as houses
from leitai_loadtest.bench.answers import flow
from leitai_loadtest.bench.house import GATEWAY, House
from leitai_loadtest.bench.party import Party, Seat
from leitai_loadtest.bench.rows import Row
from leitai_loadtest.door import Door
from leitai_loadtest.figures import milliseconds, percentile

ASK_AT_ONCE = 100
ASK_S = 0.03
READ_UP_S = 0.5
MOST_TIMES = 1.05


async def others_when_some_stall(
    house: House, party: Party, few: Sequence[tuple[str, str]], rounds: int, seconds: float, rate: int, fill_s: float
) -> Row:
    """Return how the p99 of a party's acknowledgements changes while a few others do not read.

    Rounds without and with stalling take turns. In both, the few keep asking for a page of the board over sockets with
    small buffers, and read it or do not; it is measured after `fill_s`, when the kernel's buffers are full as well.
    """
    doors = [Door(house.url) for _ in few]
    for door, person in zip(doors, few, strict=True):
        await door.sign_in(*person)
    p99: dict[bool, list[float]] = {False: [], True: []}
    spent = {False: 0.0, True: 0.0}
    closed, answers = 0, 0
    meter = house.meter(GATEWAY)
    for turn in range(2 * rounds):
        stalls = bool(turn % 2)
        party.latencies.clear()
        async with _asking(house, doors, fill_s, stalls=stalls) as few_seats:
            meter.start()
            await flow(party, rate, seconds)
            spent[stalls] += meter.spent().cpu_us[GATEWAY]
            answers += len(party.latencies)
        closed += sum(seat.closed for seat in few_seats)
        p99[stalls].append(percentile(party.latencies, 0.99))
    for door in doors:
        door.close()
    usual_s, stalling_s = percentile(p99[False], 0.5), percentile(p99[True], 0.5)
    ratio = round(stalling_s / usual_s, 2)
    return Row(
        "acks while 1 % stall",
        "answer",
        floor=milliseconds(usual_s),
        ratio=ratio,
        of="time",
        target=f"p99 ≤ {MOST_TIMES:g} ×",
        met=ratio <= MOST_TIMES,
        figures={
            "p99_ms": milliseconds(stalling_s),
            "cpu_us": round(spent[True] / answers * 2, 1),
            "cpu_us_else": round(spent[False] / answers * 2, 1),
            "stalling": len(few),
            "closed_as_slow": closed,
        },
    )


@contextlib.asynccontextmanager
async def _asking(house: House, doors: Sequence[Door], fill_s: float, *, stalls: bool) -> AsyncGenerator[list[Seat]]:
    """Let the few ask for the time of the block; afterwards they have read what was left for them."""
    few = houses.new_party(house)
    for door in doors:
        await houses.join(house, few, door, small_buffer=True)
    asking = [asyncio.create_task(_ask(seat, stalls=stalls)) for seat in few.seats]
    try:
        await asyncio.sleep(fill_s)
        yield few.seats
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        for seat in few.seats:
            if seat.transport is not None and not seat.transport.is_disconnected:
                seat.transport.underlying_transport.resume_reading()
        await asyncio.sleep(READ_UP_S)
        few.leave()


async def _ask(seat: Seat, *, stalls: bool) -> None:
    transport = seat.transport
    assert transport is not None
    if stalls:
        transport.underlying_transport.pause_reading()
    asked = 0
    while not transport.is_disconnected:
        seat.say({"type": "watch", "view": "individuals", "page": 1})
        asked += 1
        await asyncio.sleep(0 if asked < ASK_AT_ONCE else ASK_S)

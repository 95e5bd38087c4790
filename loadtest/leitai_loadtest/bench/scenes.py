"""The rows of the live path: each scene runs the server, then the bare responder, with the same party."""

import asyncio
from dataclasses import dataclass, field

from leitai_loadtest.bench import house as houses
from leitai_loadtest.bench.answers import SETTLED_S, Amounts, Bout, bouts, idle
from leitai_loadtest.bench.boards import Watch
from leitai_loadtest.bench.house import FLOOR, GATEWAY, STORE, House
from leitai_loadtest.bench.meter import Meter, Spent, resident_kib
from leitai_loadtest.bench.part import figures_of
from leitai_loadtest.bench.party import Party
from leitai_loadtest.bench.rows import Row, cpu_row
from leitai_loadtest.bench.stalling import others_when_some_stall

BEFORE_US = 100_000
"""An opening is prepared within this time before it."""
BOARD_S = 1.5
"""A board follows its item's closing within this time."""
STALLING = 100
"""One in so many stalls."""
MOST_KIB = 6
FIRST = 50
"""One in so many connects before memory is read: what a process takes once is no connection's."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the benchmark is played. Times in seconds."""

    contestants: int = 1600
    crowd: int = 10_000
    """Idle connections."""
    items: int = 8
    crowd_items: int = 3
    seconds_per_item: int = 4
    paper_items: int = 150
    paper_s: int = 3
    """The paper's window is as long as all its items together."""
    amounts: Amounts = field(default_factory=Amounts)
    stall_rounds: int = 3
    stall_s: float = 7.0
    stall_rate: int = 2000
    fill_s: float = 3.0
    """Until what is not read waits in the server itself."""
    standings: tuple[int, ...] = (1600, 50_000, 500_000)
    recorded: int = 64_000


async def answers(sizes: Sizes) -> list[Row]:
    """Sign-ins, joining, and answers of every kind, in a paper that takes answers all the time."""
    few = max(1, sizes.contestants // STALLING)
    async with houses.served(sizes.contestants + few, sizes.paper_items, sizes.paper_s, "paper") as house:
        people, others = house.people[:-few], house.people[-few:]
        party = houses.new_party(house)
        resting = await idle(house.meter(), sizes.amounts.idle_s)
        doors, signing = await houses.sign_in_all(house.url, house.meter(), people)
        joining = await houses.join_all(house, party, doors)
        await house.start(party)
        await party.all_opened(len(house.paper))
        house.learn(party)
        party.item_of = lambda given: given % len(house.paper) + 1
        await asyncio.sleep(1)
        still = await idle(house.meter(), sizes.amounts.idle_s)
        found = [bout async for bout in bouts(party, house.meter(), sizes.amounts, house.fsyncs)]
        stalled = await others_when_some_stall(
            house, party, others, sizes.stall_rounds, sizes.stall_s, sizes.stall_rate, sizes.fill_s
        )
        sound = not party.refused and not party.lost
        party.leave()
    signing_bare = await houses.bare_sign_in(people)
    async with houses.bare(0) as (part, party):
        meter = houses.floor_meter(part)
        await party.sit_all(sizes.contestants)
        joining_bare = meter.spent()
        bare = [bout async for bout in bouts(party, meter, sizes.amounts)]
    script = await figures_of("leitai", "bench", "scripts")
    return [
        _entering_row("sign-in", signing, resting, signing_bare, len(people)),
        _entering_row("joining", joining, resting, joining_bare, len(people)),
        *(_answer_row(bout, floor, still, sound=sound) for bout, floor in zip(found, bare, strict=True)),
        *(_store_row(bout, still, script) for bout in found),
        stalled,
    ]


async def openings(sizes: Sizes) -> list[Row]:
    """Openings to a contest's contestants, the burst of answers after each, and boards beside."""
    async with houses.served(sizes.contestants, sizes.items, sizes.seconds_per_item, "streamed") as house:
        party = houses.new_party(house)
        await houses.enter_many(house, party, house.people)
        watch = await Watch.begin(house)
        await house.start(party)
        watch.running()
        played = await _play(house, party, answering=True)
        await asyncio.sleep(BOARD_S)
        await watch.end()
        sound = not party.refused and not party.lost
        party.leave()
    bare = await _play_bare(sizes.contestants, sizes.items, sizes.seconds_per_item, answering=True)
    count = sizes.contestants * sizes.items
    whole = cpu_row(
        "opening + answer + ack",
        "answer",
        (played.opened.beyond(played.idle, GATEWAY) + played.answered.beyond(played.idle, GATEWAY)) / count,
        raw_us=(played.opened.cpu_us[GATEWAY] + played.answered.cpu_us[GATEWAY]) / count,
        floor_us=(bare.opened.cpu_us[FLOOR] + bare.answered.cpu_us[FLOOR]) / count,
        at_most=1.6,
        sound=sound,
    )
    return [_fan_out_row(sizes.contestants, played, bare, count), whole, *watch.rows()]


async def crowd(sizes: Sizes) -> list[Row]:
    """What a great many idle connections hold, and openings to them."""
    seconds = 2 * sizes.seconds_per_item
    async with houses.served(sizes.crowd, sizes.crowd_items, seconds, "streamed") as house:
        party = houses.new_party(house)
        first = sizes.crowd // FIRST
        await houses.enter_many(house, party, house.people[:first])
        await asyncio.sleep(1)
        before = resident_kib(house.pid(GATEWAY))
        await houses.enter_many(house, party, house.people[first:])
        await asyncio.sleep(1)
        held = (resident_kib(house.pid(GATEWAY)) - before) / (sizes.crowd - first)
        await house.start(party)
        played = await _play(house, party, answering=False)
        party.leave()
    bare = await _play_bare(sizes.crowd, sizes.crowd_items, seconds, answering=False)
    count = sizes.crowd * sizes.crowd_items
    return [_memory_row(sizes.crowd, held, bare.held_kib / sizes.crowd), _fan_out_row(sizes.crowd, played, bare, count)]


@dataclass(slots=True)
class _Played:
    """What openings and the answers after them took, and what doing nothing takes in between."""

    opened: Spent
    answered: Spent
    idle: Spent
    plain: Spent
    """The same openings by bare system calls; only of a floor."""
    held_kib: float = 0.0
    """By all connections; only of a floor."""

    @classmethod
    def nothing(cls, meter: Meter, held_kib: float = 0.0) -> "_Played":
        """Return no play, to add to."""
        return cls(meter.nothing(), meter.nothing(), meter.nothing(), meter.nothing(), held_kib=held_kib)


async def _play(house: House, party: Party, *, answering: bool) -> _Played:
    """Measure every opening, and the answers to it, of a streamed session that has just been started."""
    meter = house.meter(GATEWAY)
    played = _Played.nothing(meter)
    for number, (item, (opens_us, closes_us)) in enumerate(sorted(party.windows.items()), 1):
        await houses.until_us(opens_us - BEFORE_US)
        meter.start()
        await party.all_opened(number)
        await asyncio.sleep(SETTLED_S)
        played.opened += meter.spent()
        house.learn(party)
        if answering:
            party.item_of = lambda _given, item=item: item
            meter.start()
            party.answer(party.seats)
            await party.all_acked()
            await asyncio.sleep(SETTLED_S)
            played.answered += meter.spent()
        meter.start()
        await houses.until_us(closes_us - BEFORE_US)
        played.idle += meter.spent()
    return played


async def _play_bare(seats: int, openings: int, rest_s: float, *, answering: bool) -> _Played:
    """Measure as many openings of the bare responder, each after as long a rest as a contest's.

    Caches forget in a second what an opening reads: one that follows another at once costs two thirds of one after a
    rest, and no contest opens one item right after another.
    """
    async with houses.bare(0) as (part, party):
        empty = resident_kib(part.pid)
        await party.sit_all(seats)
        held = resident_kib(part.pid) - empty
        meter = houses.floor_meter(part)
        played = _Played.nothing(meter, held)
        words = {"plain": played.plain, "open": played.opened}
        for number in range(openings):
            for count, (word, spent) in enumerate(words.items(), len(words) * number + 1):
                await asyncio.sleep(rest_s)
                meter.start()
                part.say(word)
                await party.all_opened(count)
                await asyncio.sleep(SETTLED_S)
                spent += meter.spent()
            if answering:
                meter.start()
                party.answer(party.seats)
                await party.all_acked()
                await asyncio.sleep(SETTLED_S)
                played.answered += meter.spent()
    return played


# --- rows ------------------------------------------------------------------------------------------------------------


def _entering_row(name: str, spent: Spent, idle_: Spent, bare: Spent, people: int) -> Row:
    return cpu_row(
        name,
        "person",
        spent.beyond(idle_, GATEWAY) / people,
        raw_us=spent.cpu_us[GATEWAY] / people,
        floor_us=bare.cpu_us[FLOOR] / people,
        per_s=round(people / spent.seconds),
        store_us=round(spent.beyond(idle_, STORE) / people, 1),
    )


def _answer_row(bout: Bout, floor: Bout, still: Spent, *, sound: bool) -> Row:
    cpu_us = bout.spent.beyond(still, GATEWAY) / bout.answers
    return cpu_row(
        f"answer → ack, {bout.name}",
        "answer",
        cpu_us,
        raw_us=bout.spent.cpu_us[GATEWAY] / bout.answers,
        floor_us=floor.spent.cpu_us[FLOOR] / floor.answers,
        at_most=1.6,
        per_core_s=round(1e6 / cpu_us),
        per_s=round(bout.per_s),
        ack_ms_p50=bout.ack_ms_p50,
        ack_ms_p99=bout.ack_ms_p99,
        sound=sound,
    )


def _store_row(bout: Bout, still: Spent, script: dict[str, float]) -> Row:
    """The store's side of a kind of answers, beside the same script called raw with as many answers at once."""
    return cpu_row(
        f"store, {bout.name}",
        "answer",
        bout.spent.beyond(still, STORE) / bout.answers,
        raw_us=bout.spent.cpu_us[STORE] / bout.answers,
        floor_us=script["single_us" if bout.name == "singly" else "batch_us"],
        answers_per_fsync=bout.per_fsync,
    )


def _fan_out_row(sockets: int, played: _Played, bare: _Played, count: int) -> Row:
    return cpu_row(
        f"opening to {sockets:,}",
        "socket",
        played.opened.beyond(played.idle, GATEWAY) / count,
        raw_us=played.opened.cpu_us[GATEWAY] / count,
        floor_us=bare.plain.cpu_us[FLOOR] / count,
        at_most=1.3,
        bare_picows_us=round(bare.opened.cpu_us[FLOOR] / count, 2),
    )


def _memory_row(connections: int, held_kib: float, floor_kib: float) -> Row:
    return Row(
        f"idle connection of {connections:,}",
        "connection",
        floor=round(floor_kib * 1024),
        ratio=round(held_kib / floor_kib, 2),
        of="bytes",
        bytes=round(held_kib * 1024),
        target=f"≤ {MOST_KIB} KiB",
        met=held_kib <= MOST_KIB,
    )

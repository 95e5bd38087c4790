"""The two sides of every measurement: a server of ours and the bare responder, each in processes of its own."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import msgpack

from leitai_loadtest.answering import Temper, favourite, respond
from leitai_loadtest.bench.meter import Meter, Spent
from leitai_loadtest.bench.part import Part, running
from leitai_loadtest.bench.party import Party, Seat
from leitai_loadtest.door import Door, socket_url
from leitai_loadtest.seal import unseal
from leitai_loadtest.simulate import read_credentials

ENTERING_AT_ONCE = 32
GATEWAY, STORE, FLOOR = "gateway", "valkey", "floor"


@dataclass(slots=True)
class House:
    """A server with a session that has not started. `people` are admission numbers and codes."""

    part: Part
    url: str
    people: list[tuple[str, str]]
    session: int
    paper: dict[int, dict[str, Any]]

    def meter(self, *roles: str) -> Meter:
        """Return a meter of roles, of the gateway and the store when none are named."""
        return Meter({role: self.pid(role) for role in roles or (GATEWAY, STORE)})

    def pid(self, role: str) -> int:
        """Return a role's process; of a role that may run several times, each with its number, there is one."""
        pids: dict[str, int] = self.part.told["pids"]
        return next(pid for name, pid in pids.items() if name.partition("-")[0] == role)

    async def fsyncs(self) -> int:
        """Return how often the store has synchronised so far."""
        return (await self.part.ask("fsyncs"))["fsyncs"]

    async def start(self, party: Party) -> None:
        """Start the session and wait until its windows are known."""
        await self.part.ask("start")
        await party.timeline()

    def learn(self, party: Party) -> None:
        """Unseal what has opened, and let the party answer it with what fits."""
        person, random = Temper(1.0, 0.5), Random(0)  # of full skill: nothing is left to chance
        for item, key in party.keys.items():
            content = unseal(self.session, self.paper[item], key)
            party.responses[item] = respond(content, favourite(content), person, random)


@asynccontextmanager
async def served(contestants: int, items: int, seconds_per_item: int, pacing: str) -> AsyncGenerator[House]:
    """Run a server for the time of the block."""
    size = ("--contestants", str(contestants), "--items", str(items), "--seconds-per-item", str(seconds_per_item))
    async with running("leitai", "bench", "serve", *size, "--pacing", pacing) as part:
        people = read_credentials(Path(part.told["credentials"]))
        door = Door(part.told["url"])
        try:
            me = await door.sign_in(*people[0])
            paper = msgpack.unpackb(await door.sealed(me["session"]))
        finally:
            door.close()
        items_of = {entry["item"]: entry for entry in paper["items"]}
        yield House(part, part.told["url"], people, me["session"], items_of)


@asynccontextmanager
async def bare(seats: int) -> AsyncGenerator[tuple[Part, Party]]:
    """Run the bare responder with so many connections for the time of the block."""
    async with running("leitai_loadtest.bench.floor_server") as part:
        party = Party(f"ws://127.0.0.1:{part.told['port']}/")
        try:
            await party.sit_all(seats)
            yield part, party
        finally:
            party.leave()
            await asyncio.sleep(0.1)


def floor_meter(part: Part) -> Meter:
    """Return a meter of a floor's process."""
    return Meter({FLOOR: part.pid})


async def sign_in_all(url: str, meter: Meter, people: Sequence[tuple[str, str]]) -> tuple[list[Door], Spent]:
    """Sign everyone in, each over a connection of their own, and return their doors and what it took."""
    doors = [Door(url) for _ in people]
    gate = asyncio.Semaphore(ENTERING_AT_ONCE)

    async def one(door: Door, admission_no: str, code: str) -> None:
        async with gate:
            await door.sign_in(admission_no, code)

    meter.start()
    await asyncio.gather(*(one(door, *person) for door, person in zip(doors, people, strict=True)))
    return doors, meter.spent()


async def bare_sign_in(people: Sequence[tuple[str, str]]) -> Spent:
    """Return what a bare door takes for as many sign-ins."""
    async with running("leitai_loadtest.bench.floor_door") as part:
        doors, spent = await sign_in_all(f"http://127.0.0.1:{part.told['port']}", floor_meter(part), people)
        for door in doors:
            door.close()
        return spent


async def join_all(house: House, party: Party, doors: Sequence[Door]) -> Spent:
    """Connect everyone who has signed in, wait for their welcomes, close their doors; return what it took."""
    gate = asyncio.Semaphore(ENTERING_AT_ONCE)

    async def one(door: Door) -> None:
        async with gate:
            await join(house, party, door)
        door.close()

    meter = house.meter()
    await asyncio.gather(*(one(door) for door in doors))
    return meter.spent()


async def join(house: House, party: Party, door: Door, *, small_buffer: bool = False) -> Seat:
    """Connect one who has signed in and wait for the welcome."""
    ticket = await door.ticket()
    seat = await party.sit(small_buffer=small_buffer)
    seat.say({"type": "hello", "ticket": ticket, "session": house.session})
    async with asyncio.timeout(15):
        await seat.welcomed
    return seat


async def enter_many(house: House, party: Party, people: Sequence[tuple[str, str]]) -> None:
    """Sign in and connect a great many, over a few kept connections: a port for each twice would be too many."""
    waiting = iter(people)

    async def worker() -> None:
        door = Door(house.url)
        for person in waiting:
            door.http.cookies.clear()
            await door.sign_in(*person)
            await join(house, party, door)
        door.close()

    await asyncio.gather(*(worker() for _ in range(ENTERING_AT_ONCE)))


def new_party(house: House) -> Party:
    """Return a party for a server, still without seats."""
    return Party(socket_url(house.url))


async def until_us(at_us: int) -> None:
    """Sleep until a moment of the wall clock, which is the contest's on one machine."""
    await asyncio.sleep(max(0.0, at_us / 1e6 - time.time()))

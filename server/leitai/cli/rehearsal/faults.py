"""What is broken on purpose while a contest runs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from leitai.cli.rehearsal.house import House

KILLABLE = ("gateway", "director", "recorder", "valkey")


@dataclass(frozen=True, slots=True)
class Faults:
    """Each of `kill` dies every `every_s` seconds, in turns; PostgreSQL is away for `database_away_s` once.

    With `roll` every process is replaced by a new one, one after another, and that begins every `every_s` seconds.
    """

    kill: Sequence[str] = ()
    every_s: float = 10.0
    database_away_s: float = 0.0
    roll: bool = False


async def make(faults: Faults, house: House, ended: list[str]) -> None:
    """Break what is to be broken until cancelled; `ended` grows by every process that was killed or replaced."""
    async with asyncio.TaskGroup() as group:
        if faults.kill:
            group.create_task(_kill(faults, house, ended))
        if faults.roll:
            group.create_task(_roll(faults, house, ended))
        if faults.database_away_s:
            group.create_task(_stop_database(faults.database_away_s, house))


async def _kill(faults: Faults, house: House, ended: list[str]) -> None:
    while True:
        for role in faults.kill:
            await asyncio.sleep(faults.every_s / len(faults.kill))
            house.kill(role)
            ended.append(role)


async def _roll(faults: Faults, house: House, ended: list[str]) -> None:
    while True:
        await asyncio.sleep(faults.every_s)
        for name in list(house.supervisor.pids):
            await house.supervisor.replace(name)
            ended.append(name)


async def _stop_database(seconds: float, house: House) -> None:
    await asyncio.sleep(2)
    await house.stores.postgres.down(5)
    try:
        await asyncio.sleep(seconds)
    finally:
        await asyncio.shield(house.stores.postgres.up())

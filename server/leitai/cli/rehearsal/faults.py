"""What is broken on purpose while a contest runs."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from leitai.cli.rehearsal.house import House
from leitai.rules.values import SessionId
from leitai.stores.embedded.clustered import ClusteredStores
from leitai.stores.embedded.stores import EmbeddedStores
from leitai.stores.valkey.keys import SessionKeys, ShardKeys
from leitai.stores.valkey.slots import slot_of

KILLABLE = ("gateway", "director", "recorder", "valkey", "valkey-data", "valkey-hang")
"""`valkey-data` loses Valkey with everything it had written; `valkey-hang` stops its process for some seconds."""
PRIMARY = "primary"
"""Of a Cluster: the primary of a shard, and at the next time the one of the session as a whole."""
KILLABLE_IN_CLUSTER = (PRIMARY, "gateway", "director", "recorder")
_HANGS_S = 4.0
_AWAY_S = 4.0


@dataclass(frozen=True, slots=True)
class Faults:
    """Each of `kill` dies every `every_s` seconds, in turns; PostgreSQL is away for `database_away_s` once.

    With `roll` every process is replaced by a new one, one after another, and that begins every `every_s` seconds.
    """

    kill: Sequence[str] = ()
    every_s: float = 10.0
    database_away_s: float = 0.0
    roll: bool = False


@dataclass(slots=True)
class Toll:
    """What the faults took."""

    ended: list[str] = field(default_factory=list[str])
    """Every process that was killed or replaced."""
    failovers_s: list[float] = field(default_factory=list[float])
    """How long a killed primary of a Cluster had no successor."""


async def make(faults: Faults, house: House, session_id: SessionId, toll: Toll) -> None:
    """Break what is to be broken until cancelled; what was begun is mended all the same."""
    async with asyncio.TaskGroup() as group:
        if faults.kill:
            group.create_task(_kill(faults, house, session_id, toll))
        if faults.roll:
            group.create_task(_roll(faults, house, toll.ended))
        if faults.database_away_s:
            group.create_task(_stop_database(faults.database_away_s, house))


async def _kill(faults: Faults, house: House, session_id: SessionId, toll: Toll) -> None:
    keys = itertools.cycle((ShardKeys(session_id, 0).answers, SessionKeys(session_id).feed))
    while True:
        for role in faults.kill:
            await asyncio.sleep(faults.every_s / len(faults.kill))
            toll.ended.append(role)
            match house.stores, role:
                case ClusteredStores() as stores, "primary":
                    toll.failovers_s.append(round(await stores.lose_primary(slot_of(next(keys)), _AWAY_S), 3))
                case EmbeddedStores() as stores, "valkey":
                    stores.valkey.kill()
                case EmbeddedStores() as stores, "valkey-data":
                    await stores.lose_valkey()
                case EmbeddedStores() as stores, "valkey-hang":
                    await stores.hang_valkey(_HANGS_S)
                case _:
                    house.kill(role)


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

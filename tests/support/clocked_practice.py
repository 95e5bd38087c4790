"""The learners' door as a process of its own, by a clock that a test moves, with a push service of the test's.

The server knows no way to move its clock, nor to post to this machine: this process is the tests', and builds the same
role with another clock and service. `practising_house` starts it beside a house.
"""

import asyncio
import dataclasses
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from leitai.cli.processes import processes
from leitai.cli.rehearsal.house import House
from leitai.config import read_settings
from leitai.machine_door import ProcessReadiness
from leitai.notices import tell_ready
from leitai.office.practice.push.reminding import Services
from leitai.office.practice.timing import Clock
from leitai.roles.parts import open_parts
from leitai.roles.practice import attend_learners
from leitai.rules.beijing import BEIJING
from leitai.rules.values import Micros
from leitai.supervisor import Supervisor
from leitai.web.listening import open_listener

ROOT = Path(__file__).parents[2]
_SOCKET, _DIRECTORY = "clock", "practice"


class MovedClock:
    """Runs as any clock does, from where it was last set; whoever waits by it wakes when that leaps past the time."""

    def __init__(self, at_us: int) -> None:
        self._set_us, self._set_at = at_us, time.monotonic()
        self._moved = asyncio.Event()

    def now_us(self) -> Micros:
        """See `Clock.now_us`."""
        return Micros(self._set_us + int((time.monotonic() - self._set_at) * 1e6))

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        until_us = self.now_us() + seconds * 1e6
        while (left_s := (until_us - self.now_us()) / 1e6) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), left_s)
            except TimeoutError:
                return

    def move(self, at_us: int) -> None:
        """Set it, and wake whoever waits."""
        self._set_us, self._set_at = at_us, time.monotonic()
        self._moved.set()
        self._moved = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Learning:
    """A practice that runs, and the way to its clock."""

    url: str
    folder: Path

    async def move(self, to: datetime) -> None:
        """Set the practice's clock; it is so once this returns. A moment without a zone is Beijing's."""
        at = to if to.tzinfo else to.replace(tzinfo=BEIJING)
        reader, writer = await asyncio.open_unix_connection(self.folder / _SOCKET)
        writer.write(f"{int(at.timestamp()) * 1_000_000}\n".encode())
        assert await reader.readline() == b"so it is\n"
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def practising_house(house: House, folder: Path, begins: datetime, push_origin: str) -> AsyncGenerator[Learning]:
    """The practice beside a house, whose clock begins at a moment; it ends with the block.

    `push_origin` is of the one push service on this machine that reminders may be sent to.
    """
    settings = house.parts.settings
    with open_listener(("127.0.0.1", 0)) as door:
        address = f"127.0.0.1:{door.getsockname()[1]}"
        own = {
            "LEITAI_VALKEY_URL": settings.valkey_url,
            "LEITAI_DATABASE_URL": settings.database_url,
            "LEITAI_SECRET_KEY": settings.secret_key,
            "LEITAI_PUSH_CONTACT": "mailto:tests@practice.example",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "server"))),
        }
        placed = msgspec.structs.replace(settings, practice_listen=address)
        (role,) = processes(placed, ("practice",), 0, -1, practice_listener=door.fileno(), environment=own)
        at_us = str(int(begins.replace(tzinfo=BEIJING).timestamp()) * 1_000_000)
        argv = (sys.executable, "-m", "tests.support.clocked_practice", str(folder), at_us, push_origin)
        async with Supervisor([dataclasses.replace(role, argv=argv)], folder / _DIRECTORY) as supervisor:
            await supervisor.ready()
            yield Learning(f"http://{address}", folder)


async def main(folder: Path, at_us: int, push_origin: str) -> None:
    """Serve learners until SIGTERM."""
    settings, clock, stopping = read_settings(), MovedClock(at_us), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)

    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock.move(int(await reader.readline()))
        writer.write(b"so it is\n")
        await writer.drain()
        writer.close()

    async with (
        await asyncio.start_unix_server(told, folder / _SOCKET),
        open_parts(settings, ("practice",)) as parts,
    ):
        readiness = ProcessReadiness(parts.store, parts.running, stopping)
        services = Services(loopback=frozenset({push_origin}))
        await attend_learners(parts, readiness, stopping, tell_ready, Clock(clock.now_us, clock.sleep), services)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))

"""The simulated contestants: a process of their own that tells its progress in JSON lines."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leitai.turns import take_short_turns

Event = dict[str, Any]


class SimulationFailed(Exception):
    """The simulator ended without figures; `status` is its exit code."""

    code = "simulation-failed"

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays against which server, and where their papers are kept."""

    url: str
    folder: Path
    """Holds `credentials.csv`; `journal.jsonl` and `simulation.json` are written there."""
    seed: int = 1
    burst: bool = False
    viewers: int = 0
    studied: bool = False
    """The contestants have studied `studied.json`."""

    @property
    def credentials(self) -> Path:
        """Admission numbers and codes."""
        return self.folder / "credentials.csv"

    @property
    def bank(self) -> Path:
        """Right responses by stem, from a bank that was published."""
        return self.folder / "studied.json"

    @property
    def journal(self) -> Path:
        """Everyone's journal, once the simulator has ended."""
        return self.folder / "journal.jsonl"

    @property
    def figures(self) -> Path:
        """What the simulator measured, once it has ended."""
        return self.folder / "simulation.json"


class Simulator:
    """The running process; iterate over its events until it ends."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def events(self) -> AsyncGenerator[Event]:
        """Yield events as they are told; the last is `done`. Raises `SimulationFailed` when it ends before."""
        assert self._process.stdout is not None
        done = False
        while line := await self._process.stdout.readline():
            event: Event = json.loads(line)
            done = done or event["event"] == "done"
            yield event
        if not done:
            raise SimulationFailed(await self._process.wait())


@asynccontextmanager
async def simulating(cast: Cast) -> AsyncGenerator[Simulator]:
    """Run the simulator for the time of the block; it leaves when its standard input closes, however we end."""
    arguments = ["--url", cast.url, "--credentials", cast.credentials, "--json", cast.figures]
    arguments += ["--journal", cast.journal, "--seed", str(cast.seed), "--viewers", str(cast.viewers)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *["-m", "leitai_loadtest.simulate", "--follow-progress", "--end-with-input"],
        *map(str, arguments),
        *(["--burst"] if cast.burst else []),
        *(["--studied", str(cast.bank)] if cast.studied else []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    assert process.stdin is not None
    # It stands for machines elsewhere, on which nobody waits for the server's other work.
    take_short_turns(process.pid)
    try:
        yield Simulator(process)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(60):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

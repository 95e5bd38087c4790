"""`leitai bench serve`: a whole server with a session that starts when told, for a generator that knows none of it."""

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

import uvloop

from leitai.cli.bench.telling import heard, tell
from leitai.cli.rehearsal.house import House, housed
from leitai.cli.rehearsal.stage import Piece, set_stage, write_credentials
from leitai.live.ports import Command
from leitai.rules.values import Pacing, SessionId
from leitai.stores.valkey.session import ValkeySession


def serve(
    *,
    contestants: int = 1600,
    items: int = 20,
    seconds_per_item: int = 4,
    pacing: Literal["streamed", "paper"] = "streamed",
) -> None:
    """Serve a session until standard input ends.

    Tells `{"url", "credentials", "pids"}` once the door is open, then obeys a word per line: `start` starts the
    session, `fsyncs` tells how often Valkey wrote and synchronised its append-only file so far.
    """
    piece = Piece(contestants, items, seconds_per_item, Pacing(pacing))
    with tempfile.TemporaryDirectory(prefix="leitai-bench-") as folder:
        Path(folder).chmod(0o711)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(Path(folder), piece))


async def _serve(folder: Path, piece: Piece) -> None:
    async with housed(folder) as house:
        created = await set_stage(house.parts.office, house.parts.codes, piece)
        credentials = folder / "credentials.csv"
        write_credentials(created, credentials)
        async with house.open_doors():
            tell(url=house.url, credentials=str(credentials), pids=house.pids)
            async for word in heard():
                await _obey(word, house, created.session_id)


async def _obey(word: str, house: House, session_id: SessionId) -> None:
    if word == "start":
        await ValkeySession(house.parts.reading, session_id, 1).command(Command("start", "bench"))
        tell(started=True)
    elif word == "fsyncs":
        tell(fsyncs=await _fsyncs(house))


async def _fsyncs(house: House) -> int:
    """Return how often Valkey wrote to its append-only file: each turn of its loop that changed something writes and
    synchronises once. Of all its writing system calls those to clients are counted by itself."""
    info = await house.parts.store.execute_command("INFO", "stats")
    to_clients = next(int(line.split(b":")[1]) for line in info.splitlines() if line.startswith(b"total_writes_proc"))
    return _writes(house.pids["valkey"]) - to_clients


def _writes(pid: int) -> int:
    """Return how many writing system calls a process has made."""
    counts = Path(f"/proc/{pid}/io").read_text("ascii").split()
    return int(counts[counts.index("syscw:") + 1])

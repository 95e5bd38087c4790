"""The rows that need the server's inside, as `leitai bench …` tells them, and the cold start."""

import asyncio
import contextlib
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from pathlib import Path
from time import monotonic

from leitai_loadtest.bench.meter import tree_cpu_us
from leitai_loadtest.bench.part import START_S, STOP_S, figures_of, running
from leitai_loadtest.bench.rows import Row, cpu_row
from leitai_loadtest.door import Door
from leitai_loadtest.http import HttpFailed

BATCH = 256


async def standings(sizes: Sequence[int]) -> list[Row]:
    """The director's standings of so many contestants each: a batch of answers where the board follows answers, and the
    closing of an item."""
    return [row for contestants in sizes for row in await _standings(contestants)]


async def _standings(contestants: int) -> list[Row]:
    told = await figures_of("leitai", "bench", "standings", "--contestants", str(contestants))
    sorting_us = told["sort_ms"] * 1000
    name = f"{contestants:,}"
    return [
        cpu_row(
            f"standings of {name}, {BATCH} answers",
            "update",
            told["batch_ms"] * 1000,
            floor_us=sorting_us,
            worst_ms=told["batch_worst_ms"],
            between_closings_ms=told["quiet_ms"],
        ),
        cpu_row(
            f"standings of {name}, a closing",
            "closing",
            told["closing_ms"] * 1000,
            floor_us=sorting_us,
            gateway_ms=told["table_ms"],
        ),
    ]


async def recorder(answers: int) -> list[Row]:
    """The recorder and PostgreSQL under it, by the row."""
    told = await figures_of("leitai", "bench", "records", "--answers", str(answers))
    return [
        cpu_row(
            "recorder",
            "row",
            told["recorder_us"] + told["database_us"],
            floor_us=told["copy_recorder_us"] + told["copy_database_us"],
            per_s=round(told["per_s"]),
            copy_per_s=round(told["copy_per_s"]),
            database_us=told["database_us"],
        )
    ]


async def cold_start(contestants: int) -> list[Row]:
    """`leitai run` on an empty folder until it serves, beside the stores alone."""
    with _folder() as data:
        began = monotonic()
        async with running("leitai", "bench", "stores", "--data", str(data)) as part:
            stores_s, stores_us = monotonic() - began, tree_cpu_us(part.pid)
    with _folder() as data:
        url = f"http://127.0.0.1:{_free_port()}"
        began = monotonic()
        async with _run(url, data, contestants) as pid:
            await _ready(url)
            run_s, run_us = monotonic() - began, tree_cpu_us(pid)
    return [
        cpu_row("cold start", "start", run_us, floor_us=stores_us, seconds=round(run_s, 2), stores_s=round(stores_s, 2))
    ]


@contextlib.asynccontextmanager
async def _run(url: str, data: Path, contestants: int) -> AsyncGenerator[int]:
    """Run `leitai run` for the time of the block; yields its process."""
    size = ("--contestants", str(contestants), "--starts-in", "3600")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *("-m", "leitai", "run", "--port", url.rpartition(":")[2], "--data", str(data)), *size,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _ready(url: str) -> None:
    """Wait for the first 200 of /readyz; raises TimeoutError."""
    door = Door(url)
    try:
        async with asyncio.timeout(START_S):
            while True:
                with contextlib.suppress(HttpFailed):
                    if (await door.http.get("/readyz")).status == 200:
                        return
                await asyncio.sleep(0.02)
    finally:
        door.close()


@contextlib.contextmanager
def _folder() -> Generator[Path]:
    """A folder that PostgreSQL's own user may walk through."""
    with tempfile.TemporaryDirectory(prefix="leitai-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]

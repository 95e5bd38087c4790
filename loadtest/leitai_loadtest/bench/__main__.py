"""Measure what the server's operations cost, each beside the least that any server of this kind must spend.

    python -m leitai_loadtest.bench [SCENE …] [--small] [--json FILE]
    python -m leitai_loadtest.bench compare A B

Rows, floors and targets are explained in docs/bench.md.
"""

import argparse
import asyncio
import gc
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import monotonic

from rich.console import Console

from leitai_loadtest.bench import compare, inside, scenes
from leitai_loadtest.bench.answers import Amounts
from leitai_loadtest.bench.rows import Row, table, write
from leitai_loadtest.bench.scenes import Sizes
from leitai_loadtest.files import allow_many_files

try:
    from uvloop import run
except ImportError:  # no wheels for this platform
    run = asyncio.run

SCENES: dict[str, Callable[[Sizes], Awaitable[list[Row]]]] = {
    "answers": scenes.answers,
    "openings": scenes.openings,
    "crowd": scenes.crowd,
    "standings": lambda sizes: inside.standings(sizes.standings),
    "recorder": lambda sizes: inside.recorder(sizes.recorded),
    "cold-start": lambda sizes: inside.cold_start(sizes.contestants),
}
WIDTH = 200
SMALL = Sizes(
    contestants=60,
    crowd=120,
    items=2,
    crowd_items=1,
    seconds_per_item=2,
    paper_items=20,
    amounts=Amounts(singly=30, bursts=2, rate=300, steady_s=0.5, saturation_s=0.5, idle_s=0.5),
    stall_rounds=1,
    stall_s=0.5,
    fill_s=0.1,
    stall_rate=200,
    standings=(100,),
    recorded=2000,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 1 when an answer was refused, a connection lost, or a compared row is worse."""
    told = sys.argv[1:] if arguments is None else list(arguments)
    if told[:1] == ["compare"]:
        return compare.main(told[1:])
    parser = argparse.ArgumentParser(prog="python -m leitai_loadtest.bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--small", action="store_true", help="every row with little of everything, in half a minute")
    parser.add_argument("--json", type=Path, help="where the run is written, for `compare`")
    asked = parser.parse_args(told)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    began = monotonic()
    rows = run(_measure(asked.scenes or list(SCENES), SMALL if asked.small else Sizes(), console))
    console.print(table(rows, "what it costs"))
    if asked.json:
        about = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        write(rows, about | {"small": asked.small, "seconds": round(monotonic() - began, 1)}, asked.json)
    return 0 if all(row.figures.get("sound", True) for row in rows) else 1


async def _measure(names: Sequence[str], sizes: Sizes, console: Console) -> list[Row]:
    allow_many_files()
    gc.disable()  # a full collection over every seat would stand in each latency
    rows: list[Row] = []
    for name in names:
        console.print(f"measuring {name}")
        rows += await SCENES[name](sizes)
    return rows


if __name__ == "__main__":
    sys.exit(main())

"""Simulate a crowd of contestants against a running contest, all from this one process.

    python -m leitai_loadtest.simulate --url http://127.0.0.1:8780 --credentials FILE.csv --json OUT.json

The CSV has the columns admission_no and code. Figures go to OUT.json, everyone's journal to `--journal`. With
`--follow-progress` progress goes to standard output, one JSON object per line: `{"event": "connected", "n": …}`.
"""

import argparse
import asyncio
import csv
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leitai_loadtest.crowd import Options
from leitai_loadtest.scene import Scene, wait_for_server

try:
    from uvloop import run
except ImportError:  # no wheels for this platform
    run = asyncio.run


def read_credentials(path: Path) -> list[tuple[str, str]]:
    """Return (admission number, code) of every row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(row["admission_no"], row["code"]) for row in csv.DictReader(file)]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 when everyone entered and every answer was acknowledged."""
    options = _parser().parse_args(arguments)
    return run(_simulate(options))


async def _simulate(asked: argparse.Namespace) -> int:
    def report(event: str, **figures: Any) -> None:
        if asked.follow_progress:
            sys.stdout.write(json.dumps({"event": event, **figures}, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    credentials = read_credentials(asked.credentials)
    contest = await wait_for_server(asked.url, asked.patience_s)
    studied = json.loads(asked.studied.read_text("utf-8")) if asked.studied else {}
    options = Options(asked.url, seed=asked.seed, burst=asked.burst, share_sealed=asked.share_sealed, studied=studied)
    scene = Scene(options, credentials, viewers=asked.viewers, report=report)
    scene.crowd.session = contest["session"]["id"]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, scene.end)
    if asked.end_with_input:
        _at_end_of_input(loop, scene.end)
    await scene.play()
    figures = scene.figures()
    if asked.journal:
        scene.write_journals(asked.journal)
    if asked.json:
        asked.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    report("done", **figures)
    whole = figures["entered"] == figures["contestants"] and not figures["answers_unacked"]
    return 0 if whole and not figures["acks_contradicting"] else 1


def _at_end_of_input(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    """Call `end` when whoever started this process closes its standard input or is gone."""

    def heard() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin)
            end()

    loop.add_reader(sys.stdin, heard)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m leitai_loadtest.simulate", description="Simulate contestants.")
    add = parser.add_argument
    add("--url", required=True, help="the server, http://HOST:PORT")
    add("--credentials", type=Path, required=True, help="CSV with admission_no and code")
    add("--json", type=Path, help="where the figures go")
    add("--journal", type=Path, help="where the journals go, one JSON line per sitting")
    add("--burst", action="store_true", help="everyone answers at once")
    add("--seed", type=int, default=1, help="decides who answers what and when")
    add("--studied", type=Path, help="JSON of right responses by stem, which contestants know as their skill goes")
    add("--viewers", type=int, default=0, help="so many anonymous viewers of boards as well")
    add("--share-sealed", action="store_true", help="fetch the sealed paper once for all")
    add("--follow-progress", action="store_true", help="progress as JSON lines on standard output")
    add("--end-with-input", action="store_true", help="end when standard input is closed")
    add("--patience-s", type=float, default=30.0, help="how long to wait for the server to answer at first")
    return parser


if __name__ == "__main__":
    sys.exit(main())

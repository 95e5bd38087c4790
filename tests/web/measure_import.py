"""What a live contest feels of question files: acknowledgements while one is read and taken in, and just afterwards.

    .venv/bin/python -m tests.web.measure_import [contestants] [rows] [items]

A house of its own, every role in its process, and one paced contest, during which question files of so many rows are
brought to the bank one after the other, each followed by a rest as long as itself. Printed is, for every file, how long
it took from its upload to the last question in the bank; then p50, p95 and p99 of the answers stamped while one was
read, while one was taken in, and in the rests, and their ratios. The exit status is 0 when p99 beside a file is higher
by no more than 5 % (the ratio of the medians). Wants a quiet machine.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from leitai.cli.chaining.desks import Desks
from leitai.cli.rehearsal import verdict
from leitai.cli.rehearsal.house import housed
from leitai.cli.rehearsal.play import play
from leitai.cli.rehearsal.simulator import Event
from leitai.cli.rehearsal.stage import Piece
from leitai_loadtest.acks import DIGITS, Ratio
from leitai_loadtest.figures import percentile
from leitai_loadtest.glances import FIGURES
from tests.web.measure_beside import LIMIT, SECONDS_PER_ITEM, Done, Load, prepared

FILES = 8
_FEWEST = 500
"""Of answers on either side: a p99 of fewer is the luck of five."""
Span = tuple[int, int]
"""From when to when, microseconds of the contest's clock, which on one machine is everybody's."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A file, and when what was done."""

    took_s: float
    read: Span
    taken: Span
    rested: Span

    @property
    def beside(self) -> Span:
        """From its upload to its end."""
        return self.read[0], self.taken[1]


def _now_us() -> int:
    return time.time_ns() // 1000


async def _bring(load: Load, files: Sequence[bytes], brought: list[Brought]) -> None:
    for file in files:
        done, began_us = Done(), _now_us()
        await load.take_in(done, file)
        ended_us, read_us = _now_us(), began_us + round(done.read_s[0] * 1e6)
        await asyncio.sleep((ended_us - began_us) / 1e6)
        brought.append(
            Brought(done.imported_s[0], (began_us, read_us), (read_us, ended_us), (ended_us, _now_us())),
        )


async def measure(folder: Path, contestants: int, rows: int, items: int) -> float:
    """Print every file; return how much slower the median p99 is beside one (1: as fast)."""
    brought: list[Brought] = []
    working: list[asyncio.Task[None]] = []
    async with housed(folder) as house:
        desks = Desks(house)
        load = await prepared(house, desks, rows)
        files = await asyncio.to_thread(lambda: [load.bank_file() for _ in range(FILES)])

        def tell(event: Event) -> None:
            if event["event"] == "phase" and event["phase"] == "running":
                working.append(asyncio.create_task(_bring(load, files, brought)))
            elif event["event"] == "phase" and event["phase"] == "closed":
                for task in working:
                    task.cancel()

        try:
            with tempfile.TemporaryDirectory(prefix="leitai-") as own:
                found = await play(house, Piece(contestants, items, SECONDS_PER_ITEM), Path(own), tell)
                answers = _acknowledged(Path(own))
        finally:
            desks.close()
    assert found.answers_lost == found.answers_doubled == 0
    for one in brought:
        print(f"{rows:,} rows in {one.took_s:.1f} s, read within {(one.read[1] - one.read[0]) / 1e6:.1f} s", flush=True)
    rested = [_within(answers, one.rested) for one in brought]
    _tell("while read", rested, [_within(answers, one.read) for one in brought])
    _tell("while taken in", rested, [_within(answers, one.taken) for one in brought])
    return _tell("beside all of it", rested, [_within(answers, one.beside) for one in brought])


def _acknowledged(folder: Path) -> list[tuple[int, float]]:
    """Return the stamp of every answer and how long its acknowledgement took, milliseconds."""
    return [
        (answer["stamp_us"], answer["ack_ms"])
        for path in folder.glob("*.jsonl")
        for journal in verdict.read_journals(path)
        for answer in journal["answers"]
        if answer["ack_ms"] is not None
    ]


def _within(answers: Sequence[tuple[int, float]], span: Span) -> list[float]:
    return [ms for stamp_us, ms in answers if span[0] <= stamp_us < span[1]]


def _tell(what: str, rested: Sequence[Sequence[float]], beside: Sequence[Sequence[float]]) -> float:
    """Print the ratios of the files that have answers enough on both sides; return p99's."""
    pairs = [pair for pair in zip(rested, beside, strict=True) if min(map(len, pair)) >= _FEWEST]
    ratio = 0.0
    for name, share in FIGURES:
        of = [tuple(round(percentile(pair[side], share), DIGITS) for pair in pairs) for side in (0, 1)]
        found = Ratio(name, of[0], of[1])
        ratio = found.middle
        print(f"{what}, {name}: {of[1]} ms, at rest {of[0]}: {ratio:.3f}, of each {found.turns}", flush=True)
    return ratio


def main() -> int:
    """Return 0 when the limit is kept."""
    contestants, rows, items = (
        int(sys.argv[place]) if len(sys.argv) > place else default
        for place, default in ((1, 1600), (2, 20_000), (3, 24))
    )
    with tempfile.TemporaryDirectory(prefix="leitai-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        return 0 if 0 < asyncio.run(measure(folder, contestants, rows, items)) <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())

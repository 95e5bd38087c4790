"""What a live contest feels of question files: acknowledgements while one is read and taken in, and just afterwards.

    .venv/bin/python -m tests.web.measure_import [contestants] [rows] [items]

A house of its own, every role in its process, and one paced contest, during which question files of so many rows are
brought to the bank one after the other. Each is followed by a rest as long as itself, and by as long again beside a
bystander: a process of nobody's, behind all others, which computes as much as the file had the machine compute more
than the rest, and touches nothing of ours (`leitai_loadtest.bystander`). What such a process costs, anything would.

Printed is, for every file, how long it took from its upload to the last question in the bank; then p50, p95 and p99 of
the answers stamped while one was read, while one was taken in, beside the bystander and in the rests, and their ratios.
The exit status is 0 when p99 beside a file is higher than beside the bystander by no more than 5 % (the ratio of the
medians). Wants a quiet machine with Linux.
"""

import asyncio
import contextlib
import os
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
from leitai_loadtest.bystander import MOST
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
    bystander: Span
    share: float
    """Of one processor: the bystander's."""

    @property
    def beside(self) -> Span:
        """From its upload to its end."""
        return self.read[0], self.taken[1]


def _now_us() -> int:
    return time.time_ns() // 1000


async def _bring(load: Load, files: Sequence[bytes], brought: list[Brought]) -> None:
    for file in files:
        done, began_us, busy_s = Done(), _now_us(), _busy_s()
        await load.take_in(done, file)
        ended_us, read_us = _now_us(), began_us + round(done.read_s[0] * 1e6)
        took_s, busy_s = (ended_us - began_us) / 1e6, _busy_s() - busy_s
        rest_s = _busy_s()
        await asyncio.sleep(took_s)
        rested_us, rest_s = _now_us(), _busy_s() - rest_s
        share = min(max(0.0, (busy_s - rest_s) / took_s), MOST)
        await _beside_a_bystander(share, took_s)
        brought.append(
            Brought(
                done.imported_s[0],
                (began_us, read_us),
                (read_us, ended_us),
                (ended_us, rested_us),
                (rested_us, _now_us()),
                share,
            )
        )


async def _beside_a_bystander(share: float, seconds: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "leitai_loadtest.bystander", f"{share:.3f}", f"{seconds:.1f}"
    )
    try:
        await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _busy_s() -> float:
    """Return for how long processors have worked, seconds of all of them since the machine began."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text("ascii").split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


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
        read_s = (one.read[1] - one.read[0]) / 1e6
        print(f"{rows:,} rows in {one.took_s:.1f} s, read within {read_s:.1f} s, {one.share:.2f} of a processor")
    rested = [_within(answers, one.rested) for one in brought]
    _tell("while read", rested, [_within(answers, one.read) for one in brought])
    _tell("while taken in", rested, [_within(answers, one.taken) for one in brought])
    beside = [_within(answers, one.beside) for one in brought]
    _tell("beside all of it", rested, beside)
    bystander = [_within(answers, one.bystander) for one in brought]
    _tell("beside a bystander", rested, bystander)
    return _tell("beside all of it", bystander, beside, of="beside a bystander")


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


def _tell(
    what: str, rested: Sequence[Sequence[float]], beside: Sequence[Sequence[float]], *, of: str = "at rest"
) -> float:
    """Print the ratios of the files that have answers enough on both sides; return p99's."""
    pairs = [pair for pair in zip(rested, beside, strict=True) if min(map(len, pair)) >= _FEWEST]
    ratio = 0.0
    for name, share in FIGURES:
        both = [tuple(round(percentile(pair[side], share), DIGITS) for pair in pairs) for side in (0, 1)]
        found = Ratio(name, both[0], both[1])
        ratio = found.middle
        print(f"{what}, {name}: {both[1]} ms, {of} {both[0]}: {ratio:.3f}, of each {found.turns}", flush=True)
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

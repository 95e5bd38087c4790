"""What a live contest feels of the office's work: acknowledgements with and without uploads and imports beside it.

    .venv/bin/python -m tests.web.measure_beside [contestants] [rounds] [rows]

A house of its own, every role in its process. Each round plays two paced contests of the same paper, one by one: A
alone; B while all 32 provinces upload their lists of 115, all at once, a few seconds after its start, and a question
file of so many rows is read and taken into the bank from its start on (0 rows: no file, uploads alone). Printed are
both p99 of every round, the medians over the rounds and their ratio; the exit status is 0 when B is slower by no more
than 5 %. Wants a quiet machine.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from leitai.cli.chaining.desks import Desk, Desks
from leitai.cli.chaining.people import Province, Size
from leitai.cli.rehearsal.house import House, housed
from leitai.cli.rehearsal.play import play
from leitai.cli.rehearsal.report import Report
from leitai.cli.rehearsal.simulator import Event
from leitai.cli.rehearsal.stage import Piece
from leitai.office.exporting.sheets import write_xlsx
from leitai.rules.rights import Role
from tests.office.measure_resemblance import stems
from tests.support.office import questions

LIMIT = 1.05
ITEMS, SECONDS_PER_ITEM = 12, 6
_POLL_S = 0.5
_INTO_THE_CONTEST_S = 10.0


@dataclass
class Done:
    """What was done beside a contest."""

    uploads: int = 0
    slowest_s: float = 0.0
    """All 32 at once."""
    imported_s: list[float] = field(default_factory=list[float])
    read_s: list[float] = field(default_factory=list[float])
    """Of that, until the dry run was there."""


class Load:
    """The office at its busiest: desks that are signed in, and their files, made before anything is measured."""

    def __init__(self, leaders: Mapping[Province, Desk], setter: Desk, contest: int, rows: int) -> None:
        self._leaders = leaders
        self._setter = setter
        self._contest = contest
        self._lists = {one: one.list_file() for one in leaders}
        self._editions = dict.fromkeys(leaders, 0)
        samples = questions(60)
        self._questions = [
            replace(samples[number % len(samples)], stem=f"{stem}第{number}题____、____")
            for number, stem in enumerate(stems(rows))
        ]
        self._imports = 0

    def bank_file(self) -> bytes:
        """Return a file of other questions than those before it; empty when there are to be none."""
        if not self._questions:
            return b""
        self._imports += 1
        return write_xlsx([replace(one, stem=f"{self._imports}、{one.stem}") for one in self._questions])

    async def go_on(self, done: Done, bank: bytes) -> None:
        """Upload everything and take the file in, once."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._upload(done))
            if bank:
                tasks.create_task(self.take_in(done, bank))

    async def _upload(self, done: Done) -> None:
        for one, desk in self._leaders.items():
            # What was cut off at the end of a contest may have been taken in.
            told = await desk.get(f"/nominations/{self._contest}/{one.code}")
            self._editions[one] = told["standing"]["edition"]
        await asyncio.sleep(_INTO_THE_CONTEST_S)
        began = time.monotonic()
        await asyncio.gather(*(self._province(one, desk) for one, desk in self._leaders.items()))
        done.uploads += len(self._leaders)
        done.slowest_s = time.monotonic() - began

    async def _province(self, one: Province, desk: Desk) -> None:
        path = f"/nominations/{self._contest}/{one.code}/upload"
        report = await desk.bring(path, self._lists[one], name="名单.xlsx", expects=self._editions[one])
        self._editions[one] = report["standing"]["edition"]

    async def take_in(self, done: Done, bank: bytes) -> None:
        """Have a file read and taken in, and note how long that took."""
        began = time.monotonic()
        upload = (await self._setter.bring("/bank/imports", bank, name="题库.xlsx"))["upload"]
        await self._until(upload, "ready")
        done.read_s.append(time.monotonic() - began)
        await self._setter.post(f"/bank/imports/{upload}", {"leave_out_refused": True})
        await self._until(upload, "done")
        done.imported_s.append(time.monotonic() - began)

    async def _until(self, upload: str, state: str) -> dict[str, Any]:
        while (told := await self._setter.get(f"/bank/imports/{upload}"))["state"] != state:
            assert told["state"] not in ("refused", "failed"), told
            await asyncio.sleep(_POLL_S)
        return told


async def contest_of(house: House, contestants: int, load: Load | None, seed: int) -> tuple[Report, Done]:
    """Play a contest, alone or with the office busy from its start to its end."""
    done = Done()
    bank = await asyncio.to_thread(load.bank_file) if load else b""
    working: list[asyncio.Task[None]] = []

    def tell(event: Event) -> None:
        if load and event["event"] == "phase" and event["phase"] == "running":
            working.append(asyncio.create_task(load.go_on(done, bank)))
        elif event["event"] == "phase" and event["phase"] == "closed":
            for task in working:
                task.cancel()

    with tempfile.TemporaryDirectory(prefix="leitai-") as folder:
        found = await play(house, Piece(contestants, ITEMS, SECONDS_PER_ITEM, seed=seed), Path(folder), tell)
    for task in working:
        with suppress(asyncio.CancelledError):
            await task
    assert found.answers_lost == found.answers_doubled == 0
    return found, done


async def prepared(house: House, desks: Desks, rows: int) -> Load:
    """Sign everybody in and make their files."""
    async with house.open_doors():
        known, size = await house.parts.office.delegations(), Size()
        leaders: dict[Province, Desk] = {}
        for place, one in enumerate(known):
            desk = await desks.open(f"l{one.code}", f"{one.short}领队", Role.TEAM_LEADER, one.code)
            leaders[Province(one.code, one.short, place, size)] = desk
        setter = await desks.open("setter", "命题组", Role.SETTER)
        contest = await house.parts.office.create_contest("推荐", "赛务组", 2026)
        return await asyncio.to_thread(Load, leaders, setter, contest, rows)


async def measure(folder: Path, contestants: int, rounds: int, rows: int) -> float:
    """Print every round; return how much slower the median p99 is beside the office's work (1: as fast)."""
    alone: list[float] = []
    beside: list[float] = []
    async with housed(folder) as house:
        desks = Desks(house)
        load = await prepared(house, desks, rows)
        try:
            for number in range(1, rounds + 1):
                # In turns, so that neither is always the first.
                for busy in (False, True) if number % 2 else (True, False):
                    found, done = await contest_of(house, contestants, load if busy else None, number)
                    (beside if busy else alone).append(found.ack_ms_p99)
                    told = f"round {number} {'B' if busy else 'A'}: p50 {found.ack_ms_p50:.2f} ms, "
                    told += f"p99 {found.ack_ms_p99:.2f} ms, max {found.ack_ms_max:.1f} ms"
                    if busy:
                        told += f"; {done.uploads} lists, 32 at once in at most {done.slowest_s:.1f} s"
                        if rows:
                            took = f"in {done.imported_s[0]:.1f} s" if done.imported_s else "not done by the end"
                            told += f"; {rows:,} rows {took}"
                    print(told, flush=True)
        finally:
            desks.close()
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"p99 alone {statistics.median(alone):.2f} ms, beside {statistics.median(beside):.2f} ms: {ratio:.3f}")
    return ratio


def main() -> int:
    """Return 0 when the limit is kept."""
    contestants, rounds, rows = (
        int(sys.argv[place]) if len(sys.argv) > place else default
        for place, default in ((1, 1600), (2, 3), (3, 20_000))
    )
    with tempfile.TemporaryDirectory(prefix="leitai-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        return 0 if asyncio.run(measure(folder, contestants, rounds, rows)) <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())

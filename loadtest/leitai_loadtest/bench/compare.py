"""Compare two runs of the benchmark by their ratios, which hold from machine to machine.

    python -m leitai_loadtest.bench compare A B [--allow 0.15] [--by-the-clock]

A row is worse when its ratio to the floor (where it has none, its bytes) grew by more than `--allow`, a share. Ratios
of wall-clock time are judged only with `--by-the-clock`, on a machine that does nothing else.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from leitai_loadtest.bench.rows import Row, read

ALLOWED = 0.15


@dataclass(frozen=True, slots=True)
class Difference:
    """A row in both runs. `before` and `after` are ratios, or bytes where the row has no ratio."""

    name: str
    before: float
    after: float
    judged: bool

    @property
    def change(self) -> float:
        """By which share it grew."""
        return self.after / self.before - 1 if self.before else 0.0


def differences(before: Sequence[Row], after: Sequence[Row], *, by_the_clock: bool = False) -> list[Difference]:
    """Return the rows that both runs hold, in the order of the second."""
    known = {row.name: row for row in before}
    found: list[Difference] = []
    for row in after:
        old = known.get(row.name)
        if old is None:
            continue
        was, is_now = (old.bytes, row.bytes) if row.ratio is None else (old.ratio, row.ratio)
        if was is not None and is_now is not None:
            found.append(Difference(row.name, was, is_now, by_the_clock or not row.by_the_clock))
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return 0, 1 when a row is worse, 2 when the files have nothing in common."""
    parser = argparse.ArgumentParser(prog="python -m leitai_loadtest.bench compare")
    parser.add_argument("before", type=Path, metavar="A")
    parser.add_argument("after", type=Path, metavar="B")
    parser.add_argument("--allow", type=float, default=ALLOWED, help="by which share a row may grow")
    parser.add_argument("--by-the-clock", action="store_true", help="judge ratios of wall-clock time as well")
    asked = parser.parse_args(arguments)
    found = differences(read(asked.before), read(asked.after), by_the_clock=asked.by_the_clock)
    table = Table("row", "before", "after", "change", "", title=f"{asked.before} → {asked.after}")
    worse = 0
    for one in found:
        bad = one.judged and one.change > asked.allow
        worse += bad
        word = "[bold]WORSE[/bold]" if bad else "" if one.judged else "by the clock"
        table.add_row(one.name, f"{one.before:g}", f"{one.after:g}", f"{one.change:+.1%}", word)
    Console().print(table)
    return 2 if not found else 1 if worse else 0

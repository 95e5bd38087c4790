"""Rows of the benchmark: what they hold, as a table, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

FORMAT = "leitai-bench-1"


@dataclass(frozen=True, slots=True)
class Row:
    """One operation's cost. Docs: docs/bench.md."""

    name: str
    """Stable: two files are compared by it."""
    per: str
    """What is counted: an answer, a socket, a sign-in, …"""
    cpu_us: float | None = None
    """CPU for each, without what the same process spends idle."""
    raw_us: float | None = None
    """The same with it."""
    floor: float | None = None
    """What the floor spends, in the unit of what `ratio` is of."""
    ratio: float | None = None
    """How many times the floor; of CPU, or of what `of` says."""
    of: str = "CPU"
    bytes: float | None = None
    """For each, where bytes are what matters."""
    target: str = ""
    met: bool | None = None
    figures: dict[str, Any] = field(default_factory=dict[str, Any])
    """More of the same run, to read beside it."""

    @property
    def by_the_clock(self) -> bool:
        """Whether the ratio is of wall-clock time, which says nothing on a machine that does other work."""
        return self.of == "time"


def cpu_row(
    name: str,
    per: str,
    cpu_us: float,
    *,
    raw_us: float | None = None,
    floor_us: float | None = None,
    at_most: float | None = None,
    **figures: Any,
) -> Row:
    """Return a row of CPU beside its floor; `at_most` is the target of the ratio."""
    ratio = _rounded(cpu_us / floor_us) if floor_us else None
    return Row(
        name,
        per,
        _rounded(cpu_us),
        _rounded(raw_us),
        _rounded(floor_us),
        ratio,
        target="" if at_most is None else f"≤ {at_most:g} × floor",
        met=None if at_most is None or ratio is None else ratio <= at_most,
        figures=figures,
    )


def _rounded(value: float | None) -> float | None:
    """Return three digits that count, or more before the point."""
    if value is None:
        return None
    return float(f"{value:.3g}") if abs(value) < 100 else round(value, 1)


def write(rows: Sequence[Row], about: dict[str, Any], path: Path) -> None:
    """Write a run as JSON."""
    content = {"format": FORMAT, "about": about, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read(path: Path) -> list[Row]:
    """Read a run; raises ValueError when the file is none."""
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is no run of the benchmark")
    return [Row(**row) for row in content["rows"]]


def table(rows: Sequence[Row], title: str) -> Table:
    """Return the table that people read."""
    shown = Table(title=title)
    for column in ("row", "per", "CPU µs", "with idle", "floor", "× floor", "bytes", "target", "met", "more"):
        shown.add_column(column, justify="left" if column in ("row", "per", "target", "more") else "right")
    for row in rows:
        more = ", ".join(f"{name} {_shown(value)}" for name, value in row.figures.items())
        ratio = _shown(row.ratio) + ("" if row.ratio is None or row.of == "CPU" else f" {row.of}")
        met = {None: "", True: "yes", False: "[bold]NO[/bold]"}[row.met]
        cells = (row.cpu_us, row.raw_us, row.floor)
        shown.add_row(row.name, row.per, *map(_shown, cells), ratio, _shown(row.bytes), row.target, met, more)
    return shown


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if abs(value) < 1000:
            return f"{value:g}"
        case int() | float():
            return f"{value:,.0f}"
        case _:
            return str(value)

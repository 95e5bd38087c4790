"""Play the contest whole, and again with everything dying that can die; nothing may be lost, doubled or miscounted.

    python -m leitai_loadtest.faults [--contestants 1600] [--items 20] [--seconds-per-item 8] [--json FILE] [CASE …]

Each case is a `leitai rehearse` of its own on embedded stores. Without CASE all are played.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

GAP_S = 1
COLUMNS = ("answers_acked", "answers_lost", "answers_doubled", "late", "recovered", "ack_ms_p99", "connect_s")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a case is played."""

    contestants: int = 1600
    items: int = 20
    seconds_per_item: int = 8
    kill_every_s: float = 10.0
    database_away_s: float = 60.0

    @property
    def length_s(self) -> float:
        """How long the contest lasts."""
        return self.items * (self.seconds_per_item + GAP_S)


def _every(size: Size) -> str:
    return str(size.kill_every_s)


CASES: dict[str, Callable[[Size], list[str]]] = {
    "clean": lambda _: [],
    "burst": lambda _: ["--burst"],
    "gateway": lambda size: ["--kill", "gateway", "--every", _every(size)],
    "gateways": lambda size: ["--gateways", "3", "--kill", "gateway", "--every", _every(size)],
    "roll": lambda size: ["--gateways", "3", "--roll", "--every", _every(size)],
    "director": lambda size: ["--kill", "director", "--every", _every(size)],
    "recorder": lambda size: ["--kill", "recorder", "--every", _every(size)],
    "roles": lambda size: ["--kill", "gateway,director,recorder", "--every", _every(size)],
    "valkey": lambda size: ["--kill", "valkey", "--every", str(size.length_s / 5.5)],  # five times
    "valkey-data": lambda size: ["--kill", "valkey-data", "--every", _every(size)],
    "valkey-hang": lambda size: ["--kill", "valkey-hang", "--every", _every(size)],
    "cluster": lambda size: ["--every", _every(size)],
    "database": lambda size: ["--database-away", str(size.database_away_s)],
}
"""What `leitai rehearse` is told besides the size, by the name of the case; `cluster` is `leitai cluster`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case. `report` is empty when the rehearsal broke off."""

    status: int
    report: dict[str, Any]

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, doubled or miscounted."""
        return (
            self.status == 0
            and bool(self.report)
            and self.report["answers_lost"] == 0
            and self.report["answers_doubled"] == 0
            and self.report["board_equals_recomputation"] is True
        )


def play(case: str, size: Size, *, data: Path | None = None) -> Outcome:
    """Play one case; `data` keeps stores, logs and journals."""
    with tempfile.TemporaryDirectory(prefix="leitai-faults-") as folder:
        path = Path(folder) / "report.json"
        play_on = "cluster" if case == "cluster" else "rehearse"
        command = [sys.executable, "-m", "leitai", play_on, "--json", str(path)]
        command += ["--contestants", str(size.contestants), "--items", str(size.items)]
        command += ["--seconds-per-item", str(size.seconds_per_item), *CASES[case](size)]
        command += [] if data is None else ["--data", str(data)]
        ended = subprocess.run(command, check=False)  # noqa: S603 (our own command)
        report = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return Outcome(ended.returncode, report)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 when every case was sound."""
    parser = argparse.ArgumentParser(
        prog="python -m leitai_loadtest.faults", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--contestants", type=int, default=1600)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--seconds-per-item", type=int, default=8)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    size = Size(asked.contestants, asked.items, asked.seconds_per_item)
    outcomes = {case: play(case, size) for case in asked.cases or CASES}
    table = Table("case", "sound", *COLUMNS, title="a contest in which everything dies")
    for case, outcome in outcomes.items():
        table.add_row(case, str(outcome.sound), *(str(outcome.report.get(column, "—")) for column in COLUMNS))
    Console().print(table)
    if asked.json:
        reports = {case: outcome.report | {"sound": outcome.sound} for case, outcome in outcomes.items()}
        asked.json.write_text(json.dumps(reports, indent=2) + "\n", encoding="utf-8")
    return 0 if all(outcome.sound for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

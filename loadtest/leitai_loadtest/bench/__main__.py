"""Print what an opening, an answer and its durable acknowledgement cost, beside a bare responder on this machine.

    python -m leitai_loadtest.bench [--contestants 1600] [--items 10] [--seconds-per-item 4] [--json FILE]

The rows of the server come from `leitai rehearse`, run here with the same numbers; the ratio is to the floor of the
same pacing.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from leitai_loadtest.bench.floor import Floor, measure

try:
    from uvloop import run
except ImportError:  # no wheels for this platform
    run = asyncio.run

COLUMNS = ("server", "answers", "µs/answer", "× floor", "store µs", "KiB/conn", "ack p50", "ack p99", "spread p99")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 when a rehearsal failed."""
    parser = argparse.ArgumentParser(prog="python -m leitai_loadtest.bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--contestants", type=int, default=1600)
    parser.add_argument("--items", type=int, default=10)
    parser.add_argument("--seconds-per-item", type=int, default=4)
    parser.add_argument("--floor-only", action="store_true", help="measure the bare responder alone")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    for burst in (False, True):
        floor = run(measure(asked.contestants, asked.items, asked.seconds_per_item, burst=burst))
        rows.append(_floor_row(floor, burst=burst))
        if not asked.floor_only:
            report = _rehearse(asked.contestants, asked.items, asked.seconds_per_item, burst=burst)
            rows.append(_server_row(report, floor, burst=burst))
    Console().print(_table(rows))
    if asked.json:
        asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.get("sound", True) for row in rows) else 1


def _name(server: str, *, burst: bool) -> str:
    return f"{server}, all at once" if burst else server


def _floor_row(floor: Floor, *, burst: bool) -> dict[str, Any]:
    return {
        "server": _name("bare picows, no store", burst=burst),
        "answers": floor.answers,
        "cpu_us_per_answer": floor.cpu_us_per_answer,
        "ratio": 1.0,
        "rss_kib_per_connection": floor.rss_kib_per_connection,
        "ack_ms_p50": floor.ack_ms_p50,
        "ack_ms_p99": floor.ack_ms_p99,
        "open_spread_ms_p99": floor.open_spread_ms_p99,
    }


def _server_row(report: dict[str, Any], floor: Floor, *, burst: bool) -> dict[str, Any]:
    return {
        "server": _name("leitai", burst=burst),
        "answers": report["answers_acked"],
        "cpu_us_per_answer": report["gateway_cpu_us_per_answer"],
        "ratio": round(report["gateway_cpu_us_per_answer"] / floor.cpu_us_per_answer, 2),
        "store_cpu_us_per_answer": report["store_cpu_us_per_answer"],
        "rss_kib_per_connection": report["rss_kib_per_connection"],
        "ack_ms_p50": report["ack_ms_p50"],
        "ack_ms_p99": report["ack_ms_p99"],
        "open_spread_ms_p99": report["open_spread_ms_p99"],
        "sound": not report["answers_lost"] and not report["answers_doubled"] and report["board_equals_recomputation"],
    }


def _rehearse(contestants: int, items: int, seconds: int, *, burst: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="leitai-bench-") as folder:
        path = Path(folder) / "report.json"
        command = [sys.executable, "-m", "leitai", "rehearse", "--contestants", str(contestants)]
        command += ["--items", str(items), "--seconds-per-item", str(seconds), "--json", str(path)]
        subprocess.run([*command, *(["--burst"] if burst else [])], check=False)  # noqa: S603 (our own command)
        return json.loads(path.read_text("utf-8"))


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(*COLUMNS, title="CPU per opening + answer + acknowledgement; times in ms")
    for row in rows:
        cells = (
            row["server"],
            row["answers"],
            row["cpu_us_per_answer"],
            row["ratio"],
            row.get("store_cpu_us_per_answer", ""),
            row["rss_kib_per_connection"],
            row["ack_ms_p50"],
            row["ack_ms_p99"],
            row["open_spread_ms_p99"],
        )
        table.add_row(*map(str, cells))
    return table


if __name__ == "__main__":
    sys.exit(main())

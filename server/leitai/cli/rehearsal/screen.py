"""The progress of a rehearsal on the terminal, and its report as a table."""

from types import TracebackType

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from leitai.cli.rehearsal.report import Report
from leitai.cli.rehearsal.simulator import Event


class Screen:
    """Shows events as they come; use it as a context manager."""

    def __init__(self, contestants: int, items: int) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console)
        self._entering = self._progress.add_task("签到 check-in", total=contestants)
        self._items = self._progress.add_task("题目 items", total=items, start=False)

    def __enter__(self) -> "Screen":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: Event) -> None:
        """Show one event of the simulator."""
        match event["event"]:
            case "connected":
                self._progress.update(self._entering, completed=event["n"])
            case "entered":
                self._progress.update(self._entering, completed=event["n"])
                self._progress.stop_task(self._entering)
                self._print(f"{event['n']} checked in within {event['connect_s']:.1f} s")
            case "phase":
                self._print(f"phase: {event['phase']}")
                if event["phase"] == "running":
                    self._progress.start_task(self._items)
            case "open":
                spread = event["open_spread_ms"]
                self._print(f"item {event['item']}: opened to {event['arrived']} within {spread:.1f} ms")
            case "item":
                self._progress.update(self._items, advance=1)
                self._print(
                    f"item {event['item']}: {event['acks']} acknowledged, {event['late']} late, "
                    f"p50 {event['ack_ms_p50']:.1f} ms, p99 {event['ack_ms_p99']:.1f} ms, "
                    f"{event['connected']} connected, {event['unacked']} unacknowledged"
                )
            case _:
                pass

    def say(self, text: str) -> None:
        """Print a line above the progress."""
        self._print(text)

    def _print(self, text: str) -> None:
        self._progress.console.print(text, highlight=False)


def print_report(found: Report, *, sound: bool) -> None:
    """Print a report as a table."""
    table = Table("field", "value", title="试考报告 rehearsal report", title_style="green" if sound else "red")
    for name, value in msgspec.structs.asdict(found).items():
        table.add_row(name, "—" if value is None else str(value))
    Console(stderr=True).print(table)

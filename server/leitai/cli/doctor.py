"""`leitai doctor`: looks a deployment over before the day and says what to change."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from leitai.cli.desk import Config, Owner
from leitai.config import read_settings
from leitai.doctor.examination import examine
from leitai.doctor.findings import Demand, Finding, Severity
from leitai.doctor.words import WORDS

app = App(name="doctor", help="赛前检查部署，指出要改的地方 · Look a deployment over before the day")

_SIGN = {Severity.OK: "[green]✓[/]", Severity.WARNING: "[yellow]![/]", Severity.FAILURE: "[red]✗[/]"}


@app.default
async def doctor(
    *,
    contestants: Annotated[int, Parameter(help="how many will take part")] = 1600,
    processes: Annotated[int, Parameter(help="processes of the server on all machines")] = 3,
    replicas: Annotated[
        int | None, Parameter(help="replicas that confirm an answer before it is acknowledged; as set if not given")
    ] = None,
    all_interfaces: Annotated[bool, Parameter(help="listening on every interface is meant", negative="")] = False,
    data: Annotated[Path | None, Parameter(help="folder whose disk is tried; the store's own if it is here")] = None,
    show_all: Annotated[bool, Parameter(name="--all", help="show also what is well", negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", help="print every finding as JSON", negative="")] = False,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Look at stores, clocks, limits, disk, versions, keys, origins and the next session, with the server's settings.

    Some small keys are written to the store, which end by themselves, and a file to its folder, which is removed;
    nothing is changed. Exit status 1: something must be changed before the day.
    """
    settings = read_settings(config, owner=owner)
    confirming = settings.valkey_replicas if replicas is None else replicas
    findings = await examine(settings, Demand(contestants, processes, confirming, all_interfaces), data)
    if as_json:
        sys.stdout.write(json.dumps([in_full(one) for one in findings], ensure_ascii=False, indent=2) + "\n")
    else:
        _print(findings, show_all=show_all)
    raise SystemExit(1 if any(one.severity is Severity.FAILURE for one in findings) else 0)


def in_full(finding: Finding) -> dict[str, object]:
    """Return a finding with its words in both languages; what is well needs nothing done."""
    words = WORDS[finding.id]
    well = finding.severity is Severity.OK
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "seen": finding.seen,
        "wanted": finding.wanted,
        "title": {"zh-CN": words.title_zh, "en": words.title_en},
        "do": {"zh-CN": "" if well else words.do_zh, "en": "" if well else words.do_en},
    }


def _print(findings: Sequence[Finding], *, show_all: bool) -> None:
    console = Console(highlight=False)
    shown = [one for one in findings if show_all or one.severity is not Severity.OK]
    if shown:
        table = Table(show_lines=True, title="赛前检查 Before the day")
        for heading in ("", "项目 item", "现状 seen", "应为 wanted", "怎么办 what to do"):
            table.add_column(heading, overflow="fold")
        for one in shown:
            table.add_row(*_row(one))
        console.print(table)
    counts = Counter(one.severity for one in findings)
    console.print(
        f"必须修改 failures {counts[Severity.FAILURE]}，建议修改 warnings {counts[Severity.WARNING]}，"
        f"正常 well {counts[Severity.OK]}"
    )


def _row(finding: Finding) -> tuple[str, ...]:
    words = WORDS[finding.id]
    of = f"\n{escape(finding.subject)}" if finding.subject else ""
    do = "" if finding.severity is Severity.OK else f"{escape(words.do_zh)}\n{escape(words.do_en)}"
    return (
        _SIGN[finding.severity],
        f"{escape(words.title_zh)}\n{escape(words.title_en)}\n[dim]{finding.id}[/]{of}",
        escape(finding.seen),
        escape(finding.wanted),
        do,
    )

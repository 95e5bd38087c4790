"""`leitai cluster`: a rehearsal on the topology of many machines, all on this one, while primaries are killed."""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter

from leitai.cli.rehearsal.faults import KILLABLE_IN_CLUSTER, PRIMARY, Faults
from leitai.cli.rehearsal.house import clustered
from leitai.cli.rehearsal.play import play
from leitai.cli.rehearsal.report import Report
from leitai.cli.rehearsal.screen import Screen, print_report
from leitai.cli.rehearsal.stage import Piece

app = App(name="cluster", help="集群试考：多机部署的全部进程在本机 · Rehearse on a Cluster, its processes all here")


@app.default
def cluster(
    *,
    contestants: Annotated[int, Parameter(help="how many take part")] = 1600,
    items: Annotated[int, Parameter(help="items of the paper")] = 8,
    seconds_per_item: Annotated[int, Parameter(help="length of each item's window")] = 6,
    gateways: Annotated[int, Parameter(help="gateway processes behind the proxy")] = 3,
    shards: Annotated[int, Parameter(help="parts of the ledger, spread over the primaries")] = 4,
    kill: Annotated[
        str, Parameter(help=f"what to kill -9, of {', '.join(KILLABLE_IN_CLUSTER)}, separated by commas")
    ] = PRIMARY,
    every: Annotated[float, Parameter(help="each of them dies every so many seconds")] = 15.0,
    burst: Annotated[bool, Parameter(help="every contestant answers at once", negative="")] = False,
    seed: Annotated[int, Parameter(help="decides the paper, and who answers what and when")] = 1,
    json_file: Annotated[Path | None, Parameter(name="--json", help="where the report goes")] = None,
    data: Annotated[Path | None, Parameter(help="keep stores, logs and journals here; a new folder")] = None,
) -> None:
    """Play a contest on a Valkey Cluster (three primaries, a replica each, every answer on disk at both before it is
    acknowledged), three gateways behind HAProxy, two directors and a recorder, and report.

    A killed primary stays away until its replica has taken over, and comes back as a replica. Without HAProxy the
    gateways share one port. Ends with 1 when an answer was lost or doubled, a board differs from its recomputation, a
    receipt does not hold, or somebody could not take part.
    """
    wanted = tuple(name.strip() for name in kill.split(",") if name.strip())
    if unknown := [name for name in wanted if name not in KILLABLE_IN_CLUSTER]:
        raise SystemExit(f"cannot kill {', '.join(unknown)}; choose from {', '.join(KILLABLE_IN_CLUSTER)}")
    if data is not None and data.exists() and any(data.iterdir()):
        raise SystemExit(f"{data} is not empty")
    folder = data or Path(tempfile.mkdtemp(prefix="leitai-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    piece = Piece(contestants, items, seconds_per_item, seed=seed, shards=shards)
    try:
        with Screen(contestants, items) as screen, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(_play(piece, folder, screen, Faults(wanted, every), gateways, burst=burst))
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)
    sound = found.sound(contestants)
    print_report(found, sound=sound)
    if json_file is not None:
        json_file.write_text(json.dumps(msgspec.to_builtins(found), indent=2) + "\n", encoding="utf-8")
    raise SystemExit(0 if sound else 1)


async def _play(piece: Piece, folder: Path, screen: Screen, breaking: Faults, gateways: int, *, burst: bool) -> Report:
    proxied = shutil.which("haproxy") is not None
    async with clustered(folder, gateways=gateways) as house:
        screen.say(f"{'HAProxy' if proxied else 'no HAProxy here: gateways share one port'} on {house.url}")
        return await play(house, piece, folder, screen.show, burst=burst, breaking=breaking)

"""Every family that a process can tell, from roles that were built and never run."""

import asyncio
from pathlib import Path
from typing import Any, cast

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from leitai.live.clock import ContestClock
from leitai.live.director import Director
from leitai.live.gateway import Gateway
from leitai.live.recorder import Recorder
from leitai.web.metrics import Running, render
from leitai.wire.messages import CloseCode
from tests.support.live import session_file


def parsed(text: str) -> list[Metric]:
    """Return the families of a scrape."""
    return list(text_string_to_metric_families(text))


async def built(roles: tuple[str, ...] = ("gateway", "director", "recorder")) -> Running:
    """Return a process whose roles have counted something of every kind."""
    file, nobody = session_file(), cast("Any", None)
    clock = ContestClock(nobody)
    running = Running(roles, folders=(Path("/"),), replicas=1)
    if "gateway" in roles:
        running.gateway = Gateway("g", file, nobody, nobody, nobody, clock)
        running.gateway.count_error("bad-response")
        running.gateway.counts.closes[CloseCode.SLOW] += 1
        running.sign_ins["ok"] += 1
    if "director" in roles:
        running.director = Director("d", file, nobody, nobody, nobody, clock)
        running.director.acting = True
    if "recorder" in roles:
        running.recorder = Recorder(file.session_id, 1, nobody, nobody)
    return running


def everything() -> list[Metric]:
    """Return every family there is, each with a sample for every label."""

    async def told() -> bytes:
        running = await built()
        running.houses = (2, 1, 3)
        return render(running, ())

    return parsed(asyncio.run(told()).decode())

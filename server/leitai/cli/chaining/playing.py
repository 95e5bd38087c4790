"""The contest of a chain: planned at the doors, played by simulated contestants, reviewed, thawed and made final."""

import asyncio
import csv
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from leitai.cli.chaining.desks import Desk, Refused, must, public
from leitai.cli.chaining.nominating import Ministry, codes_of
from leitai.cli.rehearsal import verdict
from leitai.cli.rehearsal.house import House
from leitai.cli.rehearsal.judging import Judgement, judge
from leitai.cli.rehearsal.simulator import Cast, Event, simulating
from leitai.rules.values import SessionId

START_AFTER_S = 1800
LOBBY_MINUTES = 60
"""Longer before the start than that is away: the lobby opens as soon as a director takes the session up."""
GAP_S = 1
SOON_S = 60.0
_POLL_S = 0.2


async def plan(operator: Desk, contest: int, paper: int) -> int:
    """Make a session for the contest's roster, as a draft; returns its number."""
    body: dict[str, object] = {
        "contest": contest,
        "paper": paper,
        "title": "全国统一在线比试",
        "start_us": time.time_ns() // 1000 + START_AFTER_S * 1_000_000,
        # Nobody appeals in a rehearsal, so nothing waits for it.
        "rules": {"gap_s": GAP_S, "lobby_minutes": LOBBY_MINUTES, "appeal_minutes": 0},
    }
    return (await operator.post("/sessions", body))["session"]


async def open_lobby(operator: Desk, house: House, session: int) -> list[tuple[str, str]]:
    """Hand out access codes and schedule the session; returns everybody's once every process serves it."""
    codes = codes_of((await operator.post(f"/sessions/{session}/codes"))["table"])
    await operator.post(f"/sessions/{session}", {"act": "schedule"})
    anybody = public(house)
    try:
        deadline = time.monotonic() + SOON_S
        while True:
            answer = await anybody.get("/api/contest")
            if answer.status == 200:
                told = answer.json()["session"]
                if told["id"] == session and told["phase"] == "lobby":
                    break
            must(time.monotonic() < deadline, "lobby", answer.body)
            await asyncio.sleep(_POLL_S)
    finally:
        anybody.close()
    await _phase(operator, session, "lobby")
    return codes


def cast_of(house: House, folder: Path, seed: int, codes: Sequence[tuple[str, str]]) -> Cast:
    """Return simulated contestants with everybody's code."""
    cast = Cast(house.url, folder, seed)
    with cast.credentials.open("w", encoding="utf-8", newline="") as file:
        cast.credentials.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(("admission_no", "code"))
        writer.writerows(codes)
    return cast


async def perform(operator: Desk, session: int, cast: Cast, tell: Callable[[Event], None]) -> dict[str, Any]:
    """Let everybody in, start, and play to the end; returns what was measured."""
    async with simulating(cast) as simulator:
        async for event in simulator.events():
            tell(event)
            if event["event"] == "entered":
                await operator.post("/console/conduct", {"session": session, "command": "start"})
    figures = await asyncio.to_thread(cast.figures.read_text, "utf-8")
    return json.loads(figures)


async def make_final(ministry: Ministry, house: House, session: int, cast: Cast) -> Judgement:
    """Review, thaw and 定榜, each as its table of rights has it; returns what became of every answer."""
    operator, chief = ministry.operator, ministry.chief
    await _phase(operator, session, "closed")
    await operator.post("/console/conduct", {"session": session, "command": "review"})
    await _phase(operator, session, "under_review")
    if (await operator.get("/console"))["frozen_us"]:
        await _by_two(chief, operator, session, "thaw")
    deadline = time.monotonic() + SOON_S
    while True:
        missing = (await chief.get("/judging/blockers"))["blockers"]
        if not missing:
            try:
                await _by_two(chief, operator, session, "finalize")
            except Refused as refused:
                missing = [refused.code]
            else:
                break
        must(time.monotonic() < deadline, "finalize", missing)
        await asyncio.sleep(_POLL_S)
    journals = await asyncio.to_thread(verdict.read_journals, cast.journal)
    return await judge(house, SessionId(session), journals)


async def _by_two(one: Desk, other: Desk, session: int, command: str) -> None:
    """Have a command asked for by one and confirmed by another."""
    await one.post("/console/requests", {"session": session, "command": command})
    deadline = time.monotonic() + SOON_S
    while True:
        waiting = [each for each in (await other.get("/console"))["requests"] if each["command"] == command]
        if waiting:
            await other.post(f"/console/requests/{waiting[-1]['request']}", {"decision": "confirm"})
            return
        must(time.monotonic() < deadline, command, "request")
        await asyncio.sleep(_POLL_S)


async def _phase(operator: Desk, session: int, phase: str) -> None:
    """Wait until the staff sees the session in a phase."""
    deadline = time.monotonic() + SOON_S
    while True:
        try:
            told = await operator.get("/console")
            seen = told["phase"] if told["session"] == session and told["conducted"] else ""
        except Refused as refused:
            # The office takes a new session up within a moment.
            seen = refused.code
        if seen == phase:
            return
        must(time.monotonic() < deadline, phase, seen)
        await asyncio.sleep(_POLL_S)

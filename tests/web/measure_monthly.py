"""Whether 10,000 learners sit 月月比 at once and nothing is lost: `python -m tests.web.measure_monthly`.

A house of its own with the practice's process and that of 月月比, on an embedded PostgreSQL and Valkey that sync as in
service. Learners enter from the practice's door, begin in the same second, and answer; then every acknowledgement is
looked for in the record, and the record for what nobody gave. Run it alone: it needs the whole machine.
"""

import argparse
import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgpack

from leitai.cli.rehearsal.house import House, housed
from leitai.office.practice.monthly import Monthly, session_settings
from leitai.office.practice.timing import SYSTEM_CLOCK
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_boards import Period, starts_on
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Answer, SessionId
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.valkey.learner_sessions import ValkeyLearnerSessions
from leitai.web.cookies import LEARNER_COOKIE
from leitai_loadtest.door import Door, socket_url
from leitai_loadtest.http import HttpSession
from leitai_loadtest.line import Line
from tests.support.monthly import monthly_paper
from tests.support.stores import scratch_folder
from tests.web.measure_practice import LEARNERS

ENTERING = 64
"""So many enter at once: thousands do not within one second, where each has days."""
SECOND_US = 1_000_000
ANSWERED_WITHIN_S = 120.0
RESPONSES = [["A"]] * 38 + [["T"]] * 12
"""To the paper of the defaults."""
Key = tuple[int, int, int]
"""Sitting, item, seq."""


@dataclass
class Figures:
    """What the crowd saw: seconds from an act to its acknowledgement, and what came otherwise."""

    begun: list[float] = field(default_factory=list[float])
    acked: list[float] = field(default_factory=list[float])
    met: Counter[str] = field(default_factory=Counter[str])

    def tell(self) -> None:
        """Print them."""
        for name, times in (("begin", self.begun), ("answer", self.acked)):
            ordered = sorted(times) or [0.0]
            p50, p95, p99 = (ordered[min(len(ordered) - 1, len(ordered) * one // 100)] * 1000 for one in (50, 95, 99))
            print(f"{name:>8}: {len(times):8,}  p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  p99 {p99:7.1f} ms")
        print(f"{'else':>8}: {dict(self.met) or 'nothing'}")


class Sitter:
    """A learner on a socket: begins, answers, and keeps what was acknowledged."""

    def __init__(self, figures: Figures, url: str) -> None:
        self._figures = figures
        self.door = Door(url)
        self.sitting = 0
        self.stamps: dict[tuple[int, int], int] = {}
        """By item and seq, the stamp of its acknowledgement; of the beginning too."""
        self.items = 0
        self._said_s: dict[int, float] = {}
        self._line: Line | None = None
        self._seq = 0
        self.begun = asyncio.Event()
        self.idle = asyncio.Event()

    async def enter(self, code: str, url: str) -> None:
        """Take the sitting up and stand before its beginning."""
        self.sitting = (await self.door.enter(code))["sitting"]
        ticket = await self.door.ticket()
        self.door.close()
        self._line = await Line.open(self, url)
        self._line.say({"type": "hello", "ticket": ticket, "epoch": "", "offset": 0, "unacked": []})
        await self._line.welcomed

    def begin(self) -> None:
        """Begin."""
        self._said_s[0] = time.monotonic()
        self._say({"type": "begin"})

    def answer(self, item: int, response: list[str]) -> None:
        """Give an answer to an item."""
        self._seq += 1
        self._said_s[self._seq] = time.monotonic()
        self.idle.clear()
        self._say({"type": "answer", "item": item, "seq": self._seq, "response": response})

    def hear(self, line: Line, payload: bytes, now: float) -> None:
        """Take a frame."""
        message = msgpack.unpackb(payload)
        kind = message["type"]
        if kind == "ack":
            self._figures.acked.append(now - self._said_s.pop(message["seq"]))
            self._figures.met[message["status"]] += message["status"] != "accepted"
            self.stamps[message["item"], message["seq"]] = message["stamp_us"]
            if not self._said_s:
                self.idle.set()
        elif kind == "begun":
            self._figures.begun.append(now - self._said_s.pop(0))
            self.stamps[BEGINNING, 1] = message["begun_us"]
            self.begun.set()
        elif kind == "welcome" and not line.welcomed.done():
            line.welcomed.set_result(True)
        elif kind in ("error", "bye"):
            self._figures.met[f"{kind} {message['code']}"] += 1

    def lost(self, line: Line) -> None:
        """Take note that the connection is gone."""
        self._figures.met["connection lost"] += self._line is line

    def leave(self) -> None:
        """Close the socket."""
        line, self._line = self._line, None
        if line is not None and line.transport is not None:
            line.transport.disconnect()

    def _say(self, message: dict[str, Any]) -> None:
        if self._line is not None:
            self._line.say(message)


async def sit(
    url: str, codes: Sequence[str], responses: Sequence[list[str]], seconds: float
) -> tuple[list[Sitter], Figures]:
    """Let everybody enter, begin together and give these responses to the first items, one after the other, in about so
    many seconds; returns once all is acknowledged. Raises TimeoutError when something never is.
    """
    figures = Figures()
    sitters = [Sitter(figures, url) for _ in codes]
    gate = asyncio.Semaphore(ENTERING)

    async def enter(sitter: Sitter, code: str) -> None:
        async with gate:
            await sitter.enter(code, socket_url(url))

    await asyncio.gather(*(enter(sitter, code) for sitter, code in zip(sitters, codes, strict=True)))
    for sitter in sitters:
        sitter.begin()
    async with asyncio.timeout(ANSWERED_WITHIN_S):
        for sitter in sitters:
            await sitter.begun.wait()

    async def answer(sitter: Sitter) -> None:
        for item, response in enumerate(responses, 1):
            await asyncio.sleep(random.uniform(0, 2 * seconds / len(responses)))
            sitter.answer(item, response)

    await asyncio.gather(*(answer(sitter) for sitter in sitters))
    async with asyncio.timeout(ANSWERED_WITHIN_S):
        for sitter in sitters:
            await sitter.idle.wait()
    for sitter in sitters:
        sitter.leave()
    return sitters, figures


def lost(sitters: Iterable[Sitter], recorded: Iterable[Answer]) -> tuple[set[Key], set[Key]]:
    """Return what was acknowledged and is not in the record with that stamp, and what is there untold."""
    told: dict[Key, int] = {}
    for sitter in sitters:
        told |= {(sitter.sitting, item, seq): stamp for (item, seq), stamp in sitter.stamps.items()}
    kept: dict[Key, int] = {(one.sitting_id, one.item_no, one.client_seq): one.stamp_us for one in recorded}
    return {key for key, stamp in told.items() if kept.get(key) != stamp}, kept.keys() - told.keys()


async def _month(house: House, monthly: Monthly) -> SessionId:
    opens_us = time.time_ns() // 1000 + SECOND_US
    month = starts_on(Period.MONTH, beijing_day(opens_us))
    made = session_settings("月月比", opens_us, opens_us + 7200 * SECOND_US, 3600 * SECOND_US)
    paper = await monthly_paper(house.parts.office, whole=True)
    session_id = await monthly.store.schedule(month, paper, made, os.urandom(32), "measure")
    await monthly.store.prepare(opens_us + 1)
    return session_id


async def _codes(house: House, learners: int) -> list[str]:
    """Everybody's way in, asked for at the practice's door."""
    sessions = ValkeyLearnerSessions(house.parts.store)
    gate = asyncio.Semaphore(ENTERING)

    async def one(learner_id: int) -> str:
        async with gate:
            http = HttpSession(house.practice_url, origin=house.practice_url)
            http.cookies[LEARNER_COOKIE] = await sessions.open(learner_id)
            answer = await http.post("/api/practice/monthly/entry")
            http.close()
            return str(answer.json()["url"]).partition("#entry=")[2]

    return list(await asyncio.gather(*(one(number) for number in range(1, learners + 1))))


async def measure(learners: int, items: int, seconds: float) -> int:
    """Let them sit, and compare; returns how many answers were lost."""
    with scratch_folder() as folder:
        async with housed(folder / "data", practice=True, monthly=True, roles=("practice",)) as house:
            monthly = Monthly(PostgresMonthly(house.parts.database, house.parts.vault), SYSTEM_CLOCK)
            async with house.parts.database.connection() as connection:
                await connection.execute(LEARNERS, 1, learners, timeout=600)
            session_id = await _month(house, monthly)
            async with house.open_doors():
                began = time.monotonic()
                codes = await _codes(house, learners)
                print(f"{learners:,} enrolled in {time.monotonic() - began:.1f} s")
                url = f"http://{house.parts.settings.monthly_listen}"
                sitters, figures = await sit(url, codes, RESPONSES[:items], seconds)
                print(f"sat in {time.monotonic() - began:.1f} s")
                figures.tell()
                wanted = sum(len(one.stamps) for one in sitters)
                recorded = await house.parts.archive.answers(session_id)
                async with asyncio.timeout(ANSWERED_WITHIN_S):
                    while len(recorded) < wanted:
                        await asyncio.sleep(1)
                        recorded = await house.parts.archive.answers(session_id)
            missing, unknown = lost(sitters, recorded)
            began = time.monotonic()
            results = await monthly.sat(session_id)
            print(f"{len(results):,} results computed in {time.monotonic() - began:.1f} s")
            print(
                f"acknowledged {wanted:,}, recorded {len(recorded):,}, lost {len(missing)}, never told {len(unknown)}"
            )
            return len(missing) + len(unknown) + (len(results) != learners)


def main() -> None:
    """Measure and tell; exit status 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=50, help="of the paper's fifty, that each answers")
    parser.add_argument("--seconds", type=float, default=120.0, help="so long each takes for them, about")
    options = parser.parse_args()
    sys.exit(1 if asyncio.run(measure(options.learners, min(options.items, 50), options.seconds)) else 0)


if __name__ == "__main__":
    main()

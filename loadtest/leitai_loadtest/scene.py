"""A whole simulated contest as one process sees it: everyone enters, answers, and leaves when it is over."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from time import monotonic, process_time
from typing import Any

from leitai_loadtest import journal
from leitai_loadtest.audience import Audience
from leitai_loadtest.contestant import SimulatedContestant
from leitai_loadtest.crowd import Crowd, Opening, Options
from leitai_loadtest.door import Door, DoorClosed
from leitai_loadtest.figures import milliseconds, order_and_seat, percentile, spread
from leitai_loadtest.files import allow_many_files
from leitai_loadtest.http import HttpFailed

VIEWERS_WITHIN_S = 120.0
LINGER_S = 30.0
"""So long after the end those who lost their connection may come back for their acknowledgements."""


class Scene:
    """The crowd and its contestants; `play` runs from sign-in to the end."""

    def __init__(
        self,
        options: Options,
        credentials: Sequence[tuple[str, str]],
        *,
        viewers: int = 0,
        report: Callable[..., None] = lambda event, **_: None,
    ) -> None:
        self._report = report
        self.crowd = Crowd(options, report)
        self.contestants = [
            SimulatedContestant(self.crowd, seat, admission_no, code)
            for seat, (admission_no, code) in enumerate(credentials)
        ]
        self._wanted_viewers = viewers
        self._seen: dict[str, Any] = {"viewers": 0}
        """What the audience saw."""
        self._entering = asyncio.Semaphore(options.entering_at_once)
        self._connect_s = 0.0
        self._refused: dict[str, int] = {}
        self._told: set[int] = set()

    async def play(self) -> None:
        """Enter, wait for the end of the contest, let the last acknowledgements arrive, and leave."""
        allow_many_files()
        gc.freeze()
        gc.disable()  # a full collection over every contestant's objects would stand in each latency
        background = [asyncio.create_task(self._tell_entering()), asyncio.create_task(self._tell_items())]
        audience = Audience(self.crowd.options.url, self._wanted_viewers)
        try:
            await self._enter()
            await self._until_over(audience.enter(self.crowd.session, VIEWERS_WITHIN_S))
            self._report("entered", n=self.crowd.ready, connect_s=round(self._connect_s, 3))
            gc.freeze()
            await self.crowd.over.wait()
            await self._linger()
            self._seen = await audience.leave(self.crowd.closings_s())
            for opening in self.crowd.openings.values():
                self._tell_item(opening)
        finally:
            self.crowd.leaving = True
            for task in background:
                task.cancel()
            for contestant in self.contestants:
                contestant.leave()
            await audience.abandon()
            await asyncio.sleep(0.1)
            gc.enable()

    def end(self) -> None:
        """End early: `play` leaves as if the contest were over."""
        self.crowd.over.set()

    def write_journals(self, path: Path) -> None:
        """Write everyone's journal."""
        journal.write(path, (contestant.journal for contestant in self.contestants))

    def figures(self) -> dict[str, Any]:
        """Return what was seen, flat."""
        crowd = self.crowd
        counts = dict(crowd.counts)
        latencies = sorted(crowd.latencies())
        spreads = [spread(opening.arrivals) for opening in crowd.openings.values() if len(opening.arrivals) > 1]
        orders = [order_and_seat(opening.seats) for opening in crowd.openings.values()]
        given = [given for contestant in self.contestants for given in contestant.journal.answers.values()]
        return {
            "contestants": len(self.contestants),
            "entered": crowd.ready,
            "refused": self._refused,
            "items": len(crowd.openings),
            "connect_s": round(self._connect_s, 3),
            "answers_sent": len(given),
            "answers_acked": sum(1 for each in given if each.status),
            "answers_unacked": sum(1 for each in given if not each.status),
            "accepted": counts.pop("accepted", 0),
            "late": counts.pop("late", 0),
            "early": counts.pop("early", 0),
            "rejected": counts.pop("rejected", 0),
            "ack_ms_p50": milliseconds(percentile(latencies, 0.5)),
            "ack_ms_p99": milliseconds(percentile(latencies, 0.99)),
            "ack_ms_max": milliseconds(percentile(latencies, 1.0)),
            "open_spread_ms_p50": milliseconds(percentile(spreads, 0.5)),
            "open_spread_ms_p99": milliseconds(percentile(spreads, 0.99)),
            "open_spread_ms_max": milliseconds(percentile(spreads, 1.0)),
            "open_order_rho": round(sum(orders) / max(1, len(orders)), 4),
            "connections_lost": counts.pop("connections_lost", 0),
            "recovered": counts.pop("recovered", 0),
            "recovered_by_snapshot": counts.pop("recovered_by_snapshot", 0),
            "acks_contradicting": counts.pop("acks_contradicting", 0),
            "acks_of_nothing": counts.pop("acks_of_nothing", 0),
            **self._seen,
            "generator_cpu_s": round(process_time(), 3),
            "counts": counts,
        }

    async def _enter(self) -> None:
        began = monotonic()
        await asyncio.gather(*(self._enter_one(contestant) for contestant in self.contestants))
        while any(not each.ready and not each.absent for each in self.contestants) and not self.crowd.over.is_set():
            await self.crowd.stir(1.0)
        self._connect_s = monotonic() - began

    async def _until_over(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` until it is done or the contest is over."""
        doing, over = asyncio.ensure_future(work), asyncio.ensure_future(self.crowd.over.wait())
        await asyncio.wait((doing, over), return_when=asyncio.FIRST_COMPLETED)
        for waiting in (doing, over):
            waiting.cancel()
        await asyncio.gather(doing, over, return_exceptions=True)

    async def _enter_one(self, contestant: SimulatedContestant) -> None:
        for attempt in range(8):
            async with self._entering:
                try:
                    await contestant.enter()
                except DoorClosed as refused:
                    reason = f"{refused.status} {refused.code}"
                except (HttpFailed, OSError, TimeoutError) as error:
                    reason = type(error).__name__
                except Exception as error:  # picows raises its own kinds for a handshake that went wrong
                    reason = type(error).__name__
                else:
                    return
            self._refused[reason] = self._refused.get(reason, 0) + 1
            if reason.startswith("401"):
                break
            await asyncio.sleep(contestant.random.uniform(0, 0.5 * 2**attempt))
        contestant.absent = True

    async def _linger(self) -> None:
        until = monotonic() + LINGER_S
        while self.crowd.unacked and monotonic() < until:
            await self.crowd.stir(1.0)
        await asyncio.sleep(0.2)

    async def _tell_entering(self) -> None:
        told = (-1, -1)
        while self.crowd.ready < len(self.contestants):
            now = (self.crowd.counts["signed_in"], self.crowd.ready)
            if now != told:
                told = now
                self._report("connected", n=now[1], signed_in=now[0], of=len(self.contestants))
            await asyncio.sleep(0.25)

    async def _tell_items(self) -> None:
        """Tell each item's acknowledgements a little after its window."""
        while True:
            await asyncio.sleep(0.5)
            for opening in list(self.crowd.openings.values()):
                if self.crowd.seconds_left(opening) < -0.5:
                    self._tell_item(opening)

    def _tell_item(self, opening: Opening) -> None:
        if opening.item in self._told:
            return
        self._told.add(opening.item)
        self._report(
            "item",
            item=opening.item,
            acks=len(opening.latencies),
            late=opening.late,
            ack_ms_p50=milliseconds(percentile(opening.latencies, 0.5)),
            ack_ms_p99=milliseconds(percentile(opening.latencies, 0.99)),
            connected=sum(1 for each in self.contestants if each.connected),
            unacked=self.crowd.unacked,
        )


async def wait_for_server(url: str, within_s: float) -> dict[str, Any]:
    """Return the public description of the contest as soon as the server gives it."""
    until = monotonic() + within_s
    while True:
        door = Door(url)
        try:
            return await door.contest()
        except (DoorClosed, HttpFailed):
            if monotonic() > until:
                raise
            await asyncio.sleep(0.2)
        finally:
            door.close()

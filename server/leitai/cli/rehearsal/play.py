"""One rehearsal from an empty stage to its report."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from leitai.cli.rehearsal import faults, gauge, report, verdict
from leitai.cli.rehearsal.faults import Faults
from leitai.cli.rehearsal.house import House
from leitai.cli.rehearsal.judging import judge
from leitai.cli.rehearsal.simulator import Cast, Event, simulating
from leitai.cli.rehearsal.stage import Piece, set_stage, write_credentials
from leitai.compose import VIEWERS
from leitai.live.ports import Command
from leitai.rules.values import SessionId, Window
from leitai.stores.embedded.clustered import ClusteredStores
from leitai.stores.valkey.session import ValkeySession

_SAMPLE_S = 0.2
_TRACE_S = 0.01
_BEFORE_US = 70_000
"""The order of an opening is drawn, and its frame made, within this time before it."""
Tell = Callable[[Event], None]


async def play(
    house: House,
    piece: Piece,
    folder: Path,
    tell: Tell,
    *,
    burst: bool = False,
    viewers: int = 0,
    breaking: Faults | None = None,
) -> report.Report:
    """Create a session, play it with simulated contestants, and judge what came out.

    Raises:
        NotReady, SimulationFailed, NeverFinal: see there.
    """
    created = await set_stage(house.parts.office, house.parts.codes, piece)
    cast = Cast(house.url, folder, piece.seed, burst, viewers)
    write_credentials(created, cast.credentials)
    async with house.open_doors():
        show = _Show(house, created.session_id, tell, breaking or Faults())
        await show.run(cast)
        judgement = await judge(house, created.session_id, verdict.read_journals(cast.journal))
    simulation = json.loads(cast.figures.read_text("utf-8"))
    return report.from_inside(
        simulation,
        judgement.verdict,
        gateway_cpu_s=show.answering_us(judgement.windows) / 1e6,
        gateway_cpu_with_boards_s=show.meter.spent_s("gateway") + show.meter.spent_s(VIEWERS),
        store_cpu_s=show.meter.spent_s("valkey"),
        rss_kib_per_connection=show.rss_kib / max(1, simulation["entered"] + simulation["viewers"]),
        board_equals=judgement.board_equals,
        sockets_per_gateway=show.sockets,
        processes_ended=len(show.toll.ended),
        store_failovers_s=show.toll.failovers_s if isinstance(house.stores, ClusteredStores) else None,
    )


class _Show:
    """The part between the first sign-in and the last acknowledgement, with its measurements."""

    def __init__(self, house: House, session_id: SessionId, tell: Tell, breaking: Faults) -> None:
        self._house = house
        self._session_id = session_id
        self._tell = tell
        self._breaking = breaking
        self.meter = gauge.CpuMeter(lambda: house.pids)
        self._traces = [gauge.CpuTrace(lambda name=name: house.pids.get(name)) for name in house.gateways]
        self.rss_kib = 0
        self.sockets: list[int] = []
        self.toll = faults.Toll()

    async def run(self, cast: Cast) -> None:
        """Let everyone in, start the session, break what is to be broken, and wait for the end."""
        before = self._gateway_kib()
        background: list[asyncio.Task[None]] = []
        try:
            async with simulating(cast) as simulator:
                async for event in simulator.events():
                    self._tell(event)
                    if event["event"] == "entered":
                        self.rss_kib = self._gateway_kib() - before
                        self.sockets = [gauge.sockets(self._house.pids[name]) for name in self._house.gateways]
                        self.meter.reset()
                        background.append(asyncio.create_task(self._sample()))
                        background.append(asyncio.create_task(self._follow()))
                        await self._start()
                    elif event["event"] == "phase" and event["phase"] == "running":
                        breaking = faults.make(self._breaking, self._house, self._session_id, self.toll)
                        background.append(asyncio.create_task(breaking))
                    elif event["event"] == "phase" and event["phase"] == "closed":
                        self.meter.sample()
                        await _end(background)
        finally:
            await _end(background)

    def answering_us(self, windows: Sequence[Window]) -> float:
        """Return the gateways' CPU while items were open: openings, answers and acknowledgements, no boards."""
        spans = {(window.opens_at_us - _BEFORE_US, window.closes_at_us) for window in windows}
        return sum(trace.spent_us(*span) for span in spans for trace in self._traces)

    async def _follow(self) -> None:
        while True:
            for trace in self._traces:
                trace.sample()
            await asyncio.sleep(_TRACE_S)

    async def _start(self) -> None:
        session = ValkeySession(self._house.parts.reading, self._session_id, 1)
        await session.command(Command("start", "rehearsal"))

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(_SAMPLE_S)
            self.meter.sample()

    def _gateway_kib(self) -> int:
        """Return what is resident of whoever holds sockets."""
        holders = (pid for name, pid in self._house.pids.items() if name in (*self._house.gateways, VIEWERS))
        return sum(gauge.resident_kib(pid) for pid in holders)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    while tasks:
        task = tasks.pop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

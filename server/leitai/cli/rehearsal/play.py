"""One rehearsal from an empty stage to its report."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from leitai.cli.rehearsal import faults, gauge, report, verdict
from leitai.cli.rehearsal.faults import Faults
from leitai.cli.rehearsal.house import House
from leitai.cli.rehearsal.simulator import Cast, Event, simulating
from leitai.cli.rehearsal.stage import Piece, set_stage, write_credentials
from leitai.live.ports import Command, SessionFile, StoreUnavailable
from leitai.office.results import recompute
from leitai.rules.values import Phase, SessionId, Window
from leitai.stores.valkey.session import ValkeySession

FINAL_S = 120.0
_SAMPLE_S = 0.2
_TRACE_S = 0.01
_BEFORE_US = 70_000
"""The order of an opening is drawn, and its frame made, within this time before it."""
Tell = Callable[[Event], None]


class NeverFinal(Exception):
    """The session was not finalized in time: something that was accepted never reached PostgreSQL."""

    code = "never-final"


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
        file = await _final(house, created.session_id)
        answers = await house.parts.archive.answers(created.session_id)
        state = await ValkeySession(house.parts.reading, created.session_id, file.shards).state()
        # By the definition over the windows that were in force, and from PostgreSQL alone as the results page does it.
        expected = {
            verdict.recompute(file, answers, state.counted_windows if state else ()),
            await recompute(house.parts.office, created.session_id),
        }
        published = await asyncio.to_thread(_standings, house.url, created.session_id)
    simulation = json.loads(cast.figures.read_text("utf-8"))
    found = verdict.judge(file, verdict.read_journals(cast.journal), answers)
    return report.from_inside(
        simulation,
        found,
        gateway_cpu_s=show.answering_us(state.counted_windows if state else ()) / 1e6,
        gateway_cpu_with_boards_s=show.meter.spent_s("gateway"),
        store_cpu_s=show.meter.spent_s("valkey"),
        rss_kib_per_connection=show.rss_kib / max(1, simulation["entered"]),
        board_equals=expected == {published},
    )


class _Show:
    """The part between the first sign-in and the last acknowledgement, with its measurements."""

    def __init__(self, house: House, session_id: SessionId, tell: Tell, breaking: Faults) -> None:
        self._house = house
        self._session_id = session_id
        self._tell = tell
        self._breaking = breaking
        self.meter = gauge.CpuMeter(lambda: house.pids)
        self._trace = gauge.CpuTrace(lambda: house.pids.get("gateway"))
        self.rss_kib = 0
        self.killed: list[str] = []

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
                        self.meter.reset()
                        background.append(asyncio.create_task(self._sample()))
                        background.append(asyncio.create_task(self._follow()))
                        await self._start()
                    elif event["event"] == "phase" and event["phase"] == "running":
                        background.append(asyncio.create_task(faults.make(self._breaking, self._house, self.killed)))
                    elif event["event"] == "phase" and event["phase"] == "closed":
                        self.meter.sample()
                        await _end(background)
        finally:
            await _end(background)

    def answering_us(self, windows: Sequence[Window]) -> float:
        """Return the gateway's CPU while items were open: openings, answers and acknowledgements, no boards."""
        spans = {(window.opens_at_us - _BEFORE_US, window.closes_at_us) for window in windows}
        return sum(self._trace.spent_us(*span) for span in spans)

    async def _follow(self) -> None:
        while True:
            self._trace.sample()
            await asyncio.sleep(_TRACE_S)

    async def _start(self) -> None:
        session = ValkeySession(self._house.parts.reading, self._session_id, 1)
        await session.command(Command("start", "rehearsal"))

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(_SAMPLE_S)
            self.meter.sample()

    def _gateway_kib(self) -> int:
        return gauge.resident_kib(self._house.pids["gateway"])


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    while tasks:
        task = tasks.pop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _final(house: House, session_id: SessionId) -> SessionFile:
    """Wait until the session is finalized, which says that PostgreSQL holds everything, and return it."""
    try:
        async with asyncio.timeout(FINAL_S):
            while True:
                with suppress(StoreUnavailable):
                    file = await house.parts.archive.load_session(session_id)
                    if file.phase is Phase.FINALIZED:
                        return file
                await asyncio.sleep(0.25)
    except TimeoutError:
        raise NeverFinal from None


def _standings(url: str, session_id: SessionId) -> bytes:
    try:
        address = f"{url}/api/sessions/{session_id}/standings"
        with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 (our own address)
            return response.read()
    except (urllib.error.URLError, OSError):
        return b""

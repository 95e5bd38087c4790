"""What the roles of a process count, as Prometheus reads it. Every family is described in docs/metrics.md.

Roles count in plain integers; all that costs more happens here, when somebody asks.
"""

import os
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from leitai import __version__
from leitai.live.clock import ContestClock
from leitai.live.counts import Histogram
from leitai.live.director import Director
from leitai.live.gateway import Gateway
from leitai.live.recorder import Recorder
from leitai.rules.values import Phase, SessionId
from leitai.wire.messages import CloseCode

PROBLEMS = ("archive", "ledger", "session", "stopping")
"""What may keep a process from being ready: a store that does not answer, no session to serve, its own end."""

_US = 1e-6
# A series that appears with 1 was never seen to grow: what is known beforehand is told from 0 on.
_SIGN_INS = dict.fromkeys(("ok", "wrong-credentials", "too-many-tries", "store-unavailable"), 0)
_CLOSES = {value: name.lower() for name, value in vars(CloseCode).items() if isinstance(value, int)}


@dataclass(slots=True)
class Running:
    """What runs in a process. Roles put in here what they have built; None while they have no session."""

    roles: tuple[str, ...] = ()
    loop_lag_us: Histogram = field(default_factory=Histogram)
    """How late the event loop came to what was due."""
    folders: Sequence[Path] = ()
    """Where free space is looked at."""
    replicas: int | None = None
    """Replicas in step with the ledger's primary that has the fewest; None while it does not answer."""
    replicas_wanted: int = 0
    gateway: Gateway | None = None
    director: Director | None = None
    recorder: Recorder | None = None
    houses: tuple[int, int, int] | None = None
    """Provinces' houses that run here, those that are wanted and left out, and those of which the public door alone is
    kept; None where none is looked after."""
    sign_ins: Counter[str] = field(default_factory=Counter[str])
    """Tries by the code of their refusal, `ok` for none."""

    def sessions(self) -> Iterator[tuple[str, SessionId]]:
        """Return the roles that have a session, and which."""
        for role, work in (("gateway", self.gateway), ("director", self.director), ("recorder", self.recorder)):
            if work is not None:
                yield role, work.session_id


def render(running: Running, problems: Sequence[str]) -> bytes:
    """Return all that is counted in Prometheus' text form; `problems` are those of readiness, of `PROBLEMS`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(running, problems))
    return generate_latest(registry)


class _Collector(Collector):
    def __init__(self, running: Running, problems: Sequence[str]) -> None:
        self._running = running
        self._problems = problems

    def collect(self) -> Iterable[Metric]:
        running = self._running
        yield from _process(running, self._problems)
        yield from _shared(running)
        if (gateway := running.gateway) is not None:
            yield from _gateway(gateway)
        if "gateway" in running.roles:
            yield _counter(
                "gateway_sign_ins",
                "Tries to sign in, by what came of them.",
                ("outcome",),
                ({**_SIGN_INS, **running.sign_ins}).items(),
            )
        if running.director is not None:
            yield from _director(running.director)
        if running.recorder is not None:
            yield from _recorder(running.recorder)
        if running.houses is not None:
            states = zip(("running", "left-out", "quiet"), running.houses, strict=True)
            yield _gauges("houses", "Provinces' houses, by what came of them.", ("state",), states)


# --- every process ---------------------------------------------------------------------------------------------------


def _process(running: Running, problems: Sequence[str]) -> Iterator[Metric]:
    info = GaugeMetricFamily("leitai_info", "1; roles and version of the process.", labels=("roles", "version"))
    info.add_metric(("+".join(running.roles), __version__), 1)
    yield info
    yield _gauge("ready", "1 when the process can do its work.", int(not problems))
    yield _gauges(
        "problem", "1 for what keeps it from that.", ("problem",), ((one, int(one in problems)) for one in PROBLEMS)
    )
    yield _histogram("loop_lag_seconds", "How late the event loop came to what was due, five times a second.",
                     running.loop_lag_us)  # fmt: skip
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield CounterMetricFamily("process_cpu_seconds", "CPU time, user and system.", usage.ru_utime + usage.ru_stime)
    yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory.", _resident_bytes(usage.ru_maxrss))
    yield GaugeMetricFamily("process_open_fds", "Open file descriptors.", _open_files())
    yield GaugeMetricFamily(
        "process_max_fds", "Most file descriptors it may open.", resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    )
    yield GaugeMetricFamily("process_start_time_seconds", "When it started, in Unix time.", _STARTED_S)
    if running.replicas is not None:
        yield _gauge(
            "ledger_replicas", "Replicas that follow the ledger's primary that has the fewest.", running.replicas
        )
    yield _gauge("ledger_replicas_wanted", "Replicas that must have an answer first.", running.replicas_wanted)
    if running.folders:
        yield from _disks(running.folders)


_STARTED_S = time.time()
_FILES = Path("/proc/self/fd")


def _resident_bytes(most_kib: int) -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return most_kib * 1024


def _open_files() -> int:
    try:
        # Since Linux 6.2 the size is their number; listing ten thousand takes milliseconds.
        return _FILES.stat().st_size or sum(1 for _ in _FILES.iterdir())
    except OSError:
        return sum(1 for _ in Path("/dev/fd").iterdir())


def _disks(folders: Sequence[Path]) -> Iterator[Metric]:
    sizes = [(str(folder), os.statvfs(folder)) for folder in folders]
    free = ((name, disk.f_bavail * disk.f_frsize) for name, disk in sizes)
    yield _gauges("disk_free_bytes", "Space left where a watched folder is.", ("folder",), free)
    whole = ((name, disk.f_blocks * disk.f_frsize) for name, disk in sizes)
    yield _gauges("disk_size_bytes", "Space there is at all.", ("folder",), whole)


# --- what several roles have -----------------------------------------------------------------------------------------


def _shared(running: Running) -> Iterator[Metric]:
    yield _gauges("session", "The session that a role serves.", ("role",), running.sessions())
    clocks: list[tuple[str, ContestClock]] = []
    phases: list[tuple[str, Phase]] = []
    if (gateway := running.gateway) is not None:
        clocks.append(("gateway", gateway.clock))
        phases.append(("gateway", gateway.ring.view.phase))
    if running.director is not None and running.director.acting:
        clocks.append(("director", running.director.clock))
        phases.append(("director", running.director.counts.phase))
    if clocks:
        now_us = time.time_ns() // 1000
        yield _gauges(
            "clock_offset_seconds",
            "This machine's clock less the contest's, which is the ledger's.",
            ("role",),
            ((role, (now_us - clock.now_us()) * _US) for role, clock in clocks),
        )
        yield _gauges(
            "clock_uncertainty_seconds",
            "Half the least round trip to the ledger.",
            ("role",),
            ((role, clock.uncertainty_us * _US) for role, clock in clocks),
        )
    if phases:
        yield _gauges(
            "phase",
            "1 for the phase in force as a role knows it.",
            ("role", "phase"),
            (((role, phase.value), int(phase is current)) for role, current in phases for phase in Phase),
        )


# --- roles -----------------------------------------------------------------------------------------------------------


def _gateway(gateway: Gateway) -> Iterator[Metric]:
    counts, intake = gateway.counts, gateway.intake
    answers = intake.counts
    kinds = {"contestant": gateway.contestants, "viewer": gateway.viewers}
    kinds["joining"] = gateway.connections - sum(kinds.values())
    yield _gauges("gateway_connections", "Open sockets.", ("kind",), kinds.items())
    frames = (("in", gateway.frames_in), ("out", gateway.frames_out))
    yield _counter("gateway_frames", "WebSocket messages.", ("direction",), frames)
    joins = (("missed", counts.recovered), ("snapshot", counts.joins - counts.recovered))
    yield _counter("gateway_joins", "Connections let in, with what they missed or with a snapshot.", ("given",), joins)
    yield CounterMetricFamily("leitai_gateway_left", "Sockets gone, whoever ended them.", counts.left)
    closes = (((str(code), reason), counts.closes[code]) for code, reason in _CLOSES.items())
    yield _counter("gateway_closes", "Sockets that we closed, by close code.", ("code", "reason"), closes)
    yield _counter("gateway_errors", "What could not be used, by error code.", ("code",), counts.errors.items())

    outcomes = ((outcome.name.lower(), count) for outcome, count in answers.outcomes.items())
    yield _counter("gateway_answers", "Answers decided, resends too.", ("outcome",), outcomes)
    yield CounterMetricFamily("leitai_gateway_answers_repeated", "Resends among them.", answers.repeated)
    yield _gauge("gateway_answers_waiting", "Answers that came in and are not on their way yet.", intake.waiting)
    yield _histogram("gateway_ack_seconds", "From an answer's frame to its acknowledgement written.", answers.ack_us)
    yield _histogram("gateway_batch_answers", "Answers in a call to the ledger.", answers.batch_sizes, scale=1)
    yield _histogram("gateway_store_seconds", "Calls that record a batch, fsync included.", answers.store_us)
    yield CounterMetricFamily(
        "leitai_gateway_store_failures", "Such calls without an answer, all repeated.", answers.store_failures
    )
    since_us = intake.out_since_us
    out_s = 0.0 if since_us is None else time.monotonic_ns() / 1e9 - since_us * _US
    yield _gauge("gateway_ledger_out_seconds", "How long answers have waited for the ledger; 0: they do not.", out_s)

    yield _gauge("gateway_feed_offset", "Feed entries taken in.", gateway.ring.view.offset)
    yield _gauge("gateway_board_version", "Version of the public board.", gateway.table.version)
    yield _histogram("gateway_board_lag_seconds", "From the board's making to its arrival here.", counts.board_lag_us)
    yield _histogram(
        "gateway_opening_seconds", "From an item's scheduled opening to its key written to all.", counts.opening_us
    )


def _director(director: Director) -> Iterator[Metric]:
    counts = director.counts
    yield _gauge("director_acting", "1 while it holds the lease and directs.", int(director.acting))
    yield _gauge("director_fencing_token", "Token of its last lease; 0 before the first.", director.token)
    yield CounterMetricFamily("leitai_director_take_overs", "Leases taken.", director.take_overs)
    yield CounterMetricFamily("leitai_director_answers", "Answers taken into the standings.", counts.answers)
    yield _gauge("director_feed_offset", "Feed entries published.", counts.feed_offset)
    yield _gauge("director_standings_version", "Version of the standings published last.", counts.standings_version)
    yield _histogram(
        "director_update_seconds", "Working out and publishing standings, when they moved.", counts.update_us
    )


def _recorder(recorder: Recorder) -> Iterator[Metric]:
    yield CounterMetricFamily("leitai_recorder_answers", "Answers moved to the archive.", recorder.recorded)
    yield _gauge("recorder_lag_answers", "Recorded answers that the archive does not have.", recorder.lag_answers)
    yield _gauge("recorder_lag_seconds", "Age of the oldest of them; 0: there is none.", recorder.lag_us * _US)
    yield _histogram("recorder_write_seconds", "Transactions in the archive.", recorder.write_us)
    yield CounterMetricFamily("leitai_recorder_failures", "Times that a store failed it.", recorder.failures)


# --- families --------------------------------------------------------------------------------------------------------


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"leitai_{name}", about, value)


def _gauges(
    name: str, about: str, labels: Sequence[str], values: Iterable[tuple[str | tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(f"leitai_{name}", about, labels=labels)
    for key, value in values:
        family.add_metric((key,) if isinstance(key, str) else key, value)
    return family


def _counter(
    name: str, about: str, labels: Sequence[str], values: Iterable[tuple[str | tuple[str, ...], float]]
) -> Metric:
    family = CounterMetricFamily(f"leitai_{name}", about, labels=labels)
    for key, value in values:
        family.add_metric((key,) if isinstance(key, str) else key, value)
    return family


def _histogram(name: str, about: str, counted: Histogram, *, scale: float = _US) -> Metric:
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*counted.bounds, None), counted.buckets, strict=True):
        total += count
        buckets.append(("+Inf" if bound is None else f"{bound * scale:.6g}", total))
    return HistogramMetricFamily(f"leitai_{name}", about, buckets, counted.total * scale)

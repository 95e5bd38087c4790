"""The dashboard's and the alerts' queries over what the processes of a real contest told."""

import asyncio
import contextlib
import json
import math
import os
import re
import signal
import subprocess
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from leitai.resources import shipped
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.wire.messages import MAX_CLIENT_FRAME_BYTES
from leitai_loadtest.client import Contestant
from leitai_loadtest.door import Door, DoorClosed
from tests.support.others import free_port, program, running
from tests.support.promql import Labels, Scrape, Vector, evaluate, names_in
from tests.support.serving import OPEN, OVER, Process, Scene, apart, serving
from tests.support.stores import running_valkey, scratch_folder, standing_database
from tests.support.waiting import PATIENCE_S, eventually

FOLDER = shipped("deploy")
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana/leitai.json").read_text("utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
ALERTS: dict[str, str] = {rule["alert"]: rule["expr"] for rule in RULES}
QUERIES: dict[str, list[str]] = {
    panel["title"]: [target["expr"].replace("$__rate_interval", "5m") for target in panel["targets"]]
    for panel in PANELS
}
EVERY_QUERY = {query for queries in QUERIES.values() for query in queries} | set(ALERTS.values())
RUNBOOK = (Path(__file__).parents[2] / "docs/handbook/alerts.md").read_text("utf-8")
ANSWERS = 6


@dataclass
class Watched:
    """A contest that is scraped when its processes began, with everyone there, and after the answers."""

    scene: Scene
    valkey_pid: int
    texts: list[dict[str, str | None]] = field(default_factory=list[dict[str, str | None]])
    scrapes: list[Scrape] = field(default_factory=list[Scrape])

    def scrape(self, *, ledger: bool = True) -> list[Scrape]:
        """Ask every process; return all scrapes so far.

        With a `ledger`, again while somebody does not hear from it in time: a machine that stands still for a moment is
        not what these tests are about.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            told = {process.machines_url.removeprefix("http://"): _told(process) for process in self.scene.processes}
            if not ledger or not any(text and 'leitai_problem{problem="ledger"} 1.0' in text for text in told.values()):
                break
            assert time.monotonic() < deadline, told
        self.texts.append(told)
        self.scrapes.append(Scrape.of(time.monotonic(), told))
        return self.scrapes

    def began(self, at_s: float) -> None:
        """Put a scrape before the first: counters begin at nothing."""
        told = {name: text and _COUNTED.sub(r"\1 0", text) for name, text in self.texts[0].items()}
        self.scrapes.insert(0, Scrape.of(at_s, told))

    def changed(self, pattern: str, value: float) -> list[Scrape]:
        """Return the scrapes with the series that match given another value in the last."""
        last = self.texts[1]
        assert any(re.search(rf"^{pattern} ", text or "", re.MULTILINE) for text in last.values()), pattern
        series = re.compile(rf"^({pattern}) .*$", re.MULTILINE)
        told = {name: text and series.sub(rf"\1 {value}", text) for name, text in last.items()}
        return [*self.scrapes[:2], Scrape.of(self.scrapes[2].at_s, told)]


_COUNTED = re.compile(r"^(\w+_(?:total|bucket|sum|count)(?:\{[^}]*\})?) .*$", re.MULTILINE)


@contextlib.contextmanager
def stopped(pid: int) -> Generator[None]:
    """Hold a process for the time of the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _told(process: Process) -> str | None:
    try:
        return process.metrics()
    except OSError:
        return None


@pytest.fixture(scope="module")
def watched(postgres: EmbeddedPostgres) -> Iterator[Watched]:
    """A contest in which answers of every kind, viewers, refusals and a wrong code were seen."""
    with contextlib.ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        folder = Path(stack.enter_context(scratch_folder()))
        dsn = stack.enter_context(standing_database(postgres))
        began_s = time.monotonic()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LEITAI_METRICS_FOLDERS", str(folder))
            scene = stack.enter_context(serving("picows", dsn, valkey.url, folder))
        assert valkey.pid is not None
        made = Watched(scene, valkey.pid)
        apart(_attend(made))
        made.began(began_s)
        yield made


async def _attend(watched: Watched) -> None:
    scene = watched.scene
    async with contextlib.AsyncExitStack() as stack:
        everyone = [
            await stack.enter_async_context(scene.someone(scene.url if seat % 2 else scene.other_url))
            for seat in range(ANSWERS)
        ]
        for one in everyone:
            await one.hello()
        viewer = await stack.enter_async_context(Contestant.viewer(scene.url, scene.session))
        await viewer.watch("individuals")
        await _mistake(everyone[1], 50)
        await asyncio.to_thread(watched.scrape)
        for one in everyone:
            assert (await one.answer(OPEN, ["A"]))["status"] == "accepted"
        assert (await everyone[0].answer(OPEN, ["A"], seq=1))["duplicate"]
        assert (await everyone[0].answer(OVER, ["A"]))["status"] == "late"
        await _mistake(everyone[1], 51)
        with contextlib.closing(Door(scene.url)) as door, pytest.raises(DoorClosed):
            await door.sign_in("2022110001", "ABCDEFGHJKLM")
        async with Contestant.viewer(scene.url, scene.session) as rude:
            await rude.send_raw(bytes(MAX_CLIENT_FRAME_BYTES + 1))
            await rude.expect_close()
        recorder = scene.processes[0]

        async def recorded() -> tuple[int, int]:
            """How many answers the archive has, and how many it has not."""
            names = ("leitai_recorder_answers_total", "leitai_recorder_lag_answers")
            has, has_not = [await asyncio.to_thread(recorder.metric, name) for name in names]
            return has, has_not

        await eventually(recorded, lambda counts: counts == (ANSWERS + 1, 0))
        await asyncio.to_thread(watched.scrape)


async def _mistake(contestant: Contestant, seq: int) -> None:
    await contestant.send({"type": "answer", "item": 99, "seq": seq, "response": ["A"]})
    await contestant.expect("ack", seq=seq)


def _one(vector: Vector) -> float:
    (value,) = vector.values()
    return value


# --- the dashboard ---------------------------------------------------------------------------------------------------


def test_grafana_s_own_types_hold_all_of_the_dashboard() -> None:
    register_default_plugins()
    back = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    assert list(_lost(DASHBOARD, back)) == []


def _lost(ours: Any, theirs: Any, where: str = "") -> Iterator[str]:
    if isinstance(ours, dict):
        for key, value in ours.items():
            if key not in theirs:
                yield f"{where}.{key}"
            else:
                yield from _lost(value, theirs[key], f"{where}.{key}")
    elif isinstance(ours, list):
        for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _lost(one, other, f"{where}[{at}]")
    elif ours != theirs:
        yield f"{where}: {ours} {theirs}"


def test_panels_have_their_own_place_and_number() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_the_dashboard_is_provisioned_with_the_source_that_its_panels_name() -> None:
    (source,) = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"]
    uids = {target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]}
    assert uids == {panel["datasource"]["uid"] for panel in PANELS} == {source["uid"]}
    (provider,) = yaml.safe_load((FOLDER / "grafana/provisioning/dashboards/leitai.yml").read_text())["providers"]
    assert provider["type"] == "file"


def test_every_series_that_is_asked_for_is_told(watched: Watched) -> None:
    told = {dict(labels)["__name__"] for labels in watched.scrapes[2].samples}
    for query in EVERY_QUERY:
        assert names_in(query) <= told, query


def test_every_panel_shows_something(watched: Watched) -> None:
    for title, queries in QUERIES.items():
        for query in queries:
            shown = evaluate(query, watched.scrapes[:3])
            assert any(not math.isnan(value) for value in shown.values()), (title, query)


def test_panels_show_what_happened(watched: Watched) -> None:
    scrapes = watched.scrapes[:3]

    def of(title: str, at: int = 0) -> Vector:
        (queries,) = [found for name, found in QUERIES.items() if name.endswith(f"· {title}")]
        return evaluate(queries[at], scrapes)

    def by(label: str, vector: Vector) -> dict[str, float]:
        return {dict(labels)[label]: value for labels, value in vector.items()}

    range_s = 300.0
    assert _one(of("Contestants")) == ANSWERS
    assert _one(of("Viewers")) == 1
    assert _one(of("Answers/s")) * range_s == pytest.approx(ANSWERS + 2)
    assert _one(of("Directors acting")) == 1
    assert by("phase", of("Phase")) == {"running": 1}
    assert 0 < _one(of("Ack p99")) < 10
    outcomes = {name: round(rate * range_s) for name, rate in by("outcome", of("Answers/s by outcome")).items()}
    assert outcomes == {"accepted": ANSWERS + 1, "late": 1, "early": 0, "refused": 0}
    assert round(_one(of("Answers/s by outcome", 1)) * range_s) == 1
    assert by("kind", of("Sockets")) == {"contestant": ANSWERS, "viewer": 1, "joining": 0}
    assert len(of("Sockets of each gateway")) == 2
    assert _one(of("Feed entries behind")) == 0
    assert _one(of("Answers behind")) == 0
    assert _one(of("Recorded/s")) * range_s == pytest.approx(ANSWERS + 1)
    tries = {name: round(value * range_s) for name, value in by("outcome", of("Sign-ins")).items()}
    assert tries == {"ok": ANSWERS + 1, "wrong-credentials": 1, "too-many-tries": 0, "store-unavailable": 0}
    closes = {name: round(value * range_s) for name, value in by("reason", of("Closed by us")).items()}
    assert closes == {"abuse": 1, "moved": 0, "refused": 0, "slow": 0, "superseded": 0}
    assert all(0 < value < 1 for value in of("Disk left").values())
    assert all(abs(value) < 1 for value in of("Clock offset to Valkey").values())


# --- alerts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_silent_over_a_healthy_contest(watched: Watched, alert: str) -> None:
    # Machines that run tests are shared: how long things took there says nothing.
    quick = watched.changed(r"leitai_(?:gateway_ack|loop_lag)_seconds_bucket\{[^}]+\}", 100)
    assert evaluate(ALERTS[alert], quick) == {}


BROKEN: list[tuple[str, str, float]] = [
    ("LeitaiNotReady", "leitai_ready", 0),
    ("LeitaiLedgerOut", r'leitai_problem\{problem="ledger"\}', 1),
    ("LeitaiLedgerOut", "leitai_gateway_ledger_out_seconds", 2.5),
    ("LeitaiReplicasMissing", "leitai_ledger_replicas_wanted", 1),
    ("LeitaiReplicasMissing", "leitai_ledger_replicas", -1),
    ("LeitaiNoDirector", "leitai_director_acting", 0),
    ("LeitaiAckSlow", r'leitai_gateway_ack_seconds_bucket\{le="(?!\+Inf|12)[^"]+"\}', 0),
    # Later than all the loop's looks so far: in a moment between two readings it may have looked at nothing.
    ("LeitaiLoopLag", r'leitai_loop_lag_seconds_bucket\{le="(?:\+Inf|12)[^"]*"\}', 1e6),
    ("LeitaiConnectionsDropping", "leitai_gateway_left_total", 500),
    ("LeitaiFeedBehind", "leitai_director_feed_offset", 99),
    ("LeitaiRecorderBehind", "leitai_recorder_lag_seconds", 31),
    ("LeitaiClockOffset", r'leitai_clock_offset_seconds\{role="gateway"\}', -0.2),
    ("LeitaiDiskFull", r"leitai_disk_free_bytes\{[^}]+\}", 1000),
    ("LeitaiFilesFull", "process_open_fds", 1e9),
]


@pytest.mark.parametrize(("alert", "series", "value"), BROKEN)
def test_an_alert_rings_over_what_it_is_for(watched: Watched, alert: str, series: str, value: float) -> None:
    assert evaluate(ALERTS[alert], watched.changed(series, value))


def test_every_alert_was_heard() -> None:
    assert {alert for alert, _, _ in BROKEN} | {"LeitaiProcessDown"} == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_has_its_paragraph_in_both_languages(alert: str) -> None:
    (rule,) = [rule for rule in RULES if rule["alert"] == alert]
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["annotations"]["runbook"] == f"docs/handbook/alerts.md#{alert.lower()}"
    (said,) = re.findall(rf"^### {alert}\n\n(.+?)(?=\n#|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)
    chinese, english = said.strip().split("\n\n")
    assert re.search("[一-鿿]", chinese)
    assert not re.search("[一-鿿]", english)


def test_the_page_tells_of_no_other_alerts() -> None:
    assert set(re.findall(r"^### (Leitai\w+)", RUNBOOK, re.MULTILINE)) == set(ALERTS)


def test_prometheus_itself_finds_the_same(watched: Watched, tmp_path: Path) -> None:
    """Where it is installed: the three scrapes in its own store, every query asked there."""
    promtool, prometheus = program("promtool"), program("prometheus")
    if promtool is None or prometheus is None:
        return
    scrapes = watched.scrapes[:3]
    base_s = round(time.time()) - scrapes[2].at_s
    lines = [
        f"{_written(labels)} {value!r} {base_s + scrape.at_s:.3f}"
        for labels in sorted({labels for scrape in scrapes for labels in scrape.samples}, key=sorted)
        for scrape in scrapes
        if (value := scrape.samples.get(labels)) is not None
    ]
    file, data, empty = tmp_path / "scrapes.txt", tmp_path / "data", tmp_path / "none.yml"
    file.write_text("\n".join([*lines, "# EOF\n"]), "utf-8")
    empty.write_text("{}")
    made = [promtool, "tsdb", "create-blocks-from", "openmetrics", file, data]
    subprocess.run(made, capture_output=True, check=True, timeout=5 * PATIENCE_S)
    port = free_port()
    command = [
        prometheus,
        f"--config.file={empty}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running([*command, "--storage.tsdb.retention.time=10y"], port, tmp_path / "log"):
        for query in sorted(EVERY_QUERY):
            asked = urlencode({"query": query, "time": f"{base_s + scrapes[2].at_s:.3f}"})
            found = _asked(f"http://127.0.0.1:{port}/api/v1/query?{asked}")["data"]["result"]
            theirs = {frozenset(one["metric"].items()): float(one["value"][1]) for one in found}
            assert theirs or query in ALERTS.values(), query
            assert evaluate(query, scrapes) == pytest.approx(theirs, nan_ok=True, rel=1e-3), query


def _asked(url: str) -> Any:
    """Ask Prometheus, which says 503 until it has read its store."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urlopen(url, timeout=PATIENCE_S) as answer:
                return json.load(answer)
        except HTTPError as refused:
            if refused.code != 503 or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _written(labels: Labels) -> str:
    pairs = dict(labels)
    name = pairs.pop("__name__")
    inside = ",".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(pairs.items()))
    return f"{name}{{{inside}}}"


async def test_alerts_ring_when_it_really_happens(watched: Watched) -> None:
    """A contest without its director and recorder, and then without its store."""
    gone, left = watched.scene.processes[:2]
    gone.signal(signal.SIGKILL)
    gone.wait()
    scrapes = await asyncio.to_thread(watched.scrape)
    assert {dict(labels)["instance"] for labels in evaluate(ALERTS["LeitaiProcessDown"], scrapes)} == {
        gone.machines_url.removeprefix("http://")
    }
    assert evaluate(ALERTS["LeitaiNoDirector"], scrapes)
    assert not evaluate(ALERTS["LeitaiLedgerOut"], scrapes)
    with stopped(watched.valkey_pid):
        scrapes = await asyncio.to_thread(watched.scrape, ledger=False)
    assert evaluate(ALERTS["LeitaiLedgerOut"], scrapes)
    assert {dict(labels)["instance"] for labels in evaluate(ALERTS["LeitaiNotReady"], scrapes)} == {
        left.machines_url.removeprefix("http://")
    }


# --- syntax ----------------------------------------------------------------------------------------------------------


def test_prometheus_looks_at_every_process_of_the_compose_file() -> None:
    compose = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text("utf-8"))
    measured = {
        name
        for name, service in compose["services"].items()
        # It belongs to that profile; beside the plain deployment there is none.
        if "scale" in service.get("profiles", ())
        and str(dict(service.get("environment") or {}).get("LEITAI_METRICS_LISTEN", "")).endswith(":9464")
    }
    (job,) = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (looked,) = job["dns_sd_configs"]
    assert job["job_name"] == "leitai"
    assert looked["port"] == 9464
    assert set(looked["names"]) == measured


def test_prometheus_takes_the_files() -> None:
    promtool = program("promtool")
    for command, name in (("rules", "alerts.yml"), ("config", "prometheus.yml")):
        file = FOLDER / name
        assert yaml.safe_load(file.read_text("utf-8"))
        if promtool is not None:
            told = subprocess.run(
                [promtool, "check", command, file], capture_output=True, text=True, check=False, timeout=5 * PATIENCE_S
            )
            assert told.returncode == 0, told.stdout + told.stderr

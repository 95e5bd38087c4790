"""What a process tells of itself, and what docs/metrics.md says of that."""

import re
from pathlib import Path

import pytest

from leitai.live.counts import Histogram
from leitai.rules.values import Phase
from leitai.web.metrics import PROBLEMS, Running, render
from tests.support.metrics import built, everything, parsed

PAGE = (Path(__file__).parents[2] / "docs/metrics.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| (.+)<br>(.+) \|$", re.MULTILINE)


def _samples(text: bytes) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in text.decode().splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            assert name not in found
            found[name] = float(value)
    return found


def test_the_page_tells_every_family_and_no_other() -> None:
    told = {
        name: (type_, set(re.findall(r"`(\w+)`", labels)), about)
        for name, type_, labels, _, about in _ROW.findall(PAGE)
    }
    exist = {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {label for sample in family.samples for label in sample.labels} - {"le"},
            family.documentation,
        )
        for family in everything()
    }
    assert told == exist
    assert all(re.search(r"[一-鿿]", about) for _, _, _, about, _ in _ROW.findall(PAGE))


def test_labels_are_few() -> None:
    for family in everything():
        series = {
            tuple(sorted((key, value) for key, value in sample.labels.items() if key != "le"))
            for sample in family.samples
        }
        assert len(series) <= 2 * len(Phase), family.name


async def test_a_role_that_is_not_there_tells_nothing() -> None:
    for role in ("gateway", "director", "recorder"):
        told = _samples(render(await built((role,)), ()))
        others = {"gateway", "director", "recorder"} - {role}
        assert f'leitai_session{{role="{role}"}}' in told
        assert any(name.startswith(f"leitai_{role}_") for name in told)
        assert not [name for name in told if any(f"leitai_{one}_" in name or f'role="{one}"' in name for one in others)]


def test_without_a_session_a_process_tells_of_itself() -> None:
    told = _samples(render(Running(("gateway",)), ("session",)))
    assert told["leitai_ready"] == 0
    assert {one: told[f'leitai_problem{{problem="{one}"}}'] for one in PROBLEMS} == {
        "archive": 0,
        "ledger": 0,
        "session": 1,
        "stopping": 0,
    }
    assert told["process_open_fds"] > 2
    assert told["process_max_fds"] > told["process_open_fds"]
    assert 1_000_000 < told["process_resident_memory_bytes"] < 10_000_000_000
    assert told["process_cpu_seconds_total"] > 0


async def test_histograms_are_cumulative_and_in_seconds() -> None:
    running = await built(("gateway",))
    assert running.gateway is not None
    answers = running.gateway.intake.counts
    answers.ack_us.observe_many([100, 300, 300, 20_000_000])
    answers.batch_sizes.observe(3)
    (told,) = [one for one in parsed(render(running, ()).decode()) if one.name == "leitai_gateway_ack_seconds"]
    buckets = [(sample.labels["le"], sample.value) for sample in told.samples if sample.name.endswith("_bucket")]
    assert buckets[:3] == [("0.00025", 1), ("0.000375", 3), ("0.0005", 3)]
    assert buckets[-2:] == [("12.288", 3), ("+Inf", 4)]
    assert {sample.name.rpartition("_")[2]: sample.value for sample in told.samples[-2:]} == {
        "count": 4,
        "sum": pytest.approx(20.0007),
    }
    samples = _samples(render(running, ()))
    assert samples['leitai_gateway_batch_answers_bucket{le="2"}'] == 0
    assert samples['leitai_gateway_batch_answers_bucket{le="4"}'] == 1
    assert len(buckets) == len(Histogram().buckets)


async def test_no_series_is_told_twice() -> None:
    told = render(await built(), ()).decode()
    types = re.findall(r"^# TYPE (\S+)", told, re.MULTILINE)
    assert len(types) == len(set(types))
    assert _samples(told.encode())

"""The benchmark finds every row, its JSON is what the table shows, and two runs can be compared."""

import json
from pathlib import Path

import pytest

from leitai_loadtest.bench import __main__ as bench
from leitai_loadtest.bench import house as houses
from leitai_loadtest.bench.answers import Amounts, bouts
from leitai_loadtest.bench.compare import differences
from leitai_loadtest.bench.meter import Spent, cpu_us, resident_kib, tree_cpu_us
from leitai_loadtest.bench.rows import Row, cpu_row, read, write

ANSWERS = {"answer → ack, singly", "answer → ack, bursts", "answer → ack, steady", "answer → ack, saturation"}
STORE = {"store, singly", "store, bursts", "store, steady", "store, saturation"}


async def test_the_floor_answers_everyone() -> None:
    amounts = Amounts(singly=7, bursts=3, rate=200, steady_s=2.5, saturation_s=2.5)
    async with houses.bare(20) as (part, party):
        found = {bout.name: bout async for bout in bouts(party, houses.floor_meter(part), amounts)}
    assert (found["singly"].answers, found["bursts"].answers) == (7, 60)
    assert 20 < found["steady"].answers <= 500
    assert 20 < found["saturation"].answers <= 2020
    assert all(bout.spent.cpu_us["floor"] > 0 and 0 < bout.ack_ms_p50 <= bout.ack_ms_p99 for bout in found.values())
    assert (party.refused, party.lost) == (0, 0)


async def test_both_ways_to_send_an_opening_reach_everyone() -> None:
    async with houses.bare(5) as (part, party):
        part.say("open")
        await party.all_opened(1)
        part.say("plain")
        await party.all_opened(2)
    assert party.keys == {1: bytes(32)}


@pytest.mark.parametrize(
    ("scenes", "wanted"),
    [
        (["answers"], {"sign-in", "joining", *ANSWERS, *STORE, "acks while 1 % stall"}),
        (
            ["openings"],
            {
                "opening to 60",
                "opening + answer + ack",
                "boards to a viewer",
                *(f"board delta, {view}" for view in ("individuals", "delegations", "province")),
            },
        ),
        (
            ["standings", "recorder"],
            {"standings of 100, 256 answers", "standings of 100, a closing", "recorder"},
        ),
    ],
)
def test_every_row_is_measured(scenes: list[str], wanted: set[str], tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert bench.main([*scenes, "--small", "--json", str(path)]) == 0
    rows = {row.name: row for row in read(path)}
    assert rows.keys() == wanted
    for name, row in rows.items():
        assert row.by_the_clock or (row.cpu_us or row.bytes or 0) > 0, name
        if row.floor is not None:
            assert (row.ratio or 0) > 0, name
        if row.target:
            assert row.met is not None, name


def _rows(**ratios: float) -> list[Row]:
    return [cpu_row(name, "answer", 100 * ratio, floor_us=100.0) for name, ratio in ratios.items()]


@pytest.mark.parametrize(("after", "status"), [(1.14, 0), (1.16, 1), (0.5, 0)])
def test_a_ratio_that_grew_is_a_regression(after: float, status: int, tmp_path: Path) -> None:
    write(_rows(same=2.0, moved=1.0, gone=1.0), {}, tmp_path / "a.json")
    write(_rows(same=2.0, moved=after, new=9.0), {}, tmp_path / "b.json")
    files = [str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    assert bench.main(["compare", *files]) == status
    assert bench.main(["compare", *files, "--allow", "0.2"]) == 0


def test_time_by_the_clock_is_judged_on_request_only() -> None:
    before, after = [Row("p99", "answer", ratio=1.0, of="time")], [Row("p99", "answer", ratio=2.0, of="time")]
    assert [one.judged for one in differences(before, after)] == [False]
    assert [one.judged for one in differences(before, after, by_the_clock=True)] == [True]
    assert [one.change for one in differences([Row("b", "s", bytes=10)], [Row("b", "s", bytes=12)])] == [
        pytest.approx(0.2)
    ]


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "else.json"
    path.write_text(json.dumps([{"server": "bare"}]))
    with pytest.raises(ValueError, match="no run of the benchmark"):
        read(path)


def test_a_row_survives_being_written(tmp_path: Path) -> None:
    rows = [cpu_row("a", "answer", 12.345, raw_us=13.0, floor_us=10.0, at_most=1.2, per_s=3), Row("b", "s", bytes=7.5)]
    write(rows, {"cores": 2}, tmp_path / "run.json")
    assert read(tmp_path / "run.json") == rows
    assert (rows[0].ratio, rows[0].met, rows[0].cpu_us) == (1.23, False, 12.3)


def test_what_is_idle_is_taken_off_at_its_rate() -> None:
    idle = Spent(2.0, {"gateway": 10_000.0})
    assert Spent(0.5, {"gateway": 4_000.0}).beyond(idle, "gateway") == 1_500
    assert Spent(0.5, {"gateway": 2_000.0}).beyond(idle, "gateway") == 0


def test_processes_are_read() -> None:
    before = cpu_us(bench.os.getpid())
    sum(range(2_000_000))
    assert cpu_us(bench.os.getpid()) - before > 1_000
    assert resident_kib(bench.os.getpid()) > 1_000
    assert tree_cpu_us(bench.os.getpid()) > 0

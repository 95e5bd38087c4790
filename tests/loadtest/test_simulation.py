"""A simulated crowd plays a contest in memory to the end, and its journals are what the contest recorded."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from leitai.wire.messages import AckStatus
from leitai_loadtest import simulate
from leitai_loadtest.crowd import Options
from leitai_loadtest.scene import Scene
from tests.support.fake_contest import CODE, FakeContest
from tests.support.waiting import eventually


def _credentials(contest: FakeContest) -> list[tuple[str, str]]:
    return [(f"A{number}", CODE) for number in range(1, contest.contestants + 1)]


def _scene(contest: FakeContest, **options: Any) -> Scene:
    return Scene(Options(contest.url, seed=3, **options), _credentials(contest), viewers=2)


def _agree(scene: Scene, contest: FakeContest) -> None:
    kept = {
        (each.journal.sitting, given.seq): (given.item, given.status, given.stamp_us, given.offset, given.receipt)
        for each in scene.contestants
        for given in each.journal.answers.values()
    }
    recorded = {
        key: (ack.item, ack.status.value, ack.stamp_us, ack.offset, ack.receipt)
        for key, ack in contest.recorded.items()
    }
    assert kept == recorded
    for each in scene.contestants:
        for given in each.journal.answers.values():
            assert contest.responses[each.journal.sitting, given.seq] == given.response


def _accepted(contest: FakeContest) -> int:
    """How many answers came in time: all of them, where the machine does not stand for most of a second."""
    return sum(ack.status is AckStatus.ACCEPTED for ack in contest.recorded.values())


@pytest.fixture
async def contest() -> AsyncGenerator[FakeContest]:
    # Whoever answers leaves a third of that.
    async with FakeContest(contestants=12, items=5, seconds=2.5).served() as contest:
        yield contest


async def test_a_streamed_contest(contest: FakeContest) -> None:
    scene = _scene(contest)
    playing = asyncio.create_task(scene.play())
    await contest.everyone_checked_in.wait()
    began = time.monotonic()
    await contest.play()
    took_ms = 1000 * (time.monotonic() - began)
    await playing
    figures = scene.figures()
    assert figures["entered"] == 12
    assert figures["items"] == 5
    assert figures["answers_sent"] == figures["answers_acked"] == len(contest.recorded) > 50
    assert figures["accepted"] == _accepted(contest)
    assert figures["counts"]["commitments_verified"] == 8 * 5
    assert 0 < figures["ack_ms_p50"] <= figures["ack_ms_p99"] <= figures["ack_ms_max"]
    assert 0 < figures["open_spread_ms_p99"] < took_ms
    assert figures["viewers"] == 2
    assert figures["viewer_bytes_per_s"] > 0
    _agree(scene, contest)


async def test_a_burst(contest: FakeContest) -> None:
    scene = _scene(contest, burst=True, share_sealed=True)
    playing = asyncio.create_task(scene.play())
    await contest.everyone_checked_in.wait()
    await contest.play()
    await playing
    assert scene.figures()["answers_sent"] == len(contest.recorded) > 50
    assert scene.figures()["accepted"] == _accepted(contest)
    _agree(scene, contest)


async def test_a_paper(contest: FakeContest) -> None:
    async with FakeContest(contestants=10, items=8, seconds=5, pacing="paper").served() as contest:
        scene = _scene(contest)
        playing = asyncio.create_task(scene.play())
        await contest.everyone_checked_in.wait()
        await contest.play()
        await playing
        figures = scene.figures()
        assert figures["answers_sent"] == figures["answers_acked"] > 80
        assert {ack.item for ack in contest.recorded.values()} == set(range(1, 9))
        _agree(scene, contest)


async def test_lost_connections_and_lost_acknowledgements(contest: FakeContest) -> None:
    scene = _scene(contest)
    playing = asyncio.create_task(scene.play())
    await contest.everyone_checked_in.wait()
    contest.swallow_acks = 20
    contest_playing = asyncio.create_task(contest.play())

    async def connected() -> int:
        return sum(sitting > 0 for sitting in contest.sockets.values())

    # Each time when all are back; the last after the end.
    for _ in range(3):
        await eventually(connected, lambda now: now == contest.contestants)
        await contest.cut()
    await contest_playing
    await eventually(connected, lambda now: now == contest.contestants)
    await contest.cut()
    await playing
    figures = scene.figures()
    assert figures["recovered"] >= 3 * contest.contestants
    assert figures["answers_unacked"] == 0
    assert figures["acks_contradicting"] == 0
    _agree(scene, contest)


async def test_a_wrong_code_does_not_hold_the_others_up(contest: FakeContest) -> None:
    entered = asyncio.Event()
    scene = Scene(
        Options(contest.url),
        [("A1", CODE), ("A2", "wrong")],
        report=lambda event, **_: entered.set() if event == "entered" else None,
    )
    playing = asyncio.create_task(scene.play())
    await entered.wait()
    scene.end()
    await playing
    assert scene.figures()["refused"] == {"401 wrong-credentials": 1}


async def test_the_command(contest: FakeContest, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials.csv"
    credentials.write_text(
        "admission_no,code\n" + "".join(f"{number},{code}\n" for number, code in _credentials(contest))
    )
    process = await asyncio.create_subprocess_exec(
        *[simulate.sys.executable, "-m", "leitai_loadtest.simulate", "--url", contest.url, "--credentials"],
        *[str(credentials), "--json", str(tmp_path / "out.json"), "--journal", str(tmp_path / "journal.jsonl")],
        "--follow-progress",
        stdout=asyncio.subprocess.PIPE,
    )
    await contest.everyone_checked_in.wait()
    await contest.play()
    output, _ = await process.communicate()
    assert process.returncode == 0
    events = [json.loads(line) for line in output.splitlines()]
    assert {"connected", "entered", "phase", "open", "item", "done"} >= {event["event"] for event in events}
    assert events[-1]["event"] == "done"
    figures = json.loads((tmp_path / "out.json").read_text("utf-8"))
    journals = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text("utf-8").splitlines()]
    assert sum(len(each["answers"]) for each in journals) == figures["answers_sent"] == len(contest.recorded)
    given = journals[0]["answers"][0]
    recorded = contest.recorded[journals[0]["sitting"], given["seq"]]
    assert (given["receipt"], given["stamp_us"]) == (recorded.receipt.hex(), recorded.stamp_us)

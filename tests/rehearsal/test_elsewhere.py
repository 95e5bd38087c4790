"""`leitai rehearse --url` plays against a server that runs already and reports what contestants can see."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.support.fake_contest import CODE, FakeContest


async def _rehearse(*arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "leitai", "rehearse", *arguments], stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode is not None
    return process.returncode, told.decode()


async def test_a_server_elsewhere(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials.csv"
    credentials.write_text("admission_no,code\n" + "".join(f"A{number},{CODE}\n" for number in range(1, 9)))
    path = tmp_path / "report.json"
    async with FakeContest(contestants=8, items=2, seconds=1.0).served() as contest:
        options = ("--url", contest.url, "--credentials", str(credentials), "--json", str(path), "--viewers", "3")
        rehearsing = asyncio.create_task(_rehearse(*options, "--data", str(tmp_path / "kept")))
        await contest.everyone_checked_in.wait()
        await contest.play()
        status, told = await rehearsing
    assert status == 0, told
    report = json.loads(path.read_text("utf-8"))
    assert report["contestants"] == 8
    assert report["answers_sent"] == report["answers_acked"] == len(contest.recorded)
    assert report["answers_lost"] is None
    assert report["recorded_in_postgres"] is None
    assert report["viewers"] == 3
    assert report["viewer_bytes_per_s"] > 0
    assert (tmp_path / "kept" / "journal.jsonl").is_file()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--kill", "postgres"), "cannot kill postgres"),
        (("--url", "http://127.0.0.1:1"), "wants --credentials"),
        (("--url", "http://127.0.0.1:1", "--credentials", "x.csv", "--kill", "gateway"), "nothing can be killed"),
    ],
    ids=["unknown role", "no credentials", "kill elsewhere"],
)
async def test_what_cannot_be_done_is_refused(arguments: tuple[str, ...], reason: str) -> None:
    status, told = await _rehearse(*arguments)
    assert status == 1
    assert reason in told

"""What a ruling costs from preview to board: `python -m tests.web.measure_rulings`.

1,600 sittings in 32 delegations, 80 items, 128,000 answers, on a house of this machine. Wall time, and the CPU of the
office's process for a preview.
"""

import asyncio
import os
import random
import time
from pathlib import Path
from typing import Any

import httpx2

from leitai.cli.rehearsal import made_up
from leitai.cli.rehearsal.house import House, housed
from leitai.live.commanding import hand_over
from leitai.live.ports import Command, SessionFile, Submission
from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.session_ports import SessionSettings
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import JUDGED, Micros, Pacing, Phase, QuestionType
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.session import ValkeySession
from tests.support.office import batch, questions
from tests.support.staffed import PASSWORD
from tests.support.stores import scratch_folder
from tests.support.waiting import eventually

SITTINGS, ITEMS = 1600, 80
HOUR_US = 3_600_000_000


async def main() -> None:
    """Print a table, in milliseconds."""
    with scratch_folder() as folder:
        async with housed(Path(folder) / "data", two_persons=False) as house:
            parts = house.parts
            await parts.office.import_bank(batch("bank"), questions(200))
            lines = papers.assemble(await parts.office.bank(), papers.share_out(ITEMS, papers.FULL_MIX), "seed")
            paper_id = await parts.office.create_paper("试卷", "seed", lines)
            contest_id = await parts.office.create_contest("比武", "组委会", 2022)
            people = made_up.roster(await parts.office.delegations(), SITTINGS, first_seat=1)
            roster = await parts.office.import_roster(contest_id, batch("roster"), people)
            start_us = Micros(time.time_ns() // 1000 + HOUR_US)
            settings = SessionSettings(
                "量测", start_us, Micros(start_us - 2 * HOUR_US), Pacing.PAPER,
                duration_us=Micros(HOUR_US), freeze_percent=0,
            )  # fmt: skip
            made = await create_contest_session(parts.office, parts.codes, contest_id, paper_id, settings, roster)
            async with house.open_doors():
                await _measure(house, await parts.archive.load_session(made.session_id))


async def _measure(house: House, file: SessionFile) -> None:
    parts = house.parts
    session = ValkeySession(parts.store, file.session_id, file.shards)
    await eventually(session.state, lambda state: state is not None and state.phase is Phase.LOBBY, within_s=60)
    await hand_over(session, Command("start", "tests"), 20)
    await eventually(session.state, lambda state: state is not None and state.phase is Phase.RUNNING, within_s=60)
    await _answer(house, file)
    await hand_over(session, Command("close", "tests"), 60)
    await eventually(lambda: _recorded(house, file), lambda count: count == SITTINGS * ITEMS, within_s=300)
    anna, bo = await _judge(house, "anna"), await _judge(house, "bo")
    item = next(one for one in file.plan.items if one.type is QuestionType.SINGLE)
    wrong = next(one for one in item.option_ids if one not in item.key.options)
    effect = {"kind": "accept_alternative", "item_no": item.item_no, "response": [wrong]}
    look = {"session": file.session_id, "effect": effect}
    # As the page does it; what previews look at is loaded meanwhile.
    began = time.monotonic()
    await _told(anna, "/api/staff/judging/court")
    print(f"what rulings can be about        {_ms(began):8.0f}")
    pid = house.pids["office"]
    for what in ("preview, the first", "preview, the second", "preview, the third"):
        began, cpu = time.monotonic(), _cpu_ms(pid)
        seen = await _told(anna, "/api/staff/rulings/preview", look)
        took, spent = _ms(began), _cpu_ms(pid) - cpu
        print(f"{what:32} {took:8.0f}   CPU {spent:6.0f}   ({seen['gaining']} gain, {seen['moving']} move)")
    ruling = await _told(anna, "/api/staff/rulings", {**look, "reason": "两种说法", "evidence": "教材"})
    began = time.monotonic()
    await _told(bo, f"/api/staff/rulings/{ruling['ruling']}/preview")
    print(f"preview of what was proposed     {_ms(began):8.0f}")
    async with httpx2.AsyncClient(base_url=house.url) as public:
        board = f"/api/sessions/{file.session_id}/boards/individuals"
        before = await _rows(public, board)
        began = time.monotonic()
        await _told(bo, f"/api/staff/rulings/{ruling['ruling']}/acts", {"act": "approve", "version": 1})
        print(f"approval                         {_ms(began):8.0f}")
        await eventually(lambda: _rows(public, board), lambda rows: rows != before, within_s=60)
        print(f"approval until the board moved   {_ms(began):8.0f}")
    for client in (anna, bo):
        await client.aclose()


async def _rows(public: httpx2.AsyncClient, board: str) -> list[Any]:
    return (await public.get(board)).json()["rows"]


async def _answer(house: House, file: SessionFile) -> None:
    chance = random.Random(1)
    ledger = ValkeyLedger(house.parts.store, file.session_id, file.shards)
    for item in file.plan.items:
        assert item.type not in JUDGED
        right = tuple(sorted(item.key.options)) or tuple(texts[0] for texts in item.key.blanks)
        other = tuple(one for one in item.option_ids if one not in item.key.options)[:1] or tuple("错" for _ in right)
        given = [
            Submission(
                member.sitting_id, item.item_no, item.item_no, right if chance.random() < 0.7 else other, 0, 1_500_000
            )
            for member in file.members
        ]
        for place in range(0, len(given), 256):
            await ledger.accept(0, given[place : place + 256])


async def _recorded(house: House, file: SessionFile) -> int:
    async with house.parts.database.connection() as connection:
        return await connection.fetchval("select count(*) from answer where session_id = $1", file.session_id)


async def _judge(house: House, login: str) -> httpx2.AsyncClient:
    staff = Staff(house.parts.office, house.parts.settings.server_key)
    _, code = await staff.invite("tests", login, StaffChange("某人", frozenset({Role.JUDGE}), NO_DELEGATION, False))
    client = httpx2.AsyncClient(base_url=house.office_url, headers={"Origin": house.office_url}, timeout=60)
    await _told(client, "/api/staff/welcome", {"login": login, "code": code, "password": PASSWORD})
    return client


async def _told(client: httpx2.AsyncClient, path: str, body: Any = None) -> Any:
    answer = await (client.get(path) if body is None else client.post(path, json=body))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _ms(began: float) -> float:
    return (time.monotonic() - began) * 1000


def _cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    asyncio.run(main())

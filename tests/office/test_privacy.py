"""1,600 people's ID numbers and telephone numbers go in, and are in no log, dump, append-only file or export.

Also where nobody meant them to be: typed as a number of admission, as a name that is looked for, as a login.
"""

import asyncio
import base64
import secrets
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2
from redis.asyncio import Redis

from leitai.cli.rehearsal.house import House, housed
from leitai.office import papers
from leitai.office.auditing.files import export
from leitai.office.contests import create_contest_session
from leitai.office.exporting.tables import Column, Table, write_tables
from leitai.office.final_results import FinalResults
from leitai.office.identity import IdentityHash
from leitai.office.nominations.lists import Nominations
from leitai.office.nominations.values import History
from leitai.office.pacing import Pacing
from leitai.office.result_tables import TABLES
from leitai.office.roster import import_roster
from leitai.office.session_ports import SessionSettings
from leitai.office.signing import Signer
from leitai.rules.values import DelegationCode, Micros, Phase, SessionId
from leitai.stores.embedded import postgres_program
from leitai.stores.postgres.audit_store import PostgresAudit
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.results_store import PostgresSeals
from leitai.stores.postgres.rosters_store import PostgresPeople
from tests.support.numbers import Search, id_number, phone
from tests.support.office import batch, questions
from tests.support.staffed import Office
from tests.support.stores import scratch_folder
from tests.support.waiting import PATIENCE_S

PEOPLE = 1600
NUMBERS = [one for place in range(PEOPLE) for one in (id_number(place), phone(place))]


async def seeded(house: House) -> tuple[SessionId, Office]:
    """A session of 1,600 whose file of people holds everybody's numbers."""
    office = house.parts.office
    codes = [one.code for one in await office.delegations()]
    await nominated(house, codes)
    head = "姓名,代表队,单位,产生方式,日日学之星次数,周周练积分,身份证号,手机号码,备注"
    rows = [
        f"{named(place)},{codes[place % 32]},单位{place},{'自主确定' if place // 32 < 15 else '抽签'},1,1000,"
        f"{id_number(place)},{phone(place)},{id_number(place)} {phone(place)}"
        for place in range(PEOPLE)
    ]
    contest_id = await office.create_contest("业务技能练兵比武", "组委会", 2022)
    data = "\n".join([head, *rows]).encode()
    report = await import_roster(office, contest_id, "名单.csv", data, actor="tests", dry_run=False)
    assert report.contestants is not None
    assert len(report.contestants) == PEOPLE
    await office.import_bank(batch("bank"), questions())
    lines = papers.assemble(await office.bank(), papers.share_out(10, papers.FULL_MIX), "seed")
    paper_id = await office.create_paper("试卷", "seed", lines)
    start_us = Micros(time.time_ns() // 1000 + 3600 * 1_000_000)
    settings = SessionSettings("试赛", start_us, Micros(start_us - 7200 * 1_000_000))
    created = await create_contest_session(office, house.parts.codes, contest_id, paper_id, settings)
    return created.session_id, Office(house, created.seats)


class Nobody:
    """A pool of experts without anybody."""

    async def past_honours(self, id_hashes: Sequence[bytes]) -> Mapping[bytes, History]:
        return {}


async def nominated(house: House, codes: Sequence[DelegationCode]) -> None:
    """Every province sends in its list with everybody's numbers, which are kept, sealed."""
    parts = house.parts
    contest_id = await parts.office.create_contest("另一场比武", "组委会", 2022)
    store = PostgresPeople(parts.database, parts.vault)
    lists = Nominations(
        store, Nobody(), IdentityHash(parts.settings.server_key), lambda: Micros(1), Pacing(lambda: False)
    )
    head = "名单类型,姓名,证件号码,手机号码,单位,日日学之星次数,周周练积分"
    for which, code in enumerate(codes):
        rows = [
            f"{'自主确定' if place // 32 < 15 else '推荐'},{named(place)},{id_number(place)},{phone(place)},局,1,1200"
            for place in range(which, PEOPLE, 32)
        ]
        data = "\n".join([head, *rows]).encode()
        report = await lists.upload(contest_id, code, "名单.csv", data, actor="tests", expects=0)
        assert report.kept is not None, report.refused[:3]
    async with parts.database.connection() as connection:
        kept = await connection.fetchval("select count(*) from nominee")
    assert kept >= PEOPLE


def named(place: int) -> str:
    """A name without digits."""
    return "选手" + "".join("零一二三四五六七八九"[int(digit)] for digit in str(place))


async def visited(office: Office) -> None:
    """People at both doors, some of whom type numbers where they do not belong."""
    seat = office.seats[0]
    contestant = await office.contestant(seat)
    assert (await contestant.get("/api/me")).status_code == 200
    async with httpx2.AsyncClient(
        base_url=office.house.url, headers={"Origin": office.house.url}, timeout=PATIENCE_S
    ) as stranger:
        for typed in (id_number(7), phone(7)):
            body = {"admission_no": typed, "code": id_number(8)}
            assert (await stranger.post("/api/sign-in", json=body)).status_code == 401
            await stranger.get(f"/api/sessions/1/boards/find?q={typed}")
            assert (await stranger.get(f"/{typed}")).status_code == 404
    auditor = await office.account("auditor", "auditor")
    for typed in (id_number(9), phone(9)):
        await auditor.get(f"/api/staff/sessions/1/results?name={typed}")
        await auditor.get(f"/api/staff/audit?text={typed}")
        login = {"login": phone(10), "password": id_number(10)}
        assert (await auditor.post("/api/staff/sign-in", json=login)).status_code == 401


async def told(house: House, data: Path, session_id: SessionId) -> dict[str, bytes]:
    """Everything that is written down or can be taken out by whoever may not see numbers."""
    parts = house.parts
    files = await asyncio.to_thread(_written, data, parts.settings.database_url)
    seals = PostgresSeals(parts.database, parts.vault)
    results = FinalResults(parts.office, seals, PostgresAwards(parts.database))
    judged = await results.judged(session_id)
    for name in TABLES:
        files[f"{name}.xlsx"] = await results.table(judged, name)
    for delegation in await parts.office.delegations():
        files[f"{delegation.code}.xlsx"] = await results.table(judged, "province", delegation.code)
    files["bundle.zip"] = (await results.bundle(session_id)).content
    exported = export(PostgresAudit(parts.database), Signer(seals))
    files["audit.jsonl"] = b"".join([part async for part in exported])
    return files


def _written(data: Path, dsn: str) -> dict[str, bytes]:
    paths = {path for path in data.rglob("*.log*") if path.is_file()}
    paths |= {path for path in (data / "valkey").rglob("*") if path.is_file()}
    files = {str(path.relative_to(data)): path.read_bytes() for path in paths}
    dump = postgres_program.installed() / "bin" / "pg_dump"
    done = subprocess.run([str(dump), "--dbname", dsn], capture_output=True, check=True, timeout=300)
    return {**files, "dump": done.stdout}


async def test_no_number_of_anybody_is_anywhere() -> None:
    search = Search(NUMBERS)
    with scratch_folder() as folder:
        data = folder / "data"
        async with housed(data) as house:
            session_id, office = await seeded(house)
            async with house.open_doors():
                await visited(office)
                await office.close()
            file = await house.parts.archive.load_session(session_id)
            await house.parts.archive.save_phase(session_id, Phase.FINALIZED, file.start_us)
            files = await told(house, data, session_id)
            assert any(name.endswith(".aof") for name in files), sorted(files)
            assert any("gateway" in name for name in files), sorted(files)
            assert files["dump"].count("选手".encode()) >= PEOPLE
            assert sum(map(len, files.values())) > 1_000_000
            found = {name: search.found(content) for name, content in files.items()}
            assert {name: numbers for name, numbers in found.items() if numbers} == {}
            await _can_find(house, data, session_id, search)


async def _can_find(house: House, data: Path, session_id: SessionId, search: Search) -> None:
    """The same search over the same places, each with a number put in on purpose, finds it."""
    one, other, third, fourth, fifth = (id_number(1), phone(2), id_number(3), phone(4), id_number(5))
    halves = other[5:] + other[:5]
    await house.parts.office.audit("tests", "planted", "subject", {"note": one, "halves": halves})
    async with Redis.from_url(house.stores.valkey_url) as valkey:
        await valkey.set(secrets.token_hex(4), b"xy" + base64.b64encode(f"?{third}!".encode()))
    planted = data / "logs" / "planted.log"
    await asyncio.to_thread(planted.write_text, f'{{"event": "planted", "no": "{fourth[::-1]}"}}')
    files = await told(house, data, session_id)
    files["planted.xlsx"] = write_tables([Table("表", (Column("号码"),), [(fifth.encode().hex(),)])])
    places = {name: search.found(content) for name, content in files.items()}
    assert places["dump"] == {one, other}
    assert places["audit.jsonl"] == {one, other}
    assert set().union(*(numbers for name, numbers in places.items() if name.endswith(".aof"))) >= {third}
    assert places["logs/planted.log"] == {fourth}
    assert places["planted.xlsx"] == {fifth}


def test_every_number_would_be_found_in_every_form() -> None:
    search = Search(NUMBERS)
    for number in NUMBERS[:40]:
        half = len(number) // 2
        for form in (number, number[half:] + number[:half], number[::-1], number.encode().hex()):
            assert search.found(f"…{form}…".encode()) == {number}, form
        for before in range(4):
            form = base64.b64encode(("x" * before + number + "y").encode()).decode()
            assert number in search.found(f"…{form}…".encode()), form
        assert search.found(f"{number[:-1]}".encode()) == set()
    everything = " ".join(NUMBERS).encode()
    assert search.found(everything) == set(NUMBERS)

"""How long 32 provinces take that all upload at once, 15 named and 100 nominated each, and a nation's tickets.

    .venv/bin/python -m tests.web.measure_nominations

Real PostgreSQL (which does not sync), the office's application in this process, its doors over ASGI. Each province
checks its file and then uploads it, as its page does.
"""

import asyncio
import time

import httpx2

from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.people_ports import Person, RosterLine
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import DelegationCode, Micros
from tests.support.nominations import FILE, listed, nomination_file, people_office, practice_file, sent
from tests.support.office import START_US, batch, questions, stores_at
from tests.support.stores import fresh_database, running_postgres

LIMIT_S = 30.0


async def main() -> int:
    """Measure, print, and return 0 when the limit is kept."""
    with running_postgres() as postgres:
        async with (
            fresh_database(postgres) as dsn,
            stores_at(dsn) as stores,
            people_office(stores, two_persons=False) as office,
        ):
            delegations = await stores.office.delegations()
            contest = await stores.office.create_contest("比武", "组委会", 2022)
            files = {one.code: nomination_file(listed(1000 * n + 1)) for n, one in enumerate(delegations)}
            leaders = {one.code: await office.person(f"l{one.code}", "team_leader", one.code) for one in delegations}
            ministry = await office.person("ministry", "operator")
            practice = await office.person("practice", "practice_office")
            records = {1000 * n + one: (1, 1000) for n in range(len(delegations)) for one in range(1, 116)}
            began = time.perf_counter()
            data = practice_file(records)
            path = f"/api/staff/practice-records/{contest}?keep=true"
            assert (await practice.post(path, content=data, headers=FILE)).json()["practice"]["records"] == len(records)
            print(f"practice records of {len(records)} people: {time.perf_counter() - began:.1f} s")

            async def province(code: DelegationCode, leader: httpx2.AsyncClient) -> float:
                asked = time.perf_counter()
                assert not (await sent(leader, contest, code, files[code]))["problems"]
                kept = await sent(leader, contest, code, files[code], 0)
                assert (kept["standing"]["named"], kept["standing"]["nominated"], kept["ineligible"]) == (15, 100, 0)
                return time.perf_counter() - asked

            began = time.perf_counter()
            took = await asyncio.gather(*(province(code, leader) for code, leader in leaders.items()))
            whole = time.perf_counter() - began
            print(f"{len(took)} provinces, {115 * len(took)} people at once: {whole:.1f} s, longest {max(took):.1f} s")
            began = time.perf_counter()
            overview = await ministry.get(f"/api/staff/nominations/{contest}")
            assert len(overview.json()["provinces"]) == len(delegations)
            print(f"the ministry's overview: {time.perf_counter() - began:.2f} s")

            await stores.office.import_bank(batch("bank"), questions())
            lines = papers.assemble(await stores.office.bank(), papers.share_out(10, papers.FULL_MIX), "seed")
            paper = await stores.office.create_paper("试卷", "seed", lines)
            seats = [
                RosterLine(seat, "named", Person(one.code, f"选手{'甲乙丙丁'[seat % 4]}", "某单位", 1, 100_000))
                for one in delegations
                for seat in range(1, 51)
            ]
            await stores.office.import_roster(contest, batch("roster"), seats)
            settings = SessionSettings("比试", START_US, Micros(START_US - 1))
            made = await create_contest_session(stores.office, stores.codes, contest, paper, settings)
            for together in (False, True):
                began = time.perf_counter()
                body = {"session": made.session_id, "codes": True, "together": together}
                job = (await ministry.post("/api/staff/tickets", json=body)).json()
                while not (told := (await ministry.get(f"/api/staff/tickets/{job['job']}")).json())["ready"]:
                    assert not told["fault"], told
                    await asyncio.sleep(0.1)
                size = sum(one["bytes"] for one in told["files"]) / 1e6
                print(
                    f"{told['total']} tickets in {len(told['files'])} files ({size:.1f} MB): "
                    f"{time.perf_counter() - began:.1f} s"
                )
    return 0 if whole <= LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))

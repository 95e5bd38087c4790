"""Results and the audit at the staff's door: who sees what and when, files that hold no formula, and what is written
down about it.
"""

import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import httpx2
import openpyxl
import pytest

from leitai.live.ports import SessionFile
from leitai.office import final_results
from leitai.office.auditing.chain import ChainCheck
from leitai.office.auditing.files import read
from leitai.office.bundle.verifying import verify
from leitai.office.exporting.tables import write_tables
from leitai.office.result_tables import TABLES
from leitai.office.results import recompute
from leitai.rules.award_corrections import Correction, Rename, Withdraw
from leitai.rules.effects import StrikeOff
from leitai.rules.rights import Role
from leitai.rules.values import ActorId, Micros, Phase
from leitai.stores.postgres.awards_store import PostgresAwards
from tests.support.awarded import publish_list
from tests.support.finished import FORMULAS, finished_contest
from tests.support.office import Stores, stores_at
from tests.support.waiting import eventually
from tests.web import test_staff

office = test_staff.office
OWN, OTHER = "110000", "660000"
BENCH = {"judge", "chief_judge", "auditor"}


@dataclass(frozen=True)
class House:
    stores: Stores
    file: SessionFile
    office: test_staff.Office

    def path(self, rest: str) -> str:
        return f"/api/staff/sessions/{self.file.session_id}{rest}"

    async def phase(self, phase: Phase, *, frozen: bool = False) -> None:
        since = Micros(self.file.start_us + 5) if frozen else None
        await self.stores.archive.save_phase(self.file.session_id, phase, self.file.start_us, since)

    def sitting(self, delegation: str) -> int:
        return next(one.sitting_id for one in self.file.members if one.delegation == delegation)

    async def written_down(self) -> list[tuple[str, str, dict[str, Any]]]:
        async with self.stores.database.connection() as connection:
            rows = await connection.fetch("select actor, action, detail from audit order by no")
        return [(row["actor"], row["action"], json.loads(row["detail"])) for row in rows]


@pytest.fixture
async def house(office: test_staff.Office, database: str) -> AsyncIterator[House]:
    async with stores_at(database) as stores:
        yield House(stores, await finished_contest(stores), office)


async def test_each_sees_what_is_theirs_and_in_its_time(house: House) -> None:
    browsers = {
        role.value: await house.office.account(
            role.value.replace("_", "-"), role.value, delegation=OWN if role is Role.TEAM_LEADER else ""
        )
        for role in Role
    }
    doors = {
        "people": (house.path("/results"), BENCH | {"operator", "team_leader"}),
        "own people": (house.path(f"/results?delegation={OWN}"), BENCH | {"operator", "team_leader"}),
        "other people": (house.path(f"/results?delegation={OTHER}"), BENCH | {"operator"}),
        "own person": (house.path(f"/results/{house.sitting(OWN)}"), BENCH | {"operator", "team_leader"}),
        "other person": (house.path(f"/results/{house.sitting(OTHER)}"), BENCH | {"operator"}),
        "delegations": (house.path("/delegations"), BENCH | {"operator"}),
        "own province": (house.path(f"/tables/province?delegation={OWN}"), BENCH | {"operator", "team_leader"}),
        "other province": (house.path(f"/tables/province?delegation={OTHER}"), BENCH | {"operator"}),
        **{name: (house.path(f"/tables/{name}"), BENCH | {"operator"}) for name in TABLES},
        "bundle": (house.path("/bundle"), {"auditor", "chief_judge", "operator"}),
    }

    async def seen() -> tuple[str, bool]:
        told = (await browsers["auditor"].get(house.path("/results"))).json()
        return told.get("phase", ""), told.get("published", False)

    for phase, frozen in (
        (Phase.RUNNING, False),
        (Phase.UNDER_REVIEW, True),
        (Phase.UNDER_REVIEW, False),
        (Phase.FINALIZED, True),
        (Phase.FINALIZED, False),
    ):
        await house.phase(phase, frozen=frozen)
        if phase is not Phase.RUNNING:
            # A record is believed for half a second.
            wanted = (phase.value, not frozen)
            await eventually(seen, lambda told, wanted=wanted: told == wanted)
        for name, (path, allowed) in doors.items():
            for role, browser in browsers.items():
                status = (await browser.get(path)).status_code
                over = phase is not Phase.RUNNING and (not frozen or role in BENCH)
                in_time = over and (name != "bundle" or phase is Phase.FINALIZED)
                # Nobody else's province, whenever it is; what is not there yet is refused alike.
                assert status == (200 if role in allowed and in_time else 403), (name, role, phase, frozen)
    for role, browser in browsers.items():
        listed = (await browser.get("/api/staff/results")).status_code
        assert listed == (200 if role in BENCH | {"operator", "team_leader"} else 403), role
        for path in ("/api/staff/audit", "/api/staff/audit/state", "/api/staff/audit/export"):
            status = (await browser.get(path)).status_code
            assert status == (200 if role in ("auditor", "administrator") else 403), (role, path)
    nobody = house.office.browser()
    for path, _ in doors.values():
        assert (await nobody.get(path)).status_code == 401
    written = await house.written_down()
    assert ("team-leader", "export-results", {"table": "province", "delegation": OWN}) in written
    refused = {"table": "province", "delegation": OTHER, "code": "forbidden"}
    assert ("team-leader", "export-results-refused", refused) in written
    assert ("setter", "results-bundle-refused", {"code": "forbidden"}) in written


async def test_a_page_of_people_and_one_of_them_explained(house: House) -> None:
    auditor = await house.office.account("auditor", "auditor")
    sessions = (await auditor.get("/api/staff/results")).json()
    assert [one["session"] for one in sessions["sessions"]] == [house.file.session_id]
    people = (await auditor.get(house.path("/results"))).json()
    standings = json.loads(await recompute(house.stores.office, house.file.session_id))["individuals"]
    assert [one["sitting"] for one in people["rows"]][: len(standings)] == [one["sitting_id"] for one in standings]
    assert people["total"] == len(house.file.members)
    assert [(one["rank"], one["struck"]) for one in people["rows"] if one["struck"]] == [(0, True)]
    for standing in standings:
        told = (await auditor.get(house.path(f"/results/{standing['sitting_id']}"))).json()
        assert told["centipoints"] == standing["centipoints"] == sum(one["centipoints"] for one in told["items"])
        assert told["elapsed_us"] == standing["elapsed_us"] == sum(one["taken_us"] for one in told["items"])
        first, second, third = told["items"][:3]
        assert (first["verdict"], first["rulings"][0]["kind"]) == ("void", "void_item")
        assert first["rulings"][0]["reason"] == "题目有误"
        own = standing["sitting_id"] == house.file.members[0].sitting_id
        assert (second["verdict"] == "adjusted") is own
        assert [one["kind"] for one in second["rulings"]] == (["adjust_judgement"] if own else [])
        ours = told["delegation"] == OWN
        assert [one["kind"] for one in third["rulings"]] == (["compensate"] if ours else [])
    struck = (await auditor.get(house.path(f"/results/{house.file.members[1].sitting_id}"))).json()
    assert (struck["struck"], struck["centipoints"], struck["rulings"][0]["kind"]) == (True, 0, "strike_off")
    found = (await auditor.get(house.path("/results?name=SUM"))).json()
    assert [one["name"] for one in found["rows"]] == ["@SUM(A1)"]
    for odd in ("?page=9", "/99999"):
        assert (await auditor.get(house.path(f"/results{odd}"))).status_code == 404
    for odd in ("?delegation=1", "?page=0", f"?name={'长' * 33}"):
        assert (await auditor.get(house.path(f"/results{odd}"))).status_code == 400
    delegations = (await auditor.get(house.path("/delegations"))).json()["rows"]
    assert [one["rank"] for one in delegations] == [1, 2, 3]
    assert delegations[0]["prize"] == "team_grand"
    assert sum(one["struck"] for one in delegations) == 1


async def test_a_province_sees_awards_once_they_are_published(house: House) -> None:
    leader = await house.office.account("leader", "team_leader", delegation=OWN)
    auditor = await house.office.account("auditor", "auditor")

    async def seen() -> tuple[set[str], set[str], set[str]]:
        own, all_ = [
            {one["award"] for one in (await browser.get(house.path(f"/results?delegation={OWN}"))).json()["rows"]}
            for browser in (leader, auditor)
        ]
        content = (await leader.get(house.path(f"/tables/province?delegation={OWN}"))).content
        sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
        return own, all_, {str(row[9] or "") for row in sheet.iter_rows(min_row=3, values_only=True)}

    own, all_, table = await seen()
    assert own == {""}
    assert "knowledge" in all_
    assert table == {""}
    stores, session_id = house.stores, house.file.session_id
    await publish_list(stores.database, stores.office, session_id, ActorId("leader"), ActorId("auditor"))
    own, all_, table = await seen()
    assert own == all_
    assert "全国“人社知识通”" in table


async def test_tables_come_back_as_they_were_written_and_hold_no_formula(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def noted(tables: Any) -> bytes:
        threads.append(threading.current_thread())
        return write_tables(tables)

    monkeypatch.setattr(final_results, "write_tables", noted)
    auditor = await house.office.account("auditor", "auditor")
    standings = json.loads(await recompute(house.stores.office, house.file.session_id))
    sheets: dict[str, list[list[list[Any]]]] = {}
    for name in [*TABLES, f"province?delegation={OTHER}"]:
        answer = await auditor.get(house.path(f"/tables/{name}"))
        assert answer.headers["content-disposition"].endswith(".xlsx")
        book = openpyxl.load_workbook(BytesIO(answer.content))
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                assert all(cell.data_type in ("s", "n") and cell.hyperlink is None for cell in row)
        sheets[name.partition("?")[0]] = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert threading.main_thread() not in threads
    ((note, head, *rows),) = sheets["national"]
    assert note[0] == "业务技能练兵比武 · 在线比试 · 已定榜"
    assert head[:6] == ["名次", "姓名", "代表队", "准考证号", "得分", "用时（秒）"]
    told = [(row[0], round(row[4] * 100), round(row[5] * 1e6)) for row in rows]
    assert told == [(one["rank"], one["centipoints"], one["elapsed_us"]) for one in standings["individuals"]]
    assert {*FORMULAS} <= {row[1] for row in rows}
    ((_, _, *rows),) = sheets["province"]
    assert [row[11] for row in rows if row[1] in FORMULAS] == [f"={row[1]}" for row in rows if row[1] in FORMULAS]
    assert len(rows) == 4
    ((_, _, *rows),) = sheets["delegations"]
    told = [(row[0], round(row[2] * 100)) for row in rows]
    assert told == [(one["rank"], one["centipoints"]) for one in standings["delegations"]]
    assert [row[6] for row in rows].count(1) == 1
    ((_, _, *rows),) = sheets["items"]
    assert [row[0] for row in rows] == list(range(1, 11))
    assert all(0 <= row[8] <= 1 and -1 <= row[11] <= 1 for row in rows)
    persons, teams, opened, put_right = sheets["awards"]
    assert len(put_right) == 2
    assert len(persons) > 5
    assert [row[0] for row in teams[2:]] == ["团体特等奖", "团体一等奖", "团体一等奖"]
    assert any("空缺" in row[0] for row in opened[2:])
    assert (await auditor.get(house.path("/tables/secrets"))).status_code == 404
    assert (await auditor.get(house.path("/tables/province?delegation=999999"))).status_code == 404
    assert (await auditor.get(house.path("/tables/province"))).status_code == 400


async def test_what_was_put_right_after_the_end_is_in_the_awards_and_told(house: House) -> None:
    auditor = await house.office.account("auditor", "auditor")

    async def told() -> tuple[list[list[Any]], list[list[Any]], set[str]]:
        content = (await auditor.get(house.path("/tables/awards"))).content
        sheets = openpyxl.load_workbook(BytesIO(content)).worksheets
        persons, _, _, put_right = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in sheets]
        listed = (await auditor.get(house.path("/results"))).json()["rows"]
        return persons, put_right, {one["name"] for one in listed if one["award"]}

    before, none, holders = await told()
    assert (before[0][0], none[2:]) == ("业务技能练兵比武 · 在线比试 · 已定榜", [])
    first, second = (row[2] for row in before[2:4])
    sitting = {one.name: one.sitting_id for one in house.file.members}
    await house.office.account("chief", "chief_judge")
    awards, chief, at_us = PostgresAwards(house.stores.database), ActorId("chief"), Micros(1_669_701_909_000_000)
    newest = 0
    for effect in (
        StrikeOff(sitting[first]),
        Rename(sitting[second], "=改名"),
        Rename(sitting[second], "误改"),
        Withdraw(3),
    ):
        made = Correction(0, effect, "异议属实", chief, at_us)
        newest = await awards.add_correction(house.file.session_id, made, newest)
    after, put_right, holding = await told()
    assert after[0][0] == "业务技能练兵比武 · 在线比试 · 已定榜 · 含定榜后更正 2 项"
    assert first not in [row[2] for row in after[2:]]
    assert (after[2][:3], after[2][6]) == ([before[2][0], 1, "=改名"], 1)
    assert [row[1] for row in put_right[2:]] == ["取消资格", "更正姓名", "更正姓名", "撤回更正"]
    assert [row[2] for row in put_right[2:]] == [first, f"{second} → =改名", f"{second} → 误改", "第 3 号"]
    assert [row[7] for row in put_right[2:]] == ["生效", "生效", "已撤回", ""]
    assert put_right[2][3:7] == ["异议属实", None, "chief", "2022-11-29 14:05:09"]
    # Standings stay as they were published; who holds an award does not.
    assert first in holders - holding
    national = (await auditor.get(house.path("/tables/national"))).content
    rows = list(openpyxl.load_workbook(BytesIO(national)).worksheets[0].iter_rows(min_row=3, values_only=True))
    assert (rows[0][:2], rows[0][9]) == ((1, first), "")


async def test_the_bundle_and_its_key(house: House) -> None:
    chief = await house.office.account("chief", "chief_judge")
    answer = await chief.get(house.path("/bundle"))
    key = (await chief.get("/api/staff/results")).json()["key"]
    assert verify(answer.content, bytes.fromhex(key)).findings == ()
    assert answer.content == (await chief.get(house.path("/bundle"))).content
    assert (await chief.get("/api/staff/sessions/404/bundle")).status_code == 404


async def test_the_audit_is_read_checked_and_taken_out(house: House) -> None:
    auditor = await house.office.account("auditor", "auditor")
    for number in range(120):
        await house.stores.office.audit("li", "tried", f"thing {number}", {"before": {"n": number}, "after": {"n": 0}})
    page = (await auditor.get("/api/staff/audit")).json()
    assert len(page["lines"]) == 100
    newest = page["lines"][0]
    assert (newest["actor"], newest["subject"], newest["detail"]["before"]) == ("li", "thing 119", {"n": 119})
    older = (await auditor.get(f"/api/staff/audit?before={page['before']}")).json()
    numbers = [one["no"] for one in [*page["lines"], *older["lines"]]]
    assert numbers == list(range(numbers[0], 0, -1))
    assert older["before"] == 0
    signed_in = (await auditor.get("/api/staff/audit?action=staff-welcome")).json()["lines"]
    assert [(one["actor"], one["name"]) for one in signed_in] == [("auditor", "王芳")]
    assert [one["subject"] for one in (await auditor.get("/api/staff/audit?text=THING%207")).json()["lines"]][-1] == (
        "thing 7"
    )
    for odd in ("before=x", f"text={'x' * 101}", "from_us=-1"):
        assert (await auditor.get(f"/api/staff/audit?{odd}")).status_code == 400
    state = (await auditor.get("/api/staff/audit/state")).json()
    assert (state["checked"], state["broken"], state["why"]) == (numbers[0], 0, "")
    assert {"li", "auditor"} <= set(state["actors"])
    exported = await auditor.get("/api/staff/audit/export")
    check = ChainCheck()
    fault, key = read(exported.content, check, None)
    assert (fault, check.breaks, check.head.no) == ("", [], numbers[0] + 1)
    assert key.hex() == (await auditor.get("/api/staff/results")).json()["key"]
    async with house.stores.database.connection() as connection:
        await connection.execute("alter table audit disable trigger user")
        await connection.execute("update audit set actor = 'nobody' where no = 7")
        await connection.execute("alter table audit enable trigger user")
    found = (await auditor.post("/api/staff/audit/check", json={})).json()
    assert (found["broken"], found["why"]) == (7, "changed")
    last = (await house.written_down())[-1]
    assert last[:2] == ("auditor", "check-audit")
    assert last[2]["broken"] == 7
    assert isinstance(auditor, httpx2.AsyncClient)

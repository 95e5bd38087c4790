"""The staff's doors of practice: organisations, and what practice tells nominations."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from leitai.rules.practice_boards import Kind
from tests.support.learners import TODAY, Practice, practising, table
from tests.support.nominations import (
    FILE,
    PeopleOffice,
    id_number,
    line,
    nomination_file,
    people_office,
    sent,
)
from tests.support.office import stores_at

JILIN, HEBEI = "220000", "130000"
IMPORT = "/api/staff/organisations/import?file=tree.xlsx"


@pytest.fixture
async def office(database: str) -> AsyncIterator[PeopleOffice]:
    async with stores_at(database) as stores, people_office(stores) as opened:
        yield opened


@pytest.fixture
async def practice(database: str) -> AsyncIterator[Practice]:
    async with practising(database) as practice:
        yield practice


async def test_a_province_brings_its_organisations_dry_first(office: PeopleOffice, practice: Practice) -> None:
    leader = await office.person("jilin", "team_leader", JILIN)
    data = table(["220100", "长春市", "市", JILIN], ["U-1", "窗口", "县", "220100"], ["U-2", "窗口", "市", "220100"])
    dry = (await leader.post(f"{IMPORT}&dry_run=1", content=data, headers=FILE)).json()
    assert (dry["added"], dry["refused_rows"], dry["committed"]) == (2, 1, False)
    assert dry["problems"] == [
        {
            "sheet": "机构",
            "row": 4,
            "column": "级别",
            "code": "organisation-level",
            "sentence": "级别应低于上级机构。长春市",
        }
    ]
    assert not (await leader.post(IMPORT, content=data, headers=FILE)).json()["committed"]
    assert (await leader.post(f"{IMPORT}&leave_out=1", content=data, headers=FILE)).json()["committed"]
    assert await office.audited("import-organisations") == [("jilin", "organisations")]
    named = "/api/staff/organisations/import?file=%E6%A0%91%00.xlsx&leave_out=1"
    renamed = table(["220100", "长春", "市", JILIN])
    assert (await leader.post(named, content=renamed, headers=FILE)).json()["changed"] == 1, "whatever a file is called"
    await leader.post(f"{IMPORT}&leave_out=1", content=data, headers=FILE)
    again = (await leader.post(f"{IMPORT}&dry_run=1", content=data, headers=FILE)).json()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)

    await practice.learner("window", at="U-1")
    (province,) = (await leader.get("/api/staff/organisations")).json()["organisations"]
    assert (province["name"], province["learners"], province["inner"]) == ("吉林省", 1, True)
    under = (await leader.get(f"/api/staff/organisations?parent={province['organisation']}")).json()
    assert [(one["code"], one["learners"]) for one in under["organisations"]] == [("220100", 1)]
    other = (await leader.post(IMPORT, content=table(["130100", "石家庄市", "市", HEBEI]), headers=FILE)).json()
    assert [one["code"] for one in other["problems"]] == ["organisation-not-own"]
    hebei = await practice.organisation(HEBEI)
    assert (await leader.get(f"/api/staff/organisations?parent={hebei}")).status_code == 403
    assert (await leader.get("/api/staff/organisations?parent=999999")).status_code == 404


WRONG_ROWS = (
    (["", "窗口", "单位", "220000"], "机构编码", "missing"),
    (["U 1!", "窗口", "单位", "220000"], "机构编码", "organisation-code"),
    (["U-1", "", "单位", "220000"], "机构名称", "missing"),
    (["U-1", "长" * 81, "单位", "220000"], "机构名称", "too-long"),
    (["U-1", "窗口", "星球", "220000"], "级别", "organisation-level-unknown"),
    (["U-1", "窗口", "", "220000"], "级别", "missing"),
    (["U-1", "窗口", "单位", ""], "上级编码", "missing"),
    (["U-1", "窗口", "单位", "220000", "也许"], "状态", "organisation-state"),
    (["U-1", "窗口", "单位", "U-1"], "上级编码", "organisation-cycle"),
    (["U-1", "窗口", "单位", "nowhere"], "上级编码", "organisation-parent-unknown"),
)


async def test_rows_that_cannot_be_taken(practice: Practice) -> None:
    for row, column, code in WRONG_ROWS:
        report = await practice.bring(table(["220100", "长春市", "市", "220000"], row))
        assert [(one.row, one.column, one.code) for one in report.refused] == [(3, column, code)]
        assert not report.committed


async def test_who_may_see_and_bring_organisations(office: PeopleOffice) -> None:
    for role in ("setter", "reviewer", "operator", "judge", "chief_judge", "broadcast_director", "auditor"):
        client = await office.person(role, role)
        assert (await client.get("/api/staff/organisations")).status_code == 403, role
        assert (await client.get("/api/staff/organisations/template")).status_code == 403
        assert (await client.post(IMPORT, content=b"x", headers=FILE)).status_code == 403
        assert (await client.post("/api/staff/practice/evidence", json={"contest": 1})).status_code == 403
    desk = await office.person("practice", "practice_office")
    assert len((await desk.get("/api/staff/organisations")).json()["organisations"]) == 32
    assert (await desk.get("/api/staff/organisations/template")).content.startswith(b"PK")
    broken = (await desk.post(IMPORT, content=b"x", headers=FILE)).json()
    assert [one["code"] for one in broken["problems"]] in (["file-no-sheet"], ["no-table"])


async def test_what_was_practised_turns_eligibility(office: PeopleOffice, practice: Practice) -> None:
    contest = await office.stores.office.create_contest("业务技能练兵比武", "组委会", 2022)
    leader = await office.person("beijing", "team_leader", "110000")
    desk = await office.person("practice", "practice_office")
    rows = [line(number, 日日学之星次数=0, 周周练积分=0) for number in (1, 2, 3)]
    await sent(leader, contest, "110000", nomination_file(rows), 0)

    good = await practice.learner("good", "人员一", id_number=id_number(1))
    # Whoever gives another's number under another name is told to nobody.
    wrong = await practice.learner("wrong", "冒名", id_number=id_number(2))
    for who in (good, wrong):
        for back in range(50):
            await practice.earn(who, 2_000, on=TODAY - timedelta(days=back))
            if back < 20:
                await practice.earn(who, 0, on=TODAY - timedelta(days=back), kind=Kind.DAILY, questions=30)
    # After the day by which eligibility is measured nothing counts, and of another year neither.
    await practice.earn(good, 2_000, on=date(2022, 9, 1))
    await practice.earn(good, 2_000, on=date(2021, 12, 31))

    told = (await desk.post("/api/staff/practice/evidence", json={"contest": contest})).json()
    assert told == {"as_of": "2022-08-31", "matched": 1, "nominees": 3}
    people = (await leader.get(f"/api/staff/nominations/{contest}/110000")).json()["people"]
    assert [(one["eligible"], one["practice"], one["recorded"]) for one in people] == [
        (True, "2022-08-31", True),
        (False, "2022-08-31", False),
        (False, "2022-08-31", False),
    ]
    async with office.stores.database.connection() as connection:
        kept = await connection.fetchrow("select daily_star_titles, weekly_centipoints from practice_record")
    assert tuple(kept) == (1, 100_000)
    assert await office.audited("import-practice") == [("practice", f"contest {contest}")]
    assert (await desk.post("/api/staff/practice/evidence", json={"contest": 99})).status_code == 404

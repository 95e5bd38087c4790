"""The expert pool on a real database: history imported, people matched, moved and joined, winners taken in once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from leitai.office.importing.problems import FileRefused
from leitai.office.importing.tables import read_tables
from leitai.office.nominations.values import History
from leitai.office.pool.exporting import pool_template, pool_workbook
from leitai.office.pool.history import PoolHistory
from leitai.office.pool.pool import PoolRefused
from leitai.office.pool.ports import PoolPerson, PoolQuery
from leitai.office.pool.reading import TEMPLATE_HEAD, read_kind, read_pool_file
from leitai.rules.eligibility import ContestKind, Honour, HonourKind, Participation
from leitai.rules.pool import PoolHonour, PoolKind, PoolState, Source
from leitai.rules.values import DelegationCode
from tests.support.pool import BEIJING, HEBEI, PoolHouse, id_number, pool_house, row, table


@pytest.fixture
async def house(database: str) -> AsyncIterator[PoolHouse]:
    async with pool_house(database) as opened:
        yield opened


@dataclass(frozen=True)
class Titled:
    """A winner as the awards tell of one."""

    contestant_id: int
    name: str
    delegation: DelegationCode
    unit: str
    kind: str
    place: int
    contest: str = ""


async def everybody(house: PoolHouse, query: PoolQuery | None = None) -> list[PoolPerson]:
    return await house.pool.everybody(query or PoolQuery())


def won(person: PoolPerson) -> set[tuple[int, str, str, int]]:
    return {(one.year, one.kind, one.title, one.place) for one in person.expert.honours}


async def test_history_is_read_dry_first_and_taken_in_whole(house: PoolHouse) -> None:
    rows = [
        row("张三", 1, 专长="社会保险、劳动关系", 手机号="13800001234"),
        row("张三", 1, 年份=2019, 荣誉="全国赛", 奖项名称="一等奖", 名次="第3名"),
        row("李四", 年份="2020年", 荣誉="省级奖项", 奖项名称="=1+1"),
        row("王五", 2, 省份="新疆兵团", 荣誉="全国“人社知识通”", 名次="", 状态="离岗"),
    ]
    dry = await house.history(*rows, dry_run=True)
    assert (dry.rows, dry.plan.added, dry.refused, dry.committed) == (4, 3, (), False)
    assert await everybody(house) == []
    assert (await house.history(*rows)).committed
    zhang, li, wang = sorted(await everybody(house), key=lambda one: ["张三", "李四", "王五"].index(one.expert.name))
    assert won(zhang) == {(2021, "star", "", 2), (2019, "national", "一等奖", 3)}
    assert zhang.expert.expertise == ("社会保险", "劳动关系")
    assert (zhang.private.id_number, zhang.private.phone) == (id_number(1), "13800001234")
    assert won(li) == {(2020, "provincial", "=1+1", 2)}
    assert (wang.expert.province, wang.expert.state) == ("660000", PoolState.LEFT)
    # All of it once more is nothing new.
    again = await house.history(*rows)
    assert (again.plan.changes, again.plan.unchanged, again.committed) == ((), 3, False)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"姓名": ""}, "姓名", "missing"),
    ({"身份证号": "110105194912310021"}, "身份证号", "pool-id-number"),
    ({"身份证号": 110105194912310021}, "身份证号", "pool-id-number"),
    ({"手机号": "12345"}, "手机号", "pool-phone"),
    ({"省份": "火星"}, "省份", "delegation-unknown"),
    ({"年份": 2018}, "年份", "pool-year"),
    ({"年份": 2027}, "年份", "pool-year"),
    ({"年份": ""}, "年份", "missing"),
    ({"荣誉": "拾金不昧"}, "荣誉", "pool-honour"),
    ({"荣誉": ""}, "荣誉", "missing"),
    ({"名次": "很高"}, "名次", "number-unreadable"),
    ({"状态": "不详"}, "状态", "pool-state"),
    ({"单位": "某" * 201}, "单位", "too-long"),
    ({"专长": "、".join("甲乙丙丁戊己庚辛壬癸子")}, "专长", "pool-too-many"),
]


async def test_a_row_is_refused_for_its_reason(house: PoolHouse) -> None:
    for changes, column, code in WRONG:
        report = await house.history(row("李四"), row("张三", **changes))
        assert [(one.row, one.column, one.code) for one in report.refused] == [(3, column, code)], changes
        assert not report.committed
        assert id_number(1) not in report.refused[0].say()
    kept = await house.history(row("李四"), row("张三", 年份=1999), leave_out=True)
    assert kept.committed
    assert [one.expert.name for one in await everybody(house)] == ["李四"]


async def test_what_is_no_table_is_refused(house: PoolHouse) -> None:
    with pytest.raises(FileRefused) as refused:
        await house.pool.import_history("x", b"PK\x03\x04nothing", actor="tests", own=None, dry_run=True)
    assert refused.value.code == "file-broken"


async def test_one_honour_of_one_person_twice(house: PoolHouse) -> None:
    report = await house.history(row("张三", 1), row("张三", 1, 名次=3))
    assert [(one.row, one.code, one.detail) for one in report.refused] == [(3, "pool-honour-repeated", "能手库!2")]


async def test_who_is_meant_without_a_number(house: PoolHouse) -> None:
    await house.history(row("张三", 1), row("张三", 2, 单位="某厅"), row("李四", 单位="某局"))
    # By unit; by nothing that is enough; by a number that was not known before.
    report = await house.history(
        row("张三", 年份=2020), row("张三", 年份=2020, 单位="某市局"), row("李四", 3, 单位="某局", 年份=2020)
    )
    assert report.committed
    assert (report.plan.added, report.plan.changed) == (1, 2)
    assert [one.draft.name for one in report.plan.possible] == ["张三"]
    (li,) = await everybody(house, PoolQuery("李四"))
    assert li.private.id_number == id_number(3)
    assert won(li) == {(2021, "star", "", 2), (2020, "star", "", 2)}
    assert len(await everybody(house, PoolQuery("张三"))) == 3
    # Two of one name and unit are told apart by numbers alone.
    await house.history(row("赵六", 4), row("赵六", 5))
    unclear = await house.history(row("赵六", 年份=2020))
    assert [one.code for one in unclear.refused] == ["pool-unclear"]
    assert [one.code for one in (await house.history(row("孙七", 6), row("孙七", 7), row("孙七"))).refused] == [
        "pool-unclear"
    ]


async def test_a_province_writes_about_its_own_people(house: PoolHouse) -> None:
    other = await house.history(row("张三", 1, 省份="河北"), own=BEIJING)
    assert [one.code for one in other.refused] == ["pool-not-own"]
    await house.history(row("张三", 1, 省份="河北"))
    claimed = await house.history(row("张三", 1, 年份=2020), own=BEIJING)
    assert [(one.code, one.detail) for one in claimed.refused] == [("pool-elsewhere", "河北")]
    # The ministry adds what was won elsewhere, and moves nobody by it.
    await house.history(row("张三", 1, 年份=2020))
    (zhang,) = await everybody(house)
    assert zhang.expert.province == HEBEI
    assert {one.province for one in zhang.expert.honours} == {BEIJING, HEBEI}
    assert {one.source for one in zhang.expert.honours} == {Source.MINISTRY.value}


async def test_an_older_table_fills_gaps_and_overrules_nothing(house: PoolHouse) -> None:
    await house.history(row("张三", 1, 年份=2022, 单位="新单位"), row("张三", 1, 年份=2019, 单位="旧单位"))
    await house.history(row("张三", 1, 年份=2020, 单位="更旧的单位", 专长="社会保险", 状态="离岗"))
    (zhang,) = await everybody(house)
    assert (zhang.expert.unit, zhang.expert.state) == ("新单位", PoolState.ACTIVE)
    assert zhang.expert.expertise == ("社会保险",)
    assert len(won(zhang)) == 3


async def test_looking_people_up(house: PoolHouse) -> None:
    await house.history(
        row("张三", 1, 专长="社会保险"),
        row("张三", 1, 年份=2019, 荣誉="全国赛"),
        row("李四", 2, 省份="河北", 状态="离岗"),
        *(row(f"王{chr(0x4E00 + n)}", None, 单位=f"某{n}局") for n in range(60)),
    )

    async def names(**asked: object) -> list[str]:
        return [one.expert.name for one in (await house.pool.search(replace(PoolQuery(), **asked))).people]

    assert await names(text="张") == ["张三"]
    assert await names(text="社会保险") == ["张三"]
    assert await names(text="某59局") == ["王" + chr(0x4E00 + 59)]
    assert await names(province="130000") == ["李四"]
    assert await names(state="left") == ["李四"]
    assert await names(year=2019) == ["张三"]
    assert await names(year=2019, kind="star") == []
    assert await names(text="%") == []
    page = await house.pool.search(PoolQuery(page=2))
    assert (page.total, len(page.people)) == (62, 12)
    assert (await house.pool.search(PoolQuery(page=9))).total == 62


async def test_moving_and_retiring_keep_the_history(house: PoolHouse) -> None:
    await house.history(row("张三", 1))
    (zhang,) = await everybody(house)
    await house.pool.transfer("anna", zhang.person_id, 1, HEBEI)
    with pytest.raises(PoolRefused, match="pool-changed"):
        await house.pool.transfer("anna", zhang.person_id, 1, BEIJING)
    with pytest.raises(PoolRefused, match="pool-same-province"):
        await house.pool.transfer("anna", zhang.person_id, 2, HEBEI)
    await house.pool.change("bo", zhang.person_id, 2, unit="某厅", expertise=["就业创业"], state=PoolState.LEFT)
    person, events = await house.pool.person(zhang.person_id)
    assert (person.expert.province, person.expert.unit, person.expert.state) == (HEBEI, "某厅", PoolState.LEFT)
    assert [(one.actor, one.kind) for one in events] == [
        ("bo", "left"),
        ("bo", "changed"),
        ("anna", "transferred"),
        ("tests", "added"),
    ]
    assert next(iter(person.expert.honours)).province == BEIJING


async def test_two_records_of_one_person_become_one(house: PoolHouse) -> None:
    await house.history(row("张三", 1), row("张三", 单位="某厅", 年份=2019, 荣誉="全国赛", 手机号="13800001234"))
    numbered, other = sorted(await everybody(house), key=lambda one: not one.private.id_number)
    await house.pool.join("anna", other.person_id, 1, numbered.person_id)
    (kept,) = await everybody(house)
    assert (kept.person_id, kept.expert.unit) == (other.person_id, "某厅")
    assert won(kept) == {(2021, "star", "", 2), (2019, "national", "", 2)}
    assert (kept.private.id_number, kept.private.phone) == (id_number(1), "13800001234")
    gone, events = await house.pool.person(numbered.person_id)
    assert (gone.merged_into, gone.private.id_number, events[0].kind) == (kept.person_id, "", "merged")
    with pytest.raises(PoolRefused, match="pool-merged"):
        await house.pool.transfer("anna", gone.person_id, gone.version, HEBEI)
    # Whoever comes in by the number is the one that was kept.
    await house.history(row("张三", 1, 年份=2020))
    assert len(won((await everybody(house))[0])) == 3
    await house.history(row("张三", 2, 单位="另一局"))
    another = next(one for one in await everybody(house) if one.person_id != kept.person_id)
    with pytest.raises(PoolRefused, match="pool-two-numbers"):
        await house.pool.join("anna", kept.person_id, 3, another.person_id)


async def test_winners_enter_exactly_once(house: PoolHouse) -> None:
    async with house.database.connection() as connection:
        contest: int = await connection.fetchval(
            "insert into contest (title, organizer, year) values ('比武', '', 2024) returning id"
        )
    await house.history(row("张三", 1), row("李四", 单位="某局"), row("赵六", 4), row("赵六", 5))
    winners = [
        Titled(1, "张三", BEIJING, "别处", "knowledge", 7),
        Titled(2, "李四", BEIJING, "某局", "star", 1),
        Titled(3, "钱九", HEBEI, "某县", "star", 2),
        Titled(4, "赵六", BEIJING, "某区人社局", "star", 3),
    ]
    house.rosters[1] = house.pool.hashes.of_id(id_number(1))
    house.rosters[3] = house.pool.hashes.of_id(id_number(9))
    for told in (winners[:2], winners, winners):
        await house.winners.add(contest, 2024, told, "system")
    assert await house.pool.store.won(contest) == {(1, "knowledge"), (2, "star"), (3, "star"), (4, "star")}
    entered = [one for person in await everybody(house) for one in await house.pool.store.events(person.person_id)]
    assert len([one for one in entered if one.actor == "system"]) == 4
    by_name = {one.expert.name: one for one in await everybody(house, PoolQuery(year=2024))}
    assert set(by_name) == {"张三", "李四", "钱九", "赵六"}
    assert PoolHonour(2024, "knowledge", "", 7, BEIJING, Source.CONTEST.value) in by_name["张三"].expert.honours
    # Where somebody works its province knows better; by number the same person is found in later years.
    assert by_name["张三"].expert.unit == "某区人社局"
    known = await house.pool.store.honours_of([house.rosters[3]])
    assert [one.kind for one in known[house.rosters[3]]] == ["star"]
    # Of two who cannot be told apart neither is given what the other may have won.
    assert len(await everybody(house, PoolQuery("赵六"))) == 3


async def test_history_tells_eligibility_who_took_part_and_who_is_titled(house: PoolHouse) -> None:
    await house.history(
        row("张三", 1, 年份=2022), row("张三", 1, 年份=2019, 荣誉="人社知识通"), row("李四", 2, 荣誉="省级奖项")
    )
    zhang, nobody = house.pool.hashes.of_id(id_number(1)), house.pool.hashes.of_id(id_number(9))
    assert await PoolHistory(house.pool).past_honours([zhang, nobody]) == {
        zhang: History(
            (Participation(ContestKind.UNIFIED_ONLINE, 2022),),
            (Honour(HonourKind.KNOWLEDGE, 2019), Honour(HonourKind.STAR, 2022)),
        )
    }


async def test_a_copy_of_the_database_tells_no_number(house: PoolHouse) -> None:
    await house.history(*(row(f"人{chr(0x4E00 + n)}", n, 手机号=f"1380000{n:04d}") for n in range(40)))
    (first, *_) = await everybody(house)
    assert first.private.id_number
    assert id_number(1) not in repr(await everybody(house))
    async with house.database.connection() as connection:
        tables = [r[0] for r in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")]
        dump = [await connection.fetchval(f"select coalesce(string_agg(t::text, ''), '') from {t} t") for t in tables]
    text = "".join(dump)
    assert "人一" in text
    secrets = [secret for n in range(40) for secret in (id_number(n), f"1380000{n:04d}")]
    assert not [secret for secret in secrets if secret in text or secret.encode().hex() in text]


async def test_what_is_exported_can_be_filled_in_and_imported(house: PoolHouse) -> None:
    await house.history(row("张三", 1, 手机号="13800001234", 奖项名称="=1+1"), row("李四", 2, 省份="河北", 状态="离岗"))
    people = await everybody(house)
    delegations = await house.pool.store.delegations()
    names = {one.code: one.short for one in delegations}
    data = pool_workbook(people, names)
    (sheet,) = read_tables(data)
    assert sheet.rows[0] == list(TEMPLATE_HEAD)
    assert not sheet.formulas
    text = str(sheet.rows)
    assert id_number(1) not in text
    assert id_number(1)[-4:] in text
    # Taken in again it changes nothing.
    again = await house.pool.import_history("pool.xlsx", data, actor="tests", own=None, dry_run=False)
    assert (again.refused, again.plan.changes, again.plan.unchanged) == ((), (), 2)
    template = read_pool_file(table(row("王五")), delegations, this_year=2026, own=None, source=Source.MINISTRY.value)
    assert len(template.accepted) == 1
    assert [one.sheet for one in read_tables(pool_template())] == ["能手库", "填写说明"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("全国“人社知识通”", PoolKind.KNOWLEDGE),
        ("人社知识通", PoolKind.KNOWLEDGE),
        ("全国岗位练兵明星", PoolKind.STAR),
        ("全省岗位练兵明星", PoolKind.PROVINCIAL),
        ("2021年全国统一在线比试一等奖", PoolKind.UNIFIED_ONLINE),
        ("2019年度全国人社法治知识竞赛", PoolKind.LAW_KNOWLEDGE),
        ("全国赛总决赛", PoolKind.NATIONAL),
        ("省际邀请赛", PoolKind.INTER_PROVINCIAL),
        ("区域赛（吉林赛区）", PoolKind.REGIONAL),
        ("省级奖项", PoolKind.PROVINCIAL),
        ("star", PoolKind.STAR),
        ("优秀员工", None),
    ],
)
def test_honours_by_their_words(words: str, kind: PoolKind | None) -> None:
    assert read_kind(words) is kind

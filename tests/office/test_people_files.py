"""Rosters and nomination lists as provinces write them, through the importers and the real database."""

from collections.abc import AsyncIterator, Sequence

import pytest

from leitai.office.importing.problems import FileRefused
from leitai.office.ports import AlreadyThere
from leitai.office.roster import RosterReport, import_nominations, import_roster
from leitai.stores.postgres.draw_store import PostgresDraws
from tests.support.office import Stores, stores_at
from tests.support.workbooks import workbook

HEAD = ["姓名", "代表队", "单位", "产生方式", "日日学之星次数", "周周练积分", "曾参加赛事", "曾获称号"]


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


@pytest.fixture
async def contest(stores: Stores) -> int:
    return await stores.office.create_contest("业务技能练兵比武", "组委会", 2022)


def line(name: object = "张三", **changes: object) -> list[object]:
    cells: dict[str, object] = dict(
        zip(HEAD, [name, "北京市", f"{name}的单位", "抽签", 2, 1234, "无", ""], strict=True)
    )
    return list((cells | changes).values())


async def imported(
    stores: Stores, contest: int, rows: Sequence[Sequence[object]], *, head: Sequence[str] = HEAD, dry_run: bool = True
) -> RosterReport:
    data = workbook({"参赛名单": [head, *rows]})
    return await import_roster(stores.office, contest, "roster.xlsx", data, actor="tests", dry_run=dry_run)


async def test_a_roster_is_read_and_kept(stores: Stores, contest: int) -> None:
    rows = [
        line("张三", 代表队="110000", 产生方式="自主确定"),
        line("阿依古丽•买买提", 代表队="新疆"),
        line("李 四", 代表队="新疆兵团", 周周练积分="1,000.5分"),
        line("𠮷〇㛃", 代表队="内蒙古自治区"),
        line("Zhang Wei"),
    ]
    dry = await imported(stores, contest, rows)
    assert (dry.contestants, dry.file.refused, dry.struck) == (None, (), ())
    assert await stores.office.roster(contest) == []
    report = await imported(stores, contest, rows, dry_run=False)
    assert report.contestants is not None
    kept = [(one.person.delegation, one.seat, one.person.name, one.origin) for one in report.contestants]
    assert kept == [
        ("110000", 1, "张三", "named"),
        ("110000", 2, "Zhang Wei", "drawn"),
        ("150000", 1, "𠮷〇㛃", "drawn"),
        ("650000", 1, "阿依古丽·买买提", "drawn"),
        ("660000", 1, "李四", "drawn"),
    ]
    assert report.contestants[-1].person.weekly_centipoints == 100_050
    with pytest.raises(AlreadyThere):
        await imported(stores, contest, rows, dry_run=False)


async def test_headers_in_another_order_under_other_names(stores: Stores, contest: int) -> None:
    head = ["“周周练”累计积分", "选手姓名", "工作单位", "省份", "序号", "“日日学之星”次数", "产生方式"]
    report = await imported(stores, contest, [[1500, "王五", "某局", "西藏", 1, 3, "抽签"]], head=head)
    (entry,) = report.file.accepted
    assert (entry.person.delegation, entry.person.weekly_centipoints) == ("540000", 150_000)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"姓名": ""}, "姓名", "missing"),
        ({"姓名": "=cmd|' /C calc'!A0"}, "姓名", "name-odd"),
        ({"姓名": "张<b>三"}, "姓名", "name-odd"),
        ({"姓名": "长" * 65}, "姓名", "too-long"),
        ({"代表队": "火星"}, "代表队", "delegation-unknown"),
        ({"代表队": ""}, "代表队", "missing"),
        ({"产生方式": "推荐"}, "产生方式", "origin-unknown"),
        ({"日日学之星次数": "两次"}, "日日学之星次数", "number-unreadable"),
        ({"日日学之星次数": 1.5}, "日日学之星次数", "number-unreadable"),
        ({"周周练积分": -1}, "周周练积分", "number-unreadable"),
        ({"周周练积分": ""}, "周周练积分", "missing"),
        ({"单位": "局\x07"}, "单位", "control-characters"),
    ],
)
async def test_a_refused_row_keeps_the_whole_roster_out(
    stores: Stores, contest: int, changes: dict[str, object], column: str, code: str
) -> None:
    report = await imported(stores, contest, [line("李四"), line(**changes)], dry_run=False)
    assert [(problem.row, problem.column, problem.code) for problem in report.file.refused] == [(3, column, code)]
    assert report.contestants is None
    assert await stores.office.roster(contest) == []


async def test_a_person_twice_and_a_delegation_too_large(stores: Stores, contest: int) -> None:
    twice = await imported(stores, contest, [line(), line(), line("李四"), line("张三", 单位="别处")])
    assert [(problem.row, problem.code) for problem in twice.file.refused] == [(3, "person-repeated")]
    named = [line(f"某{chr(0x4E00 + n)}", 产生方式="自主确定") for n in range(16)]
    assert [problem.code for problem in (await imported(stores, contest, named)).file.refused] == ["origin-full"]
    drawn = [line(f"某{chr(0x4E00 + n)}") for n in range(37)]
    assert [problem.row for problem in (await imported(stores, contest, drawn)).file.refused] == [37, 38]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"日日学之星次数": 0}, "日日学之星"),
        ({"周周练积分": 999.99}, "999.99 分"),
        ({"曾参加赛事": "2020年全国赛（晋级赛）"}, "2020 年全国赛"),
        ({"曾参加赛事": "2019年省际邀请赛；2021年省内比武"}, "2019 年省际邀请赛"),
        ({"曾参加赛事": "区域赛（吉林赛区）"}, "2021 年区域赛"),
        ({"曾参加赛事": "2019年度全国人社法治知识竞赛决赛"}, "2019 年全国人社法治知识竞赛"),
        ({"曾获称号": "2020年全国“人社知识通”"}, "2020 年人社知识通"),
    ],
)
async def test_the_ineligible_keep_a_seat_that_is_struck_off(
    stores: Stores, contest: int, changes: dict[str, object], words: str
) -> None:
    report = await imported(stores, contest, [line("李四"), line(**changes)], dry_run=False)
    assert [(struck.name, words in struck.reason) for struck in report.struck] == [("张三", True)]
    assert len(report.contestants or ()) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"曾参加赛事": "2021年度全国统一在线比试"},
        {"曾参加赛事": "2021年全省业务技能练兵比武"},
        {"曾参加赛事": "2020年全国人社法治知识竞赛"},
        {"曾参加赛事": "/"},
        {"曾获称号": "2021年全国岗位练兵明星"},
        {"曾获称号": "全省人社知识通"},
        {"周周练积分": 1000},
    ],
)
async def test_what_does_not_count_strikes_nobody_off(stores: Stores, contest: int, changes: dict[str, object]) -> None:
    assert (await imported(stores, contest, [line(**changes)])).struck == ()


async def test_a_file_of_something_else(stores: Stores, contest: int) -> None:
    with pytest.raises(FileRefused, match="no-table"):
        await imported(stores, contest, [["x"]], head=["题干"])


async def test_nominations_are_kept_and_can_be_drawn_from(stores: Stores, contest: int) -> None:
    head = [*HEAD, "序号"]
    rows = [[*line(f"某{chr(0x4E00 + n)}", 产生方式="推荐"), 41 - n] for n in range(1, 41)]
    rows += [[*line(f"定{chr(0x4E00 + n)}", 产生方式="自主确定"), n] for n in range(1, 16)]
    data = workbook({"推荐名单": [head, *rows]})
    report = await import_nominations(stores.office, contest, "n.xlsx", data, actor="tests", dry_run=False)
    assert (report.committed, report.refused) == (True, ())
    draws = PostgresDraws(stores.database)
    assert await draws.nomination_lists(contest) == []
    async with stores.database.connection() as connection:
        await connection.execute(
            "insert into nomination_freeze (contest_id, at_us, request_id) values ($1, 1, 1)", contest
        )
    (listed,) = await draws.nomination_lists(contest)
    assert (listed.sound, len(listed.ids)) == (True, 40)
    assert listed.ids[0] == f"001 某{chr(0x4E00 + 40)}"
    assert await stores.office.draws(contest) == []


async def test_numbers_of_nominations_have_no_gap(stores: Stores, contest: int) -> None:
    rows = [[*line("甲", 产生方式="推荐"), 1], [*line("乙", 产生方式="推荐"), 3]]
    data = workbook({"推荐名单": [[*HEAD, "序号"], *rows]})
    report = await import_nominations(stores.office, contest, "n.xlsx", data, actor="tests", dry_run=False)
    assert [(problem.code, problem.detail) for problem in report.refused] == [("place-gap", "2")]
    assert await stores.office.nominations(contest) == []

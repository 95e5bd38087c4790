"""Learners, organisations, the ledger and what follows from it, in a real database."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from leitai.office.practice.boards_ports import Scope
from leitai.office.practice.learners_ports import LearnerChange, LearnerRecord, LearnerRefused
from leitai.office.practice.ports import LEVELS, Earned
from leitai.rules.organisations import Graft, Level, Organisation
from leitai.rules.practice import PracticeTitle
from leitai.rules.practice_boards import EPOCH, Kind, Period, starts_on
from leitai.rules.practice_titles import titles_of
from leitai.stores.postgres.boards_store import BoardsStore
from leitai.stores.postgres.learner_care_store import LearnerCareStore
from leitai.stores.postgres.points_store import add_points
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault
from tests.support.learners import TODAY, Practice, practising
from tests.support.numbers import Search, id_number, phone
from tests.support.office import SERVER_KEY
from tests.support.stores import held_up

NATION = None


@pytest.fixture
async def practice(database: str) -> AsyncIterator[Practice]:
    async with practising(database) as practice:
        await practice.tree()
        yield practice


async def board(practice: Practice, scope: Scope | None, period: Period, day: date = TODAY) -> list[tuple[str, int]]:
    page = await practice.boards.page(scope, period, starts_on(period, day), 0, 50)
    assert page.total == len(page.rows)
    return [(one.shown, one.centipoints) for one in page.rows]


async def scope(practice: Practice, level: str, code: str) -> Scope:
    return Scope([*LEVELS].index(level), await practice.organisation(code))  # pyright: ignore[reportArgumentType]


async def test_an_account_is_known_by_number_or_login_and_numbers_are_sealed(practice: Practice) -> None:
    made = await practice.learner(f"+86 {phone(1)[:3]} {phone(1)[3:7]} {phone(1)[7:]}", "张三", id_number=id_number(1))
    assert (await practice.learners.sign_in(phone(1), "a good pass phrase")).learner == made.learner
    assert made.identified
    with pytest.raises(LearnerRefused, match="learner-account-taken"):
        await practice.learner(phone(1), "李四")
    with pytest.raises(LearnerRefused, match="learner-id-taken"):
        await practice.learner("lisi", "李四", id_number=id_number(1))
    async with practice.database.connection() as connection:
        rows = await connection.fetch("select l::text as row from learner l")
    assert Search([phone(1), id_number(1)]).found("".join(row["row"] for row in rows).encode()) == set()


async def test_two_who_register_the_same_at_once_are_one(practice: Practice) -> None:
    done = await asyncio.gather(*(practice.learner("lisi") for _ in range(4)), return_exceptions=True)
    assert [isinstance(one, LearnerRefused) for one in done].count(False) == 1


async def test_closed_organisations_take_nobody_and_keep_their_people(practice: Practice) -> None:
    there = await practice.learner("there", at="JL-NG-1")
    await practice.tree(["JL-NG-1", "南关区社保窗口", "单位", "220102", "停用"])
    with pytest.raises(LearnerRefused, match="learner-organisation"):
        await practice.learner("late", at="JL-NG-1")
    change = LearnerChange("window", there.learner.organisation_id, "王五", "")
    changed = await practice.learners.change(there.learner.learner_id, there.version, change, TODAY)
    assert (changed.learner.name, changed.version) == ("王五", there.version + 1)
    with pytest.raises(LearnerRefused, match="stale-version"):
        await practice.learners.change(there.learner.learner_id, there.version, change, TODAY)


async def test_a_file_of_organisations_is_taken_whole_or_not(practice: Practice) -> None:
    wrong = await practice.tree(["C-1", "二道区", "区县", "220100"], ["U-1", "窗口", "单位", "nowhere"])
    assert (wrong.added, wrong.committed, [one.code for one in wrong.refused]) == (
        1,
        False,
        ["organisation-parent-unknown"],
    )
    tree = await practice.organisations.store.tree("220000")
    assert "C-1" not in tree
    assert tree["JL-NG-1"].parent == "220102"
    async with practice.database.connection() as connection:
        assert await connection.fetchval("select count(*) from audit where action = 'import-organisations'") == 1
        places = await connection.fetchval("select places from organisation where code = 'JL-NG-1'")
    assert places[1:] == [
        await practice.organisation("220100"),
        await practice.organisation("220102"),
        None,
        None,
        await practice.organisation("JL-NG-1"),
    ]


async def test_what_was_seen_of_the_tree_and_is_no_more_is_not_taken_in(practice: Practice) -> None:
    gone = Organisation("U-9", "窗口", Level.UNIT, "nowhere", "220000")
    there = Organisation("220102", "南关", Level.COUNTY, "220100", "220000")
    assert not await practice.organisations.store.take_in(Graft((gone,), (there,), 0, ()), "tests", {})
    assert not await practice.organisations.store.take_in(Graft((there,), (), 0, ()), "tests", {})
    assert (await practice.organisations.store.tree())["220102"].name == "南关区"


async def test_a_source_earns_once_however_often_and_at_once_it_comes(practice: Practice) -> None:
    one = await practice.learner("one")
    done = await asyncio.gather(*(practice.earn(one, 1_000, source=7) for _ in range(6)))
    assert sorted(done) == [False] * 5 + [True]
    assert await practice.earn(one, 500, kind=Kind.DAILY, source=7)
    assert await board(practice, NATION, Period.ALL) == [("one", 1_500)]
    assert await practice.boards.verify() == []


async def test_what_is_undone_earned_nothing(practice: Practice) -> None:
    one = await practice.learner("one")

    async def close() -> None:
        async with practice.database.transaction() as connection:
            assert await add_points(connection, Earned(one.learner.learner_id, TODAY, Kind.WEEKLY, 1, 1_000))
            raise RuntimeError("the set could not be closed")

    with pytest.raises(RuntimeError, match="set"):
        await close()
    assert await board(practice, NATION, Period.DAY) == []


async def test_boards_of_every_level_and_period(practice: Practice) -> None:
    window = await practice.learner("window", "赵一", at="JL-NG-1", nickname="小赵")
    beside = await practice.learner("beside", "钱二", at="JL-NG-2")
    city = await practice.learner("city", "孙三", at="JL-CC-1")
    other = await practice.learner("other", "李四", at="HE-SJZ-1")
    public = await practice.learner("public", "周五")
    for who, points in ((window, 300), (beside, 200), (city, 200), (other, 400), (public, 500)):
        await practice.earn(who, points)
    await practice.earn(window, 1_000, on=date(2022, 8, 29))  # the same week's Monday
    await practice.earn(beside, 2_000, on=date(2022, 8, 28))  # the week before
    await practice.earn(city, 4_000, on=date(2022, 7, 31))  # the month before

    assert await board(practice, NATION, Period.DAY) == [
        ("周五", 500),
        ("李四", 400),
        ("小赵", 300),
        ("钱二", 200),
        ("孙三", 200),
    ]
    unit, county = await scope(practice, "unit", "JL-NG-1"), await scope(practice, "county", "220102")
    assert await board(practice, unit, Period.WEEK) == [("小赵", 1_300)]
    assert await board(practice, county, Period.WEEK) == [("小赵", 1_300), ("钱二", 200)]
    assert await board(practice, county, Period.MONTH) == [("钱二", 2_200), ("小赵", 1_300)]
    province = await scope(practice, "province", "220000")
    assert await board(practice, province, Period.ALL) == [("孙三", 4_200), ("钱二", 2_200), ("小赵", 1_300)]
    assert await board(practice, province, Period.MONTH, date(2022, 7, 1)) == [("孙三", 4_000)]

    branches = await practice.boards.branches(NATION, Period.DAY, TODAY, 10)
    jilin, hebei = await practice.organisation("220000"), await practice.organisation("130000")
    assert branches.rows == [(jilin, 700, 3), (hebei, 400, 1)]
    # The window of the city itself stands beside the county: a level is left out there.
    below = await practice.boards.branches(await scope(practice, "city", "220100"), Period.DAY, TODAY, 10)
    assert below.rows == [
        (await practice.organisation("220102"), 500, 2),
        (await practice.organisation("JL-CC-1"), 200, 1),
    ]
    assert await practice.boards.verify() == []


async def test_pages_have_ranks_that_fit(practice: Practice) -> None:
    for no, points in enumerate((9, 7, 7, 7, 1)):
        await practice.earn(await practice.learner(f"learner{no}"), points)
    page = await practice.boards.page(NATION, Period.DAY, TODAY, 2, 2)
    assert ([one.centipoints for one in page.rows], page.above, page.total) == ([7, 7], 1, 5)
    assert await practice.boards.place(NATION, Period.DAY, TODAY, 7) == (1, 5)


async def disable(practice: Practice, who: LearnerRecord, *, disabled: bool = True) -> None:
    care = LearnerCareStore(practice.database, Vault(SERVER_KEY))
    await care.set_disabled(who.learner.learner_id, "刷分", "practice_office", disabled=disabled)


async def test_whose_account_is_disabled_stands_on_no_board_until_it_is_enabled(practice: Practice) -> None:
    levels = (("220101", "乡镇", "220102"), ("220103", "村", "220101"), ("U-9", "单位", "220103"))
    await practice.tree(*([code, f"{level}一", level, above] for code, level, above in levels))
    first, second, beside = [
        await practice.learner(name, at=at) for name, at in (("first", "U-9"), ("second", "U-9"), ("beside", "JL-CC-1"))
    ]
    for who, points in ((first, 300), (second, 200), (beside, 100)):
        await practice.earn(who, points)
    codes = ("220000", "220100", "220102", "220101", "220103", "U-9")
    scopes = [NATION, *[await scope(practice, level, code) for level, code in zip(LEVELS, codes, strict=True)]]
    jilin, changchun = await practice.organisation("220000"), await practice.organisation("220100")

    for disabled in (True, False):
        await disable(practice, first, disabled=disabled)
        above = 0 if disabled else 1
        for where in scopes:
            for period in Period:
                shown = await board(practice, where, period)
                assert shown[: above + 1] == [("first", 300), ("second", 200)][1 - above :], (where, period)
                place = await practice.boards.place(where, period, starts_on(period, TODAY), 200)
                assert place == (above, len(shown)), (where, period)
                page = await practice.boards.page(where, period, starts_on(period, TODAY), above, 1)
                assert ([row.shown for row in page.rows], page.above) == (["second"], above), (where, period)
        points, people = 300 + 300 * above, 2 + above
        nation = await practice.boards.branches(NATION, Period.MONTH, starts_on(Period.MONTH, TODAY), 10)
        assert nation.rows == [(jilin, points, people)]
        province = await practice.boards.branches(Scope(0, jilin), Period.WEEK, starts_on(Period.WEEK, TODAY), 10)
        assert province.rows == [(changchun, points, people)]
        # Sums are those of the ledger, whoever may be seen.
        assert await practice.boards.verify() == []


async def test_an_organisation_whose_people_are_disabled_has_no_line(practice: Practice) -> None:
    one = await practice.learner("one", at="JL-NG-1")
    await practice.earn(one, 100)
    await disable(practice, one)
    assert (await practice.boards.branches(NATION, Period.DAY, TODAY, 10)).rows == []


async def test_titles_of_the_nation_leave_out_whose_account_is_disabled_and_forget_nothing(practice: Practice) -> None:
    one, two = await practice.learner("one"), await practice.learner("two")
    for who in (one, two):
        await practice.earn(who, 9_500, on=date(2022, 8, 5), kind=Kind.MONTHLY)
    number, other = one.learner.learner_id, two.learner.learner_id
    await disable(practice, one)
    assert set(await practice.titles.everybody(TODAY)) == {other}
    # Nights go by; what is kept is whole when the account is enabled months later.
    assert await practice.titles.keep(TODAY) == 2
    await disable(practice, one, disabled=False)
    assert set(await practice.titles.everybody(TODAY)) == {number, other}
    earned = await practice.boards.titles([number, other], date(2022, 8, 1), TODAY)
    assert set(earned) == {number, other}


async def test_who_moves_takes_along_what_still_runs(practice: Practice) -> None:
    one = await practice.learner("one", at="JL-NG-1")
    await practice.earn(one, 100)
    await practice.earn(one, 50, on=date(2022, 7, 31))
    change = LearnerChange("window", await practice.organisation("HE-SJZ-1"), "one", "")
    await practice.learners.change(one.learner.learner_id, one.version, change, TODAY)
    await practice.earn(one, 10)
    old, new = await scope(practice, "unit", "JL-NG-1"), await scope(practice, "unit", "HE-SJZ-1")
    assert await board(practice, old, Period.MONTH) == []
    assert await board(practice, new, Period.MONTH) == [("one", 110)]
    assert await board(practice, new, Period.ALL) == [("one", 160)]
    assert await board(practice, old, Period.MONTH, date(2022, 7, 1)) == [("one", 50)]


async def test_sums_never_have_an_old_place_whoever_comes_first(practice: Practice) -> None:
    one = await practice.learner("one", at="JL-NG-1")
    change = LearnerChange("window", await practice.organisation("HE-SJZ-1"), "one", "")

    async def earn() -> None:
        for _ in range(8):
            await practice.earn(one, 10, source=None, kind=Kind.MATCH)

    await asyncio.gather(
        earn(), practice.learners.change(one.learner.learner_id, one.version, change, TODAY), return_exceptions=False
    )
    assert await board(practice, await scope(practice, "unit", "JL-NG-1"), Period.DAY) == []
    assert await board(practice, await scope(practice, "unit", "HE-SJZ-1"), Period.DAY) == [("one", 80)]


async def test_sums_that_were_touched_are_found_and_mended(practice: Practice) -> None:
    one, two = await practice.learner("one", at="JL-NG-1"), await practice.learner("two")
    await practice.earn(one, 100, questions=3, kind=Kind.DAILY)
    await practice.earn(two, 100)
    async with practice.database.connection() as connection:
        first, second = one.learner.learner_id, two.learner.learner_id
        await connection.execute("update practice_sum set centipoints = 1 where learner_id = $1", first)
        await connection.execute("delete from practice_sum where learner_id = $1", second)
    found = await practice.boards.verify()
    assert {(one.learner_id, one.centipoints, one.kept_centipoints) for one in found} == {
        (one.learner.learner_id, 100, 1),
        (two.learner.learner_id, 100, None),
    }
    await practice.boards.mend(found)
    assert await practice.boards.verify() == []
    assert await board(practice, await scope(practice, "unit", "JL-NG-1"), Period.DAY) == [("one", 100)]


async def test_points_that_come_while_sums_are_mended_stay(practice: Practice) -> None:
    one = await practice.learner("one")
    learner_id = one.learner.learner_id
    await practice.earn(one, 100)
    async with practice.database.connection() as connection:
        await connection.execute("update practice_sum set centipoints = 1")
    found = await practice.boards.verify()
    await practice.earn(one, 20)
    async with practice.database.transaction() as earning:
        await add_points(earning, Earned(learner_id, TODAY, Kind.MATCH, 1, 3))
        mending = asyncio.ensure_future(practice.boards.mend(found))
        assert await held_up(mending, practice.database), "what is earned at this moment is waited for"
    await mending
    assert await board(practice, NATION, Period.ALL) == [("one", 123)]
    assert await practice.boards.verify() == []


async def test_a_sum_of_nothing_is_taken_away(practice: Practice) -> None:
    one = await practice.learner("one")
    await practice.earn(one, 100)
    async with practice.database.connection() as connection:
        await connection.execute("update practice_sum set starts_on = starts_on - 7 where period = 2")
    await practice.boards.mend(await practice.boards.verify())
    assert await practice.boards.verify() == []
    assert await board(practice, NATION, Period.WEEK) == [("one", 100)]


async def test_the_ledger_stays_as_it_was_written(practice: Practice) -> None:
    await practice.earn(await practice.learner("one"), 100)
    async with practice.database.connection() as connection:
        for statement in (
            "update practice_points set centipoints = 1",
            "delete from practice_points",
            "truncate practice_points",
        ):
            with pytest.raises(asyncpg.PostgresError, match="kept as they were written"):
                await connection.execute(statement)


async def test_titles_of_the_nation_are_those_of_each_by_the_law(practice: Practice) -> None:
    star, master, expert, nearly = [
        (await practice.learner(name)).learner.learner_id for name in ("star", "master", "expert", "nearly")
    ]
    for back in range(20):
        day = TODAY - timedelta(days=back)
        await practice.earn(star, 0, on=day, kind=Kind.DAILY, questions=20)
        await practice.earn(star, 0, on=day, kind=Kind.DAILY, questions=10)
        await practice.earn(nearly, 0, on=day, kind=Kind.DAILY, questions=29 if back == 5 else 30)
    for day in range(7):
        await practice.earn(master, 1_000, on=date(2021, 12, 27) + timedelta(days=day))
        await practice.earn(master, 1_000, on=date(2021, 12, 27) + timedelta(days=day))
        await practice.earn(nearly, 2_000 if day else 1_999, on=date(2022, 8, 22) + timedelta(days=day))
    await practice.earn(expert, 9_000, on=date(2022, 8, 15), kind=Kind.MONTHLY)
    await practice.earn(nearly, 8_999, on=date(2022, 8, 15), kind=Kind.MONTHLY)

    everybody = await practice.titles.everybody(TODAY)
    assert {one: [fact.title for fact in facts] for one, facts in everybody.items()} == {
        star: [PracticeTitle.DAILY_STAR],
        master: [PracticeTitle.WEEKLY_MASTER],
        expert: [PracticeTitle.MONTHLY_EXPERT],
    }
    days = await practice.titles_store.days_of([star, master, expert, nearly], EPOCH, TODAY)
    for one in (star, master, expert, nearly):
        assert everybody.get(one, ()) == titles_of(days[one], TODAY) == await practice.titles.of(one, TODAY)
    # The day before the twentieth day there was none.
    assert star not in await practice.titles.everybody(TODAY - timedelta(days=1))
    assert master not in await practice.titles.everybody(date(2022, 1, 1))


async def test_titles_are_kept_by_night_and_what_is_older_stays(practice: Practice) -> None:
    one = (await practice.learner("one")).learner.learner_id
    await practice.earn(one, 9_500, on=date(2022, 6, 5), kind=Kind.MONTHLY)
    assert await practice.titles.keep(date(2022, 6, 30)) == 1
    await practice.earn(one, 9_500, on=date(2022, 8, 5), kind=Kind.MONTHLY)
    assert await practice.titles.keep(TODAY) == 1
    async with practice.database.connection() as connection:
        # What somebody wrote by hand is gone by the next night.
        await connection.execute("insert into practice_title values ($1, 1, '2022-08-01', '2022-08-20', '{}')", one)
        await practice.titles.keep(TODAY)
        kept = await connection.fetch(
            "select title, starts_on, evidence::text as e from practice_title order by starts_on"
        )
    assert [(row["title"], row["starts_on"]) for row in kept] == [(3, date(2022, 6, 1)), (3, date(2022, 8, 1))]
    assert kept[1]["e"] == '{"days": ["2022-08-05"], "centipoints": 9500}'


async def test_a_page_far_down_reads_the_rows_of_that_page_alone(practice: Practice) -> None:
    month = starts_on(Period.MONTH, TODAY)
    async with practice.database.connection() as connection:
        await connection.execute(
            "insert into learner (kind, login, name, password)"
            " select 'public', 'l' || n, '学员', 'x' from generate_series(1, 30000) n"
        )
        await connection.execute(
            "insert into practice_sum (period, starts_on, learner_id, centipoints, questions)"
            " select 3, $1, id, id * 7919 % 1400, 0 from learner",
            month,
        )
        await connection.execute("vacuum analyze practice_sum")
        await connection.execute("vacuum analyze learner")
        statement = Queries("practice_boards")["page"]
        explained = await connection.fetchval(
            f"explain (analyze, timing off, format json) {statement}", Period.MONTH.value, month, 50, 9_950
        )
    (plan,) = json.loads(explained)
    read = {
        node["Relation Name"]: node["Actual Rows"] * node["Actual Loops"]
        for node in _nodes(plan["Plan"])
        if "Relation Name" in node and node["Node Type"] != "Index Only Scan"
    }
    assert read == {"practice_sum": 50, "learner": 50}
    passed = [node for node in _nodes(plan["Plan"]) if node["Node Type"] == "Index Only Scan"]
    assert {node["Index Name"]: node["Actual Rows"] for node in passed} == {
        "practice_sum_nation": 10_000,
        "learner_disabled": 0,
    }
    page = await practice.boards.page(NATION, Period.MONTH, month, 9_950, 50)
    assert (len(page.rows), page.total) == (50, 30_000)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from _nodes(one)


async def test_learners_are_counted_under_every_organisation_whatever_is_left_out(practice: Practice) -> None:
    for name, at in (("a", "JL-NG-1"), ("b", "JL-NG-1"), ("c", "JL-NG-2"), ("d", "JL-CC-1"), ("e", "HE-SJZ-1")):
        await practice.learner(name, at=at)
    await practice.learner("f", at="220000")
    await practice.learner("public")
    number, store = practice.organisation, practice.organisations.store
    jilin, hebei = await number("220000"), await number("130000")
    assert await store.counts(None) == {jilin: 5, hebei: 1}
    assert await store.counts(jilin) == {await number("220100"): 4}
    assert await store.counts(await number("220100")) == {await number("220102"): 3, await number("JL-CC-1"): 1}
    assert await store.counts(await number("220102")) == {await number("JL-NG-1"): 2, await number("JL-NG-2"): 1}
    assert await store.counts(await number("JL-NG-1")) == {}
    assert await store.counts(0) == {}


async def test_learners_of_a_city_are_counted_by_a_look_at_that_city_alone(practice: Practice) -> None:
    async with practice.database.connection() as connection:
        await connection.execute(
            "with cities as ("
            "  insert into organisation (id, code, name, level, parent_id, province, places)"
            "  select 2000 + n, 'C' || n, '市', 2, p.id, p.province,"
            "   array[p.id, 2000 + n, null, null, null, null]::bigint[]"
            "  from organisation p, generate_series(p.id * 10, p.id * 10 + 9) n where p.level = 1"
            "  returning id, province, places)"
            "insert into organisation (id, code, name, level, parent_id, province, places)"
            " select 100000 + c.id * 100 + n, 'U' || c.id || '-' || n, '窗口', 6, c.id, c.province,"
            "  array[c.places[1], c.id, null, null, null, 100000 + c.id * 100 + n]::bigint[]"
            " from cities c, generate_series(0, 9) n"
        )
        await connection.execute(
            "insert into learner (kind, organisation_id, login, name, password)"
            " select 'window', id, 'l' || id || '-' || n, '学员', 'x' from organisation, generate_series(1, 4) n"
            " where level = 6 and code like 'U%'"
        )
        await connection.execute("vacuum analyze organisation")
        await connection.execute("vacuum analyze learner")
        statement = Queries("organisations")["counts_under"]
        explained = await connection.fetchval(f"explain (analyze, timing off, format json) {statement}", 2055)
    (plan,) = json.loads(explained)
    looked_at = [
        (node["Relation Name"], (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in _nodes(plan["Plan"])
        if "Relation Name" in node
    ]
    assert sum(rows for name, rows in looked_at if name == "learner") == 40, looked_at
    assert sum(rows for name, rows in looked_at if name == "organisation") < 40, looked_at
    counted = await practice.organisations.store.counts(2055)
    assert (len(counted), set(counted.values())) == (10, {4})


async def test_how_many_there_are_may_be_as_of_a_moment_ago(practice: Practice) -> None:
    boards = BoardsStore(practice.database, totals_kept_s=3600)
    day = starts_on(Period.DAY, TODAY)
    await practice.earn(await practice.learner("first"), 100)
    assert await boards.place(NATION, Period.DAY, day, 0) == (1, 1)
    await practice.earn(await practice.learner("second"), 200)
    page = await boards.page(NATION, Period.DAY, day, 0, 50)
    assert ([row.centipoints for row in page.rows], page.total) == ([200, 100], 2)
    assert await boards.place(NATION, Period.DAY, day, 0) == (2, 2)
    assert (await practice.boards.page(NATION, Period.DAY, day, 0, 50)).total == 2

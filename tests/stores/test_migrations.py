"""Migrations are applied once, in order, whole or not at all; what does not fit is refused before anything happens."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from leitai.resources import NotShippedError, shipped
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.migrations import (
    BadMigrationFileError,
    DatabaseNewerError,
    MigrationChangedError,
    MigrationFailedError,
    MigrationOutOfOrderError,
    migrate,
    read_migrations,
)
from tests.support.stores import fresh_database

FIRST = "create table seat (seat_id integer primary key);\ninsert into seat values (1), (2);\n"
SECOND = "alter table seat add column name text not null default '甲';\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_seats.sql").write_text(FIRST)
    (tmp_path / "0002_names.sql").write_text(SECOND)
    return tmp_path


@pytest.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    async with fresh_database(postgres, template="template0") as dsn:
        yield dsn


async def fetch(dsn: str, query: str) -> list[tuple[object, ...]]:
    connection: asyncpg.Connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def recorded(dsn: str) -> list[tuple[object, ...]]:
    return await fetch(dsn, "select version, name from schema_migration order by version")


async def test_an_empty_database_gets_all_in_order(empty: str, folder: Path) -> None:
    applied = await migrate(empty, folder)
    assert [migration.version for migration in applied] == [1, 2]
    assert await recorded(empty) == [(1, "seats"), (2, "names")]
    assert await fetch(empty, "select seat_id, name from seat order by 1") == [(1, "甲"), (2, "甲")]
    kept = await fetch(empty, "select sha256, applied_at <= now() from schema_migration order by version")
    assert kept == [(migration.sha256, True) for migration in applied]


async def test_a_second_run_does_nothing(empty: str, folder: Path) -> None:
    await migrate(empty, folder)
    assert await migrate(empty, folder) == ()


async def test_a_partly_migrated_database_gets_the_rest(empty: str, folder: Path) -> None:
    later = folder / "0002_names.sql"
    later.rename(folder / "0002_names.later")
    await migrate(empty, folder)
    (folder / "0002_names.later").rename(later)
    assert [migration.name for migration in await migrate(empty, folder)] == ["names"]


async def test_programs_that_start_together_apply_each_file_once(empty: str, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(empty, folder) for _ in range(4)))
    assert sorted(len(migrations) for migrations in applied) == [0, 0, 0, 2]


async def test_a_newer_database_is_refused_and_untouched(empty: str, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "0002_names.sql").unlink()
    (folder / "0003_more.sql").write_text("create table never (id integer);")
    with pytest.raises(DatabaseNewerError, match=r"newer than this program.*0002_names") as refused:
        await migrate(empty, folder)
    assert (refused.value.code, refused.value.database, refused.value.unknown) == (
        "database-newer",
        2,
        ("0002_names",),
    )
    assert await fetch(empty, "select to_regclass('never')::text") == [(None,)]


async def test_a_changed_file_is_refused_and_nothing_applied(empty: str, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "0001_seats.sql").write_text(FIRST + "-- one comment more\n")
    (folder / "0003_more.sql").write_text("create table never (id integer);")
    with pytest.raises(MigrationChangedError, match="0001_seats") as refused:
        await migrate(empty, folder)
    assert (refused.value.code, refused.value.version) == ("migration-changed", 1)
    assert await fetch(empty, "select to_regclass('never')::text") == [(None,)]


async def test_line_endings_of_a_checkout_are_no_change(empty: str, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "0001_seats.sql").write_bytes(FIRST.replace("\n", "\r\n").encode())
    assert await migrate(empty, folder) == ()


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        pytest.param("create table half (id integer); select 1/0;", "22012", id="at-its-end"),
        pytest.param("create table half (id integer); create tabel x ();", "42601", id="syntax"),
        pytest.param("create table half (id integer); create table seat ();", "42P07", id="table-is-there"),
    ],
)
async def test_a_failing_file_leaves_nothing_and_keeps_those_before(
    empty: str, folder: Path, sql: str, sqlstate: str
) -> None:
    (folder / "0003_half.sql").write_text(sql)
    with pytest.raises(MigrationFailedError, match="0003_half") as failed:
        await migrate(empty, folder)
    assert (failed.value.code, failed.value.version, failed.value.sqlstate) == ("migration-failed", 3, sqlstate)
    assert await recorded(empty) == [(1, "seats"), (2, "names")]
    assert await fetch(empty, "select to_regclass('half')::text") == [(None,)]
    (folder / "0003_half.sql").write_text("create table half (id integer);")
    assert [migration.version for migration in await migrate(empty, folder)] == [3]


VIEWS = """
create table locked (why text);
create function make_owners_views() returns void language plpgsql as $$
begin
  if exists (select from locked) then
    raise exception 'somebody looks at it';
  end if;
  execute 'create or replace view own_seat as select * from seat';
end
$$;
"""


async def test_a_file_is_not_applied_without_the_views_of_its_tables(empty: str, folder: Path) -> None:
    later = folder / "0002_names.sql"
    later.rename(folder / "0002_names.later")
    (folder / "0001_seats.sql").write_text(FIRST + VIEWS)
    await migrate(empty, folder)
    assert await fetch(empty, "select * from own_seat order by 1") == [(1,), (2,)]

    (folder / "0002_names.later").rename(later)
    await fetch(empty, "insert into locked values ('a contest runs') returning why")
    with pytest.raises(MigrationFailedError, match="somebody looks at it"):
        await migrate(empty, folder)
    assert await recorded(empty) == [(1, "seats")]
    await fetch(empty, "delete from locked returning why")
    assert [migration.name for migration in await migrate(empty, folder)] == ["names"]
    assert await fetch(empty, "select * from own_seat order by 1") == [(1, "甲"), (2, "甲")]


async def test_a_file_that_ends_its_transaction_is_refused(empty: str, folder: Path) -> None:
    (folder / "0003_commits.sql").write_text("commit;")
    with pytest.raises(BadMigrationFileError, match="ends the transaction"):
        await migrate(empty, folder)
    assert await recorded(empty) == [(1, "seats"), (2, "names")]


async def test_a_file_before_an_applied_one_is_refused(empty: str, folder: Path) -> None:
    (folder / "0002_names.sql").rename(folder / "0003_names.sql")
    await migrate(empty, folder)
    (folder / "0002_late.sql").write_text("create table late ();")
    with pytest.raises(MigrationOutOfOrderError, match="0002_late") as refused:
        await migrate(empty, folder)
    assert (refused.value.code, refused.value.applied) == ("migration-out-of-order", 3)


@pytest.mark.parametrize("name", ["1_short.sql", "0002-dash.sql", "0003_Upper.sql", "seats.sql", "00004_long.sql"])
def test_a_misnamed_file_is_refused_rather_than_skipped(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    with pytest.raises(BadMigrationFileError) as refused:
        read_migrations(folder)
    assert (refused.value.code, refused.value.path.name) == ("migration-file", name)


def test_two_files_of_one_number_are_refused(folder: Path) -> None:
    (folder / "0002_other.sql").write_text("")
    with pytest.raises(BadMigrationFileError, match="same number"):
        read_migrations(folder)


async def test_the_shipped_schema_applies_to_an_empty_database(empty: str) -> None:
    try:
        sql = shipped("sql")
    except NotShippedError:
        pytest.skip("this checkout has no schema/sql")
    applied = await migrate(empty, sql)
    assert [migration.version for migration in applied] == list(range(1, len(applied) + 1))


def test_what_is_not_shipped_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leitai.resources._HERE", tmp_path / "server" / "leitai")
    with pytest.raises(NotShippedError) as missing:
        shipped("client")
    assert (missing.value.code, missing.value.name) == ("not-shipped", "client")
    inside = tmp_path / "server" / "leitai" / "_shipped" / "client"
    outside = tmp_path / "client" / "dist"
    outside.mkdir(parents=True)
    assert shipped("client") == outside
    inside.mkdir(parents=True)
    assert shipped("client") == inside

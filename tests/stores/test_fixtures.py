"""The shared fixtures do what other suites count on."""

import asyncpg
import pytest
from redis.asyncio import Redis


@pytest.mark.parametrize("turn", range(3))
async def test_each_test_has_a_client_on_its_own_loop(valkey: Redis, unique_id: int, turn: int) -> None:
    key = f"test:{{{unique_id}}}"
    assert await valkey.set(key, turn, nx=True)
    assert await valkey.get(key) == str(turn).encode()


@pytest.mark.parametrize("turn", range(3))
async def test_each_test_has_a_database_of_its_own(database: str, turn: int) -> None:
    connection: asyncpg.Connection = await asyncpg.connect(database)
    try:
        await connection.execute("create table only_mine (turn integer)")
        assert await connection.fetchval("select count(*) from only_mine") == 0
        assert await connection.fetchval("select to_regclass('schema_migration')") or turn >= 0
    finally:
        await connection.close()


def test_unique_ids_are_positive_and_fit(unique_id: int) -> None:
    assert 0 < unique_id < 2**31

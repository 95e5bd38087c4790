"""Fixtures that every suite shares. Servers live as long as the test process; nothing of them is tied to a loop."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from leitai.stores.embedded.postgres import EmbeddedPostgres
from tests.support.stores import fresh_database, running_postgres, running_valkey


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The URL of this test process's Valkey. Tests share it: keep to keys made from `unique_id`."""
    with running_valkey() as valkey:
        yield valkey.url


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """This test process's PostgreSQL."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_dsn(postgres: EmbeddedPostgres) -> str:
    """The DSN of an empty database on this test process's PostgreSQL, shared by all tests: `database` is better."""
    return postgres.dsn


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Redis]:
    """A client of the shared Valkey, closed after the test. Replies are bytes."""
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The DSN of a database of this test's own, with the whole schema applied."""
    async with fresh_database(postgres) as dsn:
        yield dsn


@pytest.fixture
def unique_id() -> int:
    """A number that no other test has, above 0 and below 2**31: for session ids and key prefixes."""
    return secrets.randbelow(2**31 - 1) + 1

"""The sealed copy of a session comes back whole, tells nothing to whoever reads the store, and is written once."""

import secrets
from collections.abc import AsyncIterator

import pytest

from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import SPARE
from leitai.stores.valkey.spare import KEPT_S, Spare, ValkeySpare
from tests.support.live import session_file

KEY = secrets.token_bytes(32)
SPARE_OF_8 = Spare(session_file(8), "选手0001 2022110076".encode())


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    store = open_store(valkey_url)
    await store.execute_command("DEL", SPARE)
    yield store
    await store.execute_command("DEL", SPARE)
    await store.aclose()


async def test_the_newest_copy_comes_back_whole(store: Store) -> None:
    spare = ValkeySpare(store, KEY)
    assert await spare.fetch() is None
    await spare.keep(Spare(session_file(7), b""))
    await spare.keep(SPARE_OF_8)
    assert await ValkeySpare(store, KEY).fetch() == SPARE_OF_8
    assert KEPT_S - 60 < await store.execute_command("TTL", SPARE) <= KEPT_S


async def test_whoever_reads_the_store_learns_nothing(store: Store) -> None:
    await ValkeySpare(store, KEY).keep(SPARE_OF_8)
    stored = b"".join(await store.execute_command("HGETALL", SPARE))
    secret = SPARE_OF_8.file.secret
    for told in (secret, "选手".encode(), "选项".encode(), "三十日".encode(), b"2022110076"):
        assert told not in stored
    assert await ValkeySpare(store, secrets.token_bytes(32)).fetch() is None


async def test_what_was_changed_is_not_believed(store: Store) -> None:
    spare = ValkeySpare(store, KEY)
    await spare.keep(SPARE_OF_8)
    sealed: bytes = await store.execute_command("HGET", SPARE, "sealed")
    await store.execute_command("HSET", SPARE, "sealed", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert await spare.fetch() is None


async def test_the_same_copy_is_written_once(store: Store) -> None:
    await ValkeySpare(store, KEY).keep(SPARE_OF_8)
    sealed = await store.execute_command("HGET", SPARE, "sealed")
    await ValkeySpare(store, KEY).keep(SPARE_OF_8)
    assert await store.execute_command("HGET", SPARE, "sealed") == sealed
    await ValkeySpare(store, KEY).keep(Spare(session_file(8), b"another"))
    assert await store.execute_command("HGET", SPARE, "sealed") != sealed

"""The recorder between the real stores: everything once, however often it is killed and however many there are."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from typing import cast

import pytest

from leitai.live.ports import Archive, SessionEvent, SittingEvent, StoreUnavailable
from leitai.live.recorder import _REST_S, Recorder
from leitai.rules.values import Answer, Counted, Micros, SessionId, SittingId
from leitai.stores.postgres.archive import PostgresArchive
from leitai.stores.valkey.connection import open_store
from tests.support.ledgers import RealBench, give, wide
from tests.support.office import stores_at
from tests.support.waiting import eventually

COUNT = 600


class Shaky:
    """An archive that fails now and then: before it has written anything, or after it has written everything."""

    def __init__(self, inner: PostgresArchive, chances: random.Random) -> None:
        self._inner = inner
        self._chances = chances

    async def recorder_position(self, session_id: SessionId, shard: int, stream: str) -> str:
        return await self._inner.recorder_position(session_id, shard, stream)

    async def record_answers(self, session_id: SessionId, shard: int, upto: str, answers: Sequence[Answer]) -> None:
        self._fail()
        await self._inner.record_answers(session_id, shard, upto, answers)
        self._fail()

    async def record_events(
        self, session_id: SessionId, upto: str, events: Sequence[SittingEvent | SessionEvent]
    ) -> None:
        self._fail()
        await self._inner.record_events(session_id, upto, events)
        self._fail()

    def _fail(self) -> None:
        if self._chances.random() < 0.2:
            raise StoreUnavailable("shaky")


@pytest.fixture
async def archive(database: str) -> AsyncIterator[PostgresArchive]:
    async with stores_at(database) as stores:
        yield stores.archive


@pytest.fixture
async def bench(valkey_url: str, unique_id: int) -> AsyncIterator[RealBench]:
    store = open_store(valkey_url)
    made = RealBench(store, unique_id, 2)
    await made.windows(Counted.FIRST, *wide(await made.now_us()))
    yield made
    await store.aclose()


async def _fill(bench: RealBench, first: int, last: int) -> None:
    for at in range(first, last, 4):
        for shard in (0, 1):
            await bench.ledger.accept(shard, [give(sitting) for sitting in range(at, at + 4) if sitting % 2 == shard])
        await bench.ledger.events([SittingEvent(SittingId(at), Micros(at), "left", "g")])


async def _until_recorded(bench: RealBench, archive: PostgresArchive, session_id: SessionId) -> None:
    wanted = [(await bench.session.answers(shard, "0-0", 0, 100_000))[0] for shard in (0, 1)]
    events = await bench.session.newest_event()

    async def positions() -> list[str]:
        shards = [await archive.recorder_position(session_id, shard, "answers") for shard in (0, 1)]
        return [*shards, await archive.recorder_position(session_id, 0, "events")]

    await eventually(positions, lambda found: found == [*wanted, events])


async def _compare(bench: RealBench, archive: PostgresArchive, session_id: SessionId) -> None:
    recorded = await archive.answers(session_id)
    assert recorded == [*await bench.stream(0), *await bench.stream(1)]
    assert len(recorded) == COUNT


@pytest.mark.parametrize("recorders", [1, 3])
async def test_everything_is_recorded_once_through_kills_and_outages(
    bench: RealBench, archive: PostgresArchive, unique_id: int, monkeypatch: pytest.MonkeyPatch, recorders: int
) -> None:
    monkeypatch.setattr("leitai.live.recorder._PAUSE_S", 0.01)
    monkeypatch.setattr("leitai.live.recorder._ENTRIES", 7)
    session_id = SessionId(unique_id)
    shaky = cast("Archive", Shaky(archive, random.Random(unique_id)))

    def start() -> "asyncio.Task[None]":
        return asyncio.create_task(Recorder(session_id, 2, bench.session, shaky).run())

    tasks = [start() for _ in range(recorders)]
    for first in range(1, COUNT + 1, COUNT // 5):
        await _fill(bench, first, first + COUNT // 5)
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        tasks[0] = start()
    await _until_recorded(bench, archive, session_id)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await _compare(bench, archive, session_id)


async def test_a_recorder_that_comes_last_records_all(
    bench: RealBench, archive: PostgresArchive, unique_id: int
) -> None:
    await _fill(bench, 1, COUNT + 1)
    recorder = Recorder(SessionId(unique_id), 2, bench.session, archive)
    task = asyncio.create_task(recorder.run())
    await _until_recorded(bench, archive, SessionId(unique_id))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await _compare(bench, archive, SessionId(unique_id))
    assert recorder.recorded == COUNT


async def test_answers_that_come_one_by_one_are_written_together(
    bench: RealBench, archive: PostgresArchive, unique_id: int
) -> None:
    recorder = Recorder(SessionId(unique_id), 2, bench.session, archive)
    task = asyncio.create_task(recorder.run())
    began_s = time.monotonic()
    for sitting in range(1, COUNT + 1):
        await bench.ledger.accept(sitting % 2, [give(sitting)])
    await _until_recorded(bench, archive, SessionId(unique_id))
    took_s = time.monotonic() - began_s
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    transactions = sum(recorder.write_us.buckets)
    # Each shard rests after every read, and may begin and end with one more.
    assert transactions <= 2 * (took_s / _REST_S + 2)
    await _compare(bench, archive, SessionId(unique_id))

"""A session whose store lost everything it had written, taken up by a director that was not there before."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from leitai.live.clock import ContestClock
from leitai.live.director import Director
from leitai.live.ports import Accepted, Outcome, Restored, SessionFile, SessionScript, SessionState, StoreUnavailable
from leitai.live.recorder import Recorder
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Micros, Phase, SittingId
from leitai.stores.embedded.valkey import EmbeddedValkey
from leitai.stores.postgres.archive import PostgresArchive
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support.ledgers import give
from tests.support.office import small_session, stores_at
from tests.support.stores import running_valkey
from tests.support.waiting import eventually

SHARDS = 2
_BIG_MARGIN = 1_000_000


@pytest.fixture
def own_valkey() -> Iterator[EmbeddedValkey]:
    """A Valkey whose data the test may destroy."""
    with running_valkey() as valkey:
        yield valkey


class _House:
    """The session in both stores; `working` runs a director and a recorder, new ones at every time."""

    def __init__(self, url: str, file: SessionFile, archive: PostgresArchive) -> None:
        self.file = file
        self.archive = archive
        self.store = open_store(url)
        self.session = ValkeySession(self.store, file.session_id, SHARDS)
        self.ledger = ValkeyLedger(self.store, file.session_id, SHARDS)

    @asynccontextmanager
    async def working(self, name: str) -> AsyncGenerator[None]:
        director = Director(name, self.file, self.session, self.ledger, self.archive, ContestClock(self.ledger))
        recorder = Recorder(self.file.session_id, SHARDS, self.session, self.archive)
        tasks = [asyncio.create_task(director.run()), asyncio.create_task(recorder.run())]
        try:
            await eventually(self.open, bool)
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def accept(self, sittings: Sequence[int]) -> dict[int, Accepted]:
        found: dict[int, Accepted] = {}
        for sitting in sittings:
            (found[sitting],) = await self.ledger.accept(sitting % SHARDS, [give(sitting, elapsed_us=-1)])
        return found

    async def recorded(self, count: int) -> dict[int, tuple[int, int]]:
        """Wait until so many answers are in the archive, and return stamp and offset by sitting."""
        answers = await eventually(lambda: self.archive.answers(self.file.session_id), lambda all_: len(all_) >= count)
        assert len(answers) == count
        return {answer.sitting_id: (answer.stamp_us, answer.offset) for answer in answers}

    async def open(self) -> bool:
        with suppress(StoreUnavailable):
            state = await self.session.state()
            conditions = [await self.session.condition(shard) for shard in range(SHARDS)]
            return state is not None and state.phase is Phase.RUNNING and all(one.open for one in conditions)
        return False


@asynccontextmanager
async def _housed(dsn: str, url: str) -> AsyncGenerator[_House]:
    async with stores_at(dsn) as stores:
        now_us = time.time_ns() // 1000
        settings = SessionSettings("全国统一在线比试", Micros(now_us), Micros(now_us - 5_000_000), shards=SHARDS)
        created = await small_session(stores, settings=settings)
        file = await stores.archive.load_session(created.session_id)
        items = tuple(replace(item, seconds=600) for item in file.plan.items)
        house = _House(url, replace(file, plan=replace(file.plan, items=items)), stores.archive)
        try:
            yield house
        finally:
            await house.store.aclose()


async def test_a_session_goes_on_from_the_archive_and_receipts(database: str, own_valkey: EmbeddedValkey) -> None:
    async with _housed(database, own_valkey.url) as house:
        async with house.working("first"):
            given = await house.accept(range(1, 7))
            recorded = await house.recorded(6)
            feed, epoch = await house.session.feed(0, 0), await house.session.epoch()
            await eventually(
                lambda: house.archive.script(house.file.session_id),
                lambda script: script is not None and len(script.feed) == len(feed),
            )
        unrecorded = await house.accept([7])
        await asyncio.to_thread(own_valkey.stop)
        own_valkey.forget()
        await asyncio.to_thread(own_valkey.start)
        with pytest.raises(StoreUnavailable, match="not open"):
            await house.accept([8])

        async with house.working("second"):
            # The script is as it was, under another epoch: whoever was there comes back and presents receipts.
            assert await house.session.feed(0, 0) == feed
            assert await house.session.epoch() != epoch
            again = await house.accept(range(1, 7))
            assert again == {
                sitting: Accepted(one.outcome, True, one.stamp_us, one.elapsed_us, one.offset, "", one.flagged)
                for sitting, one in given.items()
            }
            assert all(one.flagged for one in again.values())
            lost = unrecorded[7]
            receipt = Restored(
                *(SittingId(7), give().item_no, 1, ("A",), Outcome.ACCEPTED),
                *(lost.stamp_us, lost.elapsed_us, lost.offset, lost.flagged),
            )
            assert await house.ledger.restore(7 % SHARDS, [receipt]) == [lost]
            (later,) = (await house.accept([8])).values()
            assert later.offset > _BIG_MARGIN
            # What came after the loss reaches the archive too, whatever positions were recorded before.
            assert await house.recorded(8) == recorded | {
                7: (lost.stamp_us, lost.offset),
                8: (later.stamp_us, later.offset),
            }


async def test_a_director_that_stays_puts_the_script_back_from_memory(
    database: str, own_valkey: EmbeddedValkey
) -> None:
    async with _housed(database, own_valkey.url) as house, house.working("first"):
        await house.accept([1, 2])
        await house.recorded(2)
        feed = await house.session.feed(0, 0)
        await house.archive.save_script(house.file.session_id, SessionScript(_nothing(house), ()))
        await asyncio.to_thread(own_valkey.stop)
        own_valkey.forget()
        await asyncio.to_thread(own_valkey.start)
        await eventually(house.open, bool)
        assert await house.session.feed(0, 0) == feed
        again = await house.accept([1, 2])
        assert [one.duplicate for one in again.values()] == [True, True]


def _nothing(house: _House) -> SessionState:
    return SessionState(Phase.SCHEDULED, house.file.start_us, 0, ())

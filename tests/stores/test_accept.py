"""What the real store must keep beyond the contract: through restarts, kills, forgotten scripts and crowds."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import pytest

from leitai.live.ports import Outcome, StoreUnavailable
from leitai.rules.values import Counted, ItemNo, SessionId, SittingId
from leitai.stores.embedded.valkey import EmbeddedValkey
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store, open_store, script
from tests.support.ledgers import RealBench, give, wide
from tests.support.stores import running_valkey
from tests.support.waiting import PATIENCE_S


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    opened = open_store(valkey_url)
    yield opened
    await opened.aclose()


@pytest.fixture
def own_valkey() -> Iterator[EmbeddedValkey]:
    """A Valkey that the test may kill."""
    with running_valkey() as valkey:
        yield valkey


async def _bench(store: Store, session_id: int, items: tuple[int, ...] = (1,)) -> RealBench:
    bench = RealBench(store, session_id, 1)
    await bench.windows(Counted.FIRST, *wide(await bench.now_us(), items))
    return bench


async def _setting(store: Store, name: str) -> str:
    _, value = await store.execute_command("CONFIG", "GET", name)
    return value.decode()


async def test_a_thousand_answers_are_on_disk_before_they_are_acknowledged(store: Store, unique_id: int) -> None:
    bench = await _bench(store, unique_id)
    assert await _setting(store, "appendonly") == "yes"
    assert await _setting(store, "appendfsync") == "always"
    assert await _setting(store, "no-appendfsync-on-rewrite") == "no"
    assert await _setting(store, "maxmemory-policy") == "noeviction"
    calls = [bench.ledger.accept(0, [give(first + at) for at in range(100)]) for first in range(1, 1001, 100)]
    decisions = [decision for batch in await asyncio.gather(*calls) for decision in batch]
    info = (await store.execute_command("INFO", "persistence")).decode().split("\r\n")
    assert {"aof_enabled:1", "aof_last_write_status:ok", "aof_pending_bio_fsync:0"} <= set(info)
    assert {decision.outcome for decision in decisions} == {Outcome.ACCEPTED}
    assert sorted(decision.offset for decision in decisions) == list(range(1, 1001))
    assert len(await bench.stream()) == 1000


@pytest.mark.parametrize("name", ["accept", "restore", "lease", "windows"])
async def test_a_store_that_forgot_its_scripts_is_told_again(store: Store, unique_id: int, name: str) -> None:
    bench = await _bench(store, unique_id)
    await bench.ledger.accept(0, [give(1)])
    await store.execute_command("SCRIPT", "FLUSH")
    _, digest = script(name)
    assert await store.execute_command("SCRIPT", "EXISTS", digest) in ([0], [False])
    (decision,) = await bench.ledger.accept(0, [give(2)])
    assert (decision.outcome, decision.offset) == (Outcome.ACCEPTED, 2)
    assert await bench.ledger.restore(0, []) == []
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))


async def test_many_gateways_at_once_record_every_answer_once(store: Store, unique_id: int) -> None:
    bench = await _bench(store, unique_id)
    batch = [give(sitting) for sitting in range(1, 51)]
    answers = await asyncio.gather(*(bench.ledger.accept(0, batch) for _ in range(8)))
    assert sum(not decision.duplicate for batch in answers for decision in batch) == 50
    for column in zip(*answers, strict=True):
        assert len({(decision.stamp_us, decision.offset) for decision in column}) == 1
    assert [answer.offset for answer in await bench.stream()] == list(range(1, 51))


async def test_a_burst_of_calls_goes_over_one_connection(valkey_url: str, unique_id: int) -> None:
    store = open_store(valkey_url)
    bench = await _bench(store, unique_id)
    before = await store.execute_command("CLIENT", "ID")
    decisions = await asyncio.gather(*(bench.ledger.accept(0, [give(sitting)]) for sitting in range(1, 201)))
    assert await store.execute_command("CLIENT", "ID") == before
    await store.aclose()
    assert sorted(decision.offset for (decision,) in decisions) == list(range(1, 201))


async def test_a_call_that_is_cancelled_does_not_shift_the_replies_of_others(valkey_url: str, unique_id: int) -> None:
    store = open_store(valkey_url)
    bench = await _bench(store, unique_id)
    for sitting in range(1, 40):
        cancelled = asyncio.ensure_future(bench.ledger.accept(0, [give(sitting)]))
        for _ in range(sitting % 5):
            await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        (decision,) = await bench.ledger.accept(0, [give(1000 + sitting, elapsed_us=sitting)])
        assert (decision.outcome, decision.elapsed_us) == (Outcome.ACCEPTED, sitting)
        assert await store.execute_command("GET", f"no-such-key-{unique_id}") is None
    await store.aclose()


async def test_a_call_that_is_cancelled_ends_wherever_it_was(store: Store, unique_id: int) -> None:
    """A director that lost its lease, a gateway that stops: none may go on because one call did not hear of it."""
    bench = await _bench(store, unique_id)

    async def follow() -> None:
        while True:
            await bench.session.answers(0, "0-0", 100)

    for turns in range(60):
        following = asyncio.create_task(follow())
        for _ in range(turns):
            await asyncio.sleep(0)
        following.cancel()
        done, _ = await asyncio.wait({following}, timeout=PATIENCE_S)
        assert done, turns


async def _insist(ledger: ValkeyLedger, sitting: int) -> int:
    """Repeat one answer until it is decided, as the intake does; return its offset."""
    while True:
        try:
            (decision,) = await ledger.accept(0, [give(sitting, response=("A", "C"))])
        except StoreUnavailable:
            # The socket refuses at once while the store is down: give the others their turn.
            await asyncio.sleep(0.01)
        else:
            return decision.offset


async def test_a_store_killed_in_mid_flight_loses_and_doubles_nothing(
    own_valkey: EmbeddedValkey, unique_id: int
) -> None:
    store = open_store(own_valkey.url)
    bench = await _bench(store, unique_id)
    acknowledged: dict[int, int] = {}
    stages = {stage: asyncio.Event() for stage in (200, 600, 1000)}

    async def contestant(first: int) -> None:
        for sitting in range(first, 1500, 6):
            acknowledged[sitting] = await _insist(bench.ledger, sitting)
            if (reached := stages.get(len(acknowledged))) is not None:
                reached.set()

    async def killer() -> None:
        for reached in stages.values():
            await reached.wait()
            await asyncio.to_thread(own_valkey.kill)
            await asyncio.to_thread(own_valkey.start)
            # As the director does.
            await bench.windows(Counted.FIRST, *wide(await bench.now_us()))

    async with asyncio.timeout(4 * PATIENCE_S):
        await asyncio.gather(killer(), *(contestant(first) for first in range(1, 7)))
    stream = await bench.stream()
    await store.aclose()
    assert {answer.sitting_id: answer.offset for answer in stream} == acknowledged
    offsets = [answer.offset for answer in stream]
    assert len(offsets) == 1499
    # Every start of the store begins a million further on.
    assert [before for before, after in pairwise(offsets) if after != before + 1] == [
        before for before, after in pairwise(offsets) if after > before + 1_000_000
    ]
    assert offsets[-1] > 3_000_000


async def test_a_store_that_is_down_is_unavailable_and_comes_back(own_valkey: EmbeddedValkey, unique_id: int) -> None:
    store = open_store(own_valkey.url)
    bench = await _bench(store, unique_id)
    await bench.ledger.accept(0, [give(1)])
    epoch = await bench.session.epoch()
    await asyncio.to_thread(own_valkey.kill)
    for call in (bench.ledger.accept(0, [give(2)]), bench.session.state(), bench.ledger.time_us()):
        with pytest.raises(StoreUnavailable):
            await call
    await asyncio.to_thread(own_valkey.start)
    with pytest.raises(StoreUnavailable, match="not open"):
        await bench.ledger.accept(0, [give(2)])
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    (known,) = await bench.ledger.accept(0, [give(1)])
    (new,) = await bench.ledger.accept(0, [give(2)])
    assert (known.duplicate, known.offset, new.offset) == (True, 1, 1_000_002)
    assert await bench.session.epoch() == epoch
    await store.aclose()


async def test_a_store_that_cannot_write_is_unavailable_and_records_nothing(
    own_valkey: EmbeddedValkey, unique_id: int
) -> None:
    """A full disk or memory passes: whoever waits must be told to try again, not that the answer is bad."""
    store = open_store(own_valkey.url)
    bench = await _bench(store, unique_id)
    await store.execute_command("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(StoreUnavailable):
        await bench.ledger.accept(0, [give(1)])
    await store.execute_command("CONFIG", "SET", "maxmemory", "0")
    await store.execute_command("CONFIG", "SET", "min-replicas-to-write", "1")
    with pytest.raises(StoreUnavailable):
        await bench.ledger.accept(0, [give(1)])
    await store.execute_command("CONFIG", "SET", "min-replicas-to-write", "0")
    (decision,) = await bench.ledger.accept(0, [give(1)])
    assert (decision.duplicate, decision.offset) == (False, 1)
    await store.aclose()


async def test_sessions_know_nothing_of_each_other(store: Store, unique_id: int) -> None:
    bench = await _bench(store, unique_id)
    other = ValkeyLedger(store, SessionId(unique_id + 1), 1)
    await bench.ledger.accept(0, [give(1)])
    with pytest.raises(StoreUnavailable, match="not open"):
        await other.accept(0, [give(1)])
    assert await other.own(SittingId(1), [ItemNo(1)]) == []

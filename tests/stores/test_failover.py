"""A primary is lost, with a replica that has everything, with one that has not, and under Sentinel."""

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncGenerator, Generator, Iterator
from pathlib import Path

import pytest

from leitai.live.ports import STORE_LOSS, Accepted, Outcome, Restored, SessionEvent, StoreUnavailable
from leitai.rules.values import Counted, ItemNo, SessionId, SittingId
from leitai.stores.embedded.cluster import NODE_TIMEOUT_MS, ClusterNode, EmbeddedCluster
from leitai.stores.embedded.valkey import EmbeddedValkey, program_path
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import ShardKeys
from leitai.stores.valkey.slots import slot_of
from tests.support.ledgers import RealBench, give, wide
from tests.support.others import free_ports
from tests.support.stores import running_cluster, running_valkey, scratch_folder
from tests.support.waiting import PATIENCE_S, eventually

WITHIN_S = PATIENCE_S


@pytest.fixture
def cluster() -> Iterator[EmbeddedCluster]:
    """A Cluster whose nodes the test may kill."""
    with running_cluster(NODE_TIMEOUT_MS) as made:
        yield made


@pytest.fixture
def lasting() -> Iterator[EmbeddedCluster]:
    """A Cluster that takes no node for dead while the test lasts."""
    with running_cluster() as made:
        yield made


@contextlib.asynccontextmanager
async def _benched(url: str, session: int, replicas: int) -> AsyncGenerator[RealBench]:
    store = open_store(url, replicas=replicas)
    bench = RealBench(store, session, 1)
    await bench.windows(Counted.FIRST, *wide(await bench.now_us(), (1, 2)))
    yield bench
    await store.aclose()


def _pair(cluster: EmbeddedCluster, session: int) -> tuple[ClusterNode, ClusterNode]:
    """The primary of a session's first shard, and its replica."""
    primary = cluster.primary(slot_of(ShardKeys(SessionId(session), 0).answers))
    return primary, next(
        node for node in cluster.nodes if node.info("replication").get("master_port") == str(primary.port)
    )


async def _reopened(bench: RealBench) -> None:
    """Do as a director does until the shard is open again."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            with contextlib.suppress(StoreUnavailable):
                await bench.windows(Counted.FIRST, *wide(await bench.now_us(), (1, 2)))
                return
            await asyncio.sleep(0.1)


async def _insist(ledger: ValkeyLedger, sitting: int) -> Accepted:
    while True:
        try:
            (decision,) = await ledger.accept(0, [give(sitting)])
        except StoreUnavailable:
            await asyncio.sleep(0.05)
        else:
            return decision


async def test_nothing_is_acknowledged_that_no_replica_has(lasting: EmbeddedCluster, unique_id: int) -> None:
    """Nor is the repetition of what none had, which writes nothing itself, nor a snapshot of it."""
    async with _benched(lasting.url, unique_id, replicas=1) as bench:
        _, replica = await asyncio.to_thread(_pair, lasting, unique_id)
        first = await _insist(bench.ledger, 1)
        replica.child.send(signal.SIGSTOP)
        stranger = open_store(lasting.url, replicas=1)
        try:
            for ledger in (bench.ledger, ValkeyLedger(stranger, SessionId(unique_id), 1)):
                with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                    await ledger.accept(0, [give(2)])
            with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                await bench.ledger.own(SittingId(2), [ItemNo(1)])
        finally:
            replica.child.send(signal.SIGCONT)
            await stranger.aclose()
        known = await _insist(bench.ledger, 2)
        assert (known.duplicate, known.offset) == (True, first.offset + 1)
        assert [answer.sitting_id for answer in await bench.stream()] == [1, 2]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_primary_that_dies_or_hangs_while_answers_come_loses_none_that_was_acknowledged(
    cluster: EmbeddedCluster, unique_id: int, end: signal.Signals
) -> None:
    acknowledged: dict[int, Accepted] = {}
    async with _benched(cluster.url, unique_id, replicas=1) as bench, asyncio.timeout(4 * WITHIN_S):
        primary, replica = await asyncio.to_thread(_pair, cluster, unique_id)
        some = asyncio.Event()

        async def contestant(first: int) -> None:
            for sitting in range(first, 401, 8):
                acknowledged[sitting] = await _insist(bench.ledger, sitting)
                if len(acknowledged) >= 150:
                    some.set()

        async def killer() -> None:
            await some.wait()
            primary.child.send(end)
            await eventually(lambda: asyncio.to_thread(replica.info, "replication"), lambda it: it["role"] == "master")
            if end is signal.SIGKILL:
                await asyncio.to_thread(primary.kill)
                await asyncio.to_thread(primary.start)
            else:
                primary.child.send(signal.SIGCONT)
            await _reopened(bench)

        await asyncio.gather(killer(), *(contestant(first) for first in range(1, 9)))
        stream = {answer.sitting_id: answer for answer in await bench.stream()}
    assert sorted(acknowledged) == sorted(stream) == list(range(1, 401))
    for sitting, decision in acknowledged.items():
        recorded = stream[SittingId(sitting)]
        assert (recorded.stamp_us, recorded.offset) == (decision.stamp_us, decision.offset)
    assert max(decision.offset for decision in acknowledged.values()) > 1_000_000


async def test_a_shard_is_opened_only_on_the_history_that_was_looked_at(unique_id: int) -> None:
    """A store that was started again between the look and the opening may have lost something in between."""
    with running_valkey() as valkey:
        async with _benched(valkey.url, unique_id, replicas=0) as bench:
            looked_at = await bench.session.condition(0)
            assert (looked_at.open, looked_at.kept) == (True, 0)
            valkey.kill()
            await asyncio.to_thread(valkey.start)
            token = await bench.session.lease("bench", 60_000)
            windows = wide(await bench.now_us())
            with pytest.raises(StoreUnavailable, match="replaced"):
                await bench.session.set_windows(token, "first", windows, [0], [looked_at.history])
            now = await bench.session.condition(0)
            assert (now.open, now.history != looked_at.history) == (False, True)
            await bench.session.set_windows(token, "first", windows, [0], [now.history])
            assert (await bench.session.condition(0)).open


async def test_answers_lost_with_a_primary_are_known_and_come_back_by_their_receipts(
    cluster: EmbeddedCluster, unique_id: int
) -> None:
    """Where nobody was asked to wait for replicas, the promoted one may have less than was acknowledged."""
    async with _benched(cluster.url, unique_id, replicas=0) as bench:
        primary, replica = await asyncio.to_thread(_pair, cluster, unique_id)
        await bench.ledger.accept(0, [give(1)])
        epoch = await bench.session.epoch()
        written = int(primary.info("replication")["master_repl_offset"])
        await eventually(
            lambda: asyncio.to_thread(replica.info, "replication"), lambda it: int(it["slave_repl_offset"]) >= written
        )
        replica.child.send(signal.SIGSTOP)
        # Or it would find the rest in its socket.
        primary.ask("CLIENT", "KILL", "TYPE", "replica")
        (lost,) = await bench.ledger.accept(0, [give(2, elapsed_us=-1)])
        await asyncio.to_thread(primary.kill)
        replica.child.send(signal.SIGCONT)
        await _reopened(bench)
        other = await _insist(bench.ledger, 3)
        assert other.offset == 1_000_002
        assert await bench.session.epoch() != epoch
        _, entries = await bench.session.events("0-0", 0)
        told = [event for _, events in entries for event in events if isinstance(event, SessionEvent)]
        assert [(event.kind, event.detail) for event in told] == [(STORE_LOSS, "shard 0: kept 1 of 2")]
        receipt = Restored(
            SittingId(2), ItemNo(1), 1, ("A",), Outcome.ACCEPTED, lost.stamp_us, lost.elapsed_us, lost.offset, True
        )
        assert await bench.ledger.restore(0, [receipt]) == [lost]
        (again,) = await bench.ledger.accept(0, [give(2)])
        assert (again.duplicate, again.stamp_us, again.offset, again.flagged) == (True, lost.stamp_us, 2, True)
        assert [answer.sitting_id for answer in await bench.stream()] == [1, 3, 2]


# --- Sentinel ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _watched(folder: Path) -> Generator[tuple[EmbeddedValkey, str]]:
    """A primary with a replica under one Sentinel; yields the primary, and the URL."""
    ports = free_ports(3)
    common = {"bind": "127.0.0.1", "repl-diskless-sync-delay": "0"}
    primary = EmbeddedValkey(folder / "one", settings={**common, "port": str(ports[0])})
    following = {**common, "port": str(ports[1]), "replicaof": f"127.0.0.1 {ports[0]}"}
    replica = EmbeddedValkey(folder / "two", settings=following)
    file = folder / "sentinel.conf"
    file.write_text(
        f"port {ports[2]}\nbind 127.0.0.1\nsentinel monitor contest 127.0.0.1 {ports[0]} 1\n"
        f"sentinel down-after-milliseconds contest {1000 * int(WITHIN_S)}\nsentinel failover-timeout contest 5000\n"
    )
    with contextlib.ExitStack() as stack:
        for node in (primary, replica):
            node.start()
            stack.callback(node.stop)
        with (folder / "sentinel.log").open("wb") as log:
            sentinel = subprocess.Popen([program_path(), file, "--sentinel"], cwd=folder, stdout=log, stderr=log)
        stack.callback(sentinel.wait)
        stack.callback(sentinel.kill)
        yield primary, f"redis+sentinel://127.0.0.1:{ports[2]}/contest"


async def _knows_replica(store: Store, url: str) -> bool:
    sentinel = open_store(url.replace("redis+sentinel", "redis").rpartition("/")[0])
    try:
        return len(await sentinel.execute_command("SENTINEL", "REPLICAS", "contest")) == 1
    except StoreUnavailable:
        return False
    finally:
        await sentinel.aclose()


async def test_sentinel_names_the_primary_and_its_successor(unique_id: int) -> None:
    with scratch_folder() as folder, _watched(folder) as (primary, url):
        sentinel = open_store(url.replace("redis+sentinel", "redis").rpartition("/")[0])
        async with asyncio.timeout(2 * WITHIN_S), contextlib.aclosing(sentinel):
            store = open_store(url, replicas=0)
            await eventually(lambda: _knows_replica(store, url), bool)
            bench = RealBench(store, unique_id, 1)
            await _reopened(bench)
            careful = open_store(url, replicas=1)
            first = await _insist(ValkeyLedger(careful, SessionId(unique_id), 1), 1)
            await careful.aclose()
            await asyncio.to_thread(primary.kill)
            with pytest.raises(StoreUnavailable):
                await bench.ledger.accept(0, [give(2)])
            # No sooner, or it would take a stall of the machine for this.
            await sentinel.execute_command("SENTINEL", "SET", "contest", "down-after-milliseconds", "800")
            await _reopened(bench)
            again, second = await bench.ledger.accept(0, [give(1), give(2)])
            assert (again.duplicate, again.offset, again.stamp_us) == (True, first.offset, first.stamp_us)
            assert second.offset > 1_000_000
            await store.aclose()

"""Where a key is: slots as the store counts them, URLs of every form, and keys that move while they are used."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator

import pytest

from leitai.live.ports import StoreUnavailable
from leitai.rules.values import Counted, SessionId
from leitai.stores.embedded.cluster import ClusterNode, EmbeddedCluster
from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import SessionKeys, ShardKeys
from leitai.stores.valkey.slots import slot_of
from leitai.stores.valkey.topology import Cluster, Sentinel, Single, topology_of
from tests.support.ledgers import RealBench, give, wide
from tests.support.stores import running_cluster
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[EmbeddedCluster]:
    """A Cluster whose slots the tests may move."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
async def store(own_cluster: EmbeddedCluster) -> AsyncIterator[Store]:
    opened = open_store(own_cluster.url, replicas=1)
    yield opened
    await opened.aclose()


def test_slots_are_those_of_the_store(own_cluster: EmbeddedCluster) -> None:
    names = [
        "",
        "a",
        "{}",
        "{}a",
        "a{",
        "a{b",
        "}{a}",
        "{a}{b}",
        "x{{a}}y",
        "擂{台}",
        "{擂台}x",
        keys.ticket("0f"),
        "}a{",
    ]
    names += [SessionKeys(SessionId(7)).feed, ShardKeys(SessionId(7), 3).answers, keys.web_session("1"), "{a}" * 40]
    shuffled = random.Random(1)
    names += ["".join(shuffled.choices("{}ab:.1", k=shuffled.randrange(1, 12))) for _ in range(300)]
    node = own_cluster.nodes[0]
    assert [slot_of(name) for name in names] == [node.ask("CLUSTER", "KEYSLOT", name) for name in names]


def test_keys_that_a_script_touches_together_share_a_slot() -> None:
    for made in (SessionKeys(SessionId(12)), ShardKeys(SessionId(12), 5)):
        names = [value for name in made.__slots__ if isinstance(value := getattr(made, name), str)]
        assert len(names) > 5
        assert len({slot_of(name) for name in names}) == 1


def test_shards_of_a_session_lie_apart() -> None:
    assert len({slot_of(ShardKeys(SessionId(12), shard).answers) for shard in range(8)}) == 8


async def test_replicas_in_step_are_those_of_the_primary_that_has_the_fewest(
    own_cluster: EmbeddedCluster, store: Store, valkey_url: str
) -> None:
    assert await store.replicas_in_step() == 1
    alone = open_store(valkey_url)
    assert await alone.replicas_in_step() == 0
    await alone.aclose()
    primary = own_cluster.primary(0)
    (replica,) = [
        node
        for node in own_cluster.nodes
        if node.info("replication").get("master_port") == primary.address.rpartition(":")[2]
    ]
    replica.stop()
    try:
        assert await eventually(store.replicas_in_step, lambda found: found == 0) == 0
    finally:
        replica.start()
    assert await eventually(store.replicas_in_step, lambda found: found == 1) == 1


def test_urls() -> None:
    assert topology_of("redis://h:1/2").primaries() == {"redis://h:1/2"}
    assert isinstance(topology_of("unix:///run/v.sock"), Single)
    assert isinstance(topology_of("rediss+cluster://u:p@a:1,b:2"), Cluster)
    assert isinstance(topology_of("redis+sentinel://a:1,b:2/mymaster"), Sentinel)
    cluster = topology_of("rediss+cluster://u:p@a:1, b:2")
    assert cluster.learn("k", "10.0.0.1:7") == "rediss://u:p@10.0.0.1:7"
    assert cluster.primary("k") == "rediss://u:p@10.0.0.1:7"
    assert cluster.primary("another") is None
    assert cluster.learn("k", "fe80::1:7") == "rediss://u:p@[fe80::1]:7"
    for wrong in ("redis+sentinel://a:1", "redis+ring://a:1/x", "http://a:1", "", "a:1"):
        with pytest.raises(ValueError, match=r"neither|wants"):
            topology_of(wrong)


async def test_answers_follow_their_slot_to_another_node(
    own_cluster: EmbeddedCluster, store: Store, unique_id: int
) -> None:
    """While it moves (ASK), after it moved (MOVED), and again by somebody who knew neither."""
    bench = RealBench(store, unique_id, 1)
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    (first,) = await bench.ledger.accept(0, [give(1)])
    slot = slot_of(ShardKeys(SessionId(unique_id), 0).answers)
    source = own_cluster.primary(slot)
    target = next(node for node in own_cluster.nodes[:3] if node is not source)
    await asyncio.to_thread(_move, own_cluster, slot, source, target)
    assert own_cluster.primary(slot) is target
    # Another node may have forgotten something: a director looks first, and offsets go on far away.
    with pytest.raises(StoreUnavailable, match="replaced"):
        await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    again, second = await bench.ledger.accept(0, [give(1), give(2)])
    assert (again.duplicate, again.stamp_us, again.offset) == (True, first.stamp_us, first.offset)
    assert second.offset == first.offset + 1_000_001
    assert [answer.sitting_id for answer in await bench.stream()] == [1, 2]
    stranger = open_store(f"redis+cluster://{source.address}", replicas=1)
    assert len(await RealBench(stranger, unique_id, 1).stream()) == 2
    await stranger.aclose()


async def test_a_key_is_found_where_it_is_moving_to(own_cluster: EmbeddedCluster, store: Store, unique_id: int) -> None:
    name = f"leitai:ticket:{unique_id}"
    slot = slot_of(name)
    source = own_cluster.primary(slot)
    target = next(node for node in own_cluster.nodes[:3] if node is not source)
    await store.execute_command("SET", name, "here")
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.ask("CLUSTER", "MYID").decode())
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.ask("CLUSTER", "MYID").decode())
    assert await store.execute_command("GET", name) == b"here"
    source.ask("MIGRATE", "127.0.0.1", target.port, name, 0, 5000)
    assert await store.execute_command("GETDEL", name) == b"here"
    await store.execute_durably("SET", name, "there")
    assert await store.execute_command("GET", name) == b"there"
    source.ask("CLUSTER", "SETSLOT", slot, "STABLE")
    assert await store.execute_command("GET", name) is None


def _move(cluster: EmbeddedCluster, slot: int, source: ClusterNode, target: ClusterNode) -> None:
    name = target.ask("CLUSTER", "MYID").decode()
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.ask("CLUSTER", "MYID").decode())
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", name)
    while moving := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
        source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *(key.decode() for key in moving))
    for node in (target, source, *cluster.nodes[:3]):
        node.ask("CLUSTER", "SETSLOT", slot, "NODE", name)

"""Each judgement on values made by hand: what is well passes, and each thing that is wrong is said by its own id."""

import inspect
from dataclasses import replace

import pytest

from leitai.doctor.findings import Demand, Finding, Severity, percentile
from leitai.doctor.judgement import deployment, machine, postgres, valkey
from leitai.doctor.judgement.deployment import Door, SessionSeen, SettingsSeen
from leitai.doctor.judgement.machine import ClockSeen, DiskSeen, MachineSeen
from leitai.doctor.judgement.postgres import DatabaseSeen
from leitai.doctor.judgement.valkey import NodeSeen, StoreSeen
from leitai.stores.postgres.pool import Database
from leitai.web import listening

DEMAND = Demand()
GIB = 1024**3
OK, WARNING, FAILURE = Severity.OK, Severity.WARNING, Severity.FAILURE


def bad(findings: list[Finding]) -> dict[str, Severity]:
    """What is not well, by id."""
    return {one.id: one.severity for one in findings if one.severity is not OK}


# --- the live store --------------------------------------------------------------------------------------------------

NODE = NodeSeen(
    "10.0.0.1:6379",
    primary=True,
    info={
        "valkey_version": "9.1.2",
        "redis_version": "7.2.4",
        "used_memory": "5000000",
        "total_system_memory": str(16 * GIB),
        "aof_last_write_status": "ok",
    },
    config={name: wanted for name, (wanted, _) in valkey.DURABLE.items()}
    | {"maxmemory": "0", "maxclients": "10000", "min-replicas-to-write": "0"},
)
STORE = StoreSeen([NODE], writes_ms=[1.0] * 100)


def _with_config(name: str, value: str) -> StoreSeen:
    return replace(STORE, nodes=[replace(NODE, config={**NODE.config, name: value})])


def _with_info(name: str, value: str) -> StoreSeen:
    return replace(STORE, nodes=[replace(NODE, info={**NODE.info, name: value})])


def test_a_store_that_is_set_as_ours_is_well() -> None:
    assert bad(valkey.judge(STORE, DEMAND)) == {}


@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("appendonly", "no", FAILURE),
        ("appendfsync", "everysec", FAILURE),
        ("appendfsync", "no", FAILURE),
        ("no-appendfsync-on-rewrite", "yes", FAILURE),
        ("maxmemory-policy", "allkeys-lru", FAILURE),
        ("maxmemory-policy", "volatile-ttl", FAILURE),
        ("auto-aof-rewrite-percentage", "100", WARNING),
        ("save", "3600 1", WARNING),
        ("timeout", "300", WARNING),
        ("maxclients", "47", WARNING),
    ],
)
def test_each_setting_of_the_store_that_is_wrong_is_found(name: str, value: str, severity: Severity) -> None:
    assert bad(valkey.judge(_with_config(name, value), DEMAND)) == {f"store.{name}": severity}


def test_settings_that_cannot_be_read_are_said_and_not_guessed() -> None:
    found = valkey.judge(replace(STORE, nodes=[replace(NODE, config={})]), DEMAND)
    assert bad(found) == {f"store.{name}": WARNING for name in valkey.DURABLE}
    assert {one.seen for one in found if one.severity is WARNING} == {"?"}


@pytest.mark.parametrize(
    ("version", "severity"), [("9.0.0", OK), ("8.1.3", WARNING), ("7.2.5", WARNING), ("7.1.9", FAILURE), ("", FAILURE)]
)
def test_versions_of_valkey(version: str, severity: Severity) -> None:
    found = bad(valkey.judge(_with_info("valkey_version", version), DEMAND))
    assert found == ({} if severity is OK else {"store.version": severity})


@pytest.mark.parametrize(("version", "severity"), [("7.2.4", WARNING), ("8.0.1", WARNING), ("6.2.14", FAILURE)])
def test_redis_is_taken_and_is_not_what_we_test_with(version: str, severity: Severity) -> None:
    node = replace(NODE, info={name: value for name, value in NODE.info.items() if name != "valkey_version"})
    node = replace(node, info={**node.info, "redis_version": version})
    assert bad(valkey.judge(replace(STORE, nodes=[node]), DEMAND)) == {"store.version": severity}


def test_memory_must_hold_the_answers_of_all() -> None:
    full = _with_info("used_memory", str(16 * GIB - 100 * 1024 * 1024))
    assert bad(valkey.judge(full, DEMAND)) == {"store.maxmemory": FAILURE}
    small = _with_config("maxmemory", str(300 * 1024 * 1024))
    assert bad(valkey.judge(small, DEMAND)) == {"store.maxmemory": FAILURE}
    assert bad(valkey.judge(small, Demand(contestants=200))) == {}
    assert bad(valkey.judge(STORE, Demand(contestants=200_000))) == {"store.maxmemory": FAILURE}


def test_a_file_that_cannot_be_written_is_found() -> None:
    assert bad(valkey.judge(_with_info("aof_last_write_status", "err"), DEMAND)) == {"store.aof": FAILURE}


def test_a_store_that_anybody_may_enter_is_found() -> None:
    assert bad(valkey.judge(replace(STORE, guarded=False), DEMAND)) == {"store.password": FAILURE}


def test_a_store_that_does_not_answer_is_found() -> None:
    gone = StoreSeen(unreachable={"10.0.0.1:6379": "Connection refused"})
    (found,) = valkey.judge(gone, DEMAND)
    assert (found.id, found.severity, found.subject) == ("store.reachable", FAILURE, "10.0.0.1:6379")
    assert bad(valkey.judge(StoreSeen(), DEMAND)) == {"store.reachable": FAILURE}


@pytest.mark.parametrize(
    ("writes", "severity"),
    [([1.0] * 100, OK), ([6.0] * 100, WARNING), ([1.0] * 98 + [21.0] * 2, WARNING), ([51.0] * 100, FAILURE)],
)
def test_slow_writes_are_found(writes: list[float], severity: Severity) -> None:
    found = bad(valkey.judge(replace(STORE, writes_ms=writes), DEMAND))
    assert found == ({} if severity is OK else {"store.write": severity})


def test_replicas_that_are_asked_for_must_follow_and_confirm() -> None:
    demand = Demand(replicas=1)
    primary = replace(NODE, replicas=2, config={**NODE.config, "min-replicas-to-write": "1"})
    replica = replace(NODE, address="10.0.0.2:6379", primary=False)
    well = replace(STORE, nodes=[primary, replica], confirmed=2)
    assert bad(valkey.judge(well, demand)) == {}
    assert bad(valkey.judge(replace(well, confirmed=0), demand)) == {"store.waitaof": FAILURE}
    assert bad(valkey.judge(replace(well, waitaof=False), demand)) == {"store.waitaof": FAILURE}
    assert bad(valkey.judge(replace(well, nodes=[replace(primary, replicas=0)]), demand)) == {"store.replicas": FAILURE}
    alone = replace(primary, config=NODE.config)
    assert bad(valkey.judge(replace(well, nodes=[alone]), demand)) == {"store.min-replicas-to-write": WARNING}
    forgetful = replace(replica, config={**NODE.config, "appendfsync": "everysec"})
    (found,) = [
        one for one in valkey.judge(replace(well, nodes=[primary, forgetful]), demand) if one.severity is not OK
    ]
    assert (found.id, found.subject) == ("store.appendfsync", "10.0.0.2:6379")


def test_a_cluster_must_serve_every_slot() -> None:
    whole = {"cluster_state": "ok", "cluster_slots_ok": "16384"}
    assert bad(valkey.judge(replace(STORE, cluster=whole), DEMAND)) == {}
    for broken in ({**whole, "cluster_state": "fail"}, {**whole, "cluster_slots_ok": "10923"}):
        assert bad(valkey.judge(replace(STORE, cluster=broken), DEMAND)) == {"store.cluster": FAILURE}


# --- PostgreSQL ------------------------------------------------------------------------------------------------------

DATABASE = DatabaseSeen(
    settings={
        "server_version": "18.6 (Debian)",
        "server_encoding": "UTF8",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "synchronous_standby_names": "",
        "max_connections": "100",
        "superuser_reserved_connections": "3",
    },
    recorded={1: "aa", 2: "bb"},
    shipped={1: "aa", 2: "bb"},
)


def test_a_database_with_its_defaults_is_well() -> None:
    assert bad(postgres.judge(DATABASE, DEMAND)) == {}


@pytest.mark.parametrize(
    ("name", "value", "id_", "severity"),
    [
        ("fsync", "off", "database.fsync", FAILURE),
        ("full_page_writes", "off", "database.full_page_writes", FAILURE),
        ("synchronous_commit", "off", "database.synchronous_commit", FAILURE),
        ("synchronous_commit", "local", "database.synchronous_commit", FAILURE),
        ("synchronous_commit", "remote_write", "database.synchronous_commit", WARNING),
        ("server_encoding", "SQL_ASCII", "database.encoding", FAILURE),
        ("server_version", "17.2", "database.version", WARNING),
        ("max_connections", "36", "database.max_connections", FAILURE),
    ],
)
def test_each_setting_of_the_database_that_is_wrong_is_found(
    name: str, value: str, id_: str, severity: Severity
) -> None:
    seen = replace(DATABASE, settings={**DATABASE.settings, name: value})
    assert bad(postgres.judge(seen, DEMAND)) == {id_: severity}


def test_more_processes_want_more_connections() -> None:
    assert bad(postgres.judge(DATABASE, Demand(processes=10))) == {}
    assert bad(postgres.judge(DATABASE, Demand(processes=11))) == {"database.max_connections": FAILURE}


def test_a_standby_that_is_named_must_be_there_and_in_step() -> None:
    named = replace(DATABASE, settings={**DATABASE.settings, "synchronous_standby_names": "ANY 1 (standby)"})
    assert bad(postgres.judge(replace(named, standbys=["quorum"]), DEMAND)) == {}
    assert bad(postgres.judge(replace(named, standbys=["async", "sync"]), DEMAND)) == {}
    assert bad(postgres.judge(named, DEMAND)) == {"database.standby": FAILURE}
    assert bad(postgres.judge(replace(named, standbys=["async"]), DEMAND)) == {"database.standby": FAILURE}
    # Who may not look at pg_stat_replication sees that one streams, not how.
    assert bad(postgres.judge(replace(named, standbys=[""]), DEMAND)) == {}
    assert bad(postgres.judge(DATABASE, Demand(replicas=1))) == {"database.standby": WARNING}


def test_the_schema_must_be_this_programs() -> None:
    assert bad(postgres.judge(replace(DATABASE, recorded={1: "aa"}), DEMAND)) == {"version.migrations": WARNING}
    assert bad(postgres.judge(replace(DATABASE, recorded={}), DEMAND)) == {"version.migrations": WARNING}
    newer = replace(DATABASE, recorded={1: "aa", 2: "bb", 3: "cc"})
    assert bad(postgres.judge(newer, DEMAND)) == {"version.migrations": FAILURE}
    changed = replace(DATABASE, recorded={1: "aa", 2: "xx"})
    assert bad(postgres.judge(changed, DEMAND)) == {"version.migrations": FAILURE}


def test_a_database_that_is_away_or_open_is_found() -> None:
    assert bad(postgres.judge(DatabaseSeen("Connection refused"), DEMAND)) == {"database.reachable": FAILURE}
    assert bad(postgres.judge(replace(DATABASE, guarded=False), DEMAND)) == {"database.password": FAILURE}


# --- the machine -----------------------------------------------------------------------------------------------------

MACHINE = MachineSeen(
    files=65536,
    somaxconn=16384,
    syn_backlog=16384,
    ports=(10240, 65535),
    conntrack=262144,
    overcommit=1,
    huge_pages="madvise",
    store_here=True,
    synchronized=True,
)


def test_a_machine_that_is_tuned_is_well() -> None:
    assert bad(machine.judge(MACHINE, DEMAND)) == {}


@pytest.mark.parametrize(
    ("seen", "id_", "severity"),
    [
        (replace(MACHINE, files=3000), "limits.nofile", WARNING),
        (replace(MACHINE, files=1024), "limits.nofile", FAILURE),
        (replace(MACHINE, somaxconn=128), "limits.somaxconn", WARNING),
        (replace(MACHINE, syn_backlog=512), "limits.tcp_max_syn_backlog", WARNING),
        (replace(MACHINE, ports=(60000, 61000)), "limits.ip_local_port_range", WARNING),
        (replace(MACHINE, conntrack=4096), "limits.nf_conntrack_max", WARNING),
        (replace(MACHINE, overcommit=0), "limits.overcommit_memory", WARNING),
        (replace(MACHINE, huge_pages="always"), "limits.transparent_hugepage", WARNING),
        (replace(MACHINE, synchronized=False), "clock.ntp", WARNING),
        (replace(MACHINE, synchronized=None), "clock.ntp", WARNING),
        (replace(MACHINE, python=(3, 10)), "version.python", FAILURE),
        (replace(MACHINE, missing=["picows"]), "version.modules", FAILURE),
        (replace(MACHINE, pages=False), "version.pages", FAILURE),
        (replace(MACHINE, exposed=["6379"]), "ports.stores", FAILURE),
    ],
)
def test_each_thing_that_is_wrong_with_a_machine_is_found(seen: MachineSeen, id_: str, severity: Severity) -> None:
    assert bad(machine.judge(seen, DEMAND)) == {id_: severity}


def test_what_concerns_a_store_is_not_asked_of_a_machine_without_one() -> None:
    elsewhere = replace(MACHINE, store_here=False, overcommit=0, huge_pages="always")
    assert bad(machine.judge(elsewhere, DEMAND)) == {}


def test_what_a_machine_does_not_tell_is_left_out() -> None:
    bare = MachineSeen(files=65536, synchronized=True)
    assert bad(machine.judge(bare, DEMAND)) == {}


@pytest.mark.parametrize(
    ("offset", "uncertainty", "severity"),
    [(0, 1, OK), (-99, 0, OK), (101, 0, WARNING), (101, 2, OK), (-500, 5, WARNING), (1200, 5, FAILURE)],
)
def test_clocks_that_are_apart(offset: float, uncertainty: float, severity: Severity) -> None:
    assert machine.judge_clock(ClockSeen("store", offset, uncertainty)).severity is severity


@pytest.mark.parametrize(
    ("syncs", "free", "expected"),
    [
        ([1.0] * 200, 10 * GIB, {}),
        ([6.0] * 200, 10 * GIB, {"disk.fsync": WARNING}),
        ([1.0] * 190 + [30.0] * 10, 10 * GIB, {"disk.fsync": WARNING}),
        ([60.0] * 200, 10 * GIB, {"disk.fsync": FAILURE}),
        ([1.0] * 200, 4 * GIB, {"disk.free": WARNING}),
        ([1.0] * 200, GIB // 2, {"disk.free": FAILURE}),
    ],
)
def test_disks(syncs: list[float], free: int, expected: dict[str, Severity]) -> None:
    assert bad(machine.judge_disk(DiskSeen("/data", syncs, free))) == expected


# --- keys, origins, door ---------------------------------------------------------------------------------------------

SETTINGS = SettingsSeen(
    key=bytes.fromhex("8f1cd2774b0ae56390b81d3cf7462ea95d13c86f02be7a914d68f05b3ae7c219"),
    key_of_demo=False,
    origins=["https://contest.example.cn"],
    https=True,
    host="127.0.0.1",
    port=8000,
    door=Door.FREE,
)


def test_settings_of_a_careful_deployment_are_well() -> None:
    assert bad(deployment.judge_settings(SETTINGS, DEMAND)) == {}
    assert bad(deployment.judge_settings(replace(SETTINGS, door=Door.OURS), DEMAND)) == {}


@pytest.mark.parametrize(
    "key", [b"", bytes(32), b"\xab" * 32, bytes(range(32)), bytes(range(0, 64, 2)), b"0123456789abcdef", b"ab" * 20]
)
def test_keys_that_somebody_typed_are_found(key: bytes) -> None:
    assert bad(deployment.judge_settings(replace(SETTINGS, key=key), DEMAND)) == {"secret.key": FAILURE}


@pytest.mark.parametrize(
    "origin",
    [
        "https://contest.example.cn/",
        "https://Contest.example.cn",
        "https://*.example.cn",
        "https://contest.example.cn:443",
        "contest.example.cn",
        "null",
        "wss://contest.example.cn",
        "https://contest.example.cn/contest",
    ],
)
def test_origins_that_no_browser_sends_are_found(origin: str) -> None:
    seen = replace(SETTINGS, origins=["https://contest.example.cn", origin])
    assert bad(deployment.judge_settings(seen, DEMAND)) == {"origins.exact": FAILURE}
    staff = replace(SETTINGS, office_origins=[origin])
    assert bad(deployment.judge_settings(staff, DEMAND)) == {"origins.exact": FAILURE}


def test_origins_must_be_https_and_cookies_must_fit() -> None:
    plain = replace(SETTINGS, origins=["http://contest.example.cn"], https=False)
    assert bad(deployment.judge_settings(plain, DEMAND)) == {"origins.https": FAILURE}
    for here in ("http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"):
        seen = replace(SETTINGS, origins=[here], https=False)
        assert bad(deployment.judge_settings(seen, DEMAND)) == {"origins.https": WARNING}
    assert bad(deployment.judge_settings(replace(SETTINGS, https=False), DEMAND)) == {"origins.cookie": FAILURE}
    with_port = replace(SETTINGS, origins=["https://contest.example.cn:8443"])
    assert bad(deployment.judge_settings(with_port, DEMAND)) == {}
    assert "origins.exact" in bad(deployment.judge_settings(replace(SETTINGS, origins=[]), DEMAND))


def test_the_door_is_free_and_not_open_to_all_unless_meant() -> None:
    taken = replace(SETTINGS, door=Door.TAKEN)
    assert bad(deployment.judge_settings(taken, DEMAND)) == {"ports.door": FAILURE}
    for host in ("0.0.0.0", "::"):
        everywhere = replace(SETTINGS, host=host)
        assert bad(deployment.judge_settings(everywhere, DEMAND)) == {"ports.interface": FAILURE}
        assert bad(deployment.judge_settings(everywhere, Demand(all_interfaces=True))) == {}
    staff = replace(SETTINGS, office_host="0.0.0.0")
    assert bad(deployment.judge_settings(staff, DEMAND)) == {"ports.interface": FAILURE}
    assert bad(deployment.judge_settings(staff, Demand(all_interfaces=True))) == {}
    figures = replace(SETTINGS, metrics_host="0.0.0.0")
    assert bad(deployment.judge_settings(figures, DEMAND)) == {"ports.metrics": FAILURE}
    assert bad(deployment.judge_settings(replace(figures, metrics_token=True), DEMAND)) == {}
    assert bad(deployment.judge_settings(figures, Demand(all_interfaces=True))) == {}
    demo = replace(SETTINGS, key_of_demo=True)
    assert bad(deployment.judge_settings(demo, DEMAND)) == {"secret.demo": FAILURE}


# --- the session -----------------------------------------------------------------------------------------------------

SESSION = SessionSeen(
    session=7,
    phase="scheduled",
    starts_in_s=90_000.0,
    secret_opens=True,
    items=80,
    sealed=80,
    seats=1580,
    codes=1580,
    without_seat=0,
)


def test_a_session_that_can_be_held_is_well() -> None:
    assert bad(deployment.judge_session(SESSION)) == {}
    assert bad(deployment.judge_session(replace(SESSION, phase="running", starts_in_s=-60.0))) == {}


@pytest.mark.parametrize(
    ("seen", "id_", "severity"),
    [
        (None, "session.scheduled", WARNING),
        (replace(SESSION, phase="draft"), "session.scheduled", WARNING),
        (replace(SESSION, phase="finalized", starts_in_s=-90_000.0), "session.scheduled", WARNING),
        (replace(SESSION, starts_in_s=-1.0), "session.scheduled", FAILURE),
        (replace(SESSION, secret_opens=False), "session.secret", FAILURE),
        (replace(SESSION, sealed=79), "session.paper", FAILURE),
        (replace(SESSION, items=0, sealed=0), "session.paper", FAILURE),
        (replace(SESSION, codes=1579), "session.codes", FAILURE),
        (replace(SESSION, seats=0, codes=0), "session.codes", FAILURE),
        (replace(SESSION, without_seat=1), "session.roster", FAILURE),
    ],
)
def test_each_thing_that_a_session_lacks_is_found(seen: SessionSeen | None, id_: str, severity: Severity) -> None:
    assert bad(deployment.judge_session(seen)) == {id_: severity}


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (50.0, 99.0, 100.0)
    assert percentile([3.0], 0.99) == 3.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_figures_of_the_server_are_the_servers_own() -> None:
    assert machine.BACKLOG == listening.BACKLOG
    assert inspect.signature(Database).parameters["max_size"].default == postgres.POOL

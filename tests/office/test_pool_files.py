"""Provinces' signed files: taken in once and in order, tampering found wherever it is, numbers sealed."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from leitai.office.pool.files import PoolFileRefused, write_file
from leitai.office.pool.pool import PoolRefused
from leitai.office.pool.ports import PoolQuery, Private
from leitai.office.pool.sealing import mailbox_of, read_key
from leitai.office.pool.sync import SyncReport
from leitai.rules.pool import Expert, PoolHonour, PoolState
from leitai.rules.values import Micros
from leitai.stores.embedded.postgres import EmbeddedPostgres
from tests.support.office import SERVER_KEY
from tests.support.pool import BEIJING, HEBEI, NOW_US, PoolHouse, id_number, pool_house, row
from tests.support.stores import fresh_database

KNOWN = Private(id_number(1), "13800001234")


@pytest.fixture
async def ministry(database: str) -> AsyncIterator[PoolHouse]:
    async with pool_house(database) as opened:
        yield opened


def expert(name: str = "张三", *, years: tuple[int, ...] = (2021,), revised: int = 5, **changes: object) -> Expert:
    held = frozenset(PoolHonour(year, "star", "", 1, BEIJING) for year in years)
    made = Expert(name, BEIJING, "某局", ("社会保险",), PoolState.ACTIVE, Micros(NOW_US + revised), held)
    return replace(made, **changes)


class Province:
    """A province with a registered key, who writes files as its own system would."""

    def __init__(self, ministry: PoolHouse, key: Ed25519PrivateKey) -> None:
        self.ministry = ministry
        self.key = key

    def file(self, *people: tuple[Expert, Private], sequence: int = 1) -> bytes:
        return write_file(self.key, mailbox_of(SERVER_KEY), BEIJING, sequence, Micros(NOW_US), people)

    async def send(self, data: bytes, *, dry_run: bool = False) -> SyncReport:
        return await self.ministry.sync.take(data, actor="tests", dry_run=dry_run)

    async def refused(self, data: bytes) -> tuple[str, int]:
        with pytest.raises(PoolFileRefused) as refused:
            await self.send(data)
        return refused.value.code, refused.value.line


@pytest.fixture
async def province(ministry: PoolHouse) -> Province:
    _, pem = await ministry.sync.make_key("root", BEIJING)
    return Province(ministry, read_key(pem.encode()))


def told(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.left_out)


async def test_a_file_is_taken_in_once_and_tells_what_changed(province: Province) -> None:
    first = province.file((expert(), KNOWN), (expert("李四"), Private()))
    dry = await province.send(first, dry_run=True)
    assert (told(dry), dry.committed) == ((2, 0, 0, 0), False)
    assert (await province.ministry.pool.search(PoolQuery())).total == 0
    assert (told(await province.send(first)), (await province.send(first)).repeated) == ((2, 0, 0, 0), True)
    second = province.file((expert(years=(2021, 2022), revised=6), KNOWN), (expert("李四"), Private()), sequence=2)
    assert told(await province.send(second)) == (0, 1, 1, 0)
    # What was taken in before a later one is a replay.
    assert await province.refused(first) == ("pool-file-older", 1)
    assert await province.refused(province.file((expert("王五"), Private()), sequence=2)) == ("pool-file-older", 1)
    (zhang,) = (await province.ministry.pool.search(PoolQuery("张三"))).people
    assert (zhang.private, len(zhang.expert.honours)) == (KNOWN, 2)


async def test_the_later_word_counts_in_whatever_order_files_come(province: Province) -> None:
    await province.send(province.file((expert(revised=9, unit="新单位"), KNOWN)))
    await province.send(province.file((expert(revised=3, unit="旧单位", years=(2020,)), KNOWN), sequence=2))
    (zhang,) = (await province.ministry.pool.search(PoolQuery())).people
    assert zhang.expert.unit == "新单位"
    assert {one.year for one in zhang.expert.honours} == {2020, 2021}


async def test_any_byte_that_was_changed_is_found(province: Province) -> None:
    data = province.file((expert(), KNOWN))
    codes: set[str] = set()
    for at in range(0, len(data), 3):
        changed = bytearray(data)
        changed[at] ^= 1
        codes.add((await province.refused(bytes(changed)))[0])
    assert codes <= {"pool-signature", "pool-file-malformed", "pool-key-unknown", "pool-file-province"}
    assert "pool-signature" in codes
    assert (await province.ministry.pool.search(PoolQuery())).total == 0


async def test_what_is_signed_and_not_as_agreed_is_refused_with_its_line(province: Province) -> None:
    def signed(*lines: bytes) -> bytes:
        body = b"".join(line + b"\n" for line in lines)
        return body + msgspec.json.encode({"signature": base64.b64encode(province.key.sign(body)).decode()}) + b"\n"

    head, person, _ = province.file((expert(), KNOWN)).splitlines()
    assert told(await province.send(signed(head, person), dry_run=True)) == (1, 0, 0, 0)
    for line, code in (
        (person.replace(b":", b": ", 1), "pool-file-not-canonical"),
        (person.replace(b'"star"', b'"king"'), "pool-file-malformed"),
        (person.replace(b"2021", b"2018"), "pool-file-malformed"),
        (person.replace(b"{", b'{"more":1,', 1), "pool-file-malformed"),
        (person.replace(str(NOW_US + 5).encode(), str(NOW_US + 10**12).encode()), "pool-file-malformed"),
        (b"[" * 100_000, "pool-file-malformed"),
    ):
        assert await province.refused(signed(head, line)) == (code, 2), line[:60]
    assert (await province.refused(signed(head, person, person)))[0] == "pool-file-malformed"
    assert (await province.refused(b""))[0] == "pool-file-malformed"
    assert (await province.refused(head + b"\n"))[0] == "pool-file-malformed"
    # Sealed for another ministry, it opens nowhere here.
    elsewhere = write_file(province.key, mailbox_of(bytes(32)), BEIJING, 1, Micros(NOW_US), [(expert(), KNOWN)])
    assert await province.refused(elsewhere) == ("pool-file-malformed", 2)


async def test_only_the_provinces_own_key_in_force_signs_for_it(province: Province) -> None:
    sync = province.ministry.sync
    strange = Province(province.ministry, Ed25519PrivateKey.generate())
    assert await strange.refused(strange.file((expert(), KNOWN))) == ("pool-key-unknown", 1)
    _, pem = await sync.make_key("root", HEBEI)
    hebei = Province(province.ministry, read_key(pem.encode()))
    assert await hebei.refused(hebei.file((expert(), KNOWN))) == ("pool-file-province", 1)
    name = (await sync.keys())[0].key_id
    await sync.revoke_key("root", name)
    assert await province.refused(province.file((expert(), KNOWN))) == ("pool-key-revoked", 1)
    with pytest.raises(KeyError):
        await sync.revoke_key("root", name)
    with pytest.raises(PoolRefused, match="pool-key-unreadable"):
        await sync.register_key("root", BEIJING, "not a key")
    with pytest.raises(PoolRefused, match="pool-key-there"):
        await sync.register_key("root", BEIJING, sync.written((await sync.keys())[0]))


async def test_people_of_others_pools_are_left_out_and_told(province: Province) -> None:
    await province.ministry.history(row("张三", 1, 省份="河北"))
    report = await province.send(province.file((expert(), KNOWN), (expert("李四"), Private())))
    assert told(report) == (1, 0, 0, 1)
    assert [(one.line, one.code) for one in report.left_out] == [(2, "pool-elsewhere")]


async def test_a_provinces_house_tells_the_ministrys(postgres: EmbeddedPostgres, province: Province) -> None:
    async with fresh_database(postgres) as dsn, pool_house(dsn, bytes(range(1, 33))) as home:
        await home.history(row("张三", 1, 手机号="13800001234"), row("李四", 单位="某局", 状态="离岗"), own=BEIJING)
        data = await home.sync.export("tests", BEIJING, province.key, province.ministry.sync.mailbox)
        assert id_number(1).encode() not in data
        assert told(await province.send(data)) == (2, 0, 0, 0)
        there = {one.expert.name: one for one in (await province.ministry.pool.search(PoolQuery())).people}
        assert there["张三"].private == KNOWN
        assert there["李四"].expert.state is PoolState.LEFT
        assert {one.expert for one in there.values()} == {
            one.expert for one in (await home.pool.search(PoolQuery())).people
        }
        with pytest.raises(PoolRefused, match="pool-key-unreadable"):
            await home.sync.export("tests", BEIJING, province.key, "AAAA")

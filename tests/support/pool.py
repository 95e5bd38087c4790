"""The expert pool over a real database for tests, and people made up for it: numbers that are right and nobody's."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from leitai.office.identity import IdentityHash
from leitai.office.pool.pool import ImportReport, Pool
from leitai.office.pool.sync import Synchronisation
from leitai.office.pool.winners import Winners
from leitai.rules.id_numbers import check_digit
from leitai.rules.values import DelegationCode
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.pool_store import PoolRecords
from leitai.stores.postgres.vault import Vault
from tests.support.office import SERVER_KEY
from tests.support.workbooks import workbook

BEIJING, HEBEI = DelegationCode("110000"), DelegationCode("130000")
HEAD = ["姓名", "身份证号", "手机号", "省份", "单位", "专长", "状态", "年份", "荣誉", "奖项名称", "名次"]
NOW_US = 1_780_000_000_000_000
"""May 2026."""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.us = NOW_US

    def __call__(self) -> int:
        return self.us


class Rosters:
    """Contestants known by their numbers, as tests say."""

    def __init__(self) -> None:
        self.digests: dict[int, bytes] = {}

    async def roster_digests(self, contestants: Collection[int]) -> dict[int, bytes]:
        """See `RosterDigests`."""
        return {one: digest for one, digest in self.digests.items() if one in contestants}


@dataclass(frozen=True)
class PoolHouse:
    """A house with a pool: a province's, or the ministry's."""

    database: Database
    pool: Pool
    sync: Synchronisation
    winners: Winners
    clock: Clock
    rosters: dict[int, bytes]
    """Digests of contestants' numbers."""

    async def history(
        self, *rows: Sequence[object], own: DelegationCode | None = None, dry_run: bool = False, leave_out: bool = False
    ) -> ImportReport:
        """Import rows under the template's header."""
        return await self.pool.import_history(
            "history.xlsx", table(*rows), actor="tests", own=own, dry_run=dry_run, leave_out_refused=leave_out
        )


@asynccontextmanager
async def pool_house(dsn: str, server_key: bytes = SERVER_KEY) -> AsyncGenerator[PoolHouse]:
    """A pool on a database; its connections end with the block."""
    database, clock = Database(dsn), Clock()
    pool = Pool(PoolRecords(database, Vault(server_key)), IdentityHash(server_key), clock)
    try:
        rosters = Rosters()
        sync = Synchronisation(pool, server_key, clock)
        yield PoolHouse(database, pool, sync, Winners(pool, rosters), clock, rosters.digests)
    finally:
        await database.close()


def id_number(no: int) -> str:
    """The identity number of nobody, a different one for every number."""
    body = f"11010519900101{no:03d}"
    return body + check_digit(body)


def row(name: str, no: int | None = None, **changes: object) -> list[object]:
    """A row of the template; `no` gives the person an identity number."""
    cells: dict[str, object] = dict.fromkeys(HEAD, "")
    cells |= {"姓名": name, "省份": "北京", "年份": 2021, "荣誉": "全国岗位练兵明星", "名次": 2, "单位": "某区人社局"}
    if no is not None:
        cells["身份证号"] = id_number(no)
    return list((cells | changes).values())


def table(*rows: Sequence[object]) -> bytes:
    """A workbook of rows under the template's header."""
    return workbook({"能手库": [HEAD, *rows]})

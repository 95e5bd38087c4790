"""Measures boards of practice with a nation's learners: `python -m tests.stores.measure_boards [LEARNERS]`.

Each figure is the median and the slowest of some calls, in milliseconds.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

from leitai.office.practice.boards_ports import Scope
from leitai.office.practice.ports import Earned
from leitai.rules.practice_boards import Kind, Period, starts_on
from leitai.stores.postgres.points_store import add_points
from leitai.stores.postgres.pool import Database
from tests.support.learners import TODAY
from tests.support.stores import fresh_database, running_postgres

LEARNERS = 200_000
CALLS = 30
_SEED = """
with cities as (
  insert into organisation (id, code, name, level, parent_id, province, places)
  select 2000 + n, 'C' || n, '市' || n, 2, p.id, p.province, array[p.id, 2000 + n, null, null, null, null]::bigint[]
  from organisation p, generate_series(p.id * 10, p.id * 10 + 9) n where p.level = 1
  returning id, province, places
)
insert into organisation (id, code, name, level, parent_id, province, places)
select 100000 + c.id * 100 + n, 'U' || c.id || '-' || n, '窗口' || n, 6, c.id, c.province,
  array[c.places[1], c.id, null, null, null, 100000 + c.id * 100 + n]::bigint[]
from cities c, generate_series(0, 49) n
"""
_PEOPLE = """
insert into learner (id, kind, organisation_id, login, name, password)
select n, 'window', u.id, 'l' || n, '学员' || n, 'x'
from generate_series(1, $1::bigint) n
join (
  select id, row_number() over (order by id) - 1 as no, count(*) over () as total from organisation where level = 6
) u on u.no = n % u.total
"""
_SUMS = """
insert into practice_sum
select p.period, p.starts_on, l.id, o.places[1], o.places[2], o.places[3], o.places[4], o.places[5], o.places[6],
  (l.id * 7919 % 1400) * 10 * p.period, 0
from learner l join organisation o on o.id = l.organisation_id
cross join (values (1, $1::date), (2, $2::date), (3, $3::date), (4, date '2000-01-01')) p (period, starts_on)
"""


async def _timed(what: str, call: Callable[[int], Awaitable[object]]) -> None:
    took: list[float] = []
    for number in range(CALLS):
        began = time.perf_counter()
        await call(number)
        took.append((time.perf_counter() - began) * 1000)
    print(f"{what:<44} {statistics.median(took):8.1f} {max(took):8.1f}")


async def main(learners: int) -> None:
    """Seed a database and measure."""
    from leitai.stores.postgres.boards_store import BoardsStore

    with running_postgres() as postgres:
        async with fresh_database(postgres) as dsn:
            database = Database(dsn, timeout_s=600)
            began = time.perf_counter()
            async with database.transaction() as connection:
                await connection.execute(_SEED)
                await connection.execute(_PEOPLE, learners)
                periods = [starts_on(period, TODAY) for period in (Period.DAY, Period.WEEK, Period.MONTH)]
                await connection.execute(_SUMS, *periods)
            async with database.connection() as connection:
                await connection.execute("vacuum analyze practice_sum")
                await connection.execute("vacuum analyze learner")
            print(f"seeded {learners} learners in {time.perf_counter() - began:.0f} s; milliseconds: median, slowest")
            boards = BoardsStore(database)
            month = starts_on(Period.MONTH, TODAY)
            province, city, unit = Scope(0, 5), Scope(1, 2055), Scope(5, 100000 + 205500 + 7)

            async def earn(number: int) -> None:
                async with database.transaction() as connection:
                    await add_points(connection, Earned(1 + number * 997 % learners, TODAY, Kind.WEEKLY, number, 500))

            await _timed("nation, first page", lambda _: boards.page(None, Period.MONTH, month, 0, 50))
            await _timed("nation, page 200", lambda _: boards.page(None, Period.MONTH, month, 9_950, 50))
            await _timed("province, first page", lambda _: boards.page(province, Period.MONTH, month, 0, 50))
            await _timed("unit, first page", lambda _: boards.page(unit, Period.MONTH, month, 0, 50))
            await _timed("rank in the nation", lambda _: boards.place(None, Period.MONTH, month, 100))
            await _timed("rank in the province", lambda _: boards.place(province, Period.MONTH, month, 100))
            await _timed("rank in the city", lambda _: boards.place(city, Period.MONTH, month, 100))
            await _timed("provinces of the nation", lambda _: boards.branches(None, Period.MONTH, month, 200))
            await _timed("earning: ledger and four sums", earn)
            await database.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else LEARNERS))

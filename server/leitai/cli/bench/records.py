"""`leitai bench records`: what the recorder spends to move answers into PostgreSQL; its floor, COPY of these rows."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from leitai.cli.bench.telling import tell
from leitai.cli.rehearsal.gauge import main_thread_us
from leitai.cli.rehearsal.house import House, housed
from leitai.live.ports import Submission
from leitai.live.recorder import Recorder
from leitai.rules.values import Answer, ItemNo, Micros, SessionId, SittingId, Window
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.session import ValkeySession

_SESSION = SessionId(1)
_SITTINGS = 1600
_COPIED = (
    *("session_id", "shard", "offset", "sitting_id", "item_no", "client_seq", "response", "stamp_us", "elapsed_us"),
    *("elapsed_flagged", "status"),
)
_WITHIN_S = 120.0


def records(*, answers: int = 64_000, batch: int = 256) -> None:
    """Tell, for answers that were accepted `batch` at a time, CPU microseconds a row of the recorder (`recorder_us`)
    and of PostgreSQL under it (`database_us`) and rows a second; the same with `copy_` of bare COPY."""
    with tempfile.TemporaryDirectory(prefix="leitai-bench-") as folder:
        Path(folder).chmod(0o711)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            tell(**runner.run(_measure(Path(folder), answers, batch)))


async def _measure(folder: Path, count: int, batch: int) -> dict[str, float]:
    async with housed(folder) as house:
        session = ValkeySession(house.parts.reading, _SESSION, 1)
        await _accept(house, session, count, batch)
        found = await _costs(house, count, "", lambda: _record(house, session, count))
        rows = [_row(answer) for answer in await house.parts.archive.answers(_SESSION)]
        assert len(rows) == count
        async with house.parts.database.connection() as connection:
            await connection.execute("create table floor_answer (like answer including all)")
        return found | await _costs(house, count, "copy_", lambda: _copy(house, rows))


async def _accept(house: House, session: ValkeySession, count: int, batch: int) -> None:
    items = -(-count // _SITTINGS)
    windows = [Window(ItemNo(item), Micros(0), Micros(1 << 52)) for item in range(1, items + 1)]
    await session.set_windows(await session.lease("bench", 60_000), "first", windows)
    ledger = ValkeyLedger(house.parts.store, _SESSION, 1)
    for first in range(0, count, batch):
        await ledger.accept(
            0,
            [
                Submission(
                    SittingId(number % _SITTINGS + 1), ItemNo(number // _SITTINGS + 1), number // _SITTINGS + 1,
                    ("A",), 1000, 1_000_000,
                )
                for number in range(first, min(count, first + batch))
            ],
        )  # fmt: skip


async def _record(house: House, session: ValkeySession, count: int) -> None:
    recorder = Recorder(_SESSION, 1, session, house.parts.archive)
    running = asyncio.create_task(recorder.run())
    async with asyncio.timeout(_WITHIN_S):
        while recorder.recorded < count:  # noqa: ASYNC110 (it counts, and tells nobody)
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _copy(house: House, rows: list[tuple[object, ...]]) -> None:
    async with house.parts.database.transaction() as connection:
        await connection.copy_records_to_table("floor_answer", records=rows, columns=_COPIED)


async def _costs(house: House, count: int, prefix: str, work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    database = house.stores.postgres.pid
    assert database is not None
    family_us, own_ns, began = _family_us(database), time.process_time_ns(), time.monotonic()
    await work()
    seconds = time.monotonic() - began
    spent = {
        "recorder_us": (time.process_time_ns() - own_ns) / 1000 / count,
        "database_us": (_family_us(database) - family_us) / count,
        "per_s": count / seconds,
    }
    return {prefix + name: round(value, 2) for name, value in spent.items()}


def _family_us(pid: int) -> float:
    """Return the CPU of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return sum(main_thread_us(int(one)) for one in (pid, *children) if Path(f"/proc/{one}").exists())


def _row(answer: Answer) -> tuple[object, ...]:
    return (
        _SESSION, 0, answer.offset, answer.sitting_id, answer.item_no, answer.client_seq, list(answer.response),
        answer.stamp_us, answer.elapsed_us, answer.elapsed_flagged, answer.status.value,
    )  # fmt: skip

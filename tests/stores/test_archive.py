"""The archive on a real database."""

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from leitai.live.ports import Archive, SessionEvent, SittingEvent, StoreUnavailable
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import (
    JUDGED,
    Answer,
    AnswerStatus,
    Counted,
    ItemNo,
    Micros,
    Pacing,
    Phase,
    QuestionType,
    SessionId,
    SittingId,
)
from leitai.stores.postgres import rows
from leitai.stores.postgres.archive import PostgresArchive
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault, WrongServerKey
from tests.support.office import SERVER_KEY, START_US, Stores, small_session, stores_at

SESSION = SessionId(77)


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


def answer(offset: int, **changes: object) -> Answer:
    made = Answer(
        sitting_id=SittingId(offset % 50 + 1),
        item_no=ItemNo(offset % 10 + 1),
        client_seq=offset,
        response=("A", "C"),
        stamp_us=Micros(START_US + offset),
        elapsed_us=Micros(offset * 7),
        elapsed_flagged=offset % 3 == 0,
        offset=offset,
        status=AnswerStatus.ACCEPTED,
    )
    return replace(made, **changes)  # pyright: ignore[reportArgumentType]


async def test_a_session_comes_back_as_it_was_made(stores: Stores) -> None:
    archive: Archive = stores.archive
    assert await archive.current_session() is None
    created = await small_session(stores)
    assert await archive.current_session() == created.session_id
    file = await archive.load_session(created.session_id)
    assert (file.phase, file.start_us, len(file.secret)) == (Phase.SCHEDULED, START_US, 32)
    assert (file.plan.pacing, file.plan.counted, file.plan.gap_us) == (Pacing.STREAMED, Counted.FIRST, 3_000_000)
    assert [item.item_no for item in file.plan.items] == list(range(1, 11))
    assert {item.type for item in file.plan.items} == set(QuestionType) - JUDGED
    assert len(file.members) == 12
    assert len(file.delegations) == 32
    assert len(created.seats) == 12
    for item, content, explanation in zip(file.plan.items, file.contents, file.explanations, strict=True):
        assert content.type == item.type.value
        assert tuple(option.id for option in content.options) == item.option_ids
        assert content.blanks == len(item.key.blanks) == (2 if item.type is QuestionType.FILL_IN else 0)
        assert item.key.options <= set(item.option_ids)
        assert explanation.startswith("依据")
        assert item.seconds == (15 if item.type is QuestionType.TRUE_FALSE else item.seconds) > 0


async def test_a_paper_paced_session_has_no_windows_of_items(stores: Stores) -> None:
    settings = SessionSettings(
        "试考", START_US, START_US, Pacing.PAPER, Counted.LAST, duration_us=Micros(600_000_000), shards=3, show_key=True
    )
    created = await small_session(stores, settings=settings)
    file = await stores.archive.load_session(created.session_id)
    assert {item.seconds for item in file.plan.items} == {0}
    assert (file.plan.duration_us, file.plan.counted, file.shards, file.show_key) == (
        600_000_000,
        Counted.LAST,
        3,
        True,
    )


async def test_phases_are_written_and_decide_the_session_served(stores: Stores) -> None:
    older = (await small_session(stores)).session_id
    newer = await stores.office.create_session(1, 1, SessionSettings("二", START_US, START_US), bytes(32), [])
    assert await stores.archive.current_session() == newer
    # Judges of a session that is over go on with it until it is final, whatever was scheduled meanwhile.
    for phase in (Phase.CLOSED, Phase.UNDER_REVIEW):
        await stores.archive.save_phase(older, phase, START_US)
        assert await stores.archive.current_session() == older
    await stores.archive.save_phase(older, Phase.SCHEDULED, START_US)
    await stores.archive.save_phase(newer, Phase.FINALIZED, Micros(5))
    assert await stores.archive.current_session() == older
    await stores.archive.save_phase(older, Phase.FINALIZED, START_US)
    assert await stores.archive.current_session() == newer
    assert (await stores.archive.load_session(newer)).start_us == 5


async def test_no_such_session(stores: Stores) -> None:
    with pytest.raises(KeyError):
        await stores.archive.load_session(SessionId(404))


async def test_a_session_opens_under_its_own_server_key_only(stores: Stores) -> None:
    created = await small_session(stores)
    stranger = PostgresArchive(stores.database, Vault(bytes(32)))
    with pytest.raises(WrongServerKey):
        await stranger.load_session(created.session_id)


async def test_the_secret_does_not_stand_in_the_database(stores: Stores) -> None:
    created = await small_session(stores)
    file = await stores.archive.load_session(created.session_id)
    async with stores.database.connection() as connection:
        sealed: bytes = await connection.fetchval("select secret_sealed from session")
        codes: list[bytes] = [row[0] for row in await connection.fetch("select code_hmac from sitting")]
    assert file.secret not in sealed
    assert all(len(code) == 32 for code in codes)
    assert len(set(codes)) == 12


async def test_answers_are_recorded_once_and_positions_never_move_back(stores: Stores) -> None:
    archive = stores.archive
    assert await archive.recorder_position(SESSION, 0, "answers") == "0-0"
    batch = [answer(offset) for offset in range(1, 101)]
    await archive.record_answers(SESSION, 0, "1700-5", batch[:60])
    await archive.record_answers(SESSION, 0, "1700-11", batch[40:])
    await archive.record_answers(SESSION, 0, "1700-9", batch[:10])
    await archive.record_answers(SESSION, 0, "900-99", [])
    assert await archive.recorder_position(SESSION, 0, "answers") == "1700-11"
    assert await archive.recorder_position(SESSION, 1, "answers") == "0-0"
    assert await archive.recorder_position(SESSION, 0, "events") == "0-0"
    assert await archive.answers(SESSION) == batch


async def test_what_is_recorded_comes_back_exactly(stores: Stores) -> None:
    odd = [
        answer(1, response=()),
        answer(2, response=("",)),
        answer(3, response=('引"号,{}\\', "𠮷林\n省", "é")),
        answer(4, status=AnswerStatus.LATE, stamp_us=Micros(2**53 + 1)),
        answer(5, status=AnswerStatus.EARLY, client_seq=2**40),
    ]
    await stores.archive.record_answers(SESSION, 2, "1-0", odd)
    assert await stores.archive.answers(SESSION) == odd


async def test_a_text_that_postgresql_cannot_hold_stops_no_recorder(stores: Stores) -> None:
    await stores.archive.record_answers(SESSION, 0, "1-0", [answer(1, response=("三\0十日",))])
    assert [found.response for found in await stores.archive.answers(SESSION)] == [("三十日",)]


async def test_many_recorders_at_once_record_everything_once(stores: Stores) -> None:
    shuffle = random.Random(7)
    whole = {
        shard: [answer(offset, client_seq=shard * 10_000 + offset) for offset in range(1, 801)] for shard in (0, 1)
    }
    calls = [
        stores.archive.record_answers(SESSION, shard, f"5-{first + 150}", whole[shard][first : first + 150])
        for shard in whole
        for first in range(0, 800, 50)
    ]
    shuffle.shuffle(calls)
    await asyncio.gather(*calls)
    found = await stores.archive.answers(SESSION)
    assert found == whole[0] + whole[1]
    assert await stores.archive.recorder_position(SESSION, 1, "answers") == "5-900"


async def test_an_answer_restored_at_another_offset_is_not_doubled(stores: Stores) -> None:
    await stores.archive.record_answers(SESSION, 0, "1-0", [answer(1)])
    await stores.archive.record_answers(
        SESSION, 0, "2-0", [answer(9, sitting_id=answer(1).sitting_id, item_no=ItemNo(2), client_seq=1)]
    )
    assert [found.offset for found in await stores.archive.answers(SESSION)] == [1]


async def test_events_are_recorded_once(stores: Stores) -> None:
    events = [
        SittingEvent(SittingId(1), Micros(10), "check_in", "rtt=23"),
        SessionEvent(Micros(11), "phase", "running"),
        SittingEvent(SittingId(2), Micros(12), "left"),
    ]
    await asyncio.gather(*(stores.archive.record_events(SESSION, "8-1", events) for _ in range(6)))
    await stores.archive.record_events(SESSION, "8-1", events)
    await stores.archive.record_events(SESSION, "8-2", [SessionEvent(Micros(13), "phase", "closed")])
    assert await stores.archive.recorder_position(SESSION, 0, "events") == "8-2"
    assert [event.detail for event in await stores.office.session_events(SESSION, "phase")] == ["running", "closed"]
    async with stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from sitting_event") == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update answer set response = '{B}'",
        "delete from answer",
        "truncate answer",
        "update session_event set kind = 'x'",
        "delete from audit",
        "truncate sitting_event",
    ],
)
async def test_the_record_cannot_be_rewritten(stores: Stores, statement: str) -> None:
    await stores.archive.record_answers(SESSION, 0, "1-0", [answer(1)])
    await stores.archive.record_events(SESSION, "1-0", [SessionEvent(Micros(1), "phase", "running")])
    await stores.office.audit("tests", "act", "subject", {})
    async with stores.database.connection() as connection:
        with pytest.raises(asyncpg.PostgresError, match="kept as they were written"):
            await connection.execute(statement)


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql://nobody@/none?host=/nonexistent", timeout_s=1)
    archive = PostgresArchive(database, Vault(SERVER_KEY))
    with pytest.raises(StoreUnavailable):
        await archive.current_session()
    await database.close()


async def test_answers_are_put_together_beside_the_loop(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nation's are a hundred thousand: whoever looks back at a session holds up nobody else at the office's doors."""
    await stores.archive.record_answers(SESSION, 0, "1-0", [answer(1)])
    make, threads = rows.answer, set[int]()

    def made(row: rows.Row) -> Answer:
        threads.add(threading.get_ident())
        return make(row)

    monkeypatch.setattr(rows, "answer", made)
    assert len(await stores.archive.answers(SESSION)) == 1
    assert threads
    assert threading.get_ident() not in threads


async def test_a_lost_connection_is_unavailable_once_and_then_replaced(stores: Stores) -> None:
    await stores.archive.record_answers(SESSION, 0, "1-0", [answer(1)])
    async with stores.database.connection() as killer:
        waiting = asyncio.create_task(_hold(stores))
        ended = 0
        while not ended:
            ended = await killer.fetchval(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'select pg_sleep%'"
            )
        with pytest.raises(StoreUnavailable):
            await waiting
    await stores.archive.record_answers(SESSION, 0, "2-0", [answer(2)])
    assert len(await stores.archive.answers(SESSION)) == 2


async def _hold(stores: Stores) -> None:
    async with stores.database.connection() as connection:
        await connection.execute("select pg_sleep(60)")


async def test_a_failed_batch_leaves_nothing(stores: Stores) -> None:
    with pytest.raises(TypeError):
        await stores.archive.record_answers(SESSION, 0, "9-9", [answer(1), answer(2, stamp_us="not a number")])
    assert await stores.archive.answers(SESSION) == []
    assert await stores.archive.recorder_position(SESSION, 0, "answers") == "0-0"


async def test_the_server_s_processes_are_as_patient_as_who_asks(database: str) -> None:
    asked = Database(database, nice=7)
    plain = Database(database)
    try:
        ranks: list[int] = []
        for one in (asked, plain):
            async with one.connection() as connection:
                ranks.append(os.getpriority(os.PRIO_PROCESS, connection.get_server_pid()))
        # Where these tests themselves are nicer than that, only who may be less nice again gets as far.
        assert ranks[0] == 7 or ranks[0] == ranks[1] > 7
    finally:
        await asked.close()
        await plain.close()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processors are told apart on Linux")
async def test_the_server_s_process_for_long_work_uses_the_processors_that_we_use(database: str) -> None:
    all_, plain = os.sched_getaffinity(0), Database(database)
    half = set(sorted(all_)[len(all_) // 2 :])
    try:
        os.sched_setaffinity(0, half)
        async with plain.on_our_processors() as own, own.connection() as connection:
            kept = os.sched_getaffinity(connection.get_server_pid())
    finally:
        os.sched_setaffinity(0, all_)
    async with plain.connection() as connection:
        free = os.sched_getaffinity(connection.get_server_pid())
    await plain.close()
    assert kept == half
    assert free == all_
